/* bundle_diff.c - what another bundle would do differently, for those who propose and approve. */
#include "base/arena.h"
#include "base/buf.h"
#include "engine/bundle_inner.h"
#include "procedures/diff_set.h"

#define LINES_MAX 20

static const struct bundle_file *routing_of(const struct bundle_file *v, int n)
{
    for (int i = 0; i < n; i++)
        if (v[i].kind == BUNDLE_ROUTING) return &v[i];
    return NULL;
}

static bool same_routing(const struct live_bundle *a, const struct live_bundle *b)
{
    struct bundle_file x[BUNDLE_FILES_MAX], y[BUNDLE_FILES_MAX];
    const struct bundle_file *p = routing_of(x, bundle_files(bundle_bytes(a), x, BUNDLE_FILES_MAX, NULL));
    const struct bundle_file *q = routing_of(y, bundle_files(bundle_bytes(b), y, BUNDLE_FILES_MAX, NULL));
    return p == NULL || q == NULL ? p == q : slice_eq(p->bytes, q->bytes);
}

static void add_place(const struct view_diff *v, const struct change *c, struct buf *out)
{
    const unsigned line = c->new_line != 0 ? c->new_line : c->old_line;
    const struct slice file = policy_file(c->new_line != 0 ? &v->new.policy : &v->old.policy, line);
    if (line == 0) return;
    buf_add_str(out, c->new_line != 0 ? " (" : " (was ");
    buf_add(out, file);
    buf_addf(out, file.n > 0 ? ":%u)" : "line %u)", POLICY_LINE(line));
}

static void add_changes(const struct view_diff *v, struct buf *out)
{
    const struct policy_diff *d = &v->d;
    size_t shown = 0;
    for (size_t i = 0; i < d->n && shown < LINES_MAX; i++) {
        if (d->v[i].wording) continue;
        shown++;
        buf_addf(out, "\n  %s: ", diff_area_name(d->v[i].area));
        buf_add(out, d->v[i].text);
        add_place(v, &d->v[i], out);
    }
    if (d->behaviour > shown) buf_addf(out, "\n  and %zu more", d->behaviour - shown);
    size_t reads = d->wording;
    for (size_t i = 0; i < d->n; i++) {
        if (!d->v[i].stays) continue;
        reads--;
        buf_add_str(out, "\n  ");
        buf_add(out, d->v[i].text);
        add_place(v, &d->v[i], out);
    }
    if (reads > 0) buf_addf(out, "\n  %zu passage%s only read%s differently", reads, reads == 1 ? "" : "s", reads == 1 ? "s" : "");
}

static const struct compiled *document_named(const struct procedures_set *s, struct slice name)
{
    for (size_t i = 0; i < s->n; i++)
        if (slice_eq(s->docs[i]->file_name, name)) return s->docs[i];
    return NULL;
}

/* "procedures.md", of several documents "For everybody"; "For team shop, service cart". */
static void add_whose(const struct view_diff *v, const struct procedures_set *new, struct buf *out)
{
    buf_add_char(out, '\n');
    if (v->view == NULL) {
        buf_add(out, new->n > 1 ? S("For everybody") : new->docs[new->organisation]->file_name);
        return;
    }
    buf_add_str(out, "For team ");
    buf_add(out, v->view->team);
    for (size_t i = 0; i < v->view->n_services; i++) {
        buf_add_str(out, i > 0 ? ", " : v->view->n_services == 1 ? ", service " : ", services ");
        buf_add(out, v->view->services[i]);
    }
}

static void add_view(const struct view_diff *v, const struct procedures_set *new, struct buf *out)
{
    add_whose(v, new, out);
    if (v->d.behaviour > 0)
        buf_addf(out, ": %zu change%s of behaviour:", v->d.behaviour, v->d.behaviour == 1 ? "" : "s");
    else
        buf_add_str(out, v->d.n > 0 ? " does the same:" : " does the same: not a word of it differs");
    add_changes(v, out);
}

static void add_came_or_went(const struct procedures_set *in, const struct procedures_set *other, const char *what,
                             struct buf *out)
{
    for (size_t i = 0; i < in->n; i++) {
        const struct slice name = in->docs[i]->file_name;
        if (document_named(other, name) != NULL) continue;
        buf_addf(out, "\n%.*s %s", (int)name.n, name.p, what);
    }
}

void bundle_diff(const struct live_bundle *old, const struct live_bundle *new, struct buf *out)
{
    if (old->set == NULL || new->set == NULL) return;
    struct arena *a = arena_create(0);
    struct set_diff d;
    procedures_diff_sets(a, old->set, new->set, &d);
    for (size_t i = 0; i < d.n; i++) add_view(&d.v[i], new->set, out);
    if (old->set->n > 1 || new->set->n > 1) { /* a document alone: under whatever name */
        add_came_or_went(new->set, old->set, "is new", out);
        add_came_or_went(old->set, new->set, "is gone", out);
    }
    arena_destroy(&a);
    if (!same_routing(old, new)) buf_add_str(out, "\nRouting: the rules that turn alerts into incidents differ");
}
