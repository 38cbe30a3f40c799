/* explain_paths.c - every path through each decision tree, for training and for review (R78). */
#include "procedures/explain.h"

#include "base/arena.h"
#include "procedures/json_out.h"
#include "procedures/place.h"
#include "procedures/tree_paths.h"
#include "procedures/visible.h"

#define PATHS_MAX 1000 /* of one tree; what is more is said */

static struct slice answer_at(const struct policy_tree *t, const struct tree_path *p, size_t i)
{
    return p->edges[i] >= 0 ? t->nodes[p->nodes[i]].edges[p->edges[i]].label : (struct slice){ 0 };
}

static void add_path(const struct compiled *c, const struct policy_tree *t, const struct tree_path *p, size_t number,
                     struct buf *out)
{
    buf_addf(out, "  path %zu%s\n", number, p->loops ? " (comes back to where it was)" : "");
    for (size_t i = 0; i < p->n; i++) {
        const struct policy_node *n = &t->nodes[p->nodes[i]];
        struct slice answer = answer_at(t, p, i);
        const bool asked = n->kind == TREE_NODE_QUESTION || n->kind == TREE_NODE_GATE;
        buf_add_str(out, "    ");
        visible_add(out, n->text);
        if (asked && answer.n > 0) buf_add_str(out, "  ");
        if (asked) visible_add(out, answer);
        buf_add_str(out, "  (");
        place_add(c, n->line, out);
        buf_add_str(out, ")\n");
    }
}

void paths_print(const struct compiled *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    for (size_t i = 0; i < c->policy.book.n_trees; i++) {
        const struct policy_tree *t = &c->policy.book.trees[i];
        const struct tree_paths all = tree_paths(a, t, PATHS_MAX);
        visible_add(out, t->name);
        buf_add_str(out, " (");
        place_add(c, t->line, out);
        buf_addf(out, "): %s%zu path%s to %zu outcome%s\n", all.more ? "more than " : "", all.n, all.n == 1 ? "" : "s",
                 all.outcomes, all.outcomes == 1 ? "" : "s");
        for (size_t k = 0; k < all.n; k++) add_path(c, t, &all.v[k], k + 1, out);
    }
    if (c->policy.book.n_trees == 0) buf_add_str(out, "The document has no decision trees.\n");
    arena_destroy(&a);
}

static void put_path(struct json *j, const struct policy_tree *t, const struct tree_path *p)
{
    put_open(j, NULL, '{');
    put_bool(j, "loops", p->loops);
    put_open(j, "steps", '[');
    for (size_t i = 0; i < p->n; i++) {
        const struct policy_node *n = &t->nodes[p->nodes[i]];
        put_open(j, NULL, '{');
        put_text(j, "id", n->id);
        put_text(j, "text", n->text);
        put_text_or_null(j, "answer", answer_at(t, p, i));
        put_line(j, "line", n->line);
        put_close(j);
    }
    put_close(j);
    put_close(j);
}

void paths_print_json(const struct compiled *c, struct buf *out)
{
    struct arena *a = arena_create(0);
    struct json j = { .out = out, .c = c };
    put_open(&j, NULL, '{');
    put_text(&j, "file", c->file_name);
    put_open(&j, "trees", '[');
    for (size_t i = 0; i < c->policy.book.n_trees; i++) {
        const struct policy_tree *t = &c->policy.book.trees[i];
        const struct tree_paths all = tree_paths(a, t, PATHS_MAX);
        put_open(&j, NULL, '{');
        put_text(&j, "id", t->id);
        put_text(&j, "name", t->name);
        put_line(&j, "line", t->line);
        put_int(&j, "outcomes", (int64_t)all.outcomes);
        put_bool(&j, "more", all.more);
        put_open(&j, "paths", '[');
        for (size_t k = 0; k < all.n; k++) put_path(&j, t, &all.v[k]);
        put_close(&j);
        put_close(&j);
    }
    put_close(&j);
    put_close(&j);
    buf_add_char(out, '\n');
    arena_destroy(&a);
}
