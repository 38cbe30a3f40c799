/* test_control.c - the words between supervisor and children, and the descriptors that ride along. */
#include "harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/control.h"

static void test_words_arrive_whole_and_in_order(void **state)
{
    static const enum control_word words[] = { CONTROL_TICK, CONTROL_RELOAD, CONTROL_STOP };
    struct error e = { 0 };
    enum control_word word;
    int ends[2], fd;

    (void)state;
    assert_int_equal(control_pair(ends, &e), 0);
    for (int i = 0; i < 3; i++) assert_int_equal(control_send(ends[0], words[i], -1, &e), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(control_receive(ends[1], &word, &fd, &e), 1);
        assert_int_equal(word, words[i]);
        assert_int_equal(fd, -1);
    }
    assert_int_equal(control_receive(ends[1], &word, &fd, &e), 0);
    close(ends[0]);
    assert_int_equal(control_receive(ends[1], &word, &fd, &e), ERR_UNAVAILABLE);
    assert_int_equal(control_send(ends[1], CONTROL_TICK, -1, &e), ERR_UNAVAILABLE);
    close(ends[1]);
}

static void test_a_peer_brings_a_working_descriptor(void **state)
{
    struct error e = { 0 };
    enum control_word word;
    int ends[2], data[2], fd = -1;
    char byte = 0;

    (void)state;
    assert_int_equal(control_pair(ends, &e), 0);
    assert_int_equal(pipe(data), 0);
    assert_int_equal(control_send(ends[0], CONTROL_PEER, data[0], &e), 0);
    assert_int_equal(control_receive(ends[1], &word, &fd, &e), 1);
    assert_int_equal(word, CONTROL_PEER);
    assert_true(fd >= 0 && fd != data[0]);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(data[1], "x", 1), 1);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(fd);
    for (int i = 0; i < 2; i++) {
        close(data[i]);
        close(ends[i]);
    }
}

static void test_unknown_words_are_skipped(void **state)
{
    struct error e = { 0 };
    enum control_word word;
    int ends[2], fd;

    (void)state;
    assert_int_equal(control_pair(ends, &e), 0);
    assert_int_equal(send(ends[0], "?", 1, 0), 1);
    assert_int_equal(control_send(ends[0], CONTROL_STOP, -1, &e), 0);
    assert_int_equal(control_receive(ends[1], &word, &fd, &e), 1);
    assert_int_equal(word, CONTROL_STOP);
    close(ends[0]);
    close(ends[1]);
}

static void test_a_full_socket_never_blocks_the_server(void **state)
{
    struct error e = { 0 };
    int ends[2], rc = 0;

    (void)state;
    assert_int_equal(control_pair(ends, &e), 0);
    for (int i = 0; i < 100000 && rc == 0; i++) rc = control_send(ends[0], CONTROL_TICK, -1, &e);
    assert_int_equal(rc, ERR_BUSY);
    control_tick(ends[0]);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_arrive_whole_and_in_order),
        cmocka_unit_test(test_a_peer_brings_a_working_descriptor),
        cmocka_unit_test(test_unknown_words_are_skipped),
        cmocka_unit_test(test_a_full_socket_never_blocks_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
