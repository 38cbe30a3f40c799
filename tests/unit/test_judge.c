/* test_judge.c - an alert that says again what another one said is judged as if nobody had (I2, R151, R161): what is
 * remembered of the first must not outlive what it was judged by, nor stand for anything that only looks like it. */
#include "flow.h"

#include "core/state.h"

static const struct alert_shared *verdict_of(struct flow *f, const char *sender, const char *labels)
{
    struct signal s = flow_signal(f, labels, HOUR);
    flow_send(f, sender, &s, 1);
    return world_alert_shared(f->w, flow_alert(f, labels));
}

static const char *rule_of(struct flow *f, const char *labels)
{
    verdict_of(f, "prom", labels);
    return world_text(f->w, flow_incident(f, flow_alert(f, labels)->incident)->rule).p;
}

static void R151_values_that_read_alike_together_are_told_apart(void **state)
{
    struct arena *a = arena_create(0);
    struct matchers first, second;
    struct flow f;
    (void)state;
    assert_int_equal(matchers_parse(a, S("a=\"x\",b=\"yz\""), &first, NULL), 0);
    assert_int_equal(matchers_parse(a, S("a=\"xy\",b=\"z\""), &second, NULL), 0);
    static const struct slice by[] = { S("a"), S("b") };
    const struct routing_rule rules[] = { { .name = S("first"), .match = first, .group_by = by, .n_group_by = 2 },
                                          { .name = S("second"), .match = second, .group_by = by, .n_group_by = 2 },
                                          { .name = S("rest"), .group_by = by, .n_group_by = 2 } };
    flow_begin(&f);
    f.routing = (struct routing){ .rules = rules, .n_rules = 3 };
    for (int again = 0; again < 2; again++) {
        assert_string_equal(rule_of(&f, again ? "a=x alertname=A b=yz n=2" : "a=x alertname=A b=yz n=1"), "first");
        assert_string_equal(rule_of(&f, again ? "a=xy alertname=A b=z n=2" : "a=xy alertname=A b=z n=1"), "second");
        assert_string_equal(rule_of(&f, again ? "a=xyz alertname=A n=2" : "a=xyz alertname=A n=1"), "rest");
        assert_string_equal(rule_of(&f, again ? "alertname=A b=xyz n=2" : "alertname=A b=xyz n=1"), "rest");
    }
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 4);
    flow_end(&f);
    arena_destroy(&a);
}

/* I2: the rules may ask about a label that no grouping and nobody else does. */
static void I2_a_label_that_only_a_matcher_names_decides(void **state)
{
    struct arena *a = arena_create(0);
    struct matchers staging;
    struct flow f;
    (void)state;
    assert_int_equal(matchers_parse(a, S("env=\"staging\""), &staging, NULL), 0);
    const struct routing_rule rule = { .name = S("staging"), .match = staging, .drop = S("nobody lives there") };
    flow_begin(&f);
    f.routing = (struct routing){ .rules = &rule, .n_rules = 1 };
    for (int n = 0; n < 2; n++) {
        assert_int_equal(verdict_of(&f, "prom", n ? "alertname=A env=live n=2" : "alertname=A env=live n=1")->reason,
                         REASON_NONE);
        assert_int_equal(
            verdict_of(&f, "prom", n ? "alertname=A env=staging n=2" : "alertname=A env=staging n=1")->reason,
            REASON_DROPPED);
    }
    flow_end(&f);
    matchers_release(&staging);
    arena_destroy(&a);
}

static void R161_what_one_sender_says_is_not_what_another_says(void **state)
{
    static const struct sender_owner owners[] = { { S("shop-prom"), 1, -1 } };
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.site.senders = owners;
    f.site.n_senders = 1;
    assert_int_equal(verdict_of(&f, "prom", "alertname=Odd n=1")->service, 0);
    assert_string_equal(world_text(f.w, verdict_of(&f, "shop-prom", "alertname=Odd n=2")->service).p, "shop");
    assert_int_equal(verdict_of(&f, "prom", "alertname=Odd n=3")->service, 0);
    flow_end(&f);
}

/* The next directory and the next routing may lie where the last ones lay. */
static void what_is_no_longer_in_force_judges_nothing(void **state)
{
    static const struct service renamed[] = { { .id = S("web"), .name = S("Web"), .team = 1 } };
    const struct routing_rule drops = { .name = S("noise"), .drop = S("known noise") };
    struct flow f;
    (void)state;
    flow_begin(&f);
    verdict_of(&f, "prom", "alertname=A n=1 service=web");
    assert_string_equal(world_text(f.w, flow_incident(&f, 1)->team).p, "platform");
    f.site.services = renamed;
    f.site.n_services = 1;
    flow_step(&f, (struct event){ .kind = EVENT_SITE, .site = &f.site });
    flow_until(&f, HOUR); /* too late to join */
    verdict_of(&f, "prom", "alertname=A n=2 service=web");
    assert_string_equal(world_text(f.w, flow_incident(&f, 2)->team).p, "shop");
    f.routing = (struct routing){ .rules = &drops, .n_rules = 1 };
    flow_step(&f, (struct event){ .kind = EVENT_BUNDLE,
                                  .bundle = { .policy = &flow_policy, .routing = &f.routing, .activate = true } });
    assert_int_equal(verdict_of(&f, "prom", "alertname=A n=3 service=web")->reason, REASON_DROPPED);
    flow_end(&f);
}

/* More than is remembered, and longer than is: the end of a value decides all the same. */
static void what_is_too_much_to_remember_is_judged_all_the_same(void **state)
{
    static const struct slice by[] = { S("a") };
    const struct routing_rule rule = { .name = S("by a"), .group_by = by, .n_group_by = 1 };
    enum { MANY = 1000, LONG = 2000 };
    struct buf labels = { 0 };
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.routing = (struct routing){ .rules = &rule, .n_rules = 1 };
    for (int64_t i = 0; i < 2 * MANY; i++) {
        buf_reset(&labels);
        buf_add_str(&labels, "a=");
        for (size_t k = 0; i % MANY < 2 && k < LONG; k++) buf_add_char(&labels, 'x');
        buf_add_int(&labels, i % MANY);
        buf_add_str(&labels, " alertname=A n=");
        buf_add_int(&labels, i);
        verdict_of(&f, "prom", buf_str(&labels));
        assert_int_equal(flow_alert(&f, buf_str(&labels))->incident, i % MANY + 1);
    }
    buf_release(&labels);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R151_values_that_read_alike_together_are_told_apart),
        cmocka_unit_test(I2_a_label_that_only_a_matcher_names_decides),
        cmocka_unit_test(R161_what_one_sender_says_is_not_what_another_says),
        cmocka_unit_test(what_is_no_longer_in_force_judges_nothing),
        cmocka_unit_test(what_is_too_much_to_remember_is_judged_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
