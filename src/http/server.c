/* server.c - listeners, connections and the life of a request.
 * Not here: routes and their handlers (api/), what an answer looks like (answer.c, view.c), deadlines (keeper.c).
 * Always: the head is judged before a byte of the body is kept; a request ends in request_completed() and nowhere else.
 */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "http/exchange.h"
#include "http/head.h"
#include "sys/process.h"
#include "sys/sockets.h"

#define REQUEST_ARENA_MAX ((size_t)64 << 20) /* a body of 4 MiB and what is made of it */
#define CONNECTION_MEMORY ((size_t)24 << 10) /* libmicrohttpd's pool: a head of 16 KiB, its fields, the answer's head */
#define STOP_POLL_NS 5000000
#define STOP_POLLS 400 /* 2 s */
#define CONNECTION_INCREMENT ((size_t)4 << 10)

struct moment server_now(const struct http_server *s)
{
    return s->port->now(s->port->ctx);
}

bool exchange_suspend(struct exchange *x)
{
    pthread_mutex_lock(&x->server->lock);
    x->suspended = !x->server->closed;
    if (x->suspended) x->server->suspended++;
    pthread_mutex_unlock(&x->server->lock);
    if (x->suspended) MHD_suspend_connection(x->mhd);
    return x->suspended;
}

/* The request is its own thread's again; it may be gone before this returns. libmicrohttpd's own call can be lost: a turn
 * that takes it may have looked for resumed connections before. */
