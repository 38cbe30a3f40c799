/* sqlite_reader.c - reading on SQLite: a read-only connection of its own that never checkpoints.
 * Always: its transaction ends at the reader's deadline, because a long one keeps the write-ahead log from shrinking. */
#include "store/port.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "core/timeline.h"
#include "store/sqlite.h"

#define PROGRESS_STEPS 10000 /* of SQLite's machine between two looks at the clock: about a millisecond */

struct sqlite_reader {
    struct store_reader reader;
    struct sqlite_conn conn;
    struct arena *arena; /* one entry's changes */
    struct seal seal; /* of that entry */
    int64_t annotations_id; /* of the text below; 0: none */
    struct buf annotations;
};

static struct sqlite_reader *self_of(struct store_reader *r)
{
    return (struct sqlite_reader *)r;
}

static void reader_close(struct store_reader *r)
{
    struct sqlite_reader *self = self_of(r);
    conn_close(&self->conn);
    arena_destroy(&self->arena);
    buf_release(&self->annotations);
    mem_free(self);
}

static int reader_begin(struct store_reader *r, struct error *e)
{
    return conn_begin(&self_of(r)->conn, "BEGIN", "read", e);
}

static void reader_end(struct store_reader *r)
{
    struct sqlite_conn *c = &self_of(r)->conn;
    conn_reset_all(c);
    conn_rollback(c);
}

static int reader_list(struct store_reader *r, const struct store_query *q, struct store_each_row *each,
                       struct error *e)
{
    const struct list_def l = store_list_def(q->list);
    sqlite3_stmt *s = conn_stmt(&self_of(r)->conn, SQL_LIST, q->list, e);
    int n = 1;
    if (s == NULL) return e->code;
    if (l.of >= 0) bind_i64(s, n++, q->of);
    bind_i64(s, n++, q->from);
    bind_i64(s, n, (int64_t)q->limit);
    return conn_each_row(&self_of(r)->conn, s, l.kind, each, e);
}

static int reader_row(struct store_reader *r, enum row_kind kind, const int64_t *key, struct store_each_row *each,
                      struct error *e)
{
    struct sqlite_conn *c = &self_of(r)->conn;
    sqlite3_stmt *s = conn_stmt(c, SQL_GET, kind, e);
    int64_t v[ROW_FIELDS_MAX];
    struct row row;
    if (s == NULL) return e->code;
    for (size_t i = 0; i < row_defs[kind].n_keys; i++) bind_i64(s, (int)i + 1, key[i]);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        column_row(s, 0, kind, v, &row);
        rc = each->row(each, &row, e);
    } else if (rc == SQLITE_DONE) {
        rc = fail(e, ERR_NOT_FOUND, "there is no %s %lld", row_defs[kind].table, (long long)key[0]);
    } else {
        rc = conn_fail(c, "read", e);
    }
    sqlite3_reset(s);
    return rc;
}

/* True when the column holds that many bytes; anything else is as good as missing. */
static bool column_fixed(sqlite3_stmt *s, int col, uint8_t *out, size_t n)
{
    const struct slice bytes = column_bytes(s, col);
    if (bytes.n != n) return false;
    memcpy(out, bytes.p, n);
    return true;
}

static void column_seal(sqlite3_stmt *s, struct seal *out)
{
    *out = (struct seal){ .id = sqlite3_column_int64(s, ENTRY_ID) };
    if (column_fixed(s, ENTRY_PREVIOUS, out->previous, sizeof out->previous) &&
        column_fixed(s, ENTRY_TEXT_HASH, out->text_hash, sizeof out->text_hash) &&
        column_fixed(s, ENTRY_HASH, out->hash, sizeof out->hash))
        out->parts = SEAL_HASHED;
    if (column_fixed(s, ENTRY_SALT, out->salt, sizeof out->salt)) out->parts |= SEAL_SALTED;
}

