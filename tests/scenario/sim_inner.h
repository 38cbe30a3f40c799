/* sim_inner.h - one simulated life under way. Private to sim*.c. */
#ifndef TESTS_SCENARIO_SIM_INNER_H
#define TESTS_SCENARIO_SIM_INNER_H

#include "base/arena.h"
#include "base/check.h"
#include "base/heap.h"
#include "base/map.h"
#include "core/act.h"
#include "engine/bundle.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "sim.h"
#include "store/port.h"

struct dice {
    uint64_t state;
};

/* One roll an expression: the order in which a compiler evaluates arguments must draw no other life. */
uint64_t dice_roll(struct dice *d);
int64_t dice_below(struct dice *d, int64_t n);
bool dice_one_in(struct dice *d, int64_t n);
uint64_t dice_mix(uint64_t a, uint64_t b);
#define DICE_PICK(d, list) ((list)[dice_below((d), (int64_t)COUNT_OF(list))])

enum agenda_kind {
    AGENDA_RESULT = 1,
    AGENDA_ACT,
    AGENDA_MONITORS,
    AGENDA_FLAP,
    AGENDA_UP,
    AGENDA_GHOST,
    AGENDA_COURIER
};

struct agenda { /* what will happen without being drawn any more */
    enum agenda_kind kind;
    int64_t a, b, c, d;
    int64_t next_free;
};

enum channel_health {
    HEALTH_WORKS = 0,
    HEALTH_REFUSES,
    HEALTH_UNREACHED,
    HEALTH_BUSY,
    HEALTH_FAILS,
    HEALTH_HANGS,
    HEALTH_LOSES
};
enum person_mood { MOOD_ANSWERS = 0, MOOD_DEAF, MOOD_SLOW, MOOD_DECLINES };

struct spell { /* for a while */
    int what;
    int64_t until;
};

#define SIM_LEASE (6 * MINUTE) /* no alert that is said now ends later by itself */
#define SIM_CHANNELS 8
#define SIM_PEOPLE 32
#define SIM_MOST_ALERTS 12 /* in a small world */
#define ATTEMPTS_MAX (INT64_C(1) << 20) /* of one delivery; no provider answers so late */

struct alert_def { /* a label set, and what its monitor knows of it */
    struct label labels[6];
    size_t n_labels;
    struct buf text;
    uint64_t fingerprint;
    int sender;
    int64_t starts_wall;
    int64_t until, told_until; /* sim time: fires until; says that it is over until; 0: nothing is said */
    int64_t ended_wall;
    int64_t answered_wall, answered_at; /* the last 2xx (I1); 0: none */
    int64_t answered_behind; /* the commits that had succeeded by then */
    int64_t stored_wall; /* the last 2xx that a commit stood behind, or follows; 0: none */
};

struct script_line {
    int64_t t; /* sim time */
    struct slice text; /* without its time */
};

struct flight { /* an attempt that the courier has */
    delivery_id delivery;
    int64_t attempt, address;
};

enum trap { TRAP_NONE = 0, TRAP_BEFORE, TRAP_AFTER, TRAP_AMID, TRAP_AMBIGUOUS, TRAP_DENIED };

struct sim {
    const struct sim_options *o;
    const struct sim_ground *g;
    struct sim_result *r;
    struct dice dice; /* of what happens now */
    int64_t now; /* ms since the beginning */
    int64_t died_behind; /* commits that had succeeded when the process ended last */
    size_t next_item;
    struct heap *agenda;
    VEC(struct agenda) entries;
    int64_t free_entry; /* -1: none */
    uint64_t agenda_serial;
    /* the machine */
    struct clock *clock;
    uint64_t boots;
    struct store *store;
    struct store_ops ops;
    const struct store_ops *real;
    struct spool *spool;
    char spool_path[sizeof "/tmp/tocsin-sim-XXXXXX"];
    struct engine *engine; /* NULL: down */
    struct engine_watcher watcher;
    struct invariants *invariants;
    struct live_bundle *bundles[2];
    int bundle, site; /* on disk */
    int64_t pruned_at;
    int64_t held, left, may_hold; /* alerts: before this step; gone since the last commit; at most (I23) */
    int64_t site_at; /* steady: since then the engine goes by `site` */
    bool sealed; /* entries are */
    bool amid_storm;
    int64_t away_until;
    int64_t attentive_until; /* until then an alert may end: the engine looks as often as it asks to */
    int64_t clock_back_at; /* the wall clock was last set back */
    size_t told_entries; /* of the batch, before this step */
    /* faults of the store */
    int64_t failing_until;
    enum trap trap;
    int64_t trap_after; /* commits, or effects of one */
    bool dying; /* the process dies when this batch is through; nothing that it does arrives */
    bool dead;
    bool quiet; /* the end: nothing goes wrong any more */
    /* the world outside */
    struct spell channels[SIM_CHANNELS], people[SIM_PEOPLE], senders[4];
    int64_t narrow_until;
    VEC(struct alert_def) alerts;
    size_t plain; /* of them that are not a storm's */
    VEC(size_t) said; /* alerts that are being said */
    bool monitors_run;
    VEC(struct flight) flying;
    VEC(delivery_id) known; /* by restarts: the last delivery that was on disk when that process began */
    struct imap *carriers; /* deliveries that another one was ever told in */
    struct imap *taken; /* {delivery × ATTEMPTS_MAX + attempt, address}: what providers took */
    VEC(struct script_line) lines; /* when told */
    int64_t begun_wall;
    struct arena *arena;
};

