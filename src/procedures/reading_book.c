/* reading_book.c - sentences about runbooks, trees, duties afterwards, measures, drills, reviews and the document. */
#include "procedures/completeness.h"
#include "procedures/reading_parts.h"

/* --- runbooks --- */

static const struct policy_tree *tree_named(const struct policy *p, struct slice id)
{
    for (size_t i = 0; i < p->book.n_trees; i++)
        if (slice_eq(p->book.trees[i].id, id)) return &p->book.trees[i];
    return NULL;
}

static const struct policy_scenario *scenario_named(const struct policy *p, struct slice id)
{
    for (size_t i = 0; i < p->book.n_scenarios; i++)
        if (slice_eq(p->book.scenarios[i].id, id)) return &p->book.scenarios[i];
    return NULL;
}

/* " (due 5 minutes after the first page)": the end of a runbook's timed phase. */
static struct slice step_due(struct teller *t, const struct policy_step *s, const char *after)
{
    struct slice due = words_time(t, s->due_ms);
    return s->due_ms > 0 ? words(t, " (due %.*s after %s)", ARG(due), after) : (struct slice){ 0 };
}

static void tell_steps(struct teller *t, const char *what, const struct policy_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        const struct policy_step *s = &steps->v[i];
        const struct policy_tree *tree = s->tree.n > 0 ? tree_named(t->p, s->tree) : NULL;
        struct slice opens =
            tree != NULL ? words(t, " (opens the tree \"%.*s\")", ARG(tree->name)) : (struct slice){ 0 };
        struct slice due = step_due(t, s, "the first page");
        tell(t, s->line, 1, "%s %zu: %.*s%.*s%s%.*s%s.", what, i + 1, ARG(s->text), ARG(due),
             s->optional ? " (may be skipped)" : "", ARG(opens),
             s->command ? " (its commands are shown, never run)" : "");
    }
}

static struct slice trigger_cause(struct teller *t, const struct policy_trigger *x)
{
    struct slice after = words_time(t, x->after_ms);
    switch (x->kind) {
    case TRIGGER_TIMED: return words(t, "%s %.*s", x->strict ? "after more than" : "after", ARG(after));
    case TRIGGER_COUNTABLE: return words(t, "at %lld or more", (long long)x->count);
    case TRIGGER_THRESHOLD: return S("when the measure crosses the limit");
    case TRIGGER_HUMAN:
    case TRIGGER_UNSET: break;
    }
    return S("when a person raises it, with a reason");
}

static void tell_triggers(struct teller *t, const struct policy_trigger *v, size_t n, int depth)
{
    for (size_t i = 0; i < n; i++) {
        struct slice cause = trigger_cause(t, &v[i]), only = words_levels(t, v[i].severities);
        if (v[i].severities != 0) cause = words(t, "%.*s, only %.*s", ARG(cause), ARG(only));
        tell(t, v[i].line, depth, "Trigger, %.*s: \"%.*s\" pages the Incident Commander and asks for a decision.",
             ARG(cause), ARG(v[i].text));
    }
}

static void tell_changes(struct teller *t)
{
    for (size_t i = 0; i < t->p->book.n_changes; i++) {
        const struct policy_change *x = &t->p->book.changes[i];
        struct slice to = x->level > 0 ? policy_level_label(t->p, x->level) : S("the next level");
        tell(t, x->line, 0, "\"%.*s\" is a reason for a person to %s the severity to %.*s.", ARG(x->text),
             x->lower ? "lower" : "raise", ARG(to));
    }
}

