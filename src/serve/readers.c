/* readers.c - jobs in, one transaction each. */
#include "serve/readers.h"

#include <pthread.h>

#include "base/check.h"
#include "base/vec.h"
#include "sys/log.h"
#include "sys/thread.h"

struct job {
    port_read_fn *run;
    void *caller;
};

struct reader_thread {
    struct readers *all;
    struct store_reader *reader;
    pthread_t thread;
    bool started;
};

struct readers {
    struct engine *engine; /* asked to catch up before each read; NULL: nobody yet */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job jobs[READERS_QUEUE_MAX]; /* a ring */
    size_t first, n;
    bool stopping;
    struct reader_thread threads[READERS];
};

static bool take(struct readers *r, struct job *out)
{
    pthread_mutex_lock(&r->lock);
    while (r->n == 0 && !r->stopping) pthread_cond_wait(&r->changed, &r->lock);
    const bool found = r->n > 0;
    if (found) {
        *out = r->jobs[r->first];
        r->first = (r->first + 1) % READERS_QUEUE_MAX;
        r->n--;
    }
    pthread_mutex_unlock(&r->lock);
    return found;
}

static void run(struct engine *engine, struct store_reader *reader, const struct job *job)
{
    struct error err = { 0 };
    if (engine != NULL) engine_catch_up(engine);
    if (store_read_begin(reader, &err) < 0) {
        log_error("readers", "the store cannot be read: %s", err.detail);
        job->run(job->caller, NULL);
        return;
    }
    job->run(job->caller, reader);
    if (store_read_end(reader, &err) < 0) log_warning("readers", "a read failed: %s", err.detail);
}

static void *reader_main(void *ctx)
{
    struct reader_thread *t = ctx;
    struct job job;
    while (take(t->all, &job)) run(t->all->engine, t->reader, &job);
    return NULL;
}

int readers_submit(struct readers *r, port_read_fn *run_fn, void *caller, struct error *e)
{
    int rc = 0;
    pthread_mutex_lock(&r->lock);
    if (r->n == READERS_QUEUE_MAX || r->stopping) {
        rc = fail(e, ERR_BUSY, "too many reads wait: try again in a few seconds");
    } else {
        r->jobs[(r->first + r->n++) % READERS_QUEUE_MAX] = (struct job){ run_fn, caller };
        pthread_cond_signal(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return rc;
}

static int start_one(struct readers *r, struct reader_thread *t, struct store *store, struct error *e)
{
    t->all = r;
    int rc = store_reader_open(store, &t->reader, e);
    if (rc < 0) return rc;
    rc = thread_start(&t->thread, reader_main, t, "reads the database", e);
    t->started = rc == 0;
    return rc;
}

int readers_start(struct store *store, struct readers **out, struct error *e)
{
    struct readers *r = mem_alloc(sizeof *r);
    CHECK(pthread_mutex_init(&r->lock, NULL) == 0 && pthread_cond_init(&r->changed, NULL) == 0);
    int rc = 0;
    for (size_t i = 0; i < READERS && rc == 0; i++) rc = start_one(r, &r->threads[i], store, e);
    if (rc < 0) readers_stop(&r);
    *out = r;
    return rc;
}

void readers_follow(struct readers *r, struct engine *engine)
{
    r->engine = engine;
}

void readers_stop(struct readers **rp)
{
    struct readers *r = *rp;
    if (r == NULL) return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < READERS; i++) {
        if (r->threads[i].started) pthread_join(r->threads[i].thread, NULL);
        store_reader_close(&r->threads[i].reader);
    }
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
    *rp = NULL;
}
