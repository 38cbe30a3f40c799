/* webhook4.h - the body of Alertmanager's webhook, version 4, to signals: an Alertmanager in front of Tocsin.
 *
 * {"version":"4","status":…,"alerts":[{"status","labels","annotations","startsAt","endsAt","generatorURL","fingerprint"}],
 * "groupKey":…,"truncatedAlerts":N}. Each alert is one signal: its identity is its labels (the fingerprint says the
 * same), so a group that is told again, or two groups that hold the same alert, make one alert here. What the group
 * has in common is in every alert already. Grafana's webhook has the same shape under version "1" and is taken too. */
#ifndef INGEST_WEBHOOK4_H
#define INGEST_WEBHOOK4_H

#include "ingest/alertmanager.h"

/* Alertmanager tells a firing group again after its repeat_interval, 4 h unless configured; more than a day is nobody's. */
#define WEBHOOK4_LEASE_MS (25 * HOUR)

struct webhook4_post {
    struct alertmanager_post alerts; /* as of POST /api/v2/alerts; status 200 or 400, 413, 422 */
    int64_t truncated; /* alerts of the group that the sender left out (its max_alerts) */
};

/* Never fails: what is wrong with the body is in the answer. Pure; `now_wall` is when the body was read. */
void webhook4_parse(struct arena *a, struct slice body, int64_t now_wall, struct webhook4_post *out);

#endif
