/* test_alerts_list.c - GET /api/v2/alerts when more fires than one page holds: whole, in pieces, or visibly broken (R153).
 * The shape of one alert and the questions that are refused: test_api.c. */
#include "http_fixture.h"

#include <yyjson.h>

#include "api/routes.h"
#include "core/alert.h"

enum { MANY = 1201, FEW = 3 };

static const struct directory nobody = { .organisation = { "x", 1 } };
static struct fake_house house;
static _Atomic int reads_until_broken; /* 0: never */

/* The store is gone after so many reads. */
static int read_or_break(void *ctx, port_read_fn *job, void *caller, struct error *e)
{
    if (reads_until_broken == 0 || --reads_until_broken > 0) return fake_read(ctx, job, caller, e);
    job(caller, NULL);
    return 0;
}

static void put(enum row_kind kind, const void *v, struct slice text)
{
    store_put_row(house.store, &(struct row){ .kind = kind, .v = v, .text = text });
}

/* Alert `id` fires; its fingerprint is what FNV makes of its label. Each seventh has ended; each third has no row of what was
 * heard later. */
static void put_alert(int64_t id)
{
    const struct alert a = { .id = id,
                             .incident = 1,
                             .state = id % 7 == 0 ? ALERT_RESOLVED : ALERT_FIRING,
                             .starts_wall = FAKE_WALL,
                             .ends_wall = id % 3 == 0 ? FAKE_WALL + HOUR : FAKE_WALL - HOUR };
    const struct alert_live l = {
        .id = id, .state = a.state, .starts_wall = FAKE_WALL, .ends_wall = FAKE_WALL + HOUR
    };
    struct buf labels = { 0 };
    buf_addf(&labels, "n\xff%lld\xff", (long long)id);
    put(ROW_ALERT, &a, buf_slice(&labels));
    if (id % 3 != 0) put(ROW_ALERT_LIVE, &l, S(""));
    buf_release(&labels);
}

static int start_with(int64_t alerts)
{
    struct error e = { 0 };
    house = (struct fake_house){ .facts = { .allow_loopback = true } };
    reads_until_broken = 0;
    fake_start(&house, &api_main_routes, &api_responder_routes, &nobody, NULL);
    house.port.read = read_or_break;
    assert_int_equal(store_begin(house.store, &e), 0);
    for (int64_t id = 1; id <= alerts; id++) put_alert(id);
    assert_int_equal(store_commit(house.store, &e), 0);
    return 0;
}

static int start_many(void **state)
{
    (void)state;
    return start_with(MANY);
}

static int start_few(void **state)
{
    (void)state;
    return start_with(FEW);
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&house);
    return 0;
}

/* The body's chunks joined; false: it breaks off before the last chunk. */
static bool unchunk(struct slice body, struct buf *out)
{
    out->max = (size_t)64 << 20;
    while (body.n > 0) {
        struct slice line = slice_cut(&body, '\n');
        const size_t n = strtoul(line.p, NULL, 16); /* ends at the line's CR */
        if (n == 0) return true;
        if (n + 2 > body.n) return false;
        buf_add(out, slice_upto(body, n));
        body = slice_from(body, n + 2);
    }
    return false;
}

/* Asks; the answer's text in `out`. Returns whether it is whole. */
static bool ask(const char *target, struct buf *out)
{
    struct client_answer a = { 0 };
    client_request(&house, house.tcp_port, "GET", target, "Connection: close\r\n", S(""), &a);
    assert_int_equal(a.status, 200);
    const bool chunked = slice_find_nocase(a.head, S("Transfer-Encoding: chunked")) < a.head.n;
    bool whole = true;
    if (chunked)
        whole = unchunk(a.body, out);
    else
        buf_add(out, a.body);
    buf_release(&a.bytes);
    return whole;
}

static void assert_each_once(yyjson_val *alerts)
{
    bool seen[MANY + 1] = { 0 };
    size_t i, n;
    yyjson_val *one;
    yyjson_arr_foreach(alerts, i, n, one)
    {
        const int id = atoi(yyjson_get_str(yyjson_obj_get(yyjson_obj_get(one, "labels"), "n")));
        assert_true(id >= 1 && id <= MANY && !seen[id]);
        seen[id] = true;
    }
    for (int id = 1; id <= MANY; id++) assert_int_equal(seen[id], id % 7 != 0);
}

