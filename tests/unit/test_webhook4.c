/* test_webhook4.c - the webhook of an Alertmanager in front of us: its envelope, and what `status` makes of each alert.
 * The first body is what Alertmanager 0.25 sent. */
#include "harness.h"

#include "base/check.h"
#include "core/ids.h"
#include "ingest/webhook4.h"

#define NOW INT64_C(1795402050000) /* 2026-11-23T02:47:30Z */
#define BEGAN INT64_C(1795402034000) /* 02:47:14Z */
#define LEASE (NOW + WEBHOOK4_LEASE_MS)

#define ENVELOPE(status, alerts, more)                                                            \
    "{\"receiver\":\"all\",\"status\":\"" status "\",\"alerts\":[" alerts                         \
    "],\"groupLabels\":{\"alertname\":\"DiskFull\"},"                                             \
    "\"commonLabels\":{\"alertname\":\"DiskFull\"},\"commonAnnotations\":{\"summary\":\"full\"}," \
    "\"externalURL\":\"http://vm:19096\",\"version\":\"4\",\"groupKey\":\"{}:{alertname=\\\"DiskFull\\\"}\"," more "}"
#define ALERT(status, starts, ends)                                                              \
    "{\"status\":\"" status                                                                      \
    "\",\"labels\":{\"alertname\":\"DiskFull\",\"instance\":\"h1\",\"severity\":\"critical\"},"  \
    "\"annotations\":{\"runbook_url\":\"http://r\",\"summary\":\"full\"},\"startsAt\":\"" starts \
    "\",\"endsAt\":\"" ends "\",\"generatorURL\":\"http://g\",\"fingerprint\":\"3e3095adf7ad569a\"}"
#define UNSET "0001-01-01T00:00:00Z"
#define FIRST "2026-11-23T02:47:14Z"

static const struct {
    const char *what, *body;
    int status;
    size_t n;
    int64_t starts, ends, truncated; /* of the first signal */
} rows[] = {
    { "firing", ENVELOPE("firing", ALERT("firing", FIRST, UNSET), "\"truncatedAlerts\":0"), 200, 1, BEGAN, LEASE, 0 },
    { "resolved", ENVELOPE("resolved", ALERT("resolved", FIRST, FIRST), "\"truncatedAlerts\":0"), 200, 1, BEGAN, BEGAN,
      0 },
    { "resolved, by a clock that is ahead of ours: over all the same",
      ENVELOPE("resolved", ALERT("resolved", FIRST, "2026-11-23T02:49:00Z"), "\"truncatedAlerts\":0"), 200, 1, BEGAN,
      NOW, 0 },
    { "resolved and no end", ENVELOPE("resolved", ALERT("resolved", FIRST, UNSET), "\"truncatedAlerts\":0"), 200, 1,
      BEGAN, NOW, 0 },
    { "began ahead of our clock",
      ENVELOPE("firing", ALERT("firing", "2026-11-23T02:50:00Z", UNSET), "\"truncatedAlerts\":0"), 200, 1, NOW, LEASE,
      0 },
    { "firing although an end is named: the status holds",
      ENVELOPE("firing", ALERT("firing", FIRST, "2026-11-23T02:47:20Z"), "\"truncatedAlerts\":0"), 200, 1, BEGAN, LEASE,
      0 },
    { "one still fires in a group with one resolved",
      ENVELOPE("firing", ALERT("resolved", FIRST, FIRST) "," ALERT("firing", FIRST, UNSET), "\"truncatedAlerts\":0"),
      200, 2, BEGAN, BEGAN, 0 },
    { "no status of its own: the group's",
      "{\"status\":\"resolved\",\"alerts\":[{\"labels\":{\"a\":\"b\"},\"startsAt\":\"" FIRST "\"}]}", 200, 1, BEGAN,
      NOW, 0 },
    { "no times at all", "{\"status\":\"firing\",\"alerts\":[{\"labels\":{\"a\":\"b\"}}]}", 200, 1, NOW, LEASE, 0 },
    { "left out by max_alerts", ENVELOPE("firing", ALERT("firing", FIRST, UNSET), "\"truncatedAlerts\":17"), 200, 1,
      BEGAN, LEASE, 17 },
    { "Grafana's, version 1",
      "{\"version\":\"1\",\"orgId\":1,\"title\":\"x\",\"state\":\"alerting\",\"status\":\"firing\","
      "\"alerts\":[{\"status\":\"firing\",\"labels\":{\"a\":\"b\"},\"startsAt\":\"" FIRST "\",\"endsAt\":\"" UNSET "\","
      "\"valueString\":\"[ x ]\"}]}",
      200, 1, BEGAN, LEASE, 0 },
    { "nothing in it", "{\"status\":\"firing\",\"alerts\":[]}", 200, 0, 0, 0, 0 },
    { "one that is not valid does not keep the other out",
      "{\"status\":\"firing\",\"alerts\":[{\"labels\":{\"1\":\"x\"}},{\"labels\":{\"a\":\"b\"},\"startsAt\":\"" FIRST
      "\"}]}",
      400, 1, BEGAN, LEASE, 0 },
    { "no labels", "{\"status\":\"firing\",\"alerts\":[{\"status\":\"firing\"}]}", 422, 0, 0, 0, 0 },
    { "no alerts", "{\"version\":\"4\",\"status\":\"firing\"}", 400, 0, 0, 0, 0 },
    { "alerts are no list", "{\"alerts\":{\"a\":1}}", 400, 0, 0, 0, 0 },
    { "a list instead of the envelope", "[{\"labels\":{\"a\":\"b\"}}]", 400, 0, 0, 0, 0 },
    { "empty", "", 400, 0, 0, 0, 0 },
    { "cut off", "{\"alerts\":[{\"labels\"", 400, 0, 0, 0, 0 },
    { "truncated by a text", "{\"alerts\":[{\"labels\":{\"a\":\"b\"}}],\"truncatedAlerts\":\"7\"}", 200, 1, NOW, LEASE,
      0 },
};

