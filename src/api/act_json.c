/* act_json.c - a person's act, read from a JSON object by its descriptor.
 * Not here: who may do it (http/identity.c), whether it makes sense now (core/world_act.c).
 * Always: nothing is guessed: an argument that is not in the descriptor is an error that lists those that are.
 */
#include <yyjson.h>

#include "api/acts.h"
#include "api/reading.h"
#include "base/check.h"
#include "base/civil.h"
#include "base/json.h"
#include "core/silence.h"

/* Where an argument goes. */
enum slot_kind {
    SLOT_TEXT = 1,
    SLOT_INCIDENT,
    SLOT_NUMBER,
    SLOT_TIME,
    SLOT_DURATION,
    SLOT_SEVERITY,
    SLOT_MATCHERS,
    SLOT_SWITCH,
    SLOT_LINES
};

static const struct act_slot {
    const char *name;
    enum slot_kind kind;
    size_t offset;
} slots[] = {
    { "incident", SLOT_INCIDENT, offsetof(struct act, incident) },
    { "into", SLOT_INCIDENT, offsetof(struct act, into) },
    { "severity", SLOT_SEVERITY, 0 },
    { "service", SLOT_TEXT, offsetof(struct act, service) },
    { "category", SLOT_TEXT, offsetof(struct act, category) },
    { "role", SLOT_TEXT, offsetof(struct act, role) },
    { "person", SLOT_TEXT, offsetof(struct act, person) },
    { "text", SLOT_TEXT, offsetof(struct act, text) },
    { "impact", SLOT_TEXT, offsetof(struct act, impact) },
    { "cause", SLOT_TEXT, offsetof(struct act, cause) },
    { "mitigation", SLOT_TEXT, offsetof(struct act, mitigation) },
    { "matchers", SLOT_MATCHERS, 0 },
    { "for", SLOT_DURATION, 0 },
    { "starts", SLOT_TIME, offsetof(struct act, starts) },
    { "ends", SLOT_TIME, offsetof(struct act, ends) },
    { "silence", SLOT_NUMBER, offsetof(struct act, silence) },
    { "milestone", SLOT_NUMBER, offsetof(struct act, milestone) },
    { "check", SLOT_NUMBER, offsetof(struct act, check) },
    { "entry", SLOT_NUMBER, offsetof(struct act, entry) },
    { "field", SLOT_TEXT, offsetof(struct act, field) },
    { "when", SLOT_TIME, offsetof(struct act, when) },
    { "reason", SLOT_TEXT, offsetof(struct act, text) },
    { "bundle", SLOT_NUMBER, offsetof(struct act, bundle) },
    { "move-open", SLOT_SWITCH, offsetof(struct act, move_open) },
    { "override", SLOT_LINES, offsetof(struct act, overrides) },
};

struct act_reader {
    struct arena *arena;
    const struct act_def *def;
    struct act *act;
    int64_t for_ms; /* 0: not said */
    struct error *error;
};

static const struct act_slot *slot_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(slots); i++)
        if (slice_eq(slice_of(slots[i].name), slice_of(name))) return &slots[i];
    CHECK(!"a descriptor names an argument that has no slot");
    return NULL;
}

static struct slice kept_text(const struct act_reader *r, yyjson_val *v)
{
    return arena_copy(r->arena, json_slice(v));
}

/* "1h30m", "90s", "2d". */
static bool duration_read(struct slice s, int64_t *ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {
        { 's', SECOND }, { 'm', MINUTE }, { 'h', HOUR }, { 'd', DAY }, { 'w', 7 * DAY },
    };
    *ms = 0;
    while (s.n > 0) {
        int64_t n;
        size_t i = 0;
        if (!slice_cut_uint(&s, &n) || s.n == 0 || n > 100000) return false;
        while (i < COUNT_OF(units) && units[i].letter != s.p[0]) i++;
        if (i == COUNT_OF(units)) return false;
        *ms += n * units[i].ms;
        s = slice_from(s, 1);
    }
    return *ms > 0;
}

static int duration_take(struct act_reader *r, yyjson_val *v)
{
    if (yyjson_is_int(v) && yyjson_get_sint(v) > 0 && yyjson_get_sint(v) < 10 * 365 * DAY / SECOND) {
        r->for_ms = yyjson_get_sint(v) * SECOND;
        return 0;
    }
    if (yyjson_is_str(v) && duration_read(kept_text(r, v), &r->for_ms)) return 0;
    return fail(r->error, ERR_INVALID, "`for` is a duration such as \"2h\" or \"1h30m\", or seconds");
}

