/* memory_load.c - what recovery needs, as predicates: the same choice that sql.c writes as conditions. */
#include "store/memory.h"

#include "base/check.h"
#include "core/alert.h"

struct ids { /* that are needed: the last few of very many */
    struct imap *set;
    int64_t first;
};

struct loading {
    const struct memory_store *m;
    int64_t at, wall; /* 24 h before the last commit */
    struct ids incidents, bundles, alerts, annotations;
};

static bool has(const struct ids *ids, int64_t id)
{
    return id >= ids->first && imap_get(ids->set, (struct ikey){ id, 0 }, NULL);
}

static void need(struct ids *ids, int64_t id)
{
    if (id < ids->first) ids->first = id;
    imap_put(ids->set, (struct ikey){ id, 0 }, 1);
}

/* The rows of a kind, in no order. */
static const struct cell *next_cell(const struct loading *l, enum row_kind kind, size_t *at)
{
    const struct memory_table *t = &l->m->tables[kind];
    while (*at < t->cells.n)
        if (t->cells.v[(*at)++] != NULL) return t->cells.v[*at - 1];
    return NULL;
}

static void need_incidents(struct loading *l)
{
    const struct cell *cell;
    for (size_t at = 0; (cell = next_cell(l, ROW_INCIDENT, &at)) != NULL;) {
        const struct incident *in = (const struct incident *)cell->v;
        if (in->closed_at != 0 && in->closed_at <= l->at) continue;
        need(&l->incidents, in->id);
        need(&l->bundles, in->bundle);
    }
}

static void need_heard(struct loading *l)
{
    const struct cell *cell;
    for (size_t at = 0; (cell = next_cell(l, ROW_ALERT_LIVE, &at)) != NULL;)
        if (((const struct alert_live *)cell->v)->updated_wall > l->wall) need(&l->alerts, cell->v[0]);
}

static void need_alerts(struct loading *l)
{
    const struct cell *cell;
    for (size_t at = 0; (cell = next_cell(l, ROW_ALERT, &at)) != NULL;) {
        const struct alert *a = (const struct alert *)cell->v;
        const bool fires = a->state == ALERT_FIRING;
        if (!fires && !has(&l->incidents, a->incident) && !has(&l->alerts, a->id)) continue;
        const struct cell *live = memory_find(l->m, ROW_ALERT_LIVE, &a->id);
        need(&l->alerts, a->id);
        need(&l->annotations, live == NULL ? a->annotations : ((const struct alert_live *)live->v)->annotations);
    }
}

static bool is_needed_delivery(const struct loading *l, const struct delivery *d)
{
    return has(&l->incidents, d->incident) || (d->incident == 0 && (d->ended_at == 0 || d->ended_at >= l->at));
}

static bool is_needed(const struct loading *l, enum row_kind kind, const int64_t *v)
{
    switch (kind) {
    case ROW_ANNOTATIONS: return has(&l->annotations, v[0]);
    case ROW_BUNDLE:
        return ((const struct bundle *)v)->active == 1 || ((const struct bundle *)v)->waiting == 1 ||
               has(&l->bundles, v[0]);
    case ROW_ALERT:
    case ROW_ALERT_LIVE: return has(&l->alerts, v[0]);
    case ROW_INCIDENT:
    case ROW_HOLDER:
    case ROW_CHECK: return has(&l->incidents, v[0]);
    case ROW_PAGE: return has(&l->incidents, ((const struct page *)v)->incident);
    case ROW_DELIVERY: return is_needed_delivery(l, (const struct delivery *)v);
    case ROW_ATTEMPT: return ((const struct attempt *)v)->outcome == 0;
    case ROW_SILENCE:
        return ((const struct silence *)v)->ended == 0 || ((const struct silence *)v)->ends_wall >= l->wall;
    case ROW_SYMBOL:
    case ROW_SENDER:
    case ROW_TIMER:
    case ROW_COUNTER:
    case ROW_CLOCK:
    case ROW_ACTIVATION:
    case ROW_INSTANCE: return true;
    case ROW_LINK: return v[0] == l->m->last_link;
    case ROW_UNSET:
    case ROW_KIND_MAX: break;
    }
    return false;
}

static int tell_needed(const struct loading *l, enum row_kind kind, struct store_each_row *each, struct error *e)
{
    const struct cell *cell = kind == ROW_LINK ? memory_find(l->m, kind, &l->m->last_link) : NULL;
    int rc = 0;
    if (kind == ROW_LINK) return cell == NULL ? 0 : memory_tell(kind, cell, each, e);
    for (size_t at = 0; rc == 0 && (cell = next_cell(l, kind, &at)) != NULL;)
        if (is_needed(l, kind, cell->v)) rc = memory_tell(kind, cell, each, e);
    return rc;
}

int memory_load(struct store *s, struct store_each_row *each, struct error *e)
{
    struct loading l = { .m = (struct memory_store *)s, .at = INT64_MIN, .wall = INT64_MIN };
    struct ids *sets[] = { &l.incidents, &l.bundles, &l.alerts, &l.annotations };
    int rc = 0;
    const struct cell *clock = memory_find(l.m, ROW_CLOCK, (int64_t[]){ 1 });
    if (clock != NULL) {
        l.at = ((const struct clock_row *)clock->v)->at - DAY;
        l.wall = ((const struct clock_row *)clock->v)->wall - DAY;
    }
    for (size_t i = 0; i < COUNT_OF(sets); i++) *sets[i] = (struct ids){ imap_create(0), INT64_MAX };
    need_incidents(&l);
    need_heard(&l);
    need_alerts(&l);
    for (int k = 0; rc == 0 && k < ROW_KIND_MAX; k++)
        if (row_defs[k].table != NULL) rc = tell_needed(&l, (enum row_kind)k, each, e);
    for (size_t i = 0; i < COUNT_OF(sets); i++) imap_destroy(&sets[i]->set);
    return rc;
}
