/* courier_pace.c - buckets of credit, by channel name so that they outlive a reload.
 * Not here: the timers that bring credits back (courier.c), which delivery gets them (core/world_delivery.c). */
#include "serve/courier_pace.h"

#include "base/check.h"

/* What the providers document, or what is polite. Everything else is limited by its own answers alone. */
static const struct {
    const char *kind;
    int64_t every_ms;
} rates[] = {
    { "slack", 1000 }, /* about one message a second and channel; short bursts are allowed */
    { "slack_webhook", 1000 },
    { "telegram", 1000 }, /* one a second and chat */
    { "ntfy", 500 },
};

int64_t pace_every(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(rates); i++)
        if (slice_eq(slice_of(rates[i].kind), slice_of(kind))) return rates[i].every_ms;
    return 0;
}

static struct pace *find(const struct paces *p, struct slice channel)
{
    for (size_t i = 0; i < p->v.n; i++)
        if (slice_eq(buf_slice(&p->v.v[i].channel), channel)) return &p->v.v[i];
    return NULL;
}

int64_t pace_owe(struct paces *p, struct slice channel, int64_t every_ms, int64_t retry_after_ms, int64_t now_ms)
{
    struct pace *one = find(p, channel);
    int64_t pause = retry_after_ms < PACE_PAUSE_MAX_MS ? retry_after_ms : PACE_PAUSE_MAX_MS, at;

    if (one == NULL) {
        one = vec_push(&p->v);
        *one = (struct pace){ 0 };
        buf_add(&one->channel, channel);
    }
    if (one->next_ms < now_ms + pause) one->next_ms = now_ms + pause;
    at = one->next_ms;
    one->next_ms = at + every_ms;
    one->owed++;
    return at;
}

void pace_return(struct paces *p, struct slice channel)
{
    struct pace *one = find(p, channel);

    if (one != NULL && one->owed > 0) one->owed--;
}

int64_t pace_owed(const struct paces *p, struct slice channel)
{
    const struct pace *one = find(p, channel);

    return one == NULL ? 0 : one->owed;
}

void paces_release(struct paces *p)
{
    for (size_t i = 0; i < p->v.n; i++) buf_release(&p->v.v[i].channel);
    vec_release(&p->v);
}
