/* status.c - tocsin status: is everything there that the next page needs? */
#include "cli/commands.h"
#include "cli/view.h"

#include "base/check.h"

static const struct example examples[] = {
    { "tocsin status", NULL },
    { "tocsin status --format json", "For a monitor; /metrics says the same." },
    { NULL, NULL },
};

static const char *const heads[] = { "", "CHECK", "FOUND" };

static enum colour colour_of(struct slice state)
{
    return slice_eq(state, S("failing")) ? COLOUR_RED : slice_eq(state, S("warning")) ? COLOUR_YELLOW : COLOUR_GREEN;
}

void status_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *checks = field_member(answers[0], "checks");
    struct table *t = table_create(heads, COUNT_OF(heads));
    int64_t at;
    (void)in;
    for (size_t i = 0; i < field_count(checks); i++) {
        const struct field *c = field_at(checks, i);
        table_cell(t, colour_of(field_text(c, "state")), field_text(c, "state"));
        table_cell(t, COLOUR_PLAIN, field_text(c, "check"));
        table_cell(t, COLOUR_PLAIN, field_text(c, "text"));
    }
    table_print(t, s, "");
    if (field_time(answers[0], "at", &at)) {
        buf_add_str(&s->out, "looked at ");
        screen_time(s, at);
        buf_add_char(&s->out, '\n');
    } else {
        buf_add_str(&s->out, "the self-audit has not looked yet: ask again in a few seconds\n");
    }
    table_destroy(&t);
}

static int run(struct invocation *in)
{
    return view_run(in, (const char *const[]){ "/api/v1/status" }, 1, status_text);
}

const struct command command_status = {
    .name = "status",
    .summary = "Show what the server's self-audit found: is everything there that the next page needs?",
    .examples = examples,
    .more =
        "`failing`: a page may not reach anybody now; the outbound heartbeat stops and the administrators are alarmed. "
        "`warning`: pages leave all the same. docs/operating.md says what each check means and what to do.",
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
