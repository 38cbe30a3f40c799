/* sqlite.c - the writing side on SQLite: one connection, one transaction a batch, rows by prepared statements.
 * Not here: opening and migrating (sqlite_open.c), reading for other threads (sqlite_reader.c).
 * Always: this connection alone writes and checkpoints (versions before 3.51.3 can corrupt when two do). */
#include "store/sqlite.h"

#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "core/timeline.h"

/* Rows of one kind that wait to be written by one statement. */
struct waiting_rows {
    enum row_kind kind;
    size_t n;
    int64_t v[SQL_MANY][ROW_FIELDS_MAX];
    size_t ends[SQL_MANY]; /* of each text */
    struct buf texts;
};

struct sqlite_store {
    struct store store;
    struct sqlite_conn conn;
    struct waiting_rows waiting;
    struct sqlite_blocks blocks;
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
    buf_release(&self->waiting.texts);
    sqlite_blocks_release(&self->blocks);
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

static int load_all(struct sqlite_conn *c, struct store_each_row *each, struct error *e)
{
    int64_t horizon[LOAD_WALL + 1] = { 0 };
    int rc = conn_begin(c, "BEGIN", "read", e);
    if (rc < 0) return rc;
    rc = load_horizon(c, horizon, e);
    for (int k = 0; rc == 0 && k < ROW_KIND_MAX; k++)
        if (row_defs[k].table != NULL) rc = load_kind(c, (enum row_kind)k, horizon, each, e);
    conn_rollback(c); /* nothing was written */
    return rc;
}

/* Of a file that was made a moment ago there is nothing to load, and thirty statements less to prepare. */
static int sqlite_load(struct store *s, struct store_each_row *each, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    int rc = c->made ? 0 : load_all(c, each, e);
    /* Loading looks everything up once; afterwards a batch touches few pages, and the system caches the file as well. */
    sqlite3_exec(c->db, "PRAGMA cache_size = -512; PRAGMA shrink_memory", NULL, NULL, NULL);
    return rc;
}

static int sqlite_begin(struct store *s, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    c->made = false;
    return conn_write(c, e);
}

/* --- rows, by the dozen --- */

static void forget_waiting(struct waiting_rows *w)
{
    w->n = 0;
    buf_reset(&w->texts);
}

/* Binds rows from..to to the parameters of `put`. */
static void bind_rows(sqlite3_stmt *put, const struct waiting_rows *w, size_t from, size_t to)
{
    const struct row_def *def = &row_defs[w->kind];
    int n = 0;
    for (size_t i = from; i < to; i++) {
        const size_t text = i == 0 ? 0 : w->ends[i - 1];
        for (size_t k = 0; k < def->n_fields; k++) bind_i64(put, ++n, w->v[i][k]);
        if (def->has_text) bind_bytes(put, ++n, slice_from(slice_upto(buf_slice(&w->texts), w->ends[i]), text));
    }
}

static int put_waiting(struct sqlite_store *self, struct error *e)
{
    struct waiting_rows *w = &self->waiting;
    const size_t step = w->n == SQL_MANY ? SQL_MANY : 1;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->n; i += step) {
        sqlite3_stmt *put = conn_stmt(&self->conn, step > 1 ? SQL_PUT_MANY : SQL_PUT, w->kind, e);
        if (put == NULL) return e->code;
        bind_rows(put, w, i, i + step);
        rc = conn_run(&self->conn, put, e);
    }
    forget_waiting(w);
    return rc;
}

static int sqlite_put(struct store *s, const struct row *r, struct error *e)
{
    struct waiting_rows *w = &self_of(s)->waiting;
    int rc = 0;
    if (w->n == SQL_MANY || (w->n > 0 && w->kind != r->kind)) rc = put_waiting(self_of(s), e);
    if (rc < 0) return rc;
    w->kind = r->kind;
    memcpy(w->v[w->n], r->v, row_defs[r->kind].n_fields * sizeof r->v[0]);
    w->texts.max = w->texts.len + r->text.n + 1;
    buf_add(&w->texts, r->text);
    w->ends[w->n++] = w->texts.len;
    if (r->kind != ROW_ALERT) return 0;
    return sqlite_blocks_note(&self_of(s)->conn, &self_of(s)->blocks, (const struct alert *)r->v, e);
}

