/* test_late.c - what comes after the decision: results of attempts that are over, who is told that it is taken, and
 * who is paged where nobody is there. */
#include "core_kit.h"

#include "core/delivery.h"
#include "core/page.h"

static struct kit k;

static int set_up(void **state)
{
    (void)state;
    kit_open(&k);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_close(&k);
    return 0;
}

static int64_t outcome_of(struct send s)
{
    return ((const struct attempt *)state_get(k.w, ROW_ATTEMPT, (struct ikey){ s.delivery, s.attempt }))->outcome;
}

static size_t told_of(enum purpose purpose, const char *person)
{
    size_t n = 0;
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        n += d->purpose == (int64_t)purpose && slice_eq(world_text(k.w, d->person), slice_of(person));
    return n;
}

/* --- the result of an attempt that was given up --- */

/* Nobody knows what became of Ada's call; the next attempt is due ten seconds later. */
static struct send doubtful_call(void)
{
    kit_close(&k);
    kit_open(&k);
    kit_alert(&k, "Down", "critical");
    const struct send call = k.fx.sends.v[0];
    kit_result(&k, call, OUTCOME_UNCERTAIN);
    return call;
}

static void until_it_fails(struct send call)
{
    for (call.attempt = 2; call.attempt <= DELIVERY_MAX_UNCERTAIN; call.attempt++) {
        kit_until(&k, (call.attempt - 1) * 10 * SECOND);
        kit_result(&k, call, OUTCOME_UNCERTAIN);
    }
    assert_int_equal(world_delivery(k.w, call.delivery)->state, DELIVERY_FAILED);
}

static void until_it_is_taken(struct send call)
{
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    assert_int_equal(world_delivery(k.w, call.delivery)->state, DELIVERY_SUPERSEDED);
}

static void until_the_next_attempt_is_due(struct send call)
{
    (void)call;
    kit_until(&k, 10 * SECOND - 1);
}

/* P2, I5: an acceptance that comes late is still one, wherever its page has gone meanwhile; nothing is tried again. */
static void a_late_acceptance_counts(void **state)
{
    static const struct {
        const char *what;
        void (*meanwhile)(struct send call);
    } rows[] = {
        { "it was to be tried again", until_the_next_attempt_is_due },
        { "somebody took it", until_it_is_taken },
        { "it had failed for good", until_it_fails },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct send call = doubtful_call();
        const struct delivery *d = world_delivery(k.w, call.delivery);
        rows[i].meanwhile(call);
        const int64_t tried = d->attempts;
        kit_result(&k, call, OUTCOME_ACCEPTED);
        if (d->state != DELIVERY_ACCEPTED || outcome_of(call) != OUTCOME_ACCEPTED) fail_msg("%s", rows[i].what);
        if (timer_due(k.w, SUBJECT_PAGE, d->page, TIMER_GIVE_UP, 0) != 0) fail_msg("%s: it alarms", rows[i].what);
        kit_until(&k, 4 * MINUTE);
        if (d->attempts != tried) fail_msg("%s: tried again", rows[i].what);
    }
}

/* I5: of two attempts the newer decides; what the older turns out to be is written to the older alone. */
static void an_earlier_attempt_decides_nothing(void **state)
{
    static const struct {
        const char *what;
        enum outcome late;
        int64_t first_is;
    } rows[] = {
        { "refused after all", OUTCOME_REFUSED, OUTCOME_UNCERTAIN },
        { "not sent after all", OUTCOME_NOT_SENT, OUTCOME_UNCERTAIN },
        { "uncertain once more", OUTCOME_UNCERTAIN, OUTCOME_UNCERTAIN },
        { "accepted after all", OUTCOME_ACCEPTED, OUTCOME_ACCEPTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct send call = doubtful_call(), again = { call.delivery, 2 };
        const struct delivery *d = world_delivery(k.w, call.delivery);
        kit_until(&k, 10 * SECOND);
        kit_result(&k, call, rows[i].late);
        if (d->state != DELIVERY_IN_FLIGHT || d->uncertain != 1 || outcome_of(again) != OUTCOME_UNSET)
            fail_msg("%s", rows[i].what);
        if (outcome_of(call) != rows[i].first_is || k.fx.sends.n > 0) fail_msg("%s: the first", rows[i].what);
        kit_result(&k, again, OUTCOME_ACCEPTED);
        if (d->state != DELIVERY_ACCEPTED) fail_msg("%s: the second", rows[i].what);
    }
}

/* P2, I5: where the older turns out to have arrived, nothing that becomes of the newer makes it undone or sends a third. */
static void what_arrived_once_has_arrived(void **state)
{
    static const enum outcome rows[] = { OUTCOME_REFUSED, OUTCOME_NOT_SENT, OUTCOME_UNCERTAIN, OUTCOME_ACCEPTED };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct send call = doubtful_call(), again = { call.delivery, 2 };
        const struct delivery *d = world_delivery(k.w, call.delivery);
        kit_until(&k, 10 * SECOND);
        kit_result(&k, call, OUTCOME_ACCEPTED);
        kit_result(&k, again, rows[i]);
        assert_int_equal(outcome_of(again), rows[i]);
        assert_int_equal(d->state, DELIVERY_ACCEPTED);
        assert_int_equal(timer_due(k.w, SUBJECT_PAGE, d->page, TIMER_GIVE_UP, 0), 0);
        kit_until(&k, 4 * MINUTE);
        assert_int_equal(d->attempts, 2);
    }
}

