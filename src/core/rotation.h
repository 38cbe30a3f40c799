/* rotation.h - whose turn it is: a period, a local hand-off time in a zone, and people in order.
 *
 * Turn 0 begins at the first hand-off on or after `anchor_day`; turns before it count backwards, so there is never a
 * gap. The anchor of a site that names none is Monday 1970-01-05: adding a person moves turns, a restart does not. */
#ifndef CORE_ROTATION_H
#define CORE_ROTATION_H

#include <stddef.h>
#include <stdint.h>

struct zone;

#define ROTATION_PERIODS(X) X(HOURLY, 1, "hourly") X(DAILY, 2, "daily") X(WEEKLY, 3, "weekly") X(MONTHLY, 4, "monthly")

enum rotation_period {
    ROTATION_UNSET = 0,
#define X(sym, code, text) ROTATION_##sym = code,
    ROTATION_PERIODS(X)
#undef X
};

struct rotation {
    enum rotation_period period; /* this version accepts weekly; the others are here for what follows */
    int every; /* N periods a turn, at least 1 */
    int weekday; /* 0 = Monday; WEEKLY */
    int minute_of_day; /* local hand-off time, 0..1439 */
    int64_t anchor_day; /* days since 1970-01-01, local */
    const struct zone *zone; /* never NULL */
    const int *people; /* indexes into directory.people */
    size_t n_people;
};

/* The turn that holds at `wall` (ms UTC), and its bounds. */
int64_t rotation_turn_at(const struct rotation *r, int64_t wall, int64_t *since, int64_t *until);

#endif
