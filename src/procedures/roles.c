/* roles.c - the table of headings: one row an alias, in folded form. Adding a spelling is adding a row. */
#include "base/arena.h"
#include "base/check.h"
#include "procedures/book.h"

#define ALIAS(role, text)             \
    {                                 \
        SECTION_##role,               \
        {                             \
            "" text, sizeof(text) - 1 \
        }                             \
    }

static const struct {
    enum section_role role;
    struct slice text;
} aliases[] = {
    ALIAS(SEVERITY, "severity levels"),
    ALIAS(SEVERITY, "severity level"),
    ALIAS(SEVERITY, "severity classification"),
    ALIAS(SEVERITY, "severity definitions"),
    ALIAS(SEVERITY, "severity matrix"),
    ALIAS(SEVERITY, "incident severity"),
    ALIAS(SEVERITY, "incident severity levels"),
    ALIAS(SEVERITY, "incident classification"),
    ALIAS(SEVERITY, "severity"),
    ALIAS(SEVERITY, "priority levels"),
    ALIAS(SEVERITY, "incident priority levels"),
    ALIAS(SEVERITY_RAISE, "severity escalation"),
    ALIAS(SEVERITY_RAISE, "elevate severity if"),
    ALIAS(SEVERITY_LOWER, "severity de escalation"),
    ALIAS(SEVERITY_LOWER, "de escalation"),
    ALIAS(SEVERITY_LOWER, "de escalation criteria"),
    ALIAS(TEAM, "incident response team"),
    ALIAS(TEAM, "response team"),
    ALIAS(TEAM, "response roles"),
    ALIAS(TEAM, "incident response roles"),
    ALIAS(TEAM, "on call roles"),
    ALIAS(TEAM, "team structure"),
    ALIAS(TEAM, "roles and responsibilities"),
    ALIAS(TEAM, "incident roles"),
    ALIAS(CONTACTS, "contact information"),
    ALIAS(CONTACTS, "emergency contacts"),
    ALIAS(CONTACTS, "on call contacts"),
    ALIAS(CONTACTS, "escalation contacts"),
    ALIAS(CONTACTS, "external contacts"),
    ALIAS(CONTACTS, "key personnel"),
    ALIAS(CONTACTS, "contacts"),
    ALIAS(CHANNELS, "communication channels"),
    ALIAS(CHANNELS, "alert channels"),
    ALIAS(TIMELINE, "response timeline"),
    ALIAS(TIMELINE, "incident response timeline"),
    ALIAS(SCENARIOS, "common incident scenarios"),
    ALIAS(SCENARIOS, "incident scenarios"),
    ALIAS(SCENARIOS, "emergency scenarios"),
    ALIAS(SCENARIOS, "common scenarios"),
    ALIAS(SCENARIOS, "specific scenarios"),
    ALIAS(SCENARIOS, "scenarios"),
    ALIAS(SCENARIOS, "common emergency scenarios"),
    ALIAS(SCENARIOS, "common specific scenarios"),
    ALIAS(SCENARIOS, "common issues"),
    ALIAS(SCENARIOS, "common issues and resolutions"),
    ALIAS(SCENARIOS, "alert runbooks"),
    ALIAS(COMMUNICATION, "communication procedures"),
    ALIAS(COMMUNICATION, "communication plan"),
    ALIAS(COMMUNICATION, "communication cadence"),
    ALIAS(COMMUNICATION, "incident communication"),
    ALIAS(COMMUNICATION, "incident communications"),
    ALIAS(COMMUNICATION, "internal communication"),
    ALIAS(COMMUNICATION, "internal communications"),
    ALIAS(COMMUNICATION, "external communication"),
    ALIAS(COMMUNICATION, "external communications"),
    ALIAS(TEMPLATES, "communication templates"),
    ALIAS(TEMPLATES, "initial notification"),
    ALIAS(TEMPLATES, "initial alert"),
    ALIAS(TEMPLATES, "status update"),
    ALIAS(TEMPLATES, "stakeholder update"),
    ALIAS(TEMPLATES, "resolution notice"),
    ALIAS(ESCALATION, "escalation rules"),
    ALIAS(ESCALATION, "escalation path"),
    ALIAS(ESCALATION, "escalation paths"),
    ALIAS(ESCALATION, "escalation matrix"),
    ALIAS(ESCALATION, "escalation procedure"),
    ALIAS(ESCALATION, "escalation procedures"),
    ALIAS(ESCALATION, "escalation steps"),
    ALIAS(ESCALATION, "escalation hierarchy"),
    ALIAS(ESCALATION, "escalation chain"),
    ALIAS(ESCALATION, "escalation policy"),
    ALIAS(ESCALATION, "escalation"),
    ALIAS(TRIGGERS, "when to escalate"),
    ALIAS(TRIGGERS, "escalation triggers"),
    ALIAS(TRIGGERS, "escalation criteria"),
    ALIAS(TRIGGERS, "escalation conditions"),
    ALIAS(TRIGGERS, "escalate if"),
    ALIAS(TREES, "decision trees"),
    ALIAS(TREES, "decision tree"),
    ALIAS(TREES, "decision flow"),
    ALIAS(TREES, "decision flows"),
    ALIAS(POST_INCIDENT, "post incident"),
    ALIAS(POST_INCIDENT, "post incident procedures"),
    ALIAS(POST_INCIDENT, "post incident actions"),
    ALIAS(POST_INCIDENT, "post incident review"),
    ALIAS(POST_INCIDENT, "post incident checklist"),
    ALIAS(POST_INCIDENT, "post incident activity"),
    ALIAS(POST_INCIDENT, "post incident activities"),
    ALIAS(POST_INCIDENT, "after resolution"),
    ALIAS(POST_INCIDENT, "post mortem"),
    ALIAS(POST_INCIDENT, "postmortem"),
    ALIAS(METRICS, "critical metrics"),
    ALIAS(METRICS, "key metrics"),
    ALIAS(METRICS, "slos"),
    ALIAS(THRESHOLDS, "alert thresholds"),
    ALIAS(THRESHOLDS, "thresholds"),
    ALIAS(TOOLS, "tools and resources"),
    ALIAS(TOOLS, "tools and access"),
    ALIAS(TOOLS, "tools"),
    ALIAS(TRAINING, "training and drills"),
    ALIAS(TRAINING, "training"),
    ALIAS(TRAINING, "testing schedule"),
    ALIAS(DRILLS, "drill scenarios"),
    ALIAS(DRILLS, "recommended drill scenarios"),
    ALIAS(SUCCESS, "success metrics"),
    ALIAS(SUCCESS, "on call metrics"),
    ALIAS(REVIEWS, "monthly reviews"),
    ALIAS(REVIEWS, "monthly review"),
    ALIAS(REVIEWS, "quarterly reviews"),
    ALIAS(REVIEWS, "quarterly review"),
    ALIAS(REVIEWS, "annual reviews"),
    ALIAS(REVIEWS, "annual review"),
    ALIAS(CONTROL, "document control"),
    ALIAS(CONTROL, "revision history"),
    ALIAS(PROSE, "overview"),
    ALIAS(PROSE, "purpose"),
    ALIAS(PROSE, "scope"),
    ALIAS(PROSE, "table of contents"),
    ALIAS(PROSE, "references"),
    ALIAS(PROSE, "best practices"),
    ALIAS(PROSE, "faq"),
    ALIAS(PROSE, "quick reference"),
    ALIAS(PROSE, "prerequisites"),
    ALIAS(PROSE, "impact"),
    ALIAS(PROSE, "related runbooks"),
};

