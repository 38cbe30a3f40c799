/* The engine with the real world, the memory store and a clock that stands still: batches, what leaves only after a
 * commit, what happens while commits fail, restarts, time (design: Functional core, Time; P1, P2, R12, R13, R42). */
#include "engine_kit.h"

#include <stdio.h>

#include "core/alert.h"

/* --- batches --- */

static void an_alert_is_answered_and_paged_after_its_commit(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 10);
    kit_alert(k, "HighErrorRate", "critical");
    assert_int_equal(k->told.n, 0); /* posted is not stepped */
    kit_run(k);
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, 0);
    assert_int_equal(k->sent.n, 1);
    assert_int_equal(k->sent.v[0].commits, k->commits); /* nothing left before the transaction was over */
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    assert_int_equal(kit_stored(k, ROW_ATTEMPT), 1); /* in the same commit as the page */
}

static void one_batch_is_one_commit(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    const int before = k->commits;
    for (int i = 0; i < 50; i++) kit_alert(k, i % 2 == 0 ? "A" : "B", "critical");
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
    assert_int_equal(k->told.n, 50);
}

static void nothing_to_do_is_no_commit(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    const int before = k->commits;
    kit_run(k);
    assert_int_equal(k->commits, before);
    clock_advance(k->clock, 10 * SECOND); /* but the clock row is never older than this (I21) */
    kit_run(k);
    assert_int_equal(k->commits, before + 1);
}

/* The document pages Secondary five minutes after the first page (examples: L154). */
static void a_batch_may_be_timers_only_and_is_never_early(void **state)
{
    struct kit *k = *state;
    int64_t due;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    assert_true(engine_next_due(k->engine, &due));
    assert_true(due > clock_read(k->clock).steady_ms);
    const size_t sent = k->sent.n;
    kit_until(k, 5 * MINUTE - 1);
    assert_int_equal(kit_pages_to(k, "secondary"), 0);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
    assert_true(k->sent.n > sent);
}

/* Design, Functional core: a fact stamped exactly at a deadline is in time. */
static void an_act_counts_from_when_it_came_in(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    kit_until(k, 5 * MINUTE - 1);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    clock_advance(k->clock, 3 * SECOND); /* the engine was busy: the deadline has passed when it looks */
    kit_run(k);
    assert_int_equal(k->told.v[k->told.n - 1].code, 0);
    assert_int_equal(kit_pages_to(k, "secondary"), 0);
}

/* --- a store that fails --- */

static void alerts_hear_it_at_once_and_urgent_pages_leave_all_the_same(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, ERR_UNAVAILABLE);
    assert_int_equal(k->sent.n, 1); /* unjournaled */
    assert_int_equal(engine_counters(k->engine)->unjournaled, 1);
    assert_true(engine_failing(k->engine));
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 0);
    k->commit_fails = false;
    kit_until(k, 2 * SECOND);
    assert_false(engine_failing(k->engine));
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1); /* the rows were kept */
    assert_int_equal(kit_stored(k, ROW_ATTEMPT), 1);
    assert_int_equal(k->sent.n, 1); /* and left once */
}

static void quiet_pages_wait_for_the_commit(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, "CertificateExpiry", "warning");
    kit_run(k);
    assert_int_equal(k->sent.n, 0);
    k->commit_fails = false;
    kit_until(k, 2 * SECOND);
    assert_int_equal(k->sent.n, 1);
}

static void acts_get_503_before_stepping(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    k->commit_fails = true;
    kit_alert(k, "Other", "critical");
    kit_run(k);
    k->told.n = 0;
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, ERR_UNAVAILABLE);
    assert_int_equal(world_incident(engine_world(k->engine), 1)->acknowledged_at, 0);
}

