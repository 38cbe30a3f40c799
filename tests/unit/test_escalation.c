/* test_escalation.c - the chain from the sentences, whom a role reaches, which kinds in which order, working time, and
 * what follows from an outcome: pure values in, values out. */
#include "core_kit.h"

#include "base/check.h"
#include "core/delivery.h"
#include "core/incident.h"

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

static const struct policy_target to_joan[] = { { .party = { "secondary", 9 } } };
static const struct policy_target joan_then_grace[] = { { .party = { "secondary", 9 } },
                                                        { .party = { "incident-commander", 18 }, .step = 1 } };
static const struct policy_target to_mary[] = { { .party = { "management", 10 } } };

#define NR(minutes, to) .when = RULE_NO_RESPONSE, .after_ms = (minutes)*MINUTE, .targets = to, .n_targets = COUNT_OF(to)

/* grammar: escalation. Rules by their time; `then` waits the rule's time again; the narrower replaces the wider. */
static void chains(void **state)
{
    static const struct policy_rule wide[] = { { NR(5, to_joan) } };
    static const struct policy_rule then[] = { { NR(5, joan_then_grace) } };
    static const struct policy_rule unsorted[] = { { NR(15, to_mary) }, { NR(5, to_joan) } };
    static const struct policy_rule narrow[] = { { NR(5, to_joan) }, { NR(2, to_joan), .severities = LEVEL_BIT(1) } };
    static const struct policy_rule hours[] = { { NR(5, to_joan) }, { NR(9, to_joan), .hours = HOURS_OUTSIDE } };
    static const struct {
        const char *what;
        const struct policy_rule *rules;
        size_t n_rules;
        int64_t level;
        size_t n;
        int64_t after[3], last;
    } rows[] = {
        { "no rule at all: the first page, 5 minutes for the rounds", NULL, 0, 2, 1, { 0 }, 5 },
        { "one level", wide, 1, 2, 2, { 0, 5 }, 5 },
        { "then waits as long again", then, 1, 2, 3, { 0, 5, 10 }, 5 },
        { "by time, whatever the document's order", unsorted, 2, 2, 3, { 0, 5, 15 }, 15 },
        { "SEV1 has its own sentence", narrow, 2, 1, 2, { 0, 2 }, 2 },
        { "the others keep the wider one", narrow, 2, 2, 2, { 0, 5 }, 5 },
        { "unclassified is read as SEV3", narrow, 2, 0, 2, { 0, 5 }, 5 },
        { "03:00 is outside working hours", hours, 2, 2, 2, { 0, 9 }, 9 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct policy p = { .rules = rows[i].rules, .n_rules = rows[i].n_rules, .first = { .party = S("primary") } };
        struct chain c = escalation_chain(&p, &k.d, rows[i].level, KIT_WALL);
        if (c.n != rows[i].n || c.last_delay_ms != rows[i].last * MINUTE) fail_msg("%s", rows[i].what);
        for (size_t s = 0; s < c.n; s++)
            if (c.v[s].after_ms != rows[i].after[s] * MINUTE) fail_msg("%s: level %zu", rows[i].what, s);
    }
}

/* A50: the document's kinds in order, then the person's; ringing: what wakes first; quiet: what wakes last. */
static void kinds(void **state)
{
    static const struct slice slack_mail[] = { { "slack", 5 }, { "mail", 4 } };
    static const struct policy_contact named[] = { { .party = { "primary", 7 }, .kinds = slack_mail, .n_kinds = 2 } };
    static const struct {
        const char *what, *by;
        bool rings;
        const char *first, *second;
    } rows[] = {
        { "ringing: the phone wakes", "", true, "phone", "mail" },
        { "quiet: mail first", "", false, "mail", "phone" },
        { "the sentence says by mail", "mail", true, "mail", "phone" },
        { "the sentence says by phone, quiet or not", "phone", false, "phone", "mail" },
    };
    (void)state;
    struct policy p = { .contacts = named, .n_contacts = 1 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct contact_choice c[CONTACT_MAX];
        size_t n = contact_choices(&k.d, &p, ADA, S("primary"), slice_of(rows[i].by), rows[i].rings, c);
        assert_int_equal(n, 2);
        if (!slice_eq(c[0].kind, slice_of(rows[i].first)) || !slice_eq(c[1].kind, slice_of(rows[i].second)))
            fail_msg("%s", rows[i].what);
    }
}

/* R161: service, then team, then organisation; a role that nobody binds reaches nobody. */
static void roles(void **state)
{
    static const struct {
        const char *service, *role;
        size_t n;
        enum role_scope scope;
        bool everybody;
    } rows[] = {
        { "dashboard", "primary", 1, SCOPE_TEAM, false },
        { "", "primary", 1, SCOPE_TEAM, false }, /* unrouted: the mandatory team */
        { "dashboard", "management", 1, SCOPE_TEAM, true },
        { "dashboard", "security-team", 0, SCOPE_UNSET, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct role_now r = role_resolve_in(&k.d, slice_of(rows[i].service), S(""), slice_of(rows[i].role), KIT_WALL);
        assert_int_equal(r.n, rows[i].n);
        assert_int_equal(r.scope, rows[i].scope);
        assert_int_equal(r.everybody, rows[i].everybody);
    }
}

/* Monday 2026-01-05 03:00 UTC; working time Mon-Fri 09:00-17:00. */
static void working_time(void **state)
{
    static const struct {
        const char *what;
        int64_t hours;
        bool working;
        int64_t next_in_hours;
    } rows[] = {
        { "Monday 03:00", 0, false, 6 },
        { "Monday 09:00 sharp", 6, true, 24 },
        { "Monday 16:00", 13, true, 17 },
        { "Monday 17:00 sharp is over", 14, false, 16 },
        { "Friday 18:00: Monday", 111, false, 63 },
        { "Saturday", 130, false, 44 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t wall = KIT_WALL + rows[i].hours * HOUR;
        if (working_at(&k.d, wall) != rows[i].working) fail_msg("%s", rows[i].what);
        if (working_next_start(&k.d, wall) != wall + rows[i].next_in_hours * HOUR)
            fail_msg("%s: next start", rows[i].what);
    }
}

/* design: Deliveries. Every outcome is placed; when in doubt, again. */
static void outcomes(void **state)
{
#define PAGE(severity, tries, doubts)                                                                               \
    {                                                                                                               \
        .purpose = PURPOSE_PAGE, .level = (severity), .queued_at = 1000, .attempts = (tries), .uncertain = (doubts) \
    }
    static const struct {
        const char *what;
        struct delivery d;
        enum outcome o;
        int64_t at, retry_after;
        struct delivery_step expect;
    } rows[] = {
        { "accepted is done", PAGE(2, 1, 0), OUTCOME_ACCEPTED, 2000, 0, { DELIVERY_ACCEPTED, 0, false } },
        { "refused: the next kind now", PAGE(2, 1, 0), OUTCOME_REFUSED, 2000, 0, { DELIVERY_FAILED, 0, true } },
        { "not sent: again in a second", PAGE(2, 1, 0), OUTCOME_NOT_SENT, 2000, 0, { DELIVERY_RETRYING, 3000, false } },
        { "not sent: the provider's wait if longer",
          PAGE(2, 1, 0),
          OUTCOME_NOT_SENT,
          2000,
          7000,
          { DELIVERY_RETRYING, 9000, false } },
        { "the second time in two", PAGE(2, 2, 0), OUTCOME_NOT_SENT, 2000, 0, { DELIVERY_RETRYING, 4000, false } },
        { "the sixth in 32", PAGE(2, 6, 0), OUTCOME_NOT_SENT, 2000, 0, { DELIVERY_RETRYING, 34000, false } },
        { "then every minute", PAGE(2, 7, 0), OUTCOME_NOT_SENT, 2000, 0, { DELIVERY_RETRYING, 62000, false } },
        { "a provider that wants less than a minute is waited for",
          PAGE(2, 1, 0),
          OUTCOME_NOT_SENT,
          2000,
          MINUTE - 1,
          { DELIVERY_RETRYING, 2000 + MINUTE - 1, false } },
        { "one that wants a minute is not (P5)",
          PAGE(2, 1, 0),
          OUTCOME_NOT_SENT,
          2000,
          MINUTE,
          { DELIVERY_RETRYING, 2000 + MINUTE, true } },
        { "not sent, and nothing for an hour: the next kind now, also of a quiet page (P5)",
          PAGE(4, 1, 0),
          OUTCOME_NOT_SENT,
          2000,
          HOUR,
          { DELIVERY_RETRYING, 2000 + HOUR, true } },
        { "not sent for a minute: the next kind too",
          PAGE(2, 9, 0),
          OUTCOME_NOT_SENT,
          61000,
          0,
          { DELIVERY_RETRYING, 121000, true } },
        { "uncertain and urgent: the next kind at once, then the same",
          PAGE(2, 1, 0),
          OUTCOME_UNCERTAIN,
          2000,
          0,
          { DELIVERY_RETRYING, 12000, true } },
        { "uncertain and quiet: the same after 10 s",
          PAGE(3, 1, 0),
          OUTCOME_UNCERTAIN,
          2000,
          0,
          { DELIVERY_RETRYING, 12000, false } },
        { "uncertain five times: failed, loudly",
          PAGE(2, 5, 4),
          OUTCOME_UNCERTAIN,
          2000,
          0,
          { DELIVERY_FAILED, 0, true } },
        { "a post gives up after eight tries",
          { .purpose = PURPOSE_POST, .attempts = 8 },
          OUTCOME_NOT_SENT,
          2000,
          0,
          { DELIVERY_FAILED, 0, true } },
        { "an alarm does not: whatever it tells of may have broken its way too (P2, I28)",
          { .purpose = PURPOSE_ALARM, .level = 1, .attempts = 8, .queued_at = 1000 },
          OUTCOME_NOT_SENT,
          HOUR + 999,
          0,
          { DELIVERY_RETRYING, HOUR + 999 + MINUTE, true } },
        { "not for ever: after an hour it is told anew, or over",
          { .purpose = PURPOSE_ALARM, .level = 1, .attempts = 8, .queued_at = 1000 },
          OUTCOME_NOT_SENT,
          HOUR + 1000,
          0,
          { DELIVERY_FAILED, 0, true } },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct delivery_step s = delivery_judge(&rows[i].d, rows[i].o, rows[i].at, rows[i].retry_after);
        if (s.state != rows[i].expect.state || s.next_at != rows[i].expect.next_at ||
            s.next_kind != rows[i].expect.next_kind)
            fail_msg("%s", rows[i].what);
    }
}

/* design: Incidents. The one table of moves. */
static void moves(void **state)
{
    static const char *const legal[] = { "open>mitigated",  "open>resolved",      "open>dismissed",   "open>merged",
                                         "mitigated>open",  "mitigated>resolved", "mitigated>merged", "resolved>open",
                                         "resolved>closed", "closed>open",        "dismissed>open",   "merged>open" };
    size_t n = 0;
    (void)state;
    for (int64_t from = 0; from <= INCIDENT_STATE_MAX; from++)
        for (int64_t to = 0; to <= INCIDENT_STATE_MAX; to++) {
            if (!incident_may_move(from, to)) continue;
            struct buf b = { 0 };
            buf_addf(&b, "%s>%s", incident_state_name(from), incident_state_name(to));
            assert_string_equal(buf_str(&b), legal[n++]);
            buf_release(&b);
        }
    assert_int_equal(n, COUNT_OF(legal));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(chains), T(kinds), T(roles), T(working_time), T(outcomes), T(moves) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
