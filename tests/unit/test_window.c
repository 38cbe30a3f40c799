/* test_window.c - who waits for a shared commit, and how long: rows by design.md's batches and P4. */
#include "harness.h"

#include "base/check.h"
#include "engine/window.h"

/* w: what a commit takes, when the last was over, the crowd. */
static const struct {
    const char *what;
    struct window w;
    struct window_batch b;
    struct window_wait wait;
} waits[] = {
    { "a crowd waits for its half", { 250, 0, 64 }, { .requests = 6 }, { 500, 26 } },
    { "its half is there", { 250, 0, 64 }, { .requests = 32 }, { 0, 0 } },
    { "more than its half", { 250, 0, 64 }, { .requests = 64 }, { 0, 0 } },
    { "half of an odd crowd", { 250, 0, 9 }, { .requests = 4 }, { 500, 1 } },
    { "what is left after a while", { 200, 0, 64 }, { .requests = 20, .waited_us = 150 }, { 250, 12 } },
    { "P4: a page, an act, a timer, a new incident", { 250, 0, 64 }, { .requests = 20, .urgent = true }, { 0, 0 } },
    { "one alone", { 250, 0, 1 }, { .requests = 1 }, { 0, 0 } },
    { "few", { 250, 0, 7 }, { .requests = 1 }, { 0, 0 } },
    { "nothing is known", { 250, 0, 0 }, { .requests = 1 }, { 0, 0 } },
    { "no request waits", { 250, 0, 64 }, { .requests = 0 }, { 0, 0 } },
    { "a commit costs nothing", { 0, 0, 64 }, { .requests = 1 }, { 0, 0 } },
    { "twice a commit is too short to sleep", { 9, 0, 64 }, { .requests = 1 }, { 0, 0 } },
    { "twice a commit is over", { 100, 0, 64 }, { .requests = 5, .waited_us = 181 }, { 0, 0 } },
    { "a slow disk: no longer than 500 µs", { 9000, 0, 64 }, { .requests = 5, .waited_us = 481 }, { 0, 0 } },
    { "and so long at most", { 9000, 0, 64 }, { .requests = 5 }, { 500, 27 } },
};

static void who_waits_for_a_shared_commit(void **state)
{
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        const struct window_wait got = window_wait(&waits[i].w, &waits[i].b), want = waits[i].wait;
        if (got.us != want.us || got.requests != want.requests)
            fail_msg("%s: waits %d us for %zu, not %d for %zu", waits[i].what, (int)got.us, got.requests, (int)want.us,
                     want.requests);
    }
    (void)state;
}

static const struct {
    const char *what;
    struct window w;
    size_t share;
} shares[] = {
    { "half of a crowd, the rest is on its way meanwhile", { 250, 0, 64 }, 32 },
    { "half of an odd one", { 250, 0, 65 }, 33 },
    { "two halves are worth a commit each from here", { 250, 0, 16 }, 8 },
    { "too few to be split", { 250, 0, 15 }, SIZE_MAX },
    { "a commit that is still short", { 1500, 0, 64 }, 32 },
    { "a slow disk: all who are there share its sync", { 1501, 0, 64 }, SIZE_MAX },
    { "commits take no time", { 0, 0, 64 }, SIZE_MAX },
    { "nothing is known", { 250, 0, 0 }, SIZE_MAX },
};

static void who_shares_a_commit(void **state)
{
    for (size_t i = 0; i < COUNT_OF(shares); i++)
        if (window_share(&shares[i].w) != shares[i].share)
            fail_msg("%s: %zu, not %zu", shares[i].what, window_share(&shares[i].w), shares[i].share);
    (void)state;
}

/* The length follows the disk: no constant of one machine. */
static void commits_are_measured(void **state)
{
    struct window w = { 0 };
    window_committed(&w, 1000, 1800, 6, 2);
    assert_int_equal(w.commit_us, 800);
    assert_int_equal(w.committed_us, 1800);
    for (int i = 0; i < 64; i++) window_committed(&w, 0, 80, 64, 0);
    assert_in_range(w.commit_us, 80, 87);
    window_committed(&w, 0, 9000, 64, 0);
    assert_in_range(w.commit_us, 88, 100); /* a checkpoint is no slow disk */
    for (int i = 0; i < 64; i++) window_committed(&w, 0, 9000, 64, 0);
    assert_in_range(w.commit_us, 8000, 9000); /* one that stays slow is */
    (void)state;
}

static void a_crowd_is_seen_at_once_and_forgotten_slowly(void **state)
{
    struct window w = { 0 };
    window_committed(&w, 0, 100, 6, 2);
    assert_int_equal(w.crowd, 8);
    window_committed(&w, 100, 200, 32, 32); /* half written, half behind it */
    assert_int_equal(w.crowd, 64);
    window_committed(&w, 200, 300, 40, 0);
    assert_int_equal(w.crowd, 61);
    for (int i = 0; i < 64; i++) window_committed(&w, 300, 400, 1, 0);
    assert_int_equal(w.crowd, 1);
    window_committed(&w, 400, 500, 64, 0);
    window_open(&w, 500 + WINDOW_FORGET_US);
    assert_int_equal(w.crowd, 64);
    window_open(&w, 501 + WINDOW_FORGET_US); /* whoever comes alone long after it does not wait for it */
    assert_int_equal(w.crowd, 0);
    (void)state;
}

/* commit_us, most ms: ms */
static void repeats_take_a_sixteenth_of_the_time_to_write(void **state)
{
    static const struct {
        int64_t commit_us, most_ms, ms;
    } rows[] = { { 0, 100, 5 }, { 300, 100, 5 }, { 400, 100, 6 }, { 1500, 100, 24 }, { 9000, 100, 100 }, { 1500, 0, 0 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(window_repeats_ms(&(struct window){ .commit_us = rows[i].commit_us }, rows[i].most_ms), rows[i].ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_for_a_shared_commit),
        cmocka_unit_test(who_shares_a_commit),
        cmocka_unit_test(repeats_take_a_sixteenth_of_the_time_to_write),
        cmocka_unit_test(commits_are_measured),
        cmocka_unit_test(a_crowd_is_seen_at_once_and_forgotten_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
