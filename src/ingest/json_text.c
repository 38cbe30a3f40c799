/* json_text.c - reads a stranger's JSON.
 * Not here: what it means.
 * Always: the text that yyjson sees is no deeper than asked; it is repaired at most once.
 */
#include "ingest/json_text.h"

#include <string.h>
#include <yyjson.h>

#include "base/json.h"

#define REPLACEMENT S("\xef\xbf\xbd")

static bool depth_is_within(struct slice s, int max)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > max) return false;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return true;
}

/* Ordinary bodies have fewer brackets than levels are allowed: no need to look at every byte. */
static bool brackets_are_few(struct slice s, int max)
{
    for (const char *c = "[{"; *c != '\0'; c++)
        for (struct slice rest = s; (rest = slice_from(rest, slice_find_char(rest, *c))).n > 0;
             rest = slice_from(rest, 1))
            if (--max < 0) return false;
    return true;
}

/* The 16 bits of \uXXXX at the start of s, or -1. */
static int32_t escape_unit(struct slice s)
{
    int32_t v = 0;
    if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u') return -1;
    for (size_t i = 2; i < 6; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        v = v * 16 + digit;
    }
    return v;
}

/* One backslash and what belongs to it: a lone surrogate becomes U+FFFD. Returns the bytes taken. */
static size_t repair_escape(struct slice s, struct buf *out)
{
    int32_t unit = escape_unit(s), next;
    size_t n = unit < 0 ? 2 : 6;

    if (unit >= 0xd800 && unit <= 0xdbff) {
        next = escape_unit(slice_from(s, 6));
        if (next >= 0xdc00 && next <= 0xdfff) n = 12;
    }
    if (n == 6 && unit >= 0xd800 && unit <= 0xdfff)
        buf_add_str(out, "\\ufffd");
    else
        buf_add(out, slice_upto(s, n));
    return n < s.n ? n : s.n;
}

static struct slice repaired(struct arena *a, struct slice s)
{
    struct buf out = { .max = s.n * 3 + 16 };
    struct slice copy;

    while (s.n > 0) {
        struct slice before = s;
        if (s.p[0] == '\\') {
            s = slice_from(s, repair_escape(s, &out));
        } else if (slice_cut_rune(&s) < 0) {
            buf_add(&out, REPLACEMENT);
        } else {
            buf_add(&out, slice_upto(before, (size_t)(s.p - before.p)));
        }
    }
    copy = arena_copy(a, buf_slice(&out));
    buf_release(&out);
    return copy;
}

static void explain(struct slice text, const yyjson_read_err *err, struct error *e)
{
    size_t at = err->pos;
    if (err->code == YYJSON_READ_ERROR_UNEXPECTED_END || at >= slice_trim(text).n) {
        fail(e, ERR_SYNTAX, "unexpected EOF");
    } else {
        unsigned char c = (unsigned char)text.p[at];
        const char *what = err->msg;
        if (c >= 0x20 && c < 0x7f)
            fail(e, ERR_SYNTAX, "invalid character '%c' at byte %zu: %s", c, at + 1, what);
        else
            fail(e, ERR_SYNTAX, "invalid character '\\x%02x' at byte %zu: %s", c, at + 1, what);
    }
}

static yyjson_doc *read_once(struct slice text, yyjson_read_err *err)
{
    return json_read(text, YYJSON_READ_STOP_WHEN_DONE, err);
}

yyjson_doc *json_text_read(struct arena *a, struct slice *text, int max_depth, struct error *e)
{
    yyjson_read_err err;
    yyjson_doc *doc;

    if (!brackets_are_few(*text, max_depth) && !depth_is_within(*text, max_depth)) {
        fail(e, ERR_LIMIT, "it is nested deeper than %d levels", max_depth);
        return NULL;
    }
    doc = read_once(*text, &err);
    if (doc == NULL && err.code == YYJSON_READ_ERROR_INVALID_STRING) {
        *text = repaired(a, *text);
        if (text->p != NULL) doc = read_once(*text, &err);
    }
    if (doc == NULL) explain(*text, &err, e);
    return doc;
}

void json_text_quote_go(struct buf *out, struct slice s)
{
    static const char codes[] = "abtnvfr"; /* 0x07 to 0x0d */
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c >= 0x07 && c <= 0x0d)
            buf_addf(out, "\\%c", codes[c - 0x07]);
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\x%02x", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

void json_text_add_type_error(struct buf *out, yyjson_val *v, const char *into)
{
    static const char *const names[] = { [YYJSON_TYPE_BOOL] = "bool",
                                         [YYJSON_TYPE_NUM] = "number",
                                         [YYJSON_TYPE_STR] = "string",
                                         [YYJSON_TYPE_ARR] = "array",
                                         [YYJSON_TYPE_OBJ] = "object" };
    const char *name = yyjson_get_type(v) <= YYJSON_TYPE_OBJ ? names[yyjson_get_type(v)] : NULL;
    buf_addf(out, "json: cannot unmarshal %s into Go %s", name != NULL ? name : "value", into);
}
