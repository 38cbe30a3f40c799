/* courier_easy.c - the options of one HTTP or SMTP request.
 * Not here: when it runs (courier_wire.c).
 * Always: certificates are verified wherever encryption is required; no redirect, no proxy and no .netrc is used. What
 * has left once never leaves again: libcurl would repeat a POST when a kept connection turns out dead, and is stopped.
 */
#include "serve/courier_easy.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/vec.h"
#include "serve/courier_curl.h"
#include "sys/destination.h"

static size_t keep(struct easy *x, struct buf *into, const char *bytes, size_t n)
{
    if (x->head.len + x->body.len + n > WIRE_ANSWER_MAX || *x->held + n > WIRE_HELD_MAX) return 0;
    *x->held += n;
    buf_add(into, (struct slice){ bytes, n });
    return n;
}

/* A reply to QUIT that is quicker than we are says nothing about the mail. */
static size_t on_head(char *bytes, size_t one, size_t n, void *ctx)
{
    struct easy *x = ctx;

    if (x->quit) return one * n;
    return keep(x, &x->head, bytes, one * n);
}

static size_t on_body(char *bytes, size_t one, size_t n, void *ctx)
{
    struct easy *x = ctx;

    return keep(x, &x->body, bytes, one * n);
}

static size_t on_read(char *room, size_t one, size_t n, void *ctx)
{
    struct easy *x = ctx;
    struct slice rest = slice_upto(slice_from(x->request->body, x->taken), one * n);

    if (rest.n > 0) memcpy(room, rest.p, rest.n);
    x->taken += rest.n;
    return rest.n;
}

/* Judged here, where the name has become an address: what resolved to something else a moment ago does not matter. */
static bool may_connect(const struct easy *x, const struct curl_sockaddr *a)
{
    enum destination is = destination_of(&a->addr, a->addrlen);
    bool plain =
        x->request->kind == REQUEST_HTTP && !slice_has_prefix_nocase(slice_of(x->request->target), S("https:"));

    return is == DESTINATION_LOOPBACK || (is == DESTINATION_ORDINARY && !plain);
}

/* Several addresses of one name may be tried at a time: the one that won is what is left when the others are closed. */
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct easy *x = ctx;
    int fd;

    if (x->sent) {
        x->stopped = true;
        return CURL_SOCKET_BAD;
    }
    if (!may_connect(x, a)) {
        x->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);

    (void)purpose;
    x->opened = true;
    if (x->request->kind == REQUEST_HTTP) {
        if (fd >= 0) kept_add(x->kept, fd);
        return fd;
    }
    for (size_t i = 0; i < EASY_SOCKETS && fd >= 0; i++)
        if (x->fds[i] < 0) {
            x->fds[i] = fd;
            return fd;
        }
    if (fd >= 0) close(fd);
    return CURL_SOCKET_BAD;
}

static int on_close(void *ctx, curl_socket_t fd)
{
    struct easy *x = ctx;

    for (size_t i = 0; i < EASY_SOCKETS; i++)
        if (x->fds[i] == fd) x->fds[i] = -1;
    return close(fd);
}

/* Of a connection that may be kept for longer than any one request lives. */
static int on_kept_close(void *ctx, curl_socket_t fd)
{
    kept_close(ctx, fd);
    return 0;
}

/* Called whenever a connection, new or kept, is about to take the request. After a byte has left that is libcurl's own
 * repeat: the attempt ends here instead, or in on_open(), and is uncertain (decision 0006). */
static int on_request(void *ctx, char *to, char *from, int to_port, int from_port)
{
    struct easy *x = ctx;

    (void)to, (void)from, (void)to_port, (void)from_port;
    x->stopped = x->stopped || x->sent;
    return x->stopped ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Tells when the first byte leaves. And when libcurl says QUIT it would wait for the answer without returning to the
 * loop, two minutes if the server likes: shutting the connection down under it makes that wait end at once. */
static int on_debug(CURL *handle, curl_infotype what, char *bytes, size_t n, void *ctx)
{
    struct easy *x = ctx;

    (void)handle;
    if (what != CURLINFO_HEADER_OUT && what != CURLINFO_DATA_OUT) return 0;
    x->sent = true;
    if (x->request->kind != REQUEST_SMTP || what != CURLINFO_HEADER_OUT ||
        !slice_has_prefix((struct slice){ bytes, n }, S("QUIT")))
        return 0;
    for (size_t i = 0; i < EASY_SOCKETS; i++)
        if (x->fds[i] >= 0) shutdown(x->fds[i], SHUT_RDWR);
    x->quit = true;
    return 0;
}

#define SET(option, value)                                            \
    if (curl_calls.easy_setopt(x->handle, option, value) != CURLE_OK) \
    return fail(e, ERR_LIMIT, "libcurl does not take the option " #option)

/* What every request has, whatever it speaks. */
static int set_common(struct easy *x, int64_t timeout_ms, const char *protocols, struct error *e)
{
    SET(CURLOPT_URL, x->request->target);
    SET(CURLOPT_PROTOCOLS_STR, protocols);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, protocols);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else the end of a request waits for its name's resolution */
    SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(timeout_ms < WIRE_CONNECT_MS ? timeout_ms : WIRE_CONNECT_MS));
    SET(CURLOPT_USERAGENT, "tocsin/" TOCSIN_VERSION);
    SET(CURLOPT_ERRORBUFFER, x->problem);
    SET(CURLOPT_PRIVATE, x);
    SET(CURLOPT_VERBOSE, 1L); /* for on_debug: nothing is printed */
    SET(CURLOPT_DEBUGFUNCTION, on_debug);
    SET(CURLOPT_DEBUGDATA, x);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, x);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, x);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, x);
    return 0;
}

