/* scenario_parts.c - the labels inside a runbook: one row an alias, in folded form. Adding a spelling is adding a row. */
#include "procedures/book.h"
#include "procedures/near.h"

#define LABEL(part, text)             \
    {                                 \
        PART_##part,                  \
        {                             \
            "" text, sizeof(text) - 1 \
        }                             \
    }

static const struct {
    enum scenario_part part;
    struct slice text;
} labels[] = {
    LABEL(SYMPTOMS, "symptoms"),
    LABEL(SYMPTOMS, "symptom"),
    LABEL(SYMPTOMS, "trigger"),
    LABEL(SYMPTOMS, "triggers"),
    LABEL(SYMPTOMS, "trigger conditions"),
    LABEL(SYMPTOMS, "alert"),
    LABEL(SYMPTOMS, "alerts"),
    LABEL(SYMPTOMS, "indicators"),
    LABEL(SYMPTOMS, "detection"),
    LABEL(SYMPTOMS, "signs"),
    LABEL(IMMEDIATE, "immediate actions"),
    LABEL(IMMEDIATE, "immediate action"),
    LABEL(IMMEDIATE, "investigation"),
    LABEL(IMMEDIATE, "investigation steps"),
    LABEL(IMMEDIATE, "diagnosis"),
    LABEL(IMMEDIATE, "diagnostics"),
    LABEL(IMMEDIATE, "diagnostic steps"),
    LABEL(IMMEDIATE, "steps"),
    LABEL(IMMEDIATE, "initial assessment"),
    LABEL(IMMEDIATE, "initial response"),
    LABEL(IMMEDIATE, "first steps"),
    LABEL(MITIGATION, "mitigation"),
    LABEL(MITIGATION, "mitigation steps"),
    LABEL(MITIGATION, "mitigation options"),
    LABEL(MITIGATION, "mitigation strategies"),
    LABEL(MITIGATION, "resolution"),
    LABEL(MITIGATION, "resolution steps"),
    LABEL(MITIGATION, "recovery"),
    LABEL(MITIGATION, "recovery steps"),
    LABEL(MITIGATION, "response"),
    LABEL(MITIGATION, "response steps"),
    LABEL(MITIGATION, "remediation"),
    LABEL(MITIGATION, "remediation steps"),
    LABEL(MITIGATION, "fix"),
    LABEL(TRIGGERS, "escalation triggers"),
    LABEL(TRIGGERS, "escalation trigger"),
    LABEL(TRIGGERS, "escalation criteria"),
    LABEL(TRIGGERS, "escalation conditions"),
    LABEL(TRIGGERS, "escalation"),
    LABEL(TRIGGERS, "when to escalate"),
    LABEL(TRIGGERS, "escalate if"),
    LABEL(TRIGGERS, "escalate immediately if"),
    LABEL(TRIGGERS, "escalate"),
    LABEL(VERIFICATION, "verification"),
    LABEL(VERIFICATION, "verification steps"),
    LABEL(VERIFICATION, "validation"),
    LABEL(VERIFICATION, "exit criteria"),
    LABEL(ROLLBACK, "rollback"),
    LABEL(ROLLBACK, "rollback steps"),
    LABEL(ROLLBACK, "rollback procedure"),
    LABEL(SEVERITY, "severity"),
    LABEL(OWNER, "owner"),
    LABEL(TREE, "decision tree"),
    LABEL(TREE, "decision trees"),
    LABEL(TREE, "decision flow"),
    LABEL(PROSE, "overview"),
    LABEL(PROSE, "purpose"),
    LABEL(PROSE, "scope"),
    LABEL(PROSE, "description"),
    LABEL(PROSE, "references"),
    LABEL(PROSE, "prerequisites"),
    LABEL(PROSE, "impact"),
    LABEL(PROSE, "best practices"),
    LABEL(PROSE, "related runbooks"),
};

/* "(After 15 minutes)" at a heading's end, whatever else it says. */
static struct slice after_cut(struct slice label)
{
    size_t open = label.n;
    if (!slice_has_suffix(label, S(")"))) return label;
    while (open > 0 && label.p[open - 1] != '(') open--;
    return open > 1 && heading_after(label) != POLICY_NONE ? slice_trim(slice_upto(label, open - 1)) : label;
}

static enum scenario_part part_folded(struct arena *a, struct slice label)
{
    struct slice folded = heading_fold(a, label);
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (slice_eq(folded, labels[i].text)) return labels[i].part;
    return PART_UNSET;
}

enum scenario_part scenario_part_of(struct arena *a, struct slice label)
{
    if (label.n == 0 || label.n > 100) return PART_UNSET;
    enum scenario_part part = part_folded(a, after_cut(label));
    size_t open = slice_find_char(label, '(');
    bool bracket = part == PART_UNSET && open > 0 && open < label.n && slice_has_suffix(label, S(")"));
    return bracket ? part_folded(a, slice_trim(slice_upto(label, open))) : part; /* "Mitigation (in order)" */
}

