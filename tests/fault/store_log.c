/* store_log.c - what the file system over the write-ahead log promises SQLite (P1, sqlite_log.c): gathered writes are read
 * back, in one piece below when they are synced, and a late one that fails is told before any sync succeeds.
 *
 * The shim stands on the faulty file system, so that faults hit the writes that reach the disk. Whole transactions through
 * both: store_faults.c, store_power.c. */
#include "harness.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "fault/faulty_vfs.h"
#include "store/sqlite.h"

#define FRAME 1000 /* bytes of one write below */
#define OPEN_FLAGS (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

struct log {
    char database[300], path[304]; /* SQLite gives a log the rights of its database: there must be one */
    sqlite3_vfs *vfs;
    sqlite3_file *file;
    const sqlite3_io_methods *m;
};

static void log_open(struct log *l, int kind)
{
    const char *tmp = getenv("TMPDIR");
    int flags = 0;
    snprintf(l->database, sizeof l->database, "%s/tocsin-log-%ld", tmp != NULL ? tmp : "/tmp", (long)getpid());
    snprintf(l->path, sizeof l->path, "%s-wal", l->database);
    unlink(l->path);
    FILE *database = fopen(l->database, "wb");
    assert_non_null(database);
    fclose(database);
    l->vfs = sqlite3_vfs_find(sqlite_log_gathers());
    assert_non_null(l->vfs);
    l->file = mem_alloc((size_t)l->vfs->szOsFile);
    assert_int_equal(l->vfs->xOpen(l->vfs, l->path, l->file, OPEN_FLAGS | kind, &flags), SQLITE_OK);
    l->m = l->file->pMethods;
}

static void log_end(struct log *l)
{
    l->m->xClose(l->file);
    mem_free(l->file);
    unlink(l->path);
    unlink(l->database);
}

static int setup(void **state)
{
    static struct log l;
    log_open(&l, SQLITE_OPEN_WAL);
    *state = &l;
    return 0;
}

static int teardown(void **state)
{
    faulty_vfs_disarm();
    log_end(*state);
    return 0;
}

/* The n-th frame: all its bytes are n. */
static int put(struct log *l, int n, int at)
{
    char frame[FRAME];
    memset(frame, n, sizeof frame);
    return l->m->xWrite(l->file, frame, sizeof frame, (sqlite3_int64)at * FRAME);
}

static void assert_frame(struct log *l, int n, int at)
{
    char frame[FRAME], want[FRAME];
    memset(want, n, sizeof want);
    assert_int_equal(l->m->xRead(l->file, frame, sizeof frame, (sqlite3_int64)at * FRAME), SQLITE_OK);
    assert_memory_equal(frame, want, sizeof want);
}

