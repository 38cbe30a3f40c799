/* silence_post.c - reads Alertmanager's silences.
 * Not here: who may make one (api/), what it holds (core/silence.c).
 * Always: the first thing that is wrong, in Alertmanager's order, is the one that is named: shape, presence, times,
 * matchers.
 */
#include "ingest/silence_post.h"

#include <yyjson.h>

#include "base/buf.h"
#include "base/json.h"
#include "core/routing.h"
#include "core/silence.h"
#include "ingest/alertmanager.h"
#include "ingest/json_text.h"

struct reading {
    struct arena *arena;
    struct silence_post *out;
    int64_t now;
    struct matchers match;
    bool has_comment, has_author, has_starts, has_ends, has_matchers;
};

static struct slice text_of(yyjson_val *v)
{
    return json_slice(v);
}

/* Takes `text` over. Always returns false. */
static bool answer_with(struct reading *r, int status, struct buf *json)
{
    r->out->status = status;
    r->out->answer = arena_copy(r->arena, buf_slice(json));
    buf_release(json);
    return false;
}

/* {"code":…,"message":…} */
static bool refuse(struct reading *r, int status, int code, const char *message)
{
    struct buf json = { .max = 1 << 16 };
    buf_addf(&json, "{\"code\":%d,\"message\":", code);
    buf_add_json(&json, slice_of(message));
    buf_add_char(&json, '}');
    return answer_with(r, status, &json);
}

static bool refuse_parsing(struct reading *r, const char *because)
{
    struct buf text = { .max = 4096 };
    buf_addf(&text, "parsing silence body from \"\" failed, because %s", because);
    refuse(r, 400, 400, buf_str(&text));
    buf_release(&text);
    return false;
}

static bool refuse_type(struct reading *r, yyjson_val *v, const char *into)
{
    struct buf text = { .max = 1024 };
    json_text_add_type_error(&text, v, into);
    refuse_parsing(r, buf_str(&text));
    buf_release(&text);
    return false;
}

/* What is wrong once the shape is right: a JSON string of its own. `quoted` may be empty. */
static bool refuse_silence(struct reading *r, const char *what, struct slice quoted, const char *more)
{
    struct buf text = { .max = 1 << 15 }, json = { .max = 1 << 16 };
    buf_add_str(&text, what);
    if (quoted.p != NULL) json_text_quote_go(&text, slice_upto_rune(quoted, 1024));
    buf_add_str(&text, more);
    buf_add_json(&json, buf_slice(&text));
    buf_add_char(&json, '\n');
    buf_release(&text);
    return answer_with(r, 400, &json);
}

/* ---- the shape ---- */

static bool read_text(struct reading *r, yyjson_val *v, const char *into, struct slice *out, bool *has)
{
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_str(v)) return refuse_type(r, v, into);
    *out = arena_copy(r->arena, text_of(v));
    if (has != NULL) *has = true;
    return true;
}

static bool read_time(struct reading *r, yyjson_val *v, const char *into, int64_t *out, bool *has)
{
    struct error e = { 0 };
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_str(v)) return refuse_type(r, v, into);
    if (alertmanager_time(text_of(v), out, &e) < 0) return refuse_parsing(r, e.detail);
    *has = true;
    return true;
}

struct matcher_draft {
    struct slice name, value;
    bool regex, equal, has_name, has_value, has_regex;
};

static bool read_flag(struct reading *r, yyjson_val *v, const char *into, bool *out, bool *has)
{
    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_bool(v)) return refuse_type(r, v, into);
    *out = yyjson_get_bool(v);
    if (has != NULL) *has = true;
    return true;
}

static bool read_matcher_member(struct reading *r, struct slice key, yyjson_val *v, struct matcher_draft *d)
{
    if (slice_eq_nocase(key, S("name")))
        return read_text(r, v, "struct field Matcher.matchers.name of type string", &d->name, &d->has_name);
    if (slice_eq_nocase(key, S("value")))
        return read_text(r, v, "struct field Matcher.matchers.value of type string", &d->value, &d->has_value);
    if (slice_eq_nocase(key, S("isRegex")))
        return read_flag(r, v, "struct field Matcher.matchers.isRegex of type bool", &d->regex, &d->has_regex);
    if (slice_eq_nocase(key, S("isEqual")))
        return read_flag(r, v, "struct field Matcher.matchers.isEqual of type bool", &d->equal, NULL);
    return true;
}

