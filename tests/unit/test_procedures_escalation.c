/* Each escalation sentence of the grammar, each alternative, and each near miss with the line to paste instead (G4). */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "procedures/compile.h"
#include "procedures/dump.h"

#define HEAD                                                                                            \
    "# T\n## Severity Levels\n### SEV1 - Critical\n- a\n### SEV2 - High\n- b\n### SEV3 - Medium\n- c\n" \
    "### SEV4 - Low\n- d\n## Incident Response Team\n### Subject Matter Experts\n"                      \
    "- Payment engineers (for payment issues)\n## Escalation Rules\n"
enum { SENTENCE_LINE = 15 };

static struct compiled *compile(const char *head, struct slice sentence)
{
    struct buf text = { 0 };
    struct error e = { 0 };
    buf_add_str(&text, head);
    buf_add_str(&text, "- ");
    buf_add(&text, sentence);
    buf_add_char(&text, '\n');
    struct compiled *c = procedures_compile(buf_slice(&text), S("t.md"), NULL, &e);
    buf_release(&text);
    if (c == NULL) fail_msg("%s", e.detail);
    return c;
}

/* "no response 5m [SEV1/SEV2] page: secondary; then incident-commander by phone" */
static void rule_print(const struct policy *p, const struct policy_rule *r, struct buf *out)
{
    static const char *const whens[] = { "unset", "no response", "no resolution", "severity", "category" };
    buf_add_str(out, whens[r->when]);
    if (r->when <= RULE_NO_RESOLUTION) buf_add_char(out, ' ');
    if (r->when <= RULE_NO_RESOLUTION) duration_dump(r->after_ms, out);
    if (r->level > 0) buf_addf(out, " %d", r->level);
    if (r->category.n > 0) buf_addf(out, " %.*s", (int)r->category.n, r->category.p);
    if (r->severities != 0) buf_add_str(out, " [");
    if (r->severities != 0) level_set_dump(p, r->severities, out);
    if (r->severities != 0) buf_add_char(out, ']');
    if (r->hours != HOURS_ALWAYS)
        buf_addf(out, " %s %.*s", r->hours == HOURS_DURING ? "during" : "outside", (int)r->calendar.n, r->calendar.p);
    buf_addf(out, " %s%s:", r->page ? "page" : "tell", r->immediate ? " now" : "");
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        buf_addf(out, "%s %.*s",
                 i == 0                             ? ""
                 : t->step > r->targets[i - 1].step ? "; then"
                                                    : " +",
                 (int)t->party.n, t->party.p);
        if (t->by.n > 0) buf_addf(out, " by %.*s", (int)t->by.n, t->by.p);
        if (t->told_only && r->page) buf_add_str(out, " (told)");
    }
}