/* What the file below holds, seen by another program. */
static long bytes_below(const struct log *l)
{
    FILE *f = fopen(l->path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    const long n = ftell(f);
    fclose(f);
    return n;
}

static void writes_in_order_reach_the_disk_as_one_at_the_sync(void **state)
{
    struct log *l = *state;
    for (int i = 0; i < 50; i++) assert_int_equal(put(l, i, i), SQLITE_OK);
    assert_int_equal(bytes_below(l), 0);
    faulty_vfs_arm(FAULT_WRITE, SQLITE_IOERR_WRITE, 2, FAULT_FROM_THEN_ON); /* a second write would fail */
    assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    assert_false(faulty_vfs_disarm());
    assert_int_equal(bytes_below(l), 50 * FRAME);
    for (int i = 0; i < 50; i++) assert_frame(l, i, i);
}

static void what_waits_is_read_back_and_counted(void **state)
{
    struct log *l = *state;
    sqlite3_int64 size = 0;
    assert_int_equal(put(l, 1, 0), SQLITE_OK);
    assert_frame(l, 1, 0);
    assert_int_equal(put(l, 2, 1), SQLITE_OK);
    assert_int_equal(l->m->xFileSize(l->file, &size), SQLITE_OK);
    assert_int_equal(size, 2 * FRAME);
    assert_int_equal(put(l, 3, 2), SQLITE_OK);
    assert_int_equal(l->m->xTruncate(l->file, FRAME), SQLITE_OK);
    assert_int_equal(bytes_below(l), FRAME);
}

/* As for a page that is written again before its commit, and for a log that begins anew. */
static void what_is_written_elsewhere_comes_later(void **state)
{
    struct log *l = *state;
    assert_int_equal(put(l, 1, 0), SQLITE_OK);
    assert_int_equal(put(l, 2, 1), SQLITE_OK);
    assert_int_equal(put(l, 9, 0), SQLITE_OK);
    assert_int_equal(put(l, 7, 5), SQLITE_OK);
    assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    assert_frame(l, 9, 0);
    assert_frame(l, 2, 1);
    assert_frame(l, 7, 5);
}

static void more_than_it_holds_is_handed_down_in_between(void **state)
{
    struct log *l = *state;
    for (int i = 0; i < 1000; i++) assert_int_equal(put(l, i & 0xff, i), SQLITE_OK);
    assert_true(bytes_below(l) >= 800 * FRAME);
    assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    for (int i = 0; i < 1000; i++) assert_frame(l, i & 0xff, i);
}

/* 128 KiB at once are nothing to SQLite's own write: it would report a full disk. */
static void any_length_is_written(void **state)
{
    static const int lengths[] = { 0x1fffe, 0x1ffff, 0x20000, 0x20001, 0x40000 };
    struct log *l = *state;
    char *bytes = mem_alloc(0x40000);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_int_equal(l->m->xTruncate(l->file, 0), SQLITE_OK);
        for (int at = 0; at < lengths[i]; at += 0x2000) {
            const int n = lengths[i] - at < 0x2000 ? lengths[i] - at : 0x2000;
            assert_int_equal(l->m->xWrite(l->file, bytes + at, n, at), SQLITE_OK);
        }
        assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
        assert_int_equal(bytes_below(l), lengths[i]);
    }
    mem_free(bytes);
}

/* Told by the sync, once; then the disk works again, and the frames are written anew, as SQLite does after its rollback. */
static void a_late_write_that_fails_is_told_by_the_sync(void **state)
{
    struct log *l = *state;
    assert_int_equal(put(l, 1, 0), SQLITE_OK);
    assert_int_equal(put(l, 2, 1), SQLITE_OK);
    faulty_vfs_arm(FAULT_WRITE, SQLITE_FULL, 1, FAULT_ONCE);
    assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_FULL);
    assert_true(faulty_vfs_disarm());
    assert_int_equal(put(l, 3, 0), SQLITE_OK);
    assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
    assert_frame(l, 3, 0);
}

/* A read that could not hand down what waited ends no transaction by itself: the next write or sync says it again. */
static void a_loss_that_a_read_met_is_told_before_a_sync_succeeds(void **state)
{
    struct log *l = *state;
    char frame[FRAME];
    for (int sync_first = 0; sync_first < 2; sync_first++) {
        assert_int_equal(put(l, 1, 0), SQLITE_OK);
        faulty_vfs_arm(FAULT_WRITE, SQLITE_IOERR_WRITE, 1, FAULT_ONCE);
        assert_int_equal(l->m->xRead(l->file, frame, FRAME, 0), SQLITE_IOERR_WRITE);
        assert_true(faulty_vfs_disarm());
        assert_int_equal(sync_first ? l->m->xSync(l->file, SQLITE_SYNC_NORMAL) : put(l, 2, 1), SQLITE_IOERR_WRITE);
        assert_int_equal(put(l, 4, 0), SQLITE_OK);
        assert_int_equal(l->m->xSync(l->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
        assert_frame(l, 4, 0);
    }
}

static void a_database_passes_by(void **state)
{
    struct log db;
    (void)state;
    log_open(&db, SQLITE_OPEN_MAIN_DB);
    assert_int_equal(put(&db, 1, 0), SQLITE_OK);
    assert_int_equal(bytes_below(&db), FRAME);
    log_end(&db);
}

#define ON_LOG(f)                    \
    {                                \
#f, f, setup, teardown, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOG(writes_in_order_reach_the_disk_as_one_at_the_sync),
        ON_LOG(what_waits_is_read_back_and_counted),
        ON_LOG(what_is_written_elsewhere_comes_later),
        ON_LOG(more_than_it_holds_is_handed_down_in_between),
        ON_LOG(any_length_is_written),
        ON_LOG(a_late_write_that_fails_is_told_by_the_sync),
        ON_LOG(a_loss_that_a_read_met_is_told_before_a_sync_succeeds),
        cmocka_unit_test(a_database_passes_by),
    };
    faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
