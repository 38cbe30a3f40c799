/* The reference document compiles exactly as it stands: the golden counts of the compiled sections (R1), the class of
 * every line (R3), the same result from the same bytes (R4), and from its repaired twin (R6). */
#include "harness.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/mojibake.h"
#include "procedures/print.h"

static struct buf reference;

static int read_reference(void **state)
{
    FILE *f = fopen(TOCSIN_TESTS "/data/reference.md", "rb");
    char chunk[4096];
    size_t n;
    (void)state;
    if (f == NULL) return -1;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) buf_add(&reference, (struct slice){ chunk, n });
    fclose(f);
    return 0;
}

static int release_reference(void **state)
{
    (void)state;
    buf_release(&reference);
    return 0;
}

static struct compiled *compile(struct slice text)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(text, S("reference.md"), NULL, &e);
    if (c == NULL) fail_msg("%u:%u: %s", e.line, e.col, e.detail);
    return c;
}

static size_t criteria(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_severities; i++) n += p->severities[i].criteria.n;
    return n;
}

static size_t windows(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_severities; i++) n += p->severities[i].recovery_line > 0;
    return n;
}

static size_t duties(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_roles; i++) n += p->roles[i].duties.n;
    return n;
}

static size_t selectors(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_roles; i++) n += p->roles[i].n_selectors;
    return n;
}

static size_t checks(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_milestones; i++) n += p->milestones[i].n_checks;
    return n;
}

static size_t fields(const struct policy *p, enum field_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_templates; i++)
        for (size_t k = 0; k < p->templates[i].n_lines; k++) n += p->templates[i].lines[k].kind == kind;
    return n;
}

static void r1_golden_counts(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    const struct policy *p = &c->policy;
    (void)state;
    assert_int_equal(c->headings[2], 13);
    assert_int_equal(c->headings[3], 40);
    assert_int_equal(c->headings[4], 3);
    assert_int_equal(p->n_severities, 4);
    assert_int_equal(criteria(p), 12);
    assert_int_equal(windows(p), 4);
    assert_int_equal(p->n_roles, 4);
    assert_int_equal(duties(p), 11);
    assert_int_equal(selectors(p), 4);
    assert_int_equal(p->n_contacts, 5);
    assert_int_equal(p->n_channels, 3);
    assert_int_equal(p->n_milestones, 6);
    assert_int_equal(checks(p), 18);
    assert_int_equal(p->n_communications, 6);
    assert_int_equal(p->n_templates, 3);
    assert_int_equal(fields(p, FIELD_TEXT) + fields(p, FIELD_ENUM), 16);
    assert_int_equal(fields(p, FIELD_LITERAL), 1);
    assert_int_equal(p->n_rules, 4);
    assert_int_equal(c->errors, 0);
    compiled_destroy(&c);
}

static void r3_every_line_has_one_class(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    unsigned sum = 0;
    (void)state;
    assert_int_equal(c->lines, 403);
    for (int class = 1; class < LINE_CLASSES_END; class ++) sum += c->class_counts[class];
    assert_int_equal(sum, 403);
    assert_int_equal(c->class_counts[CLASS_UNSET], 0);
    assert_int_equal(c->class_counts[CLASS_REJECTED], 0);
    compiled_destroy(&c);
}

static struct slice everything(const struct compiled *c, struct buf *out)
{
    out->max = 8u << 20;
    policy_dump(&c->policy, out);
    classes_dump(c, out);
    diagnostics_print_json(c, out);
    assert_false(out->overflow);
    return buf_slice(out);
}

static void r4_same_bytes_same_result(void **state)
{
    struct compiled *a = compile(buf_slice(&reference)), *b = compile(buf_slice(&reference));
    struct buf x = { 0 }, y = { 0 };
    (void)state;
    assert_true(slice_eq(everything(a, &x), everything(b, &y)));
    compiled_destroy(&a);
    compiled_destroy(&b);
    buf_release(&x);
    buf_release(&y);
}

static void g14_all_runs_are_repaired(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    (void)state;
    assert_int_equal(c->repaired_runs, 92);
    assert_int_equal(c->repaired_lines, 34);
    compiled_destroy(&c);
}

