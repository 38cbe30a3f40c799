/* delivery.h - a page (or a post, a stand-down, an alarm) on one channel, its attempts and their outcomes.
 *
 * The world is the only queue: a delivery begins when its channel has credit, else it waits here and is decided again
 * when its turn comes, the most severe first (I24). Every outcome is placed by one switch (design: Deliveries). */
#ifndef CORE_DELIVERY_H
#define CORE_DELIVERY_H

#include "core/contact.h"

#define PURPOSES(X)                        \
    X(PAGE, 1, "page")                     \
    X(NOTIFICATION, 2, "notification")     \
    X(POST, 3, "post")                     \
    X(STAND_DOWN, 4, "stand-down")         \
    X(ALARM, 5, "alarm")                   \
    X(MORNING_LIST, 6, "morning list")
enum purpose {
    PURPOSE_UNSET = 0,
#define X(sym, code, text) PURPOSE_##sym = code,
    PURPOSES(X)
#undef X
};

#define DELIVERY_STATES(X)                 \
    X(WAITING, 1, "waiting for its turn")  \
    X(IN_FLIGHT, 2, "in flight")           \
    X(RETRYING, 3, "will be tried again")  \
    X(ACCEPTED, 4, "accepted")             \
    X(FAILED, 5, "failed")                 \
    X(SUPERSEDED, 6, "superseded")
enum delivery_state {
    DELIVERY_UNSET = 0,
#define X(sym, code, text) DELIVERY_##sym = code,
    DELIVERY_STATES(X)
#undef X
};

const char *purpose_name(int64_t p);
const char *delivery_state_name(int64_t s);
bool delivery_is_open(const struct delivery *d); /* waiting, in flight or retrying */

/* Queues a copy of `what` (id, state and stamps are set here) and begins it if there is credit. */
delivery_id delivery_queue(struct world *w, const struct delivery *what);
/* Begins what waits for this channel while it has credit. */
void delivery_credit(struct world *w, struct slice channel, int64_t n);
/* Drops it if its attempt has not begun; one in flight runs out and its result is only recorded. */
void delivery_supersede(struct world *w, delivery_id id, struct slice why);
/* How an attempt ended: places the outcome; a delivery that is over makes the page or post go on to its next kind. */
void delivery_result(struct world *w, const struct event_result *r);
void delivery_retry_due(struct world *w, delivery_id id);
/* The courier is gone or we were: everything in flight is uncertain (P3). */
void deliveries_uncertain(struct world *w);

#endif