/* R115: an act counts from when it came in, not from when the engine had time for it; an alert from its step. */
static void an_act_is_stamped_when_it_comes_in(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    const int64_t opened = world_incident(engine_world(k->engine), 1)->opened_at;
    clock_advance(k->clock, 10 * SECOND);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    clock_advance(k->clock, 700);
    kit_run(k);
    const struct incident *i = world_incident(engine_world(k->engine), 1);
    assert_int_equal(i->acknowledged_at, opened + 10 * SECOND);
    assert_int_equal(i->acknowledged_wall, i->opened_wall + 10 * SECOND);
}

static void snooze_until(struct kit *k, int64_t wall)
{
    struct error e = { 0 };
    const struct act snooze = {
        .kind = ACT_SNOOZE, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .text = S("tomorrow"), .ends = wall
    };
    struct post p = { .event = { .kind = EVENT_ACT, .act = &snooze } };
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
    kit_run(k);
}

/* R42: what is due by the clock on the wall follows it when somebody sets it, either way, while we run or are away. */
static void a_clock_that_is_set_moves_what_is_due_by_it(void **state)
{
    static const struct {
        int64_t by;
        bool away;
    } rows[] = { { HOUR, false }, { -HOUR, false }, { HOUR, true }, { -HOUR, true } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (i > 0) assert_int_equal(kit_teardown(state) + kit_setup(state), 0);
        struct kit *k = *state;
        kit_alert(k, "Typo", "ticket");
        kit_run(k);
        snooze_until(k, clock_read(k->clock).wall_ms + 2 * HOUR);
        clock_step_wall(k->clock, rows[i].by);
        if (rows[i].away) kit_restart(k, NULL);
        kit_until(k, 2 * HOUR - rows[i].by - SECOND);
        assert_int_not_equal(world_incident(engine_world(k->engine), 1)->snoozed_until_wall, 0);
        kit_until(k, 2 * HOUR - rows[i].by + SECOND);
        assert_int_equal(world_incident(engine_world(k->engine), 1)->snoozed_until_wall, 0);
    }
}

/* R42: deadlines are durations; a clock that is set by hours makes none come earlier or later. */
static void a_clock_that_is_set_moves_no_deadline(void **state)
{
    static const int64_t rows[] = { 0, 6 * HOUR, -6 * HOUR };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (i > 0) assert_int_equal(kit_teardown(state) + kit_setup(state), 0);
        struct kit *k = *state;
        kit_alert(k, "HighErrorRate", "critical");
        kit_run(k);
        clock_step_wall(k->clock, rows[i]);
        kit_until(k, 5 * MINUTE - 1);
        assert_int_equal(kit_pages_to(k, "secondary"), 0);
        kit_until(k, 5 * MINUTE);
        assert_int_equal(kit_pages_to(k, "secondary"), 1);
    }
}

/* P1: what was closed leaves memory a day later, but not before the store knows that it was closed. */
static void what_is_not_committed_does_not_leave_the_world(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_act(k, ACT_RESOLVE, 1);
    kit_run(k);
    k->commit_fails = true;
    clock_advance(k->clock, HOUR);
    kit_run(k);
    clock_advance(k->clock, 25 * HOUR);
    kit_run(k);
    k->commit_fails = false;
    clock_advance(k->clock, 2 * SECOND);
    kit_run(k);
    assert_int_equal(kit_stored_incident(k, 1).state, INCIDENT_CLOSED);
    clock_advance(k->clock, 2 * MINUTE);
    kit_run(k);
    assert_null(world_incident(engine_world(k->engine), 1));
}

/* P1, I1: what belongs to no incident leaves a day after its end, but not before the store knows that it ended. */
static void an_end_that_is_not_committed_is_not_forgotten(void **state)
{
    struct kit *k = *state;
    const struct live_kept *live;
    kit_alert(k, "Backup", "info"); /* opens nothing */
    kit_run(k);
    k->commit_fails = true;
    clock_advance(k->clock, MINUTE);
    kit_alert_ends(k, "Backup", "info");
    kit_run(k);
    clock_advance(k->clock, 25 * HOUR);
    kit_run(k);
    k->commit_fails = false;
    clock_advance(k->clock, 2 * SECOND);
    kit_run(k);
    kit_restart(k, NULL);
    live = world_alert_live(engine_world(k->engine), 1);
    assert_true(live == NULL || live->state == ALERT_RESOLVED);
}

