/* courier_poll.c - long polling of Telegram, and the answers to presses.
 * Not here: bytes (notify/telegram_press.c), who acts (the server, by the token alone).
 * Always: a poll of a channel has one request or one timer under way, never both; its texts live in its own arena.
 */
#include "serve/courier_poll.h"

#include "base/vec.h"
#include "notify/telegram.h"
#include "sys/log.h"

enum { WAIT_S = 25, PRESSES_OPEN_MAX = 64, ARENA_MAX = 1 << 20 };

static const int64_t request_ms = 40000;
static const int64_t least_ms = 500; /* between two requests, if it answers at once */
static const int64_t after_failure_ms = 5000;
static const int64_t after_conflict_ms = 60000;

struct poll {
    struct polls *owner;
    struct buf channel;
    struct arena *arena; /* of the request under way */
    struct request request;
    int64_t offset, started_ms;
    bool failed; /* and said so */
};

/* A press that the server has not answered yet, then the call that tells Telegram. */
struct press {
    struct polls *owner;
    int64_t serial;
    struct buf channel, query;
    struct arena *arena; /* NULL: no call yet */
    struct request request;
};

struct polls {
    struct loop *loop;
    struct wire *wire;
    const struct outlets *outlets;
    polls_press_fn *press;
    void *ctx;
    int64_t serials;
    VEC(struct poll *) polls;
    VEC(struct press *) presses;
};

static void poll_start(struct poll *p);

struct polls *polls_create(struct loop *l, struct wire *w, polls_press_fn *press, void *ctx)
{
    struct polls *p = mem_alloc(sizeof *p);

    *p = (struct polls){ .loop = l, .wire = w, .press = press, .ctx = ctx };
    return p;
}

static void poll_destroy(struct poll *p)
{
    arena_destroy(&p->arena);
    buf_release(&p->channel);
    mem_free(p);
}

static void press_destroy(struct press *p)
{
    arena_destroy(&p->arena);
    buf_release(&p->channel);
    buf_release(&p->query);
    mem_free(p);
}

void polls_destroy(struct polls **p)
{
    if (*p == NULL) return;
    for (size_t i = 0; i < (*p)->polls.n; i++) poll_destroy((*p)->polls.v[i]);
    for (size_t i = 0; i < (*p)->presses.n; i++) press_destroy((*p)->presses.v[i]);
    vec_release(&(*p)->polls);
    vec_release(&(*p)->presses);
    mem_free(*p);
    *p = NULL;
}

/* NULL: not there any more, or not to be used. */
static const struct outlet *outlet_of(const struct polls *p, const struct buf *channel)
{
    const struct outlet *o = outlets_find(p->outlets, buf_slice(channel));

    return o != NULL && o->ops == &notifier_telegram && o->problem.code == 0 ? o : NULL;
}

static void on_due(void *ctx, int64_t timer, struct moment now)
{
    (void)timer, (void)now;
    poll_start(ctx);
}

static void poll_later(struct poll *p, int64_t at)
{
    loop_add_timer(p->owner->loop, at, on_due, p);
}

static void poll_start(struct poll *p)
{
    struct polls *all = p->owner;
    const struct outlet *o = outlet_of(all, &p->channel);
    struct error e = { 0 };

    p->started_ms = loop_now(all->loop).steady_ms;
    arena_destroy(&p->arena);
    p->arena = arena_create(ARENA_MAX);
    if (o == NULL || telegram_poll_build(&o->as, p->offset, WAIT_S, p->arena, &p->request, &e) < 0 ||
        wire_start(all->wire, &p->request, request_ms, p, &e) < 0)
        poll_later(p, p->started_ms + after_conflict_ms); /* the channel may come back with another reload */
}

void polls_use(struct polls *p, const struct outlets *o)
{
    p->outlets = o;
    for (size_t i = 0; i < o->n; i++) {
        struct poll *one;
        bool known = o->v[i].ops != &notifier_telegram;

        for (size_t k = 0; k < p->polls.n && !known; k++)
            known = slice_eq(buf_slice(&p->polls.v[k]->channel), o->v[i].as.name);
        if (known) continue;
        one = mem_alloc(sizeof *one);
        *one = (struct poll){ .owner = p };
        buf_add(&one->channel, o->v[i].as.name);
        *vec_push(&p->polls) = one;
        poll_start(one);
    }
}

static void press_take(struct poll *p, const struct telegram_press *from)
{
    struct polls *all = p->owner;
    struct press *one;

    if (from->query.n == 0 || all->presses.n >= PRESSES_OPEN_MAX) return;
    one = mem_alloc(sizeof *one);
    *one = (struct press){ .owner = all, .serial = ++all->serials };
    buf_add(&one->channel, buf_slice(&p->channel));
    buf_add(&one->query, from->query);
    *vec_push(&all->presses) = one;
    if (from->token.n > 0 && from->in_private)
        all->press(all->ctx, one->serial, from->token);
    else
        polls_answer(all, one->serial, S("This button works for the person who was paged, in their own chat."));
}

static void failure_say(struct poll *p, const struct response *r)
{
    if (p->failed) return;
    p->failed = true;
    log_warning("courier",
                "channel %s: presses of its buttons cannot be read now (%s, HTTP status %lld)%s; links still work",
                buf_str(&p->channel), fault_text(r->fault), (long long)r->status,
                r->status == 409 ? ": the bot has another reader or a webhook" : "");
}

static void poll_done(struct poll *p, const struct response *r)
{
    struct telegram_press presses[TELEGRAM_PRESSES_MAX];
    size_t n;
    int64_t now = loop_now(p->owner->loop).steady_ms;

    if (!telegram_updates_read(r, p->arena, presses, &n, &p->offset)) {
        failure_say(p, r);
        poll_later(p, now + (r->status >= 400 && r->status < 500 ? after_conflict_ms : after_failure_ms));
        return;
    }
    p->failed = false;
    for (size_t i = 0; i < n; i++) press_take(p, &presses[i]);
    if (now >= p->started_ms + least_ms)
        poll_start(p);
    else
        poll_later(p, p->started_ms + least_ms);
}

static void press_forget(struct polls *p, size_t i)
{
    struct press *one = p->presses.v[i];

    vec_remove(&p->presses, i);
    press_destroy(one);
}

bool polls_take(struct polls *p, void *job, const struct response *r)
{
    for (size_t i = 0; i < p->polls.n; i++)
        if (p->polls.v[i] == job) {
            poll_done(p->polls.v[i], r);
            return true;
        }
    for (size_t i = 0; i < p->presses.n; i++)
        if (p->presses.v[i] == job) {
            press_forget(p, i); /* an answer that does not arrive costs a spinning button, nothing else */
            return true;
        }
    return false;
}

void polls_answer(struct polls *p, int64_t serial, struct slice text)
{
    struct error e = { 0 };

    for (size_t i = 0; i < p->presses.n; i++) {
        struct press *one = p->presses.v[i];
        const struct outlet *o = outlet_of(p, &one->channel);

        if (one->serial != serial || one->arena != NULL) continue;
        one->arena = arena_create(ARENA_MAX);
        if (o == NULL ||
            telegram_answer_build(&o->as, buf_slice(&one->query), text, one->arena, &one->request, &e) < 0 ||
            wire_start(p->wire, &one->request, after_failure_ms, one, &e) < 0)
            press_forget(p, i);
        return;
    }
}
