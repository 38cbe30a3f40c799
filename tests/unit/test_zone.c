/* test_zone.c - time zones: TZif bytes, footers, gaps and doubled hours (R42, R139).
 * Not here: agreement with the system's zdump for every zone (golden/test_zdump.c). */
#include "harness.h"

#include "base/check.h"
#include "base/tzrule.h"
#include "base/zone.h"

static void add_be(struct buf *out, int64_t v, int n)
{
    while (n-- > 0) buf_add_char(out, (char)((uint64_t)v >> (8 * n)));
}

static void add_head(struct buf *out, char version, uint32_t times, uint32_t kinds, uint32_t chars)
{
    buf_add_str(out, "TZif");
    buf_add_char(out, version);
    for (int i = 0; i < 15; i++) buf_add_char(out, '\0');
    const uint32_t counts[] = { 0, 0, 0, times, kinds, chars };
    for (size_t i = 0; i < COUNT_OF(counts); i++) add_be(out, counts[i], 4);
}

/* A version 2 file with one local time type (LMT, offset 600 s), changes to it at `times`, and a footer. */
static struct zone *zone_of(const char *footer, const int64_t *times, uint32_t n, struct error *e)
{
    struct buf f = { 0 };
    add_head(&f, '2', 0, 1, 4);
    add_be(&f, 0, 6);
    buf_add(&f, (struct slice){ "LMT", 4 });
    add_head(&f, '2', n, 1, 4);
    for (uint32_t i = 0; i < n; i++) add_be(&f, times[i], 8);
    for (uint32_t i = 0; i < n; i++) add_be(&f, 0, 1);
    add_be(&f, 600, 4);
    add_be(&f, 0, 2);
    buf_add(&f, (struct slice){ "LMT", 4 });
    buf_addf(&f, "\n%s\n", footer);
    struct zone *z = zone_parse(buf_slice(&f), e);
    buf_release(&f);
    return z;
}

static int64_t utc(const char *text)
{
    int64_t ms;
    assert_int_equal(civil_parse_rfc3339(slice_of(text), &ms, NULL), 0);
    return ms / 1000;
}

static void footers_rule_for_ever(void **state)
{
    static const struct {
        const char *footer, *at;
        int32_t offset_s;
        bool dst;
        const char *name;
    } rows[] = {
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600, false, "CET" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200, true, "CEST" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200, true, "CEST" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600, false, "CET" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "2426-10-25T01:00:00Z", 3600, false, "CET" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "9626-03-29T01:00:00Z", 7200, true, "CEST" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", "1626-03-29T01:00:00Z", 7200, true, "CEST" },
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600, true, "AEDT" },
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T15:59:59Z", 39600, true, "AEDT" },
        { "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T16:00:00Z", 36000, false, "AEST" },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600, true, "-01" },
        { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200, false, "-02" },
        { "IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", 10800, true, "IDT" },
        { "IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z", 7200, false, "IST" },
        { "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0, true, "GMT" },
        { "XXX3EDT4,0/0,J365/23", "2026-07-01T00:00:00Z", -14400, true, "EDT" },
        { "XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14400, true, "EDT" },
        { "AAA0BBB,J60/0,J61/0", "2024-03-01T00:00:00Z", 3600, true, "BBB" },
        { "AAA0BBB,59/0,61/0", "2024-02-29T00:00:00Z", 3600, true, "BBB" },
        { "<+0330>-3:30", "2026-07-01T00:00:00Z", 12600, false, "+0330" },
        { "UTC0", "1000-01-01T00:00:00Z", 0, false, "UTC" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        struct zone_local local;
        struct zone *z = zone_of(rows[i].footer, NULL, 0, &e);
        assert_string_equal(e.detail, "");
        zone_offset_at(z, utc(rows[i].at), &local);
        assert_int_equal(local.offset_s, rows[i].offset_s);
        assert_int_equal(local.is_dst, rows[i].dst);
        assert_true(slice_eq(local.abbreviation, slice_of(rows[i].name)));
        zone_destroy(&z);
        assert_null(z);
    }
    (void)state;
}

/* R139: a skipped local time is the first valid instant, a doubled one its first occurrence. */
static void local_times_find_their_instant(void **state)
{
    static const struct {
        const char *footer;
        struct civil local;
        const char *at;
        enum zone_fit fit;
    } rows[] = {
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 3, 29, 1, 59, 59 }, "2026-03-29T00:59:59Z", ZONE_FIT_ONCE },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 3, 29, 2, 0, 0 }, "2026-03-29T01:00:00Z", ZONE_FIT_SKIPPED },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 3, 29, 2, 59, 59 }, "2026-03-29T01:00:00Z", ZONE_FIT_SKIPPED },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 3, 29, 3, 0, 0 }, "2026-03-29T01:00:00Z", ZONE_FIT_ONCE },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 10, 25, 1, 59, 59 }, "2026-10-24T23:59:59Z", ZONE_FIT_ONCE },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 10, 25, 2, 0, 0 }, "2026-10-25T00:00:00Z", ZONE_FIT_DOUBLED },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 10, 25, 2, 59, 59 }, "2026-10-25T00:59:59Z", ZONE_FIT_DOUBLED },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2026, 10, 25, 3, 0, 0 }, "2026-10-25T02:00:00Z", ZONE_FIT_ONCE },
        { "CET-1CEST,M3.5.0,M10.5.0/3", { 2826, 10, 25, 2, 0, 0 }, "2826-10-25T00:00:00Z", ZONE_FIT_DOUBLED },
        { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", { 2026, 10, 4, 2, 15, 0 }, "2026-10-03T15:30:00Z", ZONE_FIT_SKIPPED },
        { "EST5EDT,M3.2.0,M11.1.0", { 2026, 11, 1, 1, 30, 0 }, "2026-11-01T05:30:00Z", ZONE_FIT_DOUBLED },
        { "UTC0", { 2026, 3, 29, 2, 30, 0 }, "2026-03-29T02:30:00Z", ZONE_FIT_ONCE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum zone_fit fit = ZONE_FIT_UNSET;
        struct zone *z = zone_of(rows[i].footer, NULL, 0, NULL);
        assert_int_equal(zone_to_utc(z, rows[i].local, &fit), utc(rows[i].at));
        assert_int_equal(fit, rows[i].fit);
        zone_destroy(&z);
    }
    (void)state;
}

