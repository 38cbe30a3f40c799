/* measures.c - critical metrics and alert thresholds, and whether each metric has a threshold (R113).
 * Not here: evaluating one; how long and over which window when nothing is written (A42). */
#include "core/policy.h"
#include "procedures/book.h"
#include "procedures/rows.h"

/* `Metric | Target`: the first column names it; a target is a threshold, which has a place of its own. */
static void metric_row(struct compiler *c, struct step_list *list, const struct node *n)
{
    struct row row;
    if (!row_open(c, n, &row)) return;
    step_add(c, list, n, S("metric"), row.cells[row.text]);
    mark(c, n, CLASS_COMPILED);
    warn_clock_lost(c, n, "the name of a metric",
                    S("write it as a threshold: - Error rate: > 5%, under Alert Thresholds"));
}

void compile_metrics(struct compiler *c, const struct section *s)
{
    struct step_list list = { 0 };
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ROW) metric_row(c, &list, n);
        if (n->kind != NODE_ITEM) continue;
        steps_take(c, &list, n, S("metric"));
        warn_clock_lost(c, n, "the name of a metric",
                        S("write it as a threshold: - Error rate: > 5%, under Alert Thresholds"));
    }
    size_t n;
    const struct policy_step *kept = steps_keep(c, &list, &n);
    for (size_t i = 0; i < n; i++) *vec_push(&c->book.metrics) = kept[i];
    steps_release(&list);
}

static enum threshold_op op_of(enum comparison cmp)
{
    switch (cmp) {
    case CMP_LT: return OP_LESS;
    case CMP_GT: return OP_MORE;
    case CMP_LE: return OP_AT_MOST;
    case CMP_GE: return OP_AT_LEAST;
    case CMP_NONE: break;
    }
    return OP_UNSET;
}

/* CMP NUM UNIT ("for" DUR)? ("over" DUR)? (ARROW SEV)? */
static bool measure_read(const struct compiler *c, struct slice rest, struct policy_threshold *t)
{
    enum comparison cmp = CMP_NONE;
    struct duration d;
    t->for_ms = t->over_ms = POLICY_NONE;
    scan_comparison(&rest, &cmp);
    if (!scan_micro(&rest, &t->value_micro, &t->value)) return false;
    struct unit_factor unit = scan_measure(&rest);
    if (t->value_micro > INT64_MAX / unit.times) return false;
    t->value_micro = t->value_micro * unit.times / unit.by;
    t->unit = unit.text;
    t->op = op_of(cmp);
    if (scan_word(&rest, S("for"))) {
        scan_comparison(&rest, &cmp);
        if (!scan_duration(&rest, &d)) return false;
        t->for_ms = d.ms;
    }
    if (scan_word(&rest, S("over"))) {
        if (!scan_duration(&rest, &d)) return false;
        t->over_ms = d.ms;
    }
    if (scan_arrow(&rest) && !scan_level(c, &rest, &t->severity)) return false;
    return scan_end(rest);
}

static void threshold_add(struct compiler *c, const struct node *n, struct slice metric, struct policy_threshold t)
{
    t.metric = metric;
    t.line = n->line;
    t.id = id_make(c, "threshold", n, (struct slice){ 0 }, metric);
    *vec_push(&c->book.thresholds) = t;
    mark(c, n, CLASS_COMPILED);
}

/* A line to paste: "Error rate > 5%" is cut at its sign, and keeps its figure where that reads. */
static struct slice threshold_rewrite(struct compiler *c, struct slice text, struct slice metric)
{
    struct policy_threshold t = { 0 };
    size_t sign = 0, arrow = find_arrow(text);
    while (sign < text.n && text.p[sign] != '<' && text.p[sign] != '>') sign++;
    struct slice name = slice_trim(slice_upto(text, arrow < sign ? arrow : sign));
    struct slice value = arrow < sign ? (struct slice){ 0 } : slice_trim(slice_from(text, sign));
    name = slice_find_char(name, ':') < name.n ? metric : text_cut(name, 60);
    if (name.n == 0) name = S("Error rate");
    if (value.n > 0 && measure_read(c, value, &t) && t.op != OP_UNSET)
        return text_make(c, "- %.*s: %.*s", (int)name.n, name.p, (int)value.n, value.p);
    return text_make(c, "- %.*s: > 5%% for 5 minutes", (int)name.n, name.p);
}

