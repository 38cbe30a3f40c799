/* incident.h - the life of an incident: states, facts, and the one function that changes the state.
 *
 * States are few; acknowledged, confirmed, declared and triaged are facts with time and actor; the word that people see
 * is a projection of both (design: Incidents). Nothing here pages anybody: world_*.c joins the rules. */
#ifndef CORE_INCIDENT_H
#define CORE_INCIDENT_H

#include "core/state.h"

#define INCIDENT_STATES(X)       \
    X(OPEN, 1, "open")           \
    X(MITIGATED, 2, "mitigated") \
    X(RESOLVED, 3, "resolved")   \
    X(CLOSED, 4, "closed")       \
    X(DISMISSED, 5, "dismissed") \
    X(MERGED, 6, "merged")

enum incident_state {
    INCIDENT_UNSET = 0,
#define X(sym, code, text) INCIDENT_##sym = code,
    INCIDENT_STATES(X)
#undef X
        INCIDENT_STATE_MAX
};

#define INCIDENT_CLOSES_AFTER (30 * MINUTE) /* a logged one, after its resolution */
#define INCIDENT_DECLARED_CLOSES_AFTER DAY
#define INCIDENT_LEAVES_AFTER DAY /* the world, once closed, dismissed or merged */

const char *incident_state_name(int64_t state);
/* Is it being worked on: open or mitigated? */
bool incident_is_active(const struct incident *i);
/* The word people see: "logged", "declared", "acknowledged", "mitigated", … (projection). */
const char *incident_word(const struct incident *i);
/* May it move from one state to the other? The one table. */
bool incident_may_move(int64_t from, int64_t to);
/* Moves it, with the stamps of the new state; ERR_CONFLICT when the table says no. The caller writes the entry. */
int incident_move(struct world *w, incident_id id, enum incident_state to);

/* Does it ring (SEV1, SEV2, unclassified) or is it quiet (R159)? */
bool incident_rings(const struct incident *i);
/* "SEV2", "SEV2?" while provisional; lives until the batch ends or for ever. */
struct slice incident_severity_text(const struct world *w, const struct incident *i);

#endif
