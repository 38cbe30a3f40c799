/* batch.c - takes what waits and what is due, in the order of design.md, and steps it on one reading of the clock.
 * Not here: what a step decides (core/), the commit and what follows from it (commit.c).
 * Always: time never goes back for the world; an event that somebody waits for is answered once, whatever happens. */
#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "core/alert.h"
#include "engine/inner.h"
#include "sys/log.h"

#define STEPPING_MS 10 /* of one batch */
#define BATCH_MAX 4096 /* events, for clocks that stand still */
#define TIMERS_MAX 512 /* of one batch, whatever else there is: deadlines are not starved by a storm */
#define LOOK_EVERY 32 /* steps between two looks at how long it took */
#define JUMP_MS 2000 /* wall against steady: more than this was somebody setting the clock (R42) */
#define HELD_BYTES_MAX ((size_t)64 << 20) /* of effects kept while commits fail: beyond it alerts are not stepped */
#define STOOD_STILL_MS (20 * SECOND) /* between two looks: twice what lies between them at most */
#define RESULTS_WAIT_MAX 64 /* outcomes and credits that wait for a commit */
#define REPEATS_WAIT_MAX 1024 /* rows that do: so many are a commit of a millisecond or two */
#define IDLE_COMMIT_MS (10 * SECOND) /* the clock row is never older: downtime is counted from it (I21) */

struct moment engine_moment(const struct engine *e, struct moment raw)
{
    return (struct moment){ .steady_ms = raw.steady_ms + e->offset, .wall_ms = raw.wall_ms };
}

void batch_read_clock(struct engine *e)
{
    e->raw = clock_read(e->clock);
    e->now = engine_moment(e, e->raw);
    if (e->now.steady_ms < e->last_at) e->now.steady_ms = e->last_at;
}

/* An act or a result carries the time at which it came in, so that a fact stamped at its deadline is in time. */
static void stamp(struct engine *e, struct post *p)
{
    int64_t at = e->now.steady_ms;
    if (p->received.steady_ms != 0 && queue_line_of(p->event.kind) == QUEUE_FIRST) {
        at = engine_moment(e, p->received).steady_ms;
        if (at > e->now.steady_ms) at = e->now.steady_ms; /* it came in after this batch's reading */
    }
    if (at < e->last_at) at = e->last_at;
    p->event.at = e->last_at = at;
    p->event.wall = e->now.wall_ms - (e->now.steady_ms - at);
}

/* What may wait for a commit that is somebody else's, and since when. */
static void note_wait(struct engine *e, enum event_kind kind)
{
    int64_t *since = kind == EVENT_ALERTS                              ? &e->repeats_since
                     : kind == EVENT_RESULT || kind == EVENT_CREDIT ? &e->results_since
                                                                       : NULL;
    if (since == NULL)
        e->binding = true;
    else if (*since == 0)
        *since = e->raw.steady_ms;
}

void batch_step(struct engine *e, struct post *p)
{
    stamp(e, p);
    struct waiting *w = vec_push(&e->waiting);
    w->post = *p;
    w->ticket = w->post.event.reply_to = ++e->tickets;
    struct event ev = w->post.event;
    if (ev.kind == EVENT_ALERTS) COUNT(e, alerts, ev.alerts.n);
    if (ev.kind == EVENT_ALERTS)
        e->requests++;
    else
        e->urgent = true;
    note_wait(e, ev.kind);
    COUNT(e, events, 1);
    e->must_commit = true;
    if (e->watcher != NULL) e->watcher->before(e->watcher->ctx, e->world, &ev, &e->fx);
    world_step(e->world, &ev, &e->fx);
    if (e->watcher != NULL) e->watcher->after(e->watcher->ctx, e->world, &ev, &e->fx);
}

/* Answered without a step: nothing of it happened. */
static void refuse(struct engine *e, struct post *p, int code, const char *why)
{
    const struct reply r = { .code = code, .text = slice_of(why) };
    COUNT(e, refused, 1);
    if (p->done != NULL) p->done(p->caller, &r);
}

static bool asks_the_world(enum event_kind kind)
{
    return kind == EVENT_ALERTS || kind == EVENT_ACT || kind == EVENT_SITE || kind == EVENT_BUNDLE;
}

