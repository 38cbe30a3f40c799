/* oncall.c - tocsin oncall: whom each role of each team reaches, now or at a time. */
#include "cli/commands.h"
#include "cli/view.h"

#include "base/check.h"
#include "cli/value.h"

static const struct parameter parameters[] = {
    { .name = "role", .kind = VALUE_ROLE, .option = true, .what = "This role only: primary, incident-commander …" },
    { .name = "at",
      .kind = VALUE_TIME,
      .option = true,
      .what = "At this time: \"2026-01-05 03:00\" by this machine's clock, RFC 3339, or +12h; left out: now." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin oncall", NULL },
    { "tocsin oncall --role primary --at \"2026-12-25 03:00\"", NULL },
    { NULL, NULL },
};

static const char *const heads[] = { "ROLE", "WHO", "UNTIL", "BY" };

static bool is_wanted(const struct invocation *in, struct slice role)
{
    const char *wanted = given_value(in, "role");
    return wanted == NULL || slice_eq_nocase(slice_of(wanted), role);
}

/* A role of the document that nothing in the site binds is UNBOUND (R29), one whose schedule is empty has nobody. */
static void add_people(struct table *t, const struct field *role)
{
    const struct field *people = field_member(role, "people");
    const struct slice none = field_member(role, "bound_by") != NULL ? S("nobody") : S("UNBOUND");
    struct buf names = { 0 };
    for (size_t i = 0; i < field_count(people); i++) {
        const struct field *p = field_at(people, i);
        if (i > 0) buf_add_str(&names, ", ");
        buf_add(&names, field_text(p, "name"));
        if (!field_bool(p, "reachable")) buf_add_str(&names, " (not reachable)");
    }
    table_cell(t, names.len == 0 ? COLOUR_RED : COLOUR_PLAIN, names.len == 0 ? none : buf_slice(&names));
    buf_release(&names);
}

/* Date and time with the zone: a hand-off is days away. */
static void add_until(struct table *t, const struct screen *s, const struct field *role)
{
    struct screen cell = *s;
    int64_t at;
    cell.out = (struct buf){ 0 };
    if (field_time(role, "until", &at)) screen_time(&cell, at);
    table_cell(t, COLOUR_PLAIN, buf_slice(&cell.out));
    buf_release(&cell.out);
}

static void add_by(struct table *t, const struct field *role)
{
    const struct slice schedule = field_text(role, "schedule"), scope = field_text(role, "bound_by");
    struct buf text = { 0 };
    if (schedule.n > 0)
        buf_addf(&text, "schedule %.*s", (int)schedule.n, schedule.p);
    else if (scope.n > 0)
        buf_addf(&text, "the %.*s's list", (int)scope.n, scope.p);
    table_cell(t, COLOUR_PLAIN, buf_slice(&text));
    buf_release(&text);
}

static void add_roles(const struct invocation *in, struct screen *s, const struct field *of, const char *kind)
{
    const struct field *roles = field_member(of, "roles");
    struct table *t = table_create(heads, COUNT_OF(heads));
    for (size_t i = 0; i < field_count(roles); i++) {
        const struct field *r = field_at(roles, i);
        if (!is_wanted(in, field_text(r, "role"))) continue;
        table_cell(t, COLOUR_PLAIN, field_text(r, "role"));
        add_people(t, r);
        add_until(t, s, r);
        add_by(t, r);
    }
    if (table_rows(t) > 0) {
        buf_addf(&s->out, "%s ", kind);
        screen_coloured(s, COLOUR_BOLD, field_text(of, "name"));
        buf_addf(&s->out, "%s\n", field_bool(of, "unrouted") ? " (and what matches no service)" : "");
        table_print(t, s, "  ");
        buf_add_char(&s->out, '\n');
    }
    table_destroy(&t);
}

void oncall_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *teams = field_member(answers[0], "teams");
    const size_t before = s->out.len;
    int64_t at;
    for (size_t i = 0; i < field_count(teams); i++) {
        const struct field *team = field_at(teams, i), *services = field_member(team, "services");
        add_roles(in, s, team, "team");
        for (size_t k = 0; k < field_count(services); k++) add_roles(in, s, field_at(services, k), "service");
    }
    if (s->out.len == before) buf_add_str(&s->out, "no team and no service has that role\n");
    if (!field_time(answers[0], "at", &at)) return;
    buf_add_str(&s->out, "on call at ");
    screen_time(s, at);
    buf_add_char(&s->out, '\n');
}

static int add_at(const struct invocation *in, struct buf *path, struct error *e)
{
    const char *text = given_value(in, "at");
    struct screen clock;
    struct buf time = { 0 };
    int64_t at = 0;
    int rc = 0;
    if (text == NULL) return 0;
    screen_open(&clock);
    rc = value_time(text, clock.zone, clock.now_ms, &at, e);
    civil_format_rfc3339(&time, at, 0, false);
    buf_add_str(path, "?at=");
    client_escape(path, buf_slice(&time));
    zone_destroy(&clock.zone);
    buf_release(&time);
    return rc;
}

static int run(struct invocation *in)
{
    struct buf path = { 0 };
    struct error e = { 0 };
    int status;
    buf_add_str(&path, "/api/v1/oncall");
    if (add_at(in, &path, &e) < 0)
        status = command_fail(in, EXIT_USAGE, "%s", e.detail);
    else
        status = view_run(in, (const char *const[]){ buf_str(&path) }, 1, oncall_text);
    buf_release(&path);
    return status;
}

const struct command command_oncall = {
    .name = "oncall",
    .summary = "Show whom each role of each team and service reaches.",
    .parameters = parameters,
    .examples = examples,
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
