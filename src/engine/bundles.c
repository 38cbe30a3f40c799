/* bundles.c - which bundles the engine holds on to: those in use by open incidents, and the active one (R12). */
#include "base/check.h"
#include "engine/inner.h"

#define IN_USE_MAX 256
#define PRUNE_EVERY_MS MINUTE

/* The world runs by the newest one of a number: whoever still shows the one before holds a reference of their own. */
void bundles_keep(struct engine *e, bundle_id id, struct live_bundle *b)
{
    if (b == NULL || id == 0) return;
    pthread_mutex_lock(&e->bundles_lock);
    struct kept_bundle *k = NULL;
    for (size_t i = 0; i < e->bundles.n; i++)
        if (e->bundles.v[i].id == id) k = &e->bundles.v[i];
    if (k == NULL) {
        k = vec_push(&e->bundles);
        *k = (struct kept_bundle){ id, NULL };
    }
    bundle_take(b);
    bundle_release(&k->bundle);
    k->bundle = b;
    bundle_set_id(b, id);
    e->active = world_active_bundle(e->world);
    e->proposed = world_proposed_bundle(e->world);
    pthread_mutex_unlock(&e->bundles_lock);
}

static bool is_in_use(const struct engine *e, const bundle_id *ids, size_t n, bundle_id id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id) return true;
    return id == e->active || id == e->proposed;
}

void bundles_prune(struct engine *e)
{
    if (e->bundles.n <= 1 || e->raw.steady_ms - e->pruned_at < PRUNE_EVERY_MS) return;
    e->pruned_at = e->raw.steady_ms;
    bundle_id ids[IN_USE_MAX];
    const size_t n = world_bundles(e->world, ids, IN_USE_MAX);
    if (n >= IN_USE_MAX) return; /* more than we can name: keep all */
    pthread_mutex_lock(&e->bundles_lock);
    for (size_t i = e->bundles.n; i-- > 0;) {
        if (is_in_use(e, ids, n, e->bundles.v[i].id)) continue;
        bundle_release(&e->bundles.v[i].bundle);
        vec_remove(&e->bundles, i);
    }
    pthread_mutex_unlock(&e->bundles_lock);
}

bundle_id engine_proposed(struct engine *e)
{
    pthread_mutex_lock(&e->bundles_lock);
    const bundle_id id = e->proposed;
    pthread_mutex_unlock(&e->bundles_lock);
    return id;
}

size_t engine_bundles(struct engine *e, struct live_bundle **out, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&e->bundles_lock);
    for (int active = 1; active >= 0; active--)
        for (size_t i = 0; i < e->bundles.n && n < max; i++)
            if ((e->bundles.v[i].id == e->active) == active) out[n++] = bundle_take(e->bundles.v[i].bundle);
    pthread_mutex_unlock(&e->bundles_lock);
    return n;
}
