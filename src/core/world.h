/* world.h - every open alert, incident, page, delivery and timer, and the one function that changes them.
 *
 * The world is built from rows (load), told who is where (EVENT_SITE) and what holds (EVENT_BUNDLE), then started
 * (EVENT_START); from then on world_step() is all. It has no clock, no I/O, no randomness: the same events in the same
 * order give the same effects, whatever the hash key (I30). Out of memory aborts. One thread. */
#ifndef CORE_WORLD_H
#define CORE_WORLD_H

#include "core/act.h"
#include "core/directory.h"
#include "core/effect.h"

struct world; /* opaque outside core/ */

struct world_limits {
    int64_t alerts; /* open alerts, default 500,000 */
    int64_t bytes; /* of texts held, default 1 GiB */
};

struct world *world_create(uint64_t hash_key, struct world_limits limits); /* zero = defaults */
void world_destroy(struct world **w);

/* Recovery: every stored row in any order, then EVENT_SITE, EVENT_BUNDLE for each bundle (with its id), EVENT_START.
 * ERR_INVALID names a row that cannot be (an unknown kind, a page without incident …). */
int world_load(struct world *w, const struct row *r, struct error *e);
/* Bundles in use by open incidents, active or proposed: the engine compiles them again from their bytes. */
size_t world_bundles(const struct world *w, bundle_id *ids, size_t max);

/* Steps one event. Effects are appended. Never fails: what cannot be done is a reply with a code. */
void world_step(struct world *w, const struct event *ev, struct effects *out);

/* 0, or ERR_BUSY with a reason when the world is full and the event holds nothing but alerts that it does not know:
 * answered 503 before stepping (design). Of any other, a step takes what is known and what there is room for; the reply
 * is ERR_BUSY when something was left out. */
int world_admit(const struct world *w, const struct event *ev, struct error *e);

/* The next instant (steady ms) at which something is due; false when nothing is. */
bool world_next_due(const struct world *w, int64_t *at);
/* The timer that is due at or before `at`, earliest first; the engine makes EVENT_TIMER of it, one at a time. */
bool world_due_timer(const struct world *w, int64_t at, struct timer_key *key);

/* The row a mark names; false when it is gone (deleted marks). Borrowed until the next step. */
bool world_row(const struct world *w, const struct mark *m, struct row *out);
/* All rows of a kind in order of insertion: for (size_t at = 0; world_next_row(w, ROW_PAGE, &at, &r);) */
bool world_next_row(const struct world *w, enum row_kind kind, size_t *at, struct row *out);

/* Reading, for texts and answers. NULL/empty when there is none; borrowed until the next step. */
const struct incident *world_incident(const struct world *w, incident_id id);
const struct page *world_page(const struct world *w, page_id id);
const struct delivery *world_delivery(const struct world *w, delivery_id id);
const struct alert_kept *world_alert(const struct world *w, alert_id id);
const struct alert_shared *world_alert_shared(const struct world *w, const struct alert_kept *a);
const struct live_kept *world_alert_live(const struct world *w, alert_id id);
struct slice world_text(const struct world *w, symbol s); /* "" for 0 */
symbol world_symbol(const struct world *w, struct slice text); /* 0 when the text was never seen */
const struct directory *world_directory(const struct world *w);
const struct policy *world_policy(const struct world *w, bundle_id id); /* NULL when not compiled */
bundle_id world_active_bundle(const struct world *w); /* 0 before the first */
bundle_id world_proposed_bundle(const struct world *w); /* 0: none waits */
/* The bundle in whose place a start put the active one, because it does not compile any more; 0: nothing of that kind, or
 * a person has activated another since. */
bundle_id world_replaced_bundle(const struct world *w);
size_t world_count(const struct world *w, enum row_kind kind);

/* How full it is, by the limit that is nearer. */
struct world_fullness {
    int64_t percent; /* from 100 on alerts that are not known yet are refused */
    int64_t limit;
    struct slice of; /* "alerts", "bytes of texts" */
};
struct world_fullness world_fullness(const struct world *w);

#endif
