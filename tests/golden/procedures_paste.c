/* procedures_paste.c - every line that a diagnostic offers is pasted where it belongs, and the document compiled again:
 * the diagnostic is gone, and no error has come (R2, G4).
 *
 * For every document of golden/procedures and its corpus, the reference, the example, and the mistakes below. What is
 * advice and no line is offered by no `replacement` and is not tried. */
#include "harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/paste.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/procedures/"

#define LEVELS "## Severity Levels\n### SEV1 - Critical\n- Down\n### SEV2 - High\n- Slow\n"
#define PEOPLE "## Contact Information\n- Incident Commander: [Phone]\n- Secondary on-call: [Phone]\n"
#define RULES LEVELS "## Escalation Rules\n- No response in 5 minutes → Secondary on-call then Incident Commander\n"
#define TREE(lines) LEVELS "## Decision Trees\n### Restart Decision Tree\n```\nSTART: it is down\n" lines "```\n"
#define RUNBOOK "## Common Incident Scenarios\n### Outage\n**Symptoms:**\n- x\n\n**Immediate Actions:**\n1. y\n\n"

/* A mistake that people make. `code` is what is said of it; `line`: a line to paste must be offered, not advice. */
static const struct {
    const char *document, *code;
    bool line;
} mistakes[] = {
    { RULES "- No reponse in 9 minutes → Management\n", "E-ESCALATION", true },
    { RULES "- No response in 9 minuts → Management\n", "E-ESCALATION", true },
    { RULES "- No response in 9 → Management\n", "E-ESCALATION", true },
    { RULES "- No response for 9 furlongs → Management\n", "E-ESCALATION", true },
    { RULES "- No response in 9 business hours → Management\n", "E-ESCALATION", true },
    { RULES "- No response in 9 minutes: page Management\n", "E-ESCALATION", true },
    { RULES "- No response in 9 minutes, call Management and Legal\n", "E-ESCALATION", true },
    { RULES "- Nobody resolved it after 2 hours → Management\n", "E-ESCALATION", true },
    { RULES "- SEV7 incident → Management\n", "E-ESCALATION", true },
    { RULES "- SEV1 alarm → Management\n", "E-ESCALATION", true },
    { RULES "- SEV7: No response in 9 minutes → Management\n", "E-ESCALATION", true },
    { RULES "- Weather incident → Management\n", "E-ESCALATION", true },
    { RULES "- SEV1: No resolution in 9 minutes → Management by pigeon\n", "E-ESCALATION", true },
    { RULES "- No resolution in 9 minutes during the monsoon → Management\n", "E-ESCALATION", true },
    { RULES "- No resolution in 9 minutes → Management during business hours\n", "E-ESCALATION", true },
    { RULES "- No resolution in 9 minutes → page Management\n", "E-ESCALATION", true },
    { RULES "- No resolution in 9 minutes → Management if awake\n", "E-ESCALATION", true },
    { RULES "- Not resolved > 4 hours\n", "E-ESCALATION", true },
    { RULES "- → Management\n", "E-ESCALATION", true },
    { RULES "1. No reponse in 9 minutes → Management\n2. SEV1 incident → Management\n", "E-ESCALATION", true },
    { RULES "- No reponse in 9 minutes\n  → Management, wherever they are\n- SEV1 incident → Management\n",
      "E-ESCALATION", true },
    { RULES "\nNo reponse in 9 minutes → Management\n", "E-ESCALATION", true },
    { RULES "\n> No resolution within 9 minutes: page Management\n", "E-ESCALATION", true },
    { RULES "- > No resolution within 9 minutes: page Management\n", "E-ESCALATION", true },
    { RULES "\n```\nNo resolution in 9 minutes → Management\n```\n", "E-ESCALATION", false },
    { RULES "\n```\n- No resolution in 9 minutes → Management\n", "W-FENCE-OPEN", false },
    { RULES "### After 20 minutes\n- SEV1 incident → Management\n", "W-CLOCK-LOST", false },
    { RULES "### Level 2: Management\n", "W-LADDER-UNREAD", true },
    { PEOPLE RULES "- SEV1 incident → Incident Comander\n", "W-PARTY-UNKNOWN", true },
    { PEOPLE RULES "- SEV1 incident → The Press Office\n", "W-PARTY-UNKNOWN", false },
    { RULES "- No response in 9 minutes → Secondary on-call\n", "W-SELF-LOOP", false },
    { LEVELS "## Escalation Rules\n- No response in 5 minutes → Primary on-call\n", "W-SELF-LOOP", true },
    { LEVELS "## Escalation Rules\n- No response in 5 minutes → Secondary on-call\n", "W-CHAIN-END", true },
    { LEVELS "## Escalation Rules\n- SEV1: No response in 5 minutes → Secondary on-call\n", "W-CHAIN-END", true },
    { LEVELS "## Escalation Rules\n- No response in 5 minutes during business hours → Secondary on-call\n",
      "W-CHAIN-END", true },
    { LEVELS "## Escalation Rules\n- No acknowledgement in 5 minutes → Secondary by Phone.\n", "W-CHAIN-END", true },
    { LEVELS "## Escalation Rules\n- SEV1 incident → Management\n", "W-CHAIN-NONE", false },
    { RULES "- No response in 3 days → Management\n", "W-ENDLESS-WAIT", true },
    { RULES "- SEV1: No resolution in 90 days → Management\n", "W-ENDLESS-WAIT", true },
    { RULES "- No response in 0 minutes → Management\n", "W-NO-WAIT", true },
    { RULES "- SEV1: No resolution in 0 minutes → Legal\n", "W-NO-WAIT", true },
    { LEVELS "## Escalation Rules\n- SEV1: No response in 5 minutes → Secondary on-call then Management\n",
      "W-LEVEL-NO-RULE", false },
    { LEVELS
      "## Escalation Path\n1. **Level 1**: Primary On-Call (0-15 minutes)\n2. **Level 2**: Management (15+ minutes)\n",
      "N-BARE-DELAY", true },
    { LEVELS "## Escalation Path\n1. **Level 1**: Management (0-15 minutes)\n", "W-LADDER-FIRST", false },
    { LEVELS "## Escalation Matrix\n| Severity | Escalation (15 min) |\n|---|---|\n| SEV1 | ✓ |\n", "W-MATRIX-UNREAD",
      false },
    { LEVELS "## Escalation Matrix\n| Time Elapsed | Contacts |\n|---|---|\n| soon | Management |\n", "W-MATRIX-UNREAD",
      false },

    { "## Severity Levels\n### SEV1 - Bad\n- Estimated recovery time: 4 hours or so\n", "E-SEVERITY", true },
    { "## Severity Levels\n### SEV1 - Bad\n- Estimated recovery time: 4 hours\n", "E-SEVERITY", true },
    { "## Severity Levels\n### SEV1 - Bad\n- Estimated recovery time: about 2-4 hours\n", "E-SEVERITY", true },
    { "## Severity Levels\n### SEV1 - Bad\n- Response time: in 5 minutes at most\n", "E-SEVERITY", true },
    { "## Severity Levels\n### SEV1 - Bad\n- Update frequency: as they come, or within 5 minutes\n", "E-SEVERITY",
      true },
    { "## Severity Levels\n### SEV1 - Bad\n- Down for more than 5 minutes\n", "W-CLOCK-LOST", false },
    { "## Severity Levels\n### SEV1 - A\n- x\n### P2 - B\n- y\n", "E-LEVEL-SCHEME", false },
    { "## Severity Levels\n### SEV1 - A\n- x\n### SEV1 - B\n- y\n", "E-LEVEL-TWICE", false },
    { "## Severity Levels\n### SEV1 - A\n- x\n### SEV3 - B\n- y\n", "W-LEVEL-GAP", false },
    { LEVELS "## Severity Escalation\n- Customer data is affected → SEV9\n", "E-LEVEL-CHANGE", true },
    { LEVELS "## Severity Escalation\n- Still down after 2 hours\n", "W-CLOCK-LOST", true },
    { "## Severity Levels\n### P1 - A\n- x\n### P2 - B\n- y\n## Severity Escalation\n- Still down after 2 hours\n",
      "W-CLOCK-LOST", true },
    { "## Severity Levels\n### P1 - A\n- x\n### P2 - B\n- y\n## Severity Escalation\n- Data is lost → SEV9\n",
      "E-LEVEL-CHANGE", true },
    { LEVELS "## Severity Escalation\n| Trigger | To |\n|---|---|\n| Not fixed in 2 hours | the boss |\n",
      "W-CLOCK-LOST", true },

    { "## Contact Information\n- Incident Commander → +1 555\n", "E-CONTACT", true },
    { "## Contact Information\n- Management: boss@example.org\n", "W-ADDRESS-IN-POLICY", true },
    { "## Contact Information\n- Management: [Carrier pigeon]\n", "W-CONTACT-KINDS", true },
    { "## Contact Information\n| Role | Email |\n|---|---|\n| Management | boss@example.org |\n", "W-ADDRESS-IN-POLICY",
      false },
    { "## Communication Channels\n- Primary: Carrier pigeon\n", "E-CHANNEL", true },
    { "## Communication Channels\n- Secondary: Megaphone after 5 minutes\n", "E-CHANNEL", true },

    { "## Response Timeline\n### T+5 minuts - One\n- x\n", "E-TIMELINE", true },
    { "## Response Timeline\n### T+5 hurs - One\n- x\n", "E-TIMELINE", true },
    { "## Response Timeline\n### Triage after 15 minutes\n- x\n", "E-TIMELINE", true },
    { "## Response Timeline\n### T+15 - One\n- x\n### T+5 - Two\n- y\n", "E-TIMELINE-ORDER", false },
    { "## Response Timeline\n### T+15 - One\n- x\n### Cleanup\n- y\n", "N-NO-CLOCK", true },
    { "## Response Timeline\n| When | What |\n|---|---|\n| soon after 5 | x |\n", "W-CLOCK-LOST", true },
    { "## Response Timeline\n### T+15 - One\n- x\n\n**In 5 minutes or so:**\n", "W-CLOCK-LOST", false },
    { "## Response Timeline\n### T+5 - One\n- a\n\n> ### T+15 - Two\n", "E-TIMELINE", true },
    { "## Response Timeline\n### T+5 - One\n- Stakeholders notified\n", "W-NAME-UNDEFINED", false },

    { LEVELS "## Communication Plan\n1. **Status Updates**: roughly every quarter of an hour, 15 minutes\n",
      "W-CLOCK-LOST", true },
    { LEVELS "## Communication Plan\n1. **Status Page**: some 15 minutes later\n", "W-CLOCK-LOST", true },
    { LEVELS "## Communication Plan\n- Executives - hourly\n", "W-CLOCK-LOST", true },
    { LEVELS "## Communication Plan\n- Updates after lunch\n", "W-CLOCK-LOST", true },
    { LEVELS "## Communication Plan\nWe write within 15 minutes.\n", "W-CLOCK-LOST", false },
    { LEVELS "## Communication Plan\n1. **Post-Mortem**: Within 3 business days of resolution\n", "W-BUSINESS-TIME",
      true },
    { LEVELS "## Communication Plan\n1. **Status Page**: Update within 2 working hours of incident\n",
      "W-BUSINESS-TIME", true },
    { LEVELS "## Communication Plan\n| Audience | Frequency |\n|---|---|\n| Legal | now and then, 5 minutes |\n",
      "W-CLOCK-LOST", false },
    { LEVELS "## Communication Plan\n- **Status Page**: Update within 5 minutes of incident\n", "W-NO-CADENCE", false },
    { LEVELS "## Communication Templates\n### Initial\n```\nSeverity: [SEV1/SEV3]\n```\n", "E-TEMPLATE-LEVELS", true },
    { "## Communication Templates\n### Status Update\n```\nStatus: [Up/Down]\n```\n", "W-TEMPLATE-STATES", true },

    { RUNBOOK, "W-NO-TRIGGER", false },
    { RUNBOOK "**Escalation Triggers:**\n- It takes about 30 minutes\n", "W-CLOCK-LOST", true },
    { RUNBOOK "**Escalation Triggers:**\n- Data lost → Legal\n", "W-TRIGGER-TARGET", false },
    { RUNBOOK "**Escalation Triggers:**\n- x\n  - takes more than 30 minutes\n", "W-CLOCK-LOST", false },
    { RUNBOOK "**Escalation Triggers:**\n- x\n\n**Mitigaton:**\n- z\n", "N-UNKNOWN-LABEL", true },
    { "## When to Escalate\n> Not resolved within 30 minutes\n", "W-CLOCK-LOST", false },
    { RUNBOOK "**Escalation Triggers:**\n- x\n\n**Steps:**\n3. a\n4. b\n", "W-LIST-START", true },

    { TREE("└─ Is it up?\n   └─ YES → Close\n"), "E-TREE-BRANCH", false },
    { TREE("└─ Is it up?\n   ├─ YES → Close\n   └─ YES → Call\n"), "E-TREE-TWICE", false },
    { TREE("└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Escalate to SEV8\n"), "E-TREE-LEVEL", true },
    { TREE("└─ Is it up?\n   ├─ YES → Return to Is it warm?\n   └─ NO → Call\n"), "E-TREE-GOTO", true },
    { TREE("└─ Is it up?\n   ├─ YES → Go to the Failover tree\n   └─ NO → Call\n"), "E-TREE-GOTO", false },
    { TREE("├─ YES → Close\n└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Call\n"), "E-TREE-ANSWER", false },
    { TREE("└─ Is it up?\n   ├─ YES → Return to Is it up?\n   └─ NO → Return to Is it up?\n"), "E-TREE-LOOP", false },
    { TREE("├─ Is it gone?\n│  ├─ YES → Execute move now\n│  └─ NO → Continue\n└─ Is it cheaper?\n   ├─ YES → Execute "
           "move\n   └─ NO → Stay\n"),
      "W-GUARD-BYPASS", true },
    { "## Severity Levels\n### SEV1\n- Service is out\n### SEV2\n- b\n## Decision Trees\n### R\n```\nSTART: Service out\n"
      "└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Escalate to SEV2\n```\n",
      "W-TREE-ESCALATE", true },
    { "## Decision Trees\n### T\n```\nrestart it\n```\n", "W-TREE-UNREAD", false },

    { "## Post-Incident Procedures\n### Later (some 2 days)\n- a\n", "E-WINDOW", true },
    { "## Post-Incident Procedures\n### Later (R+2 to R+1 days)\n- a\n", "E-WINDOW", true },
    { "## Post-Incident Procedures\n- a\n\n> **Within 2 days:**\n", "E-WINDOW", true },
    { "## Post-Incident Procedures\n### Later (R+1 to R+2 days)\n- Hold a review some 2 weeks later\n", "W-CLOCK-LOST",
      true },
    { "## Post-Incident Procedures\n**Within 5 business days:**\n- a\n", "W-BUSINESS-TIME", true },
    { "## Post-Incident Procedures\n### Later\n- Hold the review within 5 business days\n", "W-BUSINESS-TIME", true },
    { "## Alert Thresholds\n- Error rate > 5%\n", "E-THRESHOLD", true },
    { "## Alert Thresholds\n- Error rate: around 5%, > 5 minutes\n", "E-THRESHOLD", true },
    { "## Alert Thresholds\n- > 90% CPU\n", "E-THRESHOLD", true },
    { "## Alert Thresholds\n> Error rate: > 5%\n", "E-THRESHOLD", true },
    { "## Alert Thresholds\n| Metric | Warning | Critical |\n|---|---|---|\n| Load 5 | high | higher |\n",
      "E-THRESHOLD", true },
    { "## Critical Metrics\n- Error rate\n", "W-METRIC-NO-THRESHOLD", false },
    { "## Critical Metrics\n- Error rate > 5%\n", "W-CLOCK-LOST", false },
    { "## Training and Drills\n- Tabletop some 2 weeks apart\n", "W-CLOCK-LOST", true },
    { RUNBOOK "**Escalation Triggers:**\n- x\n\n## Drill Scenarios\n1. Fire → Scenario 9\n", "E-DRILL-SCENARIO",
      false },
    { RUNBOOK "**Escalation Triggers:**\n- x\n\n## Drill Scenarios\n1. Flood\n", "W-DRILL-GAP", false },
    { "## Document Control\n**Next Review**: soon\n", "W-CONTROL-DATE", true },
    { "## Incident Response Team\n### Lead\n- Answers within 5 minutes\n", "W-CLOCK-LOST", false },
    { "- No response in 5 minutes → X\n", "W-NO-SECTIONS", false },
    { "## Purpose\n3. Escalation Rules\n---\n", "W-RULE-HEADING", true },
};

