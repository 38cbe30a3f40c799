/* Every ambiguity of the reference is settled in the report, with its lines, the reading chosen, what was rejected and
 * the sentence that would say so (G10): A1 to A55. There is no A53. */
#include "harness.h"

#include <stdio.h>

#include "base/check.h"
#include "procedures/compile.h"
#include "sys/files.h"

enum { LINES_MAX = 9 };

static const struct {
    const char *code;
    unsigned lines[LINES_MAX]; /* ends with 0 */
} expected[] = {
    { "A1", { 9, 15, 21, 27 } },
    { "A2", { 13, 19, 25, 31 } },
    { "A3", { 31 } },
    { "A4", { 13 } },
    { "A5", { 151 } },
    { "A6", { 154 } },
    { "A7", { 214 } },
    { "A8", { 53, 61, 62, 91, 331 } },
    { "A9", { 61, 62, 63, 64, 65 } },
    { "A10", { 68 } },
    { "A11", { 74, 296, 302, 308 } },
    { "A12", { 94, 99 } },
    { "A13", { 85, 100, 300 } },
    { "A14", { 80 } },
    { "A15", { 331 } },
    { "A16", { 331 } },
    { "A17", { 332 } },
    { "A18", { 126 } },
    { "A19", { 128 } },
    { "A20", { 127, 202 } },
    { "A21", { 150 } },
    { "A22", { 151, 152, 175, 176, 177, 200, 201 } },
    { "A23", { 126, 150, 175, 200 } },
    { "A24", { 333 } },
    { "A25", { 334 } },
    { "A26", { 120, 122, 123, 147 } },
    { "A27", { 123 } },
    { "A28", { 230, 233, 237, 238 } },
    { "A29", { 229 } },
    { "A30", { 240 } },
    { "A31", { 219 } },
    { "A32", { 213, 219 } },
    { "A33", { 214 } },
    { "A34", { 248 } },
    { "A35", { 249 } },
    { "A36", { 253 } },
    { "A37", { 254 } },
    { "A38", { 255 } },
    { "A39", { 264, 266, 268 } },
    { "A40", { 263, 276 } },
    { "A41", { 320 } },
    { "A42", { 323, 324, 325, 326, 327, 328 } },
    { "A43", { 362 } },
    { "A44", { 359, 360, 361 } },
    { "A45", { 365, 366, 367, 368, 369, 370 } },
    { "A46", { 375, 376 } },
    { "A47", { 400 } },
    { "A48", { 296 } },
    { "A49", { 5 } },
    { "A50", { 61, 62, 63, 64, 65, 68, 69, 70 } },
    { "A51", { 77, 248, 259 } },
    { "A52", { 333 } },
    { "A54", { 229, 241, 242 } },
    { "A55", { 74 } },
};

static struct compiled *reference;

static int compile_reference(void **state)
{
    struct buf bytes = { .max = 1 << 20 };
    struct error e = { 0 };
    (void)state;
    if (file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &bytes, &e) < 0) return -1;
    reference = procedures_compile(buf_slice(&bytes), S("reference.md"), NULL, &e);
    buf_release(&bytes);
    return reference == NULL ? -1 : 0;
}

static int release_reference(void **state)
{
    (void)state;
    compiled_destroy(&reference);
    return 0;
}

/* A1 to A55; the grammar has no A53. */
static const char *numbered(size_t i)
{
    static char code[8];
    snprintf(code, sizeof code, "A%zu", i < 52 ? i + 1 : i + 2);
    return code;
}

static size_t lines_of(const char *code, unsigned *lines, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < reference->n_interpretations; i++) {
        const struct interpretation *x = &reference->interpretations[i];
        if (slice_eq(x->code, slice_of(code)) && n < max) lines[n++] = x->line;
    }
    return n;
}

static void g10_each_ambiguity_is_reported_with_its_lines(void **state)
{
    size_t entries = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        unsigned lines[LINES_MAX + 1] = { 0 };
        const size_t n = lines_of(expected[i].code, lines, LINES_MAX + 1);
        size_t want = 0;
        while (want < LINES_MAX && expected[i].lines[want] > 0) want++;
        assert_string_equal(expected[i].code, numbered(i));
        if (n != want) fail_msg("%s: %zu lines, expected %zu", expected[i].code, n, want);
        for (size_t k = 0; k < n; k++)
            if (lines[k] != expected[i].lines[k])
                fail_msg("%s: line %u, expected %u", expected[i].code, lines[k], expected[i].lines[k]);
        entries += n;
    }
    assert_int_equal(entries, reference->n_interpretations); /* and nothing else is */
}

static void g10_each_entry_says_all_four_things(void **state)
{
    (void)state;
    for (size_t i = 0; i < reference->n_interpretations; i++) {
        const struct interpretation *x = &reference->interpretations[i];
        if (x->line == 0 || x->reading.n == 0 || x->rejected.n == 0 || x->explicit_form.n == 0)
            fail_msg("line %u %.*s lacks something", x->line, (int)x->code.n, x->code.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g10_each_ambiguity_is_reported_with_its_lines),
        cmocka_unit_test(g10_each_entry_says_all_four_things),
    };
    return cmocka_run_group_tests_name("procedures-settled", tests, compile_reference, release_reference);
}
