/* merge_weaker_due.c - is what is due later, or not owed any more: milestones and their checks, news by severity, duties
 * after the incident, the ends of a runbook's timed phases. */
#include <string.h>

#include "procedures/merge_weaker.h"

static bool is_later(int64_t base_ms, int64_t view_ms)
{
    return base_ms != POLICY_NONE && (view_ms == POLICY_NONE || view_ms > base_ms);
}

/* --- lists of things to do ------------------------------------------------------------------------------------------ */

struct doing { /* a list of things that people do, whatever they are called there */
    const char *v;
    size_t n, size, id, text;
};

static struct slice slice_at(const struct doing *d, size_t i, size_t offset)
{
    struct slice s;
    memcpy(&s, d->v + i * d->size + offset, sizeof s);
    return s;
}

static bool holds(const struct doing *d, struct slice id)
{
    for (size_t i = 0; i < d->n; i++)
        if (slice_eq(slice_at(d, i, d->id), id)) return true;
    return false;
}

/* What of `b` is gone. Other words for as many things are no fewer things: so many new ones are left out. */
static struct slice gone_of(const struct weighing *w, const struct doing *b, const struct doing *v, size_t *n)
{
    struct slice list = { 0 };
    size_t kept = 0;
    *n = 0;
    for (size_t i = 0; i < b->n; i++) {
        const bool there = holds(v, slice_at(b, i, b->id));
        const struct slice text = slice_at(b, i, b->text);
        kept += there;
        if (there) continue;
        list = weigh_text(w, "%.*s%s\"%.*s\"", ARG(list), *n > 0 ? ", " : "", ARG(text));
        ++*n;
    }
    const size_t fresh = v->n > kept ? v->n - kept : 0;
    if (*n <= fresh) return (struct slice){ 0 };
    *n -= fresh;
    return list;
}

#define DOING(list, n, type)                                                                                 \
    (struct doing)                                                                                           \
    {                                                                                                        \
        (const char *)(list), n, sizeof(struct type), offsetof(struct type, id), offsetof(struct type, text) \
    }

/* --- milestones ----------------------------------------------------------------------------------------------------- */

/* The same by id, else the one at the same time under another name. */
static const struct policy_milestone *milestone_for(const struct policy *p, const struct policy_milestone *b)
{
    for (size_t i = 0; i < p->n_milestones; i++)
        if (slice_eq(p->milestones[i].id, b->id)) return &p->milestones[i];
    for (size_t i = 0; i < p->n_milestones; i++)
        if (b->at_ms != POLICY_NONE && p->milestones[i].at_ms == b->at_ms) return &p->milestones[i];
    return NULL;
}

static void weigh_milestone(const struct weighing *w, const struct policy_milestone *b,
                            const struct policy_milestone *v)
{
    const unsigned line = weigh_line(w, SECTION_TIMELINE, v, v->line);
    const struct doing was = DOING(b->checks, b->n_checks, policy_check),
                       is = DOING(v->checks, v->n_checks, policy_check);
    size_t n;
    const struct slice gone = gone_of(w, &was, &is, &n);
    if (is_later(b->at_ms, v->at_ms))
        weigh_tell(w, SECTION_TIMELINE, line,
                   weigh_text(w, "%.*s is due at T+%.*s instead of T+%.*s", ARG(b->name), ARG(weigh_time(w, v->at_ms)),
                              ARG(weigh_time(w, b->at_ms))));
    if (is_later(b->due_ms, v->due_ms))
        weigh_tell(w, SECTION_TIMELINE, line,
                   weigh_text(w, "%.*s ends at T+%.*s instead of T+%.*s", ARG(b->name), ARG(weigh_time(w, v->due_ms)),
                              ARG(weigh_time(w, b->due_ms))));
    if (gone.n > 0)
        weigh_tell(
            w, SECTION_TIMELINE, line,
            weigh_text(w, "%.*s has %zu check%s fewer, of: %.*s", ARG(b->name), n, n == 1 ? "" : "s", ARG(gone)));
}

static void weigh_milestones(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_milestones; i++) {
        const struct policy_milestone *b = &w->base->milestones[i], *v = milestone_for(w->view, b);
        if (v == NULL)
            weigh_tell(w, SECTION_TIMELINE, weigh_line(w, SECTION_TIMELINE, NULL, 0),
                       weigh_text(w, "no milestone %.*s", ARG(b->name)));
        else if (v != b)
            weigh_milestone(w, b, v);
    }
}

