/* test_procedures_whole.c - the checks of a whole policy, asked of several documents together (merge_whole.c): what one
 * lacks and another gives is no fault of either, what does not hold together is. */
#include "harness.h"

#include "base/check.h"
#include "procedures/merge.h"

#define LEVELS "## Severity Levels\n### SEV1 - Critical\n- down\n### SEV2 - Low\n- slow\n"
#define RULES "## Escalation Rules\n"
#define CHAIN RULES "- No response in 5 minutes -> Secondary on-call then Incident Commander\n"
#define TEAM(name) "---\nteam: " name "\n---\n"
#define TREE(name, end) "## Decision Trees\n### " name " Decision Tree\n```\nIs it down?\n|- YES -> " end "\n`- NO -> Wait\n```\n"
#define RUNBOOK(name) "## Alert: " name "\n### Symptoms\n- bad\n### Immediate Actions\n- Look\n### Mitigation\n- Mend\n"
#define TRIGGER "### When to Escalate\n- Service not restored within 30 minutes\n"

static const struct {
    const char *what;
    const char *files[3]; /* org.md, two.md, three.md */
    const char *codes; /* "file:line:CODE " of every warning and error but those that a row is not about */
    const char *says; /* in one of the messages; NULL = not asked */
} rows[] = {
    { "a drill that no runbook exercises (A45)", { "## Drill Scenarios\n1. DNS failure\n", "# Two\n## Tools\n- x\n" },
      "org.md:2:W-DRILL-GAP ", "no runbook for the drill" },
    { "a drill whose runbook lies in a file of its own (A45)",
      { "## Drill Scenarios\n1. DNS failure\n", RUNBOOK("DNS Failure") TRIGGER }, "", NULL },
    { "a drill whose runbook a team has (A45)",
      { "## Drill Scenarios\n1. DNS failure\n", TEAM("net") RUNBOOK("DNS Failure") TRIGGER, TEAM("shop") "## Tools\n- x\n" },
      "", NULL },
    { "a drill that names a runbook of another file",
      { "## Drill Scenarios\n1. Names are gone -> DNS Failure\n", RUNBOOK("DNS Failure") TRIGGER }, "", NULL },
    { "a drill that names a runbook nobody has",
      { "## Drill Scenarios\n1. Names are gone -> DNS Failure\n", RUNBOOK("Disk Full") TRIGGER },
      "org.md:2:E-DRILL-SCENARIO ", "no scenario of these documents is \"DNS Failure\"" },
    { "a drill in a team's document for the organisation's runbook",
      { RUNBOOK("DNS Failure") TRIGGER, TEAM("net") "## Drill Scenarios\n1. DNS failure\n" }, "", NULL },
    { "a critical metric without a threshold (R113)", { "## Critical Metrics\n- Queue length\n", "## Tools\n- x\n" },
      "org.md:2:W-METRIC-NO-THRESHOLD ", NULL },
    { "its threshold stands in another document (R113)",
      { "## Critical Metrics\n- Queue length\n", "## Alert Thresholds\n- Queue length: > 5\n" }, "", NULL },
    { "its threshold stands in a team's document (R113)",
      { "## Critical Metrics\n- Queue length\n", TEAM("shop") "## Alert Thresholds\n- Queue length: > 5\n" }, "", NULL },
    { "a level that no sentence mentions", { LEVELS RULES "- SEV1: No response in 5 minutes -> Secondary then Management\n" },
      "org.md:4:W-LEVEL-NO-RULE ", NULL },
    { "and another document does",
      { LEVELS RULES "- SEV1: No response in 5 minutes -> Secondary then Incident Commander\n",
        RULES "- SEV2: No response in 9 minutes -> Secondary then Incident Commander\n" },
      "", NULL },
    { "a chain that ends, and goes on in another document (A16)",
      { RULES "- No response in 5 minutes -> Secondary on-call\n",
        RULES "- No response in 15 minutes -> Incident Commander\n" },
      "", NULL },
    { "a chain that ends for the organisation, whatever a team says (A16)",
      { RULES "- No response in 5 minutes -> Secondary on-call\n",
        TEAM("shop") RULES "- No response in 15 minutes -> Incident Commander\n" },
      "org.md:2:W-CHAIN-END ", NULL },
    { "nobody is paged when nobody answers", { RULES "- SEV1 incident -> Management\n" LEVELS, "## Tools\n- x\n" },
      "org.md:1:W-CHAIN-NONE org.md:6:W-LEVEL-NO-RULE ", NULL },
    { "and another document says who", { RULES "- SEV1 incident -> Management\n" LEVELS, CHAIN }, "", NULL },
    { "a party that another document defines (G9)",
      { CHAIN "- No resolution in 30 minutes -> Data team\n## Contact Information\n- Primary On-Call: [Phone]\n"
              "- Secondary On-Call: [Phone]\n- Incident Commander: [Phone]\n",
        "## Contact Information\n- Data team: [Phone]\n" },
      "", NULL },
    { "a party that a team's document names and a shared one defines (G9)",
      { CHAIN "## Contact Information\n- Secondary On-Call: [Phone]\n- Incident Commander: [Phone]\n",
        TEAM("shop") RULES "- No resolution in 30 minutes -> Data team\n",
        "## Contact Information\n- Data team: [Phone]\n" },
      "", NULL },
    { "a party that nobody defines (G9)",
      { CHAIN "## Contact Information\n- Secondary On-Call: [Phone]\n- Incident Commander: [Phone]\n",
        TEAM("shop") RULES "- No resolution in 30 minutes -> Data team\n" },
      "two.md:5:W-PARTY-UNKNOWN ", "\"Data team\" is neither a role" },
    { "somebody is told whom another document defines (A8)",
      { "## Response Timeline\n### T+5 Minutes - Triage\n- Legal notified\n", "## Contact Information\n- Legal: [Email]\n" },
      "", NULL },
    { "a sentence that stands in two documents",
      { CHAIN, RULES "- No acknowledgement in 5 minutes -> Secondary on-call then Incident Commander\n" },
      "two.md:2:W-RULE-TWICE ", "org.md:2 says the same already" },
    { "a sentence that one of another document narrows",
      { LEVELS CHAIN, RULES "- SEV1: No response in 3 minutes -> Secondary on-call then Incident Commander\n" },
      "org.md:7:W-NARROWED ", "two.md:2 replaces this sentence for SEV1" },
    { "a team's sentence that stands instead of the organisation's for a level",
      { LEVELS CHAIN, TEAM("shop") RULES "- SEV1: No response in 3 minutes -> Secondary on-call then Incident Commander\n" },
      "", NULL },
    { "a metric whose threshold a team replaces by others (R113)",
      { "## Critical Metrics\n- Queue length\n## Alert Thresholds\n- Queue length: > 5\n",
        "---\nteam: shop\nreplaces: thresholds\n---\n## Alert Thresholds\n- Errors: > 5%\n" },
      "org.md:2:W-METRIC-NO-THRESHOLD two.md:3:E-WEAKER ", "for team shop: no threshold" },
    { "a trigger that the runbook leaves to its scenario",
      { "## Common Incident Scenarios\n### DNS Failure\n**Symptoms:**\n- bad\n**Escalation Triggers:**\n- Data lost\n",
        RUNBOOK("DNS Failure") },
      "", NULL },
    { "a trigger that the scenario leaves to its runbook",
      { "## Common Incident Scenarios\n### DNS Failure\n**Symptoms:**\n- bad\n", RUNBOOK("DNS Failure") TRIGGER }, "",
      NULL },
    { "neither says when to escalate",
      { "## Common Incident Scenarios\n### DNS Failure\n**Symptoms:**\n- bad\n", RUNBOOK("DNS Failure") },
      "two.md:1:W-NO-TRIGGER ", NULL },
    { "a tree that jumps to one of another document (R68)",
      { TREE("Recovery", "Go to the Failover decision tree"), TREE("Failover", "Switch") }, "", NULL },
    { "a tree that jumps to one that nobody has (R68)",
      { TREE("Recovery", "Go to the Failover decision tree"), TREE("Rollback", "Switch") }, "org.md:5:E-TREE-GOTO ",
      "Failover decision tree" },
    { "two trees that jump to each other (R68)",
      { "## Decision Trees\n### Recovery Decision Tree\n```\nIs it down?\n|- YES -> Initiate failover\n"
        "`- NO -> Initiate failover\n```\n",
        "## Decision Trees\n### Failover Decision Tree\n```\nIs it up?\n|- YES -> Initiate recovery\n"
        "`- NO -> Initiate recovery\n```\n" },
      "org.md:4:E-TREE-LOOP two.md:4:E-TREE-LOOP ", NULL },
    { "an expert's category of another document",
      { "## Incident Response Team\n### Subject Matter Experts\n- Cluster team (for kubernetes issues)\n",
        RULES "- Kubernetes incident -> Cluster team\n- No response in 5 minutes -> Incident Commander\n" },
      "two.md:3:W-PARTY-UNKNOWN ", NULL },
};

