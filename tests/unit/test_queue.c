/* The engine's queue (design: HTTP, backpressure): acts and results before alerts, first come first served in a line,
 * an eighth of the budget never used by alerts, stamps that never go back. */
#include "harness.h"

#include <pthread.h>

#include "base/vec.h"
#include "engine/queue.h"

struct fixture {
    struct queue *q;
    struct clock *clock;
};

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    f->q = queue_create();
    f->clock = clock_create_fake((struct moment){ 1000, 2000 }, S("boot"));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct post p;
    while (queue_take(f->q, &p)) {
    }
    queue_destroy(&f->q);
    clock_destroy(&f->clock);
    mem_free(f);
    return 0;
}

static int put(struct fixture *f, enum event_kind kind, size_t bytes)
{
    struct error e = { 0 };
    const struct post p = { .event = { .kind = kind }, .bytes = bytes };
    return queue_put(f->q, &p, f->clock, &e);
}

static enum event_kind take(struct fixture *f)
{
    struct post p;
    return queue_take(f->q, &p) ? p.event.kind : EVENT_UNSET;
}

static void people_and_providers_come_before_alerts(void **state)
{
    struct fixture *f = *state;
    static const enum event_kind in[] = { EVENT_ALERTS, EVENT_ACT, EVENT_ALERTS, EVENT_RESULT, EVENT_CREDIT };
    static const enum event_kind out[] = { EVENT_ACT,    EVENT_RESULT, EVENT_CREDIT,
                                           EVENT_ALERTS, EVENT_ALERTS, EVENT_UNSET };
    for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) assert_int_equal(put(f, in[i], 1), 0);
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) assert_int_equal(take(f), out[i]);
}

static void an_eighth_of_the_places_is_for_people_and_results(void **state)
{
    struct fixture *f = *state;
    size_t alerts = 0, acts = 0;
    while (put(f, EVENT_ALERTS, 1) == 0) alerts++;
    while (put(f, EVENT_ACT, 1) == 0) acts++;
    assert_int_equal(alerts, 7168);
    assert_int_equal(acts, 1024);
    assert_int_equal(put(f, EVENT_RESULT, 1), ERR_BUSY);
    assert_int_equal(take(f), EVENT_ACT);
    assert_int_equal(put(f, EVENT_ALERTS, 1), ERR_BUSY);
    assert_int_equal(put(f, EVENT_RESULT, 1), 0);
}

static void bytes_are_bounded_in_the_same_way(void **state)
{
    struct fixture *f = *state;
    const size_t mib = (size_t)1 << 20;
    for (int i = 0; i < 14; i++) assert_int_equal(put(f, EVENT_ALERTS, 4 * mib), 0);
    assert_int_equal(put(f, EVENT_ALERTS, 1), ERR_BUSY);
    assert_int_equal(put(f, EVENT_ACT, 8 * mib), 0);
    assert_int_equal(put(f, EVENT_ACT, 1), ERR_BUSY);
    assert_int_equal(take(f), EVENT_ACT);
    assert_int_equal(take(f), EVENT_ALERTS);
    assert_int_equal(put(f, EVENT_ALERTS, 4 * mib), 0);
    assert_int_equal(put(f, EVENT_ALERTS, 65 * mib), ERR_BUSY); /* larger than everything */
}

static void a_closed_queue_takes_only_what_comes_from_inside(void **state)
{
    struct fixture *f = *state;
    queue_close(f->q);
    assert_int_equal(put(f, EVENT_ALERTS, 1), ERR_BUSY);
    assert_int_equal(put(f, EVENT_ACT, 1), ERR_BUSY);
    assert_int_equal(put(f, EVENT_RESULT, 1), 0);
    assert_int_equal(put(f, EVENT_CREDIT, 1), 0);
    assert_int_equal(put(f, EVENT_COURIER_LOST, 1), 0);
}

static void each_post_carries_when_it_came_in(void **state)
{
    struct fixture *f = *state;
    struct post p;
    assert_int_equal(put(f, EVENT_ACT, 1), 0);
    clock_advance(f->clock, 7);
    assert_int_equal(put(f, EVENT_ACT, 1), 0);
    assert_true(queue_take(f->q, &p));
    assert_int_equal(p.received.steady_ms, 1000);
    assert_true(queue_take(f->q, &p));
    assert_int_equal(p.received.steady_ms, 1007);
    assert_int_equal(p.received.wall_ms, 2007);
}

static void measures_count_both_lines(void **state)
{
    struct fixture *f = *state;
    size_t posts, bytes;
    put(f, EVENT_ACT, 10);
    put(f, EVENT_ALERTS, 100);
    queue_measure(f->q, &posts, &bytes);
    assert_int_equal(posts, 2);
    assert_int_equal(bytes, 110);
    take(f);
    queue_measure(f->q, &posts, &bytes);
    assert_int_equal(posts, 1);
    assert_int_equal(bytes, 100);
}

static void *put_an_act(void *ctx)
{
    struct fixture *f = ctx;
    (void)put(f, EVENT_ALERTS, 1);
    (void)put(f, EVENT_ACT, 1);
    return NULL;
}

/* A batch that waits for more alerts (window.h) does not keep a person waiting. */
static void an_act_ends_a_pause(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    assert_int_equal(put(f, EVENT_ALERTS, 1), 0);
    assert_true(queue_pause(f->q, 0, SIZE_MAX));
    assert_int_equal(pthread_create(&thread, NULL, put_an_act, f), 0);
    assert_false(queue_pause(f->q, INT64_C(600000000), SIZE_MAX));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(take(f), EVENT_ACT);
}

static void *put_two_alerts(void *ctx)
{
    struct fixture *f = ctx;
    (void)put(f, EVENT_ALERTS, 1);
    (void)put(f, EVENT_ALERTS, 1);
    return NULL;
}

static void so_many_alerts_end_a_pause(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    assert_int_equal(put(f, EVENT_ALERTS, 1), 0);
    assert_false(queue_pause(f->q, INT64_C(600000000), 1)); /* it is there already */
    assert_int_equal(pthread_create(&thread, NULL, put_two_alerts, f), 0);
    assert_false(queue_pause(f->q, INT64_C(600000000), 3));
    assert_int_equal(pthread_join(thread, NULL), 0);
    for (int i = 0; i < 3; i++) assert_int_equal(take(f), EVENT_ALERTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(people_and_providers_come_before_alerts, setup, teardown),
        cmocka_unit_test_setup_teardown(an_eighth_of_the_places_is_for_people_and_results, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_are_bounded_in_the_same_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_queue_takes_only_what_comes_from_inside, setup, teardown),
        cmocka_unit_test_setup_teardown(each_post_carries_when_it_came_in, setup, teardown),
        cmocka_unit_test_setup_teardown(measures_count_both_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(an_act_ends_a_pause, setup, teardown),
        cmocka_unit_test_setup_teardown(so_many_alerts_end_a_pause, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
