/* Sections are found by heading (G2): every alias of the grammar finds its role, however it is decorated, and what is
 * always prose never becomes a section that is executed. */
#include "harness.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "procedures/section.h"

static const struct {
    enum section_role role;
    const char *headings; /* separated by | */
} rows[] = {
    { SECTION_SEVERITY,
      "severity levels|severity classification|severity definitions|severity matrix|incident classification|"
      "priority levels" },
    { SECTION_SEVERITY_RAISE, "severity escalation|elevate severity if" },
    { SECTION_SEVERITY_LOWER, "de-escalation|de-escalation criteria|severity de-escalation" },
    { SECTION_TEAM,
      "incident response team|response team|response roles|on-call roles|team structure|roles and responsibilities|"
      "roles & responsibilities" },
    { SECTION_CONTACTS,
      "emergency contacts|on-call contacts|escalation contacts|external contacts|contact information|key personnel" },
    { SECTION_CHANNELS, "communication channels|alert channels" },
    { SECTION_TIMELINE, "response timeline" },
    { SECTION_SCENARIOS,
      "common incident scenarios|incident scenarios|common emergency scenarios|emergency scenarios|specific scenarios|"
      "common specific scenarios|common issues|common issues and resolutions|alert runbooks|alert: disk full|"
      "scenario 3: disk full|incident: disk full" },
    { SECTION_COMMUNICATION,
      "communication procedures|communication plan|communication cadence|incident communication|"
      "incident communications|internal communication|internal communications|external communication|"
      "external communications" },
    { SECTION_TEMPLATES, "communication templates|initial notification|initial alert|status update|stakeholder update|"
                         "resolution notice" },
    { SECTION_ESCALATION,
      "escalation rules|escalation path|escalation paths|escalation matrix|escalation procedure|"
      "escalation procedures|escalation steps|escalation hierarchy|escalation chain|escalation policy" },
    { SECTION_TRIGGERS, "when to escalate|escalation triggers|escalation criteria|escalation conditions|escalate if" },
    { SECTION_TREES, "decision trees|decision flow|decision flows" },
    { SECTION_POST_INCIDENT,
      "post-incident|post-incident procedures|post-incident actions|post-incident review|post-incident checklist|"
      "after resolution|post-mortem|post-incident activity" },
    { SECTION_METRICS, "critical metrics|key metrics|SLOs" },
    { SECTION_THRESHOLDS, "alert thresholds|thresholds" },
    { SECTION_TOOLS, "tools and resources|tools and access" },
    { SECTION_TRAINING, "training and drills|testing schedule" },
    { SECTION_DRILLS, "drill scenarios|recommended drill scenarios" },
    { SECTION_SUCCESS, "success metrics|on-call metrics" },
    { SECTION_REVIEWS, "monthly reviews|quarterly reviews|annual reviews" },
    { SECTION_CONTROL, "document control|revision history" },
    { SECTION_PROSE,
      "overview|purpose|scope|table of contents|references|best practices|FAQ|quick reference|prerequisites|impact|"
      "related runbooks" },
};

/* What stands around an alias. */
static const struct {
    const char *before, *behind;
    bool upper;
} forms[] = {
    { "", "", false },
    { "1. ", "", false },
    { "2.3 ", "", false },
    { "4.1. ", "", false },
    { "7) ", "", false },
    { "Phase 2: ", "", false },
    { "Step 3: ", "", false },
    { "Phase 1 - ", "", false },
    { "🚨 ", "", false },
    { "🚨 1. ", "", false },
    { "", " 🔥", false },
    { "", ":", false },
    { "", " (0-15 minutes)", false },
    { "", " (< 5 minutes)", false },
    { "", "", true },
};

static void heading_make(struct buf *out, size_t form, struct slice alias)
{
    buf_reset(out);
    buf_add_str(out, forms[form].before);
    for (size_t i = 0; i < alias.n; i++) {
        char c = alias.p[i];
        buf_add_char(out, forms[form].upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    buf_add_str(out, forms[form].behind);
}

static void g2_every_alias_in_every_dress(void **state)
{
    struct arena *a = arena_create(0);
    struct buf heading = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice list = slice_of(rows[i].headings);
        while (list.n > 0) {
            struct slice alias = slice_cut(&list, '|');
            for (size_t k = 0; k < COUNT_OF(forms); k++) {
                heading_make(&heading, k, alias);
                enum section_role role = section_role_of(a, buf_slice(&heading));
                if (role != rows[i].role)
                    fail_msg("\"%s\" is %s, not %s", buf_str(&heading), section_role_name(role),
                             section_role_name(rows[i].role));
            }
        }
    }
    buf_release(&heading);
    arena_destroy(&a);
}

/* Close, and yet something else: no alias may swallow them. */
static void g2_what_only_looks_like_an_alias(void **state)
{
    static const char *const none[] = { "Resources",
                                        "Severity of the weather",
                                        "Team lunch",
                                        "Escalating a ticket",
                                        "The timeline of 2019",
                                        "Tools we dislike",
                                        "Scenario",
                                        "Alert fatigue",
                                        "Review of books",
                                        "Contact lenses",
                                        "Trees",
                                        "Phase 2",
                                        "",
                                        "🚨",
                                        "Post-office",
                                        "Incident" };
    struct arena *a = arena_create(0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        enum section_role role = section_role_of(a, slice_of(none[i]));
        if (role != SECTION_UNSET) fail_msg("\"%s\" is %s", none[i], section_role_name(role));
    }
    arena_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g2_every_alias_in_every_dress),
        cmocka_unit_test(g2_what_only_looks_like_an_alias),
    };
    return cmocka_run_group_tests_name("procedures-aliases", tests, NULL, NULL);
}
