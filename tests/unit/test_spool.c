/* The spool: records and what is read of them; and the engine behind it: what left while nothing could be committed is
 * neither lost nor unknown after a kill -9 (P1, P2, P3, P6; design: Functional core). The simulation injects failures of
 * the store by the same switches of engine_kit.h. */
#include <fcntl.h>
#include <unistd.h>

#include "engine_kit.h"

#include "core/page.h"
#include "engine/inner.h"

#define HELD "HeldByNobody"

static void open_incident_while_it_fails(struct kit *k)
{
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_int_equal(k->sent.n, 1);
    assert_true(spool_used(k->spool) > 0);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 0);
}

static int entries_of_kind(struct kit *k, enum entry_kind kind)
{
    return kit_entries(k, 1, kind);
}

static void what_left_before_a_kill_is_known_after_it(void **state)
{
    struct kit *k = *state;
    open_incident_while_it_fails(k);
    const struct sent first = k->sent.v[0];
    const page_id page = world_delivery(engine_world(k->engine), first.delivery)->page;
    k->commit_fails = false;
    kit_restart(k, NULL); /* as kill -9: nothing of the memory is left */
    assert_int_equal(k->recovery.spooled, 1);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    const struct page *p = world_page(engine_world(k->engine), page); /* its link still means this page */
    assert_non_null(p);
    assert_int_equal(p->incident, 1);
    assert_int_equal(kit_attempts(k, OUTCOME_UNCERTAIN), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_UNJOURNALED), 1);
    assert_true(kit_timelines_are_whole(k));
    kit_credit(k, 100);
    kit_until(k, 11 * SECOND); /* repeated, as any uncertain one: the same delivery, its second attempt */
    assert_int_equal(k->sent.v[1].delivery, first.delivery);
    assert_int_equal(k->sent.v[1].attempt, 2);
    assert_int_equal(spool_used(k->spool), 0);
}

static void what_was_spooled_is_there_once_when_the_store_comes_back_without_a_kill(void **state)
{
    struct kit *k = *state;
    open_incident_while_it_fails(k);
    k->commit_fails = false;
    kit_until(k, 2 * SECOND);
    assert_int_equal(spool_used(k->spool), 0);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    kit_restart(k, NULL); /* nothing of the spool comes over what was committed later */
    assert_int_equal(k->recovery.spooled, 0);
    assert_true(world_incident(engine_world(k->engine), 1)->acknowledged_at != 0);
    assert_int_equal(entries_of_kind(k, ENTRY_UNJOURNALED), 1);
}

/* The pages of five minutes, one record each, differences only. */
static void later_records_say_what_changed(void **state)
{
    struct kit *k = *state;
    open_incident_while_it_fails(k);
    kit_accept_all(k);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
    const int64_t used = spool_used(k->spool);
    assert_true(atomic_load(&engine_counters(k->engine)->spooled) >= 2);
    k->commit_fails = false;
    kit_restart(k, NULL);
    assert_true(k->recovery.spooled >= 2 && used > 0);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    assert_int_equal(kit_pages_to(k, "primary"), 1);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
    assert_int_equal(kit_attempts(k, OUTCOME_ACCEPTED), 1); /* the result of the first, told by the second's record */
    assert_true(kit_timelines_are_whole(k));
}

/* A commit may have reached the disk in spite of what it said. */
static void a_commit_that_lied_is_not_written_twice(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_lies = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_int_equal(k->told.v[0].code, ERR_UNAVAILABLE);
    assert_true(spool_used(k->spool) > 0);
    k->commit_lies = false;
    kit_restart(k, NULL);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_LOGGED), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_UNJOURNALED), 1);
    assert_true(kit_timelines_are_whole(k));
}