static void codes_of(const struct procedures_set *s, struct buf *codes, struct buf *messages)
{
    for (size_t f = 0; f < s->n; f++)
        for (size_t i = 0; i < s->docs[f]->n_diagnostics; i++) {
            const struct diagnostic *d = &s->docs[f]->diagnostics[i];
            const struct slice file = s->docs[f]->file_name;
            if (d->level == DIAGNOSTIC_NOTE) continue;
            buf_addf(codes, "%.*s:%u:%.*s ", (int)file.n, file.p, d->line, (int)d->code.n, d->code.p);
            buf_add(messages, d->message);
            buf_add_char(messages, '\n');
        }
}

static struct procedures_set *compile(const char *const files[3])
{
    static const struct slice names[] = { S("org.md"), S("two.md"), S("three.md") };
    struct procedures_file list[3];
    size_t n = 0;
    for (; n < 3 && files[n] != NULL; n++)
        list[n] = (struct procedures_file){ .name = names[n], .bytes = slice_of(files[n]) };
    return procedures_set_compile(list, n, &(struct set_options){ 0 });
}

static void what_only_all_documents_show(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct procedures_set *s = compile(rows[i].files);
        struct buf codes = { 0 }, messages = { 0 };
        codes_of(s, &codes, &messages);
        if (strcmp(buf_str(&codes), rows[i].codes) != 0)
            fail_msg("%s: %s, not %s\n%s", rows[i].what, buf_str(&codes), rows[i].codes, buf_str(&messages));
        if (rows[i].says != NULL && strstr(buf_str(&messages), rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].what, buf_str(&messages));
        buf_release(&codes);
        buf_release(&messages);
        procedures_set_destroy(&s);
    }
}

