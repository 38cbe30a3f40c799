/* test_world_view.c - teams that extend the organisation's policy: each incident lives by its own team's. */
#include "flow.h"

#define M MINUTE

static const char web[] = "alertname=DiskFull instance=h1 service=web severity=critical";
static const char shop[] = "alertname=CartEmpty instance=h2 service=shop severity=critical";
static const char nobody[] = "alertname=Strange instance=h3 severity=critical";

static void an_incident_lives_by_the_policy_of_its_team(void **state)
{
    static const struct policy_rule faster[] = {
        { .when = RULE_NO_RESPONSE,
          .after_ms = 2 * M,
          .targets = &flow_secondary,
          .n_targets = 1,
          .page = true,
          .line = 9 },
    };
    struct policy of_shop = flow_policy, whole = flow_policy;
    of_shop.rules = faster;
    of_shop.n_rules = 1;
    const struct policy_view views[] = { { .team = S("shop"), .policy = &of_shop } };
    whole.views = views;
    whole.n_views = 1;
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_step(
        &f, (struct event){
                .kind = EVENT_BUNDLE,
                .bundle = {
                    .policy = &whole, .routing = &f.routing, .bytes = S("with views"), .hash = 2, .activate = true } });
    flow_fire(&f, web);
    flow_fire(&f, shop);
    flow_fire(&f, nobody);
    flow_until(&f, 2 * M - 1);
    for (incident_id id = 1; id <= 3; id++) assert_int_equal(flow_pages(&f, id, PAGE_REASON_NO_RESPONSE, "joan"), 0);
    flow_until(&f, 2 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 0);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_NO_RESPONSE, "joan"), 1);
    flow_until(&f, 5 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 1);
    assert_int_equal(flow_pages(&f, 3, PAGE_REASON_NO_RESPONSE, "joan"), 1); /* the unrouted team has no view */
    flow_until(&f, 30 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESOLUTION, "grace"), 1);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_NO_RESOLUTION, "grace"), 0); /* its view has no such sentence */
    flow_end(&f);
}

static void the_view_for_a_service_comes_first(void **state)
{
    static const struct policy a = { 0 }, b = { 0 };
    static const struct slice services[] = { S("cart"), S("search") };
    const struct policy_view views[] = { { S("shop"), services, 2, &a }, { S("shop"), NULL, 0, &b } };
    const struct policy p = { .views = views, .n_views = 2 };
    (void)state;
    assert_ptr_equal(policy_for(&p, S("shop"), S("search")), &a);
    assert_ptr_equal(policy_for(&p, S("shop"), S("checkout")), &b);
    assert_ptr_equal(policy_for(&p, S("shop"), S("")), &b);
    assert_ptr_equal(policy_for(&p, S("platform"), S("search")), &p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incident_lives_by_the_policy_of_its_team),
        cmocka_unit_test(the_view_for_a_service_comes_first),
    };
    return cmocka_run_group_tests_name("world-view", tests, NULL, NULL);
}
