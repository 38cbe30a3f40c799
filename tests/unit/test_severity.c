/* test_severity.c - what a rule and a label argue for (design: Incidents, provisional severity). */
#include "harness.h"

#include "core/severity.h"

static const struct policy_severity reference_levels[] = {
    { .level = 1, .label = S("SEV1"), .name = S("Critical") },
    { .level = 2, .label = S("SEV2"), .name = S("High") },
    { .level = 3, .label = S("SEV3"), .name = S("Medium") },
    { .level = 4, .label = S("SEV4"), .name = S("Low") },
};
static const struct policy_severity p_levels[] = { { .level = 1, .label = S("P0") },
                                                   { .level = 2, .label = S("P1") },
                                                   { .level = 3, .label = S("P2") } };
static const struct policy_severity p1_levels[] = { { .level = 1, .label = S("P1") },
                                                    { .level = 2, .label = S("P2") } };
static const struct policy from_p1 = { .severities = p1_levels, .n_severities = 2 };
static const struct policy none = { 0 };
static const struct policy reference = { .severities = reference_levels, .n_severities = 4 };
static const struct policy three = { .severities = p_levels, .n_severities = 3 };

enum { UNCLASSIFIED = 0, NOTHING = -1 };

static const struct {
    const struct policy *p;
    struct slice label;
    int64_t level;
} labels[] = {
    { &none, S("critical"), 2 },
    { &none, S("page"), 2 },
    { &none, S("emergency"), 2 },
    { &none, S("P1"), 2 },
    { &none, S("error"), 2 },
    { &none, S("high"), 2 },
    { &none, S("major"), 2 },
    { &none, S("P2"), 2 },
    { &none, S("warning"), 3 },
    { &none, S("minor"), 3 },
    { &none, S("P3"), 3 },
    { &none, S("ticket"), 4 },
    { &none, S("P4"), 4 },
    { &none, S("Warning"), 3 },
    { &none, S("info"), NOTHING },
    { &none, S("none"), NOTHING },
    { &none, S("P5"), NOTHING },
    { &none, S(""), UNCLASSIFIED },
    { &none, S("terrible"), UNCLASSIFIED },
    /* the document's own levels mean themselves, but level 1 from a label becomes 2 */
    { &reference, S("SEV3"), 3 },
    { &reference, S("sev-4"), 4 },
    { &reference, S("SEV1"), 2 },
    { &reference, S("Critical"), 2 },
    { &reference, S("low"), 4 },
    { &three, S("P0"), 2 },
    { &three, S("P1"), 2 },
    { &three, S("P2"), 3 },
    { &three, S("ticket"), 3 }, /* clamped to the least severe level there is */
};

static void labels_argue_for_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        struct severity_verdict v = severity_provisional(labels[i].p, NULL, labels[i].label);
        int64_t level = v.nothing ? NOTHING : v.level;
        if (level != labels[i].level)
            fail_msg("label %s: %d, not %d", labels[i].label.p, (int)level, (int)labels[i].level);
        assert_int_equal(v.source, labels[i].level > 0 ? SEVERITY_LABEL : SEVERITY_DEFAULT);
    }
}

static void a_rule_goes_before_the_label(void **state)
{
    (void)state;
    const struct routing_rule sev1 = { .severity = 1 }, sev4 = { .severity = 4 }, silent = { .service = S("web") };
    struct severity_verdict v = severity_provisional(&reference, &sev1, S("warning"));
    assert_true(v.level == 1 && v.source == SEVERITY_RULE && !v.nothing);
    v = severity_provisional(&reference, &sev4, S("info"));
    assert_true(v.level == 4 && !v.nothing);
    v = severity_provisional(&three, &sev4, S("critical"));
    assert_int_equal(v.level, 3);
    v = severity_provisional(&reference, &silent, S("warning"));
    assert_true(v.level == 3 && v.source == SEVERITY_LABEL);
    /* G16: "P1" is what the document calls so: the worst where it begins at P1, the second where it begins at P0. */
    const struct routing_rule p1 = { .severity = 2, .severity_label = S("P1") };
    assert_int_equal(severity_provisional(&from_p1, &p1, S("")).level, 1);
    assert_int_equal(severity_provisional(&three, &p1, S("")).level, 2);
}

static void unclassified_stands_between_2_and_3(void **state)
{
    (void)state;
    static const int64_t worst_first[] = { 1, 2, UNCLASSIFIED, 3, 4 };
    for (size_t i = 0; i < COUNT_OF(worst_first); i++)
        for (size_t j = 0; j < COUNT_OF(worst_first); j++)
            assert_int_equal(severity_is_worse(worst_first[i], worst_first[j]), i < j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_argue_for_levels),
        cmocka_unit_test(a_rule_goes_before_the_label),
        cmocka_unit_test(unclassified_stands_between_2_and_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