/* A27, A45: the links are those of the whole; a team's are its own. */
static void links_lead_into_other_documents(void **state)
{
    static const char *const files[3] = {
        "## Drill Scenarios\n1. Region lost\n" RUNBOOK("Region Lost") "- Fail over to the region\n" TRIGGER,
        TREE("Failover", "Switch region"),
        TEAM("shop") "## Drill Scenarios\n1. Cart lost\n" RUNBOOK("Cart Lost") TRIGGER,
    };
    (void)state;
    struct procedures_set *s = compile(files);
    const struct policy_book *org = &s->policy.book, *shop = &s->policy.views[0].policy->book;
    assert_int_equal(org->n_drills, 1);
    assert_true(slice_eq(org->drills[0].scenario, S("region-lost")));
    assert_true(slice_eq(org->drills[0].tree, S("failover-decision-tree")));
    assert_true(slice_eq(org->scenarios[0].mitigation.v[1].tree, S("failover-decision-tree")));
    assert_int_equal(shop->n_drills, 2);
    assert_true(slice_eq(shop->drills[0].scenario, S("region-lost")));
    assert_true(slice_eq(shop->drills[1].scenario, S("cart-lost")));
    assert_true(slice_eq(procedures_set_source(s, &shop->drills[1]), S("three.md")));
    bool linked = false;
    for (size_t i = 0; i < s->docs[0]->n_interpretations; i++)
        linked |= slice_eq(s->docs[0]->interpretations[i].code, S("A27"));
    assert_true(linked);
    procedures_set_destroy(&s);
}

/* Alone, too, any two labels make a runbook of a document that is nothing else, and it is said. */
static void a_runbook_that_is_read_alone_is_one(void **state)
{
    static const struct {
        const char *what, *text;
        size_t scenarios;
        bool runbook;
    } cases[] = {
        { "labels that plans have too", "# Certificate\n## Detection\n- Browsers warn\n## Steps\n1. Renew\n", 1, true },
        { "beside whom to call", "# Certificate\n## Contacts\n- Ops: ops@example.org\n## Detection\n- x\n## Steps\n1. y\n", 1,
          true },
        { "labels of runbooks alone", "# Certificate\n## Symptoms\n- x\n## Mitigation\n1. y\n", 1, true },
        { "one label is none", "# Certificate\n## Detection\n- Browsers warn\n## Notes\n1. Renew\n", 0, false },
        { "an organisation's document", LEVELS "## Detection\n- x\n## Steps\n1. y\n", 0, false },
        { "its scenarios", "## Common Incident Scenarios\n### A\n**Symptoms:**\n- x\n**Steps:**\n1. y\n", 1, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = { 0 };
        struct compiled *c = procedures_compile(slice_of(cases[i].text), S("x.md"), NULL, &e);
        if (c->policy.book.n_scenarios != cases[i].scenarios || c->runbook != cases[i].runbook)
            fail_msg("%s: %zu scenarios, %d", cases[i].what, c->policy.book.n_scenarios, c->runbook);
        compiled_destroy(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_all_documents_show),
        cmocka_unit_test(a_runbook_that_is_read_alone_is_one),
        cmocka_unit_test(links_lead_into_other_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
