/* template_parts.h - pieces of text that template.c and template_post.c share. For core/ alone. */
#ifndef CORE_TEMPLATE_PARTS_H
#define CORE_TEMPLATE_PARTS_H

#include "core/template.h"

struct slice text_service(const struct world *w, const struct incident *i); /* its full name, or "unrouted" */
void text_severity(const struct world *w, const struct incident *i, struct buf *out); /* "SEV2?" while provisional */
/* "03:05 CET" or "2026-01-05 03:05 CET": the organisation's zone, always named. */
void text_clock(const struct world *w, int64_t wall, bool with_date, struct buf *out);
/* The document's template for a post, its fields filled from facts. */
void template_render_post(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out);
/* The same, and how it stands now. */
void template_render_update(const struct world *w, const struct delivery *d, int64_t wall, struct message_text *out);

#endif
