/* histogram.c - counting. */
#include "base/histogram.h"

void histogram_observe(struct histogram *h, int64_t value)
{
    size_t i = 0;
    while (i < h->n_bounds && value > h->bounds[i]) i++;
    atomic_fetch_add_explicit(&h->counts[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum, value, memory_order_relaxed);
}