static const struct {
    const char *sentence, *rule;
} good[] = {
    { "No response in 5 minutes → Secondary on-call", "no response 5m page: secondary" },
    { "no RESPONSE in 5 Minutes → secondary On-Call", "no response 5m page: secondary" },
    { "No response within 5 min -> Secondary", "no response 5m page: secondary" },
    { "No response after 300s => Secondary", "no response 5m page: secondary" },
    { "No response for 0.5 hours --> Secondary", "no response 30m page: secondary" },
    { "No acknowledgement in 90 sec ==> the Secondary.", "no response 1m30s page: secondary" },
    { "No acknowledgment in 1 hr ⇒ Management", "no response 1h page: management" },
    { "No ack in 15m → Incident Commander", "no response 15m page: incident-commander" },
    { "No response in 5 minutes → Secondary on-call then Incident Commander",
      "no response 5m page: secondary; then incident-commander" },
    { "No response in 5 minutes → Secondary, then Incident Commander + Management",
      "no response 5m page: secondary; then incident-commander + management" },
    { "No response in 5 minutes → Secondary, Incident Commander",
      "no response 5m page: secondary + incident-commander" },
    { "No response in 5 minutes → Secondary by Phone then Incident Commander by SMS",
      "no response 5m page: secondary by phone; then incident-commander by sms" },
    { "No response in 5 minutes → Secondary then Management notification",
      "no response 5m page: secondary; then management (told)" },
    { "No resolution in 30 minutes → Incident commander", "no resolution 30m page: incident-commander" },
    { "No resolution in 1 day → Management", "no resolution 1d page: management" },
    { "SEV1: No resolution in 30 minutes → Management", "no resolution 30m [SEV1] page: management" },
    { "SEV1/SEV2: No resolution in 30 minutes → Management", "no resolution 30m [SEV1/SEV2] page: management" },
    { "SEV1 and SEV3: No resolution in 30 minutes → Management", "no resolution 30m [SEV1/SEV3] page: management" },
    { "SEV-3/4: No resolution in 30 minutes → Management", "no resolution 30m [SEV3/SEV4] page: management" },
    { "SEV2-SEV4: No resolution in 30 minutes → Management", "no resolution 30m [SEV2/SEV3/SEV4] page: management" },
    { "SEV2+: No resolution in 30 minutes → Management", "no resolution 30m [SEV1/SEV2] page: management" },
    { "SEV3 (minimum): No resolution in 30 minutes → Management",
      "no resolution 30m [SEV1/SEV2/SEV3] page: management" },
    { "Severity 2: No response in 5 minutes → Secondary", "no response 5m [SEV2] page: secondary" },
    { "No response in 5 minutes during business hours → Secondary",
      "no response 5m during business hours page: secondary" },
    { "No response in 5 minutes outside of business hours → Secondary",
      "no response 5m outside business hours page: secondary" },
    { "SEV1 incident → Management notification", "severity 1 tell: management" },
    { "SEV1 incident → Management", "severity 1 page: management" },
    { "SEV2 incidents → Management immediately", "severity 2 page now: management" },
    { "Critical incident → Management notification immediately", "severity 1 tell now: management" },
    { "Security incident → Security team immediately", "category security page now: security-team" },
    { "Security incident → Security specialists", "category security page: security-team" },
    { "Connectivity incident → Incident Commander", "category network page: incident-commander" },
    { "third-party incident → Incident Commander", "category third-party page: incident-commander" },
    { "Payment incident → Payment engineers", "category payment page: payment-engineers" },
};

static void sentences_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct compiled *c = compile(HEAD, slice_of(good[i].sentence));
        struct buf out = { 0 };
        if (c->errors > 0 || c->policy.n_rules != 1) fail_msg("not read: %s", good[i].sentence);
        rule_print(&c->policy, &c->policy.rules[0], &out);
        assert_string_equal(buf_str(&out), good[i].rule);
        assert_int_equal(c->policy.rules[0].line, SENTENCE_LINE);
        assert_int_equal(c->policy.rules[0].col, 3);
        assert_int_equal(c->classes[SENTENCE_LINE - 1], CLASS_COMPILED);
        buf_release(&out);
        compiled_destroy(&c);
    }
}

