/* store_faults.c - the disk fails under the SQLite store, at each write and each sync in turn (P1).
 *
 * A shim between SQLite and the operating system fails the n-th call; n grows until a transaction meets no fault. Whatever
 * n is: a commit that reports failure has left nothing, one that reports success has left everything, and the same
 * transaction succeeds once the disk works again. */
#include "contract/store_kit.h"

#include <sqlite3.h>

#include "base/check.h"
#include "base/vec.h"

/* ---- the shim ---- */

enum fault { FAULT_NONE = 0, FAULT_WRITE, FAULT_SYNC };

static struct {
    enum fault fault;
    int code; /* what the failing call answers */
    long left; /* calls until it fails; it fails from then on, until disarmed */
    bool fired;
} disk;

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *system_vfs, faulty_vfs;

static bool fails(enum fault f)
{
    if (disk.fault != f || --disk.left > 0) return false;
    disk.fired = true;
    return true;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct faulty_file *)f)->real;
}

#define FORWARD(name, arguments, call)          \
    static int faulty_##name arguments          \
    {                                           \
        return real_of(f)->pMethods->name call; \
    }
FORWARD(xClose, (sqlite3_file * f), (real_of(f)))
FORWARD(xRead, (sqlite3_file * f, void *p, int n, sqlite3_int64 at), (real_of(f), p, n, at))
FORWARD(xTruncate, (sqlite3_file * f, sqlite3_int64 n), (real_of(f), n))
FORWARD(xFileSize, (sqlite3_file * f, sqlite3_int64 *n), (real_of(f), n))
FORWARD(xLock, (sqlite3_file * f, int l), (real_of(f), l))
FORWARD(xUnlock, (sqlite3_file * f, int l), (real_of(f), l))
FORWARD(xCheckReservedLock, (sqlite3_file * f, int *out), (real_of(f), out))
FORWARD(xFileControl, (sqlite3_file * f, int op, void *arg), (real_of(f), op, arg))
FORWARD(xSectorSize, (sqlite3_file * f), (real_of(f)))
FORWARD(xDeviceCharacteristics, (sqlite3_file * f), (real_of(f)))
FORWARD(xShmMap, (sqlite3_file * f, int page, int size, int extend, void volatile **p),
        (real_of(f), page, size, extend, p))
FORWARD(xShmLock, (sqlite3_file * f, int at, int n, int flags), (real_of(f), at, n, flags))
FORWARD(xShmUnmap, (sqlite3_file * f, int forget), (real_of(f), forget))

