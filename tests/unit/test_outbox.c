/* The outbox between a real engine and a courier that the test plays over a socket pair: frames out, results and credits
 * back, and every attempt ends in exactly one of a frame or a result (design: Processes, Deliveries; P3, R158). */
#include "engine_kit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "engine/outbox.h"
#include "engine/token.h"
#include "ipc/frame.h"
#include "ipc/message.h"
#include "sys/sockets.h"

struct desk {
    struct kit *kit;
    struct outbox *outbox;
    struct loop *loop;
    int courier; /* our end; -1: none */
    struct frame_reader *reader;
    struct arena *arena;
    struct message_send prepared[MESSAGE_PREPARED_MAX];
    size_t n_prepared;
};

#define URL "http://pager.example:8912"
#define HASH "0f"

static int setup(void **state)
{
    struct desk *d = mem_alloc(sizeof *d);
    struct error e = { 0 };
    void *kit;
    d->outbox = outbox_create(S("0123456789abcdef0123456789abcdef"));
    outbox_configure(d->outbox, S(URL), S(HASH));
    if (kit_setup(&kit) < 0) return -1;
    d->kit = kit;
    kit_send_by(d->kit, outbox_sender(d->outbox));
    d->loop = loop_create(d->kit->clock, &e);
    d->courier = -1;
    d->arena = arena_create(0);
    outbox_start(d->outbox, d->kit->engine, d->loop);
    *state = d;
    return 0;
}

static void courier_leave(struct desk *d)
{
    if (d->courier >= 0) close(d->courier);
    d->courier = -1;
    frame_reader_destroy(&d->reader);
}

static int teardown(void **state)
{
    struct desk *d = *state;
    void *kit = d->kit;
    outbox_attach(d->outbox, -1);
    outbox_destroy(&d->outbox);
    loop_destroy(&d->loop);
    courier_leave(d);
    arena_destroy(&d->arena);
    mem_free(d);
    return kit_teardown(&kit);
}

static void courier_come(struct desk *d)
{
    struct error e = { 0 };
    int ends[2];
    courier_leave(d);
    d->n_prepared = 0;
    assert_int_equal(socket_pair(ends, &e), 0);
    d->courier = ends[0];
    d->reader = frame_reader_create();
    assert_int_equal(socket_set_nonblocking(ends[0], &e), 0);
    outbox_attach(d->outbox, ends[1]);
}

/* Lets everything happen that can happen now. */
static void settle(struct desk *d)
{
    struct error e = { 0 };
    for (int i = 0; i < 4; i++) {
        assert_true(loop_step(d->loop, 0, &e) == 0);
        kit_run(d->kit);
    }
}

static void say_bytes(struct desk *d, struct slice json)
{
    struct error e = { 0 };
    struct frame_writer *w = frame_writer_create(1 << 20);
    assert_int_equal(frame_writer_add(w, json, &e), 0);
    assert_int_equal(frame_writer_flush(w, d->courier, &e), 1);
    frame_writer_destroy(&w);
    settle(d);
}

static void say(struct desk *d, const struct message *m)
{
    struct buf json = { 0 };
    message_build(m, &json);
    say_bytes(d, buf_slice(&json));
    buf_release(&json);
}

static void hello(struct desk *d, const char *hash, int64_t credit)
{
    struct message_credit rows[] = { { .channel = S("log"), .n = credit }, { .channel = S("unheard-of"), .n = 5 } };
    say(d, &(struct message){ .type = MESSAGE_HELLO, .hello = { slice_of(hash), rows, 2 } });
}

static void result(struct desk *d, const struct message_send *s, enum message_outcome outcome)
{
    struct message m = { .type = MESSAGE_RESULT };
    m.result.delivery = s->delivery;
    m.result.attempt = s->attempt;
    m.result.since = s->since;
    m.result.outcome = outcome;
    say(d, &m);
}

/* The next frame that the courier gets; false when there is none. */
static bool hear_frame(struct desk *d, struct message *m)
{
    struct error e = { 0 };
    struct slice frame;
    int rc = frame_reader_next(d->reader, &frame, &e);
    if (rc == 0 && frame_reader_fill(d->reader, d->courier, &e) == 1) rc = frame_reader_next(d->reader, &frame, &e);
    return rc == 1 && message_parse(frame, d->arena, m, &e) == 0;
}

static void go(struct desk *d, struct message *m)
{
    for (size_t i = 0; i < d->n_prepared; i++) {
        if (d->prepared[i].delivery != m->send.delivery || d->prepared[i].attempt != m->send.attempt) continue;
        *m = (struct message){ .type = MESSAGE_SEND, .send = d->prepared[i] };
        d->prepared[i] = d->prepared[--d->n_prepared];
        return;
    }
    fail_msg("the courier was told to send what it does not have");
}

