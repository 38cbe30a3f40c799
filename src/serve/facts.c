/* facts.c - building, hanging up and counting sets of facts. */
#include "serve/facts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "engine/bundle.h"
#include "site/bind.h"

#define BUNDLES_MAX 256

struct facts_set {
    struct facts facts; /* first: facts_release() comes back from it */
    _Atomic int references;
    struct arena *arena;
    struct clerk *clerk; /* borrowed; NULL: secrets are read here */
    struct site *site; /* ours, unless there is a base */
    struct facts_set *base; /* the one whose site, keys and tokens these are; NULL: our own */
    struct live_bundle *bundles[BUNDLES_MAX];
};

struct facts_board {
    pthread_mutex_t lock;
    struct facts_set *now;
};

static void destroy(struct facts_set *f)
{
    for (size_t i = 0; i < f->facts.n_bundles; i++) bundle_release(&f->bundles[i]);
    if (f->base != NULL)
        facts_release(&f->base->facts);
    else
        site_destroy(&f->site);
    arena_destroy(&f->arena);
    mem_free(f);
}

static int hash_here(const struct site *site, const struct secret_ref *ref, struct secret *out, struct error *e)
{
    struct buf bytes = { 0 };
    const int rc = site_secret(site, ref, &bytes, e);
    if (rc == 0) secret_hash(buf_slice(&bytes), out->hash);
    if (bytes.p != NULL) explicit_bzero(bytes.p, bytes.cap);
    buf_release(&bytes);
    return rc;
}

static int resolve(const struct facts_set *f, enum clerk_secret of, const struct secret_ref *ref, struct slice name,
                   struct secret *out, struct error *e)
{
    static const char *const what[] = { [CLERK_SECRET_INGEST] = "ingest key", [CLERK_SECRET_TOKEN] = "token" };
    struct error why = { 0 };
    const int rc = f->clerk != NULL ? clerk_secret(f->clerk, of, name, f->site->hash, out->hash, &why)
                                    : hash_here(f->site, ref, out, &why);
    if (rc < 0) fail(e, rc, "the secret of %s `%.*s`: %s", what[of], (int)name.n, name.p, why.detail);
    out->name = name;
    return rc;
}

static int add_keys(struct facts_set *f, struct error *e)
{
    const struct site *site = f->site;
    struct secret *keys = arena_array(f->arena, struct secret, site->n_ingest + 1);
    for (size_t i = 0; i < site->n_ingest; i++) {
        const struct ingest_key *k = &site->ingest[i];
        const int rc = resolve(f, CLERK_SECRET_INGEST, &k->secret, k->name, &keys[i], e);
        if (rc < 0) return rc;
        keys[i].scope = ACCESS_INGEST;
    }
    f->facts.keys = keys;
    f->facts.n_keys = site->n_ingest;
    return 0;
}

static enum access access_of(enum token_scope s)
{
    switch (s) {
    case TOKEN_SCOPE_UNSET: return ACCESS_NONE;
    case TOKEN_SCOPE_READ: return ACCESS_READ;
    case TOKEN_SCOPE_WRITE: return ACCESS_WRITE;
    case TOKEN_SCOPE_ADMIN: return ACCESS_ADMIN;
    }
    return ACCESS_NONE;
}

static int add_tokens(struct facts_set *f, struct error *e)
{
    const struct site *site = f->site;
    struct secret *tokens = arena_array(f->arena, struct secret, site->n_tokens + 1);
    for (size_t i = 0; i < site->n_tokens; i++) {
        const struct site_token *t = &site->tokens[i];
        const int rc = resolve(f, CLERK_SECRET_TOKEN, &t->secret, t->name, &tokens[i], e);
        if (rc < 0) return rc;
        tokens[i].scope = access_of(t->scope);
        if (t->person >= 0) tokens[i].person = site->dir.people[t->person].id;
    }
    f->facts.tokens = tokens;
    f->facts.n_tokens = site->n_tokens;
    return 0;
}

int facts_create(struct site *site, struct clerk *clerk, struct slice instance_key, int64_t started_wall,
                 struct facts_set **out, struct error *e)
{
    struct facts_set *f = mem_alloc(sizeof *f);
    atomic_init(&f->references, 1);
    f->arena = arena_create(0);
    f->site = site;
    f->clerk = clerk;
    int rc = add_keys(f, e);
    if (rc == 0) rc = add_tokens(f, e);
    if (rc < 0) {
        f->site = NULL; /* stays the caller's */
        destroy(f);
        return rc;
    }
    f->facts.directory = &site->dir;
    f->facts.allow_loopback = site->allow_loopback;
    f->facts.public_url = site->public_url;
    f->facts.instance_key = arena_copy(f->arena, instance_key);
    f->facts.started_wall = started_wall;
    *out = f;
    return 0;
}

void facts_discard(struct facts_set **f)
{
    if (*f != NULL) destroy(*f);
    *f = NULL;
}

const struct site *facts_site(const struct facts_set *f)
{
    return f->site;
}

const struct site *facts_site_of(const struct facts *f)
{
    return ((const struct facts_set *)f)->site;
}

struct facts_board *facts_board_create(void)
{
    struct facts_board *b = mem_alloc(sizeof *b);
    CHECK(pthread_mutex_init(&b->lock, NULL) == 0);
    return b;
}

void facts_board_destroy(struct facts_board **bp)
{
    struct facts_board *b = *bp;
    if (b == NULL) return;
    if (b->now != NULL) facts_release(&b->now->facts);
    pthread_mutex_destroy(&b->lock);
    mem_free(b);
    *bp = NULL;
}

