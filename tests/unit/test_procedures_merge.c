/* test_procedures_merge.c - several documents: front matter, adding and replacing, what is weaker, where it comes from. */
#include "harness.h"

#include "base/check.h"
#include "procedures/front.h"
#include "procedures/merge.h"

static const char org[] =
    "# Organisation\n"
    "## Severity Levels\n"
    "### P0 - Critical\n- down\n### P1 - High\n- slow\n### P2 - Low\n- ugly\n"
    "## Contact Information\n- Primary On-Call: [Phone/Slack]\n- Management: [Phone]\n"
    "## Response Timeline\n### T+0 - Detection\n- seen\n### T+15 Minutes - Triage\n- known\n- told\n"
    "## Communication Procedures\n1. **Status Updates**: Every 15 minutes\n"
    "## Common Incident Scenarios\n### 1. Database Down\n**Symptoms:**\n- slow\n"
    "**Escalation Triggers:**\n- Service not restored within 20 minutes\n"
    "### 2. Cable Cut\n**Symptoms:**\n- silence\n"
    "## Alert Thresholds\n- CPU: > 90%\n- Availability: < 99%\n- Errors: > 5% \xe2\x86\x92 P1\n"
    "## Escalation Rules\n"
    "- No response in 5 minutes -> Secondary then Incident Commander\n"
    "- No resolution in 30 minutes -> Incident Commander\n"
    "- P0 incident -> Management\n"
    "## Communication Channels\n- Primary: Slack #incidents\n- Secondary: Email all@example.org\n"
    "## Incident Response Team\n### Primary On-Call\n- answers\n### Subject Matter Experts\n"
    "- Database admins (for database issues)\n"
    "## Post-Incident Procedures\n### Afterwards (T+0 to T+24 hours)\n1. Write\n2. Tell\n"
    "## Training and Drills\n### Regular Training\n- **Monthly**: all of it\n"
    "### Drill Scenarios\n1. Database corruption\n2. Cable cut\n"
    "## Reviews\n### Monthly Reviews\n- trends\n- contacts\n";

#define TEAM "---\nteam: shop\n---\n"
#define REPLACES(what, more) "---\nteam: shop\nreplaces: " what "\n" more "---\n"
#define LEAVE(what, day) "weaker: " what "\napproved_by: Grace\nreason: moving\nuntil: " day "\n"
#define RULES "## Escalation Rules\n"
#define TODAY 20000 /* 2024-10-04 */

