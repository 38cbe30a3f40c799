/* server_reload.c - reading site.yaml and what it names again, whole or not at all.
 *
 * On the main thread: load and compile (nothing has happened yet when that fails), then EVENT_SITE and, where the
 * documents differ, EVENT_BUNDLE to the engine; when both are committed the new facts hang on the board. One at a time;
 * wishes that come meanwhile share the next. */
#include <inttypes.h>

#include "base/check.h"
#include "serve/server_inner.h"
#include "sys/log.h"

/* Our own process failed, not a file: where the rest is a list of what to mend, that has no place in it. */
static bool is_unread(int code)
{
    return code == ERR_UNAVAILABLE;
}

static void count_log(const char *component, size_t n)
{
    if (n > 0)
        log_warning(component, "%zu warning%s, as when Tocsin was started or `tocsin check` lists them", n, n == 1 ? "" : "s");
}

static void site_tell(const struct problem *p, int rc, struct buf *said, struct error *e)
{
    struct buf line = { 0 };
    if (p->kind == PROBLEM_ERROR && is_unread(rc))
        buf_add(&line, p->text);
    else
        problem_print(p, &line);
    if (p->kind == PROBLEM_ERROR)
        log_error(is_unread(rc) ? "server" : "site", "%s", buf_str(&line));
    else
        log_warning("site", "%s", buf_str(&line));
    if (rc < 0 && p->kind == PROBLEM_ERROR) {
        if (e->code == 0) fail(e, rc, "%s", buf_str(&line));
        buf_add_char(&line, '\n');
        if (said != NULL) buf_add(said, buf_slice(&line));
    }
    buf_release(&line);
}

int site_open(const char *path, bool anew, struct site **out, struct buf *said, struct error *e)
{
    struct problems *problems = problems_create();
    const int rc = site_load(path, out, problems);
    for (size_t i = 0; i < problems_count(problems); i++)
        if (!anew || problems_at(problems, i)->kind == PROBLEM_ERROR) site_tell(problems_at(problems, i), rc, said, e);
    if (anew) count_log("site", problems_warnings(problems));
    if (rc < 0 && e->code == 0) fail(e, rc, "%s cannot be used", path);
    problems_destroy(&problems);
    return rc;
}

static void log_lines(struct slice text, bool failed)
{
    while (text.n > 0) {
        const struct slice line = slice_cut(&text, '\n');
        if (failed)
            log_error("procedures", "%.*s", (int)line.n, line.p);
        else
            log_warning("procedures", "%.*s", (int)line.n, line.p);
    }
}

static size_t lines_in(struct slice text)
{
    size_t n = 0;
    for (; text.n > 0; n++) slice_cut(&text, '\n');
    return n;
}

struct live_bundle *bundle_load(const struct site *site, bool anew, struct buf *said, struct error *e)
{
    struct buf bytes = { 0 }, report = { 0 };
    struct live_bundle *b = NULL;
    if (bundle_read(site, &bytes, e) == 0) {
        b = bundle_create(buf_slice(&bytes), site, &report, e);
        if (anew && b != NULL)
            count_log("procedures", lines_in(buf_slice(&report)));
        else
            log_lines(buf_slice(&report), b == NULL);
    }
    if (b == NULL) log_error(is_unread(e->code) ? "server" : "procedures", "%s", e->detail);
    if (b == NULL && said != NULL) buf_add(said, buf_slice(&report));
    buf_release(&bytes);
    buf_release(&report);
    return b;
}

void report_add(struct slice report, struct buf *out)
{
    size_t n = 0;
    for (; report.n > 0; n++) {
        const struct slice line = slice_cut(&report, '\n');
        if (n >= REPORT_LINES) continue;
        buf_add_str(out, "\n  ");
        buf_add(out, line);
    }
    if (n > REPORT_LINES) buf_addf(out, "\n  and %zu more: `tocsin check` lists them", n - REPORT_LINES);
}

int reload_ask(struct server *s, struct slice actor, port_reply_fn *done, void *caller, struct error *e)
{
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->ready) == 0) {
        rc = fail(e, ERR_BUSY, "Tocsin is starting or stopping");
    } else {
        struct reload_wish *w = vec_push(&s->reload.wishes);
        *w = (struct reload_wish){ actor, done, caller };
    }
    pthread_mutex_unlock(&s->lock);
    if (rc == 0) loop_wake(s->loop);
    return rc;
}

