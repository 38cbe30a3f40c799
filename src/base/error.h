/* error.h - a code to branch on, a sentence for the human.
 *
 * Functions return 0 or one of the negative codes and fill `struct error` only on failure: what is wrong, where, and
 * what to do instead. They never log; whoever ends the journey of the error does. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#define ERROR_CODES(X)                                  \
    X(SYNTAX, -1, "cannot be read")                     \
    X(NOT_FOUND, -2, "not found")                       \
    X(CONFLICT, -3, "conflicts with the present state") \
    X(LIMIT, -4, "larger than its limit")               \
    X(DENIED, -5, "not permitted")                      \
    X(IO, -6, "the operating system refused")           \
    X(BUSY, -7, "try again later")                      \
    X(UNKNOWN, -8, "outcome unknown, look again")       \
    X(BUG, -9, "a fault in Tocsin")                     \
    X(NOMEM, -10, "out of memory")                      \
    X(INVALID, -11, "not valid")                        \
    X(UNAVAILABLE, -12, "not available")

enum error_code {
#define X(sym, code, text) ERR_##sym = code,
    ERROR_CODES(X)
#undef X
};

struct error {
    int code; /* 0 until something failed */
    unsigned line, col; /* 1-based; 0 = no place */
    char detail[320]; /* UTF-8, NUL-terminated, cut at a code point */
};

/* return fail(e, ERR_SYNTAX, "…"); e may be NULL. Returns `code`. */
int fail(struct error *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int fail_at(struct error *e, int code, unsigned line, unsigned col, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
const char *error_code_name(int code);

#endif