/* A batch takes at most 512 timers: whoever is at the door meanwhile does not wait for a flood of them (I12). */
static void a_flood_of_timers_lets_others_in(void **state)
{
    enum { FLOOD = 600, AT_ONCE = 512 };
    static char names[FLOOD][8];
    struct kit *k = *state;
    for (int i = 0; i < FLOOD; i++) {
        snprintf(names[i], sizeof names[i], "A%d", i);
        kit_alert_of(k, names[i], "critical", "nobody's"); /* an incident each, and each has a level in five minutes */
    }
    kit_run(k);
    kit_until(k, 5 * MINUTE - 1);
    const int64_t before = engine_counters(k->engine)->timers;
    clock_advance(k->clock, 1);
    assert_true(engine_run_batch(k->engine));
    assert_int_equal(engine_counters(k->engine)->timers - before, AT_ONCE);
    kit_act(k, ACT_NOTE, 1);
    engine_run_batch(k->engine);
    assert_int_equal(k->told.n, FLOOD + 1);
    kit_run(k);
    assert_int_equal(kit_pages_to(k, "secondary"), FLOOD);
}

/* I23: at the limit a flood of alerts that nobody knows costs no commit; one that is known is taken with its request. */
static void what_is_refused_at_the_limit_writes_nothing(void **state)
{
    struct kit *k = *state;
    struct world *w = (struct world *)(uintptr_t)engine_world(k->engine);
    kit_alert(k, "Known", "critical");
    kit_run(k);
    w->limits.alerts = 1;
    k->told.n = 0;
    const int commits = k->commits;
    kit_alert(k, "Unknown", "critical");
    kit_run(k);
    assert_int_equal(k->told.v[0].code, ERR_BUSY);
    assert_int_equal(k->commits, commits);
    kit_alert(k, "Known", "critical");
    kit_run(k);
    assert_int_equal(k->told.v[1].code, 0);
    assert_int_equal(k->commits, commits + 1);
}

static void acts_in_the_failed_batch_are_unknown_after_5_s(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    k->told.n = 0;
    k->commit_fails = true;
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    assert_int_equal(k->told.n, 0);
    kit_until(k, 5 * SECOND - 1);
    assert_int_equal(k->told.n, 0);
    kit_until(k, 6 * SECOND - 1); /* by the next try */
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, ERR_UNKNOWN);
    k->commit_fails = false;
    kit_until(k, 8 * SECOND);
    assert_int_equal(k->told.n, 1); /* once is enough */
    assert_true(kit_stored_incident(k, 1).acknowledged_at != 0); /* it did happen */
}

static void an_act_whose_batch_is_saved_within_5_s_is_answered_as_ever(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    k->told.n = 0;
    k->commit_fails = true;
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    k->commit_fails = false;
    kit_until(k, 3 * SECOND);
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, 0);
}

static void timers_and_results_go_on_while_commits_fail(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    k->commit_fails = true;
    kit_accept_all(k);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
    assert_int_equal(kit_deliveries(k, DELIVERY_ACCEPTED), 1); /* the first page; Secondary's is in flight */
    k->commit_fails = false;
    kit_until(k, 5 * MINUTE + 2 * SECOND);
    assert_int_equal(kit_stored(k, ROW_PAGE), (int)world_count(engine_world(k->engine), ROW_PAGE));
}

/* --- restarts --- */

