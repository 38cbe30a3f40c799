/* test_budget.c - three messages a minute to one address, the rest in one with a count (R154); what never waits. */
#include "core_kit.h"

#include "base/check.h"
#include "core/budget.h"
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

/* --- the window itself --- */

static void window(void **state)
{
    static const struct {
        const char *what;
        int64_t other[3], first[3], gravest[3]; /* when messages of each weight began */
        enum weight weight;
        int64_t opens;
    } rows[] = {
        { "nothing was sent", { 0 }, { 0 }, { 0 }, WEIGHT_OTHER, 0 },
        { "two were", { 1000, 2000 }, { 0 }, { 0 }, WEIGHT_OTHER, 0 },
        { "three: a minute after the oldest", { 3000, 1000, 2000 }, { 0 }, { 0 }, WEIGHT_OTHER, 61000 },
        { "of any weight", { 1000 }, { 2000 }, { 3000 }, WEIGHT_OTHER, 61000 },
        { "a first page does not wait for others", { 1000, 2000, 3000 }, { 0 }, { 0 }, WEIGHT_FIRST, 0 },
        { "but for first pages", { 1000 }, { 2000, 3000, 4000 }, { 0 }, WEIGHT_FIRST, 62000 },
        { "a SEV1 waits for neither", { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8 }, WEIGHT_GRAVEST, 0 },
        { "a fourth SEV1 does", { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 }, WEIGHT_GRAVEST, 60007 },
        { "of five the newest three count", { 1, 2 }, { 3 }, { 4, 5 }, WEIGHT_OTHER, 60003 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct budget b = { 0 };
        for (size_t n = 0; n < 3; n++) {
            budget_spend(&b, WEIGHT_OTHER, rows[i].other[n]);
            budget_spend(&b, WEIGHT_FIRST, rows[i].first[n]);
            budget_spend(&b, WEIGHT_GRAVEST, rows[i].gravest[n]);
        }
        if (budget_opens(&b, rows[i].weight) != rows[i].opens) fail_msg("%s", rows[i].what);
    }
}

/* --- what leaves --- */

/* Messages to a person by one kind that began before `until` (ms after the start). */
static size_t messages(const char *who, const char *kind, int64_t until)
{
    const struct delivery *d;
    size_t n = 0;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        n += d->begun_at != 0 && d->begun_at < KIT_START + until &&
             slice_eq(world_text(k.w, d->person), slice_of(who)) && slice_eq(world_text(k.w, d->kind), slice_of(kind));
    return n;
}

static const struct delivery *newest_message(const char *who, const char *kind)
{
    const struct delivery *d, *best = NULL;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (d->begun_at != 0 && slice_eq(world_text(k.w, d->person), slice_of(who)) &&
            slice_eq(world_text(k.w, d->kind), slice_of(kind)) && (best == NULL || d->begun_at > best->begun_at))
            best = d;
    return best;
}

static size_t carried_by(const struct delivery *carrier)
{
    const struct delivery *d;
    size_t n = 0;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;) n += d->carrier == carrier->id;
    return n;
}

static size_t in_state(enum delivery_state s)
{
    const struct delivery *d;
    size_t n = 0;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;) n += d->state == (int64_t)s;
    return n;
}

/* n incidents at once, one a name, all SEV2. */
static void storm(size_t n)
{
    char name[] = "Down00";
    for (size_t i = 0; i < n; i++) {
        name[4] = (char)('0' + i / 10);
        name[5] = (char)('0' + i % 10);
        kit_alert_of(&k, name, "critical", "nobody's");
    }
}

static void press(const char *who, incident_id id)
{
    kit_act(&k, ACT_ACKNOWLEDGE, who, id, "");
}

/* R154: three leave at once, the other seven a minute later as one message, and each is delivered. */
static void storm_is_bundled(void **state)
{
    (void)state;
    kit_accept(&k);
    storm(10);
    assert_int_equal(messages("ada", "phone", MINUTE), 3);
    assert_int_equal(in_state(DELIVERY_COLLECTED), 7);
    kit_until(&k, MINUTE - 1);
    assert_int_equal(messages("ada", "phone", 2 * MINUTE), 3);
    assert_int_equal(messages("ada", "mail", 2 * MINUTE), 0);
    kit_until(&k, MINUTE);
    const struct delivery *bundle = newest_message("ada", "phone");
    assert_int_equal(messages("ada", "phone", 2 * MINUTE), 4);
    assert_int_equal(carried_by(bundle), 6);
    assert_int_equal(world_incident(k.w, bundle->incident)->id, 4); /* the oldest of equals carries the others */
    kit_until(&k, MINUTE + 1);
    assert_int_equal(in_state(DELIVERY_CARRIED), 0); /* the provider took it: so did they arrive */
}

