/* table.c - columns for people. */
#include "base/arena.h"
#include "base/check.h"
#include "base/vec.h"
#include "cli/screen.h"

#define GAP 2 /* blanks between two columns */

struct cell {
    struct slice text;
    enum colour colour;
};

struct table {
    struct arena *arena;
    const char *const *heads;
    size_t columns;
    VEC(struct cell) cells;
};

struct table *table_create(const char *const *heads, size_t columns)
{
    struct table *t = mem_alloc(sizeof *t);
    t->arena = arena_create(0);
    t->heads = heads;
    t->columns = columns;
    return t;
}

void table_destroy(struct table **t)
{
    if (*t == NULL) return;
    vec_release(&(*t)->cells);
    arena_destroy(&(*t)->arena);
    mem_free(*t);
    *t = NULL;
}

/* A row is one line, whatever a sender wrote. */
void table_cell(struct table *t, enum colour c, struct slice text)
{
    char *kept = arena_str(t->arena, text);
    for (size_t i = 0; i < text.n; i++)
        if (kept[i] == '\n') kept[i] = ' ';
    *vec_push(&t->cells) = (struct cell){ { kept, text.n }, c };
}

size_t table_rows(const struct table *t)
{
    return t->cells.n / t->columns;
}

static size_t column_width(const struct table *t, size_t column)
{
    size_t width = screen_width(slice_of(t->heads[column]));
    for (size_t i = column; i < t->cells.n; i += t->columns)
        if (screen_width(t->cells.v[i].text) > width) width = screen_width(t->cells.v[i].text);
    return width;
}

static void print_row(const struct table *t, struct screen *s, const char *indent, const struct cell *row,
                      const size_t *widths)
{
    buf_add_str(&s->out, indent);
    for (size_t c = 0; c < t->columns; c++) {
        screen_coloured(s, row[c].colour, row[c].text);
        for (size_t n = screen_width(row[c].text); c + 1 < t->columns && n < widths[c] + GAP; n++)
            buf_add_char(&s->out, ' ');
    }
    while (s->out.len > 0 && s->out.p[s->out.len - 1] == ' ') s->out.len--; /* no blanks at the end of a line */
    buf_add_char(&s->out, '\n');
}

void table_print(const struct table *t, struct screen *s, const char *indent)
{
    struct arena *a = arena_create(0);
    size_t *widths = arena_array(a, size_t, t->columns);
    struct cell *head = arena_array(a, struct cell, t->columns);
    CHECK(t->cells.n % t->columns == 0);
    for (size_t c = 0; c < t->columns; c++) {
        widths[c] = column_width(t, c);
        head[c] = (struct cell){ slice_of(t->heads[c]), COLOUR_FAINT };
    }
    print_row(t, s, indent, head, widths);
    for (size_t i = 0; i < t->cells.n; i += t->columns) print_row(t, s, indent, &t->cells.v[i], widths);
    arena_destroy(&a);
}
