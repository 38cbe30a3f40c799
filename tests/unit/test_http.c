/* test_http.c - the doors under bad and good requests: exact status and words, and they still answer afterwards. */
#include "http_fixture.h"

#include "api/routes.h"
#include "http/port.h"

static const struct directory nobody = { .organisation = { "x", 1 } };
static struct fake_house house;

static int start(void **state)
{
    static struct secret keys[1] = { { .name = { "prometheus", 10 }, .scope = ACCESS_INGEST } };
    (void)state;
    secret_hash(S("s3cret"), keys[0].hash);
    house.facts.keys = keys;
    house.facts.n_keys = 1;
    house.facts.allow_loopback = true;
    fake_start(&house, &api_main_routes, &api_responder_routes, &nobody, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&house);
    return 0;
}

/* The server answers an ordinary request: nothing that came before broke it. */
static void assert_alive(void)
{
    struct client_answer a = { 0 };
    client_request(&house, house.tcp_port, "GET", "/-/healthy", "", S(""), &a);
    assert_int_equal(a.status, 200);
    assert_true(slice_eq(a.body, S("OK")));
    buf_release(&a.bytes);
}

#define POST_HEAD "POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\n"
#define ALERT "[{\"labels\":{\"a\":\"x\"}}]" /* 22 bytes */

#define OURS(error, detail, what) "{\"error\":\"" error "\",\"detail\":\"" detail "\",\"try\":\"" what "\"}\n"
/* NULL: libmicrohttpd refuses by itself, with a page of its own that differs by version. */
static const struct {
    const char *what, *request;
    int status;
    const char *body;
} malformed[] = {
    { "two different Content-Length", POST_HEAD "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]", 400,
      OURS("framing", "Content-Length is given more than once", "send it once") },
    { "two equal Content-Length", POST_HEAD "Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", 400,
      OURS("framing", "Content-Length is given more than once", "send it once") },
    { "Content-Length and chunked", POST_HEAD "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
      OURS("framing", "both Content-Length and Transfer-Encoding are given", "send one of them") },
    { "a negative Content-Length", POST_HEAD "Content-Length: -2\r\n\r\n[]", 400, NULL },
    { "a Content-Length with a sign", POST_HEAD "Content-Length: +2\r\n\r\n[]", 400, NULL },
    { "a list of Content-Length", POST_HEAD "Content-Length: 2, 2\r\n\r\n[]", 400, NULL },
    { "a Content-Length beyond all numbers", POST_HEAD "Content-Length: 99999999999999999999999\r\n\r\n[]", 413, NULL },
    { "a Content-Length beyond the limit", POST_HEAD "Content-Length: 4194305\r\n\r\n[]", 413,
      "{\"code\":413,\"message\":\"the body is larger than 4194304 bytes\",\"try\":\"send it in smaller pieces\"}" },
    { "an unknown Transfer-Encoding", POST_HEAD "Transfer-Encoding: gzip\r\n\r\n", 400,
      OURS("framing", "the only Transfer-Encoding taken is chunked", "send chunked, once") },
    { "chunked twice", POST_HEAD "Transfer-Encoding: chunked, chunked\r\n\r\n", 400,
      OURS("framing", "the only Transfer-Encoding taken is chunked", "send chunked, once") },
    { "a chunk size that is none", POST_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n", 400, NULL },
    { "a body where none is taken", "GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]", 413,
      OURS("too_large", "this takes no body", "send none") },
    { "no Host", "GET /-/healthy HTTP/1.1\r\n\r\n", 400,
      OURS("host", "HTTP/1.1 asks for exactly one Host field", "send Host once") },
    { "two Hosts", "GET /-/healthy HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400,
      OURS("host", "HTTP/1.1 asks for exactly one Host field", "send Host once") },
    { "a blank before the colon", "GET /-/healthy HTTP/1.1\r\nHost : x\r\n\r\n", 400,
      OURS("field", "a header field with a blank or a control byte in it", "send clean fields") },
    { "a second Content-Length in disguise", POST_HEAD "Content-Length: 2\r\nContent-Length : 3\r\n\r\n[]", 400,
      OURS("field", "a header field with a blank or a control byte in it", "send clean fields") },
    { "a field without a colon", "GET /-/healthy HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400, NULL },
    { "a request line that is none", "hello\r\n\r\n", 0, "" },
    { "HTTP/2.0", "GET /-/healthy HTTP/2.0\r\nHost: x\r\n\r\n", 505, NULL },
    { "an escape that is none", "GET /api/v2/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400,
      OURS("bad_target", "bad % escape in the path", "") },
    { "a target without a slash", "GET healthy HTTP/1.1\r\nHost: x\r\n\r\n", 400,
      OURS("bad_target", "the request target is not an absolute path", "") },
    { "bytes in a target", "GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400,
      OURS("bad_target", "bytes that are no printable ASCII in the path", "") },
    { "a compressed body", POST_HEAD "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]", 415,
      "{\"code\":415,\"message\":\"compressed bodies are not taken\",\"try\":\"send the body without Content-Encoding\"}" },
    { "an unknown path", "GET /api/v2/nope HTTP/1.1\r\nHost: x\r\n\r\n", 404,
      "{\"code\":404,\"message\":\"path /api/v2/nope was not found\"}" },
    { "an unknown path elsewhere", "GET /<nope> HTTP/1.1\r\nHost: x\r\n\r\n", 404,
      OURS("not_found", "path /<nope> was not found", "") },
    { "a wrong method", "PUT /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405,
      "{\"code\":405,\"message\":\"method PUT is not allowed, but [POST,GET] are\"}" },
    { "a method that is none", "BREW /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", 405,
      OURS("method_not_allowed", "method BREW is not allowed, but [GET, HEAD] are", "") },
    { "bad JSON", POST_HEAD "Content-Length: 3\r\n\r\n[{]", 400,
      "{\"code\":400,\"message\":\"parsing alerts body from \\\"\\\" failed, because invalid character ']' at byte 3: "
      "unexpected character, expected a string for object key\"}" },
    { "an empty body", POST_HEAD "Content-Length: 0\r\n\r\n", 422,
      "{\"code\":602,\"message\":\"alerts in body is required\"}" },
    { "a wrong key", "POST /i/wrong/api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]", 401,
      "{\"code\":401,\"message\":\"the path holds no ingest key of this site\",\"try\":\"look at `ingest:` and `tokens:` in "
      "site.yaml\"}" },
    { "an empty key", "POST /i//api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]", 401,
      "{\"code\":401,\"message\":\"the path holds no ingest key of this site\",\"try\":\"look at `ingest:` and `tokens:` in "
      "site.yaml\"}" },
};

static void malformed_requests_are_refused_with_reasons(void **state)
{
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        struct client_answer a = { 0 };
        client_ask(&house, house.tcp_port, slice_of(malformed[i].request), &a);
        if (a.status != malformed[i].status || 
            (malformed[i].body != NULL && !slice_eq(a.body, slice_of(malformed[i].body))))
            fail_msg("%s: %d %.*s", malformed[i].what, a.status, (int)a.body.n, a.body.p);
        buf_release(&a.bytes);
        assert_alive();
    }
    assert_int_equal(house.events, 0);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_are_refused_with_reasons),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
