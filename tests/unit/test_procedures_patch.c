/* test_procedures_patch.c - byte patches and the mends of `tocsin fix` (R6, R7, R14, G11). */
#include "harness.h"

#include "base/arena.h"
#include "procedures/dump.h"
#include "procedures/mend.h"
#include "sys/files.h"

#define ARROW "\xc3\xa2\xe2\x80\xa0\xe2\x80\x99" /* an arrow, encoded twice */

static const struct {
    const char *what, *document;
    struct {
        size_t offset, length;
        const char *saw, *after; /* what the author saw there */
    } patches[3];
    size_t n;
    const char *result; /* NULL: refused */
    int rc;
    const char *found; /* what the refusal shows */
} rows[] = {
    { "no patch, no change", "one\r\ntwo", { { 0 } }, 0, "one\r\ntwo", 0, NULL },
    { "one span replaced, the rest untouched",
      "in 5 minutes\n",
      { { 3, 1, "5", "12" } },
      1,
      "in 12 minutes\n",
      0,
      NULL },
    { "an insertion, a deletion, at both ends", "abc", { { 0, 0, "", ">" }, { 2, 1, "c", "" } }, 2, ">ab", 0, NULL },
    { "spans side by side", "abc", { { 0, 1, "a", "x" }, { 1, 1, "b", "y" } }, 2, "xyc", 0, NULL },
    { "somebody else was faster", "in 3 minutes\n", { { 3, 1, "5", "12" } }, 1, NULL, ERR_CONFLICT, "3" },
    { "the second of two is stale: none is applied",
      "abc",
      { { 0, 1, "a", "x" }, { 1, 1, "z", "y" } },
      2,
      NULL,
      ERR_CONFLICT,
      "b" },
    { "the document is shorter by now", "in", { { 3, 1, "5", "12" } }, 1, NULL, ERR_CONFLICT, "" },
    { "an offset beyond all sizes", "in", { { SIZE_MAX, 2, "5", "12" } }, 1, NULL, ERR_CONFLICT, "" },
    { "patches that overlap", "abc", { { 0, 2, "ab", "x" }, { 1, 1, "b", "y" } }, 2, NULL, ERR_INVALID, NULL },
    { "patches out of order", "abc", { { 2, 1, "c", "x" }, { 0, 1, "a", "y" } }, 2, NULL, ERR_INVALID, NULL },
};

static void patches_R14(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct patch v[3] = { 0 };
        struct patch_refusal why = { 0 };
        struct buf out = { 0 };
        struct error e = { 0 };
        for (size_t k = 0; k < rows[i].n; k++) {
            v[k] = (struct patch){ .offset = rows[i].patches[k].offset,
                                   .length = rows[i].patches[k].length,
                                   .after = slice_of(rows[i].patches[k].after) };
            compiled_node_hash(slice_of(rows[i].patches[k].saw), v[k].hash);
        }
        const int rc = patches_apply(slice_of(rows[i].document), v, rows[i].n, &out, &why, &e);
        if (rc != rows[i].rc) fail_msg("%s: %d, not %d (%s)", rows[i].what, rc, rows[i].rc, e.detail);
        if (rc == 0)
            assert_string_equal(buf_str(&out), rows[i].result);
        else
            assert_int_equal(out.len, 0);
        if (rows[i].found != NULL) assert_true(slice_eq(why.found, slice_of(rows[i].found)));
        buf_release(&out);
    }
}

static void one_sentence_of_a_rule_R14(void **state)
{
    static const char document[] = "## Escalation Rules\r\n- No response in 5 minutes -> Secondary\r\n- prose\r\n";
    struct buf out = { 0 };
    struct error e = { 0 };
    struct compiled *c = procedures_compile(slice_of(document), S("p.md"), NULL, &e);
    (void)state;
    const struct compiled_node *n = compiled_node_find(c, S("rule"), c->policy.rules[0].id);
    assert_non_null(n);
    struct patch p = patch_of_node(c, n, S("No response in 3 minutes -> Secondary"));
    assert_int_equal(p.line, 2);
    assert_int_equal(patches_apply(slice_of(document), &p, 1, &out, NULL, &e), 0);
    assert_string_equal(buf_str(&out), "## Escalation Rules\r\n- No response in 3 minutes -> Secondary\r\n- prose\r\n");
    buf_reset(&out);
    assert_int_equal(
        patches_apply(S("## Escalation Rules\r\n- No response in 9 minutes -> Secondary\r\n"), &p, 1, &out, NULL, &e),
        ERR_CONFLICT); /* 409, with both versions */
    compiled_destroy(&c);
    buf_release(&out);
}

