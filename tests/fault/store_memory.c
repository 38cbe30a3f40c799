/* store_memory.c - memory ends inside SQLite, at each of its allocations in turn (P1).
 *
 * The n-th allocation fails, once or from then on; n grows until nothing meets a fault. A commit that reports failure has
 * left nothing; once there is memory again, the same transaction and the same read succeed on the same connections. */
#include "contract/store_kit.h"

#include <sqlite3.h>

static sqlite3_mem_methods plain;
static struct {
    long left; /* 0: no fault */
    bool lasts, met;
} memory;

static bool ends(void)
{
    if (memory.left == 0 || (memory.left > 1 && memory.left-- > 1)) return false;
    memory.met = true;
    if (!memory.lasts) memory.left = 0;
    return true;
}

static void *short_malloc(int n)
{
    return ends() ? NULL : plain.xMalloc(n);
}

static void *short_realloc(void *p, int n)
{
    return ends() ? NULL : plain.xRealloc(p, n);
}

static void memory_arm(long n, bool lasts)
{
    memory.left = n;
    memory.lasts = lasts;
    memory.met = false;
}

static bool memory_disarm(void)
{
    memory.left = 0;
    return memory.met;
}

static int transact(struct kit *k, int64_t n, struct error *e)
{
    int rc = store_begin(k->store, e);
    if (rc < 0) return rc;
    kit_write_small(k->store, n);
    return store_commit(k->store, e);
}

static int take_any(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)self, (void)r, (void)e;
    return 0;
}

static int read_all(struct kit *k, struct error *e)
{
    struct store_each_row each = { take_any };
    int rc = store_read_begin(kit_reader(k), e);
    if (rc == 0)
        rc = store_read_list(kit_reader(k), &(struct store_query){ .list = STORE_INCIDENTS, .limit = 10 }, &each, e);
    const int end = store_read_end(kit_reader(k), e);
    return rc < 0 ? rc : end;
}

static void writes_at_each(void **state, bool lasts)
{
    struct kit *k = *state;
    struct error e = { 0 };
    long failed = 0;
    bool met = true;
    for (long n = 1; met; n++) {
        struct buf before = kit_dump(k);
        memory_arm(n, lasts);
        int rc = transact(k, n, &e);
        met = memory_disarm();
        struct buf after = kit_dump(k);
        assert_true(rc == 0 || met);
        assert_true((rc == 0) == (strcmp(buf_str(&before), buf_str(&after)) != 0));
        if (rc < 0) MUST(transact(k, n, &e), e);
        failed += rc < 0;
        buf_release(&before);
        buf_release(&after);
    }
    assert_true(failed >= 5);
}

static void a_commit_whose_memory_ends_for_a_moment(void **state)
{
    writes_at_each(state, false);
}

static void a_commit_whose_memory_ends_for_longer(void **state)
{
    writes_at_each(state, true);
}

static void a_read_whose_memory_ends(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    long failed = 0, n = 1;
    MUST(transact(k, 1, &e), e);
    MUST(read_all(k, &e), e);
    for (int lasts = 0; lasts < 2; lasts++)
        for (n = 1, memory.met = true; memory.met; n++) {
            memory_arm(n, lasts == 1);
            failed += read_all(k, &e) < 0;
            memory_disarm();
            MUST(read_all(k, &e), e);
        }
    assert_true(failed >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SQLITE(a_commit_whose_memory_ends_for_a_moment),
        ON_SQLITE(a_commit_whose_memory_ends_for_longer),
        ON_SQLITE(a_read_whose_memory_ends),
    };
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain);
    sqlite3_mem_methods failing = plain;
    failing.xMalloc = short_malloc;
    failing.xRealloc = short_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
