/* outbox.c - frames to the courier, events from it.
 * Not here: what a delivery is and when it is tried (core/), how a channel sends (notify/).
 * Always: every attempt that the engine begins ends in exactly one of: a frame, or a result "not sent". */
#include "engine/outbox.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/map.h"
#include "core/template.h"
#include "engine/token.h"
#include "ipc/frame.h"
#include "ipc/message.h"
#include "sys/log.h"
#include "sys/sockets.h"

struct outbox {
    struct buf key;
    struct engine *engine;
    struct loop *loop;
    int fd; /* the courier; -1: none */
    uint32_t watched; /* epoll events asked for */
    int64_t reloads; /* asked of couriers */
    struct buf courier_hash; /* of the site.yaml that it has read */
    int64_t compare_timer; /* of the loop; 0: none */
    struct smap *credited; /* channels that this courier has granted credit for */
    struct frame_reader *reader;
    struct frame_writer *writer;
    struct buf json; /* scratch */
    bool holding; /* nothing may leave: credit is kept back */
    struct smap *kept_back; /* channel -> credit */
    VEC(struct post) held; /* for which the engine's queue had no room yet */
    pthread_mutex_t lock; /* of the two below */
    struct buf public_url, site_hash;
    struct outbox_counters counters;
};

#define HELD_RETRY_MS 20
#define COMPARE_AFTER_MS (3 * SECOND)

#define COUNT(o, name, n) atomic_fetch_add_explicit(&(o)->counters.name, (n), memory_order_relaxed)
#define GAUGE(o, name, n) atomic_store_explicit(&(o)->counters.name, (n), memory_order_relaxed)

struct outbox *outbox_create(struct slice instance_key)
{
    struct outbox *o = mem_alloc(sizeof *o);
    o->fd = -1;
    o->kept_back = smap_create(0);
    o->json.max = FRAME_MAX;
    buf_add(&o->key, instance_key);
    CHECK(pthread_mutex_init(&o->lock, NULL) == 0);
    return o;
}

static void forget_kept(struct outbox *o)
{
    smap_destroy(&o->kept_back);
    o->kept_back = smap_create(0);
}

static void close_courier(struct outbox *o)
{
    if (o->fd < 0) return;
    forget_kept(o); /* its credit ends with it */
    if (o->loop != NULL) loop_remove_fd(o->loop, o->fd);
    close(o->fd);
    o->fd = -1;
    smap_destroy(&o->credited);
    frame_reader_destroy(&o->reader);
    frame_writer_destroy(&o->writer);
    GAUGE(o, connected, 0);
    GAUGE(o, in_flight, 0);
}

void outbox_destroy(struct outbox **op)
{
    struct outbox *o = *op;
    if (o == NULL) return;
    close_courier(o);
    for (size_t i = 0; i < o->held.n; i++)
        if (o->held.v[i].done != NULL) o->held.v[i].done(o->held.v[i].caller, NULL);
    vec_release(&o->held);
    smap_destroy(&o->kept_back);
    buf_release(&o->key);
    buf_release(&o->json);
    buf_release(&o->courier_hash);
    buf_release(&o->public_url);
    buf_release(&o->site_hash);
    pthread_mutex_destroy(&o->lock);
    mem_free(o);
    *op = NULL;
}

void outbox_start(struct outbox *o, struct engine *e, struct loop *loop)
{
    o->engine = e;
    o->loop = loop;
}

void outbox_configure(struct outbox *o, struct slice public_url, struct slice site_hash)
{
    pthread_mutex_lock(&o->lock);
    buf_reset(&o->public_url);
    buf_add(&o->public_url, public_url);
    buf_reset(&o->site_hash);
    buf_add(&o->site_hash, site_hash);
    pthread_mutex_unlock(&o->lock);
}

const struct outbox_counters *outbox_counters(const struct outbox *o)
{
    return &o->counters;
}

/* --- events that come back ------------------------------------------------------------------------------------------ */

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

/* The arena (may be NULL) goes with the event. A full queue makes it wait here, in order: there is one result an
 * attempt, and attempts are bounded by credits. */
static void post(struct outbox *o, struct event *ev, struct arena *a)
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

static void post_credit(struct outbox *o, struct slice channel, int64_t n)
{
    if (o->holding) {
        keep_back(o, channel, n);
        return;
    }
    struct arena *a = arena_create(0);
    struct event ev = { .kind = EVENT_CREDIT };
    ev.credit.channel = arena_copy(a, channel);
    ev.credit.n = n;
    post(o, &ev, a);
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
    post(o, &ev, a);
    if (o->fd >= 0) post_credit(o, world_text(w, d->channel), 1);
}

