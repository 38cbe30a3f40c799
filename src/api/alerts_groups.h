/* alerts_groups.h - which of the alerts that fire belong together, for GET /api/v2/alerts/groups.
 *
 * A group is what would be one incident: the service that routing finds and the values of the rule's group_by (R151,
 * core/grouping.h). Its labels are those of group_by that its alerts carry, and `service` where that label and no rule or
 * ingest key names it; alerts of no service are grouped by alertname besides. Alertmanager 0.25's shape and order; the one receiver
 * is `tocsin`. */
#ifndef API_ALERTS_GROUPS_H
#define API_ALERTS_GROUPS_H

#include "base/buf.h"
#include "http/port.h"

struct alert_groups; /* opaque */

struct alert_groups *alert_groups_create(const struct facts *f); /* borrows the facts */
void alert_groups_destroy(struct alert_groups **g); /* NULL is fine; clears *g */
/* Takes one alert: who sent it, its labels, sorted by name, and its JSON, behind a comma. All are copied. */
void alert_groups_add(struct alert_groups *g, struct slice sender, const struct label *labels, size_t n,
                      uint64_t fingerprint, struct slice json);
/* Appends the groups, with commas between them. */
void alert_groups_print(struct alert_groups *g, struct buf *out);

#endif
