/* alerts_list.c - GET /api/v2/alerts and /alerts/groups: what fires, as Alertmanager 0.25 shows it (R153).
 * Not here: POST (alerts.c).
 * Always: one page of alerts is in memory, however many fire; each page is a transaction of its own. Where all fits into
 * one page it is ordered by fingerprint as Alertmanager's answer is; a longer one comes by id, the oldest first. Groups
 * alone are put together in memory, since an alert of any page may belong to the first.
 */
#include <string.h>

#include "api/alert_json.h"
#include "api/alerts_groups.h"
#include "api/routes.h"
#include "base/pattern.h"
#include "base/vec.h"
#include "core/effect.h"
#include "ingest/alertmanager.h"
#include "store/store.h"

#define SILENCES_MAX 1000
#define PAGE_ALERTS 500 /* about 200 KiB */

struct silencing {
    silence_id id;
    struct matchers match;
};

struct shown { /* one alert's text, with a comma before it, in the page */
    uint64_t fingerprint;
    size_t from, to;
};

struct listing {
    struct store_each_alert each; /* first: the store calls it */
    struct store_each_row each_silence;
    struct request *rq;
    struct store_reader *reader; /* while a page is read */
    struct matchers filter;
    struct pattern *receiver; /* NULL: any */
    struct alert_groups *groups; /* NULL: one after the other */
    bool active, silenced; /* wanted; nothing is ever inhibited or unprocessed here */
    struct silencing *silences;
    size_t n_silences;
    int64_t now;
    alert_id last; /* seen */
    size_t seen; /* in this page, shown or not */
    bool begun; /* something was shown */
    struct buf page; /* while it has to be sorted, or put together */
    VEC(struct shown) shown; /* of it */
    struct alert_kept kept;
    struct buf status;
};

/* The words that Alertmanager takes for true; absent and empty are true as well, everything else is false. */
static bool query_flag(const struct request *rq, struct slice name)
{
    static const char *const words[] = { "true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled" };
    struct slice value = request_query(rq, name, NULL);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_eq_nocase(value, slice_of(words[i]))) return true;
    return value.n == 0;
}

/* ---- one alert ---- */

/* name 0xFF value 0xFF …; at most ALERT_MAX_LABELS of them. */
static size_t labels_cut(struct slice text, struct label out[ALERT_MAX_LABELS])
{
    size_t n = 0;
    while (text.n > 0 && n < ALERT_MAX_LABELS) {
        out[n].name = slice_cut(&text, (char)0xff);
        out[n].value = slice_cut(&text, (char)0xff);
        n++;
    }
    return n;
}

static void add_status(struct buf *out, const struct listing *l, const bool *silenced_by, bool silenced)
{
    bool first = true;
    buf_add(out, S("\"status\":{\"inhibitedBy\":[],\"silencedBy\":["));
    for (size_t i = 0; i < l->n_silences; i++) {
        if (!silenced_by[i]) continue;
        buf_add(out, first ? S("\"") : S(",\""));
        first = false;
        silence_uuid_add(out, l->silences[i].id);
        buf_add_char(out, '"');
    }
    buf_add(out, silenced ? S("],\"state\":\"suppressed\"},") : S("],\"state\":\"active\"},"));
}

/* Once something was shown all that follows goes where it leaves from: only a page that may be the only one is sorted. */
static bool is_sorted(const struct listing *l)
{
    return l->groups != NULL || !l->begun;
}

static void add_alert(struct listing *l, const struct store_alert *a, const struct label *labels, size_t n,
                      const bool *silenced_by, bool silenced)
{
    struct buf *out = is_sorted(l) ? &l->page : &l->rq->out;
    const size_t from = out->len;
    buf_reset(&l->status);
    add_status(&l->status, l, silenced_by, silenced);
    const uint64_t fingerprint = alert_json_add(&l->kept, a, buf_slice(&l->status), out);
    if (l->groups != NULL)
        alert_groups_add(l->groups, store_read_text(l->reader, a->sender), labels, n, fingerprint,
                         slice_from(buf_slice(out), from));
    else if (is_sorted(l))
        *vec_push(&l->shown) = (struct shown){ fingerprint, from, out->len };
}

static int listing_see(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    struct listing *l = (struct listing *)self;
    struct label labels[ALERT_MAX_LABELS];
    bool silenced_by[SILENCES_MAX], silenced = false;
    const bool asked = l->filter.n > 0 || l->n_silences > 0 || l->groups != NULL;
    size_t n;

    (void)e;
    l->last = a->id;
    l->seen++;
    if (a->ends_wall != 0 && a->ends_wall <= l->now) return 0;
    n = asked ? labels_cut(a->labels, labels) : 0;
    if (!matchers_match(&l->filter, labels, n)) return 0;
    for (size_t i = 0; i < l->n_silences; i++) {
        silenced_by[i] = matchers_match(&l->silences[i].match, labels, n);
        silenced = silenced || silenced_by[i];
    }
    if (silenced ? l->silenced : l->active) add_alert(l, a, labels, n, silenced_by, silenced);
    return 0;
}

static int silence_see(struct store_each_row *self, const struct row *r, struct error *e)
{
    struct listing *l = (struct listing *)((char *)self - offsetof(struct listing, each_silence));
    const struct silence *s = (const struct silence *)r->v;
    struct silencing *to = &l->silences[l->n_silences];

    (void)e;
    if (s->ended != 0 || s->starts_wall > l->now || s->ends_wall <= l->now) return 0;
    if (l->n_silences == SILENCES_MAX || matchers_parse(l->rq->arena, r->text, &to->match, NULL) < 0) return 0;
    to->id = s->id;
    l->n_silences++;
    return 0;
}

