/* delivery.h - a page (or a post, a stand-down, an alarm) on one channel, its attempts and their outcomes.
 *
 * The world is the only queue: a delivery begins when its channel has credit, else it waits here and is decided again
 * when its turn comes, the most severe first (I24). Every outcome is placed by one switch (design: Deliveries). */
#ifndef CORE_DELIVERY_H
#define CORE_DELIVERY_H

#include "core/contact.h"

#define PURPOSES(X)                    \
    X(PAGE, 1, "page")                 \
    X(NOTIFICATION, 2, "notification") \
    X(POST, 3, "post")                 \
    X(STAND_DOWN, 4, "stand-down")     \
    X(ALARM, 5, "alarm")               \
    X(MORNING_LIST, 6, "morning list") \
    X(CANARY, 7, "canary")             \
    X(EVIDENCE, 8, "evidence")         \
    X(UPDATE, 9, "update of a post")
enum purpose {
    PURPOSE_UNSET = 0,
#define X(sym, code, text) PURPOSE_##sym = code,
    PURPOSES(X)
#undef X
};

#define DELIVERY_STATES(X)                   \
    X(WAITING, 1, "waiting for its turn")    \
    X(IN_FLIGHT, 2, "in flight")             \
    X(RETRYING, 3, "will be tried again")    \
    X(ACCEPTED, 4, "accepted")               \
    X(FAILED, 5, "failed")                   \
    X(SUPERSEDED, 6, "superseded")           \
    X(COLLECTED, 7, "waiting to be bundled") \
    X(CARRIED, 8, "bundled into another message")
enum delivery_state {
    DELIVERY_UNSET = 0,
#define X(sym, code, text) DELIVERY_##sym = code,
    DELIVERY_STATES(X)
#undef X
};

/* The canary's: one row, used again and again (world_canary.c). Its channel is the courier's own; no site can name it so. */
#define CANARY_DELIVERY (INT64_C(1) << 62)
#define CANARY_CHANNEL "@canary"

const char *purpose_name(int64_t p);
const char *delivery_state_name(int64_t s);
bool delivery_is_open(const struct delivery *d); /* waiting, collected, carried, in flight or retrying */
bool delivery_has_begun(const struct world *w, const struct delivery *d); /* itself or the one that carries it */

/* The first message about the incident in this place (channel and address) of which we know what the provider calls it. */
const struct delivery *delivery_first_there(const struct world *w, const struct delivery *d); /* NULL: none */

/* What follows from an outcome. Pure: the row as it was before, the stamps of now. */
struct delivery_step {
    enum delivery_state state;
    int64_t next_at; /* RETRYING: when; 0 otherwise */
    bool next_kind; /* the page or post goes on to its next kind at once */
};

#define DELIVERY_MAX_UNCERTAIN 5 /* repeats of a delivery whose fate nobody knows; then it fails loudly */
#define DELIVERY_MAX_TRIES 8 /* of what is no page: posts, notifications, stand-downs */
#define DELIVERY_ALARM_PATIENCE HOUR /* of an alarm; those of a store that fails come again as often */
#define DELIVERY_PATIENCE MINUTE /* without acceptance the next kind begins (P5) */

struct delivery_step delivery_judge(const struct delivery *d, enum outcome o, int64_t at, int64_t retry_after_ms);
/* SEV1, SEV2 and unclassified: an unknown fate goes to the next kind at once. */
bool delivery_is_urgent(const struct delivery *d);
/* Which of two waiting deliveries begins first: the more severe, then the older (I24). */
bool delivery_before(const struct delivery *a, const struct delivery *b);

#endif
