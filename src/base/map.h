/* map.h - hash maps that iterate in insertion order, whatever the hash key.
 *
 * Two shapes: `imap` from a pair of 64-bit integers to a 64-bit value, and `smap` from bytes to a 64-bit value.
 * Iteration order is the order of insertion and never depends on the hash key (design: settled before the first line);
 * a removed and re-inserted key goes to the end. Keys of smap are copied. INT64_MIN is no value. Out of memory aborts. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/slice.h"

struct ikey {
    int64_t a, b; /* b is 0 for single keys */
};

struct imap; /* opaque */
struct imap *imap_create(uint64_t hash_key);
void imap_destroy(struct imap **m);
void imap_clear(struct imap *m); /* empty, with the room that it had */
size_t imap_count(const struct imap *m);
bool imap_get(const struct imap *m, struct ikey k, int64_t *value); /* value may be NULL */
void imap_put(struct imap *m, struct ikey k, int64_t value); /* inserts or replaces (keeps its place) */
int64_t imap_add(struct imap *m, struct ikey k, int64_t by); /* to what is there, 0 if nothing is; returns the sum */
bool imap_remove(struct imap *m, struct ikey k); /* false: was not there */
/* for (size_t at = 0; imap_next(m, &at, &k, &v);) — removing the current key inside the loop is allowed. */
bool imap_next(const struct imap *m, size_t *at, struct ikey *k, int64_t *value);

struct smap; /* opaque */
struct smap *smap_create(uint64_t hash_key);
void smap_destroy(struct smap **m);
size_t smap_count(const struct smap *m);
bool smap_get(const struct smap *m, struct slice k, int64_t *value);
void smap_put(struct smap *m, struct slice k, int64_t value);
bool smap_remove(struct smap *m, struct slice k);
bool smap_next(const struct smap *m, size_t *at, struct slice *k, int64_t *value); /* k borrowed until removal */

#endif
