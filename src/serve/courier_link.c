/* courier_link.c - frames between the courier and whichever server lives.
 * Not here: what the frames lead to (courier.c), their bytes (ipc/).
 * Always: frames leave in the order they were queued, and a result is forgotten only after the kernel took all of it.
 */
#include "serve/courier_link.h"

#include <unistd.h>

#include "base/vec.h"
#include "ipc/frame.h"
#include "sys/log.h"
#include "sys/sockets.h"

enum { WRITER_MAX = 4 << 20 };

struct outgoing {
    struct buf json;
    bool is_result;
    bool handed_over; /* to the writer of the present server */
};

struct link {
    struct loop *loop; /* borrowed */
    struct link_handlers on;
    int fd; /* -1: no server */
    struct frame_reader *reader;
    struct frame_writer *writer;
    VEC(struct outgoing) queue;
};

struct link *link_create(struct loop *l, const struct link_handlers *h)
{
    struct link *k = mem_alloc(sizeof *k);

    *k = (struct link){ .loop = l, .on = *h, .fd = -1 };
    return k;
}

static void connection_close(struct link *k)
{
    if (k->fd < 0) return;
    loop_remove_fd(k->loop, k->fd);
    close(k->fd);
    k->fd = -1;
    frame_reader_destroy(&k->reader);
    frame_writer_destroy(&k->writer);
}

static void queue_drop(struct link *k, size_t i)
{
    buf_release(&k->queue.v[i].json);
    vec_remove(&k->queue, i);
}

void link_destroy(struct link **k)
{
    if (*k == NULL) return;
    connection_close(*k);
    while ((*k)->queue.n > 0) queue_drop(*k, (*k)->queue.n - 1);
    vec_release(&(*k)->queue);
    mem_free(*k);
    *k = NULL;
}

bool link_is_attached(const struct link *k)
{
    return k->fd >= 0;
}

size_t link_results(const struct link *k)
{
    size_t n = 0;

    for (size_t i = 0; i < k->queue.n; i++) n += k->queue.v[i].is_result;
    return n;
}

static void detach(struct link *k, const struct error *why)
{
    if (k->fd < 0) return;
    connection_close(k);
    for (size_t i = k->queue.n; i-- > 0;) {
        k->queue.v[i].handed_over = false;
        if (!k->queue.v[i].is_result) queue_drop(k, i);
    }
    k->on.detached(k->on.ctx, why);
}

/* Fills the writer from the queue, in order. */
static int hand_over(struct link *k, struct error *e)
{
    for (size_t i = 0; i < k->queue.n; i++) {
        int rc;

        if (k->queue.v[i].handed_over) continue;
        rc = frame_writer_add(k->writer, buf_slice(&k->queue.v[i].json), e);
        if (rc == ERR_BUSY) return 0;
        if (rc < 0) return rc;
        k->queue.v[i].handed_over = true;
    }
    return 0;
}

static void forget_sent(struct link *k)
{
    size_t n = 0;

    while (n < k->queue.n && k->queue.v[n].handed_over) buf_release(&k->queue.v[n++].json);
    for (size_t i = n; i < k->queue.n; i++) k->queue.v[i - n] = k->queue.v[i];
    k->queue.n -= n;
}

static void pump(struct link *k)
{
    struct error e = { 0 };
    int rc = 1;

    while (k->fd >= 0 && rc == 1 && k->queue.n > 0) {
        rc = hand_over(k, &e);
        if (rc == 0) rc = frame_writer_flush(k->writer, k->fd, &e);
        if (rc == 1) forget_sent(k);
        if (rc == 1 && k->queue.n == 0) k->on.drained(k->on.ctx);
    }
    if (rc < 0) {
        detach(k, &e);
        return;
    }
    if (k->fd >= 0) {
        uint32_t events = k->queue.n > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;

        if (loop_change_fd(k->loop, k->fd, events, &e) < 0) detach(k, &e);
    }
}

/* One filling, then all frames it completed. A handler may change the server under us: the descriptor tells. */
static int take_frames(struct link *k, struct error *e)
{
    const struct frame_reader *mine = k->reader;
    struct slice frame;
    int rc = frame_reader_fill(k->reader, k->fd, e);

    if (rc <= 0) return rc;
    while (k->reader == mine && (rc = frame_reader_next(k->reader, &frame, e)) == 1) k->on.received(k->on.ctx, frame);
    return rc;
}

static void on_ready(void *ctx, int fd, uint32_t events)
{
    struct link *k = ctx;
    struct error e = { 0 };

    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && take_frames(k, &e) < 0) {
        if (k->fd == fd) detach(k, &e);
        return;
    }
    if ((events & EPOLLOUT) && k->fd == fd) pump(k);
}

void link_attach(struct link *k, int fd)
{
    struct error e = { 0 };

    fail(&e, ERR_CONFLICT, "another server took over");
    detach(k, &e);
    if (socket_set_nonblocking(fd, &e) < 0 || loop_add_fd(k->loop, fd, EPOLLIN, on_ready, k, &e) < 0) {
        close(fd);
        k->on.detached(k->on.ctx, &e);
        return;
    }
    k->fd = fd;
    k->reader = frame_reader_create();
    k->writer = frame_writer_create(WRITER_MAX);
    k->on.attached(k->on.ctx);
    pump(k);
}

/* A new server hears hello before the results that waited for it. Behind credits it stays: they are counted in it. */
static void hello_advance(struct link *k)
{
    size_t last = k->queue.n - 1;
    struct outgoing hello = k->queue.v[last];

    if (link_results(k) != last || (last > 0 && k->queue.v[0].handed_over)) return;
    for (size_t i = last; i > 0; i--) k->queue.v[i] = k->queue.v[i - 1];
    k->queue.v[0] = hello;
}

void link_send(struct link *k, const struct message *m)
{
    struct outgoing out = { .json = { .max = FRAME_MAX }, .is_result = m->type == MESSAGE_RESULT };

    message_build(m, &out.json);
    if (out.json.overflow) {
        /* Cannot be: details and names are cut long before. The server counts a missing result as uncertain. */
        log_error("courier", "a frame of type %s is too large and was dropped", message_type_name(m->type));
        buf_release(&out.json);
        return;
    }
    if (k->fd < 0 && !out.is_result) {
        buf_release(&out.json);
        return;
    }
    *vec_push(&k->queue) = out;
    if (m->type == MESSAGE_HELLO) hello_advance(k);
    pump(k);
}
