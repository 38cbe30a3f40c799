/* window.c - the decision alone; who waits is batch.c. */
#include "engine/window.h"

#define KEEP_OF 8 /* a new measurement moves the mean by an eighth */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Twice a commit: what was gathered in one of them is answered at most as late as if it had just missed one. */
static int64_t longest_us(const struct window *w)
{
    return least(2 * w->commit_us, WINDOW_MOST_US);
}

int64_t window_wait_us(const struct window *w, const struct window_batch *b)
{
    if (b->urgent || b->requests == 0) return 0;
    if (b->came == 0) return 0; /* whoever is there is in it */
    if (b->requests + (b->since_us <= WINDOW_FORGET_US ? w->before : 0) < WINDOW_CROWD) return 0;
    if (longest_us(w) - b->waited_us < WINDOW_SLICE_US) return 0;
    return WINDOW_SLICE_US;
}

void window_committed(struct window *w, int64_t began_us, int64_t ended_us, size_t requests)
{
    const int64_t took = ended_us - began_us;
    w->before = requests;
    w->committed_us = ended_us;
    w->commit_us = w->commit_us == 0 ? took : w->commit_us + (took - w->commit_us) / KEEP_OF;
}
