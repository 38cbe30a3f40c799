/* recover.c - loads, compiles again, sets the time, and steps the events that begin a life. */
#include "engine/recover.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "engine/inner.h"
#include "store/store.h"
#include "sys/log.h"

struct stored_bundle {
    bundle_id id;
    bool active, waiting;
    struct slice bytes; /* in the loading's arena */
    struct live_bundle *bundle; /* compiled again; NULL when it does not compile */
    struct slice why_not; /* then, in the loading's arena */
};

struct loading {
    struct store_each_row each;
    struct engine *e;
    struct spooled spooled; /* rows that the store's are older than */
    bool from_spool; /* the rows that come now */
    struct arena *arena;
    struct clock_row clock; /* of the last commit; id 0: none */
    VEC(struct stored_bundle) bundles;
    size_t rows;
};

/* A row that comes twice, from the store and from the spool: the spool's is newer. Symbols never change, and the store's
 * are what its last link was made of. */
static bool comes_again(const struct loading *l, const struct row *r)
{
    if (r->kind == ROW_SYMBOL) return l->from_spool && world_text(l->e->world, r->v[0]).n > 0;
    return !l->from_spool && spooled_has(&l->spooled, r->kind, r->v);
}

static int load_row(struct store_each_row *self, const struct row *r, struct error *err)
{
    struct loading *l = (struct loading *)self;
    if (comes_again(l, r)) return 0;
    l->rows++;
    if (l->e->chain != NULL) chain_load(l->e->chain, r);
    if (r->kind == ROW_LINK || r->kind == ROW_INSTANCE) return 0; /* not the rules' business */
    if (r->kind == ROW_CLOCK) {
        memcpy(&l->clock, r->v, sizeof l->clock);
        return 0;
    }
    if (r->kind == ROW_BUNDLE) {
        struct bundle row;
        memcpy(&row, r->v, sizeof row);
        *vec_push(&l->bundles) = (struct stored_bundle){
            .id = row.id, .active = row.active != 0, .waiting = row.waiting != 0, .bytes = arena_copy(l->arena, r->text)
        };
    }
    return world_load(l->e->world, r, err);
}

/* "7f3c2a9e-…" → its 128 bits; any other text is hashed, so that another boot is another pair. */
static void boot_id_read(struct slice text, int64_t *hi, int64_t *lo)
{
    *hi = (int64_t)fnv1a64(FNV1A64_START, text);
    *lo = (int64_t)fnv1a64((uint64_t)*hi, text);
}

/* Design, Time. The last commit's instant is never undercut. */
static void set_time(struct engine *e, const struct clock_row *last, struct recovery *out)
{
    e->raw = clock_read(e->clock);
    boot_id_read(clock_boot_id(e->clock), &e->boot_hi, &e->boot_lo);
    if (last->id == 0) {
        out->first_start = true;
        e->gap = e->raw.wall_ms - e->raw.steady_ms;
        batch_read_clock(e);
        return;
    }
    if (last->boot_hi == e->boot_hi && last->boot_lo == e->boot_lo) {
        e->offset = last->offset;
    } else {
        const int64_t away = e->raw.wall_ms - last->wall;
        e->offset = last->at + (away > 0 ? away : 0) - e->raw.steady_ms;
    }
    if (e->raw.steady_ms + e->offset < last->at) e->offset = last->at - e->raw.steady_ms;
    e->last_at = last->at;
    e->gap = last->wall - last->at; /* the first batch sees what moved while we were away */
    e->serial = last->serial > e->serial ? last->serial : e->serial;
    batch_read_clock(e);
    out->down_ms = e->now.steady_ms - last->at;
}

static struct stored_bundle *find_bundle(struct loading *l, bundle_id id)
{
    for (size_t i = 0; i < l->bundles.n; i++)
        if (l->bundles.v[i].id == id) return &l->bundles.v[i];
    return NULL;
}

static bool is_same(const struct stored_bundle *b, const struct live_bundle *fresh)
{
    return fresh != NULL && slice_eq(b->bytes, bundle_bytes(fresh));
}

static void step_bundle(struct engine *e, struct live_bundle *b, const struct event_bundle *what)
{
    struct post p = { .bundle = b, .event = { .kind = EVENT_BUNDLE, .bundle = *what } };
    bundle_describe(b, &p.event.bundle);
    batch_step(e, &p);
}