/* sim.c */
void sim_tell(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_breaks(struct sim *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool sim_is_broken(const struct sim *s);
void sim_count(struct sim *s, enum sim_fault f);
void sim_plan_later(struct sim *s, int64_t ms, struct agenda a);
const struct directory *sim_site(const struct sim *s);
/* sim_script.c: the same as a script */
void sim_script(struct sim *s, int64_t in, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void sim_script_act(struct sim *s, const struct act *a, bool refused);
void sim_script_print(struct sim *s, struct buf *out);
/* sim_engine.c: the process, its store, and how they die */
void engine_begin(struct sim *s);
void engine_end(struct sim *s);
void engine_settle(struct sim *s); /* batches until nothing waits; the process may die on the way */
void engine_dies(struct sim *s, int64_t away, bool reboot);
void engine_returns(struct sim *s);
bool engine_posts(struct sim *s, struct post *p); /* false: not taken */
int64_t engine_due(struct sim *s); /* sim time; INT64_MAX: never */
bool engine_leaves(struct sim *s); /* an answer or a send: does it arrive? */
/* sim_courier.c */
void courier_accepts(void *ctx, const struct world *w, const struct send *send, struct moment raw);
void courier_grants(struct sim *s);
void courier_is_lost(struct sim *s);
void courier_replies(struct sim *s, const struct agenda *a);
void courier_loses(struct sim *s, const struct agenda *a);
void courier_tells_late(struct sim *s, const struct agenda *a);
int64_t courier_address(const struct world *w, const struct delivery *d);
void courier_took(struct sim *s, delivery_id d, int64_t attempt, int64_t address);
void courier_result(struct sim *s, delivery_id d, int64_t attempt, enum outcome o, int64_t retry_after);
void courier_forgets(struct sim *s);
void courier_returns(struct sim *s); /* another process: what the one before never wrote down is nothing to it */
void courier_says_wrong(struct sim *s);
/* sim_people.c */
void people_paged(struct sim *s, page_id page, symbol person);
void people_act(struct sim *s, const struct agenda *a);
void people_draw_act(struct sim *s);
void people_declare(struct sim *s);
void people_silence(struct sim *s);
void people_finish(struct sim *s); /* everything that is open is taken and resolved */
void sim_posts_act(struct sim *s, const struct act *a);
/* sim_monitors.c */
void monitors_begin(struct sim *s);
void monitors_end(struct sim *s);
void monitors_fire(struct sim *s, size_t alert, int64_t ms);
void monitors_draw(struct sim *s);
void monitors_storm(struct sim *s);
void monitors_flap(struct sim *s, size_t alert, int64_t left);
void monitors_repeat(struct sim *s);
void monitors_late(struct sim *s);
void monitors_tick(struct sim *s);
void monitors_stop(struct sim *s);
/* sim_check.c: what only the world outside can know */
void check_delivered(struct sim *s, const struct world *w, const struct effects *fx);
void check_alerts_kept(struct sim *s); /* I1 */
void check_drained(struct sim *s); /* I25 */
void limits_at_start(struct sim *s);
void check_limits(struct sim *s, const struct world *w); /* I23 */
void check_recipient(struct sim *s, const struct world *w, const struct send *send); /* I20 */
void check_calm(struct sim *s); /* I6 */
void check_empty(struct sim *s);
/* sim_history.c */
void check_history(struct sim *s); /* I19: the store's own words, sealed or not */
void history_prune(struct sim *s); /* before a start, now and then */
void note_who_is_gone(struct sim *s, const struct directory *before); /* a site that has just been put in place */
void note_incidents(struct sim *s);
void site_changes(struct sim *s); /* another one is loaded (sim.c) */
void bundle_changes(struct sim *s);
extern const struct slice sim_chain_key;

#endif
