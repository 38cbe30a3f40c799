/* thread.h - the engine's own thread: a loop that runs batches when something is posted or due, and ticks.
 *
 * The loop sleeps exactly until the next due instant. Each second, and after every batch, it reports that it completed a
 * round: a thread that hangs in a step or in the database does not tick, and the supervisor notices. */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include "engine/auditor.h"

struct engine_thread; /* opaque */

struct engine_thread_options {
    const struct clock *clock;
    struct engine *engine; /* recovered */
    struct outbox *outbox;
    struct auditor *auditor; /* NULL: none */
    int courier_fd; /* owned from now on; -1: none yet */
    void (*tick)(void *ctx); /* on the thread, at most once a second */
    void *ctx;
};

/* The engine belongs to the thread until engine_thread_stop() returned. */
int engine_thread_start(const struct engine_thread_options *o, struct engine_thread **out, struct error *e);
/* Any thread: another courier is at `fd`, owned from now on. */
void engine_thread_courier(struct engine_thread *t, int fd);
/* Any thread: the courier is told to read site.yaml again. */
void engine_thread_reload(struct engine_thread *t);
/* Any thread: a restored copy that is held begins to send. */
void engine_thread_release(struct engine_thread *t);
/* Any other thread: empties the queue, waits for results at most `wait_ms`, commits, ends, frees. 0, or the
 * store's error: the last batch is not on disk. engine_close() comes before. */
int engine_thread_stop(struct engine_thread **t, int64_t wait_ms, struct error *e);

#endif
