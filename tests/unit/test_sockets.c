/* test_sockets.c - addresses, listeners, credentials and descriptors over sockets. */
#include "harness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/files.h"
#include "sys/sockets.h"
#include "unit/scratch.h"

static void addresses_are_numbers(void **state)
{
    static const struct {
        const char *text, *printed;
        bool loopback;
    } rows[] = {
        { "127.0.0.1:8911", "127.0.0.1:8911", true },
        { "0.0.0.0:0", "0.0.0.0:0", false },
        { "127.8.9.1:1", "127.8.9.1:1", true },
        { "10.0.0.1:65535", "10.0.0.1:65535", false },
        { "[::1]:8911", "[::1]:8911", true },
        { "[0:0::2]:8911", "[::2]:8911", false },
        { "[::ffff:127.0.0.1]:5", "[::ffff:127.0.0.1]:5", true },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address a;
        struct buf out = { 0 };
        assert_int_equal(address_parse(slice_of(rows[i].text), &a, NULL), 0);
        address_format(&a, &out);
        assert_string_equal(buf_str(&out), rows[i].printed);
        assert_int_equal(address_is_loopback(&a), rows[i].loopback);
        buf_release(&out);
    }
    (void)state;
}

static void other_texts_are_no_address(void **state)
{
    static const char *const rows[] = {
        "",          "8911",           "localhost:8911",
        "127.0.0.1", "127.0.0.1:",     "127.0.0.1:65536",
        "::1:80",    "[::1]",          "[::1]80",
        "[::1:80",   "127.0.0.1:80x",  "127.0.0.1:-1",
        "1.2.3:80",  "[127.0.0.1]:80", "1111111111111111111111111111111111111111111111111111:1"
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address a;
        struct error e = { 0 };
        assert_int_equal(address_parse(slice_of(rows[i]), &a, &e), ERR_INVALID);
        assert_non_null(strstr(e.detail, "127.0.0.1:8911"));
    }
    struct address a;
    assert_int_equal(address_parse((struct slice){ "127.0.0.1\0:80", 13 }, &a, NULL), ERR_INVALID);
    (void)state;
}

static void a_taken_port_is_a_conflict(void **state)
{
    struct address any, got;
    struct error e = { 0 };
    int first, second;
    assert_int_equal(address_parse(S("127.0.0.1:0"), &any, &e), 0);
    assert_int_equal(socket_listen_tcp(&any, &first, &e), 0);
    assert_true(fcntl(first, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(first, F_GETFL) & O_NONBLOCK);
    assert_int_equal(socket_local_address(first, &got, &e), 0);
    assert_int_equal(socket_listen_tcp(&got, &second, &e), ERR_CONFLICT);
    assert_int_equal(second, -1);
    assert_non_null(strstr(e.detail, "127.0.0.1:"));
    close(first);
    (void)state;
}

static void a_unix_socket_has_its_mode_and_knows_its_peer(void **state)
{
    struct buf path = scratch_path(state, "tocsin.sock");
    struct error e = { 0 };
    struct stat st;
    struct peer who;
    struct address local;
    int listener, client, server, second;
    assert_int_equal(socket_listen_unix(path.p, 0660, &listener, &e), 0);
    assert_int_equal(stat(path.p, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    assert_int_equal(socket_connect_unix(path.p, &client, &e), 0);
    server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(server >= 0);
    assert_int_equal(socket_peer(server, &who, &e), 0);
    assert_int_equal(who.uid, getuid());
    assert_int_equal(who.pid, getpid());
    assert_int_equal(socket_local_address(server, &local, &e), 0);
    assert_true(address_is_loopback(&local));
    assert_int_equal(socket_listen_unix(path.p, 0660, &second, &e), ERR_CONFLICT); /* somebody answers */
    close(client);
    close(server);
    close(listener);
    assert_int_equal(socket_connect_unix(path.p, &client, &e), ERR_UNAVAILABLE);
    assert_int_equal(socket_listen_unix(path.p, 0600, &second, &e), 0); /* stale: replaced */
    close(second);
    buf_release(&path);
}

static void a_file_is_never_taken_for_a_stale_socket(void **state)
{
    struct buf path = scratch_path(state, "precious"), text = { 0 };
    struct error e = { 0 };
    int fd;
    assert_int_equal(file_replace(path.p, S("data"), 0600, &e), 0);
    assert_int_equal(socket_listen_unix(path.p, 0600, &fd, &e), ERR_CONFLICT);
    assert_int_equal(file_read(path.p, 10, &text, &e), 0);
    assert_string_equal(buf_str(&text), "data");
    buf_release(&path);
    buf_release(&text);
}

static void too_long_a_path_is_refused(void **state)
{
    char path[200];
    struct error e = { 0 };
    int fd;
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(socket_listen_unix(path, 0600, &fd, &e), ERR_INVALID);
    assert_non_null(strstr(e.detail, "107"));
    assert_int_equal(socket_connect_unix("", &fd, &e), ERR_INVALID);
    (void)state;
}

static void a_descriptor_travels(void **state)
{
    int pair[2], pipes[2], received = -1;
    char byte;
    struct error e = { 0 };
    assert_int_equal(socket_pair(pair, &e), 0);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_int_equal(socket_send_fd(pair[0], pipes[1], &e), 0);
    assert_int_equal(socket_receive_fd(pair[1], &received, &e), 0);
    assert_true(fcntl(received, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(received, "x", 1), 1);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    assert_int_equal(write(pair[0], "y", 1), 1); /* a byte alone */
    assert_int_equal(socket_receive_fd(pair[1], &received, &e), ERR_SYNTAX);
    assert_int_equal(received, -1);
    assert_int_equal(socket_set_nonblocking(pair[1], &e), 0);
    assert_int_equal(socket_receive_fd(pair[1], &received, &e), ERR_BUSY);
    close(pair[0]);
    assert_int_equal(socket_receive_fd(pair[1], &received, &e), ERR_UNAVAILABLE);
    assert_int_equal(socket_send_fd(pair[1], pipes[0], &e), ERR_UNAVAILABLE); /* and no SIGPIPE */
    close(pair[1]);
    close(pipes[0]);
    close(pipes[1]);
    (void)state;
}

#define IN_SCRATCH(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_numbers),
        cmocka_unit_test(other_texts_are_no_address),
        cmocka_unit_test(a_taken_port_is_a_conflict),
        IN_SCRATCH(a_unix_socket_has_its_mode_and_knows_its_peer),
        IN_SCRATCH(a_file_is_never_taken_for_a_stale_socket),
        cmocka_unit_test(too_long_a_path_is_refused),
        cmocka_unit_test(a_descriptor_travels),
    };
    return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
