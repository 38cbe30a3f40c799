/* metrics.c - `metrics:` who says that a threshold of the procedures is crossed: an alert, or a person who looks.
 *
 * The document names metrics and limits (`Error rate: > 2%`), a monitor measures and alerts. What the document leaves
 * open has the defaults of A42: five minutes, the 95th percentile, twice in a row, and no data is an alert.
 * Not here: measuring (the monitor), which metrics the document uses (bind.c). */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "core/routing.h"
#include "site/loader.h"

#define WINDOW (5 * MINUTE)
#define PERCENTILE 95
#define CONSECUTIVE 2

struct metric_section {
    struct site_metric metric;
    const struct node *by, *match, *measured; /* measured: the first key that only a measured one has */
};

static void match_read(struct loader *l, const struct node *n, void *section)
{
    struct metric_section *s = section;
    struct matchers m = { 0 };
    struct buf text = { 0 };

    s->match = n;
    if (n->kind == NODE_LIST && n->n == 0) node_error(l, n, "name the alert: ['alertname=\"HighErrorRate\"']");
    matchers_read(l, n, &m);
    matchers_print(&m, &text);
    s->metric.match = arena_copy(l->a, buf_slice(&text));
    buf_release(&text);
    matchers_release(&m);
}

static void by_read(struct loader *l, const struct node *n, void *section)
{
    static const char *const words[] = { "person", NULL };
    struct metric_section *s = section;

    s->by = n;
    s->metric.by_person = word_read(l, n, words) == 1;
}

static void measured_by(struct metric_section *s, const struct node *n)
{
    if (s->measured == NULL) s->measured = n;
}

bool span_of(struct slice text, int64_t *ms)
{
    static const struct {
        struct slice unit;
        int64_t ms;
    } units[] = { { S("s"), SECOND }, { S("m"), MINUTE }, { S("h"), HOUR }, { S("d"), DAY } };
    int64_t n;

    if (!slice_cut_uint(&text, &n) || n <= 0 || n > 100000) return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!slice_eq(text, units[i].unit)) continue;
        *ms = n * units[i].ms;
        return true;
    }
    return false;
}

static void window_read(struct loader *l, const struct node *n, void *section)
{
    struct metric_section *s = section;
    struct slice text;

    measured_by(s, n);
    if (text_read(l, n, &text) && !span_of(text, &s->metric.window_ms))
        node_error(l, n, "write how long it is measured over: 5m, 90s or 1h");
}

static void number_read(struct loader *l, const struct node *n, struct metric_section *s, int64_t from, int64_t to,
                        int64_t *out)
{
    struct slice text;
    int64_t value;

    measured_by(s, n);
    if (!text_read(l, n, &text)) return;
    if (slice_to_int(text, &value) && value >= from && value <= to)
        *out = value;
    else
        node_error(l, n, "write a whole number from %lld to %lld", (long long)from, (long long)to);
}

static void percentile_read(struct loader *l, const struct node *n, void *section)
{
    struct metric_section *s = section;

    number_read(l, n, s, 1, 100, &s->metric.percentile);
}

static void consecutive_read(struct loader *l, const struct node *n, void *section)
{
    struct metric_section *s = section;

    number_read(l, n, s, 1, 1000, &s->metric.consecutive);
}

static void no_data_read(struct loader *l, const struct node *n, void *section)
{
    static const char *const words[] = { "alert", "keep", "ok", NULL };
    struct metric_section *s = section;
    int word = word_read(l, n, words);

    measured_by(s, n);
    if (word > 0) s->metric.no_data = (enum no_data)word;
}

static const struct key metric_keys[] = {
    { "name", KEY_TEXT, offsetof(struct metric_section, metric.name), NULL, false,
      "As the procedures write it; the key when left out." },
    { "match", KEY_READ, 0, match_read, false, "The alert that says it: ['alertname=\"HighErrorRate\"']." },
    { "by", KEY_READ, 0, by_read, false, "person: nothing measures it, people look." },
    { "window", KEY_READ, 0, window_read, false, "How long it is measured over: 5m." },
    { "percentile", KEY_READ, 0, percentile_read, false, "Which percentile counts, of what has one: 95." },
    { "consecutive", KEY_READ, 0, consecutive_read, false, "So many measurements in a row: 2." },
    { "no_data", KEY_READ, 0, no_data_read, false,
      "What missing data means: alert, keep (as it was) or ok; alert when left out." },
};
const struct key_table metric_table = { "metrics.NAME", metric_keys, COUNT_OF(metric_keys) };

