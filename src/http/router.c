/* router.c - reads a request target and finds its route.
 * Not here: who may (identity.c), what happens then (api/).
 * Always: a path is cut into segments before it is decoded, so that %2F never becomes a separator.
 */
#include "http/router.h"

#include "base/check.h"

#define QUERY_MAX 64

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* {NULL, 0} at a % without two digits. */
static struct slice decoded(struct arena *a, struct slice s, bool plus_is_blank)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; p != NULL && i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1, low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0) return (struct slice){ 0 };
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        p[n++] = c;
    }
    return (struct slice){ p, n };
}

static int query_parse(struct arena *a, struct slice raw, struct target *out, struct error *e)
{
    struct param *v = arena_array(a, struct param, QUERY_MAX);
    if (v == NULL) return fail(e, ERR_LIMIT, "the query is too large");
    out->query = v;
    while (raw.n > 0) {
        struct slice value = slice_cut(&raw, '&'), name;
        struct param p;
        if (value.n == 0) continue;
        name = slice_cut(&value, '=');
        p = (struct param){ decoded(a, name, true), decoded(a, value, true) };
        if (p.name.p == NULL || p.value.p == NULL) continue;
        if (out->n_query == QUERY_MAX) return fail(e, ERR_LIMIT, "more than %d query parameters", QUERY_MAX);
        v[out->n_query++] = p;
    }
    return 0;
}

struct slice form_value(struct arena *a, struct slice body, struct slice name)
{
    struct target fields = { .n_query = 0 };
    struct error ignored = { 0 }; /* more fields than any form of ours has: those that fit are looked at */
    (void)query_parse(a, body, &fields, &ignored);
    for (size_t i = 0; i < fields.n_query; i++)
        if (slice_eq(fields.query[i].name, name)) return fields.query[i].value;
    return S("");
}

int target_parse(struct arena *a, struct slice raw, struct target *out, struct error *e)
{
    struct slice path, rest;

    *out = (struct target){ 0 };
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] <= ' ' || raw.p[i] > '~')
            return fail(e, ERR_SYNTAX, "bytes that are no printable ASCII in the path");
    raw = slice_upto(raw, slice_find_char(raw, '#'));
    path = slice_cut(&raw, '?');
    if (path.n == 0 || path.p[0] != '/') return fail(e, ERR_SYNTAX, "the request target is not an absolute path");
    if (decoded(a, path, false).p == NULL) return fail(e, ERR_SYNTAX, "bad %% escape in the path");
    rest = path;
    if (slice_cut_prefix(&rest, S("/i/"))) {
        struct slice key = slice_upto(rest, slice_find_char(rest, '/'));
        out->has_key = true;
        out->key = decoded(a, key, false);
        path = slice_from(rest, key.n);
    }
    while (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
    out->path = path.n == 0 ? S("/") : path;
    return query_parse(a, raw, out, e);
}

/* Segments are compared one by one; a {name} takes any that is not empty. */
static bool pattern_fits(struct slice pattern, struct slice path, struct slice captures[ROUTE_MAX_CAPTURES])
{
    size_t n = 0;
    while (pattern.n > 0 && path.n > 0) {
        struct slice want, have;
        pattern = slice_from(pattern, 1);
        path = slice_from(path, 1);
        want = slice_upto(pattern, slice_find_char(pattern, '/'));
        have = slice_upto(path, slice_find_char(path, '/'));
        if (slice_has_prefix(want, S("{"))) {
            if (have.n == 0) return false;
            CHECK(n < ROUTE_MAX_CAPTURES);
            captures[n++] = have;
        } else if (!slice_eq(want, have)) {
            return false;
        }
        pattern = slice_from(pattern, want.n);
        path = slice_from(path, have.n);
    }
    return pattern.n == 0 && path.n == 0;
}

const struct route *route_find(const struct route_table *t, enum method m, struct slice path,
                               struct slice captures[ROUTE_MAX_CAPTURES], bool *known)
{
    *known = false;
    for (size_t i = 0; i < t->n; i++) {
        if (!pattern_fits(slice_of(t->v[i].pattern), path, captures)) continue;
        *known = true;
        if (t->v[i].method == m) return &t->v[i];
        /* Alertmanager has no HEAD (R153). */
        if (m == METHOD_HEAD && t->v[i].method == METHOD_GET && t->v[i].style != STYLE_ALERTMANAGER) return &t->v[i];
    }
    return NULL;
}

void route_allow(const struct route_table *t, struct slice path, bool with_head, const char *separator, struct buf *out)
{
    struct slice captures[ROUTE_MAX_CAPTURES];
    for (size_t i = 0; i < t->n; i++) {
        if (!pattern_fits(slice_of(t->v[i].pattern), path, captures)) continue;
        if (out->len > 0) buf_add_str(out, separator);
        buf_add_str(out, method_name(t->v[i].method));
        if (with_head && t->v[i].method == METHOD_GET) buf_addf(out, "%s%s", separator, "HEAD");
    }
}

void captures_decode(struct arena *a, struct slice captures[ROUTE_MAX_CAPTURES])
{
    for (size_t i = 0; i < ROUTE_MAX_CAPTURES; i++) captures[i] = decoded(a, captures[i], false);
}
