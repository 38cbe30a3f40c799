/* SARIF 2.1.0: what the standard requires and what code hosts read to annotate a pull request (R2). Section numbers are
 * the standard's. */
#include "harness.h"

#include <ctype.h>
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
    yyjson_val *end = yyjson_obj_get(region, "endColumn");
    assert_true(column >= 1 && (end == NULL || yyjson_get_int(end) > column));
    assert_non_null(yyjson_obj_get(yyjson_obj_get(place, "artifactLocation"), "uri"));
}

/* --- the standard's shapes --- */

/* Every object that we write, with the properties that its type has and the form of each: a string, a number that is at
 * least 0 or 1, a URI, a level; or an object or a list of objects of another type. What stands in no row does not belong
 * there. `!` behind a name: required. Of each type only what we may ever write is listed. */
enum form { FORM_TEXT, FORM_COUNT, FORM_INDEX, FORM_URI, FORM_LEVEL, FORM_OBJECT, FORM_LIST };

static const struct property {
    const char *type, *name;
    bool required;
    enum form form;
    const char *of;
} properties[] = {
    { "log", "$schema", false, FORM_URI, NULL }, /* 3.13 */
    { "log", "version", true, FORM_TEXT, NULL },
    { "log", "runs", true, FORM_LIST, "run" },
    { "run", "tool", true, FORM_OBJECT, "tool" }, /* 3.14 */
    { "run", "columnKind", false, FORM_TEXT, NULL },
    { "run", "results", false, FORM_LIST, "result" },
    { "tool", "driver", true, FORM_OBJECT, "toolComponent" }, /* 3.18 */
    { "toolComponent", "name", true, FORM_TEXT, NULL }, /* 3.19 */
    { "toolComponent", "version", false, FORM_TEXT, NULL },
    { "toolComponent", "rules", false, FORM_LIST, "reportingDescriptor" },
    { "reportingDescriptor", "id", true, FORM_TEXT, NULL }, /* 3.49 */
    { "reportingDescriptor", "shortDescription", false, FORM_OBJECT, "multiformatMessageString" },
    { "reportingDescriptor", "help", false, FORM_OBJECT, "multiformatMessageString" },
    { "reportingDescriptor", "defaultConfiguration", false, FORM_OBJECT, "reportingConfiguration" },
    { "multiformatMessageString", "text", true, FORM_TEXT, NULL }, /* 3.12 */
    { "reportingConfiguration", "level", false, FORM_LEVEL, NULL }, /* 3.50 */
    { "result", "ruleId", false, FORM_TEXT, NULL }, /* 3.27 */
    { "result", "ruleIndex", false, FORM_INDEX, NULL },
    { "result", "level", false, FORM_LEVEL, NULL },
    { "result", "message", true, FORM_OBJECT, "message" },
    { "result", "locations", false, FORM_LIST, "location" },
    { "result", "fixes", false, FORM_LIST, "fix" },
    { "message", "text", true, FORM_TEXT, NULL }, /* 3.11 */
    { "location", "physicalLocation", false, FORM_OBJECT, "physicalLocation" }, /* 3.28 */
    { "physicalLocation", "artifactLocation", true, FORM_OBJECT, "artifactLocation" }, /* 3.29 */
    { "physicalLocation", "region", false, FORM_OBJECT, "region" },
    { "artifactLocation", "uri", true, FORM_URI, NULL }, /* 3.4 */
    { "region", "startLine", true, FORM_COUNT, NULL }, /* 3.30 */
    { "region", "startColumn", false, FORM_COUNT, NULL },
    { "region", "endLine", false, FORM_COUNT, NULL },
    { "region", "endColumn", false, FORM_COUNT, NULL },
    { "fix", "description", false, FORM_OBJECT, "message" }, /* 3.55 */
    { "fix", "artifactChanges", true, FORM_LIST, "artifactChange" },
    { "artifactChange", "artifactLocation", true, FORM_OBJECT, "artifactLocation" }, /* 3.56 */
    { "artifactChange", "replacements", true, FORM_LIST, "replacement" },
    { "replacement", "deletedRegion", true, FORM_OBJECT, "region" }, /* 3.57 */
    { "replacement", "insertedContent", false, FORM_OBJECT, "artifactContent" },
    { "artifactContent", "text", true, FORM_TEXT, NULL }, /* 3.3 */
};

