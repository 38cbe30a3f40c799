/* http_fixture.h - a server with a fake house behind it, for the tests of the doors: real listeners on a free port of
 * 127.0.0.1 and on a unix socket, a thread that plays engine and readers, a clock that stands still, the memory store. */
#ifndef TESTS_HTTP_FIXTURE_H
#define TESTS_HTTP_FIXTURE_H

#include "harness.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "core/act.h"
#include "core/directory.h"
#include "core/effect.h"
#include "http/server.h"
#include "store/store.h"
#include "sys/sockets.h"

#define FAKE_JOBS 64

/* usleep() in these tests only lets other threads run; no deadline is waited for by the real clock. */

struct fake_job {
    port_reply_fn *reply;
    port_read_fn *read;
    void *caller;
    struct event event;
    bool left; /* waits for wake() */
};

struct fake_house {
    struct http_port port;
    struct http_server *server;
    struct clock *clock;
    struct store *store;
    struct store_reader *reader;
    struct facts facts;
    int tcp_port, responder_port;
    char unix_path[64];

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct fake_job jobs[FAKE_JOBS];
    _Atomic size_t n_jobs;
    _Atomic bool stop;
    /* What the fake engine does, and what it saw. */
    _Atomic bool full; /* submit answers ERR_BUSY */
    _Atomic bool failing; /* the last commit failed */
    _Atomic bool paused; /* jobs wait */
    _Atomic int code; /* of every reply */
    struct slice text;
    int64_t incident, id;
    _Atomic size_t events, alerts;
    struct event last;
    struct act last_act;
    char sender[64], actor[64];
    _Atomic int facts_held;
    void (*on_act)(struct fake_house *h, const struct act *act, struct reply *reply); /* may be NULL */
};

static inline void fake_see(struct fake_house *h, const struct event *ev, struct reply *reply)
{
    h->events++;
    h->last = *ev;
    if (ev->kind == EVENT_ALERTS) {
        h->alerts += ev->alerts.n;
        snprintf(h->sender, sizeof h->sender, "%.*s", (int)ev->alerts.sender.n, ev->alerts.sender.p);
    }
    if (ev->kind == EVENT_ACT) {
        h->last_act = *ev->act;
        snprintf(h->actor, sizeof h->actor, "%.*s", (int)ev->act->actor.n, ev->act->actor.p);
        if (h->on_act != NULL) h->on_act(h, ev->act, reply);
    }
}

