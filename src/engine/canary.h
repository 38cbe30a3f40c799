/* canary.h - an incident that nobody sees, every five minutes, through everything that a real one goes through.
 *
 * A canary lives in a house of its own: an engine with its own world and a memory store, one service, one team, one person
 * who is reached by @canary alone, under the procedures that are in force. An alert is read by the same parser, posted through
 * the same door, routed, joined, opened, paged, committed and handed to a sender; what the sender is given is carried by the
 * real engine, queue, database and courier as EVENT_CANARY (core/world_canary.c), and how that ends is the result of the
 * canary's own delivery: its person acknowledges, the alert ends, the incident is resolved, and the house is torn down.
 *
 * Because it is another house, no list, count, metric, export, silence or chain of the real one can hold any of it, and the
 * store never grows by it (I23; docs/decisions/0013). Engine's thread. */
#ifndef ENGINE_CANARY_H
#define ENGINE_CANARY_H

#include "engine/bundle.h"
#include "sys/clock.h"

struct canary; /* opaque */

/* Builds the house and lets the alert in. NULL with `e` saying which step did not happen: the alert was not taken, no incident
 * opened, nobody paged, no delivery begun. `active` may be NULL: there are no procedures; a reference is taken. */
struct canary *canary_begin(const struct clock *clock, struct live_bundle *active, struct error *e);
void canary_run(struct canary *c); /* its timers; about once a second */
/* The real message ended so: every step to the resolved incident, or which did not happen (ERR_CONFLICT). */
int canary_end(struct canary *c, enum outcome outcome, struct error *e);
void canary_destroy(struct canary **c); /* NULL is fine; clears *c */

#endif
