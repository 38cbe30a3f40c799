/* escalation.h - decides who is paged next, and when to look again. Values in, values out.
 *
 * Not here: who is on call (role.c), how a page is sent (contact.c, delivery.c), when this runs (world_paging.c).
 * Every number comes from the policy by the rule's number. A narrower sentence replaces the wider one for what it
 * names (grammar: escalation). */
#ifndef CORE_ESCALATION_H
#define CORE_ESCALATION_H

#include "core/role.h"

#define CHAIN_MAX 32
#define ESCALATION_ROUNDS 3
#define ESCALATION_ANEW_MIN (5 * MINUTE) /* after rounds of which no provider took a page; then half of what has passed */
#define ESCALATION_ANEW_MAX HOUR
#define ESCALATION_CATCH_UP MINUTE /* at most one level per incident in this time while catching up (I11) */

/* One level of the no-response chain. Level 0 is the first page. */
struct chain_step {
    int64_t after_ms; /* since the first page */
    int64_t rule; /* number, 0 for level 0 */
    int step; /* of that rule's targets */
    const struct policy_target *target;
    unsigned line;
};

struct chain {
    struct chain_step v[CHAIN_MAX]; /* by after_ms, then the document's order */
    size_t n; /* at least 1 */
    int64_t last_delay_ms; /* the last no-response delay: what rounds and commanders wait; 5 min if there is none */
};

/* The chain that holds for this severity (0 = unclassified: as policy_unclassified() says) at this wall time (calendars). */
struct chain escalation_chain(const struct policy *p, const struct directory *d, int64_t level, int64_t wall);
/* Is this rule in force for the level at this time? */
bool escalation_applies(const struct policy_rule *r, const struct policy *p, const struct directory *d, int64_t level,
                        int64_t wall);
/* Does a narrower sentence that begins with the same party replace this one for the level at this time? */
bool escalation_replaced(const struct policy *p, const struct policy_rule *r, const struct directory *d, int64_t level,
                         int64_t wall);
/* Is `wall` within the working time of the organisation? And its next start after `wall`. */
bool working_at(const struct directory *d, int64_t wall);
int64_t working_next_start(const struct directory *d, int64_t wall);

#endif
