/* courier_pace.h - how fast a provider may be spoken to: a bucket of credit per channel (design: Deliveries).
 *
 * A channel begins with the courier's full credit, which is the burst; each credit that was used comes back at once while
 * the provider keeps up, and one per `every_ms` where it asks for no more. What is not granted waits in the server's
 * world, which hands over the most severe first: so the bucket is strict by severity without knowing any.
 * A provider that says "not before" (429 with Retry-After) gets nothing on that channel until then, at most a minute. */
#ifndef SERVE_COURIER_PACE_H
#define SERVE_COURIER_PACE_H

#include "base/buf.h"
#include "base/vec.h"

#define PACE_PAUSE_MAX_MS 60000

struct pace {
    struct buf channel;
    int64_t next_ms; /* steady: no credit comes back before */
    int64_t owed; /* credits used and not yet given back */
};

struct paces {
    VEC(struct pace) v;
};

/* ms between two credits of this channel kind, 0 = as fast as it answers. */
int64_t pace_every(const char *kind);
/* A credit was used up: when it comes back (steady ms, not before `now_ms`). It counts as owed until pace_return(). */
int64_t pace_owe(struct paces *p, struct slice channel, int64_t every_ms, int64_t retry_after_ms, int64_t now_ms);
void pace_return(struct paces *p, struct slice channel);
int64_t pace_owed(const struct paces *p, struct slice channel);
void paces_release(struct paces *p);

#endif
