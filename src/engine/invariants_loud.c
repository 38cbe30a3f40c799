/* invariants_loud.c - P5: five minutes in which no provider takes a page that rings are an alarm.
 *
 * Each page is watched until its five minutes are over. What eases it, it or its whole incident, is written down in the
 * incident's book: a provider took any of its pages, somebody has it, it rests, it is quiet, an alarm. A page that
 * somebody passed on or that was taken back is nobody's to take. */
#include <inttypes.h>

#include "core/incident.h"
#include "engine/invariants_inner.h"

#define LOUD_AFTER (5 * MINUTE)
#define LOUD_SLACK (2 * SECOND) /* a timer may be a second late (I12) */

/* It has nobody to be loud for: over, at rest, quiet. */
static bool may_be_silent(const struct incident *i)
{
    const bool rests = i->held_at != 0 || i->recovered_at != 0 || i->snoozed_until_at != 0;
    return !incident_works(i) || rests || i->severity > 2; /* 0: unclassified, it rings */
}

static void ease(struct checking *c, incident_id id, int64_t at)
{
    if (id != 0 && book_of(c->v, id)->eased_at < at) book_edit(c->v, id)->eased_at = at;
}

static void see_delivery(struct checking *c, const struct delivery *d)
{
    if (d->purpose == PURPOSE_PAGE && d->state == DELIVERY_ACCEPTED) ease(c, d->incident, d->ended_at);
}

static void see_what_eases(struct checking *c)
{
    for (size_t k = c->v->entries; k < c->fx->entries.n; k++)
        if (c->fx->entries.v[k].kind == ENTRY_ALARM) ease(c, c->fx->entries.v[k].incident, c->ev->at);
    for (size_t k = 0; k < c->v->touched.n; k++) {
        const struct incident *i = world_incident(c->w, c->v->touched.v[k]);
        if (i != NULL) ease(c, i->id, may_be_silent(i) ? c->ev->at : i->acknowledged_at);
    }
}

static void watch(struct checking *c, const struct page *p)
{
    if (p->kind == PAGE_PAGE) *vec_push(&c->v->untaken) = p->id;
}

static void see_marks(struct checking *c)
{
    for (size_t k = 0; k < c->fx->marks.n; k++) {
        const struct mark *m = &c->fx->marks.v[k];
        const struct delivery *d = m->kind == ROW_DELIVERY ? world_delivery(c->w, m->key[0]) : NULL;
        const struct page *p = m->kind == ROW_PAGE && m->key[0] > c->v->last_page ? world_page(c->w, m->key[0]) : NULL;
        if (d != NULL) see_delivery(c, d);
        if (p != NULL) watch(c, p);
    }
}

/* After a start: what was judged in a batch that is lost is judged anew. */
static void see_everything(struct checking *c)
{
    vec_clear(&c->v->untaken);
    EACH_ROW(c, ROW_DELIVERY, delivery, d) see_delivery(c, d);
    EACH_ROW(c, ROW_PAGE, page, p) watch(c, p);
}

/* check_time notes it later in the step */
int64_t listens_since(const struct checking *c)
{
    const bool anew = c->v->starting || c->v->slept || c->ev->kind == EVENT_START;
    return anew ? c->ev->at : c->v->started_at;
}

/* Is there nothing left to say of it? */
static bool is_judged(struct checking *c, const struct page *p)
{
    const int64_t at = c->ev->at;
    if (p == NULL || p->created_at <= book_of(c->v, p->incident)->eased_at) return true;
    if (p->state != PAGE_STATE_OPEN && p->state != PAGE_STATE_FAILED) return true;
    const int64_t due = p->created_at + LOUD_AFTER, since = due > listens_since(c) ? due : listens_since(c);
    if (at - since <= LOUD_SLACK) return false;
    broken(c, "P5", p->incident, "no provider took page %" PRId64 " for five minutes, and nobody was alarmed", p->id);
    return true;
}

void check_loud(struct checking *c)
{
    struct invariants *v = c->v;
    see_what_eases(c);
    if (v->starting)
        see_everything(c);
    else
        see_marks(c);
    for (size_t k = v->untaken.n; k-- > 0;) {
        const struct page *p = world_page(c->w, v->untaken.v[k]);
        if (p != NULL && p->state == PAGE_STATE_OPEN) check_unsent(c, p);
        if (is_judged(c, p)) vec_remove(&v->untaken, k);
    }
}
