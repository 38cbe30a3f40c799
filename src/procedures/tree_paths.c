/* tree_paths.c - depth first over the edges, without recursion: the tree came from a stranger. */
#include "procedures/tree_paths.h"

#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

struct walker {
    struct arena *arena;
    const struct policy_tree *t;
    int *nodes, *edges; /* the path so far */
    bool *on_path;
    size_t depth;
    VEC(struct tree_path) found;
};

static const int *ints_keep(struct arena *a, const int *v, size_t n)
{
    int *out = arena_array(a, int, n + 1);
    memcpy(out, v, n * sizeof *out);
    return out;
}

static void path_add(struct walker *w, bool loops)
{
    int *last = &w->edges[w->depth - 1], taken = *last;
    if (!loops && w->t->nodes[w->nodes[w->depth - 1]].n_edges == 0) *last = -1;
    *vec_push(&w->found) = (struct tree_path){ ints_keep(w->arena, w->nodes, w->depth),
                                               ints_keep(w->arena, w->edges, w->depth), w->depth, loops };
    *last = taken;
}

static void step_into(struct walker *w, int node)
{
    w->nodes[w->depth] = node;
    w->edges[w->depth] = -1;
    w->on_path[node] = true;
    w->depth++;
    if (w->t->nodes[node].n_edges == 0) path_add(w, false);
}

/* Takes the next edge at the end of the path, or steps back. */
static void step(struct walker *w)
{
    int node = w->nodes[w->depth - 1], *edge = &w->edges[w->depth - 1];
    const struct policy_node *n = &w->t->nodes[node];
    if ((size_t)(*edge + 1) >= n->n_edges) {
        w->on_path[node] = false;
        w->depth--;
        return;
    }
    int to = n->edges[++*edge].to;
    if (to < 0 || w->on_path[to])
        path_add(w, to >= 0);
    else
        step_into(w, to);
}

/* Nodes that can be reached and have nothing behind them, and answers behind which nothing stands. */
static size_t outcomes_count(struct walker *w)
{
    size_t depth = 1, count = 0;
    memset(w->on_path, 0, w->t->n_nodes);
    w->nodes[0] = w->t->root;
    w->on_path[w->t->root] = true;
    while (depth > 0) {
        const struct policy_node *n = &w->t->nodes[w->nodes[--depth]];
        count += n->n_edges == 0;
        for (size_t i = 0; i < n->n_edges; i++) {
            int to = n->edges[i].to;
            count += to < 0;
            if (to < 0 || w->on_path[to]) continue;
            w->on_path[to] = true;
            w->nodes[depth++] = to;
        }
    }
    return count;
}

struct tree_paths tree_paths(struct arena *a, const struct policy_tree *t, size_t max)
{
    struct tree_paths out = { 0 };
    struct walker w = { .arena = a, .t = t };
    if (t->root < 0 || t->n_nodes == 0) return out;
    w.nodes = arena_array(a, int, t->n_nodes + 1);
    w.edges = arena_array(a, int, t->n_nodes + 1);
    w.on_path = arena_alloc(a, t->n_nodes + 1);
    memset(w.on_path, 0, t->n_nodes);
    step_into(&w, t->root);
    while (w.depth > 0 && w.found.n <= max) step(&w);
    out.more = w.found.n > max;
    out.n = out.more ? max : w.found.n;
    struct tree_path *kept = arena_array(a, struct tree_path, out.n + 1);
    if (out.n > 0) memcpy(kept, w.found.v, out.n * sizeof *kept);
    out.v = kept;
    out.outcomes = outcomes_count(&w);
    vec_release(&w.found);
    return out;
}
