/* explain.h - what a document was compiled to, for people: sentences, coverage, interpretations, paths.
 *
 * Pure: text into a buffer, the same bytes for the same document; check the buffer's `overflow`. Control bytes of the
 * document are made visible, so the text is safe on a terminal. JSON is policy_json.h, HTML is page.h. */
#ifndef PROCEDURES_EXPLAIN_H
#define PROCEDURES_EXPLAIN_H

#include "base/buf.h"
#include "procedures/compile.h"

void explain_print(const struct compiled *c, struct buf *out); /* every sentence with its line */

/* Each source line with its class, then the totals; their sum is the number of lines (R3). */
void coverage_print(const struct compiled *c, struct buf *out);
void coverage_print_json(const struct compiled *c, struct buf *out);

/* What was ambiguous and how it was settled (G10): what an approver reads. */
void interpretations_print(const struct compiled *c, struct buf *out);
void interpretations_print_json(const struct compiled *c, struct buf *out);

/* Every path through each decision tree, with its answers (R78). */
void paths_print(const struct compiled *c, struct buf *out);
void paths_print_json(const struct compiled *c, struct buf *out);

#endif
