/* section.h - which part of the document plays which role: found by heading, at any depth 1..4 (G2).
 *
 * A section is the nodes behind its heading up to the next heading of its depth or less. A role inside another is a
 * section of its own (a sub-role); an unknown heading inside a known section is a group name of it. */
#ifndef PROCEDURES_SECTION_H
#define PROCEDURES_SECTION_H

#include "procedures/document.h"

/* symbol, code, name for people, once (twice is an error), closed (what stands below belongs to it whatever the
 * headings say). The code orders the list in reports; compile.c says which roles this version executes. */
#define SECTION_ROLES(X)                                          \
    X(SEVERITY, 1, "severity levels", true, false)                \
    X(SEVERITY_RAISE, 2, "severity escalation", false, true)      \
    X(SEVERITY_LOWER, 3, "severity de-escalation", false, true)   \
    X(TEAM, 4, "team", true, false)                               \
    X(CONTACTS, 5, "contacts", false, false)                      \
    X(CHANNELS, 6, "communication channels", false, false)        \
    X(TIMELINE, 7, "response timeline", true, false)              \
    X(SCENARIOS, 8, "scenarios", false, true)                     \
    X(COMMUNICATION, 9, "communication", false, false)            \
    X(TEMPLATES, 10, "templates", false, true)                    \
    X(ESCALATION, 11, "escalation rules", false, false)           \
    X(TRIGGERS, 12, "escalation triggers", false, true)           \
    X(TREES, 13, "decision trees", false, true)                   \
    X(POST_INCIDENT, 14, "post-incident procedures", false, true) \
    X(METRICS, 15, "critical metrics", false, true)               \
    X(THRESHOLDS, 16, "alert thresholds", false, true)            \
    X(TOOLS, 17, "tools", false, true)                            \
    X(TRAINING, 18, "training", false, false)                     \
    X(DRILLS, 19, "drill scenarios", false, true)                 \
    X(SUCCESS, 20, "success metrics", false, true)                \
    X(REVIEWS, 21, "reviews", false, true)                        \
    X(CONTROL, 22, "document control", true, true)                \
    X(PROSE, 23, "reference prose", false, false)

enum section_role {
    SECTION_UNSET = 0,
#define X(sym, code, name, once, closed) SECTION_##sym = code,
    SECTION_ROLES(X)
#undef X
        SECTIONS_END
};

struct section {
    enum section_role role;
    size_t heading; /* node index; first + 1 nodes follow up to `end`, sub-sections included */
    size_t end;
    int level;
    int parent; /* index, -1 */
    bool implicit; /* found without a heading of the role: clocked phases, control at the end */
    struct slice name; /* the heading as written */
};

struct sections {
    struct section *v;
    size_t n, cap;
    int *of_node; /* the nearest section of each node; -1 outside of all */
};

/* `shared`: a document beside the organisation's, in which any two labels make a runbook. */
void sections_find(struct sections *out, struct arena *a, const struct document *d, bool shared);
void sections_release(struct sections *s);

const char *section_role_name(enum section_role role);
bool section_role_once(enum section_role role);
/* The role of a heading by the table of aliases, SECTION_UNSET when it has none. */
enum section_role section_role_of(struct arena *a, struct slice heading);
enum section_role section_role_named(struct slice name); /* {role=severity} */

/* Does the heading at node `at` hold a runbook: two labels of one (symptoms, investigation, mitigation …) stand below
 * it, as headings one level deeper or as bold labels, and no section of another kind (scenario_parts.c)? In a shared
 * document labels count that plans have too (detection, steps). */
bool heading_is_runbook(struct arena *a, const struct document *d, size_t at, bool shared);

/* A heading folded for comparison: lower case, no numbering, "Phase N:", emoji, punctuation, time in brackets. */
struct slice heading_fold(struct arena *a, struct slice heading);

/* A heading without emoji, "3.", "Phase 2:" or "Step 1 -" in front; its own words as written. */
struct slice heading_bare(struct slice heading);

/* `(Minutes 0-5)`, `(0-15 minutes)`, `(< 5 minutes)`, `T+5`: a heading's clock. Ends are POLICY_NONE when absent. */
bool heading_clock(struct slice heading, int64_t *from_ms, int64_t *to_ms, struct slice *name);

/* The nearest known section for an unknown heading, for W-NO-SECTIONS; empty when nothing is near. */
struct slice section_nearest(struct arena *a, struct slice heading);

#endif
