/* world_budget.c - collects what is too much for one minute, and lets one message carry it (R154).
 *
 * Always: a collected delivery has an armed RETRY timer and a timeline entry that says why it waits (I9); a carried one
 * has no attempt of its own and shares its carrier's fate. */
#include "core/world_budget.h"

static void list_remove(id_list *l, delivery_id id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i] == id) {
            vec_remove(l, i);
            return;
        }
}

static void say_collected(struct world *w, const struct delivery *d)
{
    incident_id id = incident_get(w, d->incident) == NULL ? 0 : d->incident;
    struct entry *e = SAY(w, id, ENTRY_BUNDLED, d->id, slice_of(purpose_name(d->purpose)), S(" for "),
                          text_person(w, d->person), S(" by "), symbol_text(w, d->kind),
                          S(": three messages in a minute are enough, it follows with others in "),
                          text_duration(w, d->next_at - w->ev->at));
    e->line = d->line;
}

static void collect(struct world *w, struct reach *r, struct delivery *d, int64_t until)
{
    d->state = DELIVERY_COLLECTED;
    d->next_at = until;
    *vec_push(&r->collected) = d->id;
    timer_arm(w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0, until);
}

static bool carries_others(const struct world *w, const struct delivery *d)
{
    size_t at = 0;
    return reach_carried(w, d, &at) != NULL;
}

bool budget_admits(struct world *w, struct delivery *d)
{
    struct reach *r = reach_of(w, d);
    if (r == NULL || d->attempts > 0 || carries_others(w, d)) return true;
    int64_t opens = budget_opens(&r->budget, delivery_weight(w, d)), latest = d->queued_at + BUDGET_STAND_DOWN;
    if (d->purpose == PURPOSE_STAND_DOWN && latest < opens) opens = latest;
    if (opens <= w->ev->at) return true;
    collect(w, r, d, opens);
    say_collected(w, d);
    return false;
}

static void carry(struct world *w, struct reach *r, delivery_id id, delivery_id carrier)
{
    struct delivery *d = delivery_edit(w, id);
    timer_cancel(w, SUBJECT_DELIVERY, id, TIMER_RETRY, 0);
    d->state = DELIVERY_CARRIED;
    d->next_at = 0;
    d->carrier = carrier;
    *vec_push(&r->carried) = id;
}

static void carry_all(struct world *w, struct reach *r, delivery_id carrier)
{
    for (size_t i = 0; i < r->collected.n; i++)
        if (delivery_get(w, r->collected.v[i]) != NULL) carry(w, r, r->collected.v[i], carrier);
    vec_clear(&r->collected);
}

void budget_begun(struct world *w, const struct delivery *d)
{
    struct reach *r = reach_of(w, d);
    if (r == NULL) return;
    budget_spend(&r->budget, delivery_weight(w, d), w->ev->at);
    carry_all(w, r, d->id);
}

static const struct delivery *weightiest(const struct world *w, const struct reach *r)
{
    const struct delivery *best = NULL;
    for (size_t i = 0; i < r->collected.n; i++) {
        const struct delivery *d = delivery_get(w, r->collected.v[i]);
        if (d == NULL) continue;
        int more = best == NULL ? 1 : (int)delivery_weight(w, d) - (int)delivery_weight(w, best);
        if (more > 0 || (more == 0 && delivery_before(d, best))) best = d;
    }
    return best;
}

delivery_id budget_due(struct world *w, delivery_id id)
{
    struct reach *r = reach_of(w, delivery_get(w, id));
    delivery_id first = weightiest(w, r)->id;
    budget_leave(w, delivery_edit(w, first));
    carry_all(w, r, first);
    return first;
}

void budget_leave(struct world *w, struct delivery *d)
{
    struct reach *r = reach_of(w, d);
    if (r == NULL || (d->state != DELIVERY_COLLECTED && d->state != DELIVERY_CARRIED)) return;
    list_remove(d->state == DELIVERY_COLLECTED ? &r->collected : &r->carried, d->id);
    timer_cancel(w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0);
}

void budget_return(struct world *w, struct delivery *d)
{
    budget_leave(w, d);
    d->carrier = 0;
    collect(w, reach_of(w, d), d, w->ev->at);
}

void budget_loaded(struct world *w, struct delivery *d)
{
    struct reach *r = reach_of(w, d);
    if (r == NULL) return;
    if (d->state == DELIVERY_COLLECTED) *vec_push(&r->collected) = d->id;
    if (d->state == DELIVERY_CARRIED) *vec_push(&r->carried) = d->id;
    if (d->begun_at != 0) budget_spend(&r->budget, delivery_weight(w, d), d->begun_at);
}

bool budget_holds_page(const struct world *w, const struct page *p, int64_t *until)
{
    const struct incident_extra *x = incident_extra(w, p->incident);
    for (size_t k = x->deliveries.n; k > 0; k--) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k - 1]);
        if (d == NULL || d->page != p->id || d->state != DELIVERY_COLLECTED) continue;
        if (until != NULL) *until = d->next_at;
        return true;
    }
    return false;
}