/* METRIC ":" and its measure: the whole text. */
static bool threshold_read(const struct compiler *c, struct slice text, struct slice *metric,
                           struct policy_threshold *t)
{
    struct slice value = text;
    *metric = slice_trim(slice_cut(&value, ':'));
    return metric->n > 0 && metric->n < text.n && measure_read(c, value, t) && t->op != OP_UNSET;
}

struct slice threshold_offer(struct compiler *c, struct slice text)
{
    struct policy_threshold t = { 0 };
    struct slice metric;
    text = text_cut(text, 200);
    if (threshold_read(c, text, &metric, &t)) return text_make(c, "- %.*s", (int)text.n, text.p);
    return threshold_rewrite(c, text, text_cut(metric, 60));
}

static void threshold_item(struct compiler *c, const struct node *n)
{
    struct policy_threshold t = { 0 };
    struct slice metric, behind;
    size_t at;
    if (n->text.n == 0) return;
    if (threshold_read(c, n->text, &metric, &t)) {
        threshold_add(c, n, metric, t);
        return;
    }
    bool ruled =
        has_clock(n->text, &at) || find_arrow(n->text) < n->text.n || find_measurement(n->text, &behind) < n->text.n;
    metric = text_cut(metric, 60);
    if (ruled)
        diagnose(c, (struct at){ n, { 0 } }, "E-THRESHOLD", threshold_rewrite(c, n->text, metric),
                 "expected METRIC: COMPARISON NUMBER UNIT, such as > 5%% or < 99.9%%");
    else
        diagnose(c, (struct at){ n, { 0 } }, "N-THRESHOLD-PROSE", S(""), "no comparison: kept as reference prose");
}

/* Table `Metric | Warning | Critical`: a threshold a cell; the head names the level when the document has it. */
static void threshold_row(struct compiler *c, const struct node *n, const struct node *header)
{
    struct slice cells[8], heads[8];
    struct policy_threshold t[8] = { 0 };
    size_t count = row_cells(c->arena, n->text, cells, COUNT_OF(cells)), read = 0;
    size_t n_heads = row_cells(c->arena, header->text, heads, COUNT_OF(heads));
    if (n->header || count < 2 || cells[0].n == 0) return;
    for (size_t i = 1; i < count && i < n_heads; i++) {
        if (!measure_read(c, cells[i], &t[i])) continue;
        if (t[i].severity == 0) t[i].severity = policy_level_named(&c->policy, heads[i]);
        read++;
    }
    for (size_t i = 1; read > 0 && i < count && i < n_heads; i++) {
        if (t[i].value.n == 0) continue;
        /* Bare figures: the second is worse than the first, and that says which way is bad. */
        size_t other = i == 1 ? 2 : 1;
        bool falls = other < count && t[other].value.n > 0 &&
                     (i < other ? t[other].value_micro < t[i].value_micro : t[i].value_micro < t[other].value_micro);
        if (t[i].op == OP_UNSET) t[i].op = falls ? OP_LESS : OP_MORE;
        threshold_add(c, n, cells[0], t[i]);
    }
    bool figure = false;
    for (size_t i = 0; i < n->text.n; i++) figure |= is_digit(n->text.p[i]);
    if (read == 0 && figure)
        diagnose(c, (struct at){ n, { 0 } }, "E-THRESHOLD", S("| Error rate | > 1% | > 5% |"),
                 "no figure in this row: expected COMPARISON NUMBER UNIT in a cell");
}

