/* test_starters.c - the scripts that tocsin rehearse --init writes: one a rule and one a scenario, they pass as they are,
 * and fail once the procedures say something else. */
#include "harness.h"

#include "engine/rehearse_init.h"
#include "ground.h"

static struct ground ground;

static int setup(void **state)
{
    (void)state;
    ground_load(&ground);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ground_release(&ground);
    return 0;
}

static struct stage_options on(const struct policy *p, const struct site *site, const struct routing *routing)
{
    return (struct stage_options){
        .policy = p, .routing = routing, .directory = &site->dir, .bytes = S("a bundle"), .hash_key = 1
    };
}

static struct rehearsal_outcome played(const struct stage_options *o, const struct starter *s)
{
    struct rehearsal_report report;
    struct script script;
    struct error e = { 0 };
    if (script_read(ground.arena, s->name, s->text, &script, &e) < 0)
        fail_msg("%.*s:%u: %s", (int)s->name.n, s->name.p, e.line, e.detail);
    rehearsal_run(o, &script, &report);
    const struct rehearsal_outcome outcome = report.outcome;
    rehearsal_release(&report);
    return outcome;
}

static void pass(const struct stage_options *o)
{
    const struct starters all = starters_make(o, ground.arena);
    assert_int_equal(all.n, o->policy->n_rules + o->policy->book.n_scenarios);
    for (size_t i = 0; i < all.n; i++) {
        const struct rehearsal_outcome outcome = played(o, &all.v[i]);
        if (!rehearsal_is_good(&outcome))
            fail_msg("%.*s does not pass:\n%.*s", (int)all.v[i].name.n, all.v[i].name.p, (int)all.v[i].text.n,
                     all.v[i].text.p);
        assert_true(outcome.expectations == all.v[i].expectations && outcome.expectations >= 2);
        for (size_t k = 0; k < i; k++) assert_false(slice_eq(all.v[k].name, all.v[i].name));
    }
}

static void test_pass(void **state)
{
    const struct stage_options reference = on(&ground.reference->policy, ground.site, &ground.routing);
    const struct stage_options example = on(&ground.example->policy, ground.own, &ground.own_routing);
    const struct stage_options smaller = on(&ground.reference->policy, ground.smaller, &ground.routing);
    (void)state;
    pass(&reference);
    pass(&example);
    pass(&smaller);
}

static void test_notice(void **state) /* three minutes instead of five: the rule's own script says so */
{
    struct slice text = ground_text(&ground, TOCSIN_TESTS "/data/reference.md");
    const struct slice five = S("No response in 5 minutes"), three = S("No response in 3 minutes");
    const size_t at = slice_find(text, five);
    struct buf changed = { 0 };
    struct error e = { 0 };
    (void)state;
    assert_true(at < text.n);
    buf_add(&changed, slice_upto(text, at));
    buf_add(&changed, three);
    buf_add(&changed, slice_from(text, at + five.n));
    struct compiled *c = procedures_compile(buf_slice(&changed), S("changed.md"), NULL, &e);
    assert_non_null(c);
    const struct stage_options before = on(&ground.reference->policy, ground.site, &ground.routing);
    const struct stage_options after = on(&c->policy, ground.site, &ground.routing);
    const struct starters all = starters_make(&before, ground.arena);
    assert_true(slice_has_prefix(all.v[0].name, S("rule-no-response")));
    assert_int_equal(played(&before, &all.v[0]).unmet, 0);
    assert_true(played(&after, &all.v[0]).unmet > 0);
    compiled_destroy(&c);
    buf_release(&changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_pass), cmocka_unit_test(test_notice) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
