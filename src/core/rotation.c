/* rotation.c - turns as local hand-offs in a zone.
 * Not here: who fills which turn (schedule.c), overrides.
 * Always: hand-offs never go backwards, because a wall-clock reading stands for the first instant that shows it or a
 * later one (R139). A hand-off inside a skipped span coincides with the end of the span; the turn before it may then
 * be empty, which is neither a gap nor an overlap. */
#include "core/rotation.h"

#include "base/check.h"
#include "base/zone.h"

/* About 250,000 years either way: beyond it no clock reads, and the arithmetic below stays far from overflow. */
#define WALL_LIMIT INT64_C(8000000000000000)
#define HOUR_S INT64_C(3600)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The local day of turn 0's hand-off. */
static int64_t first_day(const struct rotation *r)
{
    int64_t weekday;

    if (r->period != ROTATION_WEEKLY) return r->anchor_day;
    weekday = (int64_t)civil_weekday(r->anchor_day) - MONDAY;
    return r->anchor_day + (r->weekday - weekday + 7) % 7;
}

static int64_t step_of(const struct rotation *r)
{
    return r->every > 0 ? r->every : 1;
}

/* The wall-clock reading at which turn `turn` begins. Months are counted from the anchor, so that the 31st does not
 * drift to the 28th for ever. */
static struct civil handoff_local(const struct rotation *r, int64_t turn)
{
    int64_t first = first_day(r), minute_s = (int64_t)r->minute_of_day * 60, step = turn * step_of(r);
    struct civil day;

    switch (r->period) {
    case ROTATION_HOURLY: return civil_from_seconds(first * CIVIL_DAY_S + minute_s + step * HOUR_S);
    case ROTATION_MONTHLY:
        day = civil_add_months(civil_from_days(first), step);
        return civil_from_seconds(civil_seconds(day) + minute_s);
    case ROTATION_WEEKLY: return civil_from_seconds((first + step * 7) * CIVIL_DAY_S + minute_s);
    case ROTATION_UNSET:
    case ROTATION_DAILY: break;
    }
    return civil_from_seconds((first + step) * CIVIL_DAY_S + minute_s);
}

static int64_t handoff_at(const struct rotation *r, int64_t turn)
{
    return zone_to_utc(r->zone, handoff_local(r, turn), NULL) * 1000;
}

/* The turn whose hand-off the local clock passed last; right except near hand-offs and clock changes. */
static int64_t turn_guess(const struct rotation *r, int64_t wall)
{
    struct civil now = zone_to_local(r->zone, floor_div(wall, 1000)), from = civil_from_days(first_day(r));
    int64_t passed_s = civil_seconds(now) - civil_seconds(handoff_local(r, 0));

    switch (r->period) {
    case ROTATION_HOURLY: return floor_div(passed_s, HOUR_S * step_of(r));
    case ROTATION_MONTHLY: return floor_div(((int64_t)now.year - from.year) * 12 + now.month - from.month, step_of(r));
    case ROTATION_WEEKLY: return floor_div(passed_s, 7 * CIVIL_DAY_S * step_of(r));
    case ROTATION_UNSET:
    case ROTATION_DAILY: break;
    }
    return floor_div(passed_s, CIVIL_DAY_S * step_of(r));
}

int64_t rotation_turn_at(const struct rotation *r, int64_t wall, int64_t *since, int64_t *until)
{
    int64_t at = wall > WALL_LIMIT ? WALL_LIMIT : wall < -WALL_LIMIT ? -WALL_LIMIT : wall;
    int64_t turn = turn_guess(r, at), begins = handoff_at(r, turn), ends;

    while (begins > at) begins = handoff_at(r, --turn);
    while ((ends = handoff_at(r, turn + 1)) <= at) {
        begins = ends;
        turn++;
    }
    CHECK(begins <= at && at < ends);
    *since = begins;
    *until = ends;
    return turn;
}