static void take_one(struct engine *e, struct post *p)
{
    struct error err = { 0 };
    const enum event_kind kind = p->event.kind;
    if (e->failing_since != 0 && asks_the_world(kind) &&
        (kind != EVENT_ALERTS || arena_used(e->fx.arena) > HELD_BYTES_MAX)) {
        refuse(e, p, ERR_UNAVAILABLE, "the store cannot be written: nothing was changed; make room on its disk, then try again");
        return;
    }
    if (asks_the_world(kind) && world_admit(e->world, &p->event, &err) < 0) {
        refuse(e, p, err.code, err.detail);
        return;
    }
    batch_step(e, p);
}

static void look_for_jump(struct engine *e)
{
    const int64_t gap = e->now.wall_ms - e->now.steady_ms;
    const int64_t moved = gap - e->gap;
    if (moved >= -JUMP_MS && moved <= JUMP_MS) return;
    e->gap = gap;
    COUNT(e, clock_steps, 1);
    batch_step(e, &(struct post){ .event = { .kind = EVENT_CLOCK_SET } });
}

/* We look at least every IDLE_COMMIT_MS: when far more has passed the machine slept, or somebody stopped us. */
static void look_for_absence(struct engine *e)
{
    const int64_t still = e->raw.steady_ms - e->looked_at;
    e->looked_at = e->raw.steady_ms;
    if (still < STOOD_STILL_MS) return;
    log_warning("engine", "stood still for %" PRId64 " ms: alerts hold for so much longer", still);
    batch_step(e, &(struct post){ .event = { .kind = EVENT_STOOD_STILL, .stood_still_ms = still } });
}

static bool budget_left(const struct engine *e, size_t done)
{
    if (done >= BATCH_MAX) return false;
    return done % LOOK_EVERY != 0 || clock_read(e->clock).steady_ms - e->raw.steady_ms < STEPPING_MS;
}

static size_t run_queue(struct engine *e)
{
    const size_t share = window_share(&e->window);
    size_t done = 0;
    struct post p;
    while (e->requests < share && budget_left(e, done) && queue_take(e->queue, &p)) {
        take_one(e, &p);
        done++;
    }
    return done;
}

static size_t run_timers(struct engine *e)
{
    size_t done = 0;
    struct timer_key key;
    int64_t due;
    while (done < TIMERS_MAX && world_next_due(e->world, &due) && due <= e->now.steady_ms &&
           world_due_timer(e->world, e->now.steady_ms, &key)) {
        const int64_t late = e->now.steady_ms - due;
        if (due >= e->started_at && late > atomic_load_explicit(&e->counters.late_ms, memory_order_relaxed))
            GAUGE(e, late_ms, late);
        batch_step(e, &(struct post){ .event = { .kind = EVENT_TIMER, .timer = key } });
        done++;
    }
    COUNT(e, timers, done);
    return done;
}

static void measure(struct engine *e)
{
    const struct mark unrouted = { .kind = ROW_COUNTER, .key = { COUNTER_UNROUTED } };
    struct row r;
    size_t posts, bytes;
    if (world_row(e->world, &unrouted, &r)) GAUGE(e, unrouted, ((const struct counter *)r.v)->last);
    queue_measure(e->queue, &posts, &bytes);
    GAUGE(e, queued, posts);
    GAUGE(e, queued_bytes, bytes);
    GAUGE(e, incidents, world_count(e->world, ROW_INCIDENT));
    GAUGE(e, open_alerts, world_count(e->world, ROW_ALERT));
    GAUGE(e, armed_timers, world_count(e->world, ROW_TIMER));
}

static bool more_waits(const struct engine *e)
{
    size_t posts, bytes;
    int64_t due;
    queue_measure(e->queue, &posts, &bytes);
    if (e->must_commit && e->failing_since == 0 && e->results_since == 0 && e->repeats_since == 0)
        return true; /* the head of the history, stepped behind a commit */
    return posts > 0 || (world_next_due(e->world, &due) && due <= e->now.steady_ms);
}

static bool waited(const struct engine *e, int64_t since, int64_t most_ms)
{
    return since != 0 && e->raw.steady_ms - since >= most_ms;
}

