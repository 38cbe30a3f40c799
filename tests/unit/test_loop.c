/* test_loop.c - descriptors, timers, signals and wakes, on a clock that moves when told. */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "sys/loop.h"
#include "base/buf.h"

struct heard {
    struct loop *loop;
    struct clock *clock;
    struct buf notes; /* one word an event, in order */
    int fds[2];
    int64_t other_timer;
};

static int setup(void **state)
{
    static struct heard h;
    h = (struct heard){ .clock = clock_create_fake((struct moment){ 1000, 0 }, S("b")) };
    h.loop = loop_create(h.clock, NULL);
    *state = &h;
    return h.loop == NULL || pipe(h.fds) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    struct heard *h = *state;
    loop_destroy(&h->loop);
    clock_destroy(&h->clock);
    buf_release(&h->notes);
    close(h->fds[0]);
    close(h->fds[1]);
    return 0;
}

static void on_fd(void *ctx, int fd, uint32_t events)
{
    struct heard *h = ctx;
    char byte = '?';
    assert_true(events & (EPOLLIN | EPOLLHUP));
    if (read(fd, &byte, 1) == 1) buf_addf(&h->notes, "fd:%c ", byte);
}

static void on_timer(void *ctx, int64_t timer, struct moment now)
{
    struct heard *h = ctx;
    buf_addf(&h->notes, "timer:%d@%d ", (int)timer, (int)now.steady_ms);
}

static void on_wake(void *ctx)
{
    buf_add_str(&((struct heard *)ctx)->notes, "wake ");
}

static void step(struct heard *h)
{
    assert_int_equal(loop_step(h->loop, 0, NULL), 0);
}

static void descriptors_are_heard(void **state)
{
    struct heard *h = *state;
    assert_int_equal(loop_add_fd(h->loop, h->fds[0], EPOLLIN, on_fd, h, NULL), 0);
    step(h);
    assert_string_equal(buf_str(&h->notes), "");
    assert_int_equal(write(h->fds[1], "ab", 2), 2);
    step(h);
    step(h);
    assert_int_equal(loop_change_fd(h->loop, h->fds[0], 0, NULL), 0);
    assert_int_equal(write(h->fds[1], "c", 1), 1);
    step(h);
    assert_string_equal(buf_str(&h->notes), "fd:a fd:b ");
    loop_remove_fd(h->loop, h->fds[0]);
    loop_remove_fd(h->loop, h->fds[0]);
    assert_int_equal(loop_add_fd(h->loop, h->fds[0], EPOLLIN, on_fd, h, NULL), 0);
    step(h);
    assert_string_equal(buf_str(&h->notes), "fd:a fd:b fd:c ");
}

static void timers_fire_once_in_order_and_never_early(void **state)
{
    struct heard *h = *state;
    loop_add_timer(h->loop, 1200, on_timer, h);
    loop_add_timer(h->loop, 1100, on_timer, h);
    loop_add_timer(h->loop, 1100, on_timer, h);
    loop_cancel_timer(h->loop, loop_add_timer(h->loop, 1100, on_timer, h));
    clock_advance(h->clock, 99);
    step(h);
    assert_string_equal(buf_str(&h->notes), "");
    clock_advance(h->clock, 1);
    step(h);
    step(h);
    assert_string_equal(buf_str(&h->notes), "timer:2@1100 timer:3@1100 ");
    clock_advance(h->clock, 5000);
    step(h);
    assert_string_equal(buf_str(&h->notes), "timer:2@1100 timer:3@1100 timer:1@6100 ");
    loop_cancel_timer(h->loop, 1);
    loop_cancel_timer(h->loop, 0);
}

static void arm_again(void *ctx, int64_t timer, struct moment now)
{
    struct heard *h = ctx;
    on_timer(ctx, timer, now);
    loop_add_timer(h->loop, now.steady_ms, arm_again, ctx);
}

static void a_timer_that_rearms_itself_does_not_starve_the_round(void **state)
{
    struct heard *h = *state;
    loop_add_timer(h->loop, 1000, arm_again, h);
    assert_int_equal(loop_add_fd(h->loop, h->fds[0], EPOLLIN, on_fd, h, NULL), 0);
    assert_int_equal(write(h->fds[1], "a", 1), 1);
    step(h);
    step(h);
    assert_string_equal(buf_str(&h->notes), "fd:a timer:1@1000 timer:2@1000 ");
}

