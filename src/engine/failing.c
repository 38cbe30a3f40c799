/* failing.c - while commits fail: the batch is kept, pages that wake leave all the same, and everybody is told the truth.
 * Not here: the commit itself (commit.c), the spool's file (spool.c).
 * Always: nothing that is kept is dropped; what leaves is spooled and synced before it leaves, and where even that fails
 * it leaves all the same and an alarm says so. A post is answered once. */
#include <inttypes.h>

#include "base/check.h"
#include "core/delivery.h"
#include "engine/inner.h"
#include "sys/log.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 1000
#define UNKNOWN_AFTER_MS (5 * SECOND)
#define COMPLAIN_EVERY_MS (10 * SECOND)
#define ALARM_AFTER_MS (15 * SECOND) /* a disk that is slow for a moment wakes nobody */
#define ALARM_EVERY_MS HOUR

static void alarm_administrators(struct engine *e, const char *what, const struct error *why)
{
    struct buf text = { 0 };
    buf_addf(&text, "%s: %s", what, why->detail);
    const struct slice kept = arena_copy(e->fx.arena, buf_slice(&text));
    buf_release(&text);
    batch_step(e, &(struct post){ .event = { .kind = EVENT_TROUBLE, .trouble = { kept } } });
}

/* --- what leaves ---------------------------------------------------------------------------------------------------- */

/* Design: P2 beats the order of things for what is to wake somebody up: SEV1, SEV2, unclassified, and alarms, which tell of
 * this very trouble. Later attempts are worth it too, but only where the spool knows of them: repeats that nobody wrote
 * down would come again after a restart, for ever. */
static bool leaves_unjournaled(const struct engine *e, const struct send *s)
{
    const struct delivery *d = world_delivery(e->world, s->delivery);
    if (d == NULL || (s->attempt > 1 && e->spool_broken)) return false;
    const struct page *page = d->page == 0 ? NULL : world_page(e->world, d->page);
    return d->purpose == PURPOSE_ALARM || (page != NULL && page->rings != 0);
}

/* Each gets its entry, once: marks the places of `sends` from `from` on. */
static size_t mark_urgent(struct engine *e, size_t from)
{
    size_t n = 0;
    const size_t end = e->fx.sends.n;
    for (size_t i = from; i < end; i++) {
        const struct send s = e->fx.sends.v[i];
        if (!leaves_unjournaled(e, &s)) continue;
        log_warning("engine", "unjournaled: delivery=%" PRId64 " attempt=%" PRId64 " leaves before its row is on disk",
                    s.delivery, s.attempt);
        batch_step(e, &(struct post){ .event = { .kind = EVENT_UNJOURNALED, .unjournaled = s.delivery } });
        n++;
    }
    return n;
}

static void spool_batch(struct engine *e)
{
    const struct clock_row clock = commit_clock(e);
    struct error err = { 0 };
    const int rc = e->spool == NULL ? fail(&err, ERR_IO, "there is no spool")
                                    : spool_write(e->spool, e->world, &e->fx, &clock, e->committed_serial, &err);
    GAUGE(e, spooled_bytes, e->spool == NULL ? 0 : spool_used(e->spool));
    if (rc == 0) {
        COUNT(e, spooled, 1);
        return;
    }
    COUNT(e, spool_failures, 1);
    if (e->spool_broken) return;
    e->spool_broken = true;
    GAUGE(e, spool_failing, 1);
    log_error("engine", "what leaves now is not even spooled: %s", err.detail);
    const size_t from = e->fx.sends.n;
    alarm_administrators(e, "pages leave that are neither in the store nor in the spool", &err);
    mark_urgent(e, from);
}

static void send_urgent(struct engine *e)
{
    if (mark_urgent(e, 0) == 0) return;
    spool_batch(e);
    size_t kept = 0;
    for (size_t i = 0; i < e->fx.sends.n; i++) {
        const struct send s = e->fx.sends.v[i];
        if (!leaves_unjournaled(e, &s)) {
            e->fx.sends.v[kept++] = s;
            continue;
        }
        COUNT(e, unjournaled, 1);
        COUNT(e, sends, 1);
        e->sender.send(e->sender.ctx, e->world, &s, e->raw);
    }
    e->fx.sends.n = kept;
}

