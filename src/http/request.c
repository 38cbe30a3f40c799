/* request.c - what handlers do with a request: answer it, or hand it on.
 * Not here: the wire (answer.c, server.c), waiting for room (keeper.c).
 * Always: a request is answered once; an error says what is wrong and, where it can, what to do.
 */
#include "http/request.h"

#include "base/check.h"
#include "core/effect.h"
#include "http/exchange.h"
#include "http/view.h"

/* The one table from ERR_ codes to statuses. */
/* clang-format off */
static const struct {
    int code, status;
    const char *word;
} code_table[] = {
    { ERR_SYNTAX, 400, "bad_request" },      { ERR_INVALID, 422, "invalid" },
    { ERR_NOT_FOUND, 404, "not_found" },     { ERR_CONFLICT, 409, "conflict" },
    { ERR_DENIED, 403, "forbidden" },        { ERR_LIMIT, 413, "too_large" },
    { ERR_BUSY, 503, "busy" },               { ERR_UNAVAILABLE, 503, "unavailable" },
    { ERR_UNKNOWN, 503, "outcome_unknown" }, { ERR_IO, 500, "io" },
    { ERR_NOMEM, 500, "out_of_memory" },     { ERR_BUG, 500, "fault" },
};
/* clang-format on */

static const char *const method_names[] = {
#define X(sym, code, text) [code] = text,
    METHODS(X)
#undef X
};

const char *method_name(enum method m)
{
    return m > METHOD_UNSET && m <= METHOD_OTHER ? method_names[m] : "?";
}

enum method method_named(struct slice name)
{
    for (size_t i = METHOD_GET; i < METHOD_OTHER; i++)
        if (slice_eq(name, slice_of(method_names[i]))) return (enum method)i;
    return METHOD_OTHER;
}

struct slice request_query(const struct request *rq, struct slice name, bool *found)
{
    for (size_t i = 0; i < rq->n_query; i++)
        if (slice_eq(rq->query[i].name, name)) {
            if (found != NULL) *found = true;
            return rq->query[i].value;
        }
    if (found != NULL) *found = false;
    return S("");
}

void request_header(struct request *rq, const char *name, struct slice value)
{
    CHECK(rq->n_headers < ANSWER_MAX_HEADERS);
    rq->headers[rq->n_headers++] = (struct header){ name, value };
}

void request_answer(struct request *rq, int status, const char *type)
{
    struct exchange *x = rq->exchange;

    if (rq->out.overflow) {
        buf_reset(&rq->out);
        buf_add_str(&rq->out,
                    "{\"error\":\"fault\",\"detail\":\"the answer is larger than its limit\",\"try\":\"\"}\n");
        status = 500;
        type = TYPE_JSON;
    }
    if (x->streams && x->answered) { /* the head has left: all that can be said is that the rest is missing */
        x->broken = true;
        exchange_resume(x);
        return;
    }
    CHECK(!x->answered);
    rq->status = status;
    rq->type = type;
    x->answered = true;
    if (atomic_load(&x->hand) != HAND_OURS)
        exchange_back(x);
    else if (x->suspended)
        exchange_resume(x);
}

void request_stream(struct request *rq, const char *type, request_read_fn *next)
{
    struct exchange *x = rq->exchange;
    x->stream_next = next;
    if (x->streams) {
        x->broken = rq->out.overflow;
        exchange_resume(x);
        return;
    }
    x->streams = next != NULL;
    request_answer(rq, 200, type);
}

static void add_error_json(struct buf *out, const char *error, struct slice detail, struct slice what_to_do)
{
    buf_add_str(out, "{\"error\":");
    buf_add_json(out, slice_of(error));
    buf_add_str(out, ",\"detail\":");
    buf_add_json(out, detail);
    buf_add_str(out, ",\"try\":");
    buf_add_json(out, what_to_do);
    buf_add_str(out, "}\n");
}

/* go-openapi's shape, which amtool and Grafana read, with ours behind it where there is something to try. */
static void add_alertmanager_error(struct buf *out, int status, struct slice detail, struct slice what_to_do)
{
    buf_addf(out, "{\"code\":%d,\"message\":", status);
    buf_add_json(out, detail);
    if (what_to_do.n > 0) {
        buf_add_str(out, ",\"try\":");
        buf_add_json(out, what_to_do);
    }
    buf_add_char(out, '}');
}