/* A text, or a list of texts that all must match; kept in canonical form. */
static int matchers_take(struct act_reader *r, yyjson_val *v)
{
    struct buf text = { .max = 65536 };
    struct matchers m = { 0 };
    yyjson_val *item;
    yyjson_arr_iter it;
    int rc;

    if (yyjson_is_str(v)) buf_add(&text, kept_text(r, v));
    it = yyjson_arr_iter_with(v);
    while ((item = yyjson_arr_iter_next(&it)) != NULL) {
        if (text.len > 0) buf_add_char(&text, ',');
        /* A list or an object has a length too, and no text. */
        buf_add(&text, yyjson_is_str(item) ? kept_text(r, item) : S("?"));
    }
    rc = matchers_parse(r->arena, buf_slice(&text), &m, r->error);
    if (rc == 0 && m.n == 0)
        rc = fail(r->error, ERR_INVALID, "`matchers` needs at least one, such as \"alertname=DiskFull\"");
    buf_reset(&text);
    matchers_print(&m, &text);
    r->act->matchers = arena_copy(r->arena, buf_slice(&text));
    matchers_release(&m);
    buf_release(&text);
    return rc == ERR_SYNTAX ? ERR_INVALID : rc;
}

static int incident_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v, int64_t *to)
{
    *to = yyjson_is_int(v) ? yyjson_get_sint(v) : yyjson_is_str(v) ? incident_number(kept_text(r, v)) : 0;
    return *to > 0 ? 0 : fail(r->error, ERR_INVALID, "`%s` is an incident such as \"INC-42\"", s->name);
}

static int number_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v, int64_t *to)
{
    *to = yyjson_is_int(v) ? yyjson_get_sint(v) : -1;
    if (yyjson_is_str(v) && !slice_to_int(kept_text(r, v), to)) *to = -1;
    return *to >= 0 ? 0 : fail(r->error, ERR_INVALID, "`%s` is a number", s->name);
}

static int severity_take(struct act_reader *r, yyjson_val *v)
{
    if (yyjson_is_int(v) && yyjson_get_sint(v) > 0)
        r->act->severity = yyjson_get_sint(v);
    else if (yyjson_is_str(v))
        r->act->severity_label = kept_text(r, v);
    else
        return fail(r->error, ERR_INVALID, "`severity` is a label of the document, such as \"SEV2\"");
    return 0;
}

static int time_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v, int64_t *to)
{
    if (yyjson_is_str(v) && civil_parse_rfc3339(kept_text(r, v), to, NULL) == 0) return 0;
    return fail(r->error, ERR_INVALID, "`%s` is a time such as \"2026-01-05T03:00:00Z\"", s->name);
}

static int switch_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v, bool *to)
{
    *to = yyjson_is_true(v);
    return yyjson_is_bool(v) ? 0 : fail(r->error, ERR_INVALID, "`%s` is true or false", s->name);
}

/* A text or a list of texts, kept one a line. */
static int lines_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v, struct slice *to)
{
    struct buf text = { .max = 65536 };
    yyjson_val *item;
    yyjson_arr_iter it = yyjson_arr_iter_with(v);
    bool texts = yyjson_is_str(v) || yyjson_is_arr(v);
    buf_add(&text, json_slice(v));
    while ((item = yyjson_arr_iter_next(&it)) != NULL) {
        if (!yyjson_is_str(item)) texts = false;
        if (text.len > 0) buf_add_char(&text, '\n');
        buf_add(&text, json_slice(item));
    }
    *to = arena_copy(r->arena, buf_slice(&text));
    buf_release(&text);
    return texts ? 0 : fail(r->error, ERR_INVALID, "`%s` is a list of texts", s->name);
}

static int slot_take(struct act_reader *r, const struct act_slot *s, yyjson_val *v)
{
    char *to = (char *)r->act + s->offset;
    switch (s->kind) {
    case SLOT_TEXT:
        if (!yyjson_is_str(v)) return fail(r->error, ERR_INVALID, "`%s` is a text", s->name);
        *(struct slice *)(void *)to = kept_text(r, v);
        return 0;
    case SLOT_INCIDENT: return incident_take(r, s, v, (int64_t *)(void *)to);
    case SLOT_NUMBER: return number_take(r, s, v, (int64_t *)(void *)to);
    case SLOT_TIME: return time_take(r, s, v, (int64_t *)(void *)to);
    case SLOT_DURATION: return duration_take(r, v);
    case SLOT_SEVERITY: return severity_take(r, v);
    case SLOT_MATCHERS: return matchers_take(r, v);
    case SLOT_SWITCH: return switch_take(r, s, v, (bool *)(void *)to);
    case SLOT_LINES: return lines_take(r, s, v, (struct slice *)(void *)to);
    }
    return fail(r->error, ERR_BUG, "a slot without a kind");
}