/* P6: the last link names symbols that the store has and the spool has too. */
static void a_commit_that_lied_leaves_a_sound_chain(void **state)
{
    struct kit *k = *state;
    k->sealed = true;
    kit_restart(k, NULL);
    kit_credit(k, 100);
    kit_run(k);
    k->commit_lies = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_true(spool_used(k->spool) > 0);
    k->commit_lies = false;
    kit_restart(k, NULL);
    assert_string_equal(k->recovery.chain_error.detail, "");
    assert_int_equal(k->recovery.chain, 0);
    assert_true(kit_timelines_are_whole(k));
}

/* ... nor by the process that lives on: it asks the store before it tries again. */
static void a_commit_that_lied_is_found_by_who_lives_on(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_lies = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_true(engine_failing(k->engine));
    k->commit_lies = false;
    kit_until(k, 3 * SECOND);
    assert_false(engine_failing(k->engine));
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_LOGGED), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_ACKNOWLEDGED), 1);
    assert_true(kit_timelines_are_whole(k));
}

/* What it found is dropped from the batch; what comes behind is spooled none the less, although the batch is shorter now. */
static void what_follows_a_commit_that_lied_is_spooled(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_lies = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    kit_accept_all(k);
    k->commit_lies = false;
    k->commit_fails = true;
    kit_until(k, 6 * MINUTE);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
    k->commit_fails = false;
    kit_restart(k, NULL);
    assert_int_equal(kit_attempts(k, OUTCOME_ACCEPTED), 1);
    assert_int_equal(entries_of_kind(k, ENTRY_LOGGED), 1);
    assert_true(kit_timelines_are_whole(k));
}

/* A start that can read and not write is no reason to page nobody. */
static void killed_twice_before_the_store_is_back(void **state)
{
    struct kit *k = *state;
    open_incident_while_it_fails(k);
    kit_restart(k, NULL);
    assert_true(engine_failing(k->engine));
    kit_credit(k, 100);
    kit_until(k, 11 * SECOND);
    assert_int_equal(k->sent.n, 2); /* repeated, and spooled behind the first */
    kit_restart(k, NULL);
    assert_true(k->recovery.spooled >= 2);
    k->commit_fails = false;
    kit_until(k, 13 * SECOND);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    assert_int_equal(kit_attempts(k, OUTCOME_UNCERTAIN), 2);
    assert_true(kit_timelines_are_whole(k));
}

static void without_a_spool_it_leaves_all_the_same_and_an_alarm_says_so(void **state)
{
    struct kit *k = *state;
    k->spool_bytes = 0;
    kit_restart(k, NULL);
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_int_equal(k->sent.n, 2);
    const struct delivery *alarm = world_delivery(engine_world(k->engine), k->sent.v[1].delivery);
    assert_int_equal(alarm->purpose, PURPOSE_ALARM);
    kit_alert_of(k, "Another", "critical", "jobs");
    kit_run(k);
    assert_int_equal(k->sent.n, 3); /* the page; no second alarm of the same */
}

static int attempts_sent(const struct kit *k, delivery_id delivery)
{
    int n = 0;
    for (size_t i = 0; i < k->sent.n; i++) n += k->sent.v[i].delivery == delivery;
    return n;
}

/* P3: a repeat that is written down nowhere would come again after every restart: it waits until it can be. */
static void without_a_spool_repeats_wait(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    k->spool_bytes = 0;
    kit_restart(k, NULL);
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    const delivery_id page = k->sent.v[0].delivery;
    struct post p = { .event = { .kind = EVENT_RESULT,
                                 .result = { .delivery = page, .attempt = 1, .outcome = OUTCOME_NOT_SENT } } };
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
    kit_until(k, 10 * SECOND);
    assert_int_equal(attempts_sent(k, page), 1);
    k->commit_fails = false;
    kit_until(k, 12 * SECOND);
    assert_int_equal(attempts_sent(k, page), 2);
}

static void a_full_spool_stops_no_page(void **state)
{
    struct kit *k = *state;
    k->spool_bytes = 64; /* no record fits */
    kit_restart(k, NULL);
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, HELD, "critical");
    kit_run(k);
    assert_int_equal(k->sent.n, 2);
    assert_int_equal(engine_counters(k->engine)->spool_failing, 1);
    k->commit_fails = false;
    kit_until(k, 2 * SECOND);
    assert_int_equal(engine_counters(k->engine)->spool_failing, 0);
}

