/* heap.h - a priority queue of (due, key) pairs with removal by key; ties leave in the order of the key.
 *
 * Used for timers: `due` is steady milliseconds, `key` the slot number of what is due. One entry a key. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/slice.h"

struct heap; /* opaque */

struct heap *heap_create(void);
void heap_destroy(struct heap **h);
size_t heap_count(const struct heap *h);
void heap_put(struct heap *h, int64_t key, int64_t due, int64_t tie); /* replaces the entry of that key */
bool heap_remove(struct heap *h, int64_t key);
bool heap_peek(const struct heap *h, int64_t *key, int64_t *due); /* earliest due, then smallest tie, then key */

#endif