static const struct property *property_of(const char *type, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (strcmp(properties[i].type, type) == 0 && strcmp(properties[i].name, name) == 0) return &properties[i];
    return NULL;
}

/* RFC 3986: the characters of a relative reference or a URI, `%` with two digits; a colon only behind a scheme. */
static bool is_uri(struct slice s)
{
    const size_t colon = slice_find_char(s, ':'), slash = slice_find_char(s, '/');
    if (colon < slash && !slice_has_prefix(s, S("file:")) && !slice_has_prefix(s, S("https:"))) return false;
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        const bool escape =
            c == '%' && i + 2 < s.n && isxdigit((unsigned char)s.p[i + 1]) && isxdigit((unsigned char)s.p[i + 2]);
        if (!letter && !escape && slice_find_char(S("-._~/:"), c) == 6) return false;
    }
    return s.n > 0;
}

static bool is_level(const char *level)
{
    return strcmp(level, "error") == 0 || strcmp(level, "warning") == 0 || strcmp(level, "note") == 0;
}

static bool scalar_holds(enum form form, yyjson_val *v)
{
    switch (form) {
    case FORM_TEXT: return yyjson_is_str(v) && yyjson_get_len(v) > 0;
    case FORM_COUNT: return yyjson_is_int(v) && yyjson_get_sint(v) >= 1;
    case FORM_INDEX: return yyjson_is_int(v) && yyjson_get_sint(v) >= 0;
    case FORM_URI: return yyjson_is_str(v) && is_uri((struct slice){ yyjson_get_str(v), yyjson_get_len(v) });
    case FORM_LEVEL: return yyjson_is_str(v) && is_level(yyjson_get_str(v));
    case FORM_OBJECT: return yyjson_is_obj(v);
    case FORM_LIST: return yyjson_is_arr(v);
    }
    return false;
}

static void check_object(const char *type, yyjson_val *object)
{
    size_t i, n, k, m;
    yyjson_val *key, *value, *item;
    yyjson_obj_foreach(object, i, n, key, value)
    {
        const struct property *p = property_of(type, yyjson_get_str(key));
        if (p == NULL) fail_msg("%s has no %s", type, yyjson_get_str(key));
        if (!scalar_holds(p->form, value)) fail_msg("%s of %s is of another form", p->name, type);
        assert_ptr_equal(yyjson_obj_get(object, p->name), value); /* no name twice */
        if (p->form == FORM_OBJECT) check_object(p->of, value);
        if (p->form != FORM_LIST) continue;
        if (strcmp(p->name, "results") != 0) assert_true(yyjson_arr_size(value) > 0);
        yyjson_arr_foreach(value, k, m, item)
        {
            assert_true(yyjson_is_obj(item));
            check_object(p->of, item);
        }
    }
    for (size_t r = 0; r < COUNT_OF(properties); r++)
        if (strcmp(properties[r].type, type) == 0 && properties[r].required &&
            yyjson_obj_get(object, properties[r].name) == NULL)
            fail_msg("%s lacks %s", type, properties[r].name);
}

/* The nth line of a text, without its end. */
static struct slice line_of(struct slice text, int64_t n)
{
    struct slice line = { 0 };
    for (int64_t i = 0; i < n; i++) line = slice_cut(&text, '\n');
    return line;
}

