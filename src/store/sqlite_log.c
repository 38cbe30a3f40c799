/* sqlite_log.c - SQLite's file system as it is, but for the write-ahead log: what is written to that in order is gathered and
 * handed down in one write when it is synced.
 *
 * SQLite writes a frame of the log as 24 bytes and a page, each by a call of its own: a new incident makes some fifty. In one
 * call the same bytes cost the processor and the file system half (docs/decisions/0016-the-log-in-one-write.md).
 * Why nobody misses them: with synchronous = FULL SQLite publishes frames in the shared index only after xSync returned 0,
 * so no other connection reads what waits here; its own reads of pages that it wrote before the commit (the page cache was
 * full) hand down first what waits. A write that fails late is told by the call that handed it down. Where that was none
 * that ends a transaction, the next xWrite or xSync tells it again: between a loss and a sync that succeeds there is always
 * a failed one of these, so that SQLite has rolled back and writes all frames since the last commit anew.
 * Not here: the database itself, its locks and its index: their calls go to the system's methods without passing here.
 * Always: nothing waits when xSync returns; never more than GATHER_MAX bytes wait. */
#include "store/sqlite.h"

#include <pthread.h>
#include <string.h>

#include "base/vec.h"

/* SQLite's own write on Unix looks at the lower 17 bits of a length alone and reports a full disk when they are 0. Only what
 * a commit needs of the buffer is ever touched. */
#define GATHER_MAX ((size_t)0x1ffff)

/* What a transaction adds to the file costs twice what overwriting costs. So the file is made longer when nobody waits, by
 * little: half a millisecond that the next one might have to wait for. */
#define ROOM_AHEAD ((sqlite3_int64)256 << 10)
#define ROOM_LEAST ((sqlite3_int64)128 << 10)
#define ROOM_PIECE (64 << 10)

struct log_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
    unsigned char *waiting;
    size_t n;
    sqlite3_int64 at; /* where what waits begins */
    sqlite3_int64 end, size; /* of what was written last; of the file, as far as we know it */
    int untold; /* why something that waited was lost, until xWrite or xSync told it */
};

static struct {
    pthread_once_t once;
    sqlite3_vfs vfs, *real;
} system_below = { .once = PTHREAD_ONCE_INIT };

static struct log_file *log_of(sqlite3_file *f)
{
    return (struct log_file *)f;
}

static int hand_down(struct log_file *l)
{
    const size_t n = l->n;
    if (n == 0) return SQLITE_OK;
    l->n = 0;
    l->end = l->at + (sqlite3_int64)n;
    if (l->size < l->end) l->size = l->end;
    return l->real->pMethods->xWrite(l->real, l->waiting, (int)n, l->at);
}

/* Before a call whose failure does not end a transaction. */
static int hand_down_early(struct log_file *l)
{
    const int rc = hand_down(l);
    if (rc != SQLITE_OK) l->untold = rc;
    return rc;
}

/* What was lost before, told. */
static int told(struct log_file *l)
{
    const int rc = l->untold;
    l->untold = SQLITE_OK;
    return rc;
}

static int log_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct log_file *l = log_of(f);
    const size_t size = (size_t)n;
    int rc = told(l);
    const bool follows = at == l->at + (sqlite3_int64)l->n;
    if (rc == SQLITE_OK && (!follows || l->n + size > GATHER_MAX)) rc = hand_down(l);
    if (rc != SQLITE_OK) return rc;
    if (size > GATHER_MAX) return l->real->pMethods->xWrite(l->real, p, n, at);
    if (l->n == 0) l->at = at;
    memcpy(l->waiting + l->n, p, size);
    l->n += size;
    return SQLITE_OK;
}

static int log_sync(sqlite3_file *f, int flags)
{
    struct log_file *l = log_of(f);
    int rc = told(l);
    if (rc == SQLITE_OK) rc = hand_down(l);
    return rc == SQLITE_OK ? l->real->pMethods->xSync(l->real, flags) : rc;
}

static int log_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    const int rc = hand_down_early(log_of(f));
    return rc == SQLITE_OK ? log_of(f)->real->pMethods->xRead(log_of(f)->real, p, n, at) : rc;
}