/* Headings that begin like this are scenarios of their own: "Alert: High error rate". */
static const struct slice scenario_starts[] = { S("alert:"), S("incident:"), S("scenario") };

static bool is_scenario_heading(struct slice heading)
{
    for (size_t i = 0; i < COUNT_OF(scenario_starts); i++) {
        struct slice rest = heading_bare(heading);
        int64_t number;
        if (!slice_cut_prefix_nocase(&rest, scenario_starts[i])) continue;
        if (slice_has_suffix(scenario_starts[i], S(":"))) return true;
        scan_blanks(&rest);
        return slice_cut_uint(&rest, &number) && slice_has_prefix(rest, S(":"));
    }
    return false;
}

/* "Weekly Reviews", "Every 6 months: review": reviews of any period. */
static bool is_review_heading(struct slice heading)
{
    struct slice rest = heading_bare(heading), word;
    int64_t every;
    if (!scan_frequency(&rest, &every, &word)) return false;
    scan_char(&rest, ':');
    return (scan_word(&rest, S("reviews")) || scan_word(&rest, S("review"))) && scan_end(rest);
}

enum section_role section_role_of(struct arena *a, struct slice heading)
{
    struct slice folded = heading_fold(a, heading);
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (slice_eq(folded, aliases[i].text)) return aliases[i].role;
    if (is_review_heading(slice_trim(heading))) return SECTION_REVIEWS;
    return is_scenario_heading(slice_trim(heading)) ? SECTION_SCENARIOS : SECTION_UNSET;
}

static const struct role_row {
    const char *title;
    bool once;
    struct slice key; /* as directives write it, with - for _ */
} rows[SECTIONS_END] = {
#define X(sym, code, name, once, closed) [code] = { name, once, { #sym, sizeof(#sym) - 1 } },
    SECTION_ROLES(X)
#undef X
};

const char *section_role_name(enum section_role role)
{
    return role > SECTION_UNSET && role < SECTIONS_END ? rows[role].title : "no section";
}

bool section_role_once(enum section_role role)
{
    return rows[role].once;
}

static bool is_key(struct slice key, struct slice written)
{
    if (key.n != written.n) return false;
    for (size_t i = 0; i < key.n; i++) {
        struct slice c = { written.p + i, 1 };
        if (!slice_eq_nocase((struct slice){ key.p + i, 1 }, c.p[0] == '-' ? S("_") : c)) return false;
    }
    return true;
}

/* {role=severity}, {role=post-incident} */
enum section_role section_role_named(struct slice name)
{
    for (int role = 1; role < SECTIONS_END; role++)
        if (is_key(rows[role].key, name)) return (enum section_role)role;
    return SECTION_UNSET;
}

/* Words two texts share, twice over; crude, and enough to point at a heading that was probably meant. */
static size_t words_shared(struct slice a, struct slice b)
{
    size_t shared = 0;
    while (a.n > 0) {
        struct slice word = slice_cut(&a, ' ');
        if (word.n > 3 && find_phrase(b, word) < b.n) shared += word.n;
    }
    return shared;
}

struct slice section_nearest(struct arena *a, struct slice heading)
{
    struct slice folded = slice_upto(heading_fold(a, heading), 200), best = { 0 };
    size_t most = 0;
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        size_t shared = aliases[i].role == SECTION_PROSE ? 0 : words_shared(aliases[i].text, folded);
        if (shared <= most) continue;
        most = shared;
        best = aliases[i].text;
    }
    return best;
}
