/* openapi.c - GET /api/v1/openapi.json: the routes of /api/v1 and the acts, described by their own const tables.
 * Not here: any second list of either.
 * Always: what is described is what is routed and read.
 */
#include "api/json.h"
#include "api/routes.h"
#include "core/act.h"

#define API_PREFIX "/api/v1/"
#define ACT_SEGMENT "{act}"

static const char *type_of(enum arg_type t)
{
    switch (t) {
    case ARG_NONE: break;
    case ARG_NUMBER: return "integer";
    case ARG_SWITCH: return "boolean";
    case ARG_TEXTS: return "array";
    case ARG_INCIDENT:
    case ARG_TEXT:
    case ARG_SEVERITY:
    case ARG_PERSON:
    case ARG_ROLE:
    case ARG_CATEGORY:
    case ARG_SERVICE:
    case ARG_MATCHERS:
    case ARG_DURATION:
    case ARG_TIME: return "string";
    }
    return "string";
}

static void arguments_schema(struct json *j, const struct act_def *def, bool incident_in_path)
{
    json_begin(j, "schema", '{');
    json_word(j, "type", "object");
    json_bool(j, "additionalProperties", false);
    json_begin(j, "properties", '{');
    for (const struct arg_def *a = def->args; a->type != ARG_NONE; a++) {
        json_begin(j, a->name, '{');
        json_word(j, "type", type_of(a->type));
        if (a->type == ARG_TIME) json_word(j, "format", "date-time");
        if (a->type == ARG_TEXTS) {
            json_begin(j, "items", '{');
            json_word(j, "type", "string");
            json_end(j, '}');
        }
        json_word(j, "description", a->what);
        json_end(j, '}');
    }
    json_end(j, '}');
    json_begin(j, "required", '[');
    for (const struct arg_def *a = def->args; a->type != ARG_NONE; a++)
        if (a->required && !(incident_in_path && a == def->args)) json_word(j, NULL, a->name);
    json_end(j, ']');
    json_end(j, '}');
}

static void body_members(struct json *j, const struct act_def *def, bool incident_in_path)
{
    json_begin(j, "requestBody", '{');
    json_begin(j, "content", '{');
    json_begin(j, TYPE_JSON, '{');
    arguments_schema(j, def, incident_in_path);
    json_end(j, '}');
    json_end(j, '}');
    json_end(j, '}');
}

/* The {names} of a pattern, all of them texts. */
static void path_parameters(struct json *j, struct slice pattern)
{
    json_begin(j, "parameters", '[');
    while (pattern.n > 0) {
        struct slice segment = slice_cut(&pattern, '/');
        if (!slice_cut_prefix(&segment, S("{")) || slice_eq(segment, S("act}"))) continue;
        json_begin(j, NULL, '{');
        json_text(j, "name", slice_upto(segment, segment.n - 1));
        json_word(j, "in", "path");
        json_bool(j, "required", true);
        json_begin(j, "schema", '{');
        json_word(j, "type", "string");
        json_end(j, '}');
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void operation(struct json *j, const struct route *r, const struct act_def *def, bool incident_in_path)
{
    static const char *const verbs[] = { [METHOD_GET] = "get",
                                         [METHOD_POST] = "post",
                                         [METHOD_DELETE] = "delete",
                                         [METHOD_PUT] = "put",
                                         [METHOD_PATCH] = "patch" };
    json_begin(j, verbs[r->method], '{');
    if (def != NULL) json_word(j, "summary", def->summary);
    path_parameters(j, slice_of(r->pattern));
    if (def != NULL && r->method == METHOD_POST) body_members(j, def, incident_in_path);
    json_begin(j, "responses", '{');
    json_begin(j, "default", '{');
    json_word(j, "description", "The answer, or {error, detail, try}.");
    json_end(j, '}');
    json_end(j, '}');
    json_end(j, '}');
}

/* Which act a route is; the acts on incidents share one row and are told apart by their name. */
static const struct act_def *act_of_route(const struct route *r)
{
    if (r->handle == incident_post) return &act_defs[ACT_DECLARE];
    if (r->handle == silences_post) return &act_defs[ACT_SILENCE];
    if (r->handle == procedures_activate_post) return &act_defs[ACT_ACTIVATE];
    return r->handle == silence_delete ? &act_defs[ACT_UNSILENCE] : NULL;
}

static void act_paths(struct json *j, const struct route *r)
{
    struct slice pattern = slice_of(r->pattern);
    struct slice head = slice_upto(pattern, slice_find(pattern, S(ACT_SEGMENT)));
    for (size_t k = 1; k < ACT_KIND_MAX; k++) {
        struct buf path = { .max = 256 };
        if (!act_is_of_incident((enum act_kind)k)) continue;
        buf_addf(&path, "%.*s%s", (int)head.n, head.p, act_defs[k].name);
        json_begin(j, buf_str(&path), '{');
        operation(j, r, &act_defs[k], k != ACT_DECLARE);
        json_end(j, '}');
        buf_release(&path);
    }
}

/* Rows of one path stand together in the table. */
static void paths_members(struct json *j, const struct route_table *t)
{
    const char *open = "";
    for (size_t i = 0; i < t->n; i++) {
        const struct route *r = &t->v[i];
        struct slice pattern = slice_of(r->pattern);
        if (!slice_has_prefix(pattern, S(API_PREFIX))) continue;
        if (slice_has_suffix(pattern, S(ACT_SEGMENT))) {
            if (*open != '\0') json_end(j, '}');
            open = "";
            act_paths(j, r);
            continue;
        }
        if (!slice_eq(pattern, slice_of(open))) {
            if (*open != '\0') json_end(j, '}');
            json_begin(j, r->pattern, '{');
            open = r->pattern;
        }
        operation(j, r, act_of_route(r), false);
    }
    if (*open != '\0') json_end(j, '}');
}

void openapi_get(struct request *rq)
{
    struct json j = { .out = &rq->out };
    json_begin(&j, NULL, '{');
    json_word(&j, "openapi", "3.0.3");
    json_begin(&j, "info", '{');
    json_word(&j, "title", "Tocsin");
    json_word(&j, "version", TOCSIN_VERSION);
    json_end(&j, '}');
    json_begin(&j, "paths", '{');
    paths_members(&j, &api_main_routes);
    json_end(&j, '}');
    json_end(&j, '}');
    buf_add_char(&rq->out, '\n');
    request_answer(rq, 200, TYPE_JSON);
}
