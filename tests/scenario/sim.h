/* sim.h - years of a whole Tocsin on a simulated clock: the real engine and rules above a memory store that fails,
 * with people, providers, monitors and crashes drawn by dice (requirements 15).
 *
 * A plan is a list of drawn happenings, each with dice of its own; a life plays a plan. So a life that breaks a
 * guarantee is shortened by leaving happenings out (sim_shrink). The same plan gives the same trace, whatever the hash
 * key, compiler or machine (I30). Not here: the rules' own second opinion (engine/invariants.h). */
#ifndef TESTS_SCENARIO_SIM_H
#define TESTS_SCENARIO_SIM_H

#include "base/buf.h"
#include "base/vec.h"
#include "core/directory.h"
#include "core/policy.h"
#include "core/routing.h"

/* What can go wrong; a run counts each, and fails when one never came. */
#define SIM_FAULTS(X)                                                              \
    X(CRASH_BEFORE, "crash before a commit")                                       \
    X(CRASH_AFTER, "crash after a commit, before what follows from it")            \
    X(CRASH_AMID, "crash between two effects of one commit")                       \
    X(CRASH_FAILING, "crash while commits fail")                                   \
    X(CRASH_STARTING, "crash while starting")                                      \
    X(COMMIT_FAILED, "commit failed")                                              \
    X(COMMIT_AMBIGUOUS, "committed, reported as failed, then a crash")             \
    X(ANSWERED_AHEAD, "a known alert told again, answered before its commit")      \
    X(REPEAT_LOST, "and the process died before that commit")                      \
    X(COMMIT_DENIED, "committed, reported as failed, and life goes on")            \
    X(UNKNOWN_OUTCOME, "act answered `outcome unknown`")                           \
    X(ALERT_REFUSED, "alert answered 503")                                         \
    X(WORLD_FULL, "alert answered 503 because the world was full")                 \
    X(UNJOURNALED, "page left before its row was on disk")                         \
    X(SPOOLED, "what could not be committed was spooled")                          \
    X(REBOOT, "the machine booted")                                                \
    X(AWAY, "away for minutes or hours")                                           \
    X(COURIER_LOST, "courier lost")                                                \
    X(RESULT_TWICE, "result told twice")                                           \
    X(RESULT_LATE, "result told after the attempt was given up")                   \
    X(RESULT_LOST, "result never told")                                            \
    X(RESULT_WRONG, "result of an attempt that is not there")                      \
    X(RESULT_OTHER, "second result that contradicts the first")                    \
    X(PROVIDER_REFUSED, "provider refused")                                        \
    X(PROVIDER_UNREACHED, "provider not reached")                                  \
    X(PROVIDER_BUSY, "provider answered 429")                                      \
    X(PROVIDER_FAILED, "provider answered 5xx")                                    \
    X(PROVIDER_HANGS, "provider hung")                                             \
    X(CREDIT_SHORT, "courier had room for one")                                    \
    X(ALERT_TWICE, "alert said twice at once")                                     \
    X(ALERT_LATE, "alert said hours late")                                         \
    X(ALERT_STORM, "storm of alerts")                                              \
    X(ALERT_FLAPS, "alert flapped")                                                \
    X(SENDER_SILENT, "sender fell silent")                                         \
    X(CLOCK_FORWARD, "wall clock set forward")                                     \
    X(CLOCK_BACK, "wall clock set back")                                           \
    X(SUSPENDED, "process stood still")                                            \
    X(SITE_CHANGED, "site loaded again: people, contacts, schedules")              \
    X(SITE_AMID, "site loaded again in the middle of a storm")                     \
    X(BUNDLE_AMID, "procedures and routing replaced in the middle of a storm")     \
    X(SCHEDULE_EDITED, "schedule edited while a page was open")                    \
    X(SCHEDULE_GONE, "schedule deleted while a page was open")                     \
    X(PERSON_GONE, "person deleted while a page was open")                         \
    X(CONTACT_GONE, "contact changed while a page was open")                       \
    X(BUNDLE_CHANGED, "procedures and routing replaced while incidents were open") \
    X(SILENCED, "silence made")                                                    \
    X(PERSON_LATE, "person answered late")                                         \
    X(PERSON_NEVER, "person never answered")                                       \
    X(PERSON_DECLINED, "person passed it on")                                      \
    X(ACT_TWICE, "act done twice")                                                 \
    X(ACT_REFUSED, "act that makes no sense")

