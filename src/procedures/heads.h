/* heads.h - units that a table says once, in the head of a column: `Response Time (minutes)` above `15`.
 *
 * The cell is read as "15 minutes", so that no number is taken for something else or lost (G5). Pure. */
#ifndef PROCEDURES_HEADS_H
#define PROCEDURES_HEADS_H

#include "base/slice.h"

struct arena;

/* The header without the units that its heads name, a duration's or "%"; the same slice when there is none. */
struct slice heads_without_units(struct arena *a, struct slice header);
/* The row with each bare number under such a head followed by its unit; the same slice when there is none. */
struct slice row_with_units(struct arena *a, struct slice header, struct slice row);

#endif
