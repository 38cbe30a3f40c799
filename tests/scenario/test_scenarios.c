/* Every .tocsin script of reference/ and example/ is one test: it runs against the procedures document and the routing
 * of its folder, and the site of the scenarios. All expectations hold, and no guarantee is broken on the way.
 * test-scenarios PART runs those whose name contains PART; SHOW=1 prints their stories. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "engine/rehearse.h"
#include "procedures/compile.h"
#include "site/routing.h"
#include "site/site.h"
#include "sys/files.h"

struct document {
    const char *folder, *path;
    struct compiled *compiled;
};

static struct document documents[] = {
    { "reference", TOCSIN_TESTS "/data/reference.md", NULL },
    { "example", TOCSIN_TESTS "/../examples/procedures.md", NULL },
};
static struct site *site;
static struct arena *arena;
static struct routing routing;

struct scenario {
    const struct document *document;
    const char *name, *path;
};

static struct slice file_text(const char *path)
{
    struct buf b = { .max = 1 << 20 };
    struct error e = { 0 };
    if (file_read(path, 1 << 20, &b, &e) < 0) fail_msg("%s", e.detail);
    struct slice text = arena_copy(arena, buf_slice(&b));
    buf_release(&b);
    return text;
}

static int setup(void **state)
{
    struct problems *problems = problems_create();
    struct error e = { 0 };
    (void)state;
    int rc = site_load(TOCSIN_TESTS "/scenario/site.yaml", &site, problems);
    if (rc == 0) rc = routing_load(arena, site, &routing, problems);
    struct buf text = { 0 };
    problems_print(problems, &text);
    if (rc < 0) fail_msg("%s", buf_str(&text));
    buf_release(&text);
    problems_destroy(&problems);
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        documents[i].compiled = procedures_compile(file_text(documents[i].path), slice_of(documents[i].path), NULL, &e);
        assert_non_null(documents[i].compiled);
        assert_int_equal(documents[i].compiled->errors, 0);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(documents); i++) compiled_destroy(&documents[i].compiled);
    routing_release(&routing);
    site_destroy(&site);
    return 0;
}

static void run(const struct scenario *s, uint64_t hash_key, struct buf *out, struct rehearsal_outcome *outcome)
{
    struct script script;
    struct error e = { 0 };
    struct slice text = file_text(s->path);
    if (script_read(arena, slice_of(s->path), text, &script, &e) < 0)
        fail_msg("%s:%u:%u: %s", s->path, e.line, e.col, e.detail);
    const struct stage_options o = { .policy = &s->document->compiled->policy, .routing = &routing,
        .directory = &site->dir, .bytes = S("the bundle of the scenarios"), .hash_key = hash_key };
    rehearse(&o, &script, out, outcome);
}

/* All expectations hold; and another hash key gives the same trace (I30). */
static void test_scenario(void **state)
{
    const struct scenario *s = *state;
    struct rehearsal_outcome first, again;
    struct buf story = { .max = 1 << 24 }, other = { .max = 1 << 24 };
    run(s, 1, &story, &first);
    run(s, UINT64_C(0x9e3779b97f4a7c15), &other, &again);
    if (getenv("SHOW") != NULL) fputs(buf_str(&story), stderr);
    if (first.unmet > 0 || first.stumbles > 0 || first.broken > 0) {
        fputs(buf_str(&story), stderr);
        fail_msg("%s: %u expectations do not hold, %u lines stumble, %u guarantees are broken", s->name, first.unmet,
                 first.stumbles, first.broken);
    }
    assert_true(first.expectations > 0);
    assert_string_equal(buf_str(&story), buf_str(&other));
    assert_true(first.trace == again.trace);
    buf_release(&story);
    buf_release(&other);
}

static int is_script(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".tocsin"));
}

static const char *join(const char *a, const char *b, const char *c)
{
    struct buf path = { 0 };
    buf_addf(&path, "%s%s%s", a, b, c);
    char *kept = arena_str(arena, buf_slice(&path));
    buf_release(&path);
    return kept;
}

int main(int argc, char **argv)
{
    VEC(struct CMUnitTest) tests = { 0 };
    arena = arena_create(0);
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct dirent **list = NULL;
        const char *folder = join(TOCSIN_TESTS "/scenario/", documents[i].folder, "/");
        int n = scandir(folder, &list, is_script, alphasort);
        for (int k = 0; k < n; k++) {
            struct scenario *s = arena_new(arena, struct scenario);
            *s = (struct scenario){ &documents[i], join(documents[i].folder, "/", list[k]->d_name), join(folder, list[k]->d_name, "") };
            if (argc < 2 || strstr(s->name, argv[1]) != NULL)
                *vec_push(&tests) = (struct CMUnitTest){ .name = s->name, .test_func = test_scenario, .initial_state = s };
            free(list[k]);
        }
        free(list);
    }
    const int failed = _cmocka_run_group_tests("scenarios", tests.v, tests.n, setup, teardown);
    vec_release(&tests);
    arena_destroy(&arena);
    return failed;
}
