/* matrix.c - one row a scenario, then one a drill that has none; laid out as text, as HTML and as JSON.
 * Not here: how drills find their scenarios (links.c). */
#include "procedures/matrix.h"

#include "base/arena.h"
#include "base/check.h"
#include "core/policy.h"
#include "procedures/place.h"
#include "procedures/visible.h"

enum { COLUMNS = 6 };

static const char *const heads[COLUMNS] = { "Scenario", "Runbook", "Trees", "Drills", "Last drilled", "Gap" };

struct matrix_row {
    struct buf cells[COLUMNS];
};

static bool is_seen(const struct slice *seen, size_t n, struct slice id)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(seen[i], id)) return true;
    return false;
}

enum { TREES_MAX = 16 };

/* The trees that a scenario's steps open and that its drills exercise, each once. */
static size_t trees_of(const struct policy_book *b, const struct policy_scenario *s, struct slice *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->mitigation.n && n < TREES_MAX; i++)
        if (s->mitigation.v[i].tree.n > 0 && !is_seen(out, n, s->mitigation.v[i].tree))
            out[n++] = s->mitigation.v[i].tree;
    for (size_t i = 0; i < b->n_drills && n < TREES_MAX; i++)
        if (slice_eq(b->drills[i].scenario, s->id) && b->drills[i].tree.n > 0 && !is_seen(out, n, b->drills[i].tree))
            out[n++] = b->drills[i].tree;
    return n;
}

static struct slice tree_name(const struct policy_book *b, struct slice id)
{
    for (size_t i = 0; i < b->n_trees; i++)
        if (slice_eq(b->trees[i].id, id)) return b->trees[i].name;
    return id;
}

static size_t steps_of(const struct policy_scenario *s)
{
    return s->immediate.n + s->mitigation.n;
}

static size_t drills_of(const struct policy_book *b, struct slice scenario)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_drills; i++) n += slice_eq(b->drills[i].scenario, scenario);
    return n;
}

static bool is_gap(const struct policy_drill *d)
{
    return d->scenario.n == 0 && d->tree.n == 0;
}

/* What a scenario lacks; NULL: nothing. */
static const char *lack_of(const struct policy_book *b, const struct policy_scenario *s)
{
    if (steps_of(s) == 0) return "no steps";
    return drills_of(b, s->id) == 0 ? "no drill" : NULL;
}

static void add_named(const struct compiled *c, struct buf *out, struct slice name, unsigned line)
{
    if (out->len > 0) buf_add_str(out, "; ");
    visible_add(out, name);
    buf_add_str(out, " (");
    place_add(c, line, out);
    buf_add_char(out, ')');
}

static void add_drills(const struct compiled *c, struct buf *out, struct slice scenario)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_drills; i++)
        if (slice_eq(b->drills[i].scenario, scenario)) add_named(c, out, b->drills[i].name, b->drills[i].line);
}

static void scenario_cells(const struct compiled *c, const struct policy_scenario *s, struct matrix_row *row)
{
    const struct policy_book *b = &c->policy.book;
    struct slice trees[TREES_MAX];
    const size_t n = trees_of(b, s, trees), steps = steps_of(s);
    const char *lack = lack_of(b, s);
    add_named(c, &row->cells[0], s->name, s->line);
    if (steps > 0)
        buf_addf(&row->cells[1], "%zu step%s, %zu trigger%s", steps, steps == 1 ? "" : "s", s->n_triggers,
                 s->n_triggers == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_str(&row->cells[2], "; ");
        visible_add(&row->cells[2], tree_name(b, trees[i]));
    }
    add_drills(c, &row->cells[3], s->id);
    if (lack != NULL) buf_add_str(&row->cells[5], lack);
}

static void drill_cells(const struct compiled *c, const struct policy_drill *d, struct matrix_row *row)
{
    if (d->tree.n > 0) visible_add(&row->cells[2], tree_name(&c->policy.book, d->tree));
    add_named(c, &row->cells[3], d->name, d->line);
    if (is_gap(d)) buf_add_str(&row->cells[5], "no runbook");
}

/* Calls `each` with every row, the empty cells filled with "-". */
static void rows_each(const struct compiled *c, void (*each)(void *ctx, struct matrix_row *row), void *ctx)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_scenarios + b->n_drills; i++) {
        struct matrix_row row = { 0 };
        const struct policy_drill *drill = i < b->n_scenarios ? NULL : &b->drills[i - b->n_scenarios];
        if (drill != NULL && drill->scenario.n > 0) continue; /* stands in its scenario's row */
        if (drill == NULL)
            scenario_cells(c, &b->scenarios[i], &row);
        else
            drill_cells(c, drill, &row);
        for (size_t k = 0; k < COLUMNS; k++)
            if (row.cells[k].len == 0) buf_add_char(&row.cells[k], '-');
        each(ctx, &row);
        for (size_t k = 0; k < COLUMNS; k++) buf_release(&row.cells[k]);
    }
}

