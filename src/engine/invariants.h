/* invariants.h - an independent checker of the guarantees (requirements 15), after every step of a simulation.
 *
 * It reads the world through world.h as anybody could, keeps its own books, and calls none of the rules: what it says
 * is a second opinion. It outlives restarts of the world. Broken invariants are lines of text: "I13 INC-4: …".
 *
 * Every step looks at what its batch marked; all rows are looked at afresh every now and then, and at each start. What
 * it wrote down about a batch is taken back when the batch is lost with its process. */
#ifndef ENGINE_INVARIANTS_H
#define ENGINE_INVARIANTS_H

#include "base/buf.h"
#include "core/world.h"

struct invariants; /* opaque */

struct invariants *invariants_create(void);
void invariants_destroy(struct invariants **v);

/* Around each step. `fx` may hold what earlier steps of the same batch did. Appends a line to `broken` for each
 * guarantee that does not hold. Between the first step of a new world and its EVENT_START nothing is judged. */
void invariants_before(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx);
void invariants_after(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx,
                      struct buf *broken);

/* The batch is on disk: what it did will be there after a crash. Called by nobody = never taken back. */
void invariants_committed(struct invariants *v);
/* The process is gone, and with it what was not committed. */
void invariants_lost(struct invariants *v);

/* Time has passed in which the process stood still: nobody listened, and no timer could run. */
void invariants_slept(struct invariants *v, int64_t ms);

#endif
