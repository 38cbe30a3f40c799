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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_by_name),
        cmocka_unit_test(labels_of_levels),
        cmocka_unit_test(rules_by_number),
        cmocka_unit_test(templates_contacts_selectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
