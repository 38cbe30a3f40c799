/* sim_shrink.c - the shortest plan that still breaks: leaves out halves, quarters, … single happenings (delta debugging),
 * as long as the life goes on breaking the same guarantee first. */
#include "base/arena.h"
#include "sim_inner.h"

#define MOST_LIVES 2000

struct shrinking {
    struct sim_options o;
    struct slice name; /* of the guarantee */
    int lives;
};

static bool still_breaks(struct shrinking *k, const struct plan *p)
{
    struct sim_result r;
    struct sim_options o = k->o;
    o.plan = p;
    o.told = false;
    k->lives++;
    sim_live(&o, &r);
    const bool same = r.broken.len > 0 && slice_eq(sim_broken_name(&r), k->name);
    sim_result_release(&r);
    return same;
}

static void copy_but(const struct plan *p, size_t from, size_t n, struct plan *out)
{
    *out = (struct plan){ .seed = p->seed };
    for (size_t i = 0; i < p->v.n; i++)
        if (i < from || i >= from + n) *vec_push(&out->v) = p->v.v[i];
}

static void take(struct plan *p, struct plan *shorter, bool better)
{
    if (better) {
        plan_release(p);
        *p = *shorter;
    } else {
        plan_release(shorter);
    }
}

/* One pass with pieces of n: returns whether any could be left out. */
static bool leave_out(struct shrinking *k, struct plan *p, size_t n)
{
    bool any = false;
    for (size_t end = p->v.n; end > 0;) {
        const size_t from = end > n ? end - n : 0;
        struct plan shorter;
        copy_but(p, from, end - from, &shorter);
        const bool better = shorter.v.n > 0 && k->lives < MOST_LIVES && still_breaks(k, &shorter);
        take(p, &shorter, better);
        any = any || better;
        end = from;
    }
    return any;
}

/* What breaks has mostly happened shortly before: the last few alone, then twice as many … Nothing after it counts. */
static void keep_last(struct shrinking *k, struct plan *p, int64_t broke_at)
{
    size_t end = p->v.n;
    while (end > 0 && p->v.v[end - 1].t > broke_at) end--;
    p->v.n = end;
    for (size_t n = 8; n < end; n *= 2) {
        struct plan last;
        copy_but(p, 0, end - n, &last);
        const bool enough = still_breaks(k, &last);
        take(p, &last, enough);
        if (enough) return;
    }
}

int sim_shrink(const struct sim_options *o, struct plan *out)
{
    struct sim_result r;
    struct shrinking k = { .o = *o };
    struct arena *a = arena_create(0);
    k.o.told = false;
    sim_live(&k.o, &r);
    k.name = arena_copy(a, sim_broken_name(&r));
    copy_but(o->plan, 0, 0, out);
    if (r.broken.len > 0) {
        keep_last(&k, out, r.ms);
        for (size_t n = out->v.n / 2; n > 0 && k.lives < MOST_LIVES; n /= 2)
            while (leave_out(&k, out, n) && n == 1) {
            }
    }
    sim_result_release(&r);
    arena_destroy(&a);
    return k.lives;
}