/* What a matcher lacks is named by presence_is_whole(), after the shape of the whole body: an unset op says so. */
static bool read_matcher(struct reading *r, yyjson_val *v, struct matcher *out)
{
    struct matcher_draft d = { .equal = true };
    yyjson_obj_iter it;

    if (!yyjson_is_obj(v) && !yyjson_is_null(v))
        return refuse_type(r, v, "struct field Silence.matchers of type models.Matcher");
    it = yyjson_obj_iter_with(v);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)) != NULL;)
        if (!read_matcher_member(r, text_of(key), yyjson_obj_iter_get_val(key), &d)) return false;
    *out = (struct matcher){ .name = d.has_name ? d.name : (struct slice){ 0 },
                             .value = d.has_value ? d.value : (struct slice){ 0 } };
    if (d.has_regex) out->op = d.regex ? (d.equal ? MATCH_RE : MATCH_NRE) : (d.equal ? MATCH_EQ : MATCH_NE);
    return true;
}

static bool read_matchers(struct reading *r, yyjson_val *v)
{
    yyjson_arr_iter it;

    if (yyjson_is_null(v)) return true;
    if (!yyjson_is_arr(v)) return refuse_type(r, v, "struct field Silence.matchers of type models.Matchers");
    r->has_matchers = true;
    r->match = (struct matchers){ .v = arena_array(r->arena, struct matcher, yyjson_arr_size(v) + 1) };
    if (r->match.v == NULL) return refuse_parsing(r, "it holds more than one request may");
    it = yyjson_arr_iter_with(v);
    for (yyjson_val *one; (one = yyjson_arr_iter_next(&it)) != NULL;)
        if (!read_matcher(r, one, &r->match.v[r->match.n++])) return false;
    return true;
}

/* Keys are compared without case, and the last of a name wins, as Go does. */
static bool read_member(struct reading *r, struct slice key, yyjson_val *v)
{
    struct silence_post *out = r->out;
    if (slice_eq_nocase(key, S("id"))) return read_text(r, v, "struct field .id of type string", &out->id, NULL);
    if (slice_eq_nocase(key, S("comment")))
        return read_text(r, v, "struct field Silence.comment of type string", &out->comment, &r->has_comment);
    if (slice_eq_nocase(key, S("createdBy")))
        return read_text(r, v, "struct field Silence.createdBy of type string", &out->created_by, &r->has_author);
    if (slice_eq_nocase(key, S("startsAt")))
        return read_time(r, v, "struct field Silence.startsAt of type string", &out->starts, &r->has_starts);
    if (slice_eq_nocase(key, S("endsAt")))
        return read_time(r, v, "struct field Silence.endsAt of type string", &out->ends, &r->has_ends);
    return slice_eq_nocase(key, S("matchers")) ? read_matchers(r, v) : true;
}

static bool read_body(struct reading *r, yyjson_val *root)
{
    yyjson_obj_iter it;

    if (yyjson_is_null(root)) return true;
    if (!yyjson_is_obj(root))
        return refuse_type(r, root, "value of type struct { ID string \"json:\\\"id,omitempty\\\"\" }");
    it = yyjson_obj_iter_with(root);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it)) != NULL;)
        if (!read_member(r, text_of(key), yyjson_obj_iter_get_val(key))) return false;
    return true;
}

/* ---- what it holds ---- */

static bool refuse_absent(struct reading *r, const char *what)
{
    struct buf text = { .max = 256 };
    buf_addf(&text, "%s in body is required", what);
    refuse(r, 422, 602, buf_str(&text));
    buf_release(&text);
    return false;
}