static int column_entry(struct sqlite_reader *self, sqlite3_stmt *s, struct entry *en, struct error *e)
{
    int64_t v[ENTRY_INTS];
    for (int i = 0; i < ENTRY_INTS; i++) v[i] = sqlite3_column_int64(s, i);
    *en = (struct entry){ .incident = v[0],
                          .seq = v[1],
                          .at = v[2],
                          .wall = v[3],
                          .actor = v[4],
                          .via = v[5],
                          .kind = v[6],
                          .ref = v[7],
                          .rule = v[8],
                          .line = v[9],
                          .text = column_bytes(s, ENTRY_TEXT),
                          .seal = &self->seal };
    column_seal(s, &self->seal);
    arena_reset(self->arena);
    if (timeline_parse_changes(self->arena, column_bytes(s, ENTRY_CHANGES), en) == 0) return 0;
    return fail(e, ERR_IO, "entry %lld of incident %lld in %s cannot be read: restore a backup", (long long)en->seq,
                (long long)en->incident, self->conn.path);
}

static int each_entry(struct sqlite_reader *self, sqlite3_stmt *s, struct store_each_entry *each, struct error *e)
{
    struct entry en;
    int rc = 0, step;
    while (rc == 0 && (step = sqlite3_step(s)) != SQLITE_DONE) {
        if (step != SQLITE_ROW) {
            rc = conn_fail(&self->conn, "read", e);
            break;
        }
        rc = column_entry(self, s, &en, e);
        if (rc == 0) rc = each->entry(each, &en, e);
    }
    sqlite3_reset(s);
    return rc;
}

static int reader_entries(struct store_reader *r, incident_id incident, int64_t after, size_t limit,
                          struct store_each_entry *each, struct error *e)
{
    sqlite3_stmt *s = conn_stmt(&self_of(r)->conn, SQL_FIXED, SQL_ENTRIES, e);
    if (s == NULL) return e->code;
    bind_i64(s, 1, incident);
    bind_i64(s, 2, after);
    bind_i64(s, 3, (int64_t)limit);
    return each_entry(self_of(r), s, each, e);
}

/* Alerts of one rule have the same annotations, and stand side by side: the last text is kept for the next one. */
static int read_annotations(struct sqlite_reader *self, int64_t id, struct error *e)
{
    struct sqlite_conn *c = &self->conn;
    int64_t v[ROW_FIELDS_MAX];
    struct row row;
    if (id == self->annotations_id) return 0;
    sqlite3_stmt *s = conn_stmt(c, SQL_GET, ROW_ANNOTATIONS, e);
    if (s == NULL) return e->code;
    bind_i64(s, 1, id);
    const int step = sqlite3_step(s);
    buf_reset(&self->annotations);
    if (step == SQLITE_ROW) {
        column_row(s, 0, ROW_ANNOTATIONS, v, &row);
        self->annotations.max = row.text.n + 1;
        buf_add(&self->annotations, row.text);
    }
    self->annotations_id = id;
    const int rc = step == SQLITE_ROW || step == SQLITE_DONE ? 0 : conn_fail(c, "read", e);
    sqlite3_reset(s);
    return rc;
}

static int column_alert(struct sqlite_reader *self, sqlite3_stmt *s, struct store_each_alert *each, struct error *e)
{
    const int rc = read_annotations(self, sqlite3_column_int64(s, 5), e);
    const struct store_alert a = { .id = sqlite3_column_int64(s, 0),
                                   .starts_wall = sqlite3_column_int64(s, 1),
                                   .ends_wall = sqlite3_column_int64(s, 2),
                                   .updated_wall = sqlite3_column_int64(s, 3),
                                   .labels = column_bytes(s, 4),
                                   .annotations = buf_slice(&self->annotations),
                                   .sender = sqlite3_column_int64(s, 6) };
    return rc < 0 ? rc : each->alert(each, &a, e);
}

static int reader_firing(struct store_reader *r, alert_id after, size_t limit, struct store_each_alert *each,
                         struct error *e)
{
    struct sqlite_reader *self = self_of(r);
    struct sqlite_conn *c = &self->conn;
    sqlite3_stmt *s = conn_stmt(c, SQL_FIXED, SQL_FIRING, e);
    int rc = 0, step;
    if (s == NULL) return e->code;
    bind_i64(s, 1, after);
    bind_i64(s, 2, (int64_t)limit);
    self->annotations_id = 0;
    buf_reset(&self->annotations);
    while (rc == 0 && (step = sqlite3_step(s)) != SQLITE_DONE)
        rc = step == SQLITE_ROW ? column_alert(self, s, each, e) : conn_fail(c, "read", e);
    sqlite3_reset(s);
    return rc;
}

