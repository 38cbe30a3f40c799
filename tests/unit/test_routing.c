/* test_routing.c - matchers as amtool and Alertmanager 0.25 read and print them; the first rule wins. */
#include "harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/routing.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_create(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* Labels are sorted by name, as ingest leaves them. */
static const struct label labels[] = {
    { { "alertname", 9 }, { "DbSlow", 6 } },
    { { "instance", 8 }, { "db 1:9100", 9 } },
    { { "severity", 8 }, { "critical", 8 } },
};

static void one_matcher(void **state)
{
    static const struct {
        const char *text, *printed;
        bool matches;
    } rows[] = {
        { "alertname=DbSlow", "{alertname=\"DbSlow\"}", true },
        { "alertname=\"DbSlow\"", "{alertname=\"DbSlow\"}", true },
        { "  alertname  =  \"DbSlow\"  ", "{alertname=\"DbSlow\"}", true },
        { "alertname=DbSlo", "{alertname=\"DbSlo\"}", false },
        { "alertname!=DbSlow", "{alertname!=\"DbSlow\"}", false },
        { "alertname!=Web", "{alertname!=\"Web\"}", true },
        { "alertname=~Db.*", "{alertname=~\"Db.*\"}", true },
        { "alertname=~Db", "{alertname=~\"Db\"}", false }, /* anchored */
        { "alertname=~\"Db|DbSlow\"", "{alertname=~\"Db|DbSlow\"}", true },
        { "alertname!~Db.*", "{alertname!~\"Db.*\"}", false },
        { "alertname!~Web.*", "{alertname!~\"Web.*\"}", true },
        { "instance=db 1:9100", "{instance=\"db 1:9100\"}", true }, /* values may hold blanks */
        { "absent=", "{absent=\"\"}", true }, /* an absent label has the empty value */
        { "absent=\"\"", "{absent=\"\"}", true },
        { "absent!=\"\"", "{absent!=\"\"}", false },
        { "absent=~.*", "{absent=~\".*\"}", true },
        { "absent=~.+", "{absent=~\".+\"}", false },
        { "severity=\"a\\\"b\\\\c\\nd\"", "{severity=\"a\\\"b\\\\c\\nd\"}", false },
        { "severity=a\\qb", "{severity=\"a\\\\qb\"}", false }, /* a spurious escape keeps its backslash */
        { "severity=a\\", "{severity=\"a\\\\\"}", false },
        { "severity==x", "{severity=\"=x\"}", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct matchers m = { .n = 1, .v = arena_new(arena, struct matcher) };
        struct buf printed = { 0 };
        struct error e = { 0 };

        if (matcher_parse(arena, slice_of(rows[i].text), m.v, &e) < 0) fail_msg("%s: %s", rows[i].text, e.detail);
        matchers_print(&m, &printed);
        assert_string_equal(buf_str(&printed), rows[i].printed);
        if (matchers_match(&m, labels, COUNT_OF(labels)) != rows[i].matches) fail_msg("%s", rows[i].text);
        matchers_release(&m);
        buf_release(&printed);
    }
}

static void bad_matchers_say_what_amtool_says(void **state)
{
    static const struct {
        const char *text, *detail;
    } rows[] = {
        { "alertname", "bad matcher format: alertname" },
        { "bad{", "bad matcher format: bad{" },
        { "", "bad matcher format: " },
        { "1bad=x", "bad matcher format: 1bad=x" },
        { "na-me=x", "bad matcher format: na-me=x" },
        { "=x", "bad matcher format: =x" },
        { "a=\"x", "matcher value contains unescaped double quote: \"x" },
        { "a=x\"", "matcher value contains unescaped double quote: x\"" },
        { "a=\"x\"y\"", "matcher value contains unescaped double quote: \"x\"y\"" },
        { "a=\"", "matcher value contains unescaped double quote: \"" },
        { "a=\xff", "matcher value not valid UTF-8" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct matcher m;
        struct error e = { 0 };

        assert_int_equal(matcher_parse(arena, slice_of(rows[i].text), &m, &e), ERR_SYNTAX);
        assert_string_equal(e.detail, rows[i].detail);
    }
}

static void several_matchers(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        { "", "{}" },
        { "{}", "{}" },
        { "{a=b}", "{a=\"b\"}" },
        { "a=b,c=d", "{a=\"b\",c=\"d\"}" },
        { "{a=\"b\",c=~\"d.*\",}", "{a=\"b\",c=~\"d.*\"}" },
        { "a=b c=d", "{a=\"b\",c=\"d\"}" },
        { "a = b c != d", "{a=\"b\",c!=\"d\"}" },
        { "a=b c", "{a=\"b c\"}" }, /* no operator follows: the value goes on */
        { "a=\"x,y\",c=\"{}\"", "{a=\"x,y\",c=\"{}\"}" },
        { "a=\"x c=d\"", "{a=\"x c=d\"}" },
        { "a=\"x\\\",c=d\"", "{a=\"x\\\",c=d\"}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct matchers m;
        struct buf printed = { 0 };
        struct error e = { 0 };

        if (matchers_parse(arena, slice_of(rows[i].text), &m, &e) < 0) fail_msg("%s: %s", rows[i].text, e.detail);
        matchers_print(&m, &printed);
        assert_string_equal(buf_str(&printed), rows[i].printed);
        matchers_release(&m);
        buf_release(&printed);
    }
}

/* One bad matcher refuses all of them, and no pattern stays behind (the leak checker would say so). */
static void one_bad_matcher_refuses_all(void **state)
{
    static const char *const texts[] = { "a=~x,b", "a=~x,b=~(", "a=b,,c=d" };
    struct matchers m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct error e = { 0 };

        assert_int_equal(matchers_parse(arena, slice_of(texts[i]), &m, &e), ERR_SYNTAX);
        assert_int_equal(m.n, 0);
        assert_true(e.detail[0] != '\0');
    }
}

/* An expression that would take for ever decides nothing: neither =~ nor !~ matches, so nothing is held back. */
static void an_endless_search_matches_nothing(void **state)
{
    static char many[4000];
    struct label one = { S("v"), { many, sizeof many } };
    static const char *const texts[] = { "v=~(a+)+[bc]", "v!~(a+)+[bc]" };

    (void)state;
    for (size_t i = 0; i < sizeof many; i++) many[i] = 'a';
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct matchers m;

        assert_int_equal(matchers_parse(arena, slice_of(texts[i]), &m, NULL), 0);
        assert_false(matchers_match(&m, &one, 1));
        matchers_release(&m);
    }
}

