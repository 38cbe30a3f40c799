/* What the compiler says about a document as a whole (R117, A8, A40): each finding with its line, and documents that
 * look alike and are fine. */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"

#define LEVELS "## Severity Levels\n### SEV1\n- a\n### SEV2\n- b\n" /* 5 lines */
#define RULES LEVELS "## Escalation Rules\n" /* rules begin at line 7 */

#define TREE(lines) "## Decision Trees\n### Restart\n```\nSTART: it is down\n" lines "```\n"
#define DRILL                                                                                          \
    "## Incident Scenarios\n### Database down\n**Steps:**\n- Restart the database\n**Escalate if:**\n" \
    "- Not restored within 5 minutes\n\n## Drill Scenarios\n" /* drills begin at line 9 */

static const struct {
    const char *what, *document, *code;
    unsigned line; /* 0: must not be said */
} rows[] = {
    { "the same sentence twice", RULES "- SEV1 incident → Boss\n- SEV1 incident → Boss\n", "W-RULE-TWICE", 8 },
    { "the same in other words", RULES "- No response in 5 minutes → B\n- No ack after 300 s -> the B\n",
      "W-RULE-TWICE", 8 },
    { "the same to another", RULES "- SEV1 incident → Boss\n- SEV1 incident → Other\n", "W-RULE-TWICE", 0 },
    { "the same at another level", RULES "- SEV1 incident → Boss\n- SEV2 incident → Boss\n", "W-RULE-TWICE", 0 },
    { "the same at other hours",
      RULES
      "- No response in 5 minutes during business hours → B\n- No response in 5 minutes outside business hours → B\n",
      "W-RULE-TWICE", 0 },

    { "one party after two times", RULES "- No resolution in 1 hour → B\n- No resolution in 2 hours → B\n",
      "W-RULE-CONTRADICTS", 8 },
    { "told and paged for the same", RULES "- SEV1 incident → B notification\n- SEV1 incident → B\n",
      "W-RULE-CONTRADICTS", 8 },
    { "a narrower sentence replaces", RULES "- No resolution in 1 hour → B\n- SEV1: No resolution in 20 minutes → B\n",
      "W-RULE-CONTRADICTS", 0 },
    { "two steps of a ladder", RULES "- No resolution in 1 hour → B\n- No resolution in 2 hours → C\n",
      "W-RULE-CONTRADICTS", 0 },

    { "R117: secondary again", RULES "- No response in 5 minutes → Secondary\n- No response in 9 minutes → Secondary\n",
      "W-SELF-LOOP", 8 },
    { "R117: again within a sentence", RULES "- No response in 5 minutes → Secondary then Secondary\n", "W-SELF-LOOP",
      7 },
    { "R117: primary did not answer", RULES "- No response in 5 minutes → Primary on-call\n", "W-SELF-LOOP", 7 },
    { "R117: by another way is another try", RULES "- No response in 5 minutes → Secondary then Secondary by Phone\n",
      "W-SELF-LOOP", 0 },
    { "R117: a narrower time is no loop",
      RULES "- No response in 5 minutes → Secondary\n- SEV2: No response in 9 minutes → Secondary\n", "W-SELF-LOOP",
      0 },

    { "a wait of days for an answer", RULES "- No response in 3 days → B\n", "W-ENDLESS-WAIT", 7 },
    { "a wait of months for a solution", RULES "- No resolution in 3 months → B\n", "W-ENDLESS-WAIT", 7 },
    { "a long wait for a solution", RULES "- No resolution in 3 days → B\n", "W-ENDLESS-WAIT", 0 },
    { "no wait at all", RULES "- No response in 0 minutes → B\n", "W-NO-WAIT", 7 },

    { "an empty document", "", "W-NO-SECTIONS", 1 },

    { "a level nobody mentions", RULES "- SEV1: No response in 5 minutes → B\n", "W-LEVEL-NO-RULE", 4 },
    { "every level is mentioned", RULES "- No response in 5 minutes → B\n", "W-LEVEL-NO-RULE", 0 },
    { "on entry is mentioned", RULES "- SEV1: No response in 5 minutes → B\n- SEV2 incident → B\n", "W-LEVEL-NO-RULE",
      0 },
    { "no rules at all is another matter", LEVELS, "W-LEVEL-NO-RULE", 0 },

    { "may answer later than the next is paged",
      "## Severity Levels\n### SEV1\n- Response time: 15 minutes\n## Escalation Rules\n- No response in 5 minutes → B\n",
      "W-RESPONSE-LATE", 2 },
    { "answers in time",
      "## Severity Levels\n### SEV1\n- Response time: 5 minutes\n## Escalation Rules\n- No response in 5 minutes → B\n",
      "W-RESPONSE-LATE", 0 },

    { "no cadence", LEVELS "## Communication Plan\n- **Status Page**: Update within 5 minutes of incident\n",
      "W-NO-CADENCE", 7 },
    { "a cadence for one level", LEVELS "## Communication Plan\n- **Updates**: SEV1: every 5 minutes\n", "W-NO-CADENCE",
      7 },
    { "a cadence for all", LEVELS "## Communication Plan\n- **Updates**: Every 5 minutes\n", "W-NO-CADENCE", 0 },
    { "no plan to tell anybody", LEVELS, "W-NO-CADENCE", 0 },
    { "two cadences",
      "## Severity Levels\n### SEV1\n- Update frequency: Every 10 minutes\n"
      "## Communication Plan\n- **Status Updates**: Every 30 minutes\n",
      "W-CADENCE-TWICE", 5 },

    { "a milestone without a clock", "## Response Timeline\n### T+5 - One\n- a\n### Cleanup\n- b\n", "N-NO-CLOCK", 4 },
    { "phases without any clock", "## Response Timeline\n### One\n- a\n### Two\n- b\n", "N-NO-CLOCK", 0 },

    { "A8: told, and defined nowhere", "## Response Timeline\n### T+5 - One\n- Stakeholders notified\n",
      "W-NAME-UNDEFINED", 3 },
    { "A8: told, and a contact",
      "## Response Timeline\n### T+5 - One\n- Stakeholders notified\n## Contact Information\n- Stakeholders: [Email]\n",
      "W-NAME-UNDEFINED", 0 },
    { "A8: in the other order", "## Response Timeline\n### T+5 - One\n- Notify the press office about it\n",
      "W-NAME-UNDEFINED", 3 },
    { "A8: nobody is named", "## Response Timeline\n### T+5 - One\n- Everybody who has ever asked is notified\n",
      "W-NAME-UNDEFINED", 0 },

    { "a party that is no role", "## Response Team\n### Lead\n- x\n## Escalation Rules\n- SEV1 incident → Boss\n",
      "W-PARTY-UNKNOWN", 5 },
    { "a party that every document has, in one that names its people",
      "## Response Team\n### Lead\n- x\n## Escalation Rules\n- SEV1 incident → Management\n", "W-PARTY-UNKNOWN", 5 },
    { "a party that every document has", RULES "- SEV1 incident → Management\n", "W-PARTY-UNKNOWN", 0 },

    { "A40: other levels than the document has",
      LEVELS "## Communication Templates\n### Initial\n```\nSeverity: [SEV1/SEV3]\n```\n", "E-TEMPLATE-LEVELS", 9 },
    { "A40: one level twice", LEVELS "## Communication Templates\n### Initial\n```\nSeverity: [SEV1/SEV1]\n```\n",
      "E-TEMPLATE-LEVELS", 9 },
    { "A40: by their names or labels, in any order",
      LEVELS "## Communication Templates\n### Initial\n```\nSeverity: [Sev-2/SEV1]\n```\n", "E-TEMPLATE-LEVELS", 0 },

    { "A40: the three public states, in any order and case",
      "## Communication Templates\n### Status Update\n```\nStatus: [RESOLVED/Mitigated/Investigating]\n```\n",
      "W-TEMPLATE-STATES", 0 },
    { "A40: states that no incident has",
      "## Communication Templates\n### Status Update\n```\nStatus: [Investigating/Identified/Resolved]\n```\n",
      "W-TEMPLATE-STATES", 4 },
    { "A40: a public state is missing",
      "## Communication Templates\n### Status Update\n```\nStatus: [Investigating/Resolved]\n```\n",
      "W-TEMPLATE-STATES", 4 },
    { "A40: one public state twice",
      "## Communication Templates\n### Status Update\n```\nStatus: [Resolved/Mitigated/Resolved]\n```\n",
      "W-TEMPLATE-STATES", 4 },
    { "A40: a hint is no enumeration",
      "## Communication Templates\n### Status Update\n```\nStatus: [How it stands]\n```\n", "W-TEMPLATE-STATES", 0 },

    { "A11: T from the resolution beside T from the first page",
      "## Response Timeline\n### T+5 - One\n- a\n## Post-Incident Procedures\n### First (T+0 to T+1 hour)\n- b\n",
      "W-CLOCK", 5 },
    { "A11: the resolution by its name",
      "## Response Timeline\n### T+5 - One\n- a\n## Post-Incident Procedures\n### First (R+0 to R+1 hour)\n- b\n",
      "W-CLOCK", 0 },
    { "A11: one T alone", "## Post-Incident Procedures\n### First (T+0 to T+1 hour)\n- b\n", "W-CLOCK", 0 },

    /* Trees: the fence's first line is line 4. */
    { "R117: a part that no answer leads to",
      TREE("├─ Is it up?\n│  ├─ YES → Close\n│  └─ NO → Restart\n└─ Is it warm?\n   ├─ YES → Wait\n   └─ NO → Call\n"),
      "E-TREE-UNREACHABLE", 8 },
    { "R117: the part that an answer continues to",
      TREE("├─ Is it up?\n│  ├─ YES → Close\n│  └─ NO → Continue\n└─ Is it warm?\n   ├─ YES → Wait\n   └─ NO → Call\n"),
      "E-TREE-UNREACHABLE", 0 },
    { "a branch that is missing", TREE("└─ Is it up?\n   └─ YES → Close\n"), "E-TREE-BRANCH", 5 },
    { "both branches", TREE("└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Call\n"), "E-TREE-BRANCH", 0 },
    { "R117: a walk that one answer ends",
      TREE("└─ Is it up?\n   ├─ YES → Return to Is it up?\n   └─ NO → Restart X\n"), "E-TREE-LOOP", 0 },
    { "R117: a walk that no answer ends",
      TREE("└─ Is it up?\n   ├─ YES → Return to Is it up?\n   └─ NO → Return to Is it up?\n"), "E-TREE-LOOP", 5 },
    { "A29: past a guard",
      TREE("├─ Is it gone?\n│  ├─ YES → Execute move now\n│  └─ NO → Continue\n└─ Is it cheaper?\n   ├─ YES → Execute "
           "move\n   └─ NO → Stay\n"),
      "W-GUARD-BYPASS", 6 },
    { "A29: through every guard",
      TREE("├─ Is it gone?\n│  ├─ YES → Continue\n│  └─ NO → Stay\n└─ Is it cheaper?\n   ├─ YES → Execute move\n   └─ "
           "NO → Stay\n"),
      "W-GUARD-BYPASS", 0 },

    { "A7: a tree that begins as bad as it can be, and escalates to less",
      "## Severity Levels\n### SEV1\n- Complete service outage\n### SEV2\n- b\n## Decision Trees\n### R\n```\nSTART: Complete "
      "service outage\n└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Escalate to SEV2\n```\n",
      "W-TREE-ESCALATE", 12 },
    { "A7: a tree that begins elsewhere",
      "## Severity Levels\n### SEV1\n- Complete service outage\n### SEV2\n- b\n## Decision Trees\n### R\n```\nSTART: It is "
      "slow\n└─ Is it up?\n   ├─ YES → Close\n   └─ NO → Escalate to SEV2\n```\n",
      "W-TREE-ESCALATE", 0 },

    { "A16: the chain ends at somebody", RULES "- No response in 5 minutes → Secondary\n", "W-CHAIN-END", 7 },
    { "A16: the chain goes on to the commander",
      RULES "- No response in 5 minutes → Secondary then Incident Commander\n", "W-CHAIN-END", 0 },
    { "nobody is paged when nobody answers", RULES "- SEV1 incident → Management\n- SEV2 incident → Management\n",
      "W-CHAIN-NONE", 6 },
    { "somebody is", RULES "- No response in 5 minutes → Secondary\n", "W-CHAIN-NONE", 0 },

    { "R113: a critical metric without a threshold", "## Critical Metrics\n- Error rate\n", "W-METRIC-NO-THRESHOLD",
      2 },
    { "R113: a threshold that ends in the same words",
      "## Critical Metrics\n- Error rate\n## Alert Thresholds\n- API error rates: > 5%\n", "W-METRIC-NO-THRESHOLD", 0 },
    { "R113 A41: resources are processor, memory and disk",
      "## Critical Metrics\n- Resource utilization\n## Alert Thresholds\n- CPU utilization: > 90%\n",
      "W-METRIC-NO-THRESHOLD", 0 },

    { "A45: a drill without a runbook", DRILL "- DNS failure\n", "W-DRILL-GAP", 9 },
    { "A45: a drill that shares a runbook's words", DRILL "- Database is down\n", "W-DRILL-GAP", 0 },
    { "A45: a drill that names its runbook", DRILL "- Friday the 13th → Scenario 1\n", "W-DRILL-GAP", 0 },
    { "A45: a drill that names none there is", DRILL "- Friday the 13th → Scenario 4\n", "E-DRILL-SCENARIO", 9 },

    { "a runbook that does not say when to escalate",
      "## Incident Scenarios\n### Database down\n**Steps:**\n- Restart it\n", "W-NO-TRIGGER", 2 },
    { "a runbook that does", DRILL, "W-NO-TRIGGER", 0 },

    { "a calendar nobody knows", RULES "- No response in 5 minutes during the monsoon → B\n", "E-ESCALATION", 7 },
    { "weekends are no calendar of the site", RULES "- No response in 5 minutes outside weekends → B\n", "E-ESCALATION",
      7 },
    { "office hours", RULES "- No response in 5 minutes during office hours → B\n", "E-ESCALATION", 0 },
    { "hours behind the party", RULES "- No response in 5 minutes → B during business hours\n", "E-ESCALATION", 7 },
    { "more parties than a page has",
      RULES
      "- SEV1 incident → A1,A2,A3,A4,A5,A6,A7,A8,A9,B1,B2,B3,B4,B5,B6,B7,B8,B9,C1,C2,C3,C4,C5,C6,C7,C8,C9,D1,D2,D3,D4,D5,D6\n",
      "E-ESCALATION", 7 },

    { "levels begin at SEV0: said once", "## Severity Levels\n### SEV0\n- a\n### SEV1\n- b\n", "W-LEVEL-GAP", 2 },
    { "working days without a calendar",
      "## Communication Plan\n- **Post-mortem**: Within 3 business days of resolution\n", "W-BUSINESS-TIME", 2 },
    { "G5: a clock in a row that names no level",
      "## Severity Levels\n| Level | Meaning |\n|---|---|\n| SEV1 | Down |\n| other | 20 minutes |\n", "W-CLOCK-LOST",
      5 },
    { "G5: a clock below a milestone's check", "## Response Timeline\n### T+5 - One\n- a\n  - after 30 seconds\n",
      "W-CLOCK-LOST", 4 },
    { "G5: a clock in a table of channels", "## Communication Channels\n| a | b |\n|---|---|\n| Slack | 5 minutes |\n",
      "W-CLOCK-LOST", 4 },
    { "G5: a clock in a row about raising the level",
      LEVELS "## Severity Escalation\n| Trigger | To |\n|---|---|\n| Not fixed in 2 hours | the boss |\n",
      "W-CLOCK-LOST", 9 },
    { "G5: a clock in a further column of the team",
      "## Response Team\n| Role | Does | Answers |\n|---|---|---|\n| Lead | leads | in 10 minutes |\n", "W-CLOCK-LOST",
      4 },
    { "G5: a level's row that is read",
      LEVELS "## Severity Escalation\n| Trigger | To |\n|---|---|\n| Not fixed in 2 hours | SEV1 |\n", "W-CLOCK-LOST",
      0 },
    { "G5: an introduction in sentences is for reading",
      "## Escalation Rules\nThis chapter is read again every 12 months.\n\n- SEV1 incident → X\n", "W-CLOCK-LOST", 0 },
    { "G5: a comparison behind a bullet is no quote, under the thresholds", "## Alert Thresholds\n- > 90% CPU\n",
      "E-THRESHOLD", 2 },
    { "G5: a comparison behind a bullet is no quote, under the triggers",
      "## Escalation Triggers\n- > 10 minutes down\n", "W-CLOCK-LOST", 2 },
    { "G5: a comparison behind a number", "## Escalation Triggers\n1. >= 10 minutes down\n", "W-CLOCK-LOST", 2 },
    { "G2: phases beside the empty heading of the timeline",
      "## Response Timeline\n\n## T+5 - Detect\n- a\n\n## T+5 - Triage\n- b\n", "E-TIMELINE-ORDER", 6 },
    { "G2: phases beside the heading of the timeline and what introduces it",
      "## Response Timeline\nWho does what.\n\n## T+5 - Detect\n- a\n\n## T+5 - Triage\n- b\n", "E-TIMELINE-ORDER", 7 },
    { "G5: a clock in a label of a runbook that no part reads",
      "# Runbook: CPU\n\n**On-call response:** within 15 minutes\n\n## Alert\nx\n\n## Diagnosis\n1. y\n",
      "W-CLOCK-LOST", 3 },
    { "G5: a clock below a label of a runbook that is a section's name",
      "# Runbook: CPU\n\n## Alert\nx\n\n## Diagnosis\n1. y\n\n## Escalation Path\nLead (0-15 min) → Head (15-30 min)\n",
      "W-CLOCK-LOST", 10 },
    { "G5: a rule below a label of a scenario that is a section's name",
      DRILL
      "## Incident Scenarios\n### Slow\n**Steps:**\n- x\n\n**Escalation policy:**\n- No response in 5 minutes → B\n",
      "W-CLOCK-LOST", 15 },
    { "G5: a clock below another label of a runbook is for reading",
      "# Runbook: CPU\n\n## Alert\nx\n\n## Diagnosis\n1. y\n\n## Background\n- 5 minutes\n", "W-CLOCK-LOST", 0 },
    { "G5: a clock in a column beside a runbook's escalation",
      "# Runbook: CPU\n\n## Alert\nx\n\n## Who\n| Level | Response Time | Escalation |\n|-|-|-|\n| P0 | 1 hour | Head |\n",
      "W-CLOCK-LOST", 9 },
    { "G5: a clock in the head of a runbook's escalation",
      "# Runbook: CPU\n\n## Alert\nx\n\n## Who\n| Level | Escalation (15 min) |\n|-|-|\n| P0 | Head |\n",
      "W-CLOCK-LOST", 9 },
    { "G15: working days of a window after the resolution",
      "## Post-Incident Procedures\n**Within 5 business days:**\n- Review\n", "W-BUSINESS-TIME", 2 },
    { "G15: working days of a task after the resolution",
      "## Post-Incident Procedures\n### Later\n- Hold the review within 5 business days\n", "W-BUSINESS-TIME", 3 },
    { "G4: a rule in a quote", "## Escalation Rules\n- SEV1 incident → X\n\n> No response in 5 minutes → Y\n",
      "E-ESCALATION", 4 },
    { "G4: a rule in a quote in an item", "## Escalation Rules\n- > No response in 5 minutes → Y\n", "E-ESCALATION",
      2 },
    { "G4: a rule in a quote in an item, in other words",
      "## Escalation Rules\n- > No response within 5 minutes: page Secondary\n", "E-ESCALATION", 2 },
    { "G4: a rule in a fence", "## Escalation Rules\n```\nOur rules\nNo response in 5 minutes → Y\n```\n",
      "E-ESCALATION", 4 },
    { "G4: commands in a fence", "## Escalation Rules\n- SEV1 incident → X\n\n```sh\npage --after 5 minutes\n```\n",
      "E-ESCALATION", 0 },
    { "G4: words in a quote", "## Escalation Rules\n- SEV1 incident → X\n\n> Stay calm.\n", "E-ESCALATION", 0 },
    { "G4: rules in a fence that nothing closes", "## Escalation Rules\n```\n- No response in 5 minutes → Y\n",
      "E-ESCALATION", 3 },
    { "G4: rules that another section's open fence took with it",
      "## Purpose\n```\nx\n\n## Escalation Rules\n- SEV1 incident → X\n", "E-ESCALATION", 6 },
    { "G4: rules that an open fence of commands took with it",
      "## Common Issues\n### A\n**Steps:**\n```sh\nls\n\n## Escalation Rules\n- SEV1 incident → X\n", "E-ESCALATION",
      8 },
    { "G4: a threshold in a quote", "## Alert Thresholds\n- Load: > 5\n\n> Error rate: > 5%\n", "E-THRESHOLD", 4 },
    { "G4: a channel with a clock in a quote",
      "## Communication Channels\n- Primary: Slack #a\n\n> Then phone after 5 minutes\n", "E-CHANNEL", 4 },
    { "G4: a milestone in a quote", "## Response Timeline\n### T+5 - One\n- a\n\n> ### T+15 - Two\n", "E-TIMELINE", 5 },
    { "G4: a window in a quote", "## Post-Incident Procedures\n- a\n\n> **Within 2 days:**\n", "E-WINDOW", 4 },
    { "a threshold without a bullet", "## Alert Thresholds\nLoad: > 5\nError rate: > 5%\n", "E-THRESHOLD", 0 },
    { "a fence that nothing closes", "## Purpose\n```\nx\n\n## Escalation Rules\n- SEV1 incident → X\n", "W-FENCE-OPEN",
      2 },
    { "a fence that is closed", "## Purpose\n~~~ sh\n```\n~~~~\n", "W-FENCE-OPEN", 0 },
    { "G5: a severity table's columns of response and update are its clocks",
      "## Severity Levels\n| Level | Response | Update |\n|---|---|---|\n| SEV1 | 15 min | 30 min |\n", "W-CLOCK-LOST",
      0 },
    { "G5: a column of response that says more than a time",
      "## Severity Levels\n| Level | Response |\n|---|---|\n| SEV1 | All hands in 15 min |\n", "W-CLOCK-LOST", 4 },
    { "a clock in a duty", "## Response Team\n### Legal\n- Tells authorities within 72 hours\n", "W-CLOCK-LOST", 3 },
    { "a clock in a heading of the rules", "## Escalation Rules\n### After 20 minutes\n- SEV1 incident → X\n",
      "W-CLOCK-LOST", 2 },
};

