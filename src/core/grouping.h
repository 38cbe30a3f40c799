/* grouping.h - which incident an alert belongs to (R151): by the rule's labels, the service always among them. */
#ifndef CORE_GROUPING_H
#define CORE_GROUPING_H

#include "core/alert.h"

#define GROUPING_JOINS_FOR (30 * MINUTE) /* after the last alert that joined */

/* Hash of service and the values of group_by; an unrouted alert is also grouped by its name. */
int64_t grouping_key(struct slice service, const struct routing_rule *rule, const struct label *labels, size_t n);
/* The newest incident of that key that may still be joined at `at`: active, or resolved by itself less than 30 min ago;
 * 0 when there is none. *earlier (may be NULL) is the newest one that is too old to join: the new one follows it. */
/* A person's declaration of a service is found by that service's key. Call grouping_catch_up() first. */
incident_id grouping_find(const struct world *w, int64_t key, int64_t at, incident_id *earlier);

/* Indexes the incidents that were opened or loaded since the last call. Not in order of loading: by id. */
void grouping_catch_up(struct world *w);
/* May alerts still join it at `at`? */
bool grouping_is_open(const struct incident *i, int64_t at);

#endif
