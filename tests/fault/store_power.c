/* store_power.c - the power fails at each write and each sync in turn (P1, I1): what was committed is on the disk.
 *
 * The disk of the model keeps what was synced; of what was written since, it keeps nothing, all, or any sectors of any
 * writes. Whatever it kept: the store opens again, holds every transaction that had been reported committed, and of the one
 * under way all or nothing. */
#include "contract/store_kit.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/buf.h"
#include "fault/faulty_vfs.h"

static int setup(void **state)
{
    faulty_vfs_remember();
    return kit_setup_sqlite(state);
}

static int teardown(void **state)
{
    int rc = kit_teardown(state);
    faulty_vfs_forget();
    return rc;
}

struct plan {
    void (*write)(struct store *s, int64_t n);
    long first, step; /* writes and syncs before the cut: first, then more by step and by a tenth */
    enum kept kept;
    uint64_t dice; /* cuts at each of them, with other sectors kept: a small transaction is one write and one sync */
    bool rests; /* the power fails in the rest after the transaction: copying the log, or making room in it */
};

/* The files left by the cut, opened: they equal what was committed, or that and the transaction under way. */
static void judge(const char *dir, const struct buf *committed, const struct buf *under_way, long n)
{
    struct buf path = { .max = 512 };
    struct error e = { 0 };
    struct kit left = { .durable = true };

    buf_addf(&path, "%s/tocsin.db", dir);
    left.where = buf_str(&path);
    MUST(store_open(left.where, &left.store, &e), e);
    struct buf dump = kit_dump(&left);
    if (!slice_eq(buf_slice(&dump), buf_slice(committed)) && !slice_eq(buf_slice(&dump), buf_slice(under_way)))
        fail_msg("cut at %ld: %zu bytes are neither what was committed (%zu) nor that and one more (%zu)", n, dump.len,
                 committed->len, under_way->len);
    buf_release(&dump);
    store_close(&left.store);
    buf_release(&path);
}

static void folder_remove(struct buf *dir)
{
    static const char *const names[] = { "tocsin.db",         "tocsin.db-wal", "tocsin.db-shm",
                                         "tocsin.db-journal", "tocsin.db.new", "tocsin.db.new-wal",
                                         "tocsin.db.lock",    "tocsin.db.new-journal" };
    struct buf path = { .max = 512 };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        buf_reset(&path);
        buf_addf(&path, "%s/%s", buf_str(dir), names[i]);
        unlink(buf_str(&path));
    }
    buf_release(&path);
    rmdir(buf_str(dir));
    buf_release(dir);
}

static void transact(struct kit *k, const struct plan *p, int64_t transaction)
{
    struct error e = { 0 };
    MUST(store_begin(k->store, &e), e);
    p->write(k->store, transaction);
    MUST(store_commit(k->store, &e), e);
}

/* One transaction, or the rest after one, with the power failing at call n of it. False: it has no n-th call. */
static bool survive_cut(struct kit *k, const struct plan *p, long n, uint64_t seed, int64_t transaction)
{
    struct buf dir = kit_folder("power");
    if (p->rests) {
        kit_reopen(k); /* a log without room ahead */
        transact(k, p, transaction);
    }
    struct buf before = kit_dump(k);
    faulty_vfs_cut_at(n, p->kept, seed, buf_str(&dir));
    if (p->rests)
        store_rest(k->store);
    else
        transact(k, p, transaction);
    const bool cut = faulty_vfs_was_cut();
    struct buf after = kit_dump(k);
    if (cut) judge(buf_str(&dir), &before, &after, n);
    folder_remove(&dir);
    buf_release(&before);
    buf_release(&after);
    return cut;
}

/* And between two transactions: nothing is under way, so all is there. */
static void survive_cut_after(struct kit *k, const struct plan *p, int64_t transaction)
{
    struct buf dir = kit_folder("power");
    struct buf committed = kit_dump(k);

    faulty_vfs_cut_at(1, p->kept, 7, buf_str(&dir)); /* before the first write of the next one */
    transact(k, p, transaction);
    assert_true(faulty_vfs_was_cut());
    judge(buf_str(&dir), &committed, &committed, 1);
    folder_remove(&dir);
    buf_release(&committed);
}