/* I23: what is kept while commits fail has a bound: beyond it alerts are refused before they are stepped. */
static void what_is_kept_while_it_fails_is_bounded(void **state)
{
    struct kit *k = *state;
    open_incident_while_it_fails(k);
    kit_alert_of(k, "Stepped", "critical", "jobs");
    kit_run(k);
    assert_int_equal(world_count(engine_world(k->engine), ROW_INCIDENT), 2);
    assert_non_null(arena_alloc(k->engine->fx.arena, (size_t)65 << 20));
    k->told.n = 0;
    kit_alert_of(k, "NotStepped", "critical", "mails");
    kit_run(k);
    assert_int_equal(k->told.v[0].code, ERR_UNAVAILABLE);
    assert_int_equal(world_count(engine_world(k->engine), ROW_INCIDENT), 2);
}

/* P5: nobody learns it from a banner at three in the morning. */
static void a_store_that_fails_for_15_s_is_an_alarm(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_until(k, 24 * SECOND); /* the first idle commit is tried after 10 s */
    assert_int_equal(k->sent.n, 0);
    kit_until(k, 27 * SECOND);
    assert_int_equal(k->sent.n, 1);
    assert_int_equal(world_delivery(engine_world(k->engine), k->sent.v[0].delivery)->purpose, PURPOSE_ALARM);
    kit_accept_all(k);
    kit_until(k, 30 * MINUTE);
    assert_int_equal(k->sent.n, 1); /* again after an hour */
}

/* I23: hours of refusals pile nothing up: who was told is forgotten, and so is the rules' own answer to them. */
static void refusals_leave_nothing_behind(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, HELD, "critical");
    kit_run(k);
    k->commit_fails = true;
    kit_act(k, ACT_ACKNOWLEDGE, 1); /* waits for 5 s */
    for (int i = 0; i < 200; i++) {
        kit_alert(k, HELD, "critical");
        kit_run(k);
        assert_true(k->engine->waiting.n <= 1);
        assert_true(k->engine->fx.replies.n <= 1);
    }
    assert_int_equal(engine_counters(k->engine)->refused, 200);
    k->commit_fails = false;
    kit_until(k, 2 * SECOND);
    assert_int_equal(k->told.v[k->told.n - 1].code, 0); /* the acknowledgement, by the answer that the rules gave */
    assert_true(kit_stored_incident(k, 1).acknowledged_at != 0);
}

/* --- the file alone --- */

static struct clock_row clock_of(int64_t serial)
{
    return (struct clock_row){ .id = 1, .at = 5 * serial, .wall = -7, .boot_hi = INT64_MIN, .serial = serial };
}

static void write_record(struct kit *k, int64_t base, int64_t serial)
{
    struct error e = { 0 };
    const struct clock_row c = clock_of(serial);
    *vec_push(&k->fx.entries) = (struct entry){ .incident = 1, .seq = serial, .text = S("a text") };
    assert_int_equal(spool_write(k->spool, engine_world(k->engine), &k->fx, &c, base, &e), 0);
}

static size_t records_after(struct kit *k, int64_t serial)
{
    struct spool *s;
    struct spooled p;
    struct error e = { 0 };
    assert_int_equal(spool_open(k->spool_path, k->spool_bytes, &s, &e), 0);
    assert_int_equal(spool_read(s, serial, &p, &e), 0);
    const size_t n = p.records;
    if (n > 0) {
        const int64_t key = 1;
        assert_true(spooled_has(&p, ROW_CLOCK, &key));
        assert_int_equal(p.rows.v[0].row.v[3], INT64_MIN);
        assert_string_equal(p.entries.v[0].text.p, "a text");
    }
    spooled_release(&p);
    spool_close(&s);
    return n;
}