void exchange_resume(struct exchange *x)
{
    struct http_server *s = x->server;
    struct daemon *d = x->daemon;
    MHD_resume_connection(x->mhd);
    turns_call(d);
    pthread_mutex_lock(&s->lock);
    s->suspended--;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* Mostly one that an earlier request left, with its memory. */
static struct exchange *exchange_take(struct daemon *d)
{
    struct exchange *x;
    if (d->n_spare > 0) return d->spare[--d->n_spare];
    x = mem_alloc(sizeof *x);
    x->rq.arena = arena_create(REQUEST_ARENA_MAX);
    return x;
}

static void exchange_free(struct exchange *x)
{
    buf_release(&x->body);
    arena_destroy(&x->rq.arena);
    mem_free(x);
}

static void exchange_leave(struct daemon *d, struct exchange *x)
{
    struct arena *arena = x->rq.arena;
    struct buf body = x->body;

    if (d == NULL || d->n_spare == HTTP_SPARE || arena_used(arena) > HTTP_SPARE_ARENA) {
        exchange_free(x);
        return;
    }
    arena_reset(arena);
    if (body.cap > HTTP_SPARE_BODY) buf_release(&body);
    buf_reset(&body);
    memset(x, 0, sizeof *x);
    x->rq.arena = arena;
    x->body = body;
    d->spare[d->n_spare++] = x;
}

/* Nobody holds the request any more. `d`: whose thread this is; NULL: another's. */
static void exchange_end(struct exchange *x, struct daemon *d)
{
    struct http_server *s = x->server;
    atomic_fetch_sub(&s->in_flight, 1);
    if (x->counted > 0) atomic_fetch_sub(&s->in_flight_bytes, (int64_t)x->counted);
    if (x->rq.at_end != NULL) x->rq.at_end(&x->rq);
    if (x->rq.facts != NULL) s->port->facts_release(s->port->ctx, x->rq.facts);
    buf_release(&x->rq.out);
    exchange_leave(d, x);
}

bool exchange_park(struct exchange *x)
{
    struct daemon *d = x->daemon;
    if (d->parked >= HTTP_PARKED) return false;
    atomic_fetch_add(&d->server->away, 1);
    if (atomic_load(
            &d->server->stopping)) { /* first counted, then looked: http_server_stop() does it the other way round */
        atomic_fetch_sub(&d->server->away, 1);
        return false;
    }
    atomic_store(&x->hand, HAND_AWAY);
    d->open--;
    d->parked++;
    return true;
}

void exchange_back(struct exchange *x)
{
    struct daemon *d = x->daemon;
    struct http_server *s = x->server;
    if (atomic_exchange(&x->hand, HAND_BACK) == HAND_GONE)
        exchange_end(x, NULL);
    else
        turns_call(d);
    atomic_fetch_sub(&s->away, 1); /* last: the server may end now */
}

/* ---- connections ---- */

/* The address alone: a peer's port changes with each connection. */
static void peer_bytes(const struct sockaddr *sa, uint8_t out[16])
{
    memset(out, 0, 16);
    if (sa != NULL && sa->sa_family == AF_INET)
        memcpy(out, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
    if (sa != NULL && sa->sa_family == AF_INET6)
        memcpy(out, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
}

static bool peer_is_loopback(const struct sockaddr *sa)
{
    struct address a = { .n = sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in) };
    memcpy(&a.raw, sa, a.n);
    return address_is_loopback(&a);
}

/* One address may not take all connections there are; who comes too much is not accepted. */
static enum MHD_Result peer_welcome(void *cls, const struct sockaddr *sa, socklen_t n)
{
    struct daemon *d = cls;
    uint8_t from[16];
    (void)n;
    if (d->unix_socket || sa == NULL || peer_is_loopback(sa)) return MHD_YES;
    peer_bytes(sa, from);
    return connections_from(d->server, from) < d->server->limits.connections_per_address ? MHD_YES : MHD_NO;
}

static void connection_started(struct daemon *d, struct MHD_Connection *mhd, void **context)
{
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *from = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct connection *c = mem_alloc(sizeof *c);
    struct peer peer;

    *c = (struct connection){ .daemon = d, .fd = fd->connect_fd, .uid = (uid_t)-1 };
    if (d->unix_socket) {
        if (socket_peer(c->fd, &peer, NULL) == 0) c->uid = peer.uid;
    } else if (from->client_addr != NULL) {
        c->loopback = peer_is_loopback(from->client_addr);
        peer_bytes(from->client_addr, c->from);
    }
    connection_enter(c, PHASE_HEAD, server_now(d->server).steady_ms + d->server->limits.head_ms);
    connection_add(d->server, c);
    atomic_fetch_add(&d->server->open_connections, 1);
    *context = c;
}

static void connection_notice(void *cls, struct MHD_Connection *mhd, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct daemon *d = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_started(d, mhd, context);
    } else if (*context != NULL) {
        connection_remove(d->server, *context);
        atomic_fetch_sub(&d->server->open_connections, 1);
        mem_free(*context);
        *context = NULL;
    }
}

/* ---- requests ---- */

/* The request line is there: a request begins. Returns it as libmicrohttpd's context for all that follows. */
static void *request_started(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    struct daemon *d = cls;
    struct exchange *x = exchange_take(d);

    x->server = d->server;
    x->daemon = d;
    d->moved = true;
    d->open++;
    x->connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    x->mhd = mhd;
    x->rq.exchange = x;
    x->rq.port = d->server->port;
    x->rq.kept = &d->kept;
    x->rq.received = d->now;
    x->rq.out.max = (size_t)256 << 20; /* GET of 100,000 alerts */
    x->target = arena_copy(x->rq.arena, slice_of(uri));
    connection_enter(x->connection, PHASE_HEAD, d->now.steady_ms + d->server->limits.head_ms);
    atomic_fetch_add(&d->server->in_flight, 1);
    return x;
}

static void request_completed(void *cls, struct MHD_Connection *mhd, void **context,
                              enum MHD_RequestTerminationCode code)
{
    struct daemon *d = cls;
    struct exchange *x = *context;
    (void)mhd;
    (void)code;
    if (x == NULL) return;
    *context = NULL;
    d->moved = true;
    connection_enter(x->connection, PHASE_IDLE, d->now.steady_ms + d->server->limits.idle_ms);
    if (atomic_load(&x->hand) == HAND_OURS)
        d->open--;
    else
        d->parked--;
    if (atomic_exchange(&x->hand, HAND_GONE) != HAND_AWAY) exchange_end(x, d); /* else whoever holds it ends it */
}

static void body_take(struct exchange *x, struct slice bytes)
{
    if (x->swallow) return;
    buf_add(&x->body, bytes);
    if (x->body.overflow) x->swallow = true;
    if (x->body.cap == x->counted) return;
    atomic_fetch_add(&x->server->in_flight_bytes, (int64_t)(x->body.cap - x->counted));
    x->counted = x->body.cap;
}

static void request_handle(struct exchange *x)
{
    struct buf text = { .max = 128 };
    x->rq.body = buf_slice(&x->body);
    if (x->swallow) {
        buf_addf(&text, "the body is larger than %zu bytes", x->rq.route->body_max);
        x->close = true;
        request_fail(&x->rq, 413, "too_large", buf_slice(&text), S("send it in smaller pieces"));
    } else {
        x->rq.route->handle(&x->rq);
    }
    buf_release(&text);
}

/* It was handed on: is it back? */
static enum MHD_Result request_again(struct daemon *d, struct exchange *x)
{
    int hand = atomic_load(&x->hand);
    if (hand == HAND_AWAY) return MHD_YES;
    d->moved = true;
    if (hand == HAND_BACK) {
        atomic_store(&x->hand, HAND_OURS);
        d->parked--;
        d->open++;
    }
    return exchange_send(x);
}

/* Called for the head, for each piece of the body, for its end, and then until there is an answer: once after it was
 * suspended, in each turn while it is parked. */
static enum MHD_Result request_step(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                    const char *version, const char *upload, size_t *upload_size, void **context)
{
    struct daemon *d = cls;
    struct exchange *x = *context;
    bool left;
    (void)url;
    (void)mhd;

    if (x == NULL) return MHD_NO;
    if (x->handled) return request_again(d, x);
    d->moved = true;
    if (!x->begun) {
        x->begun = true;
        if (!connection_enter(x->connection, PHASE_BODY, d->now.steady_ms + d->server->limits.body_ms)) return MHD_NO;
        if (head_judge(x, slice_of(method), slice_of(version))) return MHD_YES;
        return exchange_send(x);
    }
    if (*upload_size > 0) {
        body_take(x, (struct slice){ upload, *upload_size });
        *upload_size = 0;
        return MHD_YES;
    }
    if (!connection_enter(x->connection, PHASE_ANSWER, 0)) return MHD_NO;
    x->handled = true;
    request_handle(x);
    left = x->suspended || atomic_load(&x->hand) != HAND_OURS; /* all else of x may be another's by now */
    return left ? MHD_YES : exchange_send(x);
}

/* ---- the server ---- */

static struct http_limits limits_with_defaults(const struct http_limits *given)
{
    static const struct http_limits defaults = {
        .head_ms = 10 * SECOND,
        .body_ms = 30 * SECOND,
        .idle_ms = 75 * SECOND,
        .hold_ms = 2 * SECOND,
        .head_bytes = (size_t)16 << 10,
        .head_fields = 64,
        .in_flight = 8192,
        .in_flight_bytes = (size_t)64 << 20,
        .connections = 4096,
        .connections_per_address = 256,
    };
    struct http_limits l = given != NULL ? *given : defaults;
#define DEFAULT(field) \
    if (l.field == 0) l.field = defaults.field
    DEFAULT(head_ms);
    DEFAULT(body_ms);
    DEFAULT(idle_ms);
    DEFAULT(hold_ms);
    DEFAULT(head_bytes);
    DEFAULT(head_fields);
    DEFAULT(in_flight);
    DEFAULT(in_flight_bytes);
    DEFAULT(connections);
    DEFAULT(connections_per_address);
#undef DEFAULT
    /* Rules, store and senders need a processor as well: where two threads get one between them each does less a turn, and
     * what wakes and ends a turn is a quarter of what a small request costs. */
    if (l.threads == 0) l.threads = process_processors() < 4 ? 1 : 2;
    return l;
}

/* Each thread of a listener accepts for itself, from a descriptor of its own for the same socket. */
static int daemon_start(struct http_server *s, const struct http_listener *l, struct error *e)
{
    struct daemon *d = &s->daemons[s->n_daemons];
    const int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
    *d = (struct daemon){ .server = s, .routes = l->routes, .unix_socket = l->unix_socket, .epoll = -1, .call = -1 };
    if (fd < 0) return fail(e, ERR_IO, "cannot start listening: no further descriptor: %s", strerror(errno));
    /* clang-format off */
    d->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, peer_welcome, d, request_step, d,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, s->limits.connections / s->limits.threads,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, CONNECTION_INCREMENT,
        MHD_OPTION_NOTIFY_CONNECTION, connection_notice, d,
        MHD_OPTION_URI_LOG_CALLBACK, request_started, d,
        MHD_OPTION_NOTIFY_COMPLETED, request_completed, d,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, /* its own refusals come out garbled (0.9.75): head.c is the strict one */
        MHD_OPTION_END);
    /* clang-format on */
    if (d->mhd == NULL) {
        close(fd);
        return fail(e, ERR_IO, "cannot start listening: libmicrohttpd refused the socket");
    }
    s->n_daemons++;
    return turns_start(d, e);
}

