/* blocks.c - masks the document, lets cmark-gfm find its blocks, and lists them flat. */
#include "procedures/blocks.h"

#include <cmark-gfm.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(struct slice text, size_t at)
{
    while (at < text.n && is_blank(text.p[at])) at++;
    return at;
}

static bool all_of(struct slice text, struct slice set)
{
    for (size_t i = 0; i < text.n; i++)
        if (slice_find_char(set, text.p[i]) == set.n) return false;
    return true;
}

bool is_break_line(struct slice text)
{
    size_t marks = 0;
    text = slice_trim(text);
    if (text.n < 3 || slice_find_char(S("-*_"), text.p[0]) == 3) return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == text.p[0])
            marks++;
        else if (!is_blank(text.p[i]))
            return false;
    }
    return marks >= 3;
}

size_t ordered_marker(struct slice text, int64_t *number)
{
    struct slice rest = text;
    if (!slice_cut_uint(&rest, number)) return 0;
    size_t at = text.n - rest.n;
    if (at > 9 || at >= text.n || (text.p[at] != '.' && text.p[at] != ')')) return 0;
    at++;
    if (at < text.n && !is_blank(text.p[at])) return 0;
    return skip_blanks(text, at);
}

static size_t marker_length(struct slice text)
{
    int64_t number;
    if (text.n == 0) return 0;
    if (text.p[0] == '>') return skip_blanks(text, 1);
    if (slice_find_char(S("-*+"), text.p[0]) < 3 && (text.n == 1 || is_blank(text.p[1]))) return skip_blanks(text, 1);
    return ordered_marker(text, &number);
}

/* `- > 90% CPU`: CommonMark reads a quote in the item; who wrote it meant "more than", and a rule would be lost (G5). */
static bool is_more_than(struct slice rest)
{
    size_t at = 1;
    if (rest.n == 0 || rest.p[0] != '>') return false;
    if (at < rest.n && rest.p[at] == '=') at++;
    at = skip_blanks(rest, at);
    return at < rest.n && rest.p[at] >= '0' && rest.p[at] <= '9';
}

size_t block_prefix(struct slice text, int *depth)
{
    size_t at = skip_blanks(text, 0);
    bool listed = false; /* the marker before is a bullet or a number */
    *depth = 0;
    for (;;) {
        struct slice rest = slice_from(text, at);
        size_t n = is_break_line(rest) || (listed && is_more_than(rest)) ? 0 : marker_length(rest);
        if (n == 0) return at;
        listed = rest.p[0] != '>';
        at += n;
        ++*depth;
    }
}

/* An HTML tag keeps the shape that decides its block; what could open an inline span goes. */
static bool html_keeps(char c, size_t at)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || is_blank(c) || c == '>' || c == '/' || c == '-' || c == '!' || c == '?' || (c == '<' && at == 0);
}

/* How a line's rest behind its markers is masked. */
enum mask { MASK_ALL, MASK_NONE, MASK_HEADING, MASK_HTML };

static enum mask mask_for(struct slice rest)
{
    if (rest.n == 0) return MASK_NONE;
    if (is_break_line(rest) || all_of(rest, S("= \t")) || all_of(rest, S("- \t"))) return MASK_NONE;
    if (rest.p[0] == '#') return MASK_HEADING;
    if (rest.p[0] == '<') return MASK_HTML;
    if (slice_has_prefix(rest, S("~~~"))) return MASK_NONE;
    if (!slice_has_prefix(rest, S("```"))) return MASK_ALL;
    size_t ticks = 0;
    while (ticks < rest.n && rest.p[ticks] == '`') ticks++;
    /* An info string with a backtick makes it inline code, not a fence. */
    return slice_find_char(slice_from(rest, ticks), '`') + ticks == rest.n ? MASK_NONE : MASK_ALL;
}

static void mask_rest(struct slice rest, struct buf *out)
{
    enum mask how = mask_for(rest);
    size_t hashes = 0;
    while (how == MASK_HEADING && hashes < rest.n && rest.p[hashes] == '#') hashes++;
    for (size_t i = 0; i < rest.n; i++) {
        bool keep =
            how == MASK_NONE || is_blank(rest.p[i]) || i < hashes || (how == MASK_HTML && html_keeps(rest.p[i], i));
        buf_add_char(out, keep ? rest.p[i] : 'x');
    }
}

/* The last line of the front matter, 0 when there is none. */
static unsigned front_matter(const struct source *s)
{
    if (s->n == 0 || !slice_eq(slice_trim(s->lines[0].text), S("---"))) return 0;
    for (unsigned i = 1; i < s->n; i++) {
        struct slice text = slice_trim(s->lines[i].text);
        if (slice_eq(text, S("---")) || slice_eq(text, S("..."))) return i + 1;
        if (text.n > 0 && text.p[0] != '#' && slice_find_char(text, ':') == text.n && text.p[0] != '-') return 0;
    }
    return 0;
}

