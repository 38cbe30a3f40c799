/* merge_lines.c - marks every line of a document's policy with the number of its file (POLICY_LINE in core/policy.h), so
 * that whoever shows a line of a policy of several documents can say which of them it stands in.
 * Not here: lines of diagnostics and nodes; those stay the document's own. Always: marking twice is marking once. */
#include <string.h>

#include "procedures/merge_inner.h"

struct nest;

struct inner { /* a list inside an element */
    size_t v, n; /* offsets */
    const struct nest *of;
};

struct nest { /* what an element holds */
    size_t size;
    size_t lines[2]; /* offsets of its lines; the second may be 0 */
    struct inner lists[6]; /* until one without `of` */
};

#define LINE(type) .size = sizeof(struct type), .lines = { offsetof(struct type, line) }
#define LIST(type, list, kind)                                                     \
    {                                                                              \
        offsetof(struct type, list), offsetof(struct type, n_##list), &nest_##kind \
    }
#define GROUP(type, group, kind)                                                     \
    {                                                                                \
        offsetof(struct type, group.v), offsetof(struct type, group.n), &nest_##kind \
    }

static const struct nest nest_item = { LINE(policy_item) };
static const struct nest nest_selector = { LINE(policy_selector) };
static const struct nest nest_check = { LINE(policy_check) };
static const struct nest nest_field = { LINE(policy_template_line) };
static const struct nest nest_step = { LINE(policy_step) };
static const struct nest nest_trigger = { LINE(policy_trigger) };
static const struct nest nest_edge = { LINE(policy_edge) };
static const struct nest nest_node = { LINE(policy_node), .lists = { LIST(policy_node, edges, edge) } };
static const struct nest nest_plain[] = { { LINE(policy_contact) },       { LINE(policy_channel) },
                                          { LINE(policy_communication) }, { LINE(policy_rule) },
                                          { LINE(policy_change) },        { LINE(policy_threshold) },
                                          { LINE(policy_tool) },          { LINE(policy_training) },
                                          { LINE(policy_drill) },         { LINE(policy_control) } };
enum { CONTACT, CHANNEL, COMMUNICATION, RULE, CHANGE, THRESHOLD, TOOL, TRAINING, DRILL, CONTROL };
static const struct nest nest_severity = { .size = sizeof(struct policy_severity),
                                           .lines = { offsetof(struct policy_severity, line),
                                                      offsetof(struct policy_severity, recovery_line) },
                                           .lists = { GROUP(policy_severity, criteria, item) } };
static const struct nest nest_role = { LINE(policy_role), .lists = { GROUP(policy_role, duties, item),
                                                                     LIST(policy_role, selectors, selector) } };
static const struct nest nest_milestone = { LINE(policy_milestone),
                                            .lists = { LIST(policy_milestone, checks, check) } };
static const struct nest nest_template = { LINE(policy_template), .lists = { LIST(policy_template, lines, field) } };
static const struct nest nest_scenario = {
    LINE(policy_scenario),
    .lists = { LIST(policy_scenario, symptoms, step), GROUP(policy_scenario, immediate, step),
               GROUP(policy_scenario, mitigation, step), GROUP(policy_scenario, verification, step),
               GROUP(policy_scenario, rollback, step), LIST(policy_scenario, triggers, trigger) }
};
static const struct nest nest_tree = { LINE(policy_tree), .lists = { LIST(policy_tree, nodes, node) } };
static const struct nest nest_window = { LINE(policy_window), .lists = { LIST(policy_window, actions, step) } };
static const struct nest nest_review = { LINE(policy_review), .lists = { LIST(policy_review, items, step) } };

#define TOP(list, kind)                                                        \
    {                                                                          \
        offsetof(struct policy, list), offsetof(struct policy, n_##list), kind \
    }
#define BOOK(list, kind)                                                                 \
    {                                                                                    \
        offsetof(struct policy, book.list), offsetof(struct policy, book.n_##list), kind \
    }

static const struct inner lists[] = {
    TOP(severities, &nest_severity),
    TOP(roles, &nest_role),
    TOP(contacts, &nest_plain[CONTACT]),
    TOP(channels, &nest_plain[CHANNEL]),
    TOP(milestones, &nest_milestone),
    TOP(communications, &nest_plain[COMMUNICATION]),
    TOP(templates, &nest_template),
    TOP(rules, &nest_plain[RULE]),
    BOOK(scenarios, &nest_scenario),
    BOOK(triggers, &nest_trigger),
    BOOK(changes, &nest_plain[CHANGE]),
    BOOK(trees, &nest_tree),
    BOOK(windows, &nest_window),
    BOOK(metrics, &nest_step),
    BOOK(thresholds, &nest_plain[THRESHOLD]),
    BOOK(tools, &nest_plain[TOOL]),
    BOOK(training, &nest_plain[TRAINING]),
    BOOK(drills, &nest_plain[DRILL]),
    BOOK(success, &nest_step),
    BOOK(reviews, &nest_review),
    BOOK(control, &nest_plain[CONTROL]),
};

static void mark_line(char *at, unsigned file)
{
    unsigned line;
    memcpy(&line, at, sizeof line);
    if (line > 0) line = (unsigned)POLICY_LINE(line) | file << POLICY_FILE_SHIFT;
    memcpy(at, &line, sizeof line);
}

/* The lists of a policy are const to all who read it; until the set is made they are still ours. A step may lie in two
 * lists, a nest is never deeper than three. */
static void mark_list(const char *holder, const struct inner *list, unsigned file)
{
    char *v;
    size_t n;
    memcpy(&v, holder + list->v, sizeof v);
    memcpy(&n, holder + list->n, sizeof n);
    for (size_t i = 0; i < n; i++, v += list->of->size) {
        for (size_t k = 0; k < COUNT_OF(list->of->lines); k++)
            if (k == 0 || list->of->lines[k] > 0) mark_line(v + list->of->lines[k], file);
        for (size_t k = 0; k < COUNT_OF(list->of->lists) && list->of->lists[k].of != NULL; k++)
            mark_list(v, &list->of->lists[k], file);
    }
}

void merge_mark_lines(struct policy *p, const struct policy *base, size_t file)
{
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const bool borrowed =
            base != NULL && lists[i].v == offsetof(struct policy, severities) && p->severities == base->severities;
        if (!borrowed) mark_list((const char *)p, &lists[i], (unsigned)file);
    }
    mark_line((char *)&p->first_line, (unsigned)file);
}
