/* page.h - a page: one person summoned at one level of one incident; and a notification, which only tells (A52). */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include "core/escalation.h"

enum page_kind { PAGE_UNSET = 0, PAGE_PAGE = 1, PAGE_NOTIFICATION = 2 };

#define PAGE_REASONS(X)                             \
    X(FIRST, 1, "first page")                       \
    X(NO_RESPONSE, 2, "no response")                \
    X(NO_RESOLUTION, 3, "no resolution")            \
    X(SEVERITY, 4, "severity")                      \
    X(CATEGORY, 5, "category")                      \
    X(ROUND, 6, "next round")                       \
    X(UNANSWERED, 7, "commander did not answer")    \
    X(NEW_ALERT, 8, "a new alert joined")           \
    X(WORSE_ALERT, 9, "a more severe alert joined") \
    X(RESUMED, 10, "firing again")                  \
    X(RELEASED, 11, "a silence ended")              \
    X(ASSIGNED, 12, "assigned")                     \
    X(SENDER_SILENT, 13, "monitoring silent")       \
    X(DECLARED, 14, "declared by a person")         \
    X(REOPENED, 15, "reopened")                     \
    X(MORNING, 16, "working day begins")            \
    X(RECOVERED, 17, "recovered")                   \
    X(STILL_ON_IT, 18, "still on it?")              \
    X(LAPSED, 19, "the acknowledgement lapsed")     \
    X(PASSED_ON, 20, "passed on")                   \
    X(SNOOZE_OVER, 21, "the snooze is over")        \
    X(NOT_REACHED, 22, "no page was taken so far")
enum page_reason {
    PAGE_REASON_UNSET = 0,
#define X(sym, code, text) PAGE_REASON_##sym = code,
    PAGE_REASONS(X)
#undef X
};

#define PAGE_STATES(X)                 \
    X(OPEN, 1, "open")                 \
    X(ACKNOWLEDGED, 2, "acknowledged") \
    X(SUPERSEDED, 3, "superseded")     \
    X(FAILED, 4, "failed")             \
    X(TOLD, 5, "told") /* a notification that was delivered */
enum page_state {
    PAGE_STATE_UNSET = 0,
#define X(sym, code, text) PAGE_STATE_##sym = code,
    PAGE_STATES(X)
#undef X
};

const char *page_reason_name(int64_t r);
const char *page_state_name(int64_t s);

bool page_is_open(const struct page *p);

#endif
