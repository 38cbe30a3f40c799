/* The language, form by form: each pattern, alias table, ladder, matrix and table that docs/writing-procedures.md shows,
 * and what it must become (G1, G2, G7, G8, G15, G16, G17 and the sections). A row is a document; each line of `holds` is a
 * part of the dumped policy. Without a `code` nothing may be rejected and no clock lost. */
#include "harness.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"

struct row {
    const char *what, *document, *holds, *code;
};

#define SEV4 "## Severity Levels\n### SEV1\n- a\n### SEV2\n- b\n### SEV3\n- c\n### SEV4\n- d\n"
#define ESC SEV4 "## Escalation Rules\n"

static const struct row severities[] = {
    { "a heading with a dash", "## Severity Levels\n### SEVERITY 1 - Critical\n- x\n",
      "1 label=SEV1 name=\"Critical\"\ncriterion L3 \"x\"", NULL },
    { "a heading without a blank", "## Severity Levels\n### SEV1 - Bad\n- x\n", "1 label=SEV1 name=\"Bad\"", NULL },
    { "a dash inside of the label", "## Severity Levels\n### SEV-1: Bad\n- x\n", "1 label=SEV1 name=\"Bad\"", NULL },
    { "a long dash", "## Severity Levels\n### SEV 1 — Bad\n- x\n", "1 label=SEV1 name=\"Bad\"", NULL },
    { "P with its name in brackets", "## Severity Levels\n### P0 (Urgent)\n- x\n### P1 (Soon)\n- y\n",
      "1 label=P0 name=\"Urgent\"\n2 label=P1 name=\"Soon\"", NULL },
    { "P from 1", "## Severity Levels\n### P1 - A\n- x\n### P2 - B\n- y\n### P3 - C\n- z\n",
      "1 label=P1\n2 label=P2\n3 label=P3", NULL },
    { "P from 0, five of them", "## Severity Levels\n### P0\n- a\n### P1\n- b\n### P2\n- c\n### P3\n- d\n### P4\n- e\n",
      "1 label=P0\n5 label=P4", NULL },
    { "three levels", "## Severity Levels\n### SEV1\n- a\n### SEV2\n- b\n### SEV3\n- c\n", "3 label=SEV3", NULL },
    { "five levels", SEV4 "### SEV5\n- e\n", "5 label=SEV5", NULL },
    { "severity level N", "## Severity Levels\n### Severity Level 1: Bad\n- x\n", "1 label=SEV1 name=\"Bad\"", NULL },
    { "level N", "## Severity Levels\n### Level 1 - Bad\n- x\n### Level 2 - Odd\n- y\n",
      "1 label=Level 1\n2 label=Level 2", NULL },
    { "the name in front", "## Severity Levels\n### Critical (SEV1)\n- x\n", "1 label=SEV1 name=\"Critical\"", NULL },
    { "names alone, in their rank",
      "## Severity Levels\n### Low\n- a\n### Moderate\n- b\n### Major\n- c\n### Urgent\n- d\n",
      "1 label=Urgent\n2 label=Major\n3 label=Moderate\n4 label=Low", NULL },
    { "other names", "## Severity Levels\n### Critical\n- a\n### High\n- b\n### Medium\n- c\n### Info\n- d\n",
      "1 label=Critical\n2 label=High\n3 label=Medium\n4 label=Info", NULL },
    { "bold paragraphs", "## Severity Levels\n**SEV1 - Bad**\n- x\n\n**SEV2 - Odd**\n- y\n",
      "1 label=SEV1 name=\"Bad\"\n2 label=SEV2", NULL },
    { "list items", "## Severity Levels\n- SEV1: Nobody can work\n- SEV2: Some cannot\n",
      "1 label=SEV1\ncriterion L2 \"Nobody can work\"", NULL },
    { "rows", "## Severity Levels\n| Level | Means |\n|---|---|\n| SEV1 - Bad | Down |\n| SEV2 - Odd | Slow |\n",
      "1 label=SEV1 name=\"Bad\"\ncriterion L4 \"Down\"\ncriterion L5 \"Slow\"", NULL },
    { "an emoji in front", "## Severity Levels\n### 🔴 SEV1 - Bad\n- x\n", "1 label=SEV1 name=\"Bad\"", NULL },
    { "recovery above", "## Severity Levels\n### SEV1\n- Estimated recovery time: > 4 hours\n", "recovery L3 (4h .. -]",
      NULL },
    { "recovery below", "## Severity Levels\n### SEV1\n- Estimated recovery time: < 1 hour\n", "recovery L3 [- .. 1h)",
      NULL },
    { "recovery between", "## Severity Levels\n### SEV1\n- Estimated recovery time: 2-4 hours\n",
      "recovery L3 [2h .. 4h]", NULL },
    { "response, plain", "## Severity Levels\n### SEV1\n- Response time: 15 minutes\n", "respond=15m", NULL },
    { "response, below", "## Severity Levels\n### SEV1\n- Acknowledge: < 15 min\n", "respond=15m", NULL },
    { "response, within", "## Severity Levels\n### SEV1\n- SLA: Within 1 hour\n", "respond=1h", NULL },
    { "response, at once", "## Severity Levels\n### SEV1\n- Response time: Immediate\n", "respond=0", NULL },
    { "updates", "## Severity Levels\n### SEV1\n- Update frequency: Every 30 minutes\n", "update=30m", NULL },
    { "updates, hourly", "## Severity Levels\n### SEV1\n- Update frequency: Hourly\n", "update=1h", NULL },
    { "examples are criteria", "## Severity Levels\n### SEV1\n- Examples:\n  - Down\n  - Gone\n",
      "criterion L4 \"Down\"\ncriterion L5 \"Gone\"", NULL },
    { "task boxes are criteria", "## Severity Levels\n### SEV1\n- [ ] Down\n- [x] Gone\n",
      "criterion L3 \"Down\"\ncriterion L4 \"Gone\"", NULL },
    { "a written id", "## Severity Levels\n### SEV1\n- Down {#down}\n", "criterion L3 \"Down\" id=down", NULL },
    { "an id above", "## Severity Levels\n### SEV1\n<!-- tocsin: id=down -->\n- Down\n", "\"Down\" id=down", NULL },
    { "a role in braces", "## How bad is it? {role=severity}\n### SEV1\n- Down\n", "1 label=SEV1", NULL },
    { "a role above", "<!-- tocsin: role=severity -->\n## How bad is it?\n### SEV1\n- Down\n", "1 label=SEV1", NULL },
    { "inside of a frame", "## Incident Classification\n### Severity Levels\n#### SEV1\n- Down\n", "1 label=SEV1",
      NULL },
    { "raised by a word", SEV4 "## Severity Escalation\n- Data is gone → SEV1\n", "raise L11 \"Data is gone\"", NULL },
    { "raised, considered", SEV4 "## Severity Escalation\n- Data is gone → Consider SEV1\n", "level=SEV1", NULL },
    { "raised, escalated", SEV4 "## Elevate severity if\n- Data is gone -> Escalate to SEV1\n", "level=SEV1", NULL },
    { "raised by a table",
      SEV4 "## Severity Escalation\n| Trigger | Escalate To |\n|---|---|\n| Data is gone | SEV1 |\n",
      "raise L13 \"Data is gone\"", NULL },
    { "lowered", SEV4 "## De-escalation Criteria\n- All is calm → SEV4\n", "lower L11 \"All is calm\"", NULL },
    { "an escalation matrix alone is the levels",
      "## Escalation Matrix\n| Severity | Response Time | Escalation |\n|---|---|---|\n"
      "| P1 | 15 minutes | Incident Commander |\n| P2 | 1 hour | Incident Commander |\n",
      "1 label=P1\n2 label=P2", NULL },
};

