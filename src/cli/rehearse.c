/* rehearse.c - tocsin rehearse: plays a script through the rules on a simulated clock. */
#include "cli/rehearse.h"

#include "cli/client.h"
#include "cli/commands.h"
#include "sys/files.h"

#define STORY_MAX ((size_t)256 << 20)
#define BUNDLE_BYTES S("rehearsal")

static const struct parameter parameters[] = {
    { .name = "file",
      .kind = VALUE_FILE,
      .many = true,
      .what =
          "First the procedures: the document to rehearse, or the organisation's and those that extend it (.md); left "
          "out: those of the site. Then the scripts: what happens when, and what is expected; several are played one "
          "after the other, and reported as TAP." },
    { .name = "site",
      .kind = VALUE_FILE,
      .option = true,
      .what = "The people, teams and channels, with its routing; left out: site.yaml beside the first document." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text jsonl",
      .what = "jsonl: the story as one JSON object a line, for programs; docs/rehearsing.md has the members." },
    { .name = "tap",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Report as a test does (TAP): each expectation, a failed one with the story around it." },
    { .name = "timeline", .kind = VALUE_SWITCH, .option = true, .what = "Print the story, of several scripts too." },
    { .name = "random",
      .kind = VALUE_NUMBER,
      .option = true,
      .what = "Play so many random nights instead, and list every way in which a page would reach nobody." },
    { .name = "seed",
      .kind = VALUE_NUMBER,
      .option = true,
      .what = "The first night of --random; 1 unless given. The same seed is the same night everywhere." },
    { .name = "init",
      .kind = VALUE_SWITCH,
      .option = true,
      .what =
          "Write a starter script for each scenario and each escalation rule, with the expectations that hold today." },
    { .name = "dir", .kind = VALUE_DIRECTORY, .option = true, .what = "Where --init writes; rehearsals unless given." },
    { .name = "force", .kind = VALUE_SWITCH, .option = true, .what = "--init overwrites scripts that are there." },
    { .name = "quiet", .kind = VALUE_SWITCH, .option = true, .what = "Print the verdicts alone, not the story." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin rehearse procedures.md --site site.yaml night.tocsin", NULL },
    { "tocsin rehearse --init procedures.md --site site.yaml", "A first set of scripts, in rehearsals/." },
    { "tocsin rehearse procedures.md --site site.yaml rehearsals/*.tocsin", "All scripts, as a test in CI." },
    { "tocsin rehearse --site site.yaml rehearsals/*.tocsin",
      "With all documents that the site names, as the server." },
    { "tocsin rehearse procedures.md --site site.yaml --random 1000", "Is there a night on which nobody is reached?" },
    { NULL, NULL },
};

static void tell(struct rehearsing *r, int status, struct slice text)
{
    screen_text(&r->screen, text);
    if (status > r->status) r->status = status;
}

static int read_file(struct rehearsing *r, const char *path, size_t limit, struct slice *out, struct error *e)
{
    struct buf bytes = { .max = limit };
    const int rc = file_read(path, limit, &bytes, e);
    *out = arena_copy(r->arena, buf_slice(&bytes));
    buf_release(&bytes);
    return rc;
}

/* --- which file is what --- */

/* The first file is a document unless it is called a script; more documents are called so. */
static bool is_document(size_t at, struct slice path)
{
    if (slice_has_suffix(path, S(".md")) || slice_has_suffix(path, S(".markdown"))) return true;
    return at == 0 && !slice_has_suffix(path, S(".tocsin"));
}

/* False: too many documents, or one behind a script; said on standard error. */
static bool sort_files(struct rehearsing *r)
{
    const struct given *files = given_values(r->in, "file");
    size_t n = 0;
    while (n < files->n && is_document(n, slice_of(files->v[n]))) n++;
    r->scripts = (struct given){ files->v + n, files->n - n };
    for (size_t i = n; i < files->n; i++)
        if (is_document(i, slice_of(files->v[i])))
            return command_fail(r->in, EXIT_USAGE, "%s: documents come before scripts", files->v[i]), false;
    if (n > DOCUMENTS_MAX)
        return command_fail(r->in, EXIT_USAGE, "%zu documents: %d at most make one policy", n, DOCUMENTS_MAX), false;
    for (size_t i = 0; i < n; i++) r->documents.paths[i] = slice_of(files->v[i]);
    r->documents.n = n;
    return true;
}

/* --site, else site.yaml beside the first document, else here. */
static const char *site_path(struct rehearsing *r)
{
    const struct slice document = r->documents.n > 0 ? r->documents.paths[0] : S("");
    const char *given = given_value(r->in, "site");
    size_t folder = document.n;
    struct buf path = { 0 };
    if (given != NULL) return given;
    while (folder > 0 && document.p[folder - 1] != '/') folder--;
    buf_add(&path, slice_upto(document, folder));
    buf_add(&path, S("site.yaml"));
    const char *kept = arena_str(r->arena, buf_slice(&path));
    buf_release(&path);
    return kept;
}

static bool read_site(struct rehearsing *r)
{
    struct problems *p = problems_create();
    struct buf text = { 0 };
    int rc = site_load(site_path(r), &r->site, p);
    if (rc == 0) rc = routing_load(r->arena, r->site, &r->routing, p);
    if (rc < 0) problems_print(p, &text);
    if (rc < 0) tell(r, EXIT_USAGE, buf_slice(&text));
    buf_release(&text);
    problems_destroy(&p);
    return rc == 0;
}

static bool read_documents(struct rehearsing *r)
{
    const bool named = r->documents.n > 0 || documents_of_site(r->in, r->site, &r->documents);
    if (named) r->set = documents_require(r->in, &r->documents, &r->screen);
    if (r->set == NULL) r->status = EXIT_USAGE;
    return r->set != NULL;
}

/* --- what is printed --- */

static void add_verdict(struct rehearsing *r, const char *path, const struct rehearsal_outcome *o)
{
    const bool good = rehearsal_is_good(o);
    struct buf text = { 0 };
    buf_addf(&text, "%s: ", path);
    screen_text(&r->screen, buf_slice(&text));
    buf_reset(&text);
    if (good)
        buf_addf(&text, "all %u expectations hold", o->expectations);
    else
        buf_addf(&text, "%u of %u expectations hold, %u lines could not be played", o->expectations - o->unmet,
                 o->expectations, o->stumbles);
    screen_coloured(&r->screen, good ? COLOUR_GREEN : COLOUR_RED, buf_slice(&text));
    buf_addf(&r->screen.out, "; %u page%s to %u %s; trace %016llx\n", o->pages, o->pages == 1 ? "" : "s",
             o->people, o->people == 1 ? "person" : "people", (unsigned long long)o->trace);
    if (o->broken > 0)
        buf_addf(&r->screen.out, "%u guarantees do not hold: that is a fault in Tocsin, please report it\n", o->broken);
    buf_release(&text);
}

static void print_story(struct rehearsing *r, const char *path, const struct rehearsal_report *report)
{
    struct buf story = { .max = STORY_MAX };
    rehearsal_print_story(report, &story);
    if (!given_switch(r->in, "quiet") || !rehearsal_is_good(&report->outcome))
        screen_text(&r->screen, buf_slice(&story));
    add_verdict(r, path, &report->outcome);
    buf_release(&story);
}

/* Who reads JSON lines reads nothing else there: what does not hold goes to standard error. */
static void print_jsonl(struct rehearsing *r, const struct rehearsal_report *report)
{
    rehearsal_print_jsonl(report, &r->screen.out);
    for (size_t i = 0; i < report->verdicts.n; i++) {
        const struct verdict *v = &report->verdicts.v[i];
        if (!v->holds)
            command_fail(r->in, EXIT_REFUSED, "%.*s:%u:%u: %.*s", (int)report->script->file.n, report->script->file.p,
                         v->command->line, v->command->col, (int)v->why.n, v->why.p);
    }
}

static void print_report(struct rehearsing *r, const char *path, const struct rehearsal_report *report)
{
    switch (r->face) {
    case FACE_STORY: print_story(r, path, report); break;
    case FACE_TAP: rehearsal_print_tap(report, &r->points, &r->n_points); break;
    case FACE_JSONL: print_jsonl(r, report); break;
    }
    if (!rehearsal_is_good(&report->outcome) && r->status < EXIT_REFUSED) r->status = EXIT_REFUSED;
}

static void print_unreadable(struct rehearsing *r, const char *path, const struct error *e)
{
    struct buf text = { 0 };
    r->status = EXIT_USAGE;
    buf_addf(&text, "%s", path);
    if (e->line > 0) buf_addf(&text, ":%u:%u", e->line, e->col);
    buf_addf(&text, ": error: %s\n", e->detail);
    if (r->face == FACE_STORY)
        screen_text(&r->screen, buf_slice(&text));
    else if (r->face == FACE_TAP)
        buf_addf(&r->points, "not ok %u - %s: can be read\n# %s", ++r->n_points, path, buf_str(&text));
    else
        command_fail(r->in, EXIT_USAGE, "%.*s", (int)text.len - 1, text.p);
    buf_release(&text);
}

static void print_points(struct rehearsing *r)
{
    if (r->face != FACE_TAP) return;
    buf_addf(&r->screen.out, "TAP version 13\n1..%u\n", r->n_points);
    screen_text(&r->screen, buf_slice(&r->points));
    buf_release(&r->points);
}

static enum face face_of(const struct rehearsing *r)
{
    const struct invocation *in = r->in;
    const char *format = given_value(in, "format");
    if (format != NULL && slice_eq(slice_of(format), S("jsonl"))) return FACE_JSONL;
    if (given_switch(in, "tap")) return FACE_TAP;
    const bool several = r->scripts.n > 1;
    return several && !given_switch(in, "timeline") && !given_switch(in, "quiet") ? FACE_TAP : FACE_STORY;
}

/* --- playing --- */

struct stage_options rehearse_ground(const struct rehearsing *r)
{
    return (struct stage_options){ .policy = &r->set->policy,
                                   .routing = &r->routing,
                                   .directory = &r->site->dir,
                                   .bytes = BUNDLE_BYTES,
                                   .hash_key = 1 };
}

static void play(struct rehearsing *r, const char *path)
{
    const struct stage_options o = rehearse_ground(r);
    struct rehearsal_report report;
    struct script script = { 0 };
    struct slice text;
    struct error e = { 0 };
    int rc = read_file(r, path, SCRIPT_MAX_BYTES, &text, &e);
    if (rc == 0) rc = script_read(r->arena, slice_of(path), text, &script, &e);
    if (rc < 0) {
        print_unreadable(r, path, &e);
        return;
    }
    rehearsal_run(&o, &script, &report);
    print_report(r, path, &report);
    rehearsal_release(&report);
}

/* What cannot be asked for together, or not alone; NULL: all is well. */
static const char *misunderstood(const struct rehearsing *r)
{
    const struct invocation *in = r->in;
    const bool random = given_value(in, "random") != NULL, scripts = r->scripts.n > 0;
    const bool init = given_switch(in, "init");
    if (init && (random || scripts))
        return "--init writes scripts: it goes without --random and without a script to play";
    if (!init && (given_value(in, "dir") != NULL || given_switch(in, "force")))
        return "--dir and --force say how --init writes: give that too";
    if (!random && !scripts && !init)
        return "name a script to play, or --random 1000 for nights by dice, or --init to have scripts written";
    if (random && (scripts || given_switch(in, "tap") || given_value(in, "format") != NULL))
        return "--random plays nights of its own and prints findings: it goes without scripts, --tap and --format";
    if (!random && given_value(in, "seed") != NULL) return "--seed is the first night of --random: give that too";
    return NULL;
}

static void play_all(struct rehearsing *r)
{
    const struct given *scripts = &r->scripts;
    if (given_value(r->in, "random") != NULL) rehearse_random(r);
    if (given_switch(r->in, "init")) rehearse_init(r);
    for (size_t i = 0; i < scripts->n; i++) play(r, scripts->v[i]);
    if (scripts->n > 0) print_points(r);
}

static int run(struct invocation *in)
{
    struct rehearsing r = { .in = in, .arena = in->arena };
    struct error e = { 0 };
    if (!sort_files(&r)) return EXIT_USAGE;
    const char *wrong = misunderstood(&r);
    if (wrong != NULL) return command_fail(in, EXIT_USAGE, "%s", wrong);
    r.face = face_of(&r);
    r.points.max = STORY_MAX;
    screen_open(&r.screen);
    r.screen.out.max = STORY_MAX;
    if (read_site(&r) && read_documents(&r)) play_all(&r);
    procedures_set_destroy(&r.set);
    routing_release(&r.routing);
    site_destroy(&r.site);
    return screen_close(&r.screen, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : r.status;
}

const struct command command_rehearse = {
    .name = "rehearse",
    .summary = "Play a script on a simulated clock: who is paged when, by which line.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "The same rules as in tocsin serve, without a server: nobody is paged and nothing leaves. A script says what "
        "happens when (alerts, people's acts, channels that fail) and what is expected; docs/rehearsing.md has the "
        "words. Of several documents each team lives by its own: an incident follows what holds for its service, and each "
        "line names the file that says so.\n\n"
        "--random plays nights by dice: an alert or a declaration, people who answer or do not, a channel that fails, "
        "people who cannot be reached; each finding names the first night that shows it.\n\n"
        "Exit status: 0 every expectation holds and every page reaches somebody, 1 one does not, 2 a file cannot be "
        "read.",
    .run = run,
};
