/* alertmanager.h - the body of POST /api/v2/alerts, as Prometheus, vmalert, amtool and Grafana send it, to signals.
 *
 * What is refused and with which words is Alertmanager 0.25's (R153); what it accepts is accepted. As there, a batch
 * with one alert that is not valid still delivers the others: the answer then names what was refused. More is accepted
 * where a page might be lost: times with a lower-case t or z, a startsAt in the future without endsAt. */
#ifndef INGEST_ALERTMANAGER_H
#define INGEST_ALERTMANAGER_H

#include "base/arena.h"
#include "core/event.h"

/* Design: Limits. */
#define ALERT_MAX_BODY ((size_t)4 << 20)
#define ALERT_MAX_DEPTH 64
#define ALERT_MAX_LABELS 64
#define ALERT_MAX_NAME 1024
#define ALERT_MAX_VALUE (16 * 1024)

struct known;

struct alertmanager_post {
    struct signal *v; /* the valid ones, in the order of the body; in the arena */
    size_t n;
    int status; /* of the answer once they are committed: 200, or 400, 413, 422 */
    struct slice answer; /* its body: JSON text; empty with 200 */
};

/* Never fails: what is wrong with the body is in the answer. `body` is needed during the call alone. Times that the
 * sender did not say stay 0, for the world to fill in: it knows when the batch was read. Not valid UTF-8 is repaired
 * with U+FFFD, as Alertmanager does. `known` holds what this thread read before (known.h), and makes no difference but in
 * time; it may be NULL. */
void alertmanager_parse(struct arena *a, struct slice body, struct known *known, struct alertmanager_post *out);

/* How the alerts of a webhook are read: there `status` says whether one fires, and a firing one has no end. */
struct alertmanager_terms {
    int64_t now_wall; /* when the body was read */
    int64_t lease_ms; /* a firing alert that is not told again for so long counts as a sender gone silent */
    bool resolved; /* what names no status of its own */
};

/* A time as Alertmanager's clients write it: RFC 3339, UTC where no zone is said; the empty text and the year 0001 mean
 * *not said* and give 0. ERR_SYNTAX otherwise. */
int alertmanager_time(struct slice s, int64_t *out, struct error *e);
/* [a-zA-Z_][a-zA-Z0-9_]* */
bool alertmanager_name_is_valid(struct slice s);

struct yyjson_val;

/* The same from a list already parsed, by the terms of a webhook. The document must outlive the call alone. */
void alertmanager_take(struct arena *a, struct yyjson_val *list, const struct alertmanager_terms *t,
                       struct alertmanager_post *out);

#endif
