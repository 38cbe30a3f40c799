/* The self-audit: what passes, what is a warning, what stops the heartbeat; and the canary (P4, P5, I9, I23, I28;
 * docs/operating.md). On the simulated clock, with the engine and the rules as they are. */
#include "engine_kit.h"

#include "core/delivery.h"
#include "core/state.h"
#include "engine/auditor.h"

static struct audit audit;

static void look(struct kit *k)
{
    audit_reset(&audit, clock_read(k->clock).wall_ms);
    audit_world(&audit, engine_world(k->engine), engine_moment(k->engine, clock_read(k->clock)));
}

static enum audit_state state_of(enum audit_check c)
{
    return audit.lines[c].state;
}

static bool says(enum audit_check c, const char *words)
{
    return slice_find(buf_slice(&audit.lines[c].text), slice_of(words)) < audit.lines[c].text.len;
}

static int end(void **state)
{
    audit_release(&audit);
    return kit_teardown(state);
}

/* --- the world --- */

static void a_quiet_house_passes(void **state)
{
    struct kit *k = *state;
    kit_run(k);
    look(k);
    for (size_t i = 1; i < AUDIT_CHECK_MAX; i++)
        if (audit.lines[i].state > AUDIT_OK) fail_msg("%s: %s", audit_check_name(i), buf_str(&audit.lines[i].text));
    assert_int_equal(state_of(AUDIT_ON_CALL), AUDIT_OK);
    assert_int_equal(state_of(AUDIT_GAPS), AUDIT_OK);
}

/* P4: a deadline fires at most a second late. */
static void a_timer_that_is_overdue_fails(void **state)
{
    struct kit *k = *state;
    kit_credit(k, 100);
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    kit_accept_all(k);
    kit_run(k);
    clock_advance(k->clock, 5 * MINUTE + SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_TIMERS), AUDIT_OK);
    clock_advance(k->clock, 1);
    look(k);
    assert_int_equal(state_of(AUDIT_TIMERS), AUDIT_FAILING);
    kit_run(k);
    look(k);
    assert_int_equal(state_of(AUDIT_TIMERS), AUDIT_OK);
}

/* P1, I23: who sends what is not known yet hears 503, and nobody is paged for it: told before it comes so far. */
static void a_world_that_fills_up_warns_and_fails(void **state)
{
    static const struct {
        int64_t alerts; /* the limit; 9 are held */
        bool texts; /* no room for more of them */
        enum audit_state state;
        const char *says;
    } rows[] = {
        { 100, false, AUDIT_OK, "9 % of 100 alerts" },
        { 11, false, AUDIT_OK, "81 % of 11 alerts" },
        { 10, false, AUDIT_WARNING, "90 % of 10 alerts are held: at 100 % new ones are refused" },
        { 9, false, AUDIT_FAILING, "the limit of 9 alerts is reached: alerts that are not known yet are refused" },
        { 100, true, AUDIT_FAILING, "bytes of texts is reached" },
    };
    struct kit *k = *state;
    struct world *w = (struct world *)(uintptr_t)engine_world(k->engine);
    for (int i = 0; i < 9; i++) kit_alert(k, (const char *[]){ "A", "B", "C", "D", "E", "F", "G", "H", "I" }[i], "none");
    kit_run(k);
    assert_int_equal(world_count(w, ROW_ALERT), 9);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        w->limits.alerts = rows[i].alerts;
        w->limits.bytes = rows[i].texts ? w->bytes - 1 : w->bytes * 100;
        look(k);
        if (state_of(AUDIT_LIMITS) != rows[i].state || !says(AUDIT_LIMITS, rows[i].says))
            fail_msg("row %zu: %s", i, buf_str(&audit.lines[AUDIT_LIMITS].text));
    }
}

/* P4, P5: what became due while nobody was there is not late because of that: the first look after a start stops no
 * heartbeat. What is still there when recovery's time is over is. */
