/* explain.c - lays out for a terminal what reading.c understood, and the account of lines and doubts. */
#include "procedures/explain.h"

#include <string.h>

#include "base/arena.h"
#include "procedures/explain_set.h"
#include "procedures/json_out.h"
#include "procedures/matrix.h"
#include "procedures/place.h"
#include "procedures/reading.h"
#include "procedures/visible.h"

static const char not_executed[] = "(compiled and shown; this version does not carry it out by itself)\n";

static void add_title(struct buf *out, const char *title)
{
    buf_addf(out, "\n%s\n", title);
    for (size_t i = strlen(title); i > 0; i--) buf_add_char(out, '-');
    buf_add_char(out, '\n');
}

/* The sentence without its full stop, the line, the full stop. */
static void add_reading(const struct compiled *c, struct buf *out, const struct reading *r)
{
    struct slice text = r->text;
    bool stopped = slice_has_suffix(text, S("."));
    if (stopped) text.n--;
    buf_add_str(out, r->depth > 0 ? "    - " : "- ");
    visible_add(out, text);
    if (r->line > 0) {
        buf_add_str(out, " (");
        place_add(c, r->line, out);
        buf_add_char(out, ')');
    }
    buf_add_str(out, ".\n");
}

static void add_head(const struct compiled *c, struct buf *out)
{
    visible_add(out, c->policy.title.n > 0 ? c->policy.title : c->file_name);
    if (c->set_policy != NULL) {
        set_head_print(c, out);
        return;
    }
    buf_addf(out, "\n%u line%s; ", c->lines, c->lines == 1 ? "" : "s");
    if (c->errors > 0)
        buf_addf(out, "%u error%s: a server refuses this document; ", c->errors, c->errors == 1 ? "" : "s");
    buf_addf(out, "%u warning%s, %zu interpretation%s. Sentences without a line are Tocsin's own rules.\n", c->warnings,
             c->warnings == 1 ? "" : "s", c->n_interpretations, c->n_interpretations == 1 ? "" : "s");
}

void explain_print(const struct compiled *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    const struct readings all = readings_make(c, a);
    enum reading_part part = READING_UNSET;
    add_head(c, out);
    for (size_t i = 0; i < all.n; i++) {
        if (all.v[i].part != part) {
            part = all.v[i].part;
            add_title(out, reading_part_title(part));
            if (!reading_part_executed(part)) buf_add_str(out, not_executed);
        }
        add_reading(c, out, &all.v[i]);
    }
    arena_destroy(&a);
    matrix_print(c, out);
    if (c->set_policy != NULL) set_teams_print(c, out);
}

void coverage_print(const struct compiled *c, struct buf *out)
{
    if (c->set_policy != NULL) {
        set_each_document(c, coverage_print, out);
        return;
    }
    unsigned sum = 0;
    for (unsigned line = 1; line <= c->lines; line++) {
        buf_addf(out, "%6u  %-15s  ", line, line_class_name((enum line_class)c->classes[line - 1]));
        visible_add(out, compiled_line_text(c, line));
        buf_add_char(out, '\n');
    }
    for (int class = 1; class < LINE_CLASSES_END; class ++) {
        buf_addf(out, "%6u  %s\n", c->class_counts[class], line_class_name((enum line_class) class));
        sum += c->class_counts[class];
    }
    buf_addf(out, "%6u  lines in all; the document has %u\n", sum, c->lines);
}

void coverage_print_json(const struct compiled *c, struct buf *out)
{
    struct json j = { .out = out };
    if (c->set_policy != NULL) {
        set_each_document_json(c, coverage_print_json, out);
        return;
    }
    put_open(&j, NULL, '{');
    put_text(&j, "file", c->file_name);
    put_int(&j, "lines", c->lines);
    put_open(&j, "totals", '{');
    for (int class = 1; class < LINE_CLASSES_END; class ++)
        put_int(&j, line_class_name((enum line_class) class), c->class_counts[class]);
    put_close(&j);
    put_open(&j, "classes", '[');
    for (unsigned i = 0; i < c->lines; i++) {
        put_open(&j, NULL, '{');
        put_int(&j, "line", i + 1);
        put_text(&j, "class", slice_of(line_class_name((enum line_class)c->classes[i])));
        put_close(&j);
    }
    put_close(&j);
    put_close(&j);
    buf_add_char(out, '\n');
}

static void add_field(struct buf *out, const char *name, struct slice text)
{
    if (text.n == 0) return;
    buf_addf(out, "    %-9s ", name);
    visible_add(out, text);
    buf_add_char(out, '\n');
}

/* "line 61", "lines 61, 62 and 65": all that are settled like the one at `i`. */
static void add_lines(const struct compiled *c, size_t i, struct buf *out)
{
    const struct interpretation *x = &c->interpretations[i];
    size_t n = 0, at = 0;
    for (size_t k = i; k < c->n_interpretations; k++) n += interpretation_same(x, &c->interpretations[k]);
    buf_add_str(out, n == 1 ? "line " : "lines ");
    for (size_t k = i; k < c->n_interpretations; k++) {
        if (!interpretation_same(x, &c->interpretations[k])) continue;
        buf_addf(out, "%s%u", at == 0 ? "" : at + 1 == n ? " and " : ", ", c->interpretations[k].line);
        at++;
    }
}

void interpretations_print(const struct compiled *c, struct buf *out)
{
    if (c->set_policy != NULL) {
        set_each_document(c, interpretations_print, out);
        return;
    }
    for (size_t i = 0; i < c->n_interpretations; i++) {
        const struct interpretation *x = &c->interpretations[i];
        if (interpretation_said(c, i)) continue;
        buf_addf(out, "%.*s  ", (int)x->code.n, x->code.p);
        add_lines(c, i, out);
        buf_add_str(out, ": ");
        visible_add(out, slice_trim(compiled_line_text(c, x->line)));
        buf_add_char(out, '\n');
        add_field(out, "read as", x->reading);
        add_field(out, "not as", x->rejected);
        add_field(out, "to say so", x->explicit_form);
    }
    buf_addf(out, "%zu interpretation%s\n", c->n_interpretations, c->n_interpretations == 1 ? "" : "s");
}