static unsigned said_at(const struct compiled *c, const char *code, size_t *times)
{
    unsigned line = 0;
    *times = 0;
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        if (!slice_eq(c->diagnostics[i].code, slice_of(code))) continue;
        if (line == 0) line = c->diagnostics[i].line;
        ++*times;
    }
    return line;
}

static void whole_document_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = { 0 };
        struct compiled *c = procedures_compile(slice_of(rows[i].document), S("checks.md"), NULL, &e);
        size_t times;
        if (c == NULL) fail_msg("%s: %s", rows[i].what, e.detail);
        unsigned line = said_at(c, rows[i].code, &times);
        if (line != rows[i].line || times > 1)
            fail_msg("%s: %s at line %u (%zu times), not %u", rows[i].what, rows[i].code, line, times, rows[i].line);
        compiled_destroy(&c);
    }
}

#define PEOPLE "## Emergency Contacts\n- Secondary On-Call: [Phone]\n- Management: [Phone]\n" RULES

/* A name that is nearly one of the document's is written out as it was probably meant; another lists who is known. */
static const struct {
    const char *sentence, *message, *suggestion;
} parties[] = {
    { "- No response in 5 minutes → Secondry on-call",
      "\"Secondry on-call\" is neither a role nor a contact of this document: is \"Secondary On-Call\" meant?",
      "- No response in 5 minutes → Secondary On-Call" },
    { "- SEV1 incident → Managment",
      "\"Managment\" is neither a role nor a contact of this document: is \"Management\" meant?",
      "- SEV1 incident → Management" },
    { "- SEV1 incident → Boss",
      "\"Boss\" is neither a role nor a contact of this document; the site must bind \"boss\"; known are Secondary On-Call, "
      "Management",
      "add to the contacts: - Boss: [Phone/Slack]" },
};

