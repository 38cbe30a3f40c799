/* sim_engine.c - the process: the real engine over a memory store whose commits fail, and all its deaths.
 *
 * A death is discarding the engine with everything it knows; what comes back is what was committed. Where it dies is a
 * trap at a commit: before it, after it, or between two of the answers and sends that follow from it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alert.h"
#include "core/delivery.h"
#include "core/state_parts.h"
#include "engine/recover.h"
#include "engine/spool.h"
#include "sim_inner.h"

#define SPOOL_ROOM (1 << 20)

static struct sim *sim_of_store; /* the slots of a store get no context of ours */

/* In the place of the kernel's (meson.build): the salts are in the chain's heads, and these in messages (I30). */
void __wrap_entropy_fill(void *out, size_t n);
void __wrap_entropy_fill(void *out, size_t n)
{
    static struct dice d;
    if (sim_of_store != NULL) d.state = dice_mix((uint64_t)sim_of_store->now, (uint64_t)sim_of_store->r->events);
    for (size_t i = 0; i < n; i++) ((uint8_t *)out)[i] = (uint8_t)dice_roll(&d);
}

/* In the place of the machine's: a reader gives up after two seconds, and a simulator that stood still for as long
 * (stopped, or a machine without a processor to spare) would live another life. */
struct clock *__wrap_clock_create_plain(void);
struct clock *__wrap_clock_create_plain(void)
{
    return clock_create_fake((struct moment){ HOUR, HOUR }, S("a reader's"));
}

const struct slice sim_chain_key = S("a key of 32 bytes that is known!");

/* --- the store --- */

static int put_noted(struct store *store, const struct row *r, struct error *e)
{
    struct sim *s = sim_of_store;
    const struct timer *t = (const struct timer *)r->v;
    struct alert a;
    struct row homeless = *r;
    s->r->trace = row_hash(s->r->trace, r);
    if (s->o->defect == DEFECT_ALERT_HOMELESS && r->kind == ROW_ALERT && r->v[0] % 7 == 0) {
        a = *(const struct alert *)r->v;
        a.incident = 0;
        homeless.v = &a.id;
        return s->real->put(store, &homeless, e);
    }
    if (s->o->defect == DEFECT_TIMER_FORGOTTEN && r->kind == ROW_TIMER && t->kind == TIMER_NO_RESPONSE) return 0;
    if (s->o->defect == DEFECT_ALERT_LOST && r->kind == ROW_ALERT && ((const struct alert *)r->v)->incident == 0)
        return 0;
    return s->real->put(store, r, e);
}

static int append_noted(struct store *store, const struct entry *en, struct error *e)
{
    struct sim *s = sim_of_store;
    s->r->trace =
        dice_mix(s->r->trace ^ (uint64_t)en->incident, (uint64_t)(en->seq * 64 + en->kind) ^ (uint64_t)en->at);
    const bool hit = en->at % 50 == 0;
    if (hit && s->o->defect == DEFECT_ENTRY_LOST) return 0;
    struct entry changed = *en;
    if (hit && s->o->defect == DEFECT_ENTRY_CHANGED) changed.text = S("all was well");
    return s->real->append(store, &changed, e);
}

static int fails(struct store *store, struct error *e)
{
    sim_of_store->real->rollback(store);
    return fail(e, ERR_IO, "no space left on device (so the dice say)");
}

/* Has the trap's commit come? */
static bool trap_springs(struct sim *s, enum trap kind)
{
    if (s->trap != kind || s->dead) return false;
    if (kind != TRAP_AMID && s->trap_after-- > 0) return false;
    s->trap = TRAP_NONE;
    return true;
}

static int commit_or_not(struct store *store, struct error *e)
{
    struct sim *s = sim_of_store;
    if (trap_springs(s, TRAP_BEFORE)) {
        sim_count(s, s->now < s->failing_until ? SIM_CRASH_FAILING : SIM_CRASH_BEFORE);
        s->dead = true;
        return fails(store, e);
    }
    if (s->now < s->failing_until) {
        sim_count(s, SIM_COMMIT_FAILED);
        return fails(store, e);
    }
    const int rc = s->real->commit(store, e);
    if (rc < 0) return rc;
    invariants_committed(s->invariants);
    s->r->batches++;
    s->left = 0;
    if (trap_springs(s, TRAP_AMBIGUOUS)) {
        sim_count(s, SIM_COMMIT_AMBIGUOUS);
        s->dying = true;
        return fail(e, ERR_IO, "the connection broke while it was committing (so the dice say)");
    }
    if (trap_springs(s, TRAP_DENIED)) {
        sim_count(s, SIM_COMMIT_DENIED);
        return fail(e, ERR_IO, "the answer to the commit was lost (so the dice say)");
    }
    if (trap_springs(s, TRAP_AFTER)) {
        sim_count(s, SIM_CRASH_AFTER);
        s->dead = true;
    }
    return 0;
}