static void metric_read(struct loader *l, const struct node *n, struct site_metric *out)
{
    struct metric_section s = { .metric = { .id = n->key,
                                            .name = n->key,
                                            .window_ms = WINDOW,
                                            .percentile = PERCENTILE,
                                            .consecutive = CONSECUTIVE,
                                            .no_data = NO_DATA_ALERT,
                                            .line = n->key_line } };

    name_check(l, n, "metric");
    if (!section_read(l, n, &metric_table, &s)) return;
    if ((s.by == NULL) == (s.match == NULL))
        node_error(l, n, "write either `match: ['alertname=\"…\"']`, the alert that says it, or `by: person`");
    else if (s.by != NULL && s.measured != NULL)
        node_error(l, s.measured, "this belongs to `match`: what a person looks at has none");
    *out = s.metric;
}

void metrics_load(struct loader *l)
{
    const struct node *map = node_child(l->root, S("metrics"));
    struct site_metric *v;
    size_t n = 0;

    if (map == NULL || !map_check(l, map)) return;
    l->site->metrics = v = arena_array(l->a, struct site_metric, map->n + 1);
    for (const struct node *one = map->first; one != NULL; one = one->next) metric_read(l, one, &v[n++]);
    l->site->n_metrics = n;
}

/* --- what the document calls it --- */

static char folded(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c == '_' || c == ' ' || c == '.' ? '-' : c;
}

/* Equal from the end on, in any case and with any separators, up to the beginning of a word of both (R113). */
static bool same_last_words(struct slice a, struct slice b)
{
    size_t i = a.n, k = b.n;

    while (i > 0 && k > 0 && folded(a.p[i - 1]) == folded(b.p[k - 1])) i--, k--;
    if (i > 0 && k > 0) return false;
    return (i == 0 || folded(a.p[i - 1]) == '-') && (k == 0 || folded(b.p[k - 1]) == '-');
}

void site_metric_key(struct slice written, struct buf *out)
{
    for (size_t i = 0; i < written.n; i++) {
        char c = folded(written.p[i]);
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (plain || (c == '-' && out->len > 0 && out->p[out->len - 1] != '-')) buf_add_char(out, c);
    }
}

static bool same_words(struct slice a, struct slice b)
{
    return a.n == b.n && same_last_words(a, b);
}

const struct site_metric *site_metric_for(const struct site *s, struct slice written)
{
    for (size_t i = 0; i < s->n_metrics; i++)
        if (same_words(s->metrics[i].id, written) || same_words(s->metrics[i].name, written)) return &s->metrics[i];
    for (size_t i = 0; i < s->n_metrics; i++)
        if (same_last_words(s->metrics[i].id, written) || same_last_words(s->metrics[i].name, written))
            return &s->metrics[i];
    return NULL;
}

static void span_print(int64_t ms, struct buf *out)
{
    if (ms % HOUR == 0)
        buf_addf(out, "%lld h", (long long)(ms / HOUR));
    else if (ms % MINUTE == 0)
        buf_addf(out, "%lld min", (long long)(ms / MINUTE));
    else
        buf_addf(out, "%lld s", (long long)(ms / SECOND));
}

void site_metric_print(const struct site_metric *m, bool percentile, struct buf *out)
{
    static const char *const missing[] = {
        [NO_DATA_ALERT] = "no data is an alert",
        [NO_DATA_KEEP] = "no data changes nothing",
        [NO_DATA_OK] = "no data is fine",
    };

    if (m->by_person) {
        buf_add(out, S("a person looks"));
        return;
    }
    buf_add(out, S("the alert "));
    buf_add(out, m->match);
    buf_add(out, S(" says it: over "));
    span_print(m->window_ms, out);
    if (percentile) buf_addf(out, ", p%lld", (long long)m->percentile);
    buf_addf(out, ", %lld in a row, %s", (long long)m->consecutive, missing[m->no_data]);
}
