/* A known alert that is told again is answered ahead of its commit (engine_options.repeats_wait_ms, decision 0020). What
 * is promised stays: the alert is on disk (P1, I1), nothing else is answered early, who reads finds what was answered, and
 * what a crash takes is how much longer it lasts, which our own silence is credited to (I21). */
#include <pthread.h>

#include "engine_kit.h"

#include "core/alert.h"

enum { WAIT_MS = 100, SOON_MS = 5 };

/* An alert that was heard so often that its sender is a monitor; all of it is on disk. */
static int repeats_setup(void **state)
{
    const int rc = kit_setup(state);
    struct kit *k = *state;
    k->repeats_wait_ms = WAIT_MS;
    kit_restart(k, NULL);
    for (int i = 0; i < 3; i++) {
        kit_alert(k, "HighErrorRate", "warning");
        kit_run(k);
        clock_advance(k->clock, SECOND);
        kit_run(k);
    }
    return rc;
}

static int repeat(struct kit *k)
{
    const int commits = k->commits;
    kit_alert(k, "HighErrorRate", "warning");
    kit_run(k);
    return commits;
}

static size_t answered(struct kit *k)
{
    return k->told.n;
}

static void a_repeat_is_answered_at_once_and_written_soon(void **state)
{
    struct kit *k = *state;
    int64_t due;
    const size_t before = answered(k);
    const int commits = repeat(k);
    assert_int_equal(answered(k), before + 1);
    assert_int_equal(k->told.v[before].code, 0);
    assert_int_equal(k->commits, commits);
    assert_true(engine_next_due(k->engine, &due));
    assert_int_equal(due, clock_read(k->clock).steady_ms + SOON_MS);
    clock_advance(k->clock, SOON_MS);
    kit_run(k);
    assert_int_equal(k->commits, commits + 1);
    assert_true(engine_next_due(k->engine, &due));
    assert_true(due > clock_read(k->clock).steady_ms + SOON_MS);
}

static void many_repeats_share_a_commit(void **state)
{
    struct kit *k = *state;
    const size_t before = answered(k);
    const int commits = k->commits;
    for (int i = 0; i < SOON_MS; i++) {
        repeat(k);
        clock_advance(k->clock, 1);
    }
    kit_run(k);
    assert_int_equal(answered(k), before + SOON_MS);
    assert_int_equal(k->commits, commits + 1);
}

/* P1: what is new, or over, waits for the disk; and takes along what was answered before. */
static void what_is_new_is_answered_behind_its_commit(void **state)
{
    struct kit *k = *state;
    const int commits = repeat(k);
    kit_alert_of(k, "DiskFull", "warning", "jobs");
    kit_run(k);
    assert_int_equal(k->commits, commits + 1);
    assert_true(kit_stored_alert(k, "DiskFull"));
    kit_alert_ends(k, "HighErrorRate", "warning");
    kit_run(k);
    assert_int_equal(k->commits, commits + 2);
}

static void an_act_is_answered_behind_its_commit(void **state)
{
    struct kit *k = *state;
    const int commits = repeat(k);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    assert_int_equal(k->commits, commits + 1);
    assert_int_equal(k->told.v[k->told.n - 1].code, 0);
}

static void an_alert_of_a_sender_that_is_no_monitor_yet_waits(void **state)
{
    struct kit *k = *state;
    for (int heard = 1; heard <= 3; heard++) {
        const int commits = k->commits;
        kit_alert_of(k, "DiskFull", "warning", "jobs");
        kit_run(k);
        assert_int_equal(k->commits, commits + 1);
    }
}

static void while_the_store_fails_a_repeat_is_refused(void **state)
{
    struct kit *k = *state;
    repeat(k);
    k->commit_fails = true;
    clock_advance(k->clock, SOON_MS);
    kit_run(k);
    assert_true(engine_failing(k->engine));
    const size_t before = answered(k);
    kit_alert(k, "HighErrorRate", "warning");
    kit_run(k);
    clock_advance(k->clock, 2 * SECOND);
    kit_run(k);
    assert_int_equal(answered(k), before + 1);
    assert_int_equal(k->told.v[before].code, ERR_UNAVAILABLE);
    engine_catch_up(k->engine); /* does not wait for a store that fails */
    k->commit_fails = false;
    kit_until(k, clock_read(k->clock).steady_ms - k->begun + 4 * SECOND);
    assert_false(engine_failing(k->engine));
}

static int64_t state_of_the_alert(struct kit *k)
{
    struct row r;
    size_t at = 0;
    assert_true(world_next_row(engine_world(k->engine), ROW_ALERT_LIVE, &at, &r));
    return ((const struct alert_live *)r.v)->state;
}

static void pass(struct kit *k, int64_t ms)
{
    kit_until(k, clock_read(k->clock).steady_ms - k->begun + ms);
}

static void a_crash_meanwhile_ends_no_alert_early(void **state)
{
    struct kit *k = *state;
    pass(k, 4 * MINUTE); /* its time-out is five */
    repeat(k);
    clock_advance(k->clock, 10 * MINUTE);
    kit_restart(k, NULL); /* nothing of the repeat was written */
    pass(k, 30 * SECOND);
    assert_int_equal(state_of_the_alert(k), ALERT_FIRING);
    pass(k, 5 * MINUTE);
    assert_int_equal(state_of_the_alert(k), ALERT_EXPIRED);
}

static void *catch_up(void *ctx)
{
    struct kit *k = ctx;
    engine_catch_up(k->engine);
    return NULL;
}

static _Atomic int woken;

static void note_wake(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&woken, 1);
}

/* Callers read their own writes: a read asks for the commit and waits for it. */
static void who_reads_waits_for_what_was_answered(void **state)
{
    struct kit *k = *state;
    pthread_t reader;
    engine_catch_up(k->engine); /* nothing is behind: at once */
    const int commits = repeat(k);
    engine_on_post(k->engine, note_wake, k);
    atomic_store(&woken, 0);
    assert_int_equal(pthread_create(&reader, NULL, catch_up, k), 0);
    while (atomic_load(&woken) == 0) sched_yield();
    kit_run(k); /* the clock stands still: not because of the time */
    assert_int_equal(k->commits, commits + 1);
    assert_int_equal(pthread_join(reader, NULL), 0);
    engine_on_post(k->engine, NULL, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, repeats_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_repeat_is_answered_at_once_and_written_soon),
        TEST(many_repeats_share_a_commit),
        TEST(what_is_new_is_answered_behind_its_commit),
        TEST(an_act_is_answered_behind_its_commit),
        TEST(an_alert_of_a_sender_that_is_no_monitor_yet_waits),
        TEST(while_the_store_fails_a_repeat_is_refused),
        TEST(a_crash_meanwhile_ends_no_alert_early),
        TEST(who_reads_waits_for_what_was_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
