/* dump_book.c - runbooks, trees, duties afterwards, measures, upkeep and document control as text. */
#include "base/check.h"
#include "procedures/dump.h"
#include "procedures/names.h"

#define ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

static void add_level(const struct policy *p, struct buf *out, int level)
{
    if (level > 0) buf_addf(out, " level=%.*s", ARG(policy_level_label(p, level)));
}

/* Several lines of a detail on one. */
static void dump_detail(struct slice text, struct buf *out)
{
    buf_add_str(out, "    detail \"");
    while (text.n > 0) {
        struct slice line = slice_cut(&text, '\n');
        buf_addf(out, "%.*s%s", ARG(line), text.n > 0 ? "\\n" : "");
    }
    buf_add_str(out, "\"\n");
}

static void dump_steps(const char *what, const struct policy_step *v, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        buf_addf(out, "  %s L%u \"%.*s\" id=%.*s%s%s", what, v[i].line, ARG(v[i].text), ARG(v[i].id),
                 v[i].optional ? " optional" : "", v[i].command ? " command" : "");
        text_field_dump(out, "tree", v[i].tree);
        if (v[i].due_ms > 0) duration_field_dump(out, "due", v[i].due_ms);
        buf_add_char(out, '\n');
        for (size_t k = 0; k < v[i].n_details; k++) dump_detail(v[i].details[k], out);
    }
}

static void dump_trigger(const struct policy *p, const struct policy_trigger *t, struct buf *out)
{
    buf_addf(out, "  trigger L%u %s \"%.*s\" id=%.*s", t->line, trigger_name(t->kind), ARG(t->text), ARG(t->id));
    duration_field_dump(out, t->strict ? "longer-than" : "after", t->after_ms);
    text_field_dump(out, "fact", t->fact);
    if (t->count > 0) buf_addf(out, " count=%lld", (long long)t->count);
    if (t->severities != 0) {
        buf_add_str(out, " for ");
        level_set_dump(p, t->severities, out);
    }
    buf_add_char(out, '\n');
}

static void dump_scenario(const struct policy *p, const struct policy_scenario *s, struct buf *out)
{
    buf_addf(out, "scenario L%u \"%.*s\" id=%.*s", s->line, ARG(s->name), ARG(s->id));
    add_level(p, out, s->severity);
    text_field_dump(out, "owner", s->owner);
    buf_add_char(out, '\n');
    dump_steps("symptom", s->symptoms, s->n_symptoms, out);
    dump_steps("immediate", s->immediate.v, s->immediate.n, out);
    dump_steps("mitigation", s->mitigation.v, s->mitigation.n, out);
    dump_steps("verification", s->verification.v, s->verification.n, out);
    dump_steps("rollback", s->rollback.v, s->rollback.n, out);
    for (size_t i = 0; i < s->n_triggers; i++) dump_trigger(p, &s->triggers[i], out);
}

static void dump_tree(const struct policy *p, const struct policy_tree *t, struct buf *out)
{
    buf_addf(out, "tree L%u \"%.*s\" id=%.*s start=\"%.*s\" questions=%d answers=%d%s\n", t->line, ARG(t->name),
             ARG(t->id), ARG(t->start), t->questions, t->edges, t->check_after_each ? "" : " check=after-last");
    for (size_t i = 0; i < t->n_nodes; i++) {
        const struct policy_node *n = &t->nodes[i];
        buf_addf(out, "  %zu L%u %s \"%.*s\" id=%.*s%s", i, n->line, tree_node_name(n->kind), ARG(n->text), ARG(n->id),
                 n->numeric ? " numeric" : "");
        add_level(p, out, n->level);
        text_field_dump(out, "target", n->target);
        for (size_t e = 0; e < n->n_edges; e++)
            buf_addf(out, " %.*s%s%d", ARG(n->edges[e].label), n->edges[e].written ? "→" : "~>", n->edges[e].to);
        buf_add_char(out, '\n');
    }
}

static void dump_threshold(const struct policy *p, const struct policy_threshold *t, struct buf *out)
{
    buf_addf(out, "threshold L%u \"%.*s\" %s \"%.*s\" \"%.*s\" si=%lld/1000000", t->line, ARG(t->metric),
             threshold_sign(t->op), ARG(t->value), ARG(t->unit), (long long)t->value_micro);
    duration_field_dump(out, "for", t->for_ms);
    duration_field_dump(out, "over", t->over_ms);
    add_level(p, out, t->severity);
    buf_addf(out, " id=%.*s\n", ARG(t->id));
}

