/* field.c - yyjson behind field.h. */
#include "cli/field.h"

#include <yyjson.h>

#include "base/civil.h"
#include "base/json.h"

/* The opaque types are yyjson's own: only this file knows. */
static yyjson_val *value_of(const struct field *v)
{
    return (yyjson_val *)(uintptr_t)v;
}

static const struct field *of_value(const yyjson_val *v)
{
    return v == NULL || yyjson_is_null((yyjson_val *)(uintptr_t)v) ? NULL : (const struct field *)v;
}

struct fields *fields_read(struct slice text, struct error *e)
{
    yyjson_read_err why;
    yyjson_doc *d = json_read(text, 0, &why);
    if (d == NULL)
        fail(e, ERR_SYNTAX, "the answer is not JSON (%s at byte %zu): is it a Tocsin server?", why.msg, why.pos);
    return (struct fields *)d;
}

void fields_free(struct fields **d)
{
    yyjson_doc_free((yyjson_doc *)*d);
    *d = NULL;
}

const struct field *fields_top(const struct fields *d)
{
    return of_value(yyjson_doc_get_root((yyjson_doc *)(uintptr_t)d));
}

const struct field *field_member(const struct field *v, const char *name)
{
    return of_value(yyjson_obj_get(value_of(v), name));
}

struct slice field_string(const struct field *v)
{
    const char *p = yyjson_get_str(value_of(v));
    return p == NULL ? (struct slice){ 0 } : (struct slice){ p, yyjson_get_len(value_of(v)) };
}

struct slice field_text(const struct field *v, const char *name)
{
    return field_string(field_member(v, name));
}

int64_t field_int(const struct field *v, const char *name)
{
    return yyjson_get_sint(value_of(field_member(v, name)));
}

bool field_bool(const struct field *v, const char *name)
{
    return yyjson_is_true(value_of(field_member(v, name)));
}

bool field_time(const struct field *v, const char *name, int64_t *utc_ms)
{
    return civil_parse_rfc3339(field_text(v, name), utc_ms, NULL) == 0;
}

size_t field_count(const struct field *list)
{
    return yyjson_arr_size(value_of(list));
}

const struct field *field_at(const struct field *list, size_t i)
{
    return of_value(yyjson_arr_get(value_of(list), i));
}
