/* inner.h - the engine's own struct. Private to engine/: everybody else sees engine.h. */
#ifndef ENGINE_INNER_H
#define ENGINE_INNER_H

#include <pthread.h>

#include "base/vec.h"
#include "engine/bundle.h"
#include "engine/chain.h"
#include "engine/engine.h"
#include "engine/queue.h"
#include "engine/spool.h"
#include "engine/window.h"

/* Somebody who waits for the end of a batch. */
struct waiting {
    struct post post;
    uint64_t ticket; /* event.reply_to */
    bool answered;
};

struct kept_bundle {
    bundle_id id;
    struct live_bundle *bundle; /* a reference of ours */
};

/* The last commit was tried and failed: what it held. */
struct doubt {
    int64_t serial; /* of its clock row; 0: there is no doubt */
    size_t entries, erasures; /* the first of the batch */
};

struct engine {
    const struct clock *clock;
    struct store *store;
    struct engine_sender sender;
    const struct engine_watcher *watcher; /* NULL: nobody */
    struct world *world;
    struct chain *chain; /* NULL: entries are not sealed */
    struct queue *queue;
    struct spool *spool; /* borrowed; NULL: none */

    struct effects fx; /* of this batch, or of all since the last commit while commits fail */
    VEC(struct waiting) waiting; /* in the order of their tickets */
    uint64_t tickets; /* given out */

    struct moment raw; /* the batch's one reading */
    struct moment now; /* the same as the world's pair */
    int64_t offset; /* steady minus CLOCK_BOOTTIME while this boot lasts */
    int64_t looked_at; /* raw steady of the last batch, also of one in which nothing was to do */
    int64_t gap; /* wall minus steady when last looked at */
    int64_t boot_hi, boot_lo;
    int64_t last_at; /* of the last event: no event's `at` is before it */
    int64_t started_at; /* steady of recovery: what was due before is not our lateness */
    struct instance instance; /* of a restored copy or a new store; id 0: neither */
    int64_t head_day; /* UTC day whose chain head was told */
    struct buf head; /* of the chain, to be sent out by the next batch; empty: none */
    bool instance_due; /* its row is to be written */
    bool recovered;
    int64_t results_wait_ms, repeats_wait_ms;
    int64_t results_since, repeats_since; /* raw steady of the first that waits for a commit; 0: none does */
    bool must_commit; /* something was stepped since the last commit */
    bool binding; /* something that waits for nothing else: neither alerts nor outcomes */
    struct window window;
    size_t requests; /* with alerts, in this batch */
    bool urgent; /* something else was stepped in this batch */
    int64_t committed_at; /* raw steady of the last commit */
    int64_t committed_serial;

    int64_t failing_since, retry_at, retry_wait; /* raw steady; failing_since 0: commits succeed */
    int64_t complain_at, alarm_at; /* raw steady: the log hears of it again, the administrators do */
    bool spool_broken; /* while commits fail: the spool cannot be written either */
    int64_t serial; /* of the last commit tried or record spooled */
    struct doubt doubt;

    pthread_mutex_t bundles_lock; /* readers of engine_bundles() against our changes */
    VEC(struct kept_bundle) bundles;
    bundle_id active, proposed; /* 0: none */
    int64_t pruned_at; /* raw steady */

    _Atomic int failing;
    pthread_mutex_t lag_lock; /* of readers who wait for `lags` to end */
    pthread_cond_t caught_up;
    _Atomic int lags; /* somebody was answered whose alerts the store does not have yet */
    _Atomic int wanted; /* and somebody who reads waits for it */
    void (*wake)(void *ctx);
    void *wake_ctx;
    struct engine_counters counters;
};

#define COUNT(e, name, n) atomic_fetch_add_explicit(&(e)->counters.name, (int64_t)(n), memory_order_relaxed)
#define GAUGE(e, name, n) atomic_store_explicit(&(e)->counters.name, (int64_t)(n), memory_order_relaxed)

/* batch.c: steps one event now, with everything that batches do around it. */
void batch_step(struct engine *e, struct post *p);
void batch_read_clock(struct engine *e);
/* commit.c: writes the batch, then replies and sends; or keeps it. */
void commit_batch(struct engine *e);
struct clock_row commit_clock(struct engine *e); /* of now, with the next serial */
bool commit_awaits(struct engine *e, uint64_t ticket); /* somebody still waits for this answer */
void commit_ahead(struct engine *e); /* answers the batch's requests: they hold nothing but repeats, which the commit may follow */
void commit_done(struct engine *e); /* after a commit that succeeded: answers, sends, forgets the batch */
void commit_answer(struct engine *e, size_t i, int code, const char *text); /* waiting[i], now */
/* doubt.c: a commit that failed may stand all the same. */
void doubt_begins(struct engine *e); /* it was tried, and failed */
int doubt_settle(struct engine *e, struct error *err); /* before the next try; the store's error: it cannot be asked */
/* failing.c: the batch is not on disk: keeps it, sends what wakes, answers. `err`: of the commit; NULL: not tried again yet */
void failing_hold(struct engine *e, const struct error *err);
void failing_ends(struct engine *e); /* a commit succeeded */
/* bundles.c: what EVENT_BUNDLE made. */
void bundles_keep(struct engine *e, bundle_id id, struct live_bundle *b);
void bundles_prune(struct engine *e);

#endif