/* An alarm says why it was sent: what its provider answers does not take the place of that. */
static void an_alarm_keeps_its_words(void **state)
{
    (void)state;
    kit_step(&k, (struct event){ .kind = EVENT_TROUBLE, .trouble = { S("the disk is full") } });
    const struct send s = k.fx.sends.v[0];
    const struct event_result r = {
        .delivery = s.delivery, .attempt = s.attempt, .outcome = OUTCOME_ACCEPTED, .detail = S("250 queued")
    };
    kit_step(&k, (struct event){ .kind = EVENT_RESULT, .result = r });
    const struct delivery *d = world_delivery(k.w, s.delivery);
    assert_int_equal(d->state, DELIVERY_ACCEPTED);
    assert_true(slice_eq(world_text(k.w, d->note), S("the disk is full")));
}

/* --- it is taken --- */

/* R157: one message for one person, however often they were paged; none for whoever took it. */
static void stood_down_once(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_accept(&k);
    kit_until(&k, 21 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 2); /* of two rounds, both open */
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    assert_int_equal(told_of(PURPOSE_STAND_DOWN, "ada"), 0);
    assert_int_equal(told_of(PURPOSE_STAND_DOWN, "joan"), 1);
    assert_int_equal(told_of(PURPOSE_STAND_DOWN, "grace"), 1);
    assert_int_equal(told_of(PURPOSE_STAND_DOWN, "mary"), 1);
}

/* R157: a page that never left woke nobody: there is nothing to take back. */
static void what_never_left_is_not_taken_back(void **state)
{
    (void)state;
    kit_step(&k, (struct event){ .kind = EVENT_COURIER_LOST }); /* and with it all credit */
    kit_alert(&k, "Down", "critical");
    kit_until(&k, 5 * MINUTE);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    assert_int_equal(told_of(PURPOSE_STAND_DOWN, "joan"), 0);
}

/* --- nobody is there --- */

#define ONLY(who) (1 << (who))

/* R144: who cannot be reached is not waited for; the next is paged in the same instant. */
static void nobody_is_not_waited_for(void **state)
{
    static const struct {
        const char *what;
        unsigned gone;
        bool taken; /* at once, by Ada */
        int64_t at;
        int next;
    } rows[] = {
        { "Primary", ONLY(ADA), false, 0, JOAN },
        { "Secondary", ONLY(JOAN), false, 5 * MINUTE, GRACE },
        { "both", ONLY(ADA) | ONLY(JOAN), false, 0, GRACE },
        { "the commander of a round", ONLY(GRACE), false, 10 * MINUTE, MARY },
        { "the commander of no resolution", ONLY(GRACE), true, 30 * MINUTE, MARY },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_close(&k);
        kit_open(&k);
        for (int who = ADA; who <= MARY; who++)
            if ((rows[i].gone & (unsigned)ONLY(who)) != 0) k.people[who].n_contacts = 0;
        if (rows[i].at > 0) kit_alert(&k, "Down", "critical");
        if (rows[i].taken) kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
        if (rows[i].at > 0) kit_until(&k, rows[i].at - 1);
        if (kit_pages(&k, rows[i].next) != 0) fail_msg("%s: too early", rows[i].what);
        if (rows[i].at == 0) kit_alert(&k, "Down", "critical");
        kit_until(&k, rows[i].at);
        if (kit_pages(&k, rows[i].next) != 1) fail_msg("%s", rows[i].what);
    }
}

/* R144: who is only told answers nothing, so a level of theirs alone is nobody's. */
static void who_is_only_told_is_nobody(void **state)
{
    static const struct policy_target targets[] = { { .party = S("secondary") },
                                                    { .party = S("management"), .told_only = true } };
    static const struct policy_rule rules[] = {
        { .when = RULE_NO_RESPONSE, .after_ms = 5 * MINUTE, .targets = targets, .n_targets = 2, .page = true },
    };
    (void)state;
    k.p.rules = rules;
    k.p.n_rules = COUNT_OF(rules);
    k.people[JOAN].n_contacts = 0;
    kit_alert(&k, "Down", "critical");
    kit_until(&k, 5 * MINUTE);
    assert_int_equal(kit_notifications(&k, MARY), 1);
    assert_int_equal(kit_pages(&k, GRACE), 1);
}

