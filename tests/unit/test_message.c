/* test_message.c - what the server and the courier say, both ways. */
#include "harness.h"

#include "base/check.h"
#include "ipc/message.h"

static const struct message_credit credits[] = { { S("mail"), 8, S("") },
                                                 { S("incidents"), 0, S("no credential") } };

static const struct message samples[] = {
    { .type = MESSAGE_SEND,
      .send = { .delivery = 42,
                .attempt = 2,
                .channel = S("mail"),
                .address = S("ada@example.org"),
                .purpose = MESSAGE_FOR_PAGE,
                .severity = 2,
                .urgency = MESSAGE_URGENCY_RING,
                .deadline_ms = INT64_C(9007199254740993),
                .subject = S("INC-7 SEV2? dashboard"),
                .text = S("line 1\n\"line 2\" \xe2\x86\x92"),
                .short_text = S("short"),
                .voice = S("voice"),
                .html = S("<p>&amp;</p>"),
                .thread = S("inc-7"),
                .incident = 7,
                .page = 9,
                .ack_url = S("http://127.0.0.1:8912/a/token"),
                .reply_to = S("1700000000.000100@C1"),
                .update = 1 } },
    { .type = MESSAGE_SEND,
      .send = { .delivery = 1,
                .attempt = 1,
                .channel = S("log"),
                .purpose = MESSAGE_FOR_STAND_DOWN,
                .urgency = MESSAGE_URGENCY_QUIET } },
    { .type = MESSAGE_RELOAD, .serial = 3 },
    { .type = MESSAGE_PING, .serial = INT64_MAX },
    { .type = MESSAGE_PONG },
    { .type = MESSAGE_HELLO, .hello = { S("00ff"), credits, COUNT_OF(credits) } },
    { .type = MESSAGE_HELLO, .hello = { S("00ff"), NULL, 0 } },
    { .type = MESSAGE_CREDIT, .credit = { .channel = S("mail"), .n = 1 } },
    { .type = MESSAGE_RESULT,
      .result = { 42, 2, 86400000, MESSAGE_OUTCOME_NOT_SENT, -7, S("connection refused"), S("<inc-7.n2@host>"),
                  30000 } },
    { .type = MESSAGE_RESULT, .result = { .delivery = 1, .attempt = 1, .outcome = MESSAGE_OUTCOME_UNCERTAIN } },
    { .type = MESSAGE_PREPARE,
      .send = { .delivery = 1,
                .attempt = 1,
                .channel = S("log"),
                .purpose = MESSAGE_FOR_ALARM,
                .urgency = MESSAGE_URGENCY_RING } },
    { .type = MESSAGE_GO, .send = { .delivery = 1, .attempt = 1, .since = 5, .channel = S("log") } },
    { .type = MESSAGE_DROP },
};

/* What is built, read and built again is the same text: every field made the way. */
static void messages_travel_whole(void **state)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena *a = arena_create(0);
        struct buf first = { 0 }, second = { 0 };
        struct message m;
        struct error e = { 0 };
        message_build(&samples[i], &first);
        assert_int_equal(message_parse(buf_slice(&first), a, &m, &e), 0);
        assert_int_equal(m.type, samples[i].type);
        message_build(&m, &second);
        assert_string_equal(buf_str(&first), buf_str(&second));
        buf_release(&first);
        buf_release(&second);
        arena_destroy(&a);
    }
    (void)state;
}