static void a_second_engine_goes_on_where_the_first_ended(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    kit_until(k, 4 * MINUTE);
    kit_restart(k, NULL);
    assert_int_equal(k->recovery.incidents, 1);
    assert_false(k->recovery.first_start);
    assert_false(k->recovery.activated); /* the same documents */
    kit_credit(k, 100);
    kit_until(k, 5 * MINUTE - 1);
    assert_int_equal(kit_pages_to(k, "secondary"), 0);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_to(k, "secondary"), 1);
}

/* P3: what was in flight is uncertain; what was answered is not sent again. */
static void nothing_accepted_is_sent_twice(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    kit_run(k);
    kit_restart(k, NULL);
    k->sent.n = 0;
    kit_credit(k, 100);
    kit_run(k);
    assert_int_equal(k->sent.n, 0);
}

/* R12: open incidents keep their bundle; R13: the first start activates, the same bytes never again. */
static void another_document_is_another_bundle_and_open_incidents_keep_theirs(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_restart(k, "rules: []\n");
    assert_true(k->recovery.activated);
    assert_int_equal(k->recovery.active, 2);
    assert_int_equal(k->recovery.bundles, 1); /* compiled again from the stored bytes */
    kit_alert_of(k, "AnotherThing", "critical", "jobs");
    kit_run(k);
    assert_int_equal(kit_stored_incident(k, 1).bundle, 1);
    assert_int_equal(kit_stored_incident(k, 2).bundle, 2);
    struct live_bundle *in_use[4];
    assert_int_equal(engine_bundles(k->engine, in_use, 4), 2);
    assert_int_equal(bundle_id_of(in_use[0]), 2); /* the active one first */
    bundle_release(&in_use[0]);
    bundle_release(&in_use[1]);
}

/* After an upgrade each bundle in use is compiled again; where its hash differs the open incidents say so and the
 * administrators are told, once. */
static void another_meaning_after_an_upgrade_is_told(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    k->compile = kit_compile_otherwise;
    kit_restart(k, "rules: []\n"); /* the files hold another bundle, so that the stored one is compiled */
    assert_int_equal(1, kit_said(k, 1, "Bundle 1 means something else since Tocsin was upgraded"));
    assert_int_equal(1, kit_said(k, 0, "bundle 1 means something else"));
    assert_int_equal(1, kit_said(k, 0, "open incidents that follow it: INC-1"));
    const int deliveries = kit_stored(k, ROW_DELIVERY);
    assert_true(deliveries > 1); /* the page, and the alarm */
    kit_restart(k, "rules: []\n");
    assert_int_equal(kit_stored(k, ROW_DELIVERY), deliveries);
}

static void a_bundle_that_compiles_no_more_is_told(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_restart(k, "rules: []\n");
    k->compile = kit_compile_never;
    kit_restart(k, "rules: []\n");
    assert_int_equal(1, kit_said(k, 1, "Bundle 1 does not compile any more (line 331 is not understood)"));
    assert_int_equal(1, kit_said(k, 1, "goes on by bundle 2"));
    assert_int_equal(1, kit_said(k, 0, "bundle 1 does not compile any more"));
    kit_credit(k, 100);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_of(k, 1, "secondary"), 1);
}

/* The document's number is what counts, for each incident that of its own bundle. */
static void other_minutes_hold_for_new_incidents_alone(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    kit_until(k, MINUTE);
    kit_restart_with_minutes(k, "3");
    assert_true(k->recovery.activated);
    kit_credit(k, 100);
    kit_alert_of(k, "AnotherThing", "critical", "jobs");
    kit_run(k);
    kit_accept_all(k);
    kit_until(k, 4 * MINUTE - 1);
    assert_int_equal(kit_pages_of(k, 2, "secondary"), 0);
    kit_until(k, 4 * MINUTE);
    assert_int_equal(kit_pages_of(k, 2, "secondary"), 1); /* opened at T+1, three minutes later */
    kit_until(k, 5 * MINUTE - 1);
    assert_int_equal(kit_pages_of(k, 1, "secondary"), 0);
    kit_until(k, 5 * MINUTE);
    assert_int_equal(kit_pages_of(k, 1, "secondary"), 1); /* five, as when it opened */
}

