/* commit.c - one batch, one transaction; then, and only then, answers leave and deliveries start.
 * Not here: what the rows mean (core/), SQL (store/), what happens while commits fail (failing.c).
 * Always: a mark or an entry is dropped only after a commit that contains it; a reply that says "done" never precedes
 * that commit, but where it is to a repeat of what is on disk (commit_ahead, decision 0020). */
#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "engine/inner.h"
#include "store/store.h"
#include "sys/log.h"

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
    for (size_t i = 0; i < e->fx.erasures.n; i++)
        store_erase_text(e->store, e->fx.erasures.v[i].incident, e->fx.erasures.v[i].seq);
}

struct clock_row commit_clock(struct engine *e)
{
    return (struct clock_row){
        .id = 1,
        .at = e->now.steady_ms,
        .wall = e->now.wall_ms,
        .boot_hi = e->boot_hi,
        .boot_lo = e->boot_lo,
        .offset = e->offset,
        .serial = ++e->serial,
    };
}

static void put_clock(struct engine *e)
{
    const struct clock_row c = commit_clock(e);
    store_put_row(e->store, &(struct row){ .kind = ROW_CLOCK, .v = &c.id });
}

/* P6: once a day, and at each start, the head leaves the database: who keeps the log elsewhere can name it to verify. */
static void tell_head(struct engine *e)
{
    struct chain_link link;
    uint8_t hash[SEAL_BYTES];
    const int64_t day = e->now.wall_ms / DAY;
    if (e->head_day == day || !chain_head(e->chain, &link, hash)) return;
    e->head_day = day;
    buf_reset(&e->head);
    buf_add_str(&e->head, "chain head ");
    buf_add_hex(&e->head, (struct slice){ (const char *)hash, sizeof hash });
    buf_addf(&e->head, ", link %" PRId64, link.id);
    log_info("engine", "%s", buf_str(&e->head));
}

/* The store has all that anybody was told, or will not have it soon: who waits to read goes on. */
static void catch_up(struct engine *e)
{
    if (atomic_load(&e->lags) == 0) return;
    pthread_mutex_lock(&e->lag_lock);
    atomic_store(&e->lags, 0);
    atomic_store(&e->wanted, 0);
    pthread_cond_broadcast(&e->caught_up);
    pthread_mutex_unlock(&e->lag_lock);
}

int engine_commit(struct engine *e, struct error *err)
{
    const int64_t before = clock_read(e->clock).steady_ms, before_us = clock_elapsed_us(e->clock);
    int rc = doubt_settle(e, err);
    if (rc == 0 && e->chain != NULL) rc = chain_seal(e->chain, e->world, &e->fx, e->now, err);
    if (rc == 0) rc = store_begin(e->store, err);
    if (rc < 0) return rc;
    put_marks(e);
    if (e->chain != NULL) chain_put(e->chain, e->store);
    if (e->instance_due) store_put_row(e->store, &(struct row){ .kind = ROW_INSTANCE, .v = &e->instance.id });
    put_clock(e);
    rc = store_commit(e->store, err);
    if (rc < 0) {
        doubt_begins(e);
        return rc;
    }
    e->doubt.serial = 0;
    if (e->chain != NULL) chain_committed(e->chain);
    if (e->chain != NULL) tell_head(e);
    e->instance_due = false;
    COUNT(e, commits, 1);
    COUNT(e, commit_ms, clock_read(e->clock).steady_ms - before);
    size_t behind, bytes;
    queue_measure(e->queue, &behind, &bytes);
    window_committed(&e->window, before_us, clock_elapsed_us(e->clock), e->requests, behind);
    e->requests = 0;
    e->urgent = false;
    COUNT(e, rows, e->fx.marks.n);
    COUNT(e, entries, e->fx.entries.n);
    if (e->spool != NULL && spool_used(e->spool) > 0) spool_clear(e->spool);
    e->committed_at = e->raw.steady_ms;
    e->committed_serial = e->serial;
    e->must_commit = e->binding = false;
    e->results_since = e->repeats_since = 0;
    catch_up(e);
    return 0;
}

