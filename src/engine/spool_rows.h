/* spool_rows.h - rows and entries as the bytes of a spool's record: integers as LEB128 of their zigzag, texts with their
 * length. Pure. What it cannot read is an error: a record's checksum was judged before. */
#ifndef ENGINE_SPOOL_ROWS_H
#define ENGINE_SPOOL_ROWS_H

#include "engine/spool.h"

void spool_add_row(struct buf *out, const struct row *r);
void spool_add_deletion(struct buf *out, enum row_kind kind, const int64_t *key);
void spool_add_entry(struct buf *out, const struct entry *en); /* without its seal */
void spool_add_erasure(struct buf *out, const struct erasure *x);
/* The items of a record into `out`, later rows over earlier ones; entries copied. */
int spool_take_items(struct slice body, struct spooled *out, struct error *e);

#endif