static void a_broken_document_leaves_the_last_one_active(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    kit_restart(k, "broken: [\n");
    assert_true(k->recovery.kept_last);
    assert_int_equal(k->recovery.active, 1);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_int_equal(kit_stored_incident(k, 1).bundle, 1);
}

static void without_any_bundle_there_is_nothing_to_run(void **state)
{
    struct kit *k = *state;
    struct store *other;
    struct error e = { 0 };
    struct recovery r;
    assert_int_equal(store_open("memory:", &other, &e), 0);
    struct engine *engine = engine_create(&(struct engine_options){ .clock = k->clock, .store = other });
    const struct recover_options how = { .directory = &k->site->dir, .compile = kit_compile };
    assert_int_equal(engine_recover(engine, &how, &r, &e), ERR_INVALID);
    assert_non_null(strstr(e.detail, "tocsin check"));
    engine_destroy(&engine);
    store_close(&other);
}

/* --- time --- */

static void the_steady_clock_goes_on_over_a_reboot(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    const struct moment before = engine_moment(k->engine, clock_read(k->clock));
    kit_reboot(k, (struct moment){ 500, before.wall_ms + 90 * SECOND }); /* BOOTTIME starts anew */
    const struct moment after = engine_moment(k->engine, clock_read(k->clock));
    assert_int_equal(after.steady_ms, before.steady_ms + 90 * SECOND);
    assert_int_equal(k->recovery.down_ms, 90 * SECOND);
}

static void a_wall_clock_behind_the_last_commit_costs_no_time(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    const struct moment before = engine_moment(k->engine, clock_read(k->clock));
    kit_reboot(k, (struct moment){ 500, before.wall_ms - HOUR });
    assert_int_equal(engine_moment(k->engine, clock_read(k->clock)).steady_ms, before.steady_ms);
}

static void the_same_boot_trusts_the_boot_clock_and_not_the_wall(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    const struct moment before = engine_moment(k->engine, clock_read(k->clock));
    clock_advance(k->clock, 20 * MINUTE);
    clock_step_wall(k->clock, DAY);
    kit_restart(k, NULL);
    assert_int_equal(k->recovery.down_ms, 20 * MINUTE);
    assert_int_equal(engine_moment(k->engine, clock_read(k->clock)).steady_ms, before.steady_ms + 20 * MINUTE);
}

/* R42: more than 2 s, either way, is an event of its own; less is drift. */
static void a_clock_that_is_set_is_noticed_once(void **state)
{
    static const struct {
        int64_t by, steps; /* the sum of drifts counts */
    } rows[] = { { 2000, 0 }, { 1, 1 },    { 0, 1 },    { -2000, 1 }, { -1, 2 },
                 { 0, 2 },    { HOUR, 3 }, { -HOUR, 4 }, { 0, 4 } };
    struct kit *k = *state;
    const struct engine_counters *c = engine_counters(k->engine);
    kit_run(k);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        clock_step_wall(k->clock, rows[i].by);
        kit_run(k);
        assert_int_equal(c->clock_steps, rows[i].steps);
    }
}

static void the_pair_is_in_every_commit(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    clock_advance(k->clock, 1234);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    const struct moment now = engine_moment(k->engine, clock_read(k->clock));
    const struct clock_row row = kit_stored_clock(k);
    assert_int_equal(row.at, now.steady_ms);
    assert_int_equal(row.wall, now.wall_ms);
}

/* --- the door --- */

static void a_closed_door_refuses_people_and_takes_results(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 10);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    engine_close(k->engine);
    assert_int_equal(kit_try_alert(k, "Late", "critical"), ERR_BUSY);
    kit_accept_all(k);
    kit_run(k);
    assert_int_equal(kit_deliveries(k, DELIVERY_ACCEPTED), 1);
}

