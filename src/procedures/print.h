/* print.h - diagnostics as a good compiler prints them, and as JSON (R2). Pure: text into a buffer.
 *
 *   procedures.md:331:3: error[E-ESCALATION]: expected a duration such as "5 minutes"
 *     331 | - No response in five minutes -> Secondary
 *         |                  ^~~~~~~~~~~~
 *     help: - No response in 5 minutes → Secondary on-call */
#ifndef PROCEDURES_PRINT_H
#define PROCEDURES_PRINT_H

#include "base/buf.h"
#include "procedures/compile.h"

struct print_options {
    bool colour;
    bool notes; /* print notes too */
    unsigned per_code; /* at most so many of one warning or note code, then "… and N more"; 0 = all. Errors: all */
};

void diagnostics_print(const struct compiled *c, const struct print_options *options, struct buf *out);

/* One object: file, bytes, lines, counts, classes, diagnostics[], interpretations[]. */
void diagnostics_print_json(const struct compiled *c, struct buf *out);

/* A document that broke a hard limit, in the same two forms. */
void compile_error_print(struct slice file_name, const struct error *e, bool colour, struct buf *out);
void compile_error_print_json(struct slice file_name, const struct error *e, struct buf *out);

/* The last line for people: "emergency.md: 403 lines: 180 compiled, … ; 0 errors, 35 warnings, 12 notes". */
void compiled_print_summary(const struct compiled *c, struct buf *out);

/* 0 clean, 1 warnings, 2 errors (R2). */
int compiled_exit_status(const struct compiled *c);

#endif
