/* supervisor.c - starts the server and the courier, starts them again when they die, and stops them in order.
 * Not here: what they do (server.c, courier.c); running both in one process (one_process.c).
 * Always: it parses nothing, neither files nor frames. Whenever one child is started, the other gets a new socket to it.
 */
#include "serve/supervisor.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "serve/confine.h"
#include "serve/control.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/loop.h"
#include "sys/memory.h"
#include "sys/process.h"
#include "sys/service.h"
#include "sys/sockets.h"

enum child_kind { SERVER, COURIER, CHILDREN };

static const char *const child_words[CHILDREN] = { [SERVER] = "server", [COURIER] = "courier" };

struct supervisor;

struct child {
    struct supervisor *owner;
    enum child_kind kind;
    struct process process; /* pid 0: not running */
    int control; /* our end; -1: none */
    int64_t started; /* steady */
    bool forked; /* once: any further one is spawned */
    bool settled; /* ran long enough once: it was configured well then */
    int64_t retry_timer; /* 0: none */
    int64_t tick_timer;
    int64_t last_tick; /* steady; its start until the first */
    bool ticked; /* this process, at least once */
    bool suspected; /* its limit has passed, the grace has not */
    struct buf how; /* the last one ended; empty: none did since it was ready */
    int64_t ended[SERVE_RESTARTS_MAX]; /* steady, of the last ends, the oldest first */
    size_t n_ended;
};

struct supervisor {
    const struct serve_options *options;
    struct loop *loop;
    struct child children[CHILDREN];
    int64_t stop_timer;
    bool ready; /* a server was, at least once */
    bool stopping;
    int64_t stop_asked; /* steady ms of the first signal to stop */
    int64_t fed; /* steady ms when the service manager's watchdog was last fed */
    int status; /* to exit with */
};

static int64_t limit_or(int64_t chosen, int64_t standard)
{
    return chosen > 0 ? chosen : standard;
}

static void child_kill(struct child *c)
{
    struct error e = { 0 };

    if (c->process.pid > 0 && process_signal(&c->process, SIGKILL, &e) < 0) log_error("supervisor", "%s", e.detail);
}

/* A child that does not even take a word any more is of no use. */
static void child_tell(struct child *c, enum control_word word, int fd)
{
    struct error e = { 0 };
    int rc;

    if (c->process.pid == 0) return;
    rc = control_send(c->control, word, fd, &e);
    if (rc == 0 || rc == ERR_UNAVAILABLE) return; /* gone: its end is about to be seen */
    log_error("supervisor", "the %s does not listen (%s): killed", child_words[c->kind], e.detail);
    child_kill(c);
}

static void on_stop_limit(void *ctx, int64_t timer, struct moment now)
{
    struct supervisor *s = ctx;

    (void)timer;
    (void)now;
    s->status = 1;
    for (int i = 0; i < CHILDREN; i++) {
        if (s->children[i].process.pid == 0) continue;
        log_error("supervisor", "the %s did not stop in time: killed", child_words[i]);
        child_kill(&s->children[i]);
    }
}

/* The server first, while the courier can still bring its results; the courier when the server is gone. */
static void stop_next(struct supervisor *s)
{
    if (s->children[SERVER].process.pid > 0)
        child_tell(&s->children[SERVER], CONTROL_STOP, -1);
    else if (s->children[COURIER].process.pid > 0)
        child_tell(&s->children[COURIER], CONTROL_STOP, -1);
    else
        loop_stop(s->loop);
}

static void stop_begin(struct supervisor *s, int status)
{
    if (s->stopping) return;
    s->stopping = true;
    s->status = status;
    service_say("STOPPING=1\nSTATUS=stopping");
    for (int i = 0; i < CHILDREN; i++) {
        loop_cancel_timer(s->loop, s->children[i].tick_timer);
        loop_cancel_timer(s->loop, s->children[i].retry_timer);
    }
    s->stop_timer = loop_add_timer(s->loop, loop_now(s->loop).steady_ms + limit_or(s->options->stop_limit_ms, 15000),
                                   on_stop_limit, s);
    stop_next(s);
}

static void tick_watch(struct child *c, int64_t due);

static int64_t tick_limit(const struct child *c)
{
    const struct serve_options *o = c->owner->options;

    return c->ticked ? limit_or(o->tick_limit_ms, 30000) : limit_or(o->start_limit_ms, 300000);
}