static const struct row people[] = {
    { "a role and its duties", "## Incident Response Team\n### Incident Commander\n- Leads\n- Tells\n",
      "role L2 incident-commander\nduty L3 \"Leads\"\nduty L4 \"Tells\"", NULL },
    { "roles as bold items", "## On-Call Roles\n- **Incident Commander**: leads\n",
      "role L2 incident-commander\nduty L2 \"leads\"", NULL },
    { "roles as rows", "## Roles and Responsibilities\n| Role | Does |\n|---|---|\n| Scribe | writes |\n",
      "role L4 scribe\nduty L4 \"writes\"", NULL },
    { "experts by issues and incidents",
      "## Response Team\n### Subject Matter Experts\n- Network engineers (for connectivity issues)\n- Lawyers (for legal incidents)\n",
      "selector L3 network → network-engineers\nselector L4 legal → lawyers", NULL },
    { "a contact by kinds", "## Key Personnel\n- Incident Commander: [Phone/Slack/Email]\n", "kinds=phone/slack/mail",
      NULL },
    { "a contact by address", "## Emergency Contacts\n- Management: boss@example.org\n", "mail=\"boss@example.org\"",
      NULL },
    { "a contact that is not known yet", "## On-Call Contacts\n- Management: TBD\n", "placeholders 1", NULL },
    { "a number that is not known yet", "## On-Call Contacts\n- Management: +1-xxx-xxx-xxxx\n", "placeholders 1",
      NULL },
    { "a contact in angles", "## Escalation Contacts\n- Management: <name>\n", "placeholders 1", NULL },
    { "a table by kinds",
      "## External Contacts\n| Role | Primary | Phone | Mail | Slack |\n|---|---|---|---|---|\n"
      "| Provider | Ann | +1 555 0100 | a@b.org | @ann |\n",
      "contact L4 provider\nphone=\"+1 555 0100\"\nmail=\"a@b.org\"\nslack=\"@ann\"", NULL },
    { "a table by team and contact", "## Contact Information\n| Team | Contact |\n|---|---|\n| Network | net@b.org |\n",
      "mail=\"net@b.org\"", NULL },
    { "a table by party", "## Contact Information\n| Party | Backup |\n|---|---|\n| Legal | law@b.org |\n",
      "contact L4 legal", NULL },
    { "channels in four ranks",
      "## Communication Channels\n- Primary: Slack #inc\n- Secondary: Email all@b.org\n- Backup: SMS\n"
      "- Emergency: Phone call to the desk\n",
      "rank=primary kind=slack\ntarget=\"#inc\"\nrank=secondary kind=mail\nrank=backup kind=sms\n"
      "rank=emergency kind=phone",
      NULL },
    { "channels by their order", "## Alert Channels\n- Slack #inc\n- Email all@b.org\n",
      "kind=slack target=\"#inc\"\nkind=mail", NULL },
    { "a channel that is an address", "## Communication Channels\n- Primary: Webhook https://h.example.org/x\n",
      "target=\"https://h.example.org/x\"", NULL },
    { "contacts in two places are joined",
      "## Emergency Contacts\n- Management: [Phone]\n\n## External Contacts\n- Provider: [Email]\n",
      "contact L2 management\ncontact L5 provider", NULL },
};

