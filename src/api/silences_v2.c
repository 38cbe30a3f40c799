/* silences_v2.c - silences as Alertmanager's clients see them: GET and POST /api/v2/silences, GET and DELETE of one.
 * Not here: our own form (silences.c), what a silence holds (core/silence.c).
 * Always: reading needs what alerts need; making and ending one is an act and needs a person (a token's, or the
 * socket's): `createdBy` is not believed, it is kept in the comment.
 */
#include <yyjson.h>

#include "api/acts.h"
#include "api/reading.h"
#include "api/routes.h"
#include "base/civil.h"
#include "core/effect.h"
#include "core/routing.h"

#define UUID_HEAD "00000000-0000-4000-8000-"
#define UUID_BYTES 36
#define MATCHERS_MAX 64

void silence_uuid_add(struct buf *out, silence_id id)
{
    buf_addf(out, UUID_HEAD "%012llx", (unsigned long long)id);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* False: no UUID. A UUID that is not ours is silence 0, which does not exist. */
static bool silence_of_uuid(struct slice s, silence_id *id)
{
    *id = 0;
    if (s.n != UUID_BYTES) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((i == 8 || i == 13 || i == 18 || i == 23) ? s.p[i] != '-' : !is_hex(s.p[i])) return false;
    if (!slice_cut_prefix(&s, S(UUID_HEAD))) return true;
    for (size_t i = 0; i < s.n; i++) *id = *id * 16 + (s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 32) - 'a' + 10);
    return true;
}

/* go-openapi's refusals of a body or a parameter. */
static void refuse_v2(struct request *rq, int code, const char *message, struct slice quoted)
{
    struct buf text = { .max = 1024 };
    buf_add_str(&text, message);
    if (quoted.n > 0) buf_addf(&text, ": \"%.*s\"", (int)slice_upto(quoted, 100).n, quoted.p);
    buf_addf(&rq->out, "{\"code\":%d,\"message\":", code);
    buf_add_json(&rq->out, slice_is_utf8(buf_slice(&text), NULL) ? buf_slice(&text) : slice_of(message));
    buf_add_char(&rq->out, '}');
    buf_release(&text);
    request_answer(rq, 422, TYPE_JSON);
}

/* ---- reading ---- */

static void silence_members(struct reading *r, const struct silence *s, const struct matchers *m)
{
    struct json *j = &r->json;
    int64_t now = r->rq->received.wall_ms;
    struct buf uuid = { .max = 64 };

    silence_uuid_add(&uuid, s->id);
    json_begin(j, NULL, '{');
    json_text(j, "id", buf_slice(&uuid));
    json_begin(j, "status", '{');
    json_word(j, "state",
              s->ended != 0 || s->ends_wall <= now ? "expired"
              : s->starts_wall > now               ? "pending"
                                                   : "active");
    json_end(j, '}');
    json_time(j, "updatedAt", s->updated_wall != 0 ? s->updated_wall : s->starts_wall);
    json_text(j, "comment", reading_text(r, s->comment));
    json_text(j, "createdBy", reading_text(r, s->by));
    json_time(j, "endsAt", s->ends_wall);
    json_begin(j, "matchers", '[');
    for (size_t i = 0; i < m->n; i++) {
        json_begin(j, NULL, '{');
        json_bool(j, "isEqual", m->v[i].op == MATCH_EQ || m->v[i].op == MATCH_RE);
        json_bool(j, "isRegex", m->v[i].op == MATCH_RE || m->v[i].op == MATCH_NRE);
        json_text(j, "name", m->v[i].name);
        json_text(j, "value", m->v[i].value);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_time(j, "startsAt", s->starts_wall);
    json_end(j, '}');
    buf_release(&uuid);
}

/* Each filter meets a matcher of its name whose value it matches, as Alertmanager looks for silences. */
static bool filter_fits(const struct matchers *filter, const struct matchers *m)
{
    for (size_t i = 0; i < filter->n; i++) {
        bool met = false;
        for (size_t k = 0; k < m->n && !met; k++) {
            struct label l = { m->v[k].name, m->v[k].value };
            met = slice_eq(l.name, filter->v[i].name) && matcher_matches(&filter->v[i], &l, 1);
        }
        if (!met) return false;
    }
    return true;
}

static void filter_end(struct request *rq)
{
    matchers_release(rq->state);
}

static bool filter_read(struct request *rq)
{
    struct matchers *filter = arena_new(rq->arena, struct matchers);
    struct error e = { 0 };

    filter->v = arena_array(rq->arena, struct matcher, rq->n_query + 1);
    rq->state = filter;
    rq->at_end = filter_end;
    for (size_t i = 0; i < rq->n_query; i++) {
        if (!slice_eq(rq->query[i].name, S("filter"))) continue;
        if (matcher_parse(rq->arena, rq->query[i].value, &filter->v[filter->n], &e) < 0) {
            buf_add_json(&rq->out, slice_of(e.detail));
            buf_add_char(&rq->out, '\n');
            request_answer(rq, 400, TYPE_JSON);
            return false;
        }
        filter->n++;
    }
    return true;
}

static void list_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct rows rows;
    int rc;

    if (!reading_begin(&r, rq, store)) return;
    rc = rows_read(&r, STORE_SILENCES, 0, STORE_PAGE_MAX, &rows);
    json_begin(&r.json, NULL, '[');
    for (size_t i = 0; rc == 0 && i < rows.n; i++) {
        struct matchers m = { 0 };
        if (matchers_parse(rq->arena, rows.text[i], &m, NULL) < 0) continue;
        if (filter_fits(rq->state, &m)) silence_members(&r, ROW_AT(&rows, silence, i), &m);
        matchers_release(&m);
    }
    json_end(&r.json, ']');
    reading_end(&r, rc);
}

