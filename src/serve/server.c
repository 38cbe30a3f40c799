/* server.c - the server process: the state directory, the engine, the doors, and their order at start and stop.
 *
 * Start: site, lock, doors bound, walls, store (and meanwhile the documents), rows, engine, doors open, ready. Stop: not
 * ready, doors closed, what was taken is answered, results in flight are waited for, the last commit, the store closed.
 * A start that failed says what to do and ends with CHILD_EXIT_CONFIG where trying again is of no use.
 * Not here: what a request means (api/), what an event does (engine/, core/). */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "engine/recover.h"
#include "engine/spool.h"
#include "serve/confine.h"
#include "serve/control.h"
#include "serve/server_ahead.h"
#include "serve/server_early.h"
#include "serve/server_inner.h"
#include "sys/entropy.h"
#include "sys/files.h"
#include "sys/log.h"
#include "sys/login.h"
#include "sys/memory.h"
#include "sys/process.h"

#define RESULTS_WAIT_MS 10000 /* for attempts in flight when we stop */
#define TELL_LATER_MS 10 /* after ready: what is only for the log */
#define REPEATS_WAIT_MS 100 /* until what a known alert said again is on disk: decision 0020 */
#define OUTCOMES_WAIT_MS 5 /* for a commit of something that somebody waits for */

static bool is_of_no_use(int code)
{
    return code != ERR_IO && code != ERR_BUSY && code != ERR_UNAVAILABLE && code != ERR_NOMEM && code != ERR_BUG;
}

/* --- start ---------------------------------------------------------------------------------------------------------- */

static struct slice key_of(struct server *s)
{
    return (struct slice){ (const char *)s->dir.key, sizeof s->dir.key };
}

static struct live_bundle *compile_stored(void *ctx, struct slice bytes, struct error *e)
{
    struct buf report = { 0 }; /* it was reported when it was activated */
    (void)ctx;
    struct live_bundle *b = bundle_create(bytes, NULL, &report, e);
    buf_release(&report);
    return b;
}

/* R12, R13: which procedures run, and why these; `why` those on disk could not be read or compiled, a code. */
static void report_bundle(struct server *s, const struct recovery *r, int why)
{
    struct live_bundle *b = NULL;
    if (engine_bundles(s->engine, &b, 1) == 0) return;
    const struct slice name = bundle_name(b);
    if (r->replaced != 0) {
        s->fallen_to = r->active;
        buf_addf(&s->fallen,
                 "bundle %" PRId64 ", in force before, does not compile by this version of Tocsin: bundle %" PRId64
                 " is in force instead, until somebody activates another",
                 r->replaced, r->active);
        log_error("server", "%s. Correct the procedures, `tocsin reload`, `tocsin activate`", buf_str(&s->fallen));
    }
    if (r->kept_last)
        log_error("server",
                  "the procedures %s: bundle %" PRId64 " (%.*s), active before, runs on. Correct that and run "
                  "`tocsin reload`",
                  documents_fault(r->unfit.code < 0 ? r->unfit.code : why), r->active, (int)name.n, name.p);
    else
        log_info("server", "bundle %" PRId64 " (%.*s) is active%s", r->active, (int)name.n, name.p,
                 r->proposed      ? ": the documents on disk differ, see `tocsin procedures`"
                 : !r->activated  ? ""
                 : r->first_start ? ": the first one, activated by this start"
                                  : ": the documents changed");
    bundle_release(&b);
}

/* P6: loud, and no reason not to page. */
static void report_chain(struct server *s, const struct recovery *r)
{
    if (s->dir.chain_key_made && !r->first_start)
        log_warning("server",
                    "there was no " CHAIN_KEY_NAME ", a new one was made: history sealed before cannot be verified "
                    "without the former key");
    if (r->chain < 0)
        buf_addf(&s->history, "the history is not the one that was sealed (tocsin verify): %s", r->chain_error.detail);
    if (r->chain < 0)
        log_error("server", "the history is not the one that was sealed: %s. Paging goes on; run `tocsin verify`",
                  r->chain_error.detail);
}

