/* The words of sentence patterns: durations (G15), arrows and comparisons (G12, G13), lost clocks (G5), mojibake (G14). */
#include "harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/ids.h"
#include "core/policy.h"
#include "procedures/mojibake.h"
#include "procedures/scan.h"
#include "procedures/section.h"

static void g15_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: no duration */
        const char *rest;
    } rows[] = {
        { "5 minutes", 5 * MINUTE, "" },
        { "5minutes", 5 * MINUTE, "" },
        { "1 Minute left", MINUTE, " left" },
        { "5 min.", 5 * MINUTE, "." },
        { "5m", 5 * MINUTE, "" },
        { "15-minute window", 15 * MINUTE, " window" },
        { "30 s", 30 * SECOND, "" },
        { "30secs", 30 * SECOND, "" },
        { "250 ms", 250, "" },
        { "250 msec", 250, "" },
        { "1.5 hours", 90 * MINUTE, "" },
        { "2 hrs", 2 * HOUR, "" },
        { "4h", 4 * HOUR, "" },
        { "1 day", DAY, "" },
        { "1 hour 30 minutes", 90 * MINUTE, "" },
        { "1h30m", 90 * MINUTE, "" },
        { "1h 30m left", 90 * MINUTE, " left" },
        { "2d12h30m", 2 * DAY + 12 * HOUR + 30 * MINUTE, "" },
        { "1 hour 2 hours", HOUR, " 2 hours" },
        { "30 minutes 1 hour", 30 * MINUTE, " 1 hour" },
        { "1 hour, 30 minutes", HOUR, ", 30 minutes" },
        { "1 hour 30 people", HOUR, " 30 people" },
        { "1h30", -1, "1h30" },
        { "1h30k", -1, "1h30k" },
        { "2 weeks", 14 * DAY, "" },
        { "1 month", 30 * DAY, "" },
        { "Hourly", HOUR, "" },
        { "daily", DAY, "" },
        { "Weekly", 7 * DAY, "" },
        { "Immediately", 0, "" },
        { "Immediate", 0, "" },
        { "hour", HOUR, "" },
        { "0 minutes", 0, "" },
        { "5", -1, "5" },
        { "5 members", -1, "5 members" },
        { "5 mins5", -1, "5 mins5" },
        { "five minutes", -1, "five minutes" },
        { "m", -1, "m" },
        { "As needed", -1, "As needed" },
        { "Next sprint", -1, "Next sprint" },
        { "99999999999 hours", -1, "99999999999 hours" },
        { "", -1, "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text);
        struct duration d = { -1, false };
        bool read = scan_duration(&rest, &d);
        if (read != (rows[i].ms >= 0)) fail_msg("%s", rows[i].text);
        if (read) assert_int_equal(d.ms, rows[i].ms);
        assert_true(slice_eq(rest, slice_of(rows[i].rest)));
    }
}

static void g15_business_time_needs_a_calendar(void **state)
{
    struct slice text = S("2 business days");
    struct duration d;
    (void)state;
    assert_true(scan_duration(&text, &d));
    assert_true(d.business);
    text = S("2 working hours");
    assert_true(scan_duration(&text, &d) && d.business);
}

static void ranges(void **state)
{
    static const struct {
        const char *text;
        int64_t low, high;
    } rows[] = {
        { "2-4 hours", 2 * HOUR, 4 * HOUR },
        { "15 - 30 minutes", 15 * MINUTE, 30 * MINUTE },
        { "1–2 hours", HOUR, 2 * HOUR },
        { "30 minutes to 2 hours", 30 * MINUTE, 2 * HOUR },
        { "15min-30min", 15 * MINUTE, 30 * MINUTE },
    };
    struct duration low, high;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice text = slice_of(rows[i].text);
        if (!scan_range(&text, &low, &high)) fail_msg("%s", rows[i].text);
        assert_int_equal(low.ms, rows[i].low);
        assert_int_equal(high.ms, rows[i].high);
        assert_int_equal(text.n, 0);
    }
    struct slice no = S("2-4 people");
    assert_false(scan_range(&no, &low, &high));
}

static void g13_arrows_longest_first(void **state)
{
    static const char *const arrows[] = { "→ x", "⇒ x", "-> x", "=> x", "--> x", "==> x", "  → x" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(arrows); i++) {
        struct slice text = slice_of(arrows[i]);
        assert_true(scan_arrow(&text));
        assert_true(slice_eq(text, S("x")));
    }
    struct slice no = S("- x");
    assert_false(scan_arrow(&no));
    assert_int_equal(find_arrow(S("a - b -> c")), 6);
    assert_int_equal(find_arrow(S("a - b")), 5);
}