static int listener_start(struct http_server *s, const struct http_listener *l, struct error *e)
{
    int rc = 0;
    for (unsigned i = 0; i < s->limits.threads && rc == 0; i++) rc = daemon_start(s, l, e);
    return rc;
}

int http_server_create(const struct http_port *port, const struct http_listener *listeners, size_t n,
                       const struct http_limits *limits, struct http_server **out, struct error *e)
{
    static const int64_t bounds[] = { 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000 };
    struct http_server *s = mem_alloc(sizeof *s);
    int rc;

    CHECK(n <= HTTP_MAX_LISTENERS);
    *out = NULL;
    s->port = port;
    s->limits = limits_with_defaults(limits);
    CHECK(s->limits.threads <= HTTP_THREADS);
    s->waiting_tail = &s->waiting;
    s->seconds.bounds = bounds;
    s->seconds.n_bounds = COUNT_OF(bounds);
    s->taken = answer_taken();
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    rc = keeper_start(s, e);
    for (size_t i = 0; i < n; i++) {
        if (rc == 0) rc = listener_start(s, &listeners[i], e);
        close(listeners[i].fd); /* each thread has its own */
    }
    if (rc < 0) http_server_destroy(&s);
    *out = s;
    return rc;
}

static void daemon_stop(struct daemon *d)
{
    turns_stop(d);
    MHD_stop_daemon(d->mhd);
    while (d->n_spare > 0) exchange_free(d->spare[--d->n_spare]);
    if (d->kept != NULL) d->routes->forget(d->kept);
}