static struct buf wrong = { .max = 1u << 20 };
static size_t tried;

static struct compiled *compile(struct slice text)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(text, S("p.md"), NULL, &e);
    if (c == NULL) fail_msg("%s", e.detail);
    return c;
}

/* The document with lines first to last replaced by `line`. */
static void paste(struct slice all, unsigned first, unsigned last, struct slice line, struct buf *out)
{
    unsigned n = 1;
    buf_reset(out);
    for (size_t at = 0; at < all.n; n++) {
        size_t end = at;
        while (end < all.n && all.p[end] != '\n' && all.p[end] != '\r') end++;
        struct slice text = { all.p + at, end - at };
        if (end < all.n) end += all.p[end] == '\r' && end + 1 < all.n && all.p[end + 1] == '\n' ? 2 : 1;
        if (n == first) buf_add(out, line);
        if (n < first || n > last) buf_add(out, text);
        if (n <= first || n > last) buf_add(out, (struct slice){ text.p + text.n, end - at - text.n });
        at = end;
    }
}

static bool still_said(const struct compiled *c, const struct diagnostic *d)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (c->diagnostics[i].line == d->line && slice_eq(c->diagnostics[i].code, d->code)) return true;
    return false;
}

static void report(const char *name, const struct diagnostic *d, struct slice line, const char *what,
                   const struct compiled *after)
{
    buf_addf(&wrong, "%s:%u %.*s: \"%.*s\": %s\n", name, d->line, (int)d->code.n, d->code.p, (int)line.n, line.p, what);
    for (size_t i = 0; i < after->n_diagnostics; i++)
        if (after->diagnostics[i].level == DIAGNOSTIC_ERROR || after->diagnostics[i].line == d->line)
            buf_addf(&wrong, "    %u %.*s: %.*s\n", after->diagnostics[i].line, (int)after->diagnostics[i].code.n,
                     after->diagnostics[i].code.p, (int)after->diagnostics[i].message.n,
                     after->diagnostics[i].message.p);
}

