/* compiler.h - what the section compilers share: the document, the policy in the making, and how to say what is wrong.
 *
 * Private to procedures/. One file a section implements one `compile_*` function; compile.c holds the table that calls
 * them, severities first because the others refer to levels. A section compiler reads the nodes of its section in
 * order, marks every line that it understood, and leaves the rest as reference prose. */
#ifndef PROCEDURES_COMPILER_H
#define PROCEDURES_COMPILER_H

#include "base/arena.h"
#include "base/check.h"
#include "base/map.h"
#include "base/vec.h"
#include "procedures/compile.h"
#include "procedures/document.h"
#include "procedures/scan.h"
#include "procedures/section.h"

struct tree_source;

struct book_parts {
    VEC(struct policy_scenario) scenarios;
    VEC(struct policy_trigger) triggers;
    VEC(struct policy_change) changes;
    VEC(struct tree_source *) tree_sources; /* tree.h; built once all are read */
    VEC(struct policy_tree) trees;
    VEC(struct policy_window) windows;
    VEC(struct policy_step) metrics;
    VEC(struct policy_threshold) thresholds;
    VEC(struct policy_tool) tools;
    VEC(struct policy_training) training;
    VEC(struct policy_drill) drills;
    VEC(struct policy_step) success;
    VEC(struct policy_review) reviews;
    VEC(struct policy_control) control;
};

struct compiler {
    struct arena *arena;
    struct compile_options options;
    const struct procedures_set *set; /* looks at several documents at once: lines carry their file, `source` is NULL */
    struct slice file_name;
    struct source *source;
    struct document doc;
    struct sections sections;
    struct smap *ids; /* "list/slug" of every id given */
    uint8_t *classes; /* by line - 1 */
    bool runbook; /* the document is one, and no more */
    VEC(struct diagnostic) diagnostics;
    VEC(struct interpretation) interpretations;
    VEC(struct compiled_node) nodes;
    VEC(struct policy_severity) severities;
    VEC(struct policy_role) roles;
    VEC(struct policy_contact) contacts;
    VEC(struct policy_channel) channels;
    VEC(struct policy_milestone) milestones;
    VEC(struct policy_communication) communications;
    VEC(struct policy_template) templates;
    VEC(struct policy_rule) rules;
    struct book_parts book; /* the rest: runbooks, trees, duties afterwards … */
    struct policy policy; /* its lists are set as each part is complete */
};

/* Nodes of one section in order, without those of its sub-sections.
 *   for (size_t at = section->heading; section_next(c, section, &at);) … c->doc.v[at] … */
bool section_next(const struct compiler *c, const struct section *s, size_t *at);

/* Line `i` of a node of several lines, as a node of its own: lines that were meant one by one without a list. */
struct node node_line(struct compiler *c, const struct node *n, unsigned i);

/* Rejected stays rejected; nothing where several documents are looked at: each has its own account of lines. */
void mark(struct compiler *c, const struct node *n, enum line_class class);
void mark_line(struct compiler *c, unsigned line, enum line_class class);

