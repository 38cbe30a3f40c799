/* alertmanager.c - reads Alertmanager v2 alerts, as any JSON may write them, and says what is wrong with a body.
 * Not here: who sent them (api/), what they mean (core/alert.c), JSON that is no JSON (json_text.c), what an alert must be
 * (draft.c), the form in which most are sent (plain.c).
 * Always: a whole body is refused before any signal is made of it; the words of a refusal are Alertmanager 0.25's where it
 * has them.
 */
#include "ingest/alertmanager.h"

#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/civil.h"
#include "ingest/draft.h"
#include "ingest/json_text.h"
#include "ingest/known.h"
#include "ingest/plain.h"

struct parse {
    struct arena *arena;
    struct alertmanager_post *out;
    const struct alertmanager_terms *terms; /* NULL: POST /api/v2/alerts, where endsAt alone decides */
    struct known *known; /* takes what is valid, where the body needed no repair; NULL: it did, or nobody does */
    struct buf complaints; /* of single alerts, separated by "; " */
    struct buf json; /* of one alert's annotations */
    struct read_before starts, ends;
};

/* Of a text: a key, or what was found to be one. */
static struct slice text_of(yyjson_val *v)
{
    return (struct slice){ unsafe_yyjson_get_str(v), unsafe_yyjson_get_len(v) };
}

static void answer_with(struct parse *p, int status, const struct buf *json)
{
    p->out->status = status;
    p->out->answer = arena_copy(p->arena, buf_slice(json));
}

/* {"code":…,"message":…}: the whole body is refused. Always returns false. */
static bool refuse(struct parse *p, int status, int code, const struct buf *message)
{
    struct buf json = { .max = 1 << 16 };
    buf_addf(&json, "{\"code\":%d,\"message\":", code);
    buf_add_json(&json, buf_slice(message));
    buf_add_char(&json, '}');
    answer_with(p, status, &json);
    buf_release(&json);
    return false;
}

static bool refuse_parsing(struct parse *p, const char *because, struct slice quoted)
{
    struct buf text = { .max = 1 << 14 };
    buf_add_str(&text, "parsing alerts body from \"\" failed, because ");
    if (quoted.n > 0) buf_addf(&text, "parsing time \"%.*s\": ", (int)slice_upto_rune(quoted, 256).n, quoted.p);
    buf_add_str(&text, because);
    refuse(p, 400, 400, &text);
    buf_release(&text);
    return false;
}

static bool refuse_type(struct parse *p, yyjson_val *v, const char *into)
{
    struct buf text = { .max = 4096 };
    json_text_add_type_error(&text, v, into);
    refuse_parsing(p, buf_str(&text), S(""));
    buf_release(&text);
    return false;
}

/* 0.labels in body is required, and its like: go-openapi's words and codes. */
static bool refuse_field(struct parse *p, int code, size_t index, const char *what, struct slice quoted)
{
    struct buf text = { .max = 1 << 15 };
    buf_addf(&text, "%zu.%s", index, what);
    if (quoted.n > 0) buf_addf(&text, ": \"%.*s\"", (int)slice_upto_rune(quoted, 1024).n, quoted.p);
    refuse(p, 422, code, &text);
    buf_release(&text);
    return false;
}

static bool read_labels(struct parse *p, yyjson_val *v, struct draft *d)
{
    yyjson_obj_iter it;
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_obj(v)) return refuse_type(p, v, "struct field Alert.labels of type models.LabelSet");
    d->has_labels = true;
    it = yyjson_obj_iter_with(v);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)) != NULL;) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (!yyjson_is_str(value) && !yyjson_is_null(value))
            return refuse_type(p, value, "struct field Alert.labels of type string");
        struct label l = { text_of(key), yyjson_is_null(value) ? S("") : text_of(value) };
        draft_put(d, &d->labels, l);
    }
    return true;
}