static void the_wire_form_is_fixed(void **state)
{
    struct buf out = { 0 };
    message_build(&samples[1], &out);
    assert_string_equal(
        buf_str(&out),
        "{\"type\":\"send\",\"delivery\":1,\"attempt\":1,\"since\":0,\"channel\":\"log\",\"address\":null,"
        "\"purpose\":\"stand-down\",\"severity\":0,\"urgency\":\"quiet\",\"deadline_ms\":0,"
        "\"subject\":null,\"text\":null,\"short\":null,\"voice\":null,\"html\":null,"
        "\"thread\":null,\"incident\":0,\"page\":0,\"ack_url\":null,"
        "\"reply_to\":null,\"update\":0}");
    buf_reset(&out);
    message_build(&samples[5], &out);
    assert_string_equal(buf_str(&out),
                        "{\"type\":\"hello\",\"site_hash\":\"00ff\",\"channels\":[{\"channel\":\"mail\",\"n\":8},"
                        "{\"channel\":\"incidents\",\"n\":0,\"problem\":\"no credential\"}]}");
    buf_reset(&out);
    message_build(&samples[8], &out);
    assert_string_equal(
        buf_str(&out), "{\"type\":\"result\",\"delivery\":42,\"attempt\":2,\"since\":86400000,\"outcome\":\"not_sent\","
                       "\"code\":-7,"
                       "\"detail\":\"connection refused\",\"provider_id\":\"<inc-7.n2@host>\","
                       "\"retry_after_ms\":30000}");
    buf_release(&out);
    (void)state;
}

static void every_field_is_read_into_its_place(void **state)
{
    struct arena *a = arena_create(0);
    struct buf out = { 0 };
    struct message m;
    message_build(&samples[0], &out);
    assert_int_equal(message_parse(buf_slice(&out), a, &m, NULL), 0);
    const struct message_send *s = &m.send, *was = &samples[0].send;
    assert_int_equal(s->delivery, 42);
    assert_int_equal(s->attempt, 2);
    assert_int_equal(s->purpose, MESSAGE_FOR_PAGE);
    assert_int_equal(s->severity, 2);
    assert_int_equal(s->urgency, MESSAGE_URGENCY_RING);
    assert_true(s->deadline_ms == INT64_C(9007199254740993)); /* beyond a double */
    assert_int_equal(s->incident, 7);
    assert_int_equal(s->page, 9);
    assert_int_equal(s->update, 1);
    const struct slice got[] = { s->channel, s->address, s->subject, s->text,    s->short_text,
                                 s->voice,   s->html,    s->thread,  s->ack_url, s->reply_to };
    const struct slice want[] = { was->channel, was->address, was->subject, was->text,    was->short_text,
                                  was->voice,   was->html,    was->thread,  was->ack_url, was->reply_to };
    for (size_t i = 0; i < COUNT_OF(got); i++) assert_true(slice_eq(got[i], want[i]));
    buf_release(&out);
    arena_destroy(&a);
    (void)state;
}

static void texts_that_are_not_utf8_are_mended(void **state)
{
    struct message m = { .type = MESSAGE_CREDIT, .credit = { .channel = S("a\xff\xc3z\0b"), .n = 1 } }, back;
    struct arena *a = arena_create(0);
    struct buf out = { 0 };
    message_build(&m, &out);
    assert_int_equal(message_parse(buf_slice(&out), a, &back, NULL), 0);
    assert_true(slice_eq(back.credit.channel, S("a\xef\xbf\xbd\xef\xbf\xbdz\0b")));
    buf_release(&out);
    arena_destroy(&a);
    (void)state;
}

