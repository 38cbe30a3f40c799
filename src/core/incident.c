/* incident.c - the table of legal moves, the one function that moves. */
#include "core/incident.h"

static const bool legal[INCIDENT_STATE_MAX][INCIDENT_STATE_MAX] = {
    [INCIDENT_OPEN] = { [INCIDENT_MITIGATED] = true,
                        [INCIDENT_RESOLVED] = true,
                        [INCIDENT_DISMISSED] = true,
                        [INCIDENT_MERGED] = true },
    [INCIDENT_MITIGATED] = { [INCIDENT_OPEN] = true, [INCIDENT_RESOLVED] = true, [INCIDENT_MERGED] = true },
    [INCIDENT_RESOLVED] = { [INCIDENT_OPEN] = true, [INCIDENT_CLOSED] = true },
    [INCIDENT_CLOSED] = { [INCIDENT_OPEN] = true },
    [INCIDENT_DISMISSED] = { [INCIDENT_OPEN] = true },
    [INCIDENT_MERGED] = { [INCIDENT_OPEN] = true },
};

const char *incident_state_name(int64_t state)
{
    switch ((enum incident_state)state) {
    case INCIDENT_UNSET: break;
#define X(sym, code, text) \
    case INCIDENT_##sym: return text;
        INCIDENT_STATES(X)
#undef X
    case INCIDENT_STATE_MAX: break;
    }
    return "unknown";
}

bool incident_is_active(const struct incident *i)
{
    return i->state == INCIDENT_OPEN || i->state == INCIDENT_MITIGATED;
}

const char *incident_word(const struct incident *i)
{
    if (i->state != INCIDENT_OPEN) return incident_state_name(i->state);
    if (i->held_at != 0) return "held";
    if (i->recovered_at != 0) return "recovered";
    if (i->triaged_wall != 0) return "triaged";
    if (i->acknowledged_at != 0) return "acknowledged";
    return i->declared_wall != 0 ? "declared" : "logged";
}

bool incident_may_move(int64_t from, int64_t to)
{
    return from > 0 && from < INCIDENT_STATE_MAX && to > 0 && to < INCIDENT_STATE_MAX && legal[from][to];
}

/* The stamps that belong to a state; leaving it for OPEN takes them back (clocks kept: T is untouched). */
static void stamp(struct world *w, struct incident *i, enum incident_state to)
{
    int64_t at = w->ev->at, wall = w->ev->wall;
    if (to != INCIDENT_OPEN && to != INCIDENT_MITIGATED)
        i->held_at = 0; /* what is over is not held: should it open again, who knows */
    switch (to) {
    case INCIDENT_MITIGATED: i->mitigated_wall = wall; break;
    case INCIDENT_RESOLVED:
        i->resolved_at = at;
        i->resolved_wall = wall;
        i->recovered_at = 0;
        break;
    case INCIDENT_CLOSED:
    case INCIDENT_DISMISSED:
    case INCIDENT_MERGED:
        i->closed_at = at;
        i->closed_wall = wall;
        break;
    case INCIDENT_OPEN:
        i->resolved_at = i->resolved_wall = i->resolved_by = i->closed_at = i->closed_wall = 0;
        i->mitigated_wall = i->recovered_at = i->merged_into = i->reason = 0;
        break;
    case INCIDENT_UNSET:
    case INCIDENT_STATE_MAX: break;
    }
}

int incident_move(struct world *w, incident_id id, enum incident_state to)
{
    const struct incident *now = incident_get(w, id);
    if (!incident_may_move(now->state, to)) return ERR_CONFLICT;
    struct incident *i = incident_edit(w, id);
    i->state = to;
    stamp(w, i, to);
    return 0;
}

bool incident_rings(const struct incident *i)
{
    return i->severity <= 2 || i->loud_at != 0; /* SEV1, SEV2 and unclassified (0) */
}

struct slice incident_severity_text(const struct world *w, const struct incident *i)
{
    struct slice label = policy_level_label(state_policy(w, i->id), (int)i->severity);
    if (i->confirmed_wall != 0 || w->fx == NULL) return label;
    struct buf b = { 0 };
    buf_add(&b, label);
    buf_add_char(&b, '?');
    struct slice s = arena_copy(w->fx->arena, buf_slice(&b));
    buf_release(&b);
    return s;
}
