/* window.c - the decision alone; who waits is batch.c. */
#include "engine/window.h"

#define REPEATS_LEAST_MS 5
#define REPEATS_SHARE 16 /* of the time one part goes to writing repeats */
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

static size_t half_of(size_t crowd)
{
    return (crowd + 1) / 2;
}

void window_open(struct window *w, int64_t now_us)
{
    if (now_us - w->committed_us > WINDOW_FORGET_US) w->crowd = 0;
}

size_t window_share(const struct window *w)
{
    if (w->commit_us == 0 || w->commit_us > WINDOW_SPLIT_US || w->crowd < 2 * WINDOW_CROWD) return SIZE_MAX;
    return half_of(w->crowd);
}

struct window_wait window_wait(const struct window *w, const struct window_batch *b)
{
    const struct window_wait no = { 0 };
    const int64_t left = longest_us(w) - b->waited_us;
    if (b->urgent || b->requests == 0 || w->crowd < WINDOW_CROWD) return no;
    if (b->requests >= half_of(w->crowd) || left < WINDOW_LEAST_US) return no;
    return (struct window_wait){ .us = left, .requests = half_of(w->crowd) - b->requests };
}

int64_t window_repeats_ms(const struct window *w, int64_t most_ms)
{
    const int64_t ms = REPEATS_SHARE * w->commit_us / 1000;
    return least(ms > REPEATS_LEAST_MS ? ms : REPEATS_LEAST_MS, most_ms);
}

/* A single stall (a checkpoint, another program's sync) counts as twice the mean: it is no new disk. */
static int64_t mean_with(int64_t mean, int64_t took)
{
    return mean == 0 ? took : mean + (least(took, 2 * mean + KEEP_OF) - mean) / KEEP_OF;
}

void window_committed(struct window *w, int64_t began_us, int64_t ended_us, size_t requests, size_t behind)
{
    const size_t seen = requests + behind;
    w->commit_us = mean_with(w->commit_us, ended_us - began_us);
    w->committed_us = ended_us;
    w->crowd = seen >= w->crowd ? seen : w->crowd - (w->crowd - seen + KEEP_OF - 1) / KEEP_OF;
}