struct slice scenario_part_nearest(struct arena *a, struct slice label)
{
    struct slice folded = heading_fold(a, text_cut(label, 100)), names[COUNT_OF(labels)];
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        struct slice text = labels[i].text, word;
        while (labels[i].part != PART_PROSE && text.n > 0) {
            word = slice_cut(&text, ' ');
            if (word.n > 5 && find_phrase(folded, word) < folded.n) return labels[i].text;
        }
        names[i] = labels[i].part != PART_PROSE ? labels[i].text : (struct slice){ 0 };
    }
    return near_name(names, COUNT_OF(names), folded); /* misspelt */
}

int64_t heading_after(struct slice heading)
{
    struct duration d;
    size_t open = heading.n;
    if (!slice_has_suffix(heading, S(")"))) return POLICY_NONE;
    while (open > 0 && heading.p[open - 1] != '(') open--;
    struct slice inside = slice_upto(slice_from(heading, open), heading.n - open - 1);
    if (!scan_word(&inside, S("after")) || !scan_duration(&inside, &d) || !scan_end(inside)) return POLICY_NONE;
    return d.ms;
}

/* "Scenario 3:", "Scenario 3 -". */
static bool scenario_number_cut(struct slice *s)
{
    struct slice rest = *s;
    int64_t number;
    if (!scan_word(&rest, S("scenario"))) return false;
    scan_blanks(&rest);
    if (!slice_cut_uint(&rest, &number) || !scan_separator(&rest)) return false;
    *s = slice_trim(rest);
    return true;
}

bool scenario_heading_cut(struct slice *heading, struct slice *level_text)
{
    static const struct slice starts[] = { S("alert:"), S("incident:"), S("runbook:") };
    struct slice rest = *heading, label;
    *level_text = (struct slice){ 0 };
    if (scenario_number_cut(heading)) return true;
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        if (!slice_cut_prefix_nocase(&rest, starts[i])) continue;
        *heading = slice_trim(rest);
        return true;
    }
    if (!looks_like_level(rest, &label)) return false;
    rest = slice_from(rest, (size_t)(label.p - rest.p) + label.n);
    if (!scan_char(&rest, ':') || slice_trim(rest).n == 0) return false;
    *level_text = label;
    *heading = slice_trim(rest);
    return true;
}

/* Labels that nothing but a runbook has; "Detection", "Response" and "Recovery" are chapters of plans too. */
static bool is_runbook_label(struct arena *a, struct slice text)
{
    static const struct slice shared[] = { S("alert"),
                                           S("alerts"),
                                           S("detection"),
                                           S("recovery"),
                                           S("response"),
                                           S("steps"),
                                           S("validation"),
                                           S("escalation"),
                                           S("escalate"),
                                           S("initial response"),
                                           S("escalation criteria"),
                                           S("trigger"),
                                           S("triggers"),
                                           S("exit criteria") };
    enum scenario_part part = scenario_part_of(a, text);
    if (part == PART_UNSET || part >= PART_SEVERITY) return false;
    struct slice folded = heading_fold(a, text);
    for (size_t i = 0; i < COUNT_OF(shared); i++)
        if (slice_eq(folded, shared[i])) return false;
    return true;
}

/* Sections that an organisation's document has and a runbook has not. */
static bool is_organisations(enum section_role role)
{
    return role == SECTION_SEVERITY || role == SECTION_TEAM || role == SECTION_TIMELINE || role == SECTION_SCENARIOS ||
           role == SECTION_TEMPLATES || role == SECTION_REVIEWS || role == SECTION_TRAINING;
}

/* Its title says so: one label of a runbook is enough then, be it one that plans have too. */
static bool is_called_runbook(const struct node *n)
{
    return slice_find_nocase(n->text, S("runbook")) < n->text.n ||
           slice_find_nocase(n->text, S("playbook")) < n->text.n;
}

static bool is_any_label(struct arena *a, struct slice text)
{
    const enum scenario_part part = scenario_part_of(a, text);
    return part != PART_UNSET && part < PART_SEVERITY;
}

bool heading_is_runbook(struct arena *a, const struct document *d, size_t at, bool shared)
{
    const bool called = is_called_runbook(&d->v[at]);
    int level = d->v[at].level, found = 0;
    for (size_t i = at + 1; i < d->n; i++) {
        const struct node *n = &d->v[i];
        if (n->kind == NODE_HEADING && n->level <= level) break;
        if (n->kind == NODE_HEADING && is_organisations(section_role_of(a, n->text))) return false;
        bool below = n->kind == NODE_HEADING && n->level == level + 1;
        bool bold = n->kind == NODE_TEXT && n->labelled && n->label.n > 0 && level > 1;
        const struct slice label = below ? n->text : n->label;
        if (below || bold) found += called || shared ? is_any_label(a, label) : is_runbook_label(a, label);
    }
    return found >= (called ? 1 : 2);
}
