/* contract_store_pair.c - the same random writes on both stores: equal dumps, equal loads, after every few commits.
 *
 * Small numbers on purpose: keys meet, clocks and references matter for what is loaded. The seed is fixed. */
#include "contract/store_kit.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/vec.h"

#define TRANSACTIONS 400

struct pair {
    struct kit memory, sqlite;
    uint64_t random;
    int64_t seq[4]; /* last entry committed of incidents 0 … 3 */
};

static int pair_setup(void **state)
{
    struct pair *p = mem_alloc(sizeof *p);
    kit_open_memory(&p->memory);
    kit_open_sqlite(&p->sqlite);
    p->random = 42;
    *state = p;
    return 0;
}

static int pair_teardown(void **state)
{
    struct pair *p = *state;
    kit_close(&p->memory);
    kit_close(&p->sqlite);
    mem_free(p);
    return 0;
}

/* xorshift64: 0 … below-1 */
static int64_t roll(struct pair *p, uint64_t below)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 7;
    p->random ^= p->random << 17;
    return (int64_t)((p->random >> 11) % below);
}

/* Ids 1 … 8, states 0 … 3, instants around the last 24 h of a clock that stands near day 2. */
static int64_t roll_value(struct pair *p, const char *name)
{
    struct slice n = slice_of(name);
    if (slice_eq(n, S("id"))) return 1 + roll(p, 8);
    if (slice_has_suffix(n, S("_at")) || slice_has_suffix(n, S("_wall")) || slice_eq(n, S("at")) ||
        slice_eq(n, S("wall")))
        return roll(p, 3) == 0 ? 0 : roll(p, 2 * 86400) * 1000;
    return roll(p, 4);
}

static void put_both(struct pair *p)
{
    static const struct slice texts[] = { { "", 0 }, { "a\0b", 3 }, { "\xff\xff", 2 }, { "plain", 5 } };
    enum row_kind kind;
    int64_t v[64];
    do kind = (enum row_kind)(1 + roll(p, ROW_KIND_MAX - 1));
    while (row_defs[kind].table == NULL);
    for (size_t i = 0; i < row_defs[kind].n_fields; i++) v[i] = roll_value(p, row_defs[kind].fields[i].name);
    if (kind == ROW_CLOCK) v[0] = 1, v[1] = v[2] = (172800 - roll(p, 3600)) * 1000;
    const struct row r = { .kind = kind, .v = v, .text = texts[roll(p, COUNT_OF(texts))] };
    if (roll(p, 5) == 0) {
        store_delete_row(p->memory.store, kind, v);
        store_delete_row(p->sqlite.store, kind, v);
        return;
    }
    store_put_row(p->memory.store, &r);
    store_put_row(p->sqlite.store, &r);
}

static void append_both(struct pair *p, int64_t seq[4])
{
    int64_t incident = roll(p, 4);
    struct entry en = kit_entry(incident, ++seq[incident], S("sentence"));
    en.n_changes = (size_t)roll(p, 4);
    store_append_entry(p->memory.store, &en);
    store_append_entry(p->sqlite.store, &en);
}

static void transact(struct pair *p)
{
    struct error e = { 0 };
    int64_t seq[4];
    memcpy(seq, p->seq, sizeof seq);
    MUST(store_begin(p->memory.store, &e), e);
    MUST(store_begin(p->sqlite.store, &e), e);
    for (int64_t n = roll(p, 20); n >= 0; n--) put_both(p);
    for (int64_t n = roll(p, 4); n > 0; n--) append_both(p, seq);
    if (roll(p, 6) == 0) {
        store_rollback(p->memory.store);
        store_rollback(p->sqlite.store);
        return;
    }
    MUST(store_commit(p->memory.store, &e), e);
    MUST(store_commit(p->sqlite.store, &e), e);
    memcpy(p->seq, seq, sizeof seq);
}

static bool is_in(const struct row *r, const struct kit_rows *c)
{
    for (size_t i = 0; i < c->rows.n; i++)
        if (kit_rows_equal(r, &c->rows.v[i])) return true;
    return false;
}

static void assert_same_load(struct pair *p)
{
    struct kit_rows memory, sqlite;
    kit_load(&p->memory, &memory);
    kit_load(&p->sqlite, &sqlite);
    assert_int_equal(memory.rows.n, sqlite.rows.n);
    for (size_t i = 0; i < memory.rows.n; i++)
        if (!is_in(&memory.rows.v[i], &sqlite))
            fail_msg("sqlite did not load %s %lld", row_defs[memory.rows.v[i].kind].table,
                     (long long)memory.rows.v[i].v[0]);
    kit_rows_release(&memory);
    kit_rows_release(&sqlite);
}

static void assert_same_dump(struct pair *p)
{
    struct buf memory = kit_dump(&p->memory), sqlite = kit_dump(&p->sqlite);
    assert_string_equal(buf_str(&memory), buf_str(&sqlite));
    buf_release(&memory);
    buf_release(&sqlite);
}

/* Every list, for every small parent, page by page of three. */
static void assert_same_lists(struct pair *p)
{
    for (int list = 0; list < STORE_LIST_MAX; list++)
        for (int64_t of = 0; of < 4; of++)
            for (int64_t from = 0; from < 8; from += 2) {
                const struct store_query q = { .list = (enum store_list)list, .of = of, .from = from, .limit = 3 };
                struct kit_rows memory, sqlite;
                struct error e = { 0 };
                kit_rows_init(&memory);
                kit_rows_init(&sqlite);
                MUST(store_read_list(kit_reader(&p->memory), &q, &memory.each, &e), e);
                MUST(store_read_list(kit_reader(&p->sqlite), &q, &sqlite.each, &e), e);
                assert_int_equal(memory.rows.n, sqlite.rows.n);
                for (size_t i = 0; i < memory.rows.n; i++)
                    assert_true(kit_rows_equal(&memory.rows.v[i], &sqlite.rows.v[i]));
                kit_rows_release(&memory);
                kit_rows_release(&sqlite);
            }
}

static void the_same_writes_give_the_same_store(void **state)
{
    struct pair *p = *state;
    for (int n = 1; n <= TRANSACTIONS; n++) {
        transact(p);
        if (n % 20 != 0) continue;
        if (n % 100 == 0) kit_reopen(&p->sqlite);
        assert_same_dump(p);
        assert_same_load(p);
        assert_same_lists(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "the_same_writes_give_the_same_store", the_same_writes_give_the_same_store, pair_setup, pair_teardown, NULL },
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