static void explicit_changes_come_before_the_footer(void **state)
{
    int64_t at = utc("2026-06-01T00:00:00Z"), next = 0;
    struct zone_local local;
    struct zone *z = zone_of("CET-1CEST,M3.5.0,M10.5.0/3", &at, 1, NULL);
    zone_offset_at(z, utc("2026-08-01T00:00:00Z"), &local);
    assert_int_equal(local.offset_s, 600); /* the file's own word holds until the rule's next change */
    assert_true(zone_next_change(z, utc("2026-08-01T00:00:00Z"), &next));
    assert_int_equal(next, utc("2026-10-25T01:00:00Z"));
    assert_true(zone_next_change(z, next, &next));
    assert_int_equal(next, utc("2027-03-28T01:00:00Z"));
    zone_destroy(&z);
    (void)state;
}

static void a_zone_without_changes_has_no_next(void **state)
{
    int64_t next = 7;
    struct zone *zones[] = { zone_create_utc(), zone_of("<+0330>-3:30", NULL, 0, NULL),
                             zone_of("XXX3EDT4,0/0,J365/23", NULL, 0, NULL) };
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        assert_false(zone_next_change(zones[i], 0, &next));
        assert_int_equal(next, 7);
        zone_destroy(&zones[i]);
    }
    (void)state;
}

static void the_ends_of_time_have_answers(void **state)
{
    static const int64_t times[] = { INT64_MIN, INT64_MIN / 2, 0, INT64_MAX / 2, INT64_MAX };
    struct zone *z = zone_of("CET-1CEST,M3.5.0,M10.5.0/3", NULL, 0, NULL);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct zone_local local;
        zone_offset_at(z, times[i], &local);
        assert_true(local.offset_s == 3600 || local.offset_s == 7200);
        assert_true(civil_is_valid(zone_to_local(z, times[i])));
    }
    zone_to_utc(z, (struct civil){ INT32_MAX, 12, 31, 23, 59, 59 }, NULL);
    zone_to_utc(z, (struct civil){ INT32_MIN, 1, 1, 0, 0, 0 }, NULL);
    zone_destroy(&z);
    (void)state;
}

static void damaged_files_are_refused(void **state)
{
    static const char *const footers[] = { "CET",
                                           "CET-1CEST",
                                           "CET-1CEST,M3.5.0",
                                           "CET-25",
                                           "CE-1",
                                           "CET-1CEST,M13.5.0,M1.1.1",
                                           "CET-1CEST,M3.6.0,M10.5.0",
                                           "CET-1CEST,M3.5.7,M10.5.0",
                                           ":CET",
                                           "<CET-1",
                                           "CET-1CEST,M3.5.0/168,M10.5.0",
                                           "CET-1CEST,J0,J1",
                                           "CET-1x" };
    for (size_t i = 0; i < COUNT_OF(footers); i++) {
        struct error e = { 0 };
        assert_null(zone_of(footers[i], NULL, 0, &e));
        assert_int_equal(e.code, ERR_SYNTAX);
    }
    static const int64_t backwards[] = { 100, 100 };
    assert_null(zone_of("UTC0", backwards, 2, NULL));
    struct error e = { 0 };
    assert_null(zone_parse(S(""), &e));
    assert_null(zone_parse(S("TZif2"), &e));
    assert_null(zone_parse((struct slice){ 0 }, &e));
    (void)state;
}

static void every_cut_of_a_file_is_refused(void **state)
{
    struct buf f = { 0 };
    struct error e = { 0 };
    add_head(&f, '1', 1, 1, 4);
    add_be(&f, 100, 4);
    add_be(&f, 0, 1);
    add_be(&f, -18000, 4);
    add_be(&f, 0, 2);
    buf_add(&f, (struct slice){ "EST", 4 });
    for (size_t n = 0; n < f.len; n++) assert_null(zone_parse(slice_upto(buf_slice(&f), n), &e));
    struct zone *z = zone_parse(buf_slice(&f), &e);
    struct zone_local local;
    zone_offset_at(z, 1000, &local);
    assert_int_equal(local.offset_s, -18000);
    zone_destroy(&z);
    buf_release(&f);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers_rule_for_ever),
        cmocka_unit_test(local_times_find_their_instant),
        cmocka_unit_test(explicit_changes_come_before_the_footer),
        cmocka_unit_test(a_zone_without_changes_has_no_next),
        cmocka_unit_test(the_ends_of_time_have_answers),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(every_cut_of_a_file_is_refused),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
