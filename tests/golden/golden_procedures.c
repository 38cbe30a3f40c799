/* golden_procedures.c - what each document compiles to, and exactly what is said about it.
 *
 * For golden/procedures/NAME.md (one form each), golden/procedures/corpus/NAME.md (whole documents that differ in
 * structure, as people write them), the reference and the example: policy, classes, diagnostics and the summary must equal
 * NAME.expected byte for byte. TOCSIN_UPDATE=1 writes the expectations: read the difference before keeping it. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/print.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/procedures/"

/* Documents that lie elsewhere in the tree, with the name of their expectation. */
static const struct {
    const char *name, *path;
} elsewhere[] = {
    { "reference.md", TOCSIN_TESTS "/data/reference.md" },
    { "example.md", TOCSIN_TESTS "/../examples/procedures.md" },
};

static void file_take(const char *path, struct buf *out)
{
    struct error e = { 0 };
    if (file_read(path, 2 << 20, out, &e) < 0) fail_msg("%s", e.detail);
}

static void compile_print(struct slice name, struct slice bytes, struct buf *out)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(bytes, name, NULL, &e);
    out->max = 16u << 20;
    if (c == NULL) {
        compile_error_print(name, &e, false, out);
        return;
    }
    policy_dump(&c->policy, out);
    buf_add_str(out, "classes\n");
    classes_dump(c, out);
    buf_add_str(out, "diagnostics\n");
    diagnostics_print(c, &(struct print_options){ .notes = true, .per_code = 12 }, out);
    for (size_t i = 0; i < c->n_interpretations; i++)
        buf_addf(out, "interpretation L%u %.*s: %.*s\n", c->interpretations[i].line, (int)c->interpretations[i].code.n,
                 c->interpretations[i].code.p, (int)c->interpretations[i].reading.n, c->interpretations[i].reading.p);
    compiled_print_summary(c, out);
    compiled_destroy(&c);
}

static void path_of(const char *name, struct buf *out)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(elsewhere[i].name, name) == 0) buf_add_str(out, elsewhere[i].path);
    if (out->len == 0) buf_addf(out, FOLDER "%s", name);
}

static void expectation_check(const char *name, struct slice printed)
{
    struct buf expected = { .max = 16u << 20 }, path = { 0 };
    buf_addf(&path, FOLDER "%.*s.expected", (int)(strlen(name) - strlen(".md")), name);
    if (getenv("TOCSIN_UPDATE") != NULL) assert_int_equal(file_replace(buf_str(&path), printed, 0644, NULL), 0);
    file_take(buf_str(&path), &expected);
    if (!slice_eq(buf_slice(&expected), printed))
        fail_msg("%s: printed\n%.*sexpected\n%s", name, (int)printed.n, printed.n > 0 ? printed.p : "",
                 buf_str(&expected));
    buf_release(&expected);
    buf_release(&path);
}

static void one_file(void **state)
{
    const char *name = *state;
    struct buf path = { 0 }, bytes = { .max = 2u << 20 }, printed = { 0 };
    path_of(name, &path);
    file_take(buf_str(&path), &bytes);
    compile_print(slice_of(name), buf_slice(&bytes), &printed);
    expectation_check(name, buf_slice(&printed));
    buf_release(&path);
    buf_release(&bytes);
    buf_release(&printed);
}

static int is_case(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".md"));
}

typedef VEC(struct CMUnitTest) test_list;

/* One test a document of a folder below FOLDER; names live as long as the program. Returns how many there are. */
static int folder_add(test_list *tests, const char *below)
{
    struct buf folder = { 0 };
    struct dirent **names = NULL;
    buf_addf(&folder, FOLDER "%s", below);
    int n = scandir(buf_str(&folder), &names, is_case, alphasort);
    for (int i = 0; i < n; i++) {
        char *name = NULL;
        if (asprintf(&name, "%s%s", below, names[i]->d_name) < 0) abort();
        *vec_push(tests) = (struct CMUnitTest){ .name = name, .test_func = one_file, .initial_state = name };
        free(names[i]);
    }
    free(names);
    buf_release(&folder);
    return n;
}

int main(void)
{
    test_list tests = { 0 };
    int rc = 1;

    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        *vec_push(&tests) = (struct CMUnitTest){ .name = elsewhere[i].name,
                                                 .test_func = one_file,
                                                 .initial_state = (void *)(uintptr_t)elsewhere[i].name };
    size_t first_name = tests.n;
    if (folder_add(&tests, "") > 0 && folder_add(&tests, "corpus/") > 0)
        rc = _cmocka_run_group_tests("procedures", tests.v, tests.n, NULL, NULL);
    for (size_t i = first_name; i < tests.n; i++) free(tests.v[i].initial_state);
    vec_release(&tests);
    return rc;
}
