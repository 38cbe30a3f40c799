/* test_known.c - alerts that are told again are recognised, and recognising them changes nothing (R149, R153). */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "ingest/known.h"
#include "same_post.h"

/* Whether all alerts of the body were known, after the same words as a full reading gives. */
static bool recalled(struct known *k, struct slice body)
{
    struct arena *a = arena_create((size_t)8 << 20);
    struct alertmanager_post fresh, again;
    struct signal *v;
    size_t n = 0;
    bool known;

    alertmanager_parse(a, body, NULL, &fresh);
    alertmanager_parse(a, body, k, &again);
    if (!same_post(&fresh, &again)) fail_msg("read otherwise: %.*s", (int)body.n, body.p);
    known = known_read(k, a, body, &v, &n);
    if (known) assert_int_equal(n, fresh.n);
    arena_destroy(&a);
    return known;
}

#define ALERT(ends) "{\"labels\":{\"a\":\"x\"},\"endsAt\":\"" ends "\",\"startsAt\":\"2026-01-01T00:00:00Z\"}"

static const struct {
    const char *what, *told, *again; /* `told` comes twice, then `again` */
    bool known;
} rows[] = {
    { "the same", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("2026-01-01T00:01:00Z") "]", true },
    { "another end", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("2026-01-02T00:02:00.5+01:00") "]", true },
    { "no end any more", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("") "]", true },
    { "the year that means none", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("0001-01-01T00:00:00Z") "]", true },
    { "blanks between alerts", "[" ALERT("") "]", " [\n" ALERT("") " ,\t" ALERT("") "]\r\n ", true },
    { "no endsAt at all", "[{\"labels\":{\"a\":\"x\"}}]", "[{\"labels\":{\"a\":\"x\"}}]", true },
    { "endsAt null is part of what was said", "[{\"labels\":{\"a\":\"x\"},\"endsAt\":null}]",
      "[{\"labels\":{\"a\":\"x\"},\"endsAt\":null}]", true },
    { "a blank before the value too", "[{\"labels\":{\"a\":\"x\"},\"endsAt\": \"2026-01-01T00:01:00Z\"}]",
      "[{\"labels\":{\"a\":\"x\"},\"endsAt\": \"2026-01-01T00:01:00Z\"}]", true },
    { "brackets and quotes in texts", "[{\"labels\":{\"a\":\"}]\\\"{\\\\\"},\"endsAt\":\"\"}]",
      "[{\"labels\":{\"a\":\"}]\\\"{\\\\\"},\"endsAt\":\"2026-01-01T00:01:00Z\"}]", true },
    { "a label named endsAt", "[{\"labels\":{\"endsAt\":\"x\"}}]", "[{\"labels\":{\"endsAt\":\"y\"}}]", false },
    { "a time before the start", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("2025-01-01T00:00:00Z") "]", false },
    { "no time", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("tomorrow") "]", false },
    { "a time with an escape in it", "[" ALERT("2026-01-01T00:01:00Z") "]", "[" ALERT("2026-01-01T00:01:0\\u0031Z") "]",
      false },
    { "bad UTF-8 behind the year that means none", "[" ALERT("") "]", "[" ALERT("0001-01-01T00:00:00\xff") "]", false },
    { "a control byte there", "[" ALERT("") "]", "[" ALERT("0001-01-01T00:00:00\n") "]", false },
    { "another start", "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"2026-01-01T00:00:00Z\"}]",
      "[{\"labels\":{\"a\":\"x\"},\"startsAt\":\"2026-01-01T00:00:01Z\"}]", false },
    { "another label", "[{\"labels\":{\"a\":\"x\"}}]", "[{\"labels\":{\"a\":\"y\"}}]", false },
    { "one of two is new", "[{\"labels\":{\"a\":\"x\"}}]", "[{\"labels\":{\"a\":\"x\"}},{\"labels\":{\"a\":\"y\"}}]",
      false },
    { "endsAt twice: the last one counts",
      "[{\"endsAt\":\"2026-01-01T00:01:00Z\",\"endsAt\":\"2026-01-01T00:02:00Z\","
      "\"labels\":{\"a\":\"x\"}}]",
      "[{\"endsAt\":\"2026-01-01T00:03:00Z\",\"endsAt\":\"2026-01-01T00:02:00Z\",\"labels\":{\"a\":\"x\"}}]", false },
    { "endsAt in capitals behind it",
      "[{\"endsAt\":\"2026-01-01T00:01:00Z\",\"ENDSAT\":\"2026-01-01T00:02:00Z\","
      "\"labels\":{\"a\":\"x\"}}]",
      "[{\"endsAt\":\"2026-01-01T00:03:00Z\",\"ENDSAT\":\"2026-01-01T00:02:00Z\",\"labels\":{\"a\":\"x\"}}]", false },
    { "endsAt written with an escape",
      "[{\"endsAt\":\"2026-01-01T00:01:00Z\",\"ends\\u0041t\":null,\"labels\":{\"a\":\"x\"}}]",
      "[{\"endsAt\":\"2026-01-01T00:03:00Z\",\"ends\\u0041t\":null,\"labels\":{\"a\":\"x\"}}]", false },
    { "what is not valid is never kept", "[{\"labels\":{\"1\":\"x\"}}]", "[{\"labels\":{\"1\":\"x\"}}]", false },
    { "nor what was repaired", "[{\"labels\":{\"a\":\"\xff\"}}]", "[{\"labels\":{\"a\":\"\xff\"}}]", false },
    { "nor a body with something behind it", "[{\"labels\":{\"a\":\"x\"}}]x", "[{\"labels\":{\"a\":\"x\"}}]x", false },
    { "a list that does not end", "[{\"labels\":{\"a\":\"x\"}}]", "[{\"labels\":{\"a\":\"x\"}}", false },
    { "a trailing comma", "[{\"labels\":{\"a\":\"x\"}}]", "[{\"labels\":{\"a\":\"x\"}},]", false },
    { "an empty list", "[]", "[]", false },
};

