/* engine_kit.h - an engine to play with: a site, the reference document, the memory store whose commits can be made to
 * fail (`commit_fails`; `commit_lies`: it is stored and says that it is not), a spool whose room can be taken away
 * (`spool_bytes`, before a restart), a clock that stands still, and lists of who was told and what was sent. */
#ifndef TESTS_ENGINE_KIT_H
#define TESTS_ENGINE_KIT_H

#include "harness.h"

#include "base/vec.h"
#include "core/delivery.h"
#include "core/timeline.h"
#include "engine/bundle.h"
#include "engine/recover.h"
#include "engine/spool.h"
#include "site/site.h"
#include "store/port.h"
#include "store/store.h"

struct told {
    int code;
    incident_id incident;
    const char *alert; /* its name; NULL for acts */
};

struct sent {
    delivery_id delivery;
    int64_t attempt;
    int commits; /* that had succeeded by then */
    bool answered;
};

struct kit {
    struct clock *clock;
    struct store *store;
    struct store_ops ops; /* the memory store's, but for commit */
    int (*commit)(struct store *s, struct error *e);
    bool commit_fails, commit_lies;
    bool sealed; /* from the next start on entries are sealed */
    char spool_path[64];
    int64_t spool_bytes; /* 0: no spool */
    struct spool *spool;
    int64_t results_wait_ms, repeats_wait_ms; /* of the engine, from the next start on */
    struct effects fx; /* a test's own */
    int commits;
    struct site *site;
    struct live_bundle *(*compile)(void *ctx, struct slice bytes,
                                   struct error *e); /* stored bytes; NULL: kit_compile */
    struct live_bundle *bundle;
    struct engine_sender sender; /* where attempts go: the list `sent`, unless kit_send_by() says otherwise */
    struct engine *engine;
    struct recovery recovery;
    int64_t begun; /* steady ms of the clock at the start */
    VEC(struct told) told;
    VEC(struct sent) sent;
};

int kit_setup(void **state);
int kit_teardown(void **state);
struct live_bundle *kit_compile(void *ctx, struct slice bytes, struct error *e);
/* Compilers of another version: one that reads three minutes where five stand, and one that reads nothing. */
struct live_bundle *kit_compile_otherwise(void *ctx, struct slice bytes, struct error *e);
struct live_bundle *kit_compile_never(void *ctx, struct slice bytes, struct error *e);

/* Ends the engine as a crash does, and begins another on the same store. `routing` (NULL: as before) changes the
 * bundle on disk; one that does not load means that there is none. */
void kit_restart(struct kit *k, const char *routing);
void kit_restart_with_minutes(struct kit *k, const char *minutes); /* to answer, one digit; the document says 5 */
void kit_reboot(struct kit *k, struct moment now); /* the same after a boot of the machine */

void kit_send_by(struct kit *k, struct engine_sender sender); /* begins the engine anew */
void kit_run(struct kit *k); /* batches until nothing waits */
void kit_until(struct kit *k, int64_t after_begin_ms); /* moves the clock from one due instant to the next */

int kit_try_alert(struct kit *k, const char *name, const char *severity);
void kit_alert(struct kit *k, const char *name, const char *severity); /* of the service dashboard */
void kit_alert_of(struct kit *k, const char *name, const char *severity, const char *service);
void kit_alert_ends(struct kit *k, const char *name, const char *severity); /* reported resolved now */
void kit_act(struct kit *k, enum act_kind kind, incident_id incident); /* Ada's */
void kit_credit(struct kit *k, int64_t n); /* of the channel log */
void kit_accept_all(struct kit *k); /* a result for whatever was sent and has none */

int kit_stored(struct kit *k, enum row_kind kind); /* committed rows */
struct incident kit_stored_incident(struct kit *k, incident_id id);
struct clock_row kit_stored_clock(struct kit *k);
bool kit_stored_alert(struct kit *k, const char *name);
int kit_said(struct kit *k, incident_id incident,
             const char *words); /* committed entries that have them; 0: Tocsin's */
bool kit_timelines_are_whole(struct kit *k); /* I19: every incident's entries count from 1 without a gap */
int kit_entries(struct kit *k, incident_id incident, enum entry_kind kind); /* committed */
int kit_pages_of(struct kit *k, incident_id incident, const char *role);
int kit_pages_to(struct kit *k, const char *role); /* in the world */
int kit_attempts(struct kit *k, enum outcome outcome);
int kit_deliveries(struct kit *k, enum delivery_state state);

#endif
