/* The state directory: where it is, that one server has it, and the key that stays the same (design: Settled, Start). */
#include "harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "serve/state_dir.h"
#include "sys/entropy.h"
#include "sys/files.h"

static int setup(void **state)
{
    entropy_start();
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
    return scratch_setup(state);
}

static void the_key_is_made_once_and_readable_by_its_owner_alone(void **state)
{
    struct state_dir a, b;
    struct error e = { 0 };
    struct stat st;
    struct buf dir = scratch_path(state, "deep/er"), key = scratch_path(state, "deep/er/instance.key");
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &a, &e), 0);
    assert_int_equal(stat(buf_str(&key), &st), -1);
    assert_int_equal(state_dir_keep(&a, &e), 0);
    assert_int_equal(stat(buf_str(&key), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, INSTANCE_KEY_BYTES);
    assert_int_equal(stat(buf_str(&dir), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    uint8_t kept[INSTANCE_KEY_BYTES];
    memcpy(kept, a.key, sizeof kept);
    state_dir_close(&a);
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &b, &e), 0);
    assert_memory_equal(kept, b.key, sizeof kept);
    state_dir_close(&b);
    buf_release(&dir);
    buf_release(&key);
}

/* A start that was killed before: nothing stands by keys that nobody kept. */
static void keys_that_were_not_kept_are_others_the_next_time(void **state)
{
    struct state_dir a, b;
    struct error e = { 0 };
    struct buf dir = scratch_path(state, "unkept"), chain = scratch_path(state, "unkept/chain.key");
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &a, &e), 0);
    assert_true(a.chain_key_made);
    state_dir_close(&a);
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &a, &e), 0);
    assert_true(a.chain_key_made);
    assert_int_equal(state_dir_keep(&a, &e), 0);
    const struct state_dir first = a;
    state_dir_close(&a);
    assert_int_equal(unlink(buf_str(&chain)), 0); /* one alone is missing: the others stay */
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &b, &e), 0);
    assert_memory_equal(b.id, first.id, sizeof b.id);
    assert_true(b.chain_key_made);
    assert_int_equal(state_dir_keep(&b, &e), 0);
    state_dir_close(&b);
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &b, &e), 0);
    assert_false(b.chain_key_made);
    assert_int_equal(state_dir_keep(&b, &e), 0); /* nothing to do */
    state_dir_close(&b);
    buf_release(&dir);
    buf_release(&chain);
}

static void a_damaged_key_is_never_replaced(void **state)
{
    struct state_dir d;
    struct error e = { 0 };
    struct buf key = scratch_path(state, "instance.key");
    assert_int_equal(file_replace(buf_str(&key), S("short"), 0600, &e), 0);
    assert_int_equal(state_dir_open(*state, S(""), &d, &e), ERR_INVALID);
    assert_non_null(strstr(e.detail, "backup"));
    buf_release(&key);
}

static void the_named_one_comes_before_the_site_s_and_that_before_the_service_manager_s(void **state)
{
    (void)state;
    struct buf out = { 0 };
    setenv("STATE_DIRECTORY", "/from/systemd:/another", 1);
    static const struct {
        const char *named;
        struct slice site;
        const char *chosen;
    } rows[] = {
        { "/named/", { "/from/site", 10 }, "/named" },
        { NULL, { "/from/site", 10 }, "/from/site" },
        { NULL, { NULL, 0 }, "/from/systemd" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_reset(&out);
        state_dir_choose(rows[i].named, rows[i].site, &out);
        assert_string_equal(buf_str(&out), rows[i].chosen);
    }
    unsetenv("STATE_DIRECTORY");
    buf_release(&out);
}

static void a_place_that_cannot_be_is_told_with_what_to_do(void **state)
{
    struct state_dir d;
    struct error e = { 0 };
    struct buf file = scratch_path(state, "file"), below = scratch_path(state, "file/state");
    assert_int_equal(file_replace(buf_str(&file), S("x"), 0600, &e), 0);
    assert_true(state_dir_open(buf_str(&below), S(""), &d, &e) < 0);
    assert_non_null(strstr(e.detail, "--state DIR"));
    assert_int_equal(d.lock, -1);
    buf_release(&file);
    buf_release(&below);
}

/* The command line is told where to look by the same rules. */
static void the_socket_is_where_clients_look(void **state)
{
    struct state_dir d;
    struct error e = { 0 };
    struct stat st;
    struct buf dir = scratch_path(state, "state"), run = scratch_path(state, "run"), out = { 0 };
    struct buf beside = scratch_path(state, "state/tocsin.sock"), there = scratch_path(state, "run/tocsin.sock");
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &d, &e), 0);
    assert_string_equal(buf_str(&d.socket), buf_str(&beside));
    state_dir_close(&d);
    setenv("RUNTIME_DIRECTORY", buf_str(&run), 1);
    assert_int_equal(state_dir_open(buf_str(&dir), S(""), &d, &e), 0);
    assert_string_equal(buf_str(&d.socket), buf_str(&there));
    assert_int_equal(stat(buf_str(&run), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    state_dir_close(&d);
    unsetenv("RUNTIME_DIRECTORY");
    socket_choose("named.sock", &out);
    assert_string_equal(buf_str(&out), "named.sock");
    buf_reset(&out);
    socket_choose(NULL, &out);
    assert_true(slice_has_suffix(buf_slice(&out), S("/tocsin.sock")));
    buf_release(&dir);
    buf_release(&run);
    buf_release(&beside);
    buf_release(&there);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_key_is_made_once_and_readable_by_its_owner_alone, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(keys_that_were_not_kept_are_others_the_next_time, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_key_is_never_replaced, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(the_named_one_comes_before_the_site_s_and_that_before_the_service_manager_s,
                                        setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(the_socket_is_where_clients_look, setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_is_told_with_what_to_do, setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
