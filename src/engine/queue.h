/* queue.h - what waits for the engine: two bounded lines, first come first served in each.
 *
 * Acts, results and credits stand in the first line, alerts in the second; the first is emptied first. Both share one
 * budget of requests and bytes, of which the second may use seven eighths: a storm of alerts never keeps a person or a
 * provider's answer out (design: HTTP). Timers are no guests here: the world holds them. Thread-safe. */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "engine/engine.h"

#define QUEUE_MAX_POSTS 8192
#define QUEUE_MAX_BYTES ((size_t)64 << 20)

enum queue_line { QUEUE_FIRST = 0, QUEUE_ALERTS = 1 };

struct queue; /* opaque */

struct queue *queue_create(void);
void queue_destroy(struct queue **q); /* must be empty; NULL is fine; clears *q */

enum queue_line queue_line_of(enum event_kind kind);

/* Stamps `received` inside the lock, so that a line's stamps never go back. ERR_BUSY: full, or closed to its kind. */
int queue_put(struct queue *q, const struct post *p, const struct clock *clock, struct error *e);
bool queue_take(struct queue *q, struct post *out); /* false: empty */
/* Sleeps so long, or until something stands in the first line or so many posts in that of alerts; false: that ended it.
 * For the one who takes. */
bool queue_pause(struct queue *q, int64_t us, size_t alerts);
void queue_close(struct queue *q); /* afterwards only results, credits and courier losses enter */
void queue_measure(struct queue *q, size_t *posts, size_t *bytes);

#endif