static int recover(struct server *s, const struct directory *directory, const struct early_made *made, struct error *e)
{
    const struct recover_options how = { .directory = directory,
                                         .fresh = made->bundle,
                                         .compile = compile_stored,
                                         .fits = documents_fit,
                                         .ctx = s,
                                         .starter = buf_slice(&made->starter) };
    struct recovery r;
    const int rc = engine_recover(s->engine, &how, &r, e);
    if (rc < 0) return rc;
    log_info("server", "recovered %zu open incidents, %zu pages, %zu timers (%zu rows); away for %" PRId64 " s",
             r.incidents, r.pages, r.timers, r.rows, r.down_ms / SECOND);
    report_chain(s, &r);
    if (r.unfit.code < 0) documents_judge(s, &r.unfit, false);
    if (s->instance.held != 0) {
        engine_hold(s->engine, &s->instance);
        outbox_hold(s->outbox);
    }
    report_bundle(s, &r, made->why.code);
    return 0;
}

static int open_engine(struct server *s, const struct site *site, const struct early_made *made, struct error *e)
{
    documents_judge(s, made->bundle == NULL ? &made->why : NULL, false);
    s->outbox = outbox_create(key_of(s));
    outbox_configure(s->outbox, site->public_url, slice_of(site->hash));
    s->engine = engine_create(&(struct engine_options){
        .clock = s->clock,
        .store = s->store,
        .sender = outbox_sender(s->outbox),
        .hash_key = entropy_u64(),
        .spool = s->spool,
        .results_wait_ms = OUTCOMES_WAIT_MS,
        .repeats_wait_ms = REPEATS_WAIT_MS,
        .chain_key = { (const char *)s->dir.chain_key, sizeof s->dir.chain_key },
    });
    if (s->instance_is_new) engine_name(s->engine, &s->instance);
    return recover(s, &site->dir, made, e);
}

static int open_store(struct server *s, struct error *e)
{
    const char *why = NULL;
    files_keep_private();
    int rc = store_open(buf_str(&s->dir.database), &s->store, e);
    if (rc == 0) rc = instance_check(s->store, &s->dir, &s->instance, &s->instance_is_new, &why, e);
    if (rc == 0 && why != NULL)
        log_warning("server",
                    "HELD: %s. Everything is taken and stored, nobody is paged. When no other instance pages for "
                    "these incidents: tocsin release",
                    why);
    return rc;
}

/* --- those who read the store: opened while the first commit is written --- */

struct reading {
    struct server *s;
    pthread_t thread;
    bool beside; /* on a thread of its own */
    int rc;
    struct error error;
};

static void *open_readers(void *ctx)
{
    struct reading *r = ctx;
    r->rc = readers_start(r->s->store, &r->s->readers, &r->error);
    if (r->rc == 0) r->rc = store_reader_open(r->s->store, &r->s->reader, &r->error);
    return NULL;
}

static void readers_begin(struct reading *r)
{
    r->beside = pthread_create(&r->thread, NULL, open_readers, r) == 0;
}

static int readers_end(struct reading *r, struct error *e)
{
    if (r->beside)
        pthread_join(r->thread, NULL);
    else
        open_readers(r);
    return r->rc < 0 ? fail(e, r->rc, "%s", r->error.detail) : 0;
}

/* Without it everything goes on but what is said in docs/operating.md: it is needed only when the disk is full. */
static void open_spool(struct server *s)
{
    struct error err = { 0 };
    if (spool_open(buf_str(&s->dir.spool), SPOOL_BYTES, &s->spool, &err) < 0)
        log_error("server", "no spool: %s. A page that leaves while the store fails would be nowhere on disk",
                  err.detail);
}

static void on_tick(void *ctx)
{
    const struct server *s = ctx;
    control_tick(s->options->control_fd);
}

