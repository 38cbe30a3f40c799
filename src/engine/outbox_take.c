/* outbox_take.c - what the courier says, as events: results, credit, presses of buttons.
 * Not here: what a result does to a delivery (core/).
 * Always: an event that finds the engine's queue full waits here, in order; none is dropped. */
#include <string.h>

#include "core/delivery.h"
#include "engine/outbox_inner.h"
#include "engine/token.h"
#include "sys/log.h"

#define HELD_RETRY_MS 20
#define COMPARE_AFTER_MS (3 * SECOND)

static void free_arena(void *caller, const struct reply *reply)
{
    (void)reply;
    struct arena *a = caller;
    arena_destroy(&a);
}

static void retry_held(void *ctx, int64_t timer, struct moment now)
{
    struct outbox *o = ctx;
    struct error err = { 0 };
    size_t n = 0;
    (void)timer, (void)now;
    while (n < o->held.n && engine_post(o->engine, &o->held.v[n], &err) == 0) n++;
    memmove(o->held.v, o->held.v + n, (o->held.n - n) * sizeof *o->held.v);
    o->held.n -= n;
    if (o->held.n > 0) loop_add_timer(o->loop, loop_now(o->loop).steady_ms + HELD_RETRY_MS, retry_held, o);
}

void outbox_post(struct outbox *o, const struct event *ev, struct arena *a)
{
    struct post p = { .event = *ev, .bytes = event_bytes(ev), .done = a == NULL ? NULL : free_arena, .caller = a };
    struct error err = { 0 };
    if (o->held.n == 0 && engine_post(o->engine, &p, &err) == 0) return;
    *vec_push(&o->held) = p;
    if (o->held.n == 1) loop_add_timer(o->loop, loop_now(o->loop).steady_ms + HELD_RETRY_MS, retry_held, o);
}

static void keep_back(struct outbox *o, struct slice channel, int64_t n)
{
    int64_t before = 0;
    smap_get(o->kept_back, channel, &before);
    smap_put(o->kept_back, channel, before + n);
}

void outbox_post_credit(struct outbox *o, struct slice channel, int64_t n)
{
    if (o->holding) {
        keep_back(o, channel, n);
        return;
    }
    struct arena *a = arena_create(0);
    struct event ev = { .kind = EVENT_CREDIT };
    ev.credit.channel = arena_copy(a, channel);
    ev.credit.n = n;
    outbox_post(o, &ev, a);
}

/* --- results --- */

static struct channel_record *record_of(struct outbox *o, struct slice channel)
{
    for (size_t i = 0; i < o->records.n; i++)
        if (slice_eq(buf_slice(&o->records.v[i].name), channel)) return &o->records.v[i];
    struct channel_record *r = vec_push(&o->records);
    *r = (struct channel_record){ 0 };
    buf_add(&r->name, channel);
    return r;
}

/* A channel that lacks its credential takes no message: known before the first page finds out. */
static void note_problem(struct outbox *o, const struct message_credit *c)
{
    bool known = c->problem.n > 0;
    for (size_t i = 0; i < o->records.n; i++) known |= slice_eq(buf_slice(&o->records.v[i].name), c->channel);
    if (!known) return;
    struct channel_record *r = record_of(o, c->channel);
    buf_reset(&r->problem);
    buf_add(&r->problem, c->problem);
}

/* P5: which ways still lead somewhere (audit.h). */
static void note_result(struct outbox *o, const struct message_result *r, enum outcome outcome)
{
    const struct world *w = engine_world(o->engine);
    const struct delivery *d = world_delivery(w, r->delivery);
    if (r->delivery == CANARY_DELIVERY) return;
    atomic_fetch_add_explicit(&o->counters.outcomes[outcome], 1, memory_order_relaxed);
    if (d == NULL) return;
    struct channel_record *c = record_of(o, world_text(w, d->channel));
    if (outcome == OUTCOME_ACCEPTED)
        c->failures = 0;
    else if (c->failures++ == 0)
        c->failing_since = loop_now(o->loop).steady_ms;
}

static void take_beaten(struct outbox *o, const struct message_result *r)
{
    if (r->outcome == MESSAGE_OUTCOME_ACCEPTED) {
        o->beats_failed = 0;
        return;
    }
    COUNT(o, beat_failures, 1);
    if (o->beats_failed++ > 0) return;
    log_warning("outbox", "the heartbeat URL did not take it: %.*s", (int)r->detail.n, r->detail.p);
}

