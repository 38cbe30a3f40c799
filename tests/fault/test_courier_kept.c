/* test_courier_kept.c - connections that are kept for the next request, and servers that end them at the worst moment
 * (R30, R89, decision 0006): whatever libcurl would do, one attempt is at most one request.
 *
 * The test itself is the provider, step by step: nothing here depends on who is faster. Not here: what one request on a
 * connection of its own can meet (test_courier.c).
 */
#include "harness.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "courier_rig.h"
#include "unit/scratch.h"

#define HOOK "  hook: { webhook: { url: \"http://127.0.0.1:%d/x\", secret: { env: TOCSIN_TEST_HOOK } } }\n"
#define TAKEN "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

enum { PATIENCE_MS = 10000 };

struct stage {
    struct rig rig;
    struct buf dir;
    int listener;
    struct buf request; /* the last one that was read */
};

static void stage_up(struct stage *s, void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    struct buf channels = { 0 };
    struct message m;

    *s = (struct stage){ .dir = scratch_path(state, ""), .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    assert_int_equal(bind(s->listener, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &n), 0);
    buf_addf(&channels, HOOK, ntohs(a.sin_port));
    rig_up(&s->rig, buf_str(&s->dir), buf_str(&channels));
    rig_expect(&s->rig, MESSAGE_HELLO, &m);
    buf_release(&channels);
}

static void stage_down(struct stage *s)
{
    rig_down(&s->rig);
    assert_int_equal(s->rig.status, 0);
    close(s->listener);
    buf_release(&s->dir);
    buf_release(&s->request);
}

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd in = { fd, POLLIN, 0 };

    return poll(&in, 1, timeout_ms) == 1;
}

static void page_say(struct stage *s, int64_t delivery)
{
    struct message page = rig_page("hook", PATIENCE_MS);

    page.send.delivery = delivery;
    rig_say(&s->rig, &page);
}

static int next_connection(struct stage *s)
{
    assert_true(is_readable(s->listener, PATIENCE_MS));
    return accept(s->listener, NULL, NULL);
}

/* Where the next request comes in: the connection at rest, or a new one. */
static int request_somewhere(struct stage *s, int kept)
{
    struct pollfd both[] = { { kept, POLLIN, 0 }, { s->listener, POLLIN, 0 } };

    assert_int_equal(poll(both, 2, PATIENCE_MS), 1);
    return both[0].revents != 0 ? kept : accept(s->listener, NULL, NULL);
}

static bool request_is_whole(struct slice text)
{
    const size_t head = slice_find(text, S("\r\n\r\n")), length = slice_find(text, S("Content-Length: "));

    return head < text.n && length < head && text.n - head - 4 == strtoul(text.p + length + 16, NULL, 10);
}

static void request_read(struct stage *s, int fd)
{
    char piece[4096];
    ssize_t n;

    buf_reset(&s->request);
    do {
        assert_true(is_readable(fd, PATIENCE_MS));
        assert_true((n = read(fd, piece, sizeof piece)) > 0);
        buf_add(&s->request, (struct slice){ piece, (size_t)n });
    } while (!request_is_whole((struct slice){ buf_str(&s->request), s->request.len }));
    assert_true(slice_has_prefix(buf_slice(&s->request), S("POST /x HTTP/1.1\r\n")));
}

static void answer(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void outcome_expect(struct stage *s, int64_t delivery, enum message_outcome outcome)
{
    struct message m;

    rig_expect(&s->rig, MESSAGE_RESULT, &m);
    assert_int_equal(m.result.delivery, delivery);
    if (m.result.outcome != outcome)
        fail_msg("%s: %.*s", message_outcome_name(m.result.outcome), (int)m.result.detail.n, m.result.detail.p);
}

/* The first page's connection, at rest. */
static int connection_kept(struct stage *s, int64_t delivery)
{
    int fd;

    page_say(s, delivery);
    fd = next_connection(s);
    request_read(s, fd);
    answer(fd, TAKEN);
    outcome_expect(s, delivery, MESSAGE_OUTCOME_ACCEPTED);
    return fd;
}

static void test_the_next_page_takes_the_kept_connection(void **state)
{
    struct stage s;
    int fd;

    stage_up(&s, state);
    fd = connection_kept(&s, 1);
    for (int64_t delivery = 2; delivery < 5; delivery++) {
        page_say(&s, delivery);
        request_read(&s, fd);
        answer(fd, TAKEN);
        outcome_expect(&s, delivery, MESSAGE_OUTCOME_ACCEPTED);
    }
    assert_false(is_readable(s.listener, 0));
    close(fd);
    stage_down(&s);
}

/* What the provider does with the second request on a connection, before it ends it. */
static const struct ending {
    const char *what;
    bool reads; /* all of it; else it is thrown away unread, and the connection reset */
    const char *says;
    enum message_outcome outcome;
} endings[] = {
    { "takes it and is gone", true, "", MESSAGE_OUTCOME_UNCERTAIN },
    { "is gone without a look at it", false, "", MESSAGE_OUTCOME_UNCERTAIN },
    { "is gone within its status", true, "HTTP/1.1 2", MESSAGE_OUTCOME_UNCERTAIN },
    { "says that it is tired of waiting", true, "HTTP/1.1 408 Timeout\r\nConnection: close\r\n\r\n",
      MESSAGE_OUTCOME_NOT_SENT },
    { "takes it and says so", true, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", MESSAGE_OUTCOME_ACCEPTED },
};

static void test_what_left_once_does_not_leave_again(void **state)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        struct stage s;
        int fd;

        stage_up(&s, state);
        fd = connection_kept(&s, 1);
        page_say(&s, 2);
        assert_true(is_readable(fd, PATIENCE_MS));
        if (endings[i].reads) request_read(&s, fd);
        answer(fd, endings[i].says);
        close(fd);
        outcome_expect(&s, 2, endings[i].outcome);
        assert_false(is_readable(s.listener, 0)); /* not even a connection */
        stage_down(&s);
    }
}

