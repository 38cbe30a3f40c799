/* test_alert.c - identity, merging, flapping and the words of one alert (R149, R155; design: Limits, Incidents). */
#include "harness.h"

#include "core/alert.h"

static const struct {
    const char *what;
    struct label labels[4];
    size_t n;
    uint64_t fingerprint;
} prints[] = {
    { "as Alertmanager 0.25 printed it for the same labels",
      { { S("alertname"), S("DiskFull") }, { S("instance"), S("h1") }, { S("severity"), S("critical") } },
      3,
      UINT64_C(0x3e3095adf7ad569a) },
    { "no label: the start of FNV-1a", { { { 0 }, { 0 } } }, 0, UINT64_C(0xcbf29ce484222325) },
};

static void R149_fingerprint_is_alertmanagers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(prints); i++) {
        struct buf text = { 0 };
        alert_labels_text(prints[i].labels, prints[i].n, &text);
        if (alert_fingerprint(prints[i].labels, prints[i].n) != prints[i].fingerprint) fail_msg("%s", prints[i].what);
        assert_true(fnv1a64(FNV1A64_START, buf_slice(&text)) == prints[i].fingerprint);
        buf_release(&text);
    }
}

static void R149_identity_is_labels_alone(void **state)
{
    (void)state;
    const struct label a[] = { { S("a"), S("bc") } }, b[] = { { S("ab"), S("c") } };
    assert_true(alert_fingerprint(a, 1) != alert_fingerprint(b, 1)); /* the separators count */
}

enum { NOW = 1000 * 60 * 60 };
#define M MINUTE

/* What an alert is after a signal at NOW; `old` all zero = new. Times relative to NOW in minutes. */
static const struct {
    const char *what;
    struct {
        int64_t starts, ends, updated;
        int64_t state, sends;
    } old;
    int64_t says_starts, says_ends; /* 0 = does not say (so no row means NOW) */
    int64_t starts, ends, state;
} merges[] = {
    { "new, from Prometheus", { 0 }, -1, 4, -1, 4, ALERT_FIRING },
    { "new, from amtool: no times: starts now, ends in 5 min", { 0 }, 0, 0, 0, 5, ALERT_FIRING },
    { "new, an end alone: starts there too", { 0 }, 0, 3, 3, 3, ALERT_FIRING },
    { "new, already over", { 0 }, -9, -1, -9, -1, ALERT_RESOLVED },
    { "re-sent: the end moves on", { -9, 3, -1, ALERT_FIRING, 1 }, -9, 4, -9, 4, ALERT_FIRING },
    { "re-sent without times: one episode, one start", { -9, 4, -1, ALERT_FIRING, 1 }, 0, 0, -9, 5, ALERT_FIRING },
    { "an explicit end that is later rules", { -9, 60, -1, ALERT_FIRING, 1 }, 0, 0, -9, 60, ALERT_FIRING },
    { "an end that was only our time-out does not", { -9, 4, -1, ALERT_FIRING, 1 }, -9, 2, -9, 2, ALERT_FIRING },
    { "resolved: its end rules", { -9, 4, -1, ALERT_FIRING, 1 }, -9, -1, -9, -1, ALERT_RESOLVED },
    { "fires anew: another episode, another start", { -30, -20, -20, ALERT_RESOLVED, 1 }, -1, 4, -1, 4, ALERT_FIRING },
};

static void R149_merging_follows_alertmanager(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(merges); i++) {
        const struct alert_live old = { .id = 7,
                                        .state = merges[i].old.state,
                                        .sends = merges[i].old.sends,
                                        .starts_wall = merges[i].old.sends ? NOW + merges[i].old.starts * M : 0,
                                        .ends_wall = merges[i].old.sends ? NOW + merges[i].old.ends * M : 0,
                                        .updated_wall = merges[i].old.sends ? NOW + merges[i].old.updated * M : 0 };
        const struct signal s = { .starts = merges[i].says_starts == 0 ? 0 : NOW + merges[i].says_starts * M,
                                  .ends = merges[i].says_ends == 0 ? 0 : NOW + merges[i].says_ends * M };
        struct alert_live next = alert_merged(&old, &s, NOW);
        bool right = next.starts_wall == NOW + merges[i].starts * M && next.ends_wall == NOW + merges[i].ends * M &&
                     next.state == merges[i].state && next.updated_wall == NOW && next.sends == old.sends + 1 &&
                     next.id == 7;
        if (!right)
            fail_msg("%s: starts %+d min, ends %+d min, %s", merges[i].what, (int)((next.starts_wall - NOW) / M),
                     (int)((next.ends_wall - NOW) / M), alert_state_name(next.state));
    }
}

static void R155_four_changes_in_ten_minutes_flap(void **state)
{
    (void)state;
    struct alert_kept a = { 0 };
    assert_false(alert_count_change(&a, 1 * M));
    assert_false(alert_count_change(&a, 4 * M));
    assert_false(alert_count_change(&a, 7 * M));
    assert_true(alert_count_change(&a, 11 * M)); /* the fourth, 10 min after the first */
    assert_false(alert_count_change(&a, 11 * M)); /* said once */
    a = (struct alert_kept){ 0 };
    for (int i = 0; i < 3; i++) assert_false(alert_count_change(&a, M));
    assert_false(alert_count_change(&a, 11 * M + 1)); /* a millisecond too late: a new count */
    assert_int_equal(a.changes, 1);
}

static const struct {
    const char *title;
    struct label labels[3];
    size_t n;
    struct slice summary;
} titles[] = {
    { "DiskFull (h1)", { { S("alertname"), S("DiskFull") }, { S("instance"), S("h1") } }, 2, S("Disk is full") },
    { "DiskFull", { { S("alertname"), S("DiskFull") }, { S("job"), S("node") } }, 2, S("") },
    { "Disk is full (n3)", { { S("node"), S("n3") } }, 1, S("Disk is full") },
    { "app=shop", { { S("app"), S("shop") }, { S("node"), S("n3") } }, 2, S("") },
};

static void titles_are_few_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        struct buf b = { 0 };
        alert_title(titles[i].labels, titles[i].n, titles[i].summary, &b);
        assert_string_equal(buf_str(&b), titles[i].title);
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R149_fingerprint_is_alertmanagers),
        cmocka_unit_test(R149_identity_is_labels_alone),
        cmocka_unit_test(R149_merging_follows_alertmanager),
        cmocka_unit_test(R155_four_changes_in_ten_minutes_flap),
        cmocka_unit_test(titles_are_few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
