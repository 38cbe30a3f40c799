/* heads.c - completes the numbers of a table's row by the units of its heads, and frees the heads of them.
 * Not here: what a column means (each section's tables). */
#include "procedures/heads.h"

#include "base/arena.h"
#include "base/buf.h"
#include "procedures/document.h"
#include "procedures/scan.h"

enum { COLUMNS_MAX = 16, CELL_MAX = 40 };

/* "minutes", "in minutes", "min", "%"; not "s" or "15 min". */
static bool is_unit(struct slice s)
{
    struct duration one;
    scan_word(&s, S("in"));
    s = slice_trim(s);
    return slice_eq(s, S("%")) || (s.n > 1 && scan_unit(&s, &one) && scan_end(s));
}

/* The unit of a head, in brackets at its end, behind "in", or the whole of it; and the head without it. */
static struct slice unit_of(struct slice head, struct slice *bare)
{
    const size_t open = slice_find_char(head, '('), in = find_phrase(head, S("in"));
    struct slice unit = { 0 }, word = head;
    *bare = head;
    if (open > 0 && open < head.n && slice_has_suffix(head, S(")"))) {
        unit = (struct slice){ head.p + open + 1, head.n - open - 2 };
        *bare = slice_trim(slice_upto(head, open));
    } else if (in < head.n && in > 0) {
        unit = slice_from(head, in);
        *bare = slice_trim(slice_upto(head, in));
    } else if ((scan_word(&word, S("minutes")) || scan_word(&word, S("minute"))) && word.n == 0) {
        unit = head;
    }
    if (!is_unit(unit)) {
        *bare = head;
        return (struct slice){ 0 };
    }
    scan_word(&unit, S("in"));
    return slice_trim(unit);
}

/* "15", "< 15", "15-30", "30+": a number that lacks nothing but its unit. */
static bool is_bare_number(struct slice s)
{
    enum comparison cmp;
    int64_t number;
    scan_comparison(&s, &cmp);
    if (!scan_number(&s, &number)) return false;
    if (scan_char(&s, '+')) return scan_end(s);
    if (scan_word(&s, S("to")) || scan_separator(&s)) return scan_number(&s, &number) && scan_end(s);
    return slice_trim(s).n == 0;
}

static void cell_add(struct buf *out, struct slice cell)
{
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '|') buf_add_char(out, '\\');
        buf_add_char(out, cell.p[i]);
    }
}

struct slice heads_without_units(struct arena *a, struct slice header)
{
    struct slice heads[COLUMNS_MAX + 1], bare;
    const size_t n = row_cells(a, header, heads, COLUMNS_MAX + 1);
    struct buf out = { .max = 2 * header.n + 4 * COLUMNS_MAX };
    bool any = false;
    for (size_t i = 0; i < n && n <= COLUMNS_MAX; i++) {
        any |= unit_of(heads[i], &bare).n > 0;
        buf_add_str(&out, "| ");
        cell_add(&out, bare);
    }
    const struct slice made = any ? arena_copy(a, buf_slice(&out)) : header;
    buf_release(&out);
    return made;
}

struct slice row_with_units(struct arena *a, struct slice header, struct slice row)
{
    struct slice heads[COLUMNS_MAX], cells[COLUMNS_MAX + 1], bare;
    const size_t n_heads = row_cells(a, header, heads, COLUMNS_MAX), n = row_cells(a, row, cells, COLUMNS_MAX + 1);
    struct buf out = { .max = 2 * row.n + COLUMNS_MAX * CELL_MAX };
    bool any = false;
    for (size_t i = 0; i < n && n <= COLUMNS_MAX; i++) {
        const struct slice unit = i < n_heads ? unit_of(heads[i], &bare) : (struct slice){ 0 };
        buf_add_str(&out, "| ");
        cell_add(&out, cells[i]);
        if (unit.n > 0 && unit.n < CELL_MAX && is_bare_number(cells[i])) {
            buf_add_char(&out, ' ');
            buf_add(&out, unit);
            any = true;
        }
    }
    const struct slice made = any && !out.overflow ? arena_copy(a, buf_slice(&out)) : row;
    buf_release(&out);
    return made;
}
