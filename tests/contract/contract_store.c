/* contract_store.c - what every store promises (store.h), run on each adapter: P1, P6, I19. */
#include "base/check.h"
#include "base/vec.h"
#include "contract/store_kit.h"

static int memory_setup(void **state)
{
    struct kit *k = mem_alloc(sizeof *k);
    kit_open_memory(k);
    *state = k;
    return 0;
}

static int sqlite_setup(void **state)
{
    struct kit *k = mem_alloc(sizeof *k);
    kit_open_sqlite(k);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    kit_close(*state);
    mem_free(*state);
    return 0;
}

/* Every kind that has a table. */
#define EACH_KIND(k) for (int k = 1; k < ROW_KIND_MAX; k++) if (row_defs[k].table != NULL)

static void assert_read(struct kit *k, const struct row *want)
{
    struct error e = { 0 };
    struct row got;
    MUST(store_read_row(kit_reader(k), want->kind, want->v, &got, &e), e);
    if (!kit_rows_equal(want, &got)) fail_msg("%s came back changed", row_defs[want->kind].table);
}

static void assert_absent(struct kit *k, enum row_kind kind, const int64_t *key)
{
    struct error e = { 0 };
    struct row got;
    assert_int_equal(store_read_row(kit_reader(k), kind, key, &got, &e), ERR_NOT_FOUND);
}

static void every_kind_comes_back_field_by_field(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    EACH_KIND(kind) {
        struct row r = kit_row(a, (enum row_kind)kind, kind);
        kit_put(k, &r);
        assert_read(k, &r);
    }
    kit_reopen(k);
    EACH_KIND(kind) {
        struct row r = kit_row(a, (enum row_kind)kind, kind);
        assert_read(k, &r);
    }
    arena_destroy(&a);
}

static void a_second_put_replaces_the_first(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    EACH_KIND(kind) {
        struct row old = kit_row(a, (enum row_kind)kind, 1), new = kit_row(a, (enum row_kind)kind, 2);
        for (size_t i = 0; i < row_defs[kind].n_keys; i++) ((int64_t *)new.v)[i] = old.v[i];
        kit_put(k, &old);
        kit_put(k, &new);
        assert_read(k, &new);
    }
    arena_destroy(&a);
}

static void a_deleted_row_is_gone_and_deleting_it_again_is_fine(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct error e = { 0 };
    EACH_KIND(kind) {
        struct row gone = kit_row(a, (enum row_kind)kind, 1), kept = kit_row(a, (enum row_kind)kind, 2);
        kit_put(k, &gone);
        kit_put(k, &kept);
        for (int twice = 0; twice < 2; twice++) {
            MUST(store_begin(k->store, &e), e);
            store_delete_row(k->store, (enum row_kind)kind, gone.v);
            MUST(store_commit(k->store, &e), e);
        }
        assert_absent(k, (enum row_kind)kind, gone.v);
        assert_read(k, &kept);
    }
    arena_destroy(&a);
}

static void a_rollback_leaves_nothing(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct error e = { 0 };
    struct row first = kit_row(a, ROW_INCIDENT, 1), changed = kit_row(a, ROW_INCIDENT, 2);
    struct entry en = kit_entry(1, 1, S("written once"));
    kit_put(k, &first);
    struct buf before = kit_dump(k);
    ((int64_t *)changed.v)[0] = first.v[0];
    MUST(store_begin(k->store, &e), e);
    store_put_row(k->store, &changed);
    store_append_entry(k->store, &en);
    store_rollback(k->store);
    struct buf after = kit_dump(k);
    assert_string_equal(buf_str(&before), buf_str(&after));
    kit_append(k, &en); /* its number is free again */
    buf_release(&before);
    buf_release(&after);
    arena_destroy(&a);
}

#define ROWS(X)                                            \
    X(every_kind_comes_back_field_by_field)                \
    X(a_second_put_replaces_the_first)                     \
    X(a_deleted_row_is_gone_and_deleting_it_again_is_fine) \
    X(a_rollback_leaves_nothing)

int main(void)
{
    const struct CMUnitTest tests[] = {
#define X(f) { "memory: " #f, f, memory_setup, teardown, NULL }, { "sqlite: " #f, f, sqlite_setup, teardown, NULL },
        ROWS(X)
#undef X
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
