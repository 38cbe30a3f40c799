/* invariants_sum.c - what the rows add up to: alerts that fire for an incident, timers that are armed for it, what
 * carries a page. Follows the marks of a batch, so that a step costs what it changed; made afresh by each sweep.
 * Checks what shows itself while adding: I2, I12, I26. */
#include <inttypes.h>
#include <string.h>

#include "core/alert.h"
#include "engine/invariants_inner.h"

enum { HOPE = 1, WAITS = 2, BEGUN = 4, PARTS = 8 };

void sums_release(struct invariants *v)
{
    imap_destroy(&v->sums_index);
    imap_destroy(&v->pages_index);
    imap_destroy(&v->alerts);
    imap_destroy(&v->deliveries);
    imap_destroy(&v->timers);
    vec_release(&v->sums);
    vec_release(&v->pages);
}

static void sums_begin(struct invariants *v)
{
    struct imap **maps[] = { &v->sums_index, &v->pages_index, &v->alerts, &v->deliveries, &v->timers };
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        if (*maps[i] == NULL) *maps[i] = imap_create(1);
        imap_clear(*maps[i]);
    }
    vec_clear(&v->sums);
    vec_clear(&v->pages);
}

bool sums_are_whole(const struct checking *c)
{
    return c->v->starting || c->v->step % SWEEP_EVERY == 0;
}

static struct incident_sum *sum_edit(struct invariants *v, incident_id id)
{
    int64_t place;
    if (!imap_get(v->sums_index, (struct ikey){ id, 0 }, &place)) {
        place = (int64_t)v->sums.n;
        imap_put(v->sums_index, (struct ikey){ id, 0 }, place);
        *vec_push(&v->sums) = (struct incident_sum){ 0 };
    }
    struct incident_sum *s = &v->sums.v[place];
    if (s->touched != v->step) *vec_push(&v->touched) = id;
    s->touched = v->step;
    return s;
}

static struct page_sum *page_sum_edit(struct invariants *v, page_id id)
{
    int64_t place;
    if (!imap_get(v->pages_index, (struct ikey){ id, 0 }, &place)) {
        place = (int64_t)v->pages.n;
        imap_put(v->pages_index, (struct ikey){ id, 0 }, place);
        *vec_push(&v->pages) = (struct page_sum){ 0 };
    }
    struct page_sum *s = &v->pages.v[place];
    if (s->touched != v->step) *vec_push(&v->touched_pages) = id;
    s->touched = v->step;
    return s;
}

const struct incident_sum *sum_of(const struct invariants *v, incident_id id)
{
    static const struct incident_sum nothing;
    int64_t place;
    return imap_get(v->sums_index, (struct ikey){ id, 0 }, &place) ? &v->sums.v[place] : &nothing;
}

const struct page_sum *page_sum_of(const struct invariants *v, page_id id)
{
    static const struct page_sum nothing;
    int64_t place;
    return imap_get(v->pages_index, (struct ikey){ id, 0 }, &place) ? &v->pages.v[place] : &nothing;
}

/* --- alerts (I2) --- */

static int64_t highest_incident(const struct checking *c)
{
    struct row r;
    const struct mark m = { .kind = ROW_COUNTER, .key = { ROW_INCIDENT } };
    return world_row(c->w, &m, &r) ? r.v[1] : 0;
}

static void see_alert(struct checking *c, alert_id id)
{
    const struct alert_kept *a = world_alert(c->w, id);
    const struct live_kept *live = world_alert_live(c->w, id);
    int64_t was = 0, is = 0;
    imap_get(c->v->alerts, (struct ikey){ id, 0 }, &was);
    if (a != NULL) {
        const bool has_incident = a->incident > 0 && a->incident <= highest_incident(c), has_reason = world_alert_shared(c->w, a)->reason != 0;
        if (has_incident == has_reason)
            broken(c, "I2", a->incident, "alert %" PRId64 " has reason %" PRId64, id,
                   world_alert_shared(c->w, a)->reason);
        if (live == NULL) broken(c, "I2", a->incident, "alert %" PRId64 " has no live row", id);
        if (live != NULL && live->state == ALERT_FIRING) is = a->incident;
    }
    if (was == is) return;
    if (was != 0) sum_edit(c->v, was)->firing--;
    if (is != 0) sum_edit(c->v, is)->firing++;
    imap_put(c->v->alerts, (struct ikey){ id, 0 }, is);
}

/* --- timers (I26) --- */

/* Configuration never takes a timer away; only what happens to its subject does. */
static void check_timer_gone(struct checking *c, const int64_t key[4])
{
    if (c->ev->kind == EVENT_SITE || c->ev->kind == EVENT_BUNDLE)
        broken(c, "I26", 0, "a timer of kind %" PRId64 " on %" PRId64 "/%" PRId64 " is lost", key[2], key[1], key[0]);
}

/* When it should run: when it is due, or when it was armed for an instant that had passed. */
static int64_t owed_at(const struct checking *c, int64_t due, int64_t known)
{
    const int64_t at = c->ev->at;
    return due > at ? due : known >= due && known <= at ? known : at;
}

static void see_timer(struct checking *c, const int64_t key[4])
{
    struct row r;
    int64_t known = 0;
    const struct mark m = { .kind = ROW_TIMER, .key = { key[0], key[1], key[2], key[3] } };
    const struct ikey k = row_key(ROW_TIMER, key);
    const bool was = imap_get(c->v->timers, k, &known), is = world_row(c->w, &m, &r);
    struct incident_sum *s = key[1] == SUBJECT_INCIDENT ? sum_edit(c->v, key[0]) : NULL;
    if (s != NULL && was != is) s->timers[key[2]] += is ? 1 : -1;
    if (is) imap_put(c->v->timers, k, owed_at(c, ((const struct timer *)r.v)->due_at, known));
    if (was && !is) imap_remove(c->v->timers, k);
    if (was && !is) check_timer_gone(c, key);
}

