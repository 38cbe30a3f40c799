/* civil.h - calendar arithmetic without zones: days, weekdays, months, and RFC 3339 text.
 *
 * Proleptic Gregorian calendar, years -32768..32767 and beyond as far as 64-bit seconds reach; integers only, no clock,
 * no locale. A `struct civil` is a wall-clock reading: which instant it is needs a zone (zone.h), or UTC by agreement.
 * Sources: RFC 3339; the days algorithm is the usual era-of-400-years one. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include "base/buf.h"
#include "base/error.h"

struct civil {
    int32_t year; /* 2026; 0 is 1 BC */
    int32_t month; /* 1..12 */
    int32_t day; /* 1..31 */
    int32_t hour; /* 0..23 */
    int32_t minute; /* 0..59 */
    int32_t second; /* 0..60 */
};

enum weekday { WEEKDAY_UNSET = 0, MONDAY = 1, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

#define CIVIL_DAY_S INT64_C(86400)

/* Days since 1970-01-01. Month and day may lie outside their ranges: 14 is February of the next year, day 0 the last
 * of the month before. */
int64_t civil_days(int64_t year, int64_t month, int64_t day);
struct civil civil_from_days(int64_t days); /* at 00:00:00 */
int civil_month_days(int64_t year, int month); /* 28..31 */
bool civil_is_valid(struct civil c); /* every member inside its range, the day inside its month; second 60 is not */

enum weekday civil_weekday(int64_t days); /* of a count of days since 1970-01-01 */
struct slice civil_weekday_name(enum weekday d); /* "Mon" … "Sun"; empty for unset */
bool civil_parse_weekday(struct slice s, enum weekday *d); /* "Mon" or "monday", in any case */

/* Seconds since 1970-01-01T00:00:00 on the same clock face; with a UTC reading these are UTC seconds. */
int64_t civil_seconds(struct civil c);
struct civil civil_from_seconds(int64_t s);

/* The same day n months later (n may be negative), or the last day of that month when it has no such day. */
struct civil civil_add_months(struct civil c, int64_t n);
struct civil civil_add_days(struct civil c, int64_t n); /* the time of day stays */

/* RFC 3339, whole slice: "2026-01-05T03:00:00Z", "…+01:00", 0-9 digits of fraction (cut, not rounded, to ms). Lower
 * case t and z and a blank for T are accepted, as section 5.6 allows. A leap second counts as the second after it.
 * Year 0001 (unset for Alertmanager and Go) parses like any other; what it means is the caller's affair.
 * ERR_SYNTAX with the form expected. *utc_ms is untouched on failure. */
int civil_parse_rfc3339(struct slice s, int64_t *utc_ms, struct error *e);

/* "2026-01-05T03:00:00.250Z": milliseconds only when `with_ms`; offset 0 prints Z, others ±hh:mm (offsets with odd
 * seconds are printed by the minute they lie in, as RFC 3339 has no seconds there, and the clock face agrees with what
 * is printed). Years outside 0..9999 have no RFC 3339 form and are clamped to it. */
void civil_format_rfc3339(struct buf *out, int64_t utc_ms, int32_t offset_s, bool with_ms);

#endif