void silences_v2_get(struct request *rq)
{
    if (filter_read(rq)) request_read(rq, list_read);
}

static void one_read(struct request *rq, struct store_reader *store)
{
    struct reading r;
    struct row row;
    struct matchers m = { 0 };
    int64_t key[1] = { *(const silence_id *)rq->state };
    int rc;

    if (!reading_begin(&r, rq, store)) return;
    rc = key[0] > 0 ? store_read_row(store, ROW_SILENCE, key, &row, &r.error) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND) {
        request_answer(rq, 404, NULL);
        return;
    }
    if (rc == 0) rc = matchers_parse(rq->arena, row.text, &m, &r.error);
    if (rc == 0) silence_members(&r, (const struct silence *)row.v, &m);
    matchers_release(&m);
    reading_end(&r, rc);
}

void silence_v2_get(struct request *rq)
{
    silence_id *id = arena_new(rq->arena, silence_id);
    rq->state = id;
    if (silence_of_uuid(rq->captures[0], id))
        request_read(rq, one_read);
    else
        refuse_v2(rq, 601, "silenceID in path must be of type uuid", rq->captures[0]);
}

/* ---- acts ---- */

static struct slice member_text(yyjson_val *object, const char *name)
{
    yyjson_val *v = yyjson_obj_get(object, name);
    /* An object has a length too, and no text. */
    return yyjson_is_str(v) ? (struct slice){ yyjson_get_str(v), yyjson_get_len(v) } : (struct slice){ 0 };
}

static bool member_flag(yyjson_val *object, const char *name, bool absent)
{
    yyjson_val *v = yyjson_obj_get(object, name);
    return yyjson_is_bool(v) ? yyjson_get_bool(v) : absent;
}

/* {a="x",b=~"y"}: the canonical form that acts carry. Empty: one of them cannot be read. */
static struct slice matchers_text(struct request *rq, yyjson_val *list)
{
    struct matchers m = { .v = arena_array(rq->arena, struct matcher, MATCHERS_MAX) };
    struct buf text = { .max = 1 << 16 };
    struct slice kept;
    yyjson_arr_iter it = yyjson_arr_iter_with(list);

