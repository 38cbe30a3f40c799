/* test_paging.c - who is paged when, by the reference's sentences: no response in 5, no resolution in 30, SEV1. */
#include "core_kit.h"

#include "base/check.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "core/template.h"

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

/* R115, A14: acknowledged 1 ms before, exactly at and 1 ms after the deadline. The act is stepped before the timer. */
static void no_response(void **state)
{
    static const struct {
        const char *what;
        int64_t ack_at;
        size_t secondary;
    } rows[] = {
        { "a millisecond early", 5 * MINUTE - 1, 0 },
        { "exactly at the deadline is in time", 5 * MINUTE, 0 },
        { "a millisecond late", 5 * MINUTE + 1, 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        kit_close(&k);
        kit_open(&k);
        kit_alert(&k, "Down", "critical");
        assert_int_equal(kit_pages(&k, ADA), 1);
        kit_until(&k, rows[i].ack_at - 1);
        k.at = KIT_START + rows[i].ack_at;
        k.wall = KIT_WALL + rows[i].ack_at;
        if (rows[i].secondary > 0) kit_until(&k, rows[i].ack_at);
        kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
        kit_until(&k, 20 * MINUTE);
        if (kit_pages(&k, JOAN) != rows[i].secondary) fail_msg("%s", rows[i].what);
        assert_int_equal(kit_pages(&k, MARY), 0);
    }
}

/* A16: the chain ends at Secondary; a ringing incident goes on in three rounds, then an alarm, never back. */
static void rounds_and_alarm(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_until(&k, 10 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
    kit_until(&k, 15 * MINUTE);
    assert_int_equal(kit_pages(&k, MARY), 1);
    kit_until(&k, 29 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 2);
    assert_int_equal(kit_pages(&k, MARY), 2);
    kit_until(&k, 41 * MINUTE);
    assert_int_equal(kit_pages(&k, ADA), 1);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    assert_int_not_equal(world_incident(k.w, 1)->exhausted_at, 0);
}

/* A16, R159: a quiet one stops after the chain, is on the morning list and wakes nobody at 03:00. */
static void quiet_stops(void **state)
{
    const struct delivery *d;
    (void)state;
    kit_alert(&k, "Spelling", "ticket");
    kit_accept(&k);
    kit_until(&k, 60 * MINUTE);
    assert_int_equal(kit_pages(&k, ADA), 1);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    assert_int_equal(kit_pages(&k, MARY), 0);
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;) assert_int_equal(d->wakes, 0);
    assert_int_not_equal(timer_due(k.w, SUBJECT_TEAM, world_incident(k.w, 1)->team, TIMER_MORNING, 0), 0);
}

static const struct delivery *newest_of(enum purpose purpose)
{
    const struct delivery *d, *found = NULL;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (d->purpose == (int64_t)purpose) found = d;
    return found;
}

static bool alarmed(const char *why)
{
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (d->purpose == PURPOSE_ALARM && slice_eq(world_text(k.w, d->note), slice_of(why))) return true;
    return false;
}

/* A17, R116: the second clock runs on although somebody has it. */
static void no_resolution(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 30 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    kit_until(&k, 30 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
    assert_int_equal(kit_pages(&k, JOAN), 0);
    kit_until(&k, 35 * MINUTE); /* A15: an unanswered commander's page goes to Management */
    assert_int_equal(kit_pages(&k, MARY), 1);
    kit_until(&k, 40 * MINUTE);
    assert_true(alarmed("neither a commander nor management answers"));
}

/* A15: once the commander has answered, who was paged in their stead is told so, and nobody else is paged or alarmed. */
static void a_late_commander_ends_the_line(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 36 * MINUTE);
    assert_int_equal(kit_pages(&k, MARY), 1);
    kit_act(&k, ACT_ACKNOWLEDGE, "grace", 1, "");
    assert_non_null(newest_of(PURPOSE_STAND_DOWN));
    kit_until(&k, 50 * MINUTE);
    assert_int_equal(kit_pages(&k, MARY), 1);
    assert_false(alarmed("neither a commander nor management answers"));
}

/* A sentence's targets may be told instead of paged, and a narrower sentence replaces the wider one where it applies. */
static void told_and_replaced(void **state)
{
    static const struct policy_target secondary[] = { { .party = S("secondary") },
                                                      { .party = S("management"), .told_only = true } };
    static const struct policy_target commander[] = { { .party = S("incident-commander") } };
    static const struct policy_rule rules[] = {
        { .when = RULE_NO_RESPONSE, .after_ms = 5 * MINUTE, .targets = secondary, .n_targets = 2, .page = true },
        { .when = RULE_NO_RESOLUTION, .after_ms = 30 * MINUTE, .targets = commander, .n_targets = 1, .page = true },
        { .when = RULE_NO_RESOLUTION,
          .after_ms = 40 * MINUTE,
          .targets = commander,
          .n_targets = 1,
          .page = true,
          .severities = LEVEL_BIT(2) },
    };
    (void)state;
    k.p.rules = rules;
    k.p.n_rules = COUNT_OF(rules);
    kit_alert(&k, "Down", "critical"); /* SEV2 */
    kit_until(&k, 5 * MINUTE);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    assert_int_equal(kit_pages(&k, MARY), 0);
    assert_int_equal(kit_notifications(&k, MARY), 1);
    kit_act(&k, ACT_ACKNOWLEDGE, "joan", 1, "");
    kit_until(&k, 40 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    kit_until(&k, 40 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
}

/* R20: a rule of graver incidents whose time has passed pages at once when the severity rises to it. */
static void raised_past_its_time(void **state)
{
    static const struct policy_target commander[] = { { .party = S("incident-commander") } };
    static const struct policy_rule rules[] = {
        { .when = RULE_NO_RESOLUTION,
          .after_ms = 30 * MINUTE,
          .targets = commander,
          .n_targets = 1,
          .page = true,
          .severities = LEVEL_BIT(1) | LEVEL_BIT(2) },
    };
    (void)state;
    k.p.rules = rules;
    k.p.n_rules = COUNT_OF(rules);
    kit_alert(&k, "Slow", "warning"); /* SEV3 */
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 40 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    const struct act raise = {
        .kind = ACT_SEVERITY, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .severity = 2, .text = S("it is down")
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &raise });
    kit_until(&k, 40 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
    kit_until(&k, 44 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
}

/* R80: what was posted in Slack says how it stands now; a second change before the first has left is one update. The name
 * that the provider gave it is in the row, so that a courier which starts anew goes on where the last one was. */
static void post_is_updated(void **state)
{
    static const struct policy_channel posts[] = { { .kind = S("slack"), .target = S("#incidents") } };
    static const struct channel slack[] = { { .id = S("chat"), .kind = S("slack"), .address = S("#incidents") },
                                            { .id = S("post"), .kind = S("mail") } };
    struct message_text m;
    (void)state;
    k.p.channels = posts;
    k.p.n_channels = 1;
    k.d.channels = slack;
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("chat"), 1 } });
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_DECLARE, "ada", 1, "");
    const struct delivery *post = newest_of(PURPOSE_POST);
    kit_step(&k, (struct event){ .kind = EVENT_RESULT,
                                 .result = { .delivery = post->id,
                                             .attempt = 1,
                                             .outcome = OUTCOME_ACCEPTED,
                                             .provider_id = S("17.01@C1") } });
    assert_true(slice_eq(world_text(k.w, newest_of(PURPOSE_POST)->provider), S("17.01@C1")));
    assert_null(newest_of(PURPOSE_UPDATE));
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    const struct delivery *update = newest_of(PURPOSE_UPDATE);
    assert_int_equal(update->ref, newest_of(PURPOSE_POST)->id);
    assert_int_equal(update->state, DELIVERY_WAITING); /* the channel has no room yet */
    kit_act(&k, ACT_RESOLVE, "ada", 1, "rolled back");
    assert_ptr_equal(newest_of(PURPOSE_UPDATE), update);
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("chat"), 1 } });
    assert_int_equal(update->state, DELIVERY_IN_FLIGHT);
    message_render(k.w, update->id, k.wall, S(""), &m);
    assert_true(slice_find(buf_slice(&m.text), S("\nNow: resolved by ada at 03:00 UTC\n")) < m.text.len);
    message_release(&m);
}

