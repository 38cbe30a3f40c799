/* test_mail.c - mails as bytes, and what each reply of a mail server means. */
#include "notify/mail_encode.h"

#include "harness.h"

#include "base/check.h"
#include "notify/notifier.h"

static void test_headers_of_people(void **state)
{
    static const struct {
        const char *value, *line;
    } rows[] = {
        { "INC-42 SEV2? S: down", "Subject: INC-42 SEV2? S: down\r\n" },
        { "", "Subject: \r\n" },
        { "Störung", "Subject: =?UTF-8?B?U3TDtnJ1bmc=?=\r\n" },
        { "=?UTF-8?Q?x?=", "Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=\r\n" }, /* would be decoded otherwise */
        /* 39 bytes in the first word, then 45; never inside a character (here of two bytes, so 38 and 44) */
        { "ääääääääääääääääääääääääääääää",
          "Subject: =?UTF-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6TDpMOkw6Q=?=\r\n"
          " =?UTF-8?B?w6TDpMOkw6TDpMOkw6TDpMOkw6TDpA==?=\r\n" },
        { "a\tb", "Subject: a b\r\n" },
        /* A label of an alert may hold anything: the page leaves, and its line break begins no header. */
        { "a\r\nBcc: eve@example.org", "Subject: a  Bcc: eve@example.org\r\n" },
        { "a\nb\rc\x7f", "Subject: a b c \r\n" },
        { "ä\r\nBcc: eve", "Subject: =?UTF-8?B?w6QgIEJjYzogZXZl?=\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 };

        mail_add_text_header(&out, "Subject", slice_of(rows[i].value));
        assert_string_equal(buf_str(&out), rows[i].line);
        buf_release(&out);
    }
}

static void test_quoted_printable(void **state)
{
    static const struct {
        const char *text, *coded;
    } rows[] = {
        { "", "" },
        { "one\ntwo\r\n", "one\r\ntwo\r\n" },
        { "no end", "no end\r\n" },
        { "a=b", "a=3Db\r\n" },
        { "ö", "=C3=B6\r\n" },
        { "blank \n\ttab\t\n", "blank=20\r\n\ttab=09\r\n" },
        { ".\n..x", "=2E\r\n=2E.x\r\n" },
        { "From me", "=46rom me\r\n" },
        { "a\rb", "a=0Db\r\n" }, /* a lone CR is no line end, and never leaves as one */
        { "\n\n", "\r\n\r\n" },
        /* 76 characters fill a line; the 76th of a longer one is the soft break's */
        { "1234567890123456789012345678901234567890123456789012345678901234567890123456789",
          "123456789012345678901234567890123456789012345678901234567890123456789012345=\r\n6789\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 };

        mail_add_quoted_printable(&out, slice_of(rows[i].text));
        assert_string_equal(buf_str(&out), rows[i].coded);
        buf_release(&out);
    }
}

static void test_addresses(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        { "ada@example.org", true },
        { "a+b.c_d@[::1]", false },
        { "ada", false },
        { "@example.org", false },
        { "ada@", false },
        { "a@b@c", false },
        { "a b@example.org", false },
        { "ada@example.org\r\n", false },
        { "<ada@example.org>", false },
        { "ada@example.org,eve@x", false },
        { "jürgen@example.org", true },
        { "\xff@example.org", false },
        { "-v@example.org", false }, /* an option to whoever passes it on to a sendmail */
        { "12345678901234567890123456789012345678901234567890123456789012345@x", false }, /* 65 */
        { "", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (mail_address_is_valid(slice_of(rows[i].text)) != rows[i].valid) fail_msg("%s", rows[i].text);
}

static void test_dates(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        { INT64_C(1767582000999), "Mon, 05 Jan 2026 03:00:00 +0000" },
        { 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
        { INT64_C(4107542400000), "Mon, 01 Mar 2100 00:00:00 +0000" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = { 0 };

        mail_add_date(&out, rows[i].ms);
        assert_string_equal(buf_str(&out), rows[i].text);
        buf_release(&out);
    }
}

static const struct notifier_channel mx = {
    .name = { "mail", 4 },
    .url = { "smtp://127.0.0.1:2525", 21 },
    .from = { "tocsin@example.org", 18 },
    .tls = TLS_NO,
    .return_key = { "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
                    "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
                    32 },
};

static struct message_send page(void)
{
    return (struct message_send){
        .delivery = 7,
        .attempt = 1,
        .channel = S("mail"),
        .address = S("ada@example.org"),
        .purpose = MESSAGE_FOR_PAGE,
        .urgency = MESSAGE_URGENCY_QUIET,
        .subject = S("INC-42"),
        .text = S("S is down: http://x/a/t\n"),
        .thread = S("INC-42"),
        .incident = 42,
        .ack_url = S("http://x/a/t"),
    };
}

static void test_a_whole_mail(void **state)
{
    static const char whole[] = "From: Tocsin <tocsin@example.org>\r\n"
                                "To: <ada@example.org>\r\n"
                                "Subject: INC-42\r\n"
                                "Date: Mon, 05 Jan 2026 03:00:00 +0000\r\n"
                                "Message-ID: <inc-42.d7.1@example.org>\r\n"
                                "In-Reply-To: <inc-42@example.org>\r\n"
                                "References: <inc-42@example.org>\r\n"
                                "Auto-Submitted: auto-generated\r\n"
                                "X-Auto-Response-Suppress: All\r\n"
                                "MIME-Version: 1.0\r\n"
                                "Content-Type: text/plain; charset=utf-8\r\n"
                                "Content-Transfer-Encoding: quoted-printable\r\n"
                                "\r\n"
                                "S is down: http://x/a/t\r\n";
    struct arena *a = arena_create(1 << 20);
    struct message_send m = page();
    struct request r;
    struct error e = { 0 };

    (void)state;
    assert_int_equal(notifier_mail.build(&mx, &m, INT64_C(1767582000000), a, &r, &e), 0);
    assert_string_equal(r.body.p, whole);
    assert_string_equal(r.target, "smtp://127.0.0.1:2525/example.org");
    assert_string_equal(r.mail_to, "ada@example.org");
    /* The mac is Python's hashlib.blake2b over the same text and key, its first 10 bytes. */
    assert_string_equal(r.mail_from, "tocsin+v1.7.70f0c8f696fbb72b813d@example.org");
    arena_destroy(&a);
}

static void test_variants(void **state)
{
    struct arena *a = arena_create(1 << 20);
    struct notifier_channel c = mx;
    struct message_send m = page();
    struct request r;
    struct error e = { 0 };

    (void)state;
    m.html = S("<p>down</p>");
    m.urgency = MESSAGE_URGENCY_RING;
    assert_int_equal(notifier_mail.build(&c, &m, 0, a, &r, &e), 0);
    assert_non_null(strstr(r.body.p, "Content-Type: multipart/alternative; boundary=\"=_tocsin-7.1\"\r\n"));
    assert_non_null(strstr(r.body.p, "\r\n--=_tocsin-7.1\r\nContent-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(r.body.p, "\r\n--=_tocsin-7.1--\r\n"));
    assert_non_null(strstr(r.body.p, "\r\nImportance: high\r\n"));

    m = page();
    m.incident = 0;
    m.thread = S("not a word");
    assert_int_equal(notifier_mail.build(&c, &m, 0, a, &r, &e), 0);
    assert_non_null(strstr(r.body.p, "\r\nMessage-ID: <d7.1@example.org>\r\n"));
    assert_null(strstr(r.body.p, "References:"));

    c.from = S("a-name-of-the-sender-too-long-to-carry-more@example.org");
    assert_int_equal(notifier_mail.build(&c, &m, 0, a, &r, &e), 0);
    assert_string_equal(r.mail_from, "a-name-of-the-sender-too-long-to-carry-more@example.org");

    c = mx;
    c.return_key = (struct slice){ 0 };
    c.hello = S("pager.example.net");
    assert_int_equal(notifier_mail.build(&c, &m, 0, a, &r, &e), 0);
    assert_string_equal(r.mail_from, "tocsin@example.org");
    assert_string_equal(r.target, "smtp://127.0.0.1:2525/pager.example.net");
    arena_destroy(&a);
}

static void test_a_password_leaves_only_under_tls(void **state)
{
    static const struct {
        const char *url, *password;
        enum tls_need wanted, got;
        int rc;
    } rows[] = {
        { "smtp://mx", "", TLS_NO, TLS_NO, 0 },
        { "smtp://mx", "", TLS_TRY, TLS_TRY, 0 },
        { "smtp://mx", "", TLS_UNSET, TLS_REQUIRED, 0 },
        { "smtp://mx", "p", TLS_TRY, TLS_REQUIRED, 0 }, /* STARTTLS stripped by somebody: no password */
        { "smtp://mx", "p", TLS_REQUIRED, TLS_REQUIRED, 0 },
        { "smtp://mx", "p", TLS_NO, TLS_UNSET, ERR_INVALID },
        { "smtps://mx", "p", TLS_NO, TLS_REQUIRED, 0 }, /* encrypted from its first byte */
        { "http://mx", "", TLS_NO, TLS_UNSET, ERR_INVALID },
    };
    struct arena *a = arena_create(1 << 20);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct notifier_channel c = mx;
        struct message_send m = page();
        struct request r;
        struct error e = { 0 };

        c.url = slice_of(rows[i].url);
        c.password = slice_of(rows[i].password);
        c.user = c.password.n > 0 ? S("tocsin") : (struct slice){ 0 };
        c.tls = rows[i].wanted;
        assert_int_equal(notifier_mail.build(&c, &m, 0, a, &r, &e), rows[i].rc);
        if (rows[i].rc == 0) assert_int_equal(r.tls, rows[i].got);
    }
    arena_destroy(&a);
}

static void test_what_each_reply_means(void **state)
{
    static const struct {
        enum fault fault;
        enum reach reach;
        int64_t status;
        enum message_outcome outcome;
    } rows[] = {
        { FAULT_NONE, REACH_ALL, 250, MESSAGE_OUTCOME_ACCEPTED },
        { FAULT_NONE, REACH_ALL, 251, MESSAGE_OUTCOME_ACCEPTED },
        { FAULT_NONE, REACH_ALL, 354, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_NONE, REACH_NOTHING, 250, MESSAGE_OUTCOME_UNCERTAIN }, /* cannot be: libcurl is content, no body left */
        { FAULT_CONNECT, REACH_NOTHING, 0, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_TLS, REACH_NOTHING, 250, MESSAGE_OUTCOME_NOT_SENT }, /* STARTTLS not offered */
        { FAULT_CERTIFICATE, REACH_NOTHING, 220, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_LOGIN, REACH_NOTHING, 535, MESSAGE_OUTCOME_REFUSED },
        { FAULT_LOGIN, REACH_NOTHING, 454, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_PROTOCOL, REACH_NOTHING, 421, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_PROTOCOL, REACH_NOTHING, 554, MESSAGE_OUTCOME_REFUSED },
        { FAULT_SEND, REACH_NOTHING, 450, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_SEND, REACH_NOTHING, 550, MESSAGE_OUTCOME_REFUSED },
        { FAULT_SEND, REACH_PART, 354, MESSAGE_OUTCOME_NOT_SENT }, /* without its final dot a mail is none */
        { FAULT_TIMEOUT, REACH_PART, 354, MESSAGE_OUTCOME_NOT_SENT },
        { FAULT_TIMEOUT, REACH_ALL, 354, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_RECEIVE, REACH_ALL, 354, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_PROTOCOL, REACH_ALL, 451, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_PROTOCOL, REACH_ALL, 554, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_PROTOCOL, REACH_ALL, 250, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_OTHER, REACH_NOTHING, 0, MESSAGE_OUTCOME_UNCERTAIN },
        { FAULT_ADDRESS, REACH_NOTHING, 0, MESSAGE_OUTCOME_REFUSED },
        { FAULT_UNSET, REACH_UNSET, 0, MESSAGE_OUTCOME_UNCERTAIN },
    };
    struct arena *a = arena_create(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct response r = { .fault = rows[i].fault, .reach = rows[i].reach, .status = rows[i].status };
        struct verdict v;

        notifier_mail.judge(&r, a, &v);
        if (v.outcome != rows[i].outcome)
            fail_msg("row %zu: reply %d gives %s", i, (int)rows[i].status, message_outcome_name(v.outcome));
    }
    arena_destroy(&a);
}

static void test_words_of_the_server(void **state)
{
    struct arena *a = arena_create(1 << 16);
    struct response r = { .fault = FAULT_NONE,
                          .reach = REACH_ALL,
                          .status = 250,
                          .head = S("220 mx\r\n354 go\r\n250 2.0.0 Ok: queued as 4ABC\r\n") };
    struct verdict v;

    (void)state;
    notifier_mail.judge(&r, a, &v);
    assert_true(slice_eq(v.provider_id, S("4ABC")));
    assert_true(slice_eq(v.detail, S("the mail server answered: 250 2.0.0 Ok: queued as 4ABC")));
    r = (struct response){ .fault = FAULT_SEND,
                           .reach = REACH_NOTHING,
                           .status = 550,
                           .problem = S("RCPT failed: 550"),
                           .head = S("220 mx\r\n550 5.1.1 no such user\r\n") };
    notifier_mail.judge(&r, a, &v);
    assert_true(slice_eq(v.detail, S("the mail server answered: 550 5.1.1 no such user")));
    assert_int_equal(v.code, 550);
    r = (struct response){ .fault = FAULT_CONNECT, .reach = REACH_NOTHING, .problem = S("Connection refused") };
    notifier_mail.judge(&r, a, &v);
    assert_true(slice_eq(v.detail, S("no connection to the provider: Connection refused")));
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_of_people),
        cmocka_unit_test(test_quoted_printable),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_a_whole_mail),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_a_password_leaves_only_under_tls),
        cmocka_unit_test(test_what_each_reply_means),
        cmocka_unit_test(test_words_of_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