static void try_one(const char *name, struct slice text, const struct compiled *c, const struct diagnostic *d)
{
    struct buf line = { .max = 2u << 20 }, pasted = { .max = 4u << 20 };
    if (diagnostic_replacement(c, d, &line)) {
        paste(text, d->line, d->last > d->line ? d->last : d->line, buf_slice(&line), &pasted);
        struct compiled *after = compile(buf_slice(&pasted));
        tried++;
        if (still_said(after, d)) report(name, d, buf_slice(&line), "said again", after);
        if (after->errors + (d->level == DIAGNOSTIC_ERROR) > c->errors)
            report(name, d, buf_slice(&line), "an error came", after);
        compiled_destroy(&after);
    }
    buf_release(&line);
    buf_release(&pasted);
}

static void try_all(const char *name, struct slice text)
{
    struct compiled *c = compile(text);
    for (size_t i = 0; i < c->n_diagnostics; i++) try_one(name, text, c, &c->diagnostics[i]);
    compiled_destroy(&c);
}

static void try_file(const char *folder, const char *name)
{
    struct buf path = { 0 }, bytes = { .max = 2u << 20 };
    struct error e = { 0 };
    buf_addf(&path, "%s%s", folder, name);
    if (file_read(buf_str(&path), 2u << 20, &bytes, &e) < 0) fail_msg("%s", e.detail);
    try_all(name, buf_slice(&bytes));
    buf_release(&path);
    buf_release(&bytes);
}

