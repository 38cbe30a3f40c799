/* milestone.h - the response timeline: T+0 … with its checks (R32–R34, R38–R40). Lateness is recorded, blocks nothing. */
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
/* Checks of a new incident, all pending (after-resolution ones not applicable until then). */
void milestones_open(struct world *w, incident_id id);
/* T is here: arms a timer for every milestone with a clock. Called once, when clock_at is set. */
void milestones_start_clock(struct world *w, incident_id id);
/* Ticks every check that this evidence proves and that nobody ticked. `entry` is the proof's number. */
void milestones_tick(struct world *w, incident_id id, enum evidence e, int64_t entry);
/* What this evidence would prove cannot be, and why: not applicable (R39). */
void milestones_need_no(struct world *w, incident_id id, enum evidence e, struct slice why);
/* A person ticks one by hand; ERR_NOT_FOUND, ERR_CONFLICT with the reason in the reply. */
int milestone_tick_by_hand(struct world *w, incident_id id, int64_t milestone, int64_t check);
/* T+n is here: what is pending is late from now on. */
void milestone_due(struct world *w, incident_id id, int64_t milestone);
/* Resolved or reopened: after-resolution checks become pending, or not applicable again. */
void milestones_resolved(struct world *w, incident_id id, bool resolved);

#endif
