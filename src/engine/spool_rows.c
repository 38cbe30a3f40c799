/* spool_rows.c - the encoding of the spool's records. */
#include "engine/spool_rows.h"

#include <string.h>

#include "base/check.h"

enum item { ITEM_UNSET = 0, ITEM_ROW, ITEM_DELETION, ITEM_ENTRY, ITEM_ERASURE };

#define ENTRY_INTS 10

/* --- out --- */

static void add_int(struct buf *out, int64_t v)
{
    uint64_t rest = ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
    for (; rest >= 0x80; rest >>= 7) buf_add_char(out, (char)(rest | 0x80));
    buf_add_char(out, (char)rest);
}

static void add_text(struct buf *out, struct slice text)
{
    add_int(out, (int64_t)text.n);
    buf_add(out, text);
}

void spool_add_row(struct buf *out, const struct row *r)
{
    const struct row_def *def = &row_defs[r->kind];
    add_int(out, ITEM_ROW);
    add_int(out, r->kind);
    for (size_t i = 0; i < def->n_fields; i++) add_int(out, r->v[i]);
    if (def->has_text) add_text(out, r->text);
}

void spool_add_deletion(struct buf *out, enum row_kind kind, const int64_t *key)
{
    add_int(out, ITEM_DELETION);
    add_int(out, kind);
    for (size_t i = 0; i < row_defs[kind].n_keys; i++) add_int(out, key[i]);
}

void spool_add_entry(struct buf *out, const struct entry *en)
{
    const int64_t ints[ENTRY_INTS] = { en->incident, en->seq,  en->at,  en->wall, en->actor,
                                       en->via,      en->kind, en->ref, en->rule, en->line };
    add_int(out, ITEM_ENTRY);
    for (size_t i = 0; i < ENTRY_INTS; i++) add_int(out, ints[i]);
    add_text(out, en->text);
    add_int(out, (int64_t)en->n_changes);
    for (size_t i = 0; i < en->n_changes; i++) {
        add_int(out, en->changes[i].field);
        add_int(out, en->changes[i].value);
    }
}

void spool_add_erasure(struct buf *out, const struct erasure *x)
{
    add_int(out, ITEM_ERASURE);
    add_int(out, x->incident);
    add_int(out, x->seq);
}

/* --- in --- */

struct cursor {
    struct slice rest;
    bool bad; /* sticks */
};

static int64_t take_int(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->rest.n == 0) break;
        const uint8_t byte = (uint8_t)c->rest.p[0];
        c->rest = slice_from(c->rest, 1);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return (int64_t)(v >> 1 ^ (0 - (v & 1)));
    }
    c->bad = true;
    return 0;
}

static struct slice take_text(struct cursor *c, struct arena *a)
{
    const int64_t n = take_int(c);
    if (c->bad || n < 0 || (uint64_t)n > c->rest.n) {
        c->bad = true;
        return (struct slice){ 0 };
    }
    const struct slice text = arena_copy(a, slice_upto(c->rest, (size_t)n));
    c->rest = slice_from(c->rest, (size_t)n);
    return text;
}

static enum row_kind take_kind(struct cursor *c)
{
    const int64_t kind = take_int(c);
    if (!c->bad && kind > ROW_UNSET && kind < ROW_KIND_MAX && row_defs[kind].table != NULL) return (enum row_kind)kind;
    c->bad = true;
    return ROW_UNSET;
}

/* The place of this key's last word. */
static struct spooled_row *row_at(struct spooled *p, enum row_kind kind, const int64_t *v)
{
    const struct ikey k = row_key(kind, v);
    int64_t place;
    if (p->index[kind] == NULL) p->index[kind] = imap_create(0); /* our own file */
    if (imap_get(p->index[kind], k, &place)) return &p->rows.v[place];
    imap_put(p->index[kind], k, (int64_t)p->rows.n);
    return vec_push(&p->rows);
}

static void take_row(struct cursor *c, struct spooled *p, bool deleted)
{
    const enum row_kind kind = take_kind(c);
    if (c->bad) return;
    const struct row_def *def = &row_defs[kind];
    int64_t *v = arena_array(p->arena, int64_t, def->n_fields);
    const size_t n = deleted ? def->n_keys : def->n_fields;
    for (size_t i = 0; i < n; i++) v[i] = take_int(c);
    struct spooled_row item = { .row = { .kind = kind, .v = v }, .deleted = deleted };
    if (def->has_text && !deleted) item.row.text = take_text(c, p->arena);
    if (!c->bad) *row_at(p, kind, v) = item;
}

static void take_entry(struct cursor *c, struct spooled *p)
{
    int64_t v[ENTRY_INTS];
    for (size_t i = 0; i < ENTRY_INTS; i++) v[i] = take_int(c);
    struct entry en = { .incident = v[0],
                        .seq = v[1],
                        .at = v[2],
                        .wall = v[3],
                        .actor = (symbol)v[4],
                        .via = v[5],
                        .kind = v[6],
                        .ref = v[7],
                        .rule = v[8],
                        .line = v[9] };
    en.text = take_text(c, p->arena);
    const int64_t n = take_int(c);
    if (c->bad || n < 0 || (uint64_t)n > c->rest.n) { /* a change takes two bytes at least */
        c->bad = true;
        return;
    }
    struct change *changes = arena_array(p->arena, struct change, (size_t)n + 1);
    for (int64_t i = 0; i < n; i++) {
        changes[i].field = take_int(c);
        changes[i].value = take_int(c);
    }
    en.changes = changes;
    en.n_changes = (size_t)n;
    const struct ikey k = { en.incident, en.seq };
    if (p->seen == NULL) p->seen = imap_create(0);
    if (c->bad || imap_get(p->seen, k, NULL)) return; /* spooled again by a start that could not commit either */
    imap_put(p->seen, k, 1);
    *vec_push(&p->entries) = en;
}

static void take_erasure(struct cursor *c, struct spooled *p)
{
    struct erasure x;
    x.incident = take_int(c);
    x.seq = take_int(c);
    if (!c->bad) *vec_push(&p->erasures) = x;
}

int spool_take_items(struct slice body, struct spooled *out, struct error *e)
{
    struct cursor c = { .rest = body };
    while (c.rest.n > 0 && !c.bad) {
        const int64_t item = take_int(&c);
        if (item == ITEM_ENTRY)
            take_entry(&c, out);
        else if (item == ITEM_ERASURE)
            take_erasure(&c, out);
        else if (item == ITEM_ROW || item == ITEM_DELETION)
            take_row(&c, out, item == ITEM_DELETION);
        else
            c.bad = true;
    }
    return c.bad ? fail(e, ERR_INVALID, "the spool holds a record that this version cannot read") : 0;
}