static void publish(struct server *s, struct facts_set **facts)
{
    struct buf trouble = { 0 };
    trouble_text(s, &trouble);
    facts_publish(s->board, facts, s->engine, buf_slice(&trouble));
    buf_release(&trouble);
}

/* Behind the walls. Compiling, the clerk's answers and the disk that keeps the keys go on while the store opens. */
static int open_all(struct server *s, struct site *site, struct facts_set **facts, struct error *e)
{
    struct early_made made = { 0 };
    struct error unmade = { 0 };
    struct early *early = early_begin(&(struct early_of){ site, s->clerk, &s->dir, s->started.wall_ms, s->options->anew });
    int rc = open_store(s, e);
    struct reading reading = { .s = s };
    const bool opened = rc == 0;
    if (opened) readers_begin(&reading);
    if (opened) open_spool(s);
    const int rest = early_end(&early, &made, &unmade);
    ahead_close(&s->ahead);
    *facts = made.facts;
    if (rc == 0 && rest < 0) rc = fail(e, rest, "%s", unmade.detail);
    if (rc == 0) rc = open_engine(s, site, &made, e); /* its first commit stands by the keys */
    const int read = opened ? readers_end(&reading, &unmade) : 0;
    if (rc == 0 && read < 0) rc = fail(e, read, "%s", unmade.detail);
    bundle_release(&made.bundle);
    buf_release(&made.starter);
    if (rc == 0) readers_follow(s->readers, s->engine);
    if (rc == 0) return 0;
    engine_destroy(&s->engine); /* before the directory that it refers to */
    if (*facts == NULL) site_destroy(&site);
    facts_discard(facts);
    return rc;
}

/* Whoever calls while we recover waits for the answer. A taken port ends us before anything leaves. */
static int open_doorway(struct server *s, struct site **site, struct error *e)
{
    int rc = site_open(s->options->site_path, s->options->anew, site, NULL, e);
    if (rc == 0) rc = state_dir_open(s->options->state_dir, (*site)->state_dir, &s->dir, e);
    if (rc == 0) rc = doors_bind(s, *site, e);
    if (rc == 0 && s->options->confined) s->ahead = ahead_open(*site);
    if (rc == 0 && s->options->confined) server_confine(&s->dir);
    if (rc < 0) site_destroy(site);
    return rc;
}

static int start(struct server *s, struct error *e)
{
    struct site *site = NULL;
    struct facts_set *facts = NULL;
    int rc = open_doorway(s, &site, e);
    if (rc == 0) rc = open_all(s, site, &facts, e);
    if (rc < 0) return rc;
    publish(s, &facts);
    s->auditor = auditor_create(
        &(struct auditor_options){ .engine = s->engine, .outbox = s->outbox, .store = s->store, .clock = s->clock });
    auditor_configure(s->auditor, site->heartbeat.every_ms);
    if (site->heartbeat.every_ms == 0 && !s->options->anew)
        log_warning("server", "no `heartbeat` in %s: nobody outside notices when Tocsin itself is gone",
                    s->options->site_path);
    restart_began(s, site);
    server_port_fill(s);
    rc = engine_thread_start(&(struct engine_thread_options){ .clock = s->clock,
                                                              .engine = s->engine,
                                                              .outbox = s->outbox,
                                                              .auditor = s->auditor,
                                                              .courier_fd = s->options->peer_fd,
                                                              .tick = on_tick,
                                                              .ctx = s },
                             &s->thread, e);
    if (rc == 0) documents_alarm(s);
    if (rc == 0 && s->history.len > 0) server_alarm(s, buf_slice(&s->history));
    if (rc == 0) atomic_store(&s->ready, 1); /* first: whoever knocked meanwhile is answered as the doors open */
    return rc == 0 ? doors_open(s, site, e) : rc;
}

/* --- stop ----------------------------------------------------------------------------------------------------------- */