enum sim_fault {
#define X(sym, text) SIM_##sym,
    SIM_FAULTS(X)
#undef X
        SIM_FAULT_MAX
};

const char *sim_fault_name(enum sim_fault f);

/* What can be drawn: X(SYMBOL, word in a plan, weight of it in an hour when something is the matter). */
#define PLAN_KINDS(X)        \
    X(ALERT, "alert", 0)     \
    X(STORM, "storm", 1)     \
    X(FLAP, "flap", 2)       \
    X(REPEAT, "repeat", 3)   \
    X(LATE, "late", 2)       \
    X(DECLARE, "declare", 4) \
    X(ACT, "act", 16)        \
    X(SILENCE, "silence", 3) \
    X(CHANNEL, "channel", 9) \
    X(NARROW, "narrow", 2)   \
    X(PERSON, "person", 6)   \
    X(COURIER, "courier", 2) \
    X(RESULT, "result", 4)   \
    X(CRASH, "crash", 5)     \
    X(STORE, "store", 3)     \
    X(CLOCK, "clock", 2)     \
    X(SUSPEND, "suspend", 1) \
    X(SENDER, "sender", 2)   \
    X(SITE, "site", 3)       \
    X(BUNDLE, "bundle", 2)

enum plan_kind {
    PLAN_UNSET = 0,
#define X(sym, word, weight) PLAN_##sym,
    PLAN_KINDS(X)
#undef X
        PLAN_KIND_MAX
};

struct plan_item {
    int64_t t; /* ms since the beginning */
    enum plan_kind kind;
    uint64_t dice; /* everything about it is drawn from these */
};

struct plan {
    uint64_t seed;
    VEC(struct plan_item) v; /* by time */
};

#define SIM_YEAR (365 * DAY)

void plan_draw(uint64_t seed, int64_t ms, int64_t incidents, struct plan *out);
void plan_release(struct plan *p);
void plan_print(const struct plan *p, struct buf *out);
int plan_read(struct slice text, struct plan *out, struct error *e);

/* Where it plays. Everything outlives the life. */
struct sim_ground {
    const struct policy *policies[2];
    const struct routing *routings[2];
    const struct directory *sites[4]; /* the same organisation: whole, fewer people, turns, other turns */
};

/* What kind of world it is; which one is drawn by the seed. X(SYMBOL, what). */
#define SIM_WORLDS(X)                                                     \
    X(USUAL, "as everywhere")                                             \
    X(SMALL, "the world may hold few alerts")                             \
    X(NARROW, "the courier never has room for more than one on a channel") \
    X(DEAF, "nobody answers who is paged")                                \
    X(MUTE, "for half a day in twelve no provider takes anything")            \
    X(CALM, "nobody says anything twice, nothing fails that is not drawn")

enum sim_world {
#define X(sym, what) WORLD_##sym,
    SIM_WORLDS(X)
#undef X
        WORLD_MAX
};

/* Faults that a test builds into Tocsin, to see them found: X(SYMBOL, what, the guarantee that must break, in which
 * world). Those of the rules wrap one of their functions (sim_defects.c); the others lie in what surrounds them. */
