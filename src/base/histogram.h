/* histogram.h - how often a value fell into which range: counted by any thread, read by any thread, no lock. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_MAX_BOUNDS 16

struct histogram {
    const int64_t *bounds; /* rising, inclusive, in the stored unit; at most HISTOGRAM_MAX_BOUNDS; outlive it */
    size_t n_bounds;
    _Atomic int64_t counts[HISTOGRAM_MAX_BOUNDS + 1]; /* one a range, the last is beyond all bounds; not cumulative */
    _Atomic int64_t sum;
};

void histogram_observe(struct histogram *h, int64_t value);

#endif
