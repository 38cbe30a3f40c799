/* outbox.c - the outbox's life, and the socket to the courier.
 * Not here: attempts that leave (outbox_send.c), what comes back (outbox_take.c).
 * Always: a courier that is lost is told of once. */
#include "engine/outbox.h"

#include <unistd.h>

#include "base/check.h"
#include "engine/outbox_inner.h"
#include "sys/log.h"
#include "sys/sockets.h"

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
    vec_clear(&o->prepared);
    if (o->loop != NULL) loop_remove_fd(o->loop, o->fd);
    close(o->fd);
    o->fd = -1;
    if (o->loop != NULL) o->courier_since = loop_now(o->loop).steady_ms;
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
    vec_release(&o->prepared);
    smap_destroy(&o->kept_back);
    for (size_t i = 0; i < o->records.n; i++) {
        buf_release(&o->records.v[i].name);
        buf_release(&o->records.v[i].problem);
    }
    vec_release(&o->records);
    vec_release(&o->judged);
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
    o->courier_since = loop_now(loop).steady_ms;
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

static void lose_courier(struct outbox *o, const char *why)
{
    if (o->fd < 0) return;
    close_courier(o);
    COUNT(o, lost, 1);
    log_warning("outbox", "the courier is gone: %s. What it had in flight is uncertain", why);
    outbox_post(o, &(struct event){ .kind = EVENT_COURIER_LOST }, NULL);
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

bool outbox_write(struct outbox *o, struct error *e)
{
    const bool fits = frame_writer_add(o->writer, buf_slice(&o->json), e) == 0;
    flush(o);
    return fits;
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
    while (o->fd >= 0 && (rc = frame_reader_next(o->reader, &frame, &err)) == 1) outbox_take_frame(o, frame);
    if (o->fd >= 0 && rc < 0) lose_courier(o, err.detail);
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
    o->courier_since = loop_now(o->loop).steady_ms;
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
    for (size_t at = 0; smap_next(o->kept_back, &at, &channel, &n);) outbox_post_credit(o, channel, n);
    forget_kept(o);
}

void outbox_reload(struct outbox *o)
{
    struct error err = { 0 };
    const struct message m = { .type = MESSAGE_RELOAD, .serial = ++o->reloads };
    if (o->fd < 0) return; /* the next courier reads the file as it starts */
    buf_reset(&o->json);
    message_build(&m, &o->json);
    if (!outbox_write(o, &err)) log_warning("outbox", "reload: %s", err.detail);
}
