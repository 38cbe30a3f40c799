/* test_courier_fault.c - every error code of libcurl is placed, and judged with caution (design: Deliveries). */
#include "serve/courier_wire.h"

#include "harness.h"

#include "base/check.h"

static void test_codes(void **state)
{
    static const struct {
        CURLcode code;
        enum fault fault;
    } rows[] = {
        { CURLE_OK, FAULT_NONE },
        { CURLE_URL_MALFORMAT, FAULT_ADDRESS },
        { CURLE_UNSUPPORTED_PROTOCOL, FAULT_ADDRESS },
        { CURLE_COULDNT_RESOLVE_HOST, FAULT_RESOLVE },
        { CURLE_COULDNT_CONNECT, FAULT_CONNECT },
        { CURLE_WEIRD_SERVER_REPLY, FAULT_PROTOCOL },
        { CURLE_WRITE_ERROR, FAULT_TOO_LARGE },
        { CURLE_OPERATION_TIMEDOUT, FAULT_TIMEOUT },
        { CURLE_SSL_CONNECT_ERROR, FAULT_TLS },
        { CURLE_USE_SSL_FAILED, FAULT_TLS },
        { CURLE_PEER_FAILED_VERIFICATION, FAULT_CERTIFICATE },
        { CURLE_SSL_CACERT_BADFILE, FAULT_CERTIFICATE },
        { CURLE_LOGIN_DENIED, FAULT_LOGIN },
        { CURLE_SEND_ERROR, FAULT_SEND },
        { CURLE_RECV_ERROR, FAULT_RECEIVE },
        { CURLE_GOT_NOTHING, FAULT_RECEIVE },
        { CURLE_PARTIAL_FILE, FAULT_RECEIVE },
        { CURLE_OUT_OF_MEMORY, FAULT_LOCAL },
        { CURLE_TFTP_NOTFOUND, FAULT_OTHER }, /* of a protocol that is never spoken */
        { CURL_LAST, FAULT_OTHER },
        { (CURLcode)4711, FAULT_OTHER },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) assert_int_equal(fault_of_curl(rows[i].code), rows[i].fault);
}

/* No error counts as an answer, and none lets a page be repeated or given up once it may have arrived. */
static void test_every_code_by_every_judge(void **state)
{
    static const struct notifier_ops *const judges[] = { &notifier_mail, &notifier_webhook, &notifier_log };
    struct arena *a = arena_create(64 << 10);

    (void)state;
    for (int code = 1; code <= CURL_LAST; code++) {
        assert_int_not_equal(fault_of_curl((CURLcode)code), FAULT_NONE);
        assert_string_not_equal(fault_text(fault_of_curl((CURLcode)code)), fault_text(FAULT_UNSET));
        for (size_t i = 0; i < COUNT_OF(judges); i++)
            for (int reach = REACH_NOTHING; reach <= REACH_ALL; reach++) {
                struct response r = { .fault = fault_of_curl((CURLcode)code), .reach = (enum reach)reach };
                struct verdict v;

                arena_reset(a);
                judges[i]->judge(&r, a, &v);
                assert_int_not_equal(v.outcome, MESSAGE_OUTCOME_UNSET);
                assert_int_not_equal(v.outcome, MESSAGE_OUTCOME_ACCEPTED);
                if (reach == REACH_ALL) assert_int_equal(v.outcome, MESSAGE_OUTCOME_UNCERTAIN);
            }
    }
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_every_code_by_every_judge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
