/* test_courier_prepared.c - what the courier prepares while the server's commit is under way tells nobody until the word
 * to go: not the provider, not the server (decision 0017; P1).
 * Not here: when the server says which (unit/test_outbox.c). */
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>

#include "courier_rig.h"
#include "unit/scratch.h"

enum { PLENTY = 5000 };

static const char channels[] = "  a: { log: { path: pages.log } }\n";

static struct message prepared(const char *channel)
{
    struct message m = rig_page(channel, PLENTY);
    m.type = MESSAGE_PREPARE;
    return m;
}

static struct message go(const struct message *of)
{
    return (struct message){ .type = MESSAGE_GO,
                             .send = { .delivery = of->send.delivery,
                                       .attempt = of->send.attempt,
                                       .since = of->send.since,
                                       .channel = of->send.channel } };
}

/* All that was said so far has been taken, and was answered by nothing. */
static void says_nothing(struct rig *r)
{
    struct message m;
    rig_say(r, &(struct message){ .type = MESSAGE_PING, .serial = 9 });
    assert_true(rig_receive(r, &m, PLENTY));
    assert_int_equal(m.type, MESSAGE_PONG);
}

static void result_is(struct rig *r, enum message_outcome wanted)
{
    struct message m;
    rig_expect(r, MESSAGE_RESULT, &m);
    assert_int_equal(m.result.outcome, wanted);
    assert_int_equal(m.result.delivery, 7);
    rig_expect(r, MESSAGE_CREDIT, &m);
}

static void up(struct rig *r, void **state, const char *text)
{
    struct message m;
    rig_up(r, *state, text);
    rig_expect(r, MESSAGE_HELLO, &m);
}

static void what_is_prepared_waits_for_the_word(void **state)
{
    struct rig rig;
    const struct message page = prepared("a"), word = go(&page);
    struct buf path = scratch_path(state, "pages.log");
    up(&rig, state, channels);
    rig_say(&rig, &page);
    says_nothing(&rig);
    assert_int_equal(access(buf_str(&path), F_OK), -1);
    rig_say(&rig, &word);
    result_is(&rig, MESSAGE_OUTCOME_ACCEPTED);
    assert_int_equal(access(buf_str(&path), F_OK), 0);
    rig_say(&rig, &word); /* it is gone: once is once */
    result_is(&rig, MESSAGE_OUTCOME_NOT_SENT);
    rig_down(&rig);
    assert_int_equal(unlink(buf_str(&path)), 0);
    buf_release(&path);
}

/* No server prepares more than four: memory has a bound, and the word for what is beyond is answered. */
static void more_than_a_few_are_not_held(void **state)
{
    struct rig rig;
    struct message page = prepared("a");
    struct buf path = scratch_path(state, "pages.log");
    up(&rig, state, channels);
    for (page.send.attempt = 1; page.send.attempt <= MESSAGE_PREPARED_MAX + 1; page.send.attempt++)
        rig_say(&rig, &page);
    says_nothing(&rig);
    page.send.attempt = MESSAGE_PREPARED_MAX + 1;
    rig_say(&rig, &(struct message){ .type = MESSAGE_GO, .send = page.send });
    result_is(&rig, MESSAGE_OUTCOME_NOT_SENT);
    page.send.attempt = MESSAGE_PREPARED_MAX;
    rig_say(&rig, &(struct message){ .type = MESSAGE_GO, .send = page.send });
    result_is(&rig, MESSAGE_OUTCOME_ACCEPTED);
    rig_down(&rig);
    unlink(buf_str(&path));
    buf_release(&path);
}

static void what_is_dropped_never_goes(void **state)
{
    struct rig rig;
    const struct message page = prepared("a"), word = go(&page);
    struct buf path = scratch_path(state, "pages.log");
    up(&rig, state, channels);
    rig_say(&rig, &page);
    rig_say(&rig, &(struct message){ .type = MESSAGE_DROP });
    says_nothing(&rig);
    rig_say(&rig, &word);
    result_is(&rig, MESSAGE_OUTCOME_NOT_SENT);
    rig_down(&rig);
    assert_int_equal(access(buf_str(&path), F_OK), -1);
    buf_release(&path);
}

/* Its text stays, whatever the new site says of the channel holds. */
static void a_reload_between_the_two_holds(void **state)
{
    struct rig rig;
    struct message m;
    const struct message page = prepared("a"), word = go(&page);
    struct buf path = scratch_path(state, "others.log");
    up(&rig, state, channels);
    rig_say(&rig, &page);
    rig_write_site(&rig, "  a: { log: { path: others.log } }\n");
    rig_say(&rig, &(struct message){ .type = MESSAGE_RELOAD, .serial = 1 });
    rig_expect(&rig, MESSAGE_HELLO, &m);
    rig_say(&rig, &word);
    result_is(&rig, MESSAGE_OUTCOME_ACCEPTED);
    assert_int_equal(access(buf_str(&path), F_OK), 0);
    rig_down(&rig);
    buf_release(&path);
}

/* The commit of a server that died may not stand: the next one says what leaves. */
static void what_a_server_left_behind_never_goes(void **state)
{
    struct rig rig;
    struct message m;
    const struct message page = prepared("a"), word = go(&page);
    up(&rig, state, channels);
    rig_say(&rig, &page);
    says_nothing(&rig);
    rig_leave(&rig);
    rig_come(&rig);
    rig_expect(&rig, MESSAGE_HELLO, &m);
    assert_int_equal(m.hello.channels[0].n, 8); /* what was prepared holds no credit */
    rig_say(&rig, &word);
    result_is(&rig, MESSAGE_OUTCOME_NOT_SENT);
    rig_down(&rig);
}

/* A request for the network is built, and not even its connection is there before the word. */
static void a_provider_hears_nothing_before_the_word(void **state)
{
    struct rig rig;
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    struct buf text = { 0 };
    struct error e = { 0 };
    struct message m;
    const struct message page = prepared("hook"), word = go(&page);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    setenv("TOCSIN_TEST_HOOK", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
    assert_true(bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 4) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    buf_addf(&text, "  hook: { webhook: { url: \"http://127.0.0.1:%d/\", secret: { env: TOCSIN_TEST_HOOK } } }\n",
             ntohs(a.sin_port));
    up(&rig, state, buf_str(&text));
    rig_say(&rig, &page);
    says_nothing(&rig);
    says_nothing(&rig); /* another turn of its loop */
    assert_int_equal(accept(fd, NULL, NULL), -1);
    rig_say(&rig, &word);
    assert_int_equal(poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, PLENTY), 1);
    close(accept(fd, NULL, NULL));
    result_is(&rig, MESSAGE_OUTCOME_UNCERTAIN);
    rig_say(&rig, &page); /* an end with something prepared is an end */
    says_nothing(&rig);
    assert_int_equal(control_send(rig.control, CONTROL_STOP, -1, &e), 0);
    assert_true(rig_receive(&rig, &m, PLENTY) == false);
    rig_down(&rig);
    assert_int_equal(rig.status, 0);
    close(fd);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_prepared_waits_for_the_word),
        cmocka_unit_test(more_than_a_few_are_not_held),
        cmocka_unit_test(what_is_dropped_never_goes),
        cmocka_unit_test(a_reload_between_the_two_holds),
        cmocka_unit_test(what_a_server_left_behind_never_goes),
        cmocka_unit_test(a_provider_hears_nothing_before_the_word),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