/* A16, A17: a round and the clock of no resolution that name one person in one instant page them once. */
static void one_page_for_one_instant(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_accept(&k);
    kit_until(&k, 30 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, GRACE), 2);
    kit_until(&k, 30 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 3);
}

/* --- what was before does not count --- */

/* Whatever leaves is refused, and what leaves because of that. */
static void refuse_all(void)
{
    struct send v[16];
    const size_t n = k.fx.sends.n;
    assert_true(n <= COUNT_OF(v));
    for (size_t i = 0; i < n; i++) v[i] = k.fx.sends.v[i];
    for (size_t i = 0; i < n; i++) {
        kit_result(&k, v[i], OUTCOME_REFUSED);
        refuse_all();
    }
}

static void refuse_until(int64_t at)
{
    int64_t due;
    struct timer_key key;
    refuse_all();
    while (world_next_due(k.w, &due) && due <= KIT_START + at) {
        k.wall += due - k.at;
        k.at = due;
        assert_true(world_due_timer(k.w, k.at, &key));
        kit_step(&k, (struct event){ .kind = EVENT_TIMER, .timer = key });
        refuse_all();
    }
}

static bool alarmed(const char *what)
{
    const struct delivery *d;
    int64_t text = 0;
    bool found = false;
    if (!smap_get(k.w->symbols, slice_of(what), &text)) return false;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        found = found || d->purpose == PURPOSE_ALARM;
    return found;
}

/* P2, A16: a round was taken, somebody had it, it came back, and now no provider takes anything: that nobody answers would
 * be untrue, and would be the end; the rounds begin anew when providers may be back. */
static void an_earlier_round_is_over(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_accept(&k);
    kit_until(&k, 12 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1); /* of a round, and taken */
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_act(&k, ACT_RESOLVE, "ada", 1, "done");
    k.accepts = false;
    kit_act(&k, ACT_REOPEN, "ada", 1, "not done");
    refuse_until(90 * MINUTE);
    assert_true(alarmed("no provider has taken a page of the rounds"));
    assert_false(alarmed("nobody answers"));
    assert_int_not_equal(timer_due(k.w, SUBJECT_INCIDENT, 1, TIMER_ROUND, 0), 0);
}

/* A24: management hears of a SEV1 once an entry, by the steady clock: the wall's was set back between two of them. */
static void severity_again_after_the_clock_was_set_back(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    const size_t once = kit_notifications(&k, MARY);
    assert_int_equal(once, 1);
    kit_until(&k, MINUTE);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV3");
    k.wall -= 240 * MINUTE;
    kit_until(&k, 2 * MINUTE);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    assert_int_equal(kit_notifications(&k, MARY), 2);
}

/* I11: away when a second rule was due and then the commander's patience was over: one level, the next a minute later. */
static void unanswered_while_away_is_one_level_too(void **state)
{
    static const struct policy_target joan[] = { { .party = { "secondary", 9 } } };
    struct policy_rule rules[4];
    (void)state;
    for (size_t i = 0; i < 3; i++) rules[i] = k.p.rules[i];
    rules[3] = (struct policy_rule){ .when = RULE_NO_RESOLUTION,
                                     .after_ms = 34 * MINUTE,
                                     .targets = joan,
                                     .n_targets = 1,
                                     .page = true,
                                     .line = 334 };
    k.p.rules = rules;
    k.p.n_rules = COUNT_OF(rules);
    kit_alert(&k, "Down", "critical");
    kit_accept(&k);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 31 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1); /* and does not answer */
    assert_int_equal(kit_pages(&k, JOAN) + kit_pages(&k, MARY), 0);
    k.at += 10 * MINUTE;
    k.wall += 10 * MINUTE;
    kit_until(&k, 41 * MINUTE);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    assert_int_equal(kit_pages(&k, MARY), 0);
    kit_until(&k, 42 * MINUTE);
    assert_int_equal(kit_pages(&k, MARY), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(a_late_acceptance_counts),
                                        T(an_earlier_attempt_decides_nothing),
                                        T(what_arrived_once_has_arrived),
                                        T(an_alarm_keeps_its_words),
                                        T(stood_down_once),
                                        T(what_never_left_is_not_taken_back),
                                        T(nobody_is_not_waited_for),
                                        T(who_is_only_told_is_nobody),
                                        T(one_page_for_one_instant),
                                        T(an_earlier_round_is_over),
                                        T(unanswered_while_away_is_one_level_too),
                                        T(severity_again_after_the_clock_was_set_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