/* Each waiting post is told once; afterwards nothing that it points at is used again. */
static void tell(struct waiting *w, const struct reply *r)
{
    w->answered = true;
    if (w->post.done != NULL) w->post.done(w->post.caller, r);
}

void commit_answer(struct engine *e, size_t i, int code, const char *text)
{
    const struct reply r = { .reply_to = e->waiting.v[i].ticket, .code = code, .text = slice_of(text) };
    tell(&e->waiting.v[i], &r);
}

/* Tickets are given out in order, and the list keeps it. */
static struct waiting *find_waiting(struct engine *e, uint64_t ticket)
{
    size_t from = 0, to = e->waiting.n;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (e->waiting.v[middle].ticket < ticket)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == e->waiting.n) return NULL;
    struct waiting *w = &e->waiting.v[from];
    return w->ticket == ticket && !w->answered ? w : NULL;
}

bool commit_awaits(struct engine *e, uint64_t ticket)
{
    return find_waiting(e, ticket) != NULL;
}

static void reply_each(struct engine *e)
{
    for (size_t i = 0; i < e->fx.replies.n; i++) {
        const struct reply *r = &e->fx.replies.v[i];
        struct waiting *w = find_waiting(e, r->reply_to);
        if (w == NULL) continue;
        if (r->code == ERR_BUSY) COUNT(e, refused, 1);
        if (w->post.bundle != NULL && r->code == 0) bundles_keep(e, r->id, w->post.bundle);
        tell(w, r);
    }
    vec_clear(&e->fx.replies);
}

static void reply_all(struct engine *e)
{
    reply_each(e);
    for (size_t i = 0; i < e->waiting.n; i++) {
        if (e->waiting.v[i].answered) continue;
        const bool asked = e->waiting.v[i].post.event.kind == EVENT_ACT;
        commit_answer(e, i, asked ? ERR_BUG : 0, asked ? "the act was stepped, but nothing answered it" : "");
    }
    vec_clear(&e->waiting);
}

void commit_ahead(struct engine *e)
{
    if (e->requests == 0) return;
    atomic_store(&e->lags, 1); /* before anybody could ask what they were answered */
    COUNT(e, repeats, e->requests);
    reply_each(e);
    size_t kept = 0;
    for (size_t i = 0; i < e->waiting.n; i++)
        if (!e->waiting.v[i].answered) e->waiting.v[kept++] = e->waiting.v[i];
    e->waiting.n = kept;
    e->requests = 0;
}

static void send_all(struct engine *e)
{
    COUNT(e, sends, e->fx.sends.n);
    for (size_t i = 0; i < e->fx.sends.n; i++) e->sender.send(e->sender.ctx, e->world, &e->fx.sends.v[i], e->raw);
}

/* While the disk writes, the courier puts together what is to leave. Not while commits fail: it would be for nothing. */
static bool prepare_all(struct engine *e)
{
    const bool prepares = e->sender.prepare != NULL && e->failing_since == 0 && e->fx.sends.n > 0;
    for (size_t i = 0; i < e->fx.sends.n && prepares; i++)
        e->sender.prepare(e->sender.ctx, e->world, &e->fx.sends.v[i], e->raw);
    return prepares;
}

void commit_done(struct engine *e)
{
    if (e->failing_since != 0) failing_ends(e);
    send_all(e); /* first: whoever is told of an answer takes a processor from what wakes somebody */
    reply_all(e);
    effects_reset(&e->fx);
    bundles_prune(e);
    if (e->head.len == 0) return;
    batch_step(e, &(struct post){ .event = { .kind = EVENT_HEAD, .head = buf_slice(&e->head) } });
    buf_reset(&e->head);
}

void commit_batch(struct engine *e)
{
    struct error err = { 0 };
    const bool waits = e->failing_since != 0 && e->raw.steady_ms < e->retry_at;
    const bool prepared = prepare_all(e);
    if (waits || engine_commit(e, &err) < 0) {
        if (prepared) e->sender.drop(e->sender.ctx);
        catch_up(e);
        failing_hold(e, waits ? NULL : &err);
        return;
    }
    commit_done(e);
    store_rest(e->store); /* whoever waited has been answered, what leaves is on its way */
}
