/* texts.h - the symbols a reader has seen: a text never changes, so it never needs to be read twice.
 *
 * Bounded: store_texts_trim forgets everything past STORE_TEXTS_MAX bytes, between two transactions of the reader. */
#ifndef STORE_TEXTS_H
#define STORE_TEXTS_H

#include "core/ids.h"
#include "base/slice.h"

#define STORE_TEXTS_MAX ((size_t)16 << 20)

struct store_texts; /* opaque */

struct store_texts *store_texts_create(void);
void store_texts_destroy(struct store_texts **t); /* NULL is fine; clears *t */
bool store_texts_get(const struct store_texts *t, symbol s, struct slice *text);
struct slice store_texts_add(struct store_texts *t, symbol s, struct slice text); /* the kept copy */
void store_texts_trim(struct store_texts *t);

#endif