static void what_a_restart_finds_is_not_late_yet(void **state)
{
    static const struct {
        int64_t after_start;
        enum audit_check check;
        enum audit_state state;
    } rows[] = {
        { 0, AUDIT_TIMERS, AUDIT_OK },
        { 5 * SECOND, AUDIT_TIMERS, AUDIT_OK },
        { 5 * SECOND + 1, AUDIT_TIMERS, AUDIT_FAILING },
        { 0, AUDIT_DELIVERIES, AUDIT_OK },
        { MINUTE, AUDIT_DELIVERIES, AUDIT_OK },
        { MINUTE + 1, AUDIT_DELIVERIES, AUDIT_FAILING },
        { 0, AUDIT_PAGES, AUDIT_WARNING }, /* no provider took it: that is true, and it is on its way again */
        { 5 * MINUTE, AUDIT_PAGES, AUDIT_FAILING },
    };
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical"); /* its page waits for a courier */
    kit_run(k);
    clock_advance(k->clock, 20 * MINUTE); /* nobody was there */
    const int64_t start = engine_moment(k->engine, clock_read(k->clock)).steady_ms;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct moment now = engine_moment(k->engine, clock_read(k->clock));
        audit_reset(&audit, 1);
        audit.since = start;
        now.steady_ms += rows[i].after_start;
        audit_world(&audit, engine_world(k->engine), now);
        if (state_of(rows[i].check) != rows[i].state)
            fail_msg("%s after %lld ms: %s", audit_check_name(rows[i].check), (long long)rows[i].after_start,
                     audit_state_name(state_of(rows[i].check)));
    }
    audit.since = 0;
}

/* The auditor knows since when it looks. */
static void the_first_look_after_a_start_is_calm(void **state)
{
    struct kit *k = *state;
    struct outbox *o = outbox_create(S("0123456789abcdef0123456789abcdef"));
    struct auditor *a =
        auditor_create(&(struct auditor_options){ .engine = k->engine, .outbox = o, .store = k->store, .clock = k->clock });
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    clock_advance(k->clock, 20 * MINUTE);
    auditor_tick(a, clock_read(k->clock));
    auditor_read(a, &audit);
    assert_int_equal(state_of(AUDIT_TIMERS), AUDIT_OK);
    assert_int_equal(state_of(AUDIT_DELIVERIES), AUDIT_OK);
    auditor_destroy(&a);
    outbox_destroy(&o);
}

/* I9: what waits for more than 60 s carries a reason that people see. */
static void a_page_that_waits_for_credit_fails_after_60_s(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical"); /* no credit was ever given */
    kit_until(k, 60 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_DELIVERIES), AUDIT_OK);
    kit_until(k, 61 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_DELIVERIES), AUDIT_FAILING);
    assert_true(says(AUDIT_DELIVERIES, "channel log has no credit"));
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_WARNING); /* it may still go: five minutes */
    kit_credit(k, 100);
    kit_run(k);
    kit_accept_all(k);
    kit_run(k);
    look(k);
    assert_int_equal(state_of(AUDIT_DELIVERIES), AUDIT_OK);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_OK);
}

/* P5: nobody's provider took it. An acknowledgement, by whatever way somebody heard of it, ends that. */
static void a_page_that_nobody_took_fails_after_five_minutes(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "HighErrorRate", "critical");
    kit_until(k, 5 * MINUTE - SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_WARNING);
    kit_until(k, 5 * MINUTE);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_FAILING);
    assert_true(says(AUDIT_PAGES, "of INC-1"));
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_OK);
}

/* A quiet page that no provider takes is one like any other (P5); so is one that goes out while somebody has the incident,
 * but somebody knows of that: a warning. */
static void quiet_pages_and_later_ones_are_looked_at_too(void **state)
{
    struct kit *k = *state;
    kit_alert(k, "DiskHalfFull", "ticket");
    kit_until(k, 60 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_OK);
    kit_until(k, 61 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_WARNING);
    kit_until(k, 5 * MINUTE);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_FAILING);
    kit_act(k, ACT_ACKNOWLEDGE, 1);
    kit_run(k);
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_OK);
    kit_until(k, 32 * MINUTE); /* the commander is paged at T+30, and no provider takes that either */
    look(k);
    assert_int_equal(state_of(AUDIT_PAGES), AUDIT_WARNING);
    assert_true(says(AUDIT_PAGES, "of INC-1"));
}

