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

/* A38: the post-mortem stands among the messages and among the tasks. */
static void interpret_postmortem(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; i < p->n_communications; i++)
        for (size_t w = 0; p->communications[i].kind == COMMUNICATION_POSTMORTEM && w < p->book.n_windows; w++)
            for (size_t k = 0; k < p->book.windows[w].n_actions; k++) {
                struct slice text = p->book.windows[w].actions[k].text;
                if (slice_find_nocase(text, S("post-mortem")) == text.n &&
                    slice_find_nocase(text, S("postmortem")) == text.n)
                    continue;
                interpret(c, p->communications[i].line, "A38",
                          "one obligation with the task of that name; publishing it outside is a separate approval",
                          "two reports, one of them sent outside by itself",
                          "Post-Mortem, internal: Within 24 hours …");
                return;
            }
}

/* A4: a level whose recovery takes longer than the milestone "Resolution" allows is late by definition. */
static void interpret_resolution(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; i < p->n_milestones; i++)
        for (size_t k = 0; k < p->n_severities; k++) {
            const struct policy_milestone *m = &p->milestones[i];
            bool resolution = find_phrase(m->name, S("resolution")) < m->name.n && m->at_ms != POLICY_NONE;
            if (!resolution || m->after_resolution || p->severities[k].recovery_min_ms <= m->at_ms) continue;
            interpret(c, p->severities[k].recovery_line, "A4",
                      "milestones are checkpoints that can be late: at this level the resolution is late by definition",
                      "the incident is resolved at that minute", "T+240 Minutes - Resolution");
            return;
        }
}

/* A14: the same minute is the end of the answer's time and the start of the next page. */
static void interpret_same_instant(struct compiler *c, const struct policy_rule *r)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; r->when == RULE_NO_RESPONSE && i < p->n_milestones; i++)
        for (size_t k = 0; k < p->milestones[i].n_checks; k++) {
            bool answer = p->milestones[i].checks[k].evidence == EVIDENCE_ACKNOWLEDGED;
            if (!answer || p->milestones[i].at_ms != r->after_ms) continue;
            interpret(c, p->milestones[i].checks[k].line, "A14",
                      "an answer stamped at the deadline itself is in time, and stops the page of that instant",
                      "it is late", "No response in 6 minutes → …");
            return;
        }
}

static void interpret_across(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    interpret_postmortem(c);
    interpret_resolution(c);
    for (size_t i = 0; i < c->policy.n_rules; i++) interpret_same_instant(c, &c->policy.rules[i]);
    for (size_t i = 0; i < b->n_windows; i++)
        if (b->n_scenarios > 0 && scenario_part_of(c->arena, b->windows[i].name) != PART_UNSET)
            interpret(c, b->windows[i].line, "A48",
                      "tasks after the incident: what a label means depends on where it stands", "a part of a scenario",
                      "### First tasks (T+0 to T+1 hour)");
}

void book_finish(struct compiler *c)
{
    lists_keep(c);
    trees_finish(c);
    book_link(c);
    c->policy.book.drills = vec_keep(c, &c->book.drills, struct policy_drill, &c->policy.book.n_drills);
    metrics_finish(c);
    control_finish(c);
    interpret_across(c);
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