static const struct row timelines[] = {
    { "T+ with its unit", "## Response Timeline\n### T+15 Minutes - Triage\n- a\n", "\"Triage\" at=15m\ncheck L3 \"a\"",
      NULL },
    { "T+ without", "## Response Timeline\n### T+15: Triage\n- a\n", "\"Triage\" at=15m", NULL },
    { "T+ in hours", "## Response Timeline\n### T+2 hours — Triage\n- a\n", "\"Triage\" at=2h", NULL },
    { "a phase by unit and range", "## Triage (Minutes 0-5)\n- a\n", "at=0 due=5m", NULL },
    { "a phase by range and unit", "## Triage (0-15 minutes)\n- a\n## Mend (15-60 minutes)\n- b\n",
      "\"Triage\" at=0 due=15m\n\"Mend\" at=15m due=1h", NULL },
    { "a phase with an end alone", "## Triage (< 5 minutes)\n- a\n", "at=0 due=5m", NULL },
    { "a phase within", "## Triage (within 5 minutes)\n- a\n", "due=5m", NULL },
    { "phases without a clock", "## Response Timeline\n### Triage\n- a\n### Mend\n- b\n", "\"Triage\"\n\"Mend\"",
      NULL },
    { "a table of gates", "## Response Timeline\n| When | What |\n|---|---|\n| T+5 | Call |\n| T+15 | Act |\n",
      "at=5m\ncheck L4 \"Call\"\nat=15m", NULL },
    { "what a page proves", "## Response Timeline\n### T+5 - A\n- On-call engineer acknowledges\n",
      "evidence=acknowledged", NULL },
};

#define RUN "## Common Incident Scenarios\n### 1. Outage\n"
static const struct row runbooks[] = {
    { "a numbered scenario", RUN "**Steps:**\n- a\n", "scenario L2 \"Outage\"\nimmediate L4 \"a\"", NULL },
    { "symptoms by other labels",
      RUN
      "**Indicators:**\n- a\n\n**Detection:**\n- b\n\n**Signs:**\n- c\n\n**Trigger conditions:**\n- d\n\n**Alert:**\n- e\n",
      "symptom L4 \"a\"\nsymptom L7 \"b\"\nsymptom L10 \"c\"\nsymptom L13 \"d\"\nsymptom L16 \"e\"", NULL },
    { "immediate actions by other labels",
      RUN
      "**Investigation:**\n- a\n\n**Diagnosis:**\n- b\n\n**Diagnostic steps:**\n- c\n\n**Initial response:**\n- d\n\n**First steps:**\n- e\n\n**Initial assessment:**\n- f\n",
      "immediate L4 \"a\"\nimmediate L7 \"b\"\nimmediate L10 \"c\"\nimmediate L13 \"d\"\nimmediate L16 \"e\"\nimmediate L19 \"f\"",
      NULL },
    { "mitigation by other labels",
      RUN
      "**Mitigation options:**\n- a\n\n**Mitigation strategies:**\n- b\n\n**Resolution:**\n- c\n\n**Recovery:**\n- d\n\n**Response:**\n- e\n\n**Remediation:**\n- f\n\n**Fix:**\n- g\n\n**Resolution steps:**\n- h\n",
      "mitigation L4 \"a\"\nmitigation L7 \"b\"\nmitigation L10 \"c\"\nmitigation L13 \"d\"\nmitigation L16 \"e\"\nmitigation L19 \"f\"\nmitigation L22 \"g\"\nmitigation L25 \"h\"",
      NULL },
    { "triggers by other labels",
      RUN
      "**Escalation criteria:**\n- a\n\n**Escalation conditions:**\n- b\n\n**When to escalate:**\n- c\n\n**Escalate if:**\n- d\n\n**Escalate immediately if:**\n- e\n",
      "trigger L4 human \"a\"\ntrigger L7\ntrigger L10\ntrigger L13\ntrigger L16", NULL },
    { "verification by other labels", RUN "**Validation:**\n- a\n\n**Exit criteria:**\n- b\n\n**Verification:**\n- c\n",
      "verification L4 \"a\"\nverification L7 \"b\"\nverification L10 \"c\"", NULL },
    { "severity, owner, rollback", SEV4 RUN "**Severity:** SEV2\n**Owner:** Web team\n**Rollback:**\n- a\n",
      "level=SEV2 owner=\"Web team\"\nrollback L15 \"a\"", NULL },
    { "labels that are headings", RUN "#### Symptoms\n- a\n#### Resolution Steps\n1. b\n",
      "symptom L4 \"a\"\nmitigation L6 \"b\"", NULL },
    { "text on the label's line", RUN "**Symptoms:** All is red\n", "symptom L3 \"All is red\"", NULL },
    { "alert, scenario, incident, priority",
      "## Alert: DiskFull\n**Steps:**\n- a\n## Scenario 3: Fire\n**Steps:**\n- b\n## Incident: Flood\n**Steps:**\n- c\n",
      "scenario L1 \"DiskFull\"\nscenario L4 \"Fire\"\nscenario L7 \"Flood\"", NULL },
    { "a scenario with its priority",
      "## Severity Levels\n### P1 - A\n- x\n\n## P1: Site unreachable\n**Steps:**\n- a\n",
      "scenario L5 \"Site unreachable\" id=site-unreachable level=P1", NULL },
    { "optional steps", RUN "**Steps:**\n- a if needed\n- b (if required)\n- c if necessary.\n- d\n",
      "\"a if needed\" id=outage/a-if-needed optional\nid=outage/b-if-required optional\nid=outage/c-if-necessary optional",
      NULL },
    { "details of a step", RUN "**Steps:**\n- a\n  - b\n", "immediate L4 \"a\"\nb", NULL },
    { "a fence in a step", RUN "**Steps:**\n- a\n  ```\n  run it\n  ```\n", "immediate L4 \"a\"\nrun it", NULL },
    { "a fence alone is one step", RUN "**Steps:**\n```\nrun it\n```\n", "Run the commands shown", NULL },
    { "a fence alone, one step a comment", RUN "**Steps:**\n```sh\n# Look\nls\n# Act\nrm\n```\n", "\"Look\"\n\"Act\"",
      NULL },
    { "numbers that do not begin with 1", RUN "**Steps:**\n3. a\n4. b\n", "immediate L4 \"a\"\nimmediate L5 \"b\"",
      "W-LIST-START" },
    { "a phase of a runbook", "## Alert: X\n### Initial Assessment (Minutes 0-5)\n- a\n### Resolution\n- b\n",
      "immediate L3 \"a\" id=x/a due=5m", NULL },
    { "a step that carries a tree",
      RUN
      "**Mitigation Steps:**\n1. Fail over to DR region\n2. Fail over to read replica\n\n## Decision Trees\n### Failover Decision Tree\n"
      "```\nSTART: Region gone\n└─ Is the DR region up?\n   ├─ YES → Execute failover\n   └─ NO → Wait\n```\n",
      "\"Fail over to DR region\" id=outage/fail-over-to-dr-region tree=\"failover-decision-tree\"", NULL },
};

