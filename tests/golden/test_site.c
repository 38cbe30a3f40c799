/* test_site.c - every mistake in site.yaml and routing.yaml, and exactly what is said about it.
 *
 * golden/site/NAME.yaml is read as a site, golden/site/routing-NAME.yaml as routing of the site good.yaml; what is
 * printed must equal NAME.expected byte for byte (empty: it loads). TOCSIN_UPDATE=1 writes the expectations. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"
#include "site/routing.h"
#include "site/site.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/site/"

static void file_take(const char *name, struct buf *out)
{
    struct buf path = { 0 };
    struct error e = { 0 };

    buf_addf(&path, FOLDER "%s", name);
    if (file_read(buf_str(&path), 1 << 20, out, &e) < 0) fail_msg("%s", e.detail);
    buf_release(&path);
}

static struct site *good_site(void)
{
    struct problems *p = problems_create();
    struct buf bytes = { 0 };
    struct site *site;

    file_take("good.yaml", &bytes);
    assert_int_equal(site_load_bytes("good.yaml", buf_slice(&bytes), &site, p), 0);
    buf_release(&bytes);
    problems_destroy(&p);
    return site;
}

static int routing_try(const char *name, struct slice bytes, struct problems *p)
{
    struct site *site = good_site();
    struct arena *a = arena_create(0);
    struct routing routing;
    int rc = routing_load_bytes(a, slice_of(name), bytes, site, &routing, p);

    routing_release(&routing);
    arena_destroy(&a);
    site_destroy(&site);
    return rc;
}

static int site_try(const char *name, struct slice bytes, struct problems *p)
{
    struct site *site;
    int rc = site_load_bytes(name, bytes, &site, p);

    assert_true((rc == 0) == (site != NULL));
    site_destroy(&site);
    return rc;
}

static void expectation_check(const char *name, struct slice printed)
{
    struct slice stem = slice_upto(slice_of(name), strlen(name) - strlen(".yaml"));
    struct buf expected = { 0 }, file = { 0 }, path = { 0 };

    buf_addf(&file, "%.*s.expected", (int)stem.n, stem.p);
    buf_addf(&path, FOLDER "%s", buf_str(&file));
    if (getenv("TOCSIN_UPDATE") != NULL) assert_int_equal(file_replace(buf_str(&path), printed, 0644, NULL), 0);
    file_take(buf_str(&file), &expected);
    if (!slice_eq(buf_slice(&expected), printed))
        fail_msg("%s: printed\n%.*sexpected\n%s", name, (int)printed.n, printed.n > 0 ? printed.p : "",
                 buf_str(&expected));
    buf_release(&expected);
    buf_release(&file);
    buf_release(&path);
}

static void one_file(void **state)
{
    const char *name = *state;
    struct problems *p = problems_create();
    struct buf bytes = { 0 }, printed = { 0 };
    bool routing = slice_has_prefix(slice_of(name), S("routing-"));
    int rc;

    file_take(name, &bytes);
    rc = routing ? routing_try(name, buf_slice(&bytes), p) : site_try(name, buf_slice(&bytes), p);
    problems_print(p, &printed);
    /* Whole or not at all: an error is printed exactly when nothing was loaded. */
    assert_int_equal(rc == 0, problems_errors(p) == 0);
    expectation_check(name, buf_slice(&printed));
    problems_destroy(&p);
    buf_release(&bytes);
    buf_release(&printed);
}

static int is_case(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".yaml"));
}

int main(void)
{
    VEC(struct CMUnitTest) tests = { 0 };
    struct dirent **names;
    int n = scandir(FOLDER, &names, is_case, alphasort), rc;

    for (int i = 0; i < n; i++)
        *vec_push(&tests) =
            (struct CMUnitTest){ .name = names[i]->d_name, .test_func = one_file, .initial_state = names[i]->d_name };
    rc = n > 0 ? _cmocka_run_group_tests("site", tests.v, tests.n, NULL, NULL) : 1;
    for (int i = 0; i < n; i++) free(names[i]);
    if (n >= 0) free(names);
    vec_release(&tests);
    return rc;
}
