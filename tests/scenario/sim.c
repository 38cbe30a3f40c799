/* sim.c - lives a plan: moves the clock from instant to instant, lets each happening happen, and brings it to an end in
 * which nothing fails any more. Not here: what the happenings do (sim_*.c beside this). */
#include "sim_inner.h"

#include <inttypes.h>
#include <string.h>

#define IDLE_MS (10 * SECOND) /* the engine writes down that it is there */

/* --- telling --- */

static void print_time(const struct sim *s, struct buf *out)
{
    buf_addf(out, "T+%" PRId64 ":%02d:%02d.%03d ", s->now / HOUR, (int)(s->now % HOUR / MINUTE),
             (int)(s->now % MINUTE / SECOND), (int)(s->now % SECOND));
}

static void add_line(struct sim *s, struct buf *out, const char *fmt, va_list ap)
{
    print_time(s, out);
    buf_vaddf(out, fmt, ap);
    buf_add_char(out, '\n');
}

void sim_tell(struct sim *s, const char *fmt, ...)
{
    va_list ap;
    if (!s->o->told) return;
    va_start(ap, fmt);
    add_line(s, &s->r->story, fmt, ap);
    va_end(ap);
}

void sim_breaks(struct sim *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&s->r->broken, fmt, ap);
    va_end(ap);
    buf_add_char(&s->r->broken, '\n');
}

bool sim_is_broken(const struct sim *s)
{
    return s->r->broken.len > 0;
}

void sim_count(struct sim *s, enum sim_fault f)
{
    s->r->faults[f]++;
}

const char *sim_fault_name(enum sim_fault f)
{
    static const char *const names[SIM_FAULT_MAX] = {
#define X(sym, text) [SIM_##sym] = text,
        SIM_FAULTS(X)
#undef X
    };
    return names[f];
}

const struct directory *sim_site(const struct sim *s)
{
    return s->g->sites[s->site];
}

/* --- the agenda --- */

void sim_plan_later(struct sim *s, int64_t ms, struct agenda a)
{
    size_t place = (size_t)s->free_entry;
    if (s->free_entry < 0) {
        place = s->entries.n;
        *vec_push(&s->entries) = (struct agenda){ 0 };
    } else {
        s->free_entry = s->entries.v[place].next_free;
    }
    s->entries.v[place] = a;
    heap_put(s->agenda, (int64_t)place, s->now + ms, (int64_t)++s->agenda_serial);
}

static bool take_entry(struct sim *s, struct agenda *out)
{
    int64_t place, due;
    if (!heap_peek(s->agenda, &place, &due) || due > s->now) return false;
    heap_remove(s->agenda, place);
    *out = s->entries.v[place];
    s->entries.v[place].next_free = s->free_entry;
    s->free_entry = place;
    return true;
}

static void perform(struct sim *s, const struct agenda *a)
{
    s->dice.state = dice_mix(s->o->plan->seed ^ (uint64_t)s->now, (uint64_t)a->kind * 4096 + (uint64_t)a->a);
    switch (a->kind) {
    case AGENDA_RESULT: courier_replies(s, a); break;
    case AGENDA_ACT: people_act(s, a); break;
    case AGENDA_MONITORS: monitors_tick(s); break;
    case AGENDA_FLAP: monitors_flap(s, (size_t)a->a, a->b); break;
    case AGENDA_UP: engine_returns(s); break;
    case AGENDA_GHOST: courier_tells_late(s, a); break;
    case AGENDA_COURIER: courier_loses(s, a); break;
    }
}

/* --- what is drawn --- */

static void a_spell(struct sim *s, struct spell *of, int what)
{
    static const int64_t spans[] = { MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR };
    *of = (struct spell){ what, s->now + dice_below(&s->dice, DICE_PICK(&s->dice, spans)) + SECOND };
}

static void draw_channel(struct sim *s)
{
    static const char *const words[] = { "works", "fails", "busy", "busy", "hangs", "hangs", "hangs" };
    const size_t channel = (size_t)dice_below(&s->dice, (int64_t)sim_site(s)->n_channels);
    const int health = 1 + (int)dice_below(&s->dice, HEALTH_LOSES);
    const bool all = dice_one_in(&s->dice, 5);
    for (size_t i = 0; i < sim_site(s)->n_channels; i++) {
        if (i != channel && !all) continue;
        a_spell(s, &s->channels[i % SIM_CHANNELS], health);
        sim_tell(s, "channel %.*s is in state %d", (int)sim_site(s)->channels[i].id.n, sim_site(s)->channels[i].id.p,
                 health);
        const struct slice id = sim_site(s)->channels[i].id;
        sim_script(s, 0, "channel %.*s %s", (int)id.n, id.p, words[health]);
        sim_script(s, s->channels[i % SIM_CHANNELS].until - s->now, "channel %.*s works", (int)id.n, id.p);
    }
}