static const struct {
    const char *what, *team;
    const char *codes; /* of the team's diagnostics beside notes, in order of lines, with their lines */
    const char *says; /* in one of the messages; NULL = not asked */
} rows[] = {
    { "a team adds a sentence that pages earlier",
      TEAM RULES "- P0: No response in 2 minutes -> Secondary then Incident Commander\n", "", NULL },
    { "inheriting all is not weaker", TEAM "## Tools\n- x\n", "", NULL },
    { "later", TEAM RULES "- P2: No response in 60 minutes -> Secondary then Incident Commander\n",
      "E-WEAKER:5 E-WEAKER:5 ", "Secondary is reached after 60 min instead of 5 min (P2" },
    { "a narrower sentence loses the commander", TEAM RULES "- P0: No response in 5 minutes -> Secondary\n",
      "E-WEAKER:5 ", "Incident Commander is not reached (P0" },
    { "later outside of working time alone",
      TEAM RULES "- No response outside business hours in 9 minutes -> Secondary then Incident Commander\n", NULL,
      NULL },
    { "quieter: told only",
      REPLACES("escalation rules", "") RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- No resolution in 30 minutes -> Incident Commander\n- P0 incident -> Management notification\n",
      "E-WEAKER:8 ", "Management is only told, not paged" },
    { "a sentence gone",
      REPLACES("escalation rules", "") RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- P0 incident -> Management\n",
      "E-WEAKER:3 ", "not reached (P0 in working time, \"No resolution in 30 minutes" },
    { "replaced by the same is not weaker",
      REPLACES("Escalation", "") RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- No resolution in 30 minutes -> Incident Commander\n- P0 incident -> Management\n",
      "", NULL },
    { "nothing wakes them", TEAM "## Contact Information\n- Primary On-Call: [Slack]\n", "E-WEAKER:5 ",
      "nothing wakes Primary On-Call" },
    { "another kind that wakes is not weaker", TEAM "## Contact Information\n- Primary On-Call: [Phone/Email]\n", "",
      NULL },
    { "a milestone later, another gone",
      REPLACES("response timeline", "") "## Response Timeline\n### T+20 Minutes - Triage\n- known\n- told\n",
      "E-WEAKER:3 E-WEAKER:6 ", "Triage is due at T+20 min instead of T+15 min" },
    { "updates less often",
      REPLACES("communication", "") "## Communication Procedures\n1. **Status Updates**: Every 30 minutes\n",
      "E-WEAKER:6 ", "Status Updates comes every 30 min instead of every 15 min (P0)" },
    { "updates for fewer severities",
      REPLACES("communication",
               "") "## Communication Procedures\n1. **Status Updates**: P0/P1: Update every 15 minutes\n",
      "E-WEAKER:3 ", "Status Updates is not owed any more (P2)" },
    { "a stricter threshold stands instead", TEAM "## Alert Thresholds\n- CPU: > 80%\n", "", NULL },
    { "a looser threshold", TEAM "## Alert Thresholds\n- CPU: > 95%\n", "E-WEAKER:5 ",
      "CPU alerts later or less: > 95% instead of > 90%" },
    { "looser the other way round", TEAM "## Alert Thresholds\n- Availability: < 98%\n", "E-WEAKER:5 ",
      "Availability alerts later or less: < 98% instead of < 99%" },
    { "a check gone",
      REPLACES("response timeline", "") "## Response Timeline\n### T+0 - Detection\n- seen\n"
                                        "### T+15 Minutes - Triage\n- known\n",
      "E-WEAKER:8 ", "Triage has 1 check fewer, of: \"told\"" },
    { "other words for as many checks are no fewer checks",
      REPLACES("response timeline", "") "## Response Timeline\n### T+0 - Detection\n- looked at\n"
                                        "### T+15 Minutes - Triage\n- understood\n- told\n",
      "", NULL },
    { "experts gone",
      REPLACES("incident response team", "") "## Incident Response Team\n### Primary On-Call\n- answers\n",
      "E-WEAKER:3 E-WEAKER:3 ", "no experts for database incidents (Database admins)" },
    { "a task after the incident gone, the rest later",
      REPLACES("post-incident procedures",
               "") "## Post-Incident Procedures\n### Afterwards (T+0 to T+48 hours)\n1. Write\n",
      "E-WEAKER:6 E-WEAKER:6 ", "Afterwards is due 48 h after the resolution instead of 24 h" },
    { "a drill and a training less",
      REPLACES("[drill scenarios, training]",
               "") "## Training and Drills\n### Regular Training\n- **Quarterly**: all of it\n"
                   "### Drill Scenarios\n1. Fire\n",
      "E-WEAKER:3 E-WEAKER:3 ", "1 drill instead of 2" },
    { "other drills, as many, and training more often",
      REPLACES("[drill scenarios, training]",
               "") "## Training and Drills\n### Regular Training\n- **Weekly**: some of it\n"
                   "### Drill Scenarios\n1. Fire\n2. Ice\n",
      "", NULL },
    { "reviewed less often", REPLACES("reviews", "") "## Reviews\n### Quarterly Reviews\n- trends\n- contacts\n",
      "E-WEAKER:3 ", "no Monthly Reviews" },
    { "reviewed less thoroughly", REPLACES("reviews", "") "## Reviews\n### Monthly Reviews\n- trends\n", "E-WEAKER:6 ",
      "Monthly Reviews have 1 item instead of 2" },
    { "its runbook escalates later, another is gone",
      REPLACES("scenarios", "") "## Common Incident Scenarios\n### Database Down\n**Symptoms:**\n- slow\n"
                                "**Escalation Triggers:**\n- Service not restored within 40 minutes\n",
      "E-WEAKER:3 E-WEAKER:6 ", "Database Down escalates after 40 min instead of 20 min" },
    { "a threshold for a milder severity", TEAM "## Alert Thresholds\n- Errors: > 5% \xe2\x86\x92 P2\n", "E-WEAKER:5 ",
      "Errors alerts later or less: > 5%, P2 instead of > 5%, P1" },
    { "one channel for posts instead of two",
      REPLACES("communication channels", "") "## Communication Channels\n- Primary: Slack #shop\n", "E-WEAKER:3 ",
      "1 channel for posts instead of 2" },
    { "by leave, until a day",
      REPLACES("escalation rules", LEAVE("escalation rules", "2024-10-04")) RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- P0 incident -> Management\n",
      "W-WEAKER:3 W-FRONT-ENDS:7 ", "allowed by Grace until 2024-10-04: moving" },
    { "the leave is over",
      REPLACES("escalation rules", LEAVE("escalation rules", "2024-10-03")) RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- P0 incident -> Management\n",
      "E-WEAKER:3 E-FRONT-EXPIRED:7 ", "ended on 2024-10-03" },
    { "the leave is for another section",
      REPLACES("escalation rules", LEAVE("contacts", "2030-01-01")) RULES
      "- No response in 5 minutes -> Secondary then Incident Commander\n- P0 incident -> Management\n",
      "E-WEAKER:3 ", NULL },
    { "a leave that nobody gave",
      "---\nteam: shop\nweaker: thresholds\nreason: x\nuntil: 2030-01-01\n---\n## Alert Thresholds\n- CPU: > 95%\n",
      "E-FRONT-OVERRIDE:3 E-WEAKER:8 ", "does not say approved_by" },
    { "a leave without an end",
      "---\nteam: shop\nweaker: thresholds\napproved_by: G\nreason: x\nuntil: spring\n---\n## Alert Thresholds\n- CPU: > 95%\n",
      "E-FRONT-OVERRIDE:6 E-WEAKER:9 ", NULL },
    { "levels of its own", TEAM "## Severity Levels\n### P0 - Critical\n- x\n### P1 - High\n- y\n### P2 - Low\n- z\n",
      "E-EXTENDS-LEVELS:5 ", NULL },
    { "levels that count from P1",
      TEAM "## Severity Levels\n### P1 - Critical\n- x\n### P2 - High\n- y\n### P3 - Low\n- z\n", "E-LEVEL-SCHEME:5 ",
      "P1 is level 1 here and level 2 at org.md:5: the two begin to count at P1 and at P0" },
    { "a level that the organisation does not count to",
      TEAM "## Common Incident Scenarios\n### Slow Search\n**Severity:** P3\n**Symptoms:**\n- slow\n"
           "**Escalation Triggers:**\n- Data lost\n",
      "E-LEVEL-SCHEME:6 ", "P3 is no level here: the organisation's are P0 to P2" },
    { "neither is a percentile a level, nor a part of a word",
      TEAM "## Tools\n- P99 latency\n- MP3 pages\n- P3.medium incident\n", "", NULL },
    { "the same scenario again",
      TEAM
      "## Common Incident Scenarios\n### Database Down\n**Symptoms:**\n- slow\n**Escalation Triggers:**\n- Data lost\n",
      "E-EXTENDS-TWICE:5 ", "org.md:21" },
    { "a section that nobody knows", REPLACES("escalations and such", "") "text\n", "E-FRONT-SECTION:3 ", NULL },
    { "severities cannot be replaced", REPLACES("severity levels", "") "text\n", "E-FRONT-SECTION:3 ", NULL },
    { "replacing by nothing", REPLACES("[contacts]", "") "text\n", "E-FRONT-SECTION:3 ",
      "says nothing under contacts" },
    { "services of no team", "---\nservices: [a]\n---\ntext\n", "E-FRONT-TEAM:2 ", NULL },
};

