/* test_http.c - the doors under bad and good requests: exact status and words, and they still answer afterwards. */
#include "http_fixture.h"

#include <poll.h>

#include "api/routes.h"
#include "http/exchange.h"
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

/* libmicrohttpd takes all of these, and hands us other lines than the bytes have: what a proxy may read otherwise. */
static void lines_that_two_could_read_differently_are_refused(void **state)
{
#define GET "GET /-/healthy HTTP/1.1\r\n"
    const struct {
        const char *what;
        struct slice request;
        int status;
    } rows[] = {
        { "a NUL in a value", S(GET "Host: x\0y\r\nA: b\r\n\r\n"), 400 },
        { "a NUL in the last value", S(GET "Host: x\r\nA: b\0c\r\n\r\n"), 400 },
        { "a NUL at a value's end", S(GET "Host: x\0\r\n\r\n"), 400 },
        { "a request line without CR", S("GET /-/healthy HTTP/1.1\nHost: x\r\n\r\n"), 400 },
        { "a field without CR", S(GET "Host: x\nA: b\r\n\r\n"), 400 },
        { "an empty line without CR", S(GET "Host: x\r\nA: b\r\n\n"), 400 },
        { "a folded line", S(GET "Host: x\r\nA: b\r\n  c\r\nD: e\r\n\r\n"), 400 },
        { "a folded last line", S(GET "Host: x\r\nA: b\r\n\tc\r\n\r\n"), 400 },
        { "blanks around a value", S(GET "Host: x\r\nA: \t b \t \r\n\r\n"), 200 },
        { "values that are empty", S(GET "Host: x\r\nA:\r\nB: \r\nC:\t \r\n\r\n"), 200 },
        { "cookies and a question", S("GET /-/healthy?a=b&c HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=d\r\nB: c\r\n\r\n"), 200 },
        { "no field at all, where none is asked for", S("GET /-/healthy HTTP/1.0\r\n\r\n"), 200 },
        { "an empty line before", S("\r\n" GET "Host: x\r\n\r\n"), 200 },
    };
#undef GET
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        client_ask(&house, house.tcp_port, rows[i].request, &a);
        if (a.status != rows[i].status) fail_msg("%s: %d %.*s", rows[i].what, a.status, (int)a.body.n, a.body.p);
        buf_release(&a.bytes);
        assert_alive();
    }
    (void)state;
}

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

/* The same bytes on the other doors: refused by status (the responder's words are a view), and both still answer. */
static void every_door_refuses_them(void **state)
{
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        const int ports[] = { 0, house.responder_port };
        for (size_t k = 0; k < COUNT_OF(ports); k++) {
            struct client_answer a = { 0 };
            client_ask(&house, ports[k], slice_of(malformed[i].request), &a);
            if (a.status != 0 && a.status < 400) fail_msg("%s on door %zu: %d", malformed[i].what, k, a.status);
            client_request(&house, ports[k], "GET", "/-/healthy", "", S(""), &a);
            assert_int_equal(a.status, 200);
            buf_release(&a.bytes);
        }
    }
    assert_int_equal(house.events, 0);
    (void)state;
}

/* ---- limits ---- */

