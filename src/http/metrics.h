/* metrics.h - the rows of GET /metrics: names, help and pointers to counters that others advance.
 *
 * Text format 0.0.4. Rows of one name stand together in the table and share type and help. Names are tocsin_…, counters
 * end in _total, units are base units: a value kept in milliseconds is printed in seconds by `per` 1000. Counters are
 * advanced with atomic_fetch_add_explicit(…, memory_order_relaxed); nothing here takes a lock. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/histogram.h"

typedef _Atomic int64_t metric_value;

#define METRIC_TYPES(X) X(COUNTER, 1, "counter") X(GAUGE, 2, "gauge") X(HISTOGRAM, 3, "histogram")

enum metric_type {
    METRIC_UNSET = 0,
#define X(sym, code, text) METRIC_##sym = code,
    METRIC_TYPES(X)
#undef X
};

struct metric {
    const char *name; /* "tocsin_pages" */
    enum metric_type type;
    const char *help; /* one sentence; the first row of a name counts */
    const char *labels; /* `state="open"`, or NULL */
    const metric_value *value; /* COUNTER, GAUGE */
    const struct histogram *histogram; /* HISTOGRAM */
    int64_t per; /* stored units in a printed one: 1000 for ms; 0 = 1 */
};

void metrics_print(const struct metric *rows, size_t n, struct buf *out);

#endif
