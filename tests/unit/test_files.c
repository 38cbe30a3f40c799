/* test_files.c - whole files, directories and the lock on a state directory. */
#include "harness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/files.h"
#include "unit/scratch.h"

static void what_is_replaced_is_read(void **state)
{
    struct buf path = scratch_path(state, "site.yaml"), text = { 0 };
    struct stat st;
    struct error e = { 0 };
    assert_int_equal(file_replace(path.p, S("first"), 0640, &e), 0);
    assert_int_equal(file_replace(path.p, S("second\n"), 0600, &e), 0);
    assert_int_equal(file_read(path.p, 100, &text, &e), 0);
    assert_string_equal(buf_str(&text), "second\n");
    assert_int_equal(stat(path.p, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(unlink(path.p), 0);
    assert_int_equal(rmdir(*state), 0); /* no temporary file stayed behind */
    assert_int_equal(mkdir(*state, 0700), 0);
    buf_release(&path);
    buf_release(&text);
}

/* R7: `tocsin fix` keeps the mode, and a link stays a link. */
static void what_is_rewritten_keeps_its_mode(void **state)
{
    struct buf path = scratch_path(state, "document.md"), link = scratch_path(state, "link.md"), text = { 0 };
    struct stat st;
    struct error e = { 0 };
    assert_int_equal(file_rewrite(path.p, S("x"), &e), ERR_NOT_FOUND);
    assert_int_equal(file_replace(path.p, S("first"), 0640, &e), 0);
    assert_int_equal(symlink("document.md", link.p), 0);
    assert_int_equal(file_rewrite(link.p, S("second"), &e), 0);
    assert_int_equal(lstat(link.p, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path.p, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(file_read(path.p, 100, &text, &e), 0);
    assert_string_equal(buf_str(&text), "second");
    buf_release(&path);
    buf_release(&link);
    buf_release(&text);
}

static void a_file_larger_than_its_limit_is_refused(void **state)
{
    struct buf path = scratch_path(state, "big"), text = { 0 };
    struct error e = { 0 };
    assert_int_equal(file_replace(path.p, S("12345"), 0600, &e), 0);
    assert_int_equal(file_read(path.p, 5, &text, &e), 0);
    buf_release(&text);
    assert_int_equal(file_read(path.p, 4, &text, &e), ERR_LIMIT);
    assert_non_null(strstr(e.detail, path.p));
    buf_release(&path);
    buf_release(&text);
}

static void files_made_together_are_all_there_and_nothing_else(void **state)
{
    struct buf one = scratch_path(state, "one.key"), two = scratch_path(state, "two.key"), text = { 0 };
    struct buf nowhere = scratch_path(state, "missing/three.key");
    struct stat st;
    struct error e = { 0 };
    struct new_file files[] = { { one.p, S("first") }, { two.p, S("second") } };
    assert_int_equal(files_make(files, 2, 0600, &e), 0);
    assert_int_equal(file_read(two.p, 100, &text, &e), 0);
    assert_string_equal(buf_str(&text), "second");
    assert_int_equal(stat(one.p, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    files[1].path = nowhere.p; /* the first one was written by then, under a name of its own */
    assert_int_equal(files_make(files, 2, 0600, &e), ERR_NOT_FOUND);
    assert_int_equal(unlink(one.p), 0);
    assert_int_equal(unlink(two.p), 0);
    assert_int_equal(rmdir(*state), 0); /* no temporary file stayed behind */
    assert_int_equal(mkdir(*state, 0700), 0);
    buf_release(&one);
    buf_release(&two);
    buf_release(&nowhere);
    buf_release(&text);
}

static void errors_name_the_path(void **state)
{
    struct buf path = scratch_path(state, "missing/site.yaml"), text = { 0 };
    struct error e = { 0 };
    assert_int_equal(file_read(path.p, 10, &text, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.detail, path.p));
    assert_non_null(strstr(e.detail, "No such file"));
    assert_int_equal(file_replace(path.p, S("x"), 0600, &e), ERR_NOT_FOUND);
    assert_int_equal(file_read(*state, 10, &text, &e), ERR_IO); /* a directory */
    buf_release(&path);
    buf_release(&text);
}

static void directories_are_made_all_the_way(void **state)
{
    struct buf path = scratch_path(state, "a/b//c/"), file = scratch_path(state, "a/b/f"),
               below = scratch_path(state, "a/b/f/d");
    struct stat st;
    struct error e = { 0 };
    assert_int_equal(file_make_dirs(path.p, 0700, &e), 0);
    assert_int_equal(file_make_dirs(path.p, 0700, &e), 0);
    assert_int_equal(stat(path.p, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(file_replace(file.p, S(""), 0600, &e), 0);
    assert_int_equal(file_make_dirs(below.p, 0700, &e), ERR_CONFLICT);
    assert_int_equal(file_make_dirs("", 0700, &e), ERR_INVALID);
    buf_release(&path);
    buf_release(&file);
    buf_release(&below);
}

static void two_servers_cannot_share_a_state_directory(void **state)
{
    int lock, second, status;
    char pid[32];
    struct error e = { 0 };
    assert_int_equal(file_lock_dir(*state, &lock, &e), 0);
    assert_true(fcntl(lock, F_GETFD) & FD_CLOEXEC);
    snprintf(pid, sizeof pid, "process %ld:", (long)getpid());
    pid_t child = fork();
    if (child == 0) {
        bool refused = file_lock_dir(*state, &second, &e) == ERR_CONFLICT && strstr(e.detail, pid) != NULL;
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(lock);
    assert_int_equal(file_lock_dir(*state, &lock, &e), 0); /* free again */
    close(lock);
}

#define IN_SCRATCH(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(what_is_replaced_is_read),
        IN_SCRATCH(what_is_rewritten_keeps_its_mode),
        IN_SCRATCH(files_made_together_are_all_there_and_nothing_else),
        IN_SCRATCH(a_file_larger_than_its_limit_is_refused),
        IN_SCRATCH(errors_name_the_path),
        IN_SCRATCH(directories_are_made_all_the_way),
        IN_SCRATCH(two_servers_cannot_share_a_state_directory),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