static void take_result(struct outbox *o, const struct message_result *r, struct arena *a)
{
    static const enum outcome outcomes[] = {
        [MESSAGE_OUTCOME_UNSET] = OUTCOME_UNCERTAIN, /* when in doubt */
        [MESSAGE_OUTCOME_ACCEPTED] = OUTCOME_ACCEPTED, [MESSAGE_OUTCOME_REFUSED] = OUTCOME_REFUSED,
        [MESSAGE_OUTCOME_NOT_SENT] = OUTCOME_NOT_SENT, [MESSAGE_OUTCOME_UNCERTAIN] = OUTCOME_UNCERTAIN,
    };
    struct event ev = { .kind = EVENT_RESULT };
    ev.result = (struct event_result){
        .delivery = r->delivery,
        .attempt = r->attempt,
        .outcome = outcomes[r->outcome],
        .code = r->code,
        .detail = r->detail.n > 0 ? r->detail : r->provider_id,
        .retry_after_ms = r->retry_after_ms,
    };
    COUNT(o, results, 1);
    if (atomic_load(&o->counters.in_flight) > 0) COUNT(o, in_flight, -1);
    post(o, &ev, a);
}

/* True when the channel is the site's. */
static bool take_credit(struct outbox *o, const struct message_credit *c)
{
    const struct directory *d = world_directory(engine_world(o->engine));
    if (d == NULL || directory_channel(d, c->channel) < 0) {
        const struct log_pair pair = { "channel", c->channel };
        COUNT(o, unknown_credits, 1);
        log_pairs(LOG_LEVEL_WARNING, "outbox", "credit for a channel that the site does not have", &pair, 1);
        return false;
    }
    if (c->n > 0) post_credit(o, c->channel, c->n);
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
        if (!smap_get(o->credited, c->channel, NULL) && take_credit(o, c)) smap_put(o->credited, c->channel, 1);
    }
}

static void flush(struct outbox *o);

/* What came of a press, for whoever pressed. */
static void say_pressed(struct outbox *o, int64_t serial, struct slice text)
{
    const struct message m = { .type = MESSAGE_PRESSED, .serial = serial, .press = { .text = text } };
    struct error err = { 0 };
    if (o->fd < 0) return;
    buf_reset(&o->json);
    message_build(&m, &o->json);
    if (frame_writer_add(o->writer, buf_slice(&o->json), &err) < 0) log_warning("outbox", "pressed: %s", err.detail);
    flush(o);
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
    page_id id = 0;
    enum token_verdict v = token_check(buf_slice(&o->key), m->press.token, loop_now(o->loop).wall_ms, &id, NULL);
    const struct page *page = v == TOKEN_GOOD ? world_page(w, id) : NULL;
    if (page == NULL) {
        say_pressed(o, m->serial, v == TOKEN_WRONG ? S("This button is not known here.") : S("This page is over."));
        return false;
    }
    *p = (struct press){ .outbox = o, .arena = a, .serial = m->serial };
    p->act = (struct act){ .kind = ACT_ACKNOWLEDGE,
                           .via = VIA_LINK,
                           .incident = page->incident,
                           .page = id,
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
    case MESSAGE_RESULT: take_result(o, &m->result, a); return true;
    case MESSAGE_HELLO: take_hello(o, &m->hello); return false;
    case MESSAGE_CREDIT: (void)take_credit(o, &m->credit); return false;
    case MESSAGE_PRESS: return take_press(o, m, a);
    case MESSAGE_PONG:
    case MESSAGE_PING:
    case MESSAGE_PRESSED:
    case MESSAGE_UNSET:
    case MESSAGE_SEND:
    case MESSAGE_RELOAD: return false;
    }
    return false;
}

static void take_frame(struct outbox *o, struct slice json)
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

static void lose_courier(struct outbox *o, const char *why)
{
    if (o->fd < 0) return;
    close_courier(o);
    COUNT(o, lost, 1);
    log_warning("outbox", "the courier is gone: %s. What it had in flight is uncertain", why);
    post(o, &(struct event){ .kind = EVENT_COURIER_LOST }, NULL);
}

static void flush(struct outbox *o)
{
    struct error err = { 0 };
    const int rc = frame_writer_flush(o->writer, o->fd, &err);
    if (rc < 0) {
        lose_courier(o, err.detail);
        return;
    }
    const uint32_t wanted = rc == 1 ? EPOLLIN : EPOLLIN | EPOLLOUT;
    if (wanted == o->watched) return;
    o->watched = wanted;
    if (loop_change_fd(o->loop, o->fd, wanted, &err) < 0) lose_courier(o, err.detail);
}

static void take_frames(struct outbox *o)
{
    struct error err = { 0 };
    struct slice frame;
    int rc = frame_reader_fill(o->reader, o->fd, &err);
    if (rc < 0) {
        lose_courier(o, err.detail);
        return;
    }
    while ((rc = frame_reader_next(o->reader, &frame, &err)) == 1) take_frame(o, frame);
    if (rc < 0) lose_courier(o, err.detail);
}

