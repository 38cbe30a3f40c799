/* test_random.c - some hundred random lives of a thousand events each, every guarantee checked after every step.
 *
 * test-random SEED [faultless] lives one life again and tells it; test-random --trace prints the traces of a few, for
 * comparing compilers (I30). */
#include "harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ground.h"
#include "life.h"

enum { LIVES = SANITIZED ? 20 : 160, CALM_LIVES = SANITIZED ? 5 : 20, EVENTS = 1000, TRACED = 4 };

static struct ground ground;

static uint64_t live(uint64_t seed, bool faultless, uint64_t hash_key, struct buf *broken)
{
    const struct compiled *document = seed % 3 == 0 ? ground.example : ground.reference;
    const struct compiled *other = seed % 3 == 0 ? ground.reference : ground.example;
    const struct life_options o = { .seed = seed,
                                    .hash_key = hash_key,
                                    .events = EVENTS,
                                    .faultless = faultless,
                                    .policy = &document->policy,
                                    .other = &other->policy,
                                    .routing = &ground.routing,
                                    .site = &ground.site->dir,
                                    .smaller = &ground.smaller->dir };
    return life_run(&o, broken);
}

static int setup(void **state)
{
    (void)state;
    ground_load(&ground);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ground_release(&ground);
    return 0;
}

static void live_many(bool faultless, uint64_t lives)
{
    struct buf broken = { 0 };
    for (uint64_t seed = 1; seed <= lives && broken.len == 0; seed++) live(seed, faultless, 1, &broken);
    if (broken.len > 0) {
        fputs(buf_str(&broken), stderr);
        fail_msg("a guarantee is broken: see the seed and its last events above");
    }
}

static void test_lives(void **state) /* I2-I5, I7, I8, I10-I14, I19, I20, R41 */
{
    (void)state;
    live_many(false, LIVES);
}

static void test_calm_lives(void **state) /* I6 */
{
    (void)state;
    live_many(true, CALM_LIVES);
}

static void test_same_trace(void **state) /* I30 */
{
    struct buf broken = { 0 };
    (void)state;
    for (uint64_t seed = 1001; seed < 1001 + TRACED; seed++) {
        const uint64_t first = live(seed, false, 1, &broken);
        assert_true(first == live(seed, false, UINT64_C(0xdeadbeefcafe), &broken));
        assert_true(first != live(seed + 100, false, 1, &broken));
    }
    assert_int_equal(broken.len, 0);
}

static int print_traces(void)
{
    struct buf broken = { 0 };
    ground_load(&ground);
    for (uint64_t seed = 1; seed <= TRACED; seed++)
        printf("%" PRIu64 " %016" PRIx64 "\n", seed, live(seed, false, seed, &broken));
    ground_release(&ground);
    fputs(buf_str(&broken), stderr);
    return broken.len > 0;
}

static int live_one(uint64_t seed, bool faultless)
{
    struct buf broken = { 0 };
    ground_load(&ground);
    const uint64_t trace = live(seed, faultless, 1, &broken);
    printf("%s%" PRIu64 " %016" PRIx64 "\n", buf_str(&broken), seed, trace);
    ground_release(&ground);
    const bool bad = broken.len > 0;
    buf_release(&broken);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--trace") == 0) return print_traces();
    if (argc > 1) return live_one(strtoull(argv[1], NULL, 10), argc > 2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lives),
        cmocka_unit_test(test_calm_lives),
        cmocka_unit_test(test_same_trace),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
