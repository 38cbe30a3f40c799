/* test_bind.c - procedures that need what the site lacks: one warning a gap, with both places (A9, R15, R29, R165). */
#include "harness.h"

#include "base/arena.h"
#include "base/check.h"
#include "procedures/merge.h"
#include "site/bind.h"
#include "site/routing.h"
#include "sys/files.h"

static const char document[] = "# Procedures\n"
                               "\n"
                               "## Severity Levels\n"
                               "\n"
                               "### SEV1 - Critical\n"
                               "- Everything down\n"
                               "### SEV2 - Major\n"
                               "- Something down\n"
                               "\n"
                               "## Contact Information\n"
                               "\n"
                               "### Emergency Contacts\n"
                               "- Primary On-Call: [Phone/Slack]\n"
                               "- Secondary On-Call: [Phone]\n"
                               "\n"
                               "### Communication Channels\n"
                               "- Primary: Slack #incidents\n"
                               "\n"
                               "## Escalation Rules\n"
                               "- No response in 5 minutes \xe2\x86\x92 Secondary on-call\n"
                               "- No resolution in 30 minutes \xe2\x86\x92 Incident commander\n";

/* Each row replaces one part of a site that lacks nothing. */
#define ROLES "{ primary: { schedule: turns }, secondary: { people: [joan] }, ic: { people: [joan] } }"
#define CHANNELS "{ log: { log: {}, for: [phone, \"#incidents\"], wakes: true } }"
#define PEOPLE "{ ada: { contacts: { phone: \"1\" } }, joan: { contacts: { phone: \"2\" } } }"

struct row {
    const char *what, *roles, *channels, *people, *routing;
    const char *printed;
};

static const struct row rows[] = {
    { "a site that lacks nothing", ROLES, CHANNELS, PEOPLE, "", "" },
    { "nobody is secondary", "{ primary: { schedule: turns }, ic: { people: [joan] } }", CHANNELS, PEOPLE, "",
      "p.md:20: warning: W-UNBOUND: this rule pages Secondary on-call, and nobody fills that role for service web of team "
      "t (s.yaml:2): add `secondary: { people: [NAME] }` to the team's `roles`, or to `roles` for every team\n" },
    { "nobody is anything: the primary's line is the one that sends the first page", "{ ic: { people: [joan] } }",
      CHANNELS, PEOPLE, "",
      "p.md:13: warning: W-UNBOUND: the first page goes to Primary On-Call, and nobody fills that role for service web of "
      "team t (s.yaml:2): add `primary: { schedule: NAME }` to the team's `roles`, or to `roles` for every team\n"
      "p.md:20: warning: W-UNBOUND: this rule pages Secondary on-call, and nobody fills that role for service web of team "
      "t (s.yaml:2): add `secondary: { people: [NAME] }` to the team's `roles`, or to `roles` for every team\n" },
    { "a list as primary",
      "{ primary: { people: [ada, joan] }, secondary: { people: [joan] }, ic: { people: [joan] } }", CHANNELS, PEOPLE,
      "",
      "s.yaml:2: warning: W-NO-SCHEDULE: the primary is a list, so ada is paged first at every hour of every day: name a "
      "schedule, { schedule: NAME }\n" },
    { "somebody in the rotation cannot be reached", ROLES, CHANNELS,
      "{ ada: { contacts: { pigeon: x } }, joan: { contacts: "
      "{ phone: \"2\" } } }",
      "",
      "s.yaml:4: warning: W-UNREACHABLE: ada fills a role and has no contact that a channel carries: add one to "
      "`contacts`, or a channel for a kind that is there\n" },
    { "nothing wakes them (R165)", ROLES, "{ log: { log: {}, for: [phone, \"#incidents\"] } }", PEOPLE, "",
      "s.yaml:4: warning: W-NO-WAKING-KIND: ada fills a role and no channel that wakes reaches them: add a phone, sms or "
      "push contact and its channel, or say `wakes: true` of a channel that does\n"
      "s.yaml:4: warning: W-NO-WAKING-KIND: joan fills a role and no channel that wakes reaches them: add a phone, sms or "
      "push contact and its channel, or say `wakes: true` of a channel that does\n" },
    { "no channel for posts", ROLES, "{ log: { log: {}, for: phone, wakes: true } }", PEOPLE, "",
      "p.md:17: warning: W-CHANNEL-UNBOUND: posts go to Slack #incidents here, and the site has no such channel (s.yaml): "
      "add one, or `for: [\"#incidents\"]` to the channel that stands in; until then the next in order is taken\n" },
    { "a severity that the document does not have", ROLES, CHANNELS, PEOPLE,
      "rules:\n  - { name: a, match: [], severity: SEV2 }\n  - { name: b, match: [], severity: SEV4 }\n",
      "r.yaml:3: warning: W-LEVEL-UNKNOWN: the rule `b` sets SEV4, and the least severe level of p.md is SEV2, which is "
      "taken\n" },
};

