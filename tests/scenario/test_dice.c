/* test_dice.c - nights by dice (engine/rehearse_random.h): a sound site reaches somebody on every night, and each hole
 * that is cut into it is found and named. */
#include "harness.h"

#include "engine/rehearse_random.h"
#include "ground.h"

enum { NIGHTS = 60 };

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

static struct stage_options on(const struct directory *d)
{
    return (struct stage_options){ .policy = &ground.reference->policy,
                                   .routing = &ground.routing,
                                   .directory = d,
                                   .bytes = S("a bundle"),
                                   .hash_key = 1 };
}

/* The site of the scenarios with one text in place of another. */
static struct site *site_with(struct slice text, struct slice instead)
{
    struct slice whole = ground_text(&ground, TOCSIN_TESTS "/scenario/site.yaml");
    struct problems *problems = problems_create();
    struct buf bytes = { 0 }, complaint = { 0 };
    struct site *site = NULL;
    const size_t at = slice_find(whole, text);
    assert_true(at < whole.n);
    buf_add(&bytes, slice_upto(whole, at));
    buf_add(&bytes, instead);
    buf_add(&bytes, slice_from(whole, at + text.n));
    const int rc = site_load_bytes(TOCSIN_TESTS "/scenario/site.yaml", buf_slice(&bytes), &site, problems);
    problems_print(problems, &complaint);
    if (rc < 0) fail_msg("%s", buf_str(&complaint));
    buf_release(&complaint);
    buf_release(&bytes);
    problems_destroy(&problems);
    return site;
}

static void test_sound(void **state)
{
    const struct stage_options o = on(&ground.site->dir);
    struct findings f;
    struct buf text = { 0 };
    (void)state;
    findings_begin(&f);
    for (uint64_t seed = 1; seed <= NIGHTS; seed++) random_play(&o, seed, &f, NULL);
    findings_print(&f, &text);
    assert_string_equal(buf_str(&text), "");
    assert_int_equal(f.nights, NIGHTS);
    assert_true(f.pages > NIGHTS);
    findings_end(&f);
    buf_release(&text);
}

static const struct hole {
    const char *what;
    struct slice text, instead, finding;
} holes[] = {
    { "a role that nobody fills", S("  management: { people: [edith, radia] }\n"), S(""),
      S("Nobody to page as Management: the role is bound to nobody in site.yaml") },
    { "somebody whom nothing wakes", S("ada: { name: Ada Byron, contacts: { phone: \"+1\", "),
      S("ada: { name: Ada Byron, contacts: { "),
      S("Nothing wakes Ada Byron: a page that rings leaves by slack and mail") },
    { "somebody whom no channel carries", S("{ phone: \"+9\", mail: barbara@example.org }"), S("{ pager: \"9\" }"),
      S("Barbara Liskov has no contact that a channel carries") },
    { "a chain that ends at nobody", S("      incident-commander: { people: [mary] }\n"), S(""),
      S("Nobody to page as Incident Commander") },
};

static void test_holes(void **state) /* R10's promise turned round: a page that reaches nobody is found beforehand */
{
    (void)state;
    for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        struct site *site = site_with(holes[i].text, holes[i].instead);
        const struct stage_options o = on(&site->dir);
        struct findings f;
        struct buf text = { 0 };
        findings_begin(&f);
        for (uint64_t seed = 1; seed <= NIGHTS; seed++) random_play(&o, seed, &f, NULL);
        findings_print(&f, &text);
        if (slice_find(buf_slice(&text), holes[i].finding) >= text.len)
            fail_msg("%s: not found; these are: %s", holes[i].what, buf_str(&text));
        findings_end(&f);
        buf_release(&text);
        site_destroy(&site);
    }
}

static void test_one_channel(void **state) /* the example site sends everything by one channel */
{
    const struct stage_options o = { .policy = &ground.example->policy,
                                     .routing = &ground.own_routing,
                                     .directory = &ground.own->dir,
                                     .bytes = S("a bundle"),
                                     .hash_key = 1 };
    struct findings f;
    struct buf text = { 0 };
    (void)state;
    findings_begin(&f);
    for (uint64_t seed = 1; seed <= NIGHTS; seed++) random_play(&o, seed, &f, NULL);
    findings_print(&f, &text);
    assert_true(slice_find(buf_slice(&text), S("No page reaches Ada Byron while the channel log does not work")) <
                text.len);
    assert_true(slice_find(buf_slice(&text), S("No page reaches anybody at all, for the service dashboard")) <
                text.len);
    findings_end(&f);
    buf_release(&text);
}

static void test_same_night(void **state) /* I30 */
{
    const struct stage_options o = on(&ground.site->dir);
    struct buf first = { 0 }, again = { 0 }, other = { 0 };
    (void)state;
    random_night(&o, 7, &first);
    random_night(&o, 7, &again);
    random_night(&o, 8, &other);
    assert_string_equal(buf_str(&first), buf_str(&again));
    assert_string_not_equal(buf_str(&first), buf_str(&other));
    buf_release(&first);
    buf_release(&again);
    buf_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_one_channel),
        cmocka_unit_test(test_same_night),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
