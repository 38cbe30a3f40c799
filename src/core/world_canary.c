/* world_canary.c - a message to nobody that goes the way of every page: timer, turn, credit, attempt, courier, result.
 *
 * Stepped every five minutes (engine/auditor.h); when it does not come back in time the self-audit fails, and the outbound
 * heartbeat with it. Not here: the incident whose message it is, in a house of its own (engine/canary.h).
 * Always: one delivery row with a number of its own, without incident and page, so that it is in no list and no count of
 * them; its attempts are the former's rows again; no timeline entry. The store never grows by it (I23). */
#include "core/world_parts.h"

#define CANARY_WAIT SECOND /* by a durable timer: it is part of the way */

static void drop_attempts(struct world *w)
{
    for (int64_t n = 1; n <= DELIVERY_MAX_TRIES + DELIVERY_MAX_UNCERTAIN; n++)
        state_delete(w, ROW_ATTEMPT, (struct ikey){ CANARY_DELIVERY, n });
}

/* One that is still on its way stays: how long it takes is what is asked. */
void world_canary(struct world *w)
{
    const struct delivery *before = delivery_get(w, CANARY_DELIVERY);
    if (before != NULL && delivery_is_open(before)) return;
    drop_attempts(w);
    if (before == NULL) state_add(w, ROW_DELIVERY, (int64_t[]){ CANARY_DELIVERY });
    *delivery_edit(w, CANARY_DELIVERY) = (struct delivery){
        .id = CANARY_DELIVERY,
        .purpose = PURPOSE_CANARY,
        .level = POLICY_MAX_LEVELS, /* behind everything else */
        .channel = symbol_of(w, S(CANARY_CHANNEL)),
        .kind = symbol_of(w, S(CANARY_CHANNEL)),
        .state = DELIVERY_RETRYING,
        .queued_at = w->ev->at,
        .next_at = w->ev->at + CANARY_WAIT,
    };
    timer_arm(w, SUBJECT_DELIVERY, CANARY_DELIVERY, TIMER_RETRY, 0, w->ev->at + CANARY_WAIT);
}