static void what_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *json;
        int code;
    } rows[] = {
        { "", ERR_SYNTAX },
        { "{", ERR_SYNTAX },
        { "{}x", ERR_SYNTAX },
        { "{\"type\":\"ping\",\"serial\":1,}", ERR_SYNTAX },
        { "{\"type\":\"ping\",\"serial\":NaN}", ERR_SYNTAX },
        { "{\"type\":\"\xff\"}", ERR_SYNTAX },
        { "[]", ERR_INVALID },
        { "{}", ERR_INVALID },
        { "{\"type\":7}", ERR_INVALID },
        { "{\"type\":\"shout\"}", ERR_NOT_FOUND },
        { "{\"type\":\"unset\"}", ERR_NOT_FOUND },
        { "{\"type\":\"ping\"}", ERR_INVALID },
        { "{\"type\":\"ping\",\"serial\":-1}", ERR_INVALID },
        { "{\"type\":\"ping\",\"serial\":1.5}", ERR_INVALID },
        { "{\"type\":\"ping\",\"serial\":18446744073709551615}", ERR_INVALID },
        { "{\"type\":\"credit\",\"n\":1}", ERR_INVALID },
        { "{\"type\":\"credit\",\"channel\":\"\",\"n\":1}", ERR_INVALID },
        { "{\"type\":\"credit\",\"channel\":null,\"n\":1}", ERR_INVALID },
        { "{\"type\":\"credit\",\"channel\":\"mail\",\"n\":\"1\"}", ERR_INVALID },
        { "{\"type\":\"hello\",\"site_hash\":\"a\"}", ERR_INVALID },
        { "{\"type\":\"hello\",\"site_hash\":\"a\",\"channels\":{}}", ERR_INVALID },
        { "{\"type\":\"hello\",\"site_hash\":\"a\",\"channels\":[1]}", ERR_INVALID },
        { "{\"type\":\"hello\",\"site_hash\":\"a\",\"channels\":[{\"channel\":\"m\",\"n\":1,\"problem\":2}]}", ERR_INVALID },
        { "{\"type\":\"hello\",\"site_hash\":\"a\",\"channels\":[{\"channel\":\"m\"}]}", ERR_INVALID },
        { "{\"type\":\"result\",\"delivery\":0,\"attempt\":1,\"since\":0,\"outcome\":\"accepted\",\"code\":0,\"retry_after_ms\":0}",
          ERR_INVALID },
        { "{\"type\":\"result\",\"delivery\":1,\"attempt\":1,\"since\":0,\"outcome\":\"perhaps\",\"code\":0,\"retry_after_ms\":0}",
          ERR_INVALID },
        { "{\"type\":\"result\",\"delivery\":1,\"attempt\":1,\"since\":0,\"outcome\":\"unset\",\"code\":0,\"retry_after_ms\":0}",
          ERR_INVALID },
        { "{\"type\":\"result\",\"delivery\":1,\"attempt\":1,\"since\":0,\"outcome\":\"accepted\",\"code\":0,\"retry_after_ms\":-1}",
          ERR_INVALID },
        { "{\"type\":\"result\",\"delivery\":1,\"attempt\":1,\"since\":0,\"outcome\":\"accepted\",\"code\":0,\"detail\":3}",
          ERR_INVALID },
    };
    struct arena *a = arena_create(0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message m = { .type = MESSAGE_PING };
        struct error e = { 0 };
        assert_int_equal(message_parse(slice_of(rows[i].json), a, &m, &e), rows[i].code);
        assert_int_equal(e.code, rows[i].code);
        assert_int_equal(m.type, MESSAGE_UNSET);
    }
    arena_destroy(&a);
    (void)state;
}

static void unknown_fields_are_ignored(void **state)
{
    struct arena *a = arena_create(0);
    struct message m;
    assert_int_equal(
        message_parse(S("{\"future\":{\"x\":[1]},\"serial\":5,\"type\":\"pong\",\"n\":\"?\"}"), a, &m, NULL), 0);
    assert_int_equal(m.type, MESSAGE_PONG);
    assert_int_equal(m.serial, 5);
    arena_destroy(&a);
    (void)state;
}

static void a_small_arena_is_an_error(void **state)
{
    struct arena *a = arena_create(16);
    struct message m;
    assert_int_equal(message_parse(S("{\"type\":\"credit\",\"channel\":\"a name of more than sixteen bytes\",\"n\":1}"),
                                   a, &m, NULL),
                     ERR_LIMIT);
    arena_destroy(&a);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_travel_whole),
        cmocka_unit_test(the_wire_form_is_fixed),
        cmocka_unit_test(every_field_is_read_into_its_place),
        cmocka_unit_test(texts_that_are_not_utf8_are_mended),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(unknown_fields_are_ignored),
        cmocka_unit_test(a_small_arena_is_an_error),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
