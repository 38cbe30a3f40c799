/* instance.h - is this store where it belongs, or a copy that somebody restored? A copy starts held.
 *
 * Two instances with the same open incidents would both page. So `tocsin backup` marks its copy, and a store also names
 * the state directory it was made in: in another one (no instance.id, or another) it is a copy too. Held: everything is
 * taken and stored, nothing leaves, until somebody releases it. Not told apart: a whole state directory copied as it is. */
#ifndef SERVE_INSTANCE_H
#define SERVE_INSTANCE_H

#include "serve/state_dir.h"
#include "core/row.h"

struct store;

/* Before the engine starts: reads the store's row and writes what has changed. A new store has none: *is_new, and the row
 * is for the engine's first commit, before which the store holds nothing that could be copied. out->held: 1 = held. *why:
 * for the log, NULL when it is not held. */
int instance_check(struct store *s, const struct state_dir *d, struct instance *out, bool *is_new, const char **why,
                   struct error *e);

#endif