/* --- who would be paged --- */

static const char people_yaml[] =
    "organisation: { name: Test, timezone: Europe/Berlin, procedures: [reference.md] }\n"
    "teams: { platform: { services: [dashboard, jobs], roles: { primary: { schedule: duty } } } }\n"
    "services: { dashboard: { name: Dashboard%s }, jobs: { name: Jobs } }\n"
    "people:\n"
    "  ada: { name: Ada, contacts: { phone: '+1' } }\n"
    "  grace: { name: Grace, contacts: { phone: '+3' } }\n"
    "  joan: { name: Joan, contacts: { %s } }\n"
    "schedules: { duty: { rotation: weekly, handoff: 'Mon 09:00', people: [%s] } }\n"
    "channels: { log: { log: {}, for: [phone], wakes: true }, chat: { log: {}, for: [slack] } }\n"
    "unrouted: { team: platform }\n"
    "administrators: [%s]\n"
    "http: { listen: '127.0.0.1:0', responder: '127.0.0.1:0' }\n";

static const char *administrator = "ada";

static struct site *site_with(const char *service, const char *joan, const char *turns_of)
{
    struct problems *problems = problems_create();
    struct buf text = { 0 };
    struct site *site;
    buf_addf(&text, people_yaml, service, joan, turns_of, administrator);
    if (site_load_bytes("site.yaml", buf_slice(&text), &site, problems) < 0) {
        buf_reset(&text);
        problems_print(problems, &text);
        fail_msg("%s", buf_str(&text));
    }
    problems_destroy(&problems);
    buf_release(&text);
    return site;
}

static void live_by(struct kit *k, struct site *site)
{
    struct error e = { 0 };
    const struct post p = { .event = { .kind = EVENT_SITE, .site = &site->dir } };
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
    kit_run(k);
    look(k);
    const struct post back = { .event = { .kind = EVENT_SITE, .site = &k->site->dir } };
    assert_int_equal(engine_post(k->engine, &back, &e), 0);
    kit_run(k);
    site_destroy(&site);
}

static void a_service_that_reaches_nobody_now_fails(void **state)
{
    struct kit *k = *state;
    live_by(k,
            site_with(", roles: { primary: { people: [joan] } }", "mail: joan@example.org", /* no channel carries it */
                      "ada, joan"));
    assert_int_equal(state_of(AUDIT_ON_CALL), AUDIT_FAILING);
    assert_true(says(AUDIT_ON_CALL, "Dashboard") || says(AUDIT_ON_CALL, "dashboard"));
}

/* The clock stands on Monday, 2026-01-05, 04:00 in Berlin, five hours before the hand-off: what is missing from then on
 * stops the heartbeat, what is missing from the hand-off of the week after is a warning while there is time. */
static const struct {
    const char *what, *turns, *joan;
    enum audit_state on_call, gaps, waking;
    enum audit_check check;
    const char *says;
} turns[] = {
    { "reached from now on by nobody", "ada, joan", "mail: joan@example.org", AUDIT_FAILING, AUDIT_WARNING,
      AUDIT_WARNING, AUDIT_ON_CALL, "nobody who can be reached is primary" },
    { "and again a week later", "ada, joan", "mail: joan@example.org", AUDIT_FAILING, AUDIT_WARNING, AUDIT_WARNING,
      AUDIT_GAPS, "from 2026-01-12T08:00:00Z" },
    { "reached by nobody from today's hand-off on", "joan, ada", "mail: joan@example.org", AUDIT_OK, AUDIT_FAILING,
      AUDIT_OK, AUDIT_GAPS, "from 2026-01-05T08:00:00Z" },
    { "by chat alone, now", "ada, joan", "slack: joan", AUDIT_OK, AUDIT_OK, AUDIT_FAILING, AUDIT_WAKING,
      "Joan has no contact by a channel that wakes, and is paged first now" },
    { "by chat alone, from today's hand-off on", "joan, ada", "slack: joan", AUDIT_OK, AUDIT_OK, AUDIT_FAILING,
      AUDIT_WAKING, "Joan has no contact by a channel that wakes, and is paged first from 2026-01-05T08:00:00Z" },
    { "by chat alone, from the hand-off of the week after", "ada, joan, grace", "slack: joan", AUDIT_OK, AUDIT_OK,
      AUDIT_WARNING, AUDIT_WAKING, "from 2026-01-12T08:00:00Z" },
};

