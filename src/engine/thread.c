/* thread.c - one thread, one loop, one engine. */
#include "engine/thread.h"

#include <pthread.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "sys/log.h"
#include "sys/thread.h"

#define TICK_MS 1000
#define STOP_LOOK_MS 20 /* while stopping: how often we look whether all results are in */

struct engine_thread {
    struct engine_thread_options o;
    struct loop *loop;
    pthread_t thread;
    int64_t due_timer; /* of the loop; 0: none */
    pthread_mutex_t lock; /* of what other threads say, below */
    int new_courier; /* -1: none */
    bool reload, release;
    bool stopping;
    int64_t stop_wait_ms;
    int64_t stop_until; /* steady ms; 0 until the thread has seen `stopping` */
    int rc;
    struct error error;
};

static void on_due(void *ctx, int64_t timer, struct moment now);

static void arm_due(struct engine_thread *t)
{
    int64_t due;
    loop_cancel_timer(t->loop, t->due_timer);
    t->due_timer = engine_next_due(t->o.engine, &due) ? loop_add_timer(t->loop, due, on_due, t) : 0;
}

/* More batches may wait: the loop looks at its descriptors between two, so that results are never starved. */
static void run(struct engine_thread *t)
{
    if (engine_run_batch(t->o.engine)) loop_wake(t->loop);
    arm_due(t);
}

static void on_due(void *ctx, int64_t timer, struct moment now)
{
    struct engine_thread *t = ctx;
    (void)timer, (void)now;
    t->due_timer = 0;
    run(t);
}

static void on_tick(void *ctx, int64_t timer, struct moment now)
{
    struct engine_thread *t = ctx;
    (void)timer;
    t->o.tick(t->o.ctx);
    if (t->o.auditor != NULL) auditor_tick(t->o.auditor, now);
    loop_add_timer(t->loop, now.steady_ms + TICK_MS, on_tick, t);
}

static bool is_drained(struct engine_thread *t)
{
    const struct engine_counters *c = engine_counters(t->o.engine);
    return atomic_load(&outbox_counters(t->o.outbox)->in_flight) == 0 && atomic_load(&c->queued) == 0;
}

static void on_stopping(void *ctx, int64_t timer, struct moment now)
{
    struct engine_thread *t = ctx;
    (void)timer;
    run(t);
    if (t->stop_until == 0) t->stop_until = now.steady_ms + t->stop_wait_ms;
    if (!is_drained(t) && now.steady_ms < t->stop_until) {
        loop_add_timer(t->loop, now.steady_ms + STOP_LOOK_MS, on_stopping, t);
        return;
    }
    while (engine_run_batch(t->o.engine)) {
    }
    t->rc = engine_commit(t->o.engine, &t->error);
    loop_stop(t->loop);
}

static void on_wake(void *ctx)
{
    struct engine_thread *t = ctx;
    pthread_mutex_lock(&t->lock);
    const int courier = t->new_courier;
    const bool reload = t->reload, release = t->release, stopping = t->stopping;
    t->new_courier = -1;
    t->reload = t->release = t->stopping = false;
    pthread_mutex_unlock(&t->lock);
    if (courier >= 0) outbox_attach(t->o.outbox, courier);
    if (reload) outbox_reload(t->o.outbox);
    if (release) engine_release(t->o.engine);
    if (release) outbox_release(t->o.outbox);
    run(t);
    if (stopping) on_stopping(t, 0, loop_now(t->loop));
}

static void wake(void *ctx)
{
    loop_wake(ctx);
}

static void *thread_main(void *ctx)
{
    struct engine_thread *t = ctx;
    const struct moment now = clock_read(t->o.clock);
    outbox_attach(t->o.outbox, t->o.courier_fd);
    on_tick(t, 0, now);
    run(t);
    struct error err = { 0 };
    if (loop_run(t->loop, &err) < 0) {
        log_error("engine", "the loop failed: %s", err.detail);
        t->rc = err.code;
        t->error = err;
    }
    return NULL;
}

int engine_thread_start(const struct engine_thread_options *o, struct engine_thread **out, struct error *e)
{
    struct loop *loop = loop_create(o->clock, e);
    if (loop == NULL) return e->code;
    struct engine_thread *t = mem_alloc(sizeof *t);
    *t = (struct engine_thread){ .o = *o, .loop = loop, .new_courier = -1 };
    CHECK(pthread_mutex_init(&t->lock, NULL) == 0);
    loop_on_wake(loop, on_wake, t);
    outbox_start(o->outbox, o->engine, loop);
    engine_on_post(o->engine, wake, loop);
    if (thread_start(&t->thread, thread_main, t, "decides and stores", e) < 0) {
        pthread_mutex_destroy(&t->lock);
        loop_destroy(&t->loop);
        mem_free(t);
        return ERR_IO;
    }
    *out = t;
    return 0;
}

void engine_thread_courier(struct engine_thread *t, int fd)
{
    pthread_mutex_lock(&t->lock);
    if (t->new_courier >= 0) close(t->new_courier);
    t->new_courier = fd;
    pthread_mutex_unlock(&t->lock);
    loop_wake(t->loop);
}

void engine_thread_reload(struct engine_thread *t)
{
    pthread_mutex_lock(&t->lock);
    t->reload = true;
    pthread_mutex_unlock(&t->lock);
    loop_wake(t->loop);
}

void engine_thread_release(struct engine_thread *t)
{
    pthread_mutex_lock(&t->lock);
    t->release = true;
    pthread_mutex_unlock(&t->lock);
    loop_wake(t->loop);
}

int engine_thread_stop(struct engine_thread **tp, int64_t wait_ms, struct error *e)
{
    struct engine_thread *t = *tp;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    t->stop_wait_ms = wait_ms;
    pthread_mutex_unlock(&t->lock);
    loop_wake(t->loop);
    pthread_join(t->thread, NULL);
    const int rc = t->rc;
    if (rc < 0 && e != NULL) *e = t->error;
    engine_on_post(t->o.engine, NULL, NULL);
    outbox_attach(t->o.outbox, -1);
    if (t->new_courier >= 0) close(t->new_courier);
    loop_destroy(&t->loop);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
    *tp = NULL;
    return rc;
}
