/* draft.c - what is valid of an alert, and what its signal holds.
 * Not here: reading (alertmanager.c, plain.c), the words around an objection.
 * Always: every signal has 1 to 64 labels, sorted, unique, none empty.
 */
#include "ingest/draft.h"

#include <stddef.h>

void draft_begin(struct draft *d)
{
    memset(d, 0, offsetof(struct draft, labels));
    d->labels.n = d->annotations.n = 0;
    d->labels.mixed = d->annotations.mixed = false;
}

void draft_put(struct draft *d, struct label_set *to, struct label l)
{
    if (to->n > 0 && (to->mixed || slice_cmp(to->v[to->n - 1].name, l.name) >= 0)) {
        to->mixed = true;
        for (size_t i = 0; i < to->n; i++)
            if (slice_eq(to->v[i].name, l.name)) {
                to->v[i].value = l.value; /* last wins: vmalert sends alertname twice */
                return;
            }
    }
    if (to->n == ALERT_MAX_LABELS)
        d->too_many = true;
    else
        to->v[to->n++] = l;
}

bool draft_url_is_uri(struct slice s)
{
    if (s.n == 0 || s.p[0] == '/') return true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == ':') return i > 0;
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) return false;
    }
    return false;
}

bool alertmanager_name_is_valid(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i], small = c | 0x20;
        if ((small < 'a' || small > 'z') && (c < '0' || c > '9') && c != '_') return false;
    }
    return s.n > 0 && (s.p[0] < '0' || s.p[0] > '9');
}

/* Sorted by name; the objection is to the first that is not valid. */
static struct objection set_settle(struct label_set *set, bool too_many, const char *const objections[4])
{
    struct label *v = set->v;
    for (size_t i = 1; set->mixed && i < set->n; i++) {
        struct label l = v[i];
        size_t j = i;
        for (; j > 0 && slice_cmp(v[j - 1].name, l.name) > 0; j--) v[j] = v[j - 1];
        v[j] = l;
    }
    if (too_many) return (struct objection){ .what = objections[0] };
    for (size_t i = 0; i < set->n; i++) {
        if (!alertmanager_name_is_valid(v[i].name)) return (struct objection){ objections[1], v[i].name };
        if (v[i].name.n > ALERT_MAX_NAME) return (struct objection){ objections[2], v[i].name };
        if (v[i].value.n > ALERT_MAX_VALUE) return (struct objection){ objections[3], v[i].name };
    }
    return (struct objection){ 0 };
}

static void set_drop_empty(struct label_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->n; i++)
        if (set->v[i].value.n > 0) set->v[kept++] = set->v[i];
    set->n = kept;
}

struct objection draft_judge(struct draft *d)
{
    static const char *const to_labels[] = {
        "invalid label set: more than 64 labels",
        "invalid label set: invalid name ",
        "invalid label set: name longer than 1024 bytes ",
        "invalid label set: value longer than 16384 bytes of ",
    };
    static const char *const to_annotations[] = {
        "invalid annotations: more than 64 annotations",
        "invalid annotations: invalid name ",
        "invalid annotations: name longer than 1024 bytes ",
        "invalid annotations: value longer than 16384 bytes of ",
    };
    struct objection o;
    if (d->starts != 0 && d->ends != 0 && d->ends < d->starts)
        return (struct objection){ .what = "start time must be before end time" };
    set_drop_empty(&d->labels);
    if (d->labels.n == 0 && !d->too_many) return (struct objection){ .what = "at least one label pair required" };
    o = set_settle(&d->labels, d->too_many, to_labels);
    return o.what != NULL ? o : set_settle(&d->annotations, d->too_many, to_annotations);
}

/* ---- the signal ---- */

static struct slice summary_of(const struct label_set *annotations)
{
    static const struct slice names[] = { { "summary", 7 }, { "title", 5 }, { "description", 11 } };
    struct slice text = { 0 };
    for (size_t i = 0; i < sizeof names / sizeof names[0] && text.n == 0; i++)
        text = slice_trim(labels_get(annotations->v, annotations->n, names[i]));
    return slice_trim(slice_upto(text, slice_find_char(text, '\n')));
}

static char *text_put(char *at, struct slice s)
{
    if (s.n > 0) memcpy(at, s.p, s.n);
    return at + s.n;
}

/* The text that identifies: name 0xFF value 0xFF … (R149). The labels then point into it. */
static char *labels_put(char *at, const struct label_set *set, struct label *labels)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct label *from = &set->v[i];
        labels[i] = (struct label){ { at, from->name.n }, { at + from->name.n + 1, from->value.n } };
        at = text_put(at, from->name);
        *at++ = (char)0xff;
        at = text_put(at, from->value);
        *at++ = (char)0xff;
    }
    return at;
}

