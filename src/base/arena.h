/* arena.h - memory for one unit of work (a request, a batch, a compile): many allocations, one release.
 *
 * Zeroed, aligned for any type. An arena has a limit so that hostile input cannot eat the machine: past it arena_alloc
 * returns NULL and the unit of work fails with a clear error. Running out of real memory aborts (a half-applied step is
 * worse than a restart). Arenas made with limit 0 have no limit and never return NULL. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena; /* opaque */

struct arena *arena_create(size_t limit_bytes);
void arena_destroy(struct arena **a); /* NULL is fine; clears *a */
void arena_reset(struct arena *a); /* forget everything, keep the first block */
size_t arena_used(const struct arena *a); /* bytes handed out since the last reset */

void *arena_alloc(struct arena *a, size_t size); /* zeroed */
struct slice arena_copy(struct arena *a, struct slice s); /* {NULL,0} past the limit; also NUL-terminated behind n */
char *arena_str(struct arena *a, struct slice s); /* NUL-terminated copy */

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

#endif
