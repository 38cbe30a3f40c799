/* port.h - what an adapter of the store provides; store.c alone calls it, after checking what the callers promise.
 *
 * Every slot is required. Slots run on the thread of their handle; only committed rows pass from writer to readers. */
#ifndef STORE_PORT_H
#define STORE_PORT_H

#include "base/arena.h"
#include "store/store.h"

#define ROW_FIELDS_MAX 64 /* of any kind; checked against row_defs by store_open */

struct store_ops {
    const char *name;
    void (*close)(struct store *s); /* never in a transaction; frees s */
    int (*load)(struct store *s, struct store_each_row *each, struct error *e);
    int (*begin)(struct store *s, struct error *e);
    /* Between begin and commit or rollback. After a failure only rollback follows. */
    int (*put)(struct store *s, const struct row *r, struct error *e);
    int (*remove)(struct store *s, enum row_kind kind, const int64_t *key, struct error *e);
    int (*append)(struct store *s, const struct entry *en, struct error *e);
    int (*erase)(struct store *s, incident_id incident, int64_t seq, struct error *e);
    int (*commit)(struct store *s, struct error *e); /* failed: rolled back */
    void (*rollback)(struct store *s);
    void (*rest)(struct store *s); /* never in a transaction */
    int (*reader_open)(struct store *s, struct store_reader **out, struct error *e);
};

struct store_reader_ops {
    void (*close)(struct store_reader *r); /* frees r */
    int (*begin)(struct store_reader *r, struct error *e);
    void (*end)(struct store_reader *r);
    /* Between begin and end. `each` has been wrapped: it ends the reading at the deadline. */
    int (*list)(struct store_reader *r, const struct store_query *q, struct store_each_row *each, struct error *e);
    /* Calls `each` once; ERR_NOT_FOUND when there is no such row. */
    int (*row)(struct store_reader *r, enum row_kind kind, const int64_t *key, struct store_each_row *each,
               struct error *e);
    int (*entries)(struct store_reader *r, incident_id incident, int64_t after, size_t limit,
                   struct store_each_entry *each, struct error *e);
    int (*firing)(struct store_reader *r, alert_id after, size_t limit, struct store_each_alert *each, struct error *e);
    /* For the dump: all rows of a kind by key, all entries by incident and seq. */
    int (*all_rows)(struct store_reader *r, enum row_kind kind, struct store_each_row *each, struct error *e);
    int (*all_entries)(struct store_reader *r, struct store_each_entry *each, struct error *e);
    int (*history)(struct store_reader *r, int64_t after, size_t limit, struct store_each_entry *each, struct error *e);
    int (*backup)(struct store_reader *r, const char *path, struct store_progress *p, struct error *e);
};

/* Adapters embed these first. */
struct store {
    const struct store_ops *ops;
    bool writing;
    bool is_new; /* made by this opening, and nothing was written to it since */
    struct error failed; /* the first failure since begin */
};

struct store_texts; /* symbols a reader has seen (texts.c) */

/* The row that store_read_row handed out last, one a kind. */
struct kept_row {
    int64_t v[ROW_FIELDS_MAX];
    struct buf text;
};

struct store_reader {
    const struct store_reader_ops *ops;
    struct store_texts *texts;
    struct kept_row *kept[ROW_KIND_MAX]; /* NULL: none was asked for yet */
    struct clock *clock;
    bool reading;
    int64_t deadline; /* steady ms; 0 = none */
    struct error failed; /* the first failure since begin */
};

/* A list of STORE_LISTS as a table row; fields by index, -1 = none. */
struct list_def {
    enum row_kind kind;
    int of, page, zero;
    bool newest;
};
struct list_def store_list_def(enum store_list list);

int store_memory_open(struct store **out, struct error *e);
int store_sqlite_open(const char *path, struct store **out, struct error *e);
int store_sqlite_reader_open(const char *path, struct store_reader **out, struct error *e); /* checks the schema */

/* As store_read_begin, with another time; 0 ms = no limit. */
int store_reader_begin(struct store_reader *r, int64_t ms, struct error *e);

/* True when the reader's time is over; fills e with ERR_LIMIT. */
bool store_reader_late(const struct store_reader *r, struct error *e);

#endif
