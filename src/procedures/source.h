/* source.h - the document's bytes, checked and cut into lines, each beside its repaired text.
 *
 * A line ends with LF, CRLF or CR, mixed as they may be; its end is in neither slice. Lines are numbered from 1.
 * The last line counts when it is not empty. A byte-order mark belongs to no line. */
#ifndef PROCEDURES_SOURCE_H
#define PROCEDURES_SOURCE_H

#include "base/error.h"
#include "base/slice.h"

struct arena;

struct line {
    struct slice raw; /* as it stands in the file */
    struct slice text; /* mojibake repaired; the same bytes when nothing was to repair */
    unsigned runs; /* repaired */
};

struct source {
    struct slice bytes; /* a copy, in the arena */
    struct line *lines;
    unsigned n;
    unsigned runs, repaired_lines;
};

/* ERR_LIMIT, ERR_INVALID with line, column and the byte offset in the detail. */
int source_read(struct source *out, struct arena *a, struct slice bytes, struct error *e);

/* Precondition: 1 <= line <= n. */
const struct line *source_line(const struct source *s, unsigned line);

/* The 1-based byte column in the file of a pointer into that line's text; 1 when it points elsewhere. */
unsigned source_column(const struct source *s, unsigned line, const char *at);

#endif
