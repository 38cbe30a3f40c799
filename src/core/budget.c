/* budget.c - three messages a minute, counted by weight; and where what waits or is carried is kept. */
#include "core/budget.h"

void budget_spend(struct budget *b, enum weight weight, int64_t at)
{
    int64_t *v = b->begun[weight], *oldest = &v[0];
    for (size_t i = 1; i < BUDGET_MESSAGES; i++)
        if (v[i] < *oldest) oldest = &v[i];
    if (at > *oldest) *oldest = at;
}

/* The newest three of all that weigh enough: when the oldest of them is a minute old, there is room again. */
int64_t budget_opens(const struct budget *b, enum weight weight)
{
    int64_t newest[BUDGET_MESSAGES] = { 0 };
    for (size_t k = weight; k < WEIGHT_MAX; k++)
        for (size_t i = 0; i < BUDGET_MESSAGES; i++) {
            int64_t at = b->begun[k][i];
            for (size_t n = 0; n < BUDGET_MESSAGES; n++) /* sorted in, the newest first */
                if (at > newest[n]) {
                    int64_t older = newest[n];
                    newest[n] = at;
                    at = older;
                }
        }
    return newest[BUDGET_MESSAGES - 1] == 0 ? 0 : newest[BUDGET_MESSAGES - 1] + BUDGET_WINDOW;
}

/* A page that begins a chain was ordered by no rule; rounds after the chain's end and questions are not either. */
static bool begins_chain(const struct page *p)
{
    const bool later = p->reason == PAGE_REASON_ROUND || p->reason == PAGE_REASON_STILL_ON_IT;
    return p->kind == PAGE_PAGE && p->rule == 0 && !later;
}

enum weight delivery_weight(const struct world *w, const struct delivery *d)
{
    const struct page *p = page_get(w, d->page);
    if (d->purpose == PURPOSE_ALARM || (d->purpose == PURPOSE_PAGE && d->level == 1)) return WEIGHT_GRAVEST;
    return p != NULL && begins_chain(p) ? WEIGHT_FIRST : WEIGHT_OTHER;
}

/* Symbols are counted from 1 and far below 2^31. */
static struct ikey reach_key(const struct delivery *d)
{
    return (struct ikey){ d->person, d->kind << 31 | d->address };
}

static struct reach *reach_find(const struct world *w, const struct delivery *d)
{
    int64_t at = 0;
    return imap_get(w->reaches, reach_key(d), &at) ? (struct reach *)(uintptr_t)at : NULL;
}

struct reach *reach_of(struct world *w, const struct delivery *d)
{
    if (d->person == 0) return NULL;
    struct reach *r = reach_find(w, d);
    if (r != NULL) return r;
    r = mem_alloc(sizeof *r);
    imap_put(w->reaches, reach_key(d), (int64_t)(uintptr_t)r);
    return r;
}

const struct delivery *reach_carried(const struct world *w, const struct delivery *carrier, size_t *at)
{
    const struct reach *r = reach_find(w, carrier);
    while (r != NULL && *at < r->carried.n) {
        const struct delivery *d = delivery_get(w, r->carried.v[(*at)++]);
        if (d != NULL && d->carrier == carrier->id) return d;
    }
    return NULL;
}

void reaches_release(struct world *w)
{
    int64_t at;
    for (size_t k = 0; imap_next(w->reaches, &k, NULL, &at);) {
        struct reach *r = (struct reach *)(uintptr_t)at;
        vec_release(&r->collected);
        vec_release(&r->carried);
        mem_free(r);
    }
    imap_destroy(&w->reaches);
}
