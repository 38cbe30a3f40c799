/* test_courier_pace.c - credit comes back as fast as the provider allows, and not while it asked for a pause. */
#include "harness.h"

#include "base/check.h"
#include "serve/courier_pace.h"

static void a_kind_without_a_rate_is_limited_by_its_answers(void **state)
{
    struct paces p = { 0 };

    (void)state;
    assert_int_equal(pace_every("smtp"), 0);
    for (int64_t now = 1000; now < 1010; now++) assert_int_equal(pace_owe(&p, S("mail"), 0, 0, now), now);
    assert_int_equal(pace_owed(&p, S("mail")), 10);
    for (int i = 0; i < 12; i++) pace_return(&p, S("mail"));
    assert_int_equal(pace_owed(&p, S("mail")), 0);
    paces_release(&p);
}

/* Eight messages in a burst: their credits come back one a second, on this channel alone. */
static void one_a_second_for_slack(void **state)
{
    struct paces p = { 0 };
    int64_t every = pace_every("slack");

    (void)state;
    assert_int_equal(every, 1000);
    for (int64_t i = 0; i < 8; i++)
        assert_int_equal(pace_owe(&p, S("incidents"), every, 0, 5000 + i), 5000 + i * every);
    assert_int_equal(pace_owe(&p, S("other"), every, 0, 5000), 5000);
    /* A quiet time fills nothing up: there are never more than the credits that exist. */
    assert_int_equal(pace_owe(&p, S("incidents"), every, 0, 60000), 60000);
    paces_release(&p);
}

static void a_pause_holds_the_whole_channel(void **state)
{
    struct paces p = { 0 };

    (void)state;
    assert_int_equal(pace_owe(&p, S("c"), 1000, 30000, 1000), 31000);
    assert_int_equal(pace_owe(&p, S("c"), 1000, 0, 1001), 32000);
    assert_int_equal(pace_owe(&p, S("d"), 0, INT64_C(86400000), 0), PACE_PAUSE_MAX_MS);
    assert_int_equal(pace_owe(&p, S("d"), 0, 0, 5), PACE_PAUSE_MAX_MS);
    paces_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_without_a_rate_is_limited_by_its_answers),
        cmocka_unit_test(one_a_second_for_slack),
        cmocka_unit_test(a_pause_holds_the_whole_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
