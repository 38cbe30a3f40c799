/* document.c - from blocks to nodes: joins wrapped lines, splits labels, tables and numbered lines out of paragraphs.
 * Not here: where blocks begin and end (blocks.c), what a heading means (section.c, roles.c). */
#include "procedures/document.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "procedures/heads.h"

struct reader {
    struct document *out;
    struct arena *arena;
    const struct source *source;
    VEC(unsigned) tables;
    struct node above; /* id and role of a directive comment on the line above (G7) */
};

void document_release(struct document *d)
{
    vec_release(d);
}

static struct slice line_text(const struct reader *r, unsigned line)
{
    return source_line(r->source, line)->text;
}

struct slice text_plain(struct arena *a, struct slice text)
{
    static const struct slice marks[] = { S("**"), S("__") };
    if (slice_find_char(text, '*') == text.n && slice_find_char(text, '_') == text.n &&
        slice_find_char(text, '`') == text.n)
        return text;
    char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;
    while (text.n > 0) {
        if (slice_cut_prefix(&text, marks[0]) || slice_cut_prefix(&text, marks[1]) || slice_cut_prefix(&text, S("`")))
            continue;
        out[n++] = text.p[0];
        text = slice_from(text, 1);
    }
    return slice_trim((struct slice){ out, n });
}

/* `**Label:** rest`, `**Label**: rest`, `**Label**`; `**Label** rest` has a label that is only emphasis. */
static void label_split(struct node *n, struct arena *a, struct slice raw)
{
    struct slice body = raw;
    n->rest = n->text;
    if (!slice_cut_prefix(&body, S("**")) && !slice_cut_prefix(&body, S("__"))) return;
    size_t end = slice_find(body, slice_upto(raw, 2));
    if (end == 0 || end == body.n) return;
    struct slice label = slice_trim(slice_upto(body, end)), rest = slice_trim(slice_from(body, end + 2));
    bool colon = slice_has_suffix(label, S(":"));
    if (colon)
        label = slice_trim(slice_upto(label, label.n - 1));
    else
        colon = slice_cut_prefix(&rest, S(":"));
    n->labelled = colon || rest.n == 0;
    n->label = text_plain(a, label);
    n->rest = text_plain(a, slice_trim(rest));
}

static bool key_char(char c)
{
    return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* A directive body: "#id", "key=value …". Known keys are the role and the literal reading of a tree. */
static bool directive_read(struct node *n, struct slice body)
{
    if (body.n > 1 && body.p[0] == '#') {
        n->id = slice_from(body, 1);
        return slice_find_char(n->id, ' ') == n->id.n;
    }
    size_t eq = slice_find_char(body, '=');
    if (eq == 0 || eq == body.n) return false;
    for (size_t i = 0; i < eq; i++)
        if (!key_char(body.p[i])) return false;
    struct slice key = slice_upto(body, eq);
    if (slice_eq(key, S("role"))) n->role = slice_from(body, eq + 1);
    if (slice_eq(key, S("id"))) n->id = slice_from(body, eq + 1);
    if (slice_eq(key, S("check"))) n->check = slice_from(body, eq + 1);
    return slice_eq(key, S("role")) || slice_eq(key, S("id")) || slice_eq(key, S("check"));
}

/* Cuts `{#id}` or `{key=value}` off the end; anything else in braces is a placeholder and stays. */
static struct slice directive_cut(struct node *n, struct slice text)
{
    if (!slice_has_suffix(text, S("}"))) return text;
    size_t open = text.n;
    while (open > 0 && text.p[open - 1] != '{') open--;
    if (open == 0) return text;
    struct slice body = { text.p + open, text.n - open - 1 };
    return directive_read(n, body) ? slice_trim(slice_upto(text, open - 1)) : text;
}

static struct slice task_cut(struct node *n, struct slice text)
{
    n->task = slice_cut_prefix(&text, S("[ ] ")) || slice_cut_prefix_nocase(&text, S("[x] "));
    return slice_trim(text);
}

/* A directive comment on the line above says what the line itself does not. */
static void above_apply(const struct reader *r, struct node *n)
{
    if (r->above.last + 1 != n->line) return;
    if (n->id.n == 0) n->id = r->above.id;
    if (n->role.n == 0) n->role = r->above.role;
    if (n->check.n == 0) n->check = r->above.check;
}

/* Gives the node its text, with label, directives and column taken from it. */
static struct node *node_add(struct reader *r, struct node n, struct slice raw)
{
    raw = slice_trim(raw);
    n.col = source_column(r->source, n.line, raw.p);
    if (n.kind == NODE_ITEM) raw = task_cut(&n, raw);
    raw = directive_cut(&n, raw);
    n.text = text_plain(r->arena, raw);
    above_apply(r, &n);
    label_split(&n, r->arena, raw);
    *vec_push(r->out) = n;
    return &r->out->v[r->out->n - 1];
}

/* Appends a wrapped line: the node's own text becomes a copy. */
static struct slice text_join(struct arena *a, struct slice head, struct slice tail)
{
    char *out = arena_alloc(a, head.n + tail.n + 2);
    if (head.n > 0) memcpy(out, head.p, head.n);
    out[head.n] = ' ';
    if (tail.n > 0) memcpy(out + head.n + 1, tail.p, tail.n);
    return (struct slice){ out, head.n + 1 + tail.n };
}

/* Lines `first` to `last` as one text, joined with one blank: a copy unless it is one line. Linear in the lines. */
static struct slice lines_join(struct reader *r, struct slice head, unsigned first, unsigned last)
{
    size_t room = head.n, n = head.n;
    if (first > last) return head;
    if (first == last) return text_join(r->arena, head, slice_trim(line_text(r, first)));
    for (unsigned i = first; i <= last; i++) room += line_text(r, i).n + 1;
    char *out = arena_alloc(r->arena, room + 1);
    if (head.n > 0) memcpy(out, head.p, head.n);
    for (unsigned i = first; i <= last; i++) {
        struct slice text = slice_trim(line_text(r, i));
        out[n++] = ' ';
        if (text.n > 0) memcpy(out + n, text.p, text.n);
        n += text.n;
    }
    return (struct slice){ out, n };
}

static bool is_label_line(struct slice text)
{
    text = slice_trim(text);
    if (!slice_has_prefix(text, S("**")) && !slice_has_prefix(text, S("__"))) return false;
    size_t end = slice_find(slice_from(text, 2), slice_upto(text, 2)) + 2;
    if (end <= 2 || end >= text.n) return false;
    struct slice rest = slice_trim(slice_from(text, end + 2));
    return rest.n == 0 || rest.p[0] == ':' || text.p[end - 1] == ':';
}

bool is_delimiter_row(struct slice text)
{
    bool pipe = false, dash = false;
    text = slice_trim(text);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c != '|' && c != '-' && c != ':' && c != ' ' && c != '\t') return false;
        pipe |= c == '|';
        dash |= c == '-';
    }
    return pipe && dash;
}