static void many_alerts_come_whole_in_pieces(void **state)
{
    struct buf list = { 0 }, groups = { 0 };
    (void)state;
    assert_true(ask("/api/v2/alerts", &list));
    yyjson_doc *doc = yyjson_read(list.p, list.len, 0);
    assert_each_once(yyjson_doc_get_root(doc));
    yyjson_doc_free(doc);
    assert_true(ask("/api/v2/alerts/groups", &groups));
    doc = yyjson_read(groups.p, groups.len, 0);
    assert_int_equal(yyjson_arr_size(yyjson_doc_get_root(doc)), 1);
    assert_each_once(yyjson_obj_get(yyjson_arr_get_first(yyjson_doc_get_root(doc)), "alerts"));
    yyjson_doc_free(doc);
    buf_release(&list);
    buf_release(&groups);
}

static void a_filter_looks_at_every_page(void **state)
{
    static const struct {
        const char *target;
        const char *ids[4];
    } rows[] = {
        { "/api/v2/alerts?filter=n%3D%221200%22", { "1200" } },
        { "/api/v2/alerts?filter=n%3D~%225%7C600%7C1201%22", { "5", "600", "1201" } },
        { "/api/v2/alerts?filter=n%3D%22none%22", { NULL } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = { 0 };
        size_t k = 0;
        assert_true(ask(rows[i].target, &text));
        yyjson_doc *doc = yyjson_read(text.p, text.len, 0);
        yyjson_val *list = yyjson_doc_get_root(doc);
        assert_non_null(list);
        for (; k < COUNT_OF(rows[i].ids) && rows[i].ids[k] != NULL; k++)
            assert_string_equal(yyjson_get_str(yyjson_obj_get(yyjson_obj_get(yyjson_arr_get(list, k), "labels"), "n")),
                                rows[i].ids[k]);
        assert_int_equal(yyjson_arr_size(list), k);
        yyjson_doc_free(doc);
        buf_release(&text);
    }
}

/* Before the first byte there is an error to send; after it the client must see that the rest is missing. */
static void a_part_never_looks_like_the_whole(void **state)
{
    struct client_answer a = { 0 };
    struct buf part = { 0 };
    (void)state;
    reads_until_broken = 1;
    client_request(&house, house.tcp_port, "GET", "/api/v2/alerts", "Connection: close\r\n", S(""), &a);
    assert_int_equal(a.status, 503);
    buf_release(&a.bytes);
    reads_until_broken = 2;
    assert_false(ask("/api/v2/alerts", &part));
    assert_true(part.len > 0);
    reads_until_broken = 0;
    buf_reset(&part);
    assert_true(ask("/api/v2/alerts", &part));
    buf_release(&part);
}

/* As Alertmanager orders them; and with a length. */
static void few_come_by_fingerprint(void **state)
{
    static const int order[FEW] = { 2, 3, 1 }; /* FNV-1a 64 of n 0xFF 1 0xFF is 083571bc…, of 2 0829…, of 3 082d… */
    struct buf text = { 0 };
    size_t at = 0;
    (void)state;
    assert_true(ask("/api/v2/alerts", &text));
    for (int i = 0; i < FEW; i++) {
        const int id = order[i];
        struct buf label = { 0 };
        buf_addf(&label, "\"labels\":{\"n\":\"%d\"}", id);
        const size_t found = slice_find(buf_slice(&text), buf_slice(&label));
        assert_true(found < text.len && found >= at);
        at = found;
        buf_release(&label);
    }
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_alerts_come_whole_in_pieces, start_many, stop),
        cmocka_unit_test_setup_teardown(a_filter_looks_at_every_page, start_many, stop),
        cmocka_unit_test_setup_teardown(a_part_never_looks_like_the_whole, start_many, stop),
        cmocka_unit_test_setup_teardown(few_come_by_fingerprint, start_few, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
