/* check.c - tocsin check: compiles procedures and reads a site, without a server (R2). */
#include "site/site.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "base/check.h"
#include "cli/screen.h"
#include "engine/bundle.h"
#include "procedures/front.h"
#include "procedures/merge.h"
#include "procedures/print.h"
#include "site/bind.h"
#include "site/routing.h"
#include "sys/clock.h"
#include "sys/files.h"

#define ROUTING_ARENA ((size_t)64 << 20)

static const struct parameter parameters[] = {
    { .name = "file",
      .kind = VALUE_FILE,
      .many = true,
      .what = "Procedures documents; left out: those that the site names." },
    { .name = "site",
      .kind = VALUE_FILE,
      .option = true,
      .what = "Check this site too, its routing, and whether it holds what the procedures need." },
    { .name = "strict", .kind = VALUE_SWITCH, .option = true, .what = "A lost clock is an error, not a warning." },
    { .name = "notes", .kind = VALUE_SWITCH, .option = true, .what = "Print notes too, and every warning of a kind." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin check procedures.md", NULL },
    { "tocsin check --site site.yaml --format json", "All that the server would read, for a program." },
    { NULL, NULL },
};

#define OF_ONE_CODE 3 /* warnings of one code before "… and N more" */

struct checking {
    const struct invocation *in;
    struct buf out;
    size_t objects; /* JSON: printed so far */
    int status; /* the worst so far: 0, 1, 2 (R2) */
    struct site *site; /* NULL: none named, or not readable */
    struct routing routing;
    struct arena *arena; /* of the routing */
    struct problems *problems;
};

static void worsen(struct checking *c, int status)
{
    if (status > c->status) c->status = status;
}

static void begin_object(struct checking *c)
{
    if (c->objects++ > 0) buf_add_str(&c->out, ",\n");
}

static void print_compiled(struct checking *c, const struct compiled *doc)
{
    const bool notes = given_switch(c->in, "notes");
    const struct print_options how = { .colour = terminal_takes_colour(STDOUT_FILENO),
                                       .notes = notes,
                                       .per_code = notes ? 0 : OF_ONE_CODE };
    if (c->in->json) {
        begin_object(c);
        diagnostics_print_json(doc, &c->out);
        return;
    }
    diagnostics_print(doc, &how, &c->out);
    compiled_print_summary(doc, &c->out);
}

static void print_failure(struct checking *c, struct slice name, const struct error *e)
{
    worsen(c, 2);
    if (c->in->json) begin_object(c);
    if (c->in->json)
        compile_error_print_json(name, e, &c->out);
    else
        compile_error_print(name, e, terminal_takes_colour(STDOUT_FILENO), &c->out);
}

static void check_document(struct checking *c, const char *path)
{
    const struct compile_options options = { .strict = given_switch(c->in, "strict") };
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    struct error e = { 0 };
    struct compiled *doc = NULL;
    if (file_read(path, PROCEDURES_MAX_BYTES, &bytes, &e) == 0)
        doc = procedures_compile(buf_slice(&bytes), slice_of(path), &options, &e);
    if (doc == NULL) {
        print_failure(c, slice_of(path), &e);
    } else {
        print_compiled(c, doc);
        worsen(c, compiled_exit_status(doc));
        if (c->site != NULL)
            bind_check(&doc->policy, slice_of(path), c->site, &c->routing, c->site->routing, c->problems);
    }
    compiled_destroy(&doc);
    buf_release(&bytes);
}

/* --- the site --- */

static void add_problem_json(const struct problem *p, struct buf *out)
{
    buf_add_str(out, "{\"level\":");
    buf_add_str(out, p->kind == PROBLEM_ERROR ? "\"error\"" : "\"warning\"");
    buf_add_str(out, ",\"file\":");
    buf_add_json(out, p->at.file);
    buf_addf(out, ",\"line\":%u,\"column\":%u,\"code\":", p->at.line, p->at.col);
    if (p->code.n > 0)
        buf_add_json(out, p->code);
    else
        buf_add_str(out, "null");
    buf_add_str(out, ",\"message\":");
    buf_add_json(out, p->text);
    buf_add_char(out, '}');
}

static void print_site_json(struct checking *c, const char *path)
{
    begin_object(c);
    buf_add_str(&c->out, "{\"site\":");
    buf_add_json(&c->out, slice_of(path));
    buf_addf(&c->out, ",\"errors\":%zu,\"warnings\":%zu,\"problems\":[", problems_errors(c->problems),
             problems_warnings(c->problems));
    for (size_t i = 0; i < problems_count(c->problems); i++) {
        if (i > 0) buf_add_char(&c->out, ',');
        add_problem_json(problems_at(c->problems, i), &c->out);
    }
    buf_add_str(&c->out, "]}");
}

static void print_site(struct checking *c, const char *path)
{
    const size_t errors = problems_errors(c->problems), warnings = problems_warnings(c->problems);
    worsen(c, errors > 0 ? 2 : warnings > 0 ? 1 : 0);
    if (c->in->json) {
        print_site_json(c, path);
        return;
    }
    problems_print(c->problems, &c->out);
    buf_addf(&c->out, "%s: %zu errors, %zu warnings\n", path, errors, warnings);
}

static void read_site(struct checking *c, const char *path)
{
    c->problems = problems_create();
    c->arena = arena_create(ROUTING_ARENA);
    if (site_load(path, &c->site, c->problems) == 0) routing_load(c->arena, c->site, &c->routing, c->problems);
}

/* --- documents that belong together --- */

/* What the site does not know of the teams whose documents these are. */
static void check_views(struct checking *c, const struct policy *p)
{
    for (size_t i = 0; i < p->n_views; i++) {
        const struct policy_view *v = &p->views[i];
        const struct place at = { slice_of(given_value(c->in, "site")), 0, 0 };
        if (directory_team(&c->site->dir, v->team) < 0)
            problem_warn(c->problems, at, "W-TEAM-UNKNOWN", "a document is for the team %.*s, which is not here",
                         (int)v->team.n, v->team.p);
        for (size_t k = 0; k < v->n_services; k++)
            if (directory_service(&c->site->dir, v->services[k]) < 0)
                problem_warn(c->problems, at, "W-SERVICE-UNKNOWN",
                             "a document is for the service %.*s, which is not here", (int)v->services[k].n,
                             v->services[k].p);
    }
}

static void print_set(struct checking *c, const struct procedures_set *s, const struct procedures_file *files)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) {
            print_failure(c, files[i].name, &s->failures[i]);
            continue;
        }
        print_compiled(c, s->docs[i]);
        worsen(c, compiled_exit_status(s->docs[i]));
    }
    if (c->site == NULL || s->docs[s->organisation] == NULL) return;
    bind_check(&s->policy, files[s->organisation].name, c->site, &c->routing, c->site->routing, c->problems);
    check_views(c, &s->policy);
}

