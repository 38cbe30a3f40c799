/* why.c - tocsin why: for every page and post its rule, its line, who was on call by which turn, and each attempt (R164). */
#include "cli/commands.h"
#include "cli/view.h"

#include "cli/value.h"

static const struct parameter parameters[] = {
    { .name = "incident", .kind = VALUE_INCIDENT, .required = true, .what = "The incident: INC-42 or 42." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin why INC-42", NULL },
    { NULL, NULL },
};

static void add_slice(struct screen *s, const char *before, struct slice text)
{
    if (text.n == 0) return;
    buf_add_str(&s->out, before);
    screen_text(s, text);
}

/* "    because  …": the label in its column. */
static void begin_line(struct screen *s, const char *label)
{
    buf_addf(&s->out, "    %-10s", label);
}

/* The document's file where the procedures are several, else their title. */
static void add_document(struct screen *s, const struct field *x, struct slice procedures)
{
    add_slice(s, " of ", field_text(x, "file").n > 0 ? field_text(x, "file") : procedures);
}

static void add_head(struct screen *s, const struct field *p)
{
    buf_add_char(&s->out, '\n');
    view_add_clock(s, p, "created_at");
    buf_addf(&s->out, "  %s %lld: ", field_bool(p, "notification") ? "notification" : "page",
             (long long)field_int(p, "page"));
    screen_coloured(s, COLOUR_BOLD, view_person(p, "person"));
    add_slice(s, " as ", field_text(p, "role"));
    buf_add_char(&s->out, '\n');
}

static void add_because(struct screen *s, const struct field *p, struct slice procedures)
{
    const struct field *rule = field_member(p, "rule");
    const int64_t line = field_int(p, "line");
    begin_line(s, "because");
    screen_text(s, field_text(p, "reason"));
    if (rule != NULL) {
        buf_addf(&s->out, ", rule %lld: \"", (long long)field_int(rule, "number"));
        screen_text(s, field_text(rule, "text"));
        buf_add_char(&s->out, '"');
    }
    if (line > 0) {
        buf_addf(&s->out, ", line %lld", (long long)line);
        add_document(s, p, procedures);
    } else if (rule == NULL) {
        buf_add_str(&s->out, ", a default: no line of the document says so");
    }
    buf_add_char(&s->out, '\n');
}

static void add_who(struct screen *s, const struct field *p)
{
    const struct slice schedule = field_text(p, "schedule"), bound_by = field_text(p, "bound_by");
    const bool is_assigned = slice_has_prefix(bound_by, S("assigned"));
    begin_line(s, "who");
    if (schedule.n > 0) {
        add_slice(s, "schedule ", schedule);
        buf_addf(&s->out, ", turn %lld", (long long)field_int(p, "turn"));
    } else if (!is_assigned) {
        buf_add_str(&s->out, "named in the site, without a schedule");
    }
    add_slice(s, is_assigned ? "" : "; the role is bound by the ", bound_by);
    buf_add_char(&s->out, '\n');
}

static void add_end(struct screen *s, const struct field *p)
{
    begin_line(s, "now");
    screen_text(s, field_text(p, "state"));
    if (field_member(p, "ended_at") != NULL) {
        buf_add_str(&s->out, " at ");
        view_add_clock(s, p, "ended_at");
    }
    if (field_member(p, "ended_by") != NULL) add_slice(s, " by ", view_person(p, "ended_by"));
    buf_addf(&s->out, "; it %s\n", field_bool(p, "rings") ? "rings" : "is quiet");
}

static bool is_the_same(const struct field *a, const struct field *b)
{
    return field_int(a, "code") == field_int(b, "code") && slice_eq(field_text(a, "outcome"), field_text(b, "outcome")) &&
           slice_eq(field_text(a, "detail"), field_text(b, "detail"));
}

/* One line for a run of attempts that ended the same. */
static void add_run(struct screen *s, const struct field *first, const struct field *last)
{
    const struct slice outcome = field_text(first, "outcome");
    const int64_t n = field_int(first, "n"), times = field_int(last, "n") - n + 1;
    buf_addf(&s->out, "              %lld. ", (long long)n);
    view_add_clock(s, first, "started_at");
    buf_add_char(&s->out, ' ');
    screen_coloured(s, view_outcome_colour(outcome), outcome);
    const struct slice detail = field_text(first, "detail");
    struct buf code = { 0 };
    buf_add_int(&code, field_int(first, "code"));
    if (field_int(first, "code") != 0 && slice_find(detail, buf_slice(&code)) == detail.n) /* else it says so itself */
        buf_addf(&s->out, " (%s)", buf_str(&code));
    buf_release(&code);
    add_slice(s, ": ", detail);
    if (times > 1) {
        buf_addf(&s->out, "; %lld times, last at ", (long long)times);
        view_add_clock(s, last, "started_at");
    }
    buf_add_char(&s->out, '\n');
}

static void add_attempts(struct screen *s, const struct field *attempts)
{
    const size_t n = field_count(attempts);
    for (size_t k = 0, end; k < n; k = end) {
        const struct field *first = field_at(attempts, k);
        for (end = k + 1; end < n && is_the_same(first, field_at(attempts, end));) end++;
        add_run(s, first, field_at(attempts, end - 1));
    }
}

static void add_deliveries(struct screen *s, const struct field *list)
{
    for (size_t k = 0; k < field_count(list); k++) {
        const struct field *d = field_at(list, k);
        begin_line(s, "by");
        view_add_delivery(s, d);
        buf_add_char(&s->out, '\n');
        add_attempts(s, field_member(d, "attempts"));
    }
    if (field_count(list) == 0) {
        begin_line(s, "by");
        buf_add_str(&s->out, "nothing yet\n");
    }
}

/* Posts, stand-downs and alarms: a delivery without a page. */
static void add_post(struct screen *s, const struct field *d, struct slice procedures)
{
    const struct field *attempts = field_member(d, "attempts");
    const int64_t line = field_int(d, "line");
    buf_add_char(&s->out, '\n');
    view_add_clock(s, field_at(attempts, 0), "started_at");
    buf_add_str(&s->out, "  ");
    screen_text(s, field_text(d, "purpose"));
    if (field_member(d, "person") != NULL) {
        buf_add_str(&s->out, ": ");
        screen_coloured(s, COLOUR_BOLD, view_person(d, "person"));
    }
    buf_add_char(&s->out, '\n');
    begin_line(s, "because");
    if (field_text(d, "note").n > 0) screen_text(s, field_text(d, "note"));
    if (line > 0) {
        buf_addf(&s->out, "%sline %lld", field_text(d, "note").n > 0 ? ", " : "", (long long)line);
        add_document(s, d, procedures);
    } else if (field_text(d, "note").n == 0) {
        buf_add_str(&s->out, "a default: no line of the document says so");
    }
    buf_add_char(&s->out, '\n');
    begin_line(s, "by");
    view_add_delivery(s, d);
    buf_add_char(&s->out, '\n');
    add_attempts(s, attempts);
}

void why_text(struct screen *s, const struct invocation *in, const struct field *const answers[VIEW_PATHS])
{
    const struct field *why = answers[0], *pages = field_member(why, "pages"), *posts = field_member(why, "posts");
    const struct slice procedures = field_text(why, "procedures");
    (void)in;
    view_add_broken(s, why);
    screen_coloured(s, COLOUR_BOLD, field_text(why, "incident"));
    add_slice(s, " ", field_text(why, "severity"));
    add_slice(s, ": ", field_text(why, "title"));
    buf_addf(&s->out, "\nprocedures: bundle %lld", (long long)field_int(why, "bundle"));
    add_slice(s, ", ", procedures);
    add_slice(s, "; opened by the routing rule ", field_text(why, "routing_rule"));
    buf_add_char(&s->out, '\n');
    for (size_t k = 0; k < field_count(pages); k++) {
        const struct field *p = field_at(pages, k);
        add_head(s, p);
        add_because(s, p, procedures);
        add_who(s, p);
        add_deliveries(s, field_member(p, "deliveries"));
        add_end(s, p);
    }
    for (size_t k = 0; k < field_count(posts); k++) add_post(s, field_at(posts, k), procedures);
    if (field_count(pages) == 0) buf_add_str(&s->out, "\nnobody was paged\n");
}

static int run(struct invocation *in)
{
    struct buf path = { 0 };
    int64_t id = 0;
    value_incident(given_value(in, "incident"), &id);
    buf_addf(&path, "/api/v1/incidents/INC-%lld/why", (long long)id);
    const int status = view_run(in, (const char *const[]){ buf_str(&path) }, 1, why_text);
    buf_release(&path);
    return status;
}

const struct command command_why = {
    .name = "why",
    .summary = "Explain every page and post: rule, line, schedule, attempts.",
    .parameters = parameters,
    .examples = examples,
    .flags = NEEDS_SERVER | HAS_FORMAT,
    .run = run,
};