/* --- who is told ---------------------------------------------------------------------------------------------------- */

struct owed { /* of one kind, at one level: the strictest sentence */
    bool any;
    int64_t every_ms, within_ms;
    const struct policy_communication *of;
};

static int64_t sooner(int64_t a, int64_t b)
{
    return a == POLICY_NONE ? b : b == POLICY_NONE ? a : a < b ? a : b;
}

/* Sentences of a kind stand for each other whatever they are called; other obligations are known by their ids. */
static bool is_same_owed(const struct policy_communication *a, const struct policy_communication *b)
{
    if (a->kind != b->kind) return false;
    return a->kind != COMMUNICATION_OBLIGATION || slice_eq(a->id, b->id);
}

static struct owed owed_at(const struct policy *p, const struct policy_communication *like, int level)
{
    struct owed o = { .every_ms = POLICY_NONE, .within_ms = POLICY_NONE };
    for (size_t i = 0; i < p->n_communications; i++) {
        const struct policy_communication *c = &p->communications[i];
        if (!is_same_owed(c, like) || !LEVEL_IN(c->severities, level)) continue;
        o.any = true;
        o.of = c;
        o.every_ms = sooner(o.every_ms, c->every_ms);
        o.within_ms =
            sooner(o.within_ms, c->effective_within_ms != POLICY_NONE ? c->effective_within_ms : c->within_ms);
    }
    return o;
}

/* Tells the worst level at which it is less, once. */
static void weigh_communication(const struct weighing *w, const struct policy_communication *b)
{
    for (int level = 1; level <= policy_levels(w->base); level++) {
        const struct owed was = owed_at(w->base, b, level), is = owed_at(w->view, b, level);
        const struct slice label = policy_level_label(w->base, level);
        struct slice what = { 0 };
        if (was.any && !is.any)
            what = weigh_text(w, "%.*s is not owed any more (%.*s)", ARG(b->name), ARG(label));
        else if (was.any && is_later(was.every_ms, is.every_ms))
            what = weigh_text(w, "%.*s comes every %.*s instead of every %.*s (%.*s)", ARG(b->name),
                              ARG(weigh_time(w, is.every_ms)), ARG(weigh_time(w, was.every_ms)), ARG(label));
        else if (was.any && is_later(was.within_ms, is.within_ms))
            what = weigh_text(w, "%.*s is due within %.*s instead of %.*s (%.*s)", ARG(b->name),
                              ARG(weigh_time(w, is.within_ms)), ARG(weigh_time(w, was.within_ms)), ARG(label));
        if (what.n == 0) continue;
        weigh_tell(w, SECTION_COMMUNICATION,
                   weigh_line(w, SECTION_COMMUNICATION, is.of, is.of != NULL ? is.of->line : 0), what);
        return;
    }
}

static void weigh_communications(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->n_communications; i++) {
        const struct policy_communication *b = &w->base->communications[i];
        bool weighed = false;
        for (size_t k = 0; k < i; k++) weighed = weighed || is_same_owed(&w->base->communications[k], b);
        if (!weighed) weigh_communication(w, b);
    }
}

/* --- afterwards ----------------------------------------------------------------------------------------------------- */

static void weigh_windows(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->book.n_windows; i++) {
        const struct policy_window *b = &w->base->book.windows[i], *v = NULL;
        size_t n = 0;
        for (size_t k = 0; k < w->view->book.n_windows && v == NULL; k++)
            if (slice_eq(w->view->book.windows[k].id, b->id)) v = &w->view->book.windows[k];
        const unsigned line = weigh_line(w, SECTION_POST_INCIDENT, v, v != NULL ? v->line : 0);
        if (v == NULL) {
            weigh_tell(w, SECTION_POST_INCIDENT, line, weigh_text(w, "no window %.*s", ARG(b->name)));
            continue;
        }
        const struct doing was = DOING(b->actions, b->n_actions, policy_step),
                           is = DOING(v->actions, v->n_actions, policy_step);
        const struct slice gone = gone_of(w, &was, &is, &n);
        if (v->to_ms > b->to_ms)
            weigh_tell(w, SECTION_POST_INCIDENT, line,
                       weigh_text(w, "%.*s is due %.*s after the resolution instead of %.*s", ARG(b->name),
                                  ARG(weigh_time(w, v->to_ms)), ARG(weigh_time(w, b->to_ms))));
        if (gone.n > 0)
            weigh_tell(
                w, SECTION_POST_INCIDENT, line,
                weigh_text(w, "%.*s has %zu task%s fewer, of: %.*s", ARG(b->name), n, n == 1 ? "" : "s", ARG(gone)));
    }
}