static void add_totals(const struct policy_book *b, struct buf *out)
{
    size_t gaps = 0, idle = 0;
    for (size_t i = 0; i < b->n_drills; i++) gaps += is_gap(&b->drills[i]);
    for (size_t i = 0; i < b->n_scenarios; i++) idle += drills_of(b, b->scenarios[i].id) == 0;
    buf_addf(out, "%zu scenario%s, %zu drill%s: %zu drill%s without a runbook, %zu scenario%s without a drill.",
             b->n_scenarios, b->n_scenarios == 1 ? "" : "s", b->n_drills, b->n_drills == 1 ? "" : "s", gaps,
             gaps == 1 ? "" : "s", idle, idle == 1 ? "" : "s");
}

static bool is_empty(const struct policy_book *b)
{
    return b->n_scenarios + b->n_drills == 0;
}

/* --- text --- */

struct layout {
    struct buf *out;
    size_t widths[COLUMNS];
};

static size_t runes(struct slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static void measure(void *ctx, struct matrix_row *row)
{
    struct layout *l = ctx;
    for (size_t k = 0; k < COLUMNS; k++) {
        const size_t n = runes(buf_slice(&row->cells[k]));
        if (n > l->widths[k]) l->widths[k] = n;
    }
}

static void print_row(void *ctx, struct matrix_row *row)
{
    const struct layout *l = ctx;
    for (size_t k = 0; k < COLUMNS; k++) {
        struct slice cell = buf_slice(&row->cells[k]);
        buf_add(l->out, cell);
        for (size_t n = runes(cell); k + 1 < COLUMNS && n < l->widths[k] + 2; n++) buf_add_char(l->out, ' ');
    }
    buf_add_char(l->out, '\n');
}

void matrix_print(const struct compiled *c, struct buf *out)
{
    struct layout l = { .out = out };
    struct matrix_row head = { 0 };
    if (is_empty(&c->policy.book)) return;
    for (size_t k = 0; k < COLUMNS; k++) buf_add_str(&head.cells[k], heads[k]);
    measure(&l, &head);
    rows_each(c, measure, &l);
    buf_add_str(out, "\nWhat is practised, and with what\n--------------------------------\n");
    print_row(&l, &head);
    rows_each(c, print_row, &l);
    add_totals(&c->policy.book, out);
    buf_add_str(out, " When a drill was held last is known to a server alone.\n");
    for (size_t k = 0; k < COLUMNS; k++) buf_release(&head.cells[k]);
}

/* --- HTML --- */

static void print_html_row(void *ctx, struct matrix_row *row)
{
    struct buf *out = ctx;
    buf_add_str(out, "<tr>");
    for (size_t k = 0; k < COLUMNS; k++) {
        buf_add_str(out, "<td>");
        visible_add_html(out, buf_slice(&row->cells[k]));
        buf_add_str(out, "</td>");
    }
    buf_add_str(out, "</tr>\n");
}

void matrix_print_html(const struct compiled *c, struct buf *out)
{
    if (is_empty(&c->policy.book)) return;
    buf_add_str(out,
                "<details class=\"box\"><summary>What is practised, and with what</summary>\n<table>\n<thead><tr>");
    for (size_t k = 0; k < COLUMNS; k++) buf_addf(out, "<th scope=\"col\">%s</th>", heads[k]);
    buf_add_str(out, "</tr></thead>\n<tbody>\n");
    rows_each(c, print_html_row, out);
    buf_add_str(out, "</tbody>\n</table>\n<p class=\"facts\">");
    add_totals(&c->policy.book, out);
    buf_add_str(out, "</p>\n</details>\n");
}

/* --- JSON --- */

static void put_row(struct json *j, const struct policy_book *b, const struct policy_scenario *s)
{
    struct slice trees[TREES_MAX];
    const size_t n = trees_of(b, s, trees);
    const char *lack = lack_of(b, s);
    put_open(j, NULL, '{');
    put_text(j, "scenario", s->id);
    put_line(j, "line", s->line);
    put_int(j, "steps", (int64_t)steps_of(s));
    put_int(j, "triggers", (int64_t)s->n_triggers);
    put_open(j, "trees", '[');
    for (size_t i = 0; i < n; i++) put_text(j, NULL, trees[i]);
    put_close(j);
    put_open(j, "drills", '[');
    for (size_t i = 0; i < b->n_drills; i++)
        if (slice_eq(b->drills[i].scenario, s->id)) put_text(j, NULL, b->drills[i].id);
    put_close(j);
    put_null(j, "last_drilled");
    put_text_or_null(j, "gap", lack != NULL ? slice_of(lack) : (struct slice){ 0 });
    put_close(j);
}

void matrix_put_json(struct json *j, const struct compiled *c)
{
    const struct policy_book *b = &c->policy.book;
    put_open(j, "effective_coverage", '{');
    put_open(j, "scenarios", '[');
    for (size_t i = 0; i < b->n_scenarios; i++) put_row(j, b, &b->scenarios[i]);
    put_close(j);
    put_open(j, "gaps", '[');
    for (size_t i = 0; i < b->n_drills; i++) {
        if (!is_gap(&b->drills[i])) continue;
        put_open(j, NULL, '{');
        put_text(j, "drill", b->drills[i].id);
        put_text(j, "name", b->drills[i].name);
        put_line(j, "line", b->drills[i].line);
        put_close(j);
    }
    put_close(j);
    put_close(j);
}
