/* alerts.c - the doors of alerts: POST and GET /api/v2/alerts as Alertmanager 0.25 answers (R153).
 * Not here: the format (ingest/alertmanager.c), what an alert does (core/).
 * Always: 2xx is sent after the commit, never before (P1); an alert is listed while it fires, by fingerprint.
 */
#include <string.h>

#include "api/routes.h"
#include "base/civil.h"
#include "base/pattern.h"
#include "core/effect.h"
#include "ingest/alertmanager.h"
#include "store/store.h"

struct posting {
    struct alertmanager_post post;
    struct event event;
};

static void posting_answer(struct request *rq, const struct alertmanager_post *post)
{
    buf_add(&rq->out, post->answer);
    request_answer(rq, post->status, post->answer.n > 0 ? TYPE_JSON : NULL);
}

static void posting_replied(struct request *rq, const struct reply *reply)
{
    const struct posting *p = rq->state;
    if (reply->code < 0)
        request_fail_code(rq, reply->code, reply->text);
    else
        posting_answer(rq, &p->post);
}

/* What is valid is taken although something else of the body is not: the answer names that. */
void alerts_post(struct request *rq)
{
    struct posting *p = arena_new(rq->arena, struct posting);

    rq->state = p;
    alertmanager_parse(rq->arena, rq->body, &p->post);
    if (p->post.n == 0) {
        posting_answer(rq, &p->post);
        return;
    }
    p->event =
        (struct event){ .kind = EVENT_ALERTS, .alerts = { .sender = rq->who.sender, .v = p->post.v, .n = p->post.n } };
    request_submit(rq, &p->event, posting_replied);
}

/* ---- reading ---- */

#define SILENCES_MAX 1000

struct silencing {
    silence_id id;
    struct matchers match;
};

struct listing {
    struct store_each_alert each; /* first: the store calls it */
    struct store_each_row each_silence;
    struct request *rq;
    struct matchers filter;
    struct pattern *receiver; /* NULL: any */
    bool groups; /* as one group: nothing else is one here (the routes' group_by is Alertmanager's) */
    bool active, silenced; /* wanted; nothing is ever inhibited or unprocessed here */
    struct silencing *silences;
    size_t n_silences;
    size_t shown;
    int64_t now;
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

static void add_time(struct buf *out, const char *key, int64_t wall)
{
    buf_addf(out, "\"%s\":\"", key);
    civil_format_rfc3339(out, wall, 0, true);
    buf_add_str(out, "\",");
}

static void add_status(struct buf *out, const struct listing *l, const bool *silenced_by, bool silenced)
{
    bool first = true;
    buf_add_str(out, "\"status\":{\"inhibitedBy\":[],\"silencedBy\":[");
    for (size_t i = 0; i < l->n_silences; i++) {
        if (!silenced_by[i]) continue;
        if (!first) buf_add_char(out, ',');
        first = false;
        buf_add_char(out, '"');
        silence_uuid_add(out, l->silences[i].id);
        buf_add_char(out, '"');
    }
    buf_addf(out, "],\"state\":\"%s\"},", silenced ? "suppressed" : "active");
}

static void add_labels(struct buf *out, const struct label *labels, size_t n)
{
    buf_add_str(out, "\"labels\":{");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_char(out, ',');
        buf_add_json(out, labels[i].name);
        buf_add_char(out, ':');
        buf_add_json(out, labels[i].value);
    }
    buf_add_char(out, '}');
}

static void add_alert(struct listing *l, const struct store_alert *a, const struct label *labels, size_t n,
                      const bool *silenced_by, bool silenced)
{
    struct buf *out = &l->rq->out;
    struct slice annotations = a->annotations; /* {"annotations":{…},"generatorURL":"…"}: its members are taken over */

    if (l->shown == 0 && l->groups) buf_add_str(out, "{\"alerts\":[");
    buf_add_str(out, l->shown++ > 0 ? ",{" : "{");
    if (annotations.n > 2) {
        buf_add(out, slice_upto(slice_from(annotations, 1), annotations.n - 2));
        buf_add_char(out, ',');
    } else {
        buf_add_str(out, "\"annotations\":{},");
    }
    add_time(out, "endsAt", a->live->ends_wall);
    buf_add_str(out, "\"fingerprint\":\"");
    buf_add_hex64(out, a->fingerprint);
    buf_add_str(out, "\",\"receivers\":[{\"name\":\"tocsin\"}],");
    add_time(out, "startsAt", a->live->starts_wall);
    add_status(out, l, silenced_by, silenced);
    add_time(out, "updatedAt", a->live->updated_wall);
    add_labels(out, labels, n);
    buf_add_char(out, '}');
}

static int listing_see(struct store_each_alert *self, const struct store_alert *a, struct error *e)
{
    struct listing *l = (struct listing *)self;
    struct label labels[ALERT_MAX_LABELS];
    bool silenced_by[SILENCES_MAX], silenced = false;
    size_t n = labels_cut(a->labels, labels);

    (void)e;
    if (a->live->ends_wall != 0 && a->live->ends_wall <= l->now) return 0;
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

static void listing_end(struct request *rq)
{
    struct listing *l = rq->state;
    matchers_release(&l->filter);
    for (size_t i = 0; i < l->n_silences; i++) matchers_release(&l->silences[i].match);
    pattern_destroy(&l->receiver);
}

static void listing_read(struct request *rq, struct store_reader *reader)
{
    struct listing *l = rq->state;
    struct store_query silences = { .list = STORE_SILENCES_ACTIVE };
    struct error e = { 0 };
    int rc;

    if (reader == NULL) {
        request_fail(rq, 503, "unavailable", S("the store cannot be read now"), S("send it again in a few seconds"));
        return;
    }
    l->each.alert = listing_see;
    l->each_silence.row = silence_see;
    l->now = rq->received.wall_ms;
    l->silences = arena_array(rq->arena, struct silencing, SILENCES_MAX);
    rc = store_read_list(reader, &silences, &l->each_silence, &e);
    buf_add_char(&rq->out, '[');
    if (rc == 0) rc = store_read_alerts(reader, true, &l->each, &e);
    if (l->groups && l->shown > 0) buf_add_str(&rq->out, "],\"labels\":{},\"receiver\":{\"name\":\"tocsin\"}}");
    buf_add_str(&rq->out, "]\n");
    if (rc < 0)
        request_fail_code(rq, rc, slice_of(e.detail));
    else
        request_answer(rq, 200, TYPE_JSON);
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

    l->groups = groups;
    rq->state = l;
    rq->at_end = listing_end;
    l->rq = rq;
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
