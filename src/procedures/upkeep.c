/* upkeep.c - tools, training, drills, success metrics and reviews: lists that keep a team ready. */
#include "core/policy.h"
#include "procedures/book.h"
#include "procedures/rows.h"

/* What an item of the outermost list says, or a row of a table; empty for anything else. */
static struct slice list_text(struct compiler *c, const struct node *n)
{
    struct row row;
    if (n->kind == NODE_ROW) return row_open(c, n, &row) ? row.cells[row.text] : (struct slice){ 0 };
    return n->kind == NODE_ITEM && n->level <= 1 ? n->text : (struct slice){ 0 };
}

void compile_tools(struct compiler *c, const struct section *s)
{
    struct slice group = { 0 };
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        bool label = n->kind == NODE_TEXT && n->labelled && n->rest.n == 0;
        if (n->kind == NODE_HEADING || label) group = heading_bare(n->kind == NODE_HEADING ? n->text : n->label);
        struct slice text = list_text(c, n);
        if (text.n == 0) continue;
        struct policy_tool tool = { .group = group, .text = text, .line = n->line };
        tool.id = id_make(c, "tool", n, group.n > 0 ? slug_of(c->arena, group) : group, text);
        *vec_push(&c->book.tools) = tool;
        mark(c, n, CLASS_COMPILED);
    }
}

static void training_add(struct compiler *c, const struct node *n, struct slice name, int64_t every_ms)
{
    struct policy_training t = { .name = name, .every_ms = every_ms, .line = n->line };
    t.id = id_make(c, "training", n, (struct slice){ 0 }, name);
    *vec_push(&c->book.training) = t;
    mark(c, n, CLASS_COMPILED);
    if (every_ms == POLICY_NONE)
        interpret(c, n->line, "A43", "without a period: not scheduled; a weekly round at random for who opts in",
                  "every day", "Weekly scenario practice");
    else
        interpret(c, n->line, "A44", "on the first business day of its period", "on any day of it",
                  "Monthly incident response training on the first Tuesday");
}

/* Table `Exercise | Frequency`: the cell that is a frequency, and the first other one. */
static void training_row(struct compiler *c, const struct node *n)
{
    struct slice cells[6], word;
    size_t count = row_cells(c->arena, n->text, cells, COUNT_OF(cells));
    int64_t every;
    for (size_t i = 0; !n->header && i < count; i++) {
        struct slice rest = cells[i];
        if (!scan_frequency(&rest, &every, &word) || !scan_end(rest)) continue;
        if (count > 1) training_add(c, n, cells[i == 0 ? 1 : 0], every);
        return;
    }
}

void compile_training(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        struct slice rest = n->text, word;
        int64_t every;
        if (n->kind == NODE_ROW) training_row(c, n);
        if (n->kind != NODE_ITEM || n->level > 1) continue;
        if (scan_frequency(&rest, &every, &word)) {
            slice_cut_prefix(&rest, S(":"));
            training_add(c, n, slice_trim(rest).n > 0 ? slice_trim(rest) : n->text, every);
        } else {
            warn_clock_lost(c, n, "reference prose", S("- Monthly incident response training"));
        }
    }
}

/* `NAME → Scenario 2`: the runbook is named, its number counts from 1. What stands in another document is looked for when
 * all are there (links.c): then the id is still the words. */
static struct slice drill_scenario(struct compiler *c, const struct node *n, struct slice *name)
{
    size_t at = find_arrow(*name);
    struct slice rest = slice_from(*name, at);
    int64_t number;
    if (at == name->n) return (struct slice){ 0 };
    *name = slice_trim(slice_upto(*name, at));
    scan_arrow(&rest);
    struct slice target = slice_trim(rest);
    if (scan_word(&rest, S("scenario"))) scan_blanks(&rest);
    if (slice_cut_uint(&rest, &number) && number >= 1 && number <= (int64_t)c->book.scenarios.n)
        return c->book.scenarios.v[number - 1].id;
    for (size_t i = 0; i < c->book.scenarios.n && i < 200; i++)
        if (slice_eq_nocase(c->book.scenarios.v[i].name, target)) return c->book.scenarios.v[i].id;
    if (c->options.part) return target;
    target = text_cut(target, 60);
    diagnose(c, (struct at){ n, { 0 } }, "E-DRILL-SCENARIO",
             text_make(c, "name one by its number: → Scenario 1 to %zu", c->book.scenarios.n),
             "no scenario of this document is \"%.*s\"", (int)target.n, target.p);
    return (struct slice){ 0 };
}

void compile_drills(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        struct policy_drill drill = { .name = list_text(c, n), .line = n->line };
        if (drill.name.n == 0) continue;
        mark(c, n, CLASS_COMPILED);
        drill.scenario = drill_scenario(c, n, &drill.name);
        drill.id = id_make(c, "drill", n, (struct slice){ 0 }, drill.name);
        *vec_push(&c->book.drills) = drill;
    }
}

/* Metrics whose value can be worked out from what is recorded (R118, R119). */
static bool is_known_function(struct slice text)
{
    static const struct slice words[] = { S("MTTD"), S("MTTA"), S("MTTM"), S("MTTR"), S("mean time to") };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (find_phrase(text, words[i]) < text.n) return true;
    return false;
}

void compile_success(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        struct policy_step metric = { .text = list_text(c, n), .line = n->line };
        if (metric.text.n == 0) continue;
        metric.id = id_make(c, "success", n, (struct slice){ 0 }, metric.text);
        *vec_push(&c->book.success) = metric;
        mark(c, n, CLASS_COMPILED);
        if (!is_known_function(metric.text))
            interpret(c, n->line, "A46", "what was done in time, of what was due", "a judgement that a person enters",
                      "Share of updates that were on time");
    }
}

static void review_take(struct compiler *c, struct step_list *list, const struct node *n, struct slice id)
{
    struct row row;
    if (n->kind == NODE_ITEM) steps_take(c, list, n, id);
    if (n->kind != NODE_ROW || !row_open(c, n, &row)) return;
    step_add(c, list, n, id, row.cells[row.text]);
    mark(c, n, CLASS_COMPILED);
}

/* "Monthly Reviews": the frequency in front of the heading. */
void compile_reviews(struct compiler *c, const struct section *s)
{
    struct policy_review r = { .name = heading_bare(s->name),
                               .line = c->doc.v[s->heading].line,
                               .every_ms = POLICY_NONE };
    struct step_list list = { 0 };
    struct slice heading = r.name;
    scan_frequency(&heading, &r.every_ms, &r.every);
    r.id = id_make(c, "review", &c->doc.v[s->heading], (struct slice){ 0 }, r.name);
    mark(c, &c->doc.v[s->heading], CLASS_COMPILED);
    for (size_t at = s->heading; section_next(c, s, &at);) review_take(c, &list, &c->doc.v[at], r.id);
    r.items = steps_keep(c, &list, &r.n_items);
    *vec_push(&c->book.reviews) = r;
    steps_release(&list);
}
