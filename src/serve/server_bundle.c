/* server_bundle.c - what people do with procedures: compiled and checked here, decided by the world.
 *
 * On the main thread, one wish at a time: find or compile the bundle, see whether the site binds what it uses (R15),
 * hand the act on, and hang the new facts up before whoever asked is answered, so that they read their own writes.
 * Not here: who may approve (core/world_bundle.c); files on disk (server_reload.c). */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "engine/bundle.h"
#include "serve/server_inner.h"
#include "site/bind.h"
#include "sys/log.h"

int bundle_ask(struct server *s, const struct bundle_wish *what, port_reply_fn *done, void *caller, struct error *e)
{
    int rc = 0;
    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->ready) == 0)
        rc = fail(e, ERR_BUSY, "Tocsin is starting or stopping");
    else
        *(struct desk_wish *)vec_push(&s->desk.wishes) = (struct desk_wish){ what, done, caller };
    pthread_mutex_unlock(&s->lock);
    if (rc == 0) loop_wake(s->loop);
    return rc;
}

/* --- what is unbound, and what was overridden --- */

/* The reason that the act gives for a code; empty: none. Takes it when asked to, so that what is left was not needed. */
static struct slice override_of(struct slice overrides, struct slice code)
{
    while (overrides.n > 0) {
        struct slice line = slice_cut(&overrides, '\n');
        const struct slice name = slice_cut(&line, '=');
        if (slice_eq(slice_trim(name), code)) return slice_trim(line);
    }
    return (struct slice){ 0 };
}

static bool is_reported(const struct problems *p, struct slice code)
{
    for (size_t i = 0; i < problems_count(p); i++)
        if (slice_eq(problems_at(p, i)->code, code)) return true;
    return false;
}

/* Each override names something that is there, and says why. */
static int check_overrides(const struct problems *p, struct slice overrides, struct buf *why)
{
    while (overrides.n > 0) {
        struct slice line = slice_cut(&overrides, '\n');
        const struct slice code = slice_trim(slice_cut(&line, '='));
        if (slice_trim(line).n == 0) {
            buf_addf(why, "override %.*s: say why, CODE=REASON", (int)code.n, code.p);
            return ERR_INVALID;
        }
        if (bind_blocks(code) && is_reported(p, code)) continue;
        buf_addf(why, "there is nothing to override: %.*s is not reported of this bundle", (int)code.n, code.p);
        return ERR_INVALID;
    }
    return 0;
}

static int check_bound(const struct live_bundle *b, const struct site *site, struct slice overrides, struct buf *why)
{
    struct problems *problems = problems_create();
    bind_check(bundle_policy_of(b), bundle_name(b), site, bundle_routing_of(b), site->routing, problems);
    int rc = check_overrides(problems, overrides, why);
    size_t n = 0;
    for (size_t i = 0; rc == 0 && i < problems_count(problems); i++) {
        const struct problem *p = problems_at(problems, i);
        if (!bind_blocks(p->code) || override_of(overrides, p->code).n > 0) continue;
        if (n++ == 0) buf_add_str(why, "rules use what this site does not bind; bind it, or --override CODE=REASON:");
        if (n > REPORT_LINES) continue;
        buf_add_str(why, "\n  ");
        problem_print(p, why);
    }
    if (n > REPORT_LINES) buf_addf(why, "\n  and %zu more", n - REPORT_LINES);
    problems_destroy(&problems);
    return rc < 0 ? rc : n > 0 ? ERR_CONFLICT : 0;
}

/* "Mary Somerville, Head of Operations" is mary. */
static bool is_named(struct slice value, struct slice approver, const struct directory *d)
{
    const int i = directory_person(d, approver);
    struct slice rest = value;
    return slice_eq_nocase(value, approver) || (i >= 0 && slice_cut_prefix_nocase(&rest, d->people[i].name));
}