/* Messages are printf-like and short; `suggestion` may be empty. `from` points into the node's text, or is NULL. */
struct at {
    const struct node *node;
    struct slice span; /* part of the node's text that is meant, maybe a mere place; {NULL, 0} = the whole */
};
struct diagnostic *diagnose(struct compiler *c, struct at at, const char *code, struct slice suggestion,
                            const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The level is the code's first letter: E, W or N. An error rejects the node's lines. */

/* The line as it stands, with `meant` in place of what is written; empty when that is not there. */
struct slice line_with(struct compiler *c, unsigned line, struct slice written, struct slice meant);
/* Offers a whole line for the diagnostic's, instead of its suggestion; an empty one changes nothing. */
void offer_line(struct diagnostic *d, struct slice line);

void interpret(struct compiler *c, unsigned line, const char *code, const char *reading, const char *rejected,
               const char *explicit_form);

/* G5: the node holds a clock or comparison that nothing executes. Says so, with a line to paste. */
void warn_clock_lost(struct compiler *c, const struct node *n, const char *read_as, struct slice suggestion);

struct slice text_make(struct compiler *c, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* in the arena */
struct slice duration_text(struct compiler *c, int64_t ms); /* "5 minutes" */
/* Another line, told at line `here`: "line 12", or "shop.md:12" where that stands in another document. */
struct slice line_named(struct compiler *c, unsigned here, unsigned line);
/* The text of a line, repaired; empty beyond the document. */
struct slice line_text(const struct compiler *c, unsigned line);

/* An id unique in `list`: the node's own {#id}, else the slug of `text` behind `path` ("sev1" / "data-loss"). */
struct slice id_make(struct compiler *c, const char *list, const struct node *n, struct slice path, struct slice text);
/* Remembers where an element stands (G6). id_make does it; for elements whose id is a name of theirs (a role). */
void node_keep(struct compiler *c, const char *kind, struct slice id, const struct node *n);
struct slice slug_of(struct arena *a, struct slice text);
void nodes_finish(struct compiler *c); /* order */
/* Copies a scratch vector into the arena and empties it. */
#define vec_keep(c, x, type, count) ((const type *)vec_keep_bytes((c), (x)->v, *(count) = (x)->n, sizeof(type)))
const void *vec_keep_bytes(struct compiler *c, const void *v, size_t n, size_t size);

/* Levels (levels.c). */
bool scan_level(const struct compiler *c, struct slice *s, int *level); /* "SEV1", "P0", "Severity 2" */
bool scan_level_set(const struct compiler *c, struct slice *s, level_set *set); /* "SEV1/SEV2", "SEV-3/4", "P1+" */
bool looks_like_level(struct slice s, struct slice *label); /* a level's form, known or not */
struct slice level_list(struct compiler *c); /* "SEV1, SEV2, SEV3 and SEV4" for messages */

/* Categories of incidents (levels.c): "connectivity" is "network". Empty when it is none and no selector names it. */
struct slice category_canonical(const struct compiler *c, struct slice word);

/* Contact kinds at the start of a text: "Phone call to the desk" → phone; the cursor moves behind it. */
bool scan_kind(struct slice *s, struct slice *kind);

void compile_severity(struct compiler *c, const struct section *s);
void compile_severity_matrix(struct compiler *c, const struct section *s); /* of escalation, without the above */
void compile_team(struct compiler *c, const struct section *s);
void compile_contacts(struct compiler *c, const struct section *s);
void compile_channels(struct compiler *c, const struct section *s);
void compile_timeline(struct compiler *c, const struct section *s);
void compile_communication(struct compiler *c, const struct section *s);
void compile_templates(struct compiler *c, const struct section *s);
void compile_escalation(struct compiler *c, const struct section *s);

/* A line to paste for an unread item of a level; `kind`: "recovery", "respond", "update". Empty without a duration. */
struct slice severity_offer(struct compiler *c, struct slice text, const char *kind);

/* What is checked once all sections are read. */
void severities_finish(struct compiler *c); /* order, ranks, labels; sets policy.severities */
void timeline_finish(struct compiler *c); /* order of clocks */
void communication_finish(struct compiler *c); /* what interpretations supply */
void escalation_finish(struct compiler *c); /* chain end, unknown parties */
void warn_clocks_left(struct compiler *c); /* G5: prose with a clock where rules stand (lost.c) */
void document_check(struct compiler *c); /* what holds between sections (check.c); needs the finished policy */

/* What only a whole policy can be asked: the document's own, or that of several documents (merge_whole.c), whose lists
 * stand in c->policy, c->rules, c->roles and c->contacts. */
void escalation_check(struct compiler *c); /* chain.c */
struct node escalation_heading(const struct compiler *c); /* the first of escalation rules; its line is 0 without */
void policy_check(struct compiler *c); /* check.c */

#endif
