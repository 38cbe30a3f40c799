/* courier_wire.c - libcurl's multi handle on the courier's loop, and how far each request got.
 * Not here: the options of a request (courier_easy.c), the table of faults (courier_fault.c).
 * Always: no call blocks; a request is uncertain as soon as its first byte, or the end of its mail, was handed over.
 */
#include "serve/courier_wire.h"

#include "base/check.h"
#include "base/vec.h"
#include "core/ids.h"
#include "serve/courier_curl.h"
#include "serve/courier_easy.h"

struct wire {
    CURLM *multi;
    struct loop *loop; /* borrowed */
    int64_t timer; /* libcurl's one; 0: none */
    int64_t watch; /* while anything is under way: ends what libcurl forgot; 0: none */
    int64_t rest; /* when the last request has ended: closes what is kept; 0: none */
    wire_done_fn *done;
    void *ctx;
    struct easy *first;
    struct kept kept;
    size_t held; /* bytes of answers */
};

#define FORGOTTEN_MS (2 * SECOND) /* behind its time: libcurl ends a request within milliseconds of it */
#define LOOK_EVERY_MS (5 * SECOND) /* for such */

static void wire_collect(struct wire *w);
static void watch_later(struct wire *w);

static void wire_act(struct wire *w, curl_socket_t fd, int what)
{
    int running;

    curl_calls.multi_socket_action(w->multi, fd, what, &running);
    wire_collect(w);
}

static void on_socket(void *ctx, int fd, uint32_t events)
{
    int what = 0;

    if (events & (EPOLLIN | EPOLLHUP)) what |= CURL_CSELECT_IN;
    if (events & EPOLLOUT) what |= CURL_CSELECT_OUT;
    if (events & EPOLLERR) what |= CURL_CSELECT_ERR;
    wire_act(ctx, fd, what);
}