static void records_are_read_until_the_first_that_is_torn(void **state)
{
    struct kit *k = *state;
    write_record(k, 100, 101);
    const int64_t first = spool_used(k->spool);
    write_record(k, 100, 102);
    const int64_t second = spool_used(k->spool);
    write_record(k, 100, 103);
    assert_int_equal(records_after(k, 100), 3);
    assert_int_equal(records_after(k, 101), 2); /* what is committed is left out */
    assert_int_equal(records_after(k, 103), 0);
    const int fd = open(k->spool_path, O_RDWR | O_CLOEXEC);
    for (int64_t at = second - 1; at >= first; at--) { /* each byte of the second record in turn */
        char was, other;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        other = (char)(was ^ 1);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        assert_int_equal(records_after(k, 100), 1);
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    assert_int_equal(records_after(k, 100), 3);
    close(fd);
}

/* A shorter period over a longer one: what the longer left behind is not its end, whatever its serial was. */
static void an_older_period_is_not_read_behind_a_newer_one(void **state)
{
    struct kit *k = *state;
    struct error e = { 0 };
    write_record(k, 100, 301);
    write_record(k, 100, 302);
    spool_close(&k->spool); /* a crash: nothing was cleared */
    assert_int_equal(spool_open(k->spool_path, k->spool_bytes, &k->spool, &e), 0);
    effects_reset(&k->fx);
    write_record(k, 204, 205);
    assert_int_equal(records_after(k, 204), 1);
    spool_clear(k->spool);
    assert_int_equal(records_after(k, 100), 0);
}

/* The operator restores yesterday's backup beside today's spool: its rows would stand on others that are not there. */
static void nothing_is_put_over_an_older_store(void **state)
{
    struct kit *k = *state;
    struct spool *s;
    struct spooled p;
    struct error e = { 0 };
    write_record(k, 100, 101);
    assert_int_equal(spool_open(k->spool_path, k->spool_bytes, &s, &e), 0);
    assert_int_equal(spool_read(s, 99, &p, &e), ERR_CONFLICT);
    assert_int_equal(p.records, 0);
    spooled_release(&p);
    spool_close(&s);
}

/* ... nor does what this life then writes stand behind them, where the start after it would not get to. */
static void what_is_written_after_unreadable_records_is_read(void **state)
{
    struct kit *k = *state;
    struct spooled p;
    struct error e = { 0 };
    write_record(k, 100, 101);
    write_record(k, 100, 102);
    spool_close(&k->spool);
    assert_int_equal(spool_open(k->spool_path, k->spool_bytes, &k->spool, &e), 0);
    assert_int_equal(spool_read(k->spool, 50, &p, &e), ERR_CONFLICT);
    spooled_release(&p);
    effects_reset(&k->fx);
    write_record(k, 50, 51);
    assert_int_equal(records_after(k, 50), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_left_before_a_kill_is_known_after_it),
        TEST(what_was_spooled_is_there_once_when_the_store_comes_back_without_a_kill),
        TEST(later_records_say_what_changed),
        TEST(a_commit_that_lied_is_not_written_twice),
        TEST(a_commit_that_lied_leaves_a_sound_chain),
        TEST(a_commit_that_lied_is_found_by_who_lives_on),
        TEST(what_follows_a_commit_that_lied_is_spooled),
        TEST(killed_twice_before_the_store_is_back),
        TEST(without_a_spool_it_leaves_all_the_same_and_an_alarm_says_so),
        TEST(without_a_spool_repeats_wait),
        TEST(a_full_spool_stops_no_page),
        TEST(what_is_kept_while_it_fails_is_bounded),
        TEST(a_store_that_fails_for_15_s_is_an_alarm),
        TEST(refusals_leave_nothing_behind),
        TEST(records_are_read_until_the_first_that_is_torn),
        TEST(nothing_is_put_over_an_older_store),
        TEST(what_is_written_after_unreadable_records_is_read),
        TEST(an_older_period_is_not_read_behind_a_newer_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
