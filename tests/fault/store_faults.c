/* store_faults.c - the disk fails under the SQLite store, at each write and each sync in turn (P1).
 *
 * A shim between SQLite and the operating system fails the n-th call, once or from then on; n grows until a transaction
 * meets no fault. Whatever n is: a commit that reports failure has left nothing, one that reports success has left
 * everything, and the same transaction succeeds once the disk works again. */
#include "contract/store_kit.h"

#include <sqlite3.h>

#include "base/buf.h"
#include "fault/faulty_vfs.h"

/* ---- the transactions ---- */

/* Rows, a deletion and an entry: some pages of several tables. */
struct fault_case {
    enum fault fault;
    int code;
    void (*write)(struct store *s, int64_t n);
    long step; /* from one n to the next, at least; grows by a half for large transactions */
    enum fault_lasts lasts;
};

static int transact(struct kit *k, const struct fault_case *c, int64_t n, struct error *e)
{
    int rc = store_begin(k->store, e);
    if (rc < 0) return rc;
    c->write(k->store, n);
    rc = store_commit(k->store, e);
    if (rc == 0) store_rest(k->store); /* whatever fails in it, fails nothing */
    return rc;
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
    faulty_vfs_arm(c->fault, c->code, n, c->lasts);
    int rc = transact(k, c, transaction, &e);
    bool fired = faulty_vfs_disarm();
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
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_FULL, kit_write_small, 1, FAULT_FROM_THEN_ON });
}

static void a_failing_write_each_in_turn(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_IOERR_WRITE, kit_write_small, 1, FAULT_FROM_THEN_ON });
}

static void a_failing_sync_each_in_turn(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_SYNC, SQLITE_IOERR_FSYNC, kit_write_small, 1, FAULT_FROM_THEN_ON });
}

static void a_full_disk_in_a_large_transaction(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_FULL, kit_write_large, 400, FAULT_FROM_THEN_ON });
}

static void a_failing_sync_in_a_large_transaction(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_SYNC, SQLITE_IOERR_FSYNC, kit_write_large, 1, FAULT_FROM_THEN_ON });
}

static void a_write_that_fails_once(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_IOERR_WRITE, kit_write_small, 1, FAULT_ONCE });
}

static void a_sync_that_fails_once(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_SYNC, SQLITE_IOERR_FSYNC, kit_write_small, 1, FAULT_ONCE });
}

static void a_write_that_fails_once_in_a_large_transaction(void **state)
{
    survive_all(state, &(struct fault_case){ FAULT_WRITE, SQLITE_IOERR_WRITE, kit_write_large, 400, FAULT_ONCE });
}

static int take_any(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)self, (void)r, (void)e;
    return 0;
}

/* Opening and loading with the n-th read failing: an error that names the file, never half a world; then all is there. */
static void a_failing_read_each_in_turn_while_loading(void **state)
{
    struct kit *k = *state;
    struct store_each_row each = { take_any };
    struct error e = { 0 };
    struct buf before;
    bool fired = true;
    long refused = 0;

    for (int64_t i = 1; i <= 3; i++)
        MUST(transact(k, &(struct fault_case){ .write = i == 3 ? kit_write_large : kit_write_small }, i, &e), e);
    before = kit_dump(k);
    for (long n = 1; fired; n += 1 + n / 8) {
        int rc;
        store_close(&k->store);
        faulty_vfs_arm(FAULT_READ, SQLITE_IOERR_READ, n, n % 2 == 0 ? FAULT_ONCE : FAULT_FROM_THEN_ON);
        rc = store_open(k->where, &k->store, &e);
        if (rc == 0) rc = store_load(k->store, &each, &e);
        fired = faulty_vfs_disarm();
        if (rc < 0) {
            assert_true(fired);
            assert_failure_is_told(k, &e);
            refused++;
        }
        kit_reopen(k);
        struct buf after = kit_dump(k);
        assert_string_equal(buf_str(&before), buf_str(&after));
        buf_release(&after);
    }
    assert_true(refused >= 5);
    buf_release(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE(a_full_disk_at_each_write),
        ON_SQLITE(a_failing_write_each_in_turn),
        ON_SQLITE(a_failing_sync_each_in_turn),
        ON_SQLITE(a_full_disk_in_a_large_transaction),
        ON_SQLITE(a_failing_sync_in_a_large_transaction),
        ON_SQLITE(a_write_that_fails_once),
        ON_SQLITE(a_sync_that_fails_once),
        ON_SQLITE(a_write_that_fails_once_in_a_large_transaction),
        ON_SQLITE(a_failing_read_each_in_turn_while_loading),
    };
    faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