/* An answer or a send leaves: does it still arrive? A trap may lie between two of them. Once for each. */
bool engine_leaves(struct sim *s)
{
    const bool arrives = !s->dead;
    if (s->trap == TRAP_AMID && arrives && --s->trap_after <= 0) {
        sim_count(s, SIM_CRASH_AMID);
        s->trap = TRAP_NONE;
        s->dead = true;
    }
    return arrives;
}

/* --- watching --- */

static void before(void *ctx, const struct world *w, const struct event *ev, const struct effects *fx)
{
    struct sim *s = ctx;
    invariants_before(s->invariants, w, ev, fx);
    s->told_entries = fx->entries.n;
    s->held = (int64_t)world_count(w, ROW_ALERT);
    s->r->events++;
}

static void after(void *ctx, const struct world *w, const struct event *ev, const struct effects *fx)
{
    struct sim *s = ctx;
    for (size_t i = s->told_entries; s->o->told && i < fx->entries.n; i++) {
        const struct entry *e = &fx->entries.v[i];
        sim_tell(s, "    INC-%" PRId64 " #%" PRId64 " %s: %.*s", e->incident, e->seq, entry_kind_name(e->kind),
                 (int)e->text.n, e->text.p);
    }
    invariants_after(s->invariants, w, ev, fx, &s->r->broken);
    check_delivered(s, w, fx);
    check_limits(s, w);
}

/* --- life and death --- */

static struct live_bundle *compile(void *ctx, struct slice bytes, struct error *e)
{
    struct sim *s = ctx;
    for (size_t i = 0; i < COUNT_OF(s->bundles); i++)
        if (slice_eq(bundle_bytes(s->bundles[i]), bytes)) return bundle_take(s->bundles[i]);
    fail(e, ERR_INVALID, "a bundle that nobody made");
    return NULL;
}

/* What a process finds there is what the one before wrote. */
static struct spool *open_spool(struct sim *s)
{
    struct error e = { 0 };
    spool_close(&s->spool);
    const int rc = spool_open(s->spool_path, SPOOL_ROOM, &s->spool, &e);
    CHECK(rc == 0);
    return s->spool;
}

static void make_spool(struct sim *s)
{
    memcpy(s->spool_path, "/tmp/tocsin-sim-XXXXXX", sizeof "/tmp/tocsin-sim-XXXXXX");
    const int fd = mkstemp(s->spool_path);
    CHECK(fd >= 0);
    close(fd);
}

static int start(struct sim *s)
{
    struct error e = { 0 };
    struct recovery found;
    const struct engine_options o = {
        .clock = s->clock,
        .store = s->store,
        .sender = { .ctx = s, .send = courier_accepts },
        .hash_key = s->o->hash_key,
        .watcher = &s->watcher,
        .spool = open_spool(s),
        .chain_key = s->sealed ? sim_chain_key : S(""),
        .limits = { .alerts = s->o->world == WORLD_SMALL ? SIM_MOST_ALERTS : 0 },
        .results_wait_ms = 5,
        .repeats_wait_ms = 100,
    };
    const struct recover_options how = {
        .directory = sim_site(s), .fresh = s->bundles[s->bundle], .compile = compile, .ctx = s
    };
    s->dead = s->dying = false;
    limits_at_start(s);
    s->engine = engine_create(&o);
    const int rc = engine_recover(s->engine, &how, &found, &e);
    if (rc < 0 && !s->dead && !s->dying && s->now >= s->failing_until) sim_breaks(s, "it does not start: %s", e.detail);
    if (rc == 0 && found.chain < 0) sim_breaks(s, "I19 at the start: %s", found.chain_error.detail);
    if (rc == 0) s->site_at = engine_moment(s->engine, clock_read(s->clock)).steady_ms;
    return rc;
}

static void discard(struct sim *s)
{
    s->dead = true; /* nothing of it arrives */
    s->died_behind = s->r->batches;
    engine_destroy(&s->engine);
    invariants_lost(s->invariants);
    s->dead = s->dying = false;
    courier_forgets(s);
}

static void boot(struct sim *s, struct moment now)
{
    char id[CLOCK_BOOT_ID_BYTES + 1] = "6c1f6f5e-0000-4000-8000-000000000000";
    s->boots++;
    for (size_t i = 0; i < 8; i++) id[CLOCK_BOOT_ID_BYTES - 1 - i] = "0123456789abcdef"[s->boots >> 4 * i & 15];
    clock_destroy(&s->clock);
    s->clock = clock_create_fake(now, (struct slice){ id, CLOCK_BOOT_ID_BYTES });
}

void engine_begin(struct sim *s)
{
    struct error e = { 0 };
    const int64_t wall = INT64_C(1774580400000) + dice_below(&s->dice, 3 * DAY); /* Berlin's clocks change then */
    s->begun_wall = wall;
    sim_of_store = s;
    int rc = store_open("memory:", &s->store, &e);
    CHECK(rc == 0);
    s->real = s->store->ops;
    s->ops = *s->real;
    s->ops.put = put_noted;
    s->ops.append = append_noted;
    s->ops.commit = commit_or_not;
    s->store->ops = &s->ops;
    for (int i = 0; i < 2; i++)
        s->bundles[i] = bundle_of_parts(s->g->policies[i], s->g->routings[i], i == 0 ? S("one bundle") : S("another"));
    s->invariants = invariants_create();
    s->watcher = (struct engine_watcher){ s, before, after };
    boot(s, (struct moment){ HOUR, wall });
    make_spool(s);
    rc = start(s);
    CHECK(rc == 0);
    courier_returns(s);
}

