/* sim_history.c - what the store keeps: read from its first entry at the end of a life (I19), and taken out of the store's
 * tables once no start can read it again, so that the last night of a year is lived as fast as its first. */
#include <inttypes.h>
#include <stddef.h>

#include "core/alert.h"
#include "core/delivery.h"
#include "core/page.h"
#include "core/timeline.h"
#include "engine/evidence.h"
#include "sim_inner.h"
#include "store/store.h"

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

/* --- what has become history --- */

#define PRUNE_EVERY (20 * DAY)
#define PRUNE_AFTER (3 * DAY) /* a start reads what ended less than a day ago */

struct pruning {
    struct store_each_row each;
    struct sim *sim;
    int64_t before; /* steady */
    struct imap *incidents, *deliveries, *alerts; /* that are history */
};

static bool is_in(const struct imap *set, int64_t id)
{
    return imap_get(set, (struct ikey){ id, 0 }, NULL);
}

static bool is_history(struct pruning *p, const struct row *r)
{
    const struct delivery *d = (const struct delivery *)r->v;
    switch (r->kind) {
    case ROW_PAGE: return is_in(p->incidents, ((const struct page *)r->v)->incident);
    case ROW_HOLDER:
    case ROW_CHECK: return is_in(p->incidents, r->v[0]);
    case ROW_ALERT_LIVE: return is_in(p->alerts, r->v[0]);
    case ROW_ATTEMPT: return is_in(p->deliveries, r->v[0]);
    case ROW_ALERT: {
        const struct alert *a = (const struct alert *)r->v;
        return a->state != ALERT_FIRING && is_in(p->incidents, a->incident);
    }
    case ROW_DELIVERY:
        return is_in(p->incidents, d->incident) || (d->incident == 0 && d->ended_at != 0 && d->ended_at < p->before);
    default: return false;
    }
}

static int note_incident(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct pruning *p = (struct pruning *)self;
    const struct incident *i = (const struct incident *)r->v;
    (void)e;
    if (i->closed_at != 0 && i->closed_at < p->before) imap_put(p->incidents, (struct ikey){ i->id, 0 }, 1);
    return 0;
}

static int take_out(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct pruning *p = (struct pruning *)self;
    if (!is_history(p, r)) return 0;
    if (r->kind == ROW_DELIVERY) imap_put(p->deliveries, (struct ikey){ r->v[0], 0 }, 1);
    if (r->kind == ROW_ALERT) imap_put(p->alerts, (struct ikey){ r->v[0], 0 }, 1);
    return p->sim->real->remove(p->sim->store, r->kind, r->v, e);
}

/* Between two processes. */
void history_prune(struct sim *s)
{
    static const enum row_kind kinds[] = { ROW_PAGE,     ROW_HOLDER,  ROW_CHECK,     ROW_ALERT,
                                           ROW_DELIVERY, ROW_ATTEMPT, ROW_ALERT_LIVE };
    struct error e = { 0 };
    struct store_reader *r = NULL;
    struct row clock;
    struct pruning p = { .each = { note_incident }, .sim = s };
    if (s->now - s->pruned_at < PRUNE_EVERY) return;
    s->pruned_at = s->now;
    p.incidents = imap_create(1);
    p.deliveries = imap_create(1);
    p.alerts = imap_create(1);
    int rc = store_reader_open(s->store, &r, &e);
    if (rc == 0) rc = store_read_row(r, ROW_CLOCK, (int64_t[]){ 1 }, &clock, &e);
    if (rc == 0) p.before = ((const struct clock_row *)clock.v)->at - PRUNE_AFTER;
    if (rc == 0) rc = store_read_all(r, ROW_INCIDENT, &p.each, &e);
    p.each.row = take_out;
    for (size_t k = 0; rc == 0 && k < COUNT_OF(kinds); k++) rc = store_read_all(r, kinds[k], &p.each, &e);
    if (rc == 0) rc = s->real->commit(s->store, &e);
    CHECK(rc == 0);
    store_reader_close(&r);
    imap_destroy(&p.incidents);
    imap_destroy(&p.deliveries);
    imap_destroy(&p.alerts);
}
