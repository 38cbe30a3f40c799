/* stage.c - see stage.h. What the engine does around a step (engine/batch.c, commit.c, recover.c), simulated. */
#include "engine/stage.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "core/alert.h"
#include "store/store.h"

/* --- commits --- */

/* What the world forgets is history that the store keeps; only what is armed ends for good (as in commit.c). */
static bool is_deleted_for_good(enum row_kind kind)
{
    return kind == ROW_TIMER || kind == ROW_HOLDER;
}

static void put_clock(struct stage *s)
{
    const struct clock_row c = { .id = 1, .at = s->at, .wall = s->wall, .boot_hi = 1, .boot_lo = 1 };
    store_put_row(s->store, &(struct row){ .kind = ROW_CLOCK, .v = &c.id });
}

static void commit(struct stage *s)
{
    struct error e = { 0 };
    struct row r;
    int rc = store_begin(s->store, &e);
    for (size_t i = 0; i < s->fx.marks.n; i++) {
        const struct mark *m = &s->fx.marks.v[i];
        if (!m->deleted && world_row(s->world, m, &r)) {
            s->trace = row_hash(s->trace, &r);
            store_put_row(s->store, &r);
        } else if (is_deleted_for_good(m->kind)) {
            store_delete_row(s->store, m->kind, m->key);
        }
    }
    s->trace = effects_hash(s->trace, &s->fx);
    for (size_t i = 0; i < s->fx.entries.n; i++) store_append_entry(s->store, &s->fx.entries.v[i]);
    for (size_t i = 0; i < s->fx.erasures.n; i++)
        store_erase_text(s->store, s->fx.erasures.v[i].incident, s->fx.erasures.v[i].seq);
    put_clock(s);
    s->committed_at = s->at;
    s->committed_wall = s->wall;
    rc = rc < 0 ? rc : store_commit(s->store, &e);
    invariants_committed(s->invariants);
    if (rc < 0) buf_addf(&s->broken, "the memory store did not commit: %s\n", e.detail);
}

/* --- stepping --- */

static void step(struct stage *s, struct event *ev)
{
    ev->at = s->at;
    ev->wall = s->wall;
    if (ev->kind == EVENT_ACT || ev->kind == EVENT_ALERTS || ev->kind == EVENT_BUNDLE) ev->reply_to = ++s->tickets;
    invariants_before(s->invariants, s->world, ev, &s->fx);
    world_step(s->world, ev, &s->fx);
}

static void settle(struct stage *s, const struct event *ev)
{
    invariants_after(s->invariants, s->world, ev, &s->fx, &s->broken);
    commit(s);
}

void stage_step(struct stage *s, struct event *ev)
{
    effects_reset(&s->fx);
    step(s, ev);
    settle(s, ev);
}

void stage_pass(struct stage *s, int64_t ms)
{
    s->at += ms;
    s->wall += ms;
}

bool stage_timer(struct stage *s)
{
    struct event ev = { .kind = EVENT_TIMER };
    if (!world_due_timer(s->world, s->at, &ev.timer)) return false;
    stage_step(s, &ev);
    return true;
}

/* --- beginning --- */

static void step_bundle(struct stage *s, struct stage_bundle *b)
{
    struct event ev = { .kind = EVENT_BUNDLE };
    ev.bundle = (struct event_bundle){
        .id = b->id, .policy = b->policy, .routing = b->routing, .bytes = s->o.bytes, .activate = b->id == 0
    };
    step(s, &ev);
    if (b->id == 0) b->id = world_active_bundle(s->world);
}

void stage_activate(struct stage *s, const struct policy *policy, const struct routing *routing)
{
    const struct event ev = { .kind = EVENT_BUNDLE, .at = s->at, .wall = s->wall };
    struct stage_bundle *b = vec_push(&s->bundles);
    *b = (struct stage_bundle){ 0, policy, routing };
    effects_reset(&s->fx);
    step_bundle(s, b);
    settle(s, &ev);
}

static void begin_life(struct stage *s, int64_t last_at, int64_t last_wall)
{
    struct event site = { .kind = EVENT_SITE, .site = s->o.directory };
    struct event start = { .kind = EVENT_START };
    start.start.last_at = last_at;
    start.start.last_wall = last_wall;
    effects_reset(&s->fx);
    step(s, &site);
    for (size_t i = 0; i < s->bundles.n; i++) step_bundle(s, &s->bundles.v[i]);
    step(s, &start);
    settle(s, &start);
}

void stage_begin(struct stage *s, const struct stage_options *o)
{
    struct error e = { 0 };
    *s = (struct stage){ .o = *o, .at = STAGE_BEGINS, .wall = o->wall };
    s->broken.max = (size_t)1 << 24;
    int rc = store_open("memory:", &s->store, &e);
    CHECK(rc == 0);
    effects_init(&s->fx);
    s->world = world_create(o->hash_key, (struct world_limits){ 0 });
    s->invariants = invariants_create();
    *vec_push(&s->bundles) = (struct stage_bundle){ 0, o->policy, o->routing };
    begin_life(s, 0, 0);
}

void stage_end(struct stage *s)
{
    world_destroy(&s->world);
    store_close(&s->store);
    effects_release(&s->fx);
    invariants_destroy(&s->invariants);
    vec_release(&s->bundles);
    buf_release(&s->broken);
}

/* --- restarting --- */

struct loading {
    struct store_each_row each;
    struct world *world;
};

