/* outbox_send.c - attempts that leave: the words, rendered from the world at this moment, as one frame.
 * Not here: what a delivery is and when it is tried (core/), how a channel sends (notify/).
 * Always: every attempt that the engine begins ends in exactly one of: a frame, or a result "not sent". */
#include <inttypes.h>

#include "base/check.h"
#include "core/template.h"
#include "engine/outbox_inner.h"
#include "engine/token.h"
#include "sys/log.h"

static enum message_purpose purpose_of(int64_t purpose)
{
    static const enum message_purpose table[] = {
        [PURPOSE_PAGE] = MESSAGE_FOR_PAGE,     [PURPOSE_NOTIFICATION] = MESSAGE_FOR_NOTICE,
        [PURPOSE_POST] = MESSAGE_FOR_POST,     [PURPOSE_STAND_DOWN] = MESSAGE_FOR_STAND_DOWN,
        [PURPOSE_ALARM] = MESSAGE_FOR_ALARM,   [PURPOSE_MORNING_LIST] = MESSAGE_FOR_NOTICE,
        [PURPOSE_CANARY] = MESSAGE_FOR_NOTICE, [PURPOSE_EVIDENCE] = MESSAGE_FOR_NOTICE,
        [PURPOSE_UPDATE] = MESSAGE_FOR_POST,
    };
    CHECK(purpose > 0 && (size_t)purpose < COUNT_OF(table));
    return table[purpose];
}

/* Only a page can be acknowledged, and only where somebody can reach the responder listener. */
static void ack_url_print(struct outbox *o, const struct world *w, const struct delivery *d, int64_t wall,
                          struct buf *out)
{
    const struct page *page = d->page == 0 ? NULL : world_page(w, d->page);
    pthread_mutex_lock(&o->lock);
    if (d->purpose == PURPOSE_PAGE && page != NULL && o->public_url.len > 0) {
        buf_add(out, buf_slice(&o->public_url));
        buf_add_str(out, "/a/");
        token_add(out, buf_slice(&o->key), token_page(page->id, page->created_wall), wall + ACK_LINK_MS);
    }
    pthread_mutex_unlock(&o->lock);
}

static void message_fill(const struct world *w, const struct delivery *d, struct message_send *m)
{
    const struct page *page = d->page == 0 ? NULL : world_page(w, d->page);
    const bool rings = d->purpose == PURPOSE_ALARM || (page != NULL && page->rings != 0);
    m->delivery = d->id;
    m->since = d->queued_at;
    m->channel = world_text(w, d->channel);
    m->address = world_text(w, d->address);
    m->purpose = purpose_of(d->purpose);
    m->severity = d->level;
    m->urgency = rings ? MESSAGE_URGENCY_RING : MESSAGE_URGENCY_QUIET;
    const struct delivery *first = delivery_first_there(w, d);
    if (first != NULL) m->reply_to = world_text(w, first->provider);
    m->update = d->purpose == PURPOSE_UPDATE;
    m->incident = d->incident;
    m->page = d->page;
}

/* The whole frame's JSON in o->json: of a send, or of what prepares one. */
static void frame_build(struct outbox *o, enum message_type type, const struct world *w, const struct send *s,
                        struct moment raw)
{
    const struct delivery *d = world_delivery(w, s->delivery);
    struct buf url = { 0 }, thread = { 0 };
    struct message_text text = { 0 };
    struct message m = { .type = type };
    ack_url_print(o, w, d, raw.wall_ms, &url);
    message_render(w, d->id, raw.wall_ms, buf_slice(&url), &text);
    if (d->incident != 0) buf_addf(&thread, "INC-%" PRId64, d->incident);
    message_fill(w, d, &m.send);
    m.send.attempt = s->attempt;
    m.send.deadline_ms = raw.steady_ms + OUTBOX_DEADLINE_MS;
    m.send.subject = buf_slice(&text.subject);
    m.send.text = buf_slice(&text.text);
    m.send.short_text = buf_slice(&text.brief);
    m.send.voice = buf_slice(&text.voice);
    m.send.thread = buf_slice(&thread);
    m.send.ack_url = buf_slice(&url);
    buf_reset(&o->json);
    message_build(&m, &o->json);
    message_release(&text);
    buf_release(&url);
    buf_release(&thread);
}

/* Between the step that began it and this moment (the same batch, or commits that failed) the page may have ended. */
static bool is_over(const struct world *w, const struct delivery *d)
{
    const struct page *page = d->page == 0 ? NULL : world_page(w, d->page);
    return d->purpose == PURPOSE_PAGE && page != NULL && !page_is_open(page);
}

