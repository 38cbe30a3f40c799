/* merge_origin.c - where the lines of a merged policy come from, and a merged policy in the shape of a document.
 * Not here: how it was merged (merge.c). */
#include <string.h>

#include "procedures/merge_inner.h"

struct slice procedures_set_source(const struct procedures_set *s, const void *element)
{
    const struct merger m = { .origins = { (struct origin *)(uintptr_t)s->origins, s->n_origins, 0 } };
    const size_t file = merge_file(&m, element);
    return file == SIZE_MAX ? (struct slice){ 0 } : s->docs[file]->file_name;
}

void procedures_set_print_sources(const struct procedures_set *s, const struct policy *p, struct buf *out)
{
    for (size_t i = 0; i < merge_parts_n; i++) {
        const struct part *part = &merge_parts[i];
        const char *v = part_v(part, p);
        for (size_t k = 0; k < part_n(part, p); k++) {
            const void *element = v + k * part->size;
            struct slice id = part_id(part, element), file = procedures_set_source(s, element);
            buf_addf(out, "%s %.*s %.*s:%u\n", part->noun, ARG(id), ARG(file), part_line(part, element));
        }
    }
}

struct found { /* the element that a line belongs to: the last of its document that begins there or above */
    const struct part *part;
    unsigned line; /* of the element, with its file */
};

static struct found element_at(const struct policy *p, unsigned line)
{
    struct found best = { 0 };
    for (size_t i = 0; i < merge_parts_n; i++) {
        const struct part *part = &merge_parts[i];
        const char *v = part_v(part, p);
        for (size_t k = 0; k < part_n(part, p); k++, v += part->size) {
            unsigned at;
            memcpy(&at, v + part->line, sizeof at);
            if (POLICY_FILE(at) == POLICY_FILE(line) && at <= line && at >= best.line)
                best = (struct found){ part, at };
        }
    }
    return best;
}

static bool stands_instead(const struct procedures_set *s, unsigned line)
{
    const unsigned *v = s->instead;
    for (size_t i = 0; i < s->n_instead; i++)
        if (v[i] == line) return true;
    return false;
}

enum provenance procedures_set_provenance(const struct procedures_set *s, const struct policy *p, unsigned line)
{
    const size_t file = POLICY_FILE(line);
    if (line == 0 || file >= s->n) return PROVENANCE_UNSET;
    const bool shared = file == s->organisation || s->fronts[file].team.line == 0;
    if (p != &s->policy && shared) return PROVENANCE_INHERITED;
    if (file == s->organisation) return PROVENANCE_OWN;
    const struct found e = element_at(p, line);
    struct arena *a = arena_create(0);
    const bool section = e.part != NULL && front_names(a, &s->fronts[file].replaces, e.part->role, NULL);
    arena_destroy(&a);
    return section || stands_instead(s, e.line) ? PROVENANCE_REPLACED : PROVENANCE_ADDED;
}

const char *provenance_name(enum provenance v)
{
    switch (v) {
    case PROVENANCE_UNSET: break;
#define X(sym, code, text) \
    case PROVENANCE_##sym: return text;
        PROVENANCES(X)
#undef X
    }
    return "unset";
}

struct compiled procedures_set_compiled(const struct procedures_set *s, const struct policy *p)
{
    struct compiled c = *s->docs[s->organisation];
    c.policy = *p;
    c.set_policy = p;
    c.errors = s->errors;
    c.warnings = s->warnings;
    return c;
}
