/* explain.c - tocsin explain: what a procedures document was understood to say, without a server (R3, R16, R17, R78). */
#include "procedures/explain.h"

#include <string.h>

#include "base/check.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/documents.h"
#include "cli/screen.h"
#include "procedures/page.h"
#include "procedures/policy_json.h"

#define EXPLAINED_MAX ((size_t)256 << 20)

static const struct parameter parameters[] = {
    { .name = "file",
      .kind = VALUE_FILE,
      .many = true,
      .what =
          "The procedures: one document, or the organisation's first and those that extend it; left out: those that "
          "the site names." },
    { .name = "site", .kind = VALUE_FILE, .option = true, .what = "Read the documents that this site names." },
    { .name = "team",
      .kind = VALUE_TEXT,
      .option = true,
      .what = "What holds for this team: each sentence inherited from the organisation, added or replaced." },
    { .name = "service", .kind = VALUE_SERVICE, .option = true, .what = "With --team: for this service of it." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text json html",
      .what =
          "text: sentences for people; json: the policy for programs, by docs/policy-json.md; html: the document with "
          "what each line makes happen beside it, one file without scripts." },
    { .name = "printable",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "The document as a page to read and to print, with who is paged in front (html)." },
    { .name = "coverage",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Every source line with its class: compiled, reference prose, structure, rejected." },
    { .name = "interpretations",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "What can be read in two ways, the reading chosen, and the sentence that would say so outright." },
    { .name = "paths",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Every path through each decision tree, question by question." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin explain procedures.md", "What will happen, sentence by sentence, each with its line." },
    { "tocsin explain procedures.md --coverage", NULL },
    { "tocsin explain procedures.md --format html > preview.html", "What a reviewer reads, line by line." },
    { "tocsin explain procedures.md --printable > procedures.html", "For the day when nothing else is up." },
    { "tocsin explain procedures.md --format json", "For a program." },
    { "tocsin explain --site site.yaml", "The organisation's documents together, and what each team does otherwise." },
    { "tocsin explain --site site.yaml --team shop", "All that holds for one team, and which file says it." },
    { NULL, NULL },
};

typedef void print_fn(const struct compiled *c, struct buf *out);

/* What is printed: the first row whose switch was given; the last row has none. */
static const struct {
    const char *given;
    print_fn *v[3]; /* by format; NULL: there is none */
} faces[] = {
    { "printable", { page_print_document, NULL, page_print_document } },
    { "coverage", { coverage_print, coverage_print_json, NULL } },
    { "interpretations", { interpretations_print, interpretations_print_json, NULL } },
    { "paths", { paths_print, paths_print_json, NULL } },
    { NULL, { explain_print, policy_print_json, page_print_preview } },
};

static print_fn *face_of(const struct invocation *in)
{
    static const char *const formats[] = { "text", "json", "html" };
    const char *asked = given_value(in, "format");
    size_t i = 0, format = 0;
    for (size_t k = 0; asked != NULL && k < COUNT_OF(formats); k++)
        if (strcmp(asked, formats[k]) == 0) format = k;
    while (faces[i].given != NULL && !given_switch(in, faces[i].given)) i++;
    return faces[i].v[format];
}

static int print(const struct invocation *in, print_fn *face, const struct compiled *doc)
{
    struct buf text = { .max = EXPLAINED_MAX };
    struct screen s;
    struct error e = { 0 };
    face(doc, &text);
    if (text.overflow) {
        buf_release(&text);
        return command_fail(in, EXIT_USAGE, "what there is to say is longer than %zu MiB", EXPLAINED_MAX >> 20);
    }
    screen_open(&s);
    s.out.max = EXPLAINED_MAX;
    buf_add(&s.out, buf_slice(&text));
    buf_release(&text);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail)
           : doc->errors > 0        ? EXIT_USAGE
                                    : EXIT_DONE;
}

/* --- whose policy --- */

static void add_team_names(const struct policy *p, struct slice team, struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_views; i++) {
        const struct policy_view *v = &p->views[i];
        for (size_t k = 0; team.n > 0 && slice_eq(v->team, team) && k < v->n_services; k++)
            buf_addf(out, "%s%.*s", n++ > 0 ? ", " : "", (int)v->services[k].n, v->services[k].p);
        const bool again = i > 0 && slice_eq(v->team, p->views[i - 1].team);
        if (team.n == 0 && !again) buf_addf(out, "%s%.*s", n++ > 0 ? ", " : "", (int)v->team.n, v->team.p);
    }
    if (n == 0) buf_add_str(out, "none");
}

/* NULL: no document is that team's, or not for that service; said on standard error. */
static const struct policy *policy_asked(const struct invocation *in, const struct policy *p)
{
    const struct slice team = slice_of(given_value(in, "team")), service = slice_of(given_value(in, "service"));
    const struct policy *found = policy_for(p, team, service);
    struct buf known = { 0 };
    bool any = false;
    if (team.n == 0 || found != p) return found;
    for (size_t i = 0; i < p->n_views; i++) any = any || slice_eq(p->views[i].team, team);
    add_team_names(p, any ? team : S(""), &known);
    if (any)
        command_fail(in, EXIT_USAGE,
                     "the team %.*s has documents only for some of its services: name one of them with --service: %s",
                     (int)team.n, team.p, buf_str(&known));
    else
        command_fail(in, EXIT_USAGE,
                     "no document here is of a team %.*s, so what the organisation says holds for it; teams with "
                     "documents: %s",
                     (int)team.n, team.p, buf_str(&known));
    buf_release(&known);
    return NULL;
}

static int explain_set(const struct invocation *in, print_fn *face, const struct procedures_set *s)
{
    struct compiled doc = documents_whole(s);
    const struct policy *p = policy_asked(in, &s->policy);
    if (p == NULL) return EXIT_USAGE;
    if (s->n > 1) doc = procedures_set_compiled(s, p);
    return print(in, face, &doc);
}

static int run(struct invocation *in)
{
    struct documents d = { .n = 0 };
    struct site *site = NULL;
    struct procedures_set *s = NULL;
    int status = EXIT_USAGE;
    print_fn *face = face_of(in);
    if (face == NULL)
        return command_fail(in, EXIT_USAGE, "that is not to be had in the format %s", given_value(in, "format"));
    if (given_value(in, "service") != NULL && given_value(in, "team") == NULL)
        return command_fail(in, EXIT_USAGE, "--service is one of a team's: give --team too");
    if (!documents_given(in, "file", &d)) return EXIT_USAGE;
    if (d.n == 0 && given_value(in, "site") == NULL)
        return command_fail(in, EXIT_USAGE, "name a procedures document, or --site SITE");
    if (d.n == 0) {
        site = documents_site(in, given_value(in, "site"));
        if (site == NULL || !documents_of_site(in, site, &d)) d.n = 0;
    }
    if (d.n > 0) s = documents_compile(in, &d);
    if (s != NULL) status = explain_set(in, face, s);
    procedures_set_destroy(&s);
    site_destroy(&site);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "Say in plain sentences what a procedures document makes happen.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Needs no server and changes nothing. Each sentence names the line that says it; a sentence without a line is "
        "Tocsin's own rule. Of several documents it names the file too: the organisation's policy, then what differs "
        "for each team; --team prints all that holds for one, and how it came there.\n\n"
        "Exit status: 0 explained, 2 the document has errors (it is explained as far as it can be read) or cannot be "
        "read at all.",
    .run = run,
};