/* The paths end with NUL; of those that cannot be read is told, the others are checked without them. */
static void check_set(struct checking *c, const struct slice *paths, size_t n)
{
    const struct set_options o = { .strict = given_switch(c->in, "strict"), .today = clock_stamp_ms() / DAY };
    struct arena *a = arena_create(0);
    struct procedures_file *files = arena_array(a, struct procedures_file, n + 1);
    size_t readable = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
        struct error e = { 0 };
        if (file_read(paths[i].p, PROCEDURES_MAX_BYTES, &bytes, &e) < 0) print_failure(c, paths[i], &e);
        else files[readable++] = (struct procedures_file){ paths[i], arena_copy(a, buf_slice(&bytes)) };
        buf_release(&bytes);
    }
    struct procedures_set *s = readable > 0 ? procedures_set_compile(files, readable, &o) : NULL;
    if (s != NULL) print_set(c, s, files);
    procedures_set_destroy(&s);
    arena_destroy(&a);
}

static bool names_team(const char *path)
{
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    struct front f = { 0 };
    if (file_read(path, PROCEDURES_MAX_BYTES, &bytes, NULL) == 0) front_read(buf_slice(&bytes), &f);
    buf_release(&bytes);
    return f.team.line > 0;
}

/* Named on the command line, documents stand alone unless one of them is a team's; the site's belong together. */
static void check_documents(struct checking *c)
{
    const struct given *files = given_values(c->in, "file");
    struct slice paths[BUNDLE_FILES_MAX];
    bool together = false;
    for (size_t i = 0; i < files->n; i++) together = together || names_team(files->v[i]);
    if (together && files->n <= COUNT_OF(paths)) {
        for (size_t i = 0; i < files->n; i++) paths[i] = slice_of(files->v[i]);
        check_set(c, paths, files->n);
    } else {
        for (size_t i = 0; i < files->n; i++) check_document(c, files->v[i]);
    }
    if (files->n == 0 && c->site != NULL) check_set(c, c->site->procedures, c->site->n_procedures);
}

static int finish(struct checking *c)
{
    struct error e = { 0 };
    struct screen s;
    screen_open(&s);
    if (c->in->json) buf_add_str(&s.out, "[");
    buf_add(&s.out, buf_slice(&c->out));
    if (c->in->json) buf_add_str(&s.out, "]\n");
    buf_release(&c->out);
    routing_release(&c->routing);
    arena_destroy(&c->arena);
    problems_destroy(&c->problems);
    site_destroy(&c->site);
    return screen_close(&s, &e) < 0 ? command_fail(c->in, EXIT_USAGE, "%s", e.detail) : c->status;
}

static int run(struct invocation *in)
{
    struct checking c = { .in = in, .out = { .max = (size_t)32 << 20 } };
    const char *site = given_value(in, "site");
    if (site == NULL && given_values(in, "file")->n == 0)
        return command_fail(in, EXIT_USAGE, "name a procedures document, or --site SITE, or both");
    if (site != NULL) read_site(&c, site);
    check_documents(&c);
    if (site != NULL) print_site(&c, site);
    return finish(&c);
}

const struct command command_check = {
    .name = "check",
    .summary = "Compile procedures, read a site, and say what is wrong with either.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Needs no server and changes nothing. Every line of a document is accounted for: compiled, kept as reference "
        "prose, or rejected with what to write instead.\n\n"
        "Exit status: 0 clean, 1 warnings, 2 errors.",
    .flags = HAS_FORMAT,
    .run = run,
};
