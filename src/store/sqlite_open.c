/* sqlite_open.c - from a path to a file that is ours, alone ours, of this version, with the tables of row.h.
 * Not here: the tables themselves (schema.c).
 * Always: a file that is refused is left as it was. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/files.h"

/* ---- the path ---- */

static int check_directory(const char *path, struct error *e)
{
    struct buf dir = { 0 };
    struct slice p = slice_of(path);
    struct stat st;
    size_t n = p.n;
    int rc = 0;
    while (n > 0 && p.p[n - 1] != '/') n--;
    buf_add(&dir, n == 0 ? S(".") : slice_upto(p, n));
    if (stat(buf_str(&dir), &st) < 0 || !S_ISDIR(st.st_mode))
        rc = fail(e, ERR_NOT_FOUND, "cannot open %s: there is no directory %s: make it first", path, buf_str(&dir));
    else if (access(buf_str(&dir), W_OK | X_OK) < 0)
        rc = fail(e, ERR_DENIED, "cannot open %s: %s: %s: the store needs to write beside its file", path,
                  buf_str(&dir), strerror(errno));
    else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        rc = fail(e, ERR_INVALID, "cannot open %s: it is no file: name a file", path);
    else if (access(path, W_OK) < 0 && errno != ENOENT)
        rc = fail(e, ERR_DENIED, "cannot open %s: %s: make it writable for the user Tocsin runs as", path,
                  strerror(errno));
    buf_release(&dir);
    return rc;
}

static void read_holder(int fd, struct buf *pid)
{
    char text[24];
    ssize_t n = pread(fd, text, sizeof text, 0);
    if (n > 0) buf_add(pid, slice_trim((struct slice){ text, (size_t)n }));
}