static void draw_crash(struct sim *s)
{
    static const enum trap kinds[] = { TRAP_BEFORE, TRAP_BEFORE,    TRAP_AFTER, TRAP_AMID,
                                       TRAP_AMID,   TRAP_AMBIGUOUS, TRAP_DENIED };
    if (s->engine == NULL) return;
    if (dice_one_in(&s->dice, 4)) {
        const int64_t away = dice_one_in(&s->dice, 2) ? SECOND : dice_below(&s->dice, 3 * HOUR);
        engine_dies(s, away, dice_one_in(&s->dice, 3));
        return;
    }
    s->trap = DICE_PICK(&s->dice, kinds);
    s->trap_after = s->trap == TRAP_AMID ? 1 + dice_below(&s->dice, 6) : dice_below(&s->dice, 8);
    sim_tell(s, "a trap of kind %d, after %" PRId64, (int)s->trap, s->trap_after);
}

static void draw_store(struct sim *s)
{
    static const int64_t spans[] = { 200, 2 * SECOND, 20 * SECOND, 5 * MINUTE };
    const int64_t ms = 1 + dice_below(&s->dice, DICE_PICK(&s->dice, spans));
    s->failing_until = s->now + ms;
    sim_script(s, 0, "# commits fail for %" PRId64 " ms", ms);
    sim_tell(s, "commits fail for %" PRId64 " ms", ms);
    if (dice_one_in(&s->dice, 2)) monitors_draw(s); /* of all times, now */
    if (dice_one_in(&s->dice, 2)) people_draw_act(s);
    if (!dice_one_in(&s->dice, 4)) return;
    s->trap = TRAP_BEFORE;
    s->trap_after = dice_below(&s->dice, 5);
}

static void draw_clock(struct sim *s)
{
    const int64_t by = dice_one_in(&s->dice, 2) ? HOUR : -HOUR;
    sim_count(s, by > 0 ? SIM_CLOCK_FORWARD : SIM_CLOCK_BACK);
    sim_tell(s, "the wall clock is set by %" PRId64 " ms", by);
    sim_script(s, 0, "clock %s1h", by > 0 ? "+" : "-");
    if (by < 0) s->clock_back_at = s->now;
    clock_step_wall(s->clock, by);
}

/* The machine sleeps, or the process is stopped: time passes, and nobody listens. */
static void draw_suspend(struct sim *s)
{
    const int64_t ms = 2 * SECOND + dice_below(&s->dice, dice_one_in(&s->dice, 2) ? MINUTE : 2 * HOUR);
    if (s->engine == NULL) return;
    sim_count(s, SIM_SUSPENDED);
    sim_script(s, 0, "# the process stands still for %" PRId64 " ms", ms);
    sim_tell(s, "the process stands still for %" PRId64 " ms", ms);
    clock_advance(s->clock, ms);
    s->now += ms;
    s->attentive_until = s->now + SIM_LEASE;
    invariants_slept(s->invariants, ms);
}

/* From now on nobody whom the site does not name may be paged. */
static void on_site(void *caller, const struct reply *r)
{
    struct sim *s = caller;
    if (r->code == 0 && s->engine != NULL) s->site_at = engine_moment(s->engine, clock_read(s->clock)).steady_ms;
}

void site_changes(struct sim *s)
{
    struct post p = { .event = { .kind = EVENT_SITE }, .done = on_site, .caller = s };
    const struct directory *before = sim_site(s);
    s->site_at = INT64_MAX;
    s->site = (int)dice_below(&s->dice, 4);
    sim_count(s, SIM_SITE_CHANGED);
    if (s->amid_storm && s->engine != NULL) sim_count(s, SIM_SITE_AMID);
    note_who_is_gone(s, before);
    sim_tell(s, "the site is loaded again: number %d", s->site);
    p.event.site = sim_site(s);
    engine_posts(s, &p);
}