static void tell(struct server *s, int code, struct slice text)
{
    const struct reply r = { .code = code, .text = text };
    if (s->reload.served.n == 0) return;
    for (size_t i = 0; i < s->reload.served.n; i++)
        if (s->reload.served.v[i].done != NULL) s->reload.served.v[i].done(s->reload.served.v[i].caller, &r);
    vec_clear(&s->reload.served);
    tell_ready(s); /* with the old site or the new one */
    if (code < 0)
        log_error("server", "reload failed: %.*s", (int)text.n, text.p);
    else
        log_info("server", "reload: %.*s", (int)text.n, text.p);
}

/* On the engine's thread. */
static void on_stepped(void *caller, const struct reply *reply)
{
    struct server *s = caller;
    pthread_mutex_lock(&s->lock);
    s->reload.pending--;
    if (reply->code < 0 && s->reload.code == 0) {
        s->reload.code = reply->code;
        buf_reset(&s->reload.text);
    }
    if (reply->code == s->reload.code) {
        if (s->reload.text.len > 0) buf_add_str(&s->reload.text, ". ");
        buf_add(&s->reload.text, reply->text);
    }
    pthread_mutex_unlock(&s->lock);
    loop_wake(s->loop);
}

static void on_site_stepped(void *caller, const struct reply *reply)
{
    struct server *s = caller;
    pthread_mutex_lock(&s->lock);
    s->reload.site_in_force = reply->code == 0;
    pthread_mutex_unlock(&s->lock);
    on_stepped(caller, reply);
}