static int load_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct loading *l = (struct loading *)self;
    return r->kind == ROW_CLOCK || r->kind == ROW_LINK || r->kind == ROW_INSTANCE ? 0 : world_load(l->world, r, e);
}

static void print_row(const struct row *r, struct buf *out)
{
    buf_add_str(out, row_defs[r->kind].table);
    for (size_t i = 0; i < row_defs[r->kind].n_fields; i++)
        if (i < row_defs[r->kind].n_keys || r->v[i] != 0)
            buf_addf(out, " %s=%" PRId64, row_defs[r->kind].fields[i].name, r->v[i]);
}

struct ending { /* the moment of the last commit, less a day: what ended before it is history (store.h) */
    const struct world *world;
    int64_t at, wall;
};

static bool incident_is_history(const struct ending *e, incident_id id)
{
    const struct incident *i = world_incident(e->world, id);
    return i == NULL || (i->closed_at != 0 && i->closed_at <= e->at);
}

static bool alert_is_history(const struct ending *e, alert_id id)
{
    const struct alert_kept *a = world_alert(e->world, id);
    const struct live_kept *live = world_alert_live(e->world, id);
    return a == NULL || live == NULL ||
           (incident_is_history(e, a->incident) && live->state != ALERT_FIRING && live->updated_wall <= e->wall);
}

static bool set_is_history(const struct ending *e, const struct row *set)
{
    struct row r;
    for (size_t at = 0; world_next_row(e->world, ROW_ALERT, &at, &r);) {
        const struct alert *a = (const struct alert *)r.v;
        const struct live_kept *live = world_alert_live(e->world, a->id);
        if (live != NULL && live->annotations == set->v[0] && !alert_is_history(e, a->id)) return false;
    }
    return true;
}

static bool bundle_is_history(const struct ending *e, const struct bundle *b)
{
    struct row r;
    for (size_t at = 0; world_next_row(e->world, ROW_INCIDENT, &at, &r);)
        if (((const struct incident *)r.v)->bundle == b->id && !incident_is_history(e, r.v[0])) return false;
    return b->active == 0;
}

static bool may_be_missing(const struct ending *e, const struct row *r)
{
    switch (r->kind) {
    case ROW_ATTEMPT: return ((const struct attempt *)r->v)->outcome != OUTCOME_UNSET;
    case ROW_SILENCE: return ((const struct silence *)r->v)->ended != 0;
    case ROW_ALERT:
    case ROW_ALERT_LIVE: return alert_is_history(e, r->v[0]);
    case ROW_ANNOTATIONS: return set_is_history(e, r);
    case ROW_INCIDENT:
    case ROW_HOLDER:
    case ROW_CHECK: return incident_is_history(e, r->v[0]);
    case ROW_PAGE: return incident_is_history(e, ((const struct page *)r->v)->incident);
    case ROW_DELIVERY: return incident_is_history(e, ((const struct delivery *)r->v)->incident);
    case ROW_BUNDLE: return bundle_is_history(e, (const struct bundle *)r->v);
    case ROW_SYMBOL:
    case ROW_SENDER:
    case ROW_TIMER:
    case ROW_COUNTER:
    case ROW_CLOCK:
    case ROW_ACTIVATION:
    case ROW_LINK:
    case ROW_INSTANCE:
    case ROW_UNSET:
    case ROW_KIND_MAX: break;
    }
    return false;
}

/* Every row of the world that ended is in the one that was loaded, unchanged (R41). */
static void compare_kind(struct stage *s, const struct ending *e, const struct world *loaded, enum row_kind kind)
{
    struct row r, other;
    for (size_t at = 0; world_next_row(s->world, kind, &at, &r);) {
        struct mark m = { .kind = kind };
        memcpy(m.key, r.v, row_defs[kind].n_keys * sizeof m.key[0]);
        const bool there = world_row(loaded, &m, &other);
        const bool same =
            there && memcmp(r.v, other.v, row_defs[kind].n_fields * sizeof r.v[0]) == 0 && slice_eq(r.text, other.text);
        if (same || (!there && may_be_missing(e, &r))) continue;
        buf_add_str(&s->broken, there ? "a row was not saved: " : "a row is lost by a restart: ");
        print_row(&r, &s->broken);
        if (there) buf_add_str(&s->broken, "; stored: ");
        if (there) print_row(&other, &s->broken);
        buf_add_char(&s->broken, '\n');
    }
}

/* What a process that began now would know. */
static struct world *load(struct stage *s, int64_t last_at, int64_t last_wall)
{
    struct error e = { 0 };
    struct world *fresh = world_create(s->o.hash_key, (struct world_limits){ 0 });
    struct loading l = { { load_row }, fresh };
    const struct ending ending = { s->world, last_at - DAY, last_wall - DAY };
    if (store_load(s->store, &l.each, &e) < 0) buf_addf(&s->broken, "the rows do not load: %s\n", e.detail);
    for (int kind = 1; kind < ROW_KIND_MAX; kind++)
        if (row_defs[kind].table != NULL) compare_kind(s, &ending, fresh, (enum row_kind)kind);
    return fresh;
}

void stage_compare(struct stage *s)
{
    struct world *fresh = load(s, s->committed_at, s->committed_wall);
    world_destroy(&fresh);
}

void stage_restart(struct stage *s, int64_t last_at, int64_t last_wall)
{
    struct world *fresh = load(s, last_at, last_wall);
    world_destroy(&s->world);
    s->world = fresh;
    invariants_lost(s->invariants);
    begin_life(s, last_at, last_wall);
}
