/* judge.h - what the notifiers share when they judge: tables from status and fault to outcome, and clean lines of text.
 *
 * Pure. Private to notify/. A table ends with a row whose outcome is UNSET; the first row that holds the status wins. */
#ifndef NOTIFY_JUDGE_H
#define NOTIFY_JUDGE_H

#include "notify/notifier.h"

struct status_row {
    int64_t from, to; /* inclusive */
    enum message_outcome outcome;
};

/* UNCERTAIN when no row holds the status. */
enum message_outcome judge_status(const struct status_row *rows, int64_t status);

/* Nothing of the message can have arrived (`may_repeat`), or something may have: what does the fault then mean?
 * A fault is only ever NOT_SENT or REFUSED in the first case, UNCERTAIN in the second. */
enum message_outcome judge_fault(enum fault f, bool may_repeat);

/* One printable line of at most `max` bytes, cut between characters; control characters become blanks, bad UTF-8 '?'. */
struct slice judge_line(struct slice text, size_t max, struct arena *a);
/* "words", or "words: more" with the second cleaned as above. */
struct slice judge_detail(const char *words, struct slice more, struct arena *a);

#endif
