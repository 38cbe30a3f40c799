/* state_timer.c - durable timers: one due time a key, the earlier wins; and the heap that knows which is next. */
#include "core/state_parts.h"

static struct ikey timer_ikey(enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    return row_key(ROW_TIMER, (int64_t[]){ subject, on, kind, rule });
}

/* At one instant timers run by kind, then subject, then rule: never by the accident of when they were armed. */
static int64_t tie_of(const struct timer *t)
{
    return (t->kind << 56) | ((t->subject & ((INT64_C(1) << 36) - 1)) << 20) | (t->rule & ((1 << 20) - 1));
}

/* --- what is armed for a subject: most of what is looked for is not --- */

/* Kinds with a timer a rule: how many of them are armed. */
static bool is_counted(const struct timer *t)
{
    return t->on == SUBJECT_INCIDENT &&
           (t->kind == TIMER_NO_RESPONSE || t->kind == TIMER_NO_RESOLUTION || t->kind == TIMER_MILESTONE);
}

static int64_t kinds_armed(const struct world *w, enum subject_kind on, int64_t subject)
{
    int64_t kinds = 0;
    imap_get(w->timers_armed, (struct ikey){ subject, on }, &kinds);
    return kinds;
}

static bool is_armed(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind)
{
    return (kinds_armed(w, on, subject) >> kind & 1) != 0;
}

static void kinds_put(struct world *w, const struct timer *t, int64_t kinds)
{
    const struct ikey k = { t->subject, t->on };
    if (kinds != 0)
        imap_put(w->timers_armed, k, kinds);
    else
        imap_remove(w->timers_armed, k);
}

static void armed_note(struct world *w, const struct timer *t)
{
    if (is_counted(t)) imap_add(w->timer_counts, (struct ikey){ t->subject, t->kind }, 1);
    kinds_put(w, t, kinds_armed(w, (enum subject_kind)t->on, t->subject) | INT64_C(1) << t->kind);
}

static void armed_forget(struct world *w, const struct timer *t)
{
    const struct ikey k = { t->subject, t->kind };
    if (is_counted(t) && imap_add(w->timer_counts, k, -1) > 0) return;
    if (is_counted(t)) imap_remove(w->timer_counts, k);
    kinds_put(w, t, kinds_armed(w, (enum subject_kind)t->on, t->subject) & ~(INT64_C(1) << t->kind));
}

/* --- the heap --- */

static size_t *place_of(struct timer *t)
{
    return &((struct timer_kept *)t)->place;
}

static bool runs_before(const struct timer_node *a, const struct timer_node *b)
{
    if (a->due != b->due) return a->due < b->due;
    return a->tie != b->tie ? a->tie < b->tie : a->t->on < b->t->on;
}

static void put(struct world *w, size_t i, struct timer_node n)
{
    w->timers.v[i] = n;
    *place_of(n.t) = i + 1;
}

static void sift_up(struct world *w, size_t i)
{
    const struct timer_node n = w->timers.v[i];
    for (; i > 0 && runs_before(&n, &w->timers.v[(i - 1) / 2]); i = (i - 1) / 2) put(w, i, w->timers.v[(i - 1) / 2]);
    put(w, i, n);
}

static void sift_down(struct world *w, size_t i)
{
    const struct timer_node n = w->timers.v[i];
    for (size_t child; (child = 2 * i + 1) < w->timers.n; i = child) {
        if (child + 1 < w->timers.n && runs_before(&w->timers.v[child + 1], &w->timers.v[child])) child++;
        if (!runs_before(&w->timers.v[child], &n)) break;
        put(w, i, w->timers.v[child]);
    }
    put(w, i, n);
}

static void heap_remove(struct world *w, struct timer *t)
{
    const size_t i = *place_of(t) - 1;
    const struct timer_node last = w->timers.v[--w->timers.n];
    CHECK(i <= w->timers.n);
    *place_of(t) = 0;
    if (i == w->timers.n) return;
    put(w, i, last);
    sift_up(w, i);
    sift_down(w, *place_of(last.t) - 1);
}

void timer_track(struct world *w, struct timer *t)
{
    if (*place_of(t) != 0)
        heap_remove(w, t);
    else
        armed_note(w, t);
    *vec_push(&w->timers) = (struct timer_node){ t->due_at, tie_of(t), t };
    sift_up(w, w->timers.n - 1);
}