void tell_scenarios(struct teller *t)
{
    tell_triggers(t, t->p->book.triggers, t->p->book.n_triggers, 0);
    tell_changes(t);
    for (size_t i = 0; i < t->p->book.n_scenarios; i++) {
        const struct policy_scenario *s = &t->p->book.scenarios[i];
        struct slice level = s->severity > 0 ? policy_level_label(t->p, s->severity) : (struct slice){ 0 };
        tell(t, s->line, 0, "%.*s%s%.*s: %zu symptom%s, %zu immediate action%s, %zu mitigation step%s, %zu trigger%s.",
             ARG(s->name), level.n > 0 ? " is " : "", ARG(level), s->n_symptoms, words_s(s->n_symptoms), s->immediate.n,
             words_s(s->immediate.n), s->mitigation.n, words_s(s->mitigation.n), s->n_triggers, words_s(s->n_triggers));
        for (size_t k = 0; k < s->n_symptoms; k++)
            tell(t, s->symptoms[k].line, 1, "Symptom: %.*s.", ARG(s->symptoms[k].text));
        tell_steps(t, "Immediate action", &s->immediate);
        tell_steps(t, "Mitigation step", &s->mitigation);
        tell_steps(t, "Verification", &s->verification);
        tell_steps(t, "Rollback", &s->rollback);
        tell_triggers(t, s->triggers, s->n_triggers, 1);
    }
}

/* --- decision trees --- */

static struct slice node_text(struct teller *t, const struct policy_tree *tree, int index)
{
    if (index < 0 || (size_t)index >= tree->n_nodes) return S("nothing follows");
    return words(t, "\"%.*s\"", ARG(tree->nodes[index].text));
}

static struct slice node_meaning(struct teller *t, const struct policy_node *n)
{
    struct slice level = policy_level_label(t->p, n->level), target = policy_role_title(t->p, n->target);
    switch (n->kind) {
    case TREE_NODE_ESCALATE: return words(t, ": raises to at least %.*s, never lowers", ARG(level));
    case TREE_NODE_GATE: return words(t, ": waits for the approval of %.*s", ARG(target));
    case TREE_NODE_GOTO: {
        const struct policy_tree *to = tree_named(t->p, n->target);
        struct slice name = to != NULL ? to->name : n->target;
        return words(t, ": goes on in the tree \"%.*s\"", ARG(name));
    }
    case TREE_NODE_QUESTION: return n->numeric ? S(" (two numbers are asked for)") : (struct slice){ 0 };
    case TREE_NODE_OUTCOME: return S(": the end");
    case TREE_NODE_ACTION:
    case TREE_NODE_UNSET: break;
    }
    return (struct slice){ 0 };
}

static void tell_node(struct teller *t, const struct policy_tree *tree, const struct policy_node *n)
{
    struct slice meaning = node_meaning(t, n), answers = { 0 };
    for (size_t i = 0; i < n->n_edges; i++) {
        struct slice to = node_text(t, tree, n->edges[i].to);
        answers = words(t, "%.*s; %.*s → %.*s", ARG(answers), ARG(n->edges[i].label), ARG(to));
    }
    tell(t, n->line, 1, "\"%.*s\"%.*s%.*s.", ARG(n->text), ARG(meaning), ARG(answers));
}

void tell_trees(struct teller *t)
{
    for (size_t i = 0; i < t->p->book.n_trees; i++) {
        const struct policy_tree *tree = &t->p->book.trees[i];
        tell(t, tree->line, 0, "%.*s: %d question%s, %d answer%s%s%.*s.", ARG(tree->name), tree->questions,
             words_s((size_t)tree->questions), tree->edges, words_s((size_t)tree->edges),
             tree->start.n > 0 ? ", begins at: " : "", ARG(tree->start));
        for (size_t k = 0; k < tree->n_nodes; k++) tell_node(t, tree, &tree->nodes[k]);
    }
}

/* --- afterwards --- */

