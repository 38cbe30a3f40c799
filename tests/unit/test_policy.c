/* What the rules ask a policy: levels, rules by number, templates by purpose, contacts and experts. */
#include "harness.h"

#include "base/check.h"
#include "core/policy.h"

static const struct policy_severity severities[] = {
    { .level = 1, .label = { "SEV1", 4 }, .name = { "Critical", 8 } },
    { .level = 2, .label = { "SEV2", 4 }, .name = { "High", 4 } },
};
static const struct policy_severity p_scheme[] = { { .level = 1, .label = { "P0", 2 } },
                                                   { .level = 2, .label = { "P1", 2 } } };
static const struct policy sev = { .severities = severities, .n_severities = 2 };
static const struct policy pri = { .severities = p_scheme, .n_severities = 2 };
static const struct policy none = { 0 };

static void levels_by_name(void **state)
{
    static const struct {
        const struct policy *p;
        const char *written;
        int level;
    } rows[] = {
        { &sev, "SEV1", 1 },      { &sev, "sev-2", 2 },   { &sev, "Severity 2", 2 }, { &sev, "SEVERITY LEVEL 1", 1 },
        { &sev, "sev_1", 1 },     { &sev, " SEV 1 ", 1 }, { &sev, "critical", 1 },   { &sev, "HIGH", 2 },
        { &sev, "SEV3", 0 },      { &sev, "SEV", 0 },     { &sev, "P1", 0 },         { &sev, "1", 0 },
        { &sev, "", 0 },          { &sev, "SEV12", 0 },   { &pri, "P0", 1 },         { &pri, "p-1", 2 },
        { &pri, "P2", 0 },        { &pri, "SEV1", 0 },    { &none, "SEV4", 4 },      { &none, "sev 1", 1 },
        { &none, "critical", 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (policy_level_named(rows[i].p, slice_of(rows[i].written)) != rows[i].level) fail_msg("%s", rows[i].written);
}

static void labels_of_levels(void **state)
{
    (void)state;
    assert_int_equal(policy_levels(&sev), 2);
    assert_int_equal(policy_levels(&none), 4);
    assert_true(slice_eq(policy_level_label(&sev, 2), S("SEV2")));
    assert_true(slice_eq(policy_level_label(&pri, 1), S("P0")));
    assert_true(slice_eq(policy_level_label(&none, 3), S("SEV3")));
    assert_true(slice_eq(policy_level_label(&sev, 0), policy_level_label(&sev, policy_unclassified(&sev))));
    assert_true(slice_eq(policy_level_label(&sev, 3), S("SEV?")));
}

static void rules_by_number(void **state)
{
    static const struct policy_rule rules[] = { { .when = RULE_NO_RESPONSE }, { .when = RULE_NO_RESOLUTION } };
    const struct policy p = { .rules = rules, .n_rules = 2 };
    (void)state;
    assert_ptr_equal(policy_rule(&p, 1), &rules[0]);
    assert_ptr_equal(policy_rule(&p, 2), &rules[1]);
    assert_null(policy_rule(&p, 0));
    assert_null(policy_rule(&p, 3)); /* a timer of an older bundle whose rule is gone */
    assert_null(policy_rule(&p, -1));
}

static void templates_contacts_selectors(void **state)
{
    static const struct policy_template templates[] = { { .purpose = COMMUNICATION_STATUS_UPDATES },
                                                        { .purpose = COMMUNICATION_INITIAL_ALERT } };
    static const struct policy_contact contacts[] = { { .party = { "primary", 7 } },
                                                      { .party = { "management", 10 } } };
    static const struct policy_selector selectors[] = { { .group = { "dba", 3 }, .category = { "database", 8 } } };
    static const struct policy_role roles[] = { { .id = { "primary", 7 } },
                                                { .selectors = selectors, .n_selectors = 1 } };
    const struct policy p = {
        .templates = templates, .n_templates = 2, .contacts = contacts, .n_contacts = 2, .roles = roles, .n_roles = 2
    };
    (void)state;
    assert_ptr_equal(policy_template_for(&p, COMMUNICATION_INITIAL_ALERT), &templates[1]);
    assert_null(policy_template_for(&p, COMMUNICATION_RESOLUTION));
    assert_ptr_equal(policy_contact_for(&p, S(ROLE_MANAGEMENT)), &contacts[1]);
    assert_null(policy_contact_for(&p, S(ROLE_SECONDARY)));
    assert_ptr_equal(policy_selector_for(&p, S("Database")), &selectors[0]); /* R26 */
    assert_null(policy_selector_for(&p, S("network")));
    assert_null(policy_selector_for(&p, S("")));
}

/* R82, A35: what is said of a level holds for it, else what is said of all; of two the shorter. */
static void cadences(void **state)
{
    static const struct policy_severity levels[] = { { .level = 1, .update_every_ms = 10 * MINUTE, .line = 7 },
                                                     { .level = 2, .update_every_ms = POLICY_NONE },
                                                     { .level = 3, .update_every_ms = POLICY_NONE } };
    static const struct policy_communication sentences[] = {
        { .kind = COMMUNICATION_STATUS_UPDATES, .every_ms = 30 * MINUTE, .line = 20 },
        { .kind = COMMUNICATION_STATUS_UPDATES,
          .severities = LEVEL_BIT(1) | LEVEL_BIT(2),
          .every_ms = 15 * MINUTE,
          .line = 21 },
        { .kind = COMMUNICATION_OBLIGATION, .every_ms = MINUTE, .line = 22 },
        { .kind = COMMUNICATION_STATUS_UPDATES, .every_ms = POLICY_NONE, .line = 23 },
    };
    static const struct policy_template templates[] = {
        { .purpose = COMMUNICATION_STATUS_UPDATES, .every_ms = 20 * MINUTE, .line = 40 },
        { .purpose = COMMUNICATION_RESOLUTION, .every_ms = MINUTE, .line = 41 },
    };
    static const struct {
        size_t sentences, templates;
        int level;
        int64_t every_ms;
        unsigned line;
    } rows[] = {
        { 0, 0, 1, 10 * MINUTE, 7 },  { 0, 0, 2, POLICY_NONE, 0 },  { 0, 1, 2, 20 * MINUTE, 40 },
        { 1, 0, 2, 30 * MINUTE, 20 }, { 1, 1, 2, 20 * MINUTE, 40 }, { 2, 1, 2, 15 * MINUTE, 21 },
        { 4, 2, 1, 10 * MINUTE, 7 },  { 4, 2, 3, 20 * MINUTE, 40 }, { 4, 0, 0, 30 * MINUTE, 20 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct policy p = { .severities = levels,
                                  .n_severities = 3,
                                  .communications = sentences,
                                  .n_communications = rows[i].sentences,
                                  .templates = templates,
                                  .n_templates = rows[i].templates };
        const struct policy_cadence c = policy_cadence(&p, rows[i].level);
        if (c.every_ms != rows[i].every_ms || c.line != rows[i].line) fail_msg("row %zu: line %u", i, c.line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_by_name),  cmocka_unit_test(labels_of_levels),
        cmocka_unit_test(rules_by_number), cmocka_unit_test(templates_contacts_selectors),
        cmocka_unit_test(cadences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
