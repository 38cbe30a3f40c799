/* loop.h - an epoll loop: descriptors, timers, signals and a wake-up from other threads.
 *
 * One thread runs a loop; only loop_wake() and loop_stop() may be called from others. Callbacks may add and remove
 * anything, themselves included; what was removed is not called any more, not even in the same round. Timers are due by
 * the loop's clock in steady milliseconds, fire once, never early, in the order of their due times, after the
 * descriptors of the round. */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include <sys/epoll.h>

#include "base/error.h"
#include "sys/clock.h"

struct loop; /* opaque */

typedef void loop_fd_fn(void *ctx, int fd, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR */
typedef void loop_timer_fn(void *ctx, int64_t timer, struct moment now);
typedef void loop_signal_fn(void *ctx, int signo);
typedef void loop_wake_fn(void *ctx);

struct loop *loop_create(const struct clock *clock, struct error *e); /* borrows the clock */
void loop_destroy(struct loop **l); /* NULL is fine; clears *l; closes none of the callers' descriptors */

/* Level-triggered. `events` 0 keeps the descriptor but hears only of errors. One entry a descriptor. */
int loop_add_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *ctx, struct error *e);
int loop_change_fd(struct loop *l, int fd, uint32_t events, struct error *e);
void loop_remove_fd(struct loop *l, int fd); /* before closing it; unknown descriptors are fine */

/* Its id: > 0, never reused. */
int64_t loop_add_timer(struct loop *l, int64_t due_steady_ms, loop_timer_fn *fn, void *ctx);
void loop_cancel_timer(struct loop *l, int64_t timer); /* fired, cancelled and 0 are fine */

/* Blocks the signal in the calling thread and takes it here: call before other threads start, they inherit the mask. */
int loop_on_signal(struct loop *l, int signo, loop_signal_fn *fn, void *ctx, struct error *e);

void loop_on_wake(struct loop *l, loop_wake_fn *fn, void *ctx); /* several wakes may arrive as one */
void loop_wake(struct loop *l); /* any thread */

struct moment loop_now(const struct loop *l); /* the clock as read at the start of this round */

/* One round: waits at most max_wait_ms (-1: until something happens), then calls what is ready and due. */
int loop_step(struct loop *l, int max_wait_ms, struct error *e);
int loop_run(struct loop *l, struct error *e); /* until loop_stop(); 0, or the error of the system */
void loop_stop(struct loop *l); /* any thread; loop_run returns after the present round */

#endif
