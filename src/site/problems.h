/* problems.h - what is wrong with the site's files: all of it at once, each with its place and what to do instead.
 *
 * Printed as `file:line:col: error: text` (gcc's form, so editors jump to it), in the order found. Bounded: past
 * PROBLEMS_MAX they are counted, not kept. Owns its texts. Not for two threads. */
#ifndef SITE_PROBLEMS_H
#define SITE_PROBLEMS_H

#include "base/buf.h"
#include "base/slice.h"

#define PROBLEMS_MAX 50

#define PROBLEM_KINDS(X) X(ERROR, 1, "error") X(WARNING, 2, "warning")

enum problem_kind {
    PROBLEM_UNSET = 0,
#define X(sym, code, text) PROBLEM_##sym = code,
    PROBLEM_KINDS(X)
#undef X
};

struct place {
    struct slice file; /* as the user named it */
    unsigned line, col; /* 1-based; line 0 = the file as a whole, col 0 = the line as a whole */
};

struct problem {
    enum problem_kind kind;
    struct place at;
    struct slice code; /* "W-NO-WAKING-KIND"; empty for most errors */
    struct slice text; /* UTF-8, one line */
};

struct problems; /* opaque */

struct problems *problems_create(void);
void problems_destroy(struct problems **p); /* NULL is fine; clears *p */
void problems_clear(struct problems *p);

void problem_error(struct problems *p, struct place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void problem_warn(struct problems *p, struct place at, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

void problems_sort(struct problems *p, size_t first); /* those from `first` on, which are of one file: by place */

size_t problems_count(const struct problems *p); /* kept ones, of both kinds */
const struct problem *problems_at(const struct problems *p, size_t i);
size_t problems_errors(const struct problems *p); /* all, kept or not */
size_t problems_warnings(const struct problems *p);
void problem_print(const struct problem *one, struct buf *out); /* one line without its end */
void problems_print(const struct problems *p, struct buf *out); /* lines, and how many were left out */

#endif