void tell_afterwards(struct teller *t)
{
    for (size_t i = 0; i < t->p->book.n_windows; i++) {
        const struct policy_window *w = &t->p->book.windows[i];
        struct slice from = words_time(t, w->from_ms), to = words_time(t, w->to_ms);
        if (w->from_ms == POLICY_NONE)
            tell(t, w->line, 0, "%.*s: without a deadline.", ARG(w->name));
        else if (w->to_ms == POLICY_NONE)
            tell(t, w->line, 0, "%.*s: from %.*s after the resolution.", ARG(w->name), ARG(from));
        else
            tell(t, w->line, 0, "%.*s: from %.*s to %.*s after the resolution.", ARG(w->name), ARG(from), ARG(to));
        for (size_t k = 0; k < w->n_actions; k++) {
            struct slice due = step_due(t, &w->actions[k], "the resolution");
            tell(t, w->actions[k].line, 1, "Task %zu: %.*s%.*s.", k + 1, ARG(w->actions[k].text), ARG(due));
        }
    }
}

/* --- measures --- */

static const char *crosses(enum threshold_op op)
{
    switch (op) {
    case OP_LESS: return "is below";
    case OP_MORE: return "is above";
    case OP_AT_MOST: return "is at or below";
    case OP_AT_LEAST: return "is at or above";
    case OP_UNSET: break;
    }
    return "meets";
}

static struct slice threshold_length(struct teller *t, const struct policy_threshold *x)
{
    struct slice lasts = words_time(t, x->for_ms), window = words_time(t, x->over_ms), out = { 0 };
    if (x->for_ms != POLICY_NONE) out = words(t, " for %.*s", ARG(lasts));
    return x->over_ms != POLICY_NONE ? words(t, "%.*s over %.*s", ARG(out), ARG(window)) : out;
}

void tell_measures(struct teller *t)
{
    const struct policy_book *b = &t->p->book;
    for (size_t i = 0; i < b->n_metrics; i++)
        tell(t, b->metrics[i].line, 0, "%.*s is a critical metric.", ARG(b->metrics[i].text));
    for (size_t i = 0; i < b->n_thresholds; i++) {
        const struct policy_threshold *x = &b->thresholds[i];
        struct slice label = policy_level_label(t->p, x->severity), length = threshold_length(t, x);
        struct slice what = x->severity > 0 ? words(t, "proposes %.*s", ARG(label)) : S("is a candidate for triage");
        const bool joined = x->unit.n == 0 || slice_eq(x->unit, S("%"));
        tell(t, x->line, 0, "%.*s that %s %.*s%s%.*s%.*s %.*s.", ARG(x->metric), crosses(x->op), ARG(x->value),
             joined ? "" : " ", ARG(x->unit), ARG(length), ARG(what));
    }
    if (b->n_thresholds > 0) {
        struct slice window = words_time(t, THRESHOLD_WINDOW_MS);
        tell(t, 0, 0, "A figure equal to its limit is neither above nor below it.");
        tell(
            t, 0, 0,
            "Where nothing is written, a figure is the %dth percentile of %.*s and counts when it is bad %d times in a "
            "row; no data counts as bad.",
            THRESHOLD_PERCENTILE, ARG(window), THRESHOLD_EVALUATIONS);
    }
    for (size_t i = 0; i < b->n_success; i++)
        tell(t, b->success[i].line, 0, "%.*s measures the response itself.", ARG(b->success[i].text));
}

/* --- drills, reviews, tools --- */

static void tell_drill(struct teller *t, const struct policy_drill *d)
{
    const struct policy_scenario *s = d->scenario.n > 0 ? scenario_named(t->p, d->scenario) : NULL;
    const struct policy_tree *tree = d->tree.n > 0 ? tree_named(t->p, d->tree) : NULL;
    if (s == NULL && tree == NULL) {
        tell(t, d->line, 0, "%.*s has no runbook: a gap in coverage; it can be drilled free-form.", ARG(d->name));
        return;
    }
    struct slice tail =
        tree != NULL ? words(t, "%sthe tree \"%.*s\"", s != NULL ? " and " : "", ARG(tree->name)) : (struct slice){ 0 };
    struct slice book = s != NULL ? words(t, "the runbook \"%.*s\"", ARG(s->name)) : (struct slice){ 0 };
    tell(t, d->line, 0, "%.*s exercises %.*s%.*s.", ARG(d->name), ARG(book), ARG(tail));
}

