/* bundle_inner.h - what a live bundle is made of. Private to bundle*.c. */
#ifndef ENGINE_BUNDLE_INNER_H
#define ENGINE_BUNDLE_INNER_H

#include <stdatomic.h>

#include "engine/bundle.h"

#define BUNDLE_ARENA ((size_t)16 << 20) /* of the routing */

struct live_bundle {
    _Atomic int references;
    _Atomic int64_t id;
    struct buf bytes;
    struct slice name; /* into bytes, or the policy's */
    const struct policy *policy;
    const struct routing *routing;
    struct arena *arena; /* of own_routing */
    struct routing own_routing;
    struct procedures_set *set; /* NULL: of parts */
    const struct compiled *compiled; /* the organisation's document, of the set; NULL: of parts */
    void (*drop)(struct live_bundle *b); /* of what bundle_create() made; NULL: nothing */
};

struct live_bundle *bundle_make(struct slice bytes); /* copies; empty otherwise; one reference */

#endif
