/* loop.c - epoll, a heap of timers, one signalfd and one eventfd. */
#include "sys/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/vec.h"

#define ROUND_EVENTS 64
/* epoll's time stands still while the machine is suspended, the steady clock does not: nobody sleeps past this with a
 * timer armed, so a deadline is at most this late after a resume. */
#define SLEEP_MOST_MS 500

struct watch {
    loop_fd_fn *fn; /* NULL: nobody watches this descriptor */
    void *ctx;
    uint32_t generation; /* tells a descriptor from an earlier one with its number */
};

struct timer {
    loop_timer_fn *fn;
    void *ctx;
};

struct loop {
    const struct clock *clock;
    struct moment now;
    int epoll, wake, signals; /* signals: -1 until one is asked for */
    VEC(struct watch) watches; /* by descriptor */
    uint32_t generation;
    struct heap *due; /* timer id by due time */
    struct imap *timers; /* id → struct timer * */
    int64_t last_timer;
    sigset_t taken;
    struct {
        loop_signal_fn *fn;
        void *ctx;
    } on_signal[NSIG];
    loop_wake_fn *on_wake;
    void *wake_ctx;
    atomic_bool stopped;
    atomic_bool woken; /* a wake is pending: sixty-four requests in a row need one call of the system */
};

static int fail_system(struct error *e, const char *what)
{
    return fail(e, ERR_IO, "%s: %s", what, strerror(errno));
}

static void take_wake(void *ctx, int fd, uint32_t events)
{
    struct loop *l = ctx;
    uint64_t count;
    (void)events;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) continue;
    atomic_store(&l->woken, false); /* before looking: what comes from here on wakes again */
    if (l->on_wake != NULL) l->on_wake(l->wake_ctx);
}

struct loop *loop_create(const struct clock *clock, struct error *e)
{
    struct loop *l = mem_alloc(sizeof *l);
    l->clock = clock;
    l->now = clock_read(clock);
    l->signals = -1;
    sigemptyset(&l->taken);
    l->due = heap_create();
    l->timers = imap_create(0); /* ids are our own counter */
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll < 0 || l->wake < 0)
        fail_system(e, "cannot make an event loop");
    else if (loop_add_fd(l, l->wake, EPOLLIN, take_wake, l, e) == 0)
        return l;
    loop_destroy(&l);
    return NULL;
}

static void close_fd(int fd)
{
    if (fd >= 0) close(fd);
}

void loop_destroy(struct loop **l)
{
    if (*l == NULL) return;
    struct ikey id;
    int64_t timer;
    for (size_t at = 0; imap_next((*l)->timers, &at, &id, &timer);) mem_free((void *)(intptr_t)timer);
    imap_destroy(&(*l)->timers);
    heap_destroy(&(*l)->due);
    vec_release(&(*l)->watches);
    close_fd((*l)->epoll);
    close_fd((*l)->wake);
    close_fd((*l)->signals);
    mem_free(*l);
    *l = NULL;
}

static struct watch *watch_of(const struct loop *l, int fd)
{
    return fd >= 0 && (size_t)fd < l->watches.n && l->watches.v[fd].fn != NULL ? &l->watches.v[fd] : NULL;
}

static struct epoll_event event_of(const struct watch *w, int fd, uint32_t events)
{
    return (struct epoll_event){ .events = events, .data.u64 = (uint64_t)w->generation << 32 | (uint32_t)fd };
}

int loop_add_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *ctx, struct error *e)
{
    CHECK(fd >= 0 && fn != NULL);
    while (l->watches.n <= (size_t)fd) *vec_push(&l->watches) = (struct watch){ 0 };
    struct watch w = { fn, ctx, ++l->generation };
    struct epoll_event event = event_of(&w, fd, events);
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) < 0) return fail_system(e, "cannot watch a descriptor");
    l->watches.v[fd] = w;
    return 0;
}

int loop_change_fd(struct loop *l, int fd, uint32_t events, struct error *e)
{
    const struct watch *w = watch_of(l, fd);
    CHECK(w != NULL);
    struct epoll_event event = event_of(w, fd, events);
    return epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &event) < 0 ? fail_system(e, "cannot watch a descriptor") : 0;
}

void loop_remove_fd(struct loop *l, int fd)
{
    struct watch *w = watch_of(l, fd);
    if (w == NULL) return;
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL); /* fails where it was closed too early: the kernel forgot it then */
    *w = (struct watch){ 0 };
}

