/* The dates of document control (R134): the order they stand in, and what a calendar says of the next review. */
#include "harness.h"

#include "base/check.h"
#include "base/civil.h"
#include "core/policy.h"
#include "procedures/compile.h"

#define BODY "# Plan\n\n## Overview\n\nText.\n\n---\n\n" /* control begins at line 9 */
#define CYCLE(cycle, last) BODY "**Last Reviewed**: " last "\n**Review Cycle**: " cycle "\n" /* the cycle at line 10 */
#define NEXT(date) BODY "**Next Review Date**: " date "\n"

/* Today is 2026-06-15 unless a row says that there is no calendar. */
static const struct {
    const char *what, *document, *code;
    unsigned line; /* 0: must not be said */
    bool no_calendar;
} rows[] = {
    { "R134: 31 days before nothing is said", NEXT("2026-07-16"), "N-REVIEW-DUE", 0, false },
    { "R134: 30 days before", NEXT("2026-07-15"), "N-REVIEW-DUE", 9, false },
    { "R134: 8 days before", NEXT("June 23, 2026"), "N-REVIEW-DUE", 9, false },
    { "R134: 7 days before it is a warning", NEXT("22 June 2026"), "W-REVIEW-DUE", 9, false },
    { "R134: 7 days before it is no note", NEXT("22 June 2026"), "N-REVIEW-DUE", 0, false },
    { "R134: on the day", NEXT("2026-06-15"), "W-REVIEW-DUE", 9, false },
    { "R134: on the day it is not overdue", NEXT("2026-06-15"), "W-REVIEW-OVERDUE", 0, false },
    { "R134: the day after", NEXT("2026-06-14"), "W-REVIEW-OVERDUE", 9, false },
    { "R134: years after", NEXT("2019-01-01"), "W-REVIEW-OVERDUE", 9, false },
    { "R4: without a calendar no day is judged", NEXT("2019-01-01"), "W-REVIEW-OVERDUE", 0, true },
    { "a placeholder is no date", NEXT("[Date]"), "W-CONTROL-DATE", 0, false },
    { "words are no date", NEXT("after the summer"), "W-CONTROL-DATE", 9, false },
    { "a day that no month has", NEXT("2026-02-30"), "W-CONTROL-DATE", 9, false },
    { "R134: updated after the next review", BODY "**Last Updated**: 2026-07-01\n**Next Review**: 2026-06-30\n",
      "W-CONTROL-DATE", 10, true },
    { "R134: updated before the next review", BODY "**Last Updated**: 2026-06-01\n**Next Review**: 2026-06-30\n",
      "W-CONTROL-DATE", 0, false },
    { "R134: updated in the future", BODY "**Last Updated**: 2026-06-20\n", "W-CONTROL-DATE", 9, false },
    { "R134: updated tomorrow is a zone ahead", BODY "**Last Updated**: 2026-06-16\n", "W-CONTROL-DATE", 0, false },
    { "R134: reviewed, and next reviewed, in a table",
      BODY
      "## Document Control\n\n| Key | Value |\n|---|---|\n| Last Reviewed | 2026-01-01 |\n| Next Review | 2025-01-01 |\n",
      "W-CONTROL-DATE", 14, true },
    { "R134: a cycle, 31 days before", CYCLE("Quarterly", "2026-04-16"), "N-REVIEW-DUE", 0, false },
    { "R134: a cycle, 30 days before", CYCLE("Quarterly", "2026-04-15"), "N-REVIEW-DUE", 10, false },
    { "R134: a cycle, 7 days before", CYCLE("Every 3 months", "2026-03-22"), "W-REVIEW-DUE", 10, false },
    { "R134: a cycle, on the day", CYCLE("6 months", "2025-12-15"), "W-REVIEW-DUE", 10, false },
    { "R134: a cycle, the day after", CYCLE("every 6 months", "2025-12-14"), "W-REVIEW-OVERDUE", 10, false },
    { "R134: a yearly cycle, a day before", CYCLE("Annual", "2025-06-16"), "W-REVIEW-OVERDUE", 0, false },
    { "R134: a yearly cycle, a day after", CYCLE("every year", "2025-06-14"), "W-REVIEW-OVERDUE", 10, false },
    { "R134: a cycle in days", CYCLE("90 days", "2026-03-16"), "W-REVIEW-OVERDUE", 10, false },
    { "R134: a cycle in weeks, in time", CYCLE("Every 2 weeks", "2026-06-15"), "W-REVIEW-OVERDUE", 0, false },
    { "R134: a month that is shorter", CYCLE("Monthly", "2026-05-31"), "N-REVIEW-DUE", 10, false },
    { "R134: a cycle counts from the last update where no review is written",
      BODY "**Last Updated**: 2025-01-01\n**Review Frequency**: Quarterly\n", "W-REVIEW-OVERDUE", 10, false },
    { "R134: a written next review goes before the cycle",
      CYCLE("Quarterly", "2020-01-01") "**Next Review**: 2026-12-01\n", "W-REVIEW-OVERDUE", 0, false },
    { "R134: a next review that is a placeholder leaves it to the cycle",
      CYCLE("Quarterly", "2020-01-01") "**Next Review**: [Date]\n", "W-REVIEW-OVERDUE", 10, false },
    { "R4: without a calendar no cycle is judged", CYCLE("Quarterly", "2020-01-01"), "W-REVIEW-OVERDUE", 0, true },
    { "R134: a cycle that counts from nothing", BODY "**Review Cycle**: Quarterly\n", "W-CONTROL-DATE", 9, true },
    { "R134: a cycle whose beginning is a placeholder", CYCLE("Quarterly", "[Date]"), "W-CONTROL-DATE", 0, false },
    { "R134: words are no cycle", CYCLE("when there is time", "2026-01-01"), "W-CONTROL-DATE", 10, true },
    { "G15: as needed is no cycle, and none is missed", CYCLE("As needed", "2020-01-01"), "W-CONTROL-DATE", 0, false },
    { "R134: a cycle in front matter", "---\nlast_reviewed: 2025-01-15\nreview_cycle: quarterly\n---\n# Plan\n",
      "W-REVIEW-OVERDUE", 3, false },
    { "R134: front matter", "---\nnext_review: 2026-06-01\n---\n# Plan\n", "W-REVIEW-OVERDUE", 2, false },
};

static unsigned said_at(const struct compiled *c, const char *code)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, slice_of(code))) return c->diagnostics[i].line;
    return 0;
}

static void r134_dates_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct compile_options o = { .today = rows[i].no_calendar ? 0 : civil_days(2026, 6, 15) };
        struct error e = { 0 };
        struct compiled *c = procedures_compile(slice_of(rows[i].document), S("plan.md"), &o, &e);
        if (c == NULL) fail_msg("%s: %s", rows[i].what, e.detail);
        const unsigned line = said_at(c, rows[i].code);
        if (line != rows[i].line) fail_msg("%s: %s at %u, not %u", rows[i].what, rows[i].code, line, rows[i].line);
        compiled_destroy(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(r134_dates_are_judged) };
    return cmocka_run_group_tests_name("procedures-dates", tests, NULL, NULL);
}
