/* test_chat.c - Slack, webhooks in Slack's shape, ntfy and Telegram: the request for a page, and what each answer means.
 */
#include "harness.h"

#include <yyjson.h>

#include "base/check.h"
#include "notify/notifier.h"
#include "notify/telegram.h"

#define LINK "https://tocsin.example.org/a/token"

static const struct notifier_channel slack = { .url = { "https://slack.com/api", 21 }, .token = { "xoxb-1", 6 } };
static const struct notifier_channel room = { .url = { "https://hooks.example.org/T/B/x", 31 } };
static const struct notifier_channel ntfy = { .url = { "https://ntfy.example.org", 24 }, .token = { "tk_1", 4 } };
static const struct notifier_channel bot = { .url = { "https://api.telegram.org", 24 }, .token = { "123:abc", 7 } };

static struct message_send page(struct slice to)
{
    return (struct message_send){
        .delivery = 7,
        .attempt = 1,
        .address = to,
        .purpose = MESSAGE_FOR_PAGE,
        .severity = 1,
        .urgency = MESSAGE_URGENCY_RING,
        .subject = S("INC-42 SEV1 Dashboard"),
        .text = S("a < b & <!channel> [x](y)\nsecond"),
        .thread = S("INC-42"),
        .incident = 42,
        .page = 9,
        .ack_url = S(LINK),
    };
}

/* The parsed body; the caller frees it. */
static yyjson_doc *built(const struct notifier_ops *ops, const struct notifier_channel *c, struct message_send m,
                         struct arena *a, struct request *r)
{
    struct error e = { 0 };
    yyjson_doc *doc;

    assert_int_equal(ops->build(c, &m, 0, a, r, &e), 0);
    doc = yyjson_read(r->body.p, r->body.n, 0);
    assert_non_null(doc);
    return doc;
}

static const char *text_at(yyjson_doc *doc, const char *pointer)
{
    return yyjson_get_str(yyjson_doc_ptr_get(doc, pointer));
}

static bool has_header(const struct request *r, const char *line)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (strcmp(r->headers[i], line) == 0) return true;
    return false;
}

static void slack_posts(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct message_send m = page(S("#incidents"));
    struct request r;
    yyjson_doc *doc = built(&notifier_slack, &slack, m, a, &r);

    (void)state;
    assert_string_equal(r.target, "https://slack.com/api/chat.postMessage");
    assert_true(has_header(&r, "Authorization: Bearer xoxb-1"));
    assert_int_equal(r.tls, TLS_REQUIRED);
    assert_string_equal(text_at(doc, "/channel"), "#incidents");
    /* No mention of everybody, no link under another name (escape of & < >). */
    assert_string_equal(text_at(doc, "/text"), "INC-42 SEV1 Dashboard\na &lt; b &amp; &lt;!channel&gt; [x](y)\nsecond\n"
                                               "Acknowledge: " LINK);
    assert_true(yyjson_is_false(yyjson_doc_ptr_get(doc, "/unfurl_links")));
    yyjson_doc_free(doc);

    m.reply_to = S("1700000000.000100@C024BE91L");
    doc = built(&notifier_slack, &slack, m, a, &r);
    assert_null(text_at(doc, "/thread_ts")); /* a page is never hidden in a thread */
    yyjson_doc_free(doc);
    m.purpose = MESSAGE_FOR_STAND_DOWN;
    doc = built(&notifier_slack, &slack, m, a, &r);
    assert_string_equal(r.target, "https://slack.com/api/chat.postMessage");
    assert_string_equal(text_at(doc, "/thread_ts"), "1700000000.000100");
    assert_string_equal(text_at(doc, "/channel"), "#incidents");
    yyjson_doc_free(doc);
    /* What was posted says from now on how it stands: by the room's id, which alone chat.update takes. */
    m.purpose = MESSAGE_FOR_POST;
    m.update = 1;
    doc = built(&notifier_slack, &slack, m, a, &r);
    assert_string_equal(r.target, "https://slack.com/api/chat.update");
    assert_string_equal(text_at(doc, "/channel"), "C024BE91L");
    assert_string_equal(text_at(doc, "/ts"), "1700000000.000100");
    assert_null(text_at(doc, "/thread_ts"));
    yyjson_doc_free(doc);
    arena_destroy(&a);
}

