/* book.c - the rest of the document once all its sections are read: lists handed over, links, checks over the whole. */
#include "procedures/book.h"

#include "core/policy.h"
#include "procedures/tree.h"

static void lists_keep(struct compiler *c)
{
    struct policy_book *b = &c->policy.book;
    b->scenarios = vec_keep(c, &c->book.scenarios, struct policy_scenario, &b->n_scenarios);
    b->triggers = vec_keep(c, &c->book.triggers, struct policy_trigger, &b->n_triggers);
    b->changes = vec_keep(c, &c->book.changes, struct policy_change, &b->n_changes);
    b->windows = vec_keep(c, &c->book.windows, struct policy_window, &b->n_windows);
    b->metrics = vec_keep(c, &c->book.metrics, struct policy_step, &b->n_metrics);
    b->thresholds = vec_keep(c, &c->book.thresholds, struct policy_threshold, &b->n_thresholds);
    b->tools = vec_keep(c, &c->book.tools, struct policy_tool, &b->n_tools);
    b->training = vec_keep(c, &c->book.training, struct policy_training, &b->n_training);
    b->success = vec_keep(c, &c->book.success, struct policy_step, &b->n_success);
    b->reviews = vec_keep(c, &c->book.reviews, struct policy_review, &b->n_reviews);
}

void book_finish(struct compiler *c)
{
    lists_keep(c);
    trees_finish(c);
    c->policy.book.drills = vec_keep(c, &c->book.drills, struct policy_drill, &c->policy.book.n_drills);
    if (!c->options.part) {
        book_link(c);
        metrics_finish(c);
    }
    control_finish(c);
}

void book_release(struct book_parts *b)
{
    for (size_t i = 0; i < b->tree_sources.n; i++) {
        vec_release(&b->tree_sources.v[i]->segments);
        vec_release(&b->tree_sources.v[i]->nodes);
        vec_release(&b->tree_sources.v[i]->edges);
    }
    vec_release(&b->tree_sources);
    vec_release(&b->scenarios);
    vec_release(&b->triggers);
    vec_release(&b->changes);
    vec_release(&b->trees);
    vec_release(&b->windows);
    vec_release(&b->metrics);
    vec_release(&b->thresholds);
    vec_release(&b->tools);
    vec_release(&b->training);
    vec_release(&b->drills);
    vec_release(&b->success);
    vec_release(&b->reviews);
    vec_release(&b->control);
}