static void add_unbound(struct facts_set *f)
{
    struct problems *problems = problems_create();
    bind_check(bundle_policy_of(f->bundles[0]), bundle_name(f->bundles[0]), f->site, bundle_routing_of(f->bundles[0]),
               f->site->routing, problems);
    const size_t n = problems_count(problems);
    struct unbound *out = arena_array(f->arena, struct unbound, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct problem *p = problems_at(problems, i);
        if (!bind_blocks(p->code) && !slice_eq(p->code, S("W-METRIC-UNUSED"))) continue;
        struct buf line = { 0 };
        buf_addf(&line, "%.*s:%u: ", (int)p->at.file.n, p->at.file.p, p->at.line);
        buf_add(&line, p->text);
        out[f->facts.n_unbound++] =
            (struct unbound){ arena_copy(f->arena, p->code), arena_copy(f->arena, buf_slice(&line)) };
        buf_release(&line);
    }
    f->facts.unbound = out;
    problems_destroy(&problems);
}

static struct slice limit_text(struct arena *a, const struct policy_threshold *t)
{
    static const char *const ops[] = { [OP_LESS] = "<", [OP_MORE] = ">", [OP_AT_MOST] = "<=", [OP_AT_LEAST] = ">=" };
    struct buf text = { 0 };
    buf_addf(&text, "%s %.*s%s%.*s", ops[t->op], (int)t->value.n, t->value.p,
             t->unit.n == 0 || slice_eq(t->unit, S("%")) ? "" : " ", (int)t->unit.n, t->unit.p);
    struct slice kept = arena_copy(a, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static bool is_watched_already(const struct facts_set *f, struct slice file, unsigned line)
{
    for (size_t i = 0; i < f->facts.n_watched; i++)
        if (f->facts.watched[i].line == line && slice_eq(f->facts.watched[i].file, file)) return true;
    return false;
}

/* Of the organisation, and what teams add or replace. */
static void add_watched(struct facts_set *f)
{
    const struct policy *p = bundle_policy_of(f->bundles[0]);
    size_t room = p->book.n_thresholds;
    for (size_t v = 0; v < p->n_views; v++) room += p->views[v].policy->book.n_thresholds;
    struct watched *out = arena_array(f->arena, struct watched, room + 1);
    f->facts.watched = out;
    for (size_t v = 0; v <= p->n_views; v++) {
        const struct policy_book *book = v == 0 ? &p->book : &p->views[v - 1].policy->book;
        for (size_t i = 0; i < book->n_thresholds; i++) {
            const struct policy_threshold *t = &book->thresholds[i];
            const struct slice file = policy_file(p, t->line);
            const unsigned line = (unsigned)POLICY_LINE(t->line);
            const struct site_metric *m = site_metric_for(f->site, t->metric);
            struct buf by = { 0 };
            if (is_watched_already(f, file, line)) continue;
            if (m != NULL) site_metric_print(m, !slice_eq(t->unit, S("%")), &by);
            out[f->facts.n_watched++] = (struct watched){ t->metric, limit_text(f->arena, t),
                                                          arena_copy(f->arena, buf_slice(&by)), file, line };
            buf_release(&by);
        }
    }
}

static void add_bundles(struct facts_set *f, struct engine *e, struct slice broken)
{
    struct bundle_policy *policies = arena_array(f->arena, struct bundle_policy, BUNDLES_MAX);
    f->facts.n_bundles = engine_bundles(e, f->bundles, BUNDLES_MAX);
    f->facts.n_unbound = 0;
    for (size_t i = 0; i < f->facts.n_bundles; i++)
        policies[i] = (struct bundle_policy){ bundle_id_of(f->bundles[i]), bundle_policy_of(f->bundles[i]),
                                              bundle_routing_of(f->bundles[i]), bundle_bytes(f->bundles[i]) };
    f->facts.bundles = policies;
    f->facts.proposed = engine_proposed(e);
    f->facts.broken = arena_copy(f->arena, broken);
    f->facts.n_watched = 0;
    if (f->facts.n_bundles == 0) return;
    add_unbound(f);
    add_watched(f);
}

static void hang_up(struct facts_board *b, struct facts_set *f)
{
    pthread_mutex_lock(&b->lock);
    struct facts_set *before = b->now;
    b->now = f;
    pthread_mutex_unlock(&b->lock);
    if (before != NULL) facts_release(&before->facts);
}

void facts_publish(struct facts_board *b, struct facts_set **fp, struct engine *e, struct slice broken)
{
    add_bundles(*fp, e, broken);
    hang_up(b, *fp);
    *fp = NULL;
}

void facts_renew(struct facts_board *b, struct engine *e, struct slice broken)
{
    struct facts_set *now = (struct facts_set *)(uintptr_t)facts_acquire(b);
    struct facts_set *base = now->base != NULL ? now->base : now;
    struct facts_set *f = mem_alloc(sizeof *f);
    atomic_init(&f->references, 1);
    atomic_fetch_add(&base->references, 1);
    f->arena = arena_create(0);
    f->base = base;
    f->site = base->site;
    f->facts = base->facts;
    add_bundles(f, e, broken);
    hang_up(b, f);
    facts_release(&now->facts);
}

const struct facts *facts_acquire(struct facts_board *b)
{
    pthread_mutex_lock(&b->lock);
    atomic_fetch_add(&b->now->references, 1);
    const struct facts *f = &b->now->facts;
    pthread_mutex_unlock(&b->lock);
    return f;
}

void facts_release(const struct facts *facts)
{
    struct facts_set *f = (struct facts_set *)(uintptr_t)facts;
    if (atomic_fetch_sub(&f->references, 1) == 1) destroy(f);
}
