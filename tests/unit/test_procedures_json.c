/* The writer of the JSON contract: commas, lines of their own for elements, numbers that are numbers. */
#include "harness.h"

#include "base/check.h"
#include "core/policy.h"
#include "procedures/json_out.h"

static struct buf text;
static struct json j;

static int begin(void **state)
{
    (void)state;
    text = (struct buf){ .max = 1 << 16 };
    j = (struct json){ .out = &text };
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_release(&text);
    return 0;
}

static void members_and_elements(void **state)
{
    (void)state;
    put_open(&j, NULL, '{');
    put_text(&j, "a", S("x\"y\\z\n"));
    put_open(&j, "list", '[');
    put_open(&j, NULL, '{');
    put_int(&j, "n", -3);
    put_bool(&j, "yes", true);
    put_close(&j);
    put_open(&j, NULL, '{');
    put_close(&j);
    put_close(&j);
    put_open(&j, "plain", '[');
    put_text(&j, NULL, S("one"));
    put_text(&j, NULL, S("two"));
    put_close(&j);
    put_close(&j);
    assert_string_equal(buf_str(&text),
                        "{\n  \"a\": \"x\\\"y\\\\z\\n\",\n  \"list\": [\n    {\"n\": -3, \"yes\": true},\n"
                        "    {}],\n  \"plain\": [\"one\", \"two\"]\n}");
}

/* Durations are seconds: whole ones without a point, never in floating point. */
static void durations(void **state)
{
    static const struct {
        int64_t ms;
        const char *printed;
    } rows[] = {
        { 0, "0" },
        { 1, "0.001" },
        { 500, "0.5" },
        { 1000, "1" },
        { 1500, "1.5" },
        { 300000, "300" },
        { POLICY_NONE, "null" },
        { 86400000, "86400" },
        { 90061001, "90061.001" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(NULL);
        put_seconds(&j, NULL, rows[i].ms);
        assert_string_equal(buf_str(&text), rows[i].printed);
        end(NULL);
    }
    begin(NULL);
}

static void decimals(void **state)
{
    static const struct {
        int64_t micro;
        const char *printed;
    } rows[] = {
        { 50000, "0.05" },    { 999000, "0.999" }, { 1, "0.000001" },
        { -1500000, "-1.5" }, { -1, "-0.000001" }, { 5000000, "5" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(NULL);
        put_decimal(&j, NULL, rows[i].micro);
        assert_string_equal(buf_str(&text), rows[i].printed);
        end(NULL);
    }
    begin(NULL);
}

/* What a document writes as a number is one only when JSON says so too. */
static void numbers_as_written(void **state)
{
    static const struct {
        const char *written, *printed;
    } rows[] = {
        { "5", "5" },         { "99.9", "99.9" }, { "0", "0" },
        { "007", "\"007\"" }, { ".5", "\".5\"" }, { "1,000", "\"1,000\"" },
        { "", "null" },       { "5%", "\"5%\"" }, { "1.", "\"1.\"" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin(NULL);
        put_number(&j, NULL, slice_of(rows[i].written));
        assert_string_equal(buf_str(&text), rows[i].printed);
        end(NULL);
    }
    begin(NULL);
}

static void nothing_written_is_null(void **state)
{
    (void)state;
    put_open(&j, NULL, '{');
    put_line(&j, "line", 0);
    put_line(&j, "at", 7);
    put_text_or_null(&j, "none", (struct slice){ 0 });
    put_text_or_null(&j, "some", S("x"));
    put_text_named(&j, S("a \"key\""), S("y"));
    put_close(&j);
    assert_string_equal(buf_str(&text), "{\n  \"line\": null,\n  \"at\": 7,\n  \"none\": null,\n  \"some\": \"x\",\n"
                                        "  \"a \\\"key\\\"\": \"y\"\n}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_and_elements, begin, end),
        cmocka_unit_test_setup_teardown(durations, NULL, end),
        cmocka_unit_test_setup_teardown(decimals, NULL, end),
        cmocka_unit_test_setup_teardown(numbers_as_written, NULL, end),
        cmocka_unit_test_setup_teardown(nothing_written_is_null, begin, end),
    };
    return cmocka_run_group_tests_name("procedures-json", tests, NULL, NULL);
}
