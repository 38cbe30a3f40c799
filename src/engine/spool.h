/* spool.h - where what cannot be committed is written before a page leaves all the same: a preallocated file beside the
 * database (design: Functional core; P1, P2).
 *
 * While commits fail the world goes on, and what is to wake somebody leaves. Before it leaves, every row and every
 * timeline entry that is not committed is appended here and synced, so that a kill -9 in that hour loses nothing of what
 * people were told: the next start puts it under the rows of the store before anything else happens, and an attempt
 * without an outcome is an uncertain one, as after any crash. Records hold differences: each row as it was last changed.
 *
 * Every commit that is tried and every record here takes the next serial; the commit writes its own into the CLOCK row.
 * What the spool holds with a serial that is not greater is in the rows already, whatever the commit had said.
 *
 * Never true: a record that is read although one of its bytes is missing. Engine's thread. */
#ifndef ENGINE_SPOOL_H
#define ENGINE_SPOOL_H

#include "base/error.h"
#include "base/vec.h"
#include "core/world.h"

#define SPOOL_BYTES ((int64_t)8 << 20) /* some 10,000 alerts that open incidents */

struct spool; /* opaque */

/* Opens and, where needed, makes the file, with all its blocks reserved (a disk that is full later does not matter; one
 * that copies on write, btrfs or ZFS, may still refuse). */
int spool_open(const char *path, int64_t bytes, struct spool **out, struct error *e);
void spool_close(struct spool **s); /* NULL is fine; clears *s */

/* Appends what changed in `fx` since the last record, and `clock`, whose serial is the record's; `base` is the serial of
 * the last commit. `fx` only grows until spool_clear(), but for spool_dropped(). 0: durable. ERR_LIMIT: no room left; ERR_IO. Nothing is appended then. */
int spool_write(struct spool *s, const struct world *w, const struct effects *fx, const struct clock_row *clock,
                int64_t base, struct error *e);
/* The first `entries` of `fx` turned out to be committed, and are not in it any more. */
void spool_dropped(struct spool *s, size_t entries);
/* All that it holds is committed: overwritten with zeros. */
void spool_clear(struct spool *s);
int64_t spool_used(const struct spool *s); /* bytes of records */

/* What a start has to put under the rows of the store. */
struct spooled_row {
    struct row row;
    bool deleted; /* only kind and key count */
};

struct spooled {
    struct arena *arena; /* owns everything below */
    VEC(struct spooled_row) rows; /* one a key: the last word; of CLOCK too */
    struct imap *index[ROW_KIND_MAX]; /* row_key -> place in rows; NULL: none of this kind */
    VEC(struct entry) entries; /* in order, each once */
    VEC(struct erasure) erasures;
    struct imap *seen; /* (incident, seq) of entries */
    size_t records;
};

/* Once, before the first write: the records after `serial`, that of the store's last commit. An unreadable file is an error,
 * and so are records that stand on a later commit than that (a backup was restored); a torn last record is none.
 * What is written next stands behind them, until spool_clear(); after an error, in their place. */
int spool_read(struct spool *s, int64_t serial, struct spooled *out, struct error *e);
void spooled_release(struct spooled *p);
/* Does the spool know better of this row? */
bool spooled_has(const struct spooled *p, enum row_kind kind, const int64_t *v);

#endif
