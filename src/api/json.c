/* json.c - writes JSON members. */
#include "api/json.h"

#include "base/civil.h"

static void add_key(struct json *j, const char *key)
{
    if (j->comma) buf_add_char(j->out, ',');
    j->comma = true;
    if (key == NULL) return;
    buf_add_json(j->out, slice_of(key));
    buf_add_char(j->out, ':');
}

void json_begin(struct json *j, const char *key, char bracket)
{
    add_key(j, key);
    buf_add_char(j->out, bracket);
    j->comma = false;
}

void json_end(struct json *j, char bracket)
{
    buf_add_char(j->out, bracket);
    j->comma = true;
}

void json_text(struct json *j, const char *key, struct slice value)
{
    add_key(j, key);
    buf_add_json(j->out, slice_is_utf8(value, NULL) ? value : S("(not UTF-8)"));
}

void json_null(struct json *j, const char *key)
{
    add_key(j, key);
    buf_add_str(j->out, "null");
}

void json_word(struct json *j, const char *key, const char *value)
{
    if (value == NULL)
        json_null(j, key);
    else
        json_text(j, key, slice_of(value));
}

void json_text_or_null(struct json *j, const char *key, struct slice value)
{
    if (value.n == 0)
        json_null(j, key);
    else
        json_text(j, key, value);
}

void json_int(struct json *j, const char *key, int64_t value)
{
    add_key(j, key);
    buf_add_int(j->out, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    add_key(j, key);
    buf_add_str(j->out, value ? "true" : "false");
}

void json_time(struct json *j, const char *key, int64_t wall)
{
    if (wall == 0) {
        json_null(j, key);
        return;
    }
    add_key(j, key);
    buf_add_char(j->out, '"');
    civil_format_rfc3339(j->out, wall, 0, true);
    buf_add_char(j->out, '"');
}

void json_incident(struct json *j, const char *key, int64_t incident)
{
    if (incident == 0) {
        json_null(j, key);
        return;
    }
    add_key(j, key);
    buf_add_str(j->out, "\"INC-");
    buf_add_int(j->out, incident);
    buf_add_char(j->out, '"');
}
