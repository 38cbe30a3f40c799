/* tree.h - decision trees between reading and building: the lines cut into questions, answers and actions.
 *
 * Private to procedures/. tree_read.c makes a tree of segments out of a fence or a nested list; once every section is
 * read, tree_build.c makes nodes and edges of them (a jump may name a tree that stands further down), tree_check.c
 * looks for what would leave a responder without a way. */
#ifndef PROCEDURES_TREE_H
#define PROCEDURES_TREE_H

#include "procedures/book.h"

enum { TREE_SEGMENTS_MAX = 512, TREE_DEPTH_MAX = 48, LINE_SEGMENTS_MAX = 12 };

enum segment_kind { SEGMENT_ROOT, SEGMENT_QUESTION, SEGMENT_ANSWER, SEGMENT_ACTION };

struct segment {
    enum segment_kind kind;
    struct slice text; /* an answer: its label, "YES", "NO" or as written */
    unsigned line;
    int parent, first, last, next; /* indices, -1 */
    int depth;
    int node; /* of the finished tree; -1 for answers */
    bool again; /* a question that stands on several lines (A32) */
    bool yes_no; /* an answer that is YES or NO */
};

struct tree_source {
    struct slice id, name, short_name, start;
    unsigned line; /* of its name */
    bool after_last; /* {check=after-last}: the literal reading of A31 */
    bool broken; /* not read to its end */
    VEC(struct segment) segments; /* [0] is the root */
    VEC(struct policy_node) nodes;
    VEC(struct tree_edge) edges;
    int questions, answers;
};

struct tree_edge {
    int from;
    struct policy_edge edge;
};

/* "YES", "yes, if …", "No (…)": the label in capitals; *rest is what stands behind it. */
bool answer_yes_no(struct slice text, struct slice *label, struct slice *rest);

/* "Continue evaluation", "Proceed with failover", "Failover is viable": on to the next question (A28). */
bool tree_text_continues(struct slice text);

/* "Return to START", "Back to: Is it restored?": *where is the question that is meant. */
bool tree_text_returns(struct slice text, struct slice *where);

/* "Execute failover immediately", "Go to the Failover Tree": *name is the tree that is meant; *outright: the text says
 * that it is one. */
bool tree_text_jumps(struct slice text, bool *outright, struct slice *name);

/* A diagnostic at a line of a tree. */
struct diagnostic *tree_say(struct compiler *c, unsigned line, struct slice span, const char *code,
                            struct slice suggestion, const char *what, struct slice text);

/* Nodes and edges of every tree, in the document's order; trees[i] belongs to sources[i]. */
void tree_build(struct compiler *c, struct tree_source *t, struct smap *names);
void trees_check(struct compiler *c);

#endif
