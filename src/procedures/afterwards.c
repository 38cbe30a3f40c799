/* afterwards.c - what is due after an incident: windows on clock R, counted from the resolution (A11), and their tasks.
 * Not here: the milestones of the incident itself (timeline.c). */
#include "core/policy.h"
#include "procedures/book.h"
#include "procedures/communication.h"
#include "procedures/rows.h"

struct window_reader {
    struct compiler *c;
    bool open;
    struct policy_window now;
    struct step_list list;
};

static void window_close(struct window_reader *r)
{
    if (!r->open) return;
    steps_end(r->c, &r->list, r->now.id);
    r->now.actions = steps_keep(r->c, &r->list, &r->now.n_actions);
    r->open = false;
    if (r->now.n_actions > 0 || r->now.to_ms != POLICY_NONE) *vec_push(&r->c->book.windows) = r->now;
}

/* "T+1", "T+24 hours": the unit may be missing. */
static bool scan_t_plus(struct slice *s, int64_t *number, struct duration *unit)
{
    struct slice rest = *s;
    scan_blanks(&rest);
    if (!slice_cut_prefix_nocase(&rest, S("t+")) && !slice_cut_prefix_nocase(&rest, S("r+"))) return false;
    if (!scan_number(&rest, number)) return false;
    if (!scan_unit(&rest, unit)) unit->ms = 0;
    *s = rest;
    return true;
}

/* "(T+1 to T+24 hours)": a missing first unit is the second's. */
static bool clock_t_range(struct slice in, int64_t *from_ms, int64_t *to_ms)
{
    int64_t a, b;
    struct duration first, second;
    if (!scan_t_plus(&in, &a, &first)) return false;
    if (!scan_word(&in, S("to")) && !scan_separator(&in)) return false;
    if (!scan_t_plus(&in, &b, &second) || !scan_end(in)) return false;
    if (second.ms == 0) second.ms = HOUR;
    if (first.ms == 0) first = second;
    *from_ms = a * first.ms / 1000;
    *to_ms = b * second.ms / 1000;
    return true;
}

/* "Within 24 hours", "Within 24 hours of resolution". */
static bool clock_within(struct slice s, int64_t *from_ms, int64_t *to_ms)
{
    struct duration d;
    if (!scan_word(&s, S("within")) || !scan_duration(&s, &d)) return false;
    scan_phrase(&s, S("of resolution"));
    if (!scan_end(s)) return false;
    *from_ms = 0;
    *to_ms = d.ms;
    return true;
}

static bool window_clock(struct slice heading, int64_t *from_ms, int64_t *to_ms, struct slice *name)
{
    size_t open = heading.n;
    *from_ms = *to_ms = POLICY_NONE;
    *name = heading;
    if (clock_within(heading, from_ms, to_ms)) return true;
    if (!slice_has_suffix(heading, S(")"))) return false;
    while (open > 0 && heading.p[open - 1] != '(') open--;
    if (open == 0) return false;
    struct slice inside = { heading.p + open, heading.n - open - 1 }, other;
    *name = slice_trim(slice_upto(heading, open - 1));
    if (clock_t_range(inside, from_ms, to_ms) || clock_within(inside, from_ms, to_ms)) return true;
    return heading_clock(heading, from_ms, to_ms, &other);
}

/* The heading's own words with its time in a form that reads. */
static struct slice window_offer(struct compiler *c, struct slice text)
{
    struct duration d;
    size_t at, end = slice_find_char(text, '(');
    if (!find_duration(text, &d, &at)) return S("### Short-term Actions (R+1 to R+24 hours)");
    struct slice name = slice_trim(text_cut(slice_upto(text, end < at ? end : at), 80)), due = duration_text(c, d.ms);
    if (name.n == 0) name = S("Short-term Actions");
    return text_make(c, "### %.*s (R+0 to R+%.*s)", (int)name.n, name.p, (int)due.n, due.p);
}

