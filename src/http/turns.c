/* turns.c - one thread of a listener: it lets libmicrohttpd work when there is something to do, and sleeps between.
 * Not here: what a request does (server.c), requests that wait long (libmicrohttpd's suspension, exchange_suspend()).
 * Always: what libmicrohttpd calls back for this daemon runs on this thread; a thread that sleeps is woken by the first
 * answer and by none of the others.
 *
 * A request that waits for one commit is parked instead of suspended: its handler queues no answer, and libmicrohttpd
 * asks again in each turn. That saves two epoll_ctl, a failed recv and an eventfd a request; the price is that
 * libmicrohttpd then always says that it has more to do. When it really has we know ourselves: a request is open that is
 * neither parked nor finished, and something moved in the last turn. What we cannot see (a head that comes in pieces) is
 * looked for after PARKED_MS. Docs: decision 0015. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/exchange.h"
#include "sys/thread.h"

#define PARKED_MS 2

/* Milliseconds to sleep; -1: until somebody calls. */
static int sleep_ms(struct daemon *d)
{
    MHD_UNSIGNED_LONG_LONG ms;
    if (d->parked > 0) return PARKED_MS;
    if (MHD_get_timeout(d->mhd, &ms) != MHD_YES) return -1;
    return ms < 60000 ? (int)ms : 60000;
}

/* The order matters: first asleep, then the look whether an answer came; who answers counts first, then looks whether we
 * sleep. One of the two sees the other. */
static void sleep_until_called(struct daemon *d, unsigned seen)
{
    struct epoll_event events[2];
    uint64_t count;
    bool called = false;
    int ms = sleep_ms(d), n;
    atomic_store(&d->asleep, true);
    if (atomic_load(&d->answers) != seen) ms = 0;
    n = epoll_wait(d->epoll, events, 2, ms);
    for (int i = 0; i < n; i++)
        if (events[i].data.fd == d->call) called = true;
    /* Who calls may write only when we are up already, for another reason: then the next sleep finds the call. Left
     * there, it would end every sleep at once. */
    if (atomic_exchange(&d->asleep, false) && !called) return;
    while (read(d->call, &count, sizeof count) < 0 && errno == EINTR) continue;
}

/* What the requests of this turn left for the engine: it is woken once for all of them. */
static void wake_engine(struct daemon *d)
{
    const struct http_port *p = d->server->port;
    if (d->left) p->wake(p->ctx);
    d->left = false;
}

static void *turns_run(void *ctx)
{
    struct daemon *d = ctx;
    pthread_setname_np(pthread_self(), "http"); /* fails nowhere that matters: a name for perf and gdb */
    while (!atomic_load(&d->over)) {
        const unsigned seen = atomic_load(&d->answers);
        d->moved = false;
        d->now = server_now(d->server);
        MHD_run(d->mhd);
        wake_engine(d);
        /* Answers that came meanwhile need no call, and whoever came with them is served in the same turn. */
        if ((d->moved && d->open > 0) || atomic_load(&d->answers) != seen) continue;
        sleep_until_called(d, seen);
    }
    return NULL;
}

void turns_call(struct daemon *d)
{
    const uint64_t one = 1;
    atomic_fetch_add(&d->answers, 1);
    if (!atomic_exchange(&d->asleep, false)) return;
    while (write(d->call, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static bool watch(int epoll, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

int turns_start(struct daemon *d, struct error *e)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(d->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    int rc;
    d->epoll = epoll_create1(EPOLL_CLOEXEC);
    d->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (info == NULL || d->epoll < 0 || d->call < 0 || !watch(d->epoll, info->epoll_fd) || !watch(d->epoll, d->call))
        return fail(e, ERR_IO, "cannot start listening: no descriptor to wait by: %s", strerror(errno));
    rc = thread_start(&d->thread, turns_run, d, "reads requests", e);
    d->runs = rc == 0;
    return rc;
}

void turns_stop(struct daemon *d)
{
    atomic_store(&d->over, true);
    if (d->runs) {
        turns_call(d);
        pthread_join(d->thread, NULL);
    }
    d->runs = false;
    if (d->epoll >= 0) close(d->epoll);
    if (d->call >= 0) close(d->call);
    d->epoll = d->call = -1;
}
