/* dump.h - the whole policy as stable text, one fact a line: for golden files, for comparing two documents, for people
 * who ask what exactly was read. The same policy gives the same text; every field of policy.h is in it. */
#ifndef PROCEDURES_DUMP_H
#define PROCEDURES_DUMP_H

#include "base/buf.h"
#include "procedures/compile.h"

void policy_dump(const struct policy *p, struct buf *out);
void book_dump(const struct policy *p, struct buf *out); /* its part about policy_book.h */

/* One letter a line of the document: C compiled, P prose, S structure, R rejected; 50 in a row. */
void classes_dump(const struct compiled *c, struct buf *out);

/* "SEV1/SEV2" for a set, "every level" for all. */
void level_set_dump(const struct policy *p, level_set set, struct buf *out);

/* "5m", "1h30m", "-" for POLICY_NONE. */
void duration_dump(int64_t ms, struct buf *out);

/* ` name=5m` and ` name="text"`; nothing for POLICY_NONE and for an empty text. */
void duration_field_dump(struct buf *out, const char *name, int64_t ms);
void text_field_dump(struct buf *out, const char *name, struct slice value);

#endif