static int reader_all_rows(struct store_reader *r, enum row_kind kind, struct store_each_row *each, struct error *e)
{
    sqlite3_stmt *s = conn_stmt(&self_of(r)->conn, SQL_ALL, kind, e);
    return s == NULL ? e->code : conn_each_row(&self_of(r)->conn, s, kind, each, e);
}

static int reader_all_entries(struct store_reader *r, struct store_each_entry *each, struct error *e)
{
    sqlite3_stmt *s = conn_stmt(&self_of(r)->conn, SQL_FIXED, SQL_ALL_ENTRIES, e);
    return s == NULL ? e->code : each_entry(self_of(r), s, each, e);
}

static int reader_history(struct store_reader *r, int64_t after, size_t limit, struct store_each_entry *each,
                          struct error *e)
{
    sqlite3_stmt *s = conn_stmt(&self_of(r)->conn, SQL_FIXED, SQL_HISTORY, e);
    if (s == NULL) return e->code;
    bind_i64(s, 1, after);
    bind_i64(s, 2, (int64_t)limit);
    return each_entry(self_of(r), s, each, e);
}

static int reader_backup(struct store_reader *r, const char *path, struct store_progress *p, struct error *e)
{
    return sqlite_backup(&self_of(r)->conn, path, p, e);
}

static const struct store_reader_ops reader_ops = {
    .close = reader_close,
    .begin = reader_begin,
    .end = reader_end,
    .list = reader_list,
    .row = reader_row,
    .entries = reader_entries,
    .firing = reader_firing,
    .all_rows = reader_all_rows,
    .all_entries = reader_all_entries,
    .history = reader_history,
    .backup = reader_backup,
};

static int interrupt_when_late(void *reader)
{
    return store_reader_late(reader, NULL);
}

int sqlite_reader_open(const char *path, struct store_reader **out, struct error *e)
{
    struct sqlite_reader *self = mem_alloc(sizeof *self);
    self->reader.ops = &reader_ops;
    self->arena = arena_create(0);
    int rc = conn_open(&self->conn, path, SQLITE_OPEN_READONLY, e);
    if (rc == 0) {
        sqlite3_wal_autocheckpoint(self->conn.db, 0);
        sqlite3_db_config(self->conn.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
        sqlite3_progress_handler(self->conn.db, PROGRESS_STEPS, interrupt_when_late, self);
        rc = conn_exec(&self->conn, "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY", "set up", e);
    }
    if (rc < 0)
        reader_close(&self->reader);
    else
        *out = &self->reader;
    return rc;
}

int store_sqlite_reader_open(const char *path, struct store_reader **out, struct error *e)
{
    int64_t application = 0, version = 0;
    if (access(path, F_OK) < 0 && errno != ENOENT)
        return fail(e, ERR_DENIED, "cannot look at %s: %s: it is for root, and for whoever runs the server", path,
                    strerror(errno));
    if (access(path, F_OK) < 0)
        return fail(e, ERR_NOT_FOUND, "there is no store at %s: name the state directory with --state", path);
    int rc = sqlite_reader_open(path, out, e);
    if (rc < 0) return rc;
    struct sqlite_conn *c = &self_of(*out)->conn;
    rc = conn_int(c, "PRAGMA application_id", &application, e);
    if (rc == 0) rc = conn_int(c, "PRAGMA user_version", &version, e);
    if (rc == 0 && application != SQLITE_APPLICATION_ID)
        rc = fail(e, ERR_INVALID, "%s is no store of Tocsin", path);
    else if (rc == 0 && version != (int64_t)schema_version)
        rc = fail(e, ERR_INVALID, "%s has schema %lld, this version (%s) reads %zu: %s", path, (long long)version,
                  TOCSIN_VERSION, schema_version,
                  version > (int64_t)schema_version ? "install the newer Tocsin"
                                                    : "start its server once, which migrates it");
    if (rc < 0) {
        reader_close(*out);
        *out = NULL;
    }
    return rc;
}
