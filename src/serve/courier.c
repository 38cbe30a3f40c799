/* courier.c - the process that holds every provider's secret and sends every outbound byte.
 * Not here: how a channel speaks (notify/), transfers (courier_wire.c), the socket to the server (courier_link.c).
 * Always: it keeps no queue and no database. What the server hands over is tried at once, within the credit granted,
 * and every attempt ends in exactly one result: accepted, refused, not sent, or uncertain.
 */
#include "serve/serve.h"

#include <poll.h>
#include <unistd.h>

#include "base/vec.h"
#include "serve/confine.h"
#include "serve/control.h"
#include "serve/courier_file.h"
#include "serve/courier_link.h"
#include "serve/courier_outlets.h"
#include "serve/courier_pace.h"
#include "serve/courier_poll.h"
#include "serve/courier_wire.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/memory.h"
#include "sys/process.h"

/* Sends that were on their way when a reload said hello again come on top of the credit: they are carried out too. */
enum { CREDITS = 8, ATTEMPTS_MAX = 4 * CREDITS, DELIVERY_MAX = 8 << 20, LOADING_WAITS_MS = 1000 };

static const int64_t tick_ms = 500; /* between two words to the supervisor that we still run */
static const int64_t attempt_ms = 30000; /* one attempt, from handing over to the last byte of the answer */

/* One attempt under way, or prepared. */
struct attempt {
    struct attempt *next;
    struct arena *arena; /* holds this and all its texts */
    struct message_send send;
    const struct notifier_ops *ops; /* NULL: nothing is built yet */
    struct request request;
    int built; /* below 0: it could not be, `problem` says why */
    struct error problem;
    struct easy *easy; /* built for the wire, before it goes; or NULL */
};

/* A credit that comes back later. */
struct debt {
    struct debt *next;
    struct courier *courier;
    struct buf channel;
};

struct courier {
    const struct child_options *options;
    struct loop *loop;
    struct wire *wire;
    struct link *link;
    struct outlets *outlets;
    struct polls *polls;
    struct attempt *attempts;
    struct attempt *prepared; /* the newest first: nobody hears of them before the server says go */
    struct paces paces;
    struct debt *debts;
    bool stopping;
    int status; /* to exit with */
};

static int64_t attempts_by(const struct courier *c, struct slice channel)
{
    int64_t n = 0;

    for (const struct attempt *t = c->attempts; t != NULL; t = t->next) n += slice_eq(t->send.channel, channel);
    return n;
}

/* Ends the loop once nothing is left that a server could want from us. */
static void stop_if_idle(void *ctx)
{
    struct courier *c = ctx;

    if (c->stopping && c->attempts == NULL && (link_results(c->link) == 0 || !link_is_attached(c->link)))
        loop_stop(c->loop);
}

/* Every channel with the credit it has now. Attempts under way still hold theirs. */
static void say_hello(void *ctx)
{
    struct courier *c = ctx;
    struct message_credit *rows = mem_alloc((c->outlets->n + 1) * sizeof *rows);
    struct message m = { .type = MESSAGE_HELLO };

    for (size_t i = 0; i < c->outlets->n; i++) {
        struct slice name = c->outlets->v[i].as.name;
        int64_t busy = attempts_by(c, name) + pace_owed(&c->paces, name);

        rows[i] = (struct message_credit){ .channel = name, .n = busy < CREDITS ? CREDITS - busy : 0 };
        if (c->outlets->v[i].problem.code != 0) rows[i].problem = slice_of(c->outlets->v[i].problem.detail);
    }
    m.hello = (struct message_hello){ c->outlets->site_hash, rows, c->outlets->n };
    link_send(c->link, &m);
    mem_free(rows);
}

static void report_log(const struct buf *report)
{
    struct slice rest = buf_slice(report);

    while (rest.n > 0) {
        struct slice line = slice_cut(&rest, '\n');

        log_warning("courier", "%.*s", (int)line.n, line.p);
    }
}

static void debt_destroy(struct debt *d)
{
    buf_release(&d->channel);
    mem_free(d);
}

static void give_credit(struct courier *c, struct slice channel)
{
    struct message credit = { .type = MESSAGE_CREDIT, .credit = { .channel = channel, .n = 1 } };

    pace_return(&c->paces, channel);
    link_send(c->link, &credit);
}

static void on_credit_due(void *ctx, int64_t timer, struct moment now)
{
    struct debt *d = ctx, **at = &d->courier->debts;

    (void)timer, (void)now;
    while (*at != d) at = &(*at)->next;
    *at = d->next;
    give_credit(d->courier, buf_slice(&d->channel));
    debt_destroy(d);
}