/* As a courier takes them: what was prepared counts when the word to go comes. */
static bool hear(struct desk *d, struct message *m)
{
    while (hear_frame(d, m)) {
        if (m->type == MESSAGE_GO) go(d, m);
        if (m->type != MESSAGE_PREPARE && m->type != MESSAGE_DROP) return true;
        if (m->type == MESSAGE_DROP) d->n_prepared = 0;
        if (m->type == MESSAGE_PREPARE) d->prepared[d->n_prepared++] = m->send;
    }
    return false;
}

static bool contains(struct slice text, const char *what)
{
    return slice_find(text, slice_of(what)) < text.n;
}

/* --- out --- */

static void a_page_becomes_a_frame_with_texts_and_a_link(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(m.type, MESSAGE_SEND);
    assert_int_equal(m.send.purpose, MESSAGE_FOR_PAGE);
    assert_int_equal(m.send.urgency, MESSAGE_URGENCY_RING);
    assert_int_equal(m.send.severity, 2);
    assert_int_equal(m.send.incident, 1);
    assert_true(slice_eq(m.send.channel, S("log")));
    assert_true(slice_eq(m.send.address, S("+1")));
    assert_true(slice_eq(m.send.thread, S("INC-1")));
    assert_true(contains(m.send.text, "HighErrorRate") && contains(m.send.text, "INC-1"));
    assert_true(slice_has_prefix(m.send.ack_url, S(URL "/a/")));
    assert_true(contains(m.send.text, URL "/a/"));
    assert_true(m.send.subject.n > 0 && m.send.subject.n <= 60);
    assert_true(m.send.short_text.n > 0 && m.send.short_text.n <= 160);
    assert_int_equal(m.send.deadline_ms, clock_read(d->kit->clock).steady_ms + OUTBOX_DEADLINE_MS);
    assert_false(hear(d, &m)); /* one attempt, one frame */
}

static void without_a_public_url_there_is_no_link(void **state)
{
    struct desk *d = *state;
    struct message m;
    outbox_configure(d->outbox, (struct slice){ 0 }, S(HASH));
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(m.send.ack_url.n, 0);
    assert_false(contains(m.send.text, "/a/"));
}

static void without_credit_nothing_leaves(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 0);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_false(hear(d, &m));
    say(d, &(struct message){ .type = MESSAGE_CREDIT, .credit = { .channel = S("log"), .n = 1 } });
    assert_true(hear(d, &m));
    assert_int_equal(m.type, MESSAGE_SEND);
}

/* P3: nothing of it left, so it is tried again and not doubled. */
static void a_courier_that_is_not_there_is_not_sent(void **state)
{
    struct desk *d = *state;
    struct message m;
    kit_credit(d->kit, 8); /* granted by a courier that has just died */
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_int_equal(outbox_counters(d->outbox)->not_handed, 1);
    assert_int_equal(kit_attempts(d->kit, OUTCOME_NOT_SENT), 1);
    courier_come(d);
    hello(d, HASH, 8);
    kit_until(d->kit, 30 * SECOND);
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(m.send.attempt, 2);
}

/* I8: held while commits failed, over when one succeeds. The credit comes back: the next page leaves. */
static void a_page_that_is_over_does_not_leave(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 1);
    d->kit->commit_fails = true;
    kit_alert(d->kit, "CertificateExpiry", "warning"); /* quiet: not worth leaving unjournaled */
    settle(d);
    kit_alert_ends(d->kit, "CertificateExpiry", "warning");
    kit_until(d->kit, 6 * MINUTE);
    d->kit->commit_fails = false;
    kit_until(d->kit, 7 * MINUTE);
    settle(d);
    assert_true(hear(d, &m)); /* the alarm about the store takes the credit that came back, and is answered */
    assert_int_equal(m.send.purpose, MESSAGE_FOR_ALARM);
    result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    say(d, &(struct message){ .type = MESSAGE_CREDIT, .credit = { .channel = S("log"), .n = 1 } });
    settle(d);
    assert_false(hear(d, &m));
    assert_int_equal(kit_deliveries(d->kit, DELIVERY_SUPERSEDED), 1);
    kit_alert_of(d->kit, "HighErrorRate", "critical", "jobs");
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(m.send.incident, 2);
}