/* sentence, column of the error, part of what was expected, the line to paste */
static const struct {
    const char *sentence;
    unsigned col;
    const char *expected, *paste;
} bad[] = {
    { "No response in five minutes → Secondary", 18, "a duration", "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 → Secondary", 18, "a duration", "- No response in 5 minutes → Secondary on-call" },
    { "No response 5 minutes → Secondary", 15, "\"in\" and a duration",
      "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 minutes Secondary", 28, "an arrow", "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 minutes →", 31, "a party", "- No response in 5 minutes → Incident Commander" },
    { "No response in 5 minutes → page Secondary", 32, "a party", "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 minutes → Secondary and Management", 32, "a party",
      "- No response in 5 minutes → Secondary on-call + Management" },
    { "No response in 5 minutes → Secondary → Management", 32, "a party",
      "- No response in 5 minutes → Secondary on-call then Management" },
    { "No response in 5 minutes → Secondary then", 46, "a party", "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 minutes → Secondary by Pigeon", 45, "a kind of contact",
      "- No response in 5 minutes → Secondary on-call" },
    { "No response in 5 minutes during → Secondary", 35, "a calendar",
      "- No response in 5 minutes → Secondary on-call" },
    { "No response in 2 business hours → Secondary", 18, "on the clock",
      "- No response in 2 hours during business hours → Secondary on-call" },
    { "SEV1: nobody answers for 4 minutes → Management", 9, "a condition",
      "- SEV1: No response in 4 minutes → Management" },
    { "SEV7 incident → Management", 3, "a level of this document (SEV1, SEV2, SEV3 and SEV4)",
      "- SEV1 incident → Management" },
    { "SEV7: No response in 5 minutes → Management", 3, "levels of this document",
      "- No response in 5 minutes → Management" },
    { "P1 incident → Management", 3, "a level of this document", "- SEV1 incident → Management" },
    { "SEV1 → Management", 8, "\"incident\"", "- SEV1 incident → Management" },
    { "Weather incident → Management", 3, "a type of incident", "- Security incident → Management" },
    { "Still not fixed after 2 hours -> Manager", 3, "a condition", "- No resolution in 2 hours → Management" },
    { "Everybody is paged within 10 minutes", 3, "a condition", "- No response in 10 minutes → Incident Commander" },
};

static const struct diagnostic *first_error(const struct compiled *c)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (c->diagnostics[i].level == DIAGNOSTIC_ERROR) return &c->diagnostics[i];
    return NULL;
}

static void near_misses_are_errors_with_a_line_to_paste(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct compiled *c = compile(HEAD, slice_of(bad[i].sentence));
        const struct diagnostic *d = first_error(c);
        if (d == NULL) fail_msg("no error: %s", bad[i].sentence);
        assert_true(slice_eq(d->code, S("E-ESCALATION")));
        assert_int_equal(d->line, SENTENCE_LINE);
        if (d->col != bad[i].col) fail_msg("column %u: %s", d->col, bad[i].sentence);
        if (slice_find(d->message, slice_of(bad[i].expected)) == d->message.n)
            fail_msg("%s: %s", bad[i].sentence, d->message.p);
        assert_string_equal(d->suggestion.p, bad[i].paste);
        assert_int_equal(c->classes[SENTENCE_LINE - 1], CLASS_REJECTED);
        assert_int_equal(c->policy.n_rules, 0);
        compiled_destroy(&c);
    }
}

/* A suggestion that does not compile is worse than none. */
static void what_is_to_be_pasted_compiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct compiled *c = compile(HEAD, slice_from(slice_of(bad[i].paste), 2));
        if (c->errors > 0 || c->policy.n_rules != 1) fail_msg("%s", bad[i].paste);
        compiled_destroy(&c);
    }
}

static const struct diagnostic *find(const struct compiled *c, struct slice code)
{
    for (size_t i = 0; i < c->n_diagnostics; i++)
        if (slice_eq(c->diagnostics[i].code, code)) return &c->diagnostics[i];
    return NULL;
}

static void other_text_is_prose_with_a_note(void **state)
{
    struct compiled *c = compile(HEAD, S("Escalate early rather than late."));
    (void)state;
    assert_int_equal(c->errors, 0);
    assert_int_equal(c->policy.n_rules, 0);
    assert_int_equal(c->classes[SENTENCE_LINE - 1], CLASS_PROSE);
    assert_int_equal(c->notes, 1);
    assert_non_null(find(c, S("N-ESCALATION-PROSE")));
    assert_int_equal(find(c, S("N-ESCALATION-PROSE"))->line, SENTENCE_LINE);
    assert_non_null(find(c, S("W-CHAIN-NONE"))); /* and nobody is named for when nobody answers */
    compiled_destroy(&c);
}