/* The credit of an attempt that has ended comes back now, or when the provider takes the next message. */
static void return_credit(struct courier *c, struct slice channel, int64_t retry_after_ms)
{
    const struct outlet *o = outlets_find(c->outlets, channel);
    int64_t now = loop_now(c->loop).steady_ms;
    int64_t at = pace_owe(&c->paces, channel, o == NULL ? 0 : pace_every(o->ops->name), retry_after_ms, now);
    struct debt *d;

    if (at <= now) {
        give_credit(c, channel);
        return;
    }
    d = mem_alloc(sizeof *d);
    *d = (struct debt){ .next = c->debts, .courier = c };
    buf_add(&d->channel, channel);
    c->debts = d;
    loop_add_timer(c->loop, at, on_credit_due, d);
}

/* The result, and the credit that comes back with it. */
static void send_result(struct courier *c, const struct message_send *s, const struct verdict *v)
{
    struct message result = {
        .type = MESSAGE_RESULT,
        .result = { s->delivery, s->attempt, s->since, v->outcome, v->code, v->detail, v->provider_id, v->retry_after_ms },
    };

    link_send(c->link, &result);
    return_credit(c, s->channel, v->outcome == MESSAGE_OUTCOME_NOT_SENT ? v->retry_after_ms : 0);
    log_debug("courier", "attempt delivery=%lld attempt=%lld outcome=%s", (long long)s->delivery, (long long)s->attempt,
              message_outcome_name(v->outcome));
}

static void refuse(struct courier *c, const struct message_send *s, enum message_outcome outcome, const char *why)
{
    struct verdict v = { .outcome = outcome, .detail = slice_of(why) };

    send_result(c, s, &v);
}

static void attempt_unlink(struct courier *c, struct attempt *t)
{
    struct attempt **at = &c->attempts;

    while (*at != t) at = &(*at)->next;
    *at = t->next;
}

static void attempt_destroy(struct attempt *t)
{
    struct arena *a = t->arena;

    wire_forget(&t->easy);
    arena_destroy(&a);
}

static void attempts_destroy(struct attempt **list)
{
    while (*list != NULL) {
        struct attempt *t = *list;

        *list = t->next;
        attempt_destroy(t);
    }
}

/* The answer came, or never will. A provider may echo what we sent: a secret never reaches the timeline. */
static void attempt_settle(struct courier *c, struct attempt *t, const struct response *r)
{
    const struct outlet *o = outlets_find(c->outlets, t->send.channel);
    struct verdict v;

    t->ops->judge(r, t->arena, &v);
    if (o == NULL || outlet_leaks(o, v.detail) ||
        (t->send.ack_url.n > 0 && slice_find(v.detail, t->send.ack_url) < v.detail.n))
        v.detail = slice_of(r->status > 0 ? "the provider answered" : fault_text(r->fault));
    attempt_unlink(c, t);
    send_result(c, &t->send, &v);
    attempt_destroy(t);
    stop_if_idle(c);
}

static void on_answer(void *ctx, void *job, const struct response *r)
{
    struct courier *c = ctx;

    if (!polls_take(c->polls, job, r)) attempt_settle(c, job, r);
}

static void on_press(void *ctx, int64_t serial, struct slice token)
{
    struct courier *c = ctx;
    struct message m = { .type = MESSAGE_PRESS, .serial = serial, .press = { .token = token } };

    link_send(c->link, &m);
}

static int64_t time_left(const struct courier *c, const struct message_send *s)
{
    int64_t left = s->deadline_ms - loop_now(c->loop).steady_ms;

    return s->deadline_ms > 0 && left < attempt_ms ? left : attempt_ms;
}

/* Why the attempt cannot be made, or NULL. */
static const char *obstacle(const struct courier *c, const struct message_send *s, const struct outlet *o)
{
    if (o == NULL) return "the courier's site.yaml has no such channel";
    if (attempts_by(c, s->channel) >= ATTEMPTS_MAX) return "more attempts at a time than the channel has credit for";
    if (time_left(c, s) <= 0) return "its deadline had passed before it could be tried";
    if (o->problem.code != 0) return o->problem.detail;
    return NULL;
}

static void attempt_carry_out(struct courier *c, struct attempt *t)
{
    struct response r = { .fault = FAULT_LOCAL, .reach = REACH_NOTHING, .wall_ms = loop_now(c->loop).wall_ms };
    struct error e = { 0 };

    if (t->request.kind == REQUEST_NOWHERE) {
        r.fault = FAULT_NONE;
        r.reach = REACH_ALL;
    } else if (t->request.kind == REQUEST_FILE) {
        file_deliver(&t->request, r.wall_ms, t->arena, &r);
    } else {
        if (t->easy == NULL) t->easy = wire_prepare(c->wire, &t->request, time_left(c, &t->send), t, &e);
        if (t->easy != NULL && wire_go(c->wire, &t->easy, &e) == 0) return;
        r.problem = slice_of(e.detail);
    }
    attempt_settle(c, t, &r);
}