/* Decision 0017: the courier has the whole message while the commit is under way, and one word lets it go. */
static void what_is_prepared_goes_after_its_commit(void **state)
{
    struct desk *d = *state;
    struct message prepared, went;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear_frame(d, &prepared) && hear_frame(d, &went));
    assert_int_equal(prepared.type, MESSAGE_PREPARE);
    assert_true(contains(prepared.send.text, "HighErrorRate"));
    assert_int_equal(went.type, MESSAGE_GO);
    assert_int_equal(went.send.delivery, prepared.send.delivery);
    assert_int_equal(went.send.since, prepared.send.since);
    assert_false(hear_frame(d, &went));
    assert_int_equal(outbox_counters(d->outbox)->frames, 1);
}

/* Nothing leaves before its commit (P1, decision 0010): where it fails what was prepared is dropped, and what wakes
 * leaves whole, once it is spooled. */
static void what_a_failed_commit_held_is_dropped(void **state)
{
    static const enum message_type quiet[] = { MESSAGE_PREPARE, MESSAGE_DROP };
    static const enum message_type rings[] = { MESSAGE_PREPARE, MESSAGE_DROP, MESSAGE_SEND };
    struct desk *d = *state;
    for (int i = 0; i < 2; i++) {
        const enum message_type *wanted = i == 0 ? quiet : rings;
        struct message m;
        courier_come(d);
        hello(d, HASH, 8);
        d->kit->commit_fails = true;
        kit_alert_of(d->kit, i == 0 ? "CertificateExpiry" : "HighErrorRate", i == 0 ? "warning" : "critical",
                     i == 0 ? "web" : "jobs");
        settle(d);
        for (size_t k = 0; k < (i == 0 ? COUNT_OF(quiet) : COUNT_OF(rings)); k++) {
            assert_true(hear_frame(d, &m));
            assert_int_equal(m.type, wanted[k]);
        }
        assert_false(hear_frame(d, &m));
        d->kit->commit_fails = false;
        kit_until(d->kit, (i + 1) * 10 * SECOND);
        settle(d);
        while (hear(d, &m)) result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    }
}

static void a_reload_is_passed_on(void **state)
{
    struct desk *d = *state;
    struct message m;
    outbox_reload(d->outbox); /* nobody there: the next one reads the file anyway */
    courier_come(d);
    outbox_reload(d->outbox);
    assert_true(hear(d, &m));
    assert_int_equal(m.type, MESSAGE_RELOAD);
}

/* --- back --- */

static void a_result_ends_the_attempt(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(outbox_counters(d->outbox)->in_flight, 1);
    result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    assert_int_equal(outbox_counters(d->outbox)->in_flight, 0);
    assert_int_equal(kit_deliveries(d->kit, DELIVERY_ACCEPTED), 1);
}

static void credit_is_taken_for_channels_of_the_site_and_once_a_courier(void **state)
{
    struct desk *d = *state;
    struct message m;
    int frames = 0;
    courier_come(d);
    hello(d, HASH, 1);
    hello(d, HASH, 1); /* it read its site again and repeats itself */
    assert_int_equal(outbox_counters(d->outbox)->unknown_credits, 2);
    kit_alert(d->kit, "HighErrorRate", "critical");
    kit_alert_of(d->kit, "Another", "critical", "jobs");
    settle(d);
    while (hear(d, &m)) frames++;
    assert_int_equal(frames, 1);
}

static void another_site_is_noticed_when_it_lasts(void **state)
{
    struct desk *d = *state;
    courier_come(d);
    hello(d, "1e", 1); /* in the middle of a reload: one has read the new file, one has not yet */
    clock_advance(d->kit->clock, SECOND);
    outbox_configure(d->outbox, S(URL), S("1e"));
    clock_advance(d->kit->clock, 5 * SECOND);
    settle(d);
    assert_int_equal(outbox_counters(d->outbox)->site_differs, 0);
    hello(d, "2d", 1);
    clock_advance(d->kit->clock, 3 * SECOND);
    settle(d);
    assert_int_equal(outbox_counters(d->outbox)->site_differs, 1);
}

/* Ends the server as a crash does and begins another; the courier lives on. */
static void server_dies(struct desk *d)
{
    kit_restart(d->kit, NULL);
    outbox_start(d->outbox, d->kit->engine, d->loop);
    courier_come(d);
    hello(d, HASH, 8);
}

/* Neither store nor spool could be written, then the server died: nobody knows of the page that left. Its numbers are the
 * next one's, which neither a late result nor the link in what was sent is taken for. */
