/* template_parts.h - pieces of text that template.c and template_post.c share. For core/ alone. */
#ifndef CORE_TEMPLATE_PARTS_H
#define CORE_TEMPLATE_PARTS_H

#include "core/template.h"

struct slice text_service(const struct world *w, const struct incident *i); /* its full name, or "unrouted" */
void text_severity(const struct world *w, const struct incident *i, struct buf *out); /* "SEV2?" while provisional */
/* "03:05 CET" or "2026-01-05 03:05 CET": the organisation's zone, always named. */
void text_clock(const struct world *w, int64_t wall, bool with_date, struct buf *out);
/* R28: ". Dial Ada +4930…", the last who was paged and has not answered; then a line of all of them. Without one: nothing.
 * `but` is the reader of a page, who is told of those alone whose pages failed; 0 in an alarm, of all. */
void text_dial_first(const struct world *w, const struct incident *i, struct buf *out);
void text_dial_list(const struct world *w, const struct incident *i, symbol but, struct buf *out);
/* The document's template for a post, its fields filled from facts. */
void template_render_post(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out);
/* The same, and how it stands now. */
void template_render_update(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out);

#endif
