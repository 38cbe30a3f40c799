/* merge_weaker.h - what the files of the comparison "not weaker" share. Private to merge_weaker*.c.
 *
 * Each finding is told once, with both values, at the line of this document that says so, else at its front matter. */
#ifndef PROCEDURES_MERGE_WEAKER_H
#define PROCEDURES_MERGE_WEAKER_H

#include "procedures/merge_inner.h"

struct weighing {
    struct merger *m;
    size_t doc; /* that made the view */
    const struct policy *base, *view;
};

/* The element's line where this document brought it, else the line of its front matter. */
unsigned weigh_line(const struct weighing *w, enum section_role role, const void *element, unsigned line);
/* An error; a warning where an override for this section holds. */
void weigh_tell(const struct weighing *w, enum section_role role, unsigned line, struct slice what);
struct slice weigh_text(const struct weighing *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct slice weigh_time(const struct weighing *w, int64_t ms); /* "5 min", "90 s"; "no time" for POLICY_NONE */

void weigh_due(const struct weighing *w); /* merge_weaker_due.c */
void weigh_book(const struct weighing *w); /* merge_weaker_book.c */

#endif