static void window_begin(struct window_reader *r, const struct node *n, struct slice text)
{
    int64_t from, to;
    struct slice name;
    struct duration d;
    size_t at;
    window_close(r);
    bool clock = window_clock(text, &from, &to, &name);
    if (!clock && (has_figure(text, &at) || slice_find_nocase(text, S("T+")) < text.n)) {
        diagnose(r->c, (struct at){ n, { 0 } }, "E-WINDOW", window_offer(r->c, text),
                 "expected a window after the resolution: NAME (T+N to T+N UNIT), or Within DURATION");
        return;
    }
    if (to != POLICY_NONE && from > to)
        diagnose(r->c, (struct at){ n, { 0 } }, "E-WINDOW", window_offer(r->c, text),
                 "this window ends before it begins");
    r->open = true;
    r->now = (struct policy_window){ .name = heading_bare(name), .line = n->line, .from_ms = from, .to_ms = to };
    r->now.id = id_make(r->c, "window", n, (struct slice){ 0 }, name);
    steps_begin(&r->list);
    if (to == POLICY_NONE) return;
    mark(r->c, n, CLASS_COMPILED);
    if (find_duration(text, &d, &at)) communication_business(r->c, n, d);
    if (slice_find_nocase(text, S("T+")) < text.n)
        interpret(r->c, n->line, "A11", "here T counts from the resolution: clock R",
                  "from the first page, as in the timeline", "Short-term Actions (R+1 to R+24 hours)");
}

/* A13: an analysis that the timeline begins and this list begins again is one task. */
static void interpret_analysis(struct window_reader *r, const struct node *n)
{
    if (find_phrase(n->text, S("root cause analysis")) == n->text.n) return;
    struct slice rest = n->text;
    if (scan_word(&rest, S("begin")) || scan_word(&rest, S("start")))
        interpret(r->c, n->line, "A13", "one analysis with the timeline's, due at the earlier of both", "two analyses",
                  "name the two differently");
}

/* "… within 2 weeks", "… within 24 hours of resolution": the task has a clock of its own. */
static void task_clock(struct window_reader *r, const struct node *n)
{
    size_t at = find_phrase(n->text, S("within"));
    int64_t from, to;
    size_t clock;
    struct duration d;
    if (r->list.steps.n == 0 || r->list.steps.v[r->list.steps.n - 1].line != n->line || !has_clock(n->text, &clock))
        return;
    if (at < n->text.n && clock_within(slice_from(n->text, at), &from, &to)) {
        r->list.steps.v[r->list.steps.n - 1].due_ms = to;
        if (find_duration(n->text, &d, &clock)) communication_business(r->c, n, d);
    } else
        warn_clock_lost(r->c, n, "a task that is due when its window ends", S("- Hold the review within 2 weeks"));
}

/* A row of tasks: a cell that is a time says when it is due, the others are its details. */
static void task_row(struct window_reader *r, const struct node *n)
{
    struct row row;
    if (!row_open(r->c, n, &row)) return;
    step_add(r->c, &r->list, n, r->now.id, row.cells[row.text]);
    mark(r->c, n, CLASS_COMPILED);
    for (size_t i = 0; i < row.n; i++) {
        int64_t from, to;
        struct duration d;
        struct slice cell = row.cells[i];
        struct node at = *n;
        at.text = cell;
        bool due = clock_within(cell, &from, &to);
        if (!due && i != row.text && scan_duration(&cell, &d) && scan_end(cell)) {
            due = true;
            to = d.ms;
        }
        if (due && i != row.text)
            r->list.steps.v[r->list.steps.n - 1].due_ms = to;
        else if (i == row.text)
            task_clock(r, &at);
        else
            warn_clock_lost(r->c, &at, "a detail of the task", S("a cell such as: Within 24 hours"));
        step_detail(&r->list, row_detail(r->c, &row, i));
    }
}

void compile_post_incident(struct compiler *c, const struct section *s)
{
    struct window_reader r = { .c = c };
    window_begin(&r, &c->doc.v[s->heading], s->name);
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        bool label = n->kind == NODE_TEXT && n->labelled && n->label.n > 0;
        if (n->kind == NODE_HEADING || (label && n->rest.n == 0)) {
            window_begin(&r, n, n->kind == NODE_HEADING ? n->text : n->label);
        } else if (r.open && n->kind == NODE_ROW) {
            task_row(&r, n);
        } else if (r.open && (n->kind == NODE_ITEM || n->kind == NODE_FENCE)) {
            steps_take(c, &r.list, n, r.now.id);
            if (n->kind != NODE_ITEM) continue;
            interpret_analysis(&r, n);
            task_clock(&r, n);
        }
    }
    window_close(&r);
    steps_release(&r.list);
}
