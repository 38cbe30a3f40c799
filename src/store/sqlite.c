/* sqlite.c - the writing side on SQLite: one connection, one transaction a batch, rows by prepared statements.
 * Not here: opening and migrating (sqlite_open.c), reading for other threads (sqlite_reader.c).
 * Always: this connection alone writes and checkpoints (versions before 3.51.3 can corrupt when two do). */
#include "store/sqlite.h"

#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "core/timeline.h"

struct sqlite_store {
    struct store store;
    struct sqlite_conn conn;
    int lock; /* descriptor of the held lock file */
    int64_t last_entry, last_committed_entry; /* ids of the timeline */
    struct buf changes;
};

static struct sqlite_store *self_of(struct store *s)
{
    return (struct sqlite_store *)s;
}

static void sqlite_store_close(struct store *s)
{
    struct sqlite_store *self = self_of(s);
    conn_close(&self->conn);
    buf_release(&self->changes);
    if (self->lock >= 0) close(self->lock);
    mem_free(self);
}

static int load_horizon(struct sqlite_conn *c, int64_t horizon[LOAD_WALL + 1], struct error *e)
{
    sqlite3_stmt *s = conn_stmt(c, SQL_FIXED, SQL_HORIZON, e);
    int rc = 0;
    if (s == NULL) return e->code;
    horizon[LOAD_AT] = horizon[LOAD_WALL] = INT64_MIN;
    int step = sqlite3_step(s);
    if (step == SQLITE_ROW) {
        horizon[LOAD_AT] = sqlite3_column_int64(s, 0) - DAY;
        horizon[LOAD_WALL] = sqlite3_column_int64(s, 1) - DAY;
    } else if (step != SQLITE_DONE) {
        rc = conn_fail(c, "read", e);
    }
    sqlite3_reset(s);
    return rc;
}

static int load_kind(struct sqlite_conn *c, enum row_kind kind, const int64_t *horizon, struct store_each_row *each,
                     struct error *e)
{
    sqlite3_stmt *s = conn_stmt(c, SQL_LOAD, kind, e);
    if (s == NULL) return e->code;
    const enum load_param *p = sql_load_params(kind);
    for (int i = 0; p[i] != LOAD_NONE; i++) bind_i64(s, i + 1, horizon[p[i]]);
    return conn_each_row(c, s, kind, each, e);
}

static int sqlite_load(struct store *s, struct store_each_row *each, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    int64_t horizon[LOAD_WALL + 1] = { 0 };
    int rc = conn_exec(c, "BEGIN", "read", e);
    if (rc < 0) return rc;
    rc = load_horizon(c, horizon, e);
    for (int k = 0; rc == 0 && k < ROW_KIND_MAX; k++)
        if (row_defs[k].table != NULL) rc = load_kind(c, (enum row_kind)k, horizon, each, e);
    sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    /* Loading looks everything up once; afterwards a batch touches few pages, and the system caches the file as well. */
    sqlite3_exec(c->db, "PRAGMA cache_size = -512; PRAGMA shrink_memory", NULL, NULL, NULL);
    return rc;
}

static int sqlite_begin(struct store *s, struct error *e)
{
    return conn_exec(&self_of(s)->conn, "BEGIN IMMEDIATE", "write to", e);
}

static int run(struct sqlite_conn *c, sqlite3_stmt *s, struct error *e)
{
    int rc = sqlite3_step(s) == SQLITE_DONE ? 0 : conn_fail(c, "write to", e);
    sqlite3_reset(s);
    return rc;
}

static int sqlite_put(struct store *s, const struct row *r, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    const struct row_def *def = &row_defs[r->kind];
    sqlite3_stmt *put = conn_stmt(c, SQL_PUT, r->kind, e);
    if (put == NULL) return e->code;
    for (size_t i = 0; i < def->n_fields; i++) bind_i64(put, (int)i + 1, r->v[i]);
    if (def->has_text) bind_bytes(put, (int)def->n_fields + 1, r->text);
    return run(c, put, e);
}

static int sqlite_remove(struct store *s, enum row_kind kind, const int64_t *key, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    sqlite3_stmt *del = conn_stmt(c, SQL_DELETE, kind, e);
    if (del == NULL) return e->code;
    for (size_t i = 0; i < row_defs[kind].n_keys; i++) bind_i64(del, (int)i + 1, key[i]);
    return run(c, del, e);
}

