/* plain.c - alerts as Prometheus and its like write them, read without a tree.
 * Not here: anything unusual, anything to be refused: that is left to alertmanager.c as a whole.
 * Always: nothing is taken that the full reader would not take in the same way. tests/fuzz/fuzz_alertmanager.c compares.
 */
#include "ingest/plain.h"

#include <endian.h>

#include "ingest/draft.h"
#include "ingest/known.h"

struct cursor {
    const char *at, *end;
    struct arena *arena;
    bool escapes; /* of the alert: a text holds what JSON has to escape */
};

struct plain {
    struct cursor c;
    struct buf json; /* of one alert's annotations */
    struct read_before starts, ends;
    struct signal *v;
    struct known_said *said;
    size_t n, max;
};

/* ---- texts ---- */

/* How many bytes at the start are printable ASCII other than quote and backslash (DEL counts as printable). */
static size_t plain_run(const char *p, const char *end)
{
    const uint64_t each = UINT64_C(0x0101010101010101), high = each * 0x80;
    const char *at = p;
    for (uint64_t v; end - at >= (ptrdiff_t)sizeof v; at += sizeof v) {
        memcpy(&v, at, sizeof v);
        v = le64toh(v);
        const uint64_t quote = v ^ each * '"', escape = v ^ each * '\\';
        const uint64_t odd = ((v - each * 0x20) | (quote - each) | (escape - each) | v) & high;
        if (odd != 0) return (size_t)(at - p) + (size_t)__builtin_ctzll(odd) / 8; /* the first one is exact */
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\') at++;
    return (size_t)(at - p);
}

/* What \c stands for; 0: nothing that is known here. */
static char escaped(char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    }
    return 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The escape at the start of *s, cut off: one ASCII character; 0: it is something else. */
static char escape_cut(struct slice *s)
{
    char c = s->n < 2 ? '\0' : escaped(s->p[1]);
    size_t n = 2;
    if (c == '\0' && s->n >= 6 && s->p[1] == 'u' && s->p[2] == '0' && s->p[3] == '0') {
        const int high = hex_digit(s->p[4]), low = hex_digit(s->p[5]);
        if (high >= 0 && high < 8 && low >= 0) c = (char)(high * 16 + low);
        n = 6;
    }
    *s = slice_from(*s, n);
    return c;
}

static bool text_unescape(struct cursor *c, struct slice raw, struct slice *out)
{
    char *to = arena_alloc(c->arena, raw.n), *at = to;
    if (to == NULL) return false;
    while (raw.n > 0) {
        const size_t n = slice_find_char(raw, '\\');
        memcpy(at, raw.p, n);
        at += n;
        raw = slice_from(raw, n);
        if (raw.n == 0) break;
        *at = escape_cut(&raw);
        if (*at == '\0') return false;
        if ((unsigned char)*at < 0x20 || *at == '"' || *at == '\\') c->escapes = true;
        at++;
    }
    *out = (struct slice){ to, (size_t)(at - to) };
    return true;
}

/* Behind the opening quote: UTF-8, escapes. */
static bool text_take_odd(struct cursor *c, struct slice *out)
{
    const struct slice rest = { c->at, (size_t)(c->end - c->at) };
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '"' && (unsigned char)rest.p[n] >= 0x20) n += rest.p[n] == '\\' ? 2 : 1;
    if (n >= rest.n || rest.p[n] != '"') return false;
    *out = slice_upto(rest, n);
    c->at += n + 1;
    if (!slice_is_utf8(*out, NULL)) return false;
    return slice_find_char(*out, '\\') == n || text_unescape(c, *out, out);
}

static inline void blanks_take(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r')) c->at++;
}

static inline bool mark_take(struct cursor *c, char mark)
{
    if (c->at < c->end && *c->at != mark) blanks_take(c);
    if (c->at == c->end || *c->at != mark) return false;
    c->at++;
    return true;
}

static bool text_take(struct cursor *c, struct slice *out)
{
    size_t n;
    if (!mark_take(c, '"')) return false;
    n = plain_run(c->at, c->end);
    if (c->at + n == c->end || c->at[n] != '"') return text_take_odd(c, out);
    *out = (struct slice){ c->at, n };
    c->at += n + 1;
    return true;
}

/* ---- alerts ---- */