static struct site *site_make(const struct row *r, struct problems *p)
{
    struct buf text = { 0 };
    struct site *site;

    buf_addf(
        &text,
        "organisation: { name: E, timezone: UTC, procedures: p.md }\nteams: { t: { services: [web], roles: %s } }\n"
        "services: { web: {} }\npeople: %s\nchannels: %s\nunrouted: { team: t }\nadministrators: [joan]\n"
        "schedules: { turns: { rotation: weekly, handoff: \"Mon 09:00\", people: [ada, joan] } }\n",
        r->roles, r->people, r->channels);
    if (site_load_bytes("s.yaml", buf_slice(&text), &site, p) < 0) fail_msg("%s: the site does not load", r->what);
    buf_release(&text);
    return site;
}

static void row_check(const struct row *r, const struct policy *policy)
{
    struct problems *p = problems_create();
    struct arena *a = arena_create(0);
    struct site *site = site_make(r, p);
    struct buf printed = { 0 };
    struct routing routing;

    assert_int_equal(routing_load_bytes(a, S("r.yaml"), slice_of(r->routing), site, &routing, p), 0);
    bind_check(policy, S("p.md"), site, &routing, S("r.yaml"), p);
    problems_print(p, &printed);
    if (strcmp(buf_str(&printed), r->printed) != 0) fail_msg("%s:\n%s", r->what, buf_str(&printed));
    routing_release(&routing);
    site_destroy(&site);
    arena_destroy(&a);
    problems_destroy(&p);
    buf_release(&printed);
}

static void gaps_are_warned_of(void **state)
{
    struct compiled *c = procedures_compile(slice_of(document), S("p.md"), NULL, NULL);

    (void)state;
    assert_non_null(c);
    assert_int_equal(c->errors, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) row_check(&rows[i], &c->policy);
    compiled_destroy(&c);
}

/* Every team's view is bound: its parties for its services alone, its channels and thresholds beside the
 * organisation's, each with its own file (R29). The organisation's is not asked where a view holds instead. */
