/* test_process.c - children with nothing but what they were given. */
#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/files.h"
#include "sys/process.h"

#define PATIENCE_MS 20000

static int run_shell(const char *script, const struct process_fd *fds, size_t n_fds, struct buf *out)
{
    const char *argv[] = { "sh", "-c", script, NULL };
    struct process_spec spec = { .argv = argv, .fds = fds, .n_fds = n_fds, .die_with_parent = SIGKILL };
    struct process p;
    int status = -1;
    assert_int_equal(process_spawn(&spec, &p, NULL), 0);
    assert_true(process_wait(&p, PATIENCE_MS, &status));
    assert_int_equal(p.pid, 0);
    assert_int_equal(p.pidfd, -1);
    process_describe_exit(status, out);
    return status;
}

static void ends_are_described(void **state)
{
    static const struct {
        const char *script, *end;
    } rows[] = {
        { "exit 0", "exit code 0" },
        { "exit 3", "exit code 3" },
        { "kill -9 $$", "killed by signal 9 (Killed)" },
        { "kill -TERM $$", "killed by signal 15 (Terminated)" }, /* not blocked in the child, although it is here */
    };
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf end = { 0 };
        run_shell(rows[i].script, NULL, 0, &end);
        assert_string_equal(buf_str(&end), rows[i].end);
        buf_release(&end);
    }
    sigprocmask(SIG_UNBLOCK, &term, NULL);
    (void)state;
}

static void only_the_given_descriptors_arrive(void **state)
{
    int out[2], leaked = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, on purpose */
    char text[64] = { 0 };
    struct buf script = { 0 }, end = { 0 };
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    const struct process_fd fds[] = { { out[1], 3 }, { leaked, 4 } };
    /* 3 and 4 swapped about: targets are never overwritten before they were copied */
    buf_addf(&script, "echo hello >&3; [ -e /proc/self/fd/4 ] || exit 1; [ ! -e /proc/self/fd/%d ] || exit 2",
             leaked > 4 ? leaked : 9);
    assert_int_equal(run_shell(buf_str(&script), fds, 2, &end), 0);
    assert_int_equal(read(out[0], text, sizeof text), 6);
    assert_string_equal(text, "hello\n");
    close(out[0]);
    close(out[1]);
    close(leaked);
    buf_release(&script);
    buf_release(&end);
    (void)state;
}

static void descriptors_may_swap_places(void **state)
{
    int pipes[2][2];
    char text[8] = { 0 };
    struct buf end = { 0 };
    assert_int_equal(pipe2(pipes[0], O_CLOEXEC), 0);
    assert_int_equal(pipe2(pipes[1], O_CLOEXEC), 0);
    int a = pipes[0][1], b = pipes[1][1];
    const struct process_fd fds[] = { { a, b }, { b, a } };
    struct buf script = { 0 };
    buf_addf(&script, "echo A >&%d; echo B >&%d", b, a);
    assert_int_equal(run_shell(buf_str(&script), fds, 2, &end), 0);
    assert_int_equal(read(pipes[0][0], text, sizeof text), 2);
    assert_int_equal(text[0], 'A');
    for (int i = 0; i < 4; i++) close(pipes[i / 2][i % 2]);
    buf_release(&script);
    buf_release(&end);
    (void)state;
}

