/* test_webhook.c - outgoing webhooks: the Standard Webhooks signature, the body, and what each answer means. */
#include "notify/http_post.h"
#include "notify/webhook.h"

#include "harness.h"

#include <yyjson.h>

#include "base/check.h"
#include "notify/notifier.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SECRET_2 "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
/* The standard's own example (its libraries' documentation), and the second computed by Python's hmac. */
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define SIGNED_2 "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="

static void test_signature_is_the_standards(void **state)
{
    static const struct {
        const char *secrets, *signature;
        int rc;
    } rows[] = {
        { SECRET, SIGNED, 0 },
        { "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SIGNED, 0 }, /* the prefix may be missing */
        { SECRET_2, SIGNED_2, 0 },
        { SECRET " " SECRET_2, SIGNED " " SIGNED_2, 0 }, /* rotation: the receiver takes either */
        { "  " SECRET_2 "  " SECRET, SIGNED_2 " " SIGNED, 0 },
        { "", "", ERR_INVALID },
        { " ", "", ERR_INVALID },
        { "whsec_", "", ERR_INVALID },
        { "whsec_not base64", "", ERR_INVALID },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 };
        struct error e = { 0 };
        int rc = webhook_sign(slice_of(rows[i].secrets), S("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                              S("{\"test\": 2432232314}"), &out, &e);

        assert_int_equal(rc, rows[i].rc);
        if (rc == 0) assert_string_equal(buf_str(&out), rows[i].signature);
        buf_release(&out);
    }
}

static void test_retry_after(void **state)
{
    /* 2026-01-05T03:00:00Z */
    static const int64_t now = INT64_C(1767582000000);
    static const struct {
        const char *value;
        int64_t ms;
    } rows[] = {
        { "0", 0 },
        { "7", 7000 },
        { "86400", 86400000 },
        { "999999999999", 86400000 }, /* at most a day */
        { "99999999999999999999999", 0 },
        { "-5", 0 },
        { "7 s", 0 },
        { "", 0 },
        { "soon", 0 },
        { "Mon, 05 Jan 2026 03:00:30 GMT", 30000 },
        { "Mon, 05 Jan 2026 02:59:59 GMT", 0 },
        { "Tue, 05 Jan 2027 03:00:00 GMT", 86400000 },
        { "Mon, 32 Jan 2026 03:00:30 GMT", 0 },
        { "Mon, 05 Foo 2026 03:00:30 GMT", 0 },
        { "Mon, 05 Jan 2026 03:00:30 CET", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(http_retry_after(slice_of(rows[i].value), now), rows[i].ms);
}

static struct message_send page(void)
{
    return (struct message_send){
        .delivery = 7,
        .attempt = 2,
        .channel = S("hook"),
        .address = S("ada"),
        .purpose = MESSAGE_FOR_PAGE,
        .severity = 2,
        .urgency = MESSAGE_URGENCY_RING,
        .subject = S("INC-42 SEV2? \"quoted\""),
        .text = S("a\nb"),
        .short_text = S("INC-42"),
        .thread = S("INC-42"),
        .incident = 42,
        .page = 9,
        .ack_url = S("http://x/a/t"),
    };
}

static const char *header_of(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (strncmp(r->headers[i], name, strlen(name)) == 0) return r->headers[i] + strlen(name);
    return NULL;
}

static const char *text_at(yyjson_val *object, const char *key)
{
    return yyjson_get_str(yyjson_obj_get(object, key));
}

static void test_the_request(void **state)
{
    static const struct notifier_channel hook = { .name = { "hook", 4 },
                                                  .url = { "https://example.org/x", 21 },
                                                  .secret = { SECRET, sizeof SECRET - 1 } };
    struct arena *a = arena_create(1 << 20);
    struct message_send m = page();
    struct buf signature = { 0 };
    struct request r;
    struct error e = { 0 };
    yyjson_doc *doc;
    yyjson_val *root, *data;

    (void)state;
    assert_int_equal(notifier_webhook.build(&hook, &m, INT64_C(1767582000123), a, &r, &e), 0);
    assert_int_equal(r.kind, REQUEST_HTTP);
    assert_string_equal(r.target, "https://example.org/x");
    assert_string_equal(header_of(&r, "webhook-id: "), "inc-42.d7"); /* the same in every attempt */
    assert_string_equal(header_of(&r, "webhook-timestamp: "), "1767582000");
    assert_string_equal(header_of(&r, "Content-Type: "), "application/json; charset=utf-8");
    assert_int_equal(webhook_sign(hook.secret, S("inc-42.d7"), 1767582000, r.body, &signature, &e), 0);
    assert_string_equal(header_of(&r, "webhook-signature: "), buf_str(&signature));
    doc = yyjson_read(r.body.p, r.body.n, 0);
    root = yyjson_doc_get_root(doc);
    data = yyjson_obj_get(root, "data");
    assert_string_equal(text_at(root, "type"), "tocsin.page");
    assert_string_equal(text_at(root, "timestamp"), "2026-01-05T03:00:00.123Z");
    assert_string_equal(text_at(data, "incident"), "INC-42");
    assert_string_equal(text_at(data, "subject"), "INC-42 SEV2? \"quoted\"");
    assert_string_equal(text_at(data, "text"), "a\nb");
    assert_string_equal(text_at(data, "ack_url"), "http://x/a/t");
    assert_int_equal(yyjson_get_int(yyjson_obj_get(data, "delivery")), 7);
    assert_true(yyjson_is_null(yyjson_obj_get(data, "html")));
    yyjson_doc_free(doc);
    buf_release(&signature);
    arena_destroy(&a);
}

static void test_what_each_answer_means(void **state)
{
    static const struct {
        enum fault fault;
        enum reach reach;
        int64_t status;
        enum message_outcome outcome;
    } rows[] = {
        { FAULT_NONE, REACH_PART, 200, MESSAGE_OUTCOME_ACCEPTED },
        { FAULT_NONE, REACH_PART, 299, MESSAGE_OUTCOME_ACCEPTED },
        { FAULT_RECEIVE, REACH_PART, 202, MESSAGE_OUTCOME_ACCEPTED }, /* it had said yes */
        { FAULT_NONE, REACH_PART, 100, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_NONE, REACH_PART, 301, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 400, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 401, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 404, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 408, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_NONE, REACH_PART, 410, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 425, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_NONE, REACH_PART, 429, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_NONE, REACH_PART, 499, MESSAGE_OUTCOME_REFUSED },
        { FAULT_NONE, REACH_PART, 500, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_NONE, REACH_PART, 599, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_NONE, REACH_PART, 600, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_NONE, REACH_PART, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_RESOLVE, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_CONNECT, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_CERTIFICATE, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_TLS, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_TIMEOUT, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_ADDRESS, REACH_NOTHING, 0, MESSAGE_OUTCOME_REFUSED },
        { FAULT_OTHER, REACH_NOTHING, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_TIMEOUT, REACH_PART, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_SEND, REACH_PART, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_RECEIVE, REACH_PART, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_PROTOCOL, REACH_PART, 0, MESSAGE_OUTCOME_UNCERTAIN },
    };
    struct arena *a = arena_create(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct response r = { .fault = rows[i].fault, .reach = rows[i].reach, .status = rows[i].status };
        struct verdict v;

        notifier_webhook.judge(&r, a, &v);
        if (v.outcome != rows[i].outcome)
            fail_msg("row %zu: status %d gives %s", i, (int)rows[i].status, message_outcome_name(v.outcome));
        assert_int_equal(v.code, rows[i].status);
    }
    arena_destroy(&a);
}

static void test_a_wish_and_a_word_of_the_receiver(void **state)
{
    struct arena *a = arena_create(1 << 16);
    struct response r = {
        .fault = FAULT_NONE,
        .reach = REACH_PART,
        .status = 429,
        .head = S("HTTP/1.1 429 Slow\r\nretry-AFTER:  12 \r\nX: y\r\n\r\n"),
        .body = S("slow\r\ndown \xf0\x9f\x90\xa2\xff"),
    };
    struct verdict v;

    (void)state;
    notifier_webhook.judge(&r, a, &v);
    assert_int_equal(v.retry_after_ms, 12000);
    assert_true(slice_eq(v.detail, S("HTTP status 429: slow  down \xf0\x9f\x90\xa2?")));
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature_is_the_standards),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_the_request),
        cmocka_unit_test(test_what_each_answer_means),
        cmocka_unit_test(test_a_wish_and_a_word_of_the_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
