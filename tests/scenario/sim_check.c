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
        if (imap_get(s->taken, (struct ikey){ d->id * ATTEMPTS_MAX + n, address }, NULL)) return true;
    return false;
}

void check_delivered(struct sim *s, const struct world *w, const struct effects *fx)
{
    for (size_t i = 0; i < fx->marks.n; i++) {
        const struct mark *m = &fx->marks.v[i];
        const struct delivery *d = m->kind == ROW_DELIVERY ? world_delivery(w, m->key[0]) : NULL;
        if (d != NULL && d->carrier != 0) imap_put(s->carriers, (struct ikey){ d->carrier, 0 }, 1);
        if (d == NULL || d->state != DELIVERY_ACCEPTED) continue;
        const struct delivery *by = d->carrier != 0 ? world_delivery(w, d->carrier) : d; /* told together (R154) */
        if (by != NULL && !was_taken(s, w, by))
            sim_breaks(s, "P2 INC-%" PRId64 ": delivery %" PRId64 " counts as accepted, no provider took it",
                       d->incident, d->id);
    }
}

/* --- nobody who is gone (I20) --- */

/* Decided after the site was loaded: the person and the address are in it. */
void check_recipient(struct sim *s, const struct world *w, const struct send *send)
{
    struct row r;
    const struct delivery *d = world_delivery(w, send->delivery);
    const struct mark m = { .kind = ROW_ATTEMPT, .key = { send->delivery, send->attempt } };
    const bool decided = world_row(w, &m, &r) && ((const struct attempt *)r.v)->started_at > s->site_at;
    if (d == NULL || d->person == 0 || !decided) return;
    const int who = directory_person(sim_site(s), world_text(w, d->person));
    const struct person *p = who < 0 ? NULL : &sim_site(s)->people[who];
    for (size_t i = 0; p != NULL && i < p->n_contacts; i++)
        if (slice_eq(p->contacts[i].address, world_text(w, d->address))) return;
    sim_breaks(s, "I20 INC-%" PRId64 ": delivery %" PRId64 " leaves for %.*s, whom the site does not name so",
               d->incident, d->id, (int)world_text(w, d->person).n, world_text(w, d->person).p);
}

/* --- never more than may be (I23) --- */

/* What left since the last commit comes back with a restart, whoever took its place in the meantime; so does what left
 * before the wall clock was set back. Nothing else may. */
void limits_at_start(struct sim *s)
{
    const bool went_back = s->clock_back_at != 0 && s->now - s->clock_back_at < 6 * HOUR;
    s->may_hold = went_back ? INT64_MAX : SIM_MOST_ALERTS + s->left;
}

/* It comes down to the limit as they leave again, and never grows beyond it. */
void check_limits(struct sim *s, const struct world *w)
{
    const int64_t n = (int64_t)world_count(w, ROW_ALERT);
    if (s->o->world == WORLD_SMALL && n > s->may_hold)
        sim_breaks(s, "I23 the world holds %" PRId64 " alerts, the limit is %" PRId64, n, s->may_hold);
    if (n < s->held) s->left += s->held - n;
    s->may_hold = n > SIM_MOST_ALERTS ? n : SIM_MOST_ALERTS;
}

/* --- where nothing went wrong (I6) --- */

void check_calm(struct sim *s)
{
    struct ikey key;
    struct imap *times = imap_create(1);
    int64_t taken, n = 0;
    for (size_t at = 0; imap_next(s->taken, &at, &key, &taken); n++)
        if (taken != 1 || imap_get(times, (struct ikey){ key.a / ATTEMPTS_MAX, 0 }, NULL))
            sim_breaks(s, "I6 delivery %" PRId64 " arrived more than once", key.a / ATTEMPTS_MAX);
        else
            imap_put(times, (struct ikey){ key.a / ATTEMPTS_MAX, 0 }, 1);
    if (n != s->r->sends) sim_breaks(s, "I6 %" PRId64 " of %" PRId64 " messages arrived", n, s->r->sends);
    imap_destroy(&times);
}

/* --- counting what a change of the site meets --- */

static bool is_same_schedule(const struct schedule *a, const struct schedule *b)
{
    bool same = a->rotation.n_people == b->rotation.n_people;
    for (size_t i = 0; same && i < a->rotation.n_people; i++) same = a->rotation.people[i] == b->rotation.people[i];
    return same;
}

static void note_schedules(struct sim *s, const struct directory *before)
{
    for (size_t i = 0; i < before->n_schedules; i++) {
        const int is = directory_schedule(sim_site(s), before->schedules[i].id);
        if (is < 0)
            sim_count(s, SIM_SCHEDULE_GONE);
        else if (!is_same_schedule(&before->schedules[i], &sim_site(s)->schedules[is]))
            sim_count(s, SIM_SCHEDULE_EDITED);
    }
}

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
    bool any = false;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; world_next_row(w, ROW_PAGE, &at, &r);) {
        const struct page *p = (const struct page *)r.v;
        const int was = directory_person(before, world_text(w, p->person));
        const int is = directory_person(sim_site(s), world_text(w, p->person));
        if (p->state != PAGE_STATE_OPEN || was < 0) continue;
        any = true;
        if (is < 0)
            sim_count(s, SIM_PERSON_GONE);
        else if (!has_same_contacts(&before->people[was], &sim_site(s)->people[is]))
            sim_count(s, SIM_CONTACT_GONE);
    }
    if (any) note_schedules(s, before);
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

/* Told again and answered ahead of a commit that never came: from here on what the store had is what counts. */
static void forget_repeat(struct sim *s, struct alert_def *a, int64_t updated_wall)
{
    sim_count(s, SIM_REPEAT_LOST);
    a->answered_wall = a->stored_wall = updated_wall;
}

void check_alerts_kept(struct sim *s)
{
    struct smap *kept = alerts_kept(engine_world(s->engine));
    for (size_t i = 0; i < s->alerts.n; i++) {
        struct alert_def *a = &s->alerts.v[i];
        const bool stored = a->stored_wall == a->answered_wall || s->died_behind > a->answered_behind;
        const int64_t least = stored ? a->answered_wall : a->stored_wall;
        int64_t updated_wall;
        if (a->answered_at == 0 || s->now - a->answered_at > 20 * HOUR) continue;
        if (!smap_get(kept, buf_slice(&a->text), &updated_wall))
            sim_breaks(s, "I1 alert %.*s was answered 2xx and is not there", (int)a->labels[0].value.n,
                       a->labels[0].value.p);
        else if (updated_wall < least && a->answered_at > s->clock_back_at)
            sim_breaks(s, "I1 alert %.*s was answered 2xx at %" PRId64 ", the last known is %" PRId64,
                       (int)a->labels[0].value.n, a->labels[0].value.p, least, updated_wall);
        else if (updated_wall < a->answered_wall)
            forget_repeat(s, a, updated_wall);
    }
    smap_destroy(&kept);
}

/* --- I25 --- */

static int64_t engine_now(const struct sim *s)
{
    return engine_moment(s->engine, clock_read(s->clock)).steady_ms;
}

void check_drained(struct sim *s)
{
    struct row r;
    const struct world *w = engine_world(s->engine);
    for (size_t at = 0; world_next_row(w, ROW_DELIVERY, &at, &r);) {
        const struct delivery *d = (const struct delivery *)r.v;
        if (delivery_is_open(d) && engine_now(s) - d->queued_at > MINUTE)
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
