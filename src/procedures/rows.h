/* rows.h - a row of a pipe table where a list could stand as well: tasks, tools, metrics, steps. Private to procedures/.
 *
 * The text of a row is its first cell that says more than a number; the other cells are its details, with their heads. */
#ifndef PROCEDURES_ROWS_H
#define PROCEDURES_ROWS_H

#include "procedures/compiler.h"

#define ROW_CELLS_MAX 16

struct row {
    const struct node *node;
    struct slice cells[ROW_CELLS_MAX], heads[ROW_CELLS_MAX]; /* heads: empty behind the header's last */
    size_t n;
    size_t text; /* index of the cell that is the item */
};

/* False for a header, and for a row that says nothing. */
bool row_open(struct compiler *c, const struct node *n, struct row *out);
/* The row as an item of a list: its text alone. */
struct node row_item(const struct row *r);
/* "Owner: Platform", the text of another cell; empty for an empty one, a number or the text itself. */
struct slice row_detail(struct compiler *c, const struct row *r, size_t i);
bool cell_is_empty(struct slice cell); /* "", "-", "n/a", "none" */

#endif
