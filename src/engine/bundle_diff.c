/* bundle_diff.c - what another bundle would do differently, for those who propose and approve. */
#include "base/arena.h"
#include "base/buf.h"
#include "engine/bundle_inner.h"
#include "procedures/diff.h"
#include "procedures/merge.h"

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

static void add_place(const struct change *c, struct buf *out)
{
    if (c->new_line != 0)
        buf_addf(out, " (line %u)", c->new_line);
    else if (c->old_line != 0)
        buf_addf(out, " (was line %u)", c->old_line);
}

static void add_changes(const struct policy_diff *d, struct buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < d->n && shown < LINES_MAX; i++) {
        if (d->v[i].wording) continue;
        shown++;
        buf_addf(out, "\n  %s: ", diff_area_name(d->v[i].area));
        buf_add(out, d->v[i].text);
        add_place(&d->v[i], out);
    }
    if (d->behaviour > shown) buf_addf(out, "\n  and %zu more", d->behaviour - shown);
    if (d->wording > 0)
        buf_addf(out, "\n  %zu passage%s only read differently", d->wording, d->wording == 1 ? "" : "s");
}

static const struct compiled *document_named(const struct procedures_set *s, struct slice name)
{
    for (size_t i = 0; i < s->n; i++)
        if (slice_eq(s->docs[i]->file_name, name)) return s->docs[i];
    return NULL;
}

static void add_document(const struct compiled *old, const struct compiled *new, struct buf *out)
{
    struct policy_diff d = { 0 };
    struct arena *a = arena_create(0);
    procedures_diff(a, old, new, &d);
    buf_add_char(out, '\n');
    buf_add(out, new->file_name);
    if (d.behaviour > 0)
        buf_addf(out, ": %zu change%s of behaviour:", d.behaviour, d.behaviour == 1 ? "" : "s");
    else
        buf_add_str(out, d.n > 0 ? " does the same:" : " does the same: not a word of it differs");
    add_changes(&d, out);
    arena_destroy(&a);
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
    const bool alone = old->set->n == 1 && new->set->n == 1; /* under whatever name */
    for (size_t i = 0; i < new->set->n; i++) {
        const struct compiled *doc = new->set->docs[i];
        const struct compiled *was = alone ? old->set->docs[0] : document_named(old->set, doc->file_name);
        if (was != NULL) add_document(was, doc, out);
    }
    if (!alone) {
        add_came_or_went(new->set, old->set, "is new", out);
        add_came_or_went(old->set, new->set, "is gone", out);
    }
    if (!same_routing(old, new)) buf_add_str(out, "\nRouting: the rules that turn alerts into incidents differ");
}
