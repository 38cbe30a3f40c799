/* state_alert.c - alerts in the world: the packed table (alert_table.h) behind the same verbs as the other rows. */
#include "core/state.h"
#include "core/state_parts.h"

static struct alert_cell *cell_there(const struct world *w, alert_id id)
{
    struct alert_cell *c = alert_table_find(w->alerts, id);
    CHECK(c != NULL);
    return c;
}

const struct alert_kept *alert_get(const struct world *w, alert_id id)
{
    const struct alert_cell *c = alert_table_find(w->alerts, id);
    return c == NULL || !c->has_row ? NULL : &c->row;
}

const struct live_kept *live_get(const struct world *w, alert_id id)
{
    const struct alert_cell *c = alert_table_find(w->alerts, id);
    return c == NULL || !c->has_row ? NULL : &c->live;
}

/* In this batch, one of its rows or both. */
static bool is_marked(const struct world *w, const struct alert_cell *c)
{
    if (!c->row_marked && !c->live_marked) return false;
    return state_number_is_marked(w, ROW_ALERT, c->row.id, c->mark) ||
           state_number_is_marked(w, ROW_ALERT_LIVE, c->row.id, c->mark);
}

static void begin_marks(struct world *w, struct alert_cell *c)
{
    if (!is_marked(w, c)) c->row_marked = c->live_marked = 0;
}

struct alert_kept *alert_edit(struct world *w, alert_id id)
{
    struct alert_cell *c = cell_there(w, id);
    begin_marks(w, c);
    if (!c->row_marked) c->mark = state_mark_number(w, ROW_ALERT, id);
    c->row_marked = 1;
    return &c->row;
}

struct live_kept *live_edit(struct world *w, alert_id id)
{
    struct alert_cell *c = cell_there(w, id);
    begin_marks(w, c);
    if (!c->live_marked) c->mark = state_mark_number(w, ROW_ALERT_LIVE, id);
    c->live_marked = c->has_live = 1;
    return &c->live;
}

struct live_kept *live_edit_first(struct world *w, alert_id id)
{
    struct alert_cell *c = cell_there(w, id);
    CHECK(!c->has_live && is_marked(w, c));
    return &c->live;
}

const struct alert_shared *alert_shared(const struct world *w, const struct alert_kept *a)
{
    return alert_table_shared(w->alerts, a);
}

void alert_share(struct world *w, alert_id id, const struct alert_shared *shared)
{
    alert_table_share(w->alerts, alert_edit(w, id), shared);
}

struct alert_changes alert_changes(const struct world *w, alert_id id)
{
    return alert_table_changes(cell_there(w, id));
}

void alert_put_changes(struct world *w, alert_id id, struct alert_changes changes)
{
    alert_edit(w, id);
    alert_table_put_changes(w->alerts, cell_there(w, id), changes);
}

alert_id alert_named(const struct world *w, uint64_t fingerprint, struct slice labels_text)
{
    const struct alert_cell *c = alert_table_named(w->alerts, fingerprint, labels_text);
    return c == NULL ? 0 : c->row.id;
}

void alerts_expect(const struct world *w, const struct signal *v, size_t n)
{
    const struct counter *c = state_get(w, ROW_COUNTER, (struct ikey){ ROW_ALERT, 0 });
    int64_t id = c == NULL ? 1 : c->last + 1;
    for (size_t i = 0; i < n; i++) alert_table_expect(w->alerts, v[i].fingerprint, id++);
}

alert_id alert_add(struct world *w, uint64_t fingerprint, struct slice labels_text)
{
    alert_id id = state_next_id(w, ROW_ALERT);
    struct alert_cell *c = alert_table_add(w->alerts, id);
    alert_table_name(w->alerts, c, fingerprint, labels_text);
    w->bytes += (int64_t)labels_text.n;
    c->has_row = 1;
    alert_edit(w, id);
    return id;
}

bool alert_waits(const struct world *w, alert_id id)
{
    const struct alert_cell *c = alert_table_find(w->alerts, id);
    return c != NULL && is_marked(w, c);
}

void alert_forget(struct world *w, alert_id id)
{
    struct alert_cell *c = cell_there(w, id);
    w->bytes -= (int64_t)alert_table_labels_size(w->alerts, c);
    alert_table_remove(w->alerts, c);
}

const struct alert_kept *alert_next(const struct world *w, size_t *at)
{
    const struct alert_cell *c;
    while ((c = alert_table_next(w->alerts, at)) != NULL)
        if (c->has_row) return &c->row;
    return NULL;
}

size_t alert_labels(const struct world *w, alert_id id, struct label out[LABELS_MAX])
{
    const struct alert_cell *c = alert_table_find(w->alerts, id);
    return c == NULL ? 0 : alert_table_labels(w->alerts, c, out);
}

/* They come in any order: the live row, if there is one, is newer than what the alert's own row says of it. */
static bool load_into(struct world *w, struct alert_cell *c, const struct row *r)
{
    const struct alert *a = (const struct alert *)r->v;
    if (r->kind == ROW_ALERT ? c->has_row : c->has_live) return false;
    if (r->kind == ROW_ALERT_LIVE) {
        c->has_live = 1;
        return live_pack(&c->live, (const struct alert_live *)r->v);
    }
    const struct alert_live live = alert_first_live(a);
    c->has_row = 1;
    alert_table_name(w->alerts, c, fnv1a64(FNV1A64_START, r->text), r->text);
    w->bytes += (int64_t)r->text.n;
    if (a->changed_at != 0)
        alert_table_put_changes(w->alerts, c, (struct alert_changes){ a->change_gaps, a->changed_at });
    return alert_table_pack(w->alerts, &c->row, a) && (c->has_live || live_pack(&c->live, &live));
}

int alert_load(struct world *w, const struct row *r, struct error *e)
{
    struct alert_cell *c = alert_table_find(w->alerts, r->v[0]);
    if (c == NULL) c = alert_table_add(w->alerts, r->v[0]);
    if (load_into(w, c, r)) return 0;
    return fail(e, ERR_INVALID, "%s %lld is there twice, or not what Tocsin writes", row_defs[r->kind].table,
                (long long)r->v[0]);
}
