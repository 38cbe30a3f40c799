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

/* Kinds with a timer a rule, of which few are armed: how many, so that none is looked for where there is none. */
static bool is_counted(const struct timer *t)
{
    return t->on == SUBJECT_INCIDENT && (t->kind == TIMER_NO_RESPONSE || t->kind == TIMER_NO_RESOLUTION);
}

static int64_t armed(const struct world *w, int64_t subject, int64_t kind)
{
    int64_t n = 0;
    imap_get(w->timer_counts, (struct ikey){ subject, kind }, &n);
    return n;
}

static void count(struct world *w, const struct timer *t, int64_t more)
{
    const struct ikey k = { t->subject, t->kind };
    if (!is_counted(t)) return;
    const int64_t n = armed(w, t->subject, t->kind) + more;
    if (n > 0)
        imap_put(w->timer_counts, k, n);
    else
        imap_remove(w->timer_counts, k);
}

static void heap_track(struct world *w, struct timer *t)
{
    int64_t serial;
    struct ikey slot = { (int64_t)(uintptr_t)t, 0 };
    if (!imap_get(w->timer_serials, slot, &serial)) {
        serial = ++w->timer_serial;
        count(w, t, 1);
        imap_put(w->timer_serials, slot, serial);
        imap_put(w->timer_slots, (struct ikey){ serial, 0 }, slot.a);
    }
    heap_put(w->timers, serial, t->due_at, tie_of(t));
}

void timer_track(struct world *w, struct timer *t)
{
    heap_track(w, t);
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
    heap_track(w, t);
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
    int64_t serial;
    struct ikey slot = { (int64_t)(uintptr_t)t, 0 };
    CHECK(imap_get(w->timer_serials, slot, &serial));
    count(w, t, -1);
    heap_remove(w->timers, serial);
    imap_remove(w->timer_serials, slot);
    imap_remove(w->timer_slots, (struct ikey){ serial, 0 });
    state_delete(w, ROW_TIMER, row_key(ROW_TIMER, &t->subject));
}

bool timer_cancel(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    struct timer *t = state_get(w, ROW_TIMER, timer_ikey(on, subject, kind, rule));
    if (t == NULL) return false;
    timer_drop(w, t);
    return true;
}

int64_t timer_due(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    const struct timer *t = state_get(w, ROW_TIMER, timer_ikey(on, subject, kind, rule));
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
    const struct timer any = { .subject = subject, .on = on, .kind = kind };
    if (is_counted(&any) && armed(w, subject, kind) == 0) return;
    int64_t last = on == SUBJECT_INCIDENT ? rules_of(w, subject, kind) : 0;
    for (int64_t rule = 0; rule <= last; rule++) timer_cancel(w, on, subject, kind, rule);
}

void timers_cancel_subject(struct world *w, enum subject_kind on, int64_t subject)
{
#define X(sym, code, what) timers_cancel_kind(w, on, subject, TIMER_##sym);
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
    int64_t serial, slot;
    if (!heap_peek(w->timers, &serial, due)) return false;
    CHECK(imap_get(w->timer_slots, (struct ikey){ serial, 0 }, &slot));
    const struct timer *t = (const struct timer *)(uintptr_t)slot;
    *key = (struct timer_key){ t->subject, t->on, t->kind, t->rule };
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
        heap_track(w, t);
    }
    vec_release(&civil);
}
