/* diagnose.c - helpers of the section compilers: marking lines, diagnostics, ids, texts. */
#include <string.h>

#include "base/buf.h"
#include "procedures/compiler.h"
#include "procedures/merge.h"
#include "procedures/paste.h"

/* A message that would repeat more of the document than a person reads is replaced; other texts have room for a line. */
enum { SLUG_MAX = 80, MESSAGE_MAX = 1000, TEXT_MAX = 4 << 20 };

bool section_next(const struct compiler *c, const struct section *s, size_t *at)
{
    int self = (int)(s - c->sections.v);
    for (size_t i = *at + 1; i < s->end; i++) {
        if (c->sections.of_node[i] != self) continue;
        *at = i;
        return true;
    }
    return false;
}

struct node node_line(struct compiler *c, const struct node *n, unsigned i)
{
    struct node out = *n;
    struct slice text = slice_trim(source_line(c->source, n->line + i)->text);
    out.line = out.last = n->line + i;
    out.col = source_column(c->source, out.line, text.p);
    out.text = out.rest = text_plain(c->arena, text);
    out.label = (struct slice){ 0 };
    out.labelled = false;
    return out;
}

void mark_line(struct compiler *c, unsigned line, enum line_class class)
{
    if (c->set != NULL) return;
    uint8_t *slot = &c->classes[line - 1];
    if (*slot != CLASS_REJECTED) *slot = (uint8_t) class;
}

void mark(struct compiler *c, const struct node *n, enum line_class class)
{
    for (unsigned line = n->line; line <= n->last; line++) mark_line(c, line, class);
}

struct slice text_make(struct compiler *c, const char *fmt, ...)
{
    struct buf text = { .max = TEXT_MAX };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    struct slice kept = arena_copy(c->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

struct slice line_named(struct compiler *c, unsigned here, unsigned line)
{
    const size_t file = POLICY_FILE(line);
    if (c->set == NULL || file == POLICY_FILE(here)) return text_make(c, "line %u", POLICY_LINE(line));
    const struct slice name = c->set->docs[file]->file_name;
    return text_make(c, "%.*s:%u", (int)name.n, name.p, POLICY_LINE(line));
}

struct slice duration_text(struct compiler *c, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *one;
    } scale[] = {
        { DAY, "day" },
        { HOUR, "hour" },
        { MINUTE, "minute" },
        { SECOND, "second" },
    };
    for (size_t i = 0; i < COUNT_OF(scale); i++) {
        if (ms < scale[i].ms || ms % scale[i].ms != 0) continue;
        int64_t n = ms / scale[i].ms;
        return text_make(c, "%lld %s%s", (long long)n, scale[i].one, n == 1 ? "" : "s");
    }
    return text_make(c, "%lld ms", (long long)ms);
}

static enum diagnostic_level level_of(const struct compiler *c, const char *code)
{
    bool strict_error = c->options.strict && strcmp(code, "W-CLOCK-LOST") == 0;
    if (code[0] == 'E' || strict_error) return DIAGNOSTIC_ERROR;
    return code[0] == 'W' ? DIAGNOSTIC_WARNING : DIAGNOSTIC_NOTE;
}

static const struct source *source_of(const struct compiler *c, unsigned line)
{
    return c->set == NULL ? c->source : c->set->docs[POLICY_FILE(line)]->source;
}

struct slice line_text(const struct compiler *c, unsigned line)
{
    const struct source *source = source_of(c, line);
    const unsigned number = (unsigned)POLICY_LINE(line);
    return number == 0 || number > source->n ? (struct slice){ 0 } : source_line(source, number)->text;
}

/* Where the span begins: in the raw line when the text was not copied, else at the node's text. */
static void place(const struct compiler *c, struct at at, struct diagnostic *d)
{
    static const struct line none = { .runs = 0 }; /* of an empty document */
    const struct source *source = source_of(c, at.node->line);
    const unsigned number = (unsigned)POLICY_LINE(at.node->line);
    const struct line *line = number == 0 || number > source->n ? &none : source_line(source, number);
    uintptr_t begin = (uintptr_t)line->text.p, here = (uintptr_t)at.span.p;
    d->line = at.node->line;
    d->col = at.node->col == 0 ? 1 : at.node->col;
    d->width = 1;
    if (at.span.p != NULL && here >= begin && here <= begin + line->text.n) {
        unsigned end = source_column(source, number, at.span.p + at.span.n);
        d->col = source_column(source, number, at.span.p);
        d->width = end > d->col ? end - d->col : 1;
    } else if (line->raw.n >= d->col) {
        d->width = (unsigned)line->raw.n - d->col + 1;
    }
}

struct diagnostic *diagnose(struct compiler *c, struct at at, const char *code, struct slice suggestion,
                            const char *fmt, ...)
{
    struct buf text = { .max = MESSAGE_MAX };
    struct diagnostic d = { .level = level_of(c, code), .code = slice_of(code), .suggestion = suggestion };
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&text, fmt, ap);
    va_end(ap);
    d.message = text.overflow ? S("this line cannot be read; it is too long to say how")
                              : arena_copy(c->arena, buf_slice(&text));
    if (d.suggestion.n > MESSAGE_MAX) d.suggestion = (struct slice){ 0 };
    d.last = (unsigned)POLICY_LINE(at.node->last);
    buf_release(&text);
    place(c, at, &d);
    d.paste = paste_of(d.suggestion, line_text(c, d.line));
    if (d.level == DIAGNOSTIC_ERROR) mark(c, at.node, CLASS_REJECTED);
    *vec_push(&c->diagnostics) = d;
    return &c->diagnostics.v[c->diagnostics.n - 1];
}

