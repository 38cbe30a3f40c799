/* zone.h - a time zone as a table: TZif bytes in, local time from UTC and UTC from local time out.
 *
 * Pure: the bytes come from the caller (sys/zoneinfo.h reads the files). Integers only. Versions 1 to 4 of the format,
 * with the POSIX TZ footer, which is expanded into the table when it is parsed; leap-second tables ("right/" files) are
 * converted to POSIX seconds. After the last rule change the 400-year cycle of the calendar repeats, so every instant
 * has an answer. A zone never changes after zone_parse(): threads may share it.
 * Sources: RFC 9636 (TZif), POSIX.1-2017 section 8.3 (TZ). R42, R139. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/civil.h"

struct zone; /* opaque */

struct zone_local {
    int32_t offset_s; /* local = UTC + offset; east is positive */
    bool is_dst;
    struct slice abbreviation; /* "CEST"; borrowed from the zone */
};

/* How a local time meets the zone. */
enum zone_fit {
    ZONE_FIT_UNSET = 0,
    ZONE_FIT_ONCE, /* the ordinary case */
    ZONE_FIT_SKIPPED, /* the clocks jumped over it: the first instant after the gap stands for it */
    ZONE_FIT_DOUBLED, /* the clocks showed it twice: the first occurrence stands for it */
};

/* NULL with ERR_SYNTAX (what is wrong in the bytes) or ERR_LIMIT. The bytes may be released afterwards. */
struct zone *zone_parse(struct slice tzif, struct error *e);
struct zone *zone_create_utc(void); /* always UTC; needs no bytes */
void zone_destroy(struct zone **z); /* NULL is fine; clears *z */

void zone_offset_at(const struct zone *z, int64_t utc_s, struct zone_local *out);
struct civil zone_to_local(const struct zone *z, int64_t utc_s);

/* UTC seconds of a wall-clock reading; *kind (may be NULL) tells whether it exists once, not at all or twice (R139). */
int64_t zone_to_utc(const struct zone *z, struct civil local, enum zone_fit *kind);

/* The first instant after utc_s from which offset, DST flag or abbreviation differ. False: the clocks never change
 * again. */
bool zone_next_change(const struct zone *z, int64_t utc_s, int64_t *at);

#endif
