/* Every .tocsin script of the folders below is one test: it runs against the procedures document, the site and the
 * routing of its folder. All expectations hold, and no guarantee is broken on the way.
 * test-scenarios PART runs those whose name contains PART; SHOW=1 prints their stories. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "engine/rehearse.h"
#include "ground.h"

static struct ground ground;
static struct arena *names; /* of the tests */

static const struct folder {
    const char *name;
    struct compiled **document;
    struct site **site;
    const struct routing *routing;
} folders[] = {
    { "scenario/reference", &ground.reference, &ground.site, &ground.routing },
    { "scenario/example", &ground.example, &ground.site, &ground.routing },
    { "../examples", &ground.example, &ground.own, &ground.own_routing },
};

struct scenario {
    const struct folder *folder;
    const char *name, *path;
};

static int setup(void **state)
{
    (void)state;
    ground_load(&ground);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ground_release(&ground);
    return 0;
}

static void run(const struct scenario *s, uint64_t hash_key, struct buf *out, struct rehearsal_outcome *outcome)
{
    struct script script;
    struct error e = { 0 };
    struct slice text = ground_text(&ground, s->path);
    if (script_read(ground.arena, slice_of(s->path), text, &script, &e) < 0)
        fail_msg("%s:%u:%u: %s", s->path, e.line, e.col, e.detail);
    const struct stage_options o = { .policy = &(*s->folder->document)->policy,
                                     .routing = s->folder->routing,
                                     .directory = &(*s->folder->site)->dir,
                                     .bytes = S("the bundle of the scenarios"),
                                     .hash_key = hash_key };
    struct rehearsal_report report;
    rehearsal_run(&o, &script, &report);
    rehearsal_print_story(&report, out);
    *outcome = report.outcome;
    rehearsal_release(&report);
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
    char *kept = arena_str(names, buf_slice(&path));
    buf_release(&path);
    return kept;
}

int main(int argc, char **argv)
{
    VEC(struct CMUnitTest) tests = { 0 };
    names = arena_create(0);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct dirent **list = NULL;
        const char *folder = join(TOCSIN_TESTS "/", folders[i].name, "/");
        int n = scandir(folder, &list, is_script, alphasort);
        for (int k = 0; k < n; k++) {
            struct scenario *s = arena_new(names, struct scenario);
            *s = (struct scenario){ &folders[i], join(folders[i].name, "/", list[k]->d_name),
                                    join(folder, list[k]->d_name, "") };
            if (argc < 2 || strstr(s->name, argv[1]) != NULL)
                *vec_push(&tests) =
                    (struct CMUnitTest){ .name = s->name, .test_func = test_scenario, .initial_state = s };
            free(list[k]);
        }
        free(list);
    }
    const int failed = _cmocka_run_group_tests("scenarios", tests.v, tests.n, setup, teardown);
    vec_release(&tests);
    arena_destroy(&names);
    return failed;
}