/* After a suspend of the machine the limit seems to have passed before the child can run again: hence the grace. */
static void on_tick_limit(void *ctx, int64_t timer, struct moment now)
{
    struct child *c = ctx;
    int64_t limit = tick_limit(c);

    (void)timer;
    if (now.steady_ms < c->last_tick + limit) {
        tick_watch(c, c->last_tick + limit);
    } else if (!c->suspected) {
        c->suspected = true;
        tick_watch(c, now.steady_ms + limit / 10);
    } else {
        log_error("supervisor", "the %s completed no round for %" PRId64 " ms: killed", child_words[c->kind],
                  now.steady_ms - c->last_tick);
        child_kill(c);
    }
}

static void tick_watch(struct child *c, int64_t due)
{
    loop_cancel_timer(c->owner->loop, c->tick_timer);
    c->tick_timer = loop_add_timer(c->owner->loop, due, on_tick_limit, c);
}

enum { FEED_EVERY_MS = 500 };

/* The watchdog is fed by completed rounds of the engine and nothing else: a supervisor that runs proves nothing. */
static void watchdog_feed(struct supervisor *s, int64_t now)
{
    if (now - s->fed < FEED_EVERY_MS) return;
    s->fed = now;
    service_say("WATCHDOG=1");
}

static void tick_note(struct child *c)
{
    bool first = !c->ticked;

    c->last_tick = loop_now(c->owner->loop).steady_ms;
    if (c->kind == SERVER) watchdog_feed(c->owner, c->last_tick);
    c->suspected = false;
    c->ticked = true;
    if (first && !c->owner->stopping) tick_watch(c, c->last_tick + tick_limit(c));
}

/* From now on this process does next to nothing. */
static void on_settled(void *ctx, int64_t timer, struct moment now)
{
    (void)ctx, (void)timer, (void)now;
    memory_give_back();
}

/* What it says at its start stands between its end and now: the reason is said last. */
static void tell_again(struct child *c)
{
    if (c->how.len == 0) return;
    log_warning("supervisor", "the %s is ready again; before, it ended with %s", child_words[c->kind], buf_str(&c->how));
    buf_reset(&c->how);
}

static void on_ready(struct supervisor *s)
{
    s->ready = true;
    tell_again(&s->children[SERVER]);
    service_say("READY=1\nSTATUS=ready");
    child_tell(&s->children[COURIER], CONTROL_READY, -1);
    loop_add_timer(s->loop, loop_now(s->loop).steady_ms + MEMORY_SETTLES_MS, on_settled, s);
}

static void on_control(void *ctx, int fd, uint32_t events)
{
    struct child *c = ctx;
    struct error e = { 0 };
    enum control_word word;
    int passed, rc;

    (void)events;
    while ((rc = control_receive(fd, &word, &passed, &e)) == 1) {
        if (passed >= 0) close(passed);
        if (word == CONTROL_TICK) tick_note(c);
        if (word == CONTROL_READY) on_ready(c->owner);
    }
    if (rc < 0) loop_remove_fd(c->owner->loop, fd); /* its end is reported by its pidfd */
}

static void on_child_end(void *ctx, int fd, uint32_t events);

struct birth {
    const struct child *as;
    int fds[2]; /* as CHILD_CONTROL_FD, CHILD_PEER_FD */
};

static int be_child(void *ctx)
{
    const struct birth *b = ctx;
    struct error e = { 0 };

    service_forget(); /* it does not speak for us */
    if (process_keep(b->fds, COUNT_OF(b->fds), &e) == 0) return child_run(b->as->owner->options, child_words[b->as->kind]);
    log_error("supervisor", "the %s cannot begin: %s", child_words[b->as->kind], e.detail);
    return 1;
}

/* The first of its kind: everything is linked here already, and there is nothing to inherit but that. SIGKILL: whatever
 * happens to this process, no child goes on alone. */
static int child_fork(struct child *c, int control, int peer, struct error *e)
{
    struct birth b = { c, { control, peer } };

    _Static_assert(CHILD_CONTROL_FD == 3 && CHILD_PEER_FD == 4, "where process_keep() puts them");
    return process_fork(be_child, &b, SIGKILL, &c->process, e);
}

/* One that ended is replaced by a fresh image: other addresses, another canary for the stack, so that who made it crash
 * has learnt nothing for the next try. */