static void pause_shortly(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = STOP_POLL_NS }, NULL);
}

void http_server_stop(struct http_server *s)
{
    if (atomic_exchange(&s->stopping, true)) return;
    for (size_t i = 0; i < s->n_daemons; i++) {
        int fd = MHD_quiesce_daemon(s->daemons[i].mhd);
        if (fd >= 0) close(fd);
    }
    while (atomic_load(&s->away) > 0) pause_shortly();
    /* libmicrohttpd aborts when it is stopped with a suspended connection. */
    pthread_mutex_lock(&s->lock);
    while (s->suspended > 0) pthread_cond_wait(&s->changed, &s->lock);
    s->closed = true;
    pthread_mutex_unlock(&s->lock);
    /* Answers that are ready are sent; who sends or reads slowly is not waited for. */
    for (int i = 0; i < STOP_POLLS && atomic_load(&s->in_flight) > 0; i++) pause_shortly();
    for (size_t i = 0; i < s->n_daemons; i++) daemon_stop(&s->daemons[i]);
    s->n_daemons = 0;
    keeper_stop(s);
}

void http_server_destroy(struct http_server **s)
{
    if (*s == NULL) return;
    http_server_stop(*s);
    if ((*s)->taken != NULL) MHD_destroy_response((*s)->taken);
    pthread_cond_destroy(&(*s)->changed);
    pthread_mutex_destroy(&(*s)->lock);
    mem_free(*s);
    *s = NULL;
}