static void on_courier(void *ctx, int fd, uint32_t events)
{
    struct outbox *o = ctx;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) take_frames(o);
    if (o->fd == fd && (events & EPOLLOUT) != 0) flush(o);
}

void outbox_attach(struct outbox *o, int fd)
{
    struct error err = { 0 };
    if (fd < 0) {
        close_courier(o); /* we stop: nobody asks any more what became of what was in flight */
        return;
    }
    lose_courier(o, "another one was started");
    if (socket_set_nonblocking(fd, &err) < 0 || loop_add_fd(o->loop, fd, EPOLLIN, on_courier, o, &err) < 0) {
        log_error("outbox", "the courier's socket cannot be used: %s", err.detail);
        close(fd);
        return;
    }
    o->fd = fd;
    o->watched = EPOLLIN;
    o->credited = smap_create(0);
    o->reader = frame_reader_create();
    o->writer = frame_writer_create(OUTBOX_MAX_BYTES);
    GAUGE(o, connected, 1);
}

void outbox_hold(struct outbox *o)
{
    o->holding = true;
}

void outbox_release(struct outbox *o)
{
    struct slice channel;
    int64_t n;
    o->holding = false;
    for (size_t at = 0; smap_next(o->kept_back, &at, &channel, &n);) post_credit(o, channel, n);
    forget_kept(o);
}

void outbox_reload(struct outbox *o)
{
    struct error err = { 0 };
    const struct message m = { .type = MESSAGE_RELOAD, .serial = ++o->reloads };
    if (o->fd < 0) return; /* the next courier reads the file as it starts */
    buf_reset(&o->json);
    message_build(&m, &o->json);
    if (frame_writer_add(o->writer, buf_slice(&o->json), &err) < 0) log_warning("outbox", "reload: %s", err.detail);
    flush(o);
}

/* --- attempts that leave -------------------------------------------------------------------------------------------- */

static enum message_purpose purpose_of(int64_t purpose)
{
    static const enum message_purpose table[] = {
        [PURPOSE_PAGE] = MESSAGE_FOR_PAGE,   [PURPOSE_NOTIFICATION] = MESSAGE_FOR_NOTICE,
        [PURPOSE_POST] = MESSAGE_FOR_POST,   [PURPOSE_STAND_DOWN] = MESSAGE_FOR_STAND_DOWN,
        [PURPOSE_ALARM] = MESSAGE_FOR_ALARM, [PURPOSE_MORNING_LIST] = MESSAGE_FOR_NOTICE,
    };
    CHECK(purpose > 0 && (size_t)purpose < COUNT_OF(table));
    return table[purpose];
}

/* Only a page can be acknowledged, and only where somebody can reach the responder listener. */
static void ack_url_print(struct outbox *o, const struct delivery *d, int64_t wall, struct buf *out)
{
    pthread_mutex_lock(&o->lock);
    if (d->purpose == PURPOSE_PAGE && d->page != 0 && o->public_url.len > 0) {
        buf_add(out, buf_slice(&o->public_url));
        buf_add_str(out, "/a/");
        token_add(out, buf_slice(&o->key), d->page, wall + ACK_LINK_MS);
    }
    pthread_mutex_unlock(&o->lock);
}

static void message_fill(const struct world *w, const struct delivery *d, struct message_send *m)
{
    const struct page *page = d->page == 0 ? NULL : world_page(w, d->page);
    const bool rings = d->purpose == PURPOSE_ALARM || (page != NULL && page->rings != 0);
    m->delivery = d->id;
    m->channel = world_text(w, d->channel);
    m->address = world_text(w, d->address);
    m->purpose = purpose_of(d->purpose);
    m->severity = d->level;
    m->urgency = rings ? MESSAGE_URGENCY_RING : MESSAGE_URGENCY_QUIET;
    m->incident = d->incident;
    m->page = d->page;
}

/* The whole frame's JSON in o->json. */
static void frame_build(struct outbox *o, const struct world *w, const struct send *s, struct moment raw)
{
    const struct delivery *d = world_delivery(w, s->delivery);
    struct buf url = { 0 }, thread = { 0 };
    struct message_text text = { 0 };
    struct message m = { .type = MESSAGE_SEND };
    ack_url_print(o, d, raw.wall_ms, &url);
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
    frame_build(o, w, s, raw);
    if (o->json.overflow || frame_writer_add(o->writer, buf_slice(&o->json), &err) < 0) {
        post_not_sent(o, d, w, s, o->json.overflow ? "the message is larger than a frame" : err.detail);
        return;
    }
    COUNT(o, frames, 1);
    COUNT(o, in_flight, 1);
    flush(o);
}

struct engine_sender outbox_sender(struct outbox *o)
{
    return (struct engine_sender){ .ctx = o, .send = outbox_send };
}
