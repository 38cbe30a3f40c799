/* head.c - judges the head of a request before any of its body is read.
 * Not here: what libmicrohttpd refuses by itself (a request line or field that is none, a Content-Length that is no
 * number), reading bodies (server.c).
 * Always: two readings of the same bytes are no reading: what another party could frame differently is refused.
 */
#include "http/head.h"

#include "base/check.h"

/* What the checks need of the fields, gathered in one walk. */
struct fields {
    struct arena *arena;
    size_t count;
    bool unclean; /* a name that is no token, a value with control bytes */
    const char *next; /* where the next name stands if all before it were plain lines */
    bool gaps; /* it stood elsewhere: there are bytes that no field has */
    size_t lengths, encodings, hosts; /* how often Content-Length, Transfer-Encoding and Host stand there */
    struct slice length, transfer, content_encoding, authorization, origin;
};

#define LINE_END 2 /* CR LF */

/* libmicrohttpd 0.9.75 ends a value at a NUL, takes lines without CR and joins folded ones, and says so nowhere; but its names
 * and values lie in the bytes as they came, so that what is between them is seen by where they lie. Another version may keep
 * them elsewhere: later ones refuse such lines themselves. */
static bool lies_as_it_came(void)
{
    return slice_eq(slice_of(MHD_get_version()), S("0.9.75"));
}

/* RFC 9110 section 5.6.2: a name is a token. libmicrohttpd leaves a blank before the colon in it. */
static bool name_is_token(struct slice s)
{
    static const bool separator[128] = {
        ['"'] = true, ['('] = true, [')'] = true,  [','] = true, ['/'] = true, [':'] = true,
        [';'] = true, ['<'] = true, ['='] = true,  ['>'] = true, ['?'] = true, ['@'] = true,
        ['['] = true, [']'] = true, ['\\'] = true, ['{'] = true, ['}'] = true
    };
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c > '~' || separator[c]) return false;
    }
    return s.n > 0;
}

static bool value_is_clean(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f) return false;
    return true;
}

static enum MHD_Result field_see(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                 const char *value, size_t value_size)
{
    struct fields *f = cls;
    struct slice n = { name, name_size }, v = slice_trim((struct slice){ value, value_size });
    (void)kind;
    f->count++;
    if (!name_is_token(n) || !value_is_clean(v)) f->unclean = true;
    if (name != f->next) f->gaps = true;
    f->next = value + value_size + LINE_END;
    if (slice_eq_nocase(n, S("Content-Length"))) {
        f->lengths++;
        f->length = v;
    } else if (slice_eq_nocase(n, S("Transfer-Encoding"))) {
        f->encodings++;
        f->transfer = v;
    } else if (slice_eq_nocase(n, S("Host"))) {
        f->hosts++;
    } else if (slice_eq_nocase(n, S("Content-Encoding"))) {
        f->content_encoding = v;
    } else if (slice_eq_nocase(n, S("Authorization"))) {
        f->authorization = v;
    } else if (slice_eq_nocase(n, S("Origin"))) {
        f->origin = v;
    }
    return MHD_YES;
}

/* A refusal closes the connection: its body is still on the way. Always returns false. */
static bool refuse(struct exchange *x, int status, const char *error, struct slice detail, struct slice what_to_do)
{
    x->close = true;
    request_fail(&x->rq, status, error, detail, what_to_do);
    return false;
}

static bool limits_hold(struct exchange *x, const struct fields *f)
{
    const struct http_limits *l = &x->server->limits;
    const union MHD_ConnectionInfo *size = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    if (atomic_load(&x->server->stopping))
        return refuse(x, 503, "stopping", S("the server is stopping"), S("send it again in a few seconds"));
    if (f->count > l->head_fields)
        return refuse(x, 431, "too_many_fields", S("more than 64 header fields"), S("send fewer fields"));
    if ((size != NULL && size->header_size > l->head_bytes) || x->target.n > l->head_bytes)
        return refuse(x, 431, "head_too_large", S("the request's head is larger than 16 KiB"),
                      S("send a shorter head"));
    if (atomic_load(&x->server->in_flight) <= (int64_t)l->in_flight &&
        atomic_load(&x->server->in_flight_bytes) <= (int64_t)l->in_flight_bytes)
        return true;
    atomic_fetch_add(&x->server->refused, 1);
    return refuse(x, 503, "busy", S("too many requests are under way"), S("send it again in a few seconds"));
}

