/* severity.c - what a rule and a `severity` label argue for (design: Incidents, provisional severity). */
#include "core/severity.h"

/* What monitors write. A document's own levels are looked up before this table. */
static const struct {
    struct slice label;
    int level;
} usual[] = {
    { S("critical"), 2 }, { S("page"), 2 },   { S("emergency"), 2 }, { S("P1"), 2 },      { S("error"), 2 },
    { S("high"), 2 },     { S("major"), 2 },  { S("P2"), 2 },        { S("warning"), 3 }, { S("minor"), 3 },
    { S("P3"), 3 },       { S("ticket"), 4 }, { S("P4"), 4 },
};
static const struct slice nothing[] = { S("info"), S("none"), S("P5") };

/* Level 1 is a rule's or a person's to give; no level lies beyond the least severe there is. */
static int64_t level_clamped(const struct policy *p, int64_t level, int64_t least)
{
    int64_t levels = policy_levels(p);
    if (level < least) level = least;
    return level > levels ? levels : level;
}

static struct severity_verdict by_label(const struct policy *p, struct slice label)
{
    int own = policy_level_named(p, label);
    if (own > 0) return (struct severity_verdict){ level_clamped(p, own, 2), SEVERITY_LABEL, false };
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (slice_eq_nocase(usual[i].label, label))
            return (struct severity_verdict){ level_clamped(p, usual[i].level, 2), SEVERITY_LABEL, false };
    for (size_t i = 0; i < COUNT_OF(nothing); i++)
        if (slice_eq_nocase(nothing[i], label)) return (struct severity_verdict){ 0, SEVERITY_DEFAULT, true };
    return (struct severity_verdict){ 0, SEVERITY_DEFAULT, false };
}

struct severity_verdict severity_provisional(const struct policy *p, const struct routing_rule *rule,
                                             struct slice label)
{
    if (rule != NULL && rule->severity > 0)
        return (struct severity_verdict){ level_clamped(p, routing_rule_level(rule, p), 1), SEVERITY_RULE, false };
    return by_label(p, label);
}

/* Unclassified is SEV3 that rings: behind 2, before 3. */
static int64_t rank(int64_t level)
{
    return level == 0 ? 5 : 2 * level;
}

bool severity_is_worse(int64_t a, int64_t b)
{
    return rank(a) < rank(b);
}

const char *severity_source_name(int64_t s)
{
    switch ((enum severity_source)s) {
    case SEVERITY_UNSET: break;
#define X(sym, code, text) \
    case SEVERITY_##sym: return text;
        SEVERITY_SOURCES(X)
#undef X
    }
    return "unset";
}
