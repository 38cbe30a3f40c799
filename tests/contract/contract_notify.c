/* contract_notify.c - what every notifier keeps: it builds for every purpose, shows no secret and no placeholder, lets
 * nothing be injected, and places every answer (R30, R89, R158).
 */
#include "harness.h"

#include "base/check.h"
#include "notify/notifier.h"

static const struct notifier_channel channels[] = {
    { .name = { "journal", 7 }, .path = { "/tmp/pages.log", 14 } },
    {
        .name = { "mail", 4 },
        .url = { "smtp://127.0.0.1:25", 19 },
        .from = { "tocsin@example.org", 18 },
        .user = { "tocsin", 6 },
        .password = { "sesame-open", 11 },
        .tls = TLS_REQUIRED,
        .return_key = { "0123456789abcdef0123456789abcdef", 32 },
    },
    {
        .name = { "hook", 4 },
        .url = { "https://example.org/hook?key=sesame-open", 40 },
        .secret = { "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 38 },
    },
    { .name = { "chat", 4 }, .url = { "https://slack.com/api", 21 }, .token = { "xoxb-sesame-open", 16 } },
    { .name = { "room", 4 }, .url = { "https://example.org/hooks/sesame-open", 37 } },
    { .name = { "push", 4 }, .url = { "https://example.org", 19 }, .token = { "tk_sesame-open", 14 } },
    { .name = { "bot", 3 }, .url = { "https://example.org", 19 }, .token = { "123:sesame-open", 15 } },
};

/* A recipient in the form that the channel kind has. */
static const struct slice addresses[] = {
    { "ada@example.org", 15 }, { "ada@example.org", 15 }, { "ada@example.org", 15 }, { "#incidents", 10 },
    { "#incidents", 10 },      { "ada-pages", 9 },        { "-100123", 7 },
};

static const struct message_send whole = {
    .delivery = 7,
    .attempt = 1,
    .channel = { "mail", 4 },
    .address = { "ada@example.org", 15 },
    .purpose = MESSAGE_FOR_PAGE,
    .severity = 2,
    .urgency = MESSAGE_URGENCY_RING,
    .subject = { "INC-42 SEV2? Dashboard: 5xx over 2%", 35 },
    .text = { "Dashboard answers with 5xx.\nNext: Secondary at 03:05.\n", 54 },
    .short_text = { "INC-42 SEV2?", 12 },
    .voice = { "Incident forty-two.", 19 },
    .html = { "<p>Dashboard</p>", 16 },
    .thread = { "INC-42", 6 },
    .incident = 42,
    .page = 9,
    .ack_url = { "http://127.0.0.1:8912/a/token", 29 },
};

static bool holds(struct slice in, const char *what)
{
    struct slice needle = slice_of(what);

    return in.n >= needle.n && slice_find(in, needle) < in.n;
}

static void test_every_channel_kind_is_under_contract(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        assert_non_null(notifier_at(i));
        assert_ptr_equal(notifier_find(slice_of(notifier_at(i)->name)), notifier_at(i));
    }
    assert_null(notifier_at(COUNT_OF(channels)));
    assert_null(notifier_find(S("fax")));
}

/* "[Name]": a hint of a document or a template. A JSON array begins otherwise. */
static bool holds_placeholder(struct slice in)
{
    for (size_t i = 0; i + 1 < in.n; i++)
        if (in.p[i] == '[' && strchr("[{\"]", in.p[i + 1]) == NULL) return true;
    return holds(in, "{{");
}

