/* ids.h - the names of things: 64-bit counters made by the world, one per kind, saved with the rows.
 *
 * 0 is nobody and nothing. INC-n is the incident's id. A symbol stands for a text (a person's login, a service's name,
 * a label): the same text has the same symbol for ever, because the table of symbols is stored (row.h). */
#ifndef CORE_IDS_H
#define CORE_IDS_H

#include <stdint.h>

typedef int64_t incident_id;
typedef int64_t alert_id;
typedef int64_t page_id;
typedef int64_t delivery_id;
typedef int64_t silence_id;
typedef int64_t bundle_id;
typedef int64_t symbol; /* of the world's table of texts; 0 = the empty text */

/* Durations and instants are signed 64-bit milliseconds everywhere: `at` is steady, `wall` is UTC (design: Time). */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#endif
