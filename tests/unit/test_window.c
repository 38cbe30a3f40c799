/* test_window.c - who waits for a shared commit, and how long: rows by design.md's batches and P4. */
#include "harness.h"

#include "base/check.h"
#include "engine/window.h"

static const struct {
    const char *what;
    struct window w;
    struct window_batch b;
    int64_t wait_us;
} rows[] = {
    { "a crowd waits for others", { 250, 6, 0 }, { .requests = 6, .came = 6, .since_us = 50 }, 100 },
    { "its first stands for the rest", { 250, 32, 0 }, { .requests = 1, .came = 1, .since_us = 50 }, 100 },
    { "nobody came since the last look", { 250, 32, 0 }, { .requests = 20, .came = 0, .waited_us = 100 }, 0 },
    { "they still come", { 250, 32, 0 }, { .requests = 20, .came = 9, .waited_us = 200 }, 100 },
    { "P4: a page, an act, a timer, a new incident", { 250, 32, 0 }, { .requests = 20, .came = 20, .urgent = true }, 0 },
    { "one alone on an idle system", { 250, 1, 0 }, { .requests = 1, .came = 1, .since_us = 1000000 }, 0 },
    { "one alone after another", { 250, 1, 0 }, { .requests = 1, .came = 1, .since_us = 50 }, 0 },
    { "one alone long after a crowd", { 250, 64, 0 }, { .requests = 1, .came = 1, .since_us = 2001 }, 0 },
    { "a crowd after silence", { 250, 0, 0 }, { .requests = 8, .came = 8, .since_us = 1000000 }, 100 },
    { "few after few", { 250, 3, 0 }, { .requests = 4, .came = 4, .since_us = 50 }, 0 },
    { "no request waits", { 250, 64, 0 }, { .requests = 0, .came = 0, .since_us = 50 }, 0 },
    { "a commit costs nothing", { 0, 64, 0 }, { .requests = 64, .came = 64, .since_us = 50 }, 0 },
    { "twice a commit is too short to sleep", { 49, 64, 0 }, { .requests = 64, .came = 64, .since_us = 50 }, 0 },
    { "twice a commit is over", { 100, 64, 0 }, { .requests = 64, .came = 5, .waited_us = 101 }, 0 },
    { "a slow disk: no longer than 500 µs", { 9000, 64, 0 }, { .requests = 64, .came = 5, .waited_us = 401 }, 0 },
    { "and so long at most", { 9000, 64, 0 }, { .requests = 64, .came = 5, .waited_us = 400 }, 100 },
};

static void who_waits_for_a_shared_commit(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const int64_t us = window_wait_us(&rows[i].w, &rows[i].b);
        if (us != rows[i].wait_us) fail_msg("%s: waits %d us, not %d", rows[i].what, (int)us, (int)rows[i].wait_us);
    }
    (void)state;
}

/* The length follows the disk: no constant of one machine. */
static void commits_are_measured(void **state)
{
    struct window w = { 0 };
    window_committed(&w, 1000, 1800, 6);
    assert_int_equal(w.commit_us, 800);
    assert_int_equal(w.before, 6);
    assert_int_equal(w.committed_us, 1800);
    for (int i = 0; i < 64; i++) window_committed(&w, 0, 80, 64);
    assert_in_range(w.commit_us, 80, 87);
    assert_int_equal(w.before, 64);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_a_shared_commit),
        cmocka_unit_test(commits_are_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
