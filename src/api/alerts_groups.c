/* alerts_groups.c - groups by key, their alerts as text, all in memory until the answer is whole.
 * Not here: which alerts are shown (alerts_list.c).
 * Always: groups come by their labels, the alerts of one by fingerprint, as Alertmanager's do. */
#include "api/alerts_groups.h"

#include "base/map.h"
#include "base/vec.h"
#include "core/grouping.h"

struct group {
    size_t labels_from, labels_to; /* in `labels`: name 0xFF value 0xFF …, sorted by name */
    size_t n_labels;
    size_t seen; /* before this many others */
};

struct grouped { /* an alert's text */
    int64_t group; /* its place in the groups */
    uint64_t fingerprint;
    size_t from, to;
};

struct alert_groups {
    const struct directory *directory;
    const struct routing *routing; /* NULL: no rules */
    struct imap *by_key; /* place in v */
    VEC(struct group) v;
    VEC(struct grouped) alerts;
    VEC(int64_t) order; /* place of each group in the answer */
    struct buf labels, text;
};

struct alert_groups *alert_groups_create(const struct facts *f)
{
    struct alert_groups *g = mem_alloc(sizeof *g);
    g->directory = f->directory;
    g->routing = f->n_bundles == 0 ? NULL : f->bundles[0].routing;
    g->by_key = imap_create(0);
    g->text.max = g->labels.max = (size_t)256 << 20;
    return g;
}

void alert_groups_destroy(struct alert_groups **gp)
{
    struct alert_groups *g = *gp;
    if (g == NULL) return;
    imap_destroy(&g->by_key);
    vec_release(&g->v);
    vec_release(&g->alerts);
    vec_release(&g->order);
    buf_release(&g->labels);
    buf_release(&g->text);
    mem_free(g);
    *gp = NULL;
}

/* What routing makes of an alert, as core/world_alert.c does. */
struct routed {
    const struct routing_rule *rule; /* NULL: none */
    struct slice service; /* empty: none */
    struct slice besides; /* the label that groups beside the rule's; empty: the rule or the key names the service */
};

static struct routed route(const struct alert_groups *g, struct slice sender, const struct label *labels, size_t n)
{
    const struct directory *d = g->directory;
    const struct slice named = labels_get(labels, n, S("service"));
    const struct sender_owner *owner = named.n > 0 ? NULL : directory_sender(d, sender);
    struct routed r = { .rule = g->routing == NULL ? NULL : routing_first(g->routing, labels, n) };
    int i = r.rule != NULL && r.rule->service.n > 0 ? directory_service(d, r.rule->service) : -1;
    if (i < 0) {
        i = directory_service(d, named);
        r.besides = i < 0 ? S("alertname") : S("service");
    }
    if (i < 0 && owner != NULL && owner->service >= 0) { /* R161 */
        i = owner->service;
        r.besides = S("");
    }
    if (i >= 0) r.service = d->services[i].id;
    return r;
}

static bool is_shown(const struct routed *r, struct slice name)
{
    for (size_t i = 0; r->rule != NULL && i < r->rule->n_group_by; i++)
        if (slice_eq(r->rule->group_by[i], name)) return true;
    return slice_eq(name, r->besides);
}

static int64_t group_new(struct alert_groups *g, const struct routed *r, const struct label *labels, size_t n)
{
    struct group *to = vec_push(&g->v);
    *to = (struct group){ .labels_from = g->labels.len, .seen = g->v.n };
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(r, labels[i].name)) continue;
        buf_add(&g->labels, labels[i].name);
        buf_add_char(&g->labels, (char)0xff);
        buf_add(&g->labels, labels[i].value);
        buf_add_char(&g->labels, (char)0xff);
        to->n_labels++;
    }
    to->labels_to = g->labels.len;
    return (int64_t)g->v.n - 1;
}