static void a_head_of_many_fields_or_bytes_is_refused(void **state)
{
    static const struct {
        int fields, bytes, status;
        const char *body;
    } rows[] = {
        { 62, 10, 200, "OK" }, /* with Host and Connection: 64 */
        { 63, 10, 431, OURS("too_many_fields", "more than 64 header fields", "send fewer fields") },
        { 1, 15000, 200, "OK" },
        { 1, 17000, 431, OURS("head_too_large", "the request's head is larger than 16 KiB", "send a shorter head") },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        struct buf r = { 0 };
        buf_add_str(&r, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (int k = 0; k < rows[i].fields; k++) {
            buf_addf(&r, "X-%d: ", k);
            for (int b = 0; b < rows[i].bytes; b++) buf_add_char(&r, 'v');
            buf_add_str(&r, "\r\n");
        }
        buf_add_str(&r, "\r\n");
        client_ask(&house, house.tcp_port, buf_slice(&r), &a);
        if (a.status != rows[i].status || !slice_eq(a.body, slice_of(rows[i].body)))
            fail_msg("%d fields of %d: %d %.*s", rows[i].fields, rows[i].bytes, a.status, (int)a.body.n, a.body.p);
        buf_release(&a.bytes);
        buf_release(&r);
    }
    assert_alive();
    (void)state;
}

/* Chunks tell no length beforehand: what is too much is read away, then answered. */
static void a_chunked_body_beyond_the_limit_is_413(void **state)
{
    struct client_answer a = { 0 };
    struct buf r = { .max = (size_t)16 << 20 };
    buf_add_str(&r, POST_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5; i++) {
        buf_add_str(&r, "100000\r\n");
        for (int k = 0; k < 1 << 20; k++) buf_add_char(&r, ' ');
        buf_add_str(&r, "\r\n");
    }
    buf_add_str(&r, "0\r\n\r\n");
    client_ask(&house, house.tcp_port, buf_slice(&r), &a);
    assert_int_equal(a.status, 413);
    assert_true(
        slice_eq(a.body, S("{\"code\":413,\"message\":\"the body is larger than 4194304 bytes\",\"try\":\"send it in "
                           "smaller pieces\"}")));
    buf_release(&a.bytes);
    buf_release(&r);
    assert_alive();
    (void)state;
}

static void a_slow_head_or_body_ends_at_its_deadline(void **state)
{
    static const struct {
        const char *sent;
        int64_t after_ms;
    } rows[] = {
        { "GET /-/healthy HTTP/1.1\r\nHo", 10000 },
        { POST_HEAD "Content-Length: 20\r\n\r\n[", 30000 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        int fd = client_connect(&house, house.tcp_port);
        client_send(fd, slice_of(rows[i].sent));
        client_receive_in_time(&house, fd, rows[i].after_ms, &a);
        assert_int_equal(a.status, 408);
        assert_true(slice_eq(
            a.body, S(OURS("timeout", "the request did not arrive in time: 10 s for the head, 30 s for the body",
                           "send it again, in one go"))));
        close(fd);
        buf_release(&a.bytes);
        assert_alive();
    }
    (void)state;
}

/* ---- alerts ---- */

static void assert_posted(const char *target, const char *fields, const char *sender)
{
    struct client_answer a = { 0 };
    size_t before = house.alerts;
    client_request(&house, house.tcp_port, "POST", target, fields, S(ALERT), &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.n, 0);
    assert_int_equal(house.alerts, before + 1);
    assert_string_equal(house.sender, sender);
    buf_release(&a.bytes);
}

static void alerts_are_taken_from_whoever_may(void **state)
{
    assert_posted("/api/v2/alerts", "", "loopback");
    assert_posted("/api/v2/alerts/", "Content-Type: text/plain\r\n", "loopback");
    assert_posted("/i/s3cret/api/v2/alerts", "", "prometheus");
    assert_posted("/i/s3c%72et/api/v2/alerts", "", "prometheus");
    assert_posted("/api/v2/alerts", "Authorization: Bearer s3cret\r\n", "prometheus");
    assert_posted("/api/v2/alerts", "Authorization: Basic dTpzM2NyZXQ=\r\n", "prometheus"); /* u:s3cret */
    assert_posted("/api/v2/alerts", "Authorization: Basic dTpw\r\n", "loopback"); /* another's password does no harm */
    (void)state;
}

static void without_loopback_a_key_is_needed(void **state)
{
    static const struct {
        const char *target, *fields;
        int status;
    } rows[] = {
        { "/api/v2/alerts", "", 401 },
        { "/api/v2/alerts", "Authorization: Basic dTpw\r\n", 401 },
        { "/api/v2/alerts", "Authorization: Digest x\r\n", 401 },
        { "/i/s3cret/api/v2/alerts", "", 200 },
        { "/i/s3cret/api/v1/incidents", "", 403 }, /* a key is for alerts */
    };
    house.facts.allow_loopback = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        client_request(&house, house.tcp_port, "POST", rows[i].target, rows[i].fields, S(ALERT), &a);
        if (a.status != rows[i].status) fail_msg("%s %s: %d", rows[i].target, rows[i].fields, a.status);
        buf_release(&a.bytes);
    }
    house.facts.allow_loopback = true;
    (void)state;
}

/* A page in a browser may reach 127.0.0.1: it is not "this machine" for that. */
static void a_browsers_page_is_not_loopback(void **state)
{
    struct client_answer a = { 0 };
    size_t before = house.events;
    client_request(&house, house.tcp_port, "POST", "/api/v2/alerts", "Origin: http://evil.example\r\n", S(ALERT), &a);
    assert_int_equal(a.status, 401);
    assert_int_equal(house.events, before);
    buf_release(&a.bytes);
    (void)state;
}

static void the_reply_decides_the_answer(void **state)
{
    static const struct {
        int code, status;
        const char *retry;
    } rows[] = {
        { 0, 200, NULL },
        { ERR_UNAVAILABLE, 503, "Retry-After: 2" },
        { ERR_BUSY, 503, "Retry-After: 2" },
        { ERR_LIMIT, 413, NULL },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct client_answer a = { 0 };
        house.code = rows[i].code;
        house.text = S("because");
        client_request(&house, house.tcp_port, "POST", "/api/v2/alerts", "", S(ALERT), &a);
        assert_int_equal(a.status, rows[i].status);
        if (rows[i].retry != NULL) assert_true(slice_find(a.head, slice_of(rows[i].retry)) < a.head.n);
        buf_release(&a.bytes);
    }
    house.code = 0;
    (void)state;
}

static void chunks_continue_and_pipelines_work(void **state)
{
    struct client_answer a = { 0 };
    size_t before = house.alerts;
    client_ask(&house, house.tcp_port,
               S(POST_HEAD "Transfer-Encoding: chunked\r\n\r\nb\r\n[{\"labels\":\r\nb\r\n{\"a\":\"x\"}}]\r\n"
                           "0\r\n\r\n"),
               &a);
    assert_int_equal(a.status, 200);
    client_ask(&house, house.tcp_port, S(POST_HEAD "Expect: 100-continue\r\nContent-Length: 22\r\n\r\n" ALERT), &a);
    assert_int_equal(a.status, 200);
    assert_true(slice_has_prefix(buf_slice(&a.bytes), S("HTTP/1.1 100 Continue\r\n")));
    client_ask(&house, house.tcp_port,
               S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT POST_HEAD
                           "Connection: close\r\nContent-Length: 22\r\n\r\n" ALERT),
               &a);
    assert_int_equal(a.status, 200);
    assert_true(house.alerts >= before + 3);
    client_ask(&house, house.tcp_port, S("HEAD /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"), &a);
    assert_int_equal(a.status, 200);
    buf_release(&a.bytes);
    assert_alive();
    (void)state;
}