static bool digits_only(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

/* RFC 9112 sections 2.2 and 5.2: lines end with CR LF and are not folded; RFC 9110 section 5.5: no NUL. */
static bool lines_are_plain(struct exchange *x, const struct fields *f, struct slice method)
{
    const union MHD_ConnectionInfo *size = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (size == NULL || !lies_as_it_came()) return true;
    if (!f->gaps && f->next + LINE_END == method.p + size->header_size) return true;
    return refuse(x, 400, "lines", S("a line of the head holds a NUL, is folded, or ends without CR and LF"),
                  S("end each line with CR LF, and send no control bytes"));
}

/* RFC 9112 sections 3.2 and 6: one reading only. */
static bool framing_is_clear(struct exchange *x, const struct fields *f, struct slice version)
{
    if (f->unclean)
        return refuse(x, 400, "field", S("a header field with a blank or a control byte in it"),
                      S("send clean fields"));
    if (f->lengths > 1)
        return refuse(x, 400, "framing", S("Content-Length is given more than once"), S("send it once"));
    if (f->lengths == 1 && f->encodings > 0)
        return refuse(x, 400, "framing", S("both Content-Length and Transfer-Encoding are given"),
                      S("send one of them"));
    if (f->lengths == 1 && !digits_only(f->length))
        return refuse(x, 400, "framing", S("Content-Length is not a number"), S("send the number of bytes"));
    if (f->encodings > 1 || (f->encodings == 1 && !slice_eq_nocase(f->transfer, S("chunked"))))
        return refuse(x, 400, "framing", S("the only Transfer-Encoding taken is chunked"), S("send chunked, once"));
    if (f->hosts > 1 || (f->hosts == 0 && slice_eq(version, S("HTTP/1.1"))))
        return refuse(x, 400, "host", S("HTTP/1.1 asks for exactly one Host field"), S("send Host once"));
    return true;
}

static bool body_is_welcome(struct exchange *x, const struct fields *f)
{
    struct buf text = { .max = 128 };
    size_t max = x->rq.route->body_max;
    int64_t length = 0;
    bool large = f->lengths == 1 && (!slice_to_int(f->length, &length) || (size_t)length > max);
    struct slice detail;

    x->body.max = max > 0 ? max : 1;
    if (f->encodings > 0 && max == 0) large = true;
    if (large) {
        if (max == 0)
            buf_add_str(&text, "this takes no body");
        else
            buf_addf(&text, "the body is larger than %zu bytes", max);
        detail = arena_copy(x->rq.arena, buf_slice(&text));
        buf_release(&text);
        return refuse(x, 413, "too_large", detail, max == 0 ? S("send none") : S("send it in smaller pieces"));
    }
    if (f->content_encoding.n > 0 && !slice_eq_nocase(f->content_encoding, S("identity")))
        return refuse(x, 415, "content_encoding", S("compressed bodies are not taken"),
                      S("send the body without Content-Encoding"));
    return true;
}

/* In Alertmanager's words under its paths, and with Allow in any case. */
static bool refuse_method(struct exchange *x, const struct route_table *t, struct slice method)
{
    struct buf text = { .max = 512 }, allow = { .max = 256 };
    struct slice detail;
    bool as_alertmanager = slice_has_prefix(x->rq.path, S("/api/v2/"));

    route_allow(t, x->rq.path, !as_alertmanager, as_alertmanager ? "," : ", ", &allow);
    buf_addf(&text, "method %.*s is not allowed, but [%s] are", (int)slice_upto(method, 32).n, method.p,
             buf_str(&allow));
    detail = arena_copy(x->rq.arena, buf_slice(&text));
    request_header(&x->rq, "Allow", arena_copy(x->rq.arena, buf_slice(&allow)));
    buf_release(&text);
    buf_release(&allow);
    return refuse(x, 405, "method_not_allowed", detail, S(""));
}

static bool refuse_path(struct exchange *x)
{
    struct buf text = { .max = 1024 };
    struct slice detail, shown = slice_upto(x->rq.path, 512);
    buf_addf(&text, "path %.*s was not found", (int)shown.n, shown.p);
    detail = arena_copy(x->rq.arena, buf_slice(&text));
    buf_release(&text);
    if (x->connection->daemon->routes->style == STYLE_VIEW)
        return refuse(x, 404, "not_found", S("There is nothing here"), S("Use the link from the page you received."));
    return refuse(x, 404, "not_found", detail, S(""));
}

static bool route_is_known(struct exchange *x, struct slice method)
{
    const struct route_table *t = x->connection->daemon->routes;
    struct request *rq = &x->rq;
    bool known;

    rq->method = method_named(method);
    rq->route = route_find(t, rq->method, rq->path, rq->captures, &known);
    if (rq->route == NULL) return known ? refuse_method(x, t, method) : refuse_path(x);
    captures_decode(rq->arena, rq->captures);
    if (rq->method == METHOD_HEAD) rq->method = METHOD_GET;
    return true;
}

static bool caller_may(struct exchange *x, const struct fields *f, const struct target *t)
{
    struct request *rq = &x->rq;
    struct connection *c = x->connection;
    struct claim claim = {
        .unix_socket = c->daemon->unix_socket,
        .uid = c->uid,
        .loopback = c->loopback,
        .browser = f->origin.n > 0,
        .reads = rq->method == METHOD_GET,
        .has_key = t->has_key,
        .key = t->key,
        .authorization = f->authorization,
    };
    struct error e = { 0 };
    struct slice remedy = S("look at `ingest:` and `tokens:` in site.yaml");
    bool known = false;
    int rc;

    if (claim.unix_socket) claim.login = identity_login(rq->arena, c->uid);
    rc = identity_establish(rq->arena, rq->facts, &claim, &rq->who, &e);
    if (rc == 0) rc = identity_check(&rq->who, &claim, rq->route->scope, &known, &remedy, &e);
    if (rc == 0) return true;
    known = known || claim.unix_socket;
    if (!known) request_header(rq, "WWW-Authenticate", S("Bearer realm=\"tocsin\""));
    return refuse(x, known ? 403 : 401, known ? "forbidden" : "unauthorized", arena_copy(rq->arena, slice_of(e.detail)),
                  remedy);
}

bool head_judge(struct exchange *x, struct slice method, struct slice version)
{
    struct request *rq = &x->rq;
    struct fields f = { .arena = rq->arena, .next = version.p + version.n + LINE_END };
    struct target t;
    struct error e = { 0 };

    rq->facts = rq->port->facts_acquire(rq->port->ctx);
    rq->path = S("/");
    MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, field_see, &f);
    if (!limits_hold(x, &f) || !framing_is_clear(x, &f, version) || !lines_are_plain(x, &f, method)) return false;
    if (target_parse(rq->arena, x->target, &t, &e) < 0)
        return refuse(x, 400, "bad_target", arena_copy(rq->arena, slice_of(e.detail)), S(""));
    rq->path = t.path;
    rq->query = t.query;
    rq->n_query = t.n_query;
    return route_is_known(x, method) && caller_may(x, &f, &t) && body_is_welcome(x, &f);
}