/* `\|` is a bar of the text: where it ended a cell, the columns behind it moved, and the last of them was lost (G5). */
static struct slice cell_cut(struct arena *a, struct slice *row)
{
    size_t end = 0, n = 0;
    while (end < row->n && (row->p[end] != '|' || (end > 0 && row->p[end - 1] == '\\'))) end++;
    struct slice raw = slice_upto(*row, end);
    *row = slice_from(*row, end + 1);
    if (slice_find_char(raw, '|') == raw.n) return raw;
    char *out = arena_alloc(a, raw.n);
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] != '\\' || i + 1 == raw.n || raw.p[i + 1] != '|') out[n++] = raw.p[i];
    return (struct slice){ out, n };
}

size_t row_cells(struct arena *a, struct slice row, struct slice *cells, size_t max)
{
    size_t n = 0;
    row = slice_trim(row);
    slice_cut_prefix(&row, S("|"));
    if (slice_has_suffix(row, S("|")) && !slice_has_suffix(row, S("\\|"))) row.n--;
    while (n < max && (row.n > 0 || n == 0)) cells[n++] = text_plain(a, slice_trim(cell_cut(a, &row)));
    return n;
}

/* Rows from `line` (the header) on; returns the line behind the table. */
static unsigned table_read(struct reader *r, unsigned line, unsigned last)
{
    size_t header = r->out->n;
    struct slice heads = { 0 };
    bool units = false;
    for (unsigned at = line; at <= last; at++) {
        struct slice text = slice_trim(line_text(r, at));
        if (at == line + 1) {
            *vec_push(&r->tables) = at;
            continue;
        }
        if (slice_find_char(text, '|') == text.n) return at;
        struct node n = { .kind = NODE_ROW, .line = at, .last = at, .header = at == line, .table = header };
        n.col = source_column(r->source, at, text.p);
        if (n.header) heads = text;
        n.text = n.rest = n.header ? heads_without_units(r->arena, text) : text;
        if (n.header) units = n.text.p != text.p;
        if (!n.header && units) n.text = n.rest = row_with_units(r->arena, heads, text);
        *vec_push(r->out) = n;
    }
    return last + 1;
}

/* What begins at a line of a paragraph. */
enum begins { BEGINS_NOTHING, BEGINS_LABEL, BEGINS_ITEM, BEGINS_TABLE };

