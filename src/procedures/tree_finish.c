/* tree_finish.c - names, order and the account of all decision trees, once every section is read. */
#include "core/policy.h"
#include "procedures/tree.h"

struct slice tree_short_name(struct compiler *c, struct slice name)
{
    static const struct slice noise[] = { S("the"),       S("decision"), S("tree"),     S("flow"),
                                          S("flowchart"), S("for"),      S("procedure") };
    struct slice out = { 0 }, stem;
    name = text_cut(name, 120);
    while (word_next(c->arena, &name, &stem)) {
        bool drop = false;
        for (size_t i = 0; i < COUNT_OF(noise); i++) drop |= slice_eq(stem, noise[i]);
        if (drop) continue;
        out = out.n == 0 ? stem : text_make(c, "%.*s %.*s", (int)out.n, out.p, (int)stem.n, stem.p);
    }
    return out;
}

static int by_from(const void *a, const void *b, void *ctx)
{
    const struct tree_edge *x = a, *y = b;
    (void)ctx;
    return (x->from > y->from) - (x->from < y->from);
}

/* Gives each node its edges, in the order in which they were made. */
static void edges_deal(struct compiler *c, struct tree_source *t)
{
    struct policy_edge *edges = arena_array(c->arena, struct policy_edge, t->edges.n + 1);
    size_t at = 0;
    sort_stable(t->edges.v, t->edges.n, sizeof *t->edges.v, by_from, NULL);
    for (size_t i = 0; i < t->nodes.n; i++) {
        struct policy_node *n = &t->nodes.v[i];
        n->edges = edges + at;
        for (; at < t->edges.n && t->edges.v[at].from == (int)i; at++) {
            edges[at] = t->edges.v[at].edge;
            n->n_edges++;
        }
    }
}

static void tree_keep(struct compiler *c, struct tree_source *t)
{
    struct policy_tree out = { .id = t->id, .name = t->name, .start = t->start, .line = t->line, .root = -1 };
    edges_deal(c, t);
    out.nodes = vec_keep(c, &t->nodes, struct policy_node, &out.n_nodes);
    if (t->segments.n > 1) out.root = 0; /* the first segment is no answer: those stand below questions */
    out.questions = t->questions;
    out.edges = t->answers;
    out.check_after_each = !t->after_last;
    *vec_push(&c->book.trees) = out;
    vec_release(&t->segments);
    vec_release(&t->nodes);
    vec_release(&t->edges);
}

void trees_finish(struct compiler *c)
{
    struct smap *names = smap_create(0);
    for (size_t i = 0; i < c->book.tree_sources.n; i++) {
        struct slice name = c->book.tree_sources.v[i]->short_name;
        if (name.n > 0 && !smap_get(names, name, NULL)) smap_put(names, name, (int64_t)i + 1);
    }
    for (size_t i = 0; i < c->book.tree_sources.n; i++) tree_build(c, c->book.tree_sources.v[i], names);
    for (size_t i = 0; i < c->book.tree_sources.n; i++) tree_keep(c, c->book.tree_sources.v[i]);
    smap_destroy(&names);
    c->policy.book.trees = vec_keep(c, &c->book.trees, struct policy_tree, &c->policy.book.n_trees);
    trees_check(c);
}
