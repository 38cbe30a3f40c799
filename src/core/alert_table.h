/* alert_table.h - the alerts that the world holds, packed: a hundred thousand of them in fourteen megabytes.
 *
 * One cell an alert holds what the store knows as two rows, ALERT and ALERT_LIVE. A cell is
 *
 *   25 B  row      its number, that of its ALERT_SHARED, and ALERT_VALUES, each in the bits that row.h gives it
 *   29 B  live     ALERT_LIVE_VALUES, the same way
 *   15 B  when it ends, its place on the heap of ends, its mark in this batch
 *    8 B  block    of its own (base/blocks.h): its labels, names and values that repeat as numbers of a dictionary; and
 *                  before them, of an alert that ended or came back once, ALERT_CHANGES
 *
 * and costs, besides, eight bytes in each of two indexes (by id, by labels) and four on the heap. Cells lie in slabs and
 * never move: a pointer is good until its alert is removed. The order of alert_table_next() is the order of arrival but
 * for freed cells, which are used again; it depends on nothing else.
 *
 * A container: it knows no rules and no marks. state_alert.c stands between it and the rules. Out of memory aborts. */
#ifndef CORE_ALERT_TABLE_H
#define CORE_ALERT_TABLE_H

#include "base/buf.h"
#include "core/event.h"
#include "core/row.h"

#define F(name, flags, what) int64_t name : ROW_WIDTH(flags);
struct alert_kept {
    int64_t id : 40; /* 0: a free cell */
    uint64_t shared : 32; /* number of its ALERT_SHARED */
    ALERT_VALUES(F)
} __attribute__((packed));
struct live_kept {
    ALERT_LIVE_VALUES(F)
} __attribute__((packed));
#undef F
#define F(name, flags, what) int64_t name;
struct alert_changes {
    ALERT_CHANGES(F)
};
struct alert_shared {
    ALERT_SHARED(F)
};
#undef F

struct alert_cell {
    struct alert_kept row;
    struct live_kept live;
    uint64_t has_row : 1, has_live : 1; /* the rows that the store has, or will have by this batch */
    uint64_t row_marked : 1, live_marked : 1; /* while `mark` is one of this batch */
    uint64_t has_changes : 1; /* in the block */
    int64_t ends_at : 51; /* steady, when it is looked at again */
    uint32_t ends_place; /* on the heap of ends + 1, 0 = not on it; in a free cell the next free one + 1 */
    uint32_t mark; /* place of the newest mark of one of its rows, if they are marked (state_alert.c) */
    unsigned char *block; /* owned; NULL = it has no labels yet */
} __attribute__((packed));

#define LABELS_MAX 64 /* of one alert (design: Limits) */

struct alert_table; /* opaque */
struct alert_table *alert_table_create(uint64_t hash_key);
void alert_table_destroy(struct alert_table **t); /* NULL is fine */

size_t alert_table_count(const struct alert_table *t);
struct alert_cell *alert_table_find(struct alert_table *t, int64_t id); /* NULL: not here */
/* The alert of these labels: the newest, should the store have known several. NULL: never heard of. */
struct alert_cell *alert_table_named(struct alert_table *t, uint64_t fingerprint, struct slice labels_text);
/* These labels are looked for soon, and this number if they are new: a hundred thousand alerts fit in no cache. */
void alert_table_expect(const struct alert_table *t, uint64_t fingerprint, int64_t id);
struct alert_cell *alert_table_add(struct alert_table *t, int64_t id); /* all zero but for its number */
void alert_table_remove(struct alert_table *t, struct alert_cell *c);
struct alert_cell *alert_table_next(const struct alert_table *t, size_t *at); /* from *at = 0; NULL at the end */

/* Labels: written once, from the canonical text (name 0xFF value 0xFF …, sorted). */
void alert_table_name(struct alert_table *t, struct alert_cell *c, uint64_t fingerprint, struct slice labels_text);
size_t alert_table_labels(const struct alert_table *t, const struct alert_cell *c, struct label out[LABELS_MAX]);
void alert_table_labels_text(const struct alert_table *t, const struct alert_cell *c, struct buf *out);
size_t alert_table_labels_size(const struct alert_table *t, const struct alert_cell *c); /* bytes of that text */

/* All zero until it is put. Good until the next put; a combination never leaves, as symbols do not. */
const struct alert_shared *alert_table_shared(const struct alert_table *t, const struct alert_kept *k);
void alert_table_share(struct alert_table *t, struct alert_kept *k, const struct alert_shared *shared);

/* All zero until they are put; only of an alert that has its labels. */
struct alert_changes alert_table_changes(const struct alert_cell *c);
void alert_table_put_changes(struct alert_table *t, struct alert_cell *c, struct alert_changes changes);

/* The heap of ends: earliest first, then the lowest id. */
void alert_table_end_at(struct alert_table *t, struct alert_cell *c, int64_t at); /* or moves it there */
bool alert_table_end_never(struct alert_table *t, struct alert_cell *c); /* false: it was not on the heap */
const struct alert_cell *alert_table_first_end(const struct alert_table *t); /* NULL: none */

/* Rows as everybody else knows them. Packing is false when a number is larger than its bits. */
struct alert alert_table_row(const struct alert_table *t, const struct alert_cell *c);
struct alert_live live_unpacked(const struct live_kept *k, int64_t id);
bool alert_table_pack(struct alert_table *t, struct alert_kept *k, const struct alert *row); /* SHARED and VALUES */
bool live_pack(struct live_kept *k, const struct alert_live *row);

#endif
