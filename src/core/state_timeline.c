/* state_timeline.c - making entries, and how an incident's row changed by each: computed, never written by hand. */
#include "core/state_parts.h"

/* The system's own timeline (incident 0) counts in a row of its own beside the counters of ids. */
#define SYSTEM_TIMELINE 100

static int64_t next_seq(struct world *w, incident_id id)
{
    if (id != 0) return ++incident_edit(w, id)->seq;
    struct ikey k = { SYSTEM_TIMELINE, 0 };
    if (state_get(w, ROW_COUNTER, k) == NULL) state_add(w, ROW_COUNTER, (int64_t[]){ SYSTEM_TIMELINE });
    struct counter *c = state_edit(w, ROW_COUNTER, k);
    return ++c->last;
}

struct entry *timeline_add(struct world *w, incident_id id, enum entry_kind kind, int64_t ref,
                           const struct slice *parts, size_t n)
{
    struct slice kept = text_joined(w, parts, n);
    symbol actor = state_actor(w);
    int64_t seq = next_seq(w, id);
    if (id != 0) incident_extra(w, id)->last_entry = w->fx->entries.n;
    struct entry *e = vec_push(&w->fx->entries);
    *e = (struct entry){ .incident = id,
                         .seq = seq,
                         .at = w->ev->at,
                         .wall = w->ev->wall,
                         .kind = kind,
                         .ref = ref,
                         .actor = actor,
                         .via = actor == 0 ? 0 : w->ev->act->via,
                         .text = kept };
    return e;
}

struct entry *timeline_reopen(struct world *w, incident_id id, enum entry_kind kind)
{
    struct incident_extra *x = incident_extra(w, id);
    if (x->last_entry < w->fx->offered || x->last_entry >= w->fx->entries.n) return NULL;
    struct entry *e = &w->fx->entries.v[x->last_entry];
    if (e->incident != id || e->seq != incident_get(w, id)->seq || e->kind != (int64_t)kind) return NULL;
    if (e->at != w->ev->at || e->wall != w->ev->wall || e->actor != state_actor(w)) return NULL;
    x->reopened = w->step;
    return e;
}

void timeline_begin_step(struct world *w)
{
    w->step++;
    w->first_entry = w->fx->entries.n;
    vec_clear(&w->edited);
}

/* The last one that this step made or reopened. */
static struct entry *last_entry_of(struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    const bool made = x->last_entry >= w->first_entry && x->last_entry < w->fx->entries.n;
    struct entry *e = made || x->reopened == w->step ? &w->fx->entries.v[x->last_entry] : NULL;
    return e != NULL && e->incident == id ? e : NULL;
}

/* A reopened entry keeps what it explained; of one field the newer value holds. Both are in order of fields. */
static void add_changes(struct world *w, struct entry *e, const struct change *more, size_t n)
{
    struct change *all = arena_array(w->fx->arena, struct change, e->n_changes + n);
    size_t k = 0, count = 0;
    for (size_t i = 0; i < e->n_changes || k < n;) {
        if (k < n && i < e->n_changes && e->changes[i].field == more[k].field)
            i++;
        else
            all[count++] = k == n || (i < e->n_changes && e->changes[i].field < more[k].field) ? e->changes[i++] : more[k++];
    }
    e->changes = all;
    e->n_changes = count;
}

/* The entry of this step that stands last carries the whole difference: the row is equal after folding all. */
static void explain_changes(struct world *w, incident_id id)
{
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const struct incident *now = incident_get(w, id);
    if (now == NULL) return; /* left the world in this step */
    const int64_t *before = &incident_extra(w, id)->before.id, *after = &now->id;
    struct change changes[sizeof(struct incident) / sizeof(int64_t)];
    size_t n = 0;
    for (size_t i = 0; i < def->n_fields; i++)
        if (before[i] != after[i] && (def->fields[i].flags & ROW_LIVE) == 0)
            changes[n++] = (struct change){ (int64_t)i, after[i] };
    if (n == 0) return;
    struct entry *e = last_entry_of(w, id);
    CHECK(e != NULL); /* a change of an incident that nobody wrote down (I19) */
    add_changes(w, e, changes, n);
}

void timeline_end_step(struct world *w)
{
    for (size_t i = 0; i < w->edited.n; i++) explain_changes(w, w->edited.v[i]);
}