/* libcurl's repeat would not need a new connection where another one is at rest. */
static void test_it_does_not_leave_by_another_kept_connection(void **state)
{
    struct stage s;
    struct message m;
    char byte;
    int fd[2];

    stage_up(&s, state);
    page_say(&s, 1);
    page_say(&s, 2);
    for (int i = 0; i < 2; i++) {
        fd[i] = next_connection(&s);
        request_read(&s, fd[i]);
    }
    for (int i = 0; i < 2; i++) {
        answer(fd[i], TAKEN);
        rig_expect(&s.rig, MESSAGE_RESULT, &m);
        assert_int_equal(m.result.outcome, MESSAGE_OUTCOME_ACCEPTED);
    }
    page_say(&s, 3);
    struct pollfd both[] = { { fd[0], POLLIN, 0 }, { fd[1], POLLIN, 0 } };
    assert_int_equal(poll(both, 2, PATIENCE_MS), 1);
    const int taken = both[0].revents != 0 ? 0 : 1;
    request_read(&s, fd[taken]);
    close(fd[taken]);
    outcome_expect(&s, 3, MESSAGE_OUTCOME_UNCERTAIN);
    assert_int_equal(recv(fd[1 - taken], &byte, 1, MSG_DONTWAIT), 0); /* ended, without a word */
    assert_false(is_readable(s.listener, 0));
    close(fd[1 - taken]);
    stage_down(&s);
}

/* Nothing of the page had left: no attempt is lost over it. */
static void test_what_ended_at_rest_is_replaced(void **state)
{
    struct stage s;
    int fd;

    stage_up(&s, state);
    close(connection_kept(&s, 1));
    page_say(&s, 2);
    fd = next_connection(&s);
    request_read(&s, fd);
    answer(fd, TAKEN);
    outcome_expect(&s, 2, MESSAGE_OUTCOME_ACCEPTED);
    close(fd);
    stage_down(&s);
}

/* An answer that nobody asked for is not the next page's. */
static void test_a_surplus_answer_counts_for_nothing(void **state)
{
    struct stage s;
    int fd, other;

    stage_up(&s, state);
    fd = connection_kept(&s, 1);
    answer(fd, TAKEN);
    page_say(&s, 2);
    other = next_connection(&s);
    request_read(&s, other);
    answer(other, TAKEN TAKEN);
    outcome_expect(&s, 2, MESSAGE_OUTCOME_ACCEPTED);
    close(fd);
    page_say(&s, 3);
    fd = request_somewhere(&s, other);
    request_read(&s, fd);
    answer(fd, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    outcome_expect(&s, 3, MESSAGE_OUTCOME_UNCERTAIN);
    close(fd);
    if (other != fd) close(other);
    stage_down(&s);
}

static void test_nothing_is_kept_for_long(void **state)
{
    struct stage s;
    char byte;
    int fd;

    stage_up(&s, state);
    fd = connection_kept(&s, 1);
    assert_true(is_readable(fd, PATIENCE_MS));
    assert_int_equal(read(fd, &byte, 1), 0); /* the courier closed it */
    close(fd);
    fd = connection_kept(&s, 2);
    close(fd);
    stage_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_next_page_takes_the_kept_connection),
        cmocka_unit_test(test_what_left_once_does_not_leave_again),
        cmocka_unit_test(test_it_does_not_leave_by_another_kept_connection),
        cmocka_unit_test(test_what_ended_at_rest_is_replaced),
        cmocka_unit_test(test_a_surplus_answer_counts_for_nothing),
        cmocka_unit_test(test_nothing_is_kept_for_long),
    };

    setenv("TOCSIN_TEST_HOOK", "whsec_" "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", 1);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
