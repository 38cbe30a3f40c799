/* procedures_mutants.c - every document of the corpus with one thing wrong with it.
 *
 * Each line is deleted in turn, and each document is cut off after each line: what is left compiles, every line has one
 * class, every place that is named exists, and the same bytes give the same policy (R3, R4, R5). */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/procedures/corpus/"

static void check_places(const struct compiled *c)
{
    size_t counted = 0;
    for (int class = 1; class < LINE_CLASSES_END; class ++) counted += c->class_counts[class];
    assert_int_equal(counted, c->lines);
    for (size_t i = 0; i < c->n_diagnostics; i++)
        assert_true(c->diagnostics[i].line >= 1 && c->diagnostics[i].line <= (c->lines > 0 ? c->lines : 1));
    for (size_t i = 0; i < c->n_nodes; i++) assert_true(c->nodes[i].offset + c->nodes[i].length <= c->bytes);
    for (size_t i = 0; i < c->policy.n_severities; i++) assert_int_equal(c->policy.severities[i].level, i + 1);
}

static void compile_twice(struct slice text)
{
    struct buf dumps[2] = { { .max = 4u << 20 }, { .max = 4u << 20 } };
    for (int i = 0; i < 2; i++) {
        struct error e = { 0 };
        struct compiled *c = procedures_compile(text, S("mutant.md"), NULL, &e);
        if (c == NULL) fail_msg("%s", e.detail);
        check_places(c);
        policy_dump(&c->policy, &dumps[i]);
        classes_dump(c, &dumps[i]);
        compiled_destroy(&c);
    }
    assert_true(slice_eq(buf_slice(&dumps[0]), buf_slice(&dumps[1])));
    buf_release(&dumps[0]);
    buf_release(&dumps[1]);
}

static void mutate(struct slice text)
{
    struct buf mutant = { .max = 4u << 20 };
    for (size_t at = 0; at < text.n;) {
        size_t end = at + slice_find_char(slice_from(text, at), '\n') + 1;
        if (end > text.n) end = text.n;
        buf_reset(&mutant);
        buf_add(&mutant, slice_upto(text, at));
        compile_twice(buf_slice(&mutant)); /* cut off */
        buf_add(&mutant, slice_from(text, end));
        compile_twice(buf_slice(&mutant)); /* one line gone */
        at = end;
    }
    buf_release(&mutant);
}

static void one_document(void **state)
{
    struct buf path = { 0 }, bytes = { .max = 2u << 20 };
    struct error e = { 0 };
    buf_addf(&path, FOLDER "%s", (const char *)*state);
    if (file_read(buf_str(&path), 2u << 20, &bytes, &e) < 0) fail_msg("%s", e.detail);
    mutate(buf_slice(&bytes));
    buf_release(&path);
    buf_release(&bytes);
}

static int is_case(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".md"));
}

int main(void)
{
    struct CMUnitTest tests[64] = { 0 };
    struct dirent **names = NULL;
    int n = scandir(FOLDER, &names, is_case, alphasort), rc = 1;
    if (n > 64) n = 64;
    for (int i = 0; i < n; i++)
        tests[i] = (struct CMUnitTest){ .name = names[i]->d_name,
                                        .test_func = one_document,
                                        .initial_state = names[i]->d_name };
    if (n >= 12) rc = _cmocka_run_group_tests("procedures-mutants", tests, (size_t)n, NULL, NULL);
    for (int i = 0; i < n; i++) free(names[i]);
    free(names);
    return rc;
}