static void a8_an_unknown_party_is_told_who_is_known(void **state)
{
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        struct error e = { 0 };
        struct buf text = { .max = 4096 };
        buf_addf(&text, PEOPLE "%s\n", parties[i].sentence);
        struct compiled *c = procedures_compile(buf_slice(&text), S("d.md"), NULL, &e);
        bool said = false;
        for (size_t k = 0; k < c->n_diagnostics; k++) {
            const struct diagnostic *d = &c->diagnostics[k];
            if (!slice_eq(d->code, S("W-PARTY-UNKNOWN"))) continue;
            said = true;
            assert_true(slice_eq(d->message, slice_of(parties[i].message)));
            assert_true(slice_eq(d->suggestion, slice_of(parties[i].suggestion)));
        }
        assert_true(said);
        compiled_destroy(&c);
        buf_release(&text);
    }
    (void)state;
}

/* What is offered in place of a threshold names the metric alone, and compiles when it is pasted there. */
static const struct {
    const char *line, *offered;
} thresholds[] = {
    { "- Error rate > 5%", "- Error rate: > 5%" },
    { "- > 90% CPU", "- Error rate: > 5% for 5 minutes" },
    { "- Error rate → > 5%", "- Error rate: > 5% for 5 minutes" },
    { "- Queue: after 5 min", "- Queue: > 5% for 5 minutes" },
};