static void codes_of(const struct compiled *c, struct buf *codes, struct buf *messages)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        const bool ours = slice_find(d->code, S("WEAKER")) < d->code.n || slice_find(d->code, S("FRONT")) < d->code.n ||
                          slice_find(d->code, S("EXTENDS")) < d->code.n || slice_find(d->code, S("SCHEME")) < d->code.n;
        if (ours) buf_addf(codes, "%.*s:%u ", (int)d->code.n, d->code.p, d->line);
        buf_add(messages, d->message);
        buf_add_char(messages, '\n');
    }
}

static void what_is_weaker_and_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct procedures_file files[] = { { .name = S("org.md"), .bytes = slice_of(org) },
                                                 { .name = S("shop.md"), .bytes = slice_of(rows[i].team) } };
        struct procedures_set *s = procedures_set_compile(files, 2, &(struct set_options){ .today = TODAY });
        struct buf codes = { 0 }, messages = { 0 };
        assert_int_equal(s->docs[0]->errors, 0);
        codes_of(s->docs[1], &codes, &messages);
        if (rows[i].codes != NULL && strcmp(buf_str(&codes), rows[i].codes) != 0)
            fail_msg("%s: %s, not %s\n%s", rows[i].what, buf_str(&codes), rows[i].codes, buf_str(&messages));
        if (rows[i].says != NULL && strstr(buf_str(&messages), rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].what, buf_str(&messages));
        buf_release(&codes);
        buf_release(&messages);
        procedures_set_destroy(&s);
    }
}

