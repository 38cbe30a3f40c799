/* Bundles: the framing comes back as it went in, damage is refused, a document with errors makes no bundle (R13), the
 * bytes and their hash decide whether two are the same (R12). */
#include "harness.h"

#include "base/check.h"
#include "engine/bundle.h"
#include "sys/files.h"

static void framing_keeps_every_byte(void **state)
{
    (void)state;
    const struct bundle_file files[] = {
        { BUNDLE_PROCEDURES, S("procedures.md"), S("# a\nprocedures 3 x\n\xff") },
        { BUNDLE_PROCEDURES, S("with blanks in it.md"), S("") },
        { BUNDLE_ROUTING, S("routing.yaml"), S("rules: []\n") },
    };
    struct bundle_file back[4];
    struct buf b = { 0 };
    struct error e = { 0 };
    for (size_t i = 0; i < COUNT_OF(files); i++) bundle_add_file(&b, &files[i]);
    assert_int_equal(bundle_files(buf_slice(&b), back, COUNT_OF(back), &e), 3);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        assert_int_equal(back[i].kind, files[i].kind);
        assert_true(slice_eq(back[i].name, files[i].name));
        assert_true(slice_eq(back[i].bytes, files[i].bytes));
    }
    assert_int_equal(bundle_files(buf_slice(&b), back, 2, &e), ERR_SYNTAX);
    buf_release(&b);
}

static const struct {
    const char *what;
    struct slice bytes;
} damaged[] = {
    { "nothing", { "", 0 } },
    { "another version", { "tocsin bundle 2\nrouting 0 a\n\n", 29 } },
    { "unknown kind", { "tocsin bundle 1\nscripts 0 a\n\n", 29 } },
    { "no length", { "tocsin bundle 1\nrouting x a\n\n", 29 } },
    { "longer than what is there", { "tocsin bundle 1\nrouting 9 a\nabc\n", 32 } },
    { "shorter than what is there", { "tocsin bundle 1\nrouting 2 a\nabc\n", 32 } },
    { "the last line feed is gone", { "tocsin bundle 1\nrouting 3 a\nabc", 31 } },
};

static void damage_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        struct bundle_file files[4];
        struct error e = { 0 };
        if (bundle_files(damaged[i].bytes, files, COUNT_OF(files), &e) != ERR_SYNTAX) fail_msg("%s", damaged[i].what);
        assert_true(strlen(e.detail) > 0);
    }
}

static struct buf reference(const char *suffix)
{
    struct buf text = { 0 }, b = { 0 };
    struct error e = { 0 };
    assert_int_equal(file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &text, &e), 0);
    bundle_add_file(&b, &(struct bundle_file){ BUNDLE_PROCEDURES, S("reference.md"), buf_slice(&text) });
    bundle_add_file(&b, &(struct bundle_file){ BUNDLE_ROUTING, S("routing.yaml"), slice_of(suffix) });
    buf_release(&text);
    return b;
}

static void bytes_become_policy_and_routing(void **state)
{
    (void)state;
    struct buf bytes = reference("rules: [{ name: db, match: ['a=\"b\"'], service: api }]\n"), report = { 0 };
    struct error e = { 0 };
    struct live_bundle *b = bundle_create(buf_slice(&bytes), NULL, &report, &e);
    if (b == NULL) fail_msg("%s\n%s", e.detail, buf_str(&report));
    assert_true(bundle_policy_of(b)->n_rules > 0);
    assert_int_equal(bundle_routing_of(b)->n_rules, 1);
    assert_true(slice_eq(bundle_name(b), S("reference.md")));
    assert_true(slice_eq(bundle_bytes(b), buf_slice(&bytes)));
    struct live_bundle *again = bundle_take(b);
    bundle_release(&b);
    assert_null(b);
    assert_true(bundle_policy_of(again)->n_rules > 0); /* the other reference keeps it */
    bundle_release(&again);
    buf_release(&bytes);
    buf_release(&report);
}

