/* visible.h - text of a document on its way to a screen: what would be obeyed instead of shown is replaced.
 *
 * Control bytes and C1 codes move a terminal's cursor; the directional formatting characters make a line read otherwise
 * than it is compiled. Each becomes U+FFFD; tabs stay. Private to procedures/. */
#ifndef PROCEDURES_VISIBLE_H
#define PROCEDURES_VISIBLE_H

#include "base/buf.h"

void visible_add(struct buf *out, struct slice s);
void visible_add_html(struct buf *out, struct slice s); /* and & < > " ' escaped: for text and quoted attributes */

#endif
