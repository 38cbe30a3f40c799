/* merge_whole.c - what only all documents together show (several documents): what one lacks another may give, and what each
 * says alone may not hold together. Links runbooks, trees and drills anew, and asks of the organisation's policy and of each
 * team's view what a single document is asked when it is compiled.
 * Always: told once. Of a team's view only what does not hold for the organisation's too, with the team's name; a drill
 * without runbook and a metric without threshold only where no team has one either. */
#include <string.h>

#include "procedures/book.h"
#include "procedures/merge_inner.h"

struct whole {
    struct compiler c; /* its policy is the one that is looked at; lines carry their file */
    const struct policy_view *view; /* NULL: the organisation's */
};

static const struct part *part_of(enum section_role role)
{
    for (size_t i = 0; i < merge_parts_n; i++)
        if (merge_parts[i].role == role) return &merge_parts[i];
    return NULL;
}

static void *copy(struct merger *m, const void *v, size_t bytes)
{
    void *out = arena_alloc(m->arena, bytes + 1);
    if (bytes > 0) memcpy(out, v, bytes);
    return out;
}

/* A view shares its elements with the organisation's policy; what is linked has to be its own. */
static void lists_own(struct merger *m, struct policy *p)
{
    struct policy_scenario *scenarios = merge_own_list(m, part_of(SECTION_SCENARIOS), p);
    struct policy_tree *trees = merge_own_list(m, part_of(SECTION_TREES), p);
    merge_own_list(m, part_of(SECTION_DRILLS), p);
    for (size_t i = 0; i < p->book.n_scenarios; i++) {
        struct policy_steps *steps = &scenarios[i].mitigation;
        steps->v = copy(m, steps->v, steps->n * sizeof *steps->v);
    }
    for (size_t i = 0; i < p->book.n_trees; i++)
        trees[i].nodes = copy(m, trees[i].nodes, trees[i].n_nodes * sizeof *trees[i].nodes);
}

/* The lists that checks read from the compiler; nothing is added to them. */
static void lists_lend(struct compiler *c)
{
    const struct policy *p = &c->policy;
    c->rules.v = (struct policy_rule *)(uintptr_t)p->rules;
    c->rules.n = p->n_rules;
    c->roles.v = (struct policy_role *)(uintptr_t)p->roles;
    c->roles.n = p->n_roles;
    c->contacts.v = (struct policy_contact *)(uintptr_t)p->contacts;
    c->contacts.n = p->n_contacts;
}

static void whole_look(struct merger *m, struct whole *w, const struct policy *p)
{
    struct compiler *c = &w->c;
    *c = (struct compiler){ .arena = m->arena, .set = m->set, .policy = *p, .ids = smap_create(0) };
    lists_lend(c);
    escalation_check(c);
    trees_link(c);
    trees_check_loops(c);
    book_link(c);
    metrics_finish(c);
    policy_check(c);
    for (size_t i = 0; i < p->book.n_scenarios; i++) scenario_check(c, &p->book.scenarios[i]);
}

static void whole_release(struct whole *w)
{
    smap_destroy(&w->c.ids);
    vec_release(&w->c.diagnostics);
    vec_release(&w->c.interpretations);
}

/* --- telling --- */

static bool says(const struct whole *w, const struct diagnostic *d, bool words)
{
    for (size_t i = 0; i < w->c.diagnostics.n; i++) {
        const struct diagnostic *x = &w->c.diagnostics.v[i];
        if (x->line == d->line && slice_eq(x->code, d->code) && (!words || slice_eq(x->message, d->message))) return true;
    }
    return false;
}

/* Enough that it stands somewhere. */
static bool one_suffices(struct slice code)
{
    return slice_eq(code, S("W-DRILL-GAP")) || slice_eq(code, S("W-METRIC-NO-THRESHOLD"));
}

static bool is_shared(const struct merger *m, unsigned line)
{
    return m->fronts[POLICY_FILE(line)].team.line == 0;
}

