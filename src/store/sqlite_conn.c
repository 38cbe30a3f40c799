/* sqlite_conn.c - statements, columns and errors of one connection.
 * Not here: SQL over rows (sql.c), what is read and written (sqlite.c, sqlite_reader.c). */
#include "store/sqlite.h"

#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"

struct remedy {
    int sqlite, code;
    const char *remedy;
};

/* By primary result code. */
static const struct remedy remedies[] = {
    { SQLITE_BUSY, ERR_BUSY, "another program holds it; end that program" },
    { SQLITE_LOCKED, ERR_BUSY, "another program holds it; end that program" },
    { SQLITE_FULL, ERR_IO, "free space on its disk; nothing of this batch was written" },
    { SQLITE_NOTADB, ERR_INVALID, "it is no database; name another file, or move this one away to begin anew" },
    { SQLITE_CORRUPT, ERR_IO, "the file is damaged; stop, keep a copy of it with its -wal, and restore a backup" },
    { SQLITE_READONLY, ERR_DENIED, "make the file and its directory writable for the user Tocsin runs as" },
    { SQLITE_PERM, ERR_DENIED, "make the file and its directory writable for the user Tocsin runs as" },
    { SQLITE_AUTH, ERR_DENIED, "make the file and its directory writable for the user Tocsin runs as" },
    { SQLITE_CANTOPEN, ERR_DENIED, "make the file and its directory writable for the user Tocsin runs as" },
    { SQLITE_IOERR, ERR_IO, "look at the disk and the kernel's log" },
    { SQLITE_CONSTRAINT, ERR_CONFLICT, "this is a fault in Tocsin; report it with this line" },
    { SQLITE_INTERRUPT, ERR_LIMIT, "it took too long; ask for fewer rows at a time" },
    { SQLITE_NOMEM, ERR_NOMEM, "give the machine more memory" },
};

int conn_fail_code(const char *path, int sqlite_code, const char *doing, const char *why, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(remedies); i++)
        if (remedies[i].sqlite == (sqlite_code & 0xff))
            return fail(e, remedies[i].code, "cannot %s %s: %s: %s", doing, path, why, remedies[i].remedy);
    return fail(e, ERR_BUG, "cannot %s %s: %s (SQLite code %d)", doing, path, why, sqlite_code);
}

int conn_fail(const struct sqlite_conn *c, const char *doing, struct error *e)
{
    return conn_fail_code(c->path, sqlite3_extended_errcode(c->db), doing, sqlite3_errmsg(c->db), e);
}

/* SQLite counts every block it takes, under one lock for all threads, for figures that nobody asks for. */
static void count_nothing(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused where SQLite runs already: then it goes on counting */
}

void sqlite_begin_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, count_nothing);
}

int conn_open(struct sqlite_conn *c, const char *path, int flags, struct error *e)
{
    size_t n = strlen(path) + 1;
    sqlite_begin_once();
    memset(c, 0, sizeof *c);
    c->path = mem_alloc(n);
    memcpy(c->path, path, n);
    const char *files = (flags & SQLITE_OPEN_READWRITE) != 0 ? sqlite_log_gathers() : NULL;
    if (sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, files) != SQLITE_OK) {
        int rc = conn_fail(c, "open", e);
        conn_close(c);
        return rc;
    }
    sqlite3_busy_timeout(c->db, SQLITE_BUSY_MS);
    /* A misspelt column must be an error, never a string. */
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    return 0;
}

void conn_close(struct sqlite_conn *c)
{
    for (size_t op = 0; op < SQL_OP_MAX; op++)
        for (size_t which = 0; which < SQL_WHICH_MAX; which++) sqlite3_finalize(c->stmts[op][which]);
    sqlite3_finalize(c->begin);
    sqlite3_finalize(c->commit);
    sqlite3_close(c->db);
    mem_free(c->path);
    memset(c, 0, sizeof *c);
}

void conn_rollback(struct sqlite_conn *c)
{
    if (!sqlite3_get_autocommit(c->db)) sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

int conn_begin(struct sqlite_conn *c, const char *sql, const char *doing, struct error *e)
{
    conn_rollback(c);
    return conn_exec(c, sql, doing, e);
}

int conn_exec(struct sqlite_conn *c, const char *sql, const char *doing, struct error *e)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : conn_fail(c, doing, e);
}