static void rooms_get_the_text_alone(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct request r;
    yyjson_doc *doc = built(&notifier_slack_webhook, &room, page(S("")), a, &r);

    (void)state;
    assert_string_equal(r.target, "https://hooks.example.org/T/B/x");
    assert_int_equal(r.n_headers, 1);
    assert_int_equal(yyjson_obj_size(yyjson_doc_get_root(doc)), 1);
    assert_non_null(strstr(text_at(doc, "/text"), "Acknowledge: " LINK));
    yyjson_doc_free(doc);
    arena_destroy(&a);
}

/* Severity and urgency decide whether it comes through "do not disturb" (R159). */
static void ntfy_priorities(void **state)
{
    static const struct {
        int64_t severity;
        enum message_urgency urgency;
        enum message_purpose purpose;
        int priority;
    } rows[] = {
        { 1, MESSAGE_URGENCY_RING, MESSAGE_FOR_PAGE, 5 },  { 2, MESSAGE_URGENCY_RING, MESSAGE_FOR_PAGE, 4 },
        { 0, MESSAGE_URGENCY_RING, MESSAGE_FOR_PAGE, 5 },  { 3, MESSAGE_URGENCY_QUIET, MESSAGE_FOR_PAGE, 3 },
        { 4, MESSAGE_URGENCY_QUIET, MESSAGE_FOR_PAGE, 2 }, { 4, MESSAGE_URGENCY_RING, MESSAGE_FOR_PAGE, 4 },
        { 0, MESSAGE_URGENCY_RING, MESSAGE_FOR_ALARM, 5 }, { 1, MESSAGE_URGENCY_RING, MESSAGE_FOR_STAND_DOWN, 3 },
        { 1, MESSAGE_URGENCY_QUIET, MESSAGE_FOR_POST, 3 },
    };
    struct arena *a = arena_create(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_send m = page(S("ada-pages"));
        struct request r;
        yyjson_doc *doc;

        m.severity = rows[i].severity;
        m.urgency = rows[i].urgency;
        m.purpose = rows[i].purpose;
        doc = built(&notifier_ntfy, &ntfy, m, a, &r);
        if (yyjson_get_int(yyjson_doc_ptr_get(doc, "/priority")) != rows[i].priority) fail_msg("row %zu", i);
        yyjson_doc_free(doc);
        arena_reset(a);
    }
    arena_destroy(&a);
}

static void ntfy_has_a_button(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct request r;
    yyjson_doc *doc = built(&notifier_ntfy, &ntfy, page(S("ada-pages")), a, &r);

    (void)state;
    assert_string_equal(r.target, "https://ntfy.example.org");
    assert_true(has_header(&r, "Authorization: Bearer tk_1"));
    assert_string_equal(text_at(doc, "/topic"), "ada-pages");
    assert_string_equal(text_at(doc, "/title"), "INC-42 SEV1 Dashboard");
    assert_string_equal(text_at(doc, "/click"), LINK);
    assert_string_equal(text_at(doc, "/actions/0/action"), "http");
    assert_string_equal(text_at(doc, "/actions/0/method"), "POST");
    assert_string_equal(text_at(doc, "/actions/0/url"), LINK);
    yyjson_doc_free(doc);
    arena_destroy(&a);
}

static void telegram_has_a_button_where_the_link_allows(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct message_send m = page(S("-100123"));
    struct request r;
    yyjson_doc *doc = built(&notifier_telegram, &bot, m, a, &r);

    (void)state;
    assert_string_equal(r.target, "https://api.telegram.org/bot123:abc/sendMessage");
    assert_int_equal(yyjson_get_sint(yyjson_doc_ptr_get(doc, "/chat_id")), -100123);
    assert_string_equal(text_at(doc, "/reply_markup/inline_keyboard/0/0/url"), LINK);
    assert_null(text_at(doc, "/parse_mode"));
    assert_null(yyjson_doc_ptr_get(doc, "/disable_notification"));
    yyjson_doc_free(doc);

    m.ack_url = S("http://localhost:8912/a/token"); /* Telegram would refuse the whole message */
    m.urgency = MESSAGE_URGENCY_QUIET;
    m.address = S("@status_channel");
    doc = built(&notifier_telegram, &bot, m, a, &r);
    assert_null(yyjson_doc_ptr_get(doc, "/reply_markup"));
    assert_non_null(strstr(text_at(doc, "/text"), "http://localhost:8912/a/token"));
    assert_true(yyjson_is_true(yyjson_doc_ptr_get(doc, "/disable_notification")));
    assert_string_equal(text_at(doc, "/chat_id"), "@status_channel");
    yyjson_doc_free(doc);
    arena_destroy(&a);
}

