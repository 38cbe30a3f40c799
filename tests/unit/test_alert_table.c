/* test_alert_table.c - the packed alerts and their index against the simplest thing that could be right (I23, R149). */
#include "harness.h"

#include "base/check.h"
#include "base/places.h"
#include "base/vec.h"
#include "core/alert_table.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* --- places: every pair that was added is found under its tag, once; no other is --- */

enum { TAGS = 7, NUMBERS = 40 };

static size_t times_found(const struct places *p, uint32_t tag, uint32_t at)
{
    uint32_t found;
    size_t n = 0;
    for (size_t probe = 0; places_next(p, tag, &probe, &found);) n += found == at;
    return n;
}

static void places_find_what_was_added(void **state)
{
    (void)state;
    struct places p = { 0 };
    bool there[TAGS][NUMBERS] = { 0 };
    uint32_t seed = 7;
    for (size_t act = 0; act < 20000; act++) {
        const uint32_t tag = next_random(&seed) % TAGS, at = next_random(&seed) % NUMBERS;
        if (there[tag][at])
            assert_true(places_remove(&p, tag * 3, at));
        else if (act % 3 == 0)
            assert_false(places_remove(&p, tag * 3, at));
        else
            places_add(&p, tag * 3, at);
        there[tag][at] = !there[tag][at] && act % 3 != 0;
        const uint32_t some = next_random(&seed) % TAGS;
        for (uint32_t k = 0; k < NUMBERS; k++) assert_int_equal(times_found(&p, some * 3, k), there[some][k]);
    }
    places_release(&p);
}

/* --- the table --- */

enum { IDS = 300 };

struct model {
    bool there;
    int64_t ends; /* 0 = never */
};

static struct slice labels_of(struct buf *b, int64_t id)
{
    buf_reset(b);
    buf_add(b, S("alertname\xff"));
    buf_add_int(b, id % 5);
    buf_add(b, S("\xffinstance\xffhost-"));
    buf_add_int(b, id);
    buf_add_char(b, '\xff');
    return buf_slice(b);
}

static uint64_t print_of(struct slice text)
{
    return fnv1a64(FNV1A64_START, text);
}

static void assert_same(struct alert_table *t, const struct model *m, int64_t id)
{
    struct buf text = { 0 }, kept = { 0 };
    struct slice labels = labels_of(&text, id);
    struct alert_cell *c = alert_table_find(t, id);
    assert_int_equal(c != NULL, m[id].there);
    assert_ptr_equal(alert_table_named(t, print_of(labels), labels), c);
    if (c != NULL) {
        alert_table_labels_text(t, c, &kept);
        assert_true(slice_eq(buf_slice(&kept), labels));
        assert_int_equal(alert_table_labels_size(t, c), labels.n);
        assert_true(c->row.summary == id % 4);
    }
    buf_release(&text);
    buf_release(&kept);
}

static void assert_first_end(const struct alert_table *t, const struct model *m)
{
    int64_t first = 0;
    for (int64_t id = 1; id < IDS; id++)
        if (m[id].ends != 0 && (first == 0 || m[id].ends < m[first].ends)) first = id;
    const struct alert_cell *c = alert_table_first_end(t);
    assert_int_equal(c == NULL ? 0 : c->row.id, first);
}

static void come(struct alert_table *t, struct model *m, int64_t id)
{
    struct buf text = { 0 };
    struct slice labels = labels_of(&text, id);
    struct alert_cell *c = alert_table_add(t, id);
    alert_table_name(t, c, print_of(labels), labels);
    c->row.summary = id % 4;
    m[id] = (struct model){ .there = true };
    buf_release(&text);
}

static void alerts_come_end_and_go(void **state)
{
    (void)state;
    struct alert_table *t = alert_table_create(42);
    struct model m[IDS] = { 0 };
    uint32_t seed = 3;
    size_t n = 0;
    for (size_t act = 0; act < 20000; act++) {
        const int64_t id = 1 + next_random(&seed) % (IDS - 1);
        struct alert_cell *c = alert_table_find(t, id);
        const uint32_t what = next_random(&seed) % 4;
        if (c == NULL) {
            come(t, m, id), n++;
        } else if (what == 0) {
            alert_table_remove(t, c), n--;
            m[id] = (struct model){ 0 };
        } else if (what == 1) {
            assert_int_equal(alert_table_end_never(t, c), m[id].ends != 0);
            m[id].ends = 0;
        } else {
            m[id].ends = 1 + next_random(&seed) % 50;
            alert_table_end_at(t, c, m[id].ends);
        }
        assert_same(t, m, id);
        assert_same(t, m, 1 + next_random(&seed) % (IDS - 1));
        assert_first_end(t, m);
        assert_int_equal(alert_table_count(t), n);
    }
    size_t seen = 0;
    for (size_t at = 0; alert_table_next(t, &at) != NULL;) seen++;
    assert_int_equal(seen, n);
    alert_table_destroy(&t);
}

