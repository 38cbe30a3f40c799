/* paste.c - lines to paste: which suggestions are one, and how it is indented.
 * Not here: what to suggest (the section compilers). */
#include "procedures/paste.h"

#include "base/buf.h"
#include "base/check.h"
#include "procedures/blocks.h"

enum paste paste_of(struct slice suggestion, struct slice raw)
{
    static const struct slice begins[] = { S("- "), S("1. "), S("# "), S("## "), S("### "), S("| "), S("**") };
    raw = slice_trim(raw);
    const bool row = slice_has_prefix(raw, S("|")), heading = slice_has_prefix(raw, S("#"));
    if (row != slice_has_prefix(suggestion, S("|")) || (heading && !slice_has_prefix(suggestion, S("#"))))
        return PASTE_NOT;
    for (size_t i = 0; i < COUNT_OF(begins); i++)
        if (slice_has_prefix(suggestion, begins[i])) return PASTE_LINE;
    return PASTE_NOT;
}

/* "  3. " of "  3. Ring": blanks and a list mark; without the mark of a quote behind it. */
static struct slice mark_of(struct slice raw, struct slice *indent)
{
    int64_t number;
    size_t blanks = 0;
    while (blanks < raw.n && (raw.p[blanks] == ' ' || raw.p[blanks] == '\t')) blanks++;
    *indent = slice_upto(raw, blanks);
    struct slice rest = slice_from(raw, blanks);
    size_t marker = ordered_marker(rest, &number);
    if (marker == 0 && rest.n > 1 && slice_find_char(S("-*+"), rest.p[0]) < 3 && rest.p[1] == ' ') marker = 2;
    return slice_upto(rest, marker);
}

bool diagnostic_replacement(const struct compiled *c, const struct diagnostic *d, struct buf *out)
{
    struct slice text = d->suggestion, indent, mark = mark_of(compiled_line_raw(c, d->line), &indent);
    if (d->paste == PASTE_NOT) return false;
    if (!slice_has_prefix(text, S("#"))) buf_add(out, indent);
    if (d->paste == PASTE_LINE && mark.n > 0 && (slice_cut_prefix(&text, S("- ")) || slice_cut_prefix(&text, S("1. "))))
        buf_add(out, mark);
    buf_add(out, text);
    return true;
}