/* Without a seal the columns are NULL, which also undoes the row before. */
static void bind_seal(sqlite3_stmt *s, const struct seal *seal)
{
    for (int col = ENTRY_PREVIOUS; col < ENTRY_COUNT; col++) {
        const int rc = sqlite3_bind_null(s, col + 1);
        CHECK(rc == SQLITE_OK);
    }
    if (seal == NULL || seal->parts == 0) return;
    bind_bytes(s, ENTRY_PREVIOUS + 1, (struct slice){ (const char *)seal->previous, sizeof seal->previous });
    bind_bytes(s, ENTRY_SALT + 1, (struct slice){ (const char *)seal->salt, sizeof seal->salt });
    bind_bytes(s, ENTRY_TEXT_HASH + 1, (struct slice){ (const char *)seal->text_hash, sizeof seal->text_hash });
    bind_bytes(s, ENTRY_HASH + 1, (struct slice){ (const char *)seal->hash, sizeof seal->hash });
}

static int sqlite_append(struct store *s, const struct entry *en, struct error *e)
{
    struct sqlite_store *self = self_of(s);
    const int64_t ints[ENTRY_INTS] = { en->incident, en->seq,  en->at,  en->wall, en->actor,
                                       en->via,      en->kind, en->ref, en->rule, en->line };
    sqlite3_stmt *add = conn_stmt(&self->conn, SQL_FIXED, SQL_APPEND, e);
    if (add == NULL) return e->code;
    buf_reset(&self->changes);
    timeline_print_changes(en, &self->changes);
    CHECK(!self->changes.overflow);
    for (int i = 0; i < ENTRY_INTS; i++) bind_i64(add, i + 1, ints[i]);
    bind_bytes(add, ENTRY_TEXT + 1, en->text);
    bind_bytes(add, ENTRY_CHANGES + 1, buf_slice(&self->changes));
    bind_i64(add, ENTRY_ID + 1, ++self->last_entry);
    bind_seal(add, en->seal);
    return run(&self->conn, add, e);
}

/* secure_delete is off for the sake of speed; what is taken out is to be gone. */
static int sqlite_erase(struct store *s, incident_id incident, int64_t seq, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    sqlite3_stmt *erase = conn_stmt(c, SQL_FIXED, SQL_ERASE, e);
    if (erase == NULL) return e->code;
    int rc = conn_exec(c, "PRAGMA secure_delete = ON", "write to", e);
    bind_bytes(erase, 1, S(""));
    bind_i64(erase, 2, incident);
    bind_i64(erase, 3, seq);
    if (rc == 0) rc = run(c, erase, e);
    const int off = conn_exec(c, "PRAGMA secure_delete = OFF", "write to", e);
    return rc < 0 ? rc : off;
}

static void sqlite_rollback(struct store *s)
{
    struct sqlite_store *self = self_of(s);
    conn_reset_all(&self->conn);
    /* Some failures have rolled back already. */
    if (!sqlite3_get_autocommit(self->conn.db)) sqlite3_exec(self->conn.db, "ROLLBACK", NULL, NULL, NULL);
    self->last_entry = self->last_committed_entry;
}

static int sqlite_commit(struct store *s, struct error *e)
{
    struct sqlite_store *self = self_of(s);
    int rc = conn_exec(&self->conn, "COMMIT", "commit to", e);
    if (rc < 0) sqlite_rollback(s);
    self->last_committed_entry = self->last_entry;
    return rc;
}

static int sqlite_store_reader(struct store *s, struct store_reader **out, struct error *e)
{
    return sqlite_reader_open(self_of(s)->conn.path, out, e);
}

static const struct store_ops sqlite_ops = {
    .name = "sqlite",
    .close = sqlite_store_close,
    .load = sqlite_load,
    .begin = sqlite_begin,
    .put = sqlite_put,
    .remove = sqlite_remove,
    .append = sqlite_append,
    .erase = sqlite_erase,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .reader_open = sqlite_store_reader,
};

int store_sqlite_open(const char *path, struct store **out, struct error *e)
{
    struct sqlite_store *self = mem_alloc(sizeof *self);
    self->store.ops = &sqlite_ops;
    self->lock = -1;
    struct buf sql = { 0 };
    int rc = sqlite_file_open(path, &self->conn, &self->lock, e);
    if (rc < 0) goto out;
    sql_build(SQL_FIXED, SQL_LAST_ENTRY, &sql);
    rc = conn_int(&self->conn, buf_str(&sql), &self->last_entry, e);
    self->last_committed_entry = self->last_entry;
out:
    buf_release(&sql);
    if (rc < 0)
        sqlite_store_close(&self->store);
    else
        *out = &self->store;
    return rc;
}
