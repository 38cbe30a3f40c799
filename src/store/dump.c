/* dump.c - the whole store as text, one line a row, for comparing stores and for tests. */
#include "store/port.h"

#include "base/check.h"

struct dumper {
    struct store_each_row rows;
    struct store_each_entry entries;
    struct buf *out;
};

/* Printable ASCII as it is, other bytes as \xx: a line stays a line whatever a text holds. */
static void add_text(struct buf *out, struct slice text)
{
    buf_add_str(out, " \"");
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
            buf_add_char(out, c);
        } else {
            buf_add_char(out, '\\');
            buf_add_hex(out, (struct slice){ &text.p[i], 1 });
        }
    }
    buf_add_char(out, '"');
}

static int dump_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct buf *out = ((struct dumper *)self)->out;
    const struct row_def *def = &row_defs[r->kind];
    (void)e;
    buf_add_str(out, def->table);
    for (size_t i = 0; i < def->n_fields; i++) {
        buf_add_char(out, ' ');
        buf_add_int(out, r->v[i]);
    }
    if (def->has_text) add_text(out, r->text);
    buf_add_char(out, '\n');
    return 0;
}

static int dump_entry(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct buf *out = ((struct dumper *)((char *)self - offsetof(struct dumper, entries)))->out;
    const int64_t v[] = { en->incident, en->seq,  en->at,  en->wall, en->actor,
                          en->via,      en->kind, en->ref, en->rule, en->line };
    (void)e;
    buf_add_str(out, "timeline");
    for (size_t i = 0; i < COUNT_OF(v); i++) {
        buf_add_char(out, ' ');
        buf_add_int(out, v[i]);
    }
    add_text(out, en->text);
    for (size_t i = 0; i < en->n_changes; i++)
        buf_addf(out, " %lld=%lld", (long long)en->changes[i].field, (long long)en->changes[i].value);
    buf_add_char(out, '\n');
    return 0;
}

int store_dump(struct store *s, struct buf *out, struct error *e)
{
    struct dumper d = { { dump_row }, { dump_entry }, out };
    struct store_reader *r;
    int rc = store_reader_open(s, &r, e);
    if (rc == 0) rc = store_reader_begin(r, 0, e);
    for (int k = 0; rc == 0 && k < ROW_KIND_MAX; k++)
        if (row_defs[k].table != NULL) rc = r->ops->all_rows(r, (enum row_kind)k, &d.rows, e);
    if (rc == 0) rc = r->ops->all_entries(r, &d.entries, e);
    if (rc == 0 && out->overflow) rc = fail(e, ERR_LIMIT, "the dump is larger than %zu bytes: allow more", out->max);
    store_reader_close(&r);
    return rc;
}
