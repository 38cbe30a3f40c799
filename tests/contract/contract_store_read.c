/* contract_store_read.c - what readers are promised (store.h): lists and their pages, texts, alerts, views. */
#include "contract/store_kit.h"

#include <pthread.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/port.h"
#include "sys/clock.h"

static void put(struct kit *k, enum row_kind kind, const int64_t *v, struct slice text)
{
    kit_put(k, &(struct row){ .kind = kind, .v = v, .text = text });
}

static void put_text(struct kit *k, enum row_kind kind, int64_t id, int64_t second, struct slice text)
{
    put(k, kind, (int64_t[16]){ id, second }, text);
}

static void put_incident(struct kit *k, int64_t id, int64_t closed_at)
{
    struct incident in = { .id = id, .closed_at = closed_at };
    put(k, ROW_INCIDENT, &in.id, S(""));
}

/* ---- lists ---- */

/* The first keys a list tells, as "3 2 1 ". */
static void assert_list(struct kit *k, struct store_query q, int field, const char *want)
{
    struct kit_rows c;
    struct buf got = { 0 };
    struct error e = { 0 };
    kit_rows_init(&c);
    MUST(store_read_list(kit_reader(k), &q, &c.each, &e), e);
    for (size_t i = 0; i < c.rows.n; i++) buf_addf(&got, "%lld ", (long long)c.rows.v[i].v[field]);
    assert_string_equal(buf_str(&got), want);
    buf_release(&got);
    kit_rows_release(&c);
}

static void incidents_are_told_newest_first_by_pages(void **state)
{
    static const struct {
        struct store_query q;
        const char *want;
    } rows[] = {
        { { STORE_INCIDENTS, 0, 0, 0 }, "5 4 3 2 1 " }, { { STORE_INCIDENTS, 0, 0, 2 }, "5 4 " },
        { { STORE_INCIDENTS, 0, 4, 2 }, "3 2 " },       { { STORE_INCIDENTS, 0, 2, 2 }, "1 " },
        { { STORE_INCIDENTS, 0, 1, 2 }, "" },           { { STORE_INCIDENTS_OPEN, 0, 0, 0 }, "5 3 1 " },
        { { STORE_INCIDENTS_OPEN, 0, 5, 1 }, "3 " },
    };
    for (int64_t id = 1; id <= 5; id++) put_incident(*state, id, id % 2 == 0 ? 77 : 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) assert_list(*state, rows[i].q, 0, rows[i].want);
}

static void put_of_incident(struct kit *k, int64_t incident, int64_t n)
{
    struct page page = { .id = incident * 10 + n, .incident = incident };
    struct delivery delivery = { .id = incident * 10 + n, .incident = incident };
    struct alert alert = { .id = incident * 10 + n, .incident = incident };
    struct holder holder = { .incident = incident, .role = n };
    struct milestone_check check = { .incident = incident, .milestone = n / 2, .idx = n % 2 };
    struct attempt attempt = { .delivery = incident, .n = n };
    struct timer timer = { .subject = incident, .on = 1, .kind = n };
    put(k, ROW_PAGE, &page.id, S(""));
    put(k, ROW_DELIVERY, &delivery.id, S(""));
    put(k, ROW_ALERT, &alert.id, S(""));
    put(k, ROW_HOLDER, &holder.incident, S(""));
    put(k, ROW_CHECK, &check.incident, S(""));
    put(k, ROW_ATTEMPT, &attempt.delivery, S(""));
    put(k, ROW_TIMER, &timer.subject, S(""));
}