/* R135: what an approver should know, and what does not stop them. */
static void warn_of_document(const struct live_bundle *b, struct slice approver, const struct directory *d,
                             struct buf *out)
{
    const struct policy_book *book = &bundle_policy_of(b)->book;
    const size_t open = policy_unfilled(bundle_policy_of(b));
    if (open > 0)
        buf_addf(out, "\nwarning: draft policy: %zu field%s of document control %s not filled in", open,
                 open == 1 ? "" : "s", open == 1 ? "is" : "are");
    for (size_t k = 0; k < book->n_control; k++) {
        const struct policy_control *c = &book->control[k];
        if (!slice_eq_nocase(c->key, S("Approved By")) || c->placeholder || c->value.n == 0) continue;
        const struct slice file = policy_file(bundle_policy_of(b), c->line);
        if (!is_named(c->value, approver, d))
            buf_addf(out, "\nwarning: the document is approved by %.*s (%.*s%s%u), and %.*s activates it",
                     (int)c->value.n, c->value.p, (int)file.n, file.p, file.n > 0 ? ":" : "line ", POLICY_LINE(c->line),
                     (int)approver.n, approver.p);
    }
}

static void add_warnings(struct slice lines, struct buf *out)
{
    while (lines.n > 0) {
        buf_add_str(out, "\nwarning: ");
        buf_add(out, slice_cut(&lines, '\n'));
    }
}

/* --- the bundle of the wish --- */

static struct live_bundle *running_bundle(struct server *s, bundle_id id)
{
    struct live_bundle *all[64], *found = NULL;
    const size_t n = engine_bundles(s->engine, all, COUNT_OF(all));
    for (size_t i = 0; i < n; i++) {
        if (found == NULL && bundle_id_of(all[i]) == id)
            found = all[i];
        else
            bundle_release(&all[i]);
    }
    return found;
}

static void compile(struct server *s, const struct site *site, struct slice bytes)
{
    struct desk *k = &s->desk;
    struct error err = { 0 };
    struct buf report = { .max = 1 << 16 };
    k->bundle = bundle_create(bytes, site, &report, &err);
    if (k->bundle == NULL) {
        k->code = err.code;
        buf_add_str(&k->text, err.detail);
        report_add(buf_slice(&report), &k->text);
    }
    buf_release(&report);
}

/* Overrides by today; lines for the answer. */
static void judge_days(struct server *s)
{
    struct desk *k = &s->desk;
    struct error err = { 0 };
    struct buf said = { 0 };
    if (k->bundle == NULL) return;
    k->code = bundle_judge_days(k->bundle, clock_read(s->clock).wall_ms / DAY, &said, &err);
    if (k->code < 0)
        buf_add_str(&k->text, err.detail);
    else
        k->soon = arena_copy(k->arena, buf_slice(&said));
    buf_release(&said);
}

/* The row of the bundle as it was stored; its bytes are compiled again unless the engine still runs by them. */
static void read_stored(struct server *s, const struct site *site, bundle_id id)
{
    struct desk *k = &s->desk;
    struct error err = { 0 };
    struct row row;
    int rc = store_read_begin(s->reader, &err);
    if (rc == 0) rc = store_read_row(s->reader, ROW_BUNDLE, &id, &row, &err);
    if (rc == 0) {
        memcpy(&k->stored, row.v, sizeof k->stored);
        k->bundle = running_bundle(s, id);
        if (k->bundle == NULL) compile(s, site, row.text);
    } else {
        k->code = rc;
        if (rc == ERR_NOT_FOUND)
            buf_addf(&k->text, "there is no bundle %" PRId64 "; `tocsin procedures history` lists them", id);
        else
            buf_add_str(&k->text, err.detail);
    }
    store_read_end(s->reader, &err);
}

/* What was in force once was checked then: the way back is one act, at any hour. */
static void find_bundle(struct server *s, const struct site *site)
{
    struct desk *k = &s->desk;
    const bundle_id id = k->act.bundle != 0 ? k->act.bundle : engine_proposed(s->engine);
    if (id == 0) {
        k->code = ERR_NOT_FOUND;
        buf_add_str(&k->text,
                    "nothing is proposed: change the documents and `tocsin reload`, or name an earlier bundle");
        return;
    }
    read_stored(s, site, id);
    if (k->code != 0) return;
    k->compiled.id = id;
    k->compiled.stored = &k->stored;
    /* Who may not approve hears just that, from the world. */
    if (k->stored.activated_wall == 0) judge_days(s);
    if (k->code == 0 && k->stored.activated_wall == 0 &&
        directory_is_approver(&site->dir, k->act.actor, k->act.administrator))
        k->code = check_bound(k->bundle, site, k->act.overrides, &k->text);
}

/* --- one wish --- */

