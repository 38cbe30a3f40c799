/* The canary's incident: alert, incident, page, delivery, acknowledged and resolved in a house of its own, whatever the
 * procedures say (P5, I23; docs/decisions/0013). */
#include "engine_kit.h"

#include <glob.h>
#include <unistd.h>

#include "engine/auditor.h"
#include "engine/canary.h"
#include "sys/files.h"
#include "sys/loop.h"
#include "sys/sockets.h"

static int end(void **state)
{
    return kit_teardown(state);
}

/* One round; what went wrong in `e`. */
static int round_of(struct kit *k, struct live_bundle *procedures, enum outcome outcome, struct error *e)
{
    struct canary *c = canary_begin(k->clock, procedures, e);
    if (c == NULL) return e->code;
    clock_advance(k->clock, SECOND);
    canary_run(c);
    const int rc = canary_end(c, outcome, e);
    canary_destroy(&c);
    return rc;
}

/* How its message ends decides; whatever is not accepted is not delivered. */
static void its_incident_is_resolved_when_its_message_is_taken(void **state)
{
    static const struct {
        enum outcome outcome;
        const char *lost; /* NULL: it came round */
    } rows[] = {
        { OUTCOME_ACCEPTED, NULL },
        { OUTCOME_REFUSED, "its page was not delivered" },
        { OUTCOME_NOT_SENT, "its page was not delivered" },
        { OUTCOME_UNCERTAIN, "its page was not delivered" },
    };
    struct kit *k = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        const int rc = round_of(k, k->bundle, rows[i].outcome, &e);
        assert_int_equal(rc < 0, rows[i].lost != NULL);
        if (rows[i].lost != NULL) assert_string_equal(e.detail, rows[i].lost);
    }
}

static void without_procedures_there_is_none(void **state)
{
    struct error e = { 0 };
    assert_null(canary_begin(((struct kit *)*state)->clock, NULL, &e));
    assert_string_equal(e.detail, "no procedures are in force");
}

/* I23: nothing of it is in the real house, in no row, entry or count; not even its number is taken. */
static void nothing_of_it_is_in_the_real_house(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    kit_run(k);
    const size_t commits = k->commits, sent = k->sent.n;
    for (int i = 0; i < 100; i++) assert_int_equal(round_of(k, k->bundle, OUTCOME_ACCEPTED, &e), 0);
    assert_int_equal(k->commits, commits);
    assert_int_equal(k->sent.n, sent);
    for (int kind = ROW_ALERT; kind <= ROW_ATTEMPT; kind++) assert_int_equal(kit_stored(k, (enum row_kind)kind), 0);
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_non_null(world_incident(engine_world(k->engine), 1));
}

/* Whatever is valid lets the canary through: else procedures that page well would stop the heartbeat. */
static void every_document_lets_it_through(void **state)
{
    struct kit *k = *state;
    glob_t found;
    size_t tried = 0;
    assert_int_equal(glob(TOCSIN_TESTS "/golden/procedures/*.md", 0, NULL, &found), 0);
    assert_int_equal(glob(TOCSIN_TESTS "/golden/procedures/corpus/*.md", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct buf text = { 0 }, bytes = { 0 };
        struct error e = { 0 };
        assert_int_equal(file_read(found.gl_pathv[i], 1 << 20, &text, &e), 0);
        bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_PROCEDURES, S("x.md"), buf_slice(&text) });
        struct live_bundle *b = kit_compile(NULL, buf_slice(&bytes), &e);
        if (b != NULL && round_of(k, b, OUTCOME_ACCEPTED, &e) < 0) fail_msg("%s: %s", found.gl_pathv[i], e.detail);
        tried += b != NULL;
        bundle_release(&b);
        buf_release(&bytes);
        buf_release(&text);
    }
    assert_true(tried > 20);
    globfree(&found);
}

/* --- in the auditor's hands --- */

struct watch {
    struct kit *kit;
    struct outbox *outbox;
    struct loop *loop;
    struct auditor *auditor;
    int courier;
};

