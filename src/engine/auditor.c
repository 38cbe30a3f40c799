/* auditor.c - when it is looked, and what follows. Not here: the checks (audit.c, audit_world.c). */
#include "engine/auditor.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/check.h"
#include "core/delivery.h"
#include "core/escalation.h"
#include "engine/bundle.h"
#include "engine/canary.h"
#include "store/store.h"
#include "sys/log.h"

#define ALARM_AFTER_MS MINUTE
#define ALARM_AGAIN_MS HOUR
#define CANARY_AGAIN_MS MINUTE /* after one that did not come round */

struct auditor {
    struct auditor_options o;
    struct audit now; /* being made; engine's thread */
    int64_t looked_at, canary_at, beat_at; /* raw steady; 0: never */
    struct canary *canary; /* on its way; NULL: none */
    int64_t canary_before; /* when the message of the one before was queued: another one is ours */
    struct buf canary_lost; /* what did not happen to the last one; empty: it came round */
    bool looked_held, looked_failing; /* what the last look found: a change is told at once, not 15 s later */
    int64_t failing_since[AUDIT_CHECK_MAX]; /* raw steady; 0: it does not fail */
    int64_t alarmed_at[AUDIT_CHECK_MAX]; /* raw steady; 0: not since it fails */
    struct buf alarm; /* what the event points at until it is stepped */
    struct buf unread; /* why what was committed last cannot be read */
    struct buf overrides; /* of the active bundle, that have ended or end soon */
    bool ended; /* one of them has */
    int64_t reminded; /* the day, since 1970-01-01, on which the administrators were told that it has */
    _Atomic int64_t beat_every; /* ms; 0: no URL */
    pthread_mutex_t lock; /* of `last` */
    struct audit last;
    struct auditor_gauges gauges;
};

struct auditor *auditor_create(const struct auditor_options *o)
{
    struct auditor *a = mem_alloc(sizeof *a);
    a->o = *o;
    CHECK(pthread_mutex_init(&a->lock, NULL) == 0);
    audit_reset(&a->last, 0);
    return a;
}

void auditor_destroy(struct auditor **ap)
{
    struct auditor *a = *ap;
    if (a == NULL) return;
    canary_destroy(&a->canary);
    buf_release(&a->canary_lost);
    audit_release(&a->now);
    audit_release(&a->last);
    buf_release(&a->alarm);
    buf_release(&a->overrides);
    buf_release(&a->unread);
    pthread_mutex_destroy(&a->lock);
    mem_free(a);
    *ap = NULL;
}

void auditor_configure(struct auditor *a, int64_t heartbeat_every_ms)
{
    atomic_store(&a->beat_every, heartbeat_every_ms);
    atomic_store(&a->gauges.heartbeat, heartbeat_every_ms > 0);
}

/* Whoever asks while commits fail is not told of the look before. */
void auditor_read(struct auditor *a, struct audit *out)
{
    pthread_mutex_lock(&a->lock);
    audit_copy(out, &a->last);
    pthread_mutex_unlock(&a->lock);
    if (engine_failing(a->o.engine)) audit_store_fails(out);
}

const struct auditor_gauges *auditor_gauges(const struct auditor *a)
{
    return &a->gauges;
}

/* --- looking --- */

/* The row that every commit writes: is it there as it was written last? By a reader that is opened anew: whoever has a
 * database open does not notice that its file was moved away, or another put in its place. */
static void read_back(struct auditor *a, int64_t serial)
{
    const int64_t key = 1;
    struct error err = { 0 };
    struct store_reader *reader = NULL;
    struct row r;
    buf_reset(&a->unread);
    int rc = store_reader_open(a->o.store, &reader, &err);
    if (rc == 0) rc = store_read_row(reader, ROW_CLOCK, &key, &r, &err);
    if (rc < 0 && rc != ERR_NOT_FOUND)
        buf_add_str(&a->unread, err.detail);
    else if (rc < 0 || ((const struct clock_row *)r.v)->serial != serial)
        buf_add_str(&a->unread, "was it moved or replaced?");
    store_reader_close(&reader);
}

/* Nothing is judged by the day to put something out of force, but it is told (R13). */
static void gather_overrides(struct auditor *a, struct moment raw)
{
    struct live_bundle *b = NULL;
    struct error ended = { 0 };
    buf_reset(&a->overrides);
    a->ended = false;
    if (engine_bundles(a->o.engine, &b, 1) == 0) return;
    a->ended = bundle_judge_days(b, raw.wall_ms / DAY, &a->overrides, &ended) < 0;
    bundle_release(&b);
}

