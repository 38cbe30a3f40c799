/* team.h - a team: its services, and who fills which role. */
#ifndef CORE_TEAM_H
#define CORE_TEAM_H

#include "base/slice.h"

/* A role filled by a schedule or by people in order; resolved service → team → organisation (R161). */
struct role_binding {
    struct slice role; /* "primary", "incident-commander", "management", "security-specialists" … */
    int schedule; /* index, or -1 */
    const int *people; /* indexes; used when schedule is -1 */
    size_t n_people;
    unsigned line; /* in site.yaml */
};

struct team {
    struct slice id, name;
    const int *services; /* indexes */
    size_t n_services;
    const struct role_binding *roles;
    size_t n_roles;
    unsigned line;
};

const struct role_binding *role_binding_find(const struct role_binding *v, size_t n, struct slice role); /* or NULL */

#endif