/* Lines of a paragraph that are thresholds all the same; the others are prose, or an error (lost.c). */
static void threshold_lines(struct compiler *c, const struct node *n)
{
    for (unsigned i = 0; i <= n->last - n->line; i++) {
        struct policy_threshold t = { 0 };
        struct node line = node_line(c, n, i);
        struct slice metric;
        if (threshold_read(c, line.text, &metric, &t)) threshold_add(c, &line, metric, t);
    }
}

void compile_thresholds(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ITEM && n->level <= 1)
            threshold_item(c, n);
        else if (n->kind == NODE_TEXT)
            threshold_lines(c, n);
        else if (n->kind == NODE_ROW)
            threshold_row(c, n, &c->doc.v[n->table]);
    }
}

/* Words as stems joined by one blank, and every shorter ending of them: "resource utilization" → "utilization". */
static struct slice stems(struct compiler *c, struct slice text)
{
    struct slice out = { 0 }, stem;
    text = text_cut(text, 120);
    while (word_next(c->arena, &text, &stem))
        out = out.n == 0 ? stem : text_make(c, "%.*s %.*s", (int)out.n, out.p, (int)stem.n, stem.p);
    return out;
}

static void endings_put(struct smap *m, struct slice text, bool whole)
{
    if (whole && text.n > 0) smap_put(m, text, 1);
    for (size_t at = slice_find_char(text, ' '); at < text.n; at = slice_find_char(text, ' ')) {
        text = slice_from(text, at + 1);
        smap_put(m, text, 1);
    }
}

/* The metric ends as a threshold does, or the other way round; resources are processor, memory and disk (A41). */
static bool has_threshold(const struct smap *whole, const struct smap *endings, struct slice metric)
{
    struct slice text = metric, first = metric;
    if (smap_get(endings, metric, NULL) || smap_get(whole, metric, NULL)) return true;
    bool resource = slice_eq(slice_cut(&first, ' '), S("resource"));
    for (size_t at = slice_find_char(text, ' '); at < text.n; at = slice_find_char(text, ' ')) {
        text = slice_from(text, at + 1);
        if (smap_get(whole, text, NULL) || (resource && smap_get(endings, text, NULL))) return true;
    }
    return false;
}

void metrics_finish(struct compiler *c)
{
    struct policy_book *b = &c->policy.book;
    struct smap *whole = smap_create(0), *endings = smap_create(0);
    for (size_t i = 0; i < b->n_thresholds; i++) {
        struct slice text = stems(c, b->thresholds[i].metric);
        if (text.n > 0) smap_put(whole, text, 1);
        endings_put(endings, text, false);
    }
    for (size_t i = 0; i < b->n_metrics; i++) {
        const struct policy_step *m = &b->metrics[i];
        struct node n = { .line = m->line, .last = m->line, .col = 1 };
        struct slice text = stems(c, m->text), shown = text_cut(m->text, 80);
        if (slice_has_prefix(text, S("resource ")))
            interpret(c, m->line, "A41", "processor, memory and disk together", "a metric of its own",
                      "CPU utilization, memory utilization, disk utilization");
        if (has_threshold(whole, endings, text)) continue;
        diagnose(c, (struct at){ &n, { 0 } }, "W-METRIC-NO-THRESHOLD",
                 text_make(c, "add under Alert Thresholds: - %.*s: > 5%%", (int)shown.n, shown.p),
                 "no threshold says when this critical metric is bad");
    }
    for (size_t i = 0; i < b->n_thresholds; i++)
        if (b->thresholds[i].over_ms == POLICY_NONE || b->thresholds[i].for_ms == POLICY_NONE ||
            b->thresholds[i].severity == 0)
            interpret(
                c, b->thresholds[i].line, "A42",
                "what is not written: five minutes' window, 95th percentile, twice in a row; a candidate without a "
                "level; no data alerts",
                "the newest value alone; silence is health", "Error rate: > 5% for 10 minutes over 5 minutes → SEV2");
    smap_destroy(&whole);
    smap_destroy(&endings);
}