void bundle_changes(struct sim *s)
{
    s->bundle = (int)dice_below(&s->dice, 2);
    struct post p = { .event = { .kind = EVENT_BUNDLE }, .bundle = s->bundles[s->bundle] };
    if (s->engine == NULL) return;
    if (s->amid_storm) sim_count(s, SIM_BUNDLE_AMID);
    bundle_describe(p.bundle, &p.event.bundle);
    p.event.bundle.found = true;
    if (world_count(engine_world(s->engine), ROW_INCIDENT) > 0) sim_count(s, SIM_BUNDLE_CHANGED);
    sim_tell(s, "another bundle: number %d", s->bundle);
    engine_posts(s, &p);
}

static void draw_narrow(struct sim *s)
{
    s->narrow_until = s->now + 10 * MINUTE;
    sim_count(s, SIM_CREDIT_SHORT);
    courier_is_lost(s); /* the next one has room for one */
}

static void draw_person(struct sim *s)
{
    const int64_t who = dice_below(&s->dice, (int64_t)s->g->sites[0]->n_people);
    a_spell(s, &s->people[who % SIM_PEOPLE], 1 + (int)dice_below(&s->dice, 3));
    s->people[who % SIM_PEOPLE].until += 30 * MINUTE;
}

static void draw_sender(struct sim *s)
{
    const int64_t which = dice_below(&s->dice, 3);
    sim_count(s, SIM_SENDER_SILENT);
    sim_tell(s, "sender %" PRId64 " falls silent", which);
    a_spell(s, &s->senders[which], 1);
    s->senders[which].until += 6 * MINUTE;
}

static void happen(struct sim *s, const struct plan_item *i)
{
    s->dice.state = i->dice;
    if (s->o->world == WORLD_CALM && i->kind != PLAN_ALERT) return;
    switch (i->kind) {
    case PLAN_UNSET: break;
    case PLAN_ALERT: monitors_draw(s); break;
    case PLAN_STORM: monitors_storm(s); break;
    case PLAN_FLAP: monitors_flap(s, (size_t)dice_below(&s->dice, (int64_t)s->plain), 8); break;
    case PLAN_REPEAT: monitors_repeat(s); break;
    case PLAN_LATE: monitors_late(s); break;
    case PLAN_DECLARE: people_declare(s); break;
    case PLAN_ACT: people_draw_act(s); break;
    case PLAN_SILENCE: people_silence(s); break;
    case PLAN_CHANNEL: draw_channel(s); break;
    case PLAN_NARROW: draw_narrow(s); break;
    case PLAN_PERSON: draw_person(s); break;
    case PLAN_COURIER: courier_is_lost(s); break;
    case PLAN_RESULT: courier_says_wrong(s); break;
    case PLAN_CRASH: draw_crash(s); break;
    case PLAN_STORE: draw_store(s); break;
    case PLAN_CLOCK: draw_clock(s); break;
    case PLAN_SUSPEND: draw_suspend(s); break;
    case PLAN_SENDER: draw_sender(s); break;
    case PLAN_SITE: site_changes(s); break;
    case PLAN_BUNDLE: bundle_changes(s); break;
    case PLAN_KIND_MAX: break;
    }
}

/* --- time --- */

static void move_to(struct sim *s, int64_t t)
{
    if (t <= s->now) return;
    clock_advance(s->clock, t - s->now);
    s->now = t;
}

static int64_t soonest(struct sim *s, int64_t until)
{
    int64_t place, due, next = until;
    if (s->next_item < s->o->plan->v.n && s->o->plan->v.v[s->next_item].t < next)
        next = s->o->plan->v.v[s->next_item].t;
    if (heap_peek(s->agenda, &place, &due) && due < next) next = due;
    due = engine_due(s);
    if (due < next) { /* a timer runs when it is due, or within a second of it */
        struct dice d = { dice_mix(s->o->plan->seed, (uint64_t)due) };
        const int64_t late = s->o->defect == DEFECT_TIMER_LATE && dice_one_in(&d, 50) ? 3 * SECOND
                             : dice_one_in(&d, 4)                                     ? dice_below(&d, SECOND)
                                                                                      : 0;
        if (due + late < next) next = due + late;
    }
    return next < s->now ? s->now : next;
}

/* The engine writes down every ten seconds that it is there: before something happens, it has. Returns when it happens:
 * what was done in passing may have armed a timer. */
static int64_t idle_before(struct sim *s, int64_t t, int64_t until)
{
    if (s->engine == NULL || t - s->now <= IDLE_MS) return t;
    move_to(s, t - 1 - dice_below(&s->dice, IDLE_MS - 1));
    engine_settle(s);
    return soonest(s, until);
}