#define TRIG SEV4 "## When to Escalate\n"
static const struct row triggers[] = {
    { "not restored", TRIG "- Service not restored within 30 minutes\n",
      "timed \"Service not restored within 30 minutes\"\nafter=30m fact=\"restored\"", NULL },
    { "not recovered", TRIG "- Site NOT recovered within 1 hour\n", "after=1h fact=\"recovered\"", NULL },
    { "not resolved", TRIG "- Issue not resolved within 2 hours\n", "after=2h fact=\"resolved\"", NULL },
    { "not mitigated", TRIG "- Impact not mitigated within 20 min\n", "after=20m fact=\"mitigated\"", NULL },
    { "not acknowledged", TRIG "- Page not acknowledged within 5m\n", "after=5m fact=\"acknowledged\"", NULL },
    { "not contained", TRIG "- Breach not contained within 1 day\n", "after=1d fact=\"contained\"", NULL },
    { "not identified", TRIG "- Source not identified within 90s\n", "after=1m30s fact=\"identified\"", NULL },
    { "another participle is a timed question", TRIG "- Vendor not reached within 30 minutes\n",
      "timed \"Vendor not reached within 30 minutes\"\nafter=30m", NULL },
    { "unknown first", TRIG "- Unknown root cause after 15 minutes\n", "after=15m fact=\"root cause\"", NULL },
    { "unknown behind", TRIG "- Root cause still unknown after 1 hour\n", "after=1h fact=\"root cause\"", NULL },
    { "can't", TRIG "- Can't restore service within 20 minutes\n", "after=20m fact=\"restored\"", NULL },
    { "cannot", TRIG "- Cannot resolve it within 20 minutes\n", "after=20m fact=\"resolved\"", NULL },
    { "unable to", TRIG "- Unable to contain the breach within 2 hours\n", "after=2h fact=\"contained\"", NULL },
    { "a level lasting", TRIG "- SEV1 incident lasting > 1 hour\n", "longer-than=1h\nfor SEV1", NULL },
    { "unresolved", TRIG "- Incident unresolved for 2 hours\n", "after=2h", NULL },
    { "open", TRIG "- SEV2 open >= 2 hours\n", "after=2h\nfor SEV2", NULL },
    { "no progress", TRIG "- No progress in 15 minutes\n", "after=15m fact=\"progress\"", NULL },
    { "no root cause", TRIG "- No root cause after 30 minutes\n", "after=30m fact=\"root cause\"", NULL },
    { "no acknowledgement", TRIG "- No acknowledgement after 10 minutes\n", "after=10m fact=\"acknowledged\"", NULL },
    { "unavailable", TRIG "- Database unavailable for > 10 minutes\n", "longer-than=10m fact=\"unavailable\"", NULL },
    { "a measurement", TRIG "- Error rate > 5%\n", "threshold \"Error rate > 5%\"", NULL },
    { "a measurement for a time", TRIG "- Latency >= 2 s for > 5 minutes\n",
      "threshold \"Latency >= 2 s for > 5 minutes\"\nafter=5m", NULL },
    { "multiple", TRIG "- Multiple regions failing\n", "countable \"Multiple regions failing\"\ncount=2", NULL },
    { "anything else", TRIG "- Data corruption suspected\n", "human \"Data corruption suspected\"", NULL },
    { "a heading with the clock", SEV4 "## When to Escalate (After 15 minutes)\n- Still odd\n",
      "timed \"Still odd\"\nafter=15m", NULL },
};

