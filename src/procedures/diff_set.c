/* diff_set.c - see diff_set.h. Not here: comparing two policies (diff.c), printing (diff_print.c). */
#include "procedures/diff_set.h"

#include "base/arena.h"

static bool same_view(const struct policy_view *a, const struct policy_view *b)
{
    if (!slice_eq(a->team, b->team) || a->n_services != b->n_services) return false;
    for (size_t i = 0; i < a->n_services; i++)
        if (!slice_eq(a->services[i], b->services[i])) return false;
    return true;
}

static const struct policy_view *view_find(const struct procedures_set *s, const struct policy_view *wanted)
{
    for (size_t i = 0; i < s->policy.n_views; i++)
        if (same_view(&s->policy.views[i], wanted)) return &s->policy.views[i];
    return NULL;
}

/* What holds in this set for whom the view is. */
static struct compiled held(const struct procedures_set *s, const struct policy_view *view)
{
    const struct policy *p = &s->policy;
    const struct policy_view *same = view == NULL ? NULL : view_find(s, view);
    if (same != NULL)
        p = same->policy;
    else if (view != NULL)
        p = policy_for(&s->policy, view->team, view->n_services > 0 ? view->services[0] : S(""));
    return s->n > 1 ? procedures_set_compiled(s, p) : *s->docs[0];
}

static bool is_told(const struct policy_diff *d, const struct change *c)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].area == c->area && slice_eq(d->v[i].text, c->text) && slice_eq(d->v[i].id, c->id)) return true;
    return false;
}

/* Without what is told for everybody already. */
static void leave_out(struct arena *a, struct policy_diff *d, const struct policy_diff *told)
{
    struct change *v = arena_array(a, struct change, d->n + 1);
    struct policy_diff rest = { .v = v };
    for (size_t i = 0; i < d->n; i++) {
        if (is_told(told, &d->v[i])) continue;
        v[rest.n++] = d->v[i];
        rest.behaviour += !d->v[i].wording;
        rest.wording += d->v[i].wording;
    }
    *d = rest;
}

struct comparing {
    struct arena *arena;
    const struct procedures_set *old, *new;
    struct set_diff *out;
};

static void compare(const struct comparing *c, const struct policy_view *view, const char *was)
{
    struct view_diff *x = &c->out->v[c->out->n];
    *x = (struct view_diff){ .view = view, .was = was, .old = held(c->old, view), .new = held(c->new, view) };
    procedures_diff(c->arena, &x->old, &x->new, &x->d);
    if (view != NULL) leave_out(c->arena, &x->d, &c->out->v[0].d);
    if (view != NULL && x->d.n == 0 && was[0] == '\0') return;
    c->out->n++;
    c->out->behaviour += x->d.behaviour;
    c->out->wording += x->d.wording;
}

void procedures_diff_sets(struct arena *a, const struct procedures_set *old, const struct procedures_set *new,
                          struct set_diff *out)
{
    const struct comparing c = { a, old, new, out };
    const struct policy *p = &old->policy, *q = &new->policy;
    *out = (struct set_diff){ .v = arena_array(a, struct view_diff, 1 + p->n_views + q->n_views) };
    compare(&c, NULL, "");
    for (size_t i = 0; i < q->n_views; i++)
        compare(&c, &q->views[i], view_find(old, &q->views[i]) == NULL ? "new" : "");
    for (size_t i = 0; i < p->n_views; i++)
        if (view_find(new, &p->views[i]) == NULL) compare(&c, &p->views[i], "gone");
}
