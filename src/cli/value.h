/* value.h - the kinds of values on a command line: how each looks, and what it becomes for the server. */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "base/zone.h"
#include "cli/command.h"

/* ERR_SYNTAX: what was written and what to write instead. */
int value_check(const struct parameter *p, const char *text, struct error *e);
const char *value_word(const struct parameter *p, struct arena *a); /* "INCIDENT", "text|json"; "" for a switch */
const char *value_completion(enum value_kind kind); /* flags for bash's compgen; "" when nothing is known */
enum value_kind value_kind_of(enum arg_type type);

/* "INC-42", "inc-42", "42" → 42. */
bool value_incident(const char *text, int64_t *id);

/* A point in time: RFC 3339; "2026-01-05 03:00[:00]" or "03:00" (today) by the zone's clock; "now"; "+2h", "-30m" from
 * now. ERR_SYNTAX. */
int value_time(const char *text, const struct zone *z, int64_t now_ms, int64_t *utc_ms, struct error *e);
bool value_duration(const char *text, int64_t *ms); /* 90s 30m 2h 1d 1w, and sums: 1h30m */

#endif