static void a_turn_that_reaches_or_wakes_nobody(void **state)
{
    struct kit *k = *state;
    for (size_t i = 0; i < COUNT_OF(turns); i++) {
        live_by(k, site_with("", turns[i].joan, turns[i].turns));
        if (state_of(AUDIT_ON_CALL) != turns[i].on_call || state_of(AUDIT_GAPS) != turns[i].gaps ||
            state_of(AUDIT_WAKING) != turns[i].waking || !says(turns[i].check, turns[i].says))
            fail_msg("%s: on call %s, gaps %s (%s), waking %s (%s)", turns[i].what,
                     buf_str(&audit.lines[AUDIT_ON_CALL].text), audit_state_name(state_of(AUDIT_GAPS)),
                     buf_str(&audit.lines[AUDIT_GAPS].text), audit_state_name(state_of(AUDIT_WAKING)),
                     buf_str(&audit.lines[AUDIT_WAKING].text));
    }
}

/* Who is paged behind the first and cannot be woken is a warning: the first may be; the list of administrators has to hold
 * one whom an alarm wakes. */
static void everybody_who_may_be_paged_is_looked_at(void **state)
{
    struct kit *k = *state;
    live_by(k,
            site_with(", roles: { primary: { people: [ada] }, secondary: { people: [joan] } }", "slack: joan", "ada"));
    assert_int_equal(state_of(AUDIT_WAKING), AUDIT_WARNING);
    assert_true(says(AUDIT_WAKING, "Joan has no contact by a channel that wakes"));
    administrator = "joan";
    live_by(k, site_with("", "slack: joan", "ada"));
    administrator = "ada";
    assert_int_equal(state_of(AUDIT_WAKING), AUDIT_FAILING);
    assert_true(says(AUDIT_WAKING, "no administrator"));
}

/* --- the canary --- */

static void send_canary(struct kit *k)
{
    struct error e = { 0 };
    const struct post p = { .event = { .kind = EVENT_CANARY } };
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
    kit_run(k);
}

static void credit_canary(struct kit *k)
{
    struct error e = { 0 };
    struct post p = { .event = { .kind = EVENT_CREDIT } };
    p.event.credit.channel = S(CANARY_CHANNEL);
    p.event.credit.n = 1;
    assert_int_equal(engine_post(k->engine, &p, &e), 0);
    kit_run(k);
}

static void a_canary_that_does_not_come_back_fails(void **state)
{
    struct kit *k = *state;
    send_canary(k);
    kit_until(k, 30 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_CANARY), AUDIT_OK);
    kit_until(k, 31 * SECOND);
    look(k);
    assert_int_equal(state_of(AUDIT_CANARY), AUDIT_FAILING);
    send_canary(k); /* the old one is still on its way: it is no new beginning */
    look(k);
    assert_int_equal(state_of(AUDIT_CANARY), AUDIT_FAILING);
    credit_canary(k);
    kit_accept_all(k);
    kit_run(k);
    look(k);
    assert_int_equal(state_of(AUDIT_CANARY), AUDIT_OK);
    assert_true(says(AUDIT_CANARY, "came back after 31000 ms"));
}

