/* golden_diff.c - what two documents do differently, told (R9): each row edits a document and keeps what diff says.
 *
 * The text, the Markdown and the JSON must equal golden/diff/NAME.expected byte for byte. TOCSIN_UPDATE=1 writes the
 * expectations: read the difference before keeping it. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "procedures/diff.h"
#include "procedures/mojibake.h"
#include "sys/files.h"

#define FOLDER TOCSIN_TESTS "/golden/diff/"
#define REFERENCE TOCSIN_TESTS "/data/reference.md"
#define EXAMPLE TOCSIN_TESTS "/../examples/procedures.md"

struct edit {
    const char *from, *to; /* the first place where `from` stands; it must */
};

static const struct row {
    const char *name, *document;
    struct edit edits[8];
} rows[] = {
    { "minutes", REFERENCE, { { "No response in 5 minutes", "No response in 3 minutes" } } },
    { "chain",
      REFERENCE,
      { { "Secondary on-call", "Secondary on-call then Incident Commander" },
        { "No resolution in 30", "SEV1/SEV2: No resolution in 20" },
        { "Management notification", "Management" },
        { "- Security incident ",
          "- Database incident \xe2\x86\x92 Database administrators\n- Security incident " } } },
    { "severities",
      REFERENCE,
      { { "- Data loss or corruption", "- Data loss or corruption\n- Payments do not go through" },
        { "Estimated recovery time: > 4 hours", "Estimated recovery time: > 2 hours" },
        { "- Cosmetic issues\n", "" },
        { "SEVERITY 3 - Medium", "SEVERITY 3 - Moderate" } } },
    { "contacts",
      REFERENCE,
      { { "Primary On-Call: [Phone/Slack]", "Primary On-Call: [Slack/Phone/Email]" },
        { "Primary: Slack #incidents", "Primary: Slack #fire" },
        { "- Emergency: Phone call\n", "" } } },
    { "timeline",
      REFERENCE,
      { { "T+15 Minutes", "T+10 Minutes" },
        { "- Mitigation strategies identified\n", "" },
        { "- Initial mitigation implemented",
          "- Mitigation strategies identified\n- Initial mitigation implemented" } } },
    { "communication",
      REFERENCE,
      { { "Every 15 minutes during", "Every 30 minutes during" },
        { "Update within 15 minutes", "Update within 10 minutes" },
        { "For SEV1/SEV2 incidents", "For SEV1 incidents" },
        { "\nImpact: [", "\nCustomers: [Count]\nImpact: [" } } },
    { "steps",
      REFERENCE,
      { { "1. Roll back recent deployment if needed\n2. Scale up healthy instances",
          "1. Scale up healthy instances\n2. Roll back recent deployment if needed" },
        { "4. Check replication lag\n", "" },
        { "1. Kill long-running queries", "1. Kill queries that run for long" },
        { "Service not restored within 30 minutes", "Service not restored within 20 minutes" },
        { "4. Notify security team", "4. Notify security team\n5. Call the lawyers" } } },
    { "scenario-renamed", EXAMPLE, { { "### 1. Dashboard Unreachable", "### 1. Nobody Can Sign In" } } },
    { "trees",
      EXAMPLE,
      { { "NO \xe2\x86\x92 Escalate to SEV1", "NO \xe2\x86\x92 Escalate to SEV2" },
        { "NO \xe2\x86\x92 Stay and repair the first region", "NO \xe2\x86\x92 Call the vendor" },
        { "Will promoting the replica lose transactions?", "Will promoting the replica lose many transactions?" } } },
    { "afterwards",
      REFERENCE,
      { { "CPU utilization: > 90%", "CPU utilization: > 80%" },
        { "- Disk utilization: > 85%\n", "" },
        { "(T+0 to T+1 hour)", "(T+0 to T+2 hours)" },
        { "Write post-mortem report", "Write the post-mortem report" } } },
    { "wording",
      REFERENCE,
      { { "# Emergency Response", "# The Emergency Response" },
        { "- All users unable to access service", "- All users unable to access service." },
        { "Primary On-Call Engineer\n", "Primary On-Call\n" } } },
};

static void file_take(const char *path, struct buf *out)
{
    struct error e = { 0 };
    if (file_read(path, 4 << 20, out, &e) < 0) fail_msg("%s", e.detail);
}

static void edit_apply(struct buf *text, const struct edit *edit)
{
    struct slice whole = buf_slice(text), from = slice_of(edit->from);
    const size_t at = slice_find(whole, from);
    struct buf out = { .max = 4 << 20 };
    if (at == whole.n) fail_msg("the document does not hold \"%s\"", edit->from);
    buf_add(&out, slice_upto(whole, at));
    buf_add_str(&out, edit->to);
    buf_add(&out, slice_from(whole, at + from.n));
    buf_release(text);
    *text = out;
}

