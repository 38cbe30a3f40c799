/* bundle_diff.c - what another bundle would do differently, for those who propose and approve. */
#include "base/arena.h"
#include "base/buf.h"
#include "engine/bundle_inner.h"
#include "procedures/diff.h"

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

void bundle_diff(const struct live_bundle *old, const struct live_bundle *new, struct buf *out)
{
    struct policy_diff d = { 0 };
    struct arena *a = arena_create(0);
    if (old->compiled == NULL || new->compiled == NULL) goto out;
    procedures_diff(a, old->compiled, new->compiled, &d);
    const bool routing = !same_routing(old, new);
    if (d.behaviour > 0)
        buf_addf(out, "\n%zu change%s of behaviour:", d.behaviour, d.behaviour == 1 ? "" : "s");
    else
        buf_add_str(out, "\nThe document does the same:");
    add_changes(&d, out);
    if (d.n == 0) buf_add_str(out, " not a word of it differs");
    if (routing) buf_add_str(out, "\n  Routing: the rules that turn alerts into incidents differ");
out:
    arena_destroy(&a);
}
