/* invariants.c - see invariants.h. */
#include "engine/invariants.h"

#include "base/vec.h"

struct invariants {
    int unused;
};

struct invariants *invariants_create(void)
{
    return mem_alloc(sizeof(struct invariants));
}

void invariants_destroy(struct invariants **v)
{
    mem_free(*v);
    *v = NULL;
}

void invariants_before(struct invariants *v, const struct world *w, const struct event *ev)
{
    (void)v, (void)w, (void)ev;
}

void invariants_after(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx,
    struct buf *broken)
{
    (void)v, (void)w, (void)ev, (void)fx, (void)broken;
}
