/* tree_check.c - what would leave a responder without a way, or past a guard (R68, R77).
 * Not here: how a tree is built. Works on the finished trees, all of them at once: jumps lead from one to another. */
#include <string.h>

#include "core/policy.h"
#include "procedures/tree.h"

struct checker {
    struct compiler *c;
    const struct policy_tree *t;
    size_t n, words; /* nodes, and 64-bit words a row */
    uint64_t *reach; /* [i * words …]: nodes after i, for questions */
};

static bool is_twin(const struct policy_node *n)
{
    return n->kind == TREE_NODE_QUESTION && n->n_edges > 0 && !n->edges[0].written;
}

static const struct policy_edge *edge_labelled(const struct policy_node *n, struct slice label)
{
    for (size_t i = 0; i < n->n_edges; i++)
        if (slice_eq(n->edges[i].label, label)) return &n->edges[i];
    return NULL;
}

static void branches_check(struct compiler *c, const struct policy_node *n)
{
    const struct slice nothing = { 0 };
    bool yes = edge_labelled(n, S("YES")) != NULL, no = edge_labelled(n, S("NO")) != NULL;
    if (n->kind != TREE_NODE_QUESTION || is_twin(n)) return;
    if (n->n_edges == 0)
        tree_say(c, n->line, n->text, "E-TREE-BRANCH", S("add below it: ├─ YES → … and └─ NO → …"),
                 "a question without answers", nothing);
    else if (yes != no)
        tree_say(c, n->line, n->text, "E-TREE-BRANCH",
                 yes ? S("add below it: └─ NO → …") : S("add below it: ├─ YES → …"),
                 yes ? "the answer NO is missing" : "the answer YES is missing", nothing);
    else if (n->n_edges == 1)
        tree_say(c, n->line, n->text, "E-TREE-BRANCH", S("add below it: └─ OTHERWISE → …"),
                 "a question with one answer", nothing);
    for (size_t i = 0; i < n->n_edges; i++)
        if (n->edges[i].to < 0)
            tree_say(c, n->edges[i].line, n->edges[i].label, "N-TREE-END", S(""), "nothing stands behind this answer",
                     nothing);
}

/* All nodes that can be walked to from `start`, itself only through a loop. `stack` has room for every edge. */
static void reach_from(const struct policy_tree *t, size_t start, uint64_t *row, int *stack)
{
    size_t depth = 0;
    stack[depth++] = (int)start;
    while (depth > 0) {
        const struct policy_node *n = &t->nodes[stack[--depth]];
        for (size_t i = 0; i < n->n_edges; i++) {
            int to = n->edges[i].to;
            if (to < 0 || (row[to / 64] >> (to % 64) & 1) != 0) continue;
            row[to / 64] |= UINT64_C(1) << (to % 64);
            stack[depth++] = to;
        }
    }
}

static bool bit(const uint64_t *row, size_t i)
{
    return (row[i / 64] >> (i % 64) & 1) != 0;
}

/* A part of the tree that no answer leads to; said where it begins. */
static void unreachable_check(struct checker *k)
{
    uint64_t *seen = mem_alloc(k->words * 8), *entered = mem_alloc(k->words * 8);
    int *stack = mem_alloc((k->n + 1) * sizeof *stack);
    seen[k->t->root / 64] |= UINT64_C(1) << (k->t->root % 64);
    reach_from(k->t, (size_t)k->t->root, seen, stack);
    for (size_t i = 0; i < k->n; i++)
        for (size_t e = 0; e < k->t->nodes[i].n_edges; e++) {
            int to = k->t->nodes[i].edges[e].to;
            if (to >= 0 && !bit(seen, i)) entered[to / 64] |= UINT64_C(1) << (to % 64);
        }
    for (size_t i = 0; i < k->n; i++)
        if (!bit(seen, i) && !bit(entered, i))
            tree_say(k->c, k->t->nodes[i].line, k->t->nodes[i].text, "E-TREE-UNREACHABLE",
                     S("let an answer above lead here: NO → Continue"), "no answer leads here", (struct slice){ 0 });
    mem_free(seen);
    mem_free(entered);
    mem_free(stack);
}

