/* timeline.h - what is written down about an incident, in order, for ever.
 *
 * The only place that makes entries. An entry's `changes` are computed from the incident's row before and after the
 * step, so that folding them over an empty row gives the row (I19): timeline_replay() is that fold. A step that
 * changes a row (but for its LIVE fields) without an entry is a fault and stops the process. */
#ifndef CORE_TIMELINE_H
#define CORE_TIMELINE_H

#include "core/effect.h"

/* Numbers are stored; the word is what `tocsin show` prints. */
#define ENTRY_KINDS(X)                        \
    X(LOGGED, 1, "logged")                    \
    X(DECLARED, 2, "declared")                \
    X(ALERT_JOINED, 3, "alert joined")        \
    X(ALERT_RESOLVED, 4, "alert resolved")    \
    X(ALERT_EXPIRED, 5, "alert expired")      \
    X(ALERT_RESUMED, 6, "alert resumed")      \
    X(PAGED, 7, "paged")                      \
    X(NOTIFIED, 8, "notified")                \
    X(ESCALATED, 9, "escalated")              \
    X(ACKNOWLEDGED, 10, "acknowledged")       \
    X(SEVERITY, 11, "severity")               \
    X(CLASSIFIED, 12, "classified")           \
    X(ROLE, 13, "role")                       \
    X(NOTE, 14, "note")                       \
    X(MITIGATED, 15, "mitigated")             \
    X(RESOLVED, 16, "resolved")               \
    X(RECOVERED, 17, "recovered")             \
    X(REOPENED, 18, "reopened")               \
    X(CLOSED, 19, "closed")                   \
    X(DISMISSED, 20, "dismissed")             \
    X(MERGED, 21, "merged")                   \
    X(LINKED, 22, "linked")                   \
    X(DELIVERED, 23, "delivered")             \
    X(DELIVERY_FAILED, 24, "delivery failed") \
    X(PAGE_FAILED, 25, "page failed")         \
    X(STOOD_DOWN, 26, "stood down")           \
    X(CHECKED, 27, "checked")                 \
    X(MILESTONE_LATE, 28, "late")             \
    X(HELD, 29, "held")                       \
    X(RELEASED, 30, "released")               \
    X(POSTED, 31, "posted")                   \
    X(EXHAUSTED, 32, "exhausted")             \
    X(ALARM, 33, "alarm")                     \
    X(NOBODY, 34, "nobody")                   \
    X(SILENCED, 35, "silenced")               \
    X(SILENCE_ENDED, 36, "silence ended")     \
    X(SENDER_SILENT, 37, "monitoring silent") \
    X(BUNDLE, 38, "bundle")                   \
    X(STARTED, 39, "started")                 \
    X(REMINDED, 40, "reminded")               \
    X(CHANGED, 41, "changed")                 \
    X(FLAPPING, 42, "flapping")               \
    X(DETECTED, 43, "detected")               \
    X(RETRIED, 44, "retried")                 \
    X(PROPOSED, 45, "proposed")               \
    X(MOVED, 46, "moved")                     \
    X(UNJOURNALED, 47, "unjournaled")         \
    X(BUNDLED, 48, "bundled")                 \
    X(SNOOZED, 49, "snoozed")                 \
    X(SNOOZE_ENDED, 50, "snooze ended")       \
    X(PASSED_ON, 51, "passed on")             \
    X(LAPSED, 52, "acknowledgement lapsed")   \
    X(REDACTED, 53, "redacted")               \
    X(HEARTBEAT, 54, "heartbeat")             \
    X(ASSESSED, 55, "assessed")

enum entry_kind {
    ENTRY_UNSET = 0,
#define X(sym, code, text) ENTRY_##sym = code,
    ENTRY_KINDS(X)
#undef X
};

const char *entry_kind_name(int64_t kind);

/* Folds one entry's changes into a row (zeroed before the first entry). */
void timeline_replay(struct incident *row, const struct entry *e);
/* Writes changes as text for the store ("2=1 10=5") and reads them back into `a`; ERR_SYNTAX on anything else. */
void timeline_print_changes(const struct entry *e, struct buf *out);
int timeline_parse_changes(struct arena *a, struct slice text, struct entry *e);

#endif