/* The tokens of three kinds go into a header or the address, which nobody prints; all else shows no secret. */
static void request_check(const struct request *r)
{
    assert_int_not_equal(r->kind, REQUEST_UNSET);
    assert_true(r->body.n > 0);
    assert_false(holds_placeholder(r->body));
    assert_false(holds(r->body, "unset"));
    assert_false(holds(r->body, "(null)"));
    assert_false(holds(r->body, "sesame-open"));
    assert_false(holds(r->body, "whsec_"));
    assert_false(holds(r->body, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    for (size_t i = 0; i < r->n_headers; i++) {
        struct slice header = slice_of(r->headers[i]);

        assert_false(holds(header, "\n") || holds(header, "\r"));
        assert_false(holds(header, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        if (!slice_has_prefix(header, S("Authorization: Bearer "))) assert_false(holds(header, "sesame-open"));
    }
}

static void test_builds_for_every_purpose_and_urgency(void **state)
{
    static const enum message_purpose purposes[] = {
#define X(sym, code, text) MESSAGE_FOR_##sym,
        MESSAGE_PURPOSES(X)
#undef X
    };
    struct arena *a = arena_create(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++)
        for (size_t p = 0; p < COUNT_OF(purposes); p++) {
            struct message_send m = whole;
            struct request r;
            struct error e = { 0 };

            arena_reset(a);
            m.address = addresses[i];
            m.purpose = purposes[p];
            m.urgency = p % 2 == 0 ? MESSAGE_URGENCY_RING : MESSAGE_URGENCY_QUIET;
            assert_int_equal(notifier_at(i)->build(&channels[i], &m, INT64_C(1767582000000), a, &r, &e), 0);
            request_check(&r);
        }
    arena_destroy(&a);
}

/* The least a message has: nothing that may be missing is needed. */
static void test_builds_from_the_least(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct message_send m = { .delivery = 1,
                              .attempt = 1,
                              .address = S("ada@example.org"),
                              .purpose = MESSAGE_FOR_ALARM,
                              .urgency = MESSAGE_URGENCY_QUIET,
                              .subject = S("x"),
                              .text = S("y") };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        struct request r;
        struct error e = { 0 };

        m.address = addresses[i];
        assert_int_equal(notifier_at(i)->build(&channels[i], &m, 0, a, &r, &e), 0);
        request_check(&r);
    }
    arena_destroy(&a);
}

/* The link is what the page is for: it is in every channel's bytes, whether the text has it or not. */
static void test_the_acknowledge_link_is_always_there(void **state)
{
    struct arena *a = arena_create(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++) {
        struct message_send m = whole;
        struct request r;
        struct error e = { 0 };

        m.address = addresses[i];
        assert_int_equal(notifier_at(i)->build(&channels[i], &m, 0, a, &r, &e), 0);
        assert_true(holds(r.body, "127.0.0.1:8912/a/token"));
    }
    arena_destroy(&a);
}

/* Each hostile value goes into each text. Either the channel refuses, or the value is contained. */
static void test_nothing_can_be_injected(void **state)
{
    static const char *const hostile[] = { "x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\rBcc: eve" };
    static const size_t places[] = {
        offsetof(struct message_send, address),
        offsetof(struct message_send, subject),
        offsetof(struct message_send, thread),
        offsetof(struct message_send, channel),
    };
    struct arena *a = arena_create(8 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(channels); i++)
        for (size_t h = 0; h < COUNT_OF(hostile) * COUNT_OF(places); h++) {
            struct message_send m = whole;
            struct request r;
            struct error e = { 0 };
            size_t at = places[h / COUNT_OF(hostile)];
            struct slice *place = (struct slice *)((char *)&m + at);
            bool is_address = at == places[0];
            int rc;

            m.address = addresses[i];
            *place = slice_of(hostile[h % COUNT_OF(hostile)]);
            rc = notifier_at(i)->build(&channels[i], &m, 0, a, &r, &e);
            if (is_address && (notifier_at(i) == &notifier_mail || notifier_at(i) == &notifier_ntfy ||
                               notifier_at(i) == &notifier_telegram)) {
                assert_int_equal(rc, ERR_INVALID);
                assert_null(strstr(e.detail, "eve"));
                continue;
            }
            assert_int_equal(rc, 0);
            assert_false(holds(r.body, "\nBcc:") || holds(r.body, "\rBcc:"));
            for (size_t k = 0; k < r.n_headers; k++) assert_null(strpbrk(r.headers[k], "\r\n"));
        }
    arena_destroy(&a);
}

static void test_errors_show_no_secret(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct notifier_channel hook = channels[2], mail = channels[1], chat = channels[3], bot = channels[6];
    struct message_send to_bot = whole;
    struct request r;
    struct error e = { 0 };

    (void)state;
    hook.secret = S("whsec_not*base64*sesame-open");
    assert_int_equal(notifier_webhook.build(&hook, &whole, 0, a, &r, &e), ERR_INVALID);
    assert_null(strstr(e.detail, "sesame-open"));
    hook.url = S("gopher://sesame-open");
    assert_int_equal(notifier_webhook.build(&hook, &whole, 0, a, &r, &e), ERR_INVALID);
    assert_null(strstr(e.detail, "sesame-open"));
    chat.token = S("xoxb-sesame-open\r\nX: y");
    assert_int_equal(notifier_slack.build(&chat, &whole, 0, a, &r, &e), ERR_INVALID);
    assert_null(strstr(e.detail, "sesame-open"));
    to_bot.address = addresses[6];
    bot.token = S("123:sesame-open/../x");
    assert_int_equal(notifier_telegram.build(&bot, &to_bot, 0, a, &r, &e), ERR_INVALID);
    assert_null(strstr(e.detail, "sesame-open"));
    mail.tls = TLS_NO;
    assert_int_equal(notifier_mail.build(&mail, &whole, 0, a, &r, &e), ERR_INVALID);
    assert_null(strstr(e.detail, "sesame-open"));
    arena_destroy(&a);
}

static void test_a_small_arena_is_an_error_not_a_crash(void **state)
{
    (void)state;
    for (size_t limit = 64; limit <= 4096; limit += 64)
        for (size_t i = 0; i < COUNT_OF(channels); i++) {
            struct arena *a = arena_create(limit);
            struct message_send m = whole;
            struct request r;
            struct error e = { 0 };
            int rc;

            m.address = addresses[i];
            rc = notifier_at(i)->build(&channels[i], &m, 0, a, &r, &e);
            assert_true(rc == 0 || rc == ERR_LIMIT);
            arena_destroy(&a);
        }
}

/* Every fault, reach and status, and values that no header file names: an outcome always, and never "not sent" or
 * "refused" by a fault alone once the message may have arrived. */
static void test_the_judge_is_total(void **state)
{
    static const int64_t odd[] = { -1, 0, 1, 99, 600, 999, INT64_MAX };
    struct arena *a = arena_create(64 << 10);

    (void)state;
    for (size_t i = 0; notifier_at(i) != NULL; i++)
        for (int fault = 0; fault <= FAULT_FORBIDDEN + 1; fault++)
            for (int reach = 0; reach <= REACH_ALL + 1; reach++)
                for (int64_t s = 100; s < 600 + (int64_t)COUNT_OF(odd); s++) {
                    struct response r = { .fault = (enum fault)fault, .reach = (enum reach)reach };
                    struct verdict v = { 0 };

                    r.status = s < 600 ? s : odd[s - 600];
                    r.head = S("250 ok\r\n\r\nx: \xff\r\n");
                    r.problem = S("line\nbreak");
                    arena_reset(a);
                    notifier_at(i)->judge(&r, a, &v);
                    assert_in_range(v.outcome, MESSAGE_OUTCOME_ACCEPTED, MESSAGE_OUTCOME_UNCERTAIN);
                    assert_true(v.detail.n > 0);
                    assert_false(holds(v.detail, "\n"));
                    if (r.status <= 0 && reach == REACH_ALL && fault != FAULT_NONE)
                        assert_int_equal(v.outcome, MESSAGE_OUTCOME_UNCERTAIN);
                }
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_channel_kind_is_under_contract),
        cmocka_unit_test(test_builds_for_every_purpose_and_urgency),
        cmocka_unit_test(test_builds_from_the_least),
        cmocka_unit_test(test_the_acknowledge_link_is_always_there),
        cmocka_unit_test(test_nothing_can_be_injected),
        cmocka_unit_test(test_errors_show_no_secret),
        cmocka_unit_test(test_a_small_arena_is_an_error_not_a_crash),
        cmocka_unit_test(test_the_judge_is_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
