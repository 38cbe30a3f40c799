/* codes.h - every code that a diagnostic about procedures or their binding can have, with its meaning and its cure.
 *
 * Codes are stable and never reused. SARIF rules and docs/diagnostics.md are made of this table; a test compares it with
 * the codes in the source, so that none is missing. */
#ifndef PROCEDURES_CODES_H
#define PROCEDURES_CODES_H

#include "base/buf.h"
#include "procedures/compile.h"

struct code_def {
    const char *code, *meaning, *cure;
};

extern const struct code_def code_defs[]; /* by code; ends with `code` NULL */

int code_index(struct slice code); /* in code_defs, -1 when unknown */
enum diagnostic_level code_level(const struct code_def *d); /* by its first letter */

void codes_print(struct buf *out); /* all of them, as a table in Markdown */

#endif
