/* SARIF 2.1.0: what the standard requires and what code hosts read to annotate a pull request (R2). Section numbers are
 * the standard's. */
#include "harness.h"

#include <yyjson.h>

#include "base/check.h"
#include "procedures/codes.h"
#include "procedures/sarif.h"

static const char broken[] = "# Plan\n\n## Severity Levels\n\n### SEV1 - Bad\n- Ünwell: within 5 minutes\n\n"
                             "## Escalation Rules\n- → → in 5 minutes\n- No response in 5 minutes → Secondary\n";
static const char clean[] = "# Plan\n\n## Overview\n\nNothing is said here.\n";

struct log {
    struct buf text;
    yyjson_doc *doc;
    yyjson_val *run, *driver, *results;
};

static void log_read(struct log *l)
{
    l->doc = yyjson_read(l->text.p, l->text.len, 0);
    assert_non_null(l->doc); /* strict JSON */
    yyjson_val *root = yyjson_doc_get_root(l->doc), *runs = yyjson_obj_get(root, "runs");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "version")), "2.1.0"); /* 3.13.2 */
    assert_non_null(strstr(yyjson_get_str(yyjson_obj_get(root, "$schema")), "sarif-schema-2.1.0.json")); /* 3.13.3 */
    assert_int_equal(yyjson_arr_size(runs), 1);
    l->run = yyjson_arr_get(runs, 0);
    l->driver = yyjson_obj_get(yyjson_obj_get(l->run, "tool"), "driver");
    l->results = yyjson_obj_get(l->run, "results");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(l->driver, "name")), "tocsin"); /* 3.19.8 */
    assert_true(yyjson_is_arr(l->results)); /* 3.14.23: there, be it empty, when the tool has run */
}

static void log_make(struct log *l, const char *document, const char *name, bool notes)
{
    struct sarif s;
    struct error e = { 0 };
    struct compiled *c = procedures_compile(slice_of(document), slice_of(name), NULL, &e);
    *l = (struct log){ .text = { .max = 4u << 20 } };
    assert_non_null(c);
    sarif_begin(&s, &l->text);
    sarif_add_document(&s, c, notes);
    sarif_end(&s);
    compiled_destroy(&c);
    log_read(l);
}

static void log_release(struct log *l)
{
    yyjson_doc_free(l->doc);
    buf_release(&l->text);
}

/* 3.27: message, level, the rule by id and by place; 3.28 to 3.30: where. */
static void check_result(const struct log *l, yyjson_val *result)
{
    static const char *const levels[] = { "error", "warning", "note" };
    yyjson_val *rules = yyjson_obj_get(l->driver, "rules");
    const char *rule = yyjson_get_str(yyjson_obj_get(result, "ruleId")), *level;
    yyjson_val *at = yyjson_arr_get(rules, (size_t)yyjson_get_int(yyjson_obj_get(result, "ruleIndex")));
    assert_string_equal(yyjson_get_str(yyjson_obj_get(at, "id")), rule);
    level = yyjson_get_str(yyjson_obj_get(result, "level"));
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(levels); i++) known |= strcmp(level, levels[i]) == 0;
    assert_true(known);
    assert_true(yyjson_get_len(yyjson_obj_get(yyjson_obj_get(result, "message"), "text")) > 0);
    yyjson_val *places = yyjson_obj_get(result, "locations");
    assert_int_equal(yyjson_arr_size(places), 1);
    yyjson_val *place = yyjson_obj_get(yyjson_arr_get(places, 0), "physicalLocation"),
               *region = yyjson_obj_get(place, "region");
    const int64_t column = yyjson_get_int(yyjson_obj_get(region, "startColumn"));
    assert_true(yyjson_get_int(yyjson_obj_get(region, "startLine")) >= 1); /* 3.30.5 */
    assert_true(column >= 1 && yyjson_get_int(yyjson_obj_get(region, "endColumn")) >= column);
    assert_non_null(yyjson_obj_get(yyjson_obj_get(place, "artifactLocation"), "uri"));
}

static void r2_each_result_is_whole(void **state)
{
    struct log l;
    size_t i, n;
    yyjson_val *result;
    (void)state;
    log_make(&l, broken, "docs/plan.md", true);
    assert_true(yyjson_arr_size(l.results) >= 3);
    yyjson_arr_foreach(l.results, i, n, result) check_result(&l, result);
    log_release(&l);
}