static void what_is_told_again_is_recognised(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct known *k = known_create();
        for (int j = 0; j < 2; j++) recalled(k, slice_of(rows[i].told));
        if (recalled(k, slice_of(rows[i].again)) != rows[i].known) fail_msg("%s", rows[i].what);
        known_destroy(&k);
    }
    (void)state;
}

static void what_was_told_once_is_not_kept(void **state)
{
    struct known *k = known_create();
    const struct slice body = S("[" ALERT("2026-01-01T00:01:00Z") "]");
    struct arena *a = arena_create(0);
    struct alertmanager_post post;
    struct signal *v;
    size_t n;

    alertmanager_parse(a, body, k, &post);
    assert_int_equal(known_size(k), 0);
    assert_false(known_read(k, a, body, &v, &n));
    alertmanager_parse(a, body, k, &post);
    assert_true(known_size(k) > 0);
    assert_true(known_read(k, a, body, &v, &n));
    arena_destroy(&a);
    known_destroy(&k);
    (void)state;
}

/* Pieces of alerts, good and bad, in any combination: `known` and NULL agree on every body. */
static const char *const members[] = {
    "\"labels\":{\"a\":\"x\"}",
    "\"labels\":{\"b\":\"y\",\"a\":\"\\u0041\"}",
    "\"labels\":{}",
    "\"labels\":null",
    "\"Labels\":{\"c\":\"\"}",
    "\"labels\":{\"1\":\"x\"}",
    "\"labels\":{\"a\":\"\xff\"}",
    "\"labels\":[]",
    "\"annotations\":{\"summary\":\" one\\ntwo \"}",
    "\"annotations\":{\"title\":\"\\u0001\\\"{[\"}",
    "\"endsAt\":\"2026-01-01T00:01:00Z\"",
    "\"endsAt\":\"2026-01-01T00:02:00Z\"",
    "\"endsAt\":\"2025-01-01T00:02:00Z\"",
    "\"endsAt\":\"\"",
    "\"endsAt\":null",
    "\"EndsAt\":\"2026-01-01T00:03:00Z\"",
    "\"endsAt\":\"x\"",
    "\"endsAt\":7",
    "\"startsAt\":\"2026-01-01T00:00:00Z\"",
    "\"startsAt\":\"\"",
    "\"generatorURL\":\"http://p/g?a=1\\u0026b\"",
    "\"generatorURL\":\"no uri\"",
    "\"status\":\"resolved\"",
    "\"x\":{\"endsAt\":\"2026-01-01T00:01:00Z\"}",
};