/* A16: a chain that never leaves the on-call pair. */
static void chain_end(void **state)
{
    static const struct {
        const char *rules;
        bool warned;
    } rows[] = {
        { "No response in 5 minutes → Secondary", true },
        { "No response in 5 minutes → Secondary then Primary On-Call", true },
        { "No response in 5 minutes → Secondary then Incident Commander", false },
        { "No response in 5 minutes → Secondary\n- No response in 15 minutes → Management", false },
        { "SEV1: No response in 5 minutes → Secondary then Management\n- SEV2+: No response in 9 minutes → Secondary",
          true },
        { "No resolution in 5 minutes → Secondary", false }, /* no chain at all */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compiled *c = compile(HEAD, slice_of(rows[i].rules));
        assert_int_equal(c->errors, 0);
        if ((find(c, S("W-CHAIN-END")) != NULL) != rows[i].warned) fail_msg("%s", rows[i].rules);
        compiled_destroy(&c);
    }
}

/* A narrower sentence replaces the wider one for what it names only: the policy keeps both as written, and it is said. */
static void narrower_replaces_wider(void **state)
{
    static const struct {
        const char *rules, *said;
    } rows[] = {
        { "No response in 5 minutes → Secondary\n- SEV1: No response in 2 minutes → Secondary", "for SEV1" },
        { "SEV1: No response in 2 minutes → Secondary\n- No response in 5 minutes → Secondary", "for SEV1" },
        { "SEV1/SEV2: No response in 5 minutes → Secondary\n- SEV1: No response in 2 minutes → Secondary", "for SEV1" },
        { "SEV1/SEV2/SEV3: No response in 5 minutes → Secondary\n- SEV3/SEV4: No response in 9 minutes → Secondary",
          "for SEV3" },
        { "No response in 5 minutes → Secondary\n- No response in 9 minutes outside business hours → Secondary",
          "for SEV1/SEV2/SEV3/SEV4 outside business hours" },
        { "No response in 5 minutes → Secondary\n- SEV1: No response in 9 minutes → Management", NULL },
        { "No response in 5 minutes → Secondary\n- SEV1: No resolution in 9 minutes → Secondary", NULL },
        { "SEV2: No response in 5 minutes → Secondary\n- SEV1: No response in 9 minutes → Secondary", NULL },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct compiled *c = compile(HEAD, slice_of(rows[i].rules));
        const struct diagnostic *d = find(c, S("W-NARROWED"));
        assert_int_equal(c->policy.n_rules, 2);
        if ((d != NULL) != (rows[i].said != NULL)) fail_msg("%s", rows[i].rules);
        if (d != NULL && !slice_has_suffix(d->message, slice_of(rows[i].said))) fail_msg("%s", d->message.p);
        compiled_destroy(&c);
    }
}

/* A hundred sentences that narrow each other are told by the first twenty and one line more. */
static void narrowing_is_not_said_ten_thousand_times(void **state)
{
    struct buf rules = { 0 };
    size_t said = 0;
    const struct diagnostic *last = NULL;
    (void)state;
    for (int i = 0; i < 50; i++)
        buf_addf(&rules, "%sNo response in %d minutes → Secondary", i > 0 ? "\n- " : "", i + 5);
    for (int i = 0; i < 50; i++) buf_addf(&rules, "\n- SEV1: No response in %d minutes → Secondary", i + 5);
    struct compiled *c = compile(HEAD, buf_slice(&rules));
    assert_int_equal(c->policy.n_rules, 100);
    for (size_t i = 0; i < c->n_diagnostics; i++) {
        if (!slice_eq(c->diagnostics[i].code, S("W-NARROWED"))) continue;
        said++;
        last = &c->diagnostics[i];
    }
    assert_int_equal(said, 21);
    assert_int_equal(last->line, c->policy.rules[99].line);
    assert_true(slice_has_prefix(last->message, S("and 2480 more: among these 100 sentences")));
    compiled_destroy(&c);
    buf_release(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_read),
        cmocka_unit_test(near_misses_are_errors_with_a_line_to_paste),
        cmocka_unit_test(what_is_to_be_pasted_compiles),
        cmocka_unit_test(other_text_is_prose_with_a_note),
        cmocka_unit_test(chain_end),
        cmocka_unit_test(narrower_replaces_wider),
        cmocka_unit_test(narrowing_is_not_said_ten_thousand_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