/* I23: a year of canaries leaves what one leaves, and no list shows it. */
static void canaries_leave_no_trace(void **state)
{
    struct kit *k = *state;
    const int before = kit_entries(k, 0, ENTRY_DELIVERED);
    for (int i = 0; i < 20; i++) {
        credit_canary(k);
        send_canary(k);
        kit_until(k, (i + 1) * 5 * MINUTE);
        kit_accept_all(k);
        kit_run(k);
        if (i == 10) kit_restart(k, NULL);
    }
    assert_int_equal(k->sent.n, 20); /* each went its way: timer, turn, attempt, result */
    assert_int_equal(kit_stored(k, ROW_DELIVERY), 1);
    assert_int_equal(kit_stored(k, ROW_ATTEMPT), 1);
    assert_int_equal(kit_stored(k, ROW_INCIDENT), 0);
    assert_int_equal(kit_entries(k, 0, ENTRY_DELIVERED), before);
}

static void a_canary_in_flight_survives_a_crash(void **state)
{
    struct kit *k = *state;
    credit_canary(k);
    send_canary(k);
    kit_until(k, 2 * SECOND);
    assert_int_equal(k->sent.n, 1);
    kit_restart(k, NULL);
    credit_canary(k);
    kit_until(k, 20 * SECOND);
    assert_int_equal(k->sent.n, 2); /* uncertain, so again */
    kit_accept_all(k);
    kit_run(k);
    send_canary(k);
    look(k);
    assert_int_equal(state_of(AUDIT_CANARY), AUDIT_OK);
}

/* --- the house --- */

static const struct audit_facts sound = { .courier = true, .heartbeat = true, .committed_ago_ms = 10 * SECOND };

static const struct {
    const char *what;
    struct audit_facts facts;
    enum audit_check check;
    enum audit_state state;
} rows[] = {
    { "a commit that failed", { .store_fails = true }, AUDIT_STORE, AUDIT_FAILING },
    { "no commit for 31 s", { .committed_ago_ms = 31 * SECOND }, AUDIT_STORE, AUDIT_FAILING },
    { "what was committed is not there", { .store_unread = S("was it moved?") }, AUDIT_STORE, AUDIT_FAILING },
    { "no spool", { .no_spool = true }, AUDIT_SPOOL, AUDIT_WARNING },
    { "a spool that fails", { .spool_fails = true }, AUDIT_SPOOL, AUDIT_FAILING },
    { "a courier that was there 9 s ago", { .courier_since = HOUR - 9 * SECOND }, AUDIT_COURIER, AUDIT_OK },
    { "a courier that is away for 10 s", { .courier_since = HOUR - 10 * SECOND }, AUDIT_COURIER, AUDIT_FAILING },
    { "a history that was changed", { .history_broken = true }, AUDIT_HISTORY, AUDIT_WARNING },
    { "a restored copy", { .held = true }, AUDIT_HELD, AUDIT_FAILING },
    { "an override that has ended",
      { .overrides = S("shop.md:6: the override ended\n") },
      AUDIT_PROCEDURES,
      AUDIT_WARNING },
    { "no heartbeat URL", { .heartbeat = false }, AUDIT_HEARTBEAT, AUDIT_WARNING },
    { "a heartbeat URL that does not answer",
      { .heartbeat = true, .beats_failed = 1 },
      AUDIT_HEARTBEAT,
      AUDIT_WARNING },
};

static void each_fact_of_the_house_has_its_check(void **state)
{
    struct kit *k = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        audit_reset(&audit, 1);
        audit_house(&audit, &rows[i].facts, &k->site->dir, HOUR);
        if (state_of(rows[i].check) != rows[i].state)
            fail_msg("%s: %s", rows[i].what, audit_state_name(state_of(rows[i].check)));
    }
    audit_reset(&audit, 1);
    audit_house(&audit, &sound, &k->site->dir, HOUR);
    assert_int_equal(audit_worst(&audit), AUDIT_OK);
}