static void resolved_in_time(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 30 * MINUTE - 1);
    kit_act(&k, ACT_RESOLVE, "ada", 1, "rolled back");
    kit_until(&k, 60 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    assert_int_equal(world_incident(k.w, 1)->state, INCIDENT_CLOSED);
}

/* A24, A52, R160: entering SEV1 notifies Management once; nothing is armed and nothing is asked. */
static void severity_one(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    assert_int_equal(kit_notifications(&k, MARY), 0);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    assert_int_equal(kit_notifications(&k, MARY), 1);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    assert_int_equal(kit_notifications(&k, MARY), 1);
    assert_int_equal(kit_pages(&k, MARY), 0);
    assert_int_not_equal(world_incident(k.w, 1)->declared_wall, 0);
}

/* P5, ring: the next kind on failure at once; when all failed, the next level at once (A15). */
static void failing_kinds(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    assert_int_equal(k.fx.sends.n, 1);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    assert_int_equal(k.fx.sends.n, 1); /* mail now */
    assert_int_equal(kit_pages(&k, JOAN), 0);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    assert_int_equal(kit_pages(&k, JOAN), 1);
}

/* P5: five minutes are over, whatever else happens in the same moment or before anybody looks. */
static void fails_as_it_is_given_up(void **state)
{
    static const int64_t late[] = { 0, 1, MINUTE };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(late); i++) {
        if (i > 0) {
            kit_close(&k);
            kit_open(&k);
        }
        kit_alert(&k, "Down", "critical");
        kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
        const struct send last = k.fx.sends.v[0];
        k.at += 5 * MINUTE + late[i];
        k.wall += 5 * MINUTE + late[i];
        kit_result(&k, last, OUTCOME_REFUSED);
        assert_int_equal(kit_pages(&k, JOAN), 1);
        kit_until(&k, 5 * MINUTE + late[i]);
        assert_true(alarmed("no provider has taken a page for 5 minutes"));
    }
}

