/* paste.h - lines to paste: what a diagnostic offers for the place of the lines that it is about (R2).
 *
 * Never true: a line is offered that does not compile there (tests/golden/procedures_paste.c tries every one). Pure. */
#ifndef PROCEDURES_PASTE_H
#define PROCEDURES_PASTE_H

#include "procedures/compile.h"

struct buf;

/* By how it begins: a list mark, `#`, `|`, `**` are a line's; anything else is advice in words. So is a list item in the
 * place of a heading or a row, whose line `raw` is. */
enum paste paste_of(struct slice suggestion, struct slice raw);

/* The line for a machine to put there: indented and marked as the first of the lines that it replaces. False, and
 * nothing written, when the suggestion is advice. */
bool diagnostic_replacement(const struct compiled *c, const struct diagnostic *d, struct buf *out);

#endif