static void r2_each_rule_is_whole(void **state)
{
    struct log l;
    size_t i, n;
    yyjson_val *rule;
    (void)state;
    log_make(&l, clean, "plan.md", false);
    yyjson_arr_foreach(yyjson_obj_get(l.driver, "rules"), i, n, rule)
    {
        assert_string_equal(yyjson_get_str(yyjson_obj_get(rule, "id")), code_defs[i].code); /* 3.49.3, in order */
        assert_true(yyjson_get_len(yyjson_obj_get(yyjson_obj_get(rule, "shortDescription"), "text")) > 0);
        assert_true(yyjson_get_len(yyjson_obj_get(yyjson_obj_get(rule, "help"), "text")) > 0);
        assert_non_null(yyjson_obj_get(yyjson_obj_get(rule, "defaultConfiguration"), "level"));
    }
    assert_true(n > 40 && code_defs[n].code == NULL);
    log_release(&l);
}

static void r2_a_clean_document_has_an_empty_list(void **state)
{
    struct log l;
    (void)state;
    log_make(&l, clean, "plan.md", false);
    assert_int_equal(yyjson_arr_size(l.results), 1); /* W-NO-SECTIONS */
    log_release(&l);
    log_make(&l, "# Plan\n\n## Severity Levels\n\n### SEV1 - Bad\n- Down\n", "plan.md", false);
    assert_int_equal(yyjson_arr_size(l.results), 0);
    log_release(&l);
}

/* RFC 3986: relative where the file was named so; escaped; an absolute path says its scheme. */
static void r2_addresses(void **state)
{
    static const struct {
        const char *name, *uri;
    } rows[] = {
        { "plan.md", "plan.md" },
        { "./docs/plan.md", "docs/plan.md" },
        { "a b/ü#1.md", "a%20b/%C3%BC%231.md" },
        { "/srv/plan.md", "file:///srv/plan.md" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct log l;
        log_make(&l, broken, rows[i].name, false);
        yyjson_val *place = yyjson_obj_get(yyjson_arr_get(yyjson_obj_get(yyjson_arr_get(l.results, 0), "locations"), 0),
                                           "physicalLocation");
        assert_string_equal(yyjson_get_str(yyjson_obj_get(yyjson_obj_get(place, "artifactLocation"), "uri")),
                            rows[i].uri);
        log_release(&l);
    }
}

/* 3.14.17: columns are counted in code points, not in bytes: the Ü before the clock is one. */
static void r2_columns_are_code_points(void **state)
{
    struct log l;
    (void)state;
    log_make(&l, broken, "plan.md", false);
    assert_string_equal(yyjson_get_str(yyjson_obj_get(l.run, "columnKind")), "unicodeCodePoints");
    yyjson_val *first = yyjson_arr_get(l.results, 0);
    yyjson_val *place = yyjson_obj_get(yyjson_arr_get(yyjson_obj_get(first, "locations"), 0), "physicalLocation");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(first, "ruleId")), "W-CLOCK-LOST");
    assert_int_equal(yyjson_get_int(yyjson_obj_get(yyjson_obj_get(place, "region"), "startLine")), 6);
    assert_int_equal(yyjson_get_int(yyjson_obj_get(yyjson_obj_get(place, "region"), "startColumn")), 18);
    log_release(&l);
}

/* What stands in no document and has no rule: a file that cannot be opened, a site's problem. */
static void r2_a_result_without_place_or_rule(void **state)
{
    struct log l = { .text = { .max = 1u << 20 } };
    struct sarif s;
    (void)state;
    sarif_begin(&s, &l.text);
    sarif_add(
        &s, &(struct sarif_result){ .file = S("site.yaml"), .level = DIAGNOSTIC_WARNING, .message = S("odd \"x\"\n") });
    sarif_end(&s);
    log_read(&l);
    yyjson_val *result = yyjson_arr_get(l.results, 0);
    assert_null(yyjson_obj_get(result, "ruleId"));
    assert_null(yyjson_obj_get(result, "ruleIndex"));
    assert_string_equal(yyjson_get_str(yyjson_obj_get(yyjson_obj_get(result, "message"), "text")), "odd \"x\"\n");
    yyjson_val *place = yyjson_obj_get(yyjson_arr_get(yyjson_obj_get(result, "locations"), 0), "physicalLocation");
    assert_null(yyjson_obj_get(place, "region"));
    log_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r2_each_result_is_whole),
        cmocka_unit_test(r2_each_rule_is_whole),
        cmocka_unit_test(r2_a_clean_document_has_an_empty_list),
        cmocka_unit_test(r2_addresses),
        cmocka_unit_test(r2_columns_are_code_points),
        cmocka_unit_test(r2_a_result_without_place_or_rule),
    };
    return cmocka_run_group_tests_name("procedures-sarif", tests, NULL, NULL);
}