static bool arm(struct world *w, const int64_t key[4], int64_t due_at, int64_t due_wall)
{
    struct ikey k = row_key(ROW_TIMER, key);
    struct timer *t = state_get(w, ROW_TIMER, k);
    if (t != NULL && t->due_at <= due_at) return false; /* to postpone: cancel, then arm */
    if (t == NULL) t = state_add(w, ROW_TIMER, key);
    t = state_edit(w, ROW_TIMER, k);
    t->due_at = due_at;
    t->due_wall = due_wall;
    timer_track(w, t);
    return true;
}

bool timer_arm(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule,
               int64_t due_at)
{
    return arm(w, (int64_t[]){ subject, on, kind, rule }, due_at, 0);
}

bool timer_arm_wall(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule,
                    int64_t due_wall)
{
    return arm(w, (int64_t[]){ subject, on, kind, rule }, w->ev->at + (due_wall - w->ev->wall), due_wall);
}

static void timer_drop(struct world *w, struct timer *t)
{
    CHECK(*place_of(t) != 0);
    armed_forget(w, t);
    heap_remove(w, t);
    state_delete(w, ROW_TIMER, row_key(ROW_TIMER, &t->subject));
}

static struct timer *timer_find(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind,
                                int64_t rule)
{
    return is_armed(w, on, subject, kind) ? state_get(w, ROW_TIMER, timer_ikey(on, subject, kind, rule)) : NULL;
}

bool timer_cancel(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    struct timer *t = timer_find(w, on, subject, kind, rule);
    if (t == NULL) return false;
    timer_drop(w, t);
    return true;
}

int64_t timer_due(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    const struct timer *t = timer_find(w, on, subject, kind, rule);
    return t == NULL ? 0 : t->due_at;
}

/* How far the `rule` of a kind can reach for this incident: its policy's lists are short. */
static int64_t rules_of(const struct world *w, int64_t incident, enum timer_kind kind)
{
    enum { AT_LEAST = 8 }; /* a policy that no longer compiles had some */
    const struct policy *p = state_policy(w, incident);
    bool by_rule = kind == TIMER_NO_RESPONSE || kind == TIMER_NO_RESOLUTION;
    size_t n = by_rule ? (p->n_rules + 1) * 16 : kind == TIMER_MILESTONE ? p->n_milestones : 0;
    return n > 0 && n < AT_LEAST ? AT_LEAST : (int64_t)n;
}

void timers_cancel_kind(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind)
{
    if (!is_armed(w, on, subject, kind)) return;
    int64_t last = on == SUBJECT_INCIDENT ? rules_of(w, subject, kind) : 0;
    for (int64_t rule = 0; rule <= last; rule++) timer_cancel(w, on, subject, kind, rule);
}

void timers_cancel_subject(struct world *w, enum subject_kind on, int64_t subject)
{
    const int64_t kinds = kinds_armed(w, on, subject);
    if (kinds == 0) return;
#define X(sym, code, what) \
    if ((kinds >> TIMER_##sym & 1) != 0) timers_cancel_kind(w, on, subject, TIMER_##sym);
    TIMER_KINDS(X)
#undef X
}

static bool is_orphan(const struct world *w, const struct timer *t)
{
    return (t->on == SUBJECT_INCIDENT && incident_get(w, t->subject) == NULL) ||
           (t->on == SUBJECT_PAGE && page_get(w, t->subject) == NULL) ||
           (t->on == SUBJECT_DELIVERY && delivery_get(w, t->subject) == NULL);
}

void timers_drop_orphans(struct world *w)
{
    struct timer *t;
    for (size_t at = 0; (t = state_next(w, ROW_TIMER, &at)) != NULL;)
        if (is_orphan(w, t)) timer_drop(w, t);
}

bool timer_peek(const struct world *w, struct timer_key *key, int64_t *due)
{
    if (w->timers.n == 0) return false;
    const struct timer *t = w->timers.v[0].t;
    *due = w->timers.v[0].due;
    if (key != NULL) *key = (struct timer_key){ t->subject, t->on, t->kind, t->rule };
    return true;
}

/* Civil times follow the wall clock when it is set (R42); durations do not. */
void timers_follow_wall(struct world *w)
{
    VEC(struct timer *) civil = { 0 };
    struct timer *t;
    for (size_t at = 0; (t = state_next(w, ROW_TIMER, &at)) != NULL;)
        if (t->due_wall != 0) *vec_push(&civil) = t;
    for (size_t i = 0; i < civil.n; i++) {
        t = state_edit(w, ROW_TIMER, row_key(ROW_TIMER, &civil.v[i]->subject));
        t->due_at = w->ev->at + (t->due_wall - w->ev->wall);
        timer_track(w, t);
    }
    vec_release(&civil);
}