/* P5: by then somebody has it: that one page failed is no trouble any more. */
static void fails_and_is_acknowledged(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    kit_until(&k, MINUTE);
    kit_act(&k, ACT_ACKNOWLEDGE, "joan", 1, "");
    kit_until(&k, 10 * MINUTE);
    assert_false(alarmed("no provider has taken a page for 5 minutes"));
}

static bool says(const struct buf *b, const char *text)
{
    return slice_find(buf_slice(b), slice_of(text)) < b->len;
}

/* R28: where the channels of one failed, the page of the next has the number; an alarm has it before what may be cut. */
static void dialled_by_hand(void **state)
{
    struct message_text m = { 0 };
    (void)state;
    kit_alert(&k, "Down", "critical");
    message_render(k.w, k.fx.sends.v[0].delivery, k.wall, S(""), &m);
    assert_false(says(&m.text, "dial"));
    message_release(&m);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    kit_result(&k, k.fx.sends.v[0], OUTCOME_REFUSED);
    message_render(k.w, k.fx.sends.v[0].delivery, k.wall, S(""), &m);
    assert_true(says(&m.text, "\nNot reached, dial by hand: ada +1\n"));
    message_release(&m);
    kit_until(&k, 5 * MINUTE);
    message_render(k.w, newest_of(PURPOSE_ALARM)->id, k.wall, S(""), &m);
    assert_true(says(&m.brief, ". Dial grace +3 - INC-1"));
    assert_true(m.brief.len <= 160 && m.subject.len <= 60 && !says(&m.subject, "Dial"));
    assert_true(says(&m.text, "\nDial by hand: grace +3, joan +2, ada +1\n"));
    message_release(&m);
}

