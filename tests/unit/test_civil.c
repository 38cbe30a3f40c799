/* test_civil.c - calendar arithmetic and RFC 3339. */
#include "harness.h"

#include "base/check.h"
#include "base/civil.h"

static void days_and_back(void **state)
{
    static const struct {
        int64_t days;
        int32_t y, m, d;
        enum weekday on;
    } rows[] = {
        { 0, 1970, 1, 1, THURSDAY },    { -1, 1969, 12, 31, WEDNESDAY },   { 11016, 2000, 2, 29, TUESDAY },
        { 20458, 2026, 1, 5, MONDAY },  { 47541, 2100, 3, 1, MONDAY },     { -719162, 1, 1, 1, MONDAY },
        { -719528, 0, 1, 1, SATURDAY }, { 2932896, 9999, 12, 31, FRIDAY },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct civil c = civil_from_days(rows[i].days);
        assert_int_equal(civil_days(rows[i].y, rows[i].m, rows[i].d), rows[i].days);
        assert_true(c.year == rows[i].y && c.month == rows[i].m && c.day == rows[i].d);
        assert_int_equal(civil_weekday(rows[i].days), rows[i].on);
    }
    for (int64_t day = -800000; day < 800000; day += 37) {
        struct civil c = civil_from_days(day);
        assert_true(civil_is_valid(c));
        assert_int_equal(civil_days(c.year, c.month, c.day), day);
    }
    (void)state;
}

static void months_outside_the_year_carry(void **state)
{
    assert_int_equal(civil_days(2025, 14, 1), civil_days(2026, 2, 1));
    assert_int_equal(civil_days(2026, 0, 31), civil_days(2025, 12, 31));
    assert_int_equal(civil_days(2026, 3, 0), civil_days(2026, 2, 28));
    assert_int_equal(civil_month_days(2024, 2), 29);
    assert_int_equal(civil_month_days(2100, 2), 28);
    assert_int_equal(civil_month_days(2026, 12), 31);
    (void)state;
}

static void adding_months_and_days(void **state)
{
    struct civil c = civil_add_months((struct civil){ 2026, 1, 31, 9, 0, 0 }, 1);
    assert_true(c.year == 2026 && c.month == 2 && c.day == 28 && c.hour == 9);
    c = civil_add_months((struct civil){ 2024, 3, 31, 0, 0, 0 }, -13);
    assert_true(c.year == 2023 && c.month == 2 && c.day == 28);
    c = civil_add_months((struct civil){ 2026, 11, 30, 0, 0, 0 }, 2);
    assert_true(c.year == 2027 && c.month == 1 && c.day == 30);
    c = civil_add_days((struct civil){ 2026, 12, 31, 23, 59, 58 }, 1);
    assert_true(c.year == 2027 && c.month == 1 && c.day == 1 && c.hour == 23 && c.minute == 59 && c.second == 58);
    (void)state;
}

static void weekday_names(void **state)
{
    enum weekday d = WEEKDAY_UNSET;
    assert_true(civil_parse_weekday(S("Mon"), &d) && d == MONDAY);
    assert_true(civil_parse_weekday(S("SUNDAY"), &d) && d == SUNDAY);
    assert_false(civil_parse_weekday(S("Mond"), &d));
    assert_false(civil_parse_weekday(S(""), &d));
    assert_true(slice_eq(civil_weekday_name(SATURDAY), S("Sat")));
    assert_int_equal(civil_weekday_name(WEEKDAY_UNSET).n, 0);
    (void)state;
}

static void rfc3339_is_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-01-05T03:00:00Z", INT64_C(1767582000000) },
        { "2026-01-05T04:00:00+01:00", INT64_C(1767582000000) },
        { "2026-01-04T21:30:00-05:30", INT64_C(1767582000000) },
        { "2026-01-05t03:00:00z", INT64_C(1767582000000) },
        { "2026-01-05 03:00:00Z", INT64_C(1767582000000) },
        { "2026-01-05T03:00:00.5Z", INT64_C(1767582000500) },
        { "2026-01-05T03:00:00.012Z", INT64_C(1767582000012) },
        { "2026-01-05T03:00:00.123999999Z", INT64_C(1767582000123) },
        { "1969-12-31T23:59:59.999Z", -1 },
        { "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
        { "0001-01-01T00:00:00Z", INT64_C(-62135596800000) },
        { "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
        { "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = 42;
        assert_int_equal(civil_parse_rfc3339(slice_of(rows[i].text), &ms, NULL), 0);
        assert_int_equal(ms, rows[i].ms);
    }
    (void)state;
}

static void what_is_not_rfc3339_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "now",
        "2026-01-05",
        "2026-01-05T03:00:00",
        "2026-01-05T03:00Z",
        "2026-1-5T03:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-01-05T03:60:00Z",
        "2026-01-05T03:00:61Z",
        "2026-01-05T03:00:00.Z",
        "2026-01-05T03:00:00.1234567890Z",
        "2026-01-05T03:00:00+1:00",
        "2026-01-05T03:00:00+24:00",
        "2026-01-05T03:00:00+01:60",
        "2026-01-05T03:00:00+0100",
        "2026-01-05T03:00:00Zz",
        " 2026-01-05T03:00:00Z",
        "+026-01-05T03:00:00Z",
        "2026-01-05T-3:00:00Z",
        "12026-01-05T03:00:00Z",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = 42;
        struct error e = { 0 };
        assert_int_equal(civil_parse_rfc3339(slice_of(rows[i]), &ms, &e), ERR_SYNTAX);
        assert_int_equal(ms, 42);
        assert_int_equal(e.code, ERR_SYNTAX);
    }
    assert_int_equal(civil_parse_rfc3339((struct slice){ 0 }, &(int64_t){ 0 }, NULL), ERR_SYNTAX);
    (void)state;
}

static void rfc3339_is_written(void **state)
{
    static const struct {
        int64_t ms;
        int32_t offset_s;
        bool with_ms;
        const char *text;
    } rows[] = {
        { 0, 0, false, "1970-01-01T00:00:00Z" },
        { INT64_C(1767582000250), 0, true, "2026-01-05T03:00:00.250Z" },
        { INT64_C(1767582000250), 3600, false, "2026-01-05T04:00:00+01:00" },
        { INT64_C(1767582000250), -12600, true, "2026-01-04T23:30:00.250-03:30" },
        { -1, 0, true, "1969-12-31T23:59:59.999Z" },
        { INT64_C(-62135596800000), 0, false, "0001-01-01T00:00:00Z" },
        { INT64_MAX, 0, false, "9999-12-31T23:59:59Z" },
        { INT64_MIN, 0, false, "0000-01-01T00:00:00Z" },
        { 0, -75, false, "1969-12-31T23:58:00-00:02" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 };
        civil_format_rfc3339(&out, rows[i].ms, rows[i].offset_s, rows[i].with_ms);
        assert_string_equal(buf_str(&out), rows[i].text);
        buf_release(&out);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_back),          cmocka_unit_test(months_outside_the_year_carry),
        cmocka_unit_test(adding_months_and_days), cmocka_unit_test(weekday_names),
        cmocka_unit_test(rfc3339_is_read),        cmocka_unit_test(what_is_not_rfc3339_is_refused),
        cmocka_unit_test(rfc3339_is_written),
    };
    return cmocka_run_group_tests_name("civil", tests, NULL, NULL);
}
