/* merge.h - several documents: the organisation's, those of teams that extend it, and shared runbooks beside it.
 *
 * The first document without `team:` in its front matter (front.h) is the organisation's. Others without one add to it
 * for everybody: a runbook attaches to the scenario of its name (merge_runbook.c). A document of a team adds to each section, or
 * stands instead of those that it `replaces`; elements are never merged. The result is one policy with a view a team
 * (core/policy.h). Severity levels are the organisation's alone.
 * What a team's document makes weaker than the organisation's (later, quieter, fewer people or severities) is an error
 * with both numbers, unless its front matter names approver, reason and last day: then a warning until that day.
 * Pure; deterministic. */
#ifndef PROCEDURES_MERGE_H
#define PROCEDURES_MERGE_H

#include "base/buf.h"
#include "procedures/compile.h"

struct procedures_file {
    struct slice name, bytes;
    struct slice
        scenario; /* of a runbook: the scenario that it belongs to; empty: its front matter's, else its title's */
};

struct set_options {
    bool strict;
    int64_t today; /* days since 1970-01-01, for overrides that end; 0 = not judged (a server that starts, R13) */
};

struct procedures_set {
    struct arena *arena; /* of what follows, the documents aside */
    struct compiled **docs; /* by file; their diagnostics include those of extending. NULL: broke a hard limit */
    struct error *failures; /* by file: why NULL */
    size_t n;
    size_t organisation; /* index of its document */
    struct policy policy; /* the organisation's, with its views; empty when its document is NULL */
    const struct origin *origins; /* these for procedures_set_source() and _origin(); opaque */
    const struct front *fronts; /* by file */
    const void *instead;
    size_t n_origins, n_instead;
    unsigned errors, warnings; /* of all documents, failures counted as errors */
};

/* Never NULL; n is at least 1. The bytes are copied. */
struct procedures_set *procedures_set_compile(const struct procedures_file *files, size_t n,
                                              const struct set_options *options);
void procedures_set_destroy(struct procedures_set **s); /* NULL is fine; clears *s */

/* The file that an element comes from: any struct of a list of the policy or of one of its views, by its address.
 * Empty when it is none of them. */
struct slice procedures_set_source(const struct procedures_set *s, const void *element);

/* Overrides for being weaker that have ended by this day (a day as in set_options), or end within 14 days: a line each,
 * "shop.md:6: the override for being weaker ended on 2026-03-31 (approved by …)". The worst of them. */
enum override_state { OVERRIDE_HOLDS = 0, OVERRIDE_ENDS_SOON = 1, OVERRIDE_ENDED = 2 };
#define OVERRIDE_SOON_DAYS 14
enum override_state procedures_set_override(const struct procedures_set *s, int64_t today, struct buf *out);

/* How what stands in a line came into a policy. */
#define PROVENANCES(X)                                                                             \
    X(OWN, 1, "own") /* the organisation's document says it, asked of the organisation's policy */ \
    X(INHERITED, 2, "inherited") /* the organisation's documents say it, asked of a team's view */ \
    X(ADDED, 3, "added") /* another document says it beside them */                                \
    X(REPLACED, 4, "replaced") /* another document says it in their place */

enum provenance {
    PROVENANCE_UNSET = 0,
#define X(sym, code, text) PROVENANCE_##sym = code,
    PROVENANCES(X)
#undef X
};

/* Of a line, with its file, of the organisation's policy or of a view; UNSET for 0. */
enum provenance procedures_set_provenance(const struct procedures_set *s, const struct policy *p, unsigned line);
const char *provenance_name(enum provenance v);

/* What printers and comparisons take, for a policy of the set: the organisation's document with that policy instead of
 * its own, and the errors and warnings of all. Borrows from the set; not to be destroyed. The organisation's document must
 * have compiled. */
struct compiled procedures_set_compiled(const struct procedures_set *s, const struct policy *p);

/* Every element of the policy or view, one a line: "rule escalation/… platform.md:12". */
void procedures_set_print_sources(const struct procedures_set *s, const struct policy *p, struct buf *out);

#endif