static void every_view_is_bound(void **state)
{
    static const char site_text[] =
        "organisation: { name: E, timezone: UTC, procedures: p.md }\n"
        "teams:\n  a: { services: [web], roles: { primary: { schedule: turns }, secondary: { people: [joan] } } }\n"
        "  b: { services: [cart, search], roles: { primary: { schedule: turns }, secondary: { people: [joan] }, ic: { people: "
        "[joan] } } }\n"
        "services: { web: {}, cart: {}, search: {} }\npeople: " PEOPLE "\nchannels: " CHANNELS
        "\nunrouted: { team: b }\nadministrators: [joan]\n"
        "schedules: { turns: { rotation: weekly, handoff: \"Mon 09:00\", people: [ada, joan] } }\n";
    static const char team_a[] = "---\nteam: a\nreplaces: escalation rules\nweaker: escalation rules\napproved_by: G\n"
                                 "reason: x\nuntil: 2030-01-01\n---\n## Escalation Rules\n"
                                 "- No response in 5 minutes \xe2\x86\x92 Secondary on-call\n";
    static const char team_b[] = "---\nteam: b\nservices: cart\n---\n## Escalation Rules\n"
                                 "- SEV1: No response in 4 minutes \xe2\x86\x92 Management\n"
                                 "## Communication Channels\n- Emergency: Slack #carts\n"
                                 "## Alert Thresholds\n- Queue: > 9\n";
    static const char expected[] =
        "b.md:6: warning: W-UNBOUND: this rule pages Management, and nobody fills that role for service cart of team b "
        "(s.yaml:4): add `management: { people: [NAME] }` to the team's `roles`, or to `roles` for every team\n"
        "b.md:8: warning: W-CHANNEL-UNBOUND: posts go to Slack #carts here, and the site has no such channel (s.yaml): add "
        "one, or `for: [\"#carts\"]` to the channel that stands in; until then the next in order is taken\n"
        "b.md:10: warning: W-METRIC-UNBOUND: nobody says when this threshold is crossed: name the alert that does in "
        "`metrics` of s.yaml, `queue: { match: ['alertname=\"\xe2\x80\xa6\"'] }`, or write `{ by: person }` there\n"
        "s.yaml: warning: W-TEAM-UNKNOWN: a document is for the team c, which is not here\n"
        "s.yaml: warning: W-SERVICE-UNKNOWN: a document is for the service van, which is not here\n";
    const struct procedures_file files[] = { { .name = S("p.md"), .bytes = slice_of(document) },
                                             { .name = S("a.md"), .bytes = slice_of(team_a) },
                                             { .name = S("b.md"), .bytes = slice_of(team_b) },
                                             { .name = S("c.md"),
                                               .bytes = S("---\nteam: c\nservices: van\n---\n## Tools\n- x\n") } };
    struct procedures_set *set = procedures_set_compile(files, COUNT_OF(files), &(struct set_options){ 0 });
    struct problems *p = problems_create();
    struct buf printed = { 0 };
    struct site *site;

    (void)state;
    assert_int_equal(set->policy.n_views, 3);
    if (site_load_bytes("s.yaml", slice_of(site_text), &site, p) < 0) fail_msg("the site does not load");
    bind_check(&set->policy, S("p.md"), site, NULL, S(""), p);
    problems_print(p, &printed);
    if (strcmp(buf_str(&printed), expected) != 0) fail_msg("%s", buf_str(&printed));
    buf_release(&printed);
    problems_destroy(&p);
    site_destroy(&site);
    procedures_set_destroy(&set);
}

/* R15: a threshold that nobody watches. Found by its words, in any case and with any separators, else by its last ones
 * (R113); one warning a metric. */
