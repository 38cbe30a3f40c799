/* problems.c - the list behind problems.h. */
#include "site/problems.h"

#include <stdarg.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"

struct problems {
    struct arena *a; /* without a limit: PROBLEMS_MAX bounds it */
    VEC(struct problem) list;
    size_t errors, warnings;
};

struct problems *problems_create(void)
{
    struct problems *p = mem_alloc(sizeof *p);

    p->a = arena_create(0);
    return p;
}

void problems_destroy(struct problems **p)
{
    if (*p == NULL) return;
    arena_destroy(&(*p)->a);
    vec_release(&(*p)->list);
    mem_free(*p);
    *p = NULL;
}

void problems_clear(struct problems *p)
{
    vec_clear(&p->list);
    p->errors = p->warnings = 0;
    arena_reset(p->a);
}

/* Names of the user may hold any byte and are cut to a length: a line stays a line of UTF-8. */
static void odd_bytes_hide(struct buf *text)
{
    size_t bad;

    for (size_t i = 0; i < text->len; i++)
        if ((unsigned char)text->p[i] < 0x20 || text->p[i] == 0x7f) text->p[i] = '?';
    while (!slice_is_utf8(buf_slice(text), &bad)) text->p[bad] = '?';
}

static void problem_add(struct problems *p, struct problem one, const char *fmt, va_list ap)
{
    struct buf text = { .max = 4096 };

    if (p->list.n == PROBLEMS_MAX) return;
    buf_vaddf(&text, fmt, ap);
    odd_bytes_hide(&text);
    one.text = arena_copy(p->a, buf_slice(&text));
    one.at.file = arena_copy(p->a, one.at.file);
    *vec_push(&p->list) = one;
    buf_release(&text);
}

void problem_error(struct problems *p, struct place at, const char *fmt, ...)
{
    va_list ap;

    p->errors++;
    va_start(ap, fmt);
    problem_add(p, (struct problem){ .kind = PROBLEM_ERROR, .at = at }, fmt, ap);
    va_end(ap);
}

void problem_warn(struct problems *p, struct place at, const char *code, const char *fmt, ...)
{
    va_list ap;

    p->warnings++;
    va_start(ap, fmt);
    problem_add(p, (struct problem){ .kind = PROBLEM_WARNING, .at = at, .code = slice_of(code) }, fmt, ap);
    va_end(ap);
}

static int place_compare(const void *a, const void *b, void *ctx)
{
    const struct place *x = &((const struct problem *)a)->at, *y = &((const struct problem *)b)->at;

    (void)ctx;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return x->col < y->col ? -1 : x->col > y->col;
}

void problems_sort(struct problems *p, size_t first)
{
    if (first + 1 >= p->list.n) return;
    sort_stable(p->list.v + first, p->list.n - first, sizeof *p->list.v, place_compare, NULL);
}

size_t problems_count(const struct problems *p)
{
    return p->list.n;
}

const struct problem *problems_at(const struct problems *p, size_t i)
{
    CHECK(i < p->list.n);
    return &p->list.v[i];
}

size_t problems_errors(const struct problems *p)
{
    return p->errors;
}

size_t problems_warnings(const struct problems *p)
{
    return p->warnings;
}

static struct slice kind_name(enum problem_kind kind)
{
    switch (kind) {
    case PROBLEM_UNSET: break;
#define X(sym, code, text) \
    case PROBLEM_##sym: return S(text);
        PROBLEM_KINDS(X)
#undef X
    }
    return S("problem");
}

void problem_print(const struct problem *one, struct buf *out)
{
    buf_add(out, one->at.file);
    if (one->at.line > 0) buf_addf(out, ":%u", one->at.line);
    if (one->at.line > 0 && one->at.col > 0) buf_addf(out, ":%u", one->at.col);
    buf_add(out, S(": "));
    buf_add(out, kind_name(one->kind));
    buf_add(out, S(": "));
    if (one->code.n > 0) {
        buf_add(out, one->code);
        buf_add(out, S(": "));
    }
    buf_add(out, one->text);
}

void problems_print(const struct problems *p, struct buf *out)
{
    size_t left_out = p->errors + p->warnings - p->list.n;

    for (size_t i = 0; i < p->list.n; i++) {
        problem_print(&p->list.v[i], out);
        buf_add_char(out, '\n');
    }
    if (left_out > 0) buf_addf(out, "and %zu more\n", left_out);
}