static enum begins begins_at(const struct reader *r, unsigned line, unsigned last, bool listing)
{
    int64_t number;
    struct slice text = slice_trim(line_text(r, line));
    if (slice_find_char(text, '|') < text.n && line < last && is_delimiter_row(line_text(r, line + 1)))
        return BEGINS_TABLE;
    if (is_label_line(text)) return BEGINS_LABEL;
    return listing && ordered_marker(text, &number) > 0 ? BEGINS_ITEM : BEGINS_NOTHING;
}

/* The lines from `line` that belong to the node beginning there: returns the last of them. */
static unsigned node_extent(const struct reader *r, unsigned line, unsigned last, bool label_alone, bool listing)
{
    unsigned at = line;
    while (at < last && !label_alone && begins_at(r, at + 1, last, listing) == BEGINS_NOTHING) at++;
    return at;
}

static struct slice item_text(const struct reader *r, unsigned line)
{
    int depth;
    struct slice text = line_text(r, line);
    return slice_trim(slice_from(text, block_prefix(text, &depth)));
}

struct paragraph {
    const struct block *block;
    bool in_item, ordered;
    bool listing; /* numbered lines are items here */
    bool under_label; /* the node before is a label without text */
    int level;
};

/* One node of a paragraph; returns the line behind it. */
static unsigned paragraph_node(struct reader *r, struct paragraph *p, unsigned line)
{
    const struct block *b = p->block;
    bool item = p->in_item && line == b->line;
    struct node n = { .kind = item ? NODE_ITEM : NODE_TEXT, .line = line, .level = item ? b->depth : 0 };
    struct slice text = item ? item_text(r, line) : slice_trim(line_text(r, line));
    size_t marker = item || !p->listing ? 0 : ordered_marker(text, &n.number);

    if (!item && begins_at(r, line, b->last, false) == BEGINS_TABLE) return table_read(r, line, b->last);
    if (item && p->ordered) {
        struct slice whole = slice_trim(line_text(r, line));
        ordered_marker(whole, &n.number);
        n.ordered = true;
    }
    if (marker > 0) {
        text = slice_from(text, marker);
        n.kind = NODE_ITEM;
        n.ordered = true;
        n.level = b->depth > 0 ? b->depth : 1;
        n.odd_start = p->under_label && n.number != 1;
    }
    bool label_alone = is_label_line(text) && (slice_has_suffix(text, S("**")) || slice_has_suffix(text, S(":**")));
    p->listing = p->listing || (is_label_line(text) && !item) || (item && p->ordered);
    n.last = node_extent(r, line, b->last, label_alone, p->listing);
    struct node *made = node_add(r, n, lines_join(r, text, line + 1, n.last));
    if (n.last > line) made->col = source_column(r->source, line, text.p);
    p->under_label = made->labelled && made->rest.n == 0;
    return n.last + 1;
}

static void paragraph_read(struct reader *r, const struct block *b, bool ordered)
{
    struct paragraph p = { .block = b, .in_item = b->in_item, .ordered = ordered };
    for (unsigned line = b->line; line <= b->last;) line = paragraph_node(r, &p, line);
}

/* The `===` or `---` of a setext heading. cmark's end line is that of whatever closed the block, so we look ourselves. */
static unsigned underline_after(const struct reader *r, unsigned line, unsigned last)
{
    while (++line < last) {
        struct slice text = slice_trim(line_text(r, line));
        size_t same = 0;
        while (same < text.n && (text.p[0] == '=' || text.p[0] == '-') && text.p[same] == text.p[0]) same++;
        if (text.n > 0 && same == text.n) break;
    }
    return line;
}

static void heading_read(struct reader *r, const struct block *b)
{
    struct slice first = slice_trim(line_text(r, b->line));
    struct node n = { .kind = NODE_HEADING, .line = b->line, .last = b->line, .level = b->level };
    if (slice_has_prefix(first, S("#"))) {
        while (first.n > 0 && first.p[0] == '#') first = slice_from(first, 1);
        size_t end = first.n;
        while (end > 0 && first.p[end - 1] == '#') end--;
        if (end < first.n && end > 0 && first.p[end - 1] == ' ') first.n = end;
        node_add(r, n, first);
        return;
    }
    unsigned under = underline_after(r, b->line, b->last);
    n.last = under;
    struct node *made = node_add(r, n, lines_join(r, first, b->line + 1, under - 1));
    made->col = source_column(r->source, b->line, first.p);
}