void engine_end(struct sim *s)
{
    if (s->engine != NULL) discard(s);
    spool_close(&s->spool);
    unlink(s->spool_path);
    store_close(&s->store);
    for (size_t i = 0; i < COUNT_OF(s->bundles); i++) bundle_release(&s->bundles[i]);
    invariants_destroy(&s->invariants);
    clock_destroy(&s->clock);
}

void engine_dies(struct sim *s, int64_t away, bool reboot)
{
    sim_tell(s, "the process is gone for %" PRId64 " ms", away);
    sim_script(s, 0, "down %" PRId64 "s", away / SECOND + 1);
    if (s->engine != NULL) discard(s);
    if (away > MINUTE) sim_count(s, SIM_AWAY);
    if (reboot) {
        const int64_t wall = clock_read(s->clock).wall_ms;
        sim_count(s, SIM_REBOOT);
        boot(s, (struct moment){ 5 * SECOND, wall });
    }
    if (!s->quiet && dice_one_in(&s->dice, 8)) { /* and again as soon as it begins */
        s->trap = TRAP_BEFORE;
        s->trap_after = 0;
    }
    s->away_until = s->now + away;
    sim_plan_later(s, away, (struct agenda){ .kind = AGENDA_UP });
}

void engine_returns(struct sim *s)
{
    if (s->engine != NULL || s->now < s->away_until) return;
    history_prune(s);
    if (start(s) < 0) {
        if (s->dead || s->dying) sim_count(s, SIM_CRASH_STARTING);
        discard(s);
        s->away_until = s->now + SECOND;
        sim_plan_later(s, SECOND, (struct agenda){ .kind = AGENDA_UP });
        return;
    }
    s->r->restarts++;
    if (s->dead || s->dying) {
        sim_count(s, SIM_CRASH_STARTING);
        engine_dies(s, SECOND, false);
        return;
    }
    s->attentive_until = s->now + SIM_LEASE;
    courier_returns(s);
    check_alerts_kept(s);
}

/* --- running --- */

/* What was spooled is as durable as what was committed. */
static bool run_batch(struct sim *s)
{
    const struct engine_counters *c = engine_counters(s->engine);
    const int64_t unjournaled = atomic_load(&c->unjournaled), spooled = atomic_load(&c->spooled);
    const bool more = engine_run_batch(s->engine);
    s->r->faults[SIM_UNJOURNALED] += atomic_load(&c->unjournaled) - unjournaled;
    s->r->faults[SIM_SPOOLED] += atomic_load(&c->spooled) - spooled;
    if (atomic_load(&c->spooled) > spooled) invariants_committed(s->invariants);
    return more;
}

void engine_settle(struct sim *s)
{
    if (s->engine == NULL) return;
    for (int guard = 0; !s->dead && run_batch(s); guard++)
        if (guard > 2000) {
            sim_breaks(s, "the engine finds no rest");
            return;
        }
    if (!s->dead && !s->dying) return;
    const int64_t away = dice_one_in(&s->dice, 2) ? SECOND : dice_below(&s->dice, 10 * MINUTE);
    engine_dies(s, away, dice_one_in(&s->dice, 6));
}

bool engine_posts(struct sim *s, struct post *p)
{
    struct error e = { 0 };
    if (s->engine == NULL) return false;
    p->bytes = event_bytes(&p->event);
    return engine_post(s->engine, p, &e) == 0;
}

static bool anything_fires(const struct world *w)
{
    struct ikey sender;
    int64_t n;
    for (size_t at = 0; imap_next(w->senders, &at, &sender, &n);)
        if (sender.b == 0 && n > 0) return true;
    return false;
}

/* The engine looks every ten seconds; where nothing fires these looks are left out, there are three million in a year. */
int64_t engine_due(struct sim *s)
{
    int64_t due, next;
    if (s->engine == NULL || !engine_next_due(s->engine, &due)) return INT64_MAX;
    const struct moment raw = clock_read(s->clock);
    const int64_t offset = engine_moment(s->engine, raw).steady_ms - raw.steady_ms;
    if (s->now >= s->attentive_until && anything_fires(engine_world(s->engine)))
        s->attentive_until = s->now + SIM_LEASE;
    const bool is_idle_look = due - raw.steady_ms > SECOND; /* an outcome waits for milliseconds */
    if (!engine_failing(s->engine) && s->now >= s->attentive_until && is_idle_look) {
        if (!world_next_due(engine_world(s->engine), &next)) return INT64_MAX;
        if (next - offset >= due) due = next - offset;
    }
    return s->now + (due > raw.steady_ms ? due - raw.steady_ms : 0);
}