static bool read_annotations(struct parse *p, yyjson_val *v, struct draft *d)
{
    yyjson_obj_iter it;
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_obj(v)) return refuse_type(p, v, "struct field .annotations of type models.LabelSet");
    it = yyjson_obj_iter_with(v);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)) != NULL;) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (!yyjson_is_str(value) && !yyjson_is_null(value))
            return refuse_type(p, value, "struct field .annotations of type string");
        struct label l = { text_of(key), yyjson_is_null(value) ? S("") : text_of(value) };
        draft_put(d, &d->annotations, l);
    }
    return true;
}

int alertmanager_time(struct slice s, int64_t *out, struct error *e)
{
    struct buf zoned = { .max = 64 };
    int rc;

    *out = 0;
    if (s.n == 0 || slice_has_prefix(s, S("0001-01-01T00:00:00"))) return 0;
    rc = civil_parse_rfc3339(s, out, e);
    if (rc < 0 && s.n == sizeof "2006-01-02T15:04:05" - 1) {
        buf_add(&zoned, s);
        buf_add_char(&zoned, 'Z');
        rc = civil_parse_rfc3339(buf_slice(&zoned), out, e);
        buf_release(&zoned);
    }
    return rc;
}

static bool read_time(struct parse *p, yyjson_val *v, const char *into, struct read_before *before, int64_t *out)
{
    struct error e = { 0 };

    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_str(v)) return refuse_type(p, v, into);
    if (time_read(before, text_of(v), out, &e) < 0) return refuse_parsing(p, e.detail, text_of(v));
    return true;
}

static bool read_url(struct parse *p, yyjson_val *v, struct draft *d)
{
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_str(v)) return refuse_type(p, v, "struct field Alert.generatorURL of type string");
    d->url = text_of(v);
    return true;
}

/* Keys are compared without case, as Go does; a repeated key adds to what stood there. */
static bool read_member(struct parse *p, struct slice key, yyjson_val *v, struct draft *d)
{
    if (slice_eq_nocase(key, S("labels"))) return read_labels(p, v, d);
    if (slice_eq_nocase(key, S("annotations"))) return read_annotations(p, v, d);
    if (slice_eq_nocase(key, S("startsAt")))
        return read_time(p, v, "struct field .startsAt of type string", &p->starts, &d->starts);
    if (slice_eq_nocase(key, S("endsAt"))) {
        d->n_ends++;
        return read_time(p, v, "struct field .endsAt of type string", &p->ends, &d->ends);
    }
    if (slice_eq_nocase(key, S("generatorURL"))) return read_url(p, v, d);
    if (slice_eq_nocase(key, S("status")) && yyjson_is_str(v)) d->status = text_of(v);
    return true;
}

static bool read_alert(struct parse *p, yyjson_val *v, struct draft *d)
{
    yyjson_obj_iter it;
    draft_begin(d);
    d->escapes = true; /* or not: nobody looked */
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_obj(v)) return refuse_type(p, v, "value of type models.PostableAlert");
    it = yyjson_obj_iter_with(v);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)) != NULL;)
        if (!read_member(p, text_of(key), yyjson_obj_iter_get_val(key), d)) return false;
    return true;
}

static void complain(struct parse *p, const struct objection *o)
{
    if (p->complaints.len > 0) buf_add_str(&p->complaints, "; ");
    buf_add_str(&p->complaints, o->what);
    if (o->name.p != NULL) json_text_quote_go(&p->complaints, slice_upto_rune(o->name, ALERT_MAX_NAME));
}

/* What the status says holds, whatever the clock over there thinks: resolved is over now, firing is not. */
static void draft_settle(const struct alertmanager_terms *t, struct draft *d)
{
    bool resolved = d->status.n > 0 ? slice_eq_nocase(d->status, S("resolved")) : t->resolved;

    if (!resolved)
        d->ends = t->now_wall + t->lease_ms;
    else if (d->ends == 0 || d->ends > t->now_wall)
        d->ends = t->now_wall;
    if (d->starts == 0 || d->starts > t->now_wall) d->starts = t->now_wall;
    if (d->starts > d->ends) d->starts = d->ends;
}