/* Everything of this instant: what is drawn, what was to come, then what the engine makes of it. */
static void instant(struct sim *s)
{
    struct agenda a;
    bool settled = false; /* it was brought to rest at this very instant, and nothing came since */
    const struct plan *p = s->o->plan;
    while (s->next_item < p->v.n && p->v.v[s->next_item].t <= s->now && !sim_is_broken(s) && !s->quiet) {
        happen(s, &p->v.v[s->next_item++]);
        engine_settle(s);
        settled = true;
    }
    while (!sim_is_broken(s) && take_entry(s, &a)) {
        perform(s, &a);
        engine_settle(s);
        settled = true;
    }
    if (!settled || s->engine == NULL || engine_failing(s->engine)) engine_settle(s);
}

static void live_until(struct sim *s, int64_t until)
{
    while (s->now < until && !sim_is_broken(s)) {
        move_to(s, idle_before(s, soonest(s, until), until));
        instant(s);
    }
}

/* --- the end: nothing fails any more --- */

static void heal(struct sim *s)
{
    s->quiet = true;
    s->failing_until = s->narrow_until = 0;
    s->trap = TRAP_NONE;
    memset(s->channels, 0, sizeof s->channels);
    memset(s->people, 0, sizeof s->people);
    memset(s->senders, 0, sizeof s->senders);
    s->next_item = s->o->plan->v.n;
    sim_tell(s, "everything works from now on");
    if (s->engine != NULL) courier_is_lost(s); /* the next one has room */
}

static void come_to_rest(struct sim *s)
{
    heal(s);
    live_until(s, s->now + 12 * MINUTE);
    if (s->engine == NULL) live_until(s, s->away_until + 10 * MINUTE);
    if (sim_is_broken(s)) return;
    check_drained(s);
    monitors_stop(s);
    live_until(s, s->now + HOUR);
    for (int round = 0; round < 4 && !sim_is_broken(s); round++) { /* some are reopened by who has planned to */
        people_finish(s);
        engine_settle(s);
        live_until(s, s->now + 30 * HOUR);
    }
    if (!sim_is_broken(s)) check_drained(s);
    if (!sim_is_broken(s)) check_empty(s);
    if (!sim_is_broken(s)) check_history(s);
    if (!sim_is_broken(s) && s->o->world == WORLD_CALM) check_calm(s);
}

/* Of twenty lives fifteen are usual. */
enum sim_world sim_world_of(uint64_t seed)
{
    static const enum sim_world worlds[20] = {
        [2] = WORLD_SMALL, [4] = WORLD_NARROW, [6] = WORLD_DEAF, [8] = WORLD_MUTE, [10] = WORLD_CALM
    };
    return worlds[seed % 20];
}

static void sim_release(struct sim *s)
{
    engine_end(s);
    monitors_end(s);
    vec_release(&s->entries);
    vec_release(&s->flying);
    vec_release(&s->known);
    vec_release(&s->lines);
    heap_destroy(&s->agenda);
    imap_destroy(&s->taken);
    imap_destroy(&s->carriers);
    arena_destroy(&s->arena);
}

void sim_live(const struct sim_options *o, struct sim_result *r)
{
    const struct plan *p = o->plan;
    struct sim s = { .o = o, .g = o->ground, .r = r, .free_entry = -1, .arena = arena_create(0) };
    s.dice.state = dice_mix(p->seed, 2);
    s.sealed = p->seed % 4 == 1 || o->defect == DEFECT_ENTRY_CHANGED;
    sim_defect = o->defect;
    s.agenda = heap_create();
    s.taken = imap_create(1);
    s.carriers = imap_create(1);
    *r = (struct sim_result){ .trace = p->seed, .story = { .max = 1u << 30 }, .script = { .max = 1u << 28 } };
    monitors_begin(&s);
    engine_begin(&s);
    live_until(&s, p->v.n == 0 ? HOUR : p->v.v[p->v.n - 1].t + 6 * HOUR);
    if (!sim_is_broken(&s)) come_to_rest(&s);
    r->ms = s.now;
    note_incidents(&s);
    sim_script_print(&s, &r->script);
    sim_release(&s);
}

void sim_result_release(struct sim_result *r)
{
    buf_release(&r->broken);
    buf_release(&r->story);
    buf_release(&r->script);
}

struct slice sim_broken_name(const struct sim_result *r)
{
    struct slice line = buf_slice(&r->broken);
    return slice_cut(&line, ' ');
}