static struct compiled *compile(struct slice bytes)
{
    struct error e = { 0 };
    struct compiled *c = procedures_compile(bytes, S("procedures.md"), NULL, &e);
    if (c == NULL) fail_msg("%s", e.detail);
    assert_int_equal(c->errors, 0);
    return c;
}

static void expectation_check(const char *name, struct slice printed)
{
    struct buf expected = { .max = 4u << 20 }, path = { 0 };
    buf_addf(&path, FOLDER "%s.expected", name);
    if (getenv("TOCSIN_UPDATE") != NULL) assert_int_equal(file_replace(buf_str(&path), printed, 0644, NULL), 0);
    file_take(buf_str(&path), &expected);
    if (!slice_eq(buf_slice(&expected), printed))
        fail_msg("%s: printed\n%.*sexpected\n%s", name, (int)printed.n, printed.n > 0 ? printed.p : "",
                 buf_str(&expected));
    buf_release(&expected);
    buf_release(&path);
}

static void print_all(const struct compiled *old, const struct compiled *new, struct buf *out)
{
    const struct diff_print how = { .old_name = S("old.md"), .new_name = S("new.md") };
    struct arena *a = arena_create(0);
    struct policy_diff d;
    procedures_diff(a, old, new, &d);
    diff_print_text(&d, &how, out);
    buf_add_str(out, "\n--- markdown\n");
    diff_print_markdown(&d, &how, out);
    buf_add_str(out, "\n--- json\n");
    diff_print_json(&d, &how, out);
    arena_destroy(&a);
}

static void one_row(void **state)
{
    const struct row *r = *state;
    struct buf text = { .max = 4 << 20 }, printed = { .max = 4 << 20 };
    file_take(r->document, &text);
    struct compiled *old = compile(buf_slice(&text));
    for (size_t i = 0; i < sizeof r->edits / sizeof *r->edits && r->edits[i].from != NULL; i++)
        edit_apply(&text, &r->edits[i]);
    struct compiled *new = compile(buf_slice(&text));
    print_all(old, new, &printed);
    expectation_check(r->name, buf_slice(&printed));
    compiled_destroy(&old);
    compiled_destroy(&new);
    buf_release(&text);
    buf_release(&printed);
}

/* --- what is no difference ------------------------------------------------------------------------------------------ */

static void same_behaviour(struct slice old_bytes, struct slice new_bytes)
{
    struct compiled *old = compile(old_bytes), *new = compile(new_bytes);
    struct arena *a = arena_create(0);
    struct policy_diff d;
    procedures_diff(a, old, new, &d);
    assert_int_equal(d.n, 0);
    arena_destroy(&a);
    compiled_destroy(&old);
    compiled_destroy(&new);
}

static void a_document_and_itself(void **state)
{
    static const char *const documents[] = { REFERENCE, EXAMPLE };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct buf text = { .max = 4 << 20 };
        file_take(documents[i], &text);
        same_behaviour(buf_slice(&text), buf_slice(&text));
        buf_release(&text);
    }
}

static void the_repaired_twin_R6(void **state)
{
    struct buf text = { .max = 4 << 20 };
    struct arena *a = arena_create(0);
    unsigned runs;
    (void)state;
    file_take(REFERENCE, &text);
    struct slice twin = mojibake_repair(a, buf_slice(&text), &runs);
    assert_int_equal(runs, 92);
    same_behaviour(buf_slice(&text), twin);
    arena_destroy(&a);
    buf_release(&text);
}

static void other_line_ends_and_moved_lines(void **state)
{
    struct buf text = { .max = 4 << 20 }, other = { .max = 4 << 20 };
    (void)state;
    file_take(REFERENCE, &text);
    buf_add_str(&other, "\n\n\n");
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\n') buf_add_char(&other, '\r');
        buf_add_char(&other, text.p[i]);
    }
    same_behaviour(buf_slice(&text), buf_slice(&other));
    buf_release(&text);
    buf_release(&other);
}

int main(void)
{
    struct CMUnitTest tests[sizeof rows / sizeof *rows + 3];
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        tests[n++] = (struct CMUnitTest){ .name = rows[i].name,
                                          .test_func = one_row,
                                          .initial_state = (void *)(uintptr_t)&rows[i] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_document_and_itself);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_repaired_twin_R6);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(other_line_ends_and_moved_lines);
    return _cmocka_run_group_tests("diff", tests, n, NULL, NULL);
}