/* Parsed once: of the commit of a few rows that was a tenth. */
static int run_kept(struct sqlite_conn *c, sqlite3_stmt **s, const char *sql, const char *doing, struct error *e)
{
    int rc = 0;
    if (*s == NULL && sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK)
        return conn_fail(c, doing, e);
    if (sqlite3_step(*s) != SQLITE_DONE) rc = conn_fail(c, doing, e);
    sqlite3_reset(*s);
    return rc;
}

int conn_write(struct sqlite_conn *c, struct error *e)
{
    conn_rollback(c);
    return run_kept(c, &c->begin, "BEGIN IMMEDIATE", "write to", e);
}

int conn_commit(struct sqlite_conn *c, struct error *e)
{
    return run_kept(c, &c->commit, "COMMIT", "commit to", e);
}

int conn_int(struct sqlite_conn *c, const char *sql, int64_t *value, struct error *e)
{
    sqlite3_stmt *s = NULL;
    int rc = 0;
    *value = 0;
    if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) != SQLITE_OK) return conn_fail(c, "read", e);
    int step = sqlite3_step(s);
    if (step == SQLITE_ROW)
        *value = sqlite3_column_int64(s, 0);
    else if (step != SQLITE_DONE)
        rc = conn_fail(c, "read", e);
    sqlite3_finalize(s);
    return rc;
}

sqlite3_stmt *conn_stmt(struct sqlite_conn *c, enum sql_op op, int which, struct error *e)
{
    CHECK(which >= 0 && which < SQL_WHICH_MAX);
    sqlite3_stmt **s = &c->stmts[op][which];
    if (*s != NULL) {
        sqlite3_reset(*s);
        return *s;
    }
    struct buf sql = { 0 };
    CHECK(sql_build(op, which, &sql) && !sql.overflow);
    if (sqlite3_prepare_v3(c->db, sql.p, -1, SQLITE_PREPARE_PERSISTENT, s, NULL) != SQLITE_OK) {
        conn_fail(c, "prepare a statement for", e);
        *s = NULL;
    }
    buf_release(&sql);
    return *s;
}

/* Its failure is nobody's: what was committed is in the log, and the next one begins where it stopped. */
void conn_checkpoint(struct sqlite_conn *c, int pages)
{
    if (c->log_pages < pages) return;
    int in_log = 0, copied = 0;
    if (sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied) == SQLITE_OK && in_log == copied)
        c->log_pages = 0;
}

void conn_reset_all(struct sqlite_conn *c)
{
    sqlite3_stmt *s = NULL;
    while ((s = sqlite3_next_stmt(c->db, s)) != NULL)
        if (sqlite3_stmt_busy(s)) sqlite3_reset(s);
}

void bind_i64(sqlite3_stmt *s, int n, int64_t v)
{
    int rc = sqlite3_bind_int64(s, n, v);
    CHECK(rc == SQLITE_OK);
}

void bind_bytes(sqlite3_stmt *s, int n, struct slice bytes)
{
    /* A NULL pointer would bind NULL, and no text is not the same as an empty one. */
    int rc = sqlite3_bind_blob64(s, n, bytes.n == 0 ? "" : bytes.p, bytes.n, SQLITE_STATIC);
    CHECK(rc == SQLITE_OK || rc == SQLITE_TOOBIG);
}

struct slice column_bytes(sqlite3_stmt *s, int col)
{
    const char *p = sqlite3_column_blob(s, col);
    return (struct slice){ p, (size_t)sqlite3_column_bytes(s, col) };
}

int column_row(sqlite3_stmt *s, int col, enum row_kind kind, int64_t v[ROW_FIELDS_MAX], struct row *out)
{
    const struct row_def *def = &row_defs[kind];
    *out = (struct row){ .kind = kind, .v = v };
    for (size_t i = 0; i < def->n_fields; i++) v[i] = sqlite3_column_int64(s, col++);
    if (def->has_text) out->text = column_bytes(s, col++);
    return col;
}

int conn_run(struct sqlite_conn *c, sqlite3_stmt *s, struct error *e)
{
    int rc = sqlite3_step(s) == SQLITE_DONE ? 0 : conn_fail(c, "write to", e);
    sqlite3_reset(s);
    return rc;
}

int conn_each_row(struct sqlite_conn *c, sqlite3_stmt *s, enum row_kind kind, struct store_each_row *each,
                  struct error *e)
{
    int64_t v[ROW_FIELDS_MAX];
    struct row row;
    int rc = 0, step;
    while (rc == 0 && (step = sqlite3_step(s)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            rc = conn_fail(c, "read", e);
            break;
        }
        column_row(s, 0, kind, v, &row);
        rc = each->row(each, &row, e);
    }
    sqlite3_reset(s);
    return rc;
}
