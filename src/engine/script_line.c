/* script_line.c - the words of a script's line, and the small things they can be: times, durations, incidents. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/script_inner.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The text without its quotes: \" and \\ stand for themselves inside them. */
static struct slice unquoted(struct arena *a, struct slice raw)
{
    char *out = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '"') {
            inside = !inside;
            continue;
        }
        if (inside && raw.p[i] == '\\' && i + 1 < raw.n) i++;
        out[n++] = raw.p[i];
    }
    return (struct slice){ out, n };
}

/* One word from `at` on: up to a blank outside quotes. False: its quote never ends. */
static bool cut_word(struct slice text, size_t *at, struct slice *raw)
{
    bool inside = false;
    size_t from = *at;
    for (; *at < text.n && (inside || !is_blank(text.p[*at])); (*at)++) {
        if (inside && text.p[*at] == '\\' && *at + 1 < text.n) {
            (*at)++;
            continue;
        }
        if (text.p[*at] == '"') inside = !inside;
    }
    *raw = (struct slice){ text.p + from, *at - from };
    return !inside;
}

int line_split(struct line *l, struct slice text)
{
    size_t at = 0;
    for (;;) {
        while (at < text.n && is_blank(text.p[at])) at++;
        const unsigned col = (unsigned)at + 1;
        struct slice raw;
        if (at == text.n) break;
        if (!cut_word(text, &at, &raw))
            return fail_at(l->error, ERR_SYNTAX, l->number, col,
                           "this quote has no end: close it with \" on the same line");
        if (slice_eq(raw, S("#"))) break;
        if (l->n == 0 && raw.p[0] == '#') break;
        if (l->n == LINE_MAX_WORDS)
            return fail_at(l->error, ERR_LIMIT, l->number, col, "more than %d words in one line", LINE_MAX_WORDS);
        l->v[l->n++] = (struct word){ raw, unquoted(l->arena, raw), col, raw.p[0] == '"' };
        l->end = (unsigned)at + 1;
    }
    return 0;
}

const struct word *line_next(struct line *l)
{
    return l->at < l->n ? &l->v[l->at++] : NULL;
}

const struct word *line_peek(const struct line *l)
{
    return l->at < l->n ? &l->v[l->at] : NULL;
}

bool line_take(struct line *l, const char *keyword)
{
    const struct word *w = line_peek(l);
    if (w == NULL || w->quoted || !slice_eq(w->text, slice_of(keyword))) return false;
    l->at++;
    return true;
}

static int fail_here(struct line *l, size_t word, const char *fmt, va_list ap)
{
    char detail[sizeof l->error->detail];
    vsnprintf(detail, sizeof detail, fmt, ap);
    const unsigned col = word < l->n ? l->v[word].col : l->end;
    return fail_at(l->error, ERR_SYNTAX, l->number, col, "%s", detail);
}

int line_fail(struct line *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const int rc = fail_here(l, l->at > 0 ? l->at - 1 : 0, fmt, ap);
    va_end(ap);
    return rc;
}

int line_fail_next(struct line *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const int rc = fail_here(l, l->at, fmt, ap);
    va_end(ap);
    return rc;
}

int line_end(struct line *l, const char *form)
{
    const struct word *w = line_peek(l);
    if (w == NULL) return 0;
    return line_fail_next(l, "\"%.*s\" is too much here; expected: %s", (int)w->raw.n, w->raw.p, form);
}

/* --- small things --- */

/* ".5", ".25", ".999": a fraction of a second in ms; nothing is 0. */
static bool cut_fraction(struct slice *s, int64_t *ms)
{
    int64_t value = 0, unit = 100;
    if (!slice_cut_prefix(s, S("."))) return true;
    size_t digits = 0;
    for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9' && digits < 3; digits++) {
        value += (s->p[0] - '0') * unit;
        unit /= 10;
        *s = slice_from(*s, 1);
    }
    *ms = value;
    return digits > 0;
}

bool read_time(struct slice s, int64_t *t)
{
    int64_t part[3] = { 0 }, ms = 0;
    size_t n = 0;
    if (!slice_cut_prefix(&s, S("T+"))) return false;
    do {
        if (n == COUNT_OF(part) || !slice_cut_uint(&s, &part[n]) || part[n] > SCRIPT_MAX_MS / SECOND) return false;
        n++;
    } while (slice_cut_prefix(&s, S(":")));
    if (n < 2 || part[n - 1] > 59 || (n == 3 && part[1] > 59) || !cut_fraction(&s, &ms) || s.n > 0) return false;
    const int64_t hours = n == 3 ? part[0] : 0;
    *t = hours * HOUR + part[n - 2] * MINUTE + part[n - 1] * SECOND + ms;
    return *t <= SCRIPT_MAX_MS;
}

bool read_duration(struct slice s, int64_t *ms)
{
    static const struct {
        struct slice unit;
        int64_t ms;
    } units[] = {
        { { "ms", 2 }, 1 }, { { "s", 1 }, SECOND }, { { "m", 1 }, MINUTE }, { { "h", 1 }, HOUR }, { { "d", 1 }, DAY },
    };
    int64_t total = 0, n;
    if (s.n == 0) return false;
    while (s.n > 0) {
        size_t u = 0;
        if (!slice_cut_uint(&s, &n) || n > SCRIPT_MAX_MS) return false;
        while (u < COUNT_OF(units) && !slice_cut_prefix(&s, units[u].unit)) u++;
        if (u == COUNT_OF(units) || n > SCRIPT_MAX_MS / units[u].ms) return false;
        total += n * units[u].ms;
        if (total > SCRIPT_MAX_MS) return false;
    }
    *ms = total;
    return true;
}

bool read_incident(const struct word *w, incident_id *id)
{
    struct slice s = w->text;
    return !w->quoted && slice_cut_prefix(&s, S("INC-")) && slice_cut_uint(&s, id) && s.n == 0 && *id > 0;
}

void script_print_time(int64_t t, struct buf *out)
{
    const int64_t hours = t / HOUR;
    buf_add(out, S("T+"));
    if (hours > 0) {
        buf_add_int(out, hours);
        buf_add_char(out, ':');
    }
    buf_add_uint_pad(out, (uint64_t)(t % HOUR / MINUTE), 2);
    buf_add_char(out, ':');
    buf_add_uint_pad(out, (uint64_t)(t % MINUTE / SECOND), 2);
    buf_add_char(out, '.');
    buf_add_uint_pad(out, (uint64_t)(t % SECOND), 3);
}