static int post(struct server *s, struct event *ev, struct live_bundle *b, struct error *e)
{
    const struct post p = { .event = *ev,
                            .bytes = event_bytes(ev),
                            .done = ev->kind == EVENT_SITE ? on_site_stepped : on_stepped,
                            .caller = s,
                            .bundle = b };
    pthread_mutex_lock(&s->lock);
    s->reload.pending++;
    pthread_mutex_unlock(&s->lock);
    const int rc = engine_post(s->engine, &p, e);
    if (rc == 0) return 0;
    pthread_mutex_lock(&s->lock);
    s->reload.pending--;
    if (s->reload.code == 0) s->reload.code = rc;
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static bool is_active(struct server *s, const struct live_bundle *b)
{
    struct live_bundle *now = NULL;
    if (engine_bundles(s->engine, &now, 1) == 0) return false;
    const bool same = slice_eq(bundle_bytes(now), bundle_bytes(b));
    bundle_release(&now);
    return same;
}

/* The first of those who wait that is a person: the author of what the files say now. Empty: a signal asked. */
static struct slice asker(const struct server *s)
{
    for (size_t i = 0; i < s->reload.served.n; i++)
        if (s->reload.served.v[i].actor.n > 0) return s->reload.served.v[i].actor;
    return (struct slice){ 0 };
}

/* What the files would do differently, behind the sentences of the engine. */
static void tell_changes(struct server *s, const struct live_bundle *b)
{
    struct live_bundle *now = NULL;
    buf_reset(&s->reload.changes);
    if (engine_bundles(s->engine, &now, 1) == 0) return;
    bundle_diff(now, b, &s->reload.changes);
    bundle_release(&now);
}

/* The engine takes its own reference of the bundle when it is stepped; ours must last until then: the reload keeps it. */
static int post_both(struct server *s, struct live_bundle *b, struct error *e)
{
    struct event site = { .kind = EVENT_SITE, .site = &facts_site(s->reload.facts)->dir };
    int rc = post(s, &site, NULL, e);
    if (rc < 0 || is_active(s, b)) return rc;
    tell_changes(s, b);
    struct event ev = { .kind = EVENT_BUNDLE, .bundle = { .found = true, .by = buf_slice(&s->reload.by) } };
    bundle_describe(b, &ev.bundle);
    return post(s, &ev, b, e);
}

/* --- the state of what is on disk (R13) --- */

void trouble_text(struct server *s, struct buf *out)
{
    if (s->fallen_to != 0) { /* until another is activated */
        struct live_bundle *now = NULL;
        if (engine_bundles(s->engine, &now, 1) == 0 || bundle_id_of(now) != s->fallen_to) s->fallen_to = 0;
        bundle_release(&now);
    }
    if (s->fallen_to != 0) buf_add(out, buf_slice(&s->fallen));
    if (s->fallen_to != 0 && s->broken.len > 0) buf_add_str(out, "; ");
    buf_add(out, buf_slice(&s->broken));
}

void documents_renew(struct server *s)
{
    struct buf text = { 0 };
    trouble_text(s, &text);
    facts_renew(s->board, s->engine, buf_slice(&text));
    buf_release(&text);
}

static void trouble_told(void *caller, const struct reply *reply)
{
    struct buf *text = caller;
    (void)reply;
    buf_release(text);
    mem_free(text);
}

void documents_log_unbound(struct server *s, bool anew)
{
    const struct facts *f = facts_acquire(s->board);
    if (anew && f->n_unbound > 0)
        log_warning("procedures", "%zu of what they name %s not bound: `tocsin procedures` lists them", f->n_unbound,
                    f->n_unbound == 1 ? "is" : "are");
    for (size_t i = 0; i < f->n_unbound && !anew; i++)
        log_warning("procedures", "%.*s: %.*s", (int)f->unbound[i].code.n, f->unbound[i].code.p,
                    (int)f->unbound[i].text.n, f->unbound[i].text.p);
    facts_release(f);
}

void server_alarm(struct server *s, struct slice what)
{
    struct error err = { 0 };
    struct buf *text = mem_alloc(sizeof *text);
    buf_add(text, what);
    const struct post p = { .event = { .kind = EVENT_TROUBLE, .trouble = { buf_slice(text) } },
                            .bytes = text->len,
                            .done = trouble_told,
                            .caller = text };
    if (engine_post(s->engine, &p, &err) == 0) return;
    log_error("server", "the alarm could not be raised: %s", err.detail);
    trouble_told(text, NULL);
}

void documents_alarm(struct server *s)
{
    if (s->broken.len > 0) server_alarm(s, buf_slice(&s->broken));
}

const char *documents_fault(int code)
{
    static const struct {
        int code;
        const char *text;
    } faults[] = {
        { ERR_CONFLICT, "cannot be put in force" }, { ERR_NOT_FOUND, "cannot be read" },
        { ERR_DENIED, "cannot be read" },           { ERR_IO, "cannot be read" },
        { ERR_UNAVAILABLE, "could not be read" },
    };
    for (size_t i = 0; i < COUNT_OF(faults); i++)
        if (faults[i].code == code) return faults[i].text;
    return "do not compile";
}

void documents_judge(struct server *s, const struct error *why, bool alarm)
{
    const bool was = s->broken.len > 0;
    atomic_store(&s->documents_broken, why != NULL);
    buf_reset(&s->broken);
    if (why != NULL)
        buf_addf(&s->broken, "the procedures on disk %s, the last good ones run on: %s", documents_fault(why->code),
                 why->detail);
    if (s->http == NULL || (why == NULL && !was)) return;
    documents_renew(s);
    if (alarm) documents_alarm(s);
}

int documents_fit(void *ctx, const struct live_bundle *b, const struct live_bundle *replaced, struct error *e)
{
    struct server *s = ctx;
    struct buf said = { 0 };
    const int rc = bundle_judge_days(b, clock_read(s->clock).wall_ms / DAY, &said, e);
    log_lines(buf_slice(&said), rc < 0);
    buf_release(&said);
    return rc < 0 || replaced == NULL ? rc : bundle_judge_loss(replaced, b, e);
}

/* What is in force stays so whatever the day (R13): only what would come into force is judged. */
static int judge_fresh(struct server *s, const struct site *site, const struct live_bundle *b, struct error *e)
{
    struct live_bundle *now = NULL;
    const size_t n = engine_bundles(s->engine, &now, 1);
    const bool is_same = n > 0 && slice_eq(bundle_bytes(now), bundle_bytes(b));
    const int rc = is_same ? 0 : documents_fit(s, b, site->dir.by_approver ? NULL : now, e);
    bundle_release(&now);
    return rc;
}

/* Nothing of it came into force: the log has each line already, who asked reads them here (R2, R13). */
static void refuse(struct server *s, const struct error *why, struct slice report)
{
    struct buf text = { 0 };
    struct slice lines = report;
    const struct slice first = slice_cut(&lines, '\n');
    const bool is_first = slice_has_prefix(first, slice_of(why->detail)); /* which a long line overflows */
    buf_add(&text, is_first ? first : slice_of(why->detail));
    report_add(is_first ? lines : report, &text);
    tell(s, why->code, buf_slice(&text));
    buf_release(&text);
}

static void begin(struct server *s)
{
    struct error err = { 0 };
    struct buf said = { 0 };
    struct site *site = NULL;
    struct live_bundle *b = NULL;
    int rc = site_open(s->options->site_path, false, &site, &said, &err);
    if (rc == 0) b = bundle_load(site, false, &said, &err);
    if (b != NULL && judge_fresh(s, site, b, &err) < 0) bundle_release(&b);
    if (rc == 0 && b == NULL) rc = err.code;
    if (site != NULL && !(b == NULL && is_unread(err.code)))
        documents_judge(s, b == NULL ? &err : NULL, asker(s).n == 0);
    if (rc == 0)
        rc = facts_create(site, s->clerk, (struct slice){ (const char *)s->dir.key, sizeof s->dir.key },
                          s->started.wall_ms, &s->reload.facts, &err);
    if (rc < 0) {
        site_destroy(&site);
        bundle_release(&b);
        refuse(s, &err, buf_slice(&said));
        buf_release(&said);
        return;
    }
    buf_release(&said);
    buf_reset(&s->reload.restart);
    restart_note(s, site, &s->reload.restart);
    buf_reset(&s->reload.by);
    buf_add(&s->reload.by, asker(s));
    s->reload.code = 0;
    s->reload.site_in_force = false;
    buf_reset(&s->reload.text);
    s->reload.bundle = b;
    buf_reset(&s->reload.changes);
    if (post_both(s, b, &err) < 0) buf_add_str(&s->reload.text, err.detail);
    loop_wake(s->loop);
}

/* The new directory is in the world, or will never be: the facts follow it, whatever became of the bundle. */
static void finish(struct server *s)
{
    const int code = s->reload.code;
    const struct site *site = facts_site(s->reload.facts);
    if (s->reload.site_in_force) {
        outbox_configure(s->outbox, restart_public_url(s, site), slice_of(site->hash));
        auditor_configure(s->auditor, site->heartbeat.every_ms);
        struct buf trouble = { 0 };
        trouble_text(s, &trouble);
        facts_publish(s->board, &s->reload.facts, s->engine, buf_slice(&trouble));
        buf_release(&trouble);
        documents_log_unbound(s, false);
        engine_thread_reload(s->thread); /* a new channel gets its credit once we know the channel */
    }
    facts_discard(&s->reload.facts);
    bundle_release(&s->reload.bundle);
    if (code == 0) buf_add(&s->reload.text, buf_slice(&s->reload.changes));
    if (code == 0) buf_add(&s->reload.text, buf_slice(&s->reload.restart));
    tell(s, code, buf_slice(&s->reload.text));
}

void reload_look(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    const bool running = s->reload.facts != NULL;
    const bool answered = s->reload.pending == 0;
    const bool wanted = s->reload.wishes.n > 0;
    if (!running && wanted) {
        for (size_t i = 0; i < s->reload.wishes.n; i++)
            *(struct reload_wish *)vec_push(&s->reload.served) = s->reload.wishes.v[i];
        vec_clear(&s->reload.wishes);
    }
    pthread_mutex_unlock(&s->lock);
    if (running && answered)
        finish(s);
    else if (!running && wanted)
        begin(s);
    if (running && answered && wanted) loop_wake(s->loop);
}

void reload_abandon(struct server *s)
{
    reload_look(s);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->reload.wishes.n; i++)
        *(struct reload_wish *)vec_push(&s->reload.served) = s->reload.wishes.v[i];
    vec_clear(&s->reload.wishes);
    pthread_mutex_unlock(&s->lock);
    tell(s, ERR_BUSY, s->clerk_lost ? S("The server starts anew, as its clerk ended, the process that reads its files: try again")
                                    : S("Tocsin is stopping"));
}
