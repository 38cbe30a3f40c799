/* scenario_table.h - what a row of a table inside a runbook says. Private to procedures/. */
#ifndef PROCEDURES_SCENARIO_TABLE_H
#define PROCEDURES_SCENARIO_TABLE_H

#include "procedures/book.h"

#define PIECES_MAX 48

struct row_piece {
    enum scenario_part part;
    struct slice text;
    bool detail; /* of the piece before it */
    int64_t after_ms; /* of a trigger: the time in its row's own column; POLICY_NONE */
};

/* The pieces of a row in order. The heads say what the columns are (`Symptom | Action | Escalate if`), the first cell of
 * a row does (`Severity | SEV2`), or the label above the table does (`open`). 0: nothing says so; the row is prose. */
size_t scenario_row_read(struct compiler *c, const struct node *n, enum scenario_part open, struct row_piece *out);

#endif