static void what_belongs_to_one_is_told_in_order(void **state)
{
    static const struct {
        struct store_query q;
        int field;
        const char *want;
    } rows[] = {
        { { STORE_PAGES, 2, 0, 0 }, 0, "21 22 23 " }, { { STORE_PAGES, 2, 21, 1 }, 0, "22 " },
        { { STORE_PAGES, 9, 0, 0 }, 0, "" },          { { STORE_DELIVERIES, 1, 0, 0 }, 0, "11 12 13 " },
        { { STORE_ALERTS, 1, 11, 0 }, 0, "12 13 " },  { { STORE_HOLDERS, 2, 0, 0 }, 1, "1 2 3 " },
        { { STORE_CHECKS, 2, 0, 0 }, 2, "1 0 1 " },   { { STORE_ATTEMPTS, 1, 1, 0 }, 1, "2 3 " },
        { { STORE_TIMERS, 1, 0, 0 }, 2, "1 2 3 " },
    };
    for (int64_t n = 3; n >= 1; n--)
        for (int64_t incident = 1; incident <= 2; incident++) put_of_incident(*state, incident, n);
    for (size_t i = 0; i < COUNT_OF(rows); i++) assert_list(*state, rows[i].q, rows[i].field, rows[i].want);
}

static void silences_senders_and_bundles_are_listed(void **state)
{
    struct silence over = { .id = 1, .ended = 1 }, holds = { .id = 2 };
    put(*state, ROW_SILENCE, &over.id, S("a=\"b\""));
    put(*state, ROW_SILENCE, &holds.id, S("a=\"b\""));
    put_text(*state, ROW_SENDER, 8, 0, S(""));
    put_text(*state, ROW_BUNDLE, 1, 0, S("old"));
    put_text(*state, ROW_BUNDLE, 2, 1, S("new"));
    assert_list(*state, (struct store_query){ .list = STORE_SILENCES }, 0, "2 1 ");
    assert_list(*state, (struct store_query){ .list = STORE_SILENCES_ACTIVE }, 0, "2 ");
    assert_list(*state, (struct store_query){ .list = STORE_SENDERS }, 0, "8 ");
    assert_list(*state, (struct store_query){ .list = STORE_BUNDLES }, 0, "2 1 ");
    for (int64_t i = 1; i <= 3; i++) put_text(*state, ROW_ACTIVATION, i, 0, S("W-UNBOUND=in May"));
    assert_list(*state, (struct store_query){ .list = STORE_ACTIVATIONS }, 0, "3 2 1 ");
}

static void a_page_has_a_limit_whatever_is_asked(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct kit_rows c;
    MUST(store_begin(k->store, &e), e);
    for (int64_t id = 1; id <= STORE_PAGE_MAX + 1; id++) {
        struct incident in = { .id = id };
        store_put_row(k->store, &(struct row){ .kind = ROW_INCIDENT, .v = &in.id });
    }
    MUST(store_commit(k->store, &e), e);
    kit_rows_init(&c);
    MUST(store_read_list(kit_reader(k), &(struct store_query){ .list = STORE_INCIDENTS, .limit = 5000 }, &c.each, &e),
         e);
    assert_int_equal(c.rows.n, STORE_PAGE_MAX);
    kit_rows_release(&c);
}

/* ---- texts ---- */

static void texts_of_symbols(void **state)
{
    struct kit *k = *state;
    struct store_reader *r = kit_reader(k);
    assert_int_equal(store_read_text(r, 0).n, 0);
    assert_int_equal(store_read_text(r, 5).n, 0);
    put_text(k, ROW_SYMBOL, 5, 0, S("ada"));
    put_text(k, ROW_SYMBOL, 6, 0, S("joan"));
    struct slice ada = store_read_text(r, 5), joan = store_read_text(r, 6);
    assert_true(slice_eq(ada, S("ada")));
    assert_true(slice_eq(joan, S("joan")));
    assert_true(slice_eq(store_read_text(r, 5), S("ada")));
}

/* The way the API builds an answer: texts are asked for while rows are told. */
struct naming {
    struct store_each_row each;
    struct store_reader *r;
    struct buf out;
};

static int name_row(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct naming *n = (struct naming *)self;
    const struct holder *h = (const struct holder *)r->v;
    struct row incident;
    (void)e;
    buf_add(&n->out, store_read_text(n->r, h->role));
    buf_add_char(&n->out, '=');
    buf_add(&n->out, store_read_text(n->r, h->person));
    if (store_read_row(n->r, ROW_INCIDENT, &h->incident, &incident, e) == 0) buf_add_char(&n->out, '!');
    buf_add_int(&n->out, h->since_wall);
    buf_add_char(&n->out, ' ');
    return 0;
}