static void cancel_other(void *ctx, int64_t timer, struct moment now)
{
    struct heard *h = ctx;
    on_timer(ctx, timer, now);
    loop_cancel_timer(h->loop, h->other_timer);
}

static void a_callback_may_cancel_a_timer_of_the_same_round(void **state)
{
    struct heard *h = *state;
    loop_add_timer(h->loop, 1000, cancel_other, h);
    h->other_timer = loop_add_timer(h->loop, 1000, on_timer, h);
    step(h);
    assert_string_equal(buf_str(&h->notes), "timer:1@1000 ");
}

/* Closes the other pipe end and reuses its number: the event waiting for the old one must not reach the new one. */
static void remove_both(void *ctx, int fd, uint32_t events)
{
    struct heard *h = ctx;
    on_fd(ctx, fd, events);
    loop_remove_fd(h->loop, h->fds[0]);
    loop_remove_fd(h->loop, (int)h->other_timer);
    assert_int_equal(loop_add_fd(h->loop, h->fds[0], 0, on_fd, h, NULL), 0);
}

static void what_was_removed_is_not_called_in_the_same_round(void **state)
{
    struct heard *h = *state;
    int more[2];
    assert_int_equal(pipe(more), 0);
    h->other_timer = more[0];
    assert_int_equal(loop_add_fd(h->loop, h->fds[0], EPOLLIN, remove_both, h, NULL), 0);
    assert_int_equal(loop_add_fd(h->loop, more[0], EPOLLIN, remove_both, h, NULL), 0);
    assert_int_equal(write(h->fds[1], "x", 1), 1);
    assert_int_equal(write(more[1], "x", 1), 1);
    step(h);
    assert_string_equal(buf_str(&h->notes), "fd:x "); /* one of the two, whichever came first */
    close(more[0]);
    close(more[1]);
}

static void on_signal(void *ctx, int signo)
{
    buf_addf(&((struct heard *)ctx)->notes, "signal:%d ", signo);
}

static void signals_are_events(void **state)
{
    struct heard *h = *state;
    assert_int_equal(loop_on_signal(h->loop, SIGHUP, on_signal, h, NULL), 0);
    assert_int_equal(loop_on_signal(h->loop, SIGTERM, on_signal, h, NULL), 0);
    raise(SIGTERM);
    raise(SIGHUP);
    step(h);
    assert_string_equal(buf_str(&h->notes), "signal:1 signal:15 ");
}

static void *wake_from_outside(void *ctx)
{
    struct heard *h = ctx;
    loop_wake(h->loop);
    loop_wake(h->loop);
    loop_stop(h->loop);
    return NULL;
}

static void another_thread_wakes_and_stops_the_loop(void **state)
{
    struct heard *h = *state;
    pthread_t thread;
    loop_on_wake(h->loop, on_wake, h);
    assert_int_equal(pthread_create(&thread, NULL, wake_from_outside, h), 0);
    assert_int_equal(loop_run(h->loop, NULL), 0);
    pthread_join(thread, NULL);
    step(h);
    assert_true(slice_has_prefix(buf_slice(&h->notes), S("wake ")));
}

static void the_real_clock_drives_it_too(void **state)
{
    struct heard *h = *state;
    struct clock *real = clock_create();
    struct loop *l = loop_create(real, NULL);
    int64_t due = clock_read(real).steady_ms + 5;
    loop_add_timer(l, due, on_timer, h);
    while (h->notes.len == 0) assert_int_equal(loop_step(l, -1, NULL), 0);
    assert_true(clock_read(real).steady_ms >= due);
    loop_destroy(&l);
    clock_destroy(&real);
}

#define IN_LOOP(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_LOOP(descriptors_are_heard),
        IN_LOOP(timers_fire_once_in_order_and_never_early),
        IN_LOOP(a_timer_that_rearms_itself_does_not_starve_the_round),
        IN_LOOP(a_callback_may_cancel_a_timer_of_the_same_round),
        IN_LOOP(what_was_removed_is_not_called_in_the_same_round),
        IN_LOOP(signals_are_events),
        IN_LOOP(another_thread_wakes_and_stops_the_loop),
        IN_LOOP(the_real_clock_drives_it_too),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
