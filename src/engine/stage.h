/* stage.h - a world on a simulated clock above a memory store: what rehearsals and simulations play on.
 *
 * Every step is one event, one batch, one commit, as the engine would do it, without threads, files or sockets. After
 * each step the invariants are checked (invariants.h), the trace hash goes on (I30), and the effects lie there to be
 * read until the next step. A restart throws the world away and loads another one from the committed rows (R41). */
#ifndef ENGINE_STAGE_H
#define ENGINE_STAGE_H

#include "base/vec.h"
#include "core/world.h"
#include "engine/invariants.h"

struct store;

struct stage_options {
    const struct policy *policy;
    const struct routing *routing; /* may be NULL */
    const struct directory *directory;
    struct slice bytes; /* of the bundle; any will do */
    int64_t wall; /* UTC ms of the beginning */
    uint64_t hash_key;
};

struct stage_bundle {
    bundle_id id;
    const struct policy *policy;
    const struct routing *routing;
};

#define STAGE_BEGINS DAY /* steady ms of the beginning */

struct stage {
    struct stage_options o;
    struct world *world;
    struct store *store;
    struct effects fx; /* of the last step */
    int64_t at, wall; /* now */
    int64_t committed_at, committed_wall; /* of the last commit */
    VEC(struct stage_bundle) bundles; /* in the order in which they were activated; the last is active */
    uint64_t trace;
    uint64_t tickets;
    struct invariants *invariants;
    struct buf broken; /* what was found wrong, a line each; empty = nothing */
};

void stage_begin(struct stage *s, const struct stage_options *o); /* the first start */
void stage_end(struct stage *s);

/* Steps an event at the stage's present time (its at, wall and reply_to are set here). */
void stage_step(struct stage *s, struct event *ev);
/* Another bundle holds for new incidents from now on; open ones keep theirs (R12). */
void stage_activate(struct stage *s, const struct policy *policy, const struct routing *routing);
/* Time passes; nothing is stepped. */
void stage_pass(struct stage *s, int64_t ms);
/* Runs the timer that is due now, if one is; false when none is. */
bool stage_timer(struct stage *s);
/* The process ends here and another one begins at the present time, which may have passed meanwhile (`last_at`,
 * `last_wall`: of the last commit). The effects are those of the start. */
void stage_restart(struct stage *s, int64_t last_at, int64_t last_wall);

/* Is every row of the world committed as it is? What a restart would lose or change goes to `broken`. */
void stage_compare(struct stage *s);

#endif