static void what_a_lost_page_left_behind_is_not_the_next_ones(void **state)
{
    struct desk *d = *state;
    struct message lost, m;
    d->kit->spool_bytes = 0;
    server_dies(d);
    d->kit->commit_fails = true;
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &lost));
    assert_int_equal(lost.send.purpose, MESSAGE_FOR_PAGE);
    d->kit->commit_fails = false;
    clock_advance(d->kit->clock, SECOND);
    server_dies(d);
    kit_alert_of(d->kit, "HighErrorRate", "critical", "jobs");
    settle(d);
    assert_true(hear(d, &m));
    assert_int_equal(m.send.delivery, lost.send.delivery);
    assert_int_equal(m.send.page, lost.send.page);

    result(d, &lost.send, MESSAGE_OUTCOME_ACCEPTED);
    assert_int_equal(kit_deliveries(d->kit, DELIVERY_ACCEPTED), 0);
    assert_int_equal(outbox_counters(d->outbox)->in_flight, 1);
    say(d, &(struct message){ .type = MESSAGE_PRESS,
                              .serial = 1,
                              .press = { .token = slice_from(lost.send.ack_url, sizeof URL "/a/" - 1) } });
    assert_int_equal(world_incident(engine_world(d->kit->engine), m.send.incident)->acknowledged_at, 0);

    result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    assert_int_equal(kit_deliveries(d->kit, DELIVERY_ACCEPTED), 1);
    say(d, &(struct message){ .type = MESSAGE_PRESS,
                              .serial = 2,
                              .press = { .token = slice_from(m.send.ack_url, sizeof URL "/a/" - 1) } });
    assert_true(world_incident(engine_world(d->kit->engine), m.send.incident)->acknowledged_at != 0);
}

static void what_is_in_flight_when_the_courier_dies_is_uncertain(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &m));
    courier_leave(d);
    settle(d);
    assert_int_equal(outbox_counters(d->outbox)->lost, 1);
    assert_int_equal(kit_attempts(d->kit, OUTCOME_UNCERTAIN), 1);
    courier_come(d);
    hello(d, HASH, 8);
    kit_until(d->kit, 30 * SECOND);
    settle(d);
    assert_true(hear(d, &m)); /* repeated: a page sent twice beats a page lost */
    assert_true(m.send.attempt > 1 || m.send.delivery > 1);
}

static void press(struct desk *d, int64_t serial, struct slice token)
{
    say(d, &(struct message){ .type = MESSAGE_PRESS, .serial = serial, .press = { .token = token } });
}

/* A button in a chat is the page's link in another dress (R146): its token acknowledges, nothing else does. */
static void a_press_acknowledges_by_its_token(void **state)
{
    struct desk *d = *state;
    struct message m;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "DiskFull", "critical");
    settle(d);
    assert_true(hear(d, &m) && m.type == MESSAGE_SEND);
    struct slice url = m.send.ack_url, token = slice_from(url, url.n - TOKEN_CHARS);
    int64_t incident = m.send.incident;

    press(d, 1, S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_true(hear(d, &m) && m.type == MESSAGE_PRESSED && m.serial == 1);
    assert_true(contains(m.press.text, "not known"));
    assert_int_equal(world_incident(engine_world(d->kit->engine), incident)->acknowledged_at, 0);

    press(d, 2, token);
    assert_true(hear(d, &m) && m.type == MESSAGE_PRESSED && m.serial == 2);
    assert_true(m.press.text.n > 0);
    assert_true(world_incident(engine_world(d->kit->engine), incident)->acknowledged_at != 0);

    press(d, 3, token); /* pressed twice: an answer, and nothing changes */
    assert_true(hear(d, &m) && m.type == MESSAGE_PRESSED && m.serial == 3);
}

static void nonsense_is_counted_and_skipped(void **state)
{
    struct desk *d = *state;
    courier_come(d);
    say_bytes(d, S("{\"type\":\"frobnicate\"}"));
    say_bytes(d, S("{}"));
    assert_int_equal(outbox_counters(d->outbox)->bad_frames, 2);
    assert_int_equal(outbox_counters(d->outbox)->connected, 1);
}

static void a_stream_out_of_step_is_a_lost_courier(void **state)
{
    struct desk *d = *state;
    courier_come(d);
    assert_int_equal(write(d->courier, "\xff\xff\xff\xff garbage", 12), 12);
    settle(d);
    assert_int_equal(outbox_counters(d->outbox)->connected, 0);
    assert_int_equal(outbox_counters(d->outbox)->lost, 1);
}

/* --- the courier's own channels --- */