/* What can be done before anything may leave. Whatever is wrong is told when it would. */
static void attempt_build(struct courier *c, struct attempt *t)
{
    const struct outlet *o = outlets_find(c->outlets, t->send.channel);

    if (o == NULL || o->problem.code != 0) return;
    t->ops = o->ops;
    if (t->send.address.n == 0) t->send.address = arena_copy(t->arena, o->to); /* a reload may come before it goes */
    t->built = o->ops->build(&o->as, &t->send, loop_now(c->loop).wall_ms, t->arena, &t->request, &t->problem);
}

static void attempt_prepare(struct courier *c, struct attempt *t)
{
    struct error ignored;
    size_t n = 0;

    for (const struct attempt *other = c->prepared; other != NULL; other = other->next) n++;
    if (n >= MESSAGE_PREPARED_MAX) return attempt_destroy(t); /* no server of ours; the word to go will be refused */
    attempt_build(c, t);
    if (t->ops != NULL && t->built == 0 && (t->request.kind == REQUEST_HTTP || t->request.kind == REQUEST_SMTP))
        t->easy = wire_prepare(c->wire, &t->request, time_left(c, &t->send), t, &ignored);
    t->next = c->prepared;
    c->prepared = t;
}

static void attempt_begin(struct courier *c, struct attempt *t)
{
    const struct outlet *o = outlets_find(c->outlets, t->send.channel);
    const char *why = obstacle(c, &t->send, o);

    if (why != NULL) {
        refuse(c, &t->send, MESSAGE_OUTCOME_NOT_SENT, why);
        attempt_destroy(t);
        return;
    }
    if (t->ops == NULL) attempt_build(c, t);
    if (t->built < 0) {
        refuse(c, &t->send, MESSAGE_OUTCOME_REFUSED, t->problem.detail);
        attempt_destroy(t);
        return;
    }
    t->next = c->attempts;
    c->attempts = t;
    attempt_carry_out(c, t);
}

static void attempt_go(struct courier *c, const struct message_send *s)
{
    for (struct attempt **at = &c->prepared; *at != NULL; at = &(*at)->next) {
        struct attempt *t = *at;

        if (t->send.delivery != s->delivery || t->send.attempt != s->attempt) continue;
        *at = t->next;
        attempt_begin(c, t);
        return;
    }
    refuse(c, s, MESSAGE_OUTCOME_NOT_SENT, "the courier had not prepared it");
}

/* What was built before a reload holds what the old site said. */
static void prepared_forget_site(struct courier *c)
{
    for (struct attempt *t = c->prepared; t != NULL; t = t->next) {
        wire_forget(&t->easy);
        t->ops = NULL;
    }
}

static void reload(struct courier *c)
{
    struct outlets *fresh = NULL;
    struct buf report = { 0 };

    if (outlets_load(c->options->site_path, c->options->state_dir, &fresh, &report) == 0) {
        prepared_forget_site(c);
        polls_use(c->polls, fresh);
        outlets_destroy(&c->outlets);
        c->outlets = fresh;
        log_info("courier", "site read again channels=%zu", c->outlets->n);
    } else {
        log_error("courier", "site.yaml cannot be read, the one before stays in force");
    }
    report_log(&report);
    buf_release(&report);
    /* The hash in it tells the server which one it is. */
    say_hello(c);
}

static void on_frame(void *ctx, struct slice frame)
{
    struct courier *c = ctx;
    struct arena *a = arena_create(DELIVERY_MAX);
    struct message m;
    struct error e = { 0 };
    int rc = message_parse(frame, a, &m, &e);

    if (rc == 0 && (m.type == MESSAGE_SEND || m.type == MESSAGE_PREPARE)) {
        struct attempt *t = arena_new(a, struct attempt);

        *t = (struct attempt){ .arena = a, .send = m.send };
        (m.type == MESSAGE_SEND ? attempt_begin : attempt_prepare)(c, t);
        return;
    }
    if (rc < 0)
        log_warning("courier", "a frame from the server was skipped: %s", e.detail);
    else if (m.type == MESSAGE_GO)
        attempt_go(c, &m.send);
    else if (m.type == MESSAGE_DROP)
        attempts_destroy(&c->prepared);
    else if (m.type == MESSAGE_RELOAD)
        reload(c);
    else if (m.type == MESSAGE_PRESSED)
        polls_answer(c->polls, m.serial, m.press.text);
    else if (m.type == MESSAGE_PING)
        link_send(c->link, &(struct message){ .type = MESSAGE_PONG, .serial = m.serial });
    arena_destroy(&a);
}

