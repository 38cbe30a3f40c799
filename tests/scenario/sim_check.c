/* sim_check.c - what only the world outside can judge: that what was answered 2xx is kept (I1), that what counts as
 * delivered was taken by a provider for that address, that everything drains when faults stop (I25). */
#include <inttypes.h>
#include <stddef.h>

#include "core/alert.h"
#include "core/delivery.h"
#include "core/page.h"
#include "core/timeline.h"
#include "engine/evidence.h"
#include "sim_inner.h"
#include "store/store.h"

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

void check_limits(struct sim *s, const struct world *w)
{
    const int64_t n = (int64_t)world_count(w, ROW_ALERT);
    if (s->o->world == WORLD_SMALL && n > SIM_MOST_ALERTS)
        sim_breaks(s, "I23 the world holds %" PRId64 " alerts, the limit is %d", n, SIM_MOST_ALERTS);
}

/* --- what is written down (I19) --- */

struct reading {
    struct store_each_entry each;
    struct store_each_row rows;
    struct sim *sim;
    struct imap *index; /* incident -> place in folded */
    VEC(struct incident) folded;
    VEC(int64_t) seqs;
    int64_t at;
    size_t got;
};

static size_t strand_of(struct reading *k, incident_id id)
{
    int64_t place;
    if (imap_get(k->index, (struct ikey){ id, 0 }, &place)) return (size_t)place;
    imap_put(k->index, (struct ikey){ id, 0 }, (int64_t)k->folded.n);
    *vec_push(&k->folded) = (struct incident){ 0 };
    *vec_push(&k->seqs) = 0;
    return k->folded.n - 1;
}

static int fold_entry(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct reading *k = (struct reading *)self;
    const size_t i = strand_of(k, en->incident);
    (void)e;
    k->at = en->seal->id;
    k->got++;
    if (en->seq != k->seqs.v[i] + 1)
        sim_breaks(k->sim, "I19 INC-%" PRId64 ": entry %" PRId64 " follows entry %" PRId64 " in the store",
                   en->incident, en->seq, k->seqs.v[i]);
    k->seqs.v[i] = en->seq;
    timeline_replay(&k->folded.v[i], en);
    return 0;
}

static int compare_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct reading *k = (struct reading *)((char *)self - offsetof(struct reading, rows));
    const size_t i = strand_of(k, r->v[0]);
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const int64_t *folded = &k->folded.v[i].id;
    (void)e;
    for (size_t f = 0; f < def->n_fields; f++)
        if (r->v[f] != folded[f] && (def->fields[f].flags & ROW_LIVE) == 0)
            sim_breaks(k->sim, "I19 INC-%" PRId64 ": %s is %" PRId64 " in the store, its timeline there says %" PRId64,
                       r->v[0], def->fields[f].name, r->v[f], folded[f]);
    return 0;
}

static void check_seals(struct sim *s, struct store_reader *r)
{
    struct error e = { 0 };
    struct evidence_report out = { 0 };
    const struct evidence_options o = { .key = sim_chain_key };
    const int rc = evidence_check(r, &o, &out, &e);
    if (rc < 0) sim_breaks(s, "I19 the history cannot be read: %s", e.detail);
    for (size_t i = 0; i < out.findings.n; i++)
        sim_breaks(s, "I19 INC-%" PRId64 ": entry %" PRId64 ": %s", out.findings.v[i].incident, out.findings.v[i].seq,
                   buf_str(&out.findings.v[i].what));
    if (out.unsealed > 0) sim_breaks(s, "I19 %" PRId64 " entries are not sealed", out.unsealed);
    evidence_release(&out);
}

/* All that was ever written, as `tocsin verify` reads it. */
void check_history(struct sim *s)
{
    struct error e = { 0 };
    struct store_reader *r;
    struct reading k = { .each = { fold_entry }, .rows = { compare_row }, .sim = s, .index = imap_create(1) };
    int rc = store_reader_open(s->store, &r, &e);
    do {
        k.got = 0;
        if (rc == 0) rc = store_read_history(r, k.at, 0, &k.each, &e);
    } while (rc == 0 && k.got > 0);
    if (rc == 0) rc = store_read_all(r, ROW_INCIDENT, &k.rows, &e);
    if (rc < 0) sim_breaks(s, "I19 the history cannot be read: %s", e.detail);
    if (s->sealed && rc == 0) check_seals(s, r);
    store_reader_close(&r);
    vec_release(&k.folded);
    vec_release(&k.seqs);
    imap_destroy(&k.index);
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