#define TREE "## Decision Trees\n### Mend Decision Tree\n```\n"
static const struct row trees[] = {
    { "box drawing", TREE "START: Down\n├─ Up?\n│  ├─ YES → Close\n│  └─ NO → Call\n```\n",
      "start=\"Down\" questions=1 answers=2\noutcome \"Close\"", NULL },
    { "ASCII by bars", TREE "START: Down\n|-- Up?\n|   |-- YES -> Close\n|   +-- NO -> Call\n```\n",
      "questions=1 answers=2", NULL },
    { "ASCII by ticks", TREE "START: Down\n`-- Up?\n    +-- YES => Close\n    `-- NO ==> Call\n```\n",
      "questions=1 answers=2", NULL },
    { "steps of six columns", TREE "START: Down\n└─ Up?\n      ├─ YES → Close\n      └─ NO → Call\n```\n",
      "questions=1 answers=2", NULL },
    { "a question first", TREE "Is it up?\n├─ YES → Close\n└─ NO → Call\n```\n", "questions=1 answers=2", NULL },
    { "answers with more", TREE "START: Down\n└─ Up?\n   ├─ yes, all → Close\n   └─ No (or some) → Call\n```\n",
      "questions=1 answers=2", NULL },
    { "other labels", TREE "START: Down\n└─ Which?\n   ├─ Database → Call DBA\n   └─ Network → Call net\n```\n",
      "Database→\nNetwork→", NULL },
    { "one question on two lines",
      TREE "START: Down\n└─ Restart\n   ├─ Up? → YES → Close\n   └─ Up? → NO → Call\n```\n", "questions=1 answers=2",
      NULL },
    { "the next question",
      TREE
      "START: Down\n├─ Up?\n│  ├─ YES → Continue evaluation\n│  └─ NO → Call\n└─ Warm?\n   ├─ YES → Proceed with it\n   └─ NO → Wait\n```\n",
      "questions=2 answers=4", NULL },
    { "what is viable",
      TREE
      "START: Down\n├─ Up?\n│  ├─ YES → Move is viable\n│  └─ NO → Call\n└─ Warm?\n   ├─ YES → Go\n   └─ NO → Wait\n```\n",
      "action \"Move is viable\"", NULL },
    { "an escalation", SEV4 TREE "START: Odd\n└─ Up?\n   ├─ YES → Close\n   └─ NO → Escalate to SEV2\n```\n",
      "escalate \"Escalate to SEV2\"\nlevel=SEV2", NULL },
    { "another tree",
      TREE
      "START: Down\n└─ Up?\n   ├─ YES → Close\n   └─ NO → Initiate failover immediately\n```\n### Failover Decision Tree\n```\nSure?\n├─ YES → Go\n└─ NO → Wait\n```\n",
      "goto \"Initiate failover immediately\"\ntarget=\"failover-decision-tree\"", NULL },
    { "its own name ends it", TREE "START: Down\n└─ Up?\n   ├─ YES → Close\n   └─ NO → Execute mend\n```\n",
      "outcome \"Execute mend\"", NULL },
    { "an approval",
      TREE
      "START: Down\n├─ Sure?\n│  ├─ YES → Get management approval\n│  └─ NO → Wait\n└─ Warm?\n   ├─ YES → Go\n   └─ NO → Stay\n```\n",
      "gate \"Get management approval\"\ntarget=\"management\"", NULL },
    { "asked after each action",
      TREE "START: Down\n├─ Restart\n└─ Rebuild\n   └─ Up?\n      ├─ YES → Close\n      └─ NO → Call\n```\n",
      "questions=1 answers=2", NULL },
    { "asked at the end",
      "## Decision Trees\n### T {check=after-last}\n```\nSTART: Down\n├─ Restart\n└─ Rebuild\n   └─ Up?\n      ├─ YES → Close\n      └─ NO → Call\n```\n",
      "check=after-last", NULL },
    { "nested bullets", "## Decision Trees\n### T\n- Q: Up?\n  - YES: Close\n  - NO: Call\n",
      "questions=1 answers=2\noutcome \"Close\"", NULL },
    { "numbers are asked for",
      TREE "START: Down\n└─ Is failover time < acceptable downtime?\n   ├─ YES → Go\n   └─ NO → Stay\n```\n", "numeric",
      NULL },
    { "tabs", TREE "START: Down\n└─ Up?\n\t├─ YES → Close\n\t└─ NO → Call\n```\n", "questions=1 answers=2",
      "W-TREE-TABS" },
    { "no tree", TREE "just words\n```\n", "", "W-TREE-UNREAD" },
};

