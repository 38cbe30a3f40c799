/* mojibake.h - finds UTF-8 that was decoded as Windows-1252 and encoded again ("â†’" for "→"), one character at a time.
 *
 * Repair is per run, never per file (G14): two to four code points whose Windows-1252 (or C1) bytes form exactly one
 * valid UTF-8 sequence, and only when that decodes to a character of the allow-list. Proper text stays as it is. */
#ifndef PROCEDURES_MOJIBAKE_H
#define PROCEDURES_MOJIBAKE_H

#include "base/slice.h"

struct arena;

/* Bytes of `s` (valid UTF-8) that its start's run takes, 0 when none stands there. `good` gets the repaired character:
 * `*n_good` bytes. */
size_t mojibake_run(struct slice s, char good[4], size_t *n_good);

/* The line with every run repaired (allocated in `a`), or the line itself when there is none. `*runs` counts them. */
struct slice mojibake_repair(struct arena *a, struct slice line, unsigned *runs);

/* The offset in `raw` that offset `at` of its repaired twin came from. */
size_t mojibake_origin(struct slice raw, size_t at);

#endif
