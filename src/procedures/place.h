/* place.h - a line in the words of a sentence: "line 12"; of several documents "shop.md:12, added". Private. */
#ifndef PROCEDURES_PLACE_H
#define PROCEDURES_PLACE_H

#include "base/buf.h"
#include "procedures/compile.h"

void place_add(const struct compiled *c, unsigned line, struct buf *out);
void place_add_bare(const struct compiled *c, unsigned line, struct buf *out); /* without how it came there */

#endif