/* Backpressure: held up to 2 s of the server's clock, then 503, never 429. */
static void a_full_queue_holds_then_refuses(void **state)
{
    struct client_answer a = { 0 };
    int fd = client_connect(&house, house.tcp_port);
    house.full = true;
    client_send(fd, S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT));
    usleep(20000);
    house.full = false; /* room in time: answered as if nothing had been */
    client_receive(fd, &a, false);
    assert_int_equal(a.status, 200);
    house.full = true;
    client_send(fd, S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT));
    client_receive_in_time(&house, fd, 2001, &a);
    assert_int_equal(a.status, 503);
    assert_true(slice_find(a.head, S("Retry-After: 2")) < a.head.n);
    house.full = false;
    close(fd);
    buf_release(&a.bytes);
    assert_alive();
    (void)state;
}

/* P1: an answer per request, however many wait at once: some parked, the rest suspended (decision 0015). */
static void many_wait_for_one_commit(void **state)
{
    struct client_answer a = { 0 };
    static int fds[300];
    const size_t before = house.alerts;
    fake_pause(&house, true);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = client_connect(&house, house.tcp_port);
        client_send(fds[i], S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT));
    }
    while (house.n_jobs < FAKE_JOBS) usleep(1000);
    fake_pause(&house, false);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        client_receive(fds[i], &a, false);
        assert_int_equal(a.status, 200);
        close(fds[i]);
    }
    assert_int_equal(house.alerts, before + COUNT_OF(fds));
    buf_release(&a.bytes);
    (void)state;
}

static bool metric_is(const char *line)
{
    struct client_answer a = { 0 };
    bool found;
    client_request(&house, house.tcp_port, "GET", "/metrics", "", S(""), &a);
    found = slice_find(a.body, slice_of(line)) < a.body.n;
    buf_release(&a.bytes);
    return found;
}

static void wait_for_metric(const char *line)
{
    while (!metric_is(line)) usleep(1000);
}

/* The sender hangs up hard while the engine has its request: the request ends once, when the engine answers. */
static void who_breaks_off_leaves_nothing(void **state)
{
    const struct linger hard = { .l_onoff = 1 };
    fake_pause(&house, true);
    for (size_t i = 0; i < 8; i++) {
        const int fd = client_connect(&house, house.tcp_port);
        client_send(fd, S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT));
        while (house.n_jobs <= i) usleep(1000);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
    }
    for (int i = 0; i < 20; i++) assert_alive(); /* turns in which both threads see that they are gone */
    assert_true(house.facts_held >= 8); /* the engine's requests are still there */
    fake_pause(&house, false);
    wait_for_metric("\ntocsin_http_requests_in_flight 1\n");
    assert_alive();
    (void)state;
}

/* Posts without ever reading until nothing is taken any more: the answers have nowhere to go. Through the unix socket,
 * where what is not read keeps the sender waiting, whatever a network's buffers would still take. */
