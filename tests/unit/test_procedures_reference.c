/* The reference document compiles exactly as it stands: the class of every line (R3), the same result from the
 * same bytes (R4) and from its repaired twin (R6). Its counts are in test_golden_counts.c (R1, R5). */
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

/* The code page that the reference was once taken for, from 0x80 on; 0: the byte stands for itself. */
static const int32_t cp1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static char byte_of(int32_t rune)
{
    for (int i = 0; i < 32; i++)
        if (cp1252[i] == rune) return (char)(0x80 + i);
    assert_in_range(rune, 1, 255);
    return (char)rune;
}

/* R6: the twin by another way: the whole file back through the code page, without looking for runs. */
static void r6_the_repair_is_a_whole_decode(void **state)
{
    struct arena *a = arena_create(0);
    struct buf decoded = { .max = 1u << 20 };
    unsigned runs;
    struct slice rest = buf_slice(&reference), repaired = mojibake_repair(a, rest, &runs);
    (void)state;
    while (rest.n > 0) buf_add_char(&decoded, byte_of(slice_cut_rune(&rest)));
    assert_true(slice_is_utf8(buf_slice(&decoded), NULL));
    assert_true(slice_eq(buf_slice(&decoded), repaired));
    buf_release(&decoded);
    arena_destroy(&a);
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

/* What this version compiles and does not execute says so, one note a section. */
static void not_executed_sections_say_so_once(void **state)
{
    static const unsigned lines[] = { 104, 204, 294, 316, 322, 356, 364, 372, 380, 386, 392 };
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
        cmocka_unit_test(r3_every_line_has_one_class),
        cmocka_unit_test(r4_same_bytes_same_result),
        cmocka_unit_test(g14_all_runs_are_repaired),
        cmocka_unit_test(r6_the_repair_is_a_whole_decode),
        cmocka_unit_test(r6_repaired_twin_is_the_same_policy),
        cmocka_unit_test(not_executed_sections_say_so_once),
        cmocka_unit_test(a16_chain_end_is_warned),
    };
    return cmocka_run_group_tests(tests, read_reference, release_reference);
}
