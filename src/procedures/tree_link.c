/* tree_link.c - jumps from a decision tree to one of another document, once all documents are read.
 * Not here: jumps within a document (tree_build.c), loops (tree_check.c). */
#include "core/policy.h"
#include "procedures/tree.h"

static struct slice tree_names(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    struct slice list = { 0 };
    for (size_t i = 0; i < b->n_trees && i < 12; i++) {
        struct slice name = text_cut(b->trees[i].name, 60);
        list = text_make(c, "%.*s%s%.*s", (int)list.n, list.p, i > 0 ? "; " : "known trees: ", (int)name.n, name.p);
    }
    return list;
}

static void node_link(struct compiler *c, const struct smap *names, size_t tree, struct policy_node *n)
{
    struct slice name;
    int64_t at;
    bool outright;
    if (n->kind != TREE_NODE_OUTCOME || n->n_edges > 0 || !tree_text_jumps(n->text, &outright, &name)) return;
    if (!smap_get(names, tree_short_name(c, name), &at)) {
        if (outright) tree_say(c, n->line, name, "E-TREE-GOTO", tree_names(c), "no decision tree has this name", name);
        return;
    }
    if ((size_t)at == tree) return; /* its own: an outcome (A54) */
    n->kind = TREE_NODE_GOTO;
    n->target = c->policy.book.trees[at].id;
}

void trees_link(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    struct smap *names = smap_create(0);
    for (size_t i = 0; i < b->n_trees; i++) {
        struct slice name = tree_short_name(c, b->trees[i].name);
        if (name.n > 0 && !smap_get(names, name, NULL)) smap_put(names, name, (int64_t)i);
    }
    for (size_t i = 0; i < b->n_trees; i++)
        for (size_t k = 0; k < b->trees[i].n_nodes; k++)
            node_link(c, names, i, (struct policy_node *)(uintptr_t)&b->trees[i].nodes[k]);
    smap_destroy(&names);
}