void alert_groups_add(struct alert_groups *g, struct slice sender, const struct label *labels, size_t n,
                      uint64_t fingerprint, struct slice json)
{
    const struct routed r = route(g, sender, labels, n);
    const struct ikey key = { grouping_key(r.service, r.rule, labels, n), 0 };
    int64_t at;
    if (!imap_get(g->by_key, key, &at)) {
        at = group_new(g, &r, labels, n);
        imap_put(g->by_key, key, at);
    }
    *vec_push(&g->alerts) = (struct grouped){ at, fingerprint, g->text.len, g->text.len + json.n };
    buf_add(&g->text, json);
}

/* --- order --- */

static struct slice labels_of(const struct alert_groups *g, const struct group *x)
{
    return slice_from(slice_upto(buf_slice(&g->labels), x->labels_to), x->labels_from);
}

/* Fewer labels first; then, at the first label that differs, who lacks it, or whose value is less. */
static int compare_labels(struct slice a, struct slice b)
{
    while (a.n > 0 && b.n > 0) {
        const int names = slice_cmp(slice_cut(&a, (char)0xff), slice_cut(&b, (char)0xff));
        if (names != 0) return -names;
        const int values = slice_cmp(slice_cut(&a, (char)0xff), slice_cut(&b, (char)0xff));
        if (values != 0) return values;
    }
    return 0;
}

static int compare_groups(const void *a, const void *b, void *ctx)
{
    const struct alert_groups *g = ctx;
    const struct group *x = &g->v.v[*(const int64_t *)a], *y = &g->v.v[*(const int64_t *)b];
    if (x->n_labels != y->n_labels) return x->n_labels < y->n_labels ? -1 : 1;
    const int labels = compare_labels(labels_of(g, x), labels_of(g, y));
    return labels != 0 ? labels : (x->seen > y->seen) - (x->seen < y->seen);
}

static int compare_alerts(const void *a, const void *b, void *ctx)
{
    const struct grouped *x = a, *y = b;
    (void)ctx;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->fingerprint > y->fingerprint) - (x->fingerprint < y->fingerprint);
}

/* --- the answer --- */

static void print_labels(struct buf *out, struct slice labels)
{
    bool first = true;
    buf_add(out, S("],\"labels\":{"));
    while (labels.n > 0) {
        if (!first) buf_add_char(out, ',');
        first = false;
        buf_add_json(out, slice_cut(&labels, (char)0xff));
        buf_add_char(out, ':');
        buf_add_json(out, slice_cut(&labels, (char)0xff));
    }
    buf_add(out, S("},\"receiver\":{\"name\":\"tocsin\"}}"));
}

/* From alert `at` of the sorted ones on; returns where the next group begins. */
static size_t print_group(const struct alert_groups *g, size_t at, struct buf *out)
{
    const int64_t group = g->alerts.v[at].group;
    bool first = true;
    buf_add(out, S("{\"alerts\":["));
    for (; at < g->alerts.n && g->alerts.v[at].group == group; at++) {
        const struct grouped *x = &g->alerts.v[at];
        const struct slice json = slice_from(slice_upto(buf_slice(&g->text), x->to), x->from);
        buf_add(out, slice_from(json, first)); /* the first has no comma before it */
        first = false;
    }
    print_labels(out, labels_of(g, &g->v.v[g->order.v[group]]));
    return at;
}

void alert_groups_print(struct alert_groups *g, struct buf *out)
{
    VEC(int64_t) place = { 0 }; /* of each group, in the order of the answer */
    for (size_t i = 0; i < g->v.n; i++) *vec_push(&g->order) = (int64_t)i;
    for (size_t i = 0; i < g->v.n; i++) *vec_push(&place) = 0;
    sort_stable(g->order.v, g->order.n, sizeof g->order.v[0], compare_groups, g);
    for (size_t i = 0; i < g->order.n; i++) place.v[g->order.v[i]] = (int64_t)i;
    for (size_t i = 0; i < g->alerts.n; i++) g->alerts.v[i].group = place.v[g->alerts.v[i].group];
    sort_stable(g->alerts.v, g->alerts.n, sizeof g->alerts.v[0], compare_alerts, NULL);
    for (size_t at = 0; at < g->alerts.n;) {
        if (at > 0) buf_add_char(out, ',');
        at = print_group(g, at, out);
    }
    out->overflow = out->overflow || g->text.overflow || g->labels.overflow;
    vec_release(&place);
}
