/* check.c - tocsin check: compiles procedures and reads a site, without a server (R2). */
#include "site/site.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/screen.h"
#include "engine/bundle.h"
#include "procedures/codes.h"
#include "procedures/front.h"
#include "procedures/merge.h"
#include "procedures/print.h"
#include "procedures/sarif.h"
#include "site/bind.h"
#include "site/routing.h"
#include "sys/clock.h"
#include "sys/files.h"

#define OUTPUT_MAX ((size_t)256 << 20)
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
    { .name = "stdin",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Read the document from standard input, for editors; FILE is then the name that it is told under." },
    { .name = "format",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "text json sarif",
      .what = "text for people; json for programs; sarif for code hosts, which annotate pull requests with it." },
    { .name = "codes", .kind = VALUE_SWITCH, .option = true, .what = "Print every code, its meaning and its cure." },
    { .name = "notes", .kind = VALUE_SWITCH, .option = true, .what = "Print notes too, and every warning of a kind." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin check procedures.md", NULL },
    { "tocsin check --site site.yaml --format json", "All that the server would read, for a program." },
    { "tocsin check --format sarif procedures.md > procedures.sarif", "For the checks of a pull request." },
    { "tocsin check --stdin --format json procedures.md < unsaved.md", "For an editor, at every keystroke." },
    { NULL, NULL },
};

#define OF_ONE_CODE 3 /* warnings of one code before "… and N more" */

enum check_format { CHECK_TEXT = 0, CHECK_JSON, CHECK_SARIF };
static const char *const format_names[] = { "text", "json", "sarif" };

struct checking {
    const struct invocation *in;
    enum check_format format;
    struct sarif sarif;
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
    switch (c->format) {
    case CHECK_TEXT:
        diagnostics_print(doc, &how, &c->out);
        compiled_print_summary(doc, &c->out);
        break;
    case CHECK_JSON:
        begin_object(c);
        diagnostics_print_json(doc, &c->out);
        break;
    case CHECK_SARIF: sarif_add_document(&c->sarif, doc, notes); break;
    }
}

static void print_failure(struct checking *c, struct slice name, const struct error *e)
{
    worsen(c, 2);
    switch (c->format) {
    case CHECK_TEXT: compile_error_print(name, e, terminal_takes_colour(STDOUT_FILENO), &c->out); break;
    case CHECK_JSON:
        begin_object(c);
        compile_error_print_json(name, e, &c->out);
        break;
    case CHECK_SARIF:
        sarif_add(&c->sarif, &(struct sarif_result){ .file = name,
                                                     .code = S("E-DOCUMENT"),
                                                     .level = DIAGNOSTIC_ERROR,
                                                     .line = e->line,
                                                     .col = e->col,
                                                     .message = slice_of(e->detail) });
        break;
    }
}

/* What an editor holds, unsaved. Not through /dev/stdin: that cannot be opened where it is a socket. */
static int input_read(struct buf *bytes, struct error *e)
{
    char piece[16384];
    ssize_t n;
    while ((n = read(STDIN_FILENO, piece, sizeof piece)) != 0) {
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(e, ERR_IO, "cannot read standard input: %s", strerror(errno));
        buf_add(bytes, (struct slice){ piece, (size_t)n });
        if (bytes->overflow) return fail(e, ERR_LIMIT, "more than %zu bytes on standard input", bytes->max);
    }
    return 0;
}

/* site.yaml or routing.yaml: read as Markdown it would be prose, and nothing in it checked. */
static bool is_yaml(struct slice path)
{
    return slice_has_suffix(path, S(".yaml")) || slice_has_suffix(path, S(".yml"));
}

/* Reads `path`, or standard input under that name. */
static void check_document(struct checking *c, const char *path)
{
    const struct compile_options options = { .strict = given_switch(c->in, "strict"), .today = clock_stamp_ms() / DAY };
    struct buf bytes = { .max = PROCEDURES_MAX_BYTES };
    struct error e = { 0 };
    struct compiled *doc = NULL;
    const int rc = is_yaml(slice_of(path))          ? fail(&e, ERR_INVALID, "no procedures document: a site, with the routing "
                                                           "that it names, is checked by tocsin check --site SITE")
                   : given_switch(c->in, "stdin") ? input_read(&bytes, &e)
                                                  : file_read(path, PROCEDURES_MAX_BYTES, &bytes, &e);
    if (rc == 0) doc = procedures_compile(buf_slice(&bytes), slice_of(path), &options, &e);
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

static void add_problem_sarif(struct checking *c, const struct problem *p)
{
    sarif_add(&c->sarif, &(struct sarif_result){
                             .file = p->at.file,
                             .code = p->code,
                             .level = p->kind == PROBLEM_ERROR ? DIAGNOSTIC_ERROR : DIAGNOSTIC_WARNING,
                             .line = p->at.line,
                             .col = p->at.col,
                             .message = p->text,
                         });
}

static void print_site(struct checking *c, const char *path)
{
    const size_t errors = problems_errors(c->problems), warnings = problems_warnings(c->problems);
    worsen(c, errors > 0 ? 2 : warnings > 0 ? 1 : 0);
    switch (c->format) {
    case CHECK_TEXT:
        problems_print(c->problems, &c->out);
        buf_addf(&c->out, "%s: %zu error%s, %zu warning%s\n", path, errors, errors == 1 ? "" : "s", warnings,
                 warnings == 1 ? "" : "s");
        break;
    case CHECK_JSON: print_site_json(c, path); break;
    case CHECK_SARIF:
        for (size_t i = 0; i < problems_count(c->problems); i++) add_problem_sarif(c, problems_at(c->problems, i));
        break;
    }
}

static void read_site(struct checking *c, const char *path)
{
    c->problems = problems_create();
    c->arena = arena_create(ROUTING_ARENA);
    if (site_load(path, &c->site, c->problems) < 0) return;
    site_credentials_check(c->site, c->problems);
    routing_load(c->arena, c->site, &c->routing, c->problems);
}

/* --- documents that belong together --- */

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
}

/* The scenario that the site attaches a document of its own to. */
static struct slice attached_to(const struct checking *c, size_t i, const struct slice *paths)
{
    return c->site != NULL && paths == c->site->procedures ? c->site->attached[i] : (struct slice){ 0 };
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
        if (file_read(paths[i].p, PROCEDURES_MAX_BYTES, &bytes, &e) < 0)
            print_failure(c, paths[i], &e);
        else
            files[readable++] =
                (struct procedures_file){ paths[i], arena_copy(a, buf_slice(&bytes)), attached_to(c, i, paths) };
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
    int rc = 0;
    if (c->format == CHECK_SARIF) sarif_end(&c->sarif);
    if (c->out.overflow) rc = fail(&e, ERR_LIMIT, "what there is to say is longer than %zu MiB", OUTPUT_MAX >> 20);
    screen_open(&s);
    s.out.max = OUTPUT_MAX + 16;
    if (c->format == CHECK_JSON && rc == 0) buf_add_str(&s.out, "[");
    if (rc == 0) buf_add(&s.out, buf_slice(&c->out));
    if (c->format == CHECK_JSON && rc == 0) buf_add_str(&s.out, "]\n");
    buf_release(&c->out);
    routing_release(&c->routing);
    arena_destroy(&c->arena);
    problems_destroy(&c->problems);
    site_destroy(&c->site);
    if (screen_close(&s, &e) < 0) rc = e.code;
    return rc < 0 ? command_fail(c->in, EXIT_USAGE, "%s", e.detail) : c->status;
}

static int print_codes(const struct invocation *in)
{
    struct error e = { 0 };
    struct screen s;
    screen_open(&s);
    codes_print(&s.out);
    return screen_close(&s, &e) < 0 ? command_fail(in, EXIT_USAGE, "%s", e.detail) : EXIT_DONE;
}

static void set_format(struct checking *c)
{
    const char *asked = given_value(c->in, "format");
    for (size_t i = 0; asked != NULL && i < COUNT_OF(format_names); i++)
        if (strcmp(asked, format_names[i]) == 0) c->format = (enum check_format)i;
    if (c->format == CHECK_SARIF) sarif_begin(&c->sarif, &c->out);
}

static int run(struct invocation *in)
{
    struct checking c = { .in = in, .out = { .max = OUTPUT_MAX } };
    const char *site = given_value(in, "site");
    const size_t files = given_values(in, "file")->n;
    if (given_switch(in, "codes")) return print_codes(in);
    if (given_switch(in, "stdin") && files > 1)
        return command_fail(in, EXIT_USAGE, "standard input is one document: name one FILE with --stdin, or none");
    if (site == NULL && files == 0 && !given_switch(in, "stdin"))
        return command_fail(in, EXIT_USAGE, "name a procedures document, or --site SITE, or both");
    set_format(&c);
    if (site != NULL) read_site(&c, site);
    if (given_switch(in, "stdin") && files == 0)
        check_document(&c, "stdin");
    else
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
    .run = run,
};
