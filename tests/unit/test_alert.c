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

/* was and next: start, end (minutes from now), state, times heard before, annotations. */
static const struct {
    const char *what;
    struct repeat_row {
        int starts, ends;
        enum alert_state state;
        int sends, annotations;
    } was, next;
    bool repeated;
} repeats[] = {
    { "a minute later: the end moves on", { -9, 3, ALERT_FIRING, 3, 1 }, { -9, 4, ALERT_FIRING, 4, 1 }, true },
    { "twice as far away", { -9, 2, ALERT_FIRING, 3, 1 }, { -9, 4, ALERT_FIRING, 4, 1 }, true },
    { "farther than that", { -9, 2, ALERT_FIRING, 3, 1 }, { -9, 5, ALERT_FIRING, 4, 1 }, false },
    { "an earlier end", { -9, 5, ALERT_FIRING, 3, 1 }, { -9, 4, ALERT_FIRING, 4, 1 }, false },
    { "its sender is no monitor yet", { -9, 3, ALERT_FIRING, 2, 1 }, { -9, 4, ALERT_FIRING, 3, 1 }, false },
    { "resolved", { -9, 3, ALERT_FIRING, 3, 1 }, { -9, -1, ALERT_RESOLVED, 4, 1 }, false },
    { "resolved again", { -9, -1, ALERT_RESOLVED, 3, 1 }, { -9, -1, ALERT_RESOLVED, 4, 1 }, true },
    { "resolved again, later", { -9, -2, ALERT_RESOLVED, 3, 1 }, { -9, -1, ALERT_RESOLVED, 4, 1 }, false },
    { "firing again", { -9, -1, ALERT_RESOLVED, 3, 1 }, { -1, 4, ALERT_FIRING, 4, 1 }, false },
    { "an earlier start", { -9, 3, ALERT_FIRING, 3, 1 }, { -10, 4, ALERT_FIRING, 4, 1 }, false },
    { "other annotations", { -9, 3, ALERT_FIRING, 3, 1 }, { -9, 4, ALERT_FIRING, 4, 2 }, false },
};

static struct alert_live repeat_of(const struct repeat_row *r)
{
    return (struct alert_live){ .state = r->state,
                                .sends = r->sends,
                                .starts_wall = NOW + r->starts * M,
                                .ends_wall = NOW + r->ends * M,
                                .annotations = r->annotations };
}

static void P1_what_only_repeats_may_be_answered_ahead(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(repeats); i++) {
        const struct alert_live was = repeat_of(&repeats[i].was), next = repeat_of(&repeats[i].next);
        if (alert_is_repeated(&was, &next, NOW) != repeats[i].repeated) fail_msg("%s", repeats[i].what);
    }
}

static void R155_four_changes_in_ten_minutes_flap(void **state)
{
    static const struct {
        const char *what;
        int64_t at[6]; /* 0 ends */
        unsigned flaps; /* bit k: with change k */
    } rows[] = {
        { "the fourth, ten minutes after the first", { 1 * M, 4 * M, 7 * M, 11 * M }, 1u << 3 },
        { "a millisecond too late", { 1 * M, 4 * M, 7 * M, 11 * M + 1 }, 0 },
        { "all at once", { M, M, M, M, M }, 1u << 3 | 1u << 4 },
        { "any ten minutes, not those that began with the first", { 1 * M, 9 * M, 12 * M, 13 * M, 14 * M }, 1u << 4 },
        { "a long pause is forgotten", { 1 * M, 2 * M, 3 * M, 500 * M, 501 * M, 502 * M }, 0 },
        { "it goes on", { 1 * M, 2 * M, 3 * M, 4 * M, 11 * M, 13 * M + 1 }, 1u << 3 | 1u << 4 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct alert_changes a = { 0 };
        for (unsigned k = 0; k < 6 && rows[i].at[k] != 0; k++)
            if (alert_count_change(&a, rows[i].at[k]) != ((rows[i].flaps >> k & 1u) != 0))
                fail_msg("%s: change %u", rows[i].what, k + 1);
    }
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
        cmocka_unit_test(P1_what_only_repeats_may_be_answered_ahead),
        cmocka_unit_test(R155_four_changes_in_ten_minutes_flap),
        cmocka_unit_test(titles_are_few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