static int child_spawn(struct child *c, int control, int peer, struct error *e)
{
    const struct serve_options *o = c->owner->options;
    struct process_fd fds[] = { { control, CHILD_CONTROL_FD }, { peer, CHILD_PEER_FD } };
    const char *argv[12] = { "/proc/self/exe", "serve",      "--child", child_words[c->kind],
                             "--site",         o->site_path, "--log",   log_level_name(o->log_level) };
    size_t n = 8;
    if (o->hints) argv[n++] = "--hints";
    if (o->state_dir != NULL) argv[n++] = "--state";
    if (o->state_dir != NULL) argv[n++] = o->state_dir;
    struct process_spec spec = { .argv = argv, .fds = fds, .n_fds = 2, .die_with_parent = SIGKILL };

    return process_spawn(&spec, &c->process, e);
}

/* Takes the peer end. */
static int child_start(struct child *c, int peer, struct error *e)
{
    struct supervisor *s = c->owner;
    int ends[2] = { -1, -1 }, rc;

    if ((rc = control_pair(ends, e)) < 0) goto out;
    if ((rc = (c->forked ? child_spawn : child_fork)(c, ends[1], peer, e)) < 0) goto out;
    c->forked = true;
    c->control = ends[0];
    ends[0] = -1;
    if ((rc = loop_add_fd(s->loop, c->control, EPOLLIN, on_control, c, e)) < 0) goto out;
    if ((rc = loop_add_fd(s->loop, c->process.pidfd, EPOLLIN, on_child_end, c, e)) < 0) goto out;
    c->started = c->last_tick = loop_now(s->loop).steady_ms;
    c->ticked = c->suspected = false;
    tick_watch(c, c->last_tick + tick_limit(c));
    if (c->kind == COURIER && s->ready) child_tell(c, CONTROL_READY, -1);
    log_info("supervisor", "started the %s pid=%d", child_words[c->kind], (int)c->process.pid);
out:
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0) close(ends[i]);
    close(peer);
    return rc;
}

static void child_forget(struct child *c)
{
    loop_cancel_timer(c->owner->loop, c->tick_timer);
    c->tick_timer = 0;
    if (c->control >= 0) {
        loop_remove_fd(c->owner->loop, c->control);
        close(c->control);
        c->control = -1;
    }
}

/* The whole tree has one new socket between the children whenever one of them is started. */
static int child_restart(struct child *c, struct error *e)
{
    struct supervisor *s = c->owner;
    struct child *other = &s->children[c->kind == SERVER ? COURIER : SERVER];
    int ends[2], rc;

    if ((rc = socket_pair(ends, e)) < 0) return rc;
    rc = child_start(c, ends[0], e);
    if (rc == 0) child_tell(other, CONTROL_PEER, ends[1]);
    close(ends[1]);
    return rc;
}

/* Notes the end; true when there were too many of them lately. */
static bool is_storm(struct child *c, int64_t now)
{
    bool storm = c->n_ended == SERVE_RESTARTS_MAX && now - c->ended[0] < SERVE_RESTARTS_MS;

    if (c->n_ended == SERVE_RESTARTS_MAX) {
        for (size_t i = 1; i < c->n_ended; i++) c->ended[i - 1] = c->ended[i];
        c->n_ended--;
    }
    c->ended[c->n_ended++] = now;
    return storm;
}

static void child_again(struct child *c)
{
    struct error e = { 0 };

    if (child_restart(c, &e) == 0) return;
    log_error("supervisor", "the %s cannot be started: %s", child_words[c->kind], e.detail);
    stop_begin(c->owner, 1);
}

static void on_retry(void *ctx, int64_t timer, struct moment now)
{
    struct child *c = ctx;

    (void)timer;
    (void)now;
    c->retry_timer = 0;
    child_again(c);
}

/* A file that was spoilt while we ran takes down only the child that had to read it again, until it is mended. */
static void child_misconfigured(struct child *c)
{
    struct supervisor *s = c->owner;
    int64_t pause = limit_or(s->options->settle_ms, 10000) / 2;

    if (!c->settled) {
        log_error("supervisor", "the %s cannot start as configured; its message says why", child_words[c->kind]);
        stop_begin(s, CHILD_EXIT_CONFIG);
        return;
    }
    log_error("supervisor", "the %s cannot start as configured now; trying again every %" PRId64 " ms",
              child_words[c->kind], pause);
    c->retry_timer = loop_add_timer(s->loop, loop_now(s->loop).steady_ms + pause, on_retry, c);
}

