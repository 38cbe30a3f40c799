/* answer.c - puts an answer on the wire: status, headers, body.
 * Not here: what the answer is (api/, request.c).
 * Always: nothing is cached, nothing is sniffed; a view carries the headers that keep scripts and frames away.
 */
#include <string.h>

#include "base/check.h"
#include "http/exchange.h"

#define STREAM_BLOCK ((size_t)32 << 10)

static const struct header headers_of_all[] = {
    { "Cache-Control", { "no-store", 8 } },
    { "X-Content-Type-Options", { "nosniff", 7 } },
};

/* A view needs nothing but its own style sheet, which stands in the page. */
static const char *const headers_of_views[][2] = {
    { "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
    { "Referrer-Policy", "no-referrer" },
    { "X-Frame-Options", "DENY" },
    { "X-Robots-Tag", "noindex, nofollow, noarchive" },
    { "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
};

static void add_header(struct exchange *x, struct MHD_Response *response, const char *name, struct slice value)
{
    char *text = arena_str(x->rq.arena, value);
    if (text != NULL) MHD_add_response_header(response, name, text);
}

static void add_headers(struct exchange *x, struct MHD_Response *response)
{
    const struct request *rq = &x->rq;
    if (rq->type != NULL) add_header(x, response, "Content-Type", slice_of(rq->type));
    for (size_t i = 0; i < COUNT_OF(headers_of_all); i++)
        add_header(x, response, headers_of_all[i].name, headers_of_all[i].value);
    if (rq->type != NULL && slice_eq(slice_of(rq->type), S(TYPE_HTML)))
        for (size_t i = 0; i < COUNT_OF(headers_of_views); i++)
            add_header(x, response, headers_of_views[i][0], slice_of(headers_of_views[i][1]));
    for (size_t i = 0; i < rq->n_headers; i++) add_header(x, response, rq->headers[i].name, rq->headers[i].value);
    if (x->close) add_header(x, response, "Connection", S("close"));
}

/* The connection sleeps while a reader makes the next piece. */
static bool stream_next(struct exchange *x)
{
    if (!exchange_suspend(x)) return false;
    buf_reset(&x->rq.out);
    x->sent = 0;
    x->read_fn = x->stream_next;
    x->wait = WAIT_READ;
    x->wait_until = 0;
    exchange_hand_on(x);
    return true;
}

static ssize_t stream_copy(void *cls, uint64_t pos, char *to, size_t max)
{
    struct exchange *x = cls;
    const struct slice left = slice_upto(slice_from(buf_slice(&x->rq.out), x->sent), max);
    (void)pos;
    if (x->broken) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (left.n == 0 && x->stream_next == NULL) return MHD_CONTENT_READER_END_OF_STREAM;
    if (left.n == 0) return stream_next(x) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    memcpy(to, left.p, left.n);
    x->sent += left.n;
    return (ssize_t)left.n;
}

struct MHD_Response *answer_taken(void)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    for (size_t i = 0; r != NULL && i < COUNT_OF(headers_of_all); i++)
        MHD_add_response_header(r, headers_of_all[i].name, headers_of_all[i].value.p);
    return r;
}

/* The body is the request's own buffer: it outlives the response, which ends before the completion callback. */
static struct MHD_Response *response_of(struct exchange *x)
{
    struct request *rq = &x->rq;
    struct MHD_Response *r =
        x->streams
            ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_copy, x, NULL)
            : MHD_create_response_from_buffer(rq->out.len, rq->out.len > 0 ? rq->out.p : "", MHD_RESPMEM_PERSISTENT);
    if (r != NULL) add_headers(x, r);
    return r;
}

static bool is_taken(const struct exchange *x)
{
    const struct request *rq = &x->rq;
    return rq->status == 200 && !x->streams && rq->out.len == 0 && rq->type == NULL && rq->n_headers == 0 && !x->close;
}

/* Who stops reading is cut off. What is one short piece the keeper sees to; libmicrohttpd, which would take a lock and a
 * clock for each recv and send of every connection, only to what may take as long as somebody keeps reading. */
static bool sending_begins(struct exchange *x, bool shared)
{
    const int64_t idle_ms = x->server->limits.idle_ms;
    if (shared) return connection_enter(x->connection, PHASE_SENDING, x->daemon->now.steady_ms + idle_ms);
    if (!connection_enter(x->connection, PHASE_ANSWER, 0)) return false;
    MHD_set_connection_option(x->mhd, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)(idle_ms / SECOND + 1));
    return true;
}

enum MHD_Result exchange_send(struct exchange *x)
{
    struct request *rq = &x->rq;
    const bool shared = is_taken(x);
    struct MHD_Response *response = shared ? x->server->taken : response_of(x);
    enum MHD_Result rc;

    if (response == NULL) return MHD_NO;
    if (rq->status >= 100 && rq->status < 600) atomic_fetch_add(&x->server->by_class[rq->status / 100], 1);
    histogram_observe(&x->server->seconds, x->daemon->now.steady_ms - rq->received.steady_ms);
    rc = sending_begins(x, shared) ? MHD_queue_response(x->mhd, (unsigned)rq->status, response) : MHD_NO;
    if (!shared) MHD_destroy_response(response);
    return rc;
}
