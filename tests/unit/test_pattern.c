/* test_pattern.c - anchored regular expressions with a bounded cost. */
#include "harness.h"

#include "base/check.h"
#include "base/pattern.h"

static void whole_values_match_as_in_alertmanager(void **state)
{
    static const struct {
        const char *text, *subject;
        bool match;
    } rows[] = {
        { "Db.*", "DbDown", true },
        { "Db.*", "MyDbDown", false },
        { "a|ab", "ab", true },
        { "a|b", "ab", false },
        { "", "", true },
        { "", "x", false },
        { ".*", "", true },
        { ".+", "", false },
        { ".+", "\xff", true },
        { ".+", "a\nc", false },
        { ".*", "a\n", false },
        { "a.c", "a\nc", false },
        { "(?s)a.c", "a\nc", true },
        { "abc", "abc\n", false },
        { "abc$", "abc\n", false },
        { "^abc$", "abc", true },
        { "(?i)abc", "ABC", true },
        { "abc", "ABC", false },
        { "a)|(?:b", "b", false },
        { "h.h", "hüh", true },
        { "\\d{3}", "503", true },
        { "\\p{L}+", "größe", true },
        { "(?P<x>a)b", "ab", true },
        { "h.h", "h\xfch", true },
        { "(*ACCEPT)", "anything", false },
        { "5xx|4..", "404", true },
        { "a\\Qb.c\\E", "ab.c", true },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool limit = true;
        struct error e = { 0 };
        struct pattern *p = pattern_compile(slice_of(rows[i].text), &e);
        if (p == NULL) {
            assert_false(rows[i].match);
            assert_int_equal(e.code, ERR_SYNTAX);
            continue;
        }
        assert_int_equal(pattern_matches(p, slice_of(rows[i].subject), &limit), rows[i].match);
        assert_false(limit);
        pattern_destroy(&p);
        assert_null(p);
    }
    (void)state;
}

static void errors_name_the_place(void **state)
{
    struct error e = { 0 };
    assert_null(pattern_compile(S("abc[de"), &e));
    assert_int_equal(e.code, ERR_SYNTAX);
    assert_int_equal(e.col, 7);
    assert_non_null(strstr(e.detail, "missing terminating ]"));
    assert_null(pattern_compile(S("a)|(?:b"), &e));
    assert_int_equal(e.col, 2);
    assert_null(pattern_compile(S("*"), &e));
    assert_null(pattern_compile(S("\xff"), &e));
    (void)state;
}

static void cost_has_a_limit(void **state)
{
    char subject[200];
    bool limit = false;
    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = '!';
    struct pattern *p = pattern_compile(S("(a+)+"), NULL);
    assert_false(pattern_matches(p, (struct slice){ subject, sizeof subject }, &limit));
    assert_true(limit); /* unknown, not "no" */
    assert_false(pattern_matches(p, (struct slice){ subject, sizeof subject }, NULL));
    assert_true(pattern_matches(p, S("aaa"), &limit));
    assert_false(limit);
    pattern_destroy(&p);
    (void)state;
}

static void long_values_are_matched(void **state)
{
    char subject[16384];
    bool limit = true;
    memset(subject, 'x', sizeof subject);
    static const char *const texts[] = { ".*", "x+", "(x|y)*", "[^y]*x", ".*x.*" };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pattern *p = pattern_compile(slice_of(texts[i]), NULL);
        assert_true(pattern_matches(p, (struct slice){ subject, sizeof subject }, &limit));
        assert_false(limit);
        pattern_destroy(&p);
    }
    (void)state;
}

static void long_patterns_are_refused(void **state)
{
    static char text[PATTERN_MAX_BYTES + 1];
    struct error e = { 0 };
    memset(text, 'x', sizeof text);
    assert_null(pattern_compile((struct slice){ text, sizeof text }, &e));
    assert_int_equal(e.code, ERR_LIMIT);
    struct pattern *p = pattern_compile((struct slice){ text, sizeof text - 1 }, &e);
    assert_non_null(p);
    pattern_destroy(&p);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_values_match_as_in_alertmanager),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(cost_has_a_limit),
        cmocka_unit_test(long_values_are_matched),
        cmocka_unit_test(long_patterns_are_refused),
    };
    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
