/* engine.c - the engine's life, and its one door. What a batch does is in batch.c, the commit in commit.c. */
#include "engine/engine.h"

#include "base/check.h"
#include "engine/inner.h"

#define CATCH_UP_S 3 /* who reads waits no longer: the store is asked as it is */

struct engine *engine_create(const struct engine_options *o)
{
    struct engine *e = mem_alloc(sizeof *e);
    static const int64_t sizes[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000 };
    e->clock = o->clock;
    e->counters.batch_size.bounds = sizes;
    e->counters.batch_size.n_bounds = COUNT_OF(sizes);
    e->store = o->store;
    e->sender = o->sender;
    e->watcher = o->watcher;
    e->spool = o->spool;
    e->results_wait_ms = o->results_wait_ms;
    e->repeats_wait_ms = o->repeats_wait_ms;
    GAUGE(e, spool_failing, o->spool == NULL);
    e->world = world_create(o->hash_key, o->limits);
    e->queue = queue_create();
    if (o->chain_key.n > 0) e->chain = chain_create(o->chain_key, o->store);
    effects_init(&e->fx);
    CHECK(pthread_mutex_init(&e->bundles_lock, NULL) == 0 && pthread_mutex_init(&e->lag_lock, NULL) == 0);
    pthread_condattr_t steady;
    CHECK(pthread_condattr_init(&steady) == 0 && pthread_condattr_setclock(&steady, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&e->caught_up, &steady) == 0);
    pthread_condattr_destroy(&steady);
    return e;
}

static void drop_posts(struct engine *e)
{
    const struct reply r = { .code = ERR_UNAVAILABLE,
                             .text = S("Tocsin is stopping: send this again in a few seconds") };
    struct post p;
    while (queue_take(e->queue, &p))
        if (p.done != NULL) p.done(p.caller, &r);
    for (size_t i = 0; i < e->waiting.n; i++)
        if (!e->waiting.v[i].answered)
            commit_answer(e, i, ERR_UNKNOWN, "Tocsin stopped before the commit: outcome unknown, look again");
}

void engine_destroy(struct engine **ep)
{
    struct engine *e = *ep;
    if (e == NULL) return;
    queue_close(e->queue);
    drop_posts(e);
    queue_destroy(&e->queue);
    vec_release(&e->waiting);
    world_destroy(&e->world); /* before the bundles that it refers to */
    for (size_t i = 0; i < e->bundles.n; i++) bundle_release(&e->bundles.v[i].bundle);
    vec_release(&e->bundles);
    effects_release(&e->fx);
    chain_destroy(&e->chain);
    buf_release(&e->head);
    pthread_mutex_destroy(&e->bundles_lock);
    pthread_mutex_destroy(&e->lag_lock);
    pthread_cond_destroy(&e->caught_up);
    mem_free(e);
    *ep = NULL;
}

int engine_leave(struct engine *e, const struct post *p, struct error *err)
{
    const int rc = queue_put(e->queue, p, e->clock, err);
    if (rc < 0) COUNT(e, refused, 1);
    return rc;
}

void engine_wake(struct engine *e)
{
    if (e->wake != NULL) e->wake(e->wake_ctx);
}

int engine_post(struct engine *e, const struct post *p, struct error *err)
{
    const int rc = engine_leave(e, p, err);
    if (rc == 0) engine_wake(e);
    return rc;
}

void engine_catch_up(struct engine *e)
{
    if (atomic_load(&e->lags) == 0) return;
    const struct timespec until = { .tv_sec = clock_monotonic_us() / 1000000 + CATCH_UP_S };
    pthread_mutex_lock(&e->lag_lock);
    atomic_store(&e->wanted, 1);
    engine_wake(e);
    for (int rc = 0; atomic_load(&e->lags) != 0 && rc == 0;)
        rc = pthread_cond_timedwait(&e->caught_up, &e->lag_lock, &until);
    pthread_mutex_unlock(&e->lag_lock);
}

static size_t alerts_bytes(const struct event_alerts *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct signal *s = &a->v[i];
        n += sizeof *s + s->n_labels * sizeof *s->labels + s->labels_text.n * 2 + s->annotations.n + s->summary.n;
    }
    return n;
}

size_t event_bytes(const struct event *ev)
{
    const size_t own = sizeof(struct post);
    if (ev->kind == EVENT_ALERTS) return own + alerts_bytes(&ev->alerts);
    if (ev->kind == EVENT_ACT) return own + sizeof *ev->act + ev->act->text.n + ev->act->matchers.n;
    if (ev->kind == EVENT_RESULT) return own + ev->result.detail.n;
    return own;
}

void engine_close(struct engine *e)
{
    queue_close(e->queue);
}

void engine_on_post(struct engine *e, void (*wake)(void *ctx), void *ctx)
{
    e->wake_ctx = ctx;
    e->wake = wake;
}

struct engine_pulse engine_pulse(const struct engine *e)
{
    return (struct engine_pulse){ e->committed_at, e->committed_serial, e->spool != NULL };
}

const struct world *engine_world(const struct engine *e)
{
    return e->world;
}

void engine_hold(struct engine *e, const struct instance *row)
{
    e->instance = *row;
    GAUGE(e, held, 1);
}

void engine_name(struct engine *e, const struct instance *row)
{
    e->instance = *row;
    e->instance_due = true;
}

void engine_release(struct engine *e)
{
    if (e->instance.held == 0) return;
    e->instance.held = 0;
    e->instance_due = e->must_commit = true;
    GAUGE(e, held, 0);
}

bool engine_held(const struct engine *e)
{
    return atomic_load(&e->counters.held) != 0;
}

const struct engine_counters *engine_counters(const struct engine *e)
{
    return &e->counters;
}

bool engine_failing(const struct engine *e)
{
    return atomic_load(&e->failing) != 0;
}