/* P5: the heartbeat stops when no channel that wakes is left; one of several is a warning. */
static void channels_fail_when_none_that_wakes_is_left(void **state)
{
    struct site *site = site_with("", "slack: joan", "ada, joan");
    const struct audit_channel bad_chat = { .name = S("chat"), .failures = 3, .failing_since = HOUR },
                               bad_log = { .name = S("log"), .failures = 1, .failing_since = HOUR - 60 * SECOND },
                               no_secret = { .name = S("chat"), .problem = S("credential chat-token: there is none") };
    struct audit_facts f = sound;
    (void)state;
    f.channels = &bad_chat;
    f.n_channels = 1;
    audit_reset(&audit, 1);
    audit_house(&audit, &f, &site->dir, HOUR);
    assert_int_equal(state_of(AUDIT_CHANNELS), AUDIT_WARNING);
    f.channels = &no_secret; /* not a single message had to be lost first */
    audit_reset(&audit, 1);
    audit_house(&audit, &f, &site->dir, HOUR);
    assert_int_equal(state_of(AUDIT_CHANNELS), AUDIT_WARNING);
    f.channels = &bad_log;
    audit_reset(&audit, 1);
    audit_house(&audit, &f, &site->dir, HOUR - 1);
    assert_int_equal(state_of(AUDIT_CHANNELS), AUDIT_OK); /* one failure, 59.999 s ago */
    audit_reset(&audit, 1);
    audit_house(&audit, &f, &site->dir, HOUR);
    assert_int_equal(state_of(AUDIT_CHANNELS), AUDIT_FAILING);
    site_destroy(&site);
}

/* --- what follows --- */

static void what_fails_for_a_minute_is_an_alarm_once(void **state)
{
    struct kit *k = *state;
    struct outbox *o = outbox_create(S("0123456789abcdef0123456789abcdef")); /* no courier ever comes */
    struct auditor *a =
        auditor_create(&(struct auditor_options){ .engine = k->engine, .outbox = o, .store = k->store, .clock = k->clock });
    kit_credit(k, 100);
    for (int64_t s = 0; s <= 2 * HOUR / SECOND; s += s < 180 ? 1 : 15) {
        kit_until(k, s * SECOND);
        auditor_tick(a, clock_read(k->clock));
        if (s == 59) assert_int_equal(k->sent.n, 0);
        if (s == 179) assert_int_equal(k->sent.n, 1);
    }
    kit_run(k);
    assert_int_equal(k->sent.n, 1);
    assert_int_equal(world_delivery(engine_world(k->engine), k->sent.v[0].delivery)->purpose, PURPOSE_ALARM);
    assert_int_equal(auditor_gauges(a)->failing, 1);
    auditor_read(a, &audit);
    assert_int_equal(state_of(AUDIT_COURIER), AUDIT_FAILING);
    assert_int_equal(state_of(AUDIT_STORE), AUDIT_OK); /* written every ten seconds, and read back */
    auditor_destroy(&a);
    outbox_destroy(&o);
}

/* Once an hour as long as it lasts, and not oftener where it comes and goes: like that of a store that fails. */
static void a_limit_that_is_reached_is_an_alarm_an_hour(void **state)
{
    static const struct {
        int64_t minute;
        bool full;
        size_t alarms;
    } minutes[] = { { 0, true, 0 }, { 2, true, 1 }, { 30, false, 1 }, { 31, true, 1 }, { 60, true, 1 }, { 63, true, 2 } };
    struct kit *k = *state;
    struct world *w = (struct world *)(uintptr_t)engine_world(k->engine);
    struct outbox *o = outbox_create(S("0123456789abcdef0123456789abcdef"));
    struct auditor *a =
        auditor_create(&(struct auditor_options){ .engine = k->engine, .outbox = o, .store = k->store, .clock = k->clock });
    kit_credit(k, 1000);
    kit_alert(k, "A", "none");
    for (int64_t s = 0, row = 0; row < (int64_t)COUNT_OF(minutes); s += 5) {
        const bool is_row = s == minutes[row].minute * 60;
        size_t alarms = 0;
        if (is_row) w->limits.alerts = minutes[row].full ? 1 : 1000;
        kit_until(k, s * SECOND);
        auditor_tick(a, clock_read(k->clock));
        for (size_t i = 0; i < k->sent.n; i++)
            alarms += slice_find(world_text(w, world_delivery(w, k->sent.v[i].delivery)->note), S("limits:")) <
                      world_text(w, world_delivery(w, k->sent.v[i].delivery)->note).n;
        if (is_row && alarms != minutes[row].alarms) fail_msg("minute %lld: %zu alarms", (long long)minutes[row].minute, alarms);
        row += is_row;
    }
    auditor_destroy(&a);
    outbox_destroy(&o);
}

