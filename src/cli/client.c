/* client.c - requests over the server's socket, and what their failures mean for the person at the keyboard.
 * Not here: what an answer holds.
 */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "cli/field.h"
#include "serve/courier_curl.h"
#include "serve/state_dir.h"

#define CONNECT_MS 2000L
#define ANSWER_MS 45000L /* the server holds a request 2 s for room, reads 2 s, commits; a reload compiles */
#define ANSWER_MAX ((size_t)64 << 20)

int command_fail(const struct invocation *in, int status, const char *fmt, ...)
{
    struct buf text = { 0 };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    fprintf(stderr, "tocsin %s: %s\n", in->command->name, buf_str(&text));
    buf_release(&text);
    return status;
}

void client_escape(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.';
        if (plain)
            buf_add_char(out, (char)c);
        else
            buf_addf(out, "%%%02X", c);
    }
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *ctx)
{
    struct buf *body = ctx;
    buf_add(body, (struct slice){ bytes, size * n });
    return body->overflow ? 0 : size * n;
}

/* Where the socket was looked for, and what that place looks like. */
static int fail_unreachable(struct error *e, const char *socket)
{
    const bool is_there = access(socket, F_OK) == 0;
    if ((!is_there && errno == EACCES) || (is_there && access(socket, R_OK | W_OK) < 0))
        return fail(
            e, ERR_UNAVAILABLE,
            "%s may not be opened by this user: use sudo, or ask who runs the server to put its socket where others "
            "reach it (RuntimeDirectory=)",
            socket);
    if (!is_there)
        return fail(e, ERR_UNAVAILABLE,
                    "no server listens on %s. Start one: tocsin serve --site SITE; or name its socket with --socket or "
                    "$TOCSIN_SOCKET",
                    socket);
    return fail(e, ERR_UNAVAILABLE,
                "nobody answers on %s: the server that made it has ended. Start it again: tocsin serve --site SITE",
                socket);
}

static int fail_curl(struct error *e, CURLcode code, const char *socket)
{
    if (code == CURLE_COULDNT_CONNECT) return fail_unreachable(e, socket);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(e, ERR_UNAVAILABLE,
                    "the server on %s did not answer within %ld s: whether it was done is not known; look "
                    "(tocsin incidents), then try again",
                    socket, ANSWER_MS / 1000);
    if (code == CURLE_WRITE_ERROR) return fail(e, ERR_LIMIT, "the answer is larger than %zu MiB", ANSWER_MAX >> 20);
    return fail(e, ERR_UNAVAILABLE,
                "the server on %s broke off (%s): whether it was done is not known; look (tocsin "
                "incidents), then try again",
                socket, curl_calls.easy_strerror(code));
}

static void set_up(CURL *h, const char *socket, const char *method, const char *url, struct slice body,
                   struct buf *into)
{
    curl_calls.easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_calls.easy_setopt(h, CURLOPT_URL, url);
    curl_calls.easy_setopt(h, CURLOPT_CUSTOMREQUEST, method);
    curl_calls.easy_setopt(h, CURLOPT_PROXY, "");
    curl_calls.easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_calls.easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_calls.easy_setopt(h, CURLOPT_TIMEOUT_MS, ANSWER_MS);
    curl_calls.easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_calls.easy_setopt(h, CURLOPT_WRITEDATA, into);
    if (body.n == 0) return;
    curl_calls.easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)body.n);
    curl_calls.easy_setopt(h, CURLOPT_POSTFIELDS, body.p);
}

static int perform(const char *socket, const char *method, const char *path, struct slice body, struct answer *out,
                   struct error *e)
{
    struct buf url = { 0 };
    long status = 0;
    if (curl_load(e) < 0) return e->code;
    CURL *h = curl_calls.easy_init();
    struct curl_slist *headers = curl_calls.slist_append(NULL, "Content-Type: application/json");
    if (h == NULL || headers == NULL) mem_none_left(0);
    buf_addf(&url, "http://tocsin%s", path);
    set_up(h, socket, method, buf_str(&url), body, &out->body);
    curl_calls.easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    const CURLcode code = curl_calls.easy_perform(h);
    curl_calls.easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    out->status = (int)status;
    curl_calls.easy_cleanup(h);
    curl_calls.slist_free_all(headers);
    buf_release(&url);
    return code == CURLE_OK ? 0 : fail_curl(e, code, socket);
}

static const char *socket_told(void)
{
    const char *told = getenv("TOCSIN_SOCKET");
    return told != NULL && told[0] != '\0' ? told : NULL;
}

int client_state_dir(const struct invocation *in, struct buf *dir, struct error *e)
{
    const char *state = given_value(in, "state"), *told = socket_told();
    struct buf own = { 0 }, database = { 0 };
    int rc = 0;
    socket_choose(NULL, &own);
    if (state != NULL || told == NULL || slice_eq(slice_of(told), buf_slice(&own))) {
        state_dir_choose(state, (struct slice){ 0 }, dir);
        goto out;
    }
    const char *slash = strrchr(told, '/');
    buf_addf(dir, "%.*s", slash == NULL ? 1 : (int)(slash - told), slash == NULL ? "." : told);
    buf_addf(&database, "%s/" DATABASE_NAME, buf_str(dir));
    if (access(buf_str(&database), F_OK) < 0 && errno == ENOENT)
        rc = fail(e, ERR_INVALID, "$TOCSIN_SOCKET is %s, and no " DATABASE_NAME " lies beside it: name the server's state "
                  "directory with --state DIR", told);
out:
    buf_release(&own);
    buf_release(&database);
    return rc;
}

int client_request(const struct invocation *in, const char *method, const char *path, struct slice body,
                   struct answer *out, struct error *e)
{
    const char *named = given_value(in, "socket");
    struct buf socket = { 0 };
    *out = (struct answer){ .body = { .max = ANSWER_MAX } };
    socket_choose(named != NULL ? named : socket_told(), &socket);
    const int rc = perform(buf_str(&socket), method, path, body, out, e);
    buf_release(&socket);
    return rc;
}

void answer_release(struct answer *a)
{
    buf_release(&a->body);
}

/* {"error","detail","try"} as http/ answers mistakes. */
static int tell_refusal(const struct invocation *in, const struct answer *a)
{
    struct fields *doc = fields_read(buf_slice(&a->body), NULL);
    const struct field *top = fields_top(doc);
    const struct slice message = field_text(top, "message"); /* Alertmanager's own doors */
    const struct slice detail = message.n > 0 ? message : field_text(top, "detail"), what_to_do = field_text(top, "try");
    const int status = a->status >= 500 ? EXIT_UNREACHABLE : EXIT_REFUSED;
    if (detail.n > 0)
        command_fail(in, status, "%.*s", (int)detail.n, detail.p);
    else
        command_fail(in, status, "the server answered %d", a->status);
    if (what_to_do.n > 0) fprintf(stderr, "  try: %.*s\n", (int)what_to_do.n, what_to_do.p);
    fields_free(&doc);
    return status;
}

bool client_ask(const struct invocation *in, const char *method, const char *path, struct slice body,
                struct answer *out, int *status)
{
    struct error e = { 0 };
    if (client_request(in, method, path, body, out, &e) < 0) {
        *status = command_fail(in, EXIT_UNREACHABLE, "%s", e.detail);
        return false;
    }
    if (out->status >= 200 && out->status < 300) {
        *status = EXIT_DONE;
        return true;
    }
    if (in->json && out->body.len > 0) fwrite(out->body.p, 1, out->body.len, stdout);
    *status = tell_refusal(in, out);
    return false;
}