    for (yyjson_val *v; (v = yyjson_arr_iter_next(&it)) != NULL && m.n < MATCHERS_MAX;) {
        bool regex = member_flag(v, "isRegex", false), equal = member_flag(v, "isEqual", true);
        m.v[m.n++] = (struct matcher){ .op = regex ? (equal ? MATCH_RE : MATCH_NRE) : (equal ? MATCH_EQ : MATCH_NE),
                                       .name = member_text(v, "name"),
                                       .value = member_text(v, "value") };
    }
    matchers_print(&m, &text);
    kept = arena_copy(rq->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static bool silence_body_is_whole(struct request *rq, yyjson_val *root)
{
    static const char *const needed[][2] = {
        { "comment", "comment in body is required" },   { "createdBy", "createdBy in body is required" },
        { "endsAt", "endsAt in body is required" },     { "matchers", "matchers in body is required" },
        { "startsAt", "startsAt in body is required" },
    };
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (yyjson_obj_get(root, needed[i][0]) == NULL) {
            refuse_v2(rq, 602, needed[i][1], S(""));
            return false;
        }
    if (yyjson_arr_size(yyjson_obj_get(root, "matchers")) > 0) return true;
    refuse_v2(rq, 612, "matchers in body should have at least 1 items", S(""));
    return false;
}

static void silence_v2_replied(struct request *rq, const struct reply *reply)
{
    if (reply->code < 0) {
        request_fail_code(rq, reply->code, reply->text);
        return;
    }
    buf_add_str(&rq->out, "{\"silenceID\":\"");
    silence_uuid_add(&rq->out, reply->id);
    buf_add_str(&rq->out, "\"}\n");
    request_answer(rq, 200, TYPE_JSON);
}

/* An `id` means: instead of that one. One that is not ours is not found, as there. */
static bool silence_of_body(struct request *rq, yyjson_val *root, silence_id *id)
{
    struct slice written = member_text(root, "id");

    *id = 0;
    if (written.n == 0 || (silence_of_uuid(written, id) && *id != 0)) return true;
    buf_add_str(&rq->out, "\"silence not found\"\n");
    request_answer(rq, 404, TYPE_JSON);
    return false;
}

static void silence_make(struct request *rq, yyjson_val *root)
{
    struct act act = { .kind = ACT_SILENCE, .matchers = matchers_text(rq, yyjson_obj_get(root, "matchers")) };
    struct buf comment = { .max = 4096 };
    struct matchers check = { 0 };
    struct error e = { 0 };
    int rc = civil_parse_rfc3339(member_text(root, "startsAt"), &act.starts, &e);

    if (rc == 0) rc = civil_parse_rfc3339(member_text(root, "endsAt"), &act.ends, &e);
    if (rc == 0) rc = matchers_parse(rq->arena, act.matchers, &check, &e);
    matchers_release(&check);
    if (rc == 0 && act.ends <= rq->received.wall_ms) rc = fail(&e, ERR_SYNTAX, "end time can't be in the past");
    if (rc < 0) {
        request_fail(rq, 400, "bad_request", arena_copy(rq->arena, slice_of(e.detail)), S(""));
        return;
    }
    if (act.starts < rq->received.wall_ms) act.starts = 0; /* now */
    if (!silence_of_body(rq, root, &act.silence)) return;
    buf_add(&comment, slice_upto(member_text(root, "comment"), 2000));
    buf_addf(&comment, " (by %.*s)", (int)slice_upto(member_text(root, "createdBy"), 200).n,
             member_text(root, "createdBy").p);
    act.text = arena_copy(rq->arena, buf_slice(&comment));
    buf_release(&comment);
    act_submit_for(rq, &act, silence_v2_replied);
}

void silences_v2_post(struct request *rq)
{
    yyjson_doc *doc = yyjson_read(rq->body.n > 0 ? rq->body.p : "", rq->body.n, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);

    if (!yyjson_is_obj(root))
        request_fail(rq, 400, "bad_request", S("parsing silence body from \"\" failed, because it is no JSON object"),
                     S(""));
    else if (silence_body_is_whole(rq, root))
        silence_make(rq, root);
    yyjson_doc_free(doc); /* what the act holds was copied */
}

static void silence_v2_ended(struct request *rq, const struct reply *reply)
{
    if (reply->code < 0)
        request_fail_code(rq, reply->code, reply->text);
    else
        request_answer(rq, 200, NULL);
}

void silence_v2_delete(struct request *rq)
{
    struct act act = { .kind = ACT_UNSILENCE };
    if (!silence_of_uuid(rq->captures[0], &act.silence)) {
        refuse_v2(rq, 601, "silenceID in path must be of type uuid", rq->captures[0]);
        return;
    }
    if (act.silence == 0)
        request_fail(rq, 404, "not_found", S("silence not found"), S(""));
    else
        act_submit_for(rq, &act, silence_v2_ended);
}
