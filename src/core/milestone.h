/* milestone.h - the response timeline: T+0 … with its checks (R32–R34, R38–R40). Lateness is recorded, blocks nothing.
 *
 * A check that nothing has happened to has no row: it is what its policy says (milestone_untouched()). */
#ifndef CORE_MILESTONE_H
#define CORE_MILESTONE_H

#include "core/incident.h"

#define CHECK_STATES(X)          \
    X(PENDING, 1, "pending")     \
    X(DONE, 2, "done")           \
    X(LATE, 3, "late")           \
    X(DONE_LATE, 4, "done late") \
    X(NOT_APPLICABLE, 5, "not applicable")
enum check_state {
    CHECK_UNSET = 0,
#define X(sym, code, text) CHECK_##sym = code,
    CHECK_STATES(X)
#undef X
};

const char *check_state_name(int64_t s);
#define MILESTONE_LATER "until the incident is resolved" /* why an untouched check is not applicable */
/* The check `c` of milestone `m` of an incident, before anything happened: pending, or not applicable until the
 * resolution, for which it has no symbol yet. */
struct milestone_check milestone_untouched(const struct policy *p, incident_id id, size_t m, size_t c);
/* Its row, made where there is none, to be changed. */
struct milestone_check *milestone_touch(struct world *w, incident_id id, size_t m, size_t c);
/* T is here: arms the first deadline; each arms the next. Called when clock_at is set, and after a move. */
void milestones_start_clock(struct world *w, incident_id id);
/* Ticks every check that this evidence proves and that nobody ticked. `entry` is the proof's number. */
void milestones_tick(struct world *w, incident_id id, enum evidence e, int64_t entry);
/* What this evidence would prove cannot be, and why: not applicable (R39). */
void milestones_need_no(struct world *w, incident_id id, enum evidence e, struct slice why);
/* A person ticks one by hand; ERR_NOT_FOUND, ERR_CONFLICT with the reason in the reply. */
int milestone_tick_by_hand(struct world *w, incident_id id, int64_t milestone, int64_t check);
/* T+n is here: what is pending is late from now on. */
void milestone_due(struct world *w, incident_id id, int64_t milestone);
/* The incident is over: all of its checks are rows from now on, whatever becomes of its document. */
void milestones_keep(struct world *w, incident_id id);
/* Resolved (which keeps them) or reopened: after-resolution checks become pending, or not applicable again. */
void milestones_resolved(struct world *w, incident_id id, bool resolved);

#endif
