/* world_incident.c - the life of an incident across the rules: declare, raise, resolve, reopen, close, leave.
 *
 * People's acts (world_act.c) and the system's own reasons end in the same flows here. */
#include "core/world_parts.h"

#include "core/state_parts.h"

incident_id incident_open(struct world *w, const struct incident_opening *o, struct slice why)
{
    struct incident *i = incident_add(w);
    i->state = INCIDENT_OPEN;
    i->service = o->service;
    i->team = o->team;
    i->bundle = w->active;
    i->title = o->title;
    i->impact = o->impact;
    i->category = o->category;
    i->severity = o->severity;
    i->severity_source = o->severity_source;
    i->severity_at = w->ev->at;
    i->rule = o->rule;
    i->group_key = o->group_key;
    i->opened_at = i->joined_at = w->ev->at;
    i->opened_wall = w->ev->wall;
    i->detected_wall = o->detected_wall != 0 ? o->detected_wall : w->ev->wall;
    i->follows = o->follows;
    struct entry *e = SAY(w, i->id, ENTRY_LOGGED, 0, S("Logged as "), incident_severity_text(w, i), S(": "),
                          symbol_text(w, o->title), why.n > 0 ? S("; ") : S(""), why);
    int64_t seq = e->seq;
    milestones_tick(w, i->id, EVIDENCE_INCIDENT_LOGGED, seq);
    return i->id;
}

void world_declare(struct world *w, incident_id id, symbol by, struct slice why)
{
    const struct incident *now = incident_get(w, id);
    if (now->declared_wall != 0) return;
    struct incident *i = incident_edit(w, id);
    i->declared_wall = w->ev->wall;
    i->declared_by = by;
    SAY(w, id, ENTRY_DECLARED, 0, S("Declared as "), incident_severity_text(w, i), S(": "), why);
    if (i->held_at != 0 && by != 0) paging_release(w, id); /* a declaration by a person is never held (R152) */
    paging_declared(w, id);
}

void world_set_severity(struct world *w, incident_id id, int64_t level, enum severity_source source, struct slice why)
{
    const struct incident *now = incident_get(w, id);
    int64_t before = now->severity;
    struct slice was = incident_severity_text(w, now);
    struct incident *i = incident_edit(w, id);
    if (level != before) i->severity_at = w->ev->at;
    i->severity = level;
    i->severity_source = source;
    if (source == SEVERITY_PERSON) {
        i->confirmed_wall = w->ev->wall;
        i->confirmed_by = state_actor(w);
        i->loud_at = 0; /* they know of what joined */
    }
    bool same = level == before;
    struct entry *e = SAY(w, id, ENTRY_SEVERITY, before, same ? S("Confirmed ") : was, same ? S("") : S(" → "),
                          incident_severity_text(w, i), why.n > 0 ? S(": ") : S(""), why);
    int64_t seq = e->seq;
    if (source == SEVERITY_PERSON) milestones_tick(w, id, EVIDENCE_SEVERITY_CONFIRMED, seq);
    if (!same) paging_severity_changed(w, id, before);
    bool declares = source == SEVERITY_PERSON && (level == 1 || level == 2);
    if (declares && i->declared_wall == 0) world_declare(w, id, state_actor(w), S("its severity was confirmed"));
}

void world_resolve(struct world *w, incident_id id, symbol by, struct slice why)
{
    if (incident_move(w, id, INCIDENT_RESOLVED) != 0) return;
    struct incident *i = incident_edit(w, id);
    i->resolved_by = by;
    SAY(w, id, ENTRY_RESOLVED, 0, S("Resolved"), why.n > 0 ? S(": ") : S(""), why);
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_RECOVERED, 0);
    paging_over(w, id, by, S("resolved"));
    milestones_resolved(w, id, true);
    int64_t closes = i->declared_wall != 0 ? INCIDENT_DECLARED_CLOSES_AFTER : INCIDENT_CLOSES_AFTER;
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_CLOSE, 0, w->ev->at + closes);
}

