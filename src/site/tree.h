/* tree.h - a YAML file as a small tree in which every node knows its line and column.
 *
 * A subset on purpose: one document, maps with plain keys, lists, scalars. No anchors, aliases, tags, merge keys; no
 * key twice in one map (the error names both lines). UTF-8 only. Limits: 1 MiB, depth 16,
 * 4096 entries a map or list. Scalars stay text: what a
 * number or a yes is, the section that asks decides (keys.h). Nodes live in the arena they were made in. */
#ifndef SITE_TREE_H
#define SITE_TREE_H

#include "base/slice.h"
#include "site/problems.h"

struct arena;

#define TREE_MAX_BYTES ((size_t)1 << 20)
#define TREE_MAX_DEPTH 16
#define TREE_MAX_CHILDREN 4096

enum node_kind { NODE_UNSET = 0, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    unsigned line, col; /* 1-based; columns count code points */
    struct slice key; /* inside a map */
    unsigned key_line, key_col;
    struct slice text; /* of a scalar */
    bool quoted; /* the scalar stood in quotes or in a block: "" is then a text, not a missing value */
    const struct node *parent; /* NULL for the root */
    struct node *first, *next; /* children in order */
    size_t n; /* children */
};

/* NULL when the file cannot be read as a tree; the problems say why. An empty file is an empty map. */
const struct node *tree_parse(struct arena *a, struct slice file, struct slice bytes, struct problems *p);

const struct node *node_child(const struct node *map, struct slice key); /* NULL when absent or not a map */
bool node_is_empty(const struct node *n); /* nothing stands behind the colon: `key:`, `key: ~`, `key: null` */
void node_path(const struct node *n, struct buf *out); /* schedules.weekly.people, rules[2].match; "" for the root */
const char *node_kind_name(enum node_kind kind); /* "a map" … for messages */

#endif
