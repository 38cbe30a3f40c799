/* test_map.c - maps and heaps against the simplest thing that could be right, and a sort that is stable. */
#include "harness.h"

#include "base/check.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/vec.h"

#define KEYS 97
#define ACTS 20000

/* Seeded: a failure comes again. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* The model: (key, value) pairs in order of insertion. */
struct pair {
    int64_t key, value;
};
struct model {
    VEC(struct pair) pairs;
};

static size_t model_find(const struct model *m, int64_t key)
{
    size_t i = 0;
    while (i < m->pairs.n && m->pairs.v[i].key != key) i++;
    return i;
}

static void model_put(struct model *m, int64_t key, int64_t value)
{
    size_t i = model_find(m, key);
    if (i == m->pairs.n) vec_push(&m->pairs)->key = key;
    m->pairs.v[i].value = value;
}

static bool model_remove(struct model *m, int64_t key)
{
    size_t i = model_find(m, key);
    if (i == m->pairs.n) return false;
    vec_remove(&m->pairs, i);
    return true;
}

static void assert_same_order(const struct imap *map, const struct model *m)
{
    struct ikey k;
    int64_t v;
    size_t i = 0;
    assert_int_equal(imap_count(map), m->pairs.n);
    for (size_t at = 0; imap_next(map, &at, &k, &v); i++) {
        assert_true(i < m->pairs.n);
        assert_true(k.a == m->pairs.v[i].key && k.b == -k.a && v == m->pairs.v[i].value);
    }
    assert_int_equal(i, m->pairs.n);
}

/* Iteration is the order of insertion, whatever the hash key. */
static void maps_agree_with_a_list(void **state)
{
    static const uint64_t hash_keys[] = { 0, 1, UINT64_C(0xdeadbeefcafef00d) };
    for (size_t i = 0; i < COUNT_OF(hash_keys); i++) {
        struct imap *map = imap_create(hash_keys[i]);
        struct model m = { 0 };
        uint32_t seed = 7;
        for (int act = 0; act < ACTS; act++) {
            int64_t key = next_random(&seed) % KEYS;
            struct ikey k = { key, -key };
            if (next_random(&seed) % 2 == 0) {
                imap_put(map, k, act);
                model_put(&m, key, act);
            } else {
                assert_int_equal(imap_remove(map, k), model_remove(&m, key));
            }
            assert_int_equal(imap_get(map, k, NULL), model_find(&m, key) < m.pairs.n);
            if (act % 500 == 0) assert_same_order(map, &m);
        }
        assert_same_order(map, &m);
        vec_release(&m.pairs);
        imap_destroy(&map);
    }
    (void)state;
}

static void what_is_added_begins_at_zero_and_keeps_its_place(void **state)
{
    struct imap *map = imap_create(5);
    const struct ikey a = { 1, 2 }, b = { 2, 1 };
    struct ikey first;
    size_t at = 0;
    int64_t v;
    assert_int_equal(imap_add(map, a, 3), 3);
    assert_int_equal(imap_add(map, b, -1), -1);
    assert_int_equal(imap_add(map, a, -5), -2);
    assert_true(imap_get(map, a, &v) && v == -2);
    assert_true(imap_next(map, &at, &first, &v) && first.a == a.a && first.b == a.b);
    assert_int_equal(imap_count(map), 2);
    imap_destroy(&map);
    (void)state;
}

static void the_current_key_may_be_removed_while_walking(void **state)
{
    struct imap *map = imap_create(3);
    struct ikey k;
    int64_t v, seen = 0;
    for (int64_t i = 0; i < 1000; i++) imap_put(map, (struct ikey){ i, 0 }, i);
    for (size_t at = 0; imap_next(map, &at, &k, &v); seen++) {
        assert_int_equal(v, seen);
        if (v % 3 == 0) assert_true(imap_remove(map, k));
    }
    assert_int_equal(seen, 1000);
    assert_int_equal(imap_count(map), 666);
    imap_destroy(&map);
    (void)state;
}

