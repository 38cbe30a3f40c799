/* engine.h - the shell around the rules: takes what came in, steps it, commits it, and only then answers and sends.
 *
 * engine_post() is the one door for everything that changes the world: alerts, acts, results, credits, a new site, a new
 * bundle. One thread owns the world and the writing connection; it calls engine_run_batch() (thread.h does, a rehearsal
 * and the tests do it themselves). A batch: one clock reading, acts and results first, then alerts, then timers due, at
 * most 10 ms of stepping, one transaction. Replies leave and deliveries start after its commit, never before; but requests that only tell known alerts
 * again are answered at once, and written with the next commit (`repeats_wait_ms`, decision 0020).
 *
 * When a commit fails, its rows stay marked and are tried again with growing pauses; until one succeeds alerts are
 * stepped but answered ERR_UNAVAILABLE, acts get ERR_UNAVAILABLE unstepped, those already in the failed batch ERR_UNKNOWN
 * after 5 s, and first attempts of pages that ring leave all the same (P2; design: Functional core).
 *
 * Instants: `steady` here is the moment's reading plus an offset that recovery chose, so that it goes on over reboots. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/error.h"
#include "core/world.h"
#include "engine/counters.h"
#include "sys/clock.h"

struct engine; /* opaque */
struct live_bundle;
struct spool;
struct store;

/* What begins a delivery (outbox.h; a rehearsal and the tests have their own). On the engine's thread. */
struct engine_sender {
    void *ctx;
    /* After the commit. What cannot be handed on comes back as EVENT_RESULT not sent: it never fails here. */
    void (*send)(void *ctx, const struct world *w, const struct send *s, struct moment raw);
    /* Before the commit that is to hold it: whatever takes time and tells nobody. Either send() follows for each that
     * was prepared, with the world as it is now, or drop() for all. Both may be NULL. */
    void (*prepare)(void *ctx, const struct world *w, const struct send *s, struct moment raw);
    void (*drop)(void *ctx);
};

/* What sees every step as it happens, on the engine's thread: the simulation checks the guarantees with it. `fx` holds
 * what the batch did so far. */
struct engine_watcher {
    void *ctx;
    void (*before)(void *ctx, const struct world *w, const struct event *ev, const struct effects *fx);
    void (*after)(void *ctx, const struct world *w, const struct event *ev, const struct effects *fx);
};

struct engine_options { /* borrowed for the engine's life */
    const struct clock *clock;
    struct store *store; /* the writing connection */
    struct engine_sender sender;
    uint64_t hash_key; /* random in the server, fixed in a rehearsal */
    struct world_limits limits; /* zero = defaults */
    const struct engine_watcher *watcher; /* NULL: nobody watches */
    struct spool *spool; /* NULL: what leaves while commits fail is nowhere until one succeeds (rehearsals, tests) */
    int64_t results_wait_ms; /* for a commit that is somebody else's; 0: each batch has its own */
    int64_t repeats_wait_ms; /* how long known alerts that were told again stay unwritten, answered; 0: they wait too */
    struct slice chain_key; /* SEAL_KEY_BYTES; empty: entries are not sealed (rehearsals, tests) */
};

/* `reply` is valid during the call; on the engine's thread, after the commit (but repeats_wait_ms). Never blocks. */
typedef void engine_done_fn(void *caller, const struct reply *reply);

/* One thing to step. The event is copied; what it points at stays valid until `done`. */
struct post {
    struct event event; /* at, wall and reply_to are the engine's to fill */
    size_t bytes; /* of what it points at: the queue's budget */
    engine_done_fn *done; /* exactly once for every post that was taken; NULL: nobody waits */
    void *caller;
    struct live_bundle
        *bundle; /* EVENT_BUNDLE, and acts on bundles: the engine takes a reference of its own (bundle.h) */
    struct moment received; /* the engine's to fill: acts and results carry it as their time */
};

struct engine *engine_create(const struct engine_options *o); /* takes no row yet: recover.h */
void engine_destroy(struct engine **e); /* NULL is fine; clears *e; whatever waits is answered ERR_UNAVAILABLE */

/* Any thread. ERR_BUSY: the queue is full or closed; nothing was taken and `done` is not called. */
int engine_post(struct engine *e, const struct post *p, struct error *err);
/* The same for who has more at once: nobody is woken before engine_wake(), which must follow soon. */
int engine_leave(struct engine *e, const struct post *p, struct error *err);
void engine_wake(struct engine *e);
/* Bytes that an event's slices hold: what post.bytes counts. */
size_t event_bytes(const struct event *ev);
/* From now on engine_post() refuses what comes from outside; results and credits still enter (orderly stop). */
void engine_close(struct engine *e);
/* Called by engine_post() and engine_wake() when the engine's thread may have to wake up; from any thread. */
void engine_on_post(struct engine *e, void (*wake)(void *ctx), void *ctx);

/* Engine's thread from here on. ------------------------------------------------------------------------------------ */

/* One batch: false when nothing waits any more. Does nothing, and commits nothing, when nothing is due. */
bool engine_run_batch(struct engine *e);
/* The moment.steady_ms at which engine_run_batch() has something to do although nothing is posted; false: never. */
bool engine_next_due(const struct engine *e, int64_t *steady_ms);
/* Writes what is held, whatever the time; 0, or the store's error: nothing of the batch is on disk. */
int engine_commit(struct engine *e, struct error *err);

/* Engine's thread, or before it starts: this is a restored copy (the row as stored), nothing leaves. */
void engine_hold(struct engine *e, const struct instance *row);
/* Before it recovers: whose store this is, written by the commit that begins its life. */
void engine_name(struct engine *e, const struct instance *row);
void engine_release(struct engine *e); /* no more: the next commit says so */

/* What the last commit was: for who looks whether it is there (auditor.h). */
struct engine_pulse {
    int64_t committed_at; /* raw steady */
    int64_t serial; /* in its CLOCK row */
    bool has_spool;
};
struct engine_pulse engine_pulse(const struct engine *e);
const struct world *engine_world(const struct engine *e);
struct moment engine_moment(const struct engine *e, struct moment raw); /* the world's pair for a raw reading */

/* Any thread again. ------------------------------------------------------------------------------------------------ */

/* Before a read of the store: waits until it has all that somebody was answered for (known alerts told again are, ahead of
 * their commit), so that callers read their own writes. Nearly always at once, a commit at most; not on the engine's
 * thread. While the store fails it does not wait. */
void engine_catch_up(struct engine *e);
const struct engine_counters *engine_counters(const struct engine *e);
bool engine_held(const struct engine *e);
bool engine_failing(const struct engine *e); /* the last commit failed and no other has succeeded since */
/* References to the bundles in use, the active one first; each is the caller's to release. Returns how many. */
size_t engine_bundles(struct engine *e, struct live_bundle **out, size_t max);
bundle_id engine_proposed(struct engine *e); /* the one of them that waits for an approver; 0: none */

#endif
