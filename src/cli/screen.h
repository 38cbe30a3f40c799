/* screen.h - what people read: a text being built, colours where a terminal is, times by the reader's own clock.
 *
 * Colour only on a terminal, never with NO_COLOR set or TERM=dumb. Times are local and name their zone. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "base/buf.h"
#include "base/error.h"
#include "base/zone.h"

#define COLOURS(X) \
    X(PLAIN, "0")  \
    X(BOLD, "1")   \
    X(FAINT, "2")  \
    X(RED, "31")   \
    X(GREEN, "32") \
    X(YELLOW, "33")

enum colour {
#define X(sym, code) COLOUR_##sym,
    COLOURS(X)
#undef X
};

struct screen {
    struct buf out;
    bool colour;
    struct zone *zone; /* never NULL */
    int64_t now_ms; /* UTC; one reading for the whole text */
};

void screen_open(struct screen *s); /* reads terminal, clock and zone ($TZ, else /etc/localtime, else UTC) */
/* Prints to standard output and ends it; ERR_IO when that cannot be written (a full disk, a closed pipe). */
int screen_close(struct screen *s, struct error *e);

void screen_coloured(struct screen *s, enum colour c, struct slice text);
void screen_time(struct screen *s, int64_t utc_ms); /* "2026-01-05 04:00:12 CET" */
void screen_clock(struct screen *s, int64_t utc_ms); /* "04:00:12", with the date where it is not today's */
void screen_span(struct screen *s, int64_t ms); /* "3m 12s", "2h 05m", "4d 02h" */
/* For what comes from outside: control characters cannot move the terminal's cursor. */
void screen_text(struct screen *s, struct slice text);
size_t screen_width(struct slice text); /* columns of a terminal */

/* May the stream show colours? */
bool terminal_takes_colour(int fd);

/* --- tables: cells are copied; the width of a column is that of its widest cell --- */

struct table; /* opaque */

struct table *table_create(const char *const *heads, size_t columns);
void table_destroy(struct table **t); /* NULL is fine; clears *t */
void table_cell(struct table *t, enum colour c, struct slice text); /* row by row, left to right */
size_t table_rows(const struct table *t);
void table_print(const struct table *t, struct screen *s, const char *indent);

#endif