static void endings_check(struct compiler *c, const struct policy_node *n)
{
    if (n->kind != TREE_NODE_ESCALATE || n->n_edges > 0) return;
    tree_say(c, n->line, n->text, "N-TREE-END", S("say what follows: Escalate to SEV1 → Initiate failover"),
             "no next step after the escalation", (struct slice){ 0 });
    interpret(c, n->line, "A33", "the walk ends with the escalation", "the walk goes on somewhere",
              "Escalate to SEV2 → Initiate failover");
}

/* How many words that say something two texts share. */
static int words_shared(struct compiler *c, struct slice a, struct slice b)
{
    struct slice x, y, rest;
    int shared = 0;
    a = text_cut(a, 120);
    b = text_cut(b, 120);
    while (word_next(c->arena, &a, &x)) {
        rest = b;
        while (!word_is_plain(x) && word_next(c->arena, &rest, &y))
            if (slice_eq(x, y)) {
                shared++;
                break;
            }
    }
    return shared;
}

/* A7: a tree that begins with what a worse level is defined by cannot "escalate" to a lesser one. */
static void raise_check(struct compiler *c, const struct policy_tree *t, const struct policy_node *n)
{
    if (n->kind != TREE_NODE_ESCALATE) return;
    for (int level = 1; level < n->level && level <= (int)c->policy.n_severities; level++) {
        const struct policy_severity *s = &c->policy.severities[level - 1];
        for (size_t i = 0; i < s->criteria.n && i < 64; i++) {
            if (words_shared(c, t->start, s->criteria.v[i].text) < 2) continue;
            struct slice meant = text_make(c, "Escalate to %.*s", (int)s->label.n, s->label.p);
            offer_line(
                tree_say(c, n->line, n->text, "W-TREE-ESCALATE", meant,
                         "the tree may begin at a worse level than it escalates to; the level never goes down here",
                         (struct slice){ 0 }),
                line_with(c, n->line, n->text, meant));
            return;
        }
    }
}

/* The words of an action that make it the same as another: without "immediately". */
static struct slice action_key(struct compiler *c, struct slice text)
{
    static const struct slice ends[] = { S(" immediately"), S(" now"), S(" at once") };
    struct slice key = heading_fold(c->arena, text);
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (slice_has_suffix(key, ends[i])) key.n -= ends[i].n;
    return key;
}

static bool is_guarded_kind(const struct policy_node *n)
{
    bool acts = n->kind == TREE_NODE_ACTION || n->kind == TREE_NODE_OUTCOME || n->kind == TREE_NODE_GOTO;
    return acts && !(n->n_edges > 0 && tree_text_continues(n->text));
}

/* Written answers that lead straight to an action, grouped by what the action says. */
struct arrival {
    int question;
    const struct policy_edge *edge;
    int same; /* the next arrival at the same action, -1 */
};

struct arrivals {
    struct arrival *v;
    size_t n, cap;
};

static void arrivals_find(struct checker *k, struct arrivals *out, struct smap *first)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct policy_node *q = &k->t->nodes[i];
        for (size_t e = 0; q->kind == TREE_NODE_QUESTION && e < q->n_edges; e++) {
            int to = q->edges[e].to;
            int64_t same = -1;
            if (to < 0 || !q->edges[e].written || !is_guarded_kind(&k->t->nodes[to])) continue;
            struct slice key = action_key(k->c, k->t->nodes[to].text);
            smap_get(first, key, &same);
            smap_put(first, key, (int64_t)out->n);
            *vec_push(out) = (struct arrival){ (int)i, &q->edges[e], (int)same };
        }
    }
}

