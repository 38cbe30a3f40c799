/* book.h - what the files share that compile the rest of a document: runbooks, decision trees, duties afterwards,
 * thresholds, tools, drills, reviews, document control. Private to procedures/; the shapes are in core/policy_book.h. */
#ifndef PROCEDURES_BOOK_H
#define PROCEDURES_BOOK_H

#include "procedures/compiler.h"

/* --- steps: free text that people do, with what stands below it (steps.c) --- */

struct step_list {
    VEC(struct policy_step) steps;
    VEC(struct slice) details; /* of the step that is open */
    int base; /* list depth of the steps; deeper items are details; 0 = not known yet */
    int64_t due_ms; /* of the phase that the label is; 0 = none */
    bool headed; /* the step is a heading: whatever stands below it are its details */
    const struct node *pending; /* a paragraph that is a step only when no list follows */
};

void steps_begin(struct step_list *l); /* a new label: its list may have another depth */
void step_add(struct compiler *c, struct step_list *l, const struct node *n, struct slice path, struct slice text);
void step_detail(struct step_list *l, struct slice text); /* of the step added last; nothing when empty */
/* Any node below a label that holds steps: an item, a paragraph, a fence. Others stay prose. */
void steps_take(struct compiler *c, struct step_list *l, const struct node *n, struct slice path);
void steps_end(struct compiler *c, struct step_list *l, struct slice path); /* before the next label */
/* Copies the list into the arena, in order, and empties it. */
const struct policy_step *steps_keep(struct compiler *c, struct step_list *l, size_t *n);
void steps_release(struct step_list *l);

/* "… if needed", "(if required)", "if necessary.": done or skipped with a reason (A26). */
bool text_is_optional(struct slice text);

/* --- scenarios --- */

#define SCENARIO_PARTS(X)              \
    X(SYMPTOMS, "symptoms")            \
    X(IMMEDIATE, "immediate actions")  \
    X(MITIGATION, "mitigation steps")  \
    X(VERIFICATION, "verification")    \
    X(ROLLBACK, "rollback")            \
    X(TRIGGERS, "escalation triggers") \
    X(SEVERITY, "severity")            \
    X(OWNER, "owner")                  \
    X(TREE, "decision tree")           \
    X(PROSE, "prose")

enum scenario_part {
    PART_UNSET = 0, /* no known label */
#define X(sym, text) PART_##sym,
    SCENARIO_PARTS(X)
#undef X
        PARTS_END
};

#define PARTS_WITH_STEPS (PART_ROLLBACK + 1)

enum scenario_part scenario_part_of(struct arena *a, struct slice label);
struct slice scenario_part_nearest(struct arena *a, struct slice label); /* empty when nothing is near */
/* "Alert: X", "Scenario 3: X", "P1: X" at the start of a bare heading: cut off. *level_text is "P1", else empty. */
bool scenario_heading_cut(struct slice *heading, struct slice *level_text);

/* One trigger: classified by the sentence patterns, in their order. `after_ms` is the clock of its heading. */
struct policy_trigger trigger_read(struct compiler *c, const struct node *n, struct slice text, struct slice path,
                                   int64_t after_ms);
/* A line to paste: what a text with a clock probably means, as a sentence that the clock fires. */
struct slice trigger_offer(struct compiler *c, struct slice text);
/* Where the comparison of a measurement begins ("> 5%" behind a metric); text.n without one. *behind: the number. */
size_t find_measurement(struct slice text, struct slice *behind);
/* "(After 15 minutes)" at the end of a heading; POLICY_NONE without one. */
int64_t heading_after(struct slice heading);

/* --- words: what two texts share (words.c) --- */

/* The next word of *s, folded to its stem ("Regions" → "region", "regional" → "region"); "fail over" is one word.
 * False at the end. */
bool word_next(struct arena *a, struct slice *s, struct slice *stem);
bool word_is_plain(struct slice stem); /* says nothing about the matter: articles, prepositions, "if needed" … */

