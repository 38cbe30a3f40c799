/* page.h - a document as one self-contained HTML file: the preview for who reviews it, the page for who needs it on paper.
 *
 * No script, no external resource (a policy in the head forbids both), every text escaped, by day and by night, from a
 * phone's width to paper. Pure: the same document gives the same bytes; check the buffer's `overflow`. */
#ifndef PROCEDURES_PAGE_H
#define PROCEDURES_PAGE_H

#include "base/buf.h"
#include "procedures/compile.h"

/* R16: every source line with its class, and beside it how it is read, what is wrong, what was settled. */
void page_print_preview(const struct compiled *c, struct buf *out);
/* R17: the whole document to read and print, with who is paged in front. */
void page_print_document(const struct compiled *c, struct buf *out);

#endif