/* R154, I24: a SEV1's first page leaves at once, whatever was said before, and takes along what waits. */
static void gravest_never_waits(void **state)
{
    struct act declare = {
        .kind = ACT_DECLARE, .via = VIA_CLI, .actor = S("mary"), .text = S("All is down"), .severity = 1
    };
    (void)state;
    k.p.severities =
        (const struct policy_severity[]){ { .level = 1, .label = S("SEV1") }, { .level = 2, .label = S("SEV2") } };
    k.p.n_severities = 2;
    storm(5);
    assert_int_equal(messages("ada", "phone", MINUTE), 3);
    kit_until(&k, SECOND);
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &declare });
    assert_int_equal(messages("ada", "phone", MINUTE), 4);
    assert_int_equal(newest_message("ada", "phone")->level, 1);
    assert_int_equal(carried_by(newest_message("ada", "phone")), 2);
    assert_int_equal(in_state(DELIVERY_COLLECTED), 0);
}

/* R154: the first page of an incident waits for no later ones: joan had her three as the second of three incidents. */
static void first_pages_wait_for_no_later_ones(void **state)
{
    (void)state;
    kit_accept(&k);
    storm(3);
    kit_until(&k, 5 * MINUTE);
    assert_int_equal(messages("joan", "phone", 6 * MINUTE), 3);
    kit_until(&k, 5 * MINUTE + 10 * SECOND);
    k.p.first.party = S("secondary");
    kit_alert_of(&k, "New", "critical", "nobody's");
    assert_int_equal(messages("joan", "phone", 6 * MINUTE), 4);
    assert_int_equal(in_state(DELIVERY_COLLECTED), 0);
}

/* R154, R158: the message says how many more there are and lists each; its short forms keep their limits. */
static void bundle_says_what_it_holds(void **state)
{
    struct message_text m;
    (void)state;
    storm(30);
    kit_until(&k, MINUTE);
    const struct delivery *bundle = newest_message("ada", "phone");
    message_render(k.w, bundle->id, k.wall, S("https://tocsin.example.org/a/0123456789abcdef"), &m);
    assert_true(slice_has_prefix(buf_slice(&m.subject), S("+26 more: INC-4 SEV2? ")));
    assert_true(m.subject.len <= 60);
    assert_true(m.brief.len <= 160);
    assert_true(slice_find(buf_slice(&m.brief), S("/a/0123456789abcdef")) < m.brief.len);
    struct slice text = buf_slice(&m.text);
    assert_true(slice_find(text, S("\nAnd 26 more for you, in one message because three a minute are enough:\n"
                                   "- INC-5 SEV2? unrouted: Down04 since 03:00 UTC\n")) < text.n);
    assert_true(slice_find(text, S("\n- INC-24 ")) < text.n);
    assert_true(slice_find(text, S("\n- and 6 more: tocsin incidents\n")) < text.n);
    assert_true(slice_find(buf_slice(&m.voice), S("And 26 more.")) < m.voice.len);
    message_release(&m);
}

/* Decided again: what was taken while it waited to be bundled is told to nobody, and so it is not taken back (R157). */
static void taken_while_waiting(void **state)
{
    (void)state;
    kit_accept(&k);
    storm(5);
    press("joan", 5);
    assert_int_equal(messages("ada", "phone", MINUTE), 3);
    kit_until(&k, MINUTE);
    assert_int_equal(carried_by(newest_message("ada", "phone")), 0);
    assert_int_equal(newest_message("ada", "phone")->incident, 4);
}

/* R157: whoever was told in a bundle is stood down too; ten seconds are the limit although three messages have left. */
static void stood_down_in_time(void **state)
{
    (void)state;
    kit_accept(&k);
    storm(6);
    kit_until(&k, MINUTE + 30 * SECOND); /* 3 + 1 calls, and three mails after a minute without an answer */
    assert_int_equal(messages("ada", "mail", 2 * MINUTE), 3);
    press("joan", 1);
    press("joan", 6); /* was carried */
    kit_until(&k, MINUTE + 40 * SECOND);
    const struct delivery *down = newest_message("ada", "mail");
    assert_int_equal(down->purpose, PURPOSE_STAND_DOWN);
    assert_true(down->begun_at - (KIT_START + MINUTE + 30 * SECOND) <= 10 * SECOND);
    assert_int_equal(messages("ada", "mail", 2 * MINUTE), 4);
    assert_int_equal(carried_by(down), 1);
}

