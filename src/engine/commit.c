/* commit.c - one batch, one transaction; then, and only then, answers leave and deliveries start.
 * Not here: what the rows mean (core/), SQL (store/).
 * Always: a mark or an entry is dropped only after a commit that contains it; a reply that says "done" never precedes
 * that commit. What may leave without one is a first attempt that is to wake somebody, and only while commits fail. */
#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "engine/inner.h"
#include "store/store.h"
#include "sys/log.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 1000
#define UNKNOWN_AFTER_MS (5 * SECOND)
#define COMPLAIN_EVERY_MS (10 * SECOND)

static void put_marks(struct engine *e)
{
    for (size_t i = 0; i < e->fx.marks.n; i++) {
        const struct mark *m = &e->fx.marks.v[i];
        struct row r;
        if (m->deleted)
            store_delete_row(e->store, m->kind, m->key);
        else if (world_row(e->world, m, &r))
            store_put_row(e->store, &r); /* else forgotten: what is saved stays */
    }
    for (size_t i = 0; i < e->fx.entries.n; i++) store_append_entry(e->store, &e->fx.entries.v[i]);
}

static void put_clock(struct engine *e)
{
    const struct clock_row c = {
        .id = 1,
        .at = e->now.steady_ms,
        .wall = e->now.wall_ms,
        .boot_hi = e->boot_hi,
        .boot_lo = e->boot_lo,
        .offset = e->offset,
    };
    store_put_row(e->store, &(struct row){ .kind = ROW_CLOCK, .v = &c.id });
}

/* P6: once a day, and at each start, the head leaves the database: who keeps the log elsewhere can name it to verify. */
static void tell_head(struct engine *e)
{
    struct chain_link link;
    uint8_t hash[SEAL_BYTES];
    struct buf hex = { 0 };
    const int64_t day = e->now.wall_ms / DAY;
    if (e->head_day == day || !chain_head(e->chain, &link, hash)) return;
    e->head_day = day;
    buf_add_hex(&hex, (struct slice){ (const char *)hash, sizeof hash });
    log_info("engine", "chain head %s, link %" PRId64, buf_str(&hex), link.id);
    buf_release(&hex);
}

int engine_commit(struct engine *e, struct error *err)
{
    const int64_t before = clock_read(e->clock).steady_ms;
    int rc = e->chain == NULL ? 0 : chain_seal(e->chain, e->world, &e->fx, e->now, err);
    if (rc == 0) rc = store_begin(e->store, err);
    if (rc < 0) return rc;
    put_marks(e);
    if (e->chain != NULL) chain_put(e->chain, e->store);
    if (e->released) store_put_row(e->store, &(struct row){ .kind = ROW_INSTANCE, .v = &e->instance.id });
    put_clock(e);
    rc = store_commit(e->store, err);
    if (rc < 0) return rc;
    if (e->chain != NULL) chain_committed(e->chain);
    if (e->chain != NULL) tell_head(e);
    e->released = false;
    COUNT(e, commits, 1);
    COUNT(e, commit_ms, clock_read(e->clock).steady_ms - before);
    COUNT(e, rows, e->fx.marks.n);
    COUNT(e, entries, e->fx.entries.n);
    e->committed_at = e->raw.steady_ms;
    e->must_commit = false;
    return 0;
}

/* Each waiting post is told once; afterwards nothing that it points at is used again. */
static void tell(struct waiting *w, const struct reply *r)
{
    w->ticket = 0;
    if (w->post.done != NULL) w->post.done(w->post.caller, r);
}

void commit_answer(struct engine *e, size_t i, int code, const char *text)
{
    const struct reply r = { .reply_to = e->waiting.v[i].ticket, .code = code, .text = slice_of(text) };
    tell(&e->waiting.v[i], &r);
}

/* Tickets are given out in order and the list is only cleared as a whole, so a ticket's place is known. */
static struct waiting *find_waiting(struct engine *e, uint64_t ticket)
{
    const uint64_t first = e->tickets + 1 - e->waiting.n;
    if (ticket < first || ticket > e->tickets) return NULL;
    struct waiting *w = &e->waiting.v[ticket - first];
    return w->ticket == ticket ? w : NULL;
}

static void reply_all(struct engine *e)
{
    for (size_t i = 0; i < e->fx.replies.n; i++) {
        const struct reply *r = &e->fx.replies.v[i];
        struct waiting *w = find_waiting(e, r->reply_to);
        if (w == NULL) continue;
        if (w->post.bundle != NULL && r->code == 0) bundles_keep(e, r->id, w->post.bundle);
        tell(w, r);
    }
    for (size_t i = 0; i < e->waiting.n; i++) {
        if (e->waiting.v[i].ticket == 0) continue;
        const bool asked = e->waiting.v[i].post.event.kind == EVENT_ACT;
        commit_answer(e, i, asked ? ERR_BUG : 0, asked ? "the act was stepped, but nothing answered it" : "");
    }
    vec_clear(&e->waiting);
}

