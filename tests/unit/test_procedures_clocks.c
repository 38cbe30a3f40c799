/* G4, G5: no clock is swallowed. Every form in which a document can write a clock or a comparison, in every place where
 * rules stand and no pattern reads it: an error or a warning at that very line. */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"

/* `word`: no figure stands in it; said in list items, not of a paragraph in full sentences. */
static const struct {
    const char *clock;
    bool word;
} forms[] = {
    { "5 ms", false },
    { "5 msec", false },
    { "5 milliseconds", false },
    { "90s", false },
    { "90 sec", false },
    { "1 second", false },
    { "5m", false },
    { "5 min", false },
    { "5 minutes", false },
    { "1.5 hours", false },
    { "2h", false },
    { "2 hrs", false },
    { "1 day", false },
    { "3d", false },
    { "1 week", false },
    { "2 months", false },
    { "15-minute", false },
    { "30+ minutes", false },
    { "2-4 hours", false },
    { "2–4 hours", false },
    { "2 to 4 hours", false },
    { "2 business days", false },
    { "4 working hours", false },
    { "hourly", false },
    { "Daily", false },
    { "weekly", false },
    { "immediately", false },
    { "Immediate", false },
    { "T+15", false },
    { "T+1 hour", false },
    { "R+24 hours", false },
    { "Minutes 0-5", false },
    { "> 5%", false },
    { "< 99.9 %", false },
    { ">= 3", false },
    { "<= 3", false },
    { "≥ 3", false },
    { "≤ 3", false },
    { "more than 3 regions", false },
    { "longer than 10 minutes", false },
    { "less than 3 of them", false },
    { "at least 2", false },
    { "at most 2", false },
    { "up to 4 of them", false },
    { "above 90", false },
    { "below 10", false },
    { "exceeds 80%", false },
    { "over 9000", false },
    { "under 5", false },
    { "within 5 minutes", false },
    { "within the hour", true },
    { "every night", true },
    { "after lunch", true },
};

/* The brackets keep each form from being part of a sentence that one of the patterns reads. */
#define ODD "Odd things (%s) happen"
#define SEV "## Severity Levels\n### SEV1 - Bad\n- Down\n"
#define RUNBOOK "## Common Incident Scenarios\n### Outage\n**Symptoms:**\n- x\n\n**Escalation Triggers:**\n"
#define RULE "- No response in 5 minutes → Secondary on-call\n"