void outbox_judge(const struct outbox *o, struct audit_facts *out)
{
    struct outbox *own = (struct outbox *)(uintptr_t)o; /* its scratch */
    vec_clear(&own->judged);
    for (size_t i = 0; i < o->records.n; i++) {
        const struct channel_record *r = &o->records.v[i];
        *vec_push(&own->judged) = (struct audit_channel){ buf_slice(&r->name), r->failures, r->failing_since,
                                                              buf_slice(&r->problem) };
    }
    out->channels = o->judged.v;
    out->n_channels = o->judged.n;
    out->courier = o->fd >= 0;
    out->courier_since = o->courier_since;
    out->beats_failed = o->beats_failed;
}

/* Of a delivery that left while neither store nor spool could be written, and that no row knows of since a crash: its
 * number is another's now. */
static bool is_of_another(const struct outbox *o, const struct message_result *r)
{
    const struct delivery *d = world_delivery(engine_world(o->engine), r->delivery);
    return d != NULL && d->queued_at != r->since;
}

/* True when the arena went with the event. */
static bool take_result(struct outbox *o, const struct message_result *r, struct arena *a)
{
    static const enum outcome outcomes[] = {
        [MESSAGE_OUTCOME_UNSET] = OUTCOME_UNCERTAIN, /* when in doubt */
        [MESSAGE_OUTCOME_ACCEPTED] = OUTCOME_ACCEPTED, [MESSAGE_OUTCOME_REFUSED] = OUTCOME_REFUSED,
        [MESSAGE_OUTCOME_NOT_SENT] = OUTCOME_NOT_SENT, [MESSAGE_OUTCOME_UNCERTAIN] = OUTCOME_UNCERTAIN,
    };
    struct event ev = { .kind = EVENT_RESULT };
    if (is_of_another(o, r)) {
        log_warning("outbox", "a result of an earlier delivery %lld was set aside: the one of now has its number",
                    (long long)r->delivery);
        return false;
    }
    ev.result = (struct event_result){
        .delivery = r->delivery,
        .attempt = r->attempt,
        .outcome = outcomes[r->outcome],
        .code = r->code,
        .detail = r->detail.n > 0 ? r->detail : r->provider_id,
        .retry_after_ms = r->retry_after_ms,
        .provider_id = r->provider_id,
    };
    COUNT(o, results, 1);
    if (atomic_load(&o->counters.in_flight) > 0) COUNT(o, in_flight, -1);
    note_result(o, r, ev.result.outcome);
    outbox_post(o, &ev, a);
    return true;
}

/* --- credit --- */

/* True when the channel is the site's. */
static bool take_credit(struct outbox *o, const struct message_credit *c)
{
    const struct directory *d = world_directory(engine_world(o->engine));
    if (slice_eq(c->channel, S(MESSAGE_HEARTBEAT))) return true; /* no delivery of the world's */
    if (slice_eq(c->channel, S(CANARY_CHANNEL))) {
        if (c->n > 0) outbox_post_credit(o, c->channel, c->n);
        return true;
    }
    if (d == NULL || directory_channel(d, c->channel) < 0) {
        const struct log_pair pair = { "channel", c->channel };
        COUNT(o, unknown_credits, 1);
        log_pairs(LOG_LEVEL_WARNING, "outbox", "credit for a channel that the site does not have", &pair, 1);
        return false;
    }
    if (c->n > 0) outbox_post_credit(o, c->channel, c->n);
    return true;
}

/* Server and courier read a changed site.yaml one after the other: only a difference that lasts is worth a word. */
static void compare_sites(void *ctx, int64_t timer, struct moment now)
{
    struct outbox *o = ctx;
    (void)timer, (void)now;
    pthread_mutex_lock(&o->lock);
    const bool same = slice_eq(buf_slice(&o->courier_hash), buf_slice(&o->site_hash));
    pthread_mutex_unlock(&o->lock);
    if (same || o->fd < 0) return;
    COUNT(o, site_differs, 1);
    log_warning("outbox", "server and courier have read different versions of site.yaml: run `tocsin reload`");
}