static void on_detached(void *ctx, const struct error *why)
{
    struct courier *c = ctx;

    attempts_destroy(&c->prepared);
    if (!c->stopping) log_info("courier", "the server is gone, waiting for the next: %s", why->detail);
    stop_if_idle(c);
}

static void on_control(void *ctx, int fd, uint32_t events)
{
    struct courier *c = ctx;
    struct error e = { 0 };
    enum control_word word;
    int passed, rc;

    (void)events;
    while ((rc = control_receive(fd, &word, &passed, &e)) == 1) {
        if (word == CONTROL_PEER && passed >= 0) {
            link_attach(c->link, passed);
            continue;
        }
        if (passed >= 0) close(passed);
        if (word == CONTROL_RELOAD) reload(c);
        if (word == CONTROL_STOP) c->stopping = true;
    }
    if (rc < 0) {
        /* The supervisor is gone, and the server with it. */
        loop_remove_fd(c->loop, fd);
        c->stopping = true;
    }
    stop_if_idle(c);
}

/* A courier that hangs would hold every page: silent for too long it is killed and started anew. */
static void on_tick(void *ctx, int64_t timer, struct moment now)
{
    struct courier *c = ctx;

    (void)timer;
    control_tick(c->options->control_fd);
    loop_add_timer(c->loop, now.steady_ms + tick_ms, on_tick, c);
}

/* Loading libcurl, and the 25 libraries behind it, takes a processor for milliseconds that the server's start has a better
 * use for: the supervisor says when that is over. Where it takes long, nothing is gained by waiting any more. */
static void wait_for_server(const struct child_options *o)
{
    struct pollfd word = { .fd = o->control_fd, .events = POLLIN };

    if (o->confined) poll(&word, 1, LOADING_WAITS_MS);
}

static int courier_start(struct courier *c, struct error *e)
{
    const struct link_handlers handlers = { c, say_hello, on_frame, stop_if_idle, on_detached };
    struct buf report = { 0 };
    wait_for_server(c->options);
    int rc = outlets_load(c->options->site_path, c->options->state_dir, &c->outlets, &report);

    report_log(&report);
    buf_release(&report);
    if (rc < 0) {
        c->status = CHILD_EXIT_CONFIG;
        return fail(e, rc, "%s cannot be used as it is", c->options->site_path);
    }
    if (c->options->confined) courier_confine(outlets_site(c->outlets), c->options->state_dir);
    c->wire = wire_create(c->loop, on_answer, c, e);
    if (c->wire == NULL) return e->code;
    if ((rc = loop_add_fd(c->loop, c->options->control_fd, EPOLLIN, on_control, c, e)) < 0) return rc;
    c->link = link_create(c->loop, &handlers);
    c->polls = polls_create(c->loop, c->wire, on_press, c);
    polls_use(c->polls, c->outlets);
    link_attach(c->link, c->options->peer_fd);
    on_tick(c, 0, loop_now(c->loop));
    return 0;
}

static void courier_release(struct courier *c)
{
    attempts_destroy(&c->prepared); /* before the wire that they were made for */
    wire_destroy(&c->wire);
    polls_destroy(&c->polls);
    attempts_destroy(&c->attempts);
    link_destroy(&c->link);
    paces_release(&c->paces);
    while (c->debts != NULL) {
        struct debt *d = c->debts;

        c->debts = d->next;
        debt_destroy(d);
    }
    outlets_destroy(&c->outlets);
    loop_destroy(&c->loop);
}

int courier_main(const struct child_options *o)
{
    struct clock *clock = clock_create();
    struct courier c = { .options = o, .status = 1 };
    struct error e = { 0 };

    c.loop = loop_create(clock, &e);
    if (c.loop != NULL && courier_start(&c, &e) == 0) {
        memory_give_back();
        log_info("courier", "ready channels=%zu", c.outlets->n);
        if (loop_run(c.loop, &e) == 0) c.status = c.stopping ? CHILD_EXIT_OK : 1;
    }
    if (c.status != CHILD_EXIT_OK) log_error("courier", "ends: %s", e.code != 0 ? e.detail : "nothing left to do");
    courier_release(&c);
    clock_destroy(&clock);
    close(o->control_fd);
    return c.status;
}
