/* invariants.h - an independent checker of the guarantees (requirements 15), after every step of a simulation.
 *
 * It reads the world through world.h as anybody could, keeps its own books, and calls none of the rules: what it says
 * is a second opinion. It outlives restarts of the world. Broken invariants are lines of text: "I13 INC-4: …". */
#ifndef ENGINE_INVARIANTS_H
#define ENGINE_INVARIANTS_H

#include "base/buf.h"
#include "core/world.h"

struct invariants; /* opaque */

struct invariants *invariants_create(void);
void invariants_destroy(struct invariants **v);

/* Around each step. Appends a line to `broken` for each guarantee that does not hold. */
void invariants_before(struct invariants *v, const struct world *w, const struct event *ev);
void invariants_after(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx,
                      struct buf *broken);

#endif
