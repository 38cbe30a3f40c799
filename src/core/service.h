/* service.h - a service that alerts are about; it belongs to one team. */
#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H

#include "base/slice.h"
#include "core/team.h"

struct service {
    struct slice id, name, category; /* category may be empty */
    int team; /* index; the unrouted team when no team lists it */
    const struct role_binding *roles;
    size_t n_roles;
    unsigned line;
};

#endif