/* The questions that stand between arrival `a` and the later ones at the same action: their lines, in order. */
static struct slice skipped_lines(struct checker *k, const struct arrival *a, const uint64_t *later)
{
    const uint64_t *after = k->reach + (size_t)a->question * k->words;
    struct slice list = { 0 };
    unsigned last = 0, n = 0;
    for (size_t i = 0; i < k->n && n < 12; i++) {
        const struct policy_node *q = &k->t->nodes[i];
        const uint64_t *row = k->reach + i * k->words;
        bool leads = bit(later, i);
        if (q->kind != TREE_NODE_QUESTION || is_twin(q) || !bit(after, i) || q->line == last) continue;
        for (size_t w = 0; w < k->words && !leads; w++) leads = (row[w] & later[w]) != 0;
        if (!leads) continue;
        list = text_make(k->c, "%.*s%sL%u", (int)list.n, list.p, n > 0 ? ", " : "", q->line);
        last = q->line;
        n++;
    }
    return list;
}

static void bypass_check(struct checker *k, const struct arrivals *all, const struct arrival *a, int first,
                         uint64_t *later)
{
    const uint64_t *after = k->reach + (size_t)a->question * k->words;
    bool any = false;
    memset(later, 0, k->words * 8);
    for (int i = first; i >= 0; i = all->v[i].same) {
        const struct arrival *b = &all->v[i];
        bool both_decline = slice_eq(a->edge->label, S("NO")) && slice_eq(b->edge->label, S("NO"));
        if (b->question == a->question || both_decline || !bit(after, (size_t)b->question)) continue;
        later[b->question / 64] |= UINT64_C(1) << (b->question % 64);
        any = true;
    }
    if (!any) return;
    struct slice lines = skipped_lines(k, a, later), text = text_cut(k->t->nodes[a->edge->to].text, 80);
    if (lines.n == 0) return;
    struct node at = { .line = a->edge->line, .last = a->edge->line, .col = 1 };
    offer_line(diagnose(k->c, (struct at){ &at, k->t->nodes[a->edge->to].text }, "W-GUARD-BYPASS",
                        text_make(k->c, "%.*s → Continue evaluation", (int)a->edge->label.n, a->edge->label.p),
                        "\"%.*s\" is reached here without the questions that guard it elsewhere: %.*s", (int)text.n,
                        text.p, (int)lines.n, lines.p),
               line_with(k->c, at.line, k->t->nodes[a->edge->to].text, S("Continue evaluation")));
    interpret(k->c, a->edge->line, "A29", "done as written; the guards that it skips are shown before it is confirmed",
              "the guards are asked all the same", "… → Continue evaluation");
}

static void bypasses_check(struct checker *k)
{
    struct arrivals all = { 0 };
    struct smap *first = smap_create(0);
    uint64_t *later = mem_alloc(k->words * 8);
    int *stack = mem_alloc((k->n + 1) * sizeof *stack);
    int64_t head = -1;
    k->reach = mem_alloc(k->n * k->words * 8);
    for (size_t i = 0; i < k->n; i++)
        if (k->t->nodes[i].kind == TREE_NODE_QUESTION) reach_from(k->t, i, k->reach + i * k->words, stack);
    arrivals_find(k, &all, first);
    for (size_t i = 0; i < all.n; i++) {
        struct slice key = action_key(k->c, k->t->nodes[all.v[i].edge->to].text);
        if (smap_get(first, key, &head)) bypass_check(k, &all, &all.v[i], (int)head, later);
    }
    mem_free(k->reach);
    mem_free(later);
    mem_free(stack);
    smap_destroy(&first);
    vec_release(&all);
}

/* --- loops without an exit, over all trees: a jump may come back --- */

struct exits {
    struct compiler *c;
    size_t *offsets; /* of each tree's nodes in one numbering */
    VEC(struct tree_edge) back; /* from: where an edge leads; edge.to: where it comes from */
    size_t n;
};

static size_t number_of(const struct exits *x, size_t tree, int node)
{
    return x->offsets[tree] + (size_t)node;
}