static void send_all(struct engine *e)
{
    COUNT(e, sends, e->fx.sends.n);
    for (size_t i = 0; i < e->fx.sends.n; i++) e->sender.send(e->sender.ctx, e->world, &e->fx.sends.v[i], e->raw);
}

/* Design: P2 beats the order of things for what is to wake somebody up: SEV1, SEV2, unclassified. */
static bool leaves_unjournaled(const struct engine *e, const struct send *s)
{
    const struct delivery *d = world_delivery(e->world, s->delivery);
    const struct page *page = d == NULL || d->page == 0 ? NULL : world_page(e->world, d->page);
    return page != NULL && page->rings != 0 && s->attempt == 1;
}

static void send_urgent(struct engine *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->fx.sends.n; i++) {
        const struct send s = e->fx.sends.v[i];
        if (!leaves_unjournaled(e, &s)) {
            e->fx.sends.v[kept++] = s;
            continue;
        }
        log_warning("engine", "unjournaled: delivery=%" PRId64 " leaves before its row is on disk", s.delivery);
        COUNT(e, unjournaled, 1);
        COUNT(e, sends, 1);
        e->sender.send(e->sender.ctx, e->world, &s, e->raw);
    }
    e->fx.sends.n = kept;
}

/* Alerts hear it at once (their senders try again); what nobody asked for has been stepped and is done with. People
 * hear after a while that we do not know, unless a commit comes first. */
static void answer_failed(struct engine *e)
{
    const bool too_long = e->raw.steady_ms - e->failing_since >= UNKNOWN_AFTER_MS;
    size_t left = 0;
    for (size_t i = 0; i < e->waiting.n; i++) {
        const struct waiting *w = &e->waiting.v[i];
        if (w->ticket == 0) continue;
        const enum event_kind kind = w->post.event.kind;
        if (kind == EVENT_ALERTS) {
            COUNT(e, refused, 1);
            commit_answer(e, i, ERR_UNAVAILABLE, "the store cannot be written: send this again");
        } else if (kind != EVENT_ACT && kind != EVENT_BUNDLE && kind != EVENT_SITE) {
            commit_answer(e, i, 0, "");
        } else if (too_long && kind == EVENT_ACT && w->post.bundle == NULL) { /* what the world runs by is kept */
            COUNT(e, unknown, 1);
            commit_answer(e, i, ERR_UNKNOWN, "the store cannot be written: outcome unknown, look again");
        } else {
            left++;
        }
    }
    if (left == 0) vec_clear(&e->waiting);
}

static void hold(struct engine *e, const struct error *err)
{
    COUNT(e, commit_failures, 1);
    if (e->failing_since == 0) {
        e->failing_since = e->raw.steady_ms;
        e->retry_wait = RETRY_FIRST_MS;
        GAUGE(e, failing, 1);
        atomic_store(&e->failing, 1);
    }
    if (e->raw.steady_ms >= e->complain_at) {
        log_error("engine", "the batch could not be committed and is kept: %s; again in %" PRId64 " ms", err->detail,
                  e->retry_wait);
        e->complain_at = e->raw.steady_ms + COMPLAIN_EVERY_MS;
    }
    e->retry_at = e->raw.steady_ms + e->retry_wait;
    e->retry_wait = e->retry_wait * 2 < RETRY_LAST_MS ? e->retry_wait * 2 : RETRY_LAST_MS;
}

void commit_done(struct engine *e)
{
    if (e->failing_since != 0) {
        log_warning("engine", "commits succeed again after %" PRId64 " ms", e->raw.steady_ms - e->failing_since);
        e->failing_since = e->complain_at = 0;
        GAUGE(e, failing, 0);
        atomic_store(&e->failing, 0);
    }
    reply_all(e);
    send_all(e);
    effects_reset(&e->fx);
    bundles_prune(e);
}

void commit_batch(struct engine *e)
{
    struct error err = { 0 };
    if (e->failing_since != 0 && e->raw.steady_ms < e->retry_at) {
        send_urgent(e);
        answer_failed(e);
        return;
    }
    if (engine_commit(e, &err) == 0) {
        commit_done(e);
        return;
    }
    hold(e, &err);
    send_urgent(e);
    answer_failed(e);
}