static bool is_drilled(const struct policy *p, struct slice scenario)
{
    for (size_t i = 0; i < p->book.n_drills; i++)
        if (slice_eq(p->book.drills[i].scenario, scenario)) return true;
    return false;
}

void tell_drills(struct teller *t)
{
    const struct policy_book *b = &t->p->book;
    for (size_t i = 0; i < b->n_training; i++) {
        struct slice every = words_period(t, b->training[i].every_ms);
        if (b->training[i].every_ms == POLICY_NONE)
            tell(t, b->training[i].line, 0, "Training \"%.*s\" has no period: it is not scheduled.",
                 ARG(b->training[i].name));
        else
            tell(t, b->training[i].line, 0, "Training \"%.*s\" is due every %.*s.", ARG(b->training[i].name),
                 ARG(every));
    }
    for (size_t i = 0; i < b->n_drills; i++) tell_drill(t, &b->drills[i]);
    for (size_t i = 0; b->n_drills > 0 && i < b->n_scenarios; i++)
        if (!is_drilled(t->p, b->scenarios[i].id))
            tell(t, b->scenarios[i].line, 0, "The runbook \"%.*s\" is exercised by no drill: a gap in coverage.",
                 ARG(b->scenarios[i].name));
}

void tell_reviews(struct teller *t)
{
    for (size_t i = 0; i < t->p->book.n_reviews; i++) {
        const struct policy_review *r = &t->p->book.reviews[i];
        tell(t, r->line, 0, "%.*s: %zu item%s on the agenda, %.*s.", ARG(r->name), r->n_items, words_s(r->n_items),
             ARG(r->every));
        for (size_t k = 0; k < r->n_items; k++)
            tell(t, r->items[k].line, 1, "Item %zu: %.*s.", k + 1, ARG(r->items[k].text));
    }
}

void tell_tools(struct teller *t)
{
    for (size_t i = 0; i < t->p->book.n_tools; i++) {
        const struct policy_tool *x = &t->p->book.tools[i];
        tell(t, x->line, 0, "%.*s%s%.*s%s.", ARG(x->text), x->group.n > 0 ? " (" : "", ARG(x->group),
             x->group.n > 0 ? ")" : "");
    }
}

/* --- the document itself --- */

void tell_control(struct teller *t)
{
    const struct policy_book *b = &t->p->book;
    const size_t open = policy_unfilled(t->p);
    if (open > 0)
        tell(t, 0, 0, "This is a DRAFT policy: %zu field%s of document control %s still a placeholder.", open,
             words_s(open), open == 1 ? "is" : "are");
    for (size_t i = 0; i < b->n_control; i++) {
        const struct policy_control *x = &b->control[i];
        if (x->placeholder)
            tell(t, x->line, 1, "%.*s is not filled in: %.*s.", ARG(x->key), ARG(x->value));
        else
            tell(t, x->line, 1, "%.*s: %.*s.", ARG(x->key), ARG(x->value));
    }
    for (size_t i = 0; i < t->c->n_diagnostics; i++) { /* what a calendar says of the dates (R134) */
        const struct diagnostic *d = &t->c->diagnostics[i];
        if (slice_find(d->code, S("-REVIEW-")) == d->code.n) continue;
        tell(t, d->line, 0, "%c%.*s.", d->message.p[0] - 'a' + 'A', (int)d->message.n - 1, d->message.p + 1);
    }
    if (b->placeholders > 0)
        tell(t, 0, 0, "The document holds %d placeholder%s in contacts, templates and document control.",
             b->placeholders, words_s((size_t)b->placeholders));
    struct completeness score = completeness_of(t->c);
    tell(t, 0, 0, "Completeness: %d %%, by what the document alone shows.", score.percent);
    for (size_t i = 0; i < score.n_lacks; i++)
        tell(t, score.lacks[i].line, 1, "Lowers completeness: %.*s.", ARG(score.lacks[i].text));
}