static int is_case(const struct dirent *d)
{
    return slice_has_suffix(slice_of(d->d_name), S(".md"));
}

static void finish(size_t least)
{
    if (wrong.len > 0) {
        fprintf(stderr, "%s", buf_str(&wrong));
        fail_msg("lines do not hold when pasted");
    };
    assert_true(tried >= least);
    tried = 0;
}

static void g4_lines_of_the_corpus(void **state)
{
    static const char *const folders[] = { FOLDER, FOLDER "corpus/" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct dirent **names = NULL;
        int n = scandir(folders[i], &names, is_case, alphasort);
        for (int k = 0; k < n; k++) {
            try_file(folders[i], names[k]->d_name);
            free(names[k]);
        }
        free(names);
    }
    try_file(TOCSIN_TESTS "/data/", "reference.md");
    try_file(TOCSIN_TESTS "/../examples/", "procedures.md");
    finish(60);
}

static const struct diagnostic *find(const struct compiled *c, const char *code)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, slice_of(code))) return &c->diagnostics[i];
    return NULL;
}

/* What kind of help each mistake gets: a line or advice, but never advice that looks like a line. */
static void g4_mistakes_are_answered_with_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        struct compiled *c = compile(slice_of(mistakes[i].document));
        const struct diagnostic *d = find(c, mistakes[i].code);
        if (mistakes[i].code[0] != '\0' && d == NULL)
            buf_addf(&wrong, "%s is not said of:\n%s\n", mistakes[i].code, mistakes[i].document);
        else if (d != NULL && (d->paste != PASTE_NOT) != mistakes[i].line)
            buf_addf(&wrong, "%s: \"%.*s\" is %s of:\n%s\n", mistakes[i].code, (int)d->suggestion.n, d->suggestion.p,
                     mistakes[i].line ? "no line" : "a line", mistakes[i].document);
        compiled_destroy(&c);
    }
    if (wrong.len > 0) {
        fprintf(stderr, "%s", buf_str(&wrong));
        fail_msg("help of another kind");
    }
}

static void g4_lines_for_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        char name[32];
        snprintf(name, sizeof name, "mistake %zu", i);
        try_all(name, slice_of(mistakes[i].document));
    }
    finish(COUNT_OF(mistakes) / 2);
}

static int reset(void **state)
{
    (void)state;
    buf_reset(&wrong);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(g4_lines_of_the_corpus, reset),
        cmocka_unit_test_setup(g4_lines_for_mistakes, reset),
        cmocka_unit_test_setup(g4_mistakes_are_answered_with_a_line, reset),
    };
    int rc = cmocka_run_group_tests_name("procedures-paste", tests, NULL, NULL);
    buf_release(&wrong);
    return rc;
}