static void assert_text(struct alert_table *t, const struct alert_cell *c, struct slice text)
{
    struct buf kept = { 0 };
    assert_ptr_equal(alert_table_named(t, print_of(text), text), c);
    alert_table_labels_text(t, c, &kept);
    assert_true(slice_eq(buf_slice(&kept), text));
    assert_int_equal(alert_table_labels_size(t, c), text.n);
    buf_release(&kept);
}

/* R149: whatever the labels are, they come back as they were; a dictionary full of made-up names changes nothing. */
static void label_sets_come_back_whole(void **state)
{
    (void)state;
    struct alert_table *t = alert_table_create(1);
    struct buf text = { 0 };
    for (int64_t id = 1; id < 6000; id++) {
        buf_reset(&text);
        buf_addf(&text, "made_up_%d%c", (int)id, 0xff);
        for (int64_t k = 0; k < id % 700; k++) buf_add_char(&text, (char)('a' + k % 26));
        buf_addf(&text, "%cz%c%c", 0xff, 0xff, 0xff);
        struct alert_cell *c = alert_table_add(t, id);
        alert_table_name(t, c, print_of(buf_slice(&text)), buf_slice(&text));
        assert_text(t, c, buf_slice(&text));
    }
    buf_release(&text);
    alert_table_destroy(&t);
}

/* Values that repeat are kept once, of each name the first ones, until the dictionary is full: none of it shows. */
static void label_values_come_back_whole(void **state)
{
    enum { SETS = 20 * 300, LONG = 300 };
    (void)state;
    struct alert_table *t = alert_table_create(1);
    struct buf text = { 0 };
    for (int k = 0; k < 2 * SETS; k++) { /* twice each: found in the dictionary, or left out of it again */
        const int n = k % SETS, name = n % 20, value = n / 20;
        buf_reset(&text);
        buf_addf(&text, "empty%c%cn%d%c", 0xff, 0xff, name, 0xff);
        buf_addf(&text, value % 7 == 0 ? "%d%c" : "value %d of many%c", value, 0xff);
        buf_addf(&text, "set%c%d%c", 0xff, k, 0xff);
        if (value == 0) buf_addf(&text, "wide%c%0*d%c", 0xff, LONG, 1, 0xff);
        struct alert_cell *c = alert_table_add(t, k + 1);
        alert_table_name(t, c, print_of(buf_slice(&text)), buf_slice(&text));
        assert_text(t, c, buf_slice(&text));
        if (k % 50 == 0) alert_table_remove(t, c);
    }
    buf_release(&text);
    alert_table_destroy(&t);
}

/* R155: they are kept where an alert ended or came back once, beside its labels. */
static void changes_lie_beside_the_labels(void **state)
{
    (void)state;
    struct alert_table *t = alert_table_create(1);
    const struct slice text = S("alertname\xff" "Down\xff");
    struct alert_cell *c = alert_table_add(t, 1);
    alert_table_name(t, c, print_of(text), text);
    assert_int_equal(alert_table_changes(c).changed_at, 0);
    for (int64_t at = 5; at < 8; at++) {
        alert_table_put_changes(t, c, (struct alert_changes){ .change_gaps = INT64_MAX - at, .changed_at = at });
        assert_int_equal(alert_table_changes(c).change_gaps, INT64_MAX - at);
        assert_int_equal(alert_table_row(t, c).changed_at, at);
        assert_text(t, c, text);
    }
    alert_table_remove(t, c);
    assert_null(alert_table_named(t, print_of(text), text));
    alert_table_destroy(&t);
}

/* What does not fit its bits is refused, never cut. */
static void rows_are_packed_whole_or_not_at_all(void **state)
{
    (void)state;
    struct alert_table *t = alert_table_create(1);
    struct alert_cell c = { .has_row = 1 };
    struct live_kept l;
    const struct alert whole = {
        .id = 7, .incident = INT64_C(1) << 38, .name = INT32_MAX, .severity = 4, .state = 1, .ends_wall = 5, .sends = 2
    };
    const struct alert_live first = alert_first_live(&whole);
    const struct alert_live year_9999 = {
        .id = 7, .starts_wall = INT64_C(-62135596800000), .ends_wall = INT64_C(253402300799999), .sends = 12
    };
    assert_true(alert_table_pack(t, &c.row, &whole) && live_pack(&c.live, &first));
    const struct alert back = alert_table_row(t, &c);
    assert_memory_equal(&back, &whole, sizeof back);
    assert_true(live_pack(&l, &year_9999));
    const struct alert_live live_back = live_unpacked(&l, 7);
    assert_memory_equal(&live_back, &year_9999, sizeof live_back);
    assert_false(alert_table_pack(t, &c.row, &(struct alert){ .id = 7, .summary = INT64_C(1) << 31 }));
    assert_false(live_pack(&l, &(struct alert_live){ .id = 7, .ends_wall = INT64_C(1) << 50 }));
    alert_table_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_find_what_was_added),
        cmocka_unit_test(alerts_come_end_and_go),
        cmocka_unit_test(label_sets_come_back_whole),
        cmocka_unit_test(label_values_come_back_whole),
        cmocka_unit_test(changes_lie_beside_the_labels),
        cmocka_unit_test(rows_are_packed_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