static const struct {
    const char *place, *document;
    unsigned line;
    bool sentences; /* a paragraph: a figure is said, a mere word is not */
} places[] = {
    { "a criterion", "## Severity Levels\n### SEV1 - Bad\n- " ODD "\n", 3, false },
    { "a criterion's detail", SEV "  - " ODD "\n", 4, false },
    { "a label's text about a level", SEV "\n**Notes:** " ODD "\n", 5, false },
    { "a paragraph among the levels", SEV "\n" ODD ".\n", 5, true },
    { "a heading among the levels", SEV "\n### " ODD "\n- x\n", 5, true },
    { "a row that is no level", "## Severity Levels\n| Level | Means |\n|---|---|\n| SEV1 | x |\n| y | " ODD " |\n", 5,
      false },
    { "what people do at a level", SEV "\n**Response:**\n- " ODD "\n", 6, true },
    { "a quote among the levels", SEV "\n> " ODD "\n", 5, true },
    { "a reason to raise the level", SEV "## Severity Escalation\n- " ODD "\n", 5, false },
    { "a paragraph about raising", SEV "## Severity Escalation\n" ODD ".\n", 5, true },
    { "a trigger", "## When to Escalate\n- " ODD "\n", 2, false },
    { "a paragraph among the triggers", "## When to Escalate\n- x\n\n" ODD ".\n", 4, true },
    { "a quote among the triggers", "## When to Escalate\n- x\n\n> " ODD ".\n", 4, true },
    { "a runbook's trigger", RUNBOOK "- " ODD "\n", 7, false },
    { "a trigger's detail", RUNBOOK "- x\n  - " ODD "\n", 8, false },
    { "a quote below a runbook's trigger", RUNBOOK "- x\n\n> " ODD "\n", 9, true },
    { "an obligation", "## Communication Plan\n1. **Legal**: " ODD "\n", 2, false },
    { "an obligation's detail", "## Communication Plan\n1. **Legal**: x\n   - " ODD "\n", 3, false },
    { "a paragraph about communication", "## Communication Plan\n" ODD ".\n", 2, false },
    { "a cell with a time", "## Communication Plan\n| Audience | Frequency |\n|---|---|\n| Legal | " ODD " |\n", 4,
      false },
    { "a group of obligations", "## Communication Plan\n### " ODD "\n1. **Legal**: x\n", 2, true },
    { "an escalation rule", "## Escalation Rules\n- " ODD "\n", 2, true },
    { "a paragraph among the rules", "## Escalation Rules\n" ODD ".\n", 2, true },
    { "a quote among the rules", "## Escalation Rules\n" RULE "\n> " ODD "\n", 4, true },
    { "a quote in an item", "## Escalation Rules\n" RULE "- > " ODD "\n", 3, true },
    { "a fence among the rules", "## Escalation Rules\n" RULE "\n```\n" ODD "\n```\n", 5, true },
    { "indented code among the rules", "## Escalation Rules\nWords.\n\n    " ODD "\n", 4, true },
    { "a fence that nothing closes", "## Escalation Rules\n" RULE "\n```\nx\n" ODD "\n", 6, true },
    { "rules in another section's fence that nothing closes", "## Purpose\n```\nx\n## Escalation Rules\n- " ODD "\n", 5,
      true },
    { "a heading among the rules", "## Escalation Rules\n### " ODD "\n" RULE, 2, true },
    { "a threshold", "## Alert Thresholds\n- " ODD "\n", 2, true },
    { "a paragraph among the thresholds", "## Alert Thresholds\n" ODD ".\n", 2, true },
    { "a quote among the thresholds", "## Alert Thresholds\n- Load: > 5\n\n> " ODD "\n", 4, true },
    { "a channel", "## Communication Channels\n- " ODD "\n", 2, true },
    { "a paragraph among the channels", "## Communication Channels\n" ODD ".\n", 2, true },
    { "a label of the timeline", "## Response Timeline\n### T+5 - One\n- x\n\n**" ODD "**\n", 5, false },
    { "a row of the timeline", "## Response Timeline\n| When | What |\n|---|---|\n| " ODD " | x |\n", 4, false },
    { "a paragraph of the timeline", "## Response Timeline\n### T+5 - One\n- x\n\n" ODD ".\n", 5, true },
    { "a heading of the timeline", "## Response Timeline\n### " ODD "\n- x\n", 2, true },
    { "a task afterwards", "## Post-Incident Procedures\n- " ODD "\n", 2, false },
    { "a paragraph about afterwards", "## Post-Incident Procedures\n- x\n\n" ODD ".\n", 4, true },
    { "a heading about afterwards", "## Post-Incident Procedures\n### " ODD "\n- x\n", 2, true },
    { "a duty", "## Incident Response Team\n### Lead\n- " ODD "\n", 3, true },
    { "a further column of the team",
      "## Incident Response Team\n| Role | Does | Note |\n|---|---|---|\n| Lead | x | " ODD " |\n", 4, true },
    { "the name of a metric", "## Critical Metrics\n- " ODD "\n", 2, false },
    { "a training", "## Training and Drills\n- " ODD "\n", 2, false },
};

/* An error, or the warning that a clock is lost. */
static bool is_said(const struct compiled *c, unsigned line)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        if (d->line == line && (d->level == DIAGNOSTIC_ERROR || slice_eq(d->code, S("W-CLOCK-LOST")))) return true;
    }
    return false;
}

/* `template` with the form in place of its %s. */
static void document_make(struct buf *out, const char *template, const char *form)
{
    struct slice rest = slice_of(template);
    const size_t at = slice_find(rest, S("%s"));
    buf_reset(out);
    buf_add(out, slice_upto(rest, at));
    buf_add_str(out, form);
    buf_add(out, slice_from(rest, at + 2));
}

static bool says(struct buf *text, const char *template, const char *form, unsigned line)
{
    struct error e = { 0 };
    document_make(text, template, form);
    struct compiled *c = procedures_compile(buf_slice(text), S("p.md"), NULL, &e);
    assert_non_null(c);
    const bool said = is_said(c, line);
    compiled_destroy(&c);
    return said;
}