static void texts_and_rows_may_be_read_while_a_list_is_told(void **state)
{
    static const struct slice names[] = { { "primary", 7 }, { "secondary", 9 }, { "ada", 3 }, { "joan", 4 } };
    struct kit *k = *state;
    struct error e = { 0 };
    struct naming n = { .each = { name_row }, .r = kit_reader(k) };
    put_incident(k, 1, 0);
    for (int64_t i = 0; i < 4; i++) put_text(k, ROW_SYMBOL, i + 1, 0, names[i]);
    for (int64_t i = 1; i <= 2; i++) {
        struct holder h = { .incident = 1, .role = i, .person = i + 2, .since_wall = 70 + i };
        put(k, ROW_HOLDER, &h.incident, S(""));
    }
    MUST(store_read_list(n.r, &(struct store_query){ .list = STORE_HOLDERS, .of = 1 }, &n.each, &e), e);
    assert_string_equal(buf_str(&n.out), "primary=ada!71 secondary=joan!72 ");
    buf_release(&n.out);
}

/* ---- the timeline ---- */

struct sentences {
    struct store_each_entry each;
    struct buf out;
};

static int add_sentence(struct store_each_entry *self, const struct entry *en, struct error *e)
{
    struct sentences *s = (struct sentences *)self;
    (void)e;
    assert_int_equal(en->n_changes, 3);
    assert_int_equal(en->changes[1].value, INT64_MIN);
    buf_addf(&s->out, "%lld:", (long long)en->seq);
    buf_add(&s->out, en->text);
    buf_add_char(&s->out, ' ');
    return 0;
}

static void a_timeline_is_read_on_from_where_one_stopped(void **state)
{
    static const struct {
        int64_t incident, after;
        size_t limit;
        const char *want;
    } rows[] = {
        { 1, 0, 0, "1:one 2:two 3:three " }, { 1, 1, 1, "2:two " }, { 1, 3, 0, "" },
        { 0, 0, 0, "1:started " },           { 5, 0, 0, "" },
    };
    struct kit *k = *state;
    const struct entry entries[] = { kit_entry(1, 1, S("one")), kit_entry(1, 3, S("three")), kit_entry(1, 2, S("two")),
                                     kit_entry(0, 1, S("started")) };
    for (size_t i = 0; i < COUNT_OF(entries); i++) kit_append(k, &entries[i]);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sentences s = { .each = { add_sentence } };
        struct error e = { 0 };
        MUST(store_read_entries(kit_reader(k), rows[i].incident, rows[i].after, rows[i].limit, &s.each, &e), e);
        assert_string_equal(buf_str(&s.out), rows[i].want);
        buf_release(&s.out);
    }
}

/* ---- alerts ---- */

/* Its own row alone, or an older one below what was heard later. */
static void put_alert(struct kit *k, int64_t id, int64_t state, bool heard_again, int64_t annotations)
{
    struct buf labels = { 0 };
    struct alert_live l = { .id = id,
                            .state = state,
                            .starts_wall = id + 500,
                            .ends_wall = id + 600,
                            .updated_wall = id + 700,
                            .annotations = annotations };
    struct alert a = { .id = id,
                       .sender = id + 100,
                       .created_wall = id + 300,
                       .state = state,
                       .starts_wall = l.starts_wall,
                       .ends_wall = l.ends_wall,
                       .updated_wall = l.updated_wall,
                       .annotations = l.annotations };
    if (heard_again) a.starts_wall = a.ends_wall = a.updated_wall = a.annotations = 202;
    buf_addf(&labels, "n%cv%lld%c", '\xff', (long long)id, '\xff');
    put(k, ROW_ALERT, &a.id, buf_slice(&labels));
    if (heard_again) put(k, ROW_ALERT_LIVE, &l.id, S(""));
    buf_release(&labels);
}

