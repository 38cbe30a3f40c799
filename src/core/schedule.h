/* schedule.h - who is on call for a schedule at an instant: one pure function, called by everybody (R138, I15).
 *
 * A hand-off is a local wall-clock time in a named zone (R139): a skipped local time hands off at the first valid
 * instant, a doubled one at its first occurrence. Fixed schedules name their people and never hand off. */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "base/slice.h"
#include "core/rotation.h"

struct schedule {
    struct slice id;
    bool fixed; /* everybody in rotation.people, in order, always */
    struct rotation rotation;
    unsigned line; /* in site.yaml */
};

struct on_call {
    const int *people; /* indexes into directory.people, in order; borrowed from the schedule */
    size_t n; /* 0: nobody */
    int64_t turn; /* number of the turn since the anchor; 0 for fixed */
    int64_t since, until; /* wall ms of this turn's hand-offs; INT64_MIN/MAX for fixed */
};

struct on_call schedule_on_call_at(const struct schedule *s, int64_t wall);

#endif