/* A courier says hello again after each reload, and repeats what it granted before: only new channels count then. */
static void take_hello(struct outbox *o, const struct message_hello *h)
{
    buf_reset(&o->courier_hash);
    buf_add(&o->courier_hash, h->site_hash);
    loop_cancel_timer(o->loop, o->compare_timer);
    o->compare_timer = loop_add_timer(o->loop, loop_now(o->loop).steady_ms + COMPARE_AFTER_MS, compare_sites, o);
    for (size_t i = 0; i < h->n_channels; i++) {
        const struct message_credit *c = &h->channels[i];
        note_problem(o, c);
        if (!smap_get(o->credited, c->channel, NULL) && take_credit(o, c)) smap_put(o->credited, c->channel, 1);
    }
}

/* What came of a press, for whoever pressed. */
static void say_pressed(struct outbox *o, int64_t serial, struct slice text)
{
    const struct message m = { .type = MESSAGE_PRESSED, .serial = serial, .press = { .text = text } };
    struct error err = { 0 };
    if (o->fd < 0) return;
    buf_reset(&o->json);
    message_build(&m, &o->json);
    if (!outbox_write(o, &err)) log_warning("outbox", "pressed: %s", err.detail);
}

struct press {
    struct outbox *outbox;
    struct arena *arena;
    int64_t serial;
    struct act act;
};

static void press_done(void *caller, const struct reply *reply)
{
    struct press *p = caller;
    struct arena *a = p->arena;
    if (reply != NULL) say_pressed(p->outbox, p->serial, reply->text.n > 0 ? reply->text : S("Done"));
    arena_destroy(&a);
}

/* A button in a chat: its token is the page's link, and does what the link's button does, in the name of who was paged.
 * True when the arena went with the act. */
static bool take_press(struct outbox *o, const struct message *m, struct arena *a)
{
    const struct world *w = engine_world(o->engine);
    struct press *p = arena_new(a, struct press);
    struct error err = { 0 };
    struct token_page of = { 0 };
    enum token_verdict v = token_check(buf_slice(&o->key), m->press.token, loop_now(o->loop).wall_ms, &of, NULL);
    const struct page *page = v == TOKEN_GOOD ? world_page(w, of.id) : NULL;
    if (page == NULL || !token_is_of(&of, page->id, page->created_wall)) {
        say_pressed(o, m->serial, v == TOKEN_WRONG ? S("This button is not known here.") : S("This page is over."));
        return false;
    }
    *p = (struct press){ .outbox = o, .arena = a, .serial = m->serial };
    p->act = (struct act){ .kind = ACT_ACKNOWLEDGE,
                           .via = VIA_LINK,
                           .incident = page->incident,
                           .page = page->id,
                           .actor = arena_copy(a, world_text(w, page->person)) };
    struct post what = { .event = { .kind = EVENT_ACT, .act = &p->act }, .done = press_done, .caller = p };
    what.bytes = event_bytes(&what.event);
    if (engine_post(o->engine, &what, &err) == 0) return true;
    say_pressed(o, m->serial, S("Tocsin is busy: press again."));
    return false;
}

/* True when the arena went with an event. */
static bool take_message(struct outbox *o, const struct message *m, struct arena *a)
{
    switch (m->type) {
    case MESSAGE_RESULT:
        if (m->result.delivery == MESSAGE_HEARTBEAT_DELIVERY) {
            take_beaten(o, &m->result);
            return false;
        }
        return take_result(o, &m->result, a);
    case MESSAGE_HELLO: take_hello(o, &m->hello); return false;
    case MESSAGE_CREDIT: (void)take_credit(o, &m->credit); return false;
    case MESSAGE_PRESS: return take_press(o, m, a);
    case MESSAGE_PONG:
    case MESSAGE_PING:
    case MESSAGE_PRESSED:
    case MESSAGE_PREPARE:
    case MESSAGE_GO:
    case MESSAGE_DROP:
    case MESSAGE_UNSET:
    case MESSAGE_SEND:
    case MESSAGE_RELOAD: return false;
    }
    return false;
}

void outbox_take_frame(struct outbox *o, struct slice json)
{
    struct arena *a = arena_create(0);
    struct message m;
    struct error err = { 0 };
    if (message_parse(json, a, &m, &err) < 0) {
        COUNT(o, bad_frames, 1);
        log_warning("outbox", "a frame of the courier was not understood: %s", err.detail);
    } else if (take_message(o, &m, a)) {
        return;
    }
    arena_destroy(&a);
}