static bool matchers_are_whole(struct reading *r)
{
    struct buf text = { .max = 256 };
    const char *lacks = NULL;

    if (!r->has_matchers) return refuse_absent(r, "matchers");
    if (r->match.n == 0) return refuse(r, 422, 612, "matchers in body should have at least 1 items");
    if (r->match.n > SILENCE_MAX_MATCHERS) return refuse(r, 422, 612, "matchers in body should have at most 64 items");
    for (size_t i = 0; i < r->match.n && lacks == NULL; i++) {
        const struct matcher *m = &r->match.v[i];
        lacks = m->op == MATCH_UNSET ? "isRegex" : m->name.p == NULL ? "name" : m->value.p == NULL ? "value" : NULL;
        if (lacks != NULL) buf_addf(&text, "matchers.%zu.%s", i, lacks);
    }
    if (lacks != NULL) refuse_absent(r, buf_str(&text));
    buf_release(&text);
    return lacks == NULL;
}

static bool is_whole(struct reading *r)
{
    if (!r->has_comment) return refuse_absent(r, "comment");
    if (!r->has_author) return refuse_absent(r, "createdBy");
    if (!r->has_ends) return refuse_absent(r, "endsAt");
    if (!matchers_are_whole(r)) return false;
    return r->has_starts || refuse_absent(r, "startsAt");
}

static bool times_are_valid(struct reading *r)
{
    if (r->out->starts >= r->out->ends)
        return refuse_silence(r, "Failed to create silence: start time must be before end time", (struct slice){ 0 },
                              "");
    if (r->out->ends <= r->now)
        return refuse_silence(r, "Failed to create silence: end time can't be in the past", (struct slice){ 0 }, "");
    return true;
}

/* One matcher by itself: its own text is read again, so that a name or an expression is judged by the one reader. */
static bool matcher_is_valid(struct reading *r, size_t i)
{
    struct matchers one = { &r->match.v[i], 1 }, check = { 0 };
    struct buf text = { .max = 1 << 16 }, what = { .max = 128 };
    struct error e = { 0 };
    bool valid;

    matchers_print(&one, &text);
    valid = !text.overflow && matchers_parse(r->arena, buf_slice(&text), &check, &e) == 0 && check.n == 1;
    buf_addf(&what, "silence invalid: invalid label matcher %zu: ", i);
    if (!valid && alertmanager_name_is_valid(one.v->name)) {
        buf_add_str(&what, "invalid regular expression ");
        refuse_silence(r, buf_str(&what), one.v->value, ": error parsing regexp");
    } else if (!valid || !alertmanager_name_is_valid(one.v->name)) {
        buf_add_str(&what, "invalid label name ");
        refuse_silence(r, buf_str(&what), one.v->name, "");
        valid = false;
    }
    matchers_release(&check);
    buf_release(&text);
    buf_release(&what);
    return valid;
}

static bool narrows(struct reading *r)
{
    struct matchers all = { 0 };
    struct error e = { 0 };
    bool narrow;

    if (matchers_parse(r->arena, r->out->matchers, &all, &e) < 0)
        return refuse_silence(r, "silence invalid: ", slice_of(e.detail), "");
    narrow = !silence_matches_everything(&all);
    matchers_release(&all);
    return narrow || refuse_silence(r, "silence invalid: at least one matcher must not match the empty string",
                                    (struct slice){ 0 }, "");
}

static bool matchers_are_valid(struct reading *r)
{
    struct buf text = { .max = 1 << 18 };

    for (size_t i = 0; i < r->match.n; i++)
        if (!matcher_is_valid(r, i)) return false;
    matchers_print(&r->match, &text);
    r->out->matchers = arena_copy(r->arena, buf_slice(&text));
    buf_release(&text);
    return narrows(r);
}

void silence_post_parse(struct arena *a, struct slice body, int64_t now_wall, struct silence_post *out)
{
    struct reading r = { .arena = a, .out = out, .now = now_wall };
    struct error e = { 0 };
    yyjson_doc *doc = NULL;

    *out = (struct silence_post){ .status = 200 };
    if (body.n > ALERT_MAX_BODY)
        refuse(&r, 413, 413, "the body is larger than 4 MiB");
    else if (slice_trim(body).n == 0)
        refuse_absent(&r, "silence");
    else if ((doc = json_text_read(a, &body, ALERT_MAX_DEPTH, &e)) == NULL)
        refuse_parsing(&r, e.detail);
    else if (read_body(&r, yyjson_doc_get_root(doc)) && is_whole(&r) && times_are_valid(&r))
        matchers_are_valid(&r);
    yyjson_doc_free(doc);
}
