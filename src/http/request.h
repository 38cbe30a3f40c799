/* request.h - one request as a handler sees it, from the moment it is whole until its answer is on the wire.
 *
 * A handler (api/) runs on one of the listener's threads and ends in exactly one of: request_answer() or one of its
 * shorter forms, request_submit(), request_read(), request_reload(), request_bundle(). The last four hand the request on; their callbacks
 * run on the engine's or a reader's thread and end in one of the same. Whoever holds the request may use it; after
 * handing it on or answering it must not be touched (request_stream() hands it back to its callback). Everything in it lives until the answer is sent. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "http/port.h"

/* X(symbol, number, "name") */
#define METHODS(X)     \
    X(GET, 1, "GET")   \
    X(HEAD, 2, "HEAD") \
    X(POST, 3, "POST") \
    X(PUT, 4, "PUT") X(DELETE, 5, "DELETE") X(PATCH, 6, "PATCH") X(OPTIONS, 7, "OPTIONS") X(OTHER, 8, "?")

enum method {
    METHOD_UNSET = 0,
#define X(sym, code, text) METHOD_##sym = code,
    METHODS(X)
#undef X
};

struct request;
typedef void request_fn(struct request *rq);
typedef void request_reply_fn(struct request *rq, const struct reply *reply);
typedef void request_read_fn(struct request *rq, struct store_reader *reader); /* NULL: the store cannot be read now */

/* How a route's mistakes are answered: {"error","detail","try"}, Alertmanager's {"code","message"}, or a small view. */
enum answer_style { STYLE_JSON = 0, STYLE_ALERTMANAGER, STYLE_VIEW };

/* One row of a const table. `pattern` is a path of literal segments and {names}: "/api/v1/incidents/{id}/{act}". */
struct route {
    enum method method; /* a GET row answers HEAD as well */
    const char *pattern;
    enum access scope; /* the least that may */
    enum answer_style style;
    size_t body_max; /* bytes; 0: a body is refused */
    request_fn *handle;
};

struct route_table {
    const struct route *v;
    size_t n;
    enum answer_style style; /* of what no route matches */
    void (*forget)(void *kept); /* what handlers kept on a thread that ends; NULL: they keep nothing */
};

/* Who asks (identity.h). */
struct identity {
    enum access scope;
    struct slice name; /* for the log: key, token or login; "loopback"; empty: nobody */
    struct slice person; /* the site's id; empty: nobody's */
    struct slice sender; /* of alerts; empty: may not send any */
    bool ingest; /* may use the alert doors */
    bool local; /* through the unix socket */
    bool by_address; /* from loopback, without a key or token of the site */
};

struct param {
    struct slice name, value; /* decoded */
};

struct header {
    const char *name;
    struct slice value;
};

#define ROUTE_MAX_CAPTURES 4
#define ANSWER_MAX_HEADERS 8

struct request {
    struct arena *arena; /* of this request alone; limited */
    const struct http_port *port;
    const struct facts *facts;
    const struct route *route;
    enum method method; /* HEAD is handled as GET */
    struct slice path; /* decoded, without a key in front and without a slash at the end */
    struct slice captures[ROUTE_MAX_CAPTURES]; /* of the pattern's {names}, in order; decoded */
    const struct param *query; /* in order; a name may repeat */
    size_t n_query;
    struct slice body;
    struct identity who;
    struct moment received;
    void *state; /* the handler's own, in the arena */
    void **kept; /* the handlers' own of this thread, from one request to the next: not for callbacks; NULL at first */
    request_fn *at_end; /* lets go of what the arena does not; on the connection's thread, when all is over */

    struct buf out; /* the answer's body is built here */
    int status;
    const char *type;
    struct header headers[ANSWER_MAX_HEADERS];
    size_t n_headers;

    struct exchange *exchange; /* the listener's side */
};

/* The first value of a query parameter; empty when absent (`found` may be NULL). */
struct slice request_query(const struct request *rq, struct slice name, bool *found);

/* Adds a header; the value is borrowed, the name a literal. */
void request_header(struct request *rq, const char *name, struct slice value);

/* What stands in rq->out is the body. `type` is a literal; NULL for an empty body. An overflown rq->out becomes a 500. */
void request_answer(struct request *rq, int status, const char *type);
/* 200 in pieces: what stands in rq->out is the first; once it is on the wire, `next` is called as a read's job is, with
 * rq->out empty, and ends in request_stream() again; NULL: that was the last. Memory holds one piece at a time. A failure
 * after the first piece cuts the connection, so that nobody takes a part for the whole. A first piece that is the last
 * is an ordinary answer. */
void request_stream(struct request *rq, const char *type, request_read_fn *next);
#define TYPE_JSON "application/json"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"

/* An error in the style of the route. `error` is a word to branch on, `what_to_do` may be empty. */
void request_fail(struct request *rq, int status, const char *error, struct slice detail, struct slice what_to_do);
/* The same from an ERR_ code, by the one table that maps them to statuses. */
void request_fail_code(struct request *rq, int code, struct slice detail);

/* `ev` and what it points at must live as long as the request. When the queue is full the request waits up to 2 s for
 * room; then it is answered 503 with Retry-After and the callback is never called. */
void request_submit(struct request *rq, const struct event *ev, request_reply_fn *done);
void request_read(struct request *rq, request_read_fn *job);
void request_reload(struct request *rq, struct slice actor, request_reply_fn *done);
void request_bundle(struct request *rq, const struct bundle_wish *wish,
                    request_reply_fn *done); /* it lives as long as rq */

/* The doors' own rows and the port's, as text. */
void request_print_metrics(struct request *rq);

enum method method_named(struct slice name);
const char *method_name(enum method m);

#endif