static void child_replace(struct child *c, int status, const char *how)
{
    struct supervisor *s = c->owner;
    int64_t now = loop_now(s->loop).steady_ms;

    if (now - c->started >= limit_or(s->options->settle_ms, 10000)) c->settled = true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_EXIT_CONFIG) {
        child_misconfigured(c);
    } else if (is_storm(c, now)) {
        log_error("supervisor", "the %s ended %d times within %" PRId64 " s, the last time with %s: giving up",
                  child_words[c->kind], SERVE_RESTARTS_MAX + 1, SERVE_RESTARTS_MS / 1000, how);
        stop_begin(s, 1);
    } else {
        log_warning("supervisor", "the %s ended with %s: starting it again", child_words[c->kind], how);
        buf_reset(&c->how);
        buf_add_str(&c->how, how);
        if (c->kind == SERVER) service_say("STATUS=starting the server again");
        child_again(c);
    }
}

static void on_child_end(void *ctx, int fd, uint32_t events)
{
    struct child *c = ctx;
    struct supervisor *s = c->owner;
    struct buf how = { 0 };
    int status;

    (void)events;
    loop_remove_fd(s->loop, fd);
    if (!process_reap(&c->process, &status)) return;
    child_forget(c);
    process_describe_exit(status, &how);
    if (!s->stopping) {
        child_replace(c, status, buf_str(&how));
    } else {
        bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == CHILD_EXIT_OK;

        log_info("supervisor", "the %s stopped (%s)", child_words[c->kind], buf_str(&how));
        if (!orderly && s->status == 0) s->status = 1;
        stop_next(s);
    }
    buf_release(&how);
}

/* One wish to stop can come twice: make and timeout pass theirs on while the whole group gets it too. */
#define ASKED_AGAIN_MS 1000

static void on_signal(void *ctx, int signo)
{
    struct supervisor *s = ctx;

    if (signo == SIGHUP) {
        /* The server tells the courier, once it has taken the site itself. */
        service_say_reloading();
        child_tell(&s->children[SERVER], CONTROL_RELOAD, -1);
    } else if (!s->stopping) {
        log_info("supervisor", "stopping");
        s->stop_asked = loop_now(s->loop).steady_ms;
        stop_begin(s, 0);
    } else if (loop_now(s->loop).steady_ms - s->stop_asked >= ASKED_AGAIN_MS) {
        log_warning("supervisor", "asked to stop once more: not waiting for the children");
        on_stop_limit(s, 0, loop_now(s->loop));
    }
}

static int supervisor_start(struct supervisor *s, struct error *e)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
    int ends[2], rc;

    for (size_t i = 0; i < COUNT_OF(signals); i++)
        if ((rc = loop_on_signal(s->loop, signals[i], on_signal, s, e)) < 0) return rc;
    if ((rc = socket_pair(ends, e)) < 0) return rc;
    rc = child_start(&s->children[SERVER], ends[0], e);
    if (rc < 0) {
        close(ends[1]);
        return rc;
    }
    return child_start(&s->children[COURIER], ends[1], e);
}

/* What still runs here had no chance to stop in order: an error of the loop itself. */
static void supervisor_release(struct supervisor *s)
{
    for (int i = 0; i < CHILDREN; i++) {
        struct child *c = &s->children[i];
        int status;

        child_kill(c);
        if (c->process.pid > 0) process_wait(&c->process, 1000, &status);
        process_close(&c->process);
        child_forget(c);
        buf_release(&c->how);
    }
}

int supervisor_run(const struct serve_options *o)
{
    struct clock *clock = clock_create();
    struct supervisor s = { .options = o };
    struct error e = { 0 };

    for (int i = 0; i < CHILDREN; i++)
        s.children[i] = (struct child){ .owner = &s, .kind = (enum child_kind)i, .process = { 0, -1 }, .control = -1 };
    service_begin();
    supervisor_confine();
    s.loop = loop_create(clock, &e);
    if (s.loop == NULL || supervisor_start(&s, &e) < 0 || loop_run(s.loop, &e) < 0) {
        log_error("supervisor", "ends: %s", e.detail);
        s.status = 1;
    }
    if (s.loop != NULL) supervisor_release(&s);
    loop_destroy(&s.loop);
    clock_destroy(&clock);
    return s.status;
}