/* A second passes, and another; the courier is there and says nothing but what the test says for it. */
static void seconds(struct watch *w, int n)
{
    for (int i = 0; i < n; i++) {
        clock_advance(w->kit->clock, SECOND);
        kit_run(w->kit);
        auditor_tick(w->auditor, clock_read(w->kit->clock));
        kit_run(w->kit);
    }
}

static void ends_with(struct watch *w, enum outcome outcome)
{
    struct error e = { 0 };
    struct post p = { .event = { .kind = EVENT_RESULT } };
    const struct sent *s = &w->kit->sent.v[w->kit->sent.n - 1];
    assert_int_equal(s->delivery, CANARY_DELIVERY);
    p.event.result =
        (struct event_result){ .delivery = s->delivery, .attempt = s->attempt, .outcome = outcome, .code = 550 };
    assert_int_equal(engine_post(w->kit->engine, &p, &e), 0);
    kit_run(w->kit);
}

static void give_credit(struct watch *w)
{
    struct error e = { 0 };
    struct post p = { .event = { .kind = EVENT_CREDIT } };
    p.event.credit.channel = S(CANARY_CHANNEL);
    p.event.credit.n = 1;
    assert_int_equal(engine_post(w->kit->engine, &p, &e), 0);
}

static enum audit_state canary_state(struct watch *w)
{
    struct audit found = { 0 };
    auditor_read(w->auditor, &found);
    const enum audit_state s = found.lines[AUDIT_CANARY].state;
    audit_release(&found);
    return s;
}

static void watch_begin(struct watch *w, struct kit *k)
{
    struct error e = { 0 };
    int ends[2];
    *w = (struct watch){ .kit = k, .outbox = outbox_create(S("0123456789abcdef0123456789abcdef")) };
    w->loop = loop_create(k->clock, &e);
    outbox_start(w->outbox, k->engine, w->loop);
    assert_int_equal(socket_pair(ends, &e), 0);
    w->courier = ends[0];
    outbox_attach(w->outbox, ends[1]);
    w->auditor = auditor_create(
        &(struct auditor_options){ .engine = k->engine, .outbox = w->outbox, .store = k->store, .clock = k->clock });
    kit_run(k);
}

static void watch_end(struct watch *w)
{
    auditor_destroy(&w->auditor);
    outbox_attach(w->outbox, -1);
    outbox_destroy(&w->outbox);
    loop_destroy(&w->loop);
    close(w->courier);
}

/* One that does not come round fails until another does, which is sent a minute later; one that does is good for five. */
static void one_that_is_lost_fails_until_another_comes_round(void **state)
{
    struct watch w;
    watch_begin(&w, *state);
    give_credit(&w);
    seconds(&w, 3);
    assert_int_equal(w.kit->sent.n, 1);
    ends_with(&w, OUTCOME_REFUSED);
    seconds(&w, 1);
    assert_int_equal(canary_state(&w), AUDIT_FAILING);
    give_credit(&w);
    seconds(&w, 55);
    assert_int_equal(w.kit->sent.n, 1);
    assert_int_equal(canary_state(&w), AUDIT_FAILING);
    seconds(&w, 10);
    assert_int_equal(w.kit->sent.n, 2);
    ends_with(&w, OUTCOME_ACCEPTED);
    seconds(&w, 20);
    assert_int_equal(canary_state(&w), AUDIT_OK);
    give_credit(&w);
    seconds(&w, 260);
    assert_int_equal(w.kit->sent.n, 2);
    seconds(&w, 40);
    assert_int_equal(w.kit->sent.n, 3);
    seconds(&w, 40); /* and this one does not come back */
    assert_int_equal(canary_state(&w), AUDIT_FAILING);
    watch_end(&w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(its_incident_is_resolved_when_its_message_is_taken),
        TEST(without_procedures_there_is_none),
        TEST(nothing_of_it_is_in_the_real_house),
        TEST(every_document_lets_it_through),
        TEST(one_that_is_lost_fails_until_another_comes_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
