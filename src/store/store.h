/* store.h - where everything that must survive is written, and read back: the port.
 *
 * One writer and many readers. The writer is the engine's thread: it opens the store, loads the world from it and then
 * writes one transaction a batch. Readers are other threads, each with a reader of its own; they see what was
 * committed and nothing else. The adapters (memory, SQLite) keep the same contract, proved by one suite
 * (tests/contract/contract_store.c).
 *
 * Rows are those of core/row.h, entries those of core/effect.h; the store knows their fields and none of their rules.
 * Texts are bytes: NUL and 0xFF are kept as they are. What a callback gets is borrowed until it returns; it may read
 * single rows and texts with the same reader, no lists. `e` is never NULL, but for store_read_end. A view on a memory
 * store holds up its writer until it ends.
 *
 * Never true: a commit that returned 0 and is lost by kill -9 or power loss (P1; memory stores promise nothing beyond
 * their own process); a transaction of which a part is there. Sources: design (Store), P1, P6, R12, I19. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"
#include "core/effect.h"

struct store; /* opaque; one thread at a time */
struct store_reader; /* opaque; one thread each */

/* What is told of each row: embed it first in a struct of your own. A non-zero return ends the reading and is returned
 * by it. */
struct store_each_row {
    int (*row)(struct store_each_row *self, const struct row *r, struct error *e);
};
struct store_each_entry {
    int (*entry)(struct store_each_entry *self, const struct entry *en, struct error *e);
};

/* Opens and, where needed, creates or migrates. `where` is "memory:" or the path of a SQLite file whose directory
 * exists. Errors name the path and the remedy: ERR_NOT_FOUND (no such directory), ERR_DENIED (not writable),
 * ERR_INVALID (another program's file, a newer schema, tables that do not match), ERR_CONFLICT (another process has it),
 * ERR_IO (damaged, disk full). */
int store_open(const char *where, struct store **out, struct error *e);
/* Rolls back what was not committed. All readers are closed before. NULL is fine; clears *s. */
void store_close(struct store **s);

/* Recovery: the rows the world needs, in no promised order. That is everything open plus what ended less than 24 h
 * before the last commit's clock; attempts only while in flight; all symbols, senders, timers, counters; never the
 * timeline. Outside a transaction. */
int store_load(struct store *s, struct store_each_row *each, struct error *e);
bool store_is_new(const struct store *s); /* made by this opening, never written to: no reader finds anything in it */

/* One transaction at a time. Puts and deletes stick: the first failure is kept, the rest is ignored, and the commit
 * reports it. begin: ERR_BUSY when another program is writing to the file. */
int store_begin(struct store *s, struct error *e);
void store_put_row(struct store *s, const struct row *r); /* inserts or replaces by key; copied */
void store_delete_row(struct store *s, enum row_kind kind, const int64_t *key); /* key: in order; absent is fine */
void store_append_entry(struct store *s, const struct entry *en); /* (incident, seq) twice is ERR_CONFLICT; copied */
void store_erase_text(struct store *s, incident_id i, int64_t seq); /* and its salt; the chain stays; absent is fine */
/* 0: durable and visible. Otherwise nothing of it is there and the transaction is over: begin again with all of it. */
int store_commit(struct store *s, struct error *e);
void store_rollback(struct store *s); /* without a transaction: nothing */
/* What the store does now and then so that later commits are short, milliseconds at a time: for when nobody waits for the
 * last one any more. Never needed, never fails. Outside a transaction. */
void store_rest(struct store *s);

/* ---- reading, for other threads ---- */

/* Lists of rows: X(SYMBOL, row kind, field that equals `of`, field it is ordered and paged by, newest first, field that
 * is 0); "" = none. All but the short ones (senders, bundles) have a key or an index behind them (schema.c). */
#define STORE_LISTS(X)                                       \
    X(INCIDENTS, INCIDENT, "", "id", true, "")               \
    X(INCIDENTS_OPEN, INCIDENT, "", "id", true, "closed_at") \
    X(HOLDERS, HOLDER, "incident", "role", false, "")        \
    X(PAGES, PAGE, "incident", "id", false, "")              \
    X(DELIVERIES, DELIVERY, "incident", "id", false, "")     \
    X(CARRIED, DELIVERY, "carrier", "id", false, "")         \
    X(ATTEMPTS, ATTEMPT, "delivery", "n", false, "")         \
    X(CHECKS, CHECK, "incident", "milestone", false, "")     \
    X(ALERTS, ALERT, "incident", "id", false, "")            \
    X(TIMERS, TIMER, "subject", "on", false, "")             \
    X(SILENCES, SILENCE, "", "id", true, "")                 \
    X(SILENCES_ACTIVE, SILENCE, "", "id", true, "ended")     \
    X(SENDERS, SENDER, "", "id", false, "")                  \
    X(BUNDLES, BUNDLE, "", "id", true, "")                   \
    X(ACTIVATIONS, ACTIVATION, "", "id", true, "")