static void errors_in_any_file_make_no_bundle(void **state)
{
    (void)state;
    struct buf bytes = reference("rules: [{ nam: db }]\n"), report = { 0 };
    struct error e = { 0 };
    assert_null(bundle_create(buf_slice(&bytes), NULL, &report, &e));
    assert_int_equal(e.code, ERR_SYNTAX);
    assert_non_null(strstr(buf_str(&report), "routing.yaml:1:"));
    buf_release(&bytes);
    buf_reset(&report);
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_ROUTING, S("routing.yaml"), S("rules: []\n") });
    assert_null(bundle_create(buf_slice(&bytes), NULL, &report, &e));
    assert_int_equal(e.code, ERR_INVALID); /* no procedures in it */
    buf_release(&bytes);
    buf_release(&report);
}

/* R2: whoever reloads reads what `tocsin check` would say of each error: the place, what is wrong, what to write instead. */
static void a_report_names_places_and_what_instead(void **state)
{
    static const char document[] = "# Procedures\n\n## Escalation\n\n- No reply after a while → Secondary on-call\n"
                                   "- No response in five minutes -> Secondary\n";
    (void)state;
    struct buf bytes = { 0 }, report = { 0 };
    struct error e = { 0 };
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_PROCEDURES, S("p.md"), slice_of(document) });
    assert_null(bundle_create(buf_slice(&bytes), NULL, &report, &e));
    assert_string_equal(e.detail, "p.md has 2 errors: see `tocsin check`");
    assert_string_equal(
        buf_str(&report),
        "p.md:5:3: error[E-ESCALATION]: expected a condition: No response in DUR | No resolution in DUR | "
        "SEVn incident | TYPE incident; instead: - No response in 5 minutes → Secondary on-call\n"
        "p.md:6:18: error[E-ESCALATION]: expected a duration such as \"5 minutes\"; instead: "
        "- No response in 5 minutes → Secondary on-call\n");
    buf_release(&bytes);
    buf_release(&report);
}

static void another_byte_is_another_hash(void **state)
{
    (void)state;
    assert_int_equal(bundle_hash(S("a")), bundle_hash(S("a")));
    assert_true(bundle_hash(S("a")) != bundle_hash(S("b")));
}

static struct live_bundle *bundle_with(const char *minutes, const char *routing)
{
    struct buf text = { 0 }, bytes = { 0 }, report = { 0 };
    struct error e = { 0 };
    buf_addf(&text, "# Procedures\n\n## Escalation\n\n- No response in %s minutes → Secondary on-call\n", minutes);
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_PROCEDURES, S("p.md"), buf_slice(&text) });
    bundle_add_file(&bytes, &(struct bundle_file){ BUNDLE_ROUTING, S("routing.yaml"), slice_of(routing) });
    struct live_bundle *b = bundle_create(buf_slice(&bytes), NULL, &report, &e);
    if (b == NULL) fail_msg("%s", e.detail);
    buf_release(&text);
    buf_release(&bytes);
    buf_release(&report);
    return b;
}

/* R9, R11: whoever proposes or approves reads what changes, not which bytes. */
static void a_difference_is_told_in_sentences(void **state)
{
    static const struct {
        const char *old_minutes, *old_routing, *new_minutes, *new_routing, *said, *not_said;
    } rows[] = {
        { "5", "rules: []\n", "3", "rules: []\n", "after 3 min without response (was 5 min)", "Routing" },
        { "5", "rules: []\n", "5", "rules: []\n", "not a word of it differs", "Routing" },
        { "5", "rules: []\n", "5", "rules: [] # none\n", "Routing: the rules", "of behaviour" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf said = { 0 };
        struct live_bundle *old = bundle_with(rows[i].old_minutes, rows[i].old_routing);
        struct live_bundle *new = bundle_with(rows[i].new_minutes, rows[i].new_routing);
        bundle_diff(old, new, &said);
        if (strstr(buf_str(&said), rows[i].said) == NULL || strstr(buf_str(&said), rows[i].not_said) != NULL)
            fail_msg("row %zu: %s", i, buf_str(&said));
        buf_release(&said);
        bundle_release(&old);
        bundle_release(&new);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_keeps_every_byte),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(bytes_become_policy_and_routing),
        cmocka_unit_test(errors_in_any_file_make_no_bundle),
        cmocka_unit_test(a_difference_is_told_in_sentences),
        cmocka_unit_test(another_byte_is_another_hash),
        cmocka_unit_test(a_report_names_places_and_what_instead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
