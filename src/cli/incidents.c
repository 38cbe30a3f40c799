/* incidents.c - tocsin incidents. */
#include "cli/commands.h"
#include "cli/view.h"

#include "base/check.h"

static const struct parameter parameters[] = {
    { .name = "all", .kind = VALUE_SWITCH, .option = true, .what = "The ended ones too." },
    { .name = "limit",
      .kind = VALUE_NUMBER,
      .option = true,
      .what = "At most so many, the newest first; left out: 100." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin incidents", "What is open now." },
    { "tocsin incidents --all --limit 20", NULL },
    { NULL, NULL },
};

static const char *const heads[] = { "ID", "SEVERITY", "STATE", "SERVICE", "SINCE", "FOR", "TAKEN BY", "WHAT" };

static struct slice text_of(struct screen *scratch)
{
    return buf_slice(&scratch->out);
}

/* One cell of what a screen writes. */
static void add_since(struct table *t, const struct screen *s, const struct field *i)
{
    struct screen cell = *s;
    int64_t opened = 0, ended = s->now_ms;
    const bool known = field_time(i, "opened_at", &opened);
    cell.out = (struct buf){ 0 };
    field_time(i, "resolved_at", &ended);
    if (known) screen_clock(&cell, opened);
    table_cell(t, COLOUR_PLAIN, text_of(&cell));
    buf_reset(&cell.out);
    if (known) screen_span(&cell, ended - opened);
    table_cell(t, COLOUR_PLAIN, text_of(&cell));
    buf_release(&cell.out);
}

/* "acknowledged, recovered": the word, and what else matters to whoever looks at the list. */
static void add_state(struct table *t, const struct field *i)
{
    static const char *const marks[] = { "recovered", "held", "exhausted" };
    struct buf text = { 0 };
    buf_add(&text, field_text(i, "word"));
    for (size_t k = 0; k < COUNT_OF(marks); k++)
        if (field_bool(i, marks[k])) buf_addf(&text, ", %s", marks[k]);
    table_cell(t, field_bool(i, "exhausted") ? COLOUR_RED : COLOUR_PLAIN, buf_slice(&text));
    buf_release(&text);
}

static void add_row(struct table *t, const struct screen *s, const struct field *i)
{
    const struct slice service = field_text(i, "service");
    table_cell(t, COLOUR_BOLD, field_text(i, "id"));
    table_cell(t, view_severity_colour(i), field_text(i, "severity"));
    add_state(t, i);
    table_cell(t, COLOUR_PLAIN, service.n > 0 ? service : S("unrouted"));
    add_since(t, s, i);
    table_cell(t, COLOUR_PLAIN, field_member(i, "acknowledged_by") != NULL ? view_person(i, "acknowledged_by") : S(""));
    table_cell(t, COLOUR_PLAIN, field_text(i, "title"));
}

void incidents_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *list = field_member(answers[0], "incidents");
    struct table *t = table_create(heads, COUNT_OF(heads));
    const size_t n = field_count(list);
    view_add_broken(s, answers[0]);
    for (size_t i = 0; i < n; i++) add_row(t, s, field_at(list, i));
    if (n == 0)
        buf_add_str(&s->out, given_switch(in, "all") ? "no incidents\n" : "no open incidents\n");
    else
        table_print(t, s, "");
    if (n > 0) view_add_zone(s);
    if (n > 0) buf_add_str(&s->out, "; tocsin show ID tells more\n");
    if (field_text(answers[0], "before").n > 0)
        buf_add_str(&s->out, "there are older ones: tocsin incidents --limit N\n");
    table_destroy(&t);
}

static int run(struct invocation *in)
{
    struct buf path = { 0 };
    const char *limit = given_value(in, "limit");
    buf_addf(&path, "/api/v1/incidents?state=%s", given_switch(in, "all") ? "all" : "open");
    if (limit != NULL) buf_addf(&path, "&limit=%s", limit);
    const int status = view_run(in, (const char *const[]){ buf_str(&path) }, 1, incidents_text);
    buf_release(&path);
    return status;
}

const struct command command_incidents = {
    .name = "incidents",
    .summary = "List incidents: the open ones, or all.",
    .parameters = parameters,
    .examples = examples,
    .more = "A question mark behind the severity: provisional, nobody confirmed it yet.",
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
