/* chain.h - seals every entry at its commit, and closes each batch with one link over all timelines (P6).
 *
 * The heads (the last hash of each incident's timeline, and the last link) are kept in memory and read again from the
 * store where they are not known: a restart goes on with the chain that is on disk. What a failed commit was to write is
 * forgotten and sealed anew by the next try. One more row a batch, and none where a batch has no entry.
 *
 * Not here: the bytes (seal.h), the check of a whole history (evidence.h). Engine's thread. */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include "base/error.h"
#include "core/world.h"
#include "engine/seal.h"
#include "sys/clock.h"

struct chain; /* opaque */
struct store;

struct chain *chain_create(struct slice key, struct store *s); /* the key is copied; the store outlives the chain */
void chain_destroy(struct chain **c); /* NULL is fine; clears *c; before the store is closed */

/* While the store is loaded: takes note of links and symbols. */
void chain_load(struct chain *c, const struct row *r);
/* Once, when all is loaded: checks the last link with what it covers and the last entry of each incident of the world
 * (design: Start). 0: sound, or nothing there yet. ERR_INVALID: says what does not fit; the chain goes on all the same,
 * because paging does. Other codes: the store could not be read. */
int chain_start(struct chain *c, const struct world *w, struct error *e);

/* Before the transaction: gives each of the batch's entries its seal, valid until the next call. */
int chain_seal(struct chain *c, const struct world *w, struct effects *fx, struct moment now, struct error *e);
void chain_put(struct chain *c, struct store *s); /* in the transaction: the link, if there is one to write */
void chain_committed(struct chain *c); /* the transaction stands */

/* The head of all: hash and number of the last committed link; false while there is none. */
bool chain_head(const struct chain *c, struct chain_link *link, uint8_t hash[SEAL_BYTES]);

#endif
