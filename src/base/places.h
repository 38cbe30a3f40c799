/* places.h - an index from a 32-bit hash to numbers in somebody's own array: eight bytes an entry.
 *
 * For tables of a hundred thousand rows that keep their keys themselves: the index holds no key, the caller compares.
 *   for (size_t probe = 0; places_next(&p, tag, &probe, &at);)
 *       if (matches(at)) return at;
 * Open addressing with linear probing, at most 7/8 full; removing closes the gap, so nothing is left behind. The order
 * of candidates is never to be relied on. All zeroes is empty. Out of memory aborts. */
#ifndef BASE_PLACES_H
#define BASE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place; /* opaque */

struct places {
    struct place *v;
    size_t size, used; /* size is 0 or a power of two */
};

void places_add(struct places *p, uint32_t tag, uint32_t at); /* at < UINT32_MAX; the pair is not there yet */
bool places_remove(struct places *p, uint32_t tag, uint32_t at); /* false: was not there */
/* The next number that was added under this tag; *probe begins at 0. Nothing may be added or removed meanwhile. */
bool places_next(const struct places *p, uint32_t tag, size_t *probe, uint32_t *at);
/* It will be asked for soon: memory begins to bring it near. */
void places_expect(const struct places *p, uint32_t tag);
void places_release(struct places *p);

#endif