/* A bundle that was stored and is still in use: the one on disk when it is the same, else compiled from its bytes. */
static void revive_bundle(struct loading *l, struct stored_bundle *b, const struct recover_options *o)
{
    struct error err = { 0 };
    struct live_bundle *made = is_same(b, o->fresh) ? bundle_take(o->fresh) : o->compile(o->ctx, b->bytes, &err);
    if (made == NULL) {
        log_error("engine", "bundle %" PRId64 " does not compile any more: %s. Its incidents follow the active one",
                  b->id, err.detail);
        b->why_not = arena_copy(l->arena, slice_of(err.detail));
        return;
    }
    b->bundle = made;
    bundles_keep(l->e, b->id, made);
    step_bundle(l->e, made, &(struct event_bundle){ .id = b->id }); /* its row says whether it is active */
}

/* Once everybody can be told. */
static void tell_lost(struct loading *l)
{
    for (size_t i = 0; i < l->bundles.n; i++) {
        const struct stored_bundle *b = &l->bundles.v[i];
        const struct event_bundle what = { .id = b->id, .lost = true, .reason = b->why_not };
        if (b->why_not.n > 0) batch_step(l->e, &(struct post){ .event = { .kind = EVENT_BUNDLE, .bundle = what } });
    }
}

static void revive_bundles(struct loading *l, const struct recover_options *o, struct recovery *out)
{
    for (size_t i = 0; i < l->bundles.n; i++) {
        struct stored_bundle *b = &l->bundles.v[i];
        if (b->bundle != NULL) continue;
        bool wanted = b->active || b->waiting;
        bundle_id ids[64];
        const size_t n = world_bundles(l->e->world, ids, COUNT_OF(ids));
        for (size_t k = 0; k < n && k < COUNT_OF(ids); k++) wanted = wanted || ids[k] == b->id;
        if (!wanted) continue;
        revive_bundle(l, b, o);
        if (b->bundle != NULL) out->bundles++;
        if (b->bundle != NULL && b->active) out->active = b->id;
    }
}

/* --- what was in force does not compile any more --- */

static const struct stored_bundle *in_force_before(const struct loading *l)
{
    for (size_t i = 0; i < l->bundles.n; i++)
        if (l->bundles.v[i].active) return &l->bundles.v[i];
    return NULL;
}

/* The newest activation before this one, of whatever bundle; 0 at the end. */
static bool activation_before(const struct engine *e, int64_t *id, bundle_id *bundle)
{
    struct row r;
    int64_t newest = 0;
    for (size_t at = 0; world_next_row(e->world, ROW_ACTIVATION, &at, &r);) {
        struct activation a;
        memcpy(&a, r.v, sizeof a);
        if (a.id >= *id || a.id <= newest) continue;
        newest = a.id;
        *bundle = a.bundle;
    }
    *id = newest;
    return newest > 0;
}

/* Its row as it is stored, and what it compiles to now; NULL when it does not. */
static struct live_bundle *compile_earlier(const struct recover_options *o, struct store_reader *reader, bundle_id id,
                                           struct bundle *stored)
{
    struct error why = { 0 };
    struct row row;
    if (store_read_row(reader, ROW_BUNDLE, &id, &row, &why) < 0) return NULL;
    memcpy(stored, row.v, sizeof *stored);
    return o->compile(o->ctx, row.text, &why);
}

static bool run_earlier(struct loading *l, const struct recover_options *o, const struct stored_bundle *lost,
                        const struct event_bundle *what)
{
    struct store_reader *reader = NULL;
    struct error err = { 0 };
    struct live_bundle *made = NULL;
    struct bundle stored;
    bundle_id id = 0;
    if (store_reader_open(l->e->store, &reader, &err) < 0 || store_read_begin(reader, &err) < 0) goto out;
    for (int64_t at = INT64_MAX; made == NULL && activation_before(l->e, &at, &id);)
        if (id != lost->id) made = compile_earlier(o, reader, id, &stored);
    store_read_end(reader, &err);
out:
    store_reader_close(&reader);
    if (made == NULL) return false;
    struct event_bundle earlier = *what;
    earlier.id = id;
    earlier.stored = &stored;
    step_bundle(l->e, made, &earlier);
    bundles_keep(l->e, id, made);
    bundle_release(&made);
    return true;
}