/* --- runbooks ------------------------------------------------------------------------------------------------------- */

static const struct policy_trigger *trigger_for(const struct policy_trigger *v, size_t n,
                                                const struct policy_trigger *b)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(v[i].id, b->id)) return &v[i];
    for (size_t i = 0; i < n; i++) /* the same fact at another time */
        if (v[i].kind == b->kind && b->fact.n > 0 && slice_eq(v[i].fact, b->fact)) return &v[i];
    return NULL;
}

static void weigh_triggers(const struct weighing *w, enum section_role role, unsigned line, struct slice of,
                           const struct policy_trigger *b, size_t n_b, const struct policy_trigger *v, size_t n_v)
{
    size_t gone = 0;
    for (size_t i = 0; i < n_b; i++) {
        const struct policy_trigger *now = trigger_for(v, n_v, &b[i]);
        gone += now == NULL;
        if (now != NULL && b[i].after_ms != POLICY_NONE && is_later(b[i].after_ms, now->after_ms))
            weigh_tell(w, role, line,
                       weigh_text(w, "%.*s escalates after %.*s instead of %.*s (\"%.*s\")", ARG(of),
                                  ARG(weigh_time(w, now->after_ms)), ARG(weigh_time(w, b[i].after_ms)),
                                  ARG(b[i].text)));
    }
    if (n_b > n_v && gone > 0)
        weigh_tell(
            w, role, line,
            weigh_text(w, "%.*s has %zu escalation trigger%s instead of %zu", ARG(of), n_v, n_v == 1 ? "" : "s", n_b));
}

/* The last instant at which one of the steps is due: the end of its timed phases. 0: none is timed. */
static int64_t end_of(const struct policy_scenario *s)
{
    const struct policy_steps *const parts[] = { &s->immediate, &s->mitigation, &s->verification };
    int64_t end = 0;
    for (size_t n = 0; n < COUNT_OF(parts); n++)
        for (size_t i = 0; i < parts[n]->n; i++)
            if (parts[n]->v[i].due_ms > end) end = parts[n]->v[i].due_ms;
    return end;
}

static void weigh_scenarios(const struct weighing *w)
{
    for (size_t i = 0; i < w->base->book.n_scenarios; i++) {
        const struct policy_scenario *b = &w->base->book.scenarios[i], *v = NULL;
        for (size_t k = 0; k < w->view->book.n_scenarios && v == NULL; k++)
            if (slice_eq(w->view->book.scenarios[k].id, b->id)) v = &w->view->book.scenarios[k];
        const unsigned line = weigh_line(w, SECTION_SCENARIOS, v, v != NULL ? v->line : 0);
        if (v == NULL) {
            weigh_tell(w, SECTION_SCENARIOS, line, weigh_text(w, "no runbook %.*s", ARG(b->name)));
            continue;
        }
        const int64_t was = end_of(b), is = end_of(v);
        if (was > 0 && (is == 0 || is > was))
            weigh_tell(w, SECTION_SCENARIOS, line,
                       weigh_text(w, "the last phase of %.*s ends at T+%.*s instead of T+%.*s", ARG(b->name),
                                  ARG(weigh_time(w, is == 0 ? POLICY_NONE : is)), ARG(weigh_time(w, was))));
        if (v != b)
            weigh_triggers(w, SECTION_SCENARIOS, line, b->name, b->triggers, b->n_triggers, v->triggers, v->n_triggers);
    }
    const struct policy_book *b = &w->base->book, *v = &w->view->book;
    weigh_triggers(w, SECTION_TRIGGERS, weigh_line(w, SECTION_TRIGGERS, NULL, 0), S("an incident"), b->triggers,
                   b->n_triggers, v->triggers, v->n_triggers);
}

void weigh_due(const struct weighing *w)
{
    weigh_milestones(w);
    weigh_communications(w);
    weigh_windows(w);
    weigh_scenarios(w);
}