static const struct procedures_file three[] = {
    { .name = S("shop.md"),
      .bytes = S("---\nteam: shop\nreplaces:\n  - \"escalation rules\"  # all of them\n---\n" RULES
                 "- No response in 3 minutes -> Secondary then Incident Commander\n"
                 "- No resolution in 20 minutes -> Incident Commander\n- P0 incident -> Management\n"
                 "## Alert Thresholds\n- Queue length: > 100\n") },
    { .name = S("org.md"), .bytes = S("") }, /* `org`, set by the test: the first without a team, wherever it stands */
    { .name = S("database.md"),
      .bytes = S("## Common Incident Scenarios\n### Database Down\n**Symptoms:**\n- much slower\n"
                 "**Escalation Triggers:**\n- Data lost\n") },
};

static void who_says_what(void **state)
{
    struct procedures_file files[3] = { three[0], three[1], three[2] };
    (void)state;
    files[1].bytes = slice_of(org);
    struct procedures_set *s = procedures_set_compile(files, 3, &(struct set_options){ 0 });
    assert_int_equal(s->errors, 0);
    assert_int_equal(s->organisation, 1);
    assert_int_equal(s->policy.n_views, 1);
    const struct policy *shop = policy_for(&s->policy, S("shop"), S("cart"));
    assert_ptr_equal(shop, s->policy.views[0].policy);
    assert_int_equal(s->policy.rules[0].after_ms, 5 * MINUTE);
    assert_int_equal(shop->rules[0].after_ms, 3 * MINUTE);
    assert_int_equal(shop->n_rules, 3);
    assert_int_equal(shop->book.n_thresholds, 4); /* three inherited, one of its own */
    assert_int_equal(s->policy.book.n_thresholds, 3);
    assert_int_equal(s->policy.book.n_scenarios, 2); /* the runbook took the place of the scenario, for all */
    const struct {
        const void *element;
        struct slice file;
    } sources[] = {
        { &s->policy.rules[0], S("org.md") },
        { &shop->rules[0], S("shop.md") },
        { &shop->severities[0], S("org.md") },
        { &shop->book.thresholds[3], S("shop.md") },
        { &shop->book.thresholds[0], S("org.md") },
        { &shop->book.scenarios[0], S("database.md") },
        { &s->policy.book.scenarios[0], S("database.md") },
        { files, S("") },
    };
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        assert_true(slice_eq(procedures_set_source(s, sources[i].element), sources[i].file));
    procedures_set_destroy(&s);
}

/* G6: a line of a merged policy is a line of one of its documents, down to the last nested item, and it is known how it
 * came there. */