#define TOKEN36 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* In a person's own chat the button acknowledges there; in a group, where anybody could press it, it opens the page. */
static void telegram_acknowledges_in_a_private_chat(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct message_send m = page(S("4711"));
    struct request r;
    yyjson_doc *doc;

    (void)state;
    m.ack_url = S("http://localhost:8912/a/" TOKEN36);
    doc = built(&notifier_telegram, &bot, m, a, &r);
    assert_string_equal(text_at(doc, "/reply_markup/inline_keyboard/0/0/callback_data"), TOKEN36);
    assert_null(yyjson_doc_ptr_get(doc, "/reply_markup/inline_keyboard/1"));
    yyjson_doc_free(doc);
    m.ack_url = S("https://tocsin.example.org/a/" TOKEN36);
    doc = built(&notifier_telegram, &bot, m, a, &r);
    assert_string_equal(text_at(doc, "/reply_markup/inline_keyboard/1/0/url"), "https://tocsin.example.org/a/" TOKEN36);
    yyjson_doc_free(doc);
    m.address = S("-100123");
    doc = built(&notifier_telegram, &bot, m, a, &r);
    assert_null(yyjson_doc_ptr_get(doc, "/reply_markup/inline_keyboard/0/0/callback_data"));
    assert_string_equal(text_at(doc, "/reply_markup/inline_keyboard/0/0/text"), "Acknowledge");
    yyjson_doc_free(doc);
    arena_destroy(&a);
}

#define PRESS(update, from, chat, data)                                                                \
    "{\"update_id\":" update ",\"callback_query\":{\"id\":\"q" update "\",\"from\":{\"id\":" from "}," \
    "\"message\":{\"message_id\":31,\"chat\":{\"id\":" chat "}},\"data\":" data "}}"

static void telegram_presses(void **state)
{
    static const struct {
        const char *what, *body;
        int64_t status;
        bool good;
        size_t n;
        int64_t offset; /* began at 5 */
        const char *token; /* of the first */
        bool in_private;
    } rows[] = {
        { "nobody pressed", "{\"ok\":true,\"result\":[]}", 200, true, 0, 5, NULL, false },
        { "a press", "{\"ok\":true,\"result\":[" PRESS("7", "4711", "4711", "\"" TOKEN36 "\"") "]}", 200, true, 1, 8,
          TOKEN36, true },
        { "in a group", "{\"ok\":true,\"result\":[" PRESS("7", "4711", "-100", "\"x\"") "]}", 200, true, 1, 8, "x",
          false },
        { "two, and something else between",
          "{\"ok\":true,\"result\":[" PRESS("7", "1", "1", "\"x\"") ",{\"update_id\":8,\"message\":{}}," PRESS(
              "9", "1", "1", "\"y\"") "]}",
          200, true, 2, 10, "x", true },
        { "seen before: the offset never goes back", "{\"ok\":true,\"result\":[" PRESS("3", "1", "1", "\"x\"") "]}",
          200, true, 1, 5, "x", true },
        { "data of another kind", "{\"ok\":true,\"result\":[" PRESS("7", "1", "1", "{\"a\":1}") "]}", 200, true, 1, 8,
          "", true },
        { "no id, no chat", "{\"ok\":true,\"result\":[{\"update_id\":7,\"callback_query\":{}}]}", 200, true, 1, 8, "",
          false },
        { "data longer than Telegram allows",
          "{\"ok\":true,\"result\":[" PRESS("7", "1", "1", "\"" TOKEN36 TOKEN36 "\"") "]}", 200, true, 1, 8, "", true },
        { "another reader", "{\"ok\":false,\"error_code\":409}", 409, false, 0, 5, NULL, false },
        { "no JSON", "<html>", 200, false, 0, 5, NULL, false },
        { "nothing", "", 0, false, 0, 5, NULL, false },
    };
    struct arena *a = arena_create(64 << 10);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct telegram_press presses[TELEGRAM_PRESSES_MAX];
        struct response r = { .status = rows[i].status };
        int64_t offset = 5;
        size_t n;

        arena_reset(a);
        r.body = slice_of(rows[i].body);
        if (telegram_updates_read(&r, a, presses, &n, &offset) != rows[i].good || n != rows[i].n ||
            offset != rows[i].offset)
            fail_msg("%s: %zu presses, offset %lld", rows[i].what, n, (long long)offset);
        if (n == 0) continue;
        assert_true(slice_eq(presses[0].token, slice_of(rows[i].token)));
        assert_int_equal(presses[0].in_private, rows[i].in_private);
    }
    arena_destroy(&a);
}