#define COMM SEV4 "## Communication Plan\n"
static const struct row communications[] = {
    { "a message", COMM "1. **Initial Alert**: Slack message to #inc\n", "initial alert \"Initial Alert\"\nslack\n#inc",
      NULL },
    { "every", COMM "1. **Status Updates**: Every 15 minutes during active incident\n", "every=15m clock=D", NULL },
    { "every, a range", COMM "1. **Status Updates**: Every 30-60 minutes\n", "every=30m", NULL },
    { "every for levels", COMM "1. **Status Updates**: SEV1/SEV2: Update every 30 minutes\n", "SEV1/SEV2\nevery=30m",
      NULL },
    { "update within", COMM "1. **Status Page**: Update within 15 minutes of incident\n", "within=15m clock=D", NULL },
    { "for levels", COMM "1. **Customer Notification**: For SEV1/SEV2 incidents\n", "SEV1/SEV2", NULL },
    { "within of resolution", COMM "1. **Post-Mortem**: Within 24 hours of resolution\n", "within=1d clock=R", NULL },
    { "a noun within", COMM "1. **Post-Mortem**: Report within 2 days\n", "within=2d clock=R", NULL },
    { "no clock", COMM "1. **Regulator**: If the law asks\n", "\"Regulator\"", NULL },
    { "bullets", COMM "- **Status Updates**: Every 15 minutes\n", "every=15m", NULL },
    { "a table by level",
      COMM "| Severity | Initial | Updates | Resolution |\n|---|---|---|---|\n| SEV1 | 15 minutes | Hourly | 1 day |\n",
      "within=15m\nevery=1h\nwithin=1d clock=R", NULL },
    { "a template of fields",
      "## Communication Templates\n### Initial Notification\n```\nBANNER\nSeverity: [SEV1/SEV2]\nService: Web\nImpact: [What]\n```\n",
      "fixed \"BANNER\"\nvalues=SEV1|SEV2\nliteral label=\"Service\" \"Web\"\ntext label=\"Impact\" \"What\"", NULL },
    { "placeholders of all kinds",
      "## Communication Templates\n### Initial Alert\n```\nA: {x}\nB: {{y}}\nC: <z>\nD: [w]\n```\n",
      "label=\"A\" \"x\"\nlabel=\"B\" \"y\"\nlabel=\"C\" \"z\"\nlabel=\"D\" \"w\"\nplaceholders 4", NULL },
    { "brackets with words are no enumeration",
      "## Communication Templates\n### Status Update\n```\nNote: [What we're/they're doing]\n```\n",
      "text label=\"Note\" \"What we're/they're doing\"", NULL },
    { "a cadence behind the name",
      "## Communication Templates\n### Status Update (Every 30 minutes)\n```\nA: [x]\n```\n", "every=30m", NULL },
    { "a bold name", "## Communication Templates\n**Stakeholder Update**\n```\nA: [x]\n```\n", "\"Stakeholder Update\"",
      NULL },
};

static const struct row rules[] = {
    { "blanks and arrows of a word processor", ESC "- No response in 5\xc2\xa0minutes\xc2\xa0→\xc2\xa0Secondary\n",
      "target 0 secondary", NULL },
    { "blanks and arrows of an exported wiki", ESC "- No response in 5&nbsp;minutes&nbsp;&rarr;&nbsp;Secondary\n",
      "target 0 secondary", NULL },
    { "an arrow that was made harmless", ESC "- No response in 5 minutes -&gt; Secondary\n", "target 0 secondary", NULL },
    { "then raises the step", ESC "- No response in 5 minutes → Secondary then Incident Commander\n",
      "target 0 secondary\ntarget 1 incident-commander", NULL },
    { "a comma and a plus keep it", ESC "- No resolution in 1 hour → Secondary, Incident Commander + Management\n",
      "target 0 secondary\ntarget 0 incident-commander\ntarget 0 management", NULL },
    { "by a kind", ESC "- No resolution in 1 hour → Management by SMS immediately\n",
      "target 0 management \"Management\" by=\"sms\"", NULL },
    { "levels in front", ESC "- SEV1/SEV2: No resolution in 1 hour → Management\n", "for SEV1/SEV2", NULL },
    { "levels in short", ESC "- SEV-3/4: No resolution in 1 hour → Management\n", "for SEV3/SEV4", NULL },
    { "that or worse", ESC "- SEV2+: No resolution in 1 hour → Management\n", "for SEV1/SEV2", NULL },
    { "at least", ESC "- SEV2 (minimum): No resolution in 1 hour → Management\n", "for SEV1/SEV2", NULL },
    { "during", ESC "- No resolution in 1 hour during business hours → Management\n", "during \"business hours\"",
      NULL },
    { "outside", ESC "- No resolution in 1 hour outside working hours → Management\n", "outside \"working hours\"",
      NULL },
    { "a level entered", ESC "- SEV1 incident → Management notification\n", "level=SEV1\nnotification", NULL },
    { "each category",
      ESC
      "- Security incident → A\n- Database incident → A\n- Network incident → A\n- Infrastructure incident → A\n- Performance incident → A\n"
      "- Data incident → A\n- Third-party incident → A\n",
      "category=\"security\"\ncategory=\"database\"\ncategory=\"network\"\ncategory=\"infrastructure\"\n"
      "category=\"performance\"\ncategory=\"data\"\ncategory=\"third-party\"",
      NULL },
    { "a ladder by ranges",
      ESC
      "1. **Level 1**: Primary On-Call (0-15 minutes)\n2. **Level 2**: Incident Commander (15-30 minutes)\n3. **Level 3**: Management (30+ minutes)\n",
      "\"No resolution in 15 minutes → Incident Commander\"\n\"No resolution in 30 minutes → Management\"", NULL },
    { "a ladder by parties", ESC "1. **Primary On-Call** (0 minutes)\n2. **Management** (after 1 hour)\n",
      "\"No resolution in 1 hour → Management\"", NULL },
    { "a ladder by levels", ESC "1. **Level 1**: Management (SEV1/SEV2)\n", "level=SEV1\nlevel=SEV2", NULL },
    { "a ladder by category", ESC "1. **Level 1**: Security team (security issues)\n", "category=\"security\"", NULL },
    { "a matrix by delays",
      SEV4
      "## Escalation Matrix\n| Severity | Escalation (15 min) | Escalation (1 hour) |\n|---|---|---|\n| SEV1 | Incident Commander | Management |\n",
      "\"SEV1: No resolution in 15 minutes → Incident Commander\"\n\"SEV1: No resolution in 1 hour → Management\"",
      NULL },
    { "a matrix by response",
      SEV4
      "## Escalation Matrix\n| Severity | Response Time | Escalation |\n|---|---|---|\n| SEV1 | 15 minutes | Management |\n",
      "\"SEV1: No response in 15 minutes → Management\"", NULL },
    { "a matrix by elapsed time",
      SEV4
      "## Escalation Matrix\n| Time Elapsed | Action | Contacts |\n|---|---|---|\n| 30 minutes | Call | Management |\n",
      "\"No resolution in 30 minutes → Management\"", NULL },
    { "ticks stay prose", SEV4 "## Escalation Matrix\n| Severity | Escalation (15 min) |\n|---|---|\n| SEV1 | ✅ |\n",
      "", "W-MATRIX-UNREAD" },
    { "working hours need a calendar (G15)", ESC "- No response in 2 business hours → Management\n", "",
      "E-ESCALATION" },
    { "working days elsewhere are days (G15)", COMM "1. **Post-Mortem**: Within 2 business days\n", "within=2d",
      "W-BUSINESS-TIME" },
};

