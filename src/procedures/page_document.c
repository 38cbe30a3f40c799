/* page_document.c - the whole document as a page to read and to print, with who is paged in front (R17).
 *
 * Laid out from our own nodes, not by a Markdown renderer: the cost is linear whatever the document holds, and nothing
 * of it can become a tag, a link or an image. */
#include "base/arena.h"
#include "base/check.h"
#include "procedures/document.h"
#include "procedures/merge.h"
#include "procedures/page_parts.h"
#include "procedures/source.h"

#define CELLS_MAX 32

struct layout {
    const struct compiled *c;
    struct arena *arena;
    struct document doc;
    struct buf *out;
    int lists; /* open ones */
    bool ordered[PROCEDURES_MAX_DEPTH + 1];
    bool table;
};

static void close_lists(struct layout *l, int keep)
{
    while (l->lists > keep) buf_add_str(l->out, l->ordered[--l->lists] ? "</li></ol>\n" : "</li></ul>\n");
}

static void close_table(struct layout *l)
{
    if (l->table) buf_add_str(l->out, "</table>\n");
    l->table = false;
}

/* The label in bold, as written; the rest behind it. */
static void add_text(struct layout *l, const struct node *n)
{
    if (n->label.n == 0) {
        visible_add_html(l->out, n->text);
        return;
    }
    buf_add_str(l->out, "<strong>");
    visible_add_html(l->out, n->label);
    buf_add_str(l->out, n->rest.n > 0 ? ":</strong> " : ":</strong>");
    visible_add_html(l->out, n->rest);
}

static void add_item(struct layout *l, const struct node *n)
{
    const int level = n->level < 1 ? 1 : n->level > PROCEDURES_MAX_DEPTH ? PROCEDURES_MAX_DEPTH : n->level;
    close_lists(l, level);
    if (l->lists == level && l->ordered[level - 1] != n->ordered) close_lists(l, level - 1);
    if (l->lists == level) buf_add_str(l->out, "</li>\n");
    while (l->lists < level) {
        buf_add_str(l->out, n->ordered ? "<ol>\n" : "<ul>\n");
        l->ordered[l->lists++] = n->ordered;
        if (l->lists < level) buf_add_str(l->out, "<li>");
    }
    if (n->ordered)
        buf_addf(l->out, "<li value=\"%lld\">", (long long)n->number);
    else
        buf_add_str(l->out, "<li>");
    if (n->task) buf_add_str(l->out, "☐ ");
    add_text(l, n);
}

static void add_row(struct layout *l, const struct node *n)
{
    struct slice cells[CELLS_MAX];
    const size_t count = row_cells(l->arena, n->text, cells, CELLS_MAX);
    if (n->header) close_table(l);
    if (!l->table) buf_add_str(l->out, "<table>\n");
    l->table = true;
    buf_add_str(l->out, "<tr>");
    for (size_t i = 0; i < count; i++) {
        buf_add_str(l->out, n->header ? "<th scope=\"col\">" : "<td>");
        visible_add_html(l->out, cells[i]);
        buf_add_str(l->out, n->header ? "</th>" : "</td>");
    }
    buf_add_str(l->out, "</tr>\n");
}

static void add_lines(struct layout *l, unsigned first, unsigned last)
{
    buf_add_str(l->out, "<pre>");
    for (unsigned line = first; line <= last && line <= l->c->lines; line++) {
        visible_add_html(l->out, compiled_line_text(l->c, line));
        buf_add_char(l->out, '\n');
    }
    buf_add_str(l->out, "</pre>\n");
}

static void add_fence(struct layout *l, const struct node *n)
{
    struct slice end = slice_trim(compiled_line_text(l->c, n->last));
    const bool closed = slice_has_prefix(end, S("```")) || slice_has_prefix(end, S("~~~"));
    add_lines(l, n->line + 1, n->last - (closed && n->last > n->line));
}

static void add_heading(struct layout *l, const struct node *n)
{
    if (n->level == 1 && slice_eq(n->text, l->c->policy.title)) return; /* stands above already */
    const int level = n->level < 2 ? 2 : n->level > 6 ? 6 : n->level;
    buf_addf(l->out, "<h%d", level);
    if (l->c->set == NULL) buf_addf(l->out, " id=\"L%u\"", n->line); /* of several documents lines would repeat */
    buf_add_char(l->out, '>');
    visible_add_html(l->out, n->text);
    buf_addf(l->out, "</h%d>\n", level);
}

static void add_node(struct layout *l, const struct node *n)
{
    if (n->kind != NODE_ITEM) close_lists(l, 0);
    if (n->kind != NODE_ROW) close_table(l);
    switch (n->kind) {
    case NODE_HEADING: add_heading(l, n); break;
    case NODE_ITEM: add_item(l, n); break;
    case NODE_TEXT:
        buf_add_str(l->out, "<p>");
        add_text(l, n);
        buf_add_str(l->out, "</p>\n");
        break;
    case NODE_ROW: add_row(l, n); break;
    case NODE_FENCE: add_fence(l, n); break;
    case NODE_OTHER: add_lines(l, n->line, n->last); break;
    case NODE_BREAK: buf_add_str(l->out, "<hr>\n"); break;
    case NODE_FRONT:
    case NODE_UNSET: break;
    }
}

static void add_control(struct layout *l)
{
    const struct policy_book *b = &l->c->policy.book;
    if (b->n_control == 0) return;
    buf_add_str(l->out, "<p class=\"facts\">");
    for (size_t i = 0; i < b->n_control; i++) {
        if (i > 0) buf_add_str(l->out, " · ");
        visible_add_html(l->out, b->control[i].key);
        buf_add_str(l->out, ": ");
        visible_add_html(l->out, b->control[i].value);
    }
    buf_add_str(l->out, "</p>\n");
}

static void add_front(struct layout *l)
{
    static const enum reading_part parts[] = { READING_PAGING, READING_CONTACTS };
    const struct readings all = readings_make(l->c, l->arena);
    page_draft(l->c, l->out);
    add_control(l);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (page_part_is_empty(&all, parts[i])) continue;
        buf_addf(l->out, "<section class=\"box\">\n<h2>%s</h2>\n", reading_part_title(parts[i]));
        page_part(l->c, &all, parts[i], false, l->out);
        buf_add_str(l->out, "</section>\n");
    }
}

/* One document, read again: it was read once already, so it cannot fail now. */
static void add_article(const struct compiled *c, struct arena *a, struct buf *out)
{
    struct layout l = { .c = c, .arena = a, .out = out };
    buf_add_str(out, "<article class=\"doc\">\n");
    if (document_read(&l.doc, l.arena, c->source, NULL) == 0)
        for (size_t i = 0; i < l.doc.n; i++) add_node(&l, &l.doc.v[i]);
    close_lists(&l, 0);
    close_table(&l);
    buf_add_str(out, "</article>\n");
    document_release(&l.doc);
}

void page_print_document(const struct compiled *c, struct buf *out)
{
    struct layout l = { .c = c, .arena = arena_create(0), .out = out };
    page_head(c, "Printed page", out);
    add_front(&l);
    if (c->set_policy == NULL) add_article(c, l.arena, out);
    for (size_t i = 0; c->set_policy != NULL && i < c->set->n; i++) {
        if (c->set->docs[i] == NULL) continue;
        buf_add_str(out, "<h1>");
        visible_add_html(out, c->set->docs[i]->file_name);
        buf_add_str(out, "</h1>\n");
        add_article(c->set->docs[i], l.arena, out);
    }
    page_foot(out);
    arena_destroy(&l.arena);
}
