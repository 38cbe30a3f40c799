/* invariants_budget.c - the guarantees about bundling: three messages a minute to one address, nobody carried by nothing. */
#include <inttypes.h>

#include "engine/invariants_inner.h"

static bool is_carrier(const struct checking *c, const struct delivery *carrier)
{
    EACH_ROW(c, ROW_DELIVERY, delivery, d)
    if (d->carrier == carrier->id) return true;
    return false;
}

static int weight_of(const struct checking *c, const struct delivery *d)
{
    const struct page *p = world_page(c->w, d->page);
    if (d->purpose == PURPOSE_ALARM || (d->purpose == PURPOSE_PAGE && d->level == 1)) return 3;
    const bool first = d->purpose == PURPOSE_PAGE && p->rule == 0;
    return first && p->reason != PAGE_REASON_ROUND && p->reason != PAGE_REASON_STILL_ON_IT ? 2 : 1;
}

/* What weighs less limits nobody. A message that carries others may come early (a stand-down in it would be too late), a
 * single one never. What was told of an incident that has left the world meanwhile, a day after its end, is not counted:
 * a start does not read it again, and does not know of it. */
void check_budget(struct checking *c, const struct delivery *d)
{
    const struct told now = { c->ev->at, d->person, d->kind, d->address, weight_of(c, d), c->v->commits, d->incident };
    const bool hurries = d->purpose == PURPOSE_STAND_DOWN && c->ev->at - d->queued_at >= 5 * SECOND;
    size_t kept = 0, told = 0;
    for (size_t i = 0; i < c->v->told.n; i++) {
        const struct told *t = &c->v->told.v[i];
        if (t->at + MINUTE <= now.at) continue;
        c->v->told.v[kept++] = *t;
        if (t->incident != 0 && world_incident(c->w, t->incident) == NULL) continue;
        told += t->person == now.person && t->kind == now.kind && t->address == now.address && t->weight >= now.weight;
    }
    c->v->told.n = kept;
    *vec_push(&c->v->told) = now;
    if (told >= 3 && !hurries && !is_carrier(c, d))
        broken(c, "R154", d->incident, "delivery %" PRId64 " is message %zu of a minute to one address", d->id,
               told + 1);
}

/* Collected: looked at again. Carried: by an open message to the same address. */
void check_bundled(struct checking *c, const struct delivery *d)
{
    const struct delivery *by = world_delivery(c->w, d->carrier);
    if (d->state == DELIVERY_COLLECTED && armed(c->w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0) == 0)
        broken(c, "I3", d->incident, "delivery %" PRId64 " is collected for ever", d->id);
    if (d->state != DELIVERY_CARRIED) return;
    const bool open = by != NULL && (by->state == DELIVERY_WAITING || by->state == DELIVERY_IN_FLIGHT ||
                                     by->state == DELIVERY_RETRYING);
    if (!open || by->person != d->person || by->address != d->address || by->kind != d->kind)
        broken(c, "R154", d->incident, "delivery %" PRId64 " is carried by delivery %" PRId64 ", which is %s", d->id,
               d->carrier, by == NULL ? "gone" : delivery_state_name(by->state));
}

void told_forget(struct invariants *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->told.n; i++)
        if (v->told.v[i].batch != v->commits) v->told.v[kept++] = v->told.v[i];
    v->told.n = kept;
}
