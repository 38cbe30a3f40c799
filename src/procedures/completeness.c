/* completeness.c - the questions to a compiled document. */
#include "procedures/completeness.h"

#include "base/check.h"

/* Each returns whether the point is held; `line` gets the place of the lack where there is one. */
typedef bool question_fn(const struct compiled *c, unsigned *line);

#define HAS(name, count)                                       \
    static bool name(const struct compiled *c, unsigned *line) \
    {                                                          \
        (void)line;                                            \
        return c->policy.count > 0;                            \
    }

HAS(has_severities, n_severities)
HAS(has_roles, n_roles)
HAS(has_contacts, n_contacts)
HAS(has_channels, n_channels)
HAS(has_milestones, n_milestones)
HAS(has_communication, n_communications)
HAS(has_templates, n_templates)
HAS(has_rules, n_rules)
HAS(has_scenarios, book.n_scenarios)
HAS(has_trees, book.n_trees)
HAS(has_windows, book.n_windows)
HAS(has_thresholds, book.n_thresholds)
HAS(has_training, book.n_training)
HAS(has_drills, book.n_drills)
HAS(has_reviews, book.n_reviews)

static bool has_control(const struct compiled *c, unsigned *line)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_control; i++) {
        if (!b->control[i].placeholder) continue;
        *line = b->control[i].line;
        return false;
    }
    return b->n_control > 0;
}

static bool drills_have_runbooks(const struct compiled *c, unsigned *line)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_drills; i++) {
        if (b->drills[i].scenario.n > 0 || b->drills[i].tree.n > 0) continue;
        *line = b->drills[i].line;
        return false;
    }
    return true;
}

static bool without(const struct compiled *c, struct slice code, unsigned *line)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        if (!slice_eq(c->diagnostics[i].code, code)) continue;
        *line = c->diagnostics[i].line;
        return false;
    }
    return true;
}

static bool is_fresh(const struct compiled *c, unsigned *line)
{
    return without(c, S("W-REVIEW-OVERDUE"), line);
}

static bool no_clock_lost(const struct compiled *c, unsigned *line)
{
    return without(c, S("W-CLOCK-LOST"), line);
}

static bool chain_goes_on(const struct compiled *c, unsigned *line)
{
    return without(c, S("W-CHAIN-END"), line) && without(c, S("W-CHAIN-NONE"), line);
}

static bool no_rejected(const struct compiled *c, unsigned *line)
{
    for (unsigned i = 0; i < c->lines; i++) {
        if (c->classes[i] != CLASS_REJECTED) continue;
        *line = i + 1;
        return false;
    }
    return true;
}

static const struct {
    question_fn *holds;
    struct slice lack;
} questions[] = {
    { has_severities, S("no severity levels") },
    { has_roles, S("no response team") },
    { has_contacts, S("no contacts") },
    { has_channels, S("no communication channels") },
    { has_milestones, S("no response timeline") },
    { has_communication, S("no communication procedures") },
    { has_templates, S("no communication templates") },
    { has_rules, S("no escalation rules") },
    { has_scenarios, S("no incident scenarios") },
    { has_trees, S("no decision trees") },
    { has_windows, S("no post-incident procedures") },
    { has_thresholds, S("no alert thresholds") },
    { has_training, S("no training") },
    { has_drills, S("no drill scenarios") },
    { has_reviews, S("no reviews") },
    { has_control, S("document control is missing or not filled in") },
    { is_fresh, S("the review of the document is overdue") },
    { drills_have_runbooks, S("a drill has no runbook") },
    { no_clock_lost, S("a clock that nothing executes") },
    { chain_goes_on, S("the escalation ends, nobody is named after") },
    { no_rejected, S("a line that cannot be read") },
};

struct completeness completeness_of(const struct compiled *c)
{
    struct completeness out = { .asked = COUNT_OF(questions) };
    _Static_assert(COUNT_OF(questions) == COMPLETENESS_QUESTIONS, "each question has its place");
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        unsigned line = 0;
        if (questions[i].holds(c, &line))
            out.held++;
        else
            out.lacks[out.n_lacks++] = (struct completeness_lack){ line, questions[i].lack };
    }
    out.percent = (int)(out.held * 100 / out.asked);
    return out;
}