/* --- the rest, in order behind them --- */

static int sqlite_remove(struct store *s, enum row_kind kind, const int64_t *key, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    int rc = put_waiting(self_of(s), e);
    sqlite3_stmt *del = rc < 0 ? NULL : conn_stmt(c, SQL_DELETE, kind, e);
    if (del == NULL) return e->code;
    for (size_t i = 0; i < row_defs[kind].n_keys; i++) bind_i64(del, (int)i + 1, key[i]);
    return conn_run(c, del, e);
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
    int rc = put_waiting(self, e);
    sqlite3_stmt *add = rc < 0 ? NULL : conn_stmt(&self->conn, SQL_FIXED, SQL_APPEND, e);
    if (add == NULL) return e->code;
    buf_reset(&self->changes);
    timeline_print_changes(en, &self->changes);
    CHECK(!self->changes.overflow);
    for (int i = 0; i < ENTRY_INTS; i++) bind_i64(add, i + 1, ints[i]);
    bind_bytes(add, ENTRY_TEXT + 1, en->text);
    bind_bytes(add, ENTRY_CHANGES + 1, buf_slice(&self->changes));
    bind_i64(add, ENTRY_ID + 1, ++self->last_entry);
    bind_seal(add, en->seal);
    return conn_run(&self->conn, add, e);
}

/* secure_delete is off for the sake of speed; what is taken out is to be gone. */
static int sqlite_erase(struct store *s, incident_id incident, int64_t seq, struct error *e)
{
    struct sqlite_conn *c = &self_of(s)->conn;
    int rc = put_waiting(self_of(s), e);
    sqlite3_stmt *erase = rc < 0 ? NULL : conn_stmt(c, SQL_FIXED, SQL_ERASE, e);
    if (erase == NULL) return e->code;
    rc = conn_exec(c, "PRAGMA secure_delete = ON", "write to", e);
    bind_bytes(erase, 1, S(""));
    bind_i64(erase, 2, incident);
    bind_i64(erase, 3, seq);
    if (rc == 0) rc = conn_run(c, erase, e);
    const int off = conn_exec(c, "PRAGMA secure_delete = OFF", "write to", e);
    return rc < 0 ? rc : off;
}

static void sqlite_rollback(struct store *s)
{
    struct sqlite_store *self = self_of(s);
    forget_waiting(&self->waiting);
    sqlite_blocks_forget(&self->blocks);
    conn_reset_all(&self->conn);
    conn_rollback(&self->conn);
    self->last_entry = self->last_committed_entry;
}

static int sqlite_commit(struct store *s, struct error *e)
{
    struct sqlite_store *self = self_of(s);
    int rc = put_waiting(self, e);
    if (rc == 0) rc = sqlite_blocks_settle(&self->conn, &self->blocks, e);
    if (rc == 0) rc = conn_commit(&self->conn, e);
    if (rc < 0) sqlite_rollback(s);
    self->last_committed_entry = self->last_entry;
    return rc;
}

static void sqlite_rest(struct store *s)
{
    conn_checkpoint(&self_of(s)->conn, SQLITE_LOG_PAGES);
    sqlite_log_make_room(self_of(s)->conn.db);
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
    .rest = sqlite_rest,
    .reader_open = sqlite_store_reader,
};

int store_sqlite_open(const char *path, struct store **out, struct error *e)
{
    struct sqlite_store *self = mem_alloc(sizeof *self);
    self->store.ops = &sqlite_ops;
    self->lock = -1;
    sqlite_blocks_forget(&self->blocks);
    struct buf sql = { 0 };
    int rc = sqlite_file_open(path, &self->conn, &self->lock, e);
    if (rc < 0) goto out;
    self->store.is_new = self->conn.made;
    if (self->store.is_new) goto out;
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