static void post_until_stuck(struct pollfd *p, size_t *sent)
{
    static const char post[] = POST_HEAD "Content-Length: 22\r\n\r\n" ALERT;
    while (poll(p, 1, 300) > 0) {
        const ssize_t n = send(p->fd, post + *sent, sizeof post - 1 - *sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        assert_true(n > 0);
        *sent = (*sent + (size_t)n) % (sizeof post - 1);
    }
}

static void who_stops_reading_is_cut_off(void **state)
{
    size_t sent = 0; /* of the last one */
    struct pollfd p = { .fd = client_connect(&house, 0), .events = POLLOUT };

    do post_until_stuck(&p, &sent);
    while (!metric_is("\ntocsin_http_requests_in_flight 2\n")); /* the other asks */
    clock_advance(house.clock, 76 * SECOND);
    wait_for_metric("\ntocsin_http_requests_in_flight 1\n");
    close(p.fd);
    assert_alive();
    (void)state;
}

static void metrics_and_status_are_there(void **state)
{
    struct client_answer a = { 0 };
    client_request(&house, house.tcp_port, "GET", "/metrics", "", S(""), &a);
    assert_int_equal(a.status, 200);
    assert_true(slice_find(a.body, S("tocsin_build_info{version=\"")) < a.body.n);
    assert_true(slice_find(a.body, S("tocsin_http_request_duration_seconds_bucket{le=\"0.01\"}")) < a.body.n);
    assert_true(slice_find(a.head, S("Content-Type: text/plain; version=0.0.4")) < a.head.n);
    client_request(&house, house.tcp_port, "GET", "/api/v2/status", "", S(""), &a);
    assert_true(slice_find(a.body, S("route:\\n  receiver: tocsin")) < a.body.n);
    house.full = true;
    client_request(&house, house.tcp_port, "GET", "/-/ready", "", S(""), &a);
    assert_int_equal(a.status, 503);
    house.full = false;
    client_request(&house, house.tcp_port, "GET", "/-/ready", "", S(""), &a);
    assert_int_equal(a.status, 200);
    buf_release(&a.bytes);
    (void)state;
}

/* The last: it stops the server while a request is with the engine and another waits for room. */
static void a_stop_answers_everything(void **state)
{
    struct client_answer a = { 0 };
    int with_engine = client_connect(&house, house.tcp_port);
    fake_pause(&house, true);
    client_send(with_engine, S(POST_HEAD "Content-Length: 22\r\n\r\n" ALERT));
    while (house.n_jobs == 0) usleep(1000);
    house.stop = true; /* the engine drains what it has */
    fake_pause(&house, false);
    http_server_stop(house.server);
    client_receive(with_engine, &a, false);
    assert_int_equal(a.status, 200);
    close(with_engine);
    buf_release(&a.bytes);
    (void)state;
}

/* Who calls a thread may be held up before it writes, and find it up already. The call left in its descriptor would let
 * that thread never sleep again. */
static void a_call_that_comes_late_is_taken(void **state)
{
    const uint64_t one = 1;
    (void)state;
    for (size_t i = 0; i < house.server->n_daemons; i++) {
        struct pollfd call = { .fd = house.server->daemons[i].call, .events = POLLIN };
        assert_int_equal(write(call.fd, &one, sizeof one), sizeof one);
        for (int ms = 0; ms < 10000 && poll(&call, 1, 0) > 0; ms++) usleep(1000);
        assert_int_equal(poll(&call, 1, 0), 0);
    }
    assert_alive();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_are_refused_with_reasons),
        cmocka_unit_test(lines_that_two_could_read_differently_are_refused),
        cmocka_unit_test(every_door_refuses_them),
        cmocka_unit_test(a_head_of_many_fields_or_bytes_is_refused),
        cmocka_unit_test(a_chunked_body_beyond_the_limit_is_413),
        cmocka_unit_test(a_slow_head_or_body_ends_at_its_deadline),
        cmocka_unit_test(alerts_are_taken_from_whoever_may),
        cmocka_unit_test(without_loopback_a_key_is_needed),
        cmocka_unit_test(a_browsers_page_is_not_loopback),
        cmocka_unit_test(the_reply_decides_the_answer),
        cmocka_unit_test(chunks_continue_and_pipelines_work),
        cmocka_unit_test(a_full_queue_holds_then_refuses),
        cmocka_unit_test(many_wait_for_one_commit),
        cmocka_unit_test(who_breaks_off_leaves_nothing),
        cmocka_unit_test(a_call_that_comes_late_is_taken),
        cmocka_unit_test(who_stops_reading_is_cut_off),
        cmocka_unit_test(metrics_and_status_are_there),
        cmocka_unit_test(a_stop_answers_everything),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