static inline void *fake_run(void *ctx)
{
    struct fake_house *h = ctx;
    pthread_mutex_lock(&h->lock);
    while (!h->stop || h->n_jobs > 0) {
        struct fake_job job;
        if (h->n_jobs == 0 || ((h->paused || h->jobs[0].left) && !h->stop)) {
            pthread_cond_wait(&h->changed, &h->lock);
            continue;
        }
        job = h->jobs[0];
        h->n_jobs--;
        memmove(h->jobs, h->jobs + 1, h->n_jobs * sizeof job);
        pthread_mutex_unlock(&h->lock);
        if (job.read != NULL) {
            struct error e = { 0 };
            if (store_read_begin(h->reader, &e) == 0) {
                job.read(job.caller, h->reader);
                store_read_end(h->reader, &e);
            } else {
                job.read(job.caller, NULL);
            }
        } else {
            struct reply reply = {
                .reply_to = 1, .code = h->code, .text = h->text, .incident = h->incident, .id = h->id
            };
            fake_see(h, &job.event, &reply);
            job.reply(job.caller, &reply);
        }
        pthread_mutex_lock(&h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static inline int fake_queue(struct fake_house *h, struct fake_job job, struct error *e)
{
    int rc = 0;
    pthread_mutex_lock(&h->lock);
    if (h->full || h->n_jobs == FAKE_JOBS)
        rc = fail(e, ERR_BUSY, "the queue is full");
    else
        h->jobs[h->n_jobs++] = job;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    return rc;
}

static inline int fake_submit(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e)
{
    return fake_queue(ctx, (struct fake_job){ .reply = done, .caller = caller, .event = *ev }, e);
}

/* As slow as the contract allows: nothing that was left moves before wake(). */
static inline int fake_leave(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e)
{
    return fake_queue(ctx, (struct fake_job){ .reply = done, .caller = caller, .event = *ev, .left = true }, e);
}

static inline void fake_wake(void *ctx)
{
    struct fake_house *h = ctx;
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < h->n_jobs; i++) h->jobs[i].left = false;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static inline int fake_bundle(void *ctx, const struct bundle_wish *wish, port_reply_fn *done, void *caller,
                              struct error *e)
{
    const struct event ev = { .kind = EVENT_ACT, .act = &wish->act };
    return fake_submit(ctx, &ev, done, caller, e);
}

static inline int fake_read(void *ctx, port_read_fn *job, void *caller, struct error *e)
{
    return fake_queue(ctx, (struct fake_job){ .read = job, .caller = caller }, e);
}

static inline int fake_reload(void *ctx, struct slice actor, port_reply_fn *done, void *caller, struct error *e)
{
    (void)actor;
    return fake_queue(ctx, (struct fake_job){ .reply = done, .caller = caller }, e);
}

static inline const struct facts *fake_facts_acquire(void *ctx)
{
    struct fake_house *h = ctx;
    atomic_fetch_add(&h->facts_held, 1);
    return &h->facts;
}

static inline void fake_facts_release(void *ctx, const struct facts *f)
{
    struct fake_house *h = ctx;
    (void)f;
    atomic_fetch_sub(&h->facts_held, 1);
}

static inline struct moment fake_now(void *ctx)
{
    struct fake_house *h = ctx;
    return clock_read(h->clock);
}

static inline bool fake_ready(void *ctx)
{
    struct fake_house *h = ctx;
    return !h->full && !h->failing;
}

/* 2026-01-05T03:00:00Z, a Monday. */
#define FAKE_WALL INT64_C(1767582000000)

static inline int fake_listen(int *port)
{
    struct address a;
    struct error e = { 0 };
    struct buf text = { 0 };
    struct slice s;
    int64_t number = 0;
    int fd = -1;
    assert_int_equal(address_parse(S("127.0.0.1:0"), &a, &e), 0);
    assert_int_equal(socket_listen_tcp(&a, &fd, &e), 0);
    assert_int_equal(socket_local_address(fd, &a, &e), 0);
    address_format(&a, &text);
    s = buf_slice(&text);
    slice_cut(&s, ':');
    assert_true(slice_to_int(s, &number));
    *port = (int)number;
    buf_release(&text);
    return fd;
}

static inline void fake_start(struct fake_house *h, const struct route_table *routes,
                              const struct route_table *responder, const struct directory *directory,
                              const struct http_limits *limits)
{
    static const struct http_limits two_threads = { .threads = 2 }; /* whatever machine this is */
    struct error e = { 0 };
    struct http_listener listeners[3];

    h->clock = clock_create_fake((struct moment){ 1000000, FAKE_WALL }, S("boot"));
    assert_int_equal(store_open("memory:", &h->store, &e), 0);
    assert_int_equal(store_reader_open(h->store, &h->reader, &e), 0);
    h->facts.directory = directory;
    h->facts.started_wall = FAKE_WALL;
    h->facts.instance_key = S("0123456789abcdef0123456789abcdef");
    h->port.ctx = h;
    h->port.submit = fake_submit;
    h->port.leave = fake_leave;
    h->port.wake = fake_wake;
    h->port.read = fake_read;
    h->port.reload = fake_reload;
    h->port.bundle = fake_bundle;
    h->port.facts_acquire = fake_facts_acquire;
    h->port.facts_release = fake_facts_release;
    h->port.now = fake_now;
    h->port.ready = fake_ready;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    assert_int_equal(pthread_create(&h->thread, NULL, fake_run, h), 0);

    snprintf(h->unix_path, sizeof h->unix_path, "/tmp/tocsin-test-%ld.sock", (long)getpid());
    listeners[0] = (struct http_listener){ .fd = fake_listen(&h->tcp_port), .routes = routes };
    listeners[1] = (struct http_listener){ .routes = routes, .unix_socket = true };
    assert_int_equal(socket_listen_unix(h->unix_path, 0600, &listeners[1].fd, &e), 0);
    listeners[2] = (struct http_listener){ .fd = fake_listen(&h->responder_port), .routes = responder };
    if (http_server_create(&h->port, listeners, 3, limits != NULL ? limits : &two_threads, &h->server, &e) < 0) fail_msg("%s", e.detail);
}

static inline void fake_stop(struct fake_house *h)
{
    http_server_destroy(&h->server);
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    assert_int_equal(h->facts_held, 0);
    store_reader_close(&h->reader);
    store_close(&h->store);
    clock_destroy(&h->clock);
    unlink(h->unix_path);
}

static inline void fake_pause(struct fake_house *h, bool paused)
{
    pthread_mutex_lock(&h->lock);
    h->paused = paused;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

/* ---- a client that sends exactly what it is told ---- */

static inline int client_connect(const struct fake_house *h, int port)
{
    int fd;
    struct error e = { 0 };
    struct timeval patience = { .tv_sec = 10 };
    if (port == 0) {
        assert_int_equal(socket_connect_unix(h->unix_path, &fd, &e), 0);
    } else {
        struct sockaddr_in to = { .sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static inline void client_send(int fd, struct slice bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0) return; /* the server refused and closed: what it said is still to be read */
        bytes = slice_from(bytes, (size_t)n);
    }
}

struct client_answer {
    int status; /* 0: the connection ended without one */
    struct slice head, body;
    struct buf bytes;
};

/* One final answer: by Content-Length, or to the end of the stream. 100 Continue is skipped. */
static inline void client_receive(int fd, struct client_answer *a, bool head_only)
{
    char room[65536];
    buf_release(&a->bytes);
    *a = (struct client_answer){ .bytes = { .max = (size_t)64 << 20 } };
    for (;;) {
        ssize_t n = recv(fd, room, sizeof room, 0);
        struct slice all, rest;
        size_t end;
        if (n > 0) buf_add(&a->bytes, (struct slice){ room, (size_t)n });
        all = buf_slice(&a->bytes);
        while (slice_has_prefix(all, S("HTTP/1.1 100")) && (end = slice_find(all, S("\r\n\r\n"))) < all.n)
            all = slice_from(all, end + 4);
        end = slice_find(all, S("\r\n\r\n"));
        if (end < all.n) {
            int64_t length = -1;
            a->head = slice_upto(all, end + 2);
            rest = slice_from(a->head, slice_find_nocase(a->head, S("\r\nContent-Length: ")));
            if (slice_cut_prefix_nocase(&rest, S("\r\nContent-Length: "))) slice_cut_uint(&rest, &length);
            a->body = slice_from(all, end + 4);
            a->status = atoi(a->head.p + 9);
            if (head_only || (length >= 0 && a->body.n >= (size_t)length)) return;
        }
        if (n <= 0) return;
    }
}

/* The same, while the server's clock goes on by `step_ms` again and again, until there is an answer. */
static inline void client_receive_in_time(struct fake_house *h, int fd, int64_t step_ms, struct client_answer *a)
{
    struct timeval patience = { .tv_usec = 100000 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (int i = 0; i < 100; i++) {
        clock_advance(h->clock, step_ms);
        client_receive(fd, a, false);
        if (a->status != 0) return;
    }
}

static inline void client_ask(const struct fake_house *h, int port, struct slice request, struct client_answer *a)
{
    int fd = client_connect(h, port);
    client_send(fd, request);
    client_receive(fd, a, slice_has_prefix(request, S("HEAD ")));
    close(fd);
}

/* A well-formed request with a body. */
static inline void client_request(const struct fake_house *h, int port, const char *method, const char *target,
                                  const char *fields, struct slice body, struct client_answer *a)
{
    struct buf r = { .max = (size_t)16 << 20 };
    buf_addf(&r, "%s %s HTTP/1.1\r\nHost: x\r\n%s", method, target, fields);
    if (body.n > 0 || method[0] == 'P') buf_addf(&r, "Content-Length: %zu\r\n", body.n);
    buf_add_str(&r, "\r\n");
    buf_add(&r, body);
    client_ask(h, port, buf_slice(&r), a);
    buf_release(&r);
}

#endif
