/* silences.c - tocsin silences: what is held, until when, by whom. */
#include "base/check.h"
#include "cli/commands.h"
#include "cli/view.h"

static const struct parameter parameters[] = {
    { .name = "all", .kind = VALUE_SWITCH, .option = true, .what = "The ended ones too." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin silences", NULL },
    { NULL, NULL },
};

static const char *const heads[] = { "NUMBER", "STATE", "FROM", "UNTIL", "BY", "MATCHERS", "WHY" };

static void add_row(struct table *t, const struct screen *s, const struct field *silence)
{
    const struct slice state = field_text(silence, "state");
    struct buf number = { 0 };
    buf_add_int(&number, field_int(silence, "id"));
    table_cell(t, COLOUR_BOLD, buf_slice(&number));
    table_cell(t, slice_eq(state, S("active")) ? COLOUR_YELLOW : COLOUR_PLAIN, state);
    view_cell_clock(t, s, silence, "starts_at");
    view_cell_clock(t, s, silence, "ends_at");
    table_cell(t, COLOUR_PLAIN, view_person(silence, "by"));
    table_cell(t, COLOUR_PLAIN, field_text(silence, "matchers"));
    table_cell(t, COLOUR_PLAIN, field_text(silence, "text"));
    buf_release(&number);
}

void silences_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *list = field_member(answers[0], "silences");
    struct table *t = table_create(heads, COUNT_OF(heads));
    (void)in;
    for (size_t i = 0; i < field_count(list); i++) add_row(t, s, field_at(list, i));
    if (table_rows(t) == 0) {
        buf_add_str(&s->out, "nothing is silenced\n");
    } else {
        table_print(t, s, "");
        view_add_zone(s);
        buf_add_str(&s->out, "; tocsin unsilence NUMBER ends one\n");
    }
    table_destroy(&t);
}

static int run(struct invocation *in)
{
    const char *const path = given_switch(in, "all") ? "/api/v1/silences?state=all" : "/api/v1/silences";
    return view_run(in, &path, 1, silences_text);
}

const struct command command_silences = {
    .name = "silences",
    .summary = "List silences: those in force and to come, or all.",
    .parameters = parameters,
    .examples = examples,
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
