/* alert.h - what monitors say: identity, firing, resolved, expired (R149, R150).
 *
 * One alert a label set, for ever: its identity is its labels, never a text. Firing until its sender says resolved
 * (endsAt has passed on arrival) or falls silent (endsAt passes here: expired, which resolves nothing). */
#ifndef CORE_ALERT_H
#define CORE_ALERT_H

#include "core/state.h"

#define ALERT_STATES(X) X(FIRING, 1, "firing") X(RESOLVED, 2, "resolved") X(EXPIRED, 3, "expired")
enum alert_state {
    ALERT_UNSET = 0,
#define X(sym, code, text) ALERT_##sym = code,
    ALERT_STATES(X)
#undef X
};

/* Why an accepted alert belongs to no incident (I2). */
#define ALERT_REASONS(X)                           \
    X(DROPPED, 1, "dropped by rule")               \
    X(INFORMATION, 2, "severity asks for nothing") \
    X(HEARTBEAT, 3, "heartbeat")                   \
    X(NEVER_FIRED, 4, "resolved before it was heard of")
enum alert_reason {
    REASON_NONE = 0,
#define X(sym, code, text) REASON_##sym = code,
    ALERT_REASONS(X)
#undef X
};

#define ALERT_RESUMES_WITHIN (30 * MINUTE) /* firing again resumes the same incident (R150) */
#define ALERT_RECOVERED_AFTER (5 * MINUTE) /* all reported resolved for so long holds both clocks */

#define ALERT_RESOLVE_TIMEOUT (5 * MINUTE) /* endsAt of an alert whose sender named none (Alertmanager's default) */
#define ALERT_IS_MONITORED_AT 3 /* times received: re-sent twice, so its sender is one that repeats itself */
#define ALERT_HEARTBEAT "Watchdog" /* the alertname of one that always fires, to be missed when it stops (R156) */
#define ALERT_LINGERS (24 * HOUR) /* in the world: so long after its end, and after it was last told */

#define ALERT_FLAPS_AT 4 /* changes within … (R155) */
#define ALERT_FLAPS_WITHIN (10 * MINUTE)

/* The row COUNTER of this id counts alerts that matched no service (R161); ids below 100 are kinds of rows. */
#define COUNTER_UNROUTED 101

/* FNV-1a 64 over name 0xFF value 0xFF …, sorted by name (R149). */
uint64_t alert_fingerprint(const struct label *labels, size_t n);
/* The canonical text of a label set in that form. */
void alert_labels_text(const struct label *labels, size_t n, struct buf *out);
/* What an alert is after a signal, as Alertmanager merges it: the earliest start of one episode, the latest word on its
 * end. `old` is zeroed for a new alert (but for its id). The caller sets `annotations`. */
struct alert_live alert_merged(const struct alert_live *old, const struct signal *s, int64_t wall);
/* Does `next` only say again what `was` says, so that no promise hangs on whether this word of it reaches the disk? The
 * same start, state and annotations of what was heard ALERT_IS_MONITORED_AT times, and an end that is no surprise: while
 * it fires not an earlier one, nor one more than twice as far away. Who crashes behind it finds an alert that lasts half
 * as long as was said, and our own silence is credited to it (I21). */
bool alert_is_repeated(const struct alert_live *was, const struct alert_live *next, int64_t wall);
/* One change from firing to not or back; true when it is the fourth within any ten minutes: the alert flaps (R155). */
bool alert_count_change(struct alert_changes *c, int64_t at);
bool alert_flapped(const struct alert_changes *c); /* did it, at its last change? */
/* A few words for people: alertname and what tells it from its like, "DiskFull (h1)"; without alertname the summary,
 * else the first label. */
void alert_title(const struct label *labels, size_t n, struct slice summary, struct buf *out);
/* By its name: one that belongs to an incident is missed, whatever its state; else it opens nothing (R156). */
bool alert_is_heartbeat(const struct world *w, const struct alert_kept *a);
const char *alert_state_name(int64_t s);

#endif