/* Two things may wait for a commit that is made anyway. Outcomes: nobody waits to hear that one is on disk, and nothing
 * follows from it yet; else the next page would wait for the outcome of the one before. A crash meanwhile makes the
 * attempt uncertain, as one a moment earlier would have. And known alerts that were told again: what they say is on disk
 * but for how much longer they last, and after a crash our silence is credited to them, from the last commit on. */
static bool may_wait(const struct engine *e)
{
    return !e->binding && !e->fx.news && e->failing_since == 0 && !e->instance_due && e->fx.sends.n == 0;
}

static bool answers_ahead(const struct engine *e)
{
    return e->repeats_wait_ms > 0 && may_wait(e);
}

static int64_t repeats_wait(const struct engine *e)
{
    return window_repeats_ms(&e->window, e->repeats_wait_ms);
}

static bool commit_waits(const struct engine *e)
{
    if (!may_wait(e) || atomic_load(&e->wanted) != 0) return false;
    if (waited(e, e->results_since, e->results_wait_ms) || waited(e, e->repeats_since, repeats_wait(e))) return false;
    if (e->waiting.n > RESULTS_WAIT_MAX || e->fx.marks.n > REPEATS_WAIT_MAX) return false;
    return e->raw.steady_ms - e->committed_at < IDLE_COMMIT_MS;
}

/* What does not wait for others: anything but alerts, whatever leaves, an incident that came to be, a store that fails. */
static bool is_urgent(const struct engine *e, size_t incidents)
{
    return e->urgent || e->fx.sends.n > 0 || e->failing_since != 0 || world_count(e->world, ROW_INCIDENT) != incidents;
}

/* Alerts that come many at once share a commit (window.h). A timer that falls due meanwhile ends it. */
static size_t gather(struct engine *e, size_t incidents)
{
    const int64_t began = clock_elapsed_us(e->clock);
    struct window_batch b = { .requests = e->requests, .urgent = is_urgent(e, incidents) };
    struct window_wait wait;
    size_t stepped = 0;
    if (answers_ahead(e)) return 0; /* nobody here waits for a commit */
    while (wait = window_wait(&e->window, &b), wait.us > 0) {
        queue_pause(e->queue, wait.us, wait.requests);
        batch_read_clock(e);
        stepped += run_queue(e) + run_timers(e);
        b.requests = e->requests;
        b.urgent = is_urgent(e, incidents);
        b.waited_us = clock_elapsed_us(e->clock) - began;
    }
    return stepped;
}

bool engine_run_batch(struct engine *e)
{
    CHECK(e->recovered);
    const size_t incidents = world_count(e->world, ROW_INCIDENT);
    batch_read_clock(e);
    look_for_jump(e);
    look_for_absence(e);
    window_open(&e->window, clock_elapsed_us(e->clock));
    size_t stepped = run_queue(e) + run_timers(e);
    stepped += gather(e, incidents);
    if (stepped > 0) {
        COUNT(e, batches, 1);
        histogram_observe(&e->counters.batch_size, (int64_t)stepped);
        COUNT(e, step_ms, clock_read(e->clock).steady_ms - e->raw.steady_ms);
    }
    if (e->raw.steady_ms - e->committed_at >= IDLE_COMMIT_MS) e->must_commit = true;
    if (answers_ahead(e)) commit_ahead(e);
    if (e->must_commit && !commit_waits(e)) commit_batch(e);
    measure(e);
    return more_waits(e);
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool engine_next_due(const struct engine *e, int64_t *steady_ms)
{
    int64_t due;
    *steady_ms = e->committed_at + IDLE_COMMIT_MS;
    if (e->results_since != 0) *steady_ms = sooner(*steady_ms, e->results_since + e->results_wait_ms);
    if (e->repeats_since != 0) *steady_ms = sooner(*steady_ms, e->repeats_since + repeats_wait(e));
    if (world_next_due(e->world, &due)) *steady_ms = sooner(*steady_ms, due - e->offset);
    if (e->failing_since != 0) *steady_ms = e->retry_at;
    if (e->failing_since != 0 && world_next_due(e->world, &due)) *steady_ms = sooner(*steady_ms, due - e->offset);
    return true;
}