/* Nothing that is stored is in force: a new instance, or another version of Tocsin. */
static int put_in_force(struct loading *l, const struct recover_options *o, struct live_bundle *fresh,
                        const struct recovery *out, bool *is_fresh, struct error *err)
{
    const struct stored_bundle *lost = in_force_before(l);
    struct event_bundle what = { .activate = true, .by = o->starter };
    struct buf why = { 0 };
    bool done = false;
    if (lost != NULL) {
        buf_addf(&why, "bundle %" PRId64 ", in force before, does not compile any more", lost->id);
        what.reason = arena_copy(l->arena, buf_slice(&why));
        buf_release(&why);
    }
    what.instead = lost != NULL && (fresh == NULL || o->directory->by_approver);
    if (what.instead) done = run_earlier(l, o, lost, &what);
    if (!done && fresh != NULL) step_bundle(l->e, fresh, &what);
    *is_fresh = !done && fresh != NULL;
    if (done || fresh != NULL) return 0;
    if (out->unfit.code < 0) {
        *err = out->unfit;
        return err->code;
    }
    return fail(err, ERR_INVALID,
                "there is nothing to run: the procedures do not compile and none that was active before does. "
                "Run `tocsin check` on them");
}

/* The active bundle before the start, so that what is overdue finds its rules; another one behind it. */
static int begin_life(struct loading *l, const struct recover_options *o, struct recovery *out, struct error *err)
{
    struct engine *e = l->e;
    struct live_bundle *fresh = o->fresh;
    batch_step(e, &(struct post){ .event = { .kind = EVENT_SITE, .site = o->directory } });
    revive_bundles(l, o, out);
    const struct stored_bundle *active = find_bundle(l, out->active);
    bool changed = fresh != NULL && (active == NULL || !is_same(active, fresh));
    const struct live_bundle *replaced = active == NULL || o->directory->by_approver ? NULL : active->bundle;
    if (changed && o->fits != NULL && o->fits(o->ctx, fresh, replaced, &out->unfit) < 0) {
        fresh = NULL;
        changed = false;
    }
    out->kept_last = fresh == NULL;
    bool is_fresh = false;
    const int rc = active == NULL ? put_in_force(l, o, fresh, out, &is_fresh, err) : 0;
    if (rc < 0) return rc;
    struct post start = { .event = { .kind = EVENT_START } };
    start.event.start.last_at = l->clock.at;
    start.event.start.last_wall = l->clock.wall;
    batch_step(e, &start);
    tell_lost(l);
    const bundle_id before = world_active_bundle(e->world);
    if (changed && !is_fresh) step_bundle(e, fresh, &(struct event_bundle){ .found = true });
    out->activated = changed && (is_fresh || world_active_bundle(e->world) != before);
    out->proposed = changed && !out->activated;
    out->replaced = world_replaced_bundle(e->world);
    return 0;
}

static void count_loaded(const struct loading *l, struct recovery *out)
{
    struct row r;
    out->rows = l->rows;
    out->pages = world_count(l->e->world, ROW_PAGE);
    out->timers = world_count(l->e->world, ROW_TIMER);
    for (size_t at = 0; world_next_row(l->e->world, ROW_INCIDENT, &at, &r);) {
        struct incident i;
        memcpy(&i, r.v, sizeof i);
        if (i.closed_at == 0) out->incidents++;
    }
}

/* --- what was spooled ----------------------------------------------------------------------------------------------- */

/* Serial of the last commit: what the spool holds up to it is old. */
static int read_serial(struct engine *e, struct store_reader *r, struct error *err)
{
    const int64_t key = 1;
    struct row row;
    const int rc = store_read_row(r, ROW_CLOCK, &key, &row, err);
    if (rc == 0) e->serial = e->committed_serial = ((const struct clock_row *)row.v)->serial;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

struct known {
    struct store_each_entry each;
    bool found;
};

static int note_known(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    (void)en, (void)e;
    ((struct known *)self)->found = true;
    return 0;
}

/* A commit that failed may have reached the disk in spite of what it said: its entries are there already. */
static int keep_unknown(struct spooled *p, struct store_reader *r, struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->entries.n; i++) {
        const struct entry *en = &p->entries.v[i];
        struct known k = { .each = { note_known } };
        const int rc = store_read_entries(r, en->incident, en->seq - 1, 1, &k.each, err);
        if (rc < 0) return rc;
        if (!k.found) p->entries.v[kept++] = *en;
    }
    p->entries.n = kept;
    return 0;
}