void request_fail(struct request *rq, int status, const char *error, struct slice detail, struct slice what_to_do)
{
    enum answer_style style = rq->route != NULL ? rq->route->style : rq->exchange->connection->daemon->routes->style;

    buf_reset(&rq->out);
    if (!slice_is_utf8(detail, NULL)) detail = S("what was sent cannot be repeated here: it is not UTF-8");
    if (slice_has_prefix(rq->path, S("/api/v2/"))) style = STYLE_ALERTMANAGER;
    if (status == 503) request_header(rq, "Retry-After", S("2"));
    if (style == STYLE_VIEW) {
        view_error(&rq->out, status, detail, what_to_do);
        request_answer(rq, status, TYPE_HTML);
        return;
    }
    if (style == STYLE_ALERTMANAGER)
        add_alertmanager_error(&rq->out, status, detail, what_to_do);
    else
        add_error_json(&rq->out, error, detail, what_to_do);
    request_answer(rq, status, TYPE_JSON);
}

void request_fail_code(struct request *rq, int code, struct slice detail)
{
    for (size_t i = 0; i < COUNT_OF(code_table); i++)
        if (code_table[i].code == code) {
            request_fail(rq, code_table[i].status, code_table[i].word, detail, S(""));
            return;
        }
    request_fail(rq, 500, "fault", detail, S(""));
}

/* Alerts wait for one commit: their connection need not leave libmicrohttpd's set for so long, and all that a turn
 * brings wake the engine once (turns.c). */
static bool leaves_its_thread(struct exchange *x)
{
    if (x->suspended || atomic_load(&x->hand) != HAND_OURS) return true;
    if (x->wait != WAIT_SUBMIT || x->event->kind != EVENT_ALERTS || !exchange_park(x)) return exchange_suspend(x);
    x->wait = WAIT_LEAVE;
    x->daemon->left = true;
    return true;
}

/* From here the request may be in another thread's hand: nothing follows exchange_hand_on(). */
static void hand_on(struct request *rq, enum wait_kind kind)
{
    struct exchange *x = rq->exchange;
    x->wait = kind;
    x->wait_until = 0;
    if (!leaves_its_thread(x))
        request_fail(rq, 503, "stopping", S("the server is stopping"), S("send it again in a few seconds"));
    else
        exchange_hand_on(x);
}

void request_submit(struct request *rq, const struct event *ev, request_reply_fn *done)
{
    rq->exchange->event = ev;
    rq->exchange->reply_fn = done;
    hand_on(rq, WAIT_SUBMIT);
}

void request_read(struct request *rq, request_read_fn *job)
{
    rq->exchange->read_fn = job;
    hand_on(rq, WAIT_READ);
}

void request_reload(struct request *rq, struct slice actor, request_reply_fn *done)
{
    rq->exchange->actor = actor;
    rq->exchange->reply_fn = done;
    hand_on(rq, WAIT_RELOAD);
}

void request_bundle(struct request *rq, const struct bundle_wish *wish, request_reply_fn *done)
{
    rq->exchange->bundle = wish;
    rq->exchange->reply_fn = done;
    hand_on(rq, WAIT_BUNDLE);
}

void request_print_metrics(struct request *rq)
{
    const struct http_server *s = rq->exchange->server;
    const struct metric own[] = {
        { "tocsin_http_responses_total", METRIC_COUNTER, "Answers sent by the listeners, by class of status.",
          "class=\"2xx\"", &s->by_class[2], NULL, 0 },
        { "tocsin_http_responses_total", METRIC_COUNTER, "", "class=\"3xx\"", &s->by_class[3], NULL, 0 },
        { "tocsin_http_responses_total", METRIC_COUNTER, "", "class=\"4xx\"", &s->by_class[4], NULL, 0 },
        { "tocsin_http_responses_total", METRIC_COUNTER, "", "class=\"5xx\"", &s->by_class[5], NULL, 0 },
        { "tocsin_http_request_duration_seconds", METRIC_HISTOGRAM, "From a request's head to its answer.", NULL, NULL,
          &s->seconds, 1000 },
        { "tocsin_http_connections", METRIC_GAUGE, "Connections open.", NULL, &s->open_connections, NULL, 0 },
        { "tocsin_http_requests_in_flight", METRIC_GAUGE, "Requests begun and not answered.", NULL, &s->in_flight, NULL,
          0 },
        { "tocsin_http_requests_in_flight_bytes", METRIC_GAUGE, "Bytes of their bodies.", NULL, &s->in_flight_bytes,
          NULL, 0 },
        { "tocsin_http_requests_held_total", METRIC_COUNTER, "Requests that waited for room in a queue.", NULL,
          &s->held, NULL, 0 },
        { "tocsin_http_requests_refused_total", METRIC_COUNTER, "Requests answered 503 for want of room.", NULL,
          &s->refused, NULL, 0 },
        { "tocsin_http_connections_expired_total", METRIC_COUNTER,
          "Connections ended because a head or body took too long.", NULL, &s->expired, NULL, 0 },
    };
    metrics_print(rq->port->metrics, rq->port->n_metrics, &rq->out);
    metrics_print(own, COUNT_OF(own), &rq->out);
}