/* R157: whoever was paged is told that it was taken, never as a call. */
static void stand_down(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_until(&k, 5 * MINUTE);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    size_t told = 0;
    for (size_t i = 0; i < k.fx.sends.n; i++) {
        const struct delivery *d = world_delivery(k.w, k.fx.sends.v[i].delivery);
        assert_int_equal(d->purpose, PURPOSE_STAND_DOWN);
        assert_true(slice_eq(world_text(k.w, d->kind), S("mail")));
        assert_true(slice_eq(world_text(k.w, d->person), S("joan")));
        told++;
    }
    assert_int_equal(told, 1);
}

/* I14: two taps on the same page pass it on once. */
static void pass_twice(void **state)
{
    struct act a = { .kind = ACT_PASS, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .page = 1 };
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(kit_pages(&k, JOAN), 1);
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(k.fx.replies.v[0].code, 0);
    assert_int_equal(kit_pages(&k, JOAN), 1);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a }); /* who has it may pass it on */
    assert_int_equal(kit_pages(&k, JOAN), 2);
}

/* R146: one wins, the other is told by whom; I14: again by the same is fine. */
static void acknowledge_twice(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    assert_int_equal(k.fx.replies.v[0].code, 0);
    kit_act(&k, ACT_ACKNOWLEDGE, "joan", 1, "");
    assert_int_equal(k.fx.replies.v[0].code, ERR_CONFLICT);
    assert_true(slice_find(k.fx.replies.v[0].text, S("by ada")) < k.fx.replies.v[0].text.n);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    assert_int_equal(k.fx.replies.v[0].code, 0);
}

/* R24, R146: who passes it on hears who is paged now, as what and by what: by the procedures, or whom they named; and
 * whose page stays, which only its own person can pass on. */
static void passed_on_names_the_next(void **state)
{
    static const struct {
        const char *by, *to, *said, *answer;
    } rows[] = {
        { "ada", "", "ada passes it on to the next", "INC-1 is passed on: paged now is joan as secondary by phone" },
        { "joan", "mary", "joan passes it on to mary", "INC-1 is passed on: paged now is mary as secondary by phone" },
        { "joan", "", "joan, who has no page of it, passes it on to the next",
          "You have no page of INC-1. Paged now is grace as incident-commander by phone. Still paged: mary as secondary by "
          "phone" },
        { "ada", "joan", "ada, who has no page of it, passes it on to joan",
          "You have no page of INC-1. Paged now is joan as primary by phone. Still paged: mary as secondary by phone; grace "
          "as incident-commander by phone" },
    };
    (void)state;
    kit_alert(&k, "Down", "critical");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct act pass = { .kind = ACT_PASS,
                                  .via = VIA_LINK,
                                  .actor = slice_of(rows[i].by),
                                  .person = slice_of(rows[i].to),
                                  .incident = 1 };
        kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &pass });
        assert_int_equal(k.fx.replies.n, 1);
        if (!slice_eq(k.fx.replies.v[0].text, slice_of(rows[i].answer)))
            fail_msg("%.*s", (int)k.fx.replies.v[0].text.n, k.fx.replies.v[0].text.p);
        const struct entry *e = &k.fx.entries.v[0];
        if (!slice_has_prefix(e->text, slice_of(rows[i].said))) fail_msg("%.*s", (int)e->text.n, e->text.p);
    }
}

/* R144: whom nothing reaches is no answer: the next of the chain is paged as well. */
static void passed_to_whom_nothing_reaches(void **state)
{
    const struct act pass = {
        .kind = ACT_PASS, .via = VIA_LINK, .actor = S("ada"), .person = S("mary"), .incident = 1
    };
    (void)state;
    k.people[MARY].n_contacts = 0;
    kit_alert(&k, "Down", "critical");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &pass });
    assert_int_equal(k.fx.replies.v[0].code, 0);
    assert_int_equal(kit_pages(&k, MARY), 0);
    assert_int_equal(kit_pages(&k, JOAN), 1);
}