/* ---- pages ---- */

static int compare_shown(const void *a, const void *b, void *ctx)
{
    const struct shown *x = a, *y = b;
    (void)ctx;
    return (x->fingerprint > y->fingerprint) - (x->fingerprint < y->fingerprint);
}

static void put_page(struct listing *l, bool is_all)
{
    struct buf *out = &l->rq->out;
    const bool begins = !l->begun && l->shown.n > 0;
    if (is_all) sort_stable(l->shown.v, l->shown.n, sizeof l->shown.v[0], compare_shown, NULL);
    for (size_t i = 0; i < l->shown.n; i++) {
        const struct shown *s = &l->shown.v[i];
        const size_t comma = begins && i == 0; /* the first of all has none before it */
        buf_add(out, slice_from(slice_upto(buf_slice(&l->page), s->to), s->from + comma));
    }
    l->begun = l->begun || begins;
}

static void put_end(struct listing *l)
{
    if (l->groups != NULL) alert_groups_print(l->groups, &l->rq->out);
    buf_add(&l->rq->out, S("]\n"));
}

static void page_read(struct request *rq, struct store_reader *reader)
{
    struct listing *l = rq->state;
    struct error e = { 0 };
    const bool first = l->last == 0;
    int rc;

    if (reader == NULL) {
        request_fail(rq, 503, "unavailable", S("the store cannot be read now"), S("send it again in a few seconds"));
        return;
    }
    l->reader = reader;
    do {
        l->seen = 0;
        buf_reset(&l->page);
        vec_clear(&l->shown);
        rc = store_read_firing(reader, l->last, PAGE_ALERTS, &l->each, &e);
    } while (l->groups != NULL && rc == 0 && l->seen == PAGE_ALERTS); /* nothing can be sent before the last */
    if (rc < 0 || l->page.overflow) {
        request_fail_code(rq, rc < 0 ? rc : ERR_LIMIT,
                          rc < 0 ? slice_of(e.detail) : S("a page is larger than its limit"));
        return;
    }
    const bool last = l->seen < PAGE_ALERTS;
    put_page(l, first && last);
    if (last) put_end(l);
    request_stream(rq, TYPE_JSON, last ? NULL : page_read);
}

static void listing_read(struct request *rq, struct store_reader *reader)
{
    struct listing *l = rq->state;
    struct store_query silences = { .list = STORE_SILENCES_ACTIVE };
    struct error e = { 0 };

    l->now = rq->received.wall_ms;
    l->silences = arena_array(rq->arena, struct silencing, SILENCES_MAX);
    if (reader != NULL && store_read_list(reader, &silences, &l->each_silence, &e) < 0) {
        request_fail_code(rq, e.code, slice_of(e.detail));
        return;
    }
    buf_add_char(&rq->out, '[');
    page_read(rq, reader);
}

/* ---- the question ---- */

static void listing_end(struct request *rq)
{
    struct listing *l = rq->state;
    matchers_release(&l->filter);
    for (size_t i = 0; i < l->n_silences; i++) matchers_release(&l->silences[i].match);
    pattern_destroy(&l->receiver);
    alert_groups_destroy(&l->groups);
    buf_release(&l->page);
    buf_release(&l->status);
    alert_kept_release(&l->kept);
    vec_release(&l->shown);
}

/* Alertmanager's mistakes in a query are a bare JSON text. */
static void refuse_query(struct request *rq, const char *before, const struct error *e)
{
    struct buf text = { .max = 1024 };
    buf_add_str(&text, before);
    buf_add_str(&text, e->detail);
    buf_add_json(&rq->out, buf_slice(&text));
    buf_add_char(&rq->out, '\n');
    buf_release(&text);
    request_answer(rq, 400, TYPE_JSON);
}

static bool filters_read(struct request *rq, struct listing *l)
{
    struct error e = { 0 };
    bool named;
    struct slice receiver = request_query(rq, S("receiver"), &named);

    l->filter.v = arena_array(rq->arena, struct matcher, rq->n_query + 1);
    for (size_t i = 0; i < rq->n_query; i++) {
        if (!slice_eq(rq->query[i].name, S("filter"))) continue;
        if (matcher_parse(rq->arena, rq->query[i].value, &l->filter.v[l->filter.n], &e) < 0) {
            refuse_query(rq, "", &e);
            return false;
        }
        l->filter.n++;
    }
    if (!named || receiver.n == 0) return true;
    l->receiver = pattern_compile(receiver, &e);
    if (l->receiver == NULL) refuse_query(rq, "failed to parse receiver param: ", &e);
    return l->receiver != NULL;
}

static void listing_start(struct request *rq, bool groups)
{
    struct listing *l = arena_new(rq->arena, struct listing);

    *l = (struct listing){ .each = { listing_see }, .each_silence = { silence_see }, .rq = rq };
    if (groups) l->groups = alert_groups_create(rq->facts);
    l->page.max = (size_t)256 << 20; /* the labels of one alert may be a megabyte */
    rq->state = l;
    rq->at_end = listing_end;
    l->active = query_flag(rq, S("active"));
    l->silenced = query_flag(rq, S("silenced"));
    if (!filters_read(rq, l)) return;
    if (l->receiver != NULL && !pattern_matches(l->receiver, S("tocsin"), NULL)) {
        buf_add_str(&rq->out, "[]\n");
        request_answer(rq, 200, TYPE_JSON);
        return;
    }
    request_read(rq, listing_read);
}

void alerts_get(struct request *rq)
{
    listing_start(rq, false);
}

void alerts_groups_get(struct request *rq)
{
    listing_start(rq, true);
}