static void whoever_waits_when_it_ends_is_answered(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    engine_destroy(&k->engine);
    assert_int_equal(k->told.n, 1);
    assert_int_equal(k->told.v[0].code, ERR_UNAVAILABLE);
}

/* --- everything at once --- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static const char *const names[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L" };
static const char *const services[] = { "dashboard", "jobs", "nowhere" };
static const char *const severities[] = { "critical", "warning", "ticket", "" };
#define PICK(seed, list) list[next_random(seed) % (sizeof list / sizeof list[0])]

/* Half of them old acquaintances, half never heard of: those are the ones that would be missed. */
static const char *any_name(uint32_t *seed)
{
    static char fresh[4096][8];
    static size_t n;
    if (n == sizeof fresh / sizeof fresh[0] || next_random(seed) % 2 == 0) return PICK(seed, names);
    char *name = fresh[n++];
    for (size_t i = 0, rest = n; i < 5; i++, rest /= 10) name[i] = (char)('0' + rest % 10);
    return name;
}

static void one_surprise(struct kit *k, uint32_t *seed)
{
    switch (next_random(seed) % 12) {
    case 0:
    case 1:
    case 2:
    case 3: kit_alert_of(k, any_name(seed), PICK(seed, severities), PICK(seed, services)); break;
    case 4: kit_alert_ends(k, PICK(seed, names), "critical"); break;
    case 5:
        kit_act(k, ACT_ACKNOWLEDGE, 1 + next_random(seed) % 6);
        kit_run(k);
        break;
    case 6: kit_accept_all(k); break;
    case 7: kit_credit(k, 3); break;
    case 8: k->commit_fails = next_random(seed) % 3 == 0; break;
    case 9: clock_advance(k->clock, next_random(seed) % (20 * MINUTE)); break;
    case 10: clock_step_wall(k->clock, (int64_t)(next_random(seed) % (2 * HOUR)) - HOUR); break;
    case 11:
        k->commit_fails = false; /* a store that does not take the first commit is no start */
        kit_restart(k, NULL); /* as a crash: what was held is lost */
        break;
    }
    kit_run(k);
}

/* P1, I19: an alert that was told 0 is on disk, whatever fails and dies in between; timelines never have a gap. */
static void whatever_happens_what_was_answered_is_on_disk(void **state)
{
    struct kit *k = *state;
    uint32_t seed = 20260105;
    for (int i = 0; i < 3000; i++) one_surprise(k, &seed);
    k->commit_fails = false;
    clock_advance(k->clock, MINUTE);
    kit_run(k);
    assert_false(engine_failing(k->engine));
    size_t good = 0;
    for (size_t i = 0; i < k->told.n; i++) {
        if (k->told.v[i].alert == NULL || k->told.v[i].code != 0) continue;
        good++;
        if (!kit_stored_alert(k, k->told.v[i].alert)) fail_msg("%s was promised and is not there", k->told.v[i].alert);
    }
    assert_true(good > 100);
    assert_true(kit_timelines_are_whole(k));
    assert_int_equal(kit_stored(k, ROW_INCIDENT) >= (int)world_count(engine_world(k->engine), ROW_INCIDENT), 1);
}

static int firing_in_world(const struct kit *k)
{
    const struct incident *i = world_incident(engine_world(k->engine), 1);
    return i == NULL ? -1 : (int)i->firing;
}