static void a_failed_exec_is_an_error_here(void **state)
{
    const char *argv[] = { "/nonexistent/tocsin", NULL };
    struct process p;
    struct error e = { 0 };
    assert_int_equal(process_spawn(&(struct process_spec){ .argv = argv }, &p, &e), ERR_NOT_FOUND);
    assert_string_equal(e.detail, "cannot start /nonexistent/tocsin: No such file or directory");
    assert_int_equal(p.pid, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
    (void)state;
}

static void the_environment_is_what_was_given(void **state)
{
    const char *argv[] = { "/bin/sh", "-c", "[ \"$ONLY\" = this ] && [ -z \"$HOME\" ]", NULL };
    const char *env[] = { "ONLY=this", NULL };
    struct process p;
    int status = -1;
    setenv("HOME", "/root", 1);
    assert_int_equal(process_spawn(&(struct process_spec){ .argv = argv, .env = env }, &p, NULL), 0);
    assert_true(process_wait(&p, PATIENCE_MS, &status));
    assert_int_equal(status, 0);
    (void)state;
}

static int wait_for_signal(void *ctx)
{
    process_set_name("tocsin-test");
    pause();
    return *(int *)ctx;
}

/* What others see of us: the bytes of a file of /proc. */
static bool is_there(const char *path, const char *begins)
{
    struct buf text = { 0 };
    const bool same = file_read(path, 1 << 20, &text, NULL) == 0 && slice_has_prefix(buf_slice(&text), slice_of(begins));
    buf_release(&text);
    return same;
}

static int be_another(void *ctx)
{
    const int *const given = ctx;
    char *const behind = strdup(environ[0]); /* where the arguments end */
    struct error e = { 0 };
    process_set_title("x: y");
    if (!is_there("/proc/self/cmdline", "x: y")) return 1;
    process_set_title("a title that is longer than the arguments were, whatever they were, so that the environment behind "
                      "them would be overwritten as well, were it not cut to the room that they took, which it is, here");
    if (!is_there("/proc/self/cmdline", "a title") || strcmp(environ[0], behind) != 0) return 2;
    free(behind);
    if (process_keep(given, 2, &e) < 0) return 3;
    if (write(3, "A", 1) != 1 || write(4, "B", 1) != 1) return 4;
    for (int fd = 5; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0) return 5;
    return 0;
}

static void a_forked_child_keeps_what_it_is_told_to_and_has_its_own_title(void **state)
{
    int pipes[2][2], status = -1;
    char text[2] = { 0 };
    struct process p;
    assert_int_equal(pipe2(pipes[0], O_CLOEXEC), 0);
    assert_int_equal(pipe2(pipes[1], O_CLOEXEC), 0);
    const int given[2] = { pipes[1][1], pipes[0][1] };
    assert_int_equal(process_fork(be_another, (void *)(uintptr_t)given, SIGKILL, &p, NULL), 0);
    assert_true(process_wait(&p, PATIENCE_MS, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(read(pipes[1][0], text, 2), 1);
    assert_int_equal(text[0], 'A');
    assert_int_equal(read(pipes[0][0], text, 2), 1);
    assert_int_equal(text[0], 'B');
    for (int i = 0; i < 4; i++) close(pipes[i / 2][i % 2]);
    (void)state;
}

static void a_running_child_is_signalled_and_reaped(void **state)
{
    struct process p;
    int code = 5, status = -1;
    assert_int_equal(process_fork(wait_for_signal, &code, SIGKILL, &p, NULL), 0);
    assert_false(process_reap(&p, &status));
    assert_false(process_wait(&p, 0, &status));
    assert_int_equal(process_signal(&p, SIGTERM, NULL), 0);
    assert_true(process_wait(&p, PATIENCE_MS, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(process_signal(&p, SIGTERM, NULL), 0); /* nobody there any more: fine */
    assert_false(process_reap(&p, &status));
    (void)state;
}

static int answer(void *ctx)
{
    return *(int *)ctx;
}

static void a_forked_child_exits_with_its_answer(void **state)
{
    struct process p;
    int code = 7, status = -1;
    assert_int_equal(process_fork(answer, &code, 0, &p, NULL), 0);
    assert_true(process_wait(&p, PATIENCE_MS, &status));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    (void)state;
}

static int forget_and_look(void *ctx)
{
    static const char *const kept[] = { "TOCSIN_TEST_KEPT", NULL };
    struct buf bytes = { 0 };
    struct error e = { 0 };
    (void)ctx;
    setenv("TOCSIN_TEST_KEPT", "here", 1);
    setenv("TOCSIN_TEST_KEPT_NOT", "canary", 1);
    const char *canary = getenv("TOCSIN_TEST_KEPT_NOT");
    process_forget_environment(kept);
    if (getenv("TOCSIN_TEST_KEPT_NOT") != NULL || getenv("PATH") != NULL) return 1;
    if (getenv("TOCSIN_TEST_KEPT") == NULL || strcmp(getenv("TOCSIN_TEST_KEPT"), "here") != 0) return 2;
    if (canary[0] != '\0') return 3; /* overwritten where it stood */
    /* What the process was started with is gone from where others look for it. */
    if (file_read("/proc/self/environ", 1 << 20, &bytes, &e) < 0) return 4;
    const bool left = slice_find(buf_slice(&bytes), S("PATH=")) < bytes.len;
    buf_release(&bytes);
    return left ? 5 : 0;
}

static void an_environment_is_forgotten(void **state)
{
    struct process p;
    struct error e = { 0 };
    int status = 0;
    (void)state;
    assert_int_equal(process_fork(forget_and_look, NULL, SIGKILL, &p, &e), 0);
    assert_true(process_wait(&p, 20000, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_environment_is_forgotten),
        cmocka_unit_test(ends_are_described),
        cmocka_unit_test(only_the_given_descriptors_arrive),
        cmocka_unit_test(descriptors_may_swap_places),
        cmocka_unit_test(a_failed_exec_is_an_error_here),
        cmocka_unit_test(the_environment_is_what_was_given),
        cmocka_unit_test(a_forked_child_keeps_what_it_is_told_to_and_has_its_own_title),
        cmocka_unit_test(a_running_child_is_signalled_and_reaped),
        cmocka_unit_test(a_forked_child_exits_with_its_answer),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
