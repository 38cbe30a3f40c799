/* sim_check.c - what only the world outside can judge: that what was answered 2xx is kept (I1), that what counts as
 * delivered was taken by a provider for that address, that everything drains when faults stop (I25). */
#include <inttypes.h>

#include "core/alert.h"
#include "core/delivery.h"
#include "core/page.h"
#include "sim_inner.h"

/* --- accepted means that a provider took it --- */

static bool was_taken(const struct sim *s, const struct world *w, const struct delivery *d)
{
    const int64_t address = courier_address(w, d);
    for (int64_t n = 1; n <= d->attempts; n++)
        if (imap_get(s->taken, (struct ikey){ d->id * 1024 + n, address }, NULL)) return true;
    return false;
}

void check_delivered(struct sim *s, const struct world *w, const struct effects *fx)
{
    for (size_t i = 0; i < fx->marks.n; i++) {
        const struct mark *m = &fx->marks.v[i];
        const struct delivery *d = m->kind == ROW_DELIVERY ? world_delivery(w, m->key[0]) : NULL;
        if (d == NULL || d->state != DELIVERY_ACCEPTED) continue;
        const struct delivery *by = d->carrier != 0 ? world_delivery(w, d->carrier) : d; /* told together (R154) */
        if (by != NULL && !was_taken(s, w, by))
            sim_breaks(s, "P2 INC-%" PRId64 ": delivery %" PRId64 " counts as accepted, no provider took it",
                       d->incident, d->id);
    }
}

/* --- counting what a change of the site meets --- */

static bool has_same_contacts(const struct person *a, const struct person *b)
{
    bool same = a->n_contacts == b->n_contacts;
    for (size_t i = 0; same && i < a->n_contacts; i++) same = slice_eq(a->contacts[i].address, b->contacts[i].address);
    return same;
}

void note_who_is_gone(struct sim *s, const struct directory *before)
{
    struct row r;
    if (s->engine == NULL) return;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; world_next_row(w, ROW_PAGE, &at, &r);) {
        const struct page *p = (const struct page *)r.v;
        const int was = directory_person(before, world_text(w, p->person));
        const int is = directory_person(sim_site(s), world_text(w, p->person));
        if (p->state != PAGE_STATE_OPEN || was < 0) continue;
        if (is < 0)
            sim_count(s, SIM_PERSON_GONE);
        else if (!has_same_contacts(&before->people[was], &sim_site(s)->people[is]))
            sim_count(s, SIM_CONTACT_GONE);
    }
}

void note_incidents(struct sim *s)
{
    struct row r;
    const struct mark i = { .kind = ROW_COUNTER, .key = { ROW_INCIDENT } };
    const struct mark p = { .kind = ROW_COUNTER, .key = { ROW_PAGE } };
    if (s->engine == NULL) return;
    const struct world *w = engine_world(s->engine);
    s->r->incidents = world_row(w, &i, &r) ? r.v[1] : 0;
    s->r->pages = world_row(w, &p, &r) ? r.v[1] : 0;
}

/* --- I1 --- */

/* Label set -> when the newest of its alerts that the world has was last heard. */
static struct smap *alerts_kept(const struct world *w)
{
    struct smap *kept = smap_create(1);
    struct row r;
    for (size_t at = 0; world_next_row(w, ROW_ALERT, &at, &r);) {
        const int64_t updated = ((const struct alert *)r.v)->updated_wall;
        int64_t other;
        if (!smap_get(kept, r.text, &other) || other < updated) smap_put(kept, r.text, updated);
    }
    return kept;
}

void check_alerts_kept(struct sim *s)
{
    struct smap *kept = alerts_kept(engine_world(s->engine));
    for (size_t i = 0; i < s->alerts.n; i++) {
        const struct alert_def *a = &s->alerts.v[i];
        int64_t updated_wall;
        if (a->answered_at == 0 || s->now - a->answered_at > 20 * HOUR) continue;
        if (!smap_get(kept, buf_slice(&a->text), &updated_wall))
            sim_breaks(s, "I1 alert %.*s was answered 2xx and is not there", (int)a->labels[0].value.n,
                       a->labels[0].value.p);
        else if (updated_wall < a->answered_wall && a->answered_at > s->clock_back_at)
            sim_breaks(s, "I1 alert %.*s was answered 2xx at %" PRId64 ", the last known is %" PRId64,
                       (int)a->labels[0].value.n, a->labels[0].value.p, a->answered_wall, updated_wall);
    }
    smap_destroy(&kept);
}

/* --- I25 --- */

void check_drained(struct sim *s)
{
    struct row r;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; world_next_row(w, ROW_DELIVERY, &at, &r);) {
        const struct delivery *d = (const struct delivery *)r.v;
        if (delivery_is_open(d))
            sim_breaks(s, "I25 INC-%" PRId64 ": delivery %" PRId64 " is %s long after the last fault", d->incident,
                       d->id, delivery_state_name(d->state));
    }
}

void check_empty(struct sim *s)
{
    struct row r;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; world_next_row(w, ROW_INCIDENT, &at, &r);)
        sim_breaks(s, "I23 INC-%" PRId64 " never leaves: state %" PRId64, r.v[0], r.v[1]);
    for (size_t at = 0; world_next_row(w, ROW_ALERT, &at, &r);)
        sim_breaks(s, "I23 alert %" PRId64 " of INC-%" PRId64 " never leaves", r.v[0],
                   ((const struct alert *)r.v)->incident);
    for (size_t at = 0; world_next_row(w, ROW_TIMER, &at, &r);) {
        const struct timer *t = (const struct timer *)r.v;
        if (t->on != SUBJECT_TEAM)
            sim_breaks(s, "I23 a timer of kind %" PRId64 " on %" PRId64 "/%" PRId64 " never leaves", t->kind, t->on,
                       t->subject);
    }
}