static void g12_comparisons(void **state)
{
    static const struct {
        const char *text;
        enum comparison cmp;
    } rows[] = {
        { "> 4", CMP_GT },        { "< 4", CMP_LT },       { ">= 4", CMP_GE },        { "<=4", CMP_LE },
        { "≥ 4", CMP_GE },        { "≤ 4", CMP_LE },       { "more than 4", CMP_GT }, { "up to 4", CMP_LE },
        { "at least 4", CMP_GE }, { "overt 4", CMP_NONE }, { "4", CMP_NONE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice text = slice_of(rows[i].text);
        enum comparison cmp = CMP_NONE;
        scan_comparison(&text, &cmp);
        if (cmp != rows[i].cmp) fail_msg("%s", rows[i].text);
    }
}

static void g5_clocks_are_seen(void **state)
{
    static const struct {
        const char *text;
        bool clock;
    } rows[] = {
        { "within reason", true },
        { "every time", true },
        { "after lunch", true },
        { "for 5 minutes", true },
        { "CPU > 90%", true },
        { "≥ two", true },
        { "Complete service outage", false },
        { "afterwards", false },
        { "5 people", false },
        { "everything", false },
        { "→ arrow", false },
        { "anything else -> #help", false },
        { "anything else ==> #help", false },
    };
    size_t at;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (has_clock(slice_of(rows[i].text), &at) != rows[i].clock) fail_msg("%s", rows[i].text);
}

/* G2: what is stripped from a heading before it is compared. */
static void g2_headings_fold(void **state)
{
    static const struct {
        const char *heading, *folded;
    } rows[] = {
        { "Severity Levels", "severity levels" },
        { "1. Severity Levels", "severity levels" },
        { "2.3 Severity Levels", "severity levels" },
        { "Phase 2: Severity Levels", "severity levels" },
        { "Step 3 - Contacts", "contacts" },
        { "🚨 Emergency Contacts!", "emergency contacts" },
        { "Post-Incident", "post incident" },
        { "Roles & Responsibilities", "roles and responsibilities" },
        { "Triage (0-15 minutes)", "triage" },
        { "Triage (Minutes 5-15)", "triage" },
        { "Contacts (internal)", "contacts internal" },
        { "On-Call Roles:", "on call roles" },
        { "24 hours", "hours" },
        { "A&&&&&&&&&B", "a and and and and and and and and and b" }, /* each grows to five bytes */
    };
    struct arena *a = arena_create(0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice folded = heading_fold(a, slice_of(rows[i].heading));
        if (!slice_eq(folded, slice_of(rows[i].folded))) fail_msg("%s: %.*s", rows[i].heading, (int)folded.n, folded.p);
    }
    arena_destroy(&a);
}

/* G2: a directive names a role outright. */
static void g2_roles_by_name(void **state)
{
    static const struct {
        const char *name;
        enum section_role role;
    } rows[] = {
        { "severity", SECTION_SEVERITY },
        { "channels", SECTION_CHANNELS },
        { "communication", SECTION_COMMUNICATION },
        { "Escalation", SECTION_ESCALATION },
        { "post-incident", SECTION_POST_INCIDENT },
        { "prose", SECTION_PROSE },
        { "sev", SECTION_UNSET },
        { "", SECTION_UNSET },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (section_role_named(slice_of(rows[i].name)) != rows[i].role) fail_msg("%s", rows[i].name);
}

static void heading_clocks(void **state)
{
    static const struct {
        const char *heading, *name;
        int64_t from, to;
    } rows[] = {
        { "T+0 Minutes - Detection", "Detection", 0, POLICY_NONE },
        { "T+5 min: Ack", "Ack", 5 * MINUTE, POLICY_NONE },
        { "T+15", "", 15 * MINUTE, POLICY_NONE },
        { "T+2 hours — Review", "Review", 2 * HOUR, POLICY_NONE },
        { "t+90s - Page", "Page", 90 * SECOND, POLICY_NONE },
        { "Triage (0-15 minutes)", "Triage", 0, 15 * MINUTE },
        { "Phase 1: Triage (Minutes 0-5)", "Triage", 0, 5 * MINUTE },
        { "Contain (< 5 minutes)", "Contain", 0, 5 * MINUTE },
        { "Contain (within 1 hour)", "Contain", 0, HOUR },
    };
    int64_t from, to;
    struct slice name;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!heading_clock(slice_of(rows[i].heading), &from, &to, &name)) fail_msg("%s", rows[i].heading);
        assert_true(slice_eq(name, slice_of(rows[i].name)));
        assert_int_equal(from, rows[i].from);
        assert_int_equal(to, rows[i].to);
    }
    assert_false(heading_clock(S("Triage (internal)"), &from, &to, &name));
    assert_false(heading_clock(S("T+soon"), &from, &to, &name));
}

static void g14_mojibake(void **state)
{
    static const struct {
        const char *broken, *good;
        unsigned runs;
    } rows[] = {
        { "a â†’ b", "a → b", 1 },
        { "â”œâ”€ x", "├─ x", 2 },
        { "ðŸš¨", "🚨", 1 },
        { "âœ…", "✅", 1 },
        { "CafÃ©", "Café", 1 },
        { "itâ€™s", "it’s", 1 },
        { "â€\xc2\x9d", "”", 1 }, /* the undefined byte 0x9d stays a control code */
        { "Brontë…”", "Brontë…”", 0 }, /* would decode to Hangul: the known trap */
        { "naïve → “quoted”", "naïve → “quoted”", 0 },
        { "Ã", "Ã", 0 },
        { "â†", "â†", 0 },
        { "plain", "plain", 0 },
    };
    struct arena *a = arena_create(0);
    unsigned runs;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice out = mojibake_repair(a, slice_of(rows[i].broken), &runs);
        if (!slice_eq(out, slice_of(rows[i].good))) fail_msg("%s: %.*s", rows[i].broken, (int)out.n, out.p);
        assert_int_equal(runs, rows[i].runs);
    }
    /* Columns are those of the file: the b of "a → b" stands at byte 6 repaired, 11 as written. */
    assert_int_equal(mojibake_origin(S("a â†’ b"), 6), 11);
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g15_durations),    cmocka_unit_test(g15_business_time_needs_a_calendar),
        cmocka_unit_test(ranges),           cmocka_unit_test(g13_arrows_longest_first),
        cmocka_unit_test(g12_comparisons),  cmocka_unit_test(g5_clocks_are_seen),
        cmocka_unit_test(g2_headings_fold), cmocka_unit_test(g2_roles_by_name),
        cmocka_unit_test(heading_clocks),   cmocka_unit_test(g14_mojibake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
