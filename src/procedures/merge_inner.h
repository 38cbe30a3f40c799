/* merge_inner.h - what the files of merging share. Private to procedures/merge*.c. */
#ifndef PROCEDURES_MERGE_INNER_H
#define PROCEDURES_MERGE_INNER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/vec.h"
#include "procedures/front.h"
#include "procedures/merge.h"

#define ARG(s) (int)(s).n, (s).p == NULL ? "" : (s).p

/* One list of struct policy: where it lies, and where its elements keep what they are known by. */
struct part {
    enum section_role role;
    const char *noun;
    size_t v, n; /* offsets in struct policy */
    size_t size, id, line; /* of an element; offsets in it */
};
extern const struct part merge_parts[];
extern const size_t merge_parts_n;

const void *part_v(const struct part *part, const struct policy *p);
size_t part_n(const struct part *part, const struct policy *p);
struct slice part_id(const struct part *part, const void *element);
unsigned part_line(const struct part *part, const void *element); /* in its document, without the file */

struct origin { /* a list of a policy, and the file of each element */
    const void *v;
    size_t n, size;
    const uint32_t *files;
};

/* Marks the lines of a document's policy with its file; `base`: whose levels it borrows, NULL for the organisation's
 * (merge_lines.c). */
void merge_mark_lines(struct policy *p, const struct policy *base, size_t file);

struct extra { /* a diagnostic that a document gets by extending */
    size_t doc;
    struct diagnostic d;
};

struct merger {
    struct arena *arena;
    struct procedures_set *set;
    struct front *fronts; /* by document */
    struct slice *wanted; /* by document: the scenario that the site attaches it to */
    int64_t today;
    VEC(struct extra) extras;
    VEC(struct origin) origins;
    VEC(unsigned) instead; /* lines, with their file, of elements that stand instead of another of their name */
};

/* Compiles `files` into the set: documents, failures, fronts, and which is the organisation's (merge_documents.c). */
void merge_documents_compile(struct merger *m, const struct procedures_file *files, bool strict);
void merge_diagnose(struct merger *m, size_t doc, const char *code, unsigned line, struct slice suggestion,
                    const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* "org.md:331": where an element of a merged list stands. */
struct slice merge_place(struct merger *m, const void *element, unsigned line);
size_t merge_file(const struct merger *m, const void *element); /* SIZE_MAX: none */

/* What `view`, made by this document, does later, quieter or for fewer than the organisation's policy (merge_weaker.c). */
void merge_check_weaker(struct merger *m, size_t doc, const struct policy *base, const struct policy *view);

/* The scenario of the list that a runbook's scenario belongs to; n: none. `wanted`: named outright, or empty. */
size_t merge_runbook_target(struct arena *a, const struct policy_scenario *v, size_t n, struct slice wanted,
                            struct slice name);
/* The scenario with what its runbook says: the runbook's parts where it has them, the triggers of both. */
struct policy_scenario merge_runbook(struct arena *a, const struct policy_scenario *scenario,
                                     const struct policy_scenario *runbook);

/* What only all documents together show, of the policy and of each view: links between runbooks, trees and drills, and the
 * checks of a whole policy (merge_whole.c). Adds diagnostics and interpretations to the documents. */
void merge_check_whole(struct merger *m);
/* A list of the policy as its own copy, so that its elements may be changed without those it was taken from. */
void *merge_own_list(struct merger *m, const struct part *part, struct policy *p);

/* Severity levels that this document defines or names otherwise than the organisation's (merge_levels.c). */
void merge_check_levels(struct merger *m, size_t doc);

/* What the front matter says wrongly; *ok for the override (merge_front.c). */
void merge_check_front(struct merger *m, size_t doc);
bool front_names(struct arena *a, const struct front_list *l, enum section_role role, unsigned *line);

#endif