void world_reopen(struct world *w, incident_id id, struct slice why)
{
    const struct incident *i = incident_get(w, id);
    const int64_t over_at = i->resolved_at != 0 ? i->resolved_at : i->closed_at;
    if (incident_move(w, id, INCIDENT_OPEN) != 0) return;
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_CLOSE, 0);
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_PRUNE, 0);
    SAY(w, id, ENTRY_REOPENED, 0, S("Reopened: "), why);
    if (over_at != 0) paging_arm_what_was_left(w, i, over_at); /* 0: it was mitigated, and its clock ran */
    milestones_resolved(w, id, false);
    silence_settle(w, id, true); /* a silence may hold it before anybody is paged */
}

void world_close_due(struct world *w, incident_id id)
{
    if (incident_get(w, id) == NULL || incident_move(w, id, INCIDENT_CLOSED) != 0) return;
    SAY(w, id, ENTRY_CLOSED, 0, S("Closed"));
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_PRUNE, 0, w->ev->at + INCIDENT_LEAVES_AFTER);
}

/* --- leaving the world: rows go out of memory and stay in the store --- */

static void forget_page(struct world *w, page_id id)
{
    timers_cancel_subject(w, SUBJECT_PAGE, id);
    state_forget(w, ROW_PAGE, (struct ikey){ id, 0 });
}

static void forget_delivery(struct world *w, delivery_id id)
{
    const struct delivery *d = delivery_get(w, id);
    timers_cancel_subject(w, SUBJECT_DELIVERY, id);
    for (int64_t n = 1; d != NULL && n <= d->attempts; n++) state_forget(w, ROW_ATTEMPT, (struct ikey){ id, n });
    state_forget(w, ROW_DELIVERY, (struct ikey){ id, 0 });
}

static void forget_alert(struct world *w, alert_id id, incident_id incident)
{
    const struct alert_kept *a = alert_get(w, id);
    if (a != NULL && a->incident == incident) world_alert_forget(w, id);
}

static void forget_checks_and_holders(struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++)
        for (size_t c = 0; c < p->milestones[m].n_checks; c++)
            state_forget(w, ROW_CHECK, row_key(ROW_CHECK, (int64_t[]){ id, (int64_t)m, (int64_t)c }));
    struct holder *h;
    for (size_t at = 0; (h = state_next(w, ROW_HOLDER, &at)) != NULL;)
        if (h->incident == id) state_forget(w, ROW_HOLDER, row_key(ROW_HOLDER, &h->incident));
}

/* What still waits for its turn a day after the end is told to nobody; true while something is under way. */
static bool drop_what_is_open(struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    bool any = false;
    for (size_t k = 0; k < x->pages.n; k++) {
        const struct page *p = page_get(w, x->pages.v[k]); /* a notification that no channel has taken yet */
        if (p != NULL && page_is_open(p)) page_end(w, p->id, PAGE_STATE_SUPERSEDED, 0);
    }
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        if (d == NULL || !delivery_is_open(d)) continue;
        delivery_supersede(w, d->id, S("its incident was closed a day ago"));
        any = true;
    }
    return any;
}

void world_prune(struct world *w, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    if (i == NULL || incident_is_active(i) || i->state == INCIDENT_RESOLVED) return;
    if (drop_what_is_open(w, id) || state_is_marked(w, ROW_INCIDENT, (struct ikey){ id, 0 })) {
        /* something of it is not committed yet */
        timer_arm(w, SUBJECT_INCIDENT, id, TIMER_PRUNE, 0, w->ev->at + MINUTE);
        return;
    }
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = 0; k < x->deliveries.n; k++) forget_delivery(w, x->deliveries.v[k]);
    for (size_t k = 0; k < x->pages.n; k++) forget_page(w, x->pages.v[k]);
    for (size_t k = 0; k < x->alerts.n; k++) forget_alert(w, x->alerts.v[k], id);
    timers_cancel_subject(w, SUBJECT_INCIDENT, id);
    forget_checks_and_holders(w, id);
    state_forget(w, ROW_INCIDENT, (struct ikey){ id, 0 });
}
