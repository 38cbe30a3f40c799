/* test_alert_json.c - an alert's JSON says the same whatever the alert before it had in common with it (R153). */
#include "harness.h"

#include "api/alert_json.h"
#include "base/check.h"

#define ACTIVE "\"status\":{\"inhibitedBy\":[],\"silencedBy\":[],\"state\":\"active\"},"
#define MUTED "\"status\":{\"inhibitedBy\":[],\"silencedBy\":[\"x\"],\"state\":\"suppressed\"},"
#define NOTES "{\"annotations\":{\"summary\":\"full\"},\"generatorURL\":\"http://g\"}"
#define LABELS "alertname\xff" "A\xff" "job\xff" "node\xff"

struct shown {
    const char *annotations, *labels;
    int64_t starts, ends, updated;
    const char *status, *want; /* from behind the fingerprint but for the annotations, which come first */
};

static const struct shown rows[] = {
    { NOTES, LABELS, 0, 1000, 2000, ACTIVE, "\"labels\":{\"alertname\":\"A\",\"job\":\"node\"}}" },
    { NOTES, LABELS, 0, 1000, 2000, ACTIVE, "\"labels\":{\"alertname\":\"A\",\"job\":\"node\"}}" },
    { NOTES, LABELS, 1, 1000, 2000, ACTIVE, "\"startsAt\":\"1970-01-01T00:00:00.001Z\"" },
    { NOTES, LABELS, 1, 1001, 2000, ACTIVE, "\"endsAt\":\"1970-01-01T00:00:01.001Z\"" },
    { NOTES, LABELS, 1, 1001, 2001, ACTIVE, "\"updatedAt\":\"1970-01-01T00:00:02.001Z\"" },
    { NOTES, LABELS, 1, 1001, 2001, MUTED, "\"silencedBy\":[\"x\"],\"state\":\"suppressed\"}" },
    { "{}", LABELS, 1, 1001, 2001, MUTED, ",{\"annotations\":{},\"endsAt\"" },
    { "", LABELS, 1, 1001, 2001, ACTIVE, ",{\"annotations\":{},\"endsAt\"" },
    { NOTES, LABELS, 1, 1001, 2001, ACTIVE, ",{\"annotations\":{\"summary\":\"full\"},\"generatorURL\":\"http://g\",\"endsAt\"" },
    { NOTES, "", 1, 1001, 2001, ACTIVE, "\"labels\":{}}" },
    { NOTES, "a\xff" "\xff", 1, 1001, 2001, ACTIVE, "\"labels\":{\"a\":\"\"}}" },
    { NOTES, "a\xff" "\xc3\xa4\xff" "b\xff" "1\xff", 1, 1001, 2001, ACTIVE, "\"labels\":{\"a\":\"\xc3\xa4\",\"b\":\"1\"}}" },
    { NOTES, "a\xff" "say \"x\"\xff" "b\xff" "1\xff", 1, 1001, 2001, ACTIVE, "\"labels\":{\"a\":\"say \\\"x\\\"\",\"b\":\"1\"}}" },
    { NOTES, "a\xff" "1\xff" "b\xff" "c:\\\xff", 1, 1001, 2001, ACTIVE, "\"labels\":{\"a\":\"1\",\"b\":\"c:\\\\\"}}" },
    { NOTES, "a\xff" "\n\x01\xff", 1, 1001, 2001, ACTIVE, "\"labels\":{\"a\":\"\\n\\u0001\"}}" },
};

static struct slice print(struct alert_kept *k, const struct shown *s, struct buf *out)
{
    const struct store_alert a = { 1, s->starts, s->ends, s->updated, slice_of(s->labels), slice_of(s->annotations), 0 };
    buf_reset(out);
    const uint64_t fingerprint = alert_json_add(k, &a, slice_of(s->status), out);
    assert_true(fingerprint == fnv1a64(FNV1A64_START, slice_of(s->labels)));
    return buf_slice(out);
}

static void each_row_has_its_own(void **state)
{
    struct alert_kept k = { 0 };
    struct buf out = { 0 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct slice json = print(&k, &rows[i], &out);
        if (slice_find(json, slice_of(rows[i].want)) == json.n) fail_msg("row %zu: %s", i, json.p);
    }
    alert_kept_release(&k);
    buf_release(&out);
    (void)state;
}

/* Whoever came before. */
static void any_two_in_a_row_are_as_if_alone(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(rows); i++) {
        const struct shown *before = &rows[i / COUNT_OF(rows)], *then = &rows[i % COUNT_OF(rows)];
        struct alert_kept kept = { 0 }, none = { 0 };
        struct buf a = { 0 }, b = { 0 };
        print(&kept, before, &a);
        const struct slice after = print(&kept, then, &a), alone = print(&none, then, &b);
        if (!slice_eq(after, alone)) fail_msg("after another: %s\nalone: %s", after.p, alone.p);
        alert_kept_release(&kept);
        alert_kept_release(&none);
        buf_release(&a);
        buf_release(&b);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_has_its_own),
        cmocka_unit_test(any_two_in_a_row_are_as_if_alone),
    };
    return cmocka_run_group_tests_name("alert-json", tests, NULL, NULL);
}