/* The credit that the attempt took is nobody's, as long as there is a courier that granted it. */
static void post_not_sent(struct outbox *o, const struct delivery *d, const struct world *w, const struct send *s,
                          const char *why)
{
    struct arena *a = arena_create(0);
    struct event ev = { .kind = EVENT_RESULT };
    ev.result = (struct event_result){
        .delivery = s->delivery,
        .attempt = s->attempt,
        .outcome = OUTCOME_NOT_SENT,
        .detail = arena_copy(a, slice_of(why)),
        .retry_after_ms = SECOND,
    };
    COUNT(o, not_handed, 1);
    outbox_post(o, &ev, a);
    if (o->fd >= 0) outbox_post_credit(o, world_text(w, d->channel), 1);
}

/* The courier has it and waits for one word. */
static void go_build(struct outbox *o, const struct world *w, const struct send *s)
{
    const struct delivery *d = world_delivery(w, s->delivery);
    struct message m = { .type = MESSAGE_GO };
    m.send.delivery = d->id;
    m.send.attempt = s->attempt;
    m.send.since = d->queued_at;
    m.send.channel = world_text(w, d->channel);
    buf_reset(&o->json);
    message_build(&m, &o->json);
}

static bool take_prepared(struct outbox *o, const struct send *s)
{
    for (size_t i = 0; i < o->prepared.n; i++) {
        if (o->prepared.v[i].delivery != s->delivery || o->prepared.v[i].attempt != s->attempt) continue;
        vec_remove(&o->prepared, i);
        return true;
    }
    return false;
}

static void outbox_send(void *ctx, const struct world *w, const struct send *s, struct moment raw)
{
    struct outbox *o = ctx;
    struct error err = { 0 };
    const struct delivery *d = world_delivery(w, s->delivery);
    if (d == NULL) {
        log_error("outbox", "delivery %" PRId64 " is gone before its attempt %" PRId64, s->delivery, s->attempt);
        return;
    }
    if (o->fd < 0 || is_over(w, d)) {
        post_not_sent(o, d, w, s, o->fd < 0 ? "the courier was not running" : "the page was over before it left");
        return;
    }
    if (take_prepared(o, s))
        go_build(o, w, s);
    else
        frame_build(o, MESSAGE_SEND, w, s, raw);
    if (o->json.overflow) {
        post_not_sent(o, d, w, s, "the message is larger than a frame");
        return;
    }
    if (!outbox_write(o, &err)) {
        post_not_sent(o, d, w, s, err.detail);
        return;
    }
    COUNT(o, frames, 1);
    if (o->fd >= 0) COUNT(o, in_flight, 1); /* else the courier was lost over it */
}

/* What does not fit or is over already is told of when it is sent. */
static void outbox_prepare(void *ctx, const struct world *w, const struct send *s, struct moment raw)
{
    struct outbox *o = ctx;
    struct error err = { 0 };
    const struct delivery *d = world_delivery(w, s->delivery);
    if (o->fd < 0 || d == NULL || is_over(w, d) || o->prepared.n >= MESSAGE_PREPARED_MAX) return;
    frame_build(o, MESSAGE_PREPARE, w, s, raw);
    if (!o->json.overflow && outbox_write(o, &err) && o->fd >= 0) *vec_push(&o->prepared) = *s;
}

static void outbox_drop(void *ctx)
{
    struct outbox *o = ctx;
    struct error err = { 0 };
    if (o->prepared.n == 0) return;
    vec_clear(&o->prepared);
    buf_reset(&o->json);
    message_build(&(struct message){ .type = MESSAGE_DROP }, &o->json);
    if (!outbox_write(o, &err)) log_warning("outbox", "drop: %s", err.detail);
}

/* No delivery: nobody is told anything, and what becomes of it is the audit's business alone. */
void outbox_beat(struct outbox *o, struct moment raw)
{
    struct error err = { 0 };
    struct message m = { .type = MESSAGE_SEND };
    if (o->fd < 0) return;
    m.send = (struct message_send){ .delivery = MESSAGE_HEARTBEAT_DELIVERY,
                                    .attempt = 1,
                                    .channel = S(MESSAGE_HEARTBEAT),
                                    .purpose = MESSAGE_FOR_NOTICE,
                                    .urgency = MESSAGE_URGENCY_QUIET,
                                    .deadline_ms = raw.steady_ms + OUTBOX_DEADLINE_MS };
    buf_reset(&o->json);
    message_build(&m, &o->json);
    COUNT(o, beats, 1);
    if (!outbox_write(o, &err)) log_warning("outbox", "heartbeat: %s", err.detail);
}

struct engine_sender outbox_sender(struct outbox *o)
{
    return (struct engine_sender){ .ctx = o, .send = outbox_send, .prepare = outbox_prepare, .drop = outbox_drop };
}