static void g5_every_form_in_every_place(void **state)
{
    struct buf text = { 0 }, missed = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        for (size_t k = 0; k < COUNT_OF(forms); k++) {
            if (forms[k].word && places[i].sentences) continue;
            if (!says(&text, places[i].document, forms[k].clock, places[i].line))
                buf_addf(&missed, "%s: %s\n", places[i].place, forms[k].clock);
        }
    if (missed.len > 0) fail_msg("clocks that nothing read and nobody missed:\n%s", buf_str(&missed));
    buf_release(&text);
    buf_release(&missed);
}

/* The other way round: words that only look like clocks, in the same places. G15 names some of them outright. */
static void g5_what_is_no_clock(void **state)
{
    static const char *const none[] = {
        "next business day", "next sprint",     "as needed",     "N/A",           "the daily backup",
        "an hourly job",     "a weekly backup", "version 5.2",   "3 regions",     "immediate attention",
        "12 people",         "TLS 1.3",         "call 555 0100", "the whole day", "both hours",
    };
    struct buf text = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        for (size_t k = 0; k < COUNT_OF(none); k++) {
            struct buf form = { 0 };
            if (strcmp(places[i].place, "a cell with a time") == 0) continue; /* its column says what it is */
            buf_addf(&form, "%s is odd", none[k]);
            if (says(&text, places[i].document, buf_str(&form), places[i].line))
                fail_msg("%s: \"%s\" is no clock", places[i].place, none[k]);
            buf_release(&form);
        }
    buf_release(&text);
}

/* A number whose unit stands in the head of its column is a clock all the same. `holds`: a part of the dumped policy. */
static const struct {
    const char *what, *document, *holds;
} heads[] = {
    { "response and updates of a level",
      "## Severity Levels\n| Level | Response Time (minutes) | Update (min) |\n|---|---|---|\n| SEV1 | 15 | 30 |\n",
      "respond=15m update=30m" },
    { "a response below", "## Severity Levels\n| Level | Response (hours) |\n|---|---|\n| SEV1 | < 2 |\n",
      "respond=2h" },
    { "a duty of communication",
      SEV "## Communication Plan\n| Severity | Updates (in minutes) |\n|---|---|\n| SEV1 | 30 |\n", "every=30m" },
    { "a gate", "## Response Timeline\n| Time (min) | Action |\n|---|---|\n| 5 | Call |\n", "at=5m" },
    { "a gate under its unit", "## Response Timeline\n| Minute | Action |\n|---|---|\n| 5 | Call |\n", "at=5m" },
    { "a row of an escalation matrix",
      SEV "## Escalation Matrix\n| Time (min) | Escalate to |\n|---|---|\n| 15+ | Management |\n",
      "No resolution in 15 minutes → Management" },
    { "a response of an escalation matrix",
      SEV
      "## Escalation Matrix\n| Severity | Response time in minutes | Escalation |\n|---|---|---|\n| SEV1 | 15 | Management |\n",
      "SEV1: No response in 15 minutes → Management" },
    { "thresholds",
      "## Alert Thresholds\n| Metric | Warning (%) | Critical (%) |\n|---|---|---|\n| CPU \\| GPU | 80 | 95 |\n",
      "\"CPU | GPU\" > \"80\" \"%\" si=800000/1000000" },
    { "a task", "## Post-Incident Procedures\n| Task | Due (days) |\n|---|---|\n| Report | 2 |\n", "due=2d" },
    { "a name that looks like a unit", "## Contact Information\n| Role | Phone (s) |\n|---|---|\n| Boss | 5550100 |\n",
      "phone=\"5550100\"" },
};

static void g5_units_in_the_head_of_a_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct error e = { 0 };
        struct buf dump = { .max = 1u << 20 };
        struct compiled *c = procedures_compile(slice_of(heads[i].document), S("p.md"), NULL, &e);
        assert_non_null(c);
        policy_dump(&c->policy, &dump);
        if (slice_find(buf_slice(&dump), slice_of(heads[i].holds)) == dump.len)
            fail_msg("%s: no %s in\n%s", heads[i].what, heads[i].holds, buf_str(&dump));
        compiled_destroy(&c);
        buf_release(&dump);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g5_every_form_in_every_place),
        cmocka_unit_test(g5_what_is_no_clock),
        cmocka_unit_test(g5_units_in_the_head_of_a_column),
    };
    return cmocka_run_group_tests_name("procedures-clocks", tests, NULL, NULL);
}
