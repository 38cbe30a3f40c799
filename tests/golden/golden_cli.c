/* golden_cli.c - what the command line prints: the help of every command, and the views of recorded answers.
 *
 * golden/cli/help.expected holds all helps one after the other. A view's case is golden/cli/NAME.json: a list of the
 * server's answers in the order in which the command asks; NAME begins with the command's name. Zone UTC, no colour, a
 * fixed present. TOCSIN_UPDATE=1 writes the expectations: read the difference before keeping it. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/view.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/cli/"
#define NOW INT64_C(1767586500000) /* 2026-01-05T04:15:00Z */

static void compare(const char *name, struct slice printed)
{
    struct buf expected = { .max = 4u << 20 }, path = { 0 };
    struct error e = { 0 };
    buf_addf(&path, FOLDER "%s.expected", name);
    if (getenv("TOCSIN_UPDATE") != NULL) assert_int_equal(file_replace(buf_str(&path), printed, 0644, NULL), 0);
    if (file_read(buf_str(&path), 4u << 20, &expected, &e) < 0) fail_msg("%s", e.detail);
    if (!slice_eq(buf_slice(&expected), printed))
        fail_msg("%s: printed\n%.*sexpected\n%s", name, (int)printed.n, printed.n > 0 ? printed.p : "",
                 buf_str(&expected));
    buf_release(&expected);
    buf_release(&path);
}

static void every_help(void **state)
{
    struct buf text = { 0 };
    (void)state;
    help_list(&text);
    for (size_t i = 0; commands[i] != NULL; i++) {
        buf_addf(&text, "\n----- tocsin %s --help\n", commands[i]->name);
        help_command(commands[i], &text);
    }
    compare("help", buf_slice(&text));
    buf_release(&text);
}

static const struct {
    const char *command;
    view_fn *print;
} views[] = {
    { "incidents", incidents_text }, { "show", show_text },         { "why", why_text },
    { "oncall", oncall_text },       { "silences", silences_text }, { "procedures", procedures_text },
};

static view_fn *view_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(views); i++)
        if (slice_has_prefix(slice_of(name), slice_of(views[i].command))) return views[i].print;
    fail_msg("%s: no command has such a name", name);
    return NULL;
}

/* The command line that asked: no options given. */
static void read_nothing(struct invocation *in, const char *name)
{
    struct arena *a = in->arena;
    for (size_t i = 0; i < COUNT_OF(views); i++)
        if (slice_has_prefix(slice_of(name), slice_of(views[i].command))) in->command = command_named(views[i].command);
    in->parameters = command_parameters(in->command, a, &in->n_parameters);
    in->given = arena_array(a, struct given, in->n_parameters + 1);
}

static void one_view(void **state)
{
    const char *file = *state;
    struct invocation in = { .arena = arena_create(0) };
    struct screen s = { .out = { .max = 4u << 20 }, .zone = zone_create_utc(), .now_ms = NOW };
    struct buf path = { 0 }, bytes = { .max = 4u << 20 };
    const struct field *answers[VIEW_PATHS] = { NULL };
    struct error e = { 0 };
    char *name = arena_str(in.arena, slice_upto(slice_of(file), strlen(file) - strlen(".json")));
    buf_addf(&path, FOLDER "%s", file);
    if (file_read(buf_str(&path), 4u << 20, &bytes, &e) < 0) fail_msg("%s", e.detail);
    struct fields *doc = fields_read(buf_slice(&bytes), &e);
    if (doc == NULL) fail_msg("%s: %s", file, e.detail);
    for (size_t i = 0; i < VIEW_PATHS && i < field_count(fields_top(doc)); i++)
        answers[i] = field_at(fields_top(doc), i);
    read_nothing(&in, name);
    view_of(name)(&s, &in, answers);
    compare(name, buf_slice(&s.out));
    fields_free(&doc);
    zone_destroy(&s.zone);
    buf_release(&s.out);
    buf_release(&path);
    buf_release(&bytes);
    arena_destroy(&in.arena);
}

static int is_case(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".json"));
}

int main(void)
{
    VEC(struct CMUnitTest) tests = { 0 };
    struct dirent **names = NULL;
    const int n = scandir(FOLDER, &names, is_case, alphasort);
    *vec_push(&tests) = (struct CMUnitTest){ .name = "help", .test_func = every_help };
    for (int i = 0; i < n; i++)
        *vec_push(&tests) =
            (struct CMUnitTest){ .name = names[i]->d_name, .test_func = one_view, .initial_state = names[i]->d_name };
    const int rc = n > 0 ? _cmocka_run_group_tests("cli", tests.v, tests.n, NULL, NULL) : 1;
    for (int i = 0; i < n; i++) free(names[i]);
    free(names);
    vec_release(&tests);
    return rc;
}
