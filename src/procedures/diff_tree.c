/* diff_tree.c - decision trees: which answer now leads where.
 * Questions are the landmarks: they are matched like any list, and each answer of a matched question is followed to what
 * stands next. What a tree gained or lost beyond that is told as questions that came or went. */
#include "procedures/diff_inner.h"

struct forest { /* one tree in both documents, and which question is which */
    const struct policy_tree *old, *new;
    const long *new_of_old; /* by node index; -1 = gone, or no question */
    struct slice name;
};

static struct slice node_text(struct differ *d, const struct policy *p, const struct policy_tree *t, int at)
{
    if (at < 0 || (size_t)at >= t->n_nodes) return S("the end");
    const struct policy_node *n = &t->nodes[at];
    struct slice text = diff_quoted(d, n->text);
    switch (n->kind) {
    case TREE_NODE_ESCALATE: return diff_say(d, "%.*s (%.*s)", ARG(text), ARG(policy_level_label(p, n->level)));
    case TREE_NODE_GATE: return diff_say(d, "%.*s (approval by %.*s)", ARG(text), ARG(n->target));
    case TREE_NODE_GOTO: return diff_say(d, "%.*s (tree %.*s)", ARG(text), ARG(n->target));
    case TREE_NODE_UNSET:
    case TREE_NODE_QUESTION:
    case TREE_NODE_ACTION:
    case TREE_NODE_OUTCOME: break;
    }
    return text;
}

static bool leads_to_same(struct differ *d, const struct forest *f, int a, int b)
{
    const bool a_ends = a < 0 || (size_t)a >= f->old->n_nodes, b_ends = b < 0 || (size_t)b >= f->new->n_nodes;
    if (a_ends || b_ends) return a_ends == b_ends;
    const struct policy_node *x = &f->old->nodes[a], *y = &f->new->nodes[b];
    if (x->kind == TREE_NODE_QUESTION && y->kind == TREE_NODE_QUESTION) return f->new_of_old[a] == b;
    return x->kind == y->kind && x->level == y->level && slice_eq(x->target, y->target) &&
           slice_eq(text_fold(d->arena, x->text), text_fold(d->arena, y->text));
}

static const struct policy_edge *edge_named(struct differ *d, const struct policy_node *n, struct slice label)
{
    for (size_t i = 0; i < n->n_edges; i++)
        if (slice_eq(text_fold(d->arena, n->edges[i].label), text_fold(d->arena, label))) return &n->edges[i];
    return NULL;
}

static struct slice place_of(struct differ *d, const struct forest *f, const struct policy_node *n,
                             const struct policy_edge *e)
{
    if (slice_eq(e->label, S("next")))
        return diff_say(d, "%.*s: after %.*s", ARG(f->name), ARG(diff_quoted(d, n->text)));
    return diff_say(d, "%.*s: %.*s %.*s", ARG(f->name), ARG(diff_quoted(d, n->text)), ARG(e->label));
}

static unsigned line_of(unsigned edge_line, const struct policy_node *n)
{
    return edge_line > 0 ? edge_line : n->line;
}

static void tell_edge(struct differ *d, const struct forest *f, const struct policy_node *x,
                      const struct policy_node *y, const struct policy_edge *a, const struct policy_edge *b)
{
    struct slice where = place_of(d, f, b != NULL ? y : x, b != NULL ? b : a);
    struct slice before = a != NULL ? node_text(d, d->old, f->old, a->to) : S("");
    struct slice after = b != NULL ? node_text(d, d->new, f->new, b->to) : S("");
    struct change *c;
    if (a == NULL)
        c = change_tell(d, CHANGE_ADDED, "%.*s is a new answer and leads to %.*s", ARG(where), ARG(after));
    else if (b == NULL)
        c = change_tell(d, CHANGE_REMOVED, "%.*s is no answer any more (led to %.*s)", ARG(where), ARG(before));
    else
        c = change_tell(d, CHANGE_CHANGED, "%.*s now leads to %.*s (was %.*s)", ARG(where), ARG(after), ARG(before));
    c->id = y->id;
    c->before = before;
    c->after = after;
    c->old_line = a != NULL ? line_of(a->line, x) : x->line;
    c->new_line = b != NULL ? line_of(b->line, y) : y->line;
}

static void edges_compare(struct differ *d, const struct forest *f, const struct policy_node *x,
                          const struct policy_node *y)
{
    for (size_t i = 0; i < y->n_edges; i++) {
        const struct policy_edge *b = &y->edges[i], *a = edge_named(d, x, b->label);
        if (a == NULL || !leads_to_same(d, f, a->to, b->to)) tell_edge(d, f, x, y, a, b);
    }
    for (size_t i = 0; i < x->n_edges; i++)
        if (edge_named(d, y, x->edges[i].label) == NULL) tell_edge(d, f, x, y, &x->edges[i], NULL);
}

/* --- nodes ---------------------------------------------------------------------------------------------------------- */

static struct element node_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_node *n = item;
    (void)d, (void)p;
    return (struct element){ .id = n->id, .text = n->text, .line = n->line, .class = (int)n->kind };
}

/* The nodes of one kind, each a copy, and where they stand in the tree. */
struct kind_list {
    const struct policy_node *v;
    size_t *at;
    size_t n;
};