enum store_list {
#define X(sym, kind, of, page, newest, zero) STORE_##sym,
    STORE_LISTS(X)
#undef X
        STORE_LIST_MAX
};

#define STORE_PAGE_MAX 1000 /* rows of one read */
#define STORE_READ_MS 2000 /* a reader's transaction ends by then */

struct store_query {
    enum store_list list;
    int64_t of; /* the incident, delivery or subject; not read by lists without one */
    int64_t from; /* last seen value of the paging field; 0 = from the start */
    size_t limit; /* 0 and more than STORE_PAGE_MAX mean STORE_PAGE_MAX */
};

/* A firing alert as GET /api/v2/alerts shows it. */
struct store_alert {
    alert_id id;
    int64_t starts_wall, ends_wall, updated_wall;
    struct slice labels; /* ALERT text */
    struct slice annotations; /* ANNOTATIONS text: JSON */
    symbol sender;
};
struct store_each_alert {
    int (*alert)(struct store_each_alert *self, const struct store_alert *a, struct error *e);
};

int store_reader_open(struct store *s, struct store_reader **out, struct error *e);
/* A reader without a store, for commands beside a server that runs (or does not): nothing is locked or changed.
 * ERR_NOT_FOUND, ERR_INVALID: not of this version's schema. */
int store_reader_open_file(const char *path, struct store_reader **out, struct error *e);
void store_reader_close(struct store_reader **r); /* NULL is fine; clears *r */

/* One consistent view, from begin to end, at most STORE_READ_MS: past it every read fails with ERR_LIMIT. Without a
 * begin a read is a view of its own. end returns the first failure of the reads since begin. */
int store_read_begin(struct store_reader *r, struct error *e);
int store_read_end(struct store_reader *r, struct error *e);
/* Without a limit, for offline work: while it lasts the write-ahead log of a busy server only grows. */
int store_read_begin_unlimited(struct store_reader *r, struct error *e);

int store_read_list(struct store_reader *r, const struct store_query *q, struct store_each_row *each, struct error *e);
/* One row by its KEY fields; ERR_NOT_FOUND. *out is borrowed until the reader's next store_read_row of this kind. */
int store_read_row(struct store_reader *r, enum row_kind kind, const int64_t *key, struct row *out, struct error *e);
/* "" for 0 and for symbols never seen. Borrowed until the next store_read_begin (or close); a reader keeps them, since texts
 * never change. A failure to read is told by store_read_end. */
struct slice store_read_text(struct store_reader *r, symbol s);
/* Timeline of an incident (0 = the system's own) after `after`, in order of seq; limit as in struct store_query. */
int store_read_entries(struct store_reader *r, incident_id incident, int64_t after, size_t limit,
                       struct store_each_entry *each, struct error *e);
/* All timelines in the order in which they were written, after the place `after` (seal.id); from 0. With their seals. */
int store_read_history(struct store_reader *r, int64_t after, size_t limit, struct store_each_entry *each,
                       struct error *e);
/* Every row of a kind by key. For offline work: of a large table it takes longer than STORE_READ_MS. */
int store_read_all(struct store_reader *r, enum row_kind kind, struct store_each_row *each, struct error *e);
/* Firing alerts with an id above `after`, by id; limit as in struct store_query. */
int store_read_firing(struct store_reader *r, alert_id after, size_t limit, struct store_each_alert *each,
                      struct error *e);

/* Copies what is committed at this moment to a new file, beside a server that writes: whole or not there (written under
 * another name, synced, renamed over `path`), 0600, one file without a log. The copy is marked as held (INSTANCE rows):
 * a server that starts on it sends nothing until it is released. Stores in memory have nothing to copy: ERR_INVALID. */
struct store_progress {
    void (*told)(struct store_progress *self, int64_t pages_done, int64_t pages);
};
int store_backup(struct store_reader *r, const char *path, struct store_progress *p, struct error *e);

/* Everything, deterministic: rows by kind and key, then entries; one line each. Equal dumps are equal stores. Not bound
 * to STORE_READ_MS. */
int store_dump(struct store *s, struct buf *out, struct error *e);

#endif
