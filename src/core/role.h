/* role.h - who fills a role of an incident at an instant: the one lookup (R138, R161, I15).
 *
 * The incident's own holder, then the service's binding, the team's, the organisation's. */
#ifndef CORE_ROLE_H
#define CORE_ROLE_H

#include "core/incident.h"

#define ROLE_SCOPES(X)                         \
    X(INCIDENT, 1, "assigned on the incident") \
    X(SERVICE, 2, "service")                   \
    X(TEAM, 3, "team")                         \
    X(ORGANISATION, 4, "organisation")
enum role_scope {
    SCOPE_UNSET = 0,
#define X(sym, code, text) SCOPE_##sym = code,
    ROLE_SCOPES(X)
#undef X
};

#define ROLE_MAX_PEOPLE 32

struct role_now {
    enum role_scope scope; /* UNSET: nobody binds it */
    int people[ROLE_MAX_PEOPLE]; /* indexes into the directory, in order */
    size_t n;
    int schedule; /* index of the schedule that named them, -1 = a list */
    int64_t turn;
    unsigned line; /* of the binding in site.yaml */
    bool everybody; /* a group (management, security team, experts): all are paged, not the first */
};

/* For a service (symbol text may be empty = unrouted) and team; pure on the directory. */
struct role_now role_resolve_in(const struct directory *d, struct slice service, struct slice team, struct slice role,
                                int64_t wall);
/* For an incident, its holder first. */
struct role_now role_resolve(const struct world *w, incident_id id, struct slice role);
/* Records the holder of a role with a ROLE entry; no-op when it is the same person (R22). by = 0: by paging. */
void role_assign(struct world *w, incident_id id, struct slice role, symbol person, symbol by);
/* The person (symbol) who holds it on the incident, 0 = vacant. */
symbol role_holder(const struct world *w, incident_id id, struct slice role);

#endif
