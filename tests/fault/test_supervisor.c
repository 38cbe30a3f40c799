/* test_supervisor.c - the supervisor with children that die, hang, cannot start and do not stop.
 * The program is its own children: forked, or started as `serve --child …`, it plays a server or courier that writes what
 * happens to it, a line each, into the file that stands in for site.yaml. How it behaves stands in the environment.
 */
#include "harness.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "serve/control.h"
#include "serve/serve.h"
#include "sys/files.h"
#include "sys/process.h"
#include "unit/scratch.h"

/* ---- the children ---- */

static void note(const struct child_options *o, const char *who, const char *what)
{
    int fd = open(o->site_path, O_WRONLY | O_APPEND | O_CREAT, 0600);

    dprintf(fd, "%s %s\n", who, what);
    close(fd);
}

static bool behaves(const char *who, const char *how)
{
    char wanted[64];
    const char *mode = getenv("TOCSIN_FAKE");

    snprintf(wanted, sizeof wanted, "%s %s", who, how);
    return mode != NULL && strcmp(mode, wanted) == 0;
}

/* The site is spoilt while a file "spoilt" lies beside it. */
static bool is_spoilt(const struct child_options *o)
{
    char path[512];

    snprintf(path, sizeof path, "%s.spoilt", o->site_path);
    return access(path, F_OK) == 0;
}

/* The other may be dead already: then its next life brings a new socket. */
static void peer_greet(int fd)
{
    ssize_t ignored = write(fd, "hi", 2);

    (void)ignored;
}

/* The peer's greeting, or its end. */
static void peer_hear(const struct child_options *o, const char *who, int *fd)
{
    char bytes[8];

    if (read(*fd, bytes, sizeof bytes) > 0) {
        note(o, who, "hears the other");
        return;
    }
    close(*fd);
    *fd = -1;
}

/* Words until STOP. */
static void control_hear(const struct child_options *o, const char *who, int *peer, bool *stop)
{
    struct error e = { 0 };
    enum control_word word;
    int fd, rc;

    while ((rc = control_receive(o->control_fd, &word, &fd, &e)) == 1) {
        if (word == CONTROL_PEER) {
            if (*peer >= 0) close(*peer);
            *peer = fd;
            note(o, who, "gets a new peer");
            peer_greet(fd);
        } else {
            note(o, who, control_word_name(word));
            *stop |= word == CONTROL_STOP && !behaves(who, "never stops");
        }
    }
    if (rc < 0) _exit(8);
}

/* The kernel gives each image of a program bytes of its own; the canaries of its stacks come from them. */
static long image(void)
{
    long bytes;

    memcpy(&bytes, (const void *)getauxval(AT_RANDOM), sizeof bytes);
    return bytes & LONG_MAX;
}

static int child_play(const struct child_options *o, const char *who)
{
    int peer = o->peer_fd;
    bool stop = false;
    char line[32];

    snprintf(line, sizeof line, "image %ld", image());
    note(o, who, line);
    snprintf(line, sizeof line, "starts %d", (int)getpid());
    note(o, who, line);
    if (behaves(who, "crashes")) return 3;
    if (behaves(who, "is misconfigured")) return CHILD_EXIT_CONFIG;
    if (behaves(who, "is spoilt later") && is_spoilt(o)) return CHILD_EXIT_CONFIG;
    if (strcmp(who, "server") == 0) control_send(o->control_fd, CONTROL_READY, -1, &(struct error){ 0 });
    peer_greet(peer);
    for (bool first = true; !stop; first = false) {
        struct pollfd both[] = { { o->control_fd, POLLIN, 0 }, { peer, POLLIN, 0 } };

        if (first || !behaves(who, "stops ticking")) control_tick(o->control_fd);
        poll(both, 2, 20);
        if (both[1].revents != 0) peer_hear(o, who, &peer);
        control_hear(o, who, &peer, &stop);
    }
    note(o, who, "ends");
    return CHILD_EXIT_OK;
}

int server_main(const struct child_options *o)
{
    return child_play(o, "server");
}

int courier_main(const struct child_options *o)
{
    return child_play(o, "courier");
}

