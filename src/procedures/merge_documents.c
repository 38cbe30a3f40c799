/* merge_documents.c - each of several documents is compiled by itself, knowing what stands before it.
 * Not here: what they say together (merge.c).
 * Always: the organisation's first, then what is for everybody, then the teams', whatever order the site names them in. */
#include "procedures/front.h"
#include "procedures/merge_inner.h"

static void document_compile(struct merger *m, const struct procedures_file *f, size_t doc, bool strict)
{
    struct procedures_set *s = m->set;
    const bool own = doc == s->organisation || s->docs[s->organisation] == NULL;
    struct front front = { 0 };
    size_t n_beside = 0;
    const struct policy **beside = arena_array(m->arena, const struct policy *, s->n);
    for (size_t i = 0; i < s->n; i++)
        if (i != s->organisation && s->docs[i] != NULL && m->fronts[i].team.text.n == 0)
            beside[n_beside++] = &s->docs[i]->policy;
    front_read(f->bytes, &front);
    const struct compile_options o = { .strict = strict,
                                       .beside = beside,
                                       .n_beside = n_beside,
                                       .base = own ? NULL : &s->docs[s->organisation]->policy,
                                       .shared = !own && front.team.text.n == 0,
                                       .part = s->n > 1,
                                       .today = m->today };
    s->docs[doc] = procedures_compile(f->bytes, f->name, &o, &s->failures[doc]);
    if (s->docs[doc] != NULL) front_read(arena_copy(m->arena, f->bytes), &m->fronts[doc]);
}

static size_t organisation_of(const struct procedures_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct front f;
        front_read(files[i].bytes, &f);
        if (f.team.line == 0) return i;
    }
    return 0;
}

void merge_documents_compile(struct merger *m, const struct procedures_file *files, bool strict)
{
    struct procedures_set *s = m->set;
    s->organisation = organisation_of(files, s->n);
    document_compile(m, &files[s->organisation], s->organisation, strict);
    for (int of_team = 0; of_team <= 1; of_team++) /* what is for everybody first: teams may name its experts */
        for (size_t i = 0; i < s->n; i++) {
            struct front f;
            front_read(files[i].bytes, &f);
            if (i != s->organisation && (f.team.text.n > 0) == (of_team == 1))
                document_compile(m, &files[i], i, strict);
        }
}