static void fence_read(struct reader *r, const struct block *b)
{
    struct node n = { .kind = NODE_FENCE, .line = b->line, .last = b->last, .level = b->depth };
    struct slice info = item_text(r, b->line);
    while (info.n > 0 && (info.p[0] == '`' || info.p[0] == '~')) info = slice_from(info, 1);
    n.text = n.rest = slice_trim(info);
    n.col = source_column(r->source, b->line, item_text(r, b->line).p);
    above_apply(r, &n);
    *vec_push(r->out) = n;
}

static void plain_read(struct reader *r, const struct block *b, enum node_kind kind)
{
    *vec_push(r->out) = (struct node){ .kind = kind, .line = b->line, .last = b->last, .level = b->depth, .col = 1 };
}

/* An item whose first child is no paragraph still is an item, with an empty text. */
static void item_read(struct reader *r, const struct blocks *blocks, size_t at)
{
    const struct block *b = &blocks->v[at];
    bool has_text = at + 1 < blocks->n && (blocks->v[at + 1].in_item || blocks->v[at + 1].kind == BLOCK_ITEM) &&
                    blocks->v[at + 1].line == b->line;
    if (has_text) return;
    struct node n = { .kind = NODE_ITEM, .line = b->line, .last = b->line, .level = b->depth, .ordered = b->ordered };
    node_add(r, n, S(""));
    r->out->v[r->out->n - 1].col = 1;
}

/* `<!-- tocsin: role=escalation -->` speaks about the line below it. */
static void comment_read(struct reader *r, const struct block *b)
{
    struct slice text = slice_trim(line_text(r, b->line));
    if (!slice_cut_prefix(&text, S("<!-- tocsin:")) || !slice_has_suffix(text, S("-->"))) return;
    text.n -= 3;
    r->above = (struct node){ .line = b->line, .last = b->line };
    directive_read(&r->above, slice_trim(text));
}

/* `!!! note`: a box of some Markdown readers, with its text indented below (G1). */
static bool is_admonition(struct slice line)
{
    line = slice_trim(line);
    return slice_has_prefix(line, S("!!! ")) || slice_has_prefix(line, S("??? ")) || slice_has_prefix(line, S("???+ "));
}

/* The text of the box behind a blank line, which is indented code otherwise. */
static bool joins_admonition(struct reader *r, const struct block *b)
{
    struct node *above = r->out->n > 0 ? &r->out->v[r->out->n - 1] : NULL;
    if (above == NULL || above->kind != NODE_OTHER || !is_admonition(line_text(r, above->line))) return false;
    for (unsigned line = above->last + 1; line < b->line; line++)
        if (slice_trim(line_text(r, line)).n > 0) return false;
    above->last = b->last;
    return true;
}

static void block_read(struct reader *r, const struct blocks *blocks, size_t at)
{
    const struct block *b = &blocks->v[at];
    if (b->quoted && b->kind != BLOCK_QUOTE) return; /* the quote stands for what it holds */
    switch (b->kind) {
    case BLOCK_UNSET: break;
    case BLOCK_HEADING:
        if (b->depth == 0)
            heading_read(r, b);
        else
            plain_read(r, b, NODE_OTHER);
        break;
    case BLOCK_ITEM: item_read(r, blocks, at); break;
    case BLOCK_PARAGRAPH:
        if (is_admonition(line_text(r, b->line))) {
            plain_read(r, b, NODE_OTHER);
            break;
        }
        paragraph_read(r, b, b->in_item && at > 0 && blocks->v[at - 1].ordered);
        break;
    case BLOCK_FENCE: fence_read(r, b); break;
    case BLOCK_BREAK: plain_read(r, b, NODE_BREAK); break;
    case BLOCK_FRONT: plain_read(r, b, NODE_FRONT); break;
    case BLOCK_CODE:
        if (!joins_admonition(r, b)) plain_read(r, b, NODE_OTHER);
        break;
    case BLOCK_HTML: comment_read(r, b); /* fall through */
    case BLOCK_QUOTE: plain_read(r, b, NODE_OTHER); break;
    }
}

int document_read(struct document *out, struct arena *a, const struct source *s, struct error *e)
{
    struct reader r = { .out = out, .arena = a, .source = s };
    struct blocks blocks = { 0 };
    int rc = blocks_read(&blocks, s, e);
    if (rc < 0) goto out;
    for (size_t i = 0; i < blocks.n; i++) block_read(&r, &blocks, i);
    out->n_tables = r.tables.n;
    out->tables = arena_array(a, unsigned, r.tables.n + 1);
    if (r.tables.n > 0) memcpy(out->tables, r.tables.v, r.tables.n * sizeof *out->tables);
out:
    vec_release(&r.tables);
    vec_release(&blocks);
    return rc;
}
