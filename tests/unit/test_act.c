/* test_act.c - the one table that command line, routes and help share. */
#include "harness.h"

#include "base/check.h"
#include "core/act.h"

static void every_act_has_its_row(void **state)
{
    for (size_t k = 1; k < ACT_KIND_MAX; k++) {
        const struct act_def *d = &act_defs[k];
        size_t n = 0;
        assert_int_equal(d->kind, k);
        assert_true(act_def_named(slice_of(d->name)) == d);
        assert_string_equal(act_kind_name((enum act_kind)k), d->name);
        assert_true(d->summary[strlen(d->summary) - 1] == '.' || k == ACT_CLASSIFY);
        while (d->args[n].type != ARG_NONE) {
            assert_true(n < ACT_MAX_ARGS && d->args[n].name != NULL && d->args[n].what != NULL);
            n++;
        }
        assert_true(n > 0 && d->example != NULL);
    }
    assert_null(act_def_named(S("explode")));
    assert_null(act_def_named(S("")));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_act_has_its_row) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