static struct audit_facts gather(struct auditor *a, struct moment raw)
{
    const struct engine_counters *c = engine_counters(a->o.engine);
    const struct engine_pulse pulse = engine_pulse(a->o.engine);
    struct audit_facts f = {
        .store_fails = engine_failing(a->o.engine),
        .committed_ago_ms = raw.steady_ms - pulse.committed_at,
        .no_spool = !pulse.has_spool,
        .spool_fails = pulse.has_spool && atomic_load(&c->spool_failing) != 0,
        .history_broken = atomic_load(&c->chain_broken) != 0,
        .held = engine_held(a->o.engine),
        .heartbeat = atomic_load(&a->beat_every) > 0,
    };
    read_back(a, pulse.serial);
    f.store_unread = buf_slice(&a->unread);
    outbox_judge(a->o.outbox, &f);
    gather_overrides(a, raw);
    f.overrides = buf_slice(&a->overrides);
    return f;
}

/* The canary of a house that does not send, or whose courier was never there, says nothing more than these lines do. */
static void note_no_canary(struct auditor *a, const struct audit_facts *f, struct moment raw)
{
    if (f->held)
        a->now.lines[AUDIT_CANARY].state = AUDIT_STATE_UNSET;
    else if (a->canary_lost.len > 0)
        audit_note(&a->now, AUDIT_CANARY, AUDIT_FAILING, "%s", buf_str(&a->canary_lost));
    else if (a->canary_at != 0 && raw.steady_ms - a->canary_at > CANARY_EVERY_MS + MINUTE)
        audit_note(&a->now, AUDIT_CANARY, AUDIT_FAILING, "none was sent for %" PRId64 " s",
                   (raw.steady_ms - a->canary_at) / SECOND);
}

static void measure(struct auditor *a)
{
    const struct delivery *d = world_delivery(engine_world(a->o.engine), CANARY_DELIVERY);
    int64_t failing = 0, warnings = 0;
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) {
        const enum audit_state s = a->now.lines[i].state;
        failing += s == AUDIT_FAILING;
        warnings += s == AUDIT_WARNING;
        atomic_store(&a->gauges.states[i], s <= AUDIT_OK);
    }
    atomic_store(&a->gauges.failing, failing);
    atomic_store(&a->gauges.warnings, warnings);
    atomic_store(&a->gauges.looked_wall, a->now.wall);
    if (d != NULL && d->state == DELIVERY_ACCEPTED) atomic_store(&a->gauges.canary_ms, d->ended_at - d->queued_at);
}

/* --- what follows --- */

/* Those whose trouble is an alarm already (failing.c), or that a person decided. */
static bool is_alarmed_elsewhere(const struct auditor *a, size_t check)
{
    return (check == AUDIT_STORE && engine_failing(a->o.engine)) || check == AUDIT_SPOOL || check == AUDIT_HELD;
}

static void alarm_done(void *caller, const struct reply *reply)
{
    struct auditor *a = caller;
    (void)reply;
    buf_reset(&a->alarm);
}

static bool post_alarm(struct auditor *a)
{
    struct error err = { 0 };
    struct post p = { .event = { .kind = EVENT_TROUBLE, .trouble = { buf_slice(&a->alarm) } } };
    p.bytes = event_bytes(&p.event);
    p.done = alarm_done;
    p.caller = a;
    if (engine_post(a->o.engine, &p, &err) == 0) return true;
    buf_reset(&a->alarm);
    return false;
}

static bool raise_alarm(struct auditor *a, size_t check)
{
    if (a->alarm.len > 0) return false; /* one at a time; the next look is in 15 s */
    buf_addf(&a->alarm, "the self-audit fails: %s: %s", audit_check_name((enum audit_check)check),
             buf_str(&a->now.lines[check].text));
    return post_alarm(a);
}

/* What is weaker than the organisation allows is in force until somebody cures it: told on each working day, and never at
 * night, for no page is lost by it. */
static void remind_of_overrides(struct auditor *a, struct moment raw)
{
    const struct directory *d = world_directory(engine_world(a->o.engine));
    const int64_t today = raw.wall_ms / DAY;
    if (!a->ended || a->reminded == today || a->alarm.len > 0 || !working_at(d, raw.wall_ms)) return;
    buf_addf(&a->alarm, "the procedures in force are weaker than they may be: %s",
             buf_str(&a->now.lines[AUDIT_PROCEDURES].text));
    if (post_alarm(a)) a->reminded = today;
}

/* Alerts that are refused grow more with every hour, and a full world empties and fills by the minute. */
static bool is_told_hourly(size_t check)
{
    return check == AUDIT_LIMITS;
}

static bool is_alarm_due(const struct auditor *a, size_t check, int64_t at)
{
    const int64_t last = a->alarmed_at[check];
    if (is_alarmed_elsewhere(a, check) || at - a->failing_since[check] < ALARM_AFTER_MS) return false;
    return last == 0 || (is_told_hourly(check) && at - last >= ALARM_AGAIN_MS);
}

