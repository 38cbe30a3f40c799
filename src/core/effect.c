/* effect.c - the lists of one batch. */
#include "core/effect.h"

void effects_init(struct effects *fx)
{
    *fx = (struct effects){ .arena = arena_create(0) };
}

void effects_reset(struct effects *fx)
{
    vec_clear(&fx->marks);
    vec_clear(&fx->entries);
    fx->offered = 0;
    vec_clear(&fx->sends);
    vec_clear(&fx->replies);
    vec_clear(&fx->erasures);
    fx->news = false;
    arena_reset(fx->arena);
}

void effects_release(struct effects *fx)
{
    vec_release(&fx->marks);
    vec_release(&fx->entries);
    vec_release(&fx->sends);
    vec_release(&fx->replies);
    vec_release(&fx->erasures);
    arena_destroy(&fx->arena);
}

bool effects_empty(const struct effects *fx)
{
    return fx->marks.n == 0 && fx->entries.n == 0 && fx->sends.n == 0 && fx->replies.n == 0 && fx->erasures.n == 0;
}

static uint64_t hash_ints(uint64_t h, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (uint64_t)v[i]) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return h;
}

uint64_t effects_hash(uint64_t h, const struct effects *fx)
{
    for (size_t i = 0; i < fx->entries.n; i++) {
        const struct entry *e = &fx->entries.v[i];
        const int64_t v[] = {
            e->incident, e->seq, e->at, e->wall, e->actor, e->via, e->kind, e->ref, e->rule, e->line
        };
        h = hash_ints(h, v, sizeof v / sizeof v[0]);
        for (size_t k = 0; k < e->n_changes; k++)
            h = hash_ints(h, (int64_t[]){ e->changes[k].field, e->changes[k].value }, 2);
    }
    for (size_t i = 0; i < fx->sends.n; i++)
        h = hash_ints(h, (int64_t[]){ fx->sends.v[i].delivery, fx->sends.v[i].attempt }, 2);
    return h;
}
