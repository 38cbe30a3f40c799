/* page_parts.h - what both pages share: head, foot, sentences, the draft banner. Private to page*.c. */
#ifndef PROCEDURES_PAGE_PARTS_H
#define PROCEDURES_PAGE_PARTS_H

#include "procedures/page.h"
#include "procedures/reading.h"
#include "procedures/visible.h"

extern const char page_style[]; /* the sheet of both pages */

struct slice page_title(const struct compiled *c); /* its title, else its file name */
void page_head(const struct compiled *c, const char *what, struct buf *out); /* up to <main> */
void page_foot(struct buf *out);
void page_draft(const struct compiled *c, struct buf *out); /* nothing when document control is filled in (R135) */
/* "L12"; of several documents "D2L12". */
void page_anchor(const struct compiled *c, unsigned line, struct buf *out);
/* The sentences of one part as a list; lines link to page_anchor() when `linked`. */
void page_part(const struct compiled *c, const struct readings *all, enum reading_part part, bool linked,
               struct buf *out);
bool page_part_is_empty(const struct readings *all, enum reading_part part);

#endif