int64_t loop_add_timer(struct loop *l, int64_t due_steady_ms, loop_timer_fn *fn, void *ctx)
{
    CHECK(fn != NULL);
    struct timer *t = mem_alloc(sizeof *t);
    *t = (struct timer){ fn, ctx };
    int64_t id = ++l->last_timer;
    imap_put(l->timers, (struct ikey){ id, 0 }, (int64_t)(intptr_t)t);
    heap_put(l->due, id, due_steady_ms, id);
    return id;
}

void loop_cancel_timer(struct loop *l, int64_t timer)
{
    int64_t t;
    if (!imap_get(l->timers, (struct ikey){ timer, 0 }, &t)) return;
    imap_remove(l->timers, (struct ikey){ timer, 0 });
    heap_remove(l->due, timer);
    mem_free((void *)(intptr_t)t);
}

static void take_signal(void *ctx, int fd, uint32_t events)
{
    struct loop *l = ctx;
    struct signalfd_siginfo info;
    (void)events;
    while (read(fd, &info, sizeof info) == sizeof info) {
        int signo = (int)info.ssi_signo;
        if (l->on_signal[signo].fn != NULL) l->on_signal[signo].fn(l->on_signal[signo].ctx, signo);
    }
}

int loop_on_signal(struct loop *l, int signo, loop_signal_fn *fn, void *ctx, struct error *e)
{
    CHECK(signo > 0 && signo < NSIG);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signo);
    sigaddset(&l->taken, signo);
    int fd = sigprocmask(SIG_BLOCK, &one, NULL) < 0 ? -1 : signalfd(l->signals, &l->taken, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) return fail_system(e, "cannot take a signal");
    l->on_signal[signo].fn = fn;
    l->on_signal[signo].ctx = ctx;
    if (l->signals >= 0) return 0;
    l->signals = fd;
    return loop_add_fd(l, fd, EPOLLIN, take_signal, l, e);
}

void loop_on_wake(struct loop *l, loop_wake_fn *fn, void *ctx)
{
    l->on_wake = fn;
    l->wake_ctx = ctx;
}

void loop_wake(struct loop *l)
{
    const uint64_t one = 1;
    if (atomic_exchange(&l->woken, true)) return;
    while (write(l->wake, &one, sizeof one) < 0 && errno == EINTR) continue; /* EAGAIN: a wake is pending already */
}

struct moment loop_now(const struct loop *l)
{
    return l->now;
}

static int sleep_ms(const struct loop *l, int max_wait_ms)
{
    int64_t id, due;
    if (!heap_peek(l->due, &id, &due)) return max_wait_ms;
    int64_t left = due - clock_read(l->clock).steady_ms;
    if (left < 0) left = 0;
    if (left > SLEEP_MOST_MS) left = SLEEP_MOST_MS;
    return max_wait_ms >= 0 && max_wait_ms < left ? max_wait_ms : (int)left;
}

static void call_watches(struct loop *l, const struct epoll_event *events, int n)
{
    for (int i = 0; i < n; i++) {
        int fd = (int)(uint32_t)events[i].data.u64;
        const struct watch *w = watch_of(l, fd);
        if (w == NULL || w->generation != (uint32_t)(events[i].data.u64 >> 32)) continue; /* removed in this round */
        w->fn(w->ctx, fd, events[i].events);
    }
}

/* Only timers that existed when the round began: one that arms itself at once must not starve the descriptors. */
static void call_timers(struct loop *l, int64_t newest)
{
    int64_t id, due, held;
    while (heap_peek(l->due, &id, &due) && due <= l->now.steady_ms && id <= newest) {
        CHECK(imap_get(l->timers, (struct ikey){ id, 0 }, &held));
        struct timer t = *(struct timer *)(intptr_t)held;
        loop_cancel_timer(l, id);
        t.fn(t.ctx, id, l->now);
    }
}

int loop_step(struct loop *l, int max_wait_ms, struct error *e)
{
    struct epoll_event events[ROUND_EVENTS];
    int n = epoll_wait(l->epoll, events, ROUND_EVENTS, sleep_ms(l, max_wait_ms));
    if (n < 0 && errno != EINTR) return fail_system(e, "cannot wait for events");
    l->now = clock_read(l->clock);
    int64_t newest = l->last_timer;
    call_watches(l, events, n);
    call_timers(l, newest);
    return 0;
}

int loop_run(struct loop *l, struct error *e)
{
    int rc = 0;
    while (rc == 0 && !l->stopped) rc = loop_step(l, -1, e);
    l->stopped = false;
    return rc;
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
    loop_wake(l);
}