/* Whoever has just said `tocsin release` is not told for a quarter of a minute that nobody is paged. */
static void a_release_is_told_within_a_second(void **state)
{
    struct kit *k = *state;
    struct outbox *o = outbox_create(S("0123456789abcdef0123456789abcdef"));
    struct auditor *a =
        auditor_create(&(struct auditor_options){ .engine = k->engine, .outbox = o, .store = k->store, .clock = k->clock });
    kit_run(k);
    engine_hold(k->engine, &(struct instance){ .id = 1, .held = 1 });
    auditor_tick(a, clock_read(k->clock));
    auditor_read(a, &audit);
    assert_int_equal(state_of(AUDIT_HELD), AUDIT_FAILING);
    engine_release(k->engine);
    clock_advance(k->clock, SECOND);
    auditor_tick(a, clock_read(k->clock));
    auditor_read(a, &audit);
    assert_int_equal(state_of(AUDIT_HELD), AUDIT_OK);
    auditor_destroy(&a);
    outbox_destroy(&o);
}

/* P1: whoever looks because nothing is taken is not told for a quarter of a minute that all is well; nor, once there is
 * room again, that it is not. */
static void a_store_that_fails_is_told_at_once(void **state)
{
    struct kit *k = *state;
    struct outbox *o = outbox_create(S("0123456789abcdef0123456789abcdef"));
    struct auditor *a =
        auditor_create(&(struct auditor_options){ .engine = k->engine, .outbox = o, .store = k->store, .clock = k->clock });
    kit_run(k);
    auditor_tick(a, clock_read(k->clock));
    k->commit_fails = true;
    kit_alert(k, "HighErrorRate", "critical");
    kit_run(k);
    assert_true(engine_failing(k->engine));
    auditor_read(a, &audit);
    assert_int_equal(state_of(AUDIT_STORE), AUDIT_FAILING);
    clock_advance(k->clock, SECOND);
    auditor_tick(a, clock_read(k->clock));
    assert_int_equal(auditor_gauges(a)->states[AUDIT_STORE], 0); /* the metric, by the next tick */
    auditor_destroy(&a);
    outbox_destroy(&o);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_quiet_house_passes),
        TEST(a_world_that_fills_up_warns_and_fails),
        TEST(a_limit_that_is_reached_is_an_alarm_an_hour),
        TEST(what_a_restart_finds_is_not_late_yet),
        TEST(the_first_look_after_a_start_is_calm),
        TEST(a_timer_that_is_overdue_fails),
        TEST(a_page_that_waits_for_credit_fails_after_60_s),
        TEST(a_page_that_nobody_took_fails_after_five_minutes),
        TEST(quiet_pages_and_later_ones_are_looked_at_too),
        TEST(a_service_that_reaches_nobody_now_fails),
        TEST(a_turn_that_reaches_or_wakes_nobody),
        TEST(everybody_who_may_be_paged_is_looked_at),
        TEST(a_canary_that_does_not_come_back_fails),
        TEST(canaries_leave_no_trace),
        TEST(a_canary_in_flight_survives_a_crash),
        TEST(each_fact_of_the_house_has_its_check),
        TEST(channels_fail_when_none_that_wakes_is_left),
        TEST(what_fails_for_a_minute_is_an_alarm_once),
        TEST(a_release_is_told_within_a_second),
        TEST(a_store_that_fails_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