static int mask_document(const struct source *s, unsigned skip, struct buf *out, struct error *e)
{
    for (unsigned i = 0; i < s->n; i++) {
        struct slice text = s->lines[i].text;
        int depth;
        size_t prefix = block_prefix(text, &depth);
        if (i >= skip && depth > PROCEDURES_MAX_DEPTH)
            return fail_at(e, ERR_LIMIT, i + 1, 1, "%d lists and quotes inside each other; the limit is %d", depth,
                           PROCEDURES_MAX_DEPTH);
        if (i >= skip) {
            buf_add(out, slice_upto(text, prefix));
            mask_rest(slice_from(text, prefix), out);
        }
        buf_add_char(out, '\n');
    }
    return 0;
}

struct walk {
    struct blocks *out;
    int lists, quotes;
    bool item_opened; /* the item entered last has had no child yet */
    bool ordered;
};

static enum block_kind kind_of(cmark_node *node)
{
    cmark_node_type type = cmark_node_get_type(node);
    int length, offset;
    char mark;
    if (type == CMARK_NODE_HEADING) return BLOCK_HEADING;
    if (type == CMARK_NODE_ITEM) return BLOCK_ITEM;
    if (type == CMARK_NODE_PARAGRAPH) return BLOCK_PARAGRAPH;
    if (type == CMARK_NODE_HTML_BLOCK) return BLOCK_HTML;
    if (type == CMARK_NODE_THEMATIC_BREAK) return BLOCK_BREAK;
    if (type == CMARK_NODE_BLOCK_QUOTE) return BLOCK_QUOTE;
    if (type != CMARK_NODE_CODE_BLOCK) return BLOCK_UNSET;
    return cmark_node_get_fenced(node, &length, &offset, &mark) != 0 ? BLOCK_FENCE : BLOCK_CODE;
}

static void block_add(struct walk *w, cmark_node *node, enum block_kind kind)
{
    struct block b = { .kind = kind, .depth = w->lists, .quoted = w->quotes > 0 };
    b.line = (unsigned)cmark_node_get_start_line(node);
    b.last = (unsigned)cmark_node_get_end_line(node);
    if (b.last < b.line) b.last = b.line;
    if (kind == BLOCK_HEADING) b.level = cmark_node_get_heading_level(node);
    if (kind == BLOCK_ITEM) b.ordered = cmark_node_get_list_type(cmark_node_parent(node)) == CMARK_ORDERED_LIST;
    b.in_item = kind == BLOCK_PARAGRAPH && w->item_opened;
    w->item_opened = kind == BLOCK_ITEM;
    *vec_push(w->out) = b;
}

static int walk_node(struct walk *w, cmark_node *node, bool enter, struct error *e)
{
    cmark_node_type type = cmark_node_get_type(node);
    int step = enter ? 1 : -1;
    if (type == CMARK_NODE_LIST) w->lists += step;
    if (type == CMARK_NODE_BLOCK_QUOTE) w->quotes += step;
    if (!enter) {
        if (type == CMARK_NODE_ITEM) w->item_opened = false;
        return 0;
    }
    if (w->lists + w->quotes > PROCEDURES_MAX_DEPTH)
        return fail_at(e, ERR_LIMIT, (unsigned)cmark_node_get_start_line(node), 1,
                       "lists and quotes nest deeper than %d", PROCEDURES_MAX_DEPTH);
    enum block_kind kind = kind_of(node);
    if (kind != BLOCK_UNSET) block_add(w, node, kind);
    return 0;
}

static int walk_tree(cmark_node *root, struct blocks *out, struct error *e)
{
    struct walk w = { .out = out };
    cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event;
    int rc = 0;
    while (rc == 0 && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
        rc = walk_node(&w, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER, e);
    cmark_iter_free(iter);
    return rc;
}

int blocks_read(struct blocks *out, const struct source *s, struct error *e)
{
    struct buf masked = { .max = 2 * PROCEDURES_MAX_BYTES };
    unsigned front = front_matter(s);
    cmark_node *root = NULL;
    int rc = mask_document(s, front, &masked, e);
    if (rc < 0) goto out;
    if (front > 0) *vec_push(out) = (struct block){ .kind = BLOCK_FRONT, .line = 1, .last = front };
    root = cmark_parse_document(buf_str(&masked), masked.len, CMARK_OPT_DEFAULT);
    rc = walk_tree(root, out, e);
out:
    if (root != NULL) cmark_node_free(root);
    buf_release(&masked);
    return rc;
}