static void survive(struct kit *k, const struct plan *p)
{
    int64_t transaction = 1;
    long cuts = 0;
    bool cut = true;
    for (long n = p->first; cut; n += p->step + n / 10 * (p->step > 1))
        for (uint64_t seed = 0; cut && seed < p->dice; seed++, cuts += cut)
            cut = survive_cut(k, p, n, (uint64_t)n + seed * 1000, transaction++);
    assert_true(cuts >= 2 * (long)p->dice);
    survive_cut_after(k, p, transaction);
}

static int no_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)self, (void)r;
    return fail(e, ERR_BUG, "a row in a store that nobody wrote to");
}

/* What a start left behind that was cut while it made the store: the next start has an empty store. */
static bool survive_making(long n, enum kept kept)
{
    struct error e = { 0 };
    struct kit made;
    struct store *left = NULL;
    struct store_each_row none = { no_row };
    struct buf dir = kit_folder("power");
    struct buf path = { .max = 512 };

    buf_addf(&path, "%s/tocsin.db", buf_str(&dir));
    faulty_vfs_remember();
    faulty_vfs_cut_at(n, kept, (uint64_t)n, buf_str(&dir));
    kit_open_sqlite(&made);
    const bool cut = faulty_vfs_was_cut();
    kit_close(&made);
    MUST(store_open(buf_str(&path), &left, &e), e);
    MUST(store_load(left, &none, &e), e);
    store_close(&left);
    faulty_vfs_forget();
    folder_remove(&dir);
    buf_release(&path);
    return cut;
}

static void I1_a_store_that_is_being_made_is_whole_or_not_there(void **state)
{
    (void)state;
    for (enum kept kept = KEPT_NOTHING; kept <= KEPT_SOME; kept++) {
        long n = 1;
        while (survive_making(n, kept)) n++;
        assert_true(n > 20);
    }
}

#define CUTS(name, ...)                                 \
    static void name(void **state)                      \
    {                                                   \
        survive(*state, &(struct plan){ __VA_ARGS__ }); \
    }
CUTS(I1_nothing_unsynced_is_kept, kit_write_small, 1, 1, KEPT_NOTHING, 1, false)
CUTS(I1_everything_unsynced_is_kept, kit_write_small, 1, 1, KEPT_ALL, 1, false)
CUTS(I1_any_sectors_are_kept, kit_write_small, 1, 1, KEPT_SOME, 20, false)
CUTS(I1_a_large_transaction_is_cut_and_any_sectors_are_kept, kit_write_large, 1, 60, KEPT_SOME, 1, false)
CUTS(I1_a_checkpoint_is_cut_and_nothing_unsynced_is_kept, kit_write_large, 1, 2000, KEPT_NOTHING, 1, true)
CUTS(I1_a_checkpoint_is_cut_and_any_sectors_are_kept, kit_write_large, 1, 2000, KEPT_SOME, 1, true)
CUTS(I1_room_is_made_and_nothing_unsynced_is_kept, kit_write_small, 1, 1, KEPT_NOTHING, 1, true)
CUTS(I1_room_is_made_and_any_sectors_are_kept, kit_write_small, 1, 1, KEPT_SOME, 2, true)

#define ON_POWER(f)                  \
    {                                \
#f, f, setup, teardown, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(I1_a_store_that_is_being_made_is_whole_or_not_there),
        ON_POWER(I1_nothing_unsynced_is_kept),
        ON_POWER(I1_everything_unsynced_is_kept),
        ON_POWER(I1_any_sectors_are_kept),
        ON_POWER(I1_a_large_transaction_is_cut_and_any_sectors_are_kept),
        ON_POWER(I1_a_checkpoint_is_cut_and_nothing_unsynced_is_kept),
        ON_POWER(I1_a_checkpoint_is_cut_and_any_sectors_are_kept),
        ON_POWER(I1_room_is_made_and_nothing_unsynced_is_kept),
        ON_POWER(I1_room_is_made_and_any_sectors_are_kept),
    };
    faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