#define BEGIN "{\"annotations\":{"
#define URL ",\"generatorURL\":"

/* JSON ready to send: {"annotations":{…},"generatorURL":"…"}, the URL only where there is one. */
static void annotations_write(struct buf *json, const struct draft *d)
{
    buf_reset(json);
    buf_add(json, S(BEGIN));
    for (size_t i = 0; i < d->annotations.n; i++) {
        if (i > 0) buf_add_char(json, ',');
        buf_add_json(json, d->annotations.v[i].name);
        buf_add_char(json, ':');
        buf_add_json(json, d->annotations.v[i].value);
    }
    buf_add_char(json, '}');
    if (d->url.n > 0) {
        buf_add(json, S(URL));
        buf_add_json(json, d->url);
    }
    buf_add_char(json, '}');
}

/* The same where nothing needs an escape. */
static char *annotations_put(char *at, const struct draft *d)
{
    at = text_put(at, S(BEGIN));
    for (size_t i = 0; i < d->annotations.n; i++) {
        if (i > 0) *at++ = ',';
        *at++ = '"';
        at = text_put(at, d->annotations.v[i].name);
        at = text_put(at, S("\":\""));
        at = text_put(at, d->annotations.v[i].value);
        *at++ = '"';
    }
    *at++ = '}';
    if (d->url.n > 0) {
        at = text_put(at, S(URL "\""));
        at = text_put(at, d->url);
        *at++ = '"';
    }
    *at++ = '}';
    return at;
}

static size_t annotations_size(const struct draft *d)
{
    size_t n = sizeof BEGIN - 1 + 2 + (d->url.n > 0 ? sizeof URL - 1 + 2 + d->url.n : 0);
    for (size_t i = 0; i < d->annotations.n; i++)
        n += (i > 0) + 5 + d->annotations.v[i].name.n + d->annotations.v[i].value.n;
    return n;
}

bool draft_signal(struct arena *a, struct buf *json, const struct draft *d, struct signal *out)
{
    const struct slice summary = summary_of(&d->annotations);
    size_t labels_size = 0, json_size;
    struct label *labels;
    char *at;

    if (d->escapes) annotations_write(json, d);
    json_size = d->escapes ? json->len : annotations_size(d);
    for (size_t i = 0; i < d->labels.n; i++) labels_size += d->labels.v[i].name.n + d->labels.v[i].value.n + 2;
    labels = arena_alloc(a, d->labels.n * sizeof *labels + labels_size + json_size + 1 + summary.n + 1);
    if (labels == NULL) return false;
    at = (char *)(labels + d->labels.n);
    out->labels = labels;
    out->n_labels = d->labels.n;
    out->labels_text = (struct slice){ at, labels_size };
    at = labels_put(at, &d->labels, labels);
    out->annotations = (struct slice){ at, json_size };
    at = (d->escapes ? text_put(at, buf_slice(json)) : annotations_put(at, d)) + 1;
    out->summary = (struct slice){ at, summary.n };
    text_put(at, summary);
    out->starts = d->starts == 0 ? d->ends : d->starts; /* as Alertmanager: ended when it began */
    out->ends = d->ends;
    return true;
}

enum { AT_ONCE = 4 };

/* FNV-1a waits for each byte before the next: several texts side by side take as long as one. */
static void fingerprint_some(struct signal *v)
{
    const uint64_t prime = UINT64_C(1099511628211);
    uint64_t h[AT_ONCE];
    size_t shortest = SIZE_MAX;
    for (size_t k = 0; k < AT_ONCE; k++) {
        h[k] = FNV1A64_START;
        if (v[k].labels_text.n < shortest) shortest = v[k].labels_text.n;
    }
    for (size_t i = 0; i < shortest; i++)
        for (size_t k = 0; k < AT_ONCE; k++) h[k] = (h[k] ^ (unsigned char)v[k].labels_text.p[i]) * prime;
    for (size_t k = 0; k < AT_ONCE; k++) v[k].fingerprint = fnv1a64(h[k], slice_from(v[k].labels_text, shortest));
}

void signals_fingerprint(struct signal *v, size_t n)
{
    size_t i = 0;
    for (; i + AT_ONCE <= n; i += AT_ONCE) fingerprint_some(v + i);
    for (; i < n; i++) v[i].fingerprint = fnv1a64(FNV1A64_START, v[i].labels_text);
}

int time_read(struct read_before *before, struct slice text, int64_t *out, struct error *e)
{
    if (before->text.p == NULL || !slice_eq(before->text, text)) {
        int rc;
        before->text = text;
        rc = alertmanager_time(text, &before->at, e);
        if (rc < 0) {
            before->text.p = NULL;
            return rc;
        }
    }
    *out = before->at;
    return 0;
}
