/* policy_book.h - the rest of a compiled document: runbooks, decision trees, duties afterwards, thresholds, drills,
 * reviews. Part of struct policy (policy.h): same ownership, same rules, same units.
 *
 * What of this is executed when stands in the version's documentation; all of it is compiled, explained, compared and
 * printed. Texts are as written (mojibake repaired); ids are slugs, unique in their list, or the document's {#id}. */
#ifndef CORE_POLICY_BOOK_H
#define CORE_POLICY_BOOK_H

#include "base/slice.h"
#include "core/ids.h"

/* --- scenarios: runbooks with symptoms, steps and triggers --- */

struct policy_step {
    struct slice id, text;
    unsigned line;
    bool optional; /* "… if needed|required|necessary" (A26) */
    struct slice tree; /* id of the decision tree that this step opens (A27); empty = none */
    const struct slice *details; /* nested bullets and fences that belong to the step */
    size_t n_details;
    /* When it is due, 0 = nothing written: the end of a runbook's timed phase ("Minutes 0-5") on clock T; "within 2 days"
     * in a task after the incident on clock R. */
    int64_t due_ms;
    bool command; /* a detail is a fence of commands: inert unless tagged `run` and approved (G8) */
};

struct policy_steps {
    const struct policy_step *v;
    size_t n;
};

/* How a trigger comes to fire (R56). Numbers are stored. */
#define TRIGGER_KINDS(X)         \
    X(TIMED, 1, "timed")         \
    X(COUNTABLE, 2, "countable") \
    X(THRESHOLD, 3, "threshold") \
    X(HUMAN, 4, "human")

enum trigger_kind {
    TRIGGER_UNSET = 0,
#define X(sym, code, text) TRIGGER_##sym = code,
    TRIGGER_KINDS(X)
#undef X
};

struct policy_trigger {
    struct slice id, text;
    unsigned line;
    enum trigger_kind kind;
    int64_t after_ms; /* TIMED; THRESHOLD: how long it must hold; POLICY_NONE where nothing is written */
    uint32_t severities; /* a level_set: "SEV1 incident lasting …"; 0 = every level */
    bool strict; /* "> 10 minutes": strictly longer, on the component's own clock (A21) */
    struct slice
        fact; /* the fact whose absence fires it: "restored", "root cause"; "unavailable" for A21; may be empty */
    int64_t count; /* COUNTABLE: at least so many (A20) */
};

struct policy_scenario {
    struct slice id, name;
    unsigned line;
    struct slice source; /* file of the document it stands in */
    int severity; /* level it names, 0 = none */
    struct slice owner;
    const struct policy_step *symptoms;
    size_t n_symptoms;
    struct policy_steps immediate, mitigation, verification, rollback;
    const struct policy_trigger *triggers;
    size_t n_triggers;
};

/* A condition under which the level of an incident is to be changed by a person. */
struct policy_change {
    struct slice id, text; /* text: the condition */
    unsigned line;
    int level; /* the level to change to; 0 = the next one */
    bool lower; /* from the section about de-escalation */
};

/* --- decision trees --- */

#define TREE_NODE_KINDS(X)     \
    X(QUESTION, 1, "question") \
    X(ACTION, 2, "action")     \
    X(OUTCOME, 3, "outcome")   \
    X(ESCALATE, 4, "escalate") \
    X(GATE, 5, "gate")         \
    X(GOTO, 6, "goto")

enum tree_node_kind {
    TREE_NODE_UNSET = 0,
#define X(sym, code, text) TREE_NODE_##sym = code,
    TREE_NODE_KINDS(X)
#undef X
};

struct policy_edge {
    struct slice label; /* "YES", "NO", "granted", "refused", "next" (after an action) … */
    int to; /* index of the node; -1 = nothing follows */
    unsigned line;
    bool written; /* an answer that stands in the document: those are the golden edges */
};

struct policy_node {
    struct slice id, text;
    enum tree_node_kind kind;
    unsigned line;
    int level; /* ESCALATE: severity level */
    struct slice target; /* GOTO: id of the tree; GATE: role id of who approves */
    const struct policy_edge *edges; /* in the document's order */
    size_t n_edges;
    bool numeric; /* compares two numbers that people enter (A30) */
};

struct policy_tree {
    struct slice id, name, start; /* start: the condition behind START: */
    unsigned line;
    int root; /* index of the first question or action */
    const struct policy_node *nodes;
    size_t n_nodes;
    int questions; /* after merging what is asked twice */
    int edges; /* written answers */
    bool check_after_each; /* A31: a question under the last of sibling actions is asked after each (default) */
};

/* --- afterwards --- */

struct policy_window { /* post-incident */
    struct slice id, name;
    unsigned line;
    int64_t from_ms, to_ms; /* on clock R */
    const struct policy_step *actions;
    size_t n_actions;
};

/* --- measuring --- */

enum threshold_op { OP_UNSET = 0, OP_LESS = 1, OP_MORE = 2, OP_AT_MOST = 3, OP_AT_LEAST = 4 };

/* What a threshold means where it says nothing (A42). */
#define THRESHOLD_WINDOW_MS (5 * INT64_C(60000)) /* measured over so long */
#define THRESHOLD_PERCENTILE 95 /* of that window */
#define THRESHOLD_EVALUATIONS 2 /* bad so often in a row, where no duration is written */

struct policy_threshold {
    struct slice id, metric; /* metric as written */
    enum threshold_op op;
    struct slice value, unit; /* "99.9", "%" as written */
    int64_t value_micro; /* in SI base units (seconds, ratio 0..1, bytes), millionths: no floating point in core/ */
    int64_t for_ms, over_ms; /* how long it must hold, and the window it is measured over; POLICY_NONE */
    int severity; /* level, 0 = none: a candidate in triage (A42) */
    unsigned line;
};

struct policy_tool {
    struct slice id, group, text;
    unsigned line;
};

struct policy_training {
    struct slice id, name;
    int64_t every_ms; /* POLICY_NONE: continuous (A43) */
    unsigned line;
};

struct policy_drill {
    struct slice id, name;
    struct slice scenario; /* id of the runbook it exercises; empty = no runbook, a coverage gap (A45) */
    struct slice tree;
    unsigned line;
};

struct policy_review {
    struct slice id, name, every; /* every: "monthly", "quarterly", "annual" … */
    int64_t every_ms;
    unsigned line;
    const struct policy_step *items;
    size_t n_items;
};

struct policy_control { /* document control */
    struct slice key, value; /* key as written: "Last Updated" */
    bool placeholder;
    int64_t date_ms; /* a date as value: its midnight in UTC; POLICY_NONE otherwise. Who has a clock says "overdue" */
    unsigned line;
};

struct policy_book {
    const struct policy_scenario *scenarios;
    size_t n_scenarios;
    const struct policy_trigger *triggers; /* of every incident: outside of scenarios */
    size_t n_triggers;
    const struct policy_change *changes;
    size_t n_changes;
    const struct policy_tree *trees;
    size_t n_trees;
    const struct policy_window *windows;
    size_t n_windows;
    const struct policy_step *metrics; /* critical metrics */
    size_t n_metrics;
    const struct policy_threshold *thresholds;
    size_t n_thresholds;
    const struct policy_tool *tools;
    size_t n_tools;
    const struct policy_training *training;
    size_t n_training;
    const struct policy_drill *drills;
    size_t n_drills;
    const struct policy_step *success; /* success metrics */
    size_t n_success;
    const struct policy_review *reviews;
    size_t n_reviews;
    const struct policy_control *control;
    size_t n_control;
    int placeholders; /* in contacts, templates and control (G17) */
};

#endif