static int64_t runes(struct slice s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* 3.30: a region lies in the file, and ends behind its beginning. */
static void check_region(struct slice text, yyjson_val *region)
{
    yyjson_val *end = yyjson_obj_get(region, "endLine"), *column = yyjson_obj_get(region, "endColumn");
    const int64_t first = yyjson_get_sint(yyjson_obj_get(region, "startLine"));
    const int64_t last = end != NULL ? yyjson_get_sint(end) : first;
    const int64_t from = yyjson_get_sint(yyjson_obj_get(region, "startColumn"));
    assert_true(first <= last);
    assert_true(from <= runes(line_of(text, first)) + 1);
    if (column == NULL) return;
    assert_true(yyjson_get_sint(column) <= runes(line_of(text, last)) + 1);
    assert_true(first < last || yyjson_get_sint(column) >= from);
}

static void check_regions(const struct log *l, struct slice text)
{
    size_t i, n;
    yyjson_val *result;
    yyjson_arr_foreach(l->results, i, n, result)
    {
        check_result(l, result);
        check_region(text, yyjson_ptr_get(result, "/locations/0/physicalLocation/region"));
        yyjson_val *fix = yyjson_ptr_get(result, "/fixes/0/artifactChanges/0");
        if (fix == NULL) continue;
        check_region(text, yyjson_ptr_get(fix, "/replacements/0/deletedRegion"));
        assert_true(yyjson_equals(yyjson_obj_get(fix, "artifactLocation"),
                                  yyjson_ptr_get(result, "/locations/0/physicalLocation/artifactLocation")));
    }
}

/* A document for each kind of place and help: escapes, wrapped items, characters of several bytes, CRs, no last end. */
static void r2_every_object_has_its_standard_shape(void **state)
{
    static const char *const documents[] = {
        broken,
        clean,
        "",
        "## Escalation Rules\n- No reponse in 5 minutes\n  → Sëcondary → \"Üs\"\n- No response in 5 minutes → X\n",
        "## Severity Levels\n### SEV1 - \xc3\xa2\xe2\x80\xa0\xe2\x80\x99 5 minutes\n- 5 minutes\t\x01\n- > 4 hours",
        "## Alert Thresholds\n| Ä | B |\n|---|---|\n| Löad 5 | hïgh |\n",
        "## Decision Trees\n### T\n```\nSTART: x\n└─ Up?\n   ├─ YES → Return to Nowhere\n   └─ NO → y\n```\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct log l;
        log_make(&l, documents[i], "a b/plän:1.md", true);
        check_object("log", yyjson_doc_get_root(l.doc));
        check_regions(&l, slice_of(documents[i]));
        log_release(&l);
    }
}

/* A line that is offered is a fix: pasted over whole lines. */
static void r2_a_line_to_paste_is_a_fix(void **state)
{
    struct log l;
    (void)state;
    log_make(&l, "## Escalation Rules\n1. No reponse in 5 minutes\n   → Üs\n2. SEV1 incident → X\n", "plan.md", false);
    yyjson_val *change = yyjson_ptr_get(yyjson_arr_get(l.results, 0), "/fixes/0/artifactChanges/0/replacements/0");
    yyjson_val *region = yyjson_obj_get(change, "deletedRegion");
    assert_int_equal(yyjson_get_int(yyjson_obj_get(region, "startLine")), 2);
    assert_int_equal(yyjson_get_int(yyjson_obj_get(region, "endLine")), 3);
    assert_int_equal(yyjson_get_int(yyjson_obj_get(region, "endColumn")), 8);
    const char *line = yyjson_get_str(yyjson_ptr_get(change, "/insertedContent/text"));
    assert_true(slice_has_prefix(slice_of(line), S("1. No response in 5 minutes → ")));
    log_release(&l);
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
        cmocka_unit_test(r2_every_object_has_its_standard_shape),
        cmocka_unit_test(r2_a_line_to_paste_is_a_fix),
        cmocka_unit_test(r2_each_rule_is_whole),
        cmocka_unit_test(r2_a_clean_document_has_an_empty_list),
        cmocka_unit_test(r2_addresses),
        cmocka_unit_test(r2_columns_are_code_points),
        cmocka_unit_test(r2_a_result_without_place_or_rule),
    };
    return cmocka_run_group_tests_name("procedures-sarif", tests, NULL, NULL);
}