/* P5: the message is refused: each that it carried goes to its person's next kind. */
static void refused_bundle(void **state)
{
    (void)state;
    storm(5);
    kit_until(&k, MINUTE);
    const struct delivery *bundle = newest_message("ada", "phone");
    assert_int_equal(carried_by(bundle), 1);
    kit_result(&k, (struct send){ bundle->id, 1 }, OUTCOME_REFUSED);
    assert_int_equal(in_state(DELIVERY_FAILED), 2);
    kit_until(&k, 3 * MINUTE);
    for (incident_id id = 4; id <= 5; id++) {
        const struct incident_extra *x = incident_extra(k.w, id);
        const struct delivery *mail = delivery_get(k.w, x->deliveries.v[1]);
        assert_true(slice_eq(world_text(k.w, mail->kind), S("mail")) && delivery_has_begun(k.w, mail));
    }
}

/* The message in which Ada is called about INC-4 and INC-5, in flight. */
static const struct delivery *bundle_in_flight(void)
{
    kit_close(&k);
    kit_open(&k);
    storm(5);
    kit_until(&k, MINUTE);
    const struct delivery *bundle = newest_message("ada", "phone");
    assert_int_equal(bundle->incident, 4);
    assert_int_equal(carried_by(bundle), 1);
    return bundle;
}

static const struct delivery *call_of(incident_id id)
{
    return delivery_get(k.w, incident_extra(k.w, id)->deliveries.v[0]);
}

/* P2, P5, R157: what a message carries goes where the message goes, as long as somebody waits for it. */
static void carried_follows_its_carrier(void **state)
{
    static const struct {
        const char *what;
        incident_id taken; /* by Joan, while the message is in flight */
        enum outcome outcome;
        enum delivery_state carrier, carried;
    } rows[] = {
        { "accepted for both", 0, OUTCOME_ACCEPTED, DELIVERY_ACCEPTED, DELIVERY_ACCEPTED },
        { "not sent: both again", 0, OUTCOME_NOT_SENT, DELIVERY_RETRYING, DELIVERY_CARRIED },
        { "refused for both", 0, OUTCOME_REFUSED, DELIVERY_FAILED, DELIVERY_FAILED },
        { "what it carries was taken, and arrived", 5, OUTCOME_ACCEPTED, DELIVERY_ACCEPTED, DELIVERY_ACCEPTED },
        { "what it carries was taken: not told again", 5, OUTCOME_NOT_SENT, DELIVERY_RETRYING, DELIVERY_SUPERSEDED },
        { "itself was taken: the other goes on alone", 4, OUTCOME_NOT_SENT, DELIVERY_SUPERSEDED, DELIVERY_COLLECTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct delivery *bundle = bundle_in_flight();
        if (rows[i].taken != 0) press("joan", rows[i].taken);
        if (call_of(5)->state != DELIVERY_CARRIED) fail_msg("%s: too early", rows[i].what);
        kit_result(&k, (struct send){ bundle->id, 1 }, rows[i].outcome);
        if (bundle->state != (int64_t)rows[i].carrier) fail_msg("%s: the carrier", rows[i].what);
        if (call_of(5)->state != (int64_t)rows[i].carried) fail_msg("%s: the carried", rows[i].what);
    }
}

static bool was_mailed(incident_id id)
{
    const struct incident_extra *x = incident_extra(k.w, id);
    for (size_t n = 0; n < x->deliveries.n; n++)
        if (slice_eq(world_text(k.w, delivery_get(k.w, x->deliveries.v[n])->kind), S("mail"))) return true;
    return false;
}

/* P5: nobody knows whether the message arrived: all that it told goes on to the next kind, not its first alone. */
static void doubtful_bundle(void **state)
{
    (void)state;
    const struct delivery *bundle = bundle_in_flight();
    assert_false(was_mailed(4) || was_mailed(5));
    kit_result(&k, (struct send){ bundle->id, 1 }, OUTCOME_UNCERTAIN);
    assert_true(was_mailed(4));
    assert_true(was_mailed(5));
}

/* P2: a repeat is the same message: it waits for nothing that was told since. */
static void repeat_is_no_fourth(void **state)
{
    (void)state;
    storm(3);
    const delivery_id first = k.fx.sends.v[0].delivery;
    kit_result(&k, (struct send){ first, 1 }, OUTCOME_NOT_SENT);
    assert_int_equal(delivery_get(k.w, first)->state, DELIVERY_RETRYING);
    kit_until(&k, SECOND);
    assert_int_equal(delivery_get(k.w, first)->state, DELIVERY_IN_FLIGHT);
    assert_int_equal(delivery_get(k.w, first)->attempts, 2);
}

/* I20: a contact that is deleted while messages to it wait gets none; the pages go on by what is left. */
static void contact_deleted(void **state)
{
    static const struct contact mail_alone[] = { { { "mail", 4 }, { "ada@x", 5 }, 0 } };
    (void)state;
    storm(5);
    k.people[ADA].contacts = mail_alone;
    k.people[ADA].n_contacts = 1;
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &k.d });
    kit_until(&k, 2 * MINUTE);
    assert_int_equal(messages("ada", "phone", 3 * MINUTE), 3);
    assert_true(messages("ada", "mail", 3 * MINUTE) > 0);
}

