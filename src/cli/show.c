/* show.c - tocsin show: one incident as people need it at three in the morning.
 * Not here: why somebody was paged (why.c). */
#include "cli/commands.h"
#include "cli/view.h"

#include "base/check.h"
#include "cli/value.h"

static const struct parameter parameters[] = {
    { .name = "incident", .kind = VALUE_INCIDENT, .required = true, .what = "The incident: INC-42 or 42." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin show INC-42", NULL },
    { NULL, NULL },
};

/* --- the header --- */

static void add_line(struct screen *s, const char *label, struct slice text)
{
    if (text.n == 0) return;
    buf_addf(&s->out, "  %-12s", label);
    screen_text(s, text);
    buf_add_char(&s->out, '\n');
}

/* "label   2026-01-05 04:00:12 CET by Ada Byron"; nothing when it did not happen. */
static void add_fact(struct screen *s, const struct field *i, const char *label, const char *at, const char *by)
{
    int64_t when;
    if (!field_time(i, at, &when)) return;
    buf_addf(&s->out, "  %-12s", label);
    screen_time(s, when);
    if (by != NULL && field_member(i, by) != NULL) {
        buf_add_str(&s->out, " by ");
        screen_text(s, view_person(i, by));
    }
    buf_add_char(&s->out, '\n');
}

static void add_title(struct screen *s, const struct field *i)
{
    screen_coloured(s, COLOUR_BOLD, field_text(i, "id"));
    buf_add_char(&s->out, ' ');
    screen_coloured(s, view_severity_colour(i), field_text(i, "severity"));
    buf_add_char(&s->out, ' ');
    screen_coloured(s, field_bool(i, "exhausted") ? COLOUR_RED : COLOUR_PLAIN, field_text(i, "word"));
    buf_add_str(&s->out, ": ");
    screen_text(s, field_text(i, "title"));
    buf_add_char(&s->out, '\n');
}

static const struct {
    const char *label, *at, *by;
} facts[] = {
    { "detected", "detected_at", NULL },
    { "opened", "opened_at", NULL },
    { "first page", "clock_at", NULL },
    { "taken", "acknowledged_at", "acknowledged_by" },
    { "confirmed", "confirmed_at", "confirmed_by" },
    { "declared", "declared_at", "declared_by" },
    { "mitigated", "mitigated_at", NULL },
    { "resolved", "resolved_at", "resolved_by" },
    { "closed", "closed_at", NULL },
    { "snoozed to", "snoozed_until", "snoozed_by" },
};

static const struct {
    const char *member;
    struct slice sentence;
} states[] = {
    { "held", { "a silence holds its pages", 25 } },
    { "recovered", { "all its alerts are reported resolved", 36 } },
    { "exhausted", { "nobody is left to page", 22 } },
};

static void add_header(struct screen *s, const struct field *i)
{
    const struct slice service = field_text(i, "service");
    add_title(s, i);
    add_line(s, "service", service.n > 0 ? service : S("none matched: unrouted"));
    add_line(s, "team", field_text(i, "team"));
    add_line(s, "category", field_text(i, "category"));
    if (!slice_eq(field_text(i, "impact"), field_text(i, "title"))) add_line(s, "impact", field_text(i, "impact"));
    add_line(s, "cause", field_text(i, "cause"));
    add_line(s, "what helps", field_text(i, "mitigation"));
    for (size_t k = 0; k < COUNT_OF(facts); k++) add_fact(s, i, facts[k].label, facts[k].at, facts[k].by);
    add_line(s, "reason", field_text(i, "reason"));
    add_line(s, "part of", field_text(i, "merged_into"));
    add_line(s, "follows", field_text(i, "follows"));
    for (size_t k = 0; k < COUNT_OF(states); k++)
        if (field_bool(i, states[k].member)) add_line(s, "now", states[k].sentence);
}

/* --- lists below it --- */

static void add_heading(struct screen *s, const char *text)
{
    buf_add_char(&s->out, '\n');
    screen_coloured(s, COLOUR_BOLD, slice_of(text));
    buf_add_char(&s->out, '\n');
}

static void add_roles(struct screen *s, const struct field *i)
{
    const struct field *roles = field_member(i, "roles");
    static const char *const heads[] = { "ROLE", "WHO", "SINCE", "BY" };
    struct table *t = table_create(heads, COUNT_OF(heads));
    for (size_t k = 0; k < field_count(roles); k++) {
        const struct field *r = field_at(roles, k);
        table_cell(t, COLOUR_PLAIN, field_text(r, "role"));
        table_cell(t, COLOUR_PLAIN, view_person(r, "person"));
        view_cell_clock(t, s, r, "since");
        table_cell(t, COLOUR_PLAIN,
                   field_member(r, "by") != NULL       ? view_person(r, "by")
                   : field_member(r, "person") != NULL ? S("paging")
                                                       : S(""));
    }
    if (table_rows(t) > 0) add_heading(s, "Roles");
    if (table_rows(t) > 0) table_print(t, s, "  ");
    table_destroy(&t);
}

/* "Paging reached nobody: dial by hand", whom, by which number (R28). */
static void add_dial(struct screen *s, const struct field *i)
{
    const struct field *people = field_member(i, "dial_by_hand");
    static const char *const heads[] = { "WHO", "ROLE", "NUMBER" };
    struct table *t = table_create(heads, COUNT_OF(heads));
    for (size_t k = 0; k < field_count(people); k++) {
        table_cell(t, COLOUR_PLAIN, field_text(field_at(people, k), "name"));
        table_cell(t, COLOUR_PLAIN, field_text(field_at(people, k), "role"));
        table_cell(t, COLOUR_RED, field_text(field_at(people, k), "phone"));
    }
    if (table_rows(t) > 0) {
        struct buf heading = { 0 };
        buf_add(&heading, field_text(i, "dial_because"));
        buf_add_str(&heading, ": dial by hand");
        add_heading(s, buf_str(&heading));
        buf_release(&heading);
        table_print(t, s, "  ");
    }
    table_destroy(&t);
}

static void add_alerts(struct screen *s, const struct field *i)
{
    const struct field *alerts = field_member(i, "alert_list");
    static const char *const heads[] = { "ALERT", "STATE", "SINCE", "FROM", "SUMMARY" };
    struct table *t = table_create(heads, COUNT_OF(heads));
    for (size_t k = 0; k < field_count(alerts); k++) {
        const struct field *a = field_at(alerts, k);
        const struct slice state = field_text(a, "state");
        table_cell(t, COLOUR_PLAIN, field_text(a, "name"));
        table_cell(t, slice_eq(state, S("firing")) ? COLOUR_RED : COLOUR_PLAIN, state);
        view_cell_clock(t, s, a, "starts_at");
        table_cell(t, COLOUR_PLAIN, field_text(a, "sender"));
        table_cell(t, COLOUR_PLAIN, field_text(a, "summary"));
    }
    if (table_rows(t) > 0) add_heading(s, "Alerts");
    if (table_rows(t) > 0) table_print(t, s, "  ");
    table_destroy(&t);
}

/* "04:00:12 Ada Byron as primary: first page, acknowledged" and its deliveries, a line each. */
static void add_page(struct screen *s, const struct field *p)
{
    const struct field *deliveries = field_member(p, "deliveries");
    const struct slice state = field_text(p, "state"), role = field_text(p, "role");
    buf_add_str(&s->out, "  ");
    view_add_clock(s, p, "created_at");
    buf_add_str(&s->out, "  ");
    screen_text(s, view_person(p, "person"));
    if (role.n > 0) buf_addf(&s->out, " as %.*s", (int)role.n, role.p);
    buf_addf(&s->out, "%s: ", field_bool(p, "notification") ? " (notification)" : "");
    screen_text(s, field_text(p, "reason"));
    buf_add_str(&s->out, "; ");
    screen_coloured(s,
                    slice_eq(state, S("failed")) ? COLOUR_RED
                    : slice_eq(state, S("open")) ? COLOUR_YELLOW
                                                 : COLOUR_GREEN,
                    state);
    buf_add_char(&s->out, '\n');
    for (size_t k = 0; k < field_count(deliveries); k++) {
        buf_add_str(&s->out, "      ");
        view_add_delivery(s, field_at(deliveries, k));
        buf_add_char(&s->out, '\n');
    }
}

static void add_pages(struct screen *s, const struct field *why)
{
    const struct field *pages = field_member(why, "pages");
    if (field_count(pages) > 0) add_heading(s, "Pages");
    for (size_t k = 0; k < field_count(pages); k++) add_page(s, field_at(pages, k));
}

/* "T+5 min Acknowledgment"; without a clock in the document the name alone. */
static void add_milestone(struct screen *s, const struct field *c)
{
    const int64_t minutes = field_int(c, "at_ms") / 60000;
    buf_add_str(&s->out, "  ");
    if (field_member(c, "at_ms") == NULL) {
    } else if (minutes >= 60 && minutes % 60 == 0)
        buf_addf(&s->out, "T+%lld h ", (long long)(minutes / 60));
    else if (minutes > 0)
        buf_addf(&s->out, "T+%lld min ", (long long)minutes);
    else
        buf_add_str(&s->out, "T+0 ");
    screen_coloured(s, COLOUR_FAINT, field_text(c, "name"));
    buf_add_char(&s->out, '\n');
}

static enum colour check_colour(struct slice state)
{
    if (slice_eq(state, S("late"))) return COLOUR_RED;
    if (slice_eq(state, S("done late"))) return COLOUR_YELLOW;
    return slice_eq(state, S("done")) ? COLOUR_GREEN : COLOUR_FAINT;
}

/* "[x] 2.3 Severity determined, 04:03:12 by Ada Byron"; late ones say so. The number is tocsin tick's. */
static void add_check(struct screen *s, const struct field *c)
{
    const struct slice state = field_text(c, "state"), reason = field_text(c, "reason");
    const bool is_done = field_member(c, "done_at") != NULL, is_void = slice_eq(state, S("not applicable"));
    buf_addf(&s->out, "    [%c] %lld.%lld ",
             is_done   ? 'x'
             : is_void ? '-'
                       : ' ',
             (long long)field_int(c, "milestone") + 1, (long long)field_int(c, "check") + 1);
    screen_text(s, field_text(c, "text"));
    if (!slice_eq(state, S("pending")) && !slice_eq(state, S("done"))) {
        buf_add_str(&s->out, ": ");
        screen_coloured(s, check_colour(state), state);
    }
    if (is_done) {
        buf_add_str(&s->out, ", ");
        view_add_clock(s, c, "done_at");
    }
    if (field_member(c, "by") != NULL) buf_add_str(&s->out, " by ");
    if (field_member(c, "by") != NULL) screen_text(s, view_person(c, "by"));
    if (reason.n > 0) buf_add_str(&s->out, ", ");
    screen_text(s, reason);
    buf_add_char(&s->out, '\n');
}

static void add_checks(struct screen *s, const struct field *i)
{
    const struct field *checks = field_member(i, "checks");
    int64_t milestone = -1;
    if (field_count(checks) > 0) add_heading(s, "Response timeline");
    for (size_t k = 0; k < field_count(checks); k++) {
        const struct field *c = field_at(checks, k);
        if (field_int(c, "milestone") != milestone) add_milestone(s, c);
        milestone = field_int(c, "milestone");
        add_check(s, c);
    }
}

static void add_entries(struct table *t, const struct screen *s, const struct field *entries)
{
    for (size_t k = 0; k < field_count(entries); k++) {
        const struct field *e = field_at(entries, k);
        const struct slice kind = field_text(e, "kind");
        struct buf number = { 0 };
        buf_add_int(&number, field_int(e, "seq"));
        table_cell(t, COLOUR_PLAIN, buf_slice(&number));
        buf_release(&number);
        view_cell_clock(t, s, e, "at");
        table_cell(t, view_entry_colour(kind), kind);
        table_cell(t, COLOUR_PLAIN, field_member(e, "actor") != NULL ? view_person(e, "actor") : S(""));
        const struct slice text = field_text(e, "text");
        table_cell(t, text.n > 0 ? COLOUR_PLAIN : COLOUR_FAINT, text.n > 0 ? text : S("[taken out]"));
    }
}

/* The server gives 1,000 entries at a time: the page behind `before`; NULL at the end, or when it cannot be asked. */
static struct fields *next_page(const struct invocation *in, const struct field *before)
{
    struct answer a = { 0 };
    struct buf path = { 0 };
    struct error e = { 0 };
    struct fields *page = NULL;
    const struct slice incident = field_text(before, "incident");
    int status;
    if (field_member(before, "after") == NULL) return NULL;
    buf_addf(&path, "/api/v1/incidents/%.*s/timeline?after=%lld", (int)incident.n, incident.p,
             (long long)field_int(before, "after"));
    if (client_ask(in, "GET", buf_str(&path), (struct slice){ 0 }, &a, &status))
        page = fields_read(buf_slice(&a.body), &e);
    answer_release(&a);
    buf_release(&path);
    return page;
}

static void add_timeline(struct screen *s, const struct invocation *in, const struct field *timeline)
{
    static const char *const heads[] = { "NO", "TIME", "KIND", "WHO", "WHAT" };
    struct table *t = table_create(heads, COUNT_OF(heads));
    bool more = field_member(timeline, "after") != NULL;
    add_entries(t, s, field_member(timeline, "entries"));
    for (struct fields *page = next_page(in, timeline); page != NULL;) {
        struct fields *next = next_page(in, fields_top(page));
        add_entries(t, s, field_member(fields_top(page), "entries"));
        more = field_member(fields_top(page), "after") != NULL;
        fields_free(&page);
        page = next;
    }
    add_heading(s, "Timeline");
    if (table_rows(t) > 0)
        table_print(t, s, "  ");
    else
        buf_add_str(&s->out, "  nothing yet\n");
    if (more) screen_coloured(s, COLOUR_RED, S("  later entries could not be read\n"));
    table_destroy(&t);
}

void show_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    view_add_broken(s, answers[1]);
    add_header(s, answers[0]);
    add_dial(s, answers[0]);
    add_roles(s, answers[0]);
    add_alerts(s, answers[0]);
    add_pages(s, answers[1]);
    add_checks(s, answers[0]);
    add_timeline(s, in, answers[2]);
    buf_add_char(&s->out, '\n');
    view_add_zone(s);
    buf_add_str(&s->out, "; tocsin why tells by which rule each page left\n");
}

static int run(struct invocation *in)
{
    static const char *const views[VIEW_PATHS] = { "", "/why", "/timeline" };
    const char *paths[VIEW_PATHS];
    struct buf text[VIEW_PATHS] = { 0 };
    int64_t id = 0;
    int status;
    value_incident(given_value(in, "incident"), &id);
    for (size_t i = 0; i < VIEW_PATHS; i++) {
        buf_addf(&text[i], "/api/v1/incidents/INC-%lld%s", (long long)id, views[i]);
        paths[i] = buf_str(&text[i]);
    }
    status = view_run(in, paths, in->json ? 1 : VIEW_PATHS, show_text);
    for (size_t i = 0; i < VIEW_PATHS; i++) buf_release(&text[i]);
    return status;
}

const struct command command_show = {
    .name = "show",
    .summary = "Show one incident: who, since when, pages, alerts, timeline.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "A question mark behind the severity: provisional, nobody confirmed it yet. With --format json the incident alone.",
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
