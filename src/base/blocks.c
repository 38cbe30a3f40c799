/* blocks.c - chunks cut into steps of eight bytes. */
#include "base/blocks.h"

#include <string.h>

#define CHUNK ((size_t)32 << 10)

static size_t steps(size_t size)
{
    return size == 0 ? 1 : (size + 7) / 8;
}

void *blocks_take(struct blocks *b, size_t size)
{
    const size_t n = steps(size);
    if (size > BLOCKS_LARGEST) return mem_alloc(size);
    void *block = b->free[n];
    if (block != NULL) {
        memcpy(&b->free[n], block, sizeof b->free[n]);
        return block;
    }
    if (b->left < n * 8) {
        *vec_push(&b->chunks) = mem_alloc(CHUNK);
        b->left = CHUNK;
    }
    b->left -= n * 8;
    return b->chunks.v[b->chunks.n - 1] + b->left;
}

void blocks_give(struct blocks *b, void *block, size_t size)
{
    const size_t n = steps(size);
    if (block == NULL) return;
    if (size > BLOCKS_LARGEST) {
        mem_free(block);
        return;
    }
    memcpy(block, &b->free[n], sizeof b->free[n]);
    b->free[n] = block;
}

void blocks_release(struct blocks *b)
{
    for (size_t i = 0; i < b->chunks.n; i++) mem_free(b->chunks.v[i]);
    vec_release(&b->chunks);
    *b = (struct blocks){ 0 };
}
