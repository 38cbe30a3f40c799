/* team.c - finding who fills a role at one level; the order of levels is the asker's (R161). */
#include "core/team.h"

const struct role_binding *role_binding_find(const struct role_binding *v, size_t n, struct slice role)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(v[i].role, role)) return &v[i];
    return NULL;
}
