/* contract_store.c - what every store promises (store.h), run on each adapter: P1, P6, I19. */
#include "contract/store_kit.h"

#include "base/check.h"

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
    EACH_KIND(kind)
    {
        struct row r = kit_row(a, (enum row_kind)kind, kind);
        kit_put(k, &r);
        assert_read(k, &r);
    }
    kit_reopen(k);
    EACH_KIND(kind)
    {
        struct row r = kit_row(a, (enum row_kind)kind, kind);
        assert_read(k, &r);
    }
    arena_destroy(&a);
}

static void a_second_put_replaces_the_first(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    EACH_KIND(kind)
    {
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
    EACH_KIND(kind)
    {
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

static void a_rest_changes_nothing_that_is_read(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    store_rest(k->store); /* before there is anything */
    for (int64_t n = 1; n <= 3; n++) {
        MUST(store_begin(k->store, &e), e);
        (n == 2 ? kit_write_large : kit_write_small)(k->store, n);
        MUST(store_commit(k->store, &e), e);
        struct buf before = kit_dump(k);
        store_rest(k->store);
        store_rest(k->store);
        struct buf after = kit_dump(k);
        assert_string_equal(buf_str(&before), buf_str(&after));
        buf_release(&before);
        buf_release(&after);
    }
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

static void entries_keep_their_order_and_every_field(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct entry second = kit_entry(7, 2, S("second")), first = kit_entry(7, 1, S("first")),
                 other = kit_entry(8, 1, S(""));
    MUST(store_begin(k->store, &e), e);
    store_append_entry(k->store, &second);
    store_append_entry(k->store, &first);
    store_append_entry(k->store, &other);
    MUST(store_commit(k->store, &e), e);
    kit_reopen(k);
    struct buf dump = kit_dump(k);
    assert_string_equal(
        buf_str(&dump),
        "timeline 7 1 103 104 105 106 107 108 109 110 \"first\" 1=2 5=-9223372036854775808 7=9223372036854775807\n"
        "timeline 7 2 103 104 105 106 107 108 109 110 \"second\" 1=2 5=-9223372036854775808 7=9223372036854775807\n"
        "timeline 8 1 103 104 105 106 107 108 109 110 \"\" 1=2 5=-9223372036854775808 7=9223372036854775807\n");
    buf_release(&dump);
}

struct looked {
    struct store_each_entry each;
    int n;
};

static int look_at_erased(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct looked *l = (struct looked *)self;
    (void)e;
    l->n++;
    assert_int_equal(en->seal->parts, en->seq == 2 ? SEAL_HASHED : SEAL_WHOLE);
    assert_int_equal(en->text.n > 0, en->seq != 2);
    assert_int_equal(en->seal->hash[0], 7); /* what the chain needs stays */
    return 0;
}

/* P6: the text and its salt go, in the transaction that says why; what is not there is no fault. */
static void a_text_is_taken_out_and_the_seal_stays(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct looked l = { .each = { look_at_erased } };
    const struct seal seal = { .parts = SEAL_WHOLE, .salt = { 9 }, .hash = { 7 } };
    MUST(store_begin(k->store, &e), e);
    for (int64_t seq = 1; seq <= 3; seq++) {
        struct entry en = kit_entry(7, seq, S("a name nobody should read"));
        en.seal = &seal;
        store_append_entry(k->store, &en);
    }
    MUST(store_commit(k->store, &e), e);
    MUST(store_begin(k->store, &e), e);
    store_erase_text(k->store, 7, 2);
    store_erase_text(k->store, 7, 99);
    MUST(store_commit(k->store, &e), e);
    kit_reopen(k);
    MUST(store_read_entries(kit_reader(k), 7, 0, 0, &l.each, &e), e);
    assert_int_equal(l.n, 3);
}

/* I19: a number within an incident is given once; the whole transaction that repeats it is refused. */
static void a_repeated_entry_number_refuses_the_transaction(void **state)
{
    static const int64_t incidents[] = { 7, 0 };
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct error e = { 0 };
    for (size_t i = 0; i < COUNT_OF(incidents); i++) {
        struct entry en = kit_entry(incidents[i], 1, S("once"));
        struct row r = kit_row(a, ROW_INCIDENT, 9);
        kit_append(k, &en);
        struct buf before = kit_dump(k);
        MUST(store_begin(k->store, &e), e);
        store_put_row(k->store, &r);
        store_append_entry(k->store, &en);
        store_put_row(k->store, &r); /* ignored: the transaction has failed */
        assert_int_equal(store_commit(k->store, &e), ERR_CONFLICT);
        assert_int_equal(e.code, ERR_CONFLICT);
        struct buf after = kit_dump(k);
        assert_string_equal(buf_str(&before), buf_str(&after));
        buf_release(&before);
        buf_release(&after);
    }
    struct entry next = kit_entry(7, 2, S("the store goes on"));
    kit_append(k, &next);
    arena_destroy(&a);
}

static void a_repeated_number_within_one_transaction_is_refused(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct entry en = kit_entry(3, 1, S("twice"));
    MUST(store_begin(k->store, &e), e);
    store_append_entry(k->store, &en);
    store_append_entry(k->store, &en);
    assert_int_equal(store_commit(k->store, &e), ERR_CONFLICT);
    kit_append(k, &en);
}

static void a_row_of_unknown_kind_is_a_fault_that_writes_nothing(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct arena *a = arena_create(0);
    struct row good = kit_row(a, ROW_PAGE, 1), bad = { .kind = ROW_KIND_MAX, .v = good.v };
    MUST(store_begin(k->store, &e), e);
    store_put_row(k->store, &good);
    store_put_row(k->store, &bad);
    assert_int_equal(store_commit(k->store, &e), ERR_BUG);
    assert_absent(k, ROW_PAGE, good.v);
    arena_destroy(&a);
}

/* Labels are name 0xFF value 0xFF …; a JSON string may hold \u0000. */
static void texts_are_bytes(void **state)
{
    static const struct slice texts[] = { { "", 0 },         { "\0", 1 },
                                          { "a\0b\xff", 4 }, { "\xff\xfe\x80", 3 },
                                          { "'\"--;\n", 6 }, { "caf\xc3\xa9", 5 } };
    struct kit *k = *state;
    for (int64_t i = 0; i < (int64_t)COUNT_OF(texts); i++) {
        const int64_t v[] = { i + 1, 0 };
        struct row r = { .kind = ROW_ANNOTATIONS, .v = v, .text = texts[i] };
        struct entry en = kit_entry(1, i + 1, texts[i]);
        kit_put(k, &r);
        kit_append(k, &en);
        kit_reopen(k);
        assert_read(k, &r);
    }
    struct buf dump = kit_dump(k);
    assert_true(slice_find(buf_slice(&dump), S("annotations 3 0 \"a\\00b\\ff\"\n")) < dump.len);
    assert_true(slice_find(buf_slice(&dump), S("110 \"a\\00b\\ff\" 1=2")) < dump.len);
    buf_release(&dump);
}

static void numbers_keep_their_ends(void **state)
{
    static const int64_t ends[] = { INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_C(1) << 53, INT64_MAX - 1, INT64_MAX };
    struct kit *k = *state;
    EACH_KIND(kind)
    {
        int64_t v[64];
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            for (size_t f = 0; f < row_defs[kind].n_fields; f++) v[f] = ends[i];
            struct row r = { .kind = (enum row_kind)kind, .v = v, .text = S("") };
            kit_put(k, &r);
            assert_read(k, &r);
        }
    }
}

static void ten_thousand_rows_in_one_transaction(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct error e = { 0 };
    MUST(store_begin(k->store, &e), e);
    for (int64_t i = 1; i <= 10000; i++) {
        struct row r = kit_row(a, ROW_SYMBOL, i);
        store_put_row(k->store, &r);
    }
    MUST(store_commit(k->store, &e), e);
    kit_reopen(k);
    struct kit_rows loaded;
    kit_load(k, &loaded);
    assert_int_equal(loaded.rows.n, 10000);
    kit_rows_release(&loaded);
    struct row last = kit_row(a, ROW_SYMBOL, 10000);
    assert_read(k, &last);
    arena_destroy(&a);
}

/* What the world needs again (design: settled before the first line). Times count from day 100; 24 h back is day 99. */
#define NOW (100 * DAY)
#define OLD (99 * DAY - 1)

static void put_fields(struct kit *k, enum row_kind kind, const int64_t *v)
{
    int64_t full[64] = { 0 };
    for (size_t i = 0; i < row_defs[kind].n_fields && i < 8; i++) full[i] = v[i];
    struct row r = { .kind = kind, .v = full, .text = S("t") };
    kit_put(k, &r);
}

static void put_incident(struct kit *k, int64_t id, int64_t closed_at, int64_t bundle)
{
    struct incident in = { .id = id, .closed_at = closed_at, .bundle = bundle };
    kit_put(k, &(struct row){ .kind = ROW_INCIDENT, .v = &in.id });
}

static void put_alert(struct kit *k, int64_t id, int64_t incident, int64_t state, int64_t updated_wall)
{
    struct alert a = { .id = id, .incident = incident, .state = state, .annotations = id + 100 };
    struct alert_live l = { .id = id, .state = state, .updated_wall = updated_wall, .annotations = id + 200 };
    kit_put(k, &(struct row){ .kind = ROW_ALERT, .v = &a.id, .text = S("t") });
    kit_put(k, &(struct row){ .kind = ROW_ALERT_LIVE, .v = &l.id });
    put_fields(k, ROW_ANNOTATIONS, (int64_t[8]){ id + 100, 6 });
    put_fields(k, ROW_ANNOTATIONS, (int64_t[8]){ id + 200, 6 });
}

static void put_delivery(struct kit *k, int64_t id, int64_t incident, int64_t ended_at)
{
    struct delivery d = { .id = id, .incident = incident, .ended_at = ended_at };
    kit_put(k, &(struct row){ .kind = ROW_DELIVERY, .v = &d.id });
}

static void put_world(struct kit *k)
{
    put_fields(k, ROW_CLOCK, (int64_t[8]){ 1, NOW, NOW });
    put_incident(k, 1, 0, 1);
    put_incident(k, 2, 99 * DAY + 1, 2);
    put_incident(k, 3, OLD, 3);
    put_incident(k, 4, NOW - DAY, 3); /* a day ago to the millisecond: it has just left the world */
    for (int64_t i = 1; i <= 4; i++) put_fields(k, ROW_BUNDLE, (int64_t[9]){ i, i == 4 });
    put_fields(k, ROW_BUNDLE, (int64_t[9]){ 5, 0, 0, 0, 0, 1 }); /* waits for an approver */
    for (int64_t i = 1; i <= 2; i++) put_fields(k, ROW_ACTIVATION, (int64_t[12]){ i, i });
    for (int64_t i = 1; i <= 3; i++) {
        put_fields(k, ROW_HOLDER, (int64_t[8]){ i, 1 });
        put_fields(k, ROW_PAGE, (int64_t[8]){ i, i });
        put_fields(k, ROW_CHECK, (int64_t[8]){ i });
    }
    put_alert(k, 1, 1, 2, OLD); /* of an open incident */
    put_alert(k, 2, 3, 1, OLD); /* firing still */
    put_alert(k, 3, 3, 2, 99 * DAY + 1); /* resolved within the day */
    put_alert(k, 4, 3, 2, OLD);
    put_alert(k, 5, 0, 3, OLD);
    put_alert(k, 7, 0, 2, NOW - DAY); /* a day ago to the millisecond: it has just left the world */
    const struct alert new = { .id = 6, .state = 1, .annotations = 206 }; /* as it was first heard: no other row yet */
    kit_put(k, &(struct row){ .kind = ROW_ALERT, .v = &new.id, .text = S("t") });
    put_fields(k, ROW_ANNOTATIONS, (int64_t[8]){ 206, 6 });
    put_delivery(k, 1, 1, OLD);
    put_delivery(k, 2, 3, 0);
    put_delivery(k, 3, 0, 0);
    put_delivery(k, 4, 0, 99 * DAY);
    put_delivery(k, 5, 0, OLD);
    put_fields(k, ROW_ATTEMPT, (int64_t[8]){ 1, 1, 1, 1, 0 }); /* in flight */
    put_fields(k, ROW_ATTEMPT, (int64_t[8]){ 2, 1, 1, 1, 1 });
    put_fields(k, ROW_TIMER, (int64_t[8]){ 9, 1, 1, 0, 1 });
    put_fields(k, ROW_SILENCE, (int64_t[8]){ 1, 0, OLD, 0, 0, 0, 0 });
    put_fields(k, ROW_SILENCE, (int64_t[8]){ 2, 0, 99 * DAY, 0, 0, 0, 1 });
    put_fields(k, ROW_SILENCE, (int64_t[8]){ 3, 0, OLD, 0, 0, 0, 1 });
    put_fields(k, ROW_SENDER, (int64_t[8]){ 1 });
    put_fields(k, ROW_SYMBOL, (int64_t[8]){ 1 });
    put_fields(k, ROW_COUNTER, (int64_t[8]){ ROW_INCIDENT, 3 });
}

static void recovery_gets_what_is_open_plus_a_day(void **state)
{
    static const struct {
        enum row_kind kind;
        int64_t there[6], gone[4];
    } rows[] = {
        /* 0 ends a list */
        { ROW_CLOCK, { 1 }, { 0 } },
        { ROW_SYMBOL, { 1 }, { 0 } },
        { ROW_COUNTER, { ROW_INCIDENT }, { 0 } },
        { ROW_SENDER, { 1 }, { 0 } },
        { ROW_TIMER, { 9 }, { 0 } },
        { ROW_INCIDENT, { 1, 2 }, { 3, 4 } },
        { ROW_HOLDER, { 1, 2 }, { 3 } },
        { ROW_PAGE, { 1, 2 }, { 3 } },
        { ROW_CHECK, { 1, 2 }, { 3 } },
        { ROW_BUNDLE, { 1, 2, 4, 5 }, { 3 } },
        { ROW_ACTIVATION, { 1, 2 }, { 0 } },
        { ROW_ALERT, { 1, 2, 3, 6 }, { 4, 5, 7 } },
        { ROW_ALERT_LIVE, { 1, 2, 3 }, { 4, 5, 7 } },
        { ROW_ANNOTATIONS, { 201, 202, 203, 206 }, { 101, 102, 204, 205 } }, /* of what was heard last */
        { ROW_DELIVERY, { 1, 3, 4 }, { 2, 5 } },
        { ROW_ATTEMPT, { 1 }, { 2 } },
        { ROW_SILENCE, { 1, 2 }, { 3 } },
    };
    struct kit *k = *state;
    struct kit_rows c;
    put_world(k);
    kit_reopen(k);
    kit_load(k, &c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *table = row_defs[rows[i].kind].table;
        for (const int64_t *id = rows[i].there; *id != 0; id++)
            if (!kit_rows_has(&c, rows[i].kind, *id)) fail_msg("%s %lld is missing", table, (long long)*id);
        for (const int64_t *id = rows[i].gone; *id != 0; id++)
            if (kit_rows_has(&c, rows[i].kind, *id)) fail_msg("%s %lld was loaded", table, (long long)*id);
    }
    kit_rows_release(&c);
}

static void an_empty_store_loads_nothing(void **state)
{
    struct kit_rows c;
    kit_load(*state, &c);
    assert_int_equal(c.rows.n, 0);
    kit_rows_release(&c);
}

static int refuse(struct store_each_row *self, const struct row *r, struct error *e)
{
    (void)self, (void)r;
    e->code = ERR_INVALID;
    return ERR_INVALID;
}

static void a_refused_row_ends_the_load(void **state)
{
    struct kit *k = *state;
    struct arena *a = arena_create(0);
    struct error e = { 0 };
    struct store_each_row each = { refuse };
    struct row r = kit_row(a, ROW_SYMBOL, 1);
    kit_put(k, &r);
    assert_int_equal(store_load(k->store, &each, &e), ERR_INVALID);
    kit_put(k, &r); /* and the store goes on */
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EACH_STORE(every_kind_comes_back_field_by_field),
        ON_EACH_STORE(a_second_put_replaces_the_first),
        ON_EACH_STORE(a_deleted_row_is_gone_and_deleting_it_again_is_fine),
        ON_EACH_STORE(a_rest_changes_nothing_that_is_read),
        ON_EACH_STORE(a_rollback_leaves_nothing),
        ON_EACH_STORE(entries_keep_their_order_and_every_field),
        ON_EACH_STORE(a_repeated_entry_number_refuses_the_transaction),
        ON_EACH_STORE(a_repeated_number_within_one_transaction_is_refused),
        ON_EACH_STORE(a_row_of_unknown_kind_is_a_fault_that_writes_nothing),
        ON_EACH_STORE(texts_are_bytes),
        ON_EACH_STORE(numbers_keep_their_ends),
        ON_EACH_STORE(ten_thousand_rows_in_one_transaction),
        ON_EACH_STORE(a_text_is_taken_out_and_the_seal_stays),
        ON_EACH_STORE(recovery_gets_what_is_open_plus_a_day),
        ON_EACH_STORE(an_empty_store_loads_nothing),
        ON_EACH_STORE(a_refused_row_ends_the_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
