/* template.h - the words that leave: page texts (R158), stand-downs, posts from the document's templates (R80).
 *
 * Rendered when an attempt is made, from committed rows. Fixed texts: subject at most 60 characters, short at most 160
 * GSM-7 characters, voice about 15 s. A field of a template that nobody has filled says "unknown": a raw bracket hint is never
 * sent (R29, R80). */
#ifndef CORE_TEMPLATE_H
#define CORE_TEMPLATE_H

#include "core/delivery.h"

struct message_text {
    struct buf subject, text, brief, voice; /* owned: message_release() */
};

/* Everything that a delivery says. `ack_url` may be empty (no responder address, or nothing to acknowledge). */
void message_render(const struct world *w, delivery_id id, int64_t wall, struct slice ack_url,
                    struct message_text *out);
void message_release(struct message_text *m);
/* One line of facts: "INC-7 SEV2? Dashboard: HighErrorRate since 03:00 UTC". */
void message_headline(const struct world *w, const struct incident *i, struct buf *out);
/* What a field with this label is filled from, in words; empty: nothing fills it, it says "unknown" until a person does. */
struct slice template_fact(struct slice label);

#endif
