/* same_post.h - do two readings of a body say the same, byte for byte? For the unit test and the fuzz target of what was
 * read before (ingest/known.h). */
#ifndef TESTS_SAME_POST_H
#define TESTS_SAME_POST_H

#include "ingest/alertmanager.h"

static inline bool same_labels(const struct signal *a, const struct signal *b)
{
    if (a->n_labels != b->n_labels) return false;
    for (size_t i = 0; i < a->n_labels; i++)
        if (!slice_eq(a->labels[i].name, b->labels[i].name) || !slice_eq(a->labels[i].value, b->labels[i].value))
            return false;
    return true;
}

static inline bool same_signal(const struct signal *a, const struct signal *b)
{
    return same_labels(a, b) && slice_eq(a->labels_text, b->labels_text) && a->fingerprint == b->fingerprint &&
           slice_eq(a->annotations, b->annotations) && slice_eq(a->summary, b->summary) && a->starts == b->starts &&
           a->ends == b->ends;
}

static inline bool same_post(const struct alertmanager_post *a, const struct alertmanager_post *b)
{
    if (a->status != b->status || a->n != b->n || !slice_eq(a->answer, b->answer)) return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same_signal(&a->v[i], &b->v[i])) return false;
    return true;
}

#endif