/* `i`: which of the body. */
static bool signal_add(struct parse *p, size_t i, struct draft *d)
{
    struct signal *s = &p->out->v[p->out->n];
    struct objection o;
    if (p->terms != NULL) draft_settle(p->terms, d);
    o = draft_judge(d);
    if (o.what != NULL) return complain(p, &o), true;
    if (!draft_signal(p->arena, &p->json, d, s)) return false;
    p->out->n++;
    if (p->known != NULL) known_keep(p->known, i, s, &(struct known_said){ .starts = d->starts, .ends = d->n_ends });
    return true;
}

/* False: the body is refused as a whole. */
static bool read_all(struct parse *p, yyjson_val *root)
{
    struct draft d;
    yyjson_arr_iter it = yyjson_arr_iter_with(root);
    size_t i = 0;
    for (yyjson_val *v; (v = yyjson_arr_iter_next(&it)) != NULL; i++) {
        if (!read_alert(p, v, &d)) return false;
        if (!draft_url_is_uri(d.url)) return refuse_field(p, 601, i, "generatorURL in body must be of type uri", d.url);
        if (!d.has_labels) return refuse_field(p, 602, i, "labels in body is required", S(""));
        if (!signal_add(p, i, &d)) return refuse_parsing(p, "it holds more than one request may", S(""));
    }
    return true;
}

static void parse_document(struct parse *p, yyjson_val *root)
{
    if (yyjson_is_null(root)) return;
    if (!yyjson_is_arr(root)) {
        refuse_type(p, root, "value of type models.PostableAlerts");
        return;
    }
    p->out->v = arena_array(p->arena, struct signal, yyjson_arr_size(root) + 1);
    if (p->out->v == NULL) {
        refuse_parsing(p, "it holds more alerts than one request may", S(""));
        return;
    }
    if (!read_all(p, root)) {
        p->out->n = 0; /* what was made of the alerts before the bad one is not taken */
        return;
    }
    signals_fingerprint(p->out->v, p->out->n);
    if (p->complaints.len == 0) return;

    struct buf json = { .max = 1 << 17 };
    buf_add_json(&json, buf_slice(&p->complaints));
    buf_add_char(&json, '\n');
    answer_with(p, 400, &json);
    buf_release(&json);
}

static void parse_begin(struct parse *p, struct alertmanager_post *out)
{
    *out = (struct alertmanager_post){ .status = 200 };
    p->complaints.max = 1 << 16;
    p->json.max = ALERT_MAX_BODY * 6; /* every byte of the body as \u00xx */
}

static void parse_end(struct parse *p)
{
    buf_release(&p->complaints);
    buf_release(&p->json);
}

void alertmanager_take(struct arena *a, yyjson_val *list, const struct alertmanager_terms *t,
                       struct alertmanager_post *out)
{
    struct parse p = { .arena = a, .out = out, .terms = t };

    parse_begin(&p, out);
    parse_document(&p, list);
    parse_end(&p);
}

void alertmanager_parse(struct arena *a, struct slice body, struct known *known, struct alertmanager_post *out)
{
    struct parse p = { .arena = a, .out = out };
    struct error e = { 0 };
    struct buf text = { .max = 256 };
    const char *as_sent = body.p;
    yyjson_doc *doc = NULL;

    parse_begin(&p, out);
    if (body.n > ALERT_MAX_BODY) {
        buf_addf(&text, "the body is larger than %zu bytes", ALERT_MAX_BODY);
        refuse(&p, 413, 413, &text);
    } else if (slice_trim(body).n == 0) {
        buf_add_str(&text, "alerts in body is required");
        refuse(&p, 422, 602, &text);
    } else if (known != NULL && known_read(known, a, body, &out->v, &out->n)) {
        out->status = 200; /* and nothing is left to do */
    } else if (known != NULL && plain_read(a, body, known, &out->v, &out->n)) {
        out->status = 200;
    } else if ((doc = json_text_read(a, &body, ALERT_MAX_DEPTH, &e)) == NULL) {
        refuse_parsing(&p, e.detail, S(""));
    } else {
        p.known = body.p == as_sent ? known : NULL;
        parse_document(&p, yyjson_doc_get_root(doc));
    }
    yyjson_doc_free(doc);
    buf_release(&text);
    parse_end(&p);
}