static void a_line_names_its_document_and_how_it_came_there(void **state)
{
    struct procedures_file files[3] = { three[0], three[1], three[2] };
    (void)state;
    files[1].bytes = slice_of(org);
    struct procedures_set *s = procedures_set_compile(files, 3, &(struct set_options){ 0 });
    const struct policy *p = &s->policy, *shop = policy_for(p, S("shop"), S("cart"));
    const struct {
        const struct policy *policy;
        unsigned line;
        struct slice file;
        int bare;
        enum provenance how;
    } lines[] = {
        { p, p->rules[0].line, S("org.md"), 34, PROVENANCE_OWN },
        { shop, shop->rules[0].line, S("shop.md"), 7, PROVENANCE_REPLACED },
        { shop, shop->severities[0].criteria.v[0].line, S("org.md"), 4, PROVENANCE_INHERITED },
        { shop, shop->book.thresholds[0].line, S("org.md"), 30, PROVENANCE_INHERITED },
        { shop, shop->book.thresholds[3].line, S("shop.md"), 11, PROVENANCE_ADDED },
        { p, p->book.scenarios[0].line, S("database.md"), 2, PROVENANCE_REPLACED },
        { p, p->book.scenarios[0].triggers[0].line, S("database.md"), 6, PROVENANCE_REPLACED },
        { shop, shop->book.scenarios[0].triggers[0].line, S("database.md"), 6, PROVENANCE_INHERITED },
        { p, 0, S(""), 0, PROVENANCE_UNSET },
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_true(slice_eq(policy_file(lines[i].policy, lines[i].line), lines[i].file));
        assert_int_equal(POLICY_LINE(lines[i].line), lines[i].bare);
        assert_int_equal(procedures_set_provenance(s, lines[i].policy, lines[i].line), lines[i].how);
    }
    struct compiled whole = procedures_set_compiled(s, p);
    assert_true(slice_eq(compiled_line_text(&whole, p->book.scenarios[0].triggers[0].line), S("- Data lost")));
    procedures_set_destroy(&s);
}

/* R13: a server that starts does not judge days, so that an override that ended at night does not end paging. */
static void a_server_that_starts_judges_no_days(void **state)
{
    const struct procedures_file files[] = {
        { .name = S("org.md"), .bytes = slice_of(org) },
        { .name = S("shop.md"),
          .bytes =
              S("---\nteam: shop\n" LEAVE("thresholds", "2024-01-01") "---\n## Alert Thresholds\n- CPU: > 95%\n") },
    };
    struct procedures_set *s = procedures_set_compile(files, 2, &(struct set_options){ .today = 0 });
    (void)state;
    assert_int_equal(s->errors, 0);
    procedures_set_destroy(&s);
    s = procedures_set_compile(files, 2, &(struct set_options){ .today = TODAY });
    assert_int_equal(s->errors, 2);
    procedures_set_destroy(&s);
}

/* A runbook attaches to the scenario of its title, whatever words titles have around it, or to the one that is named; it
 * keeps what the runbook does not say and every trigger. What matches none is a scenario of its own. */
