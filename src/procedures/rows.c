/* rows.c - a table where a list could stand as well. Not here: tables whose columns have meanings of their own. */
#include "procedures/rows.h"

bool cell_is_empty(struct slice cell)
{
    static const struct slice nothing[] = { S("-"), S("–"), S("—"), S("n/a"), S("none") };
    for (size_t i = 0; i < COUNT_OF(nothing); i++)
        if (slice_eq_nocase(cell, nothing[i])) return true;
    return cell.n == 0;
}

/* "1", "#2", "3." */
static bool is_number(struct slice cell)
{
    int64_t number;
    slice_cut_prefix(&cell, S("#"));
    if (!slice_cut_uint(&cell, &number)) return false;
    slice_cut_prefix(&cell, S("."));
    return cell.n == 0;
}

bool row_open(struct compiler *c, const struct node *n, struct row *out)
{
    if (n->header) return false;
    *out = (struct row){ .node = n };
    out->n = row_cells(c->arena, n->text, out->cells, ROW_CELLS_MAX);
    row_cells(c->arena, c->doc.v[n->table].text, out->heads, ROW_CELLS_MAX);
    while (out->text < out->n && (cell_is_empty(out->cells[out->text]) || is_number(out->cells[out->text])))
        out->text++;
    return out->text < out->n;
}

struct node row_item(const struct row *r)
{
    struct node item = *r->node;
    item.kind = NODE_ITEM;
    item.level = 1;
    item.text = item.rest = r->cells[r->text];
    return item;
}

struct slice row_detail(struct compiler *c, const struct row *r, size_t i)
{
    struct slice head = r->heads[i], cell = r->cells[i];
    if (i == r->text || cell_is_empty(cell) || is_number(cell)) return (struct slice){ 0 };
    if (head.n == 0) return cell;
    return text_make(c, "%.*s: %.*s", (int)head.n, head.p, (int)cell.n, cell.p);
}
