/* hostile.h - documents of up to a megabyte that are made to be slow: one shape a row, for the unit test that compiles
 * each and for the measure that times them. Deterministic. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"

struct hostile {
    const char *name;
    const char *head; /* written once */
    const char *unit; /* repeated; %u is a number that counts up, %e a line's end every 10,000 */
    size_t bytes; /* at most so many */
    unsigned units;
};

#define ALL ((size_t)PROCEDURES_MAX_BYTES - 64)
#define LINES (PROCEDURES_MAX_LINES - 16)
#define DEEP_LISTS                                                                                     \
    "- a\n  - b\n    - c\n      - d\n        - e\n          - f\n            - g\n              - h\n" \
    "                - i\n                  - j\n                    - k\n                      - l\n" \
    "                        - m\n                          - n\n                            - o in 5 minutes\n"
#define DEEP_QUOTES "> > > > > > > > > > > > > > > > "

static const struct hostile hostile_shapes[] = {
    { "prose", "# Prose\n\n", "Somebody wrote a lot about nothing, %u times.\n", ALL, LINES },
    { "one long line", "", "word ", ALL, 1u << 20 },
    { "stars", "", "*", ALL, 1u << 20 },
    { "stars in an item", "## Escalation Rules\n- ", "**a** ", ALL, 1u << 20 },
    { "brackets", "## Contacts\n- X: ", "[", ALL, 1u << 20 },
    { "braces", "## Escalation Rules\n- ", "{#a} ", ALL, 1u << 20 },
    { "open brackets in a heading", "## ", "(5-10 ", ALL, 1u << 20 },
    { "twice encoded characters", "", "\xc3\xa2\xe2\x80\xa0\xe2\x80\x99", ALL, 1u << 20 },
    { "nearly twice encoded", "", "\xc3\xa2\xe2\x80\xa0", ALL, 1u << 20 },
    { "headings", "", "# Severity %u\n", ALL, LINES },
    { "headings with clocks", "# Doc\n", "## Phase (%u-20000 minutes)\n", ALL, LINES },
    { "milestones", "## Response Timeline\n", "### T+%u - Again\n", ALL, LINES },
    { "checks of one name", "## Response Timeline\n### T+1 - One\n", "- Same words\n", ALL, LINES },
    { "levels", "## Severity Levels\n", "### SEV%u\n- One\n", ALL, LINES / 2 },
    { "criteria with clocks", "## Severity Levels\n### SEV1\n", "- Down for %u minutes after lunch every day\n", ALL,
      LINES },
    { "rules", "## Escalation Rules\n", "- No response in %u minutes → Secondary on-call\n", ALL, LINES },
    { "rules that narrow each other", "## Severity Levels\n### SEV1\n- x\n### SEV2\n- y\n## Escalation Rules\n",
      "- SEV1: No resolution in %u minutes → Management\n- No resolution in 9 hours → Management\n", ALL, 128 },
    { "almost rules", "## Escalation Rules\n", "- No answer in %u minutes -> nobody in particular\n", ALL, LINES },
    { "targets", "## Escalation Rules\n- No response in 5 minutes → A", ", B", ALL, 1u << 20 },
    { "steps", "## Escalation Rules\n- No response in 5 minutes → A", " then B", ALL, 1u << 20 },
    { "arrows", "## Escalation Rules\n- ", "→ ", ALL, 1u << 20 },
    { "half arrows", "## Escalation Rules\n- ", "--=", ALL, 1u << 20 },
    { "levels in a set", "## Severity Levels\n### SEV1\n- x\n## Escalation Rules\n- ", "SEV1/", ALL, 1u << 20 },
    { "a row of many cells", "## Escalation Matrix\n", "|a", ALL, 1u << 20 },
    { "rows", "## Escalation Matrix\n| Severity | Escalation (5 min) |\n|--|--|\n", "| SEV1 | P%u |\n", ALL, LINES },
    { "tables", "## Contacts\n", "| Role | Phone |\n|--|--|\n| R%u | 5 |\n\n", ALL, LINES / 4 },
    { "contacts and rules", "## Escalation Rules\n- No response in 5 minutes → Z1, Z2, Z3\n## Contacts\n",
      "- Party %u: [Phone]\n", ALL, LINES },
    { "roles", "## Response Team\n", "### Role %u\n- Does\n", ALL, LINES / 2 },
    { "selectors", "## Response Team\n### Subject Matter Experts\n", "- Group %u (for c%u issues)\n", ALL, LINES },
    { "experts' incidents", "## Response Team\n### Subject Matter Experts\n- G (for c issues)\n## Escalation Rules\n",
      "- c%u incident → G\n", ALL, LINES },
    { "communication", "## Communication Procedures\n", "- **Name %u**: Every 5-10 minutes\n", ALL, LINES },
    { "communication that is lost", "## Communication Procedures\n", "- within after every %u\n", ALL, LINES },
    { "templates", "## Communication Templates\n", "### T%u\n```\nSeverity: [A/B]\n```\n", ALL, LINES / 4 },
    { "a template of fields", "## Communication Templates\n### T\n```\n", "Severity: [SEV1/SEV%u]\n", ALL, LINES },
    { "values of a field", "## Communication Templates\n### T\n```\nSeverity: [A", "/B", ALL, 1u << 20 },
    { "one wrapped item", "## Escalation Rules\n- No response in 5 minutes\n", "  and so on %u\n", ALL, LINES },
    { "labels", "", "**Label %u:**\n", ALL, LINES },
    { "quotes", "", "> ", ALL, 1u << 20 },
    { "lists in lists", "", "- ", ALL, 1u << 20 },
    { "numbers", "**Steps:**\n", "%u. step\n", ALL, LINES },
    { "tree", "## Decision Trees\n### T\n```\nSTART: x\n", "├─ Is it %u?\n│  ├─ YES → Do\n", ALL, LINES / 2 },
    { "a deep tree", "## Decision Trees\n### T\n```\nSTART: x\n", "                    ├─ Q%u?\n", ALL, LINES },
    { "scenario steps", "## Incident Scenarios\n### S\n**Immediate Actions:**\n", "%u. Do it if needed\n", ALL, LINES },
    { "triggers", "## Incident Scenarios\n### S\n**Escalation Triggers:**\n",
      "- Not resolved within %u minutes after\n", ALL, LINES },
    { "thresholds", "## Alert Thresholds\n", "- CPU: > %u%% for 5 minutes over 10 minutes\n", ALL, LINES },
    { "front matter", "---\n", "key%u: value\n", ALL, LINES },
    { "html", "", "<table>\n", ALL, LINES },
    { "comments", "## Escalation Rules\n", "<!-- tocsin: id=a%u -->\n- SEV1 incident → X\n", ALL, LINES / 2 },
    { "written ids", "## Escalation Rules\n", "- SEV1 incident → X {#a}\n", ALL, 250 },
    { "setext", "", "Heading %u\n---\n", ALL, LINES / 2 },
    { "blank lines", "", "\r", ALL, LINES },
    { "addresses of a contact", "## Contacts\n- X: ", "a%u@b.c, ", ALL, 1u << 20 },
    { "numbers of a contact", "## Contacts\n- X: ", "+1 555 %u / ", ALL, 1u << 20 },
    { "rows of who is told", "## Communication Plan\n| Audience | Channel | Frequency |\n|--|--|--|\n",
      "| A%u | Slack, Email | Every 5 minutes, then hourly |\n", ALL, LINES },
    { "times of a cell", "## Communication Plan\n| Audience | Frequency |\n|--|--|\n| A | 5 minutes", ", then hourly",
      ALL, 1u << 20 },
    { "channels of a cell", "## Communication Plan\n| Audience | Channel |\n|--|--|\n| A | Slack", ", x / y", ALL,
      1u << 20 },
    { "rows of a runbook", "## Incident Scenarios\n### S\n| Symptom | Action | Escalate if |\n|--|--|--|\n",
      "| s%u | a<br>b | Not restored within 5 minutes |\n", ALL, LINES },
    { "breaks of a cell", "## Incident Scenarios\n### S\n| Symptom | Action |\n|--|--|\n| s | ", "a<br>", ALL,
      1u << 20 },
    { "rows of tasks", "## Post-Incident Procedures\n### A (R+0 to R+1 hour)\n| Task | Due |\n|--|--|\n",
      "| t%u | 2 days |\n", ALL, LINES },
    { "hints of a template", "## Communication Templates\n### T\n```\n", "Label: [hint %u]\n", ALL, LINES },
    { "names of one party", "## Response Team\n### Security\n- x\n## Contacts\n", "- Security Team: [Phone]\n", ALL,
      LINES },
    { "drills", "## Incident Scenarios\n### S\n**Steps:**\n- a\n## Drill Scenarios\n", "- Drill %u\n", ALL, LINES },
    { "fences", "", "```\n\n```\n", ALL, LINES / 3 },
    { "rows of 10,000 columns among the rules", "## Escalation Matrix\n", "|-%e", ALL, 1u << 20 },
    { "rows of 10,000 columns of contacts", "## Contacts\n", "|-%e", ALL, 1u << 20 },
    { "rows of 10,000 columns about communication", "## Communication Plan\n", "|-%e", ALL, 1u << 20 },
    { "rows of 10,000 columns of levels", "## Severity Levels\n", "|-%e", ALL, 1u << 20 },
    { "rows of 10,000 columns of a runbook", "## Incident Scenarios\n### S\n", "|-%e", ALL, 1u << 20 },
    { "lists as deep as may be", "## Escalation Rules\n", DEEP_LISTS, ALL, LINES / 15 },
    { "steps as deep as may be", "## Incident Scenarios\n### S\n**Steps:**\n", DEEP_LISTS, ALL, LINES / 15 },
    { "quotes as deep as may be", "## Escalation Rules\n", DEEP_QUOTES "No response in 5 minutes\n\n", ALL, LINES / 2 },
    { "quotes and lists as deep as may be", "## Escalation Rules\n",
      "> > > > > > > > - - - - - - - - x in 5 minutes\n\n", ALL, LINES / 2 },
    { "clocks of one line", "## When to Escalate\n- ", "T+5 ", ALL, 1u << 20 },
    { "comparisons of one line", "## Communication Plan\n- ", "more than ", ALL, 1u << 20 },
    { "figures of one line", "## Escalation Rules\n- ", "5-", ALL, 1u << 20 },
    { "a paragraph of clocks", "## Severity Levels\n", "hourly ", ALL, 1u << 20 },
    { "quoted rules", "## Escalation Rules\n", "> No response in %u minutes → X\n", ALL, LINES },
    { "rules in a fence", "## Escalation Rules\n```\n", "No response in %u minutes → X\n", ALL, LINES },
    { "boxes", "## Escalation Rules\n", "!!! note\n\n    Ring in %u minutes\n\n", ALL, LINES / 4 },
    { "more lines than there may be", "", "# a\n", ALL, 100000 },
};
#undef DEEP_LISTS
#undef DEEP_QUOTES
#undef ALL
#undef LINES

static void hostile_make(const struct hostile *h, struct buf *out)
{
    buf_reset(out);
    buf_add_str(out, h->head);
    for (unsigned i = 0; i < h->units && out->len + strlen(h->unit) + 8 < h->bytes; i++) {
        struct slice rest = slice_of(h->unit);
        while (rest.n > 0) {
            const size_t number = slice_find(rest, S("%u")), end = slice_find(rest, S("%e"));
            const size_t at = number < end ? number : end;
            buf_add(out, slice_upto(rest, at));
            if (number < end) buf_addf(out, "%u", i);
            if (end < number && (i + 1) % 10000 == 0) buf_add_char(out, '\n');
            rest = slice_from(rest, at + 2);
        }
    }
}

#endif
