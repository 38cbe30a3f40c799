/* severity.h - provisional severity from labels, and what a change of severity is (design: Incidents). */
#ifndef CORE_SEVERITY_H
#define CORE_SEVERITY_H

#include "core/incident.h"

#define SEVERITY_SOURCES(X) X(DEFAULT, 1, "default") X(LABEL, 2, "label") X(RULE, 3, "rule") X(PERSON, 4, "person")

enum severity_source {
    SEVERITY_UNSET = 0,
#define X(sym, code, text) SEVERITY_##sym = code,
    SEVERITY_SOURCES(X)
#undef X
};

struct severity_verdict {
    int64_t level; /* 0 = unclassified (rings) */
    enum severity_source source;
    bool nothing; /* info, none, P5: record it, open nothing unless a rule says so */
};

/* Rule first, then the `severity` label, then unclassified; clamped to the policy's levels; level 1 only by rule. */
struct severity_verdict severity_provisional(const struct policy *p, const struct routing_rule *rule,
                                             struct slice label);
/* Is level a more severe than b? Unclassified (0) stands between 2 and 3: it rings. */
bool severity_is_worse(int64_t a, int64_t b);
const char *severity_source_name(int64_t s);

#endif
