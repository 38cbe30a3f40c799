/* rehearse.c - tocsin rehearse: plays a script through the rules on a simulated clock. */
#include "engine/rehearse.h"

#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "procedures/print.h"
#include "site/routing.h"
#include "site/site.h"
#include "sys/files.h"

#define STORY_MAX ((size_t)256 << 20)
#define BUNDLE_BYTES S("rehearsal")

static const struct parameter parameters[] = {
    { .name = "procedures", .kind = VALUE_FILE, .required = true, .what = "The document to rehearse." },
    { .name = "script",
      .kind = VALUE_FILE,
      .required = true,
      .many = true,
      .what = "What happens when, and what is expected; several are played one after the other." },
    { .name = "site",
      .kind = VALUE_FILE,
      .option = true,
      .required = true,
      .what = "The people, teams and channels, with its routing." },
    { .name = "quiet", .kind = VALUE_SWITCH, .option = true, .what = "Print the verdicts alone, not the story." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin rehearse procedures.md --site site.yaml night.tocsin", NULL },
    { NULL, NULL },
};

struct rehearsing {
    const struct invocation *in;
    struct arena *arena;
    struct compiled *document;
    struct site *site;
    struct routing routing;
    struct screen screen;
    int status;
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

static bool read_site(struct rehearsing *r)
{
    struct problems *p = problems_create();
    struct buf text = { 0 };
    int rc = site_load(given_value(r->in, "site"), &r->site, p);
    if (rc == 0) rc = routing_load(r->arena, r->site, &r->routing, p);
    if (rc < 0) problems_print(p, &text);
    if (rc < 0) tell(r, EXIT_USAGE, buf_slice(&text));
    buf_release(&text);
    problems_destroy(&p);
    return rc == 0;
}

static bool read_document(struct rehearsing *r)
{
    const char *path = given_value(r->in, "procedures");
    const struct print_options how = { .colour = r->screen.colour, .per_code = 3 };
    struct error e = { 0 };
    struct slice text;
    if (read_file(r, path, PROCEDURES_MAX_BYTES, &text, &e) == 0)
        r->document = procedures_compile(text, slice_of(path), NULL, &e);
    if (r->document == NULL) {
        compile_error_print(slice_of(path), &e, r->screen.colour, &r->screen.out);
        r->status = EXIT_USAGE;
    } else if (r->document->errors > 0) {
        diagnostics_print(r->document, &how, &r->screen.out);
        r->status = EXIT_USAGE;
    }
    return r->status != EXIT_USAGE;
}

static bool is_good(const struct rehearsal_outcome *o)
{
    return o->unmet == 0 && o->stumbles == 0 && o->broken == 0;
}

static void add_verdict(struct rehearsing *r, const char *path, const struct rehearsal_outcome *o)
{
    const bool good = is_good(o);
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
    buf_addf(&r->screen.out, "; %u pages to %u people; trace %016llx\n", o->pages, o->people,
             (unsigned long long)o->trace);
    if (o->broken > 0)
        buf_addf(&r->screen.out, "%u guarantees do not hold: that is a fault in Tocsin, please report it\n", o->broken);
    if (!good && r->status < EXIT_REFUSED) r->status = EXIT_REFUSED;
    buf_release(&text);
}

static void play(struct rehearsing *r, const char *path)
{
    const struct stage_options o = { .policy = &r->document->policy,
                                     .routing = &r->routing,
                                     .directory = &r->site->dir,
                                     .bytes = BUNDLE_BYTES,
                                     .hash_key = 1 };
    struct rehearsal_outcome outcome = { 0 };
    struct buf story = { .max = STORY_MAX };
    struct script script = { 0 };
    struct slice text;
    struct error e = { 0 };
    int rc = read_file(r, path, SCRIPT_MAX_BYTES, &text, &e);
    if (rc == 0) rc = script_read(r->arena, slice_of(path), text, &script, &e);
    if (rc < 0) {
        buf_addf(&story, "%s", path);
        if (e.line > 0) buf_addf(&story, ":%u:%u", e.line, e.col);
        buf_addf(&story, ": error: %s\n", e.detail);
        tell(r, EXIT_USAGE, buf_slice(&story));
    } else {
        rehearse(&o, &script, &story, &outcome);
        if (!given_switch(r->in, "quiet") || !is_good(&outcome)) screen_text(&r->screen, buf_slice(&story));
        add_verdict(r, path, &outcome);
    }
    buf_release(&story);
}

static int run(struct invocation *in)
{
    struct rehearsing r = { .in = in, .arena = arena_create(0) };
    const struct given *scripts = given_values(in, "script");
    struct error e = { 0 };
    screen_open(&r.screen);
    r.screen.out.max = STORY_MAX;
    if (read_site(&r) && read_document(&r))
        for (size_t i = 0; i < scripts->n; i++) play(&r, scripts->v[i]);
    compiled_destroy(&r.document);
    routing_release(&r.routing);
    site_destroy(&r.site);
    arena_destroy(&r.arena);
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
        "words.\n\n"
        "Exit status: 0 every expectation holds, 1 one does not, 2 a file cannot be read.",
    .run = run,
};