static void follow(struct auditor *a, size_t check, struct moment raw)
{
    if (a->now.lines[check].state != AUDIT_FAILING) {
        if (a->failing_since[check] != 0)
            log_info("audit", "%s: passes again", audit_check_name((enum audit_check)check));
        a->failing_since[check] = 0;
        if (!is_told_hourly(check)) a->alarmed_at[check] = 0;
        return;
    }
    if (a->failing_since[check] == 0) {
        a->failing_since[check] = raw.steady_ms;
        log_error("audit", "%s: %s", audit_check_name((enum audit_check)check), buf_str(&a->now.lines[check].text));
    }
    if (is_alarm_due(a, check, raw.steady_ms) && raise_alarm(a, check)) a->alarmed_at[check] = raw.steady_ms;
}

static void look(struct auditor *a, struct moment raw)
{
    const struct moment now = engine_moment(a->o.engine, raw);
    const struct audit_facts f = gather(a, raw);
    if (a->looked_at == 0 && a->now.since == 0) a->now.since = now.steady_ms;
    a->looked_at = raw.steady_ms;
    a->looked_held = f.held;
    a->looked_failing = f.store_fails;
    audit_reset(&a->now, raw.wall_ms);
    audit_world(&a->now, engine_world(a->o.engine), now);
    note_no_canary(a, &f, raw);
    audit_house(&a->now, &f, world_directory(engine_world(a->o.engine)), raw.steady_ms);
    measure(a);
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++) follow(a, i, raw);
    remind_of_overrides(a, raw);
    pthread_mutex_lock(&a->lock);
    audit_copy(&a->last, &a->now);
    pthread_mutex_unlock(&a->lock);
}

/* --- the canary --- */

static const struct delivery *canary_message(const struct auditor *a)
{
    return world_delivery(engine_world(a->o.engine), CANARY_DELIVERY);
}

static void lose_canary(struct auditor *a, const struct error *why)
{
    canary_destroy(&a->canary);
    buf_reset(&a->canary_lost);
    buf_add_str(&a->canary_lost, why->detail);
    a->looked_at = 0; /* the next look is now */
}

/* Its incident opens, and its message goes the way of every page. */
static void send_canary(struct auditor *a, struct moment raw)
{
    struct error err = { 0 };
    const struct delivery *d = canary_message(a);
    struct post p = { .event = { .kind = EVENT_CANARY } };
    struct live_bundle *active = NULL;
    p.bytes = event_bytes(&p.event);
    engine_bundles(a->o.engine, &active, 1);
    a->canary = canary_begin(a->o.clock, active, &err);
    bundle_release(&active);
    a->canary_before = d == NULL || delivery_is_open(d) ? 0 : d->queued_at;
    if (a->canary == NULL) {
        a->canary_at = raw.steady_ms;
        lose_canary(a, &err);
    } else if (engine_post(a->o.engine, &p, &err) < 0) {
        canary_destroy(&a->canary); /* a full queue: the next tick, or the audit says so */
    } else {
        a->canary_at = raw.steady_ms;
        atomic_fetch_add(&a->gauges.canaries, 1);
    }
}

/* Its message ended, or it waits: check_canary() says for how long. */
static void mind_canary(struct auditor *a)
{
    struct error err = { 0 };
    const struct delivery *d = canary_message(a);
    canary_run(a->canary);
    if (d == NULL || delivery_is_open(d) || d->queued_at == a->canary_before) return;
    if (canary_end(a->canary, (enum outcome)d->outcome, &err) < 0) {
        lose_canary(a, &err);
        return;
    }
    canary_destroy(&a->canary);
    buf_reset(&a->canary_lost);
}

static bool is_canary_due(const struct auditor *a, bool courier, struct moment raw)
{
    const int64_t every = a->canary_lost.len > 0 ? CANARY_AGAIN_MS : CANARY_EVERY_MS;
    if (engine_held(a->o.engine) || a->canary != NULL) return false;
    return a->canary_at == 0 ? courier : raw.steady_ms - a->canary_at >= every;
}

void auditor_tick(struct auditor *a, struct moment raw)
{
    const int64_t every = atomic_load(&a->beat_every);
    struct audit_facts f = { 0 };
    outbox_judge(a->o.outbox, &f);
    if (a->canary != NULL) mind_canary(a);
    if (is_canary_due(a, f.courier, raw)) send_canary(a, raw);
    if (a->looked_at == 0 || raw.steady_ms - a->looked_at >= AUDIT_EVERY_MS ||
        a->looked_held != engine_held(a->o.engine) || a->looked_failing != engine_failing(a->o.engine))
        look(a, raw);
    if (every == 0 || audit_worst(&a->now) == AUDIT_FAILING) return;
    if (a->beat_at != 0 && raw.steady_ms - a->beat_at < every) return;
    if (!f.courier) return;
    a->beat_at = raw.steady_ms;
    outbox_beat(a->o.outbox, raw);
}
