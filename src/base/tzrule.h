/* tzrule.h - the POSIX TZ string at the end of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * Pure. The RFC's extensions are understood: hours of -167 to 167 in a rule and names in angle brackets. Not
 * understood, because TZif forbids it: a daylight saving time without its rules, and a leading colon.
 * Sources: POSIX.1-2017 section 8.3, RFC 9636 section 3.3. */
#ifndef BASE_TZRULE_H
#define BASE_TZRULE_H

#include "base/error.h"
#include "base/slice.h"

enum tz_day_form { TZ_DAY_UNSET = 0, TZ_DAY_JULIAN, TZ_DAY_ORDINAL, TZ_DAY_WEEK };

/* When in a year the clocks change. */
struct tz_day {
    enum tz_day_form form;
    int32_t day; /* JULIAN: 1..365, never 29 February; ORDINAL: 0..365; WEEK: 0..6, 0 is Sunday */
    int32_t month, week; /* WEEK: 1..12 and 1..5, 5 is the last */
    int32_t time_s; /* after local midnight, by the clock in force before the change; may be negative */
};

struct tz_rule {
    struct slice std_name, dst_name; /* borrowed from the text */
    int32_t std_offset_s, dst_offset_s; /* local minus UTC: east is positive, unlike in the text */
    bool has_dst;
    struct tz_day start, end; /* of daylight saving time */
};

int tz_rule_parse(struct slice text, struct tz_rule *out, struct error *e);

/* UTC seconds at which daylight saving time starts or ends in that year. */
int64_t tz_rule_start(const struct tz_rule *r, int64_t year);
int64_t tz_rule_end(const struct tz_rule *r, int64_t year);

#endif