static bool is_told(const struct merger *m, const struct whole *all, size_t n, size_t at, const struct diagnostic *d)
{
    /* That its sentence stands instead of the organisation's is what a team's document is for. */
    if (at > 0 && slice_eq(d->code, S("W-NARROWED")) && is_shared(m, d->line)) return true;
    for (size_t i = 0; i < at; i++)
        if (says(&all[i], d, !one_suffices(d->code))) return true;
    if (at > 0 || !one_suffices(d->code)) return false;
    for (size_t i = 1; i < n; i++)
        if (!says(&all[i], d, false)) return true; /* that team has it */
    return false;
}

static struct slice view_name(struct compiler *c, const struct policy_view *v)
{
    struct slice list = { 0 };
    if (v == NULL) return list;
    for (size_t i = 0; i < v->n_services; i++)
        list = text_make(c, "%.*s%s%.*s", ARG(list), i > 0 ? ", " : " with ", ARG(v->services[i]));
    return text_make(c, "for team %.*s%.*s: ", ARG(v->team), ARG(list));
}

static void whole_tell(struct merger *m, struct whole *all, size_t n, size_t at)
{
    struct compiler *c = &all[at].c;
    const struct slice name = view_name(c, all[at].view);
    for (size_t i = 0; i < c->diagnostics.n; i++) {
        struct diagnostic d = c->diagnostics.v[i];
        const size_t doc = POLICY_FILE(d.line);
        if (is_told(m, all, n, at, &d)) continue;
        if (is_shared(m, d.line) && name.n > 0) d.message = text_make(c, "%.*s%.*s", ARG(name), ARG(d.message));
        d.line = d.line == 0 ? 1 : (unsigned)POLICY_LINE(d.line);
        *vec_push(&m->extras) = (struct extra){ doc, d };
    }
}

/* --- interpretations --- */

static bool interprets(const struct whole *w, const struct interpretation *x)
{
    for (size_t i = 0; i < w->c.interpretations.n; i++) {
        const struct interpretation *o = &w->c.interpretations.v[i];
        if (o->line == x->line && slice_eq(o->code, x->code)) return true;
    }
    return false;
}

static int by_line(const void *a, const void *b, void *ctx)
{
    const struct interpretation *x = a, *y = b;
    (void)ctx;
    return (x->line > y->line) - (x->line < y->line);
}

/* What was settled in a line of this document by looking at all: of the organisation's policy, else of the first view. */
static void interpretations_add(struct merger *m, const struct whole *all, size_t n, size_t doc)
{
    struct compiled *c = m->set->docs[doc];
    VEC(struct interpretation) list = { 0 };
    for (size_t i = 0; i < c->n_interpretations; i++) *vec_push(&list) = c->interpretations[i];
    for (size_t at = 0; at < n; at++)
        for (size_t i = 0; i < all[at].c.interpretations.n; i++) {
            struct interpretation x = all[at].c.interpretations.v[i];
            bool said = POLICY_FILE(x.line) != doc;
            for (size_t k = 0; k < at && !said; k++) said = interprets(&all[k], &x);
            x.line = (unsigned)POLICY_LINE(x.line);
            if (!said) *vec_push(&list) = x;
        }
    sort_stable(list.v, list.n, sizeof *list.v, by_line, NULL);
    c->interpretations = copy(m, list.v, list.n * sizeof *list.v);
    c->n_interpretations = list.n;
    vec_release(&list);
}

void merge_check_whole(struct merger *m)
{
    struct procedures_set *s = m->set;
    const size_t n = 1 + s->policy.n_views;
    struct whole *all = arena_array(m->arena, struct whole, n);
    for (size_t i = 1; i < n; i++) { /* before the organisation's is linked, which they begin as */
        all[i].view = &s->policy.views[i - 1];
        lists_own(m, (struct policy *)(uintptr_t)all[i].view->policy);
        whole_look(m, &all[i], all[i].view->policy);
    }
    whole_look(m, &all[0], &s->policy);
    for (size_t i = 0; i < n; i++) whole_tell(m, all, n, i);
    for (size_t doc = 0; doc < s->n; doc++)
        if (s->docs[doc] != NULL) interpretations_add(m, all, n, doc);
    for (size_t i = 0; i < n; i++) whole_release(&all[i]);
}
