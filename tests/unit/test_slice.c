/* test_slice.c - borrowed byte runs: cutting, numbers, UTF-8, FNV-1a. */
#include "harness.h"

#include "base/check.h"
#include "base/slice.h"

static void empty_slices_are_valid_everywhere(void **state)
{
    struct slice none = { 0 }, rest = none;
    int64_t v;
    assert_true(slice_eq(none, S("")));
    assert_true(slice_eq_nocase(none, S("")));
    assert_int_equal(slice_cmp(none, S("")), 0);
    assert_true(slice_has_prefix(S("a"), none) && slice_has_suffix(S("a"), none));
    assert_int_equal(slice_find(none, S("a")), 0);
    assert_int_equal(slice_find_char(none, 'a'), 0);
    assert_int_equal(slice_trim(none).n, 0);
    assert_int_equal(slice_cut(&rest, ',').n, 0);
    assert_int_equal(slice_from(none, 3).n, 0);
    assert_true(slice_is_utf8(none, NULL));
    assert_false(slice_to_int(none, &v));
    assert_int_equal(slice_of(NULL).n, 0);
    (void)state;
}

static void comparing(void **state)
{
    assert_true(slice_cmp(S("a"), S("b")) < 0);
    assert_true(slice_cmp(S("ab"), S("a")) > 0);
    assert_true(slice_cmp(S("\xff"), S("a")) > 0); /* bytes, not signed characters */
    assert_true(slice_eq_nocase(S("Content-TYPE"), S("content-type")));
    assert_false(slice_eq_nocase(S("\xc3\x84"), S("\xc3\xa4"))); /* ASCII alone */
    assert_true(slice_has_prefix_nocase(S("SEV1: x"), S("sev1")));
    assert_false(slice_has_prefix(S("se"), S("sev")));
    assert_true(slice_has_suffix(S("a.md"), S(".md")));
    (void)state;
}

static void finding_and_cutting(void **state)
{
    struct slice s = S("a=b=c"), t = S("key: value");
    assert_int_equal(slice_find(S("one two"), S("two")), 4);
    assert_int_equal(slice_find(S("one"), S("two")), 3);
    assert_int_equal(slice_find_nocase(S("one TWO"), S("two")), 4);
    assert_true(slice_eq(slice_cut(&s, '='), S("a")));
    assert_true(slice_eq(s, S("b=c")));
    assert_true(slice_eq(slice_cut(&s, ';'), S("b=c")));
    assert_int_equal(s.n, 0);
    assert_true(slice_cut_prefix(&t, S("key:")));
    assert_false(slice_cut_prefix(&t, S("key:")));
    assert_true(slice_eq(slice_trim(t), S("value")));
    assert_true(slice_eq(slice_trim(S(" \t\r\nx y\n ")), S("x y")));
    assert_true(slice_eq(slice_upto(S("abc"), 9), S("abc")));
    (void)state;
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "-5", true, -5 },
        { "9223372036854775807", true, INT64_MAX },
        { "9223372036854775808", false, 0 },
        { "99999999999999999999", false, 0 },
        { "", false, 0 },
        { "-", false, 0 },
        { "+1", false, 0 },
        { "1x", false, 0 },
        { " 1", false, 0 },
        { "--1", false, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t v = 42;
        assert_int_equal(slice_to_int(slice_of(rows[i].text), &v), rows[i].ok);
        if (rows[i].ok) assert_true(v == rows[i].value);
    }
    struct slice s = S("15m"), huge = S("99999999999999999999m");
    int64_t v = 42;
    assert_true(slice_cut_uint(&s, &v) && v == 15 && slice_eq(s, S("m")));
    assert_false(slice_cut_uint(&huge, &v));
    assert_int_equal(huge.n, 21);
    (void)state;
}

/* RFC 3629, sections 3 and 4. */
static void utf8(void **state)
{
    static const struct {
        struct slice text;
        size_t bad;
    } rows[] = {
        { S("plain"), 5 },
        { S("h\xc3\xbc \xe2\x86\x92 \xf0\x9f\x9a\xa8"), 12 },
        { S("a\0b"), 3 },
        { S("a\xff"), 1 },
        { S("\x80"), 0 },
        { S("ab\xc3"), 2 },
        { S("\xc0\xaf"), 0 }, /* overlong */
        { S("\xe0\x80\xaf"), 0 }, /* overlong */
        { S("\xf0\x80\x80\xaf"), 0 }, /* overlong */
        { S("\xed\xa0\x80"), 0 }, /* surrogate */
        { S("\xed\x9f\xbf"), 3 },
        { S("\xf4\x8f\xbf\xbf"), 4 },
        { S("\xf4\x90\x80\x80"), 0 }, /* past U+10FFFF */
        { S("x\xe2\x86"), 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t bad = rows[i].text.n;
        assert_int_equal(slice_is_utf8(rows[i].text, &bad), rows[i].bad == rows[i].text.n);
        assert_int_equal(bad, rows[i].bad);
    }
    (void)state;
}

static void runes(void **state)
{
    static const int32_t want[] = { 'a', 0xfc, -1, 0x2192, -1, 0x1f6a8 };
    struct slice s = S("a\xc3\xbc\xff\xe2\x86\x92\xe2\xf0\x9f\x9a\xa8");
    for (size_t i = 0; i < COUNT_OF(want); i++) assert_int_equal(slice_cut_rune(&s), want[i]);
    assert_int_equal(s.n, 0);
    (void)state;
}

/* R149: Alertmanager's fingerprints are FNV-1a, 64 bits; vectors of its authors. */
static void fnv1a_is_as_published(void **state)
{
    assert_true(fnv1a64(FNV1A64_START, S("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(fnv1a64(FNV1A64_START, S("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(fnv1a64(FNV1A64_START, S("foobar")) == UINT64_C(0x85944171f73967e8));
    assert_true(fnv1a64(fnv1a64(FNV1A64_START, S("foo")), S("bar")) == fnv1a64(FNV1A64_START, S("foobar")));
    (void)state;
}

/* A text that is repeated to somebody is never cut in the middle of a letter. */
static void upto_rune_keeps_code_points_whole(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *kept;
    } rows[] = {
        { "abc", 2, "ab" },
        { "abc", 9, "abc" },
        { "a\u00fcb", 2, "a" },
        { "a\u00fcb", 3, "a\u00fc" },
        { "\u2603\u2603", 5, "\u2603" },
        { "\u2603", 2, "" },
        { "", 3, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(slice_eq(slice_upto_rune(slice_of(rows[i].text), rows[i].n), slice_of(rows[i].kept)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upto_rune_keeps_code_points_whole),
        cmocka_unit_test(empty_slices_are_valid_everywhere),
        cmocka_unit_test(comparing),
        cmocka_unit_test(finding_and_cutting),
        cmocka_unit_test(numbers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(runes),
        cmocka_unit_test(fnv1a_is_as_published),
    };
    return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