static void bodies(void **state)
{
    struct arena *a = arena_create(1u << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct webhook4_post post;
        const struct alertmanager_post *got = &post.alerts;

        arena_reset(a);
        webhook4_parse(a, slice_of(rows[i].body), NOW, &post);
        if (got->status != rows[i].status || got->n != rows[i].n || post.truncated != rows[i].truncated ||
            (got->n > 0 && (got->v[0].starts != rows[i].starts || got->v[0].ends != rows[i].ends)))
            fail_msg("%s: %d, %zu signals, starts %lld, ends %lld, %.*s", rows[i].what, got->status, got->n,
                     got->n > 0 ? (long long)got->v[0].starts : 0, got->n > 0 ? (long long)got->v[0].ends : 0,
                     (int)got->answer.n, got->answer.p);
        assert_int_equal(got->status == 200, got->answer.n == 0);
    }
    arena_destroy(&a);
}

/* Alertmanager's own fingerprint is the one that we make of the labels (R149). */
static void the_fingerprint_is_the_senders(void **state)
{
    struct arena *a = arena_create(1u << 20);
    struct webhook4_post post;

    (void)state;
    webhook4_parse(a, slice_of(rows[0].body), NOW, &post);
    assert_int_equal(post.alerts.n, 1);
    assert_true(post.alerts.v[0].fingerprint == UINT64_C(0x3e3095adf7ad569a));
    assert_true(slice_eq(post.alerts.v[0].summary, S("full")));
    arena_destroy(&a);
}

static void too_large(void **state)
{
    struct arena *a = arena_create(16u << 20);
    struct buf body = { .max = ALERT_MAX_BODY + 2 };
    struct webhook4_post post;

    (void)state;
    while (body.len <= ALERT_MAX_BODY) buf_add_char(&body, ' ');
    webhook4_parse(a, buf_slice(&body), NOW, &post);
    assert_int_equal(post.alerts.status, 413);
    buf_release(&body);
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(the_fingerprint_is_the_senders),
        cmocka_unit_test(too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