static void dump_window(const struct policy_window *w, struct buf *out)
{
    buf_addf(out, "window L%u \"%.*s\" id=%.*s", w->line, ARG(w->name), ARG(w->id));
    duration_field_dump(out, "from", w->from_ms);
    duration_field_dump(out, "to", w->to_ms);
    buf_add_char(out, '\n');
    dump_steps("action", w->actions, w->n_actions, out);
}

static void dump_drill(const struct policy_drill *d, struct buf *out)
{
    buf_addf(out, "drill L%u \"%.*s\" id=%.*s", d->line, ARG(d->name), ARG(d->id));
    text_field_dump(out, "scenario", d->scenario);
    text_field_dump(out, "tree", d->tree);
    buf_add_char(out, '\n');
}

static void dump_review(const struct policy_review *r, struct buf *out)
{
    buf_addf(out, "review L%u \"%.*s\" id=%.*s every=\"%.*s\"", r->line, ARG(r->name), ARG(r->id), ARG(r->every));
    duration_field_dump(out, "period", r->every_ms);
    buf_add_char(out, '\n');
    dump_steps("item", r->items, r->n_items, out);
}

static void dump_control(const struct policy_control *c, struct buf *out)
{
    buf_addf(out, "control L%u \"%.*s\" = \"%.*s\"%s", c->line, ARG(c->key), ARG(c->value),
             c->placeholder ? " placeholder" : "");
    if (c->date_ms != POLICY_NONE) buf_addf(out, " day=%lld", (long long)(c->date_ms / DAY));
    buf_add_char(out, '\n');
}

static void dump_upkeep(const struct policy_book *b, struct buf *out)
{
    for (size_t i = 0; i < b->n_tools; i++)
        buf_addf(out, "tool L%u \"%.*s\" group=\"%.*s\" id=%.*s\n", b->tools[i].line, ARG(b->tools[i].text),
                 ARG(b->tools[i].group), ARG(b->tools[i].id));
    for (size_t i = 0; i < b->n_training; i++) {
        buf_addf(out, "training L%u \"%.*s\" id=%.*s", b->training[i].line, ARG(b->training[i].name),
                 ARG(b->training[i].id));
        duration_field_dump(out, "every", b->training[i].every_ms);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < b->n_drills; i++) dump_drill(&b->drills[i], out);
    if (b->n_success > 0) buf_add_str(out, "success\n");
    dump_steps("metric", b->success, b->n_success, out);
    for (size_t i = 0; i < b->n_reviews; i++) dump_review(&b->reviews[i], out);
    for (size_t i = 0; i < b->n_control; i++) dump_control(&b->control[i], out);
}

void book_dump(const struct policy *p, struct buf *out)
{
    const struct policy_book *b = &p->book;
    for (size_t i = 0; i < b->n_scenarios; i++) dump_scenario(p, &b->scenarios[i], out);
    if (b->n_triggers > 0) buf_add_str(out, "triggers of every incident\n");
    for (size_t i = 0; i < b->n_triggers; i++) dump_trigger(p, &b->triggers[i], out);
    for (size_t i = 0; i < b->n_changes; i++) {
        buf_addf(out, "%s L%u \"%.*s\" id=%.*s", b->changes[i].lower ? "lower" : "raise", b->changes[i].line,
                 ARG(b->changes[i].text), ARG(b->changes[i].id));
        add_level(p, out, b->changes[i].level);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < b->n_trees; i++) dump_tree(p, &b->trees[i], out);
    for (size_t i = 0; i < b->n_windows; i++) dump_window(&b->windows[i], out);
    if (b->n_metrics > 0) buf_add_str(out, "critical\n");
    dump_steps("metric", b->metrics, b->n_metrics, out);
    for (size_t i = 0; i < b->n_thresholds; i++) dump_threshold(p, &b->thresholds[i], out);
    dump_upkeep(b, out);
    if (b->placeholders > 0) buf_addf(out, "placeholders %d\n", b->placeholders);
}