static int spool_open_last(struct loading *l, struct error *err)
{
    struct engine *e = l->e;
    struct store_reader *r = NULL;
    struct error unread = { 0 };
    const bool is_new = store_is_new(e->store);
    int rc = is_new ? 0 : store_reader_open(e->store, &r, err);
    if (rc == 0 && !is_new) rc = read_serial(e, r, err);
    if (rc == 0 && spool_read(e->spool, e->serial, &l->spooled, &unread) < 0) {
        log_error("engine", "what was spooled is lost: %s. Who was paged meanwhile may know more", unread.detail);
        spooled_release(&l->spooled);
    }
    if (rc == 0 && !is_new) rc = keep_unknown(&l->spooled, r, err);
    store_reader_close(&r);
    return rc;
}

/* The rows of the spool are the world's now; its entries are the first of the batch that begins this life. */
static int load_spooled(struct loading *l, struct error *err)
{
    int rc = 0;
    l->from_spool = true;
    for (size_t i = 0; i < l->spooled.rows.n && rc == 0; i++) {
        const struct spooled_row *s = &l->spooled.rows.v[i];
        if (!s->deleted) rc = load_row(&l->each, &s->row, err);
    }
    for (size_t i = 0; i < l->spooled.entries.n; i++) {
        struct entry en = l->spooled.entries.v[i];
        en.text = arena_copy(l->e->fx.arena, en.text);
        struct change *changes = arena_array(l->e->fx.arena, struct change, en.n_changes + 1);
        memcpy(changes, en.changes, en.n_changes * sizeof changes[0]);
        en.changes = changes;
        *vec_push(&l->e->fx.entries) = en;
    }
    l->e->fx.offered = l->e->fx.entries.n;
    for (size_t i = 0; i < l->spooled.erasures.n; i++) *vec_push(&l->e->fx.erasures) = l->spooled.erasures.v[i];
    return rc;
}

/* After the steps of the beginning, which know nothing of marks before them. */
static void mark_spooled(struct loading *l)
{
    struct engine *e = l->e;
    struct row now;
    for (size_t i = 0; i < l->spooled.rows.n; i++) {
        const struct spooled_row *s = &l->spooled.rows.v[i];
        struct mark m = { .kind = s->row.kind, .deleted = s->deleted };
        if (m.kind == ROW_CLOCK) continue;
        memcpy(m.key, s->row.v, row_defs[m.kind].n_keys * sizeof m.key[0]);
        if (!s->deleted || !world_row(e->world, &m, &now)) *vec_push(&e->fx.marks) = m;
    }
    if (l->spooled.records > 0)
        log_warning("engine",
                    "spool: %zu rows and %zu timeline entries that could not be committed are kept; what left "
                    "meanwhile is uncertain",
                    l->spooled.rows.n, l->spooled.entries.n);
}

int engine_recover(struct engine *e, const struct recover_options *o, struct recovery *out, struct error *err)
{
    CHECK(!e->recovered);
    *out = (struct recovery){ 0 };
    struct loading l = { .each = { load_row }, .e = e, .arena = arena_create(0) };
    int rc = e->spool == NULL ? 0 : spool_open_last(&l, err);
    if (rc == 0) rc = store_load(e->store, &l.each, err);
    if (rc < 0) goto out;
    if (e->chain != NULL) out->chain = chain_start(e->chain, e->world, &out->chain_error);
    if ((rc = load_spooled(&l, err)) < 0) goto out;
    count_loaded(&l, out);
    out->spooled = l.spooled.records;
    GAUGE(e, chain_broken, out->chain < 0);
    set_time(e, &l.clock, out);
    if ((rc = begin_life(&l, o, out, err)) < 0) goto out;
    mark_spooled(&l);
    rc = engine_commit(e, err);
    if (rc < 0 && out->first_start) goto out;
    e->recovered = true;
    e->started_at = e->now.steady_ms;
    e->looked_at = e->raw.steady_ms;
    if (rc == 0)
        commit_done(e);
    else
        failing_hold(e, err); /* it was killed while the disk is full: what is loaded is paged for all the same */
    rc = 0;
    out->active = world_active_bundle(e->world);
out:
    for (size_t i = 0; i < l.bundles.n; i++) bundle_release(&l.bundles.v[i].bundle);
    vec_release(&l.bundles);
    spooled_release(&l.spooled);
    arena_destroy(&l.arena);
    return rc;
}