/* The canary's credit counts although no site has such a channel; the heartbeat is no delivery at all. */
static void the_courier_has_two_channels_of_its_own(void **state)
{
    struct desk *d = *state;
    struct audit_facts f = { 0 };
    struct message m;
    assert_string_equal(MESSAGE_CANARY, CANARY_CHANNEL);
    courier_come(d);
    hello(d, HASH, 8);
    say(d, &(struct message){ .type = MESSAGE_CREDIT, .credit = { .channel = S(MESSAGE_CANARY), .n = 1 } });
    settle(d);
    const struct post canary = { .event = { .kind = EVENT_CANARY } };
    struct error e = { 0 };
    assert_int_equal(engine_post(d->kit->engine, &canary, &e), 0);
    kit_until(d->kit, 2 * SECOND);
    settle(d);
    assert_true(hear(d, &m));
    assert_true(slice_eq(m.send.channel, S(MESSAGE_CANARY)));
    result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    settle(d);
    assert_int_equal(world_delivery(engine_world(d->kit->engine), CANARY_DELIVERY)->state, DELIVERY_ACCEPTED);
    assert_int_equal(outbox_counters(d->outbox)->outcomes[OUTCOME_ACCEPTED], 0); /* no figure of what left */

    outbox_beat(d->outbox, clock_read(d->kit->clock));
    assert_true(hear(d, &m));
    assert_true(slice_eq(m.send.channel, S(MESSAGE_HEARTBEAT)));
    result(d, &m.send, MESSAGE_OUTCOME_NOT_SENT);
    settle(d);
    outbox_judge(d->outbox, &f);
    assert_int_equal(f.beats_failed, 1);
    assert_int_equal(f.n_channels, 0);
    assert_int_equal(outbox_counters(d->outbox)->in_flight, 0); /* a stop does not wait for it */
}

/* P5: what a channel did with its last messages, for the self-audit. */
static void a_channel_that_fails_is_remembered_until_it_works(void **state)
{
    struct desk *d = *state;
    struct audit_facts f = { 0 };
    struct message m;
    courier_come(d);
    hello(d, HASH, 8);
    kit_alert(d->kit, "HighErrorRate", "critical");
    settle(d);
    assert_true(hear(d, &m));
    result(d, &m.send, MESSAGE_OUTCOME_NOT_SENT);
    settle(d);
    outbox_judge(d->outbox, &f);
    assert_int_equal(f.n_channels, 1);
    assert_true(slice_eq(f.channels[0].name, S("log")));
    assert_int_equal(f.channels[0].failures, 1);
    kit_until(d->kit, 30 * SECOND);
    settle(d);
    assert_true(hear(d, &m));
    result(d, &m.send, MESSAGE_OUTCOME_ACCEPTED);
    settle(d);
    outbox_judge(d->outbox, &f);
    assert_int_equal(f.channels[0].failures, 0);
}

/* A missing credential shows in the self-audit before a page finds out, and no longer once the courier has it. */
static void a_channel_without_its_credential_is_known_at_once(void **state)
{
    struct desk *d = *state;
    struct audit_facts f = { 0 };
    struct message_credit row = { .channel = S("log"), .n = 8, .problem = S("credential log-token: there is none") };
    const struct message m = { .type = MESSAGE_HELLO, .hello = { S(HASH), &row, 1 } };
    courier_come(d);
    say(d, &m);
    settle(d);
    outbox_judge(d->outbox, &f);
    assert_int_equal(f.n_channels, 1);
    assert_true(slice_eq(f.channels[0].problem, row.problem));
    row.problem = S("");
    say(d, &m);
    settle(d);
    outbox_judge(d->outbox, &f);
    assert_int_equal(f.channels[0].problem.n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_becomes_a_frame_with_texts_and_a_link),
        TEST(without_a_public_url_there_is_no_link),
        TEST(without_credit_nothing_leaves),
        TEST(a_courier_that_is_not_there_is_not_sent),
        TEST(a_page_that_is_over_does_not_leave),
        TEST(what_is_prepared_goes_after_its_commit),
        TEST(what_a_failed_commit_held_is_dropped),
        TEST(a_channel_without_its_credential_is_known_at_once),
        TEST(a_reload_is_passed_on),
        TEST(a_result_ends_the_attempt),
        TEST(credit_is_taken_for_channels_of_the_site_and_once_a_courier),
        TEST(another_site_is_noticed_when_it_lasts),
        TEST(what_a_lost_page_left_behind_is_not_the_next_ones),
        TEST(what_is_in_flight_when_the_courier_dies_is_uncertain),
        TEST(a_press_acknowledges_by_its_token),
        TEST(nonsense_is_counted_and_skipped),
        TEST(a_stream_out_of_step_is_a_lost_courier),
        TEST(the_courier_has_two_channels_of_its_own),
        TEST(a_channel_that_fails_is_remembered_until_it_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