/* A lock of our own beside the file: SQLite itself would let two servers take turns on it. */
static int take_lock(const char *path, int *lock, struct error *e)
{
    struct buf name = { 0 }, pid = { 0 };
    int rc = 0;
    buf_addf(&name, "%s.lock", path);
    int fd = open(buf_str(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        rc = fail(e, ERR_DENIED, "cannot open %s: %s", buf_str(&name), strerror(errno));
        goto out;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        read_holder(fd, &pid);
        rc = fail(e, ERR_CONFLICT, "cannot open %s: process %s uses it: stop that one, or name another file", path,
                  pid.len > 0 ? buf_str(&pid) : "(unknown)");
        close(fd);
        goto out;
    }
    buf_addf(&pid, "%ld\n", (long)getpid());
    /* Only for the message above: the lock holds without it. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, pid.p, pid.len, 0) < 0) buf_reset(&pid);
    *lock = fd;
out:
    buf_release(&name);
    buf_release(&pid);
    return rc;
}

/* ---- the file ---- */

static int check_owner(struct sqlite_conn *c, int64_t *version, struct error *e)
{
    int64_t tables = 0, application = 0;
    int rc = conn_int(c, "SELECT count(*) FROM sqlite_schema", &tables, e);
    if (rc == 0) rc = conn_int(c, "PRAGMA application_id", &application, e);
    if (rc == 0) rc = conn_int(c, "PRAGMA user_version", version, e);
    if (rc < 0) return rc;
    if (application != SQLITE_APPLICATION_ID && (tables > 0 || application != 0))
        return fail(e, ERR_INVALID, "cannot open %s: it is the database of another program: name another file",
                    c->path);
    if (*version < 0 || (*version == 0 && tables > 0))
        return fail(e, ERR_INVALID, "cannot open %s: its schema has no version: restore a backup", c->path);
    return 0;
}

/* The pragma answers with the mode that is now in force. */
static int set_journal(struct sqlite_conn *c, struct error *e)
{
    sqlite3_stmt *s = NULL;
    int rc = 0;
    if (sqlite3_prepare_v2(c->db, "PRAGMA journal_mode = WAL", -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW)
        rc = conn_fail(c, "set up", e);
    else if (!slice_eq(slice_of((const char *)sqlite3_column_text(s, 0)), S("wal")))
        rc = fail(e, ERR_IO, "cannot open %s: its file system takes no write-ahead log: use a local disk", c->path);
    sqlite3_finalize(s);
    return rc;
}

/* After each commit. */
static int count_log(void *conn, sqlite3 *db, const char *name, int pages)
{
    struct sqlite_conn *c = conn;
    (void)db, (void)name;
    c->log_pages = pages;
    conn_checkpoint(c, SQLITE_LOG_PAGES_MAX);
    return SQLITE_OK;
}

static int set_up(struct sqlite_conn *c, struct error *e)
{
    static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF;"
                                   "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF";
    int rc = set_journal(c, e);
    sqlite3_wal_hook(c->db, count_log, c);
    return rc == 0 ? conn_exec(c, settings, "set up", e) : rc;
}

/* ---- a new file ---- */

/* Nothing is to be lost before the file has its name, so that the schema needs no journal on disk: what is in the pages is waited
 * for once, by the last pragma, which changes the first of them. */
static int fill_new(struct sqlite_conn *c, struct error *e)
{
    static const char settings[] = SQLITE_SET_PAGE "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF";
    int rc = conn_exec(c, settings, "set up", e);
    if (rc == 0) rc = sqlite_migrate(c, schema_migrations, schema_version, e);
    if (rc == 0) rc = conn_exec(c, "PRAGMA synchronous = FULL", "set up", e);
    return rc == 0 ? set_journal(c, e) : rc;
}

static int make_filled(const char *path, struct error *e)
{
    struct sqlite_conn c = { 0 };
    int rc = conn_open(&c, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
    if (rc == 0) rc = fill_new(&c, e);
    conn_close(&c);
    return rc;
}

/* The image's next page; what lies between its pieces is zero. */
static void image_page(size_t at, char page[SQLITE_IMAGE_PAGE])
{
    memset(page, 0, SQLITE_IMAGE_PAGE);
    for (size_t i = 0; i < sqlite_image.n; i++) {
        const struct sqlite_piece *p = &sqlite_image.pieces[i];
        const size_t from = p->at > at ? p->at : at;
        const size_t end = p->at + p->n < at + SQLITE_IMAGE_PAGE ? p->at + p->n : at + SQLITE_IMAGE_PAGE;
        if (from < end) memcpy(page + (from - at), p->bytes + (from - p->at), end - from);
    }
}

static int image_write(sqlite3_file *f)
{
    char page[SQLITE_IMAGE_PAGE];
    int rc = SQLITE_OK;
    for (size_t at = 0; rc == SQLITE_OK && at < sqlite_image.size; at += sizeof page) {
        image_page(at, page);
        rc = f->pMethods->xWrite(f, page, sizeof page, (sqlite3_int64)at);
    }
    return rc == SQLITE_OK ? f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) : rc;
}

/* The same, without running it: its bytes, waited for, by SQLite's own way to the disk. */
static int make_copied(const char *path, struct error *e)
{
    sqlite_begin_once();
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_file *f = mem_alloc((size_t)vfs->szOsFile);
    char *full = mem_alloc((size_t)vfs->mxPathname + 1);
    int rc = vfs->xFullPathname(vfs, path, vfs->mxPathname, full);
    const char *name = rc == SQLITE_OK ? sqlite3_create_filename(full, "", "", 0, NULL) : NULL;
    if (rc == SQLITE_OK && name == NULL) rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = vfs->xOpen(vfs, name, f, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB, NULL);
    if (rc == SQLITE_OK) rc = image_write(f);
    if (f->pMethods != NULL) f->pMethods->xClose(f);
    sqlite3_free_filename((char *)(uintptr_t)name);
    mem_free(full);
    mem_free(f);
    return rc == SQLITE_OK ? 0 : conn_fail_code(path, rc, "make", sqlite3_errstr(rc), e);
}

/* Whether there is neither the file nor, left by one that was taken away, a log that SQLite would put over ours. */
static bool is_new(const char *path)
{
    static const char *const parts[] = { "", "-wal", "-journal" };
    struct buf name = { 0 };
    struct stat st;
    bool found = false;
    for (size_t i = 0; !found && i < COUNT_OF(parts); i++) {
        buf_reset(&name);
        buf_addf(&name, "%s%s", path, parts[i]);
        found = lstat(buf_str(&name), &st) == 0 || errno != ENOENT;
    }
    buf_release(&name);
    return !found;
}

/* A whole file with all tables, or none: made under another name first. */
static int make_new(const char *path, struct error *e)
{
    static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
    struct buf part = { 0 }, name = { 0 };
    buf_addf(&part, "%s.new", path);
    for (size_t i = 0; i < COUNT_OF(parts); i++) { /* of a start that was killed */
        buf_reset(&name);
        buf_addf(&name, "%s%s", buf_str(&part), parts[i]);
        unlink(buf_str(&name));
    }
    int rc = (sqlite_image.n > 0 ? make_copied : make_filled)(buf_str(&part), e);
    if (rc == 0 && rename(buf_str(&part), path) < 0)
        rc = fail(e, ERR_IO, "cannot make %s: %s", path, strerror(errno));
    if (rc == 0) rc = file_sync_name(path, e);
    if (rc < 0) unlink(buf_str(&part));
    buf_release(&part);
    buf_release(&name);
    return rc;
}

static int check_version(struct sqlite_conn *c, struct error *e)
{
    int64_t version = 0;
    const int rc = check_owner(c, &version, e);
    if (rc < 0 || version <= (int64_t)schema_version) return rc;
    return fail(e, ERR_INVALID,
                "cannot open %s: its schema is version %lld, made by a newer Tocsin; this one (%s) knows"
                " %zu: install the newer one",
                c->path, (long long)version, TOCSIN_VERSION, schema_version);
}

/* What was made by this very opening, under the lock, needs no look whether it is ours. */
int sqlite_file_open(const char *path, struct sqlite_conn *c, int *lock, struct error *e)
{
    bool made = false;
    int rc = check_directory(path, e);
    if (rc == 0) rc = take_lock(path, lock, e);
    if (rc == 0) made = is_new(path);
    if (made) rc = make_new(path, e);
    if (rc == 0) rc = conn_open(c, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
    if (rc == 0 && !made) rc = check_version(c, e);
    if (rc == 0) rc = set_up(c, e);
    if (rc == 0 && !made) rc = sqlite_migrate(c, schema_migrations, schema_version, e);
    if (rc == 0 && !made) rc = sqlite_check_tables(c, e);
    c->made = rc == 0 && made;
    return rc;
}

/* ---- migrations ---- */

static int copy_pages(struct sqlite_conn *from, struct sqlite_conn *to, struct error *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to->db, "main", from->db, "main");
    if (b == NULL) return conn_fail(to, "copy to", e);
    sqlite3_backup_step(b, -1);
    return sqlite3_backup_finish(b) == SQLITE_OK ? 0 : conn_fail(to, "copy to", e);
}

/* A copy beside the file, whole or not there: written under another name first. */
static int copy_before(struct sqlite_conn *c, size_t version, struct error *e)
{
    struct sqlite_conn to = { 0 };
    struct buf name = { 0 }, part = { 0 };
    buf_addf(&name, "%s.before-v%zu", c->path, version);
    buf_addf(&part, "%s.part", buf_str(&name));
    unlink(buf_str(&part));
    int rc = conn_open(&to, buf_str(&part), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
    if (rc == 0) rc = copy_pages(c, &to, e);
    conn_close(&to);
    if (rc == 0 && rename(buf_str(&part), buf_str(&name)) < 0)
        rc = fail(e, ERR_IO, "cannot make the copy %s: %s", buf_str(&name), strerror(errno));
    if (rc < 0) unlink(buf_str(&part));
    buf_release(&name);
    buf_release(&part);
    return rc;
}

static int run_migrations(struct sqlite_conn *c, const struct migration *migrations, size_t from, size_t n,
                          struct error *e)
{
    struct buf sql = { 0 };
    int rc = 0;
    for (size_t i = from; rc == 0 && i < n; i++) {
        buf_reset(&sql);
        schema_expand(migrations[i].sql, &schema_words_sqlite, &sql);
        CHECK(!sql.overflow);
        rc = conn_exec(c, buf_str(&sql), "migrate", e);
    }
    buf_reset(&sql);
    buf_addf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %zu", SQLITE_APPLICATION_ID, n);
    if (rc == 0) rc = conn_exec(c, buf_str(&sql), "migrate", e);
    buf_release(&sql);
    return rc;
}

int sqlite_migrate(struct sqlite_conn *c, const struct migration *migrations, size_t n, struct error *e)
{
    int64_t version = 0;
    int rc = conn_int(c, "PRAGMA user_version", &version, e);
    if (rc < 0 || version >= (int64_t)n) return rc;
    if (version > 0) rc = copy_before(c, n, e);
    if (rc == 0) rc = conn_begin(c, "BEGIN IMMEDIATE", "migrate", e);
    if (rc < 0) return rc;
    rc = run_migrations(c, migrations, (size_t)version, n, e);
    if (rc == 0) rc = conn_exec(c, "COMMIT", "migrate", e);
    if (rc < 0) conn_rollback(c);
    return rc;
}

/* ---- tables against row.h ---- */

struct column_want {
    const char *type;
    int key; /* place in the primary key from 1; 0 = none */
};

/* What the column should be; type NULL when row.h has no such field. */
static struct column_want column_wanted(const struct row_def *def, struct slice name)
{
    for (size_t i = 0; i < def->n_fields; i++)
        if (slice_eq(slice_of(def->fields[i].name), name))
            return (struct column_want){ schema_words_sqlite.integer, i < def->n_keys ? (int)i + 1 : 0 };
    if (def->has_text && slice_eq(name, S("text"))) return (struct column_want){ schema_words_sqlite.bytes, 0 };
    return (struct column_want){ NULL, 0 };
}

static int check_column(const struct sqlite_conn *c, const struct row_def *def, sqlite3_stmt *s, struct error *e)
{
    const char *name = (const char *)sqlite3_column_text(s, 0), *type = (const char *)sqlite3_column_text(s, 1);
    if (name == NULL || type == NULL) return conn_fail(c, "read the tables of", e);
    struct column_want want = column_wanted(def, slice_of(name));
    if (want.type == NULL)
        return fail(e, ERR_INVALID, "cannot use %s: table %s has a column %s that this version does not know", c->path,
                    def->table, name);
    if (!slice_eq(slice_of(type), slice_of(want.type)) || sqlite3_column_int(s, 2) != want.key)
        return fail(e, ERR_INVALID, "cannot use %s: column %s.%s is %s at place %d of the key, not %s at %d", c->path,
                    def->table, name, type, sqlite3_column_int(s, 2), want.type, want.key);
    return 0;
}

/* ERR_NOT_FOUND: it has fewer columns than row.h. What could not be read is no finding: out of memory may pass. */
static int check_table(struct sqlite_conn *c, const struct row_def *def, struct error *e)
{
    sqlite3_stmt *s = NULL;
    size_t n = 0;
    int rc = 0, step = SQLITE_ROW;
    if (sqlite3_prepare_v2(c->db, "SELECT name, type, pk FROM pragma_table_info($1)", -1, &s, NULL) != SQLITE_OK)
        return conn_fail(c, "read the tables of", e);
    if (sqlite3_bind_text(s, 1, def->table, -1, SQLITE_STATIC) != SQLITE_OK) rc = conn_fail(c, "read the tables of", e);
    for (; rc == 0 && (step = sqlite3_step(s)) == SQLITE_ROW; n++) rc = check_column(c, def, s, e);
    if (rc == 0 && step != SQLITE_DONE) rc = conn_fail(c, "read the tables of", e);
    sqlite3_finalize(s);
    return rc < 0 || n == def->n_fields + def->has_text ? rc : ERR_NOT_FOUND;
}

static int name_missing_column(struct sqlite_conn *c, const struct row_def *def, struct error *e)
{
    struct buf sql = { 0 };
    const char *missing = "text";
    int64_t there = 0;
    int rc = 0;
    for (size_t i = 0; i < def->n_fields; i++) {
        buf_reset(&sql);
        buf_addf(&sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", def->table,
                 def->fields[i].name);
        rc = conn_int(c, buf_str(&sql), &there, e);
        if (rc == 0 && there > 0) continue;
        missing = def->fields[i].name;
        break;
    }
    buf_release(&sql);
    if (rc < 0) return rc;
    return fail(e, ERR_INVALID, "cannot use %s: table %s has no column %s: it was changed by hand, restore a backup",
                c->path, def->table, missing);
}

int sqlite_check_tables(struct sqlite_conn *c, struct error *e)
{
    int rc = 0;
    for (int k = 0; rc == 0 && k < ROW_KIND_MAX; k++) {
        if (row_defs[k].table == NULL) continue;
        rc = check_table(c, &row_defs[k], e);
        if (rc == ERR_NOT_FOUND) rc = name_missing_column(c, &row_defs[k], e);
    }
    return rc;
}