static int unknown_argument(const struct act_reader *r, yyjson_val *key)
{
    struct buf known = { .max = 256 };
    size_t n = yyjson_get_len(key) < 40 ? yyjson_get_len(key) : 40;
    int rc;
    for (const struct arg_def *arg = r->def->args; arg->type != ARG_NONE; arg++)
        buf_addf(&known, "%s%s", known.len > 0 ? ", " : "", arg->name);
    rc = fail(r->error, ERR_INVALID, "`%.*s` is no argument of %s; it takes %s", (int)n, yyjson_get_str(key),
              r->def->name, buf_str(&known));
    buf_release(&known);
    return rc;
}

static int object_take(struct act_reader *r, yyjson_val *object)
{
    yyjson_obj_iter it = yyjson_obj_iter_with(object);
    yyjson_val *key;
    int rc = 0;
    while (rc == 0 && (key = yyjson_obj_iter_next(&it)) != NULL) {
        yyjson_val *v = yyjson_obj_iter_get_val(key);
        const struct arg_def *arg = r->def->args;
        while (arg->type != ARG_NONE && !yyjson_equals_str(key, arg->name)) arg++;
        if (arg->type == ARG_NONE)
            rc = unknown_argument(r, key);
        else if (!yyjson_is_null(v))
            rc = slot_take(r, slot_named(arg->name), v);
    }
    return rc;
}

/* Texts are the only ones whose absence can be told from the value; ids come from the path as well. */
static int arguments_are_whole(const struct act_reader *r, yyjson_val *object)
{
    for (const struct arg_def *arg = r->def->args; arg->type != ARG_NONE; arg++) {
        yyjson_val *v = yyjson_obj_get(object, arg->name);
        if (!arg->required || (arg->type == ARG_INCIDENT && arg == r->def->args && r->act->incident != 0)) continue;
        if (v == NULL || yyjson_is_null(v) || (yyjson_is_str(v) && yyjson_get_len(v) == 0))
            return fail(r->error, ERR_INVALID, "`%s` is missing: %s", arg->name, arg->what);
    }
    return 0;
}

static int span_settle(const struct act_reader *r, int64_t now)
{
    struct act *a = r->act;
    if (r->def->kind == ACT_SNOOZE && a->ends == 0 && r->for_ms != 0) a->ends = now + r->for_ms;
    if (r->def->kind != ACT_SILENCE) return 0;
    int64_t from = a->starts != 0 ? a->starts : now;
    if (a->ends != 0 && r->for_ms != 0) return fail(r->error, ERR_INVALID, "say `for` or `ends`, not both");
    if (a->ends == 0) a->ends = from + (r->for_ms != 0 ? r->for_ms : SILENCE_DEFAULT);
    if (a->ends <= from || a->ends <= now)
        return fail(r->error, ERR_INVALID, "a silence ends after it starts, and later than now");
    return 0;
}

int act_from_json(struct arena *a, const struct act_def *def, struct slice body, int64_t now_wall, struct act *out,
                  struct error *e)
{
    struct act_reader r = { .arena = a, .def = def, .act = out, .error = e };
    yyjson_read_err why;
    yyjson_doc *doc;
    int rc;

    out->kind = def->kind;
    if (slice_trim(body).n == 0) body = S("{}");
    doc = json_read(body, 0, &why);
    if (doc == NULL) return fail(e, ERR_SYNTAX, "the body is no JSON: %s at byte %zu", why.msg, why.pos + 1);
    yyjson_val *root = yyjson_doc_get_root(doc);
    rc = yyjson_is_obj(root) ? object_take(&r, root) : fail(e, ERR_SYNTAX, "the body is no JSON object");
    if (rc == 0) rc = arguments_are_whole(&r, root);
    if (rc == 0) rc = span_settle(&r, now_wall);
    yyjson_doc_free(doc);
    return rc;
}