static const struct row upkeeps[] = {
    { "a window by hours", "## Post-Incident Procedures\n### Soon (T+1 to T+24 hours)\n1. a\n",
      "window L2 \"Soon\" id=soon from=1h to=1d\naction L3 \"a\"", NULL },
    { "a window by two units", "## After Resolution\n### Soon (R+30 minutes to R+2 hours)\n- a\n", "from=30m to=2h",
      NULL },
    { "a window within", "## Post-mortem\n**Within 2 days:**\n- [ ] a\n", "from=0 to=2d\naction L3 \"a\"", NULL },
    { "a task with its own clock", "## Post-Incident Review\n- Hold it within 2 days\n", "due=2d", NULL },
    { "metrics", "## Key Metrics\n- Error rate\n## Alert Thresholds\n- Error rate: > 5%\n", "metric L2 \"Error rate\"",
      NULL },
    { "a threshold", "## Alert Thresholds\n- Error rate: > 5%\n", "\"Error rate\" > \"5\" \"%\" si=50000/1000000",
      NULL },
    { "a threshold with all it may have", SEV4 "## Thresholds\n- Latency: >= 250 ms for 5 minutes over 1 hour → SEV2\n",
      "\"Latency\" >= \"250\" \"ms\" si=250000/1000000 for=5m over=1h level=SEV2", NULL },
    { "thresholds in a table",
      SEV4 "## Alert Thresholds\n| Metric | Warning | Critical |\n|---|---|---|\n| Load | > 5 | > 9 |\n",
      "\"Load\" > \"5\"\n\"Load\" > \"9\"", NULL },
    { "thresholds that fall",
      "## Alert Thresholds\n| Metric | Warning | Critical |\n|---|---|---|\n| Free | 20% | 5% |\n",
      "\"Free\" < \"20\"\n\"Free\" < \"5\"", NULL },
    { "tools in groups", "## Tools and Resources\n### Watch\n- Graphs\n**Talk**\n- Chat\n",
      "tool L3 \"Graphs\" group=\"Watch\"\ntool L5 \"Chat\" group=\"Talk\"", NULL },
    { "training of each period",
      "## Training and Drills\n- Weekly a\n- Monthly b\n- Quarterly c\n- Annual d\n- Continuous e\n- Every 2 weeks f\n",
      "\"a\" id=a every=7d\n\"b\" id=b every=30d\n\"c\" id=c every=90d\n\"d\" id=d every=365d\n\"e\" id=e\n\"f\" id=f every=14d",
      NULL },
    { "a drill by its number", RUN "**Steps:**\n- a\n## Recommended Drill Scenarios\n1. Friday → Scenario 1\n",
      "drill L6 \"Friday\" id=friday scenario=\"outage\"", NULL },
    { "success metrics", "## On-Call Metrics\n- Mean time to acknowledge\n", "metric L2 \"Mean time to acknowledge\"",
      NULL },
    { "reviews of each period",
      "## Monthly Reviews\n- a\n## Quarterly Reviews\n- b\n## Annual Reviews\n- c\n## Weekly Reviews\n- d\n## Every 2 weeks Reviews\n- e\n## Semi-Annual Reviews\n- f\n",
      "every=\"monthly\"\nevery=\"quarterly\"\nevery=\"annual\"\nevery=\"weekly\"\nperiod=14d\nevery=\"semi-annual\"",
      NULL },
    { "control by either colon", "# P\n**Version**: 2\n**Status:** Draft\n\n## Overview\nx\n",
      "\"Version\" = \"2\"\n\"Status\" = \"Draft\"", NULL },
    { "control behind the last rule",
      "# P\n## Overview\nx\n\n---\n\n**Last Updated**: 2026-01-02\n**Approved By**: [Name]\n",
      "\"Last Updated\" = \"2026-01-02\"\n\"Approved By\" = \"[Name]\" placeholder", NULL },
    { "control in front", "---\ntitle: Plan\nversion: 3\nlast_updated: 2026-01-02\nowner: SRE\n---\n# P\n",
      "\"version\" = \"3\"\n\"owner\" = \"SRE\"\ntitle \"Plan\"", NULL },
    { "control twice", "# P\n**Version**: 2\n**Version**: 3\n\n## Overview\nx\n", "", "W-CONTROL-TWICE" },
};