/* Leaves are exits; a jump is not, it is an edge to the other tree's first question. */
static void exits_collect(struct exits *x, struct smap *trees, bool *open, size_t *queue, size_t *n_queue)
{
    for (size_t t = 0; t < x->c->policy.book.n_trees; t++)
        for (size_t i = 0; i < x->c->policy.book.trees[t].n_nodes; i++) {
            const struct policy_node *n = &x->c->policy.book.trees[t].nodes[i];
            int from = (int)number_of(x, t, (int)i);
            bool leaf = n->n_edges == 0;
            int64_t target;
            if (leaf && n->kind == TREE_NODE_GOTO && smap_get(trees, n->target, &target) &&
                x->c->policy.book.trees[target].root >= 0) {
                *vec_push(&x->back) = (struct tree_edge){ (int)number_of(x, (size_t)target, 0), { .to = from } };
                leaf = false;
            }
            for (size_t e = 0; e < n->n_edges; e++) {
                leaf = leaf || n->edges[e].to < 0;
                if (n->edges[e].to >= 0)
                    *vec_push(&x->back) = (struct tree_edge){ (int)number_of(x, t, n->edges[e].to), { .to = from } };
            }
            if (!leaf) continue;
            open[from] = true;
            queue[(*n_queue)++] = (size_t)from;
        }
}

static int by_target(const void *a, const void *b, void *ctx)
{
    const struct tree_edge *x = a, *y = b;
    (void)ctx;
    return (x->from > y->from) - (x->from < y->from);
}

/* From every exit backwards: what is not met has none. */
static void exits_spread(struct exits *x, bool *open, size_t *queue, size_t n_queue)
{
    size_t *starts = mem_alloc((x->n + 2) * sizeof *starts);
    sort_stable(x->back.v, x->back.n, sizeof *x->back.v, by_target, NULL);
    for (size_t i = 0; i < x->back.n; i++) starts[x->back.v[i].from + 1] = i + 1;
    for (size_t i = 1; i <= x->n; i++)
        if (starts[i] == 0) starts[i] = starts[i - 1];
    while (n_queue > 0) {
        size_t at = queue[--n_queue];
        for (size_t i = starts[at]; i < starts[at + 1]; i++) {
            size_t from = (size_t)x->back.v[i].edge.to;
            if (open[from]) continue;
            open[from] = true;
            queue[n_queue++] = from;
        }
    }
    mem_free(starts);
}

void trees_check_loops(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    struct exits x = { .c = c, .offsets = mem_alloc((b->n_trees + 1) * sizeof(size_t)) };
    struct smap *trees = smap_create(0);
    size_t n_queue = 0;
    for (size_t t = 0; t < b->n_trees; t++) {
        x.offsets[t] = x.n;
        x.n += b->trees[t].n_nodes;
        smap_put(trees, b->trees[t].id, (int64_t)t);
    }
    bool *open = mem_alloc(x.n + 1);
    size_t *queue = mem_alloc((x.n + 1) * sizeof *queue);
    exits_collect(&x, trees, open, queue, &n_queue);
    exits_spread(&x, open, queue, n_queue);
    for (size_t t = 0; t < b->n_trees; t++)
        for (size_t i = 0; i < b->trees[t].n_nodes; i++) {
            if (open[number_of(&x, t, (int)i)]) continue;
            tree_say(c, b->trees[t].nodes[i].line, b->trees[t].nodes[i].text, "E-TREE-LOOP",
                     S("let one answer end the walk"), "from here the walk goes round without an end",
                     (struct slice){ 0 });
            break;
        }
    mem_free(open);
    mem_free(queue);
    mem_free(x.offsets);
    vec_release(&x.back);
    smap_destroy(&trees);
}

void trees_check(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.book.n_trees; i++) {
        const struct policy_tree *t = &c->policy.book.trees[i];
        struct checker k = { .c = c, .t = t, .n = t->n_nodes, .words = t->n_nodes / 64 + 1 };
        if (t->root < 0) {
            tree_say(c, t->line, (struct slice){ 0 }, "E-TREE-EMPTY", S("draw a question: ├─ Is it restored? …"),
                     "a decision tree without a question", (struct slice){ 0 });
            continue;
        }
        for (size_t n = 0; n < t->n_nodes; n++) {
            branches_check(c, &t->nodes[n]);
            endings_check(c, &t->nodes[n]);
            raise_check(c, t, &t->nodes[n]);
        }
        if (c->book.tree_sources.v[i]->broken) continue;
        unreachable_check(&k);
        bypasses_check(&k);
    }
    if (!c->options.part) trees_check_loops(c);
}
