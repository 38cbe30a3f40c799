/* test_clock.c - the real clock moves forward and the fake one when told (R42). */
#include "harness.h"

#include "sys/clock.h"

static void the_real_clock_is_real(void **state)
{
    struct clock *c = clock_create(), *d = clock_create();
    struct moment a = clock_read(c), b = clock_read(c);
    assert_true(a.steady_ms > 0 && b.steady_ms >= a.steady_ms);
    assert_true(a.wall_ms > INT64_C(1577836800000)); /* 2020 */
    assert_true(clock_stamp_ms() >= a.wall_ms - 1000);
    assert_int_equal(clock_boot_id(c).n, CLOCK_BOOT_ID_BYTES);
    assert_true(slice_eq(clock_boot_id(c), clock_boot_id(d)));
    clock_destroy(&c);
    clock_destroy(&d);
    assert_null(c);
    (void)state;
}

static void the_fake_clock_moves_when_told(void **state)
{
    struct clock *c = clock_create_fake((struct moment){ 1000, 5000 }, S("boot-1"));
    assert_int_equal(clock_read(c).steady_ms, 1000);
    clock_advance(c, 250);
    assert_int_equal(clock_read(c).steady_ms, 1250);
    assert_int_equal(clock_read(c).wall_ms, 5250);
    clock_step_wall(c, -3600000); /* somebody sets the date back an hour: deadlines do not care */
    assert_int_equal(clock_read(c).steady_ms, 1250);
    assert_int_equal(clock_read(c).wall_ms, 5250 - 3600000);
    assert_true(slice_eq(clock_boot_id(c), S("boot-1")));
    clock_destroy(&c);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_real_clock_is_real),
        cmocka_unit_test(the_fake_clock_moves_when_told),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
