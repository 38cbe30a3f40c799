/* The document as a whole: limits, encodings and line ends, the class of every line, how diagnostics are printed, and
 * that hostile input costs linear time. */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/print.h"

static struct compiled *compile(struct slice text)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(text, S("t.md"), NULL, &e);
    if (c == NULL) fail_msg("%u:%u: %s", e.line, e.col, e.detail);
    return c;
}

static void repeat(struct buf *out, const char *unit, size_t bytes)
{
    for (size_t n = strlen(unit); out->len + n <= bytes;) buf_add_str(out, unit);
}

static void refused(struct slice text, int code, unsigned line, unsigned col, const char *words)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(text, S("t.md"), NULL, &e);
    assert_null(c);
    assert_int_equal(e.code, code);
    if (e.line != line || e.col != col) fail_msg("%u:%u: %s", e.line, e.col, e.detail);
    if (strstr(e.detail, words) == NULL) fail_msg("%s", e.detail);
}

static void limits_are_errors_with_their_place(void **state)
{
    struct buf big = { .max = 2u << 20 };
    (void)state;
    refused((struct slice){ "a\nb\0c", 5 }, ERR_INVALID, 2, 2, "NUL byte at offset 3");
    refused(S("a\r\nb\xff"), ERR_INVALID, 2, 2, "byte 0xff at offset 4 is not UTF-8");
    refused(S("a\rb\n\xc3("), ERR_INVALID, 3, 1, "offset 4");
    repeat(&big, "abcdefg\n", PROCEDURES_MAX_BYTES);
    buf_add_char(&big, 'x');
    refused(buf_slice(&big), ERR_LIMIT, 1, 1, "1048577 bytes");
    buf_reset(&big);
    repeat(&big, "\n", PROCEDURES_MAX_LINES);
    struct compiled *c = compile(buf_slice(&big));
    assert_int_equal(c->lines, PROCEDURES_MAX_LINES);
    compiled_destroy(&c);
    buf_add_char(&big, 'x');
    refused(buf_slice(&big), ERR_LIMIT, PROCEDURES_MAX_LINES + 1, 1, "20001 lines");
    buf_release(&big);
}

static void depth_is_limited(void **state)
{
    struct buf text = { 0 };
    (void)state;
    for (int i = 0; i < PROCEDURES_MAX_DEPTH; i++) buf_add_str(&text, "> ");
    buf_add_str(&text, "a");
    struct compiled *c = compile(buf_slice(&text));
    compiled_destroy(&c);
    refused(S("> > > > > > > > > > > > > > > > > a"), ERR_LIMIT, 1, 1, "17 lists and quotes");
    buf_reset(&text);
    for (int i = 0; i <= PROCEDURES_MAX_DEPTH; i++) {
        for (int k = 0; k < i; k++) buf_add_str(&text, "  ");
        buf_add_str(&text, "- a\n");
    }
    refused(buf_slice(&text), ERR_LIMIT, 17, 1, "nest deeper than 16");
    buf_release(&text);
}

/* document.lines = line feeds + 1 if the last line is not empty (G1). */
static void lines_are_counted(void **state)
{
    static const struct {
        const char *text;
        unsigned lines;
    } rows[] = {
        { "", 0 },
        { "a", 1 },
        { "a\n", 1 },
        { "a\nb", 2 },
        { "\n\n", 2 },
        { "a\r\nb\rc\nd", 4 },
        { "\xef\xbb\xbf"
          "a",
          1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compiled *c = compile(slice_of(rows[i].text));
        unsigned sum = 0;
        for (int class = 1; class < LINE_CLASSES_END; class ++) sum += c->class_counts[class];
        assert_int_equal(c->lines, rows[i].lines);
        assert_int_equal(sum, rows[i].lines);
        compiled_destroy(&c);
    }
}

#define DOCUMENT                                                                                                 \
    "# T\n\n## Severity Levels\n\n### SEV1 - Critical\n- Down\n- Wrong data\n\n### SEV2 - High\n- Half down\n\n" \
    "## Escalation Rules\n- No response in 5 minutes → Secondary then Management\n"

/* Line ends, a byte-order mark, bullets and tabs change no meaning. */
static void spellings_of_one_document(void **state)
{
    static const struct {
        const char *what, *from, *to;
    } rows[] = {
        { "CRLF", "\n", "\r\n" },
        { "CR", "\n", "\r" },
        { "stars", "- ", "* " },
        { "plus", "- ", "+ " },
        { "tabs", "- ", "-\t" },
        { "task boxes", "- ", "- [ ] " },
        { "numbers", "- ", "1. " },
        { "brackets", "- ", "1) " },
        { "indented", "- ", "  - " },
        { "closed headings", "Levels\n", "Levels ##\n" },
        { "trailing blanks", "\n", "  \n" },
    };
    struct compiled *plain = compile(S(DOCUMENT));
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = { 0 }, a = { 0 }, b = { 0 };
        struct slice rest = S(DOCUMENT), from = slice_of(rows[i].from);
        while (rest.n > 0) { /* only bullets: not the dash of a heading */
            bool bullet = from.p[0] != '-' || text.len == 0 || text.p[text.len - 1] == '\n';
            if (bullet && slice_cut_prefix(&rest, from))
                buf_add_str(&text, rows[i].to);
            else {
                buf_add_char(&text, rest.p[0]);
                rest = slice_from(rest, 1);
            }
        }
        struct compiled *c = compile(buf_slice(&text));
        policy_dump(&plain->policy, &a);
        policy_dump(&c->policy, &b);
        /* Columns of rules move with the marker, nothing else does. */
        size_t col_a = slice_find(buf_slice(&a), S("rule 1 L13:3")),
               col_b = slice_find(buf_slice(&b), S("rule 1 L13:"));
        assert_int_equal(col_a, col_b);
        if (!slice_eq(slice_upto(buf_slice(&a), col_a), slice_upto(buf_slice(&b), col_b)))
            fail_msg("%s:\n%s\n%s", rows[i].what, buf_str(&a), buf_str(&b));
        assert_int_equal(c->policy.n_rules, 1);
        assert_int_equal(c->policy.rules[0].n_targets, 2);
        assert_int_equal(c->errors, 0);
        compiled_destroy(&c);
        buf_release(&text);
        buf_release(&a);
        buf_release(&b);
    }
    compiled_destroy(&plain);
}

