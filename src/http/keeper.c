/* keeper.c - one thread that watches the clock for all connections: total deadlines, and requests that wait for room.
 * Not here: reading and answering (server.c).
 * Always: a connection that the keeper ended is ended for good: its own thread finds DEADLINE_OVER and gives up. The
 * keeper writes to a descriptor only under the lock, and connection_remove() takes that lock before it is closed.
 */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "http/exchange.h"
#include "sys/thread.h"

#define TICK_MS 100 /* real time between two looks; what a deadline may be late */
#define TICK_WAITING_MS 5 /* while requests wait for room */

static const char timeout_body[] =
    "{\"error\":\"timeout\",\"detail\":\"the request did not arrive in time: 10 s for the head, 30 s for the body\","
    "\"try\":\"send it again, in one go\"}\n";

void connection_add(struct http_server *s, struct connection *c)
{
    pthread_mutex_lock(&s->lock);
    c->next = s->connections;
    if (c->next != NULL) c->next->before = c;
    s->connections = c;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void connection_remove(struct http_server *s, struct connection *c)
{
    pthread_mutex_lock(&s->lock);
    if (c->next != NULL) c->next->before = c->before;
    if (c->before != NULL)
        c->before->next = c->next;
    else
        s->connections = c->next;
    pthread_mutex_unlock(&s->lock);
}

size_t connections_from(struct http_server *s, const uint8_t from[16])
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    for (const struct connection *c = s->connections; c != NULL; c = c->next) n += memcmp(c->from, from, 16) == 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

bool connection_enter(struct connection *c, enum phase phase, int64_t deadline)
{
    int64_t was = atomic_load(&c->deadline);
    do {
        if (was == DEADLINE_OVER) return false;
    } while (was != deadline && !atomic_compare_exchange_weak(&c->deadline, &was, deadline));
    /* Nothing is ordered by it: the keeper asks only what to say. */
    atomic_store_explicit(&c->phase, phase, memory_order_relaxed);
    return true;
}

static void say_timeout(int fd)
{
    struct buf text = { .max = 1024 };
    buf_addf(&text,
             "HTTP/1.1 408 Request Timeout\r\nContent-Type: " TYPE_JSON "\r\nConnection: close\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             sizeof timeout_body - 1, timeout_body);
    send(fd, text.p, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    buf_release(&text);
}

/* Says 408 where something was begun, and cuts the line: libmicrohttpd sees the end of the stream and cleans up. */
static void connection_expire(struct http_server *s, struct connection *c, int64_t now)
{
    int64_t due = atomic_load(&c->deadline);
    if (due <= 0 || due > now || !atomic_compare_exchange_strong(&c->deadline, &due, DEADLINE_OVER)) return;
    if (atomic_load(&c->phase) < PHASE_ANSWER) {
        say_timeout(c->fd);
        atomic_fetch_add(&s->expired, 1);
    }
    shutdown(c->fd, SHUT_RDWR);
}

static void reply_arrived(void *caller, const struct reply *reply)
{
    struct exchange *x = caller;
    x->reply_fn(&x->rq, reply);
}

static void reader_arrived(void *caller, struct store_reader *reader)
{
    struct exchange *x = caller;
    x->read_fn(&x->rq, reader);
}

static int exchange_try(struct exchange *x, struct error *e)
{
    const struct http_port *p = x->server->port;
    switch (x->wait) {
    case WAIT_NONE: break;
    case WAIT_SUBMIT: return p->submit(p->ctx, x->event, reply_arrived, x, e);
    case WAIT_LEAVE: return p->leave(p->ctx, x->event, reply_arrived, x, e);
    case WAIT_READ: return p->read(p->ctx, reader_arrived, x, e);
    case WAIT_RELOAD: return p->reload(p->ctx, x->actor, reply_arrived, x, e);
    case WAIT_BUNDLE: return p->bundle(p->ctx, x->bundle, reply_arrived, x, e);
    }
    return fail(e, ERR_BUG, "nothing to hand on");
}

static void refuse_busy(struct exchange *x, const struct error *e)
{
    atomic_fetch_add(&x->server->refused, 1);
    request_fail(&x->rq, 503, "busy", slice_of(e->detail),
                 S("send it again after the seconds in Retry-After; nothing of it was taken"));
}

void exchange_hand_on(struct exchange *x)
{
    struct http_server *s = x->server;
    struct error e = { 0 };
    int rc = exchange_try(x, &e);

    if (rc == 0) return; /* x is in another hand now */
    if (rc != ERR_BUSY || atomic_load(&s->stopping)) {
        if (rc == ERR_BUSY)
            refuse_busy(x, &e);
        else
            request_fail_code(&x->rq, rc, slice_of(e.detail));
        return;
    }
    atomic_fetch_add(&s->held, 1);
    if (x->wait == WAIT_LEAVE) x->wait = WAIT_SUBMIT; /* the keeper has no turn that ends with a wake */
    x->wait_until = server_now(s).steady_ms + s->limits.hold_ms;
    x->next_waiting = NULL;
    pthread_mutex_lock(&s->lock);
    *s->waiting_tail = x;
    s->waiting_tail = &x->next_waiting;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static struct exchange *waiting_take(struct http_server *s)
{
    struct exchange *x = s->waiting;
    if (x == NULL) return NULL;
    s->waiting = x->next_waiting;
    if (s->waiting == NULL) s->waiting_tail = &s->waiting;
    return x;
}

static void waiting_put_back(struct http_server *s, struct exchange *x)
{
    x->next_waiting = s->waiting;
    s->waiting = x;
    if (x->next_waiting == NULL) s->waiting_tail = &x->next_waiting;
}

/* In the order in which they came; the first for whom there is no room ends the round. Called with the lock, which is
 * let go around the calls: they answer requests. */
static void waiting_serve(struct http_server *s, int64_t now)
{
    struct exchange *x;
    while ((x = waiting_take(s)) != NULL) {
        struct error e = { 0 };
        int rc;
        bool late = now >= x->wait_until || atomic_load(&s->stopping);
        pthread_mutex_unlock(&s->lock);
        rc = exchange_try(x, &e);
        if (rc == ERR_BUSY && late)
            refuse_busy(x, &e);
        else if (rc < 0 && rc != ERR_BUSY)
            request_fail_code(&x->rq, rc, slice_of(e.detail));
        pthread_mutex_lock(&s->lock);
        if (rc == ERR_BUSY && !late) {
            waiting_put_back(s, x);
            return;
        }
    }
}

static void *keeper_run(void *ctx)
{
    struct http_server *s = ctx;
    pthread_mutex_lock(&s->lock);
    while (!s->keeper_stop) {
        struct timespec until;
        int64_t now, wait_ms;
        if (s->connections == NULL && s->waiting == NULL) {
            pthread_cond_wait(&s->changed, &s->lock);
            continue;
        }
        now = server_now(s).steady_ms;
        for (struct connection *c = s->connections; c != NULL; c = c->next) connection_expire(s, c, now);
        waiting_serve(s, now);
        wait_ms = s->waiting != NULL ? TICK_WAITING_MS : TICK_MS;
        /* A bare pause by the real clock, whatever clock the server goes by: tests move theirs by hand. */
        until = (struct timespec){ wait_ms / 1000, wait_ms % 1000 * 1000000 };
        pthread_mutex_unlock(&s->lock);
        nanosleep(&until, NULL);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

int keeper_start(struct http_server *s, struct error *e)
{
    const int rc = thread_start(&s->keeper, keeper_run, s, "keeps the deadlines of requests", e);
    s->keeper_runs = rc == 0;
    return rc;
}

void keeper_stop(struct http_server *s)
{
    if (!s->keeper_runs) return;
    pthread_mutex_lock(&s->lock);
    s->keeper_stop = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->keeper, NULL);
    s->keeper_runs = false;
}
