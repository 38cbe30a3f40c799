/* courier_wait.c - see courier_wait.h. Not here: what is done then (courier.c). */
#include "serve/courier_wait.h"

#include <poll.h>

#define SERVER_MS 1000

void word_await(struct word *w, struct loop *l)
{
    w->since_us = clock_elapsed_us(w->clock);
    if (w->late_us <= COURIER_AWAKE_US) loop_stay_awake(l, COURIER_AWAKE_US);
}

/* One slow sync of many is no slow disk: it counts as four times the bound at most. */
void word_came(struct word *w, struct loop *l, bool was_last)
{
    const int64_t took = clock_elapsed_us(w->clock) - w->since_us;

    w->late_us = (3 * w->late_us + (took < 4 * COURIER_AWAKE_US ? took : 4 * COURIER_AWAKE_US)) / 4;
    if (was_last) loop_stay_awake(l, 0);
}

void server_await(const struct child_options *o)
{
    struct pollfd word = { .fd = o->control_fd, .events = POLLIN };

    if (o->confined) poll(&word, 1, SERVER_MS);
}