static void the_first_rule_wins(void **state)
{
    struct routing_rule rules[3] = { { .name = S("web") }, { .name = S("db") }, { .name = S("rest") } };
    struct routing r = { .rules = rules, .n_rules = 3 };

    (void)state;
    assert_int_equal(matchers_parse(arena, S("alertname=~\"Web.*\""), &rules[0].match, NULL), 0);
    assert_int_equal(matchers_parse(arena, S("alertname=~\"Db.*\",severity=critical"), &rules[1].match, NULL), 0);
    assert_ptr_equal(routing_first(&r, labels, COUNT_OF(labels)), &rules[1]);
    assert_ptr_equal(routing_first(&r, NULL, 0), &rules[2]); /* no matcher matches everything */
    r.n_rules = 1;
    assert_null(routing_first(&r, labels, COUNT_OF(labels)));
    r.n_rules = 3;
    routing_release(&r);
    assert_int_equal(r.n_rules, 0);
}

static void a_matcher_past_the_limit_is_refused(void **state)
{
    struct arena *small = arena_create(64);
    struct matcher m;
    struct error e = { 0 };

    (void)state;
    assert_int_equal(
        matcher_parse(small, S("alertname=\"0123456789012345678901234567890123456789012345678901234567\""), &m, &e),
        ERR_LIMIT);
    arena_destroy(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_matcher),
        cmocka_unit_test(bad_matchers_say_what_amtool_says),
        cmocka_unit_test(several_matchers),
        cmocka_unit_test(one_bad_matcher_refuses_all),
        cmocka_unit_test(an_endless_search_matches_nothing),
        cmocka_unit_test(the_first_rule_wins),
        cmocka_unit_test(a_matcher_past_the_limit_is_refused),
    };

    return cmocka_run_group_tests_name("routing", tests, set_up, tear_down);
}
