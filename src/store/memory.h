/* memory.h - the store without a file, for rehearsals, scenarios and tests: the same contract, nothing survives.
 *
 * Private to store/memory*.c. Rows lie in one table a kind; a transaction is a list of changes that the commit applies
 * under the write lock, so readers (read lock) see whole transactions. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "store/port.h"

struct cell {
    struct slice text; /* owned */
    int64_t v[]; /* as many as the kind has fields */
};

struct memory_table {
    struct imap *index; /* key → place in cells */
    VEC(struct cell *) cells; /* NULL where a row was deleted */
};

struct memory_change {
    enum { CHANGE_PUT = 1, CHANGE_DELETE, CHANGE_ENTRY, CHANGE_ERASE } what;
    union {
        struct row row; /* copied into the transaction's arena; of what is deleted its key alone */
        const struct entry *entry; /* there, too */
        struct {
            incident_id incident;
            int64_t seq;
        } erased;
    };
};

struct memory_store {
    struct store store;
    pthread_rwlock_t lock;
    struct memory_table tables[ROW_KIND_MAX];
    int64_t last_link; /* the highest there is: there are as many as commits, and a start needs the last */
    VEC(struct entry) entries; /* as they were committed; owned in `kept` */
    struct imap *seqs; /* (incident, seq) → place in entries, of all and of the transaction's */
    struct arena *kept, *pending;
    VEC(struct memory_change) changes; /* since begin */
};

/* Rows of a kind in the order of their keys, borrowed while the lock is held. Release with vec_release. */
struct cells {
    struct cell **v;
    size_t n, cap;
};
void memory_sorted(const struct memory_store *m, enum row_kind kind, struct cells *out);
const struct cell *memory_find(const struct memory_store *m, enum row_kind kind, const int64_t *key);
int memory_tell(enum row_kind kind, const struct cell *cell, struct store_each_row *each, struct error *e);

int memory_load(struct store *s, struct store_each_row *each, struct error *e);
int memory_reader_open(struct store *s, struct store_reader **out, struct error *e);

#endif