static const struct row spellings[] = {
    { "a BOM", "\xef\xbb\xbf## Severity Levels\n### SEV1\n- a\n", "severity L2 1 label=SEV1", NULL },
    { "CRLF", "## Severity Levels\r\n### SEV1\r\n- a\r\n", "severity L2 1 label=SEV1\ncriterion L3 \"a\"", NULL },
    { "CR alone", "## Severity Levels\r### SEV1\r- a\r", "severity L2 1 label=SEV1\ncriterion L3 \"a\"", NULL },
    { "all of them", "## Severity Levels\r\n### SEV1\r- a\n- b\r\n", "criterion L3 \"a\"\ncriterion L4 \"b\"", NULL },
    { "tabs", "##\tSeverity Levels\n###\tSEV1\n-\ta\n", "criterion L3 \"a\"", NULL },
    { "setext", "Severity Levels\n===============\n\nSEV1\n----\n- a\n", "criterion L6 \"a\"", NULL },
    { "stars and pluses", "## Severity Levels\n### SEV1\n* a\n* b\n\n### SEV2\n+ c\n",
      "criterion L3 \"a\"\ncriterion L7 \"c\"", NULL },
    { "round numbers", "## Incident Scenarios\n### S\n**Steps:**\n1) a\n2) b\n",
      "immediate L4 \"a\"\nimmediate L5 \"b\"", NULL },
    { "a wrapped item", ESC "- No resolution in 1 hour\n  → Management\n", "\"No resolution in 1 hour → Management\"",
      NULL },
    { "two labels without a blank", "## Incident Scenarios\n### S\n**Symptoms:** a\n**Steps:** b\n",
      "symptom L3 \"a\"\nimmediate L4 \"b\"", NULL },
    { "a heading of depth 1", "# Severity Levels\n## SEV1\n- a\n", "1 label=SEV1", NULL },
    { "a heading of depth 4", "# P\n## Q\n### R\n#### Escalation Rules\n- SEV1 incident → X\n", "level=SEV1", NULL },
    { "a heading in a fence is none", "## Overview\n```\n## Severity Levels\n### SEV1\n- a\n```\n", "", NULL },
    { "prose in a known section ends at its depth", "## Severity Levels\n### SEV1\n- a\n## Anything\n- b\n",
      "criterion L3 \"a\"", NULL },
    { "admonitions are prose", ESC "- SEV1 incident → X\n\n!!! note\n    Ring the bell → somebody\n", "level=SEV1",
      NULL },
    { "admonitions with a blank line are prose",
      ESC "- SEV1 incident → X\n\n!!! note\n\n    Ring the bell → somebody\n", "level=SEV1", NULL },
    { "HTML is prose", ESC "- SEV1 incident → X\n\n<p>Ring → somebody</p>\n", "level=SEV1", NULL },
    { "mojibake", ESC "- No resolution in 1 hour \xc3\xa2\xe2\x80\xa0\xe2\x80\x99 Management\n", "when no resolution",
      "W-MOJIBAKE" },
};

static bool has_code(const struct compiled *c, struct slice code)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, code)) return true;
    return false;
}

static void check_row(const struct row *r, struct buf *wrong)
{
    struct error e = { 0 };
    struct buf dump = { .max = 1u << 20 };
    struct compiled *c = procedures_compile(slice_of(r->document), S("p.md"), NULL, &e);
    if (c == NULL) fail_msg("%s: %s", r->what, e.detail);
    policy_dump(&c->policy, &dump);
    for (struct slice holds = slice_of(r->holds); holds.n > 0;) {
        struct slice part = slice_cut(&holds, '\n');
        if (slice_find(buf_slice(&dump), part) == dump.len)
            buf_addf(wrong, "%s: \"%.*s\" is not in\n%s", r->what, (int)part.n, part.p, buf_str(&dump));
    }
    if (r->code != NULL && !has_code(c, slice_of(r->code))) buf_addf(wrong, "%s: no %s\n", r->what, r->code);
    if (r->code == NULL && (c->errors > 0 || has_code(c, S("W-CLOCK-LOST"))))
        for (size_t i = 0; i < c->n_diagnostics; i++)
            buf_addf(wrong, "%s: %u %.*s %.*s\n", r->what, c->diagnostics[i].line, (int)c->diagnostics[i].code.n,
                     c->diagnostics[i].code.p, (int)c->diagnostics[i].message.n, c->diagnostics[i].message.p);
    compiled_destroy(&c);
    buf_release(&dump);
}

static void check_rows(const struct row *rows, size_t n)
{
    struct buf wrong = { .max = 1u << 20 };
    for (size_t i = 0; i < n; i++) check_row(&rows[i], &wrong);
    if (wrong.len > 0) {
        fprintf(stderr, "%s", buf_str(&wrong));
        fail_msg("forms that are read otherwise");
    }
    buf_release(&wrong);
}

#define FORMS(X)  \
    X(severities) \
    X(people) X(timelines) X(runbooks) X(triggers) X(trees) X(communications) X(rules) X(upkeeps) X(spellings)

#define X(list)                               \
    static void forms_of_##list(void **state) \
    {                                         \
        (void)state;                          \
        check_rows(list, COUNT_OF(list));     \
    }
FORMS(X)
#undef X

int main(void)
{
    const struct CMUnitTest tests[] = {
#define X(list) cmocka_unit_test(forms_of_##list),
        FORMS(X)
#undef X
    };
    return cmocka_run_group_tests_name("procedures-forms", tests, NULL, NULL);
}