/* A long text is cut between characters, and the link survives (R158). */
static void long_texts_keep_the_link(void **state)
{
    static const struct notifier_ops *const kinds[] = { &notifier_slack, &notifier_slack_webhook, &notifier_telegram };
    static const struct notifier_channel *const channels[] = { &slack, &room, &bot };
    struct buf text = { 0 };
    struct message_send m = page(S("1"));

    (void)state;
    for (int i = 0; i < 5000; i++) buf_add(&text, S("ö<"));
    m.text = buf_slice(&text);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct arena *a = arena_create(1 << 20);
        struct request r;
        yyjson_doc *doc = built(kinds[i], channels[i], m, a, &r);
        struct slice shown = slice_of(text_at(doc, "/text"));

        assert_true(shown.n < 9000);
        assert_true(slice_has_suffix(shown, S(" …\nAcknowledge: " LINK)));
        assert_true(slice_is_utf8(shown, NULL));
        yyjson_doc_free(doc);
        arena_destroy(&a);
    }
    buf_release(&text);
}

static const struct {
    const struct notifier_ops *ops;
    int64_t status;
    const char *head, *body;
    enum message_outcome outcome;
    const char *id, *detail; /* a part of it */
    int64_t retry_ms;
} answers[] = {
    { &notifier_slack, 200, "", "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"17.01\"}", MESSAGE_OUTCOME_ACCEPTED,
      "17.01@C1", "posted", 0 },
    { &notifier_slack, 200, "", "{\"ok\":false,\"error\":\"not_in_channel\"}", MESSAGE_OUTCOME_REFUSED, "",
      "not_in_channel: invite the app", 0 },
    { &notifier_slack, 200, "", "{\"ok\":false,\"error\":\"invalid_auth\"}", MESSAGE_OUTCOME_REFUSED, "", "not valid",
      0 },
    { &notifier_slack, 200, "", "{\"ok\":false,\"error\":\"cant_update_message\"}", MESSAGE_OUTCOME_REFUSED, "",
      "another app", 0 },
    { &notifier_slack, 200, "", "{\"ok\":false,\"error\":\"something_new\"}", MESSAGE_OUTCOME_REFUSED, "",
      "something_new", 0 },
    { &notifier_slack, 200, "Retry-After: 3\r\n", "{\"ok\":false,\"error\":\"ratelimited\"}", MESSAGE_OUTCOME_NOT_SENT,
      "", "ratelimited", 3000 },
    { &notifier_slack, 429, "Retry-After: 30\r\n", "", MESSAGE_OUTCOME_NOT_SENT, "", "429", 30000 },
    { &notifier_slack, 200, "", "{\"ok\":false,\"error\":\"internal_error\"}", MESSAGE_OUTCOME_UNCERTAIN, "",
      "internal_error", 0 },
    { &notifier_slack, 200, "", "<html>proxy</html>", MESSAGE_OUTCOME_UNCERTAIN, "", "not Slack's", 0 },
    { &notifier_slack, 200, "", "", MESSAGE_OUTCOME_UNCERTAIN, "", "not Slack's", 0 },
    { &notifier_slack, 503, "", "", MESSAGE_OUTCOME_UNCERTAIN, "", "503", 0 },
    { &notifier_slack_webhook, 200, "", "ok", MESSAGE_OUTCOME_ACCEPTED, "", "200", 0 },
    { &notifier_slack_webhook, 404, "", "no_service", MESSAGE_OUTCOME_REFUSED, "", "no_service", 0 },
    { &notifier_slack_webhook, 429, "retry-after: 1\r\n", "", MESSAGE_OUTCOME_NOT_SENT, "", "429", 1000 },
    { &notifier_ntfy, 200, "", "{\"id\":\"xE73\",\"event\":\"message\"}", MESSAGE_OUTCOME_ACCEPTED, "xE73", "200", 0 },
    { &notifier_ntfy, 403, "", "{\"code\":40301,\"error\":\"forbidden\"}", MESSAGE_OUTCOME_REFUSED, "", "forbidden",
      0 },
    { &notifier_ntfy, 507, "", "", MESSAGE_OUTCOME_UNCERTAIN, "", "507", 0 },
    { &notifier_telegram, 200, "", "{\"ok\":true,\"result\":{\"message_id\":31}}", MESSAGE_OUTCOME_ACCEPTED, "31",
      "sent", 0 },
    { &notifier_telegram, 403, "",
      "{\"ok\":false,\"error_code\":403,\"description\":\"Forbidden: bot was blocked by the "
      "user\"}",
      MESSAGE_OUTCOME_REFUSED, "", "bot was blocked", 0 },
    { &notifier_telegram, 429, "",
      "{\"ok\":false,\"description\":\"Too Many Requests\",\"parameters\":{\"retry_after\":5}}",
      MESSAGE_OUTCOME_NOT_SENT, "", "Too Many Requests", 5000 },
    { &notifier_telegram, 200, "", "{\"ok\":false}", MESSAGE_OUTCOME_UNCERTAIN, "", "not Telegram's", 0 },
    { &notifier_telegram, 502, "", "<html>", MESSAGE_OUTCOME_UNCERTAIN, "", "502", 0 },
};

