/* world_read.c - looking at the world from outside: rows to save, texts to print. Changes nothing. */
#include "core/world.h"

#include "core/state_parts.h"

/* The row of a packed alert; false when it has none of this kind. Good until the next row of the kind is asked for. */
static bool show(const struct world *w, const struct alert_cell *c, enum row_kind kind, struct row *out)
{
    struct alerts_shown *s = w->shown;
    *out = (struct row){ .kind = kind };
    if (c == NULL) return false;
    if (kind == ROW_ALERT_LIVE) {
        s->live = live_unpacked(&c->live, c->row.id);
        out->v = &s->live.id;
        return c->has_live;
    }
    if (!c->has_row) return false;
    buf_reset(&s->text);
    alert_table_labels_text(w->alerts, c, &s->text);
    s->row = alert_table_row(w->alerts, c);
    out->v = &s->row.id;
    out->text = buf_slice(&s->text);
    return true;
}

static bool is_packed(enum row_kind kind)
{
    return kind == ROW_ALERT || kind == ROW_ALERT_LIVE;
}

bool world_row(const struct world *w, const struct mark *m, struct row *out)
{
    if (is_packed(m->kind)) return show(w, alert_table_find(w->alerts, m->key[0]), m->kind, out);
    return state_row(w, m->kind, row_key(m->kind, m->key), out);
}

bool world_next_row(const struct world *w, enum row_kind kind, size_t *at, struct row *out)
{
    const struct alert_cell *c = NULL;
    while (is_packed(kind) && (c = alert_table_next(w->alerts, at)) != NULL)
        if (show(w, c, kind, out)) return true;
    return !is_packed(kind) && state_next_row(w, kind, at, out);
}

const struct incident *world_incident(const struct world *w, incident_id id)
{
    return incident_get(w, id);
}

const struct page *world_page(const struct world *w, page_id id)
{
    return page_get(w, id);
}

const struct delivery *world_delivery(const struct world *w, delivery_id id)
{
    return delivery_get(w, id);
}

const struct alert_kept *world_alert(const struct world *w, alert_id id)
{
    return alert_get(w, id);
}

const struct alert_shared *world_alert_shared(const struct world *w, const struct alert_kept *a)
{
    return alert_shared(w, a);
}

const struct live_kept *world_alert_live(const struct world *w, alert_id id)
{
    return live_get(w, id);
}

struct slice world_text(const struct world *w, symbol s)
{
    return symbol_text(w, s);
}

symbol world_symbol(const struct world *w, struct slice text)
{
    int64_t s = 0;
    return smap_get(w->symbols, text, &s) ? s : 0;
}

const struct directory *world_directory(const struct world *w)
{
    return w->directory;
}

const struct policy *world_policy(const struct world *w, bundle_id id)
{
    for (size_t i = 0; i < w->bundles.n; i++)
        if (w->bundles.v[i].id == id) return w->bundles.v[i].policy;
    return NULL;
}

bundle_id world_active_bundle(const struct world *w)
{
    return w->active;
}

bundle_id world_proposed_bundle(const struct world *w)
{
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;)
        if (b->waiting != 0) return b->id;
    return 0;
}

size_t world_count(const struct world *w, enum row_kind kind)
{
    return is_packed(kind) ? alert_table_count(w->alerts) : state_count(w, kind);
}
