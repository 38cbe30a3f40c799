/* matrix.h - scenarios × drills × runbooks: what is practised, and what has nothing to practise with (R128, A45).
 *
 * From the document alone: a drill that was held is known to a server only, so "last drilled" is "-" here. A gap is a
 * drill without a runbook, a scenario without a drill, a scenario without a step. Private to procedures/. */
#ifndef PROCEDURES_MATRIX_H
#define PROCEDURES_MATRIX_H

#include "procedures/json_out.h"

/* Nothing when the document has neither scenarios nor drills. */
void matrix_print(const struct compiled *c, struct buf *out);
void matrix_print_html(const struct compiled *c, struct buf *out);
void matrix_put_json(struct json *j, const struct compiled *c); /* the member effective_coverage */

#endif