struct slice line_with(struct compiler *c, unsigned line, struct slice written, struct slice meant)
{
    struct slice text = line_text(c, line);
    const uintptr_t begin = (uintptr_t)text.p, here = (uintptr_t)written.p;
    const bool inside = here >= begin && here + written.n <= begin + text.n;
    const size_t at = inside ? here - begin : slice_find(text, written), behind = at + written.n;
    if (at == text.n || text.n > MESSAGE_MAX) return (struct slice){ 0 };
    return text_make(c, "%.*s%.*s%.*s", (int)at, text.p, (int)meant.n, meant.p, (int)(text.n - behind),
                     text.p + behind);
}

void offer_line(struct diagnostic *d, struct slice line)
{
    if (line.n == 0 || line.n > MESSAGE_MAX) return;
    d->suggestion = slice_trim(line);
    d->paste = PASTE_WHOLE;
    d->last = (unsigned)POLICY_LINE(d->line);
}

void interpret(struct compiler *c, unsigned line, const char *code, const char *reading, const char *rejected,
               const char *explicit_form)
{
    *vec_push(&c->interpretations) = (struct interpretation){
        .code = slice_of(code),
        .line = line,
        .reading = slice_of(reading),
        .rejected = slice_of(rejected),
        .explicit_form = slice_of(explicit_form),
    };
}

void warn_clock_lost(struct compiler *c, const struct node *n, const char *read_as, struct slice suggestion)
{
    size_t at;
    if (!has_clock(n->text, &at)) return;
    diagnose(c, (struct at){ n, slice_from(n->text, at) }, "W-CLOCK-LOST", suggestion,
             "this holds a clock or a comparison that no pattern reads; it is taken as %s", read_as);
}

struct slice slug_of(struct arena *a, struct slice text)
{
    char *out = arena_alloc(a, SLUG_MAX + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < SLUG_MAX; i++) {
        char c = text.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        bool keeps = (c >= 'a' && c <= 'z') || is_digit(c);
        if (keeps)
            out[n++] = c;
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-') n--;
    return n == 0 ? S("item") : (struct slice){ out, n };
}

static struct slice id_key(struct compiler *c, const char *list, struct slice id)
{
    return text_make(c, "%s:%.*s", list, (int)id.n, id.p);
}

struct slice id_make(struct compiler *c, const char *list, const struct node *n, struct slice path, struct slice text)
{
    struct slice slug = text_cut(n->id.n > 0 ? n->id : slug_of(c->arena, text), SLUG_MAX), base = slug, id;
    path = text_cut(path, SLUG_MAX);
    int64_t taken = 1;
    if (path.n > 0 && n->id.n == 0) base = text_make(c, "%.*s/%.*s", (int)path.n, path.p, (int)slug.n, slug.p);
    id = base;
    bool twice = smap_get(c->ids, id_key(c, list, base), &taken);
    if (twice && n->id.n > 0) /* an id made of words may be counted up; a written one was meant to be found again */
        diagnose(c, (struct at){ n, { 0 } }, "E-ID-TWICE", S("give each item an id of its own"),
                 "the id \"%.*s\" stands twice", (int)slug.n, slug.p);
    while (twice && smap_get(c->ids, id_key(c, list, id), NULL))
        id = text_make(c, "%.*s-%lld", (int)base.n, base.p, (long long)++taken);
    if (twice) smap_put(c->ids, id_key(c, list, base), taken); /* the next one begins to count here */
    smap_put(c->ids, id_key(c, list, id), 1);
    node_keep(c, list, id, n);
    return id;
}

const void *vec_keep_bytes(struct compiler *c, const void *v, size_t n, size_t size)
{
    void *out = arena_alloc(c->arena, n * size + 1);
    if (n > 0) memcpy(out, v, n * size);
    return out;
}
