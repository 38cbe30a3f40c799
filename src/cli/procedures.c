/* procedures.c - tocsin procedures: what is in force, what waits, who approved what, and the way back. */
#include <string.h>

#include "base/check.h"
#include "cli/commands.h"
#include "cli/value.h"
#include "cli/view.h"

#define API "/api/v1/procedures"

static const struct parameter parameters[] = {
    { .name = "what",
      .kind = VALUE_CHOICE,
      .choices = "history show rollback",
      .what = "history: every activation; show N: one version; rollback N: put it in force again." },
    { .name = "number",
      .kind = VALUE_NUMBER,
      .what = "The bundle, for show and rollback; show without one: the active." },
    { .name = "file",
      .kind = VALUE_TEXT,
      .option = true,
      .what = "show: prints this file of the bundle as it stands." },
    { .name = "reason", .kind = VALUE_TEXT, .option = true, .what = "rollback: why; it stays in the history." },
    { .name = "move-open",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "rollback: the open incidents follow it at once." },
    { .name = "override",
      .kind = VALUE_PAIR,
      .option = true,
      .many = true,
      .what = "rollback: CODE=REASON, as for tocsin activate." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin procedures", "What is in force, what is proposed, and what is not bound." },
    { "tocsin procedures show 3 --file procedures.md", "That document as it was." },
    { "tocsin procedures rollback 3 --reason \"the new chain pages the wrong team\"", NULL },
    { NULL, NULL },
};

/* --- what is in force --- */

static void add_stamp(struct screen *s, const struct field *v, const char *at, const char *by, const char *nobody)
{
    int64_t ms;
    if (field_time(v, at, &ms)) screen_time(s, ms);
    buf_add_str(&s->out, " by ");
    if (field_member(v, by) != NULL)
        screen_text(s, view_person(v, by));
    else
        buf_add_str(&s->out, nobody);
}

static void add_files(struct screen *s, const struct field *bundle)
{
    const struct field *files = field_member(bundle, "files");
    for (size_t i = 0; i < field_count(files); i++) {
        const struct field *f = field_at(files, i);
        buf_add_str(&s->out, "  ");
        screen_text(s, field_text(f, "name"));
        buf_addf(&s->out, ": %lld bytes, ", (long long)field_int(f, "bytes"));
        screen_text(s, field_text(f, "hash"));
        buf_add_char(&s->out, '\n');
    }
}

static void add_bundle(struct screen *s, const struct field *b, const char *word)
{
    buf_addf(&s->out, "bundle %lld is %s, hash ", (long long)field_int(b, "id"), word);
    screen_text(s, field_text(b, "hash"));
    buf_add_char(&s->out, '\n');
    if (field_member(b, "activated_at") != NULL) {
        buf_add_str(&s->out, "  activated ");
        add_stamp(s, b, "activated_at", "activated_by", "itself");
        buf_add_char(&s->out, '\n');
    }
    if (field_member(b, "proposed_at") != NULL) {
        buf_add_str(&s->out, "  proposed ");
        add_stamp(s, b, "proposed_at", "proposed_by", "nobody: the files changed");
        if (field_text(b, "proposed_why").n > 0) buf_add_str(&s->out, ": ");
        screen_text(s, field_text(b, "proposed_why"));
        buf_add_char(&s->out, '\n');
    }
    add_files(s, b);
    if (field_bool(b, "draft")) {
        screen_coloured(s, COLOUR_YELLOW, S("  draft policy"));
        const long long open = (long long)field_int(b, "unfilled");
        buf_addf(&s->out, ": %lld field%s of document control %s not filled in\n", open, open == 1 ? "" : "s",
                 open == 1 ? "is" : "are");
    }
}

/* The reason that the newest activation gave for a code; empty: it was never overridden. */
static struct slice reason_for(const struct field *last, struct slice code)
{
    const struct field *list = field_member(last, "overrides");
    for (size_t i = 0; i < field_count(list); i++)
        if (slice_eq(field_text(field_at(list, i), "code"), code)) return field_text(field_at(list, i), "reason");
    return (struct slice){ 0 };
}

static void add_unbound(struct screen *s, const struct field *top)
{
    const struct field *list = field_member(top, "unbound"), *history = field_member(top, "history");
    const struct field *last = field_count(history) > 0 ? field_at(history, 0) : NULL;
    for (size_t i = 0; i < field_count(list); i++) {
        const struct field *u = field_at(list, i);
        const struct slice reason = reason_for(last, field_text(u, "code"));
        screen_coloured(s, COLOUR_YELLOW, reason.n > 0 ? S("overridden") : S("not bound"));
        buf_add_char(&s->out, ' ');
        screen_text(s, field_text(u, "code"));
        buf_add_char(&s->out, ' ');
        screen_text(s, field_text(u, "text"));
        if (reason.n > 0) buf_add_str(&s->out, " -- ");
        screen_text(s, reason);
        buf_add_char(&s->out, '\n');
    }
}

static void add_thresholds(struct screen *s, const struct field *top)
{
    const struct field *list = field_member(top, "thresholds");
    for (size_t i = 0; i < field_count(list); i++) {
        const struct field *t = field_at(list, i);
        if (field_text(t, "by").n == 0) continue; /* not bound, said above */
        buf_add_str(&s->out, "threshold ");
        screen_text(s, field_text(t, "metric"));
        buf_add_char(&s->out, ' ');
        screen_text(s, field_text(t, "limit"));
        buf_add_str(&s->out, " (");
        screen_text(s, field_text(t, "file").n > 0 ? field_text(t, "file") : S("line"));
        buf_addf(&s->out, "%s%lld): ", field_text(t, "file").n > 0 ? ":" : " ", (long long)field_int(t, "line"));
        screen_text(s, field_text(t, "by"));
        buf_add_char(&s->out, '\n');
    }
}

void procedures_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *top = answers[0], *proposed = field_member(top, "proposed");
    (void)in;
    view_add_broken(s, top);
    if (field_text(top, "overrides").n > 0) {
        screen_coloured(s, COLOUR_YELLOW, S("warning"));
        buf_add_str(&s->out, ": ");
        screen_text(s, field_text(top, "overrides"));
        buf_add_char(&s->out, '\n');
    }
    add_bundle(s, field_member(top, "active"), "active");
    if (proposed != NULL) {
        add_bundle(s, proposed, "proposed");
        buf_add_str(&s->out, "  an approver puts it in force: tocsin activate --reason …\n");
    }
    add_unbound(s, top);
    add_thresholds(s, top);
}