static const struct {
    const char *what, *document, *mended;
    unsigned patches, left;
} mends[] = {
    { "nothing to mend", "# A \xe2\x86\x92 B\r\n", "# A \xe2\x86\x92 B\r\n", 0, 0 },
    { "a run in the middle", "a " ARROW " b\r\nc\n", "a \xe2\x86\x92 b\r\nc\n", 1, 0 },
    { "a byte-order mark stays, offsets count it", "\xef\xbb\xbf" ARROW "\n", "\xef\xbb\xbf\xe2\x86\x92\n", 1, 0 },
    { "blanks, tabs and line ends stay", "\t" ARROW " \r" ARROW "  \r\n3. x", "\t\xe2\x86\x92 \r\xe2\x86\x92  \r\n3. x",
      2, 0 },
    { "a name that looks like it stays", "Bront\xc3\xab\xe2\x80\xa6\xe2\x80\x9d",
      "Bront\xc3\xab\xe2\x80\xa6\xe2\x80\x9d", 0, 0 },
    { "encoded three times: read once repaired, so left alone", "\xc3\x83\xc6\x92\xc3\x82\xc2\xa9\n" ARROW "\n",
      "\xc3\x83\xc6\x92\xc3\x82\xc2\xa9\n\xe2\x86\x92\n", 1, 1 },
};

static void mends_R7(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mends / sizeof *mends; i++) {
        struct arena *a = arena_create(0);
        struct mends m;
        struct buf out = { 0 };
        struct error e = { 0 };
        const struct slice document = slice_of(mends[i].document);
        assert_int_equal(mends_find(a, document, &m, &e), 0);
        assert_int_equal(patches_apply(document, m.v, m.n, &out, NULL, &e), 0);
        if (m.n != mends[i].patches || m.left != mends[i].left || !slice_eq(buf_slice(&out), slice_of(mends[i].mended)))
            fail_msg("%s: %zu patches, %u left: %s", mends[i].what, m.n, m.left, buf_str(&out));
        buf_release(&out);
        arena_destroy(&a);
    }
}

/* R6: the reference and its repaired twin compile to the same policy, to the last id. */
static void the_reference_R6(void **state)
{
    struct arena *a = arena_create(0);
    struct buf document = { .max = 1 << 20 }, twin = { .max = 1 << 20 },
               dumps[2] = { { .max = 8 << 20 }, { .max = 8 << 20 } };
    struct error e = { 0 };
    struct mends m;
    (void)state;
    assert_int_equal(file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &document, &e), 0);
    assert_int_equal(mends_find(a, buf_slice(&document), &m, &e), 0);
    assert_int_equal(m.n, 92);
    assert_int_equal(m.lines, 34);
    assert_int_equal(patches_apply(buf_slice(&document), m.v, m.n, &twin, NULL, &e), 0);
    for (int i = 0; i < 2; i++) {
        struct compiled *c = procedures_compile(buf_slice(i == 0 ? &document : &twin), S("p.md"), NULL, &e);
        policy_dump(&c->policy, &dumps[i]);
        assert_int_equal(c->repaired_runs, i == 0 ? 92 : 0);
        compiled_destroy(&c);
    }
    assert_string_equal(buf_str(&dumps[0]), buf_str(&dumps[1]));
    assert_int_equal(mends_find(a, buf_slice(&twin), &m, &e), 0);
    assert_int_equal(m.n, 0);
    for (int i = 0; i < 2; i++) buf_release(&dumps[i]);
    buf_release(&document);
    buf_release(&twin);
    arena_destroy(&a);
}

/* Lines 1 to 9 with changes at `changed`; hunks join when their context meets, as patch(1) demands. */
static void unified_diffs(void **state)
{
    static const struct {
        const char *document, *printed;
    } cases[] = {
        { "1\n", "" },
        { "1\n2\n3\n4\n" ARROW "\n6\n7\n8\n9\n",
          "--- p.md\n+++ p.md\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-" ARROW "\n+\xe2\x86\x92\n 6\n 7\n 8\n" },
        { ARROW "\n2\n3\n4\n5\n6\n7\n" ARROW,
          "--- p.md\n+++ p.md\n@@ -1,4 +1,4 @@\n-" ARROW
          "\n+\xe2\x86\x92\n 2\n 3\n 4\n@@ -5,4 +5,4 @@\n 5\n 6\n 7\n-" ARROW
          "\n\\ No newline at end of file\n+\xe2\x86\x92\n\\ No newline at end of file\n" },
        { ARROW "\n2\n3\n4\n5\n6\n" ARROW "x" ARROW "\r\n",
          "--- p.md\n+++ p.md\n@@ -1,7 +1,7 @@\n-" ARROW "\n+\xe2\x86\x92\n 2\n 3\n 4\n 5\n 6\n-" ARROW "x" ARROW
          "\r\n+\xe2\x86\x92x\xe2\x86\x92\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_create(0);
        struct mends m;
        struct buf out = { 0 };
        assert_int_equal(mends_find(a, slice_of(cases[i].document), &m, NULL), 0);
        patches_print_unified(slice_of(cases[i].document), m.v, m.n, S("p.md"), &out);
        assert_string_equal(buf_str(&out), cases[i].printed);
        buf_release(&out);
        arena_destroy(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_R14),   cmocka_unit_test(one_sentence_of_a_rule_R14),
        cmocka_unit_test(mends_R7),      cmocka_unit_test(the_reference_R6),
        cmocka_unit_test(unified_diffs),
    };
    return cmocka_run_group_tests_name("patch", tests, NULL, NULL);
}