static int set_tls(struct easy *x, struct error *e)
{
    /* Whoever would also send in plain text gains nothing by refusing a certificate (RFC 7435). */
    long verify = x->request->tls == TLS_TRY ? 0 : 1;

    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, verify);
    SET(CURLOPT_SSL_VERIFYHOST, 2 * verify);
    if (x->request->ca_file != NULL) {
        SET(CURLOPT_CAINFO, x->request->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    return 0;
}

static int set_http(struct easy *x, struct error *e)
{
    for (size_t i = 0; i < x->request->n_headers; i++)
        x->lines = curl_calls.slist_append(x->lines, x->request->headers[i]);
    /* No asking first whether the body may come: it is small. */
    x->lines = curl_calls.slist_append(x->lines, "Expect:");
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, x);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_kept_close);
    SET(CURLOPT_CLOSESOCKETDATA, x->kept);
    SET(CURLOPT_MAXAGE_CONN, WIRE_KEPT_S);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, x->request->body.p);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->request->body.n);
    SET(CURLOPT_HTTPHEADER, x->lines);
    return 0;
}

static int set_smtp(struct easy *x, struct error *e)
{
    static const long levels[] = {
        [TLS_UNSET] = CURLUSESSL_ALL,
        [TLS_REQUIRED] = CURLUSESSL_ALL,
        [TLS_TRY] = CURLUSESSL_TRY,
        [TLS_NO] = CURLUSESSL_NONE,
    };

    x->lines = curl_calls.slist_append(x->lines, x->request->mail_to);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    SET(CURLOPT_CLOSESOCKETDATA, x);
    SET(CURLOPT_USE_SSL, levels[x->request->tls]);
    SET(CURLOPT_MAIL_FROM, x->request->mail_from);
    SET(CURLOPT_MAIL_RCPT, x->lines);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, x);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->request->body.n);
    if (x->request->user != NULL) {
        SET(CURLOPT_USERNAME, x->request->user);
        SET(CURLOPT_PASSWORD, x->request->password);
    }
    return 0;
}

static int set_all(struct easy *x, int64_t timeout_ms, struct error *e)
{
    bool http = x->request->kind == REQUEST_HTTP;
    int rc;

    if ((rc = set_common(x, timeout_ms, http ? "http,https" : "smtp,smtps", e)) < 0) return rc;
    if ((rc = set_tls(x, e)) < 0) return rc;
    return http ? set_http(x, e) : set_smtp(x, e);
}

struct easy *easy_create(const struct request *r, int64_t timeout_ms, struct kept *kept, size_t *held, void *job,
                         struct error *e)
{
    struct easy *x = mem_alloc(sizeof *x);

    *x = (struct easy){ .handle = curl_calls.easy_init(), .request = r, .job = job, .kept = kept, .held = held };
    for (size_t i = 0; i < EASY_SOCKETS; i++) x->fds[i] = -1;
    x->head.max = x->body.max = WIRE_ANSWER_MAX;
    if (x->handle == NULL)
        fail(e, ERR_NOMEM, "cannot start a transfer");
    else if (set_all(x, timeout_ms, e) == 0)
        return x;
    easy_destroy(&x);
    return NULL;
}

void easy_destroy(struct easy **x)
{
    if (*x == NULL) return;
    curl_calls.easy_cleanup((*x)->handle);
    curl_calls.slist_free_all((*x)->lines);
    *(*x)->held -= (*x)->head.len + (*x)->body.len;
    buf_release(&(*x)->head);
    buf_release(&(*x)->body);
    mem_free(*x);
    *x = NULL;
}

static enum reach easy_reach(const struct easy *x)
{
    if (x->request->kind == REQUEST_HTTP) return x->sent ? REACH_PART : REACH_NOTHING;
    if (x->taken == 0) return REACH_NOTHING;
    return x->taken < x->request->body.n ? REACH_PART : REACH_ALL;
}

static enum fault easy_fault(const struct easy *x, CURLcode code)
{
    if (x->stopped) return FAULT_RECEIVE;
    return x->forbidden && !x->opened ? FAULT_FORBIDDEN : fault_of_curl(code);
}

void easy_respond(const struct easy *x, CURLcode code, int64_t wall_ms, struct response *out)
{
    long status = 0;

    curl_calls.easy_getinfo(x->handle, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct response){
        .fault = easy_fault(x, code),
        .reach = easy_reach(x),
        .status = status,
        .head = buf_slice(&x->head),
        .body = buf_slice(&x->body),
        .problem = slice_of(x->problem),
        .wall_ms = wall_ms,
    };
}
