/* courier_poll.h - asks Telegram, one long request a channel at a time, who pressed a button.
 *
 * Not here: what a press does; the server says that. A channel that leaves the site is not asked again; a bot that
 * somebody else reads too is asked rarely, with a warning. One thread. */
#ifndef SERVE_COURIER_POLL_H
#define SERVE_COURIER_POLL_H

#include "serve/courier_outlets.h"
#include "serve/courier_wire.h"

struct polls; /* opaque */

/* A press, to hand on; polls_answer() with the serial says what came of it. */
typedef void polls_press_fn(void *ctx, int64_t serial, struct slice token);

struct polls *polls_create(struct loop *l, struct wire *w, polls_press_fn *press, void *ctx); /* borrows both */
void polls_destroy(struct polls **p); /* after the wire; NULL is fine; clears *p */

/* The outlets that count from now on; channels that are new are asked. They must outlive the next call. */
void polls_use(struct polls *p, const struct outlets *o);
/* The answer to a request of ours? Then it is dealt with. */
bool polls_take(struct polls *p, void *job, const struct response *r);
void polls_answer(struct polls *p, int64_t serial, struct slice text);

#endif