/* On the engine's thread. */
static void on_stepped(void *caller, const struct reply *reply)
{
    struct server *s = caller;
    pthread_mutex_lock(&s->lock);
    s->desk.code = reply->code;
    s->desk.id = reply->id;
    buf_add(&s->desk.text, reply->text);
    s->desk.answered = true;
    pthread_mutex_unlock(&s->lock);
    loop_wake(s->loop);
}

static void answer(struct server *s)
{
    struct desk *k = &s->desk;
    const struct reply r = { .code = k->code, .id = k->id, .text = buf_slice(&k->text) };
    k->busy = false;
    k->now.done(k->now.caller, &r);
    bundle_release(&k->bundle);
    bundle_release(&k->before);
}

static void submit(struct server *s)
{
    struct desk *k = &s->desk;
    struct error err = { 0 };
    k->event = (struct event){ .kind = EVENT_ACT, .act = &k->act };
    k->act.compiled = &k->compiled;
    bundle_describe(k->bundle, &k->compiled);
    const struct post p = {
        .event = k->event, .bytes = k->compiled.bytes.n, .done = on_stepped, .caller = s, .bundle = k->bundle
    };
    const int rc = engine_post(s->engine, &p, &err);
    if (rc == 0) return;
    k->code = rc;
    buf_add_str(&k->text, err.detail);
    answer(s);
}

static void copy_act(struct desk *k, const struct act *act)
{
    arena_destroy(&k->arena);
    k->arena = arena_create(0);
    k->act = *act;
    k->act.actor = arena_copy(k->arena, act->actor);
    k->act.text = arena_copy(k->arena, act->text);
    k->act.overrides = arena_copy(k->arena, act->overrides);
}

static void begin(struct server *s, struct desk_wish wish)
{
    struct desk *k = &s->desk;
    const struct facts *f = facts_acquire(s->board);
    k->now = wish;
    k->busy = true;
    k->answered = false;
    k->code = 0;
    k->id = 0;
    copy_act(k, &wish.what->act);
    k->soon = (struct slice){ 0 };
    k->compiled = (struct event_bundle){ 0 };
    buf_reset(&k->text);
    if (engine_bundles(s->engine, &k->before, 1) == 0) k->before = NULL;
    if (k->act.kind == ACT_ACTIVATE)
        find_bundle(s, facts_site_of(f));
    else
        compile(s, facts_site_of(f), wish.what->bytes);
    if (k->code == 0 && k->act.kind != ACT_ACTIVATE) judge_days(s);
    facts_release(f);
    if (k->code == 0)
        submit(s);
    else
        answer(s);
}

static void finish(struct server *s)
{
    struct desk *k = &s->desk;
    if (k->code == 0) {
        documents_renew(s);
        if (k->before != NULL) bundle_diff(k->before, k->bundle, &k->text);
        const struct facts *f = facts_acquire(s->board);
        if (k->act.kind == ACT_ACTIVATE) warn_of_document(k->bundle, k->act.actor, f->directory, &k->text);
        add_warnings(k->soon, &k->text);
        facts_release(f);
        log_info("server", "%s by %.*s: bundle %" PRId64, act_kind_name(k->act.kind), (int)k->act.actor.n,
                 k->act.actor.p, k->id);
    }
    answer(s);
}

void bundle_look(struct server *s)
{
    struct desk_wish next = { 0 };
    pthread_mutex_lock(&s->lock);
    const bool answered = s->desk.busy && s->desk.answered;
    if (!s->desk.busy && s->desk.wishes.n > 0) {
        next = s->desk.wishes.v[0];
        vec_remove(&s->desk.wishes, 0);
    }
    pthread_mutex_unlock(&s->lock);
    if (answered)
        finish(s);
    else if (next.what != NULL)
        begin(s, next);
    else
        return;
    loop_wake(s->loop); /* perhaps another waits */
}

void bundle_abandon(struct server *s)
{
    const struct reply r = { .code = ERR_BUSY, .text = S("Tocsin is stopping") };
    const struct reply unknown = { .code = ERR_UNKNOWN, .text = S("Tocsin is stopping: look again when it is back") };
    bundle_look(s);
    if (s->desk.busy) s->desk.now.done(s->desk.now.caller, &unknown);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->desk.wishes.n; i++) s->desk.wishes.v[i].done(s->desk.wishes.v[i].caller, &r);
    vec_clear(&s->desk.wishes);
    pthread_mutex_unlock(&s->lock);
}
