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
    struct buf text = { 0 };
    for (size_t i = 0; i < n; i++) buf_add(&text, parts[i]);
    struct slice kept = arena_copy(w->fx->arena, buf_slice(&text));
    buf_release(&text);
    symbol actor = state_actor(w);
    int64_t seq = next_seq(w, id);
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

void timeline_begin_step(struct world *w)
{
    w->step++;
    w->first_entry = w->fx->entries.n;
    vec_clear(&w->edited);
}

static struct entry *last_entry_of(struct world *w, incident_id id)
{
    for (size_t i = w->fx->entries.n; i > w->first_entry; i--)
        if (w->fx->entries.v[i - 1].incident == id) return &w->fx->entries.v[i - 1];
    return NULL;
}

/* The entry of this step that stands last carries the whole difference: the row is equal after folding all. */
static void explain_changes(struct world *w, incident_id id)
{
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const struct incident *now = incident_get(w, id);
    if (now == NULL) return; /* left the world in this step */
    const int64_t *before = &incident_extra(w, id)->before.id, *after = &now->id;
    struct change *changes = arena_array(w->fx->arena, struct change, def->n_fields);
    size_t n = 0;
    for (size_t i = 0; i < def->n_fields; i++)
        if (before[i] != after[i] && (def->fields[i].flags & ROW_LIVE) == 0)
            changes[n++] = (struct change){ (int64_t)i, after[i] };
    if (n == 0) return;
    struct entry *e = last_entry_of(w, id);
    CHECK(e != NULL); /* a change of an incident that nobody wrote down (I19) */
    e->changes = changes;
    e->n_changes = n;
}

void timeline_end_step(struct world *w)
{
    for (size_t i = 0; i < w->edited.n; i++) explain_changes(w, w->edited.v[i]);
}
