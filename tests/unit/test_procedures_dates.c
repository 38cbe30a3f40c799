/* The dates of document control (R134): the order they stand in, and what a calendar says of the next review. */
#include "harness.h"

#include "base/check.h"
#include "base/civil.h"
#include "core/policy.h"
#include "procedures/compile.h"

#define BODY "# Plan\n\n## Overview\n\nText.\n\n---\n\n" /* control begins at line 9 */
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