/* --- history --- */

static const char *const heads[] = { "NO",     "BUNDLE", "BEFORE",   "WHEN",     "BY",
                                     "AUTHOR", "HOW",    "COMPILER", "READINGS", "WHY" };

static void number_cell(struct table *t, int64_t n)
{
    struct buf text = { 0 };
    buf_add_int(&text, n);
    table_cell(t, COLOUR_PLAIN, n == 0 ? S("–") : buf_slice(&text));
    buf_release(&text);
}

static void person_cell(struct table *t, const struct field *v, const char *name)
{
    table_cell(t, COLOUR_PLAIN, field_member(v, name) != NULL ? view_person(v, name) : S("–"));
}

static void history_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *list = field_member(answers[0], "history");
    struct table *t = table_create(heads, COUNT_OF(heads));
    (void)in;
    for (size_t i = 0; i < field_count(list); i++) {
        const struct field *a = field_at(list, i);
        number_cell(t, field_int(a, "number"));
        number_cell(t, field_int(a, "bundle"));
        number_cell(t, field_int(a, "previous"));
        view_cell_clock(t, s, a, "at");
        person_cell(t, a, "by");
        person_cell(t, a, "author");
        table_cell(t, COLOUR_PLAIN, field_text(a, "how"));
        table_cell(t, COLOUR_PLAIN, field_text(a, "compiler"));
        table_cell(t, COLOUR_PLAIN, slice_upto(field_text(a, "interpretations"), 8));
        table_cell(t, COLOUR_PLAIN, field_text(a, "reason"));
    }
    table_print(t, s, "");
    table_destroy(&t);
}

/* --- one version --- */

static void bundle_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *b = answers[0];
    (void)in;
    add_bundle(s, b, field_bool(b, "active") ? "active" : field_bool(b, "proposed") ? "proposed" : "not active");
}

/* The file's bytes, and nothing else. */
static int print_file(struct invocation *in, const char *path)
{
    struct answer a = { 0 };
    struct error e = { 0 };
    struct screen s;
    int status;
    if (client_ask(in, "GET", path, (struct slice){ 0 }, &a, &status)) {
        screen_open(&s);
        buf_add(&s.out, buf_slice(&a.body));
        if (screen_close(&s, &e) < 0) status = command_fail(in, EXIT_REFUSED, "%s", e.detail);
    }
    answer_release(&a);
    return status;
}

static int show(struct invocation *in)
{
    const char *number = given_value(in, "number"), *file = given_value(in, "file");
    struct buf path = { 0 };
    int status;
    buf_addf(&path, API "/%s", number != NULL ? number : "active");
    if (file != NULL) {
        buf_add_char(&path, '/');
        client_escape(&path, slice_of(file));
        status = print_file(in, buf_str(&path));
    } else {
        status = view_run(in, (const char *const[]){ buf_str(&path) }, 1, bundle_text);
    }
    buf_release(&path);
    return status;
}

/* --- the way back: the act of `tocsin activate`, with a number --- */

static int rollback(struct invocation *in)
{
    const char *number = given_value(in, "number"), *reason = given_value(in, "reason");
    const struct given *overrides = given_values(in, "override");
    struct buf body = { 0 };
    if (number == NULL || reason == NULL)
        return command_fail(in, EXIT_USAGE, "say which bundle and why: tocsin procedures rollback N --reason …");
    buf_addf(&body, "{\"bundle\":%s,\"reason\":", number);
    buf_add_json(&body, slice_of(reason));
    buf_addf(&body, ",\"move-open\":%s,\"override\":[", given_switch(in, "move-open") ? "true" : "false");
    for (size_t i = 0; i < overrides->n; i++) {
        if (i > 0) buf_add_char(&body, ',');
        buf_add_json(&body, slice_of(overrides->v[i]));
    }
    buf_add_str(&body, "]}");
    const int status = view_sentence_with(in, "POST", API "/activate", buf_slice(&body));
    buf_release(&body);
    return status;
}

static int run(struct invocation *in)
{
    const char *what = given_value(in, "what");
    if (what == NULL) return view_run(in, (const char *const[]){ API }, 1, procedures_text);
    if (strcmp(what, "history") == 0) return view_run(in, (const char *const[]){ API "/history" }, 1, history_text);
    return strcmp(what, "show") == 0 ? show(in) : rollback(in);
}

const struct command command_procedures = {
    .name = "procedures",
    .summary = "Show which procedures are in force, their history, and go back to an earlier version.",
    .parameters = parameters,
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = run,
};