/* --- values (values.c) --- */

/* "99.9", "5", ".5": in millionths; *written is the number as it stands. */
bool scan_micro(struct slice *s, int64_t *micro, struct slice *written);
/* "%", "seconds", "ms", "GB" or any other word: *factor turns millionths of it into millionths of its SI base unit
 * as numerator / denominator. Never fails: without a unit it is 1 / 1. */
struct unit_factor {
    struct slice text;
    int64_t times, by;
};
struct unit_factor scan_measure(struct slice *s);
/* "Weekly", "Monthly", "Annual", "Every 2 weeks", "Continuous" (POLICY_NONE); the cursor moves behind it. */
bool scan_frequency(struct slice *s, int64_t *every_ms, struct slice *word);
bool is_placeholder_value(struct slice value); /* in contacts and document control (G17) */
int placeholders_in(struct slice text); /* [x], {x}, {{x}}, <x> in a template's literal */
int64_t date_value(struct slice value); /* "2026-04-06", "6 April 2026", "April 6, 2026" in ms UTC; POLICY_NONE */

/* --- trees --- */

/* False when the fence draws no tree. */
bool tree_fence_read(struct compiler *c, const struct node *fence, struct slice name, const struct node *named);
size_t tree_list_read(struct compiler *c, size_t at, size_t end, struct slice name, const struct node *named);
void trees_finish(struct compiler *c);
/* Ends of the trees of c->policy that start one of another document become jumps. The nodes are changed in place. */
void trees_link(struct compiler *c);
void trees_check_loops(struct compiler *c); /* over all trees: a jump may come back */
/* A tree's name without "decision tree": "failover". Folded, words separated by one blank. */
struct slice tree_short_name(struct compiler *c, struct slice name);

/* --- the sections --- */

void compile_scenarios(struct compiler *c, const struct section *s);
void compile_triggers(struct compiler *c, const struct section *s);
void compile_severity_raise(struct compiler *c, const struct section *s);
void compile_severity_lower(struct compiler *c, const struct section *s);
void compile_trees(struct compiler *c, const struct section *s);
void compile_post_incident(struct compiler *c, const struct section *s);
void compile_metrics(struct compiler *c, const struct section *s);
void compile_thresholds(struct compiler *c, const struct section *s);
void compile_tools(struct compiler *c, const struct section *s);
void compile_training(struct compiler *c, const struct section *s);
void compile_drills(struct compiler *c, const struct section *s);
void compile_success(struct compiler *c, const struct section *s);
void compile_reviews(struct compiler *c, const struct section *s);
void compile_control(struct compiler *c, const struct section *s);

/* A line to paste for a text that stands where thresholds or channels do: itself as an item, or the nearest form. */
struct slice threshold_offer(struct compiler *c, struct slice text);
struct slice channel_offer(struct compiler *c, struct slice text);
/* A quote or fence in the place of rules of this role: what looks like one is said (lost.c). */
void block_check(struct compiler *c, const struct node *n, enum section_role role);

/* Once all sections are read: control outside of a section, links between the parts, the counts. */
void book_finish(struct compiler *c);
void book_link(struct compiler *c); /* steps and drills of c->policy to trees and runbooks (A27, A45) */
/* What a finished runbook lacks: a note; without triggers nobody is called when it does not work (W). */
void scenario_check(struct compiler *c, const struct policy_scenario *s);
void metrics_finish(struct compiler *c); /* R113 */
void settled_report(struct compiler *c); /* what can be read in two ways between sections (settled.c) */
void control_begin(struct compiler *c); /* front matter, and the lines before the first section */
void control_finish(struct compiler *c);
/* "Next Review Date" → "next review": what a key is compared by; empty for an unknown one. */
struct slice control_key_known(struct compiler *c, struct slice written);
void control_dates(struct compiler *c); /* R134: their order; with a calendar, whether a review is near or over */
void book_release(struct book_parts *b);

#endif
