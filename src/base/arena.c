/* arena.c - blocks of memory that grow by doubling and go away together.
 *
 * Under AddressSanitizer each piece is followed by bytes that nobody may touch, as if it came from malloc: without them an
 * overflow into the next piece of a block stays unseen. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/vec.h"

#define FIRST_BLOCK ((size_t)8 << 10)
#define LARGEST_STEP ((size_t)1 << 20)

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define GUARDED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) /* gcc */
#define GUARDED 1
#endif

#ifdef GUARDED
#include <sanitizer/asan_interface.h>
enum { GUARD = 16 };
#else
enum { GUARD = 0 };
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

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
    ASAN_UNPOISON_MEMORY_REGION(a->newest->bytes, a->newest->size);
    memset(a->newest->bytes, 0, a->newest->used);
    ASAN_POISON_MEMORY_REGION(a->newest->bytes, a->newest->size);
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
    ASAN_POISON_MEMORY_REGION(b->bytes, step);
    b->size = step;
    b->next = a->newest;
    a->newest = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t wanted)
{
    const size_t align = alignof(max_align_t);
    if (wanted > SIZE_MAX / 2) return NULL;
    const size_t size = (wanted + align - 1) / align * align;
    if (a->limit != 0 && size > a->limit - a->used) return NULL;
    struct block *b = a->newest;
    if (b == NULL || b->size - b->used < size + GUARD) b = block_add(a, size + GUARD);
    void *p = b->bytes + b->used;
    ASAN_UNPOISON_MEMORY_REGION(p, wanted);
    b->used += size + GUARD;
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
