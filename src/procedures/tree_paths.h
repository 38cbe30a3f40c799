/* tree_paths.h - every way through a decision tree, from its first question to where the walk ends (R78).
 *
 * A path follows edges; a jump to another tree ends it. A path that comes back to a node it passed ends there too
 * (`loops`). Question asked after each of several actions give a path each (A31). Pure; memory is the arena's. */
#ifndef PROCEDURES_TREE_PATHS_H
#define PROCEDURES_TREE_PATHS_H

#include "core/policy.h"

struct arena;

struct tree_path {
    const int *nodes; /* indices into the tree, in order */
    const int *edges; /* edges[i] is taken at nodes[i]; -1 at the last node */
    size_t n;
    bool loops;
};

struct tree_paths {
    const struct tree_path *v;
    size_t n;
    bool more; /* there are more than `max` */
    size_t outcomes; /* different ends that can be reached, whatever `max` */
};

struct tree_paths tree_paths(struct arena *a, const struct policy_tree *t, size_t max);

#endif