static int stop(struct server *s)
{
    struct error err = { 0 };
    int rc = 0;
    atomic_store(&s->ready, 0);
    if (s->engine != NULL) engine_close(s->engine);
    if (s->http != NULL) {
        reload_abandon(s);
        bundle_abandon(s);
        http_server_stop(s->http); /* whoever waits is answered by the engine, which still runs */
        http_server_destroy(&s->http);
    }
    readers_stop(&s->readers);
    store_reader_close(&s->reader);
    if (s->thread != NULL) rc = engine_thread_stop(&s->thread, RESULTS_WAIT_MS, &err);
    if (rc < 0) log_error("server", "the last batch could not be committed: %s", err.detail);
    auditor_destroy(&s->auditor);
    engine_destroy(&s->engine);
    spool_close(&s->spool);
    outbox_destroy(&s->outbox);
    facts_discard(&s->reload.facts);
    bundle_release(&s->reload.bundle);
    bundle_release(&s->desk.bundle);
    bundle_release(&s->desk.before);
    facts_board_destroy(&s->board);
    store_close(&s->store);
    doors_close(s);
    state_dir_close(&s->dir);
    return rc;
}

/* --- the supervisor's words ----------------------------------------------------------------------------------------- */

static void reload_by_signal(struct server *s)
{
    struct error err = { 0 };
    if (reload_ask(s, (struct slice){ 0 }, NULL, NULL, &err) < 0) log_warning("server", "reload: %s", err.detail);
}

void tell_ready(const struct server *s)
{
    struct error ignored;
    control_send(s->options->control_fd, CONTROL_READY, -1, &ignored);
}

/* It has read the site that is in force, or one that a reload is about to put in force. */
static void courier_came(struct server *s, int fd)
{
    const struct facts *f = facts_acquire(s->board);
    restart_courier_began(s, facts_site_of(f));
    facts_release(f);
    engine_thread_courier(s->thread, fd);
}

static void obey(struct server *s, enum control_word word, int fd)
{
    switch (word) {
    case CONTROL_STOP:
        s->stopping = true;
        loop_stop(s->loop);
        break;
    case CONTROL_RELOAD: reload_by_signal(s); break;
    case CONTROL_PEER:
        if (fd >= 0) courier_came(s, fd);
        return;
    case CONTROL_UNSET:
    case CONTROL_READY:
    case CONTROL_TICK: break;
    }
    if (fd >= 0) close(fd);
}

static void on_control(void *ctx, int control, uint32_t events)
{
    struct server *s = ctx;
    struct error err = { 0 };
    enum control_word word;
    int fd = -1, rc;
    (void)events;
    while ((rc = control_receive(control, &word, &fd, &err)) == 1) obey(s, word, fd);
    if (rc == 0) return;
    log_warning("server", "the supervisor is gone (%s): stopping", err.detail);
    s->stopping = true;
    loop_stop(s->loop);
}

static void on_wake(void *ctx)
{
    reload_look(ctx);
    bundle_look(ctx);
}

/* --- the clerk ------------------------------------------------------------------------------------------------------ */

static int open_for_us(void *ctx, const char *path, struct error *e)
{
    const struct server *s = ctx;
    const int fd = s->ahead != NULL ? ahead_take(s->ahead, path) : -1;
    return fd >= 0 ? fd : clerk_open(s->clerk, path, e);
}

static bool login_by_clerk(void *ctx, uid_t uid, struct buf *out)
{
    return clerk_login(ctx, uid, out);
}

/* Its copy of our environment keeps the secrets that `env:` names; ours forgets them. */
static int hire_clerk(struct server *s, struct error *e)
{
    static const char *const kept[] = { "STATE_DIRECTORY",
                                        "RUNTIME_DIRECTORY",
                                        "XDG_STATE_HOME",
                                        "HOME",
                                        "TZDIR",
                                        "JOURNAL_STREAM",
                                        "PATH",
                                        "LANG",
                                        NULL };
    const int keep_out[] = { s->options->control_fd, s->options->peer_fd };
    const int rc = clerk_start(s->options->site_path, keep_out, COUNT_OF(keep_out), &s->clerk, e);
    if (rc < 0) return rc;
    file_open_by(open_for_us, s);
    login_ask(login_by_clerk, s->clerk);
    process_forget_environment(kept);
    return 0;
}