/* R146, I20: the link of somebody whom the site does not name any more does nothing; root and the owner need no entry. */
static void a_link_of_nobody(void **state)
{
    struct act a = { .kind = ACT_ACKNOWLEDGE, .via = VIA_LINK, .actor = S("leaver"), .incident = 1 };
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(k.fx.replies.v[0].code, ERR_DENIED);
    assert_int_equal(world_incident(k.w, 1)->acknowledged_at, 0);
    a.via = VIA_CLI;
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(k.fx.replies.v[0].code, 0);
    assert_int_not_equal(world_incident(k.w, 1)->acknowledged_at, 0);
}

/* R43: why, and until when; and what is over is not put off. */
static void snoozes_that_are_refused(void **state)
{
    static const struct {
        const char *why;
        int64_t until; /* from now */
        int code;
    } rows[] = {
        { "", HOUR, ERR_INVALID },
        { "it can wait", 0, ERR_INVALID },
        { "it can wait", 1, 0 },
        { "over", HOUR, ERR_CONFLICT },
    };
    (void)state;
    kit_alert(&k, "Down", "ticket");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct act a = { .kind = ACT_SNOOZE,
                               .via = VIA_CLI,
                               .actor = S("ada"),
                               .incident = 1,
                               .text = slice_of(rows[i].why),
                               .ends = k.wall + rows[i].until };
        if (rows[i].code == ERR_CONFLICT) kit_act(&k, ACT_RESOLVE, "ada", 1, "");
        kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
        if (k.fx.replies.v[0].code != rows[i].code) fail_msg("%zu: %d", i, k.fx.replies.v[0].code);
        assert_int_equal(world_incident(k.w, 1)->snoozed_until_wall != 0, rows[i].code == 0);
    }
}

static struct send newest_to(const char *person)
{
    const struct attempt *a;
    struct send s = { 0 };
    for (size_t at = 0; (a = state_next(k.w, ROW_ATTEMPT, &at)) != NULL;)
        if (slice_eq(world_text(k.w, world_delivery(k.w, a->delivery)->person), slice_of(person)))
            s = (struct send){ a->delivery, a->n };
    return s;
}