static void faulty_xShmBarrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int faulty_xWrite(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    return fails(FAULT_WRITE) ? disk.code : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

static int faulty_xSync(sqlite3_file *f, int flags)
{
    return fails(FAULT_SYNC) ? disk.code : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_xClose,
    .xRead = faulty_xRead,
    .xWrite = faulty_xWrite,
    .xTruncate = faulty_xTruncate,
    .xSync = faulty_xSync,
    .xFileSize = faulty_xFileSize,
    .xLock = faulty_xLock,
    .xUnlock = faulty_xUnlock,
    .xCheckReservedLock = faulty_xCheckReservedLock,
    .xFileControl = faulty_xFileControl,
    .xSectorSize = faulty_xSectorSize,
    .xDeviceCharacteristics = faulty_xDeviceCharacteristics,
    .xShmMap = faulty_xShmMap,
    .xShmLock = faulty_xShmLock,
    .xShmBarrier = faulty_xShmBarrier,
    .xShmUnmap = faulty_xShmUnmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct faulty_file *self = (struct faulty_file *)f;
    (void)vfs;
    self->real = (sqlite3_file *)(self + 1);
    int rc = system_vfs->xOpen(system_vfs, name, self->real, flags, out);
    self->base.pMethods = self->real->pMethods == NULL ? NULL : &faulty_methods;
    return rc;
}

static void install_shim(void)
{
    system_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = (int)sizeof(struct faulty_file) + system_vfs->szOsFile;
    faulty_vfs.xOpen = faulty_open;
    assert_int_equal(sqlite3_vfs_register(&faulty_vfs, 1), SQLITE_OK);
}

static void arm(enum fault f, int code, long n)
{
    disk.fault = f;
    disk.code = code;
    disk.left = n;
    disk.fired = false;
}

static void disarm(void)
{
    disk.fault = FAULT_NONE;
}

/* ---- the transactions ---- */

/* Rows, a deletion and an entry: some pages of several tables. */
static void write_small(struct store *s, int64_t n)
{
    struct arena *a = arena_create(0);
    struct entry en = kit_entry(1, n, S("written"));
    for (int64_t i = 1; i <= 5; i++) {
        struct row incident = kit_row(a, ROW_INCIDENT, n * 10 + i), label = kit_row(a, ROW_LABELSET, n * 10 + i);
        store_put_row(s, &incident);
        store_put_row(s, &label);
    }
    store_delete_row(s, ROW_LABELSET, (int64_t[]){ (n - 1) * 10 + 1 });
    store_append_entry(s, &en);
    arena_destroy(&a);
}

/* 20 MiB: the page cache spills before the commit and a checkpoint follows it. */
static void write_large(struct store *s, int64_t n)
{
    struct buf text = { .max = 2 << 20 };
    while (text.len < 1 << 20) buf_addf(&text, "%lld large ", (long long)n);
    for (int64_t i = 1; i <= 20; i++)
        store_put_row(s, &(struct row){ .kind = ROW_BUNDLE, .v = (int64_t[9]){ i, n }, .text = buf_slice(&text) });
    buf_release(&text);
}

struct fault_case {
    enum fault fault;
    int code;
    void (*write)(struct store *s, int64_t n);
    long step; /* from one n to the next, at least; grows by a half for large transactions */
};

static int transact(struct kit *k, const struct fault_case *c, int64_t n, struct error *e)
{
    int rc = store_begin(k->store, e);
    if (rc < 0) return rc;
    c->write(k->store, n);
    return store_commit(k->store, e);
}

static void assert_failure_is_told(const struct kit *k, const struct error *e)
{
    assert_int_equal(e->code, ERR_IO);
    assert_true(slice_find(slice_of(e->detail), slice_of(k->where)) < slice_of(e->detail).n);
}

/* One fault at call n. Returns whether it was met at all. */
static bool survive_fault(struct kit *k, const struct fault_case *c, long n, int64_t transaction)
{
    struct error e = { 0 };
    struct buf before = kit_dump(k);
    arm(c->fault, c->code, n);
    int rc = transact(k, c, transaction, &e);
    bool fired = disk.fired;
    disarm();
    struct buf after = kit_dump(k);
    if (rc < 0) {
        assert_true(fired);
        assert_failure_is_told(k, &e);
        assert_string_equal(buf_str(&before), buf_str(&after));
        MUST(transact(k, c, transaction, &e), e);
        buf_release(&after);
        after = kit_dump(k);
    }
    assert_string_not_equal(buf_str(&before), buf_str(&after));
    kit_reopen(k);
    struct buf again = kit_dump(k);
    assert_string_equal(buf_str(&after), buf_str(&again));
    buf_release(&before);
    buf_release(&after);
    buf_release(&again);
    return fired;
}

static void survive_all(void **state, const struct fault_case *c)
{
    struct error e = { 0 };
    int64_t transaction = 1;
    long faults = 0;
    MUST(transact(*state, c, transaction++, &e), e);
    for (long n = 1; survive_fault(*state, c, n, transaction++); n += c->step + (c->step > 1 ? n / 2 : 0)) faults++;
    assert_true(faults >= 1);
}

static void a_full_disk_at_each_write(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_FULL, write_small, 1 });
}

static void a_failing_write_each_in_turn(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_IOERR_WRITE, write_small, 1 });
}

static void a_failing_sync_each_in_turn(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_SYNC, SQLITE_IOERR_FSYNC, write_small, 1 });
}

static void a_full_disk_in_a_large_transaction(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_FULL, write_large, 400 });
}

static void a_failing_sync_in_a_large_transaction(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_SYNC, SQLITE_IOERR_FSYNC, write_large, 1 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE(a_full_disk_at_each_write),
        ON_SQLITE(a_failing_write_each_in_turn),
        ON_SQLITE(a_failing_sync_each_in_turn),
        ON_SQLITE(a_full_disk_in_a_large_transaction),
        ON_SQLITE(a_failing_sync_in_a_large_transaction),
    };
    install_shim();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