/* R5, on this document: taking one item away takes exactly that item's node away. */
static void r5_one_item_less(void **state)
{
    static const struct {
        const char *item;
        size_t criteria, rules;
    } rows[] = { { "- Down\n", 2, 1 },
                 { "- Half down\n", 2, 1 },
                 { "- No response in 5 minutes → Secondary then Management\n", 3, 0 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice all = S(DOCUMENT);
        size_t at = slice_find(all, slice_of(rows[i].item));
        struct buf text = { 0 };
        buf_add(&text, slice_upto(all, at));
        buf_add(&text, slice_from(all, at + strlen(rows[i].item)));
        struct compiled *c = compile(buf_slice(&text));
        assert_int_equal(c->policy.severities[0].criteria.n + c->policy.severities[1].criteria.n, rows[i].criteria);
        assert_int_equal(c->policy.n_rules, rows[i].rules);
        compiled_destroy(&c);
        buf_release(&text);
    }
}

#define BROKEN "# T\n## Escalation Rules\n-\tNo response in five min â†’ Secondary\n"

static void r2_diagnostics_are_printed(void **state)
{
    struct compiled *c = compile(S(BROKEN));
    struct buf out = { 0 };
    (void)state;
    diagnostics_print(c, &(struct print_options){ .notes = true }, &out);
    assert_string_equal(buf_str(&out), "t.md:3:18: error[E-ESCALATION]: expected a duration such as \"5 minutes\"\n"
                                       "     3 | -\tNo response in five min â†’ Secondary\n"
                                       "       |  \t               ^~~~~~~~\n"
                                       "       = help: - No response in 5 minutes → Secondary on-call\n"
                                       "t.md:3:27: warning[W-MOJIBAKE]: 1 character encoded twice\n"
                                       "     3 | -\tNo response in five min â†’ Secondary\n"
                                       "       |  \t                        ^~~\n"
                                       "       = help: save the file as UTF-8 once; until then it is read repaired\n");
    buf_reset(&out);
    diagnostics_print(c, &(struct print_options){ .colour = true }, &out);
    assert_non_null(strstr(buf_str(&out), "\x1b[1;31merror[E-ESCALATION]:\x1b[0m expected"));
    buf_reset(&out);
    compiled_print_summary(c, &out);
    assert_string_equal(buf_str(&out), "t.md: 3 lines: 0 compiled, 0 reference prose, 2 structure, 1 rejected; "
                                       "1 error, 1 warning, 0 notes\n");
    assert_int_equal(compiled_exit_status(c), 2);
    compiled_destroy(&c);
    buf_release(&out);
}

static void r2_diagnostics_as_json(void **state)
{
    struct compiled *c = compile(S("# T\n## Escalation Rules\n- No response in \"x\" → Secondary\n"));
    struct buf out = { 0 };
    (void)state;
    diagnostics_print_json(c, &out);
    assert_string_equal(
        buf_str(&out),
        "{\"file\":\"t.md\",\"bytes\":59,\"lines\":3,\"errors\":1,\"warnings\":0,\"notes\":0,\"classes\":{\"compiled\":0,"
        "\"reference prose\":0,\"structure\":2,\"rejected\":1},\"diagnostics\":[{\"file\":\"t.md\",\"line\":3,\"column\":18,"
        "\"width\":3,\"severity\":\"error\",\"code\":\"E-ESCALATION\",\"message\":\"expected a duration such as "
        "\\\"5 minutes\\\"\",\"suggestion\":\"- No response in 5 minutes → Secondary on-call\",\"end_line\":3,"
        "\"replacement\":\"- No response in 5 minutes → Secondary on-call\"}],\"interpretations\":[]}\n");
    compiled_destroy(&c);
    buf_release(&out);
}

/* R2: 0 clean, 1 warnings, 2 errors; notes are clean. --strict makes a lost clock an error (G5). */
static void r2_exit_status(void **state)
{
    static const struct {
        const char *text;
        bool strict;
        int status;
    } rows[] = {
        { "# T\n## Severity Levels\n### SEV1 - A\n- Down\n## Reviews\n", false, 0 },
        { "# T\n## Severity Levels\n### SEV1 - A\n- Down\n## Tools\n- Slack\n", true, 0 },
        { "# T\n## Severity Levels\n### SEV1 - A\n- Down for > 5 minutes\n", false, 1 },
        { "# T\n## Severity Levels\n### SEV1 - A\n- Down for > 5 minutes\n", true, 2 },
        { "# T\n## Escalation\n- No response → x\n", false, 2 },
        { "nothing known", false, 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compile_options options = { .strict = rows[i].strict };
        struct compiled *c = procedures_compile(slice_of(rows[i].text), S("t.md"), &options, NULL);
        if (compiled_exit_status(c) != rows[i].status) fail_msg("%s", rows[i].text);
        compiled_destroy(&c);
    }
}

/* A document is not obeyed by the terminal that shows what is wrong with it. */
static void control_bytes_are_shown(void **state)
{
    struct compiled *c = compile(S("# T\n## Escalation Rules\n- No response in \x1b[31mred\xc2\x9b → x\n"));
    struct buf out = { 0 };
    (void)state;
    diagnostics_print(c, &(struct print_options){ .notes = true }, &out);
    assert_null(strchr(buf_str(&out), '\x1b'));
    assert_null(strstr(buf_str(&out), "\xc2\x9b"));
    assert_non_null(strstr(buf_str(&out), "- No response in \xef\xbf\xbd[31mred\xef\xbf\xbd → x"));
    compiled_destroy(&c);
    buf_release(&out);
}

/* Names as long as the document, twice each: no message repeats them, and ids stay short and apart. */
static void very_long_names(void **state)
{
    static const char *const heads[] = { "## Response Team\n### ",
                                         "## Response Timeline\n### T+5 - ",
                                         "## Escalation Rules\n- No response in 5 minutes → ",
                                         "## Contacts\n- ",
                                         "## Severity Levels\n### SEV1 - ",
                                         "## Communication Plan\n- **" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct buf text = { .max = 2u << 20 }, out = { .max = 8u << 20 };
        for (int twice = 0; twice < 2; twice++) {
            buf_add_str(&text, heads[i]);
            repeat(&text, "Übername ", text.len + 100000);
            buf_add_str(&text, "\n- one\n- two\n- two\n\n");
        }
        struct compiled *c = compile(buf_slice(&text));
        policy_dump(&c->policy, &out);
        diagnostics_print_json(c, &out);
        assert_false(out.overflow);
        assert_true(slice_is_utf8(buf_slice(&out), NULL));
        for (size_t k = 0; k < c->n_diagnostics; k++) assert_in_range(c->diagnostics[k].message.n, 1, 1000);
        compiled_destroy(&c);
        buf_release(&text);
        buf_release(&out);
    }
}

/* Each took quadratic time in one Markdown reader or another; the suite's time-out is the bound. */
static void hostile_documents_cost_linear_time(void **state)
{
    static const struct {
        const char *head, *unit;
    } rows[] = {
        { "", "**a " },      { "", "[" },
        { "", "<a b='c " },  { "- ", "→ " },
        { "- ", "then " },   { "", "`" },
        { "- ", "1. " },     { "", "- " },
        { "", "â" },         { "- SEV1", "/1" },
        { "- ", "within " }, { "", "| " },
        { "", "![](" },      { "- No response in ", "9 " },
    };
    struct buf text = { .max = 2u << 20 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        buf_reset(&text);
        buf_add_str(&text, "# T\n## Severity Levels\n### SEV1 - A\n- a\n## Escalation Rules\n");
        buf_add_str(&text, rows[i].head);
        repeat(&text, rows[i].unit, PROCEDURES_MAX_BYTES);
        struct compiled *c = procedures_compile(buf_slice(&text), S("t.md"), NULL, &e);
        assert_true(c != NULL || e.code == ERR_LIMIT);
        compiled_destroy(&c);
    }
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_errors_with_their_place),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(spellings_of_one_document),
        cmocka_unit_test(r5_one_item_less),
        cmocka_unit_test(r2_diagnostics_are_printed),
        cmocka_unit_test(r2_diagnostics_as_json),
        cmocka_unit_test(r2_exit_status),
        cmocka_unit_test(control_bytes_are_shown),
        cmocka_unit_test(very_long_names),
        cmocka_unit_test(hostile_documents_cost_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