static void on_clerk_end(void *ctx, int pidfd, uint32_t events)
{
    struct server *s = ctx;
    (void)events;
    loop_remove_fd(s->loop, pidfd);
    struct buf how = { 0 };
    clerk_describe_end(s->clerk, &how);
    log_error("server", "the clerk ended (%s): stopping, to be started anew with another", buf_str(&how));
    buf_release(&how);
    s->clerk_lost = true;
    loop_stop(s->loop);
}

/* Linking, compiling and loading are over, and so is what waited for them. */
static void on_settled(void *ctx, int64_t timer, struct moment now)
{
    (void)ctx, (void)timer, (void)now;
    memory_give_back();
}

/* A line for each: some sixty on a first day, and whoever knocked at the doors is answered first. */
static void on_told(void *ctx, int64_t timer, struct moment now)
{
    (void)timer, (void)now;
    const struct server *s = ctx;
    documents_log_unbound(ctx, s->options->anew);
}

static int watch_clerk(struct server *s, struct error *e)
{
    return s->clerk == NULL ? 0 : loop_add_fd(s->loop, clerk_pidfd(s->clerk), EPOLLIN, on_clerk_end, s, e);
}

int server_main(const struct child_options *o)
{
    struct error err = { 0 };
    struct server *s = mem_alloc(sizeof *s);
    *s = (struct server){ .options = o, .dir = { .lock = -1 } };
    for (size_t i = 0; i < DOORS; i++) s->doors[i].fd = -1;
    CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
    int rc = o->confined ? hire_clerk(s, &err) : 0;
    entropy_start();
    s->clock = clock_create();
    s->started = clock_read(s->clock);
    s->board = facts_board_create();
    s->loop = loop_create(s->clock, &err);
    if (rc == 0) rc = s->loop == NULL ? err.code : start(s, &err);
    if (rc == 0) rc = watch_clerk(s, &err);
    if (rc == 0) rc = loop_add_fd(s->loop, o->control_fd, EPOLLIN, on_control, s, &err);
    if (rc == 0) {
        loop_on_wake(s->loop, on_wake, s);
        log_info("server", "ready");
        tell_ready(s);
        const int64_t now = clock_read(s->clock).steady_ms;
        loop_add_timer(s->loop, now + TELL_LATER_MS, on_told, s);
        loop_add_timer(s->loop, now + MEMORY_SETTLES_MS, on_settled, s);
        rc = loop_run(s->loop, &err);
    }
    if (rc < 0) log_error("server", "%s", err.detail);
    const int stopped = stop(s);
    if (rc == 0 && stopped == 0) log_info("server", "stopped in order");
    loop_destroy(&s->loop);
    clock_destroy(&s->clock);
    vec_release(&s->metrics);
    vec_release(&s->reload.wishes);
    vec_release(&s->reload.served);
    vec_release(&s->desk.wishes);
    arena_destroy(&s->desk.arena);
    buf_release(&s->reload.text);
    buf_release(&s->reload.by);
    buf_release(&s->reload.changes);
    buf_release(&s->reload.restart);
    restart_release(s);
    buf_release(&s->desk.text);
    buf_release(&s->broken);
    buf_release(&s->fallen);
    buf_release(&s->history);
    pthread_mutex_destroy(&s->lock);
    close(o->control_fd);
    clerk_stop(&s->clerk);
    const bool lost = s->clerk_lost;
    mem_free(s);
    if (rc == 0) return stopped == 0 && !lost ? CHILD_EXIT_OK : EXIT_FAILURE;
    return is_of_no_use(rc) ? CHILD_EXIT_CONFIG : EXIT_FAILURE;
}