struct heard {
    struct store_each_alert each;
    struct buf out;
};

static int add_alert(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    struct heard *h = (struct heard *)self;
    (void)e;
    assert_int_equal(a->starts_wall, a->id + 500);
    assert_int_equal(a->ends_wall, a->id + 600);
    assert_int_equal(a->updated_wall, a->id + 700);
    assert_int_equal(a->sender, a->id + 100);
    assert_int_equal(a->labels.n, 5);
    assert_int_equal(a->labels.p[3], '0' + a->id);
    buf_addf(&h->out, "%lld:", (long long)a->id);
    buf_add(&h->out, a->annotations);
    buf_add_char(&h->out, ' ');
    return 0;
}

/* Firing alerts and no others, page by page in order of their ids, as they were heard last. */
static void firing_alerts_are_paged_by_id(void **state)
{
    static const struct {
        alert_id after;
        size_t limit;
        const char *heard;
    } pages[] = {
        { 0, 0, "1:{\"a\":1} 2: 4:{\"a\":1} 6: " },
        { 0, 2, "1:{\"a\":1} 2: " },
        { 2, 1, "4:{\"a\":1} " },
        { 6, 2, "" },
    };
    struct kit *k = *state;
    struct error e = { 0 };
    put_text(k, ROW_ANNOTATIONS, 201, 0, S("{\"a\":1}"));
    put_text(k, ROW_ANNOTATIONS, 202, 0, S("{\"a\":2}"));
    put_alert(k, 4, 1, false, 201);
    put_alert(k, 1, 1, true, 201);
    put_alert(k, 2, 1, false, 0);
    put_alert(k, 3, 2, true, 201);
    put_alert(k, 5, 3, false, 201);
    put_alert(k, 6, 1, true, 0);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct heard h = { .each = { add_alert } };
        MUST(store_read_firing(kit_reader(k), pages[i].after, pages[i].limit, &h.each, &e), e);
        assert_string_equal(buf_str(&h.out), pages[i].heard);
        buf_release(&h.out);
    }
}

/* ---- views ---- */

static void nothing_is_seen_before_its_commit(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct row got;
    struct incident in = { .id = 1, .state = 1 };
    MUST(store_begin(k->store, &e), e);
    store_put_row(k->store, &(struct row){ .kind = ROW_INCIDENT, .v = &in.id });
    assert_int_equal(store_read_row(kit_reader(k), ROW_INCIDENT, &in.id, &got, &e), ERR_NOT_FOUND);
    MUST(store_commit(k->store, &e), e);
    MUST(store_read_row(kit_reader(k), ROW_INCIDENT, &in.id, &got, &e), e);
}

static void *commit_second_state(void *kit)
{
    struct incident in = { .id = 1, .state = 2 };
    kit_put(kit, &(struct row){ .kind = ROW_INCIDENT, .v = &in.id });
    return NULL;
}

static int64_t state_seen(struct kit *k)
{
    struct error e = { 0 };
    struct row got;
    MUST(store_read_row(kit_reader(k), ROW_INCIDENT, (int64_t[]){ 1 }, &got, &e), e);
    return ((const struct incident *)got.v)->state;
}

static void a_view_stays_as_it_was_at_its_first_read(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    pthread_t writer;
    struct incident in = { .id = 1, .state = 1 };
    put(k, ROW_INCIDENT, &in.id, S(""));
    MUST(store_read_begin(kit_reader(k), &e), e);
    assert_int_equal(state_seen(k), 1);
    assert_int_equal(pthread_create(&writer, NULL, commit_second_state, k), 0);
    if (k->durable) pthread_join(writer, NULL); /* in memory the writer waits for the view */
    assert_int_equal(state_seen(k), 1);
    MUST(store_read_end(kit_reader(k), &e), e);
    if (!k->durable) pthread_join(writer, NULL);
    assert_int_equal(state_seen(k), 2);
}

/* One transaction moves an amount between two rows; whoever reads must find the sum unchanged. */
#define TRANSFERS 150
struct audit {
    struct store_reader *r;
    int wrong, failed;
};

