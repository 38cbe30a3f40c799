/* mend.c - finds the safe mends of a document. */
#include "procedures/mend.h"

#include "base/arena.h"
#include "base/vec.h"
#include "procedures/mojibake.h"
#include "procedures/source.h"

struct mending {
    struct arena *arena;
    VEC(struct patch) patches;
};

static bool has_run(struct slice text)
{
    char good[4];
    size_t n_good;
    for (size_t at = 0; at < text.n; at++)
        if (mojibake_run(slice_from(text, at), good, &n_good) > 0) return true;
    return false;
}

/* `offset`: of the line's first byte in `document`. */
static void line_mend(struct mending *m, struct slice document, size_t offset, struct slice raw, unsigned line)
{
    char good[4];
    size_t n_good = 0;
    for (size_t at = 0; at < raw.n;) {
        const size_t taken = mojibake_run(slice_from(raw, at), good, &n_good);
        if (taken > 0) {
            struct slice after = arena_copy(m->arena, (struct slice){ good, n_good });
            struct patch *p = vec_push(&m->patches);
            *p = patch_of_span(document, offset + at, taken, after);
            p->line = line;
            p->col = (unsigned)at + 1;
        }
        at += taken > 0 ? taken : 1;
    }
}

int mends_find(struct arena *a, struct slice document, struct mends *out, struct error *e)
{
    struct mending m = { .arena = a };
    struct source source;
    *out = (struct mends){ 0 };
    const int rc = source_read(&source, a, document, e);
    if (rc < 0) return rc;
    for (unsigned line = 1; line <= source.n; line++) {
        const struct line *l = source_line(&source, line);
        if (l->runs == 0) continue;
        if (has_run(l->text)) {
            if (out->left++ == 0) out->first_left = line;
            continue;
        }
        out->lines++;
        line_mend(&m, document, (size_t)(l->raw.p - source.bytes.p), l->raw, line);
    }
    struct patch *kept = arena_array(a, struct patch, m.patches.n + 1);
    for (size_t i = 0; i < m.patches.n; i++) kept[i] = m.patches.v[i];
    out->v = kept;
    out->n = m.patches.n;
    vec_release(&m.patches);
    return 0;
}