static struct kind_list nodes_of(struct differ *d, const struct policy_tree *t, bool questions)
{
    struct policy_node *v = arena_array(d->arena, struct policy_node, t->n_nodes + 1);
    struct kind_list out = { v, arena_array(d->arena, size_t, t->n_nodes + 1), 0 };
    for (size_t i = 0; i < t->n_nodes; i++) {
        if ((t->nodes[i].kind == TREE_NODE_QUESTION) != questions) continue;
        v[out.n] = t->nodes[i];
        out.at[out.n++] = i;
    }
    return out;
}

static struct element *elements_of(struct differ *d, const struct policy *p, const struct kind_list *k)
{
    struct element *out = arena_array(d->arena, struct element, k->n + 1);
    for (size_t i = 0; i < k->n; i++) {
        out[i] = node_element(d, p, &k->v[i]);
        out[i].folded = text_fold(d->arena, out[i].text);
        out[i].item = &k->v[i];
        out[i].at = i;
        out[i].match = -1;
    }
    return out;
}

/* What stands between the answers: an action that now leads elsewhere, and a gate with other answers. */
static void others_compare(struct differ *d, const struct forest *f)
{
    struct kind_list old = nodes_of(d, f->old, false), new = nodes_of(d, f->new, false);
    struct element *x = elements_of(d, d->old, &old), *y = elements_of(d, d->new, &new);
    const struct list l = { .old_n = old.n, .new_n = new.n };
    elements_match(d, &l, x, y);
    for (size_t i = 0; i < new.n; i++) {
        if (y[i].match < 0 || !slice_eq(x[y[i].match].folded, y[i].folded)) continue; /* told by what leads there */
        edges_compare(d, f, x[y[i].match].item, y[i].item);
    }
}

static void question_compare(struct differ *d, const struct list *l, const struct element *old,
                             const struct element *new)
{
    const struct policy_node *a = old->item, *b = new->item;
    compare_text(d, old, new, diff_say(d, "%.*s: %.*s asks for", ARG(l->where), ARG(diff_quoted(d, b->text))),
                 a->numeric ? S("two numbers") : S("an answer"), b->numeric ? S("two numbers") : S("an answer"));
}

static void questions_compare(struct differ *d, struct forest *f)
{
    struct kind_list old = nodes_of(d, f->old, true), new = nodes_of(d, f->new, true);
    struct element *x = elements_of(d, d->old, &old), *y = elements_of(d, d->new, &new);
    const struct list l = { .noun = S("question"),
                            .where = f->name,
                            .words = WORDS_ACT,
                            .order = ORDER_IDLE,
                            .by_place = true,
                            .size = sizeof(struct policy_node),
                            .element = node_element,
                            .compare = question_compare,
                            .old_v = old.v,
                            .old_n = old.n,
                            .new_v = new.v,
                            .new_n = new.n };
    long *map = arena_array(d->arena, long, f->old->n_nodes + 1);
    for (size_t i = 0; i < f->old->n_nodes; i++) map[i] = -1;
    f->new_of_old = map;
    elements_match(d, &l, x, y);
    for (size_t i = 0; i < old.n; i++)
        if (x[i].match >= 0) map[old.at[i]] = (long)new.at[x[i].match];
    list_compare(d, &l); /* matches the same way, and tells what came, went and reads otherwise */
    for (size_t i = 0; i < new.n; i++)
        if (y[i].match >= 0) edges_compare(d, f, x[y[i].match].item, y[i].item);
}

static void tree_compare(struct differ *d, const struct list *l, const struct element *old, const struct element *new)
{
    struct forest f = { .old = old->item, .new = new->item };
    (void)l;
    f.name = f.new->name;
    compare_text(d, old, new, diff_say(d, "%.*s starts when", ARG(f.name)), f.old->start, f.new->start);
    compare_text(d, old, new, diff_say(d, "%.*s: a question under several actions is asked", ARG(f.name)),
                 f.old->check_after_each ? S("after each") : S("after the last"),
                 f.new->check_after_each ? S("after each") : S("after the last"));
    questions_compare(d, &f);
    others_compare(d, &f);
    if (!leads_to_same(d, &f, f.old->root, f.new->root))
        compare_text(d, old, new, diff_say(d, "%.*s begins with", ARG(f.name)),
                     node_text(d, d->old, f.old, f.old->root), node_text(d, d->new, f.new, f.new->root));
}

static struct element tree_element(struct differ *d, const struct policy *p, const void *item)
{
    const struct policy_tree *t = item;
    (void)d, (void)p;
    return (struct element){ .id = t->id, .text = t->name, .line = t->line };
}

void diff_trees(struct differ *d)
{
    const struct policy_book *a = &d->old->book, *b = &d->new->book;
    d->area = AREA_TREES;
    list_compare(d, &(struct list){ .noun = S("decision tree"),
                                    .words = WORDS_NAME,
                                    .order = ORDER_IDLE,
                                    .size = sizeof(struct policy_tree),
                                    .element = tree_element,
                                    .compare = tree_compare,
                                    .old_v = a->trees,
                                    .old_n = a->n_trees,
                                    .new_v = b->trees,
                                    .new_n = b->n_trees });
}