static void a_threshold_that_is_offered_compiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(thresholds); i++) {
        struct error e = { 0 };
        struct buf text = { .max = 4096 }, again = { .max = 4096 };
        buf_addf(&text, "## Alert Thresholds\n%s\n", thresholds[i].line);
        buf_addf(&again, "## Alert Thresholds\n%s\n", thresholds[i].offered);
        struct compiled *c = procedures_compile(buf_slice(&text), S("d.md"), NULL, &e);
        struct compiled *pasted = procedures_compile(buf_slice(&again), S("d.md"), NULL, &e);
        bool said = false;
        size_t times;
        for (size_t k = 0; k < c->n_diagnostics; k++)
            said |= slice_eq(c->diagnostics[k].code, S("E-THRESHOLD")) &&
                    slice_eq(c->diagnostics[k].suggestion, slice_of(thresholds[i].offered));
        if (!said) fail_msg("%s: %s is not offered", thresholds[i].line, thresholds[i].offered);
        assert_int_equal(said_at(pasted, "E-THRESHOLD", &times), 0);
        compiled_destroy(&c);
        compiled_destroy(&pasted);
        buf_release(&text);
        buf_release(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whole_document_checks),
                                        cmocka_unit_test(a_threshold_that_is_offered_compiles),
                                        cmocka_unit_test(a8_an_unknown_party_is_told_who_is_known) };
    return cmocka_run_group_tests_name("procedures-checks", tests, NULL, NULL);
}
