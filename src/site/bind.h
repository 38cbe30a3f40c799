/* bind.h - does the site hold what the procedures need? (A9, R15, R29, R161, R165)
 *
 * The documents say "Secondary" and "Slack #incidents"; the site says who and where. What a rule uses and nobody binds
 * is a warning with the document's line and the site's: a page would be given up there, and it is better to read that
 * in the afternoon than at night. Nothing here stops a start: what cannot be paged falls to the next (R144).
 *
 *   W-UNBOUND           a party that a rule, a selector or T+0 uses, and nobody fills
 *   W-NO-SCHEDULE       the primary is a list of people: always the same one is paged first
 *   W-UNREACHABLE       a person in a role without any contact that a channel carries
 *   W-NO-WAKING-KIND    a person in a role whom no channel that wakes reaches; the page leaves all the same
 *   W-CHANNEL-UNBOUND   a channel for posts that the site does not have; the next in order is taken
 *   W-METRIC-UNBOUND    a threshold of a metric that no alert and no person watches
 *   W-METRIC-UNUSED     a metric of the site that no threshold is of
 *   W-TEAM-UNKNOWN, W-SERVICE-UNKNOWN  a document is for one that the site does not have: nothing of it holds
 *   W-LEVEL-UNKNOWN     a routing rule with a severity that the document does not have; clamped */
#ifndef SITE_BIND_H
#define SITE_BIND_H

#include "core/policy.h"
#include "core/routing.h"
#include "site/problems.h"
#include "site/site.h"

/* Of several documents every team's view is bound too: where it holds, the organisation's is not asked. Adds warnings only. `document` and `routing_file` are for the places; routing may be NULL. */
void bind_check(const struct policy *policy, struct slice document, const struct site *site,
                const struct routing *routing, struct slice routing_file, struct problems *p);

/* Does a warning of this code block an activation by a person, unless it is overridden? (R15) */
bool bind_blocks(struct slice code);

#endif
