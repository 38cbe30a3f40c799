/* page_preview.c - the document line by line, and beside each line what it makes happen (R16).
 * Always: every line of the document is a row, in order, with its text as it stands (mojibake repaired). */
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "procedures/merge.h"
#include "procedures/matrix.h"
#include "procedures/page_parts.h"

struct preview {
    const struct compiled *c; /* whose lines are the rows */
    unsigned file; /* its number in a set, where lines of readings carry it */
    const struct compiled *whole; /* what is shown: this document, or the policy of its set */
    struct readings all;
    const struct reading **by_line; /* those with a line, sorted */
    size_t n, at, diagnostic, interpretation; /* how far the rows have come */
    struct buf *out;
};

static int by_line(const void *a, const void *b, void *ctx)
{
    const struct reading *x = *(const struct reading *const *)a, *y = *(const struct reading *const *)b;
    (void)ctx;
    return (x->line > y->line) - (x->line < y->line);
}

static void sort_readings(struct preview *p, struct arena *a)
{
    p->by_line = arena_array(a, const struct reading *, p->all.n + 1);
    for (size_t i = 0; i < p->all.n; i++)
        if (p->all.v[i].line > 0 && POLICY_FILE(p->all.v[i].line) == p->file) p->by_line[p->n++] = &p->all.v[i];
    sort_stable(p->by_line, p->n, sizeof *p->by_line, by_line, NULL);
}

static void add_summary(const struct preview *p)
{
    for (int part = 1; part < READING_PARTS_END; part++) {
        if (page_part_is_empty(&p->all, (enum reading_part)part)) continue;
        buf_addf(p->out, "<details class=\"box\"%s><summary>%s</summary>\n", part == READING_PAGING ? " open" : "",
                 reading_part_title((enum reading_part)part));
        if (!reading_part_executed((enum reading_part)part))
            buf_add_str(p->out,
                        "<p class=\"facts\">Compiled and shown; this version does not carry it out by itself.</p>\n");
        page_part(p->whole, &p->all, (enum reading_part)part, true, p->out);
        buf_add_str(p->out, "</details>\n");
    }
}

static void add_totals(const struct preview *p)
{
    buf_add_str(p->out, "<p class=\"facts\">");
    for (int class = 1; class < LINE_CLASSES_END; class ++)
        buf_addf(p->out, "%s%u %s", class > 1 ? ", " : "", p->c->class_counts[class],
                 line_class_name((enum line_class) class));
    buf_addf(p->out, ". Errors: %u, warnings: %u, notes: %u, interpretations: %zu.</p>\n", p->c->errors, p->c->warnings,
             p->c->notes, p->c->n_interpretations);
}

static void add_readings(struct preview *p, unsigned line)
{
    for (; p->at < p->n && (unsigned)POLICY_LINE(p->by_line[p->at]->line) <= line; p->at++) {
        buf_add_str(p->out, "<p>");
        visible_add_html(p->out, p->by_line[p->at]->text);
        buf_add_str(p->out, "</p>");
    }
}

static void add_interpretations(struct preview *p, unsigned line)
{
    for (; p->interpretation < p->c->n_interpretations; p->interpretation++) {
        const struct interpretation *x = &p->c->interpretations[p->interpretation];
        if (x->line > line) return;
        buf_add_str(p->out, "<p class=\"says\"><b>");
        visible_add_html(p->out, x->code);
        buf_add_str(p->out, "</b> Read as: ");
        visible_add_html(p->out, x->reading);
        buf_add_str(p->out, x->rejected.n > 0 ? "; not as: " : "");
        visible_add_html(p->out, x->rejected);
        buf_add_str(p->out, x->explicit_form.n > 0 ? ". To say so: <code>" : ".");
        visible_add_html(p->out, x->explicit_form);
        buf_add_str(p->out, x->explicit_form.n > 0 ? "</code></p>" : "</p>");
    }
}

static void add_diagnostics(struct preview *p, unsigned line)
{
    for (; p->diagnostic < p->c->n_diagnostics; p->diagnostic++) {
        const struct diagnostic *d = &p->c->diagnostics[p->diagnostic];
        if (d->line > line) return;
        buf_addf(p->out, "<p class=\"%s\"><b>", diagnostic_level_name(d->level));
        visible_add_html(p->out, d->code);
        buf_add_str(p->out, "</b> ");
        visible_add_html(p->out, d->message);
        if (d->suggestion.n > 0) buf_add_str(p->out, ". Help: <code>");
        visible_add_html(p->out, d->suggestion);
        buf_add_str(p->out, d->suggestion.n > 0 ? "</code></p>" : "</p>");
    }
}

static const char *row_class(enum line_class class, struct slice text)
{
    static const char *const names[LINE_CLASSES_END] = { "", "compiled", "prose", "structure", "rejected" };
    return slice_trim(text).n == 0 ? "structure blank" : names[class];
}

static void add_row(struct preview *p, unsigned line)
{
    const enum line_class class = (enum line_class)p->c->classes[line - 1];
    struct slice text = compiled_line_text(p->c, line);
    const unsigned place = line | p->file << POLICY_FILE_SHIFT;
    buf_add_str(p->out, "<tr id=\"");
    page_anchor(p->c, place, p->out);
    buf_addf(p->out, "\" class=\"%s\"><td class=\"n\"><a href=\"#", row_class(class, text));
    page_anchor(p->c, place, p->out);
    buf_addf(p->out, "\">%u</a></td><td class=\"k\">%s</td>", line, line_class_name(class));
    buf_add_str(p->out, "<td class=\"src\">");
    visible_add_html(p->out, text);
    buf_add_str(p->out, "</td><td class=\"r\">");
    add_readings(p, line);
    add_diagnostics(p, line);
    add_interpretations(p, line);
    buf_add_str(p->out, "</td></tr>\n");
}

static void add_rows(struct preview *p, struct arena *a)
{
    sort_readings(p, a);
    buf_add_str(p->out, "<table class=\"lines\">\n<thead><tr><th class=\"c-n\" scope=\"col\">Line</th>"
                        "<th class=\"c-k\" scope=\"col\">Class</th><th class=\"c-s\" scope=\"col\">The document</th>"
                        "<th scope=\"col\">What it makes happen</th></tr></thead>\n<tbody>\n");
    for (unsigned line = 1; line <= p->c->lines; line++) add_row(p, line);
    buf_add_str(p->out, "</tbody>\n</table>\n");
}

/* Of several documents: what holds together in front, then each of them line by line. */
static void add_documents(const struct preview *whole, struct arena *a)
{
    const struct procedures_set *s = whole->c->set;
    for (size_t i = 0; i < s->n; i++) {
        if (s->docs[i] == NULL) continue;
        struct preview p = *whole;
        p.c = s->docs[i];
        p.file = (unsigned)i;
        buf_add_str(p.out, "<h2>");
        visible_add_html(p.out, p.c->file_name);
        buf_add_str(p.out, "</h2>\n");
        add_totals(&p);
        add_rows(&p, a);
    }
}

void page_print_preview(const struct compiled *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    struct preview p = { .c = c, .whole = c, .out = out, .all = readings_make(c, a) };
    page_head(c, "Preview", out);
    page_draft(c, out);
    if (c->set_policy == NULL) add_totals(&p);
    add_summary(&p);
    matrix_print_html(c, out);
    if (c->set_policy == NULL) {
        buf_add_str(out, "<h2>Line by line</h2>\n");
        add_rows(&p, a);
    } else {
        add_documents(&p, a);
    }
    page_foot(out);
    arena_destroy(&a);
}