/* I21: a machine that slept, or a process that was stopped, heard nobody; what was said holds for as long as it did. */
static void nothing_expires_while_the_process_stands_still(void **state)
{
    struct kit *k = *state;
    for (int i = 0; i < 3; i++) {
        kit_alert(k, "HighErrorRate", "critical"); /* said again and again: this sender is expected to speak */
        kit_until(k, i * MINUTE);
    }
    clock_advance(k->clock, 2 * HOUR);
    kit_run(k);
    assert_int_equal(firing_in_world(k), 1);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 1);
    const int64_t woke = 2 * MINUTE + 2 * HOUR;
    kit_until(k, woke + 3 * MINUTE);
    assert_int_equal(firing_in_world(k), 1);
    kit_until(k,
              woke + 5 * MINUTE); /* it was heard of at T+1: five minutes of listening are over, the sender is silent */
    assert_int_equal(firing_in_world(k), 0);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 2);
}

/* R149: an alert is its labels, also for a process that finds an older episode of it on disk. */
static void an_alert_that_had_left_and_came_back_is_one_after_a_restart(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_alert_ends(k, "HighErrorRate", "critical");
    kit_until(k, 25 * HOUR);
    assert_null(world_incident(engine_world(k->engine), 1)); /* it left with its alert */
    clock_step_wall(k->clock, -2 * HOUR); /* so that the last commit's day begins before the alert ended */
    kit_alert(k, "HighErrorRate", "critical");
    kit_until(k, 25 * HOUR + MINUTE);
    assert_int_equal(kit_stored(k, ROW_ALERT), 2);
    kit_restart(k, NULL);
    assert_int_equal(world_count(engine_world(k->engine), ROW_ALERT), 2);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_int_equal(kit_stored(k, ROW_ALERT), 2);
    assert_int_equal(world_incident(engine_world(k->engine), 2)->firing, 1);
    assert_int_equal(world_incident(engine_world(k->engine), 2)->alerts, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_alert_is_answered_and_paged_after_its_commit),
        TEST(one_batch_is_one_commit),
        TEST(nothing_to_do_is_no_commit),
        TEST(a_batch_may_be_timers_only_and_is_never_early),
        TEST(an_act_counts_from_when_it_came_in),
        TEST(alerts_hear_it_at_once_and_urgent_pages_leave_all_the_same),
        TEST(quiet_pages_wait_for_the_commit),
        TEST(acts_get_503_before_stepping),
        TEST(an_act_is_stamped_when_it_comes_in),
        TEST(a_clock_that_is_set_moves_what_is_due_by_it),
        TEST(a_clock_that_is_set_moves_no_deadline),
        TEST(what_is_not_committed_does_not_leave_the_world),
        TEST(an_end_that_is_not_committed_is_not_forgotten),
        TEST(a_flood_of_timers_lets_others_in),
        TEST(what_is_refused_at_the_limit_writes_nothing),
        TEST(acts_in_the_failed_batch_are_unknown_after_5_s),
        TEST(an_act_whose_batch_is_saved_within_5_s_is_answered_as_ever),
        TEST(timers_and_results_go_on_while_commits_fail),
        TEST(a_second_engine_goes_on_where_the_first_ended),
        TEST(nothing_accepted_is_sent_twice),
        TEST(another_document_is_another_bundle_and_open_incidents_keep_theirs),
        TEST(other_minutes_hold_for_new_incidents_alone),
        TEST(another_meaning_after_an_upgrade_is_told),
        TEST(a_bundle_that_compiles_no_more_is_told),
        TEST(a_broken_document_leaves_the_last_one_active),
        TEST(without_any_bundle_there_is_nothing_to_run),
        TEST(the_steady_clock_goes_on_over_a_reboot),
        TEST(a_wall_clock_behind_the_last_commit_costs_no_time),
        TEST(the_same_boot_trusts_the_boot_clock_and_not_the_wall),
        TEST(a_clock_that_is_set_is_noticed_once),
        TEST(the_pair_is_in_every_commit),
        TEST(a_closed_door_refuses_people_and_takes_results),
        TEST(whoever_waits_when_it_ends_is_answered),
        TEST(nothing_expires_while_the_process_stands_still),
        TEST(an_alert_that_had_left_and_came_back_is_one_after_a_restart),
        TEST(whatever_happens_what_was_answered_is_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
