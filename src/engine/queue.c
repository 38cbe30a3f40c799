/* queue.c - two rings under one lock. */
#include "engine/queue.h"

#include <pthread.h>
#include <time.h>

#include "base/check.h"
#include "base/vec.h"

struct ring {
    struct post *v; /* QUEUE_MAX_POSTS of them */
    size_t first, n;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t came; /* what ends a pause; while `pausing` */
    bool pausing;
    size_t awaited; /* alerts' posts that end the pause */
    struct ring lines[2]; /* by enum queue_line */
    size_t bytes;
    bool closed;
};

struct queue *queue_create(void)
{
    struct queue *q = mem_alloc(sizeof *q);
    pthread_condattr_t steady;
    CHECK(pthread_mutex_init(&q->lock, NULL) == 0);
    CHECK(pthread_condattr_init(&steady) == 0 && pthread_condattr_setclock(&steady, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&q->came, &steady) == 0);
    pthread_condattr_destroy(&steady);
    for (size_t i = 0; i < COUNT_OF(q->lines); i++) q->lines[i].v = mem_alloc(QUEUE_MAX_POSTS * sizeof(struct post));
    return q;
}

void queue_destroy(struct queue **q)
{
    if (*q == NULL) return;
    for (size_t i = 0; i < COUNT_OF((*q)->lines); i++) {
        CHECK((*q)->lines[i].n == 0);
        mem_free((*q)->lines[i].v);
    }
    pthread_cond_destroy(&(*q)->came);
    pthread_mutex_destroy(&(*q)->lock);
    mem_free(*q);
    *q = NULL;
}

enum queue_line queue_line_of(enum event_kind kind)
{
    return kind == EVENT_ALERTS ? QUEUE_ALERTS : QUEUE_FIRST;
}

/* What the inside says must enter even when the doors are closed: pages in flight wait for it. */
static bool is_from_inside(enum event_kind kind)
{
    return kind == EVENT_RESULT || kind == EVENT_CREDIT || kind == EVENT_COURIER_LOST;
}

static bool has_room(const struct queue *q, const struct post *p)
{
    const bool alerts = queue_line_of(p->event.kind) == QUEUE_ALERTS;
    const size_t posts = alerts ? QUEUE_MAX_POSTS / 8 * 7 : QUEUE_MAX_POSTS;
    const size_t bytes = alerts ? QUEUE_MAX_BYTES / 8 * 7 : QUEUE_MAX_BYTES;
    return q->lines[QUEUE_FIRST].n + q->lines[QUEUE_ALERTS].n < posts && p->bytes <= bytes &&
           q->bytes <= bytes - p->bytes;
}

static bool pause_is_over(const struct queue *q)
{
    return q->lines[QUEUE_FIRST].n > 0 || q->lines[QUEUE_ALERTS].n >= q->awaited;
}

int queue_put(struct queue *q, const struct post *p, const struct clock *clock, struct error *e)
{
    int rc = 0;
    pthread_mutex_lock(&q->lock);
    if (q->closed && !is_from_inside(p->event.kind)) {
        rc = fail(e, ERR_BUSY, "Tocsin is stopping: send this again in a few seconds");
    } else if (!has_room(q, p)) {
        rc = fail(e, ERR_BUSY, "the queue is full: send this again in a few seconds");
    } else {
        struct ring *line = &q->lines[queue_line_of(p->event.kind)];
        struct post *at = &line->v[(line->first + line->n++) % QUEUE_MAX_POSTS];
        *at = *p;
        at->received = clock_read(clock);
        q->bytes += p->bytes;
        if (q->pausing && pause_is_over(q)) pthread_cond_signal(&q->came);
    }
    pthread_mutex_unlock(&q->lock);
    return rc;
}

bool queue_take(struct queue *q, struct post *out)
{
    bool found = false;
    pthread_mutex_lock(&q->lock);
    for (size_t i = 0; i < COUNT_OF(q->lines) && !found; i++) {
        struct ring *line = &q->lines[i];
        if (line->n == 0) continue;
        *out = line->v[line->first];
        line->first = (line->first + 1) % QUEUE_MAX_POSTS;
        if (--line->n == 0) line->first = 0; /* what waited last stays warm, and the rest of the ring untouched */
        q->bytes -= out->bytes;
        found = true;
    }
    pthread_mutex_unlock(&q->lock);
    return found;
}

bool queue_pause(struct queue *q, int64_t us, size_t alerts)
{
    const int64_t end = clock_monotonic_us() + us;
    int rc = 0;
    const struct timespec until = { .tv_sec = end / 1000000, .tv_nsec = end % 1000000 * 1000 };
    pthread_mutex_lock(&q->lock);
    q->pausing = true;
    q->awaited = alerts;
    while (!pause_is_over(q) && rc == 0) rc = pthread_cond_timedwait(&q->came, &q->lock, &until);
    q->pausing = false;
    pthread_mutex_unlock(&q->lock);
    return rc != 0;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_mutex_unlock(&q->lock);
}

void queue_measure(struct queue *q, size_t *posts, size_t *bytes)
{
    pthread_mutex_lock(&q->lock);
    *posts = q->lines[QUEUE_FIRST].n + q->lines[QUEUE_ALERTS].n;
    *bytes = q->bytes;
    pthread_mutex_unlock(&q->lock);
}
