/* sqlite_backup.c - a copy of a file that others are writing to.
 * Always: one read transaction from the first page to the last, so that a busy writer never makes it begin again (it only
 * lets the write-ahead log grow meanwhile); under its own name the copy is whole, synced and marked as one. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

#define PAGES_A_STEP 2000

static int copy_pages(struct sqlite_conn *from, struct sqlite_conn *to, struct store_progress *p, struct error *e)
{
    sqlite3_backup *b = sqlite3_backup_init(to->db, "main", from->db, "main");
    int step;
    if (b == NULL) return conn_fail(to, "copy to", e);
    while ((step = sqlite3_backup_step(b, PAGES_A_STEP)) == SQLITE_OK)
        p->told(p, sqlite3_backup_pagecount(b) - sqlite3_backup_remaining(b), sqlite3_backup_pagecount(b));
    return sqlite3_backup_finish(b) == SQLITE_OK && step == SQLITE_DONE ? 0 : conn_fail(to, "copy to", e);
}

static int copy_view(struct sqlite_conn *from, struct sqlite_conn *to, struct store_progress *p, struct error *e)
{
    int64_t ignored;
    int rc = conn_begin(from, "BEGIN", "read", e);
    if (rc == 0) rc = conn_int(from, "SELECT count(*) FROM instance", &ignored, e); /* the view begins with a read */
    if (rc == 0) rc = copy_pages(from, to, p, e);
    conn_rollback(from);
    return rc;
}

/* One file without a log beside it; and whoever starts on it is told that it is a copy. */
static int mark(struct sqlite_conn *to, struct error *e)
{
    int rc = conn_exec(to, "PRAGMA journal_mode = DELETE", "set up", e);
    if (rc < 0) return rc;
    return conn_exec(to,
                     "INSERT INTO instance(id, hi, lo, held) VALUES(1, 0, 0, 1) ON CONFLICT(id) DO UPDATE SET held = 1",
                     "mark", e);
}

static int make_file(const char *path, struct error *e)
{
    unlink(path);
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return fail(e, ERR_DENIED, "cannot make %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

static int sync_path(const char *path, int flags, struct error *e)
{
    const int fd = open(path, flags | O_CLOEXEC);
    const int rc = fd < 0 || fsync(fd) < 0 ? fail(e, ERR_IO, "cannot sync %s: %s", path, strerror(errno)) : 0;
    if (fd >= 0) close(fd);
    return rc;
}

static int put_in_place(const char *part, const char *path, struct error *e)
{
    struct buf dir = { 0 };
    const char *slash = strrchr(path, '/');
    buf_add(&dir, slash == NULL ? S(".") : (struct slice){ path, (size_t)(slash - path) + 1 });
    int rc = sync_path(part, O_RDWR, e);
    if (rc == 0 && rename(part, path) < 0)
        rc = fail(e, ERR_IO, "cannot rename %s to %s: %s", part, path, strerror(errno));
    if (rc == 0) rc = sync_path(buf_str(&dir), O_RDONLY | O_DIRECTORY, e);
    buf_release(&dir);
    return rc;
}

int sqlite_backup(struct sqlite_conn *from, const char *path, struct store_progress *p, struct error *e)
{
    struct sqlite_conn to = { 0 };
    struct buf part = { 0 };
    buf_addf(&part, "%s.part", path);
    int rc = make_file(buf_str(&part), e);
    if (rc == 0) rc = conn_open(&to, buf_str(&part), SQLITE_OPEN_READWRITE, e);
    if (rc == 0) rc = copy_view(from, &to, p, e);
    if (rc == 0) rc = mark(&to, e);
    conn_close(&to);
    if (rc == 0) rc = put_in_place(buf_str(&part), path, e);
    if (rc < 0) unlink(buf_str(&part));
    buf_release(&part);
    return rc;
}