/* --- what is answered ----------------------------------------------------------------------------------------------- */

/* Alerts hear it at once (their senders try again); what nobody asked for has been stepped and is done with. People
 * hear after a while that we do not know, unless a commit comes first. True: not yet. */
static bool still_waits(struct engine *e, size_t i, bool too_long)
{
    const enum event_kind kind = e->waiting.v[i].post.event.kind;
    if (kind == EVENT_ALERTS) {
        COUNT(e, refused, 1);
        commit_answer(e, i, ERR_UNAVAILABLE, "the store cannot be written: send this again");
    } else if (kind != EVENT_ACT && kind != EVENT_BUNDLE && kind != EVENT_SITE) {
        commit_answer(e, i, 0, "");
    } else if (too_long && kind == EVENT_ACT &&
               e->waiting.v[i].post.bundle == NULL) { /* what the world runs by is kept */
        COUNT(e, unknown, 1);
        commit_answer(e, i, ERR_UNKNOWN, "the store cannot be written: outcome unknown, look again");
    } else {
        return true;
    }
    return false;
}

/* The rules' own answers to those who were told meanwhile are of no use any more; hours of refusals must not pile up. */
static void drop_replies(struct engine *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->fx.replies.n; i++)
        if (commit_awaits(e, e->fx.replies.v[i].reply_to)) e->fx.replies.v[kept++] = e->fx.replies.v[i];
    e->fx.replies.n = kept;
}

static void answer_failed(struct engine *e)
{
    const bool too_long = e->raw.steady_ms - e->failing_since >= UNKNOWN_AFTER_MS;
    size_t kept = 0;
    for (size_t i = 0; i < e->waiting.n; i++)
        if (!e->waiting.v[i].answered && still_waits(e, i, too_long)) e->waiting.v[kept++] = e->waiting.v[i];
    e->waiting.n = kept;
    drop_replies(e);
}

/* --- the time in which it fails ------------------------------------------------------------------------------------- */

static void note_failure(struct engine *e, const struct error *err)
{
    COUNT(e, commit_failures, 1);
    if (e->failing_since == 0) {
        e->failing_since = e->raw.steady_ms;
        e->alarm_at = e->raw.steady_ms + ALARM_AFTER_MS;
        e->retry_wait = RETRY_FIRST_MS;
        GAUGE(e, failing, 1);
        atomic_store(&e->failing, 1);
    }
    if (e->raw.steady_ms >= e->complain_at) {
        log_error("engine", "the batch could not be committed and is kept: %s; again in %" PRId64 " ms", err->detail,
                  e->retry_wait);
        e->complain_at = e->raw.steady_ms + COMPLAIN_EVERY_MS;
    }
    if (e->raw.steady_ms >= e->alarm_at) {
        e->alarm_at = e->raw.steady_ms + ALARM_EVERY_MS;
        alarm_administrators(e, "the store cannot be written: alerts are refused, pages leave from memory", err);
    }
    e->retry_at = e->raw.steady_ms + e->retry_wait;
    e->retry_wait = e->retry_wait * 2 < RETRY_LAST_MS ? e->retry_wait * 2 : RETRY_LAST_MS;
}

void failing_hold(struct engine *e, const struct error *err)
{
    if (err != NULL) note_failure(e, err);
    send_urgent(e);
    answer_failed(e);
    e->fx.offered = e->fx.entries.n;
}

void failing_ends(struct engine *e)
{
    log_warning("engine", "commits succeed again after %" PRId64 " ms", e->raw.steady_ms - e->failing_since);
    e->failing_since = e->complain_at = 0;
    e->spool_broken = false;
    GAUGE(e, failing, 0);
    GAUGE(e, spool_failing, e->spool == NULL);
    GAUGE(e, spooled_bytes, 0);
    atomic_store(&e->failing, 0);
}
