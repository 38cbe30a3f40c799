/* ahead.c - what leaves does not wait for the store: the spool has the same rows and entries sooner.
 *
 * A transaction is half work (SQL, seals, pages) and half a sync. A record of the spool is the sync alone, and while the disk
 * writes it the courier gets ready. The commit of the same batch follows at once, and answers wait for it; a kill in between
 * finds rows and entries in the spool, and an attempt without an outcome, as after any other (P1, P3; decision 0018).
 * Not here: pages that leave while commits fail (failing.c), the spool itself (spool.c).
 * Always: nothing leaves before what it comes from is on disk; nobody's act waits for a second sync. */
#include "engine/inner.h"
#include "sys/log.h"

#define SENDS_MAX 4 /* of a batch: more of them share a commit */
#define MARKS_MAX 256 /* what is written twice is small */

static bool somebody_waits(const struct engine *e)
{
    for (size_t i = 0; i < e->waiting.n; i++) {
        const enum event_kind kind = e->waiting.v[i].post.event.kind;
        if (kind == EVENT_ACT || kind == EVENT_SITE || kind == EVENT_BUNDLE) return true;
    }
    return false;
}

static bool is_for_the_spool(const struct engine *e)
{
    return e->pages_ahead && e->failing_since == 0 && e->doubt.serial == 0 && !e->instance_due && e->fx.sends.n > 0 &&
           e->fx.sends.n <= SENDS_MAX && e->fx.marks.n <= MARKS_MAX && !somebody_waits(e);
}

static void prepare(struct engine *e)
{
    for (size_t i = 0; i < e->fx.sends.n && e->sender.prepare != NULL; i++)
        e->sender.prepare(e->sender.ctx, e->world, &e->fx.sends.v[i], e->raw);
}

static void give_up(struct engine *e, const struct error *why)
{
    if (e->sender.drop != NULL) e->sender.drop(e->sender.ctx);
    COUNT(e, spool_failures, 1);
    GAUGE(e, spool_failing, 1); /* the self-audit tells people (P5) */
    e->pages_ahead = false;
    log_error("engine", "the spool cannot be written: pages leave behind their commits from now on: %s", why->detail);
}

void ahead_send(struct engine *e)
{
    struct error err = { 0 };
    if (!is_for_the_spool(e)) return;
    const struct clock_row clock = commit_clock(e);
    int rc = spool_begin(e->spool, e->world, &e->fx, &clock, e->committed_serial, &err);
    if (rc == 0) prepare(e);
    if (rc == 0) rc = spool_wait(e->spool, &err);
    if (rc < 0) {
        give_up(e, &err);
        return;
    }
    for (size_t i = 0; i < e->fx.sends.n; i++) e->sender.send(e->sender.ctx, e->world, &e->fx.sends.v[i], e->raw);
    COUNT(e, sends, e->fx.sends.n);
    COUNT(e, ahead, e->fx.sends.n);
    e->fx.sends.n = 0;
}

void ahead_rest(struct engine *e)
{
    if (e->pages_ahead) spool_warm(e->spool);
}
