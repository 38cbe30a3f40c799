/* sqlite.h - one connection to a SQLite file: its statements, prepared once, and its errors in our words.
 *
 * Private to store/sqlite*.c. A connection belongs to one thread. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "base/vec.h"
#include "core/row.h"
#include "store/schema.h"
#include "store/sql.h"

#define SQLITE_APPLICATION_ID 0x54437331 /* "TCs1": what PRAGMA application_id of our files says */
/* Of a new file. What a transaction changes is spread over many tables, and whole pages are written (decision 0016). */
#define SQLITE_SET_PAGE "PRAGMA page_size = 2048;"
/* Pages of the log from which store_rest copies them: 4 MiB, some three milliseconds, for which the next batch waits. Where
 * nobody rests the commit does it, at 32 MiB. */
#define SQLITE_LOG_PAGES 2000
#define SQLITE_LOG_PAGES_MAX 16000
#define SQLITE_BUSY_MS 250 /* how long a statement waits for another program's lock: the engine waits with it */

struct sqlite_conn {
    sqlite3 *db;
    char *path; /* owned */
    int log_pages; /* in the log since the last checkpoint that was whole */
    bool made; /* this opening made the file, and no transaction has written to it since: its tables are empty */
    sqlite3_stmt *begin, *commit; /* what conn_write and conn_commit prepared */
    sqlite3_stmt *stmts[SQL_OP_MAX][SQL_WHICH_MAX];
};

/* ---- sqlite_conn.c ---- */
void sqlite_begin_once(void); /* before SQLite is asked anything; conn_open() does */
int conn_open(struct sqlite_conn *c, const char *path, int flags, struct error *e);
void conn_close(struct sqlite_conn *c); /* zeroed is fine; leaves it zeroed */
/* The connection's last error as ours: "cannot DOING PATH: why; remedy". Returns the code. */
int conn_fail(const struct sqlite_conn *c, const char *doing, struct error *e);
int conn_fail_code(const char *path, int sqlite_code, const char *doing, const char *why, struct error *e);
int conn_exec(struct sqlite_conn *c, const char *sql, const char *doing, struct error *e);
/* Ends the transaction if there is one: some failures have rolled back already. Where memory ends even this may not be
 * done, and the next begin does it. */
void conn_rollback(struct sqlite_conn *c);
int conn_begin(struct sqlite_conn *c, const char *sql, const char *doing, struct error *e);
int conn_write(struct sqlite_conn *c, struct error *e); /* begins a transaction */
int conn_commit(struct sqlite_conn *c, struct error *e);
int conn_int(struct sqlite_conn *c, const char *sql, int64_t *value, struct error *e); /* first column of first row */
/* The statement, reset and without bindings; NULL and an error when it cannot be prepared. */
sqlite3_stmt *conn_stmt(struct sqlite_conn *c, enum sql_op op, int which, struct error *e);
/* Copies the log into the database when it has that many pages: as much of it as no reader needs. */
void conn_checkpoint(struct sqlite_conn *c, int pages);
void conn_reset_all(struct sqlite_conn *c); /* statements let go of their rows */

void bind_i64(sqlite3_stmt *s, int n, int64_t v);
void bind_bytes(sqlite3_stmt *s, int n, struct slice bytes); /* borrowed until the statement is reset */
struct slice column_bytes(sqlite3_stmt *s, int col);
/* Columns from `col` on as a row of that kind; returns the next column. */
int column_row(sqlite3_stmt *s, int col, enum row_kind kind, int64_t v[ROW_FIELDS_MAX], struct row *out);
int conn_run(struct sqlite_conn *c, sqlite3_stmt *s, struct error *e); /* one that writes and tells nothing */
/* Steps to the end, calling each for every row. */
int conn_each_row(struct sqlite_conn *c, sqlite3_stmt *s, enum row_kind kind, struct store_each_row *each,
                  struct error *e);

/* ---- sqlite_log.c ---- */
/* The name of the file system for whoever writes: it hands down a transaction's part of the log at once. Readers take the
 * system's own. Never for a connection that is not synchronous = FULL. */
const char *sqlite_log_gathers(void);
/* Makes the log of such a connection longer, with zeros, when little of it is left: outside a transaction. */
void sqlite_log_make_room(sqlite3 *db);

/* ---- sqlite_blocks.c ---- */
#define SQLITE_NO_BLOCK INT64_MIN
/* What was entered last, so that it is not entered for each alert. */
struct sqlite_blocks {
    int64_t firing; /* block */
    struct sqlite_block_of {
        incident_id incident;
        int64_t block;
    } of[64]; /* by incident */
    VEC(int64_t) ended; /* blocks that an alert ended in since they were settled */
};
void sqlite_blocks_forget(struct sqlite_blocks *b); /* to begin with, and after a rollback */
void sqlite_blocks_release(struct sqlite_blocks *b);
int sqlite_blocks_note(struct sqlite_conn *c, struct sqlite_blocks *b, const struct alert *a, struct error *e);
/* When all rows of the batch have been put: blocks in which nothing fires any more leave. */
int sqlite_blocks_settle(struct sqlite_conn *c, struct sqlite_blocks *b, struct error *e);

/* ---- sqlite_open.c ---- */
/* Opens the writing connection: checks the file, migrates it, checks the tables. *lock is the held lock's descriptor. */
int sqlite_file_open(const char *path, struct sqlite_conn *c, int *lock, struct error *e);
/* Brings the file from its version to `n`; copies it first to PATH.before-vN when it held anything. */
int sqlite_migrate(struct sqlite_conn *c, const struct migration *migrations, size_t n, struct error *e);
/* Tables against row_defs: ERR_INVALID names the first that differs and its columns. */
int sqlite_check_tables(struct sqlite_conn *c, struct error *e);

/* The bytes of a new database, made when Tocsin is built by the migrations themselves (sqlite_make.c): to run them takes
 * two milliseconds. What lies between the pieces is zero. `n` 0: none, in the program that makes it. */
struct sqlite_piece {
    size_t at, n;
    const char *bytes;
};
struct sqlite_image {
    size_t size, n;
    const struct sqlite_piece *pieces;
};
#define SQLITE_IMAGE_PAGE 2048 /* bytes written at once; `size` is a multiple */
extern const struct sqlite_image sqlite_image;

/* ---- sqlite_backup.c ---- */
int sqlite_backup(struct sqlite_conn *from, const char *path, struct store_progress *p, struct error *e);

/* ---- sqlite_reader.c ---- */
int sqlite_reader_open(const char *path, struct store_reader **out, struct error *e);

#endif