static struct send sends[64];
static size_t n_sends;

/* What is in flight now. */
static void look_at_flights(void)
{
    const struct attempt *a;
    n_sends = 0;
    for (size_t at = 0; (a = state_next(k.w, ROW_ATTEMPT, &at)) != NULL && n_sends < COUNT_OF(sends);)
        if (a->outcome == OUTCOME_UNSET) sends[n_sends++] = (struct send){ a->delivery, a->n };
}

/* I24: of what waits for a provider the most severe leaves first, one message a credit, whatever was queued first. */
static void strict_by_severity(void **state)
{
    static const struct {
        const char *name, *severity;
    } alerts[] = { { "D", "ticket" }, { "C", "warning" }, { "B", "critical" } };
    int64_t last = 0;
    (void)state;
    kit_step(&k, (struct event){ .kind = EVENT_COURIER_LOST }); /* no credit from here on */
    for (size_t i = 0; i < COUNT_OF(alerts); i++) kit_alert_of(&k, alerts[i].name, alerts[i].severity, "nobody's");
    for (incident_id id = 1; id <= 3; id++) {
        kit_act(&k, ACT_SEVERITY, "ada", id, id == 1 ? "SEV4" : id == 2 ? "SEV3" : "SEV1");
    }
    look_at_flights();
    assert_int_equal(n_sends, 0);
    for (size_t i = 0; i < 8 && in_state(DELIVERY_WAITING) > 0; i++) {
        kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("post"), 1 } });
        kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("voice"), 1 } });
        look_at_flights();
        int64_t gravest = 9;
        for (size_t n = 0; n < n_sends; n++) {
            const struct delivery *d = delivery_get(k.w, sends[n].delivery);
            if (d->level < gravest) gravest = d->level;
            kit_result(&k, sends[n], OUTCOME_ACCEPTED);
        }
        assert_true(gravest >= last);
        last = gravest;
    }
    assert_int_equal(in_state(DELIVERY_WAITING), 0);
}

/* I25: the provider was down for four minutes of a storm; from when it is back, everything has left within a minute. */
static void drains_when_faults_stop(void **state)
{
    (void)state;
    kit_step(&k, (struct event){ .kind = EVENT_COURIER_LOST });
    storm(40);
    kit_until(&k, 4 * MINUTE);
    assert_true(in_state(DELIVERY_WAITING) >= 40);
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("post"), 1000 } });
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { S("voice"), 1000 } });
    look_at_flights();
    for (size_t n = 0; n < n_sends; n++) kit_result(&k, sends[n], OUTCOME_ACCEPTED);
    kit_accept(&k);
    kit_until(&k, 4 * MINUTE + 59 * SECOND);
    kit_until(&k, 5 * MINUTE - 1);
    assert_int_equal(in_state(DELIVERY_WAITING), 0);
    kit_until(&k, 5 * MINUTE); /* the levels of five minutes come now, and are bundled in their turn */
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (delivery_is_open(d)) assert_true(d->queued_at > KIT_START + 3 * MINUTE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(window),
        cmocka_unit_test_setup_teardown(storm_is_bundled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gravest_never_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_pages_wait_for_no_later_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bundle_says_what_it_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(taken_while_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stood_down_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_bundle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(carried_follows_its_carrier, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doubtful_bundle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repeat_is_no_fourth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(contact_deleted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strict_by_severity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drains_when_faults_stop, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