static void *audit_sums(void *arg)
{
    struct audit *a = arg;
    struct row row;
    struct error e;
    int64_t left = 0, right = 0;
    while (left < TRANSFERS) {
        if (store_read_begin(a->r, &e) < 0) return a->failed = 1, NULL;
        if (store_read_row(a->r, ROW_COUNTER, (int64_t[]){ 1 }, &row, &e) == 0) left = row.v[1];
        if (store_read_row(a->r, ROW_COUNTER, (int64_t[]){ 2 }, &row, &e) == 0) right = row.v[1];
        if (store_read_end(a->r, &e) < 0) return a->failed = 1, NULL;
        a->wrong += left + right != 0;
    }
    return NULL;
}

static void readers_see_whole_transactions_only(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct audit audits[2] = { { 0 } };
    pthread_t threads[2];
    put(k, ROW_COUNTER, (int64_t[]){ 1, 0 }, S(""));
    put(k, ROW_COUNTER, (int64_t[]){ 2, 0 }, S(""));
    for (int i = 0; i < 2; i++) {
        MUST(store_reader_open(k->store, &audits[i].r, &e), e);
        assert_int_equal(pthread_create(&threads[i], NULL, audit_sums, &audits[i]), 0);
    }
    for (int64_t n = 1; n <= TRANSFERS; n++) {
        MUST(store_begin(k->store, &e), e);
        store_put_row(k->store, &(struct row){ .kind = ROW_COUNTER, .v = (int64_t[]){ 1, n } });
        store_put_row(k->store, &(struct row){ .kind = ROW_COUNTER, .v = (int64_t[]){ 2, -n } });
        MUST(store_commit(k->store, &e), e);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        store_reader_close(&audits[i].r);
        assert_int_equal(audits[i].failed, 0);
        assert_int_equal(audits[i].wrong, 0);
    }
}

static void a_view_ends_after_two_seconds(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    struct row got;
    struct store_reader *r = kit_reader(k);
    struct incident in = { .id = 1 };
    struct kit_rows c;
    put(k, ROW_INCIDENT, &in.id, S(""));
    clock_destroy(&r->clock);
    r->clock = clock_create_fake((struct moment){ 1000, 1000 }, S("boot"));
    MUST(store_read_begin(r, &e), e);
    clock_advance(r->clock, STORE_READ_MS - 1);
    MUST(store_read_row(r, ROW_INCIDENT, &in.id, &got, &e), e);
    clock_advance(r->clock, 1);
    kit_rows_init(&c);
    assert_int_equal(store_read_row(r, ROW_INCIDENT, &in.id, &got, &e), ERR_LIMIT);
    assert_int_equal(store_read_list(r, &(struct store_query){ .list = STORE_INCIDENTS }, &c.each, &e), ERR_LIMIT);
    assert_int_equal(c.rows.n, 0);
    assert_int_equal(store_read_end(r, &e), ERR_LIMIT);
    MUST(store_read_row(r, ROW_INCIDENT, &in.id, &got, &e), e); /* a new view has its own time */
    kit_rows_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EACH_STORE(incidents_are_told_newest_first_by_pages),
        ON_EACH_STORE(what_belongs_to_one_is_told_in_order),
        ON_EACH_STORE(silences_senders_and_bundles_are_listed),
        ON_EACH_STORE(a_page_has_a_limit_whatever_is_asked),
        ON_EACH_STORE(texts_of_symbols),
        ON_EACH_STORE(texts_and_rows_may_be_read_while_a_list_is_told),
        ON_EACH_STORE(a_timeline_is_read_on_from_where_one_stopped),
        ON_EACH_STORE(firing_alerts_are_paged_by_id),
        ON_EACH_STORE(nothing_is_seen_before_its_commit),
        ON_EACH_STORE(a_view_stays_as_it_was_at_its_first_read),
        ON_EACH_STORE(readers_see_whole_transactions_only),
        ON_EACH_STORE(a_view_ends_after_two_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