/* I10: of two who are paged side by side one can be reached: the level goes on. */
static void half_a_level_fails(void **state)
{
    static const struct policy_target two[] = { { .party = S("secondary") },
                                                { .party = S("management") },
                                                { .party = S("incident-commander"), .step = 1 } };
    static const struct policy_rule rule = {
        .when = RULE_NO_RESPONSE, .after_ms = 5 * MINUTE, .targets = two, .n_targets = 3, .page = true
    };
    (void)state;
    k.p.rules = &rule;
    k.p.n_rules = 1;
    kit_alert(&k, "Down", "critical");
    kit_until(&k, 5 * MINUTE);
    assert_int_equal(kit_pages(&k, JOAN) + kit_pages(&k, MARY), 2);
    kit_result(&k, newest_to("joan"), OUTCOME_REFUSED);
    kit_result(&k, newest_to("joan"), OUTCOME_REFUSED);
    kit_until(&k, 10 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    kit_until(&k, 10 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
}

/* I10: the hours turn while a level is waited for: the sentence of then counts, from when the level before was paged. */
static void hours_turn_meanwhile(void **state)
{
    static const struct policy_target secondary[] = { { .party = S("secondary") } };
    static const struct policy_rule rules[] = { { .when = RULE_NO_RESPONSE,
                                                  .after_ms = 5 * MINUTE,
                                                  .targets = secondary,
                                                  .n_targets = 1,
                                                  .page = true,
                                                  .hours = HOURS_OUTSIDE },
                                                { .when = RULE_NO_RESPONSE,
                                                  .after_ms = 15 * MINUTE,
                                                  .targets = secondary,
                                                  .n_targets = 1,
                                                  .page = true,
                                                  .hours = HOURS_DURING } };
    const int64_t began = 6 * HOUR - 3 * MINUTE; /* 08:57 */
    (void)state;
    k.p.rules = rules;
    k.p.n_rules = COUNT_OF(rules);
    kit_until(&k, began);
    kit_alert(&k, "Down", "critical");
    kit_until(&k, began + 15 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, JOAN), 0);
    kit_until(&k, began + 15 * MINUTE);
    assert_int_equal(kit_pages(&k, JOAN), 1);
}

/* R20, A24: a rule of entry holds for each severity that was not there before, also for the first that is given. */
static void the_first_severity_is_an_entry(void **state)
{
    static const struct policy_target management = { .party = S("management") };
    static const struct policy_rule rule = {
        .when = RULE_SEVERITY, .level = 3, .targets = &management, .n_targets = 1
    };
    (void)state;
    k.p.rules = &rule;
    k.p.n_rules = 1;
    kit_alert(&k, "Odd", "whatever that is"); /* unclassified: graver than SEV3 */
    assert_int_equal(kit_notifications(&k, MARY), 0);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV3");
    assert_int_equal(kit_notifications(&k, MARY), 1);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV3");
    assert_int_equal(kit_notifications(&k, MARY), 1);
}

/* A24: to confirm the severity that it has is no entry; opened again it is as grave as before, and Management knows. */
static void a_confirmation_is_no_entry(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    assert_int_equal(kit_notifications(&k, MARY), 1);
    kit_until(&k, MINUTE);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV1");
    kit_act(&k, ACT_RESOLVE, "ada", 1, "");
    kit_until(&k, 2 * MINUTE);
    kit_act(&k, ACT_REOPEN, "ada", 1, "");
    assert_int_equal(kit_notifications(&k, MARY), 1);
}

/* A sentence for business hours is looked at when it is due: half past three at night is none of them. */
static void the_second_clock_keeps_hours(void **state)
{
    static const struct {
        enum rule_hours hours;
        size_t pages;
    } rows[] = { { HOURS_ALWAYS, 1 }, { HOURS_DURING, 0 }, { HOURS_OUTSIDE, 1 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct policy_target commander = { .party = S("incident-commander") };
        const struct policy_rule rule = { .when = RULE_NO_RESOLUTION,
                                          .after_ms = 30 * MINUTE,
                                          .targets = &commander,
                                          .n_targets = 1,
                                          .page = true,
                                          .hours = rows[i].hours };
        kit_close(&k);
        kit_open(&k);
        k.p.rules = &rule;
        k.p.n_rules = 1;
        kit_alert(&k, "Down", "critical");
        kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
        kit_until(&k, 31 * MINUTE);
        assert_int_equal(kit_pages(&k, GRACE), rows[i].pages);
        kit_close(&k); /* the rule is this row's */
        kit_open(&k);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(no_response),
                                        T(rounds_and_alarm),
                                        T(quiet_stops),
                                        T(no_resolution),
                                        T(a_late_commander_ends_the_line),
                                        T(told_and_replaced),
                                        T(raised_past_its_time),
                                        T(post_is_updated),
                                        T(resolved_in_time),
                                        T(severity_one),
                                        T(failing_kinds),
                                        T(fails_as_it_is_given_up),
                                        T(fails_and_is_acknowledged),
                                        T(stand_down),
                                        T(pass_twice),
                                        T(acknowledge_twice),
                                        T(passed_on_names_the_next),
                                        T(passed_to_whom_nothing_reaches),
                                        T(a_link_of_nobody),
                                        T(snoozes_that_are_refused),
                                        T(half_a_level_fails),
                                        T(hours_turn_meanwhile),
                                        T(the_first_severity_is_an_entry),
                                        T(a_confirmation_is_no_entry),
                                        T(the_second_clock_keeps_hours),
                                        T(dialled_by_hand) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