/* Whatever goes is marked: those that are left were followed up to this step. */
static void check_none_vanished(struct checking *c)
{
    const size_t n = c->v->timers == NULL || c->v->starting ? 0 : imap_count(c->v->timers);
    size_t there = 0;
    EACH_ROW(c, ROW_TIMER, timer, t) there += n > 0 && imap_get(c->v->timers, row_key(ROW_TIMER, &t->subject), NULL);
    if (there < n) broken(c, "I26", 0, "%zu timers have vanished", n - there);
}

/* One that is armed and never runs is not late, it is lost. */
static void check_overdue(struct checking *c, const struct timer *t)
{
    int64_t since = timer_owed_at(c->v, &(struct timer_key){ t->subject, t->on, t->kind, t->rule });
    if (since < listens_since(c)) since = listens_since(c);
    if (is_civil(t->kind) && since < c->v->clock_set_at) since = c->v->clock_set_at;
    if (c->ev->at - since > SECOND)
        broken(c, "I12", 0, "a timer of kind %" PRId64 " is due for %" PRId64 " ms and does not run", t->kind,
               c->ev->at - since);
}

int64_t timer_owed_at(const struct invariants *v, const struct timer_key *k)
{
    const int64_t key[4] = { k->subject, k->on, k->kind, k->rule };
    int64_t at = 0;
    return v->timers != NULL && imap_get(v->timers, row_key(ROW_TIMER, key), &at) ? at : 0;
}

/* Every timer is about something that is there; but what left while we were away is not loaded, its leaving still due. */
static void check_timer_subject(struct checking *c, const struct timer *t)
{
    const bool leaves = t->kind == TIMER_PRUNE && t->due_at <= c->ev->at;
    const bool gone = (t->on == SUBJECT_INCIDENT && world_incident(c->w, t->subject) == NULL && !leaves) ||
                      (t->on == SUBJECT_PAGE && world_page(c->w, t->subject) == NULL) ||
                      (t->on == SUBJECT_DELIVERY && world_delivery(c->w, t->subject) == NULL);
    if (gone) broken(c, "I12", 0, "a timer of kind %" PRId64 " is about nothing (%" PRId64 ")", t->kind, t->subject);
}

/* --- deliveries --- */

static bool says_why_it_waits(const struct delivery *d)
{
    return d->state == DELIVERY_WAITING || d->state == DELIVERY_COLLECTED || d->state == DELIVERY_CARRIED;
}

static int64_t part_of(const struct delivery *d)
{
    if (d == NULL || d->page == 0) return 0;
    return d->page * PARTS | (delivery_is_open(d) || d->state == DELIVERY_ACCEPTED ? HOPE : 0) |
           (says_why_it_waits(d) ? WAITS : 0) | (d->attempts > 0 || d->carrier != 0 ? BEGUN : 0);
}

static void add_part(struct invariants *v, int64_t part, int64_t by)
{
    if (part == 0) return;
    struct page_sum *s = page_sum_edit(v, part / PARTS);
    s->hopes += (part & HOPE) != 0 ? by : 0;
    s->waiting += (part & WAITS) != 0 ? by : 0;
    s->begun += (part & BEGUN) != 0 ? by : 0;
}

static void see_delivery(struct checking *c, delivery_id id)
{
    int64_t was = 0;
    const int64_t is = part_of(world_delivery(c->w, id));
    imap_get(c->v->deliveries, (struct ikey){ id, 0 }, &was);
    if (was == is) return;
    add_part(c->v, was, -1);
    add_part(c->v, is, 1);
    imap_put(c->v->deliveries, (struct ikey){ id, 0 }, is);
}

/* --- all --- */

static void see(struct checking *c, enum row_kind kind, const int64_t *key)
{
    if (kind == ROW_ALERT || kind == ROW_ALERT_LIVE) see_alert(c, key[0]);
    if (kind == ROW_TIMER) see_timer(c, key);
    if (kind == ROW_DELIVERY) see_delivery(c, key[0]);
    if (kind == ROW_INCIDENT) sum_edit(c->v, key[0]);
    if (kind == ROW_PAGE) page_sum_edit(c->v, key[0]);
}

static void sweep(struct checking *c)
{
    static const enum row_kind kinds[] = { ROW_ALERT, ROW_TIMER, ROW_DELIVERY, ROW_INCIDENT, ROW_PAGE };
    struct row r;
    check_none_vanished(c);
    EACH_ROW(c, ROW_TIMER, timer, due) check_overdue(c, due);
    sums_begin(c->v);
    vec_clear(&c->v->touched);
    vec_clear(&c->v->touched_pages);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (size_t at = 0; world_next_row(c->w, kinds[k], &at, &r);) see(c, kinds[k], r.v);
    EACH_ROW(c, ROW_TIMER, timer, t) check_timer_subject(c, t);
}

void sums_follow(struct checking *c)
{
    vec_clear(&c->v->touched);
    vec_clear(&c->v->touched_pages);
    for (size_t i = 0; !c->v->starting && i < c->fx->marks.n; i++)
        see(c, c->fx->marks.v[i].kind, c->fx->marks.v[i].key);
    if (sums_are_whole(c)) sweep(c);
}
