/* places.c - tags and numbers side by side, probed in a row of memory: a miss costs one cache line, no row is touched. */
#include "base/places.h"

#include "base/check.h"
#include "base/vec.h"

struct place {
    uint32_t tag;
    uint32_t at; /* number + 1; 0 = free */
};

static size_t home(const struct places *p, uint32_t tag)
{
    return tag & (p->size - 1);
}

static void put(struct places *p, struct place new)
{
    size_t i = home(p, new.tag);
    while (p->v[i].at != 0) i = (i + 1) & (p->size - 1);
    p->v[i] = new;
}

static void grow(struct places *p)
{
    struct place *old = p->v;
    size_t n = p->size;
    p->size = n == 0 ? 16 : n * 2;
    p->v = mem_alloc(p->size * sizeof *p->v);
    for (size_t i = 0; i < n; i++)
        if (old[i].at != 0) put(p, old[i]);
    mem_free(old);
}

void places_add(struct places *p, uint32_t tag, uint32_t at)
{
    CHECK(at < UINT32_MAX);
    if ((p->used + 1) * 8 > p->size * 7) grow(p);
    put(p, (struct place){ tag, at + 1 });
    p->used++;
}

bool places_next(const struct places *p, uint32_t tag, size_t *probe, uint32_t *at)
{
    while (*probe < p->size) {
        const struct place *e = &p->v[(home(p, tag) + (*probe)++) & (p->size - 1)];
        if (e->at == 0) return false;
        if (e->tag != tag) continue;
        *at = e->at - 1;
        return true;
    }
    return false;
}

void places_expect(const struct places *p, uint32_t tag)
{
    if (p->size > 0) __builtin_prefetch(&p->v[home(p, tag)]);
}

/* Moves back what was pushed beyond the gap and may stand nearer to its home. */
static void close_gap(struct places *p, size_t gap)
{
    const size_t mask = p->size - 1;
    for (size_t i = (gap + 1) & mask; p->v[i].at != 0; i = (i + 1) & mask) {
        if (((i - home(p, p->v[i].tag)) & mask) < ((i - gap) & mask)) continue;
        p->v[gap] = p->v[i];
        gap = i;
    }
    p->v[gap] = (struct place){ 0 };
}

bool places_remove(struct places *p, uint32_t tag, uint32_t at)
{
    if (p->size == 0) return false;
    for (size_t i = home(p, tag); p->v[i].at != 0; i = (i + 1) & (p->size - 1)) {
        if (p->v[i].tag != tag || p->v[i].at != at + 1) continue;
        close_gap(p, i);
        p->used--;
        return true;
    }
    return false;
}

void places_release(struct places *p)
{
    mem_free(p->v);
    *p = (struct places){ 0 };
}