static void runbooks_attach_to_scenarios(void **state)
{
    static const struct {
        const char *what, *runbook, *site;
        const char *scenario; /* id of the one that is changed or new */
        size_t scenarios, symptoms, immediate, triggers;
        const char *code;
    } cases[] = {
        { "by title", "# Runbook: Database Down\n## Steps\n1. Look\n## When to Escalate\n- Data lost\n", "",
          "database-down", 2, 1, 1, 2, "N-RUNBOOK" },
        { "by the words of its title",
          "# Database is down: incident response guide\n## Immediate Actions\n1. Look\n## Mitigation\n1. Mend\n", "",
          "database-down", 2, 1, 1, 1, "N-RUNBOOK" },
        { "named by the site", "# Postgres\n## Immediate Actions\n1. Look\n2. Act\n## Mitigation\n1. Mend\n",
          "Database Down", "database-down", 2, 1, 2, 1, "N-RUNBOOK" },
        { "named by itself",
          "---\nscenario: cable-cut\n---\n# Digger\n## Symptoms\n- mud\n## Immediate Actions\n1. Look\n", "",
          "cable-cut", 2, 1, 1, 0, "N-RUNBOOK" },
        { "the site decides",
          "---\nscenario: cable-cut\n---\n# Digger\n## Immediate Actions\n1. Look\n## Mitigation\n1. Mend\n",
          "Database Down", "database-down", 2, 1, 1, 1, "N-RUNBOOK" },
        { "a scenario of its own",
          "# Runbook: Certificate Expired\n## Steps\n1. Look\n## Escalate if\n- No answer in 5 "
          "minutes\n",
          "", "certificate-expired", 3, 0, 1, 1, NULL },
        { "of labels that plans have too, and a title that says nothing",
          "# Certificate Expires\n## Detection\n- Browsers warn\n## Steps\n1. Renew\n2. Reload\n## Escalate if\n"
          "- No progress in 10 minutes\n",
          "", "certificate-expires", 3, 1, 2, 1, NULL },
        { "nothing of a runbook in it", "---\nscenario: cable-cut\n---\n# Diggers\nThey dig.\n", "", "cable-cut", 2, 1,
          0, 0, "E-RUNBOOK" },
        { "a name that nobody has", "# Postgres\n## Immediate Actions\n1. Look\n## Mitigation\n1. Mend\n",
          "Databse Down", "database-down", 2, 1, 0, 1, "E-RUNBOOK" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct procedures_file files[] = {
            { .name = S("org.md"), .bytes = slice_of(org) },
            { .name = S("runbook.md"), .bytes = slice_of(cases[i].runbook), .scenario = slice_of(cases[i].site) },
        };
        struct procedures_set *s = procedures_set_compile(files, 2, &(struct set_options){ 0 });
        const struct policy_scenario *found = NULL;
        bool coded = cases[i].code == NULL;
        for (size_t k = 0; k < s->policy.book.n_scenarios; k++)
            if (slice_eq(s->policy.book.scenarios[k].id, slice_of(cases[i].scenario)))
                found = &s->policy.book.scenarios[k];
        for (size_t k = 0; k < s->docs[1]->n_diagnostics && !coded; k++)
            coded = slice_eq(s->docs[1]->diagnostics[k].code, slice_of(cases[i].code));
        if (found == NULL || !coded) fail_msg("%s: not attached", cases[i].what);
        if (s->policy.book.n_scenarios != cases[i].scenarios || found->n_symptoms != cases[i].symptoms ||
            found->immediate.n != cases[i].immediate || found->n_triggers != cases[i].triggers)
            fail_msg("%s: %zu scenarios, %zu symptoms, %zu actions, %zu triggers", cases[i].what,
                     s->policy.book.n_scenarios, found->n_symptoms, found->immediate.n, found->n_triggers);
        procedures_set_destroy(&s);
    }
}

/* Whoever activates judges the days: over, about to be over within 14 days, today being its last day; else it holds. */
static void the_days_of_an_override_are_judged_by_a_given_today(void **state)
{
    static const struct {
        const char *until;
        enum override_state is;
        const char *said, *code;
    } cases[] = {
        { "2024-10-03", OVERRIDE_ENDED, "shop.md:6: the override for being weaker ended on 2024-10-03",
          "E-FRONT-EXPIRED" },
        { "2024-10-04", OVERRIDE_ENDS_SOON, "(approved by Grace: moving)", "ends on 2024-10-04, today" },
        { "2024-10-05", OVERRIDE_ENDS_SOON, "ends soon, on 2024-10-05", "ends on 2024-10-05, in 1 day\n" },
        { "2024-10-17", OVERRIDE_ENDS_SOON, "2024-10-17", "in 13 days" },
        { "2024-10-18", OVERRIDE_HOLDS, "", "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf shop = { 0 }, said = { 0 }, codes = { 0 }, messages = { 0 };
        buf_addf(&shop,
                 "---\nteam: shop\nweaker: thresholds\napproved_by: Grace\nreason: moving\nuntil: %s\n---\n"
                 "## Alert Thresholds\n- CPU: > 95%%\n",
                 cases[i].until);
        const struct procedures_file files[] = { { .name = S("org.md"), .bytes = slice_of(org) },
                                                 { .name = S("shop.md"), .bytes = buf_slice(&shop) } };
        struct procedures_set *s = procedures_set_compile(files, 2, &(struct set_options){ .today = TODAY });
        assert_int_equal(procedures_set_override(s, TODAY, &said), cases[i].is);
        assert_non_null(strstr(buf_str(&said), cases[i].said));
        codes_of(s->docs[1], &codes, &messages);
        buf_add(&messages, buf_slice(&codes));
        if (strstr(buf_str(&messages), cases[i].code) == NULL) fail_msg("%s: %s", cases[i].until, buf_str(&messages));
        assert_int_equal(s->errors > 0, cases[i].is == OVERRIDE_ENDED);
        procedures_set_destroy(&s);
        buf_release(&shop);
        buf_release(&said);
        buf_release(&codes);
        buf_release(&messages);
    }
}

static void a_document_that_breaks_a_limit_is_named(void **state)
{
    const struct procedures_file files[] = { { .name = S("bad.md"), .bytes = { "a\0b", 3 } },
                                             { .name = S("shop.md"), .bytes = S(TEAM "text\n") } };
    struct procedures_set *s = procedures_set_compile(files, 2, &(struct set_options){ 0 });
    (void)state;
    assert_null(s->docs[0]);
    assert_int_equal(s->failures[0].code, ERR_INVALID);
    assert_int_equal(s->policy.n_rules, 0);
    assert_true(s->errors > 0);
    procedures_set_destroy(&s);
}

/* R26: the type of incident that only a shared document names an expert for, used by a team's that stands before it. */
static void a_type_of_incident_that_another_document_names(void **state)
{
    static const char shop[] = TEAM RULES "- Payment incident -> Cashiers immediately\n";
    static const struct {
        const char *beside;
        size_t errors;
    } cases[] = {
        { "## Incident Response Team\n### Subject Matter Experts\n- Payment specialists (for payment issues)\n", 0 },
        { "## Incident Response Team\n### Subject Matter Experts\n- Tax specialists (for tax issues)\n", 1 },
        { TEAM "## Tools\n- x\n", 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct procedures_file files[] = {
            { .name = S("org.md"), .bytes = S("# Org\n" RULES "- No response in 5 minutes -> Secondary then Lead\n") },
            { .name = S("shop.md"), .bytes = slice_of(shop) },
            { .name = S("beside.md"), .bytes = slice_of(cases[i].beside) },
        };
        struct procedures_set *s = procedures_set_compile(files, 3, &(struct set_options){ 0 });
        assert_int_equal(s->docs[1]->errors, cases[i].errors);
        procedures_set_destroy(&s);
    }
}

static void front_matter_R_G1(void **state)
{
    static const struct {
        const char *document, *team, *services;
    } cases[] = {
        { "---\nteam: shop\n---\n", "shop", "" },
        { "\xef\xbb\xbf---\r\nTeam: 'shop'  # ours\r\nservices: [cart, \"search\"]\r\n...\r\n", "shop",
          "cart|search|" },
        { "---\nteam: shop\nservices:\n  - cart\n  - search # too\nowner: x\n  - y\n---\n", "shop", "cart|search|" },
        { "---\nteam: shop\n", "", "" }, /* never closed */
        { "# Title\n---\nteam: shop\n---\n", "", "" },
        { "", "", "" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct front f;
        struct buf services = { 0 };
        front_read(slice_of(cases[i].document), &f);
        for (size_t k = 0; k < f.services.n; k++) {
            buf_add(&services, f.services.v[k]);
            buf_add_char(&services, '|');
        }
        assert_true(slice_eq(f.team.text, slice_of(cases[i].team)));
        assert_string_equal(buf_str(&services), cases[i].services);
        buf_release(&services);
    }
    int64_t days;
    assert_true(front_date(S("1970-01-02"), &days) && days == 1);
    assert_false(front_date(S("2026-02-30"), &days));
    assert_false(front_date(S("2026-2"), &days));
    assert_false(front_date(S("2026-02-03 or so"), &days));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_weaker_and_what_is_wrong),
        cmocka_unit_test(who_says_what),
        cmocka_unit_test(a_line_names_its_document_and_how_it_came_there),
        cmocka_unit_test(a_server_that_starts_judges_no_days),
        cmocka_unit_test(the_days_of_an_override_are_judged_by_a_given_today),
        cmocka_unit_test(a_document_that_breaks_a_limit_is_named),
        cmocka_unit_test(a_type_of_incident_that_another_document_names),
        cmocka_unit_test(runbooks_attach_to_scenarios),
        cmocka_unit_test(front_matter_R_G1),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
