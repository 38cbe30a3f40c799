/* pattern.h - regular expressions that match whole values, with a bounded cost.
 *
 * Every pattern is anchored as ^(?:…)$, as Alertmanager's and Prometheus' matchers are. Those are written for RE2; what
 * RE2 accepts means the same here for every construct in common use. PCRE2 also accepts look-around, back-references
 * and possessive forms: they are let through, although a peer that uses RE2 would refuse them. Because such forms can
 * cost exponential time, matching has hard limits: past them a match is reported as "not decided", never as an answer.
 * A dot does not match a newline and letters have their case, as in RE2; (?s) and (?i) change that.
 * Input is UTF-8; a value that is not UTF-8 is matched byte by byte, never refused.
 * A compiled pattern is immutable: threads may share it. */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "base/error.h"
#include "base/slice.h"

#define PATTERN_MAX_BYTES 4096

struct pattern; /* opaque */

/* NULL with ERR_SYNTAX (col = 1-based byte in the text, detail = PCRE2's sentence) or ERR_LIMIT. */
struct pattern *pattern_compile(struct slice text, struct error *e);
void pattern_destroy(struct pattern **p); /* NULL is fine; clears *p */

/* Does the whole subject match? *limit_hit (may be NULL) is set to whether the limits ended the search: the answer is
 * then false and means "unknown". */
bool pattern_matches(const struct pattern *p, struct slice subject, bool *limit_hit);

#endif
