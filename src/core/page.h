/* page.h - a page: one person summoned at one level of one incident; and a notification, which only tells (A52). */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include "core/escalation.h"

enum page_kind { PAGE_UNSET = 0, PAGE_PAGE = 1, PAGE_NOTIFICATION = 2 };

#define PAGE_REASONS(X)                                              \
    X(FIRST, 1, "first page")                                        \
    X(NO_RESPONSE, 2, "no response")                                 \
    X(NO_RESOLUTION, 3, "no resolution")                             \
    X(SEVERITY, 4, "severity")                                       \
    X(CATEGORY, 5, "category")                                       \
    X(ROUND, 6, "next round")                                        \
    X(UNANSWERED, 7, "commander did not answer")                     \
    X(NEW_ALERT, 8, "a new alert joined")                            \
    X(WORSE_ALERT, 9, "a more severe alert joined")                  \
    X(RESUMED, 10, "firing again")                                   \
    X(RELEASED, 11, "a silence ended")                               \
    X(ASSIGNED, 12, "assigned")                                      \
    X(SENDER_SILENT, 13, "monitoring silent")                        \
    X(DECLARED, 14, "declared by a person")                          \
    X(REOPENED, 15, "reopened")                                      \
    X(MORNING, 16, "working day begins")
enum page_reason {
    PAGE_REASON_UNSET = 0,
#define X(sym, code, text) PAGE_REASON_##sym = code,
    PAGE_REASONS(X)
#undef X
};

#define PAGE_STATES(X)                       \
    X(OPEN, 1, "open")                       \
    X(ACKNOWLEDGED, 2, "acknowledged")       \
    X(SUPERSEDED, 3, "superseded")           \
    X(FAILED, 4, "failed")                   \
    X(TOLD, 5, "told")                       /* a notification that was delivered */
enum page_state {
    PAGE_STATE_UNSET = 0,
#define X(sym, code, text) PAGE_STATE_##sym = code,
    PAGE_STATES(X)
#undef X
};

const char *page_reason_name(int64_t r);
const char *page_state_name(int64_t s);

struct page_order {
    incident_id incident;
    enum page_reason reason;
    enum page_kind kind;
    struct slice role; /* resolved now; empty when `person` is given */
    symbol person; /* 0 = by role */
    size_t from; /* first person of the role's list to take: "each commander in order" */
    int64_t rule, line, level;
    struct slice by; /* kind named by the sentence */
    page_id repeat_of;
};

/* Pages the role (or the person): makes the pages with PAGED/NOTIFIED entries and begins their first deliveries. The
 * first page of an incident starts its clock T. Returns how many people can be reached; 0 leaves a NOBODY entry that
 * says why, and the caller goes on to the next at once (R144). *first (may be NULL) is the first page made. */
size_t page_send(struct world *w, const struct page_order *o, page_id *first);

/* Ends every open page of the incident: the actor's own as acknowledged when `taken`, the rest superseded, each person
 * but the actor stood down (R157) with `why` ("taken by Ada", "resolved", …). Deliveries not begun are dropped. */
void pages_end(struct world *w, incident_id id, bool taken, symbol by, struct slice why);
/* One page ended alone (its person answered). */
void page_end(struct world *w, page_id id, enum page_state state, symbol by);
bool page_is_open(const struct page *p);

#endif