static void texts_are_keys_of_their_own(void **state)
{
    struct smap *map = smap_create(9);
    char name[] = "dashboard";
    struct slice k;
    int64_t v = 0;
    smap_put(map, slice_of(name), 1);
    name[0] = 'D'; /* the key was copied */
    smap_put(map, slice_of(name), 2);
    smap_put(map, S(""), 3);
    smap_put(map, (struct slice){ "a\0b", 3 }, 4);
    assert_true(smap_get(map, S("dashboard"), &v) && v == 1);
    assert_true(smap_get(map, S("Dashboard"), &v) && v == 2);
    assert_true(smap_get(map, (struct slice){ 0 }, &v) && v == 3);
    assert_false(smap_get(map, S("a"), &v));
    assert_true(smap_remove(map, S("dashboard")));
    assert_false(smap_remove(map, S("dashboard")));
    smap_put(map, S("dashboard"), 5); /* goes to the end */
    size_t at = 0, n = 0;
    while (smap_next(map, &at, &k, &v)) n++;
    assert_int_equal(n, smap_count(map));
    assert_true(slice_eq(k, S("dashboard")) && v == 5);
    smap_destroy(&map);
    smap_destroy(&map);
    (void)state;
}

/* Which of the model's timers is first: due, then tie, then key. Here tie is the key negated. */
static size_t earliest(const struct model *m)
{
    size_t best = 0;
    for (size_t i = 1; i < m->pairs.n; i++) {
        const struct pair *a = &m->pairs.v[i], *b = &m->pairs.v[best];
        if (a->value < b->value || (a->value == b->value && a->key > b->key)) best = i;
    }
    return best;
}

static void heaps_agree_with_a_list(void **state)
{
    struct heap *h = heap_create();
    struct model m = { 0 };
    uint32_t seed = 11;
    for (int act = 0; act < ACTS; act++) {
        int64_t key = next_random(&seed) % KEYS, due = next_random(&seed) % 50, got, at;
        if (next_random(&seed) % 3 != 0) {
            heap_put(h, key, due, -key);
            model_put(&m, key, due);
        } else {
            assert_int_equal(heap_remove(h, key), model_remove(&m, key));
        }
        assert_int_equal(heap_count(h), m.pairs.n);
        assert_int_equal(heap_peek(h, &got, &at), m.pairs.n > 0);
        if (m.pairs.n > 0) assert_true(got == m.pairs.v[earliest(&m)].key && at == m.pairs.v[earliest(&m)].value);
    }
    vec_release(&m.pairs);
    heap_destroy(&h);
    (void)state;
}

static int by_value(const void *a, const void *b, void *ctx)
{
    int64_t x = ((const struct pair *)a)->value, y = ((const struct pair *)b)->value;
    (*(int *)ctx)++;
    return x < y ? -1 : x > y;
}

static void sorting_is_stable(void **state)
{
    struct pair v[1000];
    uint32_t seed = 5;
    int calls = 0;
    for (size_t i = 0; i < COUNT_OF(v); i++) v[i] = (struct pair){ (int64_t)i, next_random(&seed) % 20 };
    sort_stable(v, COUNT_OF(v), sizeof v[0], by_value, &calls);
    for (size_t i = 1; i < COUNT_OF(v); i++)
        assert_true(v[i - 1].value < v[i].value || (v[i - 1].value == v[i].value && v[i - 1].key < v[i].key));
    assert_true(calls < 12000);
    sort_stable(v, 0, sizeof v[0], by_value, &calls);
    sort_stable(NULL, 0, sizeof v[0], by_value, &calls);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_agree_with_a_list),
        cmocka_unit_test(what_is_added_begins_at_zero_and_keeps_its_place),
        cmocka_unit_test(the_current_key_may_be_removed_while_walking),
        cmocka_unit_test(texts_are_keys_of_their_own),
        cmocka_unit_test(heaps_agree_with_a_list),
        cmocka_unit_test(sorting_is_stable),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