static uint32_t dice(uint32_t *seed, size_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % (uint32_t)n;
}

static void add_alert(struct buf *body, uint32_t *seed)
{
    const uint32_t n = dice(seed, 4);
    buf_add_str(body, dice(seed, 4) > 0 ? "{\"labels\":{\"a\":\"z\"}" : "{\"endsAt\":\"2026-01-01T00:01:00Z\"");
    for (uint32_t i = 0; i < n; i++) {
        buf_add_char(body, ',');
        buf_add_str(body, members[dice(seed, COUNT_OF(members))]);
    }
    buf_add_char(body, '}');
}

static void any_body_is_read_the_same(void **state)
{
    struct known *k = known_create();
    struct buf body = { 0 };
    uint32_t seed = 4;
    size_t known = 0;

    for (int i = 0; i < 20000; i++) {
        const uint32_t n = dice(&seed, 3) + 1;
        buf_reset(&body);
        buf_add_char(&body, '[');
        for (uint32_t j = 0; j < n; j++) {
            if (j > 0) buf_add_char(&body, ',');
            add_alert(&body, &seed);
        }
        buf_add_str(&body, dice(&seed, 50) == 0 ? "} ]" : "]");
        known += recalled(k, buf_slice(&body));
    }
    assert_in_range(known, 2000, 19000);
    buf_release(&body);
    known_destroy(&k);
    (void)state;
}

/* Batch `first` of 50 alerts of a large set. */
static void body_of(size_t first, struct buf *body)
{
    buf_reset(body);
    for (size_t i = first; i < first + 50; i++)
        buf_addf(body, "%c{\"annotations\":{\"summary\":\"%0300zu\"},\"endsAt\":\"\",\"labels\":{\"a\":\"%zu\"}}",
                 i == first ? '[' : ',', i, i);
    buf_add_char(body, ']');
}

static bool told(struct known *k, size_t first, struct buf *body)
{
    body_of(first, body);
    return recalled(k, buf_slice(body));
}

/* As one Prometheus tells them: always all, always in the same order. */
static void a_whole_set_is_known_the_third_time(void **state)
{
    struct known *k = known_create();
    struct buf body = { 0 };
    size_t known = 0;

    for (int j = 0; j < 3; j++)
        for (size_t i = known = 0; i < 1500; i += 50) {
            struct arena *a = arena_create(0);
            struct alertmanager_post post;
            struct signal *v;
            size_t n;
            body_of(i, &body);
            known += known_read(k, a, buf_slice(&body), &v, &n);
            alertmanager_parse(a, buf_slice(&body), k, &post);
            arena_destroy(&a);
        }
    assert_in_range(known, 29, 30); /* sets are small: chance may turn one away */
    buf_release(&body);
    known_destroy(&k);
    (void)state;
}

static void memory_has_a_bound(void **state)
{
    struct known *k = known_create();
    struct buf body = { 0 };

    for (size_t i = 0; i < 10000; i += 50) {
        for (int j = 0; j < 2; j++) told(k, i, &body);
        assert_in_range(known_size(k), 1, KNOWN_MAX_BYTES);
    }
    assert_true(known_size(k) > KNOWN_MAX_BYTES / 10 * 9);
    assert_true(told(k, 9950, &body)); /* who came last has room */
    assert_false(told(k, 0, &body));
    buf_release(&body);
    known_destroy(&k);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_again_is_recognised),
        cmocka_unit_test(what_was_told_once_is_not_kept),
        cmocka_unit_test(any_body_is_read_the_same),
        cmocka_unit_test(a_whole_set_is_known_the_third_time),
        cmocka_unit_test(memory_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