static void r6_repaired_twin_is_the_same_policy(void **state)
{
    struct arena *a = arena_create(0);
    unsigned runs;
    struct slice repaired = mojibake_repair(a, buf_slice(&reference), &runs);
    struct compiled *broken = compile(buf_slice(&reference)), *twin = compile(repaired);
    struct buf x = { .max = 4u << 20 }, y = { .max = 4u << 20 };
    (void)state;
    assert_int_equal(runs, 92);
    assert_int_equal(twin->repaired_runs, 0);
    policy_dump(&broken->policy, &x);
    policy_dump(&twin->policy, &y);
    classes_dump(broken, &x);
    classes_dump(twin, &y);
    assert_string_equal(buf_str(&x), buf_str(&y));
    compiled_destroy(&broken);
    compiled_destroy(&twin);
    buf_release(&x);
    buf_release(&y);
    arena_destroy(&a);
}

/* G3: what this version does not execute is kept, with one note a section. */
static void not_executed_sections_say_so_once(void **state)
{
    static const unsigned lines[] = { 104, 204, 294, 316, 322, 336, 356, 364, 372, 380, 386, 392, 400 };
    struct compiled *c = compile(buf_slice(&reference));
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        if (!slice_eq(c->diagnostics[i].code, S("N-NOT-EXECUTED"))) continue;
        assert_true(n < COUNT_OF(lines));
        assert_int_equal(c->diagnostics[i].line, lines[n++]);
    }
    assert_int_equal(n, COUNT_OF(lines));
    compiled_destroy(&c);
}

static size_t nodes(const struct policy *p)
{
    return p->n_severities + criteria(p) + windows(p) + p->n_roles + duties(p) + selectors(p) + p->n_contacts +
           p->n_channels + p->n_milestones + checks(p) + p->n_communications + p->n_templates + p->n_rules;
}

/* R5: without any one of its list items the document has exactly one node less. */
static void r5_each_item_is_one_node(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    size_t all = nodes(&c->policy), items = 0;
    (void)state;
    for (unsigned line = 1; line <= c->lines; line++) {
        struct slice raw = compiled_line_raw(c, line), all_bytes = buf_slice(&reference);
        bool item = slice_has_prefix(raw, S("- ")) || (raw.n > 2 && raw.p[1] == '.' && raw.p[2] == ' ');
        if (!item || c->classes[line - 1] != CLASS_COMPILED) continue;
        struct slice rest = all_bytes;
        for (unsigned i = 1; i < line; i++) slice_cut(&rest, '\n');
        size_t begin = all_bytes.n - rest.n;
        slice_cut(&rest, '\n');
        struct buf text = { 0 };
        buf_add(&text, slice_upto(all_bytes, begin));
        buf_add(&text, rest);
        struct compiled *less = compile(buf_slice(&text));
        if (nodes(&less->policy) != all - 1) fail_msg("line %u: %zu nodes", line, nodes(&less->policy));
        assert_int_equal(less->lines, c->lines - 1);
        compiled_destroy(&less);
        buf_release(&text);
        items++;
    }
    assert_int_equal(items, 12 + 4 + 15 + 5 + 3 + 18 + 6 + 4);
    compiled_destroy(&c);
}

static const struct diagnostic *find(const struct compiled *c, struct slice code)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, code)) return &c->diagnostics[i];
    return NULL;
}

/* A16: the reference's chain ends at Secondary, and the compiler shows the sentence that would say what follows. */
static void a16_chain_end_is_warned(void **state)
{
    struct compiled *c = compile(buf_slice(&reference));
    const struct diagnostic *d = find(c, S("W-CHAIN-END"));
    (void)state;
    assert_non_null(d);
    assert_int_equal(d->line, 331);
    assert_true(slice_eq(d->suggestion, S("- No response in 5 minutes → Secondary on-call then Incident Commander")));
    compiled_destroy(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r1_golden_counts),
        cmocka_unit_test(r3_every_line_has_one_class),
        cmocka_unit_test(r4_same_bytes_same_result),
        cmocka_unit_test(g14_all_runs_are_repaired),
        cmocka_unit_test(r6_repaired_twin_is_the_same_policy),
        cmocka_unit_test(not_executed_sections_say_so_once),
        cmocka_unit_test(r5_each_item_is_one_node),
        cmocka_unit_test(a16_chain_end_is_warned),
    };
    return cmocka_run_group_tests(tests, read_reference, release_reference);
}
