/* Outcomes share the commit of what comes next (engine_options.results_wait_ms): a page does not wait for the outcome of
 * the one before to reach the disk. What is promised stays: nothing leaves and nobody is answered before the commit that
 * has it (P1, P2), and what the crash takes is uncertain, as any attempt in flight. */
#include "engine_kit.h"

enum { WAIT_MS = 5 };

static int waiting_setup(void **state)
{
    const int rc = kit_setup(state);
    struct kit *k = *state;
    k->results_wait_ms = WAIT_MS;
    kit_restart(k, NULL);
    kit_credit(k, 1);
    kit_run(k);
    clock_advance(k->clock, WAIT_MS);
    kit_run(k);
    return rc;
}

/* A page that has left and was accepted a moment ago; the commits so far. */
static int page_accepted(struct kit *k)
{
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_int_equal(k->sent.n, 1);
    const int commits = k->commits;
    kit_accept_all(k);
    kit_run(k);
    return commits;
}

static void an_outcome_alone_is_committed_after_its_time(void **state)
{
    struct kit *k = *state;
    int64_t due;
    const int before = page_accepted(k);
    assert_int_equal(k->commits, before);
    assert_int_equal(kit_deliveries(k, DELIVERY_ACCEPTED), 1); /* the world knows at once */
    assert_true(engine_next_due(k->engine, &due));
    assert_int_equal(due, clock_read(k->clock).steady_ms + WAIT_MS);
    clock_advance(k->clock, WAIT_MS - 1);
    kit_run(k);
    assert_int_equal(k->commits, before);
    clock_advance(k->clock, 1);
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_true(engine_next_due(k->engine, &due));
    assert_true(due > clock_read(k->clock).steady_ms + WAIT_MS);
}

/* The clock row is never older (I21), and an engine that is due at once finds something to do. */
static void the_idle_commit_takes_the_outcome_along(void **state)
{
    struct kit *k = *state;
    int64_t due;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    const int before = k->commits;
    clock_advance(k->clock, 10 * SECOND);
    kit_accept_all(k);
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_true(engine_next_due(k->engine, &due));
    assert_true(due > clock_read(k->clock).steady_ms);
}

static void the_next_alert_takes_the_outcome_along(void **state)
{
    struct kit *k = *state;
    const int before = page_accepted(k);
    kit_credit(k, 1); /* asks for nothing either */
    kit_run(k);
    assert_int_equal(k->commits, before);
    kit_alert_of(k, "HighErrorRate", "critical", "jobs");
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_int_equal(k->told.n, 2);
    assert_int_equal(k->sent.v[1].commits, before + 1); /* not before it is on disk */
}

static void credit_that_lets_a_page_leave_waits_for_nothing(void **state)
{
    struct kit *k = *state;
    page_accepted(k);
    kit_alert_of(k, "HighErrorRate", "critical", "jobs"); /* no credit is left */
    kit_run(k);
    assert_int_equal(k->sent.n, 1);
    const int before = k->commits;
    kit_credit(k, 1);
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_int_equal(k->sent.n, 2);
    assert_int_equal(k->sent.v[1].commits, before + 1);
}

static void an_act_is_answered_after_its_commit(void **state)
{
    struct kit *k = *state;
    const int before = page_accepted(k);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_int_equal(k->told.v[k->told.n - 1].code, 0);
}

static void a_crash_meanwhile_makes_the_attempt_uncertain(void **state)
{
    struct kit *k = *state;
    page_accepted(k);
    kit_restart(k, NULL);
    assert_int_equal(kit_deliveries(k, DELIVERY_ACCEPTED), 0);
    assert_int_equal(kit_attempts(k, OUTCOME_UNCERTAIN), 1);
}

static void a_store_that_fails_finds_nothing_lost(void **state)
{
    struct kit *k = *state;
    page_accepted(k);
    k->commit_fails = true;
    kit_until(k, SECOND);
    assert_true(engine_failing(k->engine));
    k->commit_fails = false;
    kit_until(k, 4 * SECOND);
    assert_false(engine_failing(k->engine));
    kit_restart(k, NULL);
    assert_int_equal(kit_deliveries(k, DELIVERY_ACCEPTED), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, waiting_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_outcome_alone_is_committed_after_its_time),
        TEST(the_idle_commit_takes_the_outcome_along),
        TEST(the_next_alert_takes_the_outcome_along),
        TEST(credit_that_lets_a_page_leave_waits_for_nothing),
        TEST(an_act_is_answered_after_its_commit),
        TEST(a_crash_meanwhile_makes_the_attempt_uncertain),
        TEST(a_store_that_fails_finds_nothing_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
