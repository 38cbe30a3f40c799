/* courier_wait.h - what the courier waits for: that the server has started, and the word to go for what is prepared.
 *
 * That word is one sync of the disk away. Who sleeps meanwhile is late by the wake-up: on a short sync by half of it. So
 * the loop stays awake for it, for COURIER_AWAKE_US at most, and not where the word was later than that of late. */
#ifndef SERVE_COURIER_WAIT_H
#define SERVE_COURIER_WAIT_H

#include "serve/serve.h"
#include "sys/loop.h"

#define COURIER_AWAKE_US 500

struct word {
    const struct clock *clock; /* borrowed */
    int64_t since_us, late_us; /* when it was last waited for; how long it took of late */
};

void word_await(struct word *w, struct loop *l); /* something is prepared */
void word_came(struct word *w, struct loop *l, bool was_last); /* and goes; was_last: nothing else is prepared */

/* Loading libcurl, and the 25 libraries behind it, takes a processor for milliseconds that the server's start has a better
 * use for: the supervisor says when that is over. Where it takes long, nothing is gained by waiting any more. */
void server_await(const struct child_options *o);

#endif
