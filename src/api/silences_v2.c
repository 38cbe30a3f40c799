/* silences_v2.c - silences as Alertmanager's clients see them: GET and POST /api/v2/silences, GET and DELETE of one.
 * Not here: our own form (silences.c), what a silence holds (core/silence.c).
 * Always: reading needs what alerts need; making and ending one is an act and needs a person (a token's, or the
 * socket's): `createdBy` is not believed; where it names somebody else it is kept in the comment, once.
 */
#include "api/acts.h"
#include "api/reading.h"
#include "api/routes.h"
#include "core/effect.h"
#include "core/routing.h"
#include "ingest/silence_post.h"

#define UUID_HEAD "00000000-0000-4000-8000-"
#define UUID_BYTES 36

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

/* Each filter is one of the silence's matchers, sign and text alike: so Alertmanager looks for silences. */
static bool filter_fits(const struct matchers *filter, const struct matchers *m)
{
    for (size_t i = 0; i < filter->n; i++) {
        const struct matcher *f = &filter->v[i];
        bool met = false;
        for (size_t k = 0; k < m->n && !met; k++)
            met = m->v[k].op == f->op && slice_eq(m->v[k].name, f->name) && slice_eq(m->v[k].value, f->value);
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
static bool silence_of_body(struct request *rq, struct slice written, silence_id *id)
{
    *id = 0;
    if (written.n == 0 || (silence_of_uuid(written, id) && *id != 0)) return true;
    buf_add_str(&rq->out, "\"silence not found\"\n");
    request_answer(rq, 404, TYPE_JSON);
    return false;
}

/* "why (by zoe)", where zoe is not who acts. An update sends back what GET showed: the comment with the name in it, and as
 * author whoever acted before. */
static struct slice comment_of(struct request *rq, const struct silence_post *post)
{
    const struct slice written = slice_upto_rune(post->comment, 2000), by = slice_upto_rune(post->created_by, 200);
    const bool is_named = post->id.n > 0 && slice_has_suffix(written, S(")")) && slice_find(written, S(" (by ")) < written.n;
    if (is_named || slice_eq(by, rq->who.person)) return written;
    struct buf comment = { .max = 4096 };
    buf_add(&comment, written);
    buf_addf(&comment, " (by %.*s)", (int)by.n, by.p);
    const struct slice kept = arena_copy(rq->arena, buf_slice(&comment));
    buf_release(&comment);
    return kept;
}

static void silence_make(struct request *rq, const struct silence_post *post)
{
    struct act act = { .kind = ACT_SILENCE, .matchers = post->matchers, .starts = post->starts, .ends = post->ends };

    if (!silence_of_body(rq, post->id, &act.silence)) return;
    if (act.starts < rq->received.wall_ms) act.starts = 0; /* now */
    act.text = comment_of(rq, post);
    act_submit_for(rq, &act, silence_v2_replied);
}

void silences_v2_post(struct request *rq)
{
    struct silence_post post;

    silence_post_parse(rq->arena, rq->body, rq->received.wall_ms, &post);
    if (post.status == 200) {
        silence_make(rq, &post);
        return;
    }
    buf_add(&rq->out, post.answer);
    request_answer(rq, post.status, TYPE_JSON);
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