static void thresholds_are_watched(void **state)
{
    static const char text[] = "# P\n\n## Alert Thresholds\n- API error rate: > 5%\n- Response time: > 5 seconds\n"
                               "- Response time: > 9 seconds\n- Disk: > 90%\n";
    static const char site_text[] =
        "organisation: { name: E, timezone: UTC, procedures: p.md }\nteams: { t: { roles: { primary: { people: [ada] } } } }\n"
        "people: { ada: { contacts: { phone: 1 } } }\nchannels: { log: { log: {}, for: phone, wakes: true } }\n"
        "unrouted: { team: t }\n"
        "metrics: { Error_Rate: { match: alertname=\"E\" }, x: { name: API Disk, by: person }, time-response: { by: person } }\n";
    struct compiled *c = procedures_compile(slice_of(text), S("p.md"), NULL, NULL);
    struct problems *p = problems_create();
    struct site *site;
    size_t n = 0, unused = 0;

    (void)state;
    if (site_load_bytes("s.yaml", slice_of(site_text), &site, p) < 0) fail_msg("the site does not load");
    assert_string_equal(site->metrics[0].match.p, "{alertname=\"E\"}");
    assert_true(site->metrics[0].window_ms == 5 * MINUTE && site->metrics[0].percentile == 95); /* A42 */
    assert_true(site->metrics[0].consecutive == 2 && site->metrics[0].no_data == NO_DATA_ALERT);
    bind_check(&c->policy, S("p.md"), site, NULL, S(""), p);
    for (size_t i = 0; i < problems_count(p); i++) {
        const struct problem *one = problems_at(p, i);
        if (slice_eq(one->code, S("W-METRIC-UNUSED"))) {
            unused++;
            assert_int_equal(one->at.line, 6);
            assert_true(slice_find(one->text, S("`time-response`: is \"Response time\" meant?")) < one->text.n);
        }
        if (!slice_eq(one->code, S("W-METRIC-UNBOUND"))) continue;
        n++;
        assert_int_equal(one->at.line, 5);
        assert_true(slice_find(one->text, S("`metrics` of s.yaml, `response-time: {")) < one->text.n);
    }
    assert_int_equal(n, 1);
    assert_int_equal(unused, 1);
    assert_true(bind_blocks(S("W-METRIC-UNBOUND")) && !bind_blocks(S("W-METRIC-UNUSED")));
    site_destroy(&site);
    problems_destroy(&p);
    compiled_destroy(&c);
}

/* The three example files fit together: no gap, no warning. */
static void the_examples_fit(void **state)
{
    struct problems *p = problems_create();
    struct arena *a = arena_create(0);
    struct buf text = { 0 }, printed = { 0 };
    struct compiled *c;
    struct routing routing;
    struct site *site;

    (void)state;
    assert_int_equal(site_load(TOCSIN_TESTS "/../examples/site.yaml", &site, p), 0);
    assert_int_equal(file_read(site->procedures[0].p, 1 << 20, &text, NULL), 0);
    c = procedures_compile(buf_slice(&text), site->procedures[0], NULL, NULL);
    assert_non_null(c);
    assert_int_equal(routing_load(a, site, &routing, p), 0);
    bind_check(&c->policy, c->file_name, site, &routing, site->routing, p);
    problems_print(p, &printed);
    assert_string_equal(buf_str(&printed), "");
    for (size_t i = 0; i < routing.n_rules; i++)
        if (routing.rules[i].severity > 0)
            assert_true(policy_level_named(&c->policy, routing.rules[i].severity_label) > 0);
    routing_release(&routing);
    compiled_destroy(&c);
    site_destroy(&site);
    arena_destroy(&a);
    problems_destroy(&p);
    buf_release(&text);
    buf_release(&printed);
}

/* The document's own label decides before any counting: its P1 is its second level, because it begins at P0. */
static void a_rules_level_is_the_documents(void **state)
{
    static const struct policy_severity severities[] = {
        { .level = 1, .label = { "P0", 2 }, .name = { "Critical", 8 } },
        { .level = 2, .label = { "P1", 2 }, .name = { "High", 4 } },
        { .level = 3, .label = { "P2", 2 }, .name = { "Low", 3 } },
    };
    static const struct policy policy = { .severities = severities, .n_severities = COUNT_OF(severities) };
    static const struct {
        struct slice label;
        int read, level;
    } levels[] = {
        { { "P0", 2 }, 1, 1 }, { { "P1", 2 }, 2, 2 }, { { "low", 3 }, 4, 3 }, { { "SEV4", 4 }, 4, 3 }, { { 0 }, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        struct routing_rule rule = { .severity = levels[i].read, .severity_label = levels[i].label };

        assert_int_equal(routing_rule_level(&rule, &policy), levels[i].level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_is_bound),
        cmocka_unit_test(gaps_are_warned_of),
        cmocka_unit_test(thresholds_are_watched),
        cmocka_unit_test(the_examples_fit),
        cmocka_unit_test(a_rules_level_is_the_documents),
    };

    return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