static void on_timer(void *ctx, int64_t timer, struct moment now)
{
    struct wire *w = ctx;

    (void)now;
    if (w->timer == timer) w->timer = 0;
    wire_act(w, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl's word on which descriptor it waits for. `known` is what we said of it before: not NULL once it is in the
 * loop. A descriptor that the loop does not take ends its request when its time is over. */
static int socket_changed(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    static const uint32_t events[] = {
        [CURL_POLL_NONE] = 0,
        [CURL_POLL_IN] = EPOLLIN,
        [CURL_POLL_OUT] = EPOLLOUT,
        [CURL_POLL_INOUT] = EPOLLIN | EPOLLOUT,
    };
    struct wire *w = ctx;
    struct error ignored;

    (void)easy;
    kept_note(&w->kept, fd, what == CURL_POLL_REMOVE);
    if (what == CURL_POLL_REMOVE) {
        loop_remove_fd(w->loop, fd);
        return 0;
    }
    CHECK(what >= CURL_POLL_NONE && what <= CURL_POLL_INOUT);
    if (known != NULL) {
        loop_change_fd(w->loop, fd, events[what], &ignored);
    } else if (loop_add_fd(w->loop, fd, events[what], on_socket, w, &ignored) == 0) {
        curl_calls.multi_assign(w->multi, fd, w);
    }
    return 0;
}

static int timer_changed(CURLM *multi, long timeout_ms, void *ctx)
{
    struct wire *w = ctx;

    (void)multi;
    loop_cancel_timer(w->loop, w->timer);
    w->timer = 0;
    if (timeout_ms >= 0) w->timer = loop_add_timer(w->loop, loop_now(w->loop).steady_ms + timeout_ms, on_timer, w);
    return 0;
}

static bool multi_start(struct wire *w)
{
    w->multi = curl_calls.multi_init();
    if (w->multi == NULL) return false;
    curl_calls.multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_calls.multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
    curl_calls.multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
    curl_calls.multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
    curl_calls.multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, WIRE_KEPT_MAX);
    return true;
}

/* Its kept connections end with it. */
static void multi_end(struct wire *w)
{
    if (w->multi != NULL) curl_calls.multi_cleanup(w->multi);
    w->multi = NULL;
    loop_cancel_timer(w->loop, w->timer);
    w->timer = 0;
}

struct wire *wire_create(struct loop *l, wire_done_fn *done, void *ctx, struct error *e)
{
    struct wire *w = mem_alloc(sizeof *w);

    if (curl_load(e) < 0) {
        mem_free(w);
        return NULL;
    }
    curl_calls.global_init(CURL_GLOBAL_DEFAULT);
    *w = (struct wire){ .loop = l, .done = done, .ctx = ctx };
    if (multi_start(w)) return w;
    mem_free(w);
    curl_calls.global_cleanup();
    fail(e, ERR_NOMEM, "cannot start the HTTP and SMTP client");
    return NULL;
}

static void easy_unlink(struct wire *w, struct easy *x)
{
    struct easy **at = &w->first;

    while (*at != x) at = &(*at)->next;
    *at = x->next;
    curl_calls.multi_remove_handle(w->multi, x->handle);
}

void wire_destroy(struct wire **w)
{
    if (*w == NULL) return;
    while ((*w)->first != NULL) {
        struct easy *x = (*w)->first;

        easy_unlink(*w, x);
        easy_destroy(&x);
    }
    multi_end(*w);
    kept_release(&(*w)->kept);
    loop_cancel_timer((*w)->loop, (*w)->rest);
    loop_cancel_timer((*w)->loop, (*w)->watch);
    curl_calls.global_cleanup();
    mem_free(*w);
    *w = NULL;
}

/* Nobody wants them any more, and libcurl itself closes none before the next request: we would hold half-closed ones for
 * hours. Its memory of names goes along. */
static void on_rest(void *ctx, int64_t timer, struct moment now)
{
    struct wire *w = ctx;

    (void)timer, (void)now;
    w->rest = 0;
    multi_end(w);
}

static void rest_later(struct wire *w)
{
    if (w->first == NULL && w->rest == 0)
        w->rest = loop_add_timer(w->loop, loop_now(w->loop).steady_ms + (WIRE_KEPT_S + 1) * SECOND, on_rest, w);
}

struct easy *wire_prepare(struct wire *w, const struct request *r, int64_t timeout_ms, void *job, struct error *e)
{
    struct easy *x = easy_create(r, timeout_ms, &w->kept, &w->held, job, e);

    if (x != NULL) x->limit_ms = timeout_ms;
    return x;
}

void wire_forget(struct easy **prepared)
{
    easy_destroy(prepared);
}

int wire_go(struct wire *w, struct easy **prepared, struct error *e)
{
    struct easy *x = *prepared;

    *prepared = NULL;
    loop_cancel_timer(w->loop, w->rest);
    w->rest = 0;
    kept_sweep(&w->kept);
    if (w->multi == NULL && !multi_start(w)) {
        easy_destroy(&x);
        return fail(e, ERR_NOMEM, "cannot start the HTTP and SMTP client");
    }
    if (curl_calls.multi_add_handle(w->multi, x->handle) != CURLM_OK) {
        easy_destroy(&x);
        rest_later(w);
        return fail(e, ERR_IO, "cannot start a transfer");
    }
    x->next = w->first;
    w->first = x;
    x->ends_at = loop_now(w->loop).steady_ms + x->limit_ms + FORGOTTEN_MS;
    watch_later(w);
    return 0;
}

int wire_start(struct wire *w, const struct request *r, int64_t timeout_ms, void *job, struct error *e)
{
    struct easy *x = wire_prepare(w, r, timeout_ms, job, e);

    return x == NULL ? e->code : wire_go(w, &x, e);
}

static void easy_finish(struct wire *w, struct easy *x, CURLcode code)
{
    struct response r;

    easy_unlink(w, x);
    easy_respond(x, code, loop_now(w->loop).wall_ms, &r);
    w->done(w->ctx, x->job, &r);
    easy_destroy(&x);
    rest_later(w);
}

static struct easy *overdue(const struct wire *w)
{
    struct easy *x = w->first;

    while (x != NULL && x->ends_at > loop_now(w->loop).steady_ms) x = x->next;
    return x;
}

/* Where memory ends, libcurl may lose a request and its time-out with it: its page would be in flight for ever. */
static void on_watch(void *ctx, int64_t timer, struct moment now)
{
    struct wire *w = ctx;
    struct easy *x;

    (void)timer, (void)now;
    w->watch = 0;
    while ((x = overdue(w)) != NULL) easy_finish(w, x, CURLE_OPERATION_TIMEDOUT);
    if (w->first != NULL) watch_later(w);
}

static void watch_later(struct wire *w)
{
    if (w->watch == 0) w->watch = loop_add_timer(w->loop, loop_now(w->loop).steady_ms + LOOK_EVERY_MS, on_watch, w);
}

static void wire_collect(struct wire *w)
{
    CURLMsg *message;
    int left;

    while ((message = curl_calls.multi_info_read(w->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        char *owner = NULL;

        if (message->msg != CURLMSG_DONE) continue;
        curl_calls.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        easy_finish(w, (struct easy *)(void *)owner, code);
    }
}