#define SIM_DEFECTS(X)                                                                          \
    X(ALERT_LOST, "the store forgets alerts that opened nothing", "I1", USUAL)                  \
    X(ALERT_HOMELESS, "the store forgets which incident an alert belongs to", "I2", USUAL)      \
    X(TIMER_FORGOTTEN, "the store forgets timers of the first clock", "I3", USUAL)              \
    X(GIVES_UP_QUIETLY, "nobody is alarmed when the rounds are over", "I4", DEAF)               \
    X(ROUNDS_FOR_EVER, "the rounds never come to an end", "I4", MUTE)                           \
    X(SEND_TWICE, "one delivery in seven is sent twice at once", "I5", USUAL)                   \
    X(SENT_AGAIN, "what a provider accepted is sent once more", "I6", CALM)                     \
    X(PAGES_WHO_HAS_IT, "an acknowledgement pages the next level", "I7", USUAL)                 \
    X(CLOCKS_RUN_ON, "what is resolved goes on to escalate", "I8", USUAL)                       \
    X(WAITS_FOR_NOTHING, "one page in seven waits for a day and nothing says why", "I9", USUAL) \
    X(LEVEL_EARLY, "a level comes after half of its delay", "I10", USUAL)                       \
    X(CATCHES_UP_AT_ONCE, "after an absence all levels come at once", "I11", USUAL)             \
    X(TIMER_LATE, "one timer in fifty runs three seconds late", "I12", USUAL)                   \
    X(TIMER_UNSEEN, "one timer in seven is armed and never runs", "I12", USUAL)                 \
    X(LEVELS_GO_ON, "an acknowledgement stops no level", "I13", USUAL)                          \
    X(PAGES_STAY_OPEN, "an acknowledgement ends no page", "I13", USUAL)                         \
    X(TAKEN_TWICE, "a second acknowledgement takes the place of the first", "I14", USUAL)       \
    X(PASSED_TWICE, "a page that was passed on is passed on again", "I14", USUAL)               \
    X(ENTRY_LOST, "the store forgets one timeline entry in fifty", "I19", USUAL)                \
    X(ENTRY_CHANGED, "the store changes the text of one entry in fifty", "I19", USUAL)          \
    X(SITE_IGNORED, "a site that is loaded again does not hold", "I20", USUAL)                  \
    X(SILENCE_COUNTED, "what was not heard while away counts as silence", "I21", USUAL)         \
    X(NOTHING_LEAVES, "what is closed never leaves the world", "I23", USUAL)                    \
    X(NO_LIMIT, "alerts are admitted above the limit", "I23", SMALL)                            \
    X(TURNS_TAKEN, "what is quiet goes before what wakes", "I24", NARROW)                       \
    X(SEND_LOST, "one delivery in seven never gets to the courier", "I25", USUAL)               \
    X(TIMER_DROPPED, "another bundle takes a timer away", "I26", USUAL)                         \
    X(ALARM_ONE_WAY, "an alarm leaves by one channel alone", "I28", USUAL)                      \
    X(UNSEEDED, "a provider takes a time that no seed gives", "I30", USUAL)\
    X(PUBLISHED, "what an alert opens is posted", "I29", USUAL)                                 \
    X(FALSE_RESULT, "what a provider refused counts as accepted", "P2", USUAL)                  \
    X(SILENT_FAILURE, "nobody is alarmed when no provider takes a page", "P5", USUAL)           \
    X(HELD_FOR_OTHERS, "an alert that no silence covers releases nothing", "R152", USUAL)       \
    X(HUSHED_RINGS, "what a silence covers rings where something else is loud", "R152", USUAL)  \
    X(HUSHED_FOR_EVER, "what a silence covered says nothing at its end", "R152", USUAL)         \
    X(NO_BUNDLING, "messages to one address are not bundled", "R154", USUAL)

enum sim_defect {
    DEFECT_NONE = 0,
#define X(sym, what, breaks, world) DEFECT_##sym,
    SIM_DEFECTS(X)
#undef X
};

extern enum sim_defect sim_defect; /* of the life under way: the wrapped rules ask it (sim_defects.c) */

struct sim_options {
    const struct sim_ground *ground;
    const struct plan *plan;
    uint64_t hash_key;
    enum sim_defect defect;
    enum sim_world world;
    bool told; /* keep the story and the script */
};

struct sim_result {
    uint64_t trace;
    int64_t events, alerts, incidents, pages, sends, batches, restarts, ms; /* ms: simulated */
    int64_t faults[SIM_FAULT_MAX];
    struct buf broken; /* empty: every guarantee held */
    struct buf story, script; /* when told */
};

enum sim_world sim_world_of(uint64_t seed);
void sim_live(const struct sim_options *o, struct sim_result *r);
void sim_result_release(struct sim_result *r);

/* Leaves happenings out of the plan as long as the life stays broken in the same way. Returns how many lives it took. */
int sim_shrink(const struct sim_options *o, struct plan *out);
/* The guarantee that a report names first: "I13". */
struct slice sim_broken_name(const struct sim_result *r);

#endif
