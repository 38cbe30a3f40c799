/* invariants_silence.c - R152: an incident is held while a silence covers each of its alerts, and no longer; what a
 * silence covers pages nobody; what an alert could not say for a silence it says when none covers it any more.
 * Not here: that a silence ends at all (I12: its timer runs).
 *
 * A silence covers from when it has begun until it is over, both as its rows and timers say: while the clock that
 * people read goes back and forth, the instants alone do not tell. */
#include <inttypes.h>

#include "core/alert.h"
#include "core/incident.h"
#include "engine/invariants_inner.h"

typedef VEC(struct matchers) covers;

static bool has_begun(const struct checking *c, const struct silence *s)
{
    return s->starts_wall <= c->ev->wall || armed(c->w, SUBJECT_SILENCE, s->id, TIMER_SILENCE_START, 0) == 0;
}

static bool will_end(const struct checking *c, const struct silence *s)
{
    return s->ended == 0 && armed(c->w, SUBJECT_SILENCE, s->id, TIMER_SILENCE_END, 0) != 0;
}

static bool holds_now(const struct checking *c, const struct silence *s)
{
    return s->ended == 0 && s->starts_wall <= c->ev->wall && c->ev->wall < s->ends_wall;
}

static void covers_read(struct checking *c, bool at_this_instant, struct arena *a, covers *out)
{
    EACH_ROW(c, ROW_SILENCE, silence, s)
    {
        struct matchers m;
        if (!(at_this_instant ? holds_now(c, s) : has_begun(c, s) && will_end(c, s))) continue;
        if (matchers_parse(a, s_row.text, &m, NULL) == 0)
            *vec_push(out) = m;
        else
            broken(c, "R152", 0, "silence %" PRId64 " cannot be read", s->id);
    }
}

static void covers_release(covers *v)
{
    for (size_t k = 0; k < v->n; k++) matchers_release(&v->v[k]);
    vec_release(v);
}

static bool covered(const covers *v, const struct label *labels, size_t n)
{
    for (size_t k = 0; k < v->n; k++)
        if (matchers_match(&v->v[k], labels, n)) return true;
    return false;
}

/* --- what is held, and what was not said --- */

static size_t labels_read(struct slice text, struct label out[LABELS_MAX])
{
    size_t n = 0;
    while (text.n > 0 && n < LABELS_MAX) {
        out[n].name = slice_cut(&text, '\xff');
        out[n++].value = slice_cut(&text, '\xff');
    }
    return n;
}

static void check_alert(struct checking *c, const struct alert *a, struct slice text, const covers *v)
{
    const struct incident *i = world_incident(c->w, a->incident);
    const struct live_kept *live = world_alert_live(c->w, a->id);
    struct label labels[LABELS_MAX];
    if (!incident_works(i) || live == NULL || live->state == ALERT_RESOLVED) return;
    if (i->held_at == 0 && a->reason_text == 0) return;
    if (covered(v, labels, labels_read(text, labels))) return;
    if (i->held_at != 0) broken(c, "R152", i->id, "held, but no silence covers alert %" PRId64, a->id);
    if (a->reason_text != 0) broken(c, "R152", i->id, "alert %" PRId64 " may speak, and does not", a->id);
}

/* Something of it may have changed: an incident that is held, a silence. */
static bool is_concerned(const struct checking *c)
{
    bool any = sums_are_whole(c);
    for (size_t k = 0; !any && k < c->v->touched.n; k++) {
        const struct incident *i = world_incident(c->w, c->v->touched.v[k]);
        any = i != NULL && i->held_at != 0;
    }
    for (size_t k = 0; !any && k < c->fx->marks.n; k++) any = c->fx->marks.v[k].kind == ROW_SILENCE;
    return any;
}

static void check_alerts(struct checking *c)
{
    struct arena *a = arena_create(0);
    covers v = { 0 };
    covers_read(c, false, a, &v);
    EACH_ROW(c, ROW_ALERT, alert, row) check_alert(c, row, row_row.text, &v);
    covers_release(&v);
    arena_destroy(&a);
}

/* --- what a silence covers pages nobody --- */

/* By what an alert says; a release has a reason of its own, and so has what time brings. */
static bool is_by_alert(const struct page *p)
{
    return p != NULL && (p->reason == PAGE_REASON_FIRST || p->reason == PAGE_REASON_NEW_ALERT ||
                         p->reason == PAGE_REASON_WORSE_ALERT || p->reason == PAGE_REASON_RESUMED);
}

static const struct page *paged_by_alert(const struct checking *c)
{
    for (size_t k = 0; k < c->fx->marks.n; k++) {
        const struct mark *m = &c->fx->marks.v[k];
        const struct page *p = m->kind == ROW_PAGE && m->key[0] > c->v->last_page ? world_page(c->w, m->key[0]) : NULL;
        if (is_by_alert(p)) return p;
    }
    return NULL;
}

static void check_said(struct checking *c)
{
    const struct page *p = paged_by_alert(c);
    bool all = true;
    if (p == NULL) return;
    struct arena *a = arena_create(0);
    covers v = { 0 };
    covers_read(c, true, a, &v);
    for (size_t k = 0; all && k < c->ev->alerts.n; k++)
        all = covered(&v, c->ev->alerts.v[k].labels, c->ev->alerts.v[k].n_labels);
    if (all) broken(c, "R152", p->incident, "a silence covers all that was said, and page %" PRId64 " was made", p->id);
    covers_release(&v);
    arena_destroy(&a);
}

void check_silences(struct checking *c)
{
    if (is_concerned(c)) check_alerts(c);
    if (c->ev->kind == EVENT_ALERTS && !c->v->starting) check_said(c);
}
