/* delivery.c - what follows from an outcome. Pure; when in doubt, again: a page sent twice beats a page lost. */
#include "core/delivery.h"

const char *purpose_name(int64_t p)
{
    switch ((enum purpose)p) {
    case PURPOSE_UNSET: break;
#define X(sym, code, text) \
    case PURPOSE_##sym: return text;
        PURPOSES(X)
#undef X
    }
    return "unknown";
}

const char *delivery_state_name(int64_t s)
{
    switch ((enum delivery_state)s) {
    case DELIVERY_UNSET: break;
#define X(sym, code, text) \
    case DELIVERY_##sym: return text;
        DELIVERY_STATES(X)
#undef X
    }
    return "unknown";
}

bool delivery_is_open(const struct delivery *d)
{
    switch ((enum delivery_state)d->state) {
    case DELIVERY_WAITING:
    case DELIVERY_IN_FLIGHT:
    case DELIVERY_RETRYING:
    case DELIVERY_COLLECTED:
    case DELIVERY_CARRIED: return true;
    case DELIVERY_UNSET:
    case DELIVERY_ACCEPTED:
    case DELIVERY_FAILED:
    case DELIVERY_SUPERSEDED: break;
    }
    return false;
}

bool delivery_has_begun(const struct world *w, const struct delivery *d)
{
    const struct delivery *carrier = delivery_get(w, d->carrier);
    return d->attempts > 0 || (carrier != NULL && carrier->attempts > 0);
}

const struct delivery *delivery_first_there(const struct world *w, const struct delivery *d)
{
    if (incident_get(w, d->incident) == NULL) return NULL;
    const struct incident_extra *x = incident_extra(w, d->incident);
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *one = delivery_get(w, x->deliveries.v[k]);
        if (one != NULL && one->provider != 0 && one->channel == d->channel && one->address == d->address) return one;
    }
    return NULL;
}

bool delivery_is_urgent(const struct delivery *d)
{
    return d->level <= 2;
}

/* 1, 2, 4 … at most 60 s. */
static int64_t backoff_ms(int64_t attempts)
{
    int64_t ms = SECOND;
    for (int64_t i = 1; i < attempts && ms < MINUTE; i++) ms *= 2;
    return ms < MINUTE ? ms : MINUTE;
}

/* A page is tried until something ends it; an alarm for an hour, for what it tells of often breaks its own ways too (P2,
 * I28); anything else gives up after a while, loudly. */
static bool is_worn_out(const struct delivery *d, int64_t at)
{
    if (d->purpose == PURPOSE_PAGE || d->attempts < DELIVERY_MAX_TRIES) return false;
    return d->purpose != PURPOSE_ALARM || at - d->queued_at >= DELIVERY_ALARM_PATIENCE;
}

/* A provider that says to come back later than the patience for the next kind is not waited for (P5). */
static struct delivery_step not_sent(const struct delivery *d, int64_t at, int64_t retry_after_ms)
{
    int64_t wait = backoff_ms(d->attempts);
    if (is_worn_out(d, at)) return (struct delivery_step){ .state = DELIVERY_FAILED, .next_kind = true };
    if (retry_after_ms > wait) wait = retry_after_ms;
    return (struct delivery_step){ .state = DELIVERY_RETRYING,
                                   .next_at = at + wait,
                                   .next_kind = at - d->queued_at >= DELIVERY_PATIENCE ||
                                                retry_after_ms >= DELIVERY_PATIENCE };
}

static struct delivery_step uncertain(const struct delivery *d, int64_t at)
{
    if (d->uncertain + 1 >= DELIVERY_MAX_UNCERTAIN || is_worn_out(d, at))
        return (struct delivery_step){ .state = DELIVERY_FAILED, .next_kind = true };
    return (struct delivery_step){ .state = DELIVERY_RETRYING,
                                   .next_at = at + 10 * SECOND,
                                   .next_kind = delivery_is_urgent(d) };
}

struct delivery_step delivery_judge(const struct delivery *d, enum outcome o, int64_t at, int64_t retry_after_ms)
{
    switch (o) {
    case OUTCOME_UNSET: break;
    case OUTCOME_ACCEPTED: return (struct delivery_step){ .state = DELIVERY_ACCEPTED };
    case OUTCOME_REFUSED: return (struct delivery_step){ .state = DELIVERY_FAILED, .next_kind = true };
    case OUTCOME_NOT_SENT: return not_sent(d, at, retry_after_ms);
    case OUTCOME_UNCERTAIN: return uncertain(d, at);
    }
    return uncertain(d, at);
}

bool delivery_before(const struct delivery *a, const struct delivery *b)
{
    int64_t x = a->level == 0 ? 2 : a->level, y = b->level == 0 ? 2 : b->level;
    return x != y ? x < y : a->id < b->id;
}