static void every_answer_has_its_place(void **state)
{
    struct arena *a = arena_create(64 << 10);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct response r = { .fault = FAULT_NONE, .reach = REACH_ALL, .status = answers[i].status };
        struct verdict v;

        arena_reset(a);
        r.head = slice_of(answers[i].head);
        r.body = slice_of(answers[i].body);
        answers[i].ops->judge(&r, a, &v);
        if (v.outcome != answers[i].outcome || v.retry_after_ms != answers[i].retry_ms ||
            !slice_eq(v.provider_id, slice_of(answers[i].id)) ||
            slice_find(v.detail, slice_of(answers[i].detail)) >= v.detail.n)
            fail_msg("row %zu: %s, %lld ms, id %.*s: %.*s", i, message_outcome_name(v.outcome),
                     (long long)v.retry_after_ms, (int)v.provider_id.n, v.provider_id.p, (int)v.detail.n, v.detail.p);
    }
    arena_destroy(&a);
}

static void recipients_that_are_none(void **state)
{
    static const struct {
        const struct notifier_ops *ops;
        const struct notifier_channel *channel;
        const char *to;
    } rows[] = {
        { &notifier_slack, &slack, "" },   { &notifier_ntfy, &ntfy, "" },        { &notifier_ntfy, &ntfy, "a/b" },
        { &notifier_ntfy, &ntfy, "a b" },  { &notifier_telegram, &bot, "" },     { &notifier_telegram, &bot, "ada" },
        { &notifier_telegram, &bot, "@" }, { &notifier_telegram, &bot, "@a/b" }, { &notifier_telegram, &bot, "12x" },
        { &notifier_slack, &bot, "" },
    };
    struct arena *a = arena_create(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct message_send m = page(slice_of(rows[i].to));
        struct request r;
        struct error e = { 0 };

        if (rows[i].ops->build(rows[i].channel, &m, 0, a, &r, &e) != ERR_INVALID) fail_msg("row %zu", i);
        assert_true(strlen(e.detail) > 0);
    }
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slack_posts),
        cmocka_unit_test(rooms_get_the_text_alone),
        cmocka_unit_test(ntfy_priorities),
        cmocka_unit_test(ntfy_has_a_button),
        cmocka_unit_test(telegram_has_a_button_where_the_link_allows),
        cmocka_unit_test(telegram_acknowledges_in_a_private_chat),
        cmocka_unit_test(telegram_presses),
        cmocka_unit_test(long_texts_keep_the_link),
        cmocka_unit_test(every_answer_has_its_place),
        cmocka_unit_test(recipients_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
