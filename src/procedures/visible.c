/* visible.c - replaces what a screen would obey. */
#include "procedures/visible.h"

#define REPLACEMENT S("\xef\xbf\xbd")

static bool is_obeyed(int32_t rune)
{
    if (rune == '\t') return false;
    if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) return true;
    return (rune >= 0x202a && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069) || rune == 0x200e || rune == 0x200f;
}

static struct slice entity(int32_t rune)
{
    switch (rune) {
    case '&': return S("&amp;");
    case '<': return S("&lt;");
    case '>': return S("&gt;");
    case '"': return S("&quot;");
    case '\'': return S("&#39;");
    }
    return (struct slice){ 0 };
}

static void add(struct buf *out, struct slice s, bool html)
{
    while (s.n > 0) {
        struct slice rest = s, special;
        int32_t rune = slice_cut_rune(&rest);
        special = html ? entity(rune) : (struct slice){ 0 };
        if (is_obeyed(rune)) special = REPLACEMENT;
        buf_add(out, special.n > 0 ? special : slice_upto(s, s.n - rest.n));
        s = rest;
    }
}

void visible_add(struct buf *out, struct slice s)
{
    add(out, s, false);
}

void visible_add_html(struct buf *out, struct slice s)
{
    add(out, s, true);
}