static bool set_take(struct cursor *c, struct draft *d, struct label_set *to)
{
    struct label l;
    if (!mark_take(c, '{')) return false;
    if (mark_take(c, '}')) return true;
    do {
        if (!text_take(c, &l.name) || !mark_take(c, ':') || !text_take(c, &l.value)) return false;
        draft_put(d, to, l);
    } while (mark_take(c, ','));
    return mark_take(c, '}');
}

static bool labels_take(struct plain *p, struct draft *d)
{
    const bool before = p->c.escapes;
    const bool taken = set_take(&p->c, d, &d->labels);
    p->c.escapes = before; /* labels are not written as JSON here */
    return taken;
}

static bool annotations_take(struct plain *p, struct draft *d)
{
    return set_take(&p->c, d, &d->annotations);
}

static bool starts_take(struct plain *p, struct draft *d)
{
    struct error e;
    struct slice text;
    return text_take(&p->c, &text) && time_read(&p->starts, text, &d->starts, &e) == 0;
}

static bool ends_take(struct plain *p, struct draft *d)
{
    struct error e;
    struct slice text;
    d->n_ends++;
    return text_take(&p->c, &text) && time_read(&p->ends, text, &d->ends, &e) == 0;
}

static bool url_take(struct plain *p, struct draft *d)
{
    return text_take(&p->c, &d->url) && draft_url_is_uri(d->url);
}

enum { LABELS = 1 }; /* the bit of the first row */

static const struct {
    struct slice key;
    bool (*take)(struct plain *p, struct draft *d);
} members[] = {
    { { "labels", 6 }, labels_take }, /* first */
    { { "annotations", 11 }, annotations_take },
    { { "endsAt", 6 }, ends_take },
    { { "startsAt", 8 }, starts_take },
    { { "generatorURL", 12 }, url_take },
};

/* Each key at most once. */
static bool member_take(struct plain *p, struct draft *d, unsigned *seen)
{
    struct slice key;
    if (!text_take(&p->c, &key) || !mark_take(&p->c, ':')) return false;
    for (unsigned i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!slice_eq(key, members[i].key)) continue;
        if ((*seen & 1u << i) != 0) return false;
        *seen |= 1u << i;
        return members[i].take(p, d);
    }
    return false;
}

static bool alert_take(struct plain *p, struct draft *d)
{
    unsigned seen = 0;
    draft_begin(d);
    p->c.escapes = false;
    if (!mark_take(&p->c, '{')) return false;
    do {
        if (!member_take(p, d, &seen)) return false;
    } while (mark_take(&p->c, ','));
    d->escapes = p->c.escapes;
    return (seen & LABELS) != 0 && mark_take(&p->c, '}') && draft_judge(d).what == NULL;
}

static bool make_room(struct plain *p)
{
    const size_t max = p->max == 0 ? 8 : p->max * 2;
    struct signal *v = arena_array(p->c.arena, struct signal, max);
    struct known_said *said = arena_array(p->c.arena, struct known_said, max);
    if (v == NULL || said == NULL) return false;
    if (p->n > 0) {
        memcpy(v, p->v, p->n * sizeof *v);
        memcpy(said, p->said, p->n * sizeof *said);
    }
    p->v = v;
    p->said = said;
    p->max = max;
    return true;
}

static bool list_take(struct plain *p)
{
    struct draft d;
    if (!mark_take(&p->c, '[')) return false;
    do {
        if (p->n == p->max && !make_room(p)) return false;
        if (!alert_take(p, &d) || !draft_signal(p->c.arena, &p->json, &d, &p->v[p->n])) return false;
        p->said[p->n++] = (struct known_said){ .starts = d.starts, .ends = d.n_ends };
    } while (mark_take(&p->c, ','));
    if (!mark_take(&p->c, ']')) return false;
    blanks_take(&p->c);
    return p->c.at == p->c.end;
}

bool plain_read(struct arena *a, struct slice body, struct known *known, struct signal **v, size_t *n)
{
    struct plain p = { .c = { .at = body.p, .end = body.p + body.n, .arena = a },
                       .json = { .max = ALERT_MAX_BODY * 6 } };
    const bool taken = list_take(&p);

    buf_release(&p.json);
    if (!taken) return false;
    signals_fingerprint(p.v, p.n);
    for (size_t i = 0; i < p.n; i++) known_keep(known, i, &p.v[i], &p.said[i]);
    *v = p.v;
    *n = p.n;
    return true;
}
