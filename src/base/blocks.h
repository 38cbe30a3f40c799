/* blocks.h - very many small blocks without a header each: eight-byte steps, a list of free ones for each size.
 *
 * The caller knows how large a block is and says so when it gives it back. What is given back is used again for the same
 * size and returns to the system only with all the others; beyond BLOCKS_LARGEST a block is an ordinary one. Not zeroed.
 * All zeroes is empty. Out of memory aborts. */
#ifndef BASE_BLOCKS_H
#define BASE_BLOCKS_H

#include "base/vec.h"

#define BLOCKS_LARGEST ((size_t)256)

struct blocks {
    VEC(char *) chunks;
    size_t left; /* bytes of the newest chunk */
    void *free[BLOCKS_LARGEST / 8 + 1]; /* by size in steps; each begins with the next one's address */
};

void *blocks_take(struct blocks *b, size_t size);
void blocks_give(struct blocks *b, void *block, size_t size); /* the size it was taken with; NULL is fine */
void blocks_release(struct blocks *b); /* the ordinary ones must have been given back */

#endif
