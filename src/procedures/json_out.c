/* json_out.c - JSON, a member at a time. */
#include "procedures/json_out.h"

#include "base/check.h"
#include "procedures/merge.h"

#define MICRO INT64_C(1000000)

static void begin_value(struct json *j, struct slice key, bool keyed, bool is_object)
{
    const int parent = j->depth - 1;
    if (parent >= 0) {
        bool own_line = parent == 0 || (is_object && j->open[parent] == '[');
        if (j->filled[parent]) buf_add_str(j->out, own_line ? "," : ", ");
        if (own_line) buf_addf(j->out, "\n%*s", 2 * j->depth, "");
        j->filled[parent] = true;
    }
    if (!keyed) return;
    buf_add_json(j->out, key);
    buf_add_str(j->out, ": ");
}

static void begin(struct json *j, const char *key, bool is_object)
{
    begin_value(j, slice_of(key), key != NULL, is_object);
}

static void push(struct json *j, char bracket)
{
    CHECK(j->depth < JSON_MAX_DEPTH);
    j->open[j->depth] = bracket;
    j->filled[j->depth++] = false;
    buf_add_char(j->out, bracket);
}

void put_open(struct json *j, const char *key, char bracket)
{
    begin(j, key, bracket == '{');
    push(j, bracket);
}

void put_open_named(struct json *j, struct slice key, char bracket)
{
    begin_value(j, key, true, bracket == '{');
    push(j, bracket);
}

void put_close(struct json *j)
{
    CHECK(j->depth > 0);
    j->depth--;
    if (j->depth == 0) buf_add_char(j->out, '\n');
    buf_add_char(j->out, j->open[j->depth] == '{' ? '}' : ']');
}

void put_text(struct json *j, const char *key, struct slice value)
{
    begin(j, key, false);
    buf_add_json(j->out, value);
}

void put_text_named(struct json *j, struct slice key, struct slice value)
{
    begin_value(j, key, true, false);
    buf_add_json(j->out, value);
}

void put_null(struct json *j, const char *key)
{
    begin(j, key, false);
    buf_add_str(j->out, "null");
}

void put_text_or_null(struct json *j, const char *key, struct slice value)
{
    if (value.n > 0)
        put_text(j, key, value);
    else
        put_null(j, key);
}

void put_int(struct json *j, const char *key, int64_t value)
{
    begin(j, key, false);
    buf_add_int(j->out, value);
}

void put_line(struct json *j, const char *key, unsigned line)
{
    if (line > 0)
        put_int(j, key, POLICY_LINE(line));
    else
        put_null(j, key);
    if (j->c == NULL || j->c->set == NULL || j->c->set_policy == NULL || line == 0) return;
    put_text(j, "file", policy_file(&j->c->policy, line));
    put_text(j, "origin", slice_of(provenance_name(procedures_set_provenance(j->c->set, j->c->set_policy, line))));
}

void put_bool(struct json *j, const char *key, bool value)
{
    begin(j, key, false);
    buf_add_str(j->out, value ? "true" : "false");
}

void put_decimal(struct json *j, const char *key, int64_t micro)
{
    int64_t rest = micro % MICRO;
    int width = 6;
    begin(j, key, false);
    if (micro < 0) buf_add_char(j->out, '-');
    rest = rest < 0 ? -rest : rest;
    buf_add_int(j->out, micro < 0 ? -(micro / MICRO) : micro / MICRO);
    if (rest == 0) return;
    for (; rest % 10 == 0; rest /= 10) width--;
    buf_add_char(j->out, '.');
    buf_add_uint_pad(j->out, (uint64_t)rest, width);
}

void put_seconds(struct json *j, const char *key, int64_t ms)
{
    if (ms == POLICY_NONE)
        put_null(j, key);
    else
        put_decimal(j, key, ms * (MICRO / SECOND));
}

static bool is_json_number(struct slice s)
{
    int64_t value;
    bool zero = slice_has_prefix(s, S("0")), digits = slice_cut_uint(&s, &value);
    if (!digits || (zero && value != 0)) return false;
    if (s.n == 0) return true;
    return slice_cut_prefix(&s, S(".")) && slice_cut_uint(&s, &value) && s.n == 0;
}

void put_number(struct json *j, const char *key, struct slice written)
{
    if (!is_json_number(written)) {
        put_text_or_null(j, key, written);
        return;
    }
    begin(j, key, false);
    buf_add(j->out, written);
}
