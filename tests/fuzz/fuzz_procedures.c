/* fuzz_procedures.c - any bytes: a policy or an error, never a crash; every line one class, every diagnostic a place.
 * Not here: what a document should mean (golden/procedures). */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"
#include "procedures/print.h"
#include "procedures/tree_paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_classes(const struct compiled *c)
{
    unsigned sum = 0;
    for (int class = 1; class < LINE_CLASSES_END; class ++) sum += c->class_counts[class];
    CHECK(sum == c->lines); /* R3 */
    CHECK(c->errors == 0 || c->class_counts[CLASS_REJECTED] > 0);
}

static void check_places(const struct compiled *c)
{
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        const struct diagnostic *d = &c->diagnostics[i];
        CHECK(d->line >= 1 && d->line <= (c->lines > 0 ? c->lines : 1) && d->width >= 1 && d->message.n > 0);
        CHECK(d->col >= 1 && d->col <= compiled_line_raw(c, d->line).n + 1);
        CHECK(i == 0 || c->diagnostics[i - 1].line <= d->line);
    }
}

static void check_policy(const struct policy *p)
{
    for (size_t i = 0; i < p->n_severities; i++) CHECK(p->severities[i].level == (int)i + 1);
    for (size_t i = 0; i < p->n_rules; i++) {
        const struct policy_rule *r = &p->rules[i];
        CHECK(r->when != RULE_UNSET && r->n_targets > 0 && r->after_ms >= 0 && r->level <= policy_levels(p));
        for (size_t k = 0; k < r->n_targets; k++) CHECK(r->targets[k].party.n > 0);
    }
}

static void check_node(const struct policy_tree *t, const struct policy_node *n)
{
    CHECK(n->kind != TREE_NODE_UNSET && n->id.n > 0);
    CHECK(n->kind != TREE_NODE_OUTCOME || n->n_edges == 0);
    CHECK(n->kind != TREE_NODE_GATE || n->n_edges == 2);
    for (size_t i = 0; i < n->n_edges; i++) {
        CHECK(n->edges[i].to >= -1 && n->edges[i].to < (int)t->n_nodes && n->edges[i].label.n > 0);
        CHECK(!n->edges[i].written || n->kind == TREE_NODE_QUESTION);
    }
}

/* Every path begins at the root, follows edges, and ends where nothing follows or where it has been. */
static void check_paths(struct arena *a, const struct policy_tree *t)
{
    struct tree_paths paths = tree_paths(a, t, 50);
    CHECK(paths.n <= 50 && (paths.n > 0) == (t->root >= 0) && (!paths.more || paths.n == 50));
    for (size_t i = 0; i < paths.n; i++) {
        const struct tree_path *p = &paths.v[i];
        CHECK(p->n > 0 && p->nodes[0] == t->root);
        for (size_t k = 0; k + 1 < p->n; k++) CHECK(t->nodes[p->nodes[k]].edges[p->edges[k]].to == p->nodes[k + 1]);
        const struct policy_node *last = &t->nodes[p->nodes[p->n - 1]];
        CHECK(last->n_edges == 0 ? p->edges[p->n - 1] == -1 : p->edges[p->n - 1] >= 0);
    }
}

static void check_tree(const struct compiled *c, const struct policy_tree *t)
{
    int written = 0;
    CHECK(t->root < (int)t->n_nodes && (t->root >= 0) == (t->n_nodes > 0));
    for (size_t i = 0; i < t->n_nodes; i++) {
        check_node(t, &t->nodes[i]);
        for (size_t k = 0; k < t->nodes[i].n_edges; k++) written += t->nodes[i].edges[k].written;
    }
    CHECK(written <= t->edges);
    check_paths(c->arena, t);
}

static void check_book(const struct compiled *c)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_trees; i++) check_tree(c, &b->trees[i]);
    for (size_t i = 0; i < b->n_scenarios; i++)
        for (size_t k = 0; k < b->scenarios[i].n_triggers; k++) {
            const struct policy_trigger *t = &b->scenarios[i].triggers[k];
            CHECK(t->kind != TRIGGER_UNSET && (t->kind != TRIGGER_TIMED || t->after_ms >= 0));
        }
    for (size_t i = 0; i < b->n_thresholds; i++) CHECK(b->thresholds[i].op != OP_UNSET);
    for (size_t i = 0; i < b->n_windows; i++) CHECK((b->windows[i].from_ms >= 0) == (b->windows[i].to_ms >= 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    struct buf out = { .max = 64u << 20 };
    struct compiled *c = procedures_compile((struct slice){ (const char *)data, size }, S("fuzz.md"), NULL, &e);
    if (c == NULL) {
        CHECK(e.code < 0 && e.line >= 1 && e.col >= 1 && e.detail[0] != '\0');
        return 0;
    }
    check_classes(c);
    check_places(c);
    check_policy(&c->policy);
    check_book(c);
    policy_dump(&c->policy, &out);
    classes_dump(c, &out);
    diagnostics_print(c, &(struct print_options){ .notes = true, .colour = true }, &out);
    diagnostics_print_json(c, &out);
    CHECK(!out.overflow);
    buf_release(&out);
    compiled_destroy(&c);
    return 0;
}
