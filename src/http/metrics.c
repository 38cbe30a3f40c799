/* metrics.c - counters as Prometheus reads them: text format 0.0.4.
 * Not here: which counters there are (serve/, http/server.c register theirs).
 * Always: HELP and TYPE once a name, before its rows; integers stay exact, parts are printed as decimals. */
#include "http/metrics.h"

#include "base/check.h"

static const char *type_name(enum metric_type t)
{
    switch (t) {
    case METRIC_UNSET: break;
#define X(sym, code, text) \
    case METRIC_##sym: return text;
        METRIC_TYPES(X)
#undef X
    }
    return "untyped";
}

static int digits_of(int64_t per)
{
    int n = 0;
    for (; per > 1; per /= 10) n++;
    return n;
}

/* value / per as a decimal; per is a power of ten. */
static void add_value(struct buf *out, int64_t value, int64_t per)
{
    if (per <= 1) {
        buf_add_int(out, value);
        return;
    }
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (value < 0) buf_add_char(out, '-');
    buf_add_int(out, (int64_t)(size / (uint64_t)per));
    if (size % (uint64_t)per == 0) return;
    uint64_t part = size % (uint64_t)per;
    int digits = digits_of(per);
    for (; part % 10 == 0; part /= 10) digits--;
    buf_add_char(out, '.');
    buf_add_uint_pad(out, part, digits);
}

/* name suffix {labels, le="…"} */
static void add_name(struct buf *out, const struct metric *m, const char *suffix, const char *le)
{
    buf_add_str(out, m->name);
    buf_add_str(out, suffix);
    if (m->labels != NULL || le != NULL) {
        buf_add_char(out, '{');
        buf_add_str(out, m->labels != NULL ? m->labels : "");
        if (m->labels != NULL && le != NULL) buf_add_char(out, ',');
        if (le != NULL) buf_addf(out, "le=\"%s\"", le);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ' ');
}

static void add_histogram(struct buf *out, const struct metric *m)
{
    const struct histogram *h = m->histogram;
    struct buf bound = { .max = 64 };
    int64_t count = 0;

    CHECK(h != NULL && h->n_bounds <= HISTOGRAM_MAX_BOUNDS);
    for (size_t i = 0; i <= h->n_bounds; i++) {
        count += atomic_load_explicit(&h->counts[i], memory_order_relaxed);
        buf_reset(&bound);
        if (i < h->n_bounds)
            add_value(&bound, h->bounds[i], m->per);
        else
            buf_add_str(&bound, "+Inf");
        add_name(out, m, "_bucket", buf_str(&bound));
        buf_addf(out, "%lld\n", (long long)count);
    }
    add_name(out, m, "_sum", NULL);
    add_value(out, atomic_load_explicit(&h->sum, memory_order_relaxed), m->per);
    buf_add_char(out, '\n');
    add_name(out, m, "_count", NULL);
    buf_addf(out, "%lld\n", (long long)count);
    buf_release(&bound);
}

void metrics_print(const struct metric *rows, size_t n, struct buf *out)
{
    const char *last = "";
    for (size_t i = 0; i < n; i++) {
        const struct metric *m = &rows[i];
        if (!slice_eq(slice_of(m->name), slice_of(last))) {
            buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, type_name(m->type));
            last = m->name;
        }
        if (m->type == METRIC_HISTOGRAM) {
            add_histogram(out, m);
            continue;
        }
        add_name(out, m, "", NULL);
        add_value(out, atomic_load_explicit(m->value, memory_order_relaxed), m->per);
        buf_add_char(out, '\n');
    }
}