static int serve_play(int argc, char **argv)
{
    struct serve_options o = { .tick_limit_ms = 300, .stop_limit_ms = 500, .settle_ms = 200 };

    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--site") == 0) o.site_path = argv[i + 1];
        if (strcmp(argv[i], "--child") == 0) o.child = argv[i + 1];
        if (strcmp(argv[i], "--one") == 0) o.one_process = true;
    }
    return serve_run(&o);
}

/* ---- the tests ---- */

struct tree {
    struct process supervisor;
    struct buf events, log; /* paths */
};

static void tree_start(struct tree *t, void **state, const char *fake, const char *more)
{
    const char *argv[] = { "/proc/self/exe", "serve", "--site", NULL, more, more != NULL ? "yes" : NULL, NULL };
    struct process_fd streams[2] = { { -1, 1 }, { -1, 2 } };
    struct process_spec spec = { .argv = argv, .fds = streams, .n_fds = 2, .die_with_parent = SIGKILL };
    struct error e = { 0 };

    *t = (struct tree){ .events = scratch_path(state, "events"), .log = scratch_path(state, "log") };
    unlink(buf_str(&t->events));
    unlink(buf_str(&t->log));
    argv[3] = buf_str(&t->events);
    setenv("TOCSIN_FAKE", fake, 1);
    streams[0].fd = streams[1].fd = open(buf_str(&t->log), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    assert_true(streams[0].fd >= 0);
    assert_int_equal(process_spawn(&spec, &t->supervisor, &e), 0);
    close(streams[0].fd);
}

static struct buf text_of(const struct buf *path)
{
    struct buf text = { 0 };
    struct error e = { 0 };

    file_read(buf_str(path), 1 << 20, &text, &e); /* not there yet: empty */
    return text;
}

/* How often the text holds the words; *last is behind the last place. */
static int count_of(const struct buf *text, const char *words, const char **last)
{
    int n = 0;

    for (const char *at = buf_str(text); (at = strstr(at, words)) != NULL; n++) *last = at += strlen(words);
    return n;
}

/* Waits until the words stand there n times, and returns the number behind the last of them. */
static long wait_for(const struct buf *path, const char *words, int n)
{
    for (int tries = 0; tries < 1000; tries++) {
        struct buf text = text_of(path);
        const char *last = "";
        bool enough = count_of(&text, words, &last) >= n;
        long number = strtol(last, NULL, 10);

        buf_release(&text);
        if (enough) return number;
        poll(NULL, 0, 10);
    }
    struct buf text = text_of(path);
    fail_msg("`%s` does not stand %d times in:\n%s", words, n, buf_str(&text));
    return 0;
}

static int exit_of(struct tree *t)
{
    int status = -1;

    assert_true(process_wait(&t->supervisor, 10000, &status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_logged(struct tree *t, const char *words)
{
    struct buf text = text_of(&t->log);

    if (strstr(buf_str(&text), words) == NULL) fail_msg("no `%s` in:\n%s", words, buf_str(&text));
    buf_release(&text);
}

static void tree_release(struct tree *t)
{
    buf_release(&t->events);
    buf_release(&t->log);
}

static void stop_and_check(struct tree *t)
{
    struct buf text;
    struct error e = { 0 };

    process_signal(&t->supervisor, SIGTERM, &e);
    assert_int_equal(exit_of(t), 0);
    text = text_of(&t->events);
    assert_non_null(strstr(buf_str(&text), "server ends\ncourier stop\n")); /* the server first */
    assert_non_null(strstr(buf_str(&text), "courier ends\n"));
    buf_release(&text);
}

static void test_kill_each_child_and_it_is_back_with_a_working_socket(void **state)
{
    struct tree t;
    long server, courier;

    tree_start(&t, state, "", NULL);
    server = wait_for(&t.events, "server starts ", 1);
    courier = wait_for(&t.events, "courier starts ", 1);
    wait_for(&t.events, "server hears the other", 1);
    wait_for(&t.events, "courier hears the other", 1);

    kill((pid_t)server, SIGKILL);
    assert_int_not_equal(wait_for(&t.events, "server starts ", 2), server);
    wait_for(&t.events, "courier gets a new peer", 1);
    wait_for(&t.events, "server hears the other", 2);
    wait_for(&t.events, "courier hears the other", 2);
    wait_for(&t.log, "the server is ready again; before, it ended with killed by signal 9", 1);

    kill((pid_t)courier, SIGKILL);
    assert_int_not_equal(wait_for(&t.events, "courier starts ", 2), courier);
    wait_for(&t.events, "server gets a new peer", 1);
    wait_for(&t.events, "server hears the other", 3);
    wait_for(&t.events, "courier hears the other", 3);

    assert_logged(&t, "killed by signal 9");
    stop_and_check(&t);
    tree_release(&t);
}

/* Decision 0014: who made a child crash learnt nothing that is true of the next one. */
static void test_the_first_are_forked_and_what_replaces_them_is_another_image(void **state)
{
    struct tree t;
    long first, courier;

    tree_start(&t, state, "", NULL);
    courier = wait_for(&t.events, "courier starts ", 1);
    wait_for(&t.events, "server starts ", 1);
    first = wait_for(&t.events, "server image ", 1);
    assert_int_equal(wait_for(&t.events, "courier image ", 1), first);
    wait_for(&t.events, "courier hears the other", 1);
    kill((pid_t)courier, SIGKILL);
    wait_for(&t.events, "courier starts ", 2);
    assert_int_not_equal(wait_for(&t.events, "courier image ", 2), first);
    wait_for(&t.events, "courier hears the other", 2);
    stop_and_check(&t);
    tree_release(&t);
}

static void test_both_die_at_once(void **state)
{
    struct tree t;
    long server, courier;

    tree_start(&t, state, "", NULL);
    server = wait_for(&t.events, "server starts ", 1);
    courier = wait_for(&t.events, "courier starts ", 1);
    wait_for(&t.events, "courier hears the other", 1);
    wait_for(&t.events, "server hears the other", 1);
    kill((pid_t)server, SIGKILL);
    kill((pid_t)courier, SIGKILL);
    wait_for(&t.events, "server starts ", 2);
    wait_for(&t.events, "courier starts ", 2);
    wait_for(&t.events, "courier hears the other", 2);
    wait_for(&t.events, "server hears the other", 2);
    stop_and_check(&t);
    tree_release(&t);
}

static void test_hangup_is_reload_for_the_server(void **state)
{
    struct tree t;
    struct error e = { 0 };

    tree_start(&t, state, "", NULL);
    wait_for(&t.events, "courier hears the other", 1);
    process_signal(&t.supervisor, SIGHUP, &e);
    wait_for(&t.events, "server reload", 1);
    stop_and_check(&t);
    tree_release(&t);
}

static void test_a_child_that_cannot_live_ends_the_whole(void **state)
{
    static const struct {
        const char *fake, *said;
        int starts, status;
    } rows[] = {
        { "server crashes", "the server ended 6 times within 10 s, the last time with exit code 3", 6, 1 },
        { "courier crashes", "the courier ended 6 times within 10 s, the last time with exit code 3", 6, 1 },
        { "server is misconfigured", "the server cannot start as configured", 1, CHILD_EXIT_CONFIG },
        { "courier is misconfigured", "the courier cannot start as configured", 1, CHILD_EXIT_CONFIG },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tree t;
        struct buf events;
        const char *last;
        char starts[32];

        tree_start(&t, state, rows[i].fake, NULL);
        assert_int_equal(exit_of(&t), rows[i].status);
        assert_logged(&t, rows[i].said);
        events = text_of(&t.events);
        snprintf(starts, sizeof starts, "%s starts ", rows[i].fake[0] == 's' ? "server" : "courier");
        assert_int_equal(count_of(&events, starts, &last), rows[i].starts);
        buf_release(&events);
        tree_release(&t);
    }
}

static void test_a_file_spoilt_later_takes_down_one_child_until_it_is_mended(void **state)
{
    struct tree t;
    struct buf spoilt = scratch_path(state, "events.spoilt");
    struct error e = { 0 };
    long courier;

    tree_start(&t, state, "courier is spoilt later", NULL);
    courier = wait_for(&t.events, "courier starts ", 1);
    poll(NULL, 0, 300); /* it must have run for a while */
    assert_int_equal(file_replace(buf_str(&spoilt), S("x"), 0600, &e), 0);
    kill((pid_t)courier, SIGKILL);
    wait_for(&t.log, "the courier cannot start as configured now", 2);
    assert_int_equal(unlink(buf_str(&spoilt)), 0);
    wait_for(&t.events, "server gets a new peer", 1);
    wait_for(&t.events, "courier hears the other", 2);
    stop_and_check(&t);
    buf_release(&spoilt);
    tree_release(&t);
}

static void test_a_child_that_stops_ticking_is_replaced(void **state)
{
    static const struct {
        const char *fake, *starts, *said;
    } rows[] = {
        { "server stops ticking", "server starts ", "the server completed no round for" },
        { "courier stops ticking", "courier starts ", "the courier completed no round for" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tree t;
        struct error e = { 0 };

        tree_start(&t, state, rows[i].fake, NULL);
        wait_for(&t.events, rows[i].starts, 2);
        assert_logged(&t, rows[i].said);
        process_signal(&t.supervisor, SIGTERM, &e);
        exit_of(&t);
        tree_release(&t);
    }
}

static void test_what_does_not_stop_is_killed(void **state)
{
    static const char *const fakes[] = { "server never stops", "courier never stops" };

    for (size_t i = 0; i < COUNT_OF(fakes); i++) {
        struct tree t;
        struct error e = { 0 };

        tree_start(&t, state, fakes[i], NULL);
        wait_for(&t.events, "courier hears the other", 1);
        process_signal(&t.supervisor, SIGINT, &e);
        assert_int_equal(exit_of(&t), 1);
        assert_logged(&t, "did not stop in time: killed");
        tree_release(&t);
    }
}

static bool is_gone(long pid)
{
    for (int tries = 0; tries < 500; tries++) {
        if (kill((pid_t)pid, 0) < 0) return true;
        poll(NULL, 0, 10);
    }
    return false;
}

static void test_children_die_with_the_supervisor(void **state)
{
    struct tree t;
    struct error e = { 0 };
    long server, courier;
    int status;

    tree_start(&t, state, "", NULL);
    server = wait_for(&t.events, "server starts ", 1);
    courier = wait_for(&t.events, "courier starts ", 1);
    wait_for(&t.events, "courier hears the other", 1);
    process_signal(&t.supervisor, SIGKILL, &e);
    assert_true(process_wait(&t.supervisor, 10000, &status));
    assert_true(is_gone(server));
    assert_true(is_gone(courier));
    tree_release(&t);
}

static void test_one_process_speaks_the_same_words(void **state)
{
    struct tree t;
    struct error e = { 0 };

    tree_start(&t, state, "", "--one");
    assert_int_equal(wait_for(&t.events, "server starts ", 1), wait_for(&t.events, "courier starts ", 1));
    wait_for(&t.events, "server hears the other", 1);
    wait_for(&t.events, "courier hears the other", 1);
    process_signal(&t.supervisor, SIGHUP, &e);
    wait_for(&t.events, "server reload", 1);
    stop_and_check(&t);
    tree_release(&t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_each_child_and_it_is_back_with_a_working_socket),
        cmocka_unit_test(test_the_first_are_forked_and_what_replaces_them_is_another_image),
        cmocka_unit_test(test_both_die_at_once),
        cmocka_unit_test(test_hangup_is_reload_for_the_server),
        cmocka_unit_test(test_a_child_that_cannot_live_ends_the_whole),
        cmocka_unit_test(test_a_file_spoilt_later_takes_down_one_child_until_it_is_mended),
        cmocka_unit_test(test_a_child_that_stops_ticking_is_replaced),
        cmocka_unit_test(test_what_does_not_stop_is_killed),
        cmocka_unit_test(test_children_die_with_the_supervisor),
        cmocka_unit_test(test_one_process_speaks_the_same_words),
    };

    if (argc > 1 && strcmp(argv[1], "serve") == 0) return serve_play(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