static int log_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    const int rc = hand_down_early(log_of(f));
    log_of(f)->size = n;
    return rc == SQLITE_OK ? log_of(f)->real->pMethods->xTruncate(log_of(f)->real, n) : rc;
}

static int log_size(sqlite3_file *f, sqlite3_int64 *n)
{
    const int rc = hand_down_early(log_of(f));
    return rc == SQLITE_OK ? log_of(f)->real->pMethods->xFileSize(log_of(f)->real, n) : rc;
}

static int log_control(sqlite3_file *f, int op, void *arg)
{
    const int rc = hand_down_early(log_of(f));
    return rc == SQLITE_OK ? log_of(f)->real->pMethods->xFileControl(log_of(f)->real, op, arg) : rc;
}

static int log_close(sqlite3_file *f)
{
    struct log_file *l = log_of(f);
    const int rc = hand_down(l);
    const int closed = l->real->pMethods->xClose(l->real);
    mem_free(l->waiting);
    l->waiting = NULL;
    return rc == SQLITE_OK ? closed : rc;
}

/* A log is neither locked nor shared: the database is. */
static int log_lock(sqlite3_file *f, int kind)
{
    return log_of(f)->real->pMethods->xLock(log_of(f)->real, kind);
}

static int log_unlock(sqlite3_file *f, int kind)
{
    return log_of(f)->real->pMethods->xUnlock(log_of(f)->real, kind);
}

static int log_reserved(sqlite3_file *f, int *out)
{
    return log_of(f)->real->pMethods->xCheckReservedLock(log_of(f)->real, out);
}

static int log_sector(sqlite3_file *f)
{
    return log_of(f)->real->pMethods->xSectorSize(log_of(f)->real);
}

static int log_traits(sqlite3_file *f)
{
    return log_of(f)->real->pMethods->xDeviceCharacteristics(log_of(f)->real);
}

static const sqlite3_io_methods log_methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_traits,
};

/* ---- room ahead ---- */

/* Behind all that there is, in pieces that SQLite's own write takes. */
static int write_zeros(struct log_file *l)
{
    unsigned char *zeros = mem_alloc(ROOM_PIECE);
    int rc = l->real->pMethods->xFileSize(l->real, &l->size);
    for (sqlite3_int64 at = l->size; rc == SQLITE_OK && at < l->size + ROOM_AHEAD; at += ROOM_PIECE)
        rc = l->real->pMethods->xWrite(l->real, zeros, ROOM_PIECE, at);
    mem_free(zeros);
    return rc;
}

/* Where the disk has no room none is made: whether the next transaction fits is seen when it is written. Nobody else writes
 * meanwhile, not even who should not: what is behind us would be theirs. */
void sqlite_log_make_room(sqlite3 *db)
{
    sqlite3_file *f = NULL;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f);
    if (f == NULL || f->pMethods != &log_methods) return;
    struct log_file *l = log_of(f);
    if (l->n > 0 || l->end == 0 || l->size - l->end >= ROOM_LEAST) return;
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return;
    if (write_zeros(l) == SQLITE_OK) l->real->pMethods->xSync(l->real, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    l->real->pMethods->xFileSize(l->real, &l->size);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    sqlite3_vfs *real = system_below.real;
    struct log_file *l = log_of(f);
    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0) return real->xOpen(real, name, f, flags, out);
    *l = (struct log_file){ .real = (sqlite3_file *)(l + 1) };
    const int rc = real->xOpen(real, name, l->real, flags, out);
    if (l->real->pMethods == NULL) return rc;
    l->base.pMethods = &log_methods;
    l->waiting = mem_alloc(GATHER_MAX);
    l->real->pMethods->xFileSize(l->real, &l->size);
    return rc;
}

static void install(void)
{
    system_below.real = sqlite3_vfs_find(NULL);
    system_below.vfs = *system_below.real;
    system_below.vfs.zName = "tocsin";
    system_below.vfs.szOsFile += (int)sizeof(struct log_file);
    system_below.vfs.xOpen = open_file;
    sqlite3_vfs_register(&system_below.vfs, 0);
}

const char *sqlite_log_gathers(void)
{
    pthread_once(&system_below.once, install);
    return system_below.vfs.zName;
}
