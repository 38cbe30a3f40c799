/* arena.c - blocks of memory that grow by doubling and go away together. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/vec.h"

#define FIRST_BLOCK ((size_t)8 << 10)
#define LARGEST_STEP ((size_t)1 << 20)

struct block {
    struct block *next; /* older */
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
    size_t used, limit;
};

struct arena *arena_create(size_t limit_bytes)
{
    struct arena *a = mem_alloc(sizeof *a);
    a->limit = limit_bytes;
    return a;
}

static void free_blocks(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;
        mem_free(b);
        b = next;
    }
}

void arena_destroy(struct arena **a)
{
    if (*a == NULL) return;
    free_blocks((*a)->newest);
    mem_free(*a);
    *a = NULL;
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    if (a->newest == NULL) return;
    free_blocks(a->newest->next); /* the newest block is the largest ordinary one: the next batch fits it */
    a->newest->next = NULL;
    memset(a->newest->bytes, 0, a->newest->used);
    a->newest->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

static struct block *block_add(struct arena *a, size_t size)
{
    size_t step = a->newest == NULL ? FIRST_BLOCK : a->newest->size * 2;
    if (step > LARGEST_STEP) step = LARGEST_STEP;
    if (step < size) step = size;
    struct block *b = mem_alloc(sizeof *b + step);
    b->size = step;
    b->next = a->newest;
    a->newest = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2) return NULL;
    size = (size + align - 1) / align * align;
    if (a->limit != 0 && size > a->limit - a->used) return NULL;
    struct block *b = a->newest;
    if (b == NULL || b->size - b->used < size) b = block_add(a, size);
    void *p = b->bytes + b->used;
    b->used += size;
    a->used += size;
    return p;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (p == NULL) return (struct slice){ 0 };
    if (s.n > 0) memcpy(p, s.p, s.n);
    return (struct slice){ p, s.n };
}

char *arena_str(struct arena *a, struct slice s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (p != NULL && s.n > 0) memcpy(p, s.p, s.n);
    return p;
}
