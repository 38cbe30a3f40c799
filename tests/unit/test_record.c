/* test_record.c - what is written down, and what is said: severity intervals, roles, checks, the declaration's post,
 * page texts. The document is the reference itself, so that its own lines are what is judged. */
#include "core_kit.h"

#include "base/check.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "core/milestone.h"
#include "core/template.h"
#include "procedures/compile.h"
#include "sys/files.h"

static struct kit k;
static struct compiled *reference;

static int read_reference(void **state)
{
    struct buf text = { .max = 1 << 20 };
    struct error e = { 0 };
    (void)state;
    if (file_read(TOCSIN_TESTS "/data/reference.md", 1 << 20, &text, &e) < 0) return -1;
    reference = procedures_compile(buf_slice(&text), S("reference.md"), NULL, &e);
    buf_release(&text);
    return reference == NULL || reference->errors > 0 ? -1 : 0;
}

static int forget_reference(void **state)
{
    (void)state;
    compiled_destroy(&reference);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    kit_open(&k);
    kit_step(&k,
             (struct event){ .kind = EVENT_BUNDLE,
                             .bundle = { .policy = &reference->policy, .activate = true, .bytes = S("reference") } });
    kit_accept(&k);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_close(&k);
    return 0;
}

/* The state of a check by the document's own words. */
static int64_t check_state(const char *text)
{
    const struct policy *p = &reference->policy;
    for (size_t m = 0; m < p->n_milestones; m++)
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            if (!slice_eq(p->milestones[m].checks[c].text, slice_of(text))) continue;
            const struct milestone_check *row =
                state_get(k.w, ROW_CHECK, row_key(ROW_CHECK, (int64_t[]){ 1, (int64_t)m, (int64_t)c }));
            return row != NULL ? row->state : milestone_untouched(p, 1, m, c).state;
        }
    fail_msg("the reference has no check \"%s\"", text);
    return 0;
}

#define ASSERT_CHECK(text, wanted) assert_string_equal(check_state_name(check_state(text)), check_state_name(wanted))

/* R33: detection ticks itself from events; R34: the acknowledgement, the first act and a confirmed severity tick theirs;
 * lateness never ticks anything (R40). */
static void checks_tick_by_evidence(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    ASSERT_CHECK("Automated monitoring detects issue", CHECK_DONE);
    ASSERT_CHECK("Alert sent to on-call engineer", CHECK_DONE);
    ASSERT_CHECK("Incident logged in tracking system", CHECK_DONE);
    ASSERT_CHECK("On-call engineer acknowledges alert", CHECK_PENDING);
    kit_until(&k, 2 * MINUTE);
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    ASSERT_CHECK("On-call engineer acknowledges alert", CHECK_DONE);
    ASSERT_CHECK("Initial assessment begins", CHECK_DONE);
    ASSERT_CHECK("Severity level determined", CHECK_PENDING);
    kit_until(&k, 5 * MINUTE);
    ASSERT_CHECK("Severity level determined", CHECK_LATE);
    kit_until(&k, 6 * MINUTE);
    kit_act(&k, ACT_SEVERITY, "ada", 1, "SEV2");
    ASSERT_CHECK("Severity level determined", CHECK_DONE_LATE);
    ASSERT_CHECK("Root cause investigation starts", CHECK_PENDING);
}

static const struct milestone_check *check_row(const char *text)
{
    const struct policy *p = &reference->policy;
    for (size_t m = 0; m < p->n_milestones; m++)
        for (size_t c = 0; c < p->milestones[m].n_checks; c++)
            if (slice_eq(p->milestones[m].checks[c].text, slice_of(text)))
                return state_get(k.w, ROW_CHECK, row_key(ROW_CHECK, (int64_t[]){ 1, (int64_t)m, (int64_t)c }));
    return NULL;
}

static void assess(struct act a)
{
    a.kind = ACT_ASSESS;
    a.via = VIA_CLI;
    a.incident = 1;
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
}

/* R35: triage ticks from what people wrote down, each check from its own finding, with who and when; what a person ticked
 * by hand stays theirs. */
static void triage_ticks_from_findings(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_until(&k, 7 * MINUTE);
    assess((struct act){ .actor = S("joan"), .impact = S("no logins"), .cause = S("the deploy of 12:08") });
    ASSERT_CHECK("Impact assessment completed", CHECK_DONE);
    ASSERT_CHECK("Root cause investigation starts", CHECK_DONE);
    ASSERT_CHECK("Mitigation strategies identified", CHECK_PENDING);
    const struct milestone_check *row = check_row("Impact assessment completed");
    assert_string_equal(world_text(k.w, row->by).p, "joan");
    assert_int_equal(row->done_wall, KIT_WALL + 7 * MINUTE);
    const struct incident *i = world_incident(k.w, 1);
    assert_string_equal(world_text(k.w, i->impact).p, "no logins");
    assert_string_equal(world_text(k.w, i->cause).p, "the deploy of 12:08");
    assert_int_equal(i->mitigation, 0);

    struct act tick = {
        .kind = ACT_CHECK, .via = VIA_API, .actor = S("ada"), .incident = 1, .milestone = 2, .check = 2
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &tick });
    kit_until(&k, 16 * MINUTE);
    assess((struct act){ .actor = S("joan"), .mitigation = S("roll back"), .impact = S("half of the logins") });
    ASSERT_CHECK("Mitigation strategies identified", CHECK_DONE); /* ada's, in time */
    assert_string_equal(world_text(k.w, check_row("Mitigation strategies identified")->by).p, "ada");
    assert_int_equal(check_row("Impact assessment completed")->done_wall, KIT_WALL + 7 * MINUTE);
    assert_string_equal(world_text(k.w, i->impact).p, "half of the logins");

    assess((struct act){ .actor = S("joan") });
    assert_int_equal(k.fx.replies.v[0].code, ERR_INVALID);
}

/* R38, A12: the post-incident milestone applies only once the incident is resolved. */
static void post_incident_applies_after_resolution(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    ASSERT_CHECK("Follow-up actions identified", CHECK_NOT_APPLICABLE);
    kit_until(&k, 121 * MINUTE);
    ASSERT_CHECK("Follow-up actions identified", CHECK_NOT_APPLICABLE);
    ASSERT_CHECK("Fix implemented and validated", CHECK_LATE);
    kit_act(&k, ACT_RESOLVE, "ada", 1, "done");
    ASSERT_CHECK("Follow-up actions identified", CHECK_PENDING);
}

static size_t checks_of_reference(void)
{
    size_t n = 0;
    for (size_t m = 0; m < reference->policy.n_milestones; m++) n += reference->policy.milestones[m].n_checks;
    return n;
}

static size_t milestone_timers(void)
{
    const struct timer *t;
    size_t n = 0;
    for (size_t at = 0; (t = state_next(k.w, ROW_TIMER, &at)) != NULL;) n += t->kind == TIMER_MILESTONE;
    return n;
}

/* What stands between an alert and its page is written down before it leaves: opening an incident makes a row of what
 * happened alone, and one deadline waits at a time. R33: what is over keeps every check, whatever its document becomes. */
static void untouched_checks_are_rows_once_it_is_over(void **state)
{
    static const enum act_kind ends[] = { ACT_RESOLVE, ACT_DISMISS };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        const size_t before = world_count(k.w, ROW_CHECK);
        kit_alert(&k, i == 0 ? "Down" : "Slow", "warning");
        assert_in_range(world_count(k.w, ROW_CHECK) - before, 1, 4);
        assert_int_equal(milestone_timers(), 1);
        kit_act(&k, ends[i], "ada", (int64_t)i + 1, "over");
        assert_int_equal(k.fx.replies.v[0].code, 0);
        assert_int_equal(world_count(k.w, ROW_CHECK) - before, checks_of_reference());
        kit_until(&k, (int64_t)(i + 1) * 3 * HOUR); /* the deadlines pass one after the other and tell nobody */
        assert_int_equal(milestone_timers(), 0);
    }
}

/* R20, R21: raising and lowering keep every interval on the timeline; lowering needs a reason and runs no rule. */
static void severity_keeps_every_interval(void **state)
{
    static const struct {
        const char *label;
        int64_t level;
        int64_t at;
    } steps[] = {
        { "SEV1", 1, 1 },
        { "SEV3", 3, 7 },
        { "SEV1", 1, 9 },
    };
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        kit_until(&k, steps[i].at * MINUTE);
        kit_act(&k, ACT_SEVERITY, "ada", 1, steps[i].label);
        const struct entry *e = NULL;
        for (size_t n = 0; n < k.fx.entries.n; n++)
            if (k.fx.entries.v[n].kind == ENTRY_SEVERITY) e = &k.fx.entries.v[n];
        assert_non_null(e);
        assert_int_equal(e->wall, KIT_WALL + steps[i].at * MINUTE);
        assert_int_equal(e->ref, i == 0 ? 2 : steps[i - 1].level); /* what it was: intervals follow */
        assert_int_equal(world_incident(k.w, 1)->severity_at, k.at);
    }
    assert_int_equal(kit_notifications(&k, MARY), 2); /* A24: once an entry */
    struct act lower = {
        .kind = ACT_SEVERITY, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .severity_label = S("SEV4")
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &lower });
    assert_int_equal(k.fx.replies.v[0].code, ERR_INVALID);
    assert_int_equal(world_incident(k.w, 1)->severity, 1);
}

/* A misspelt role would be held by somebody and known to no rule: the answer lists those there are. */
static void an_unknown_role_is_refused(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    struct act assign = {
        .kind = ACT_ASSIGN, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .role = S("comander"), .person = S("joan")
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &assign });
    assert_int_equal(k.fx.replies.v[0].code, ERR_NOT_FOUND);
    assert_true(slice_has_prefix(k.fx.replies.v[0].text,
                                 S("There is no role \"comander\" in the procedures of INC-1; these are: primary, "
                                   "secondary, incident-commander, ")));
    assert_int_equal(k.fx.entries.n, 0);
    assign.role = S("on-call engineer"); /* any spelling of one that there is (A8) */
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &assign });
    assert_int_equal(k.fx.replies.v[0].code, 0);
}

/* R22: from, to, by and when; R23: the name resolved when paged stays, whatever the site says later. */
static void roles_are_recorded(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    struct act assign = { .kind = ACT_ASSIGN,
                          .via = VIA_CLI,
                          .actor = S("ada"),
                          .incident = 1,
                          .role = S("Incident Commander"),
                          .person = S("joan") };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &assign });
    assign.person = S("grace");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &assign });
    bool found = false;
    for (size_t i = 0; i < k.fx.entries.n; i++) {
        const struct entry *e = &k.fx.entries.v[i];
        if (e->kind != ENTRY_ROLE) continue;
        found = slice_eq(e->text, S("grace is Incident Commander, was joan")) &&
                slice_eq(world_text(k.w, e->actor), S("ada"));
    }
    assert_true(found);
    const struct page *p = world_page(k.w, 1);
    assert_true(slice_eq(world_text(k.w, p->person), S("ada")));
    struct directory other = k.d; /* the primary is somebody else from now on */
    static const int joan[] = { JOAN };
    struct role_binding roles[4];
    memcpy(roles, other.teams[0].roles, sizeof roles);
    roles[0].people = joan;
    struct team team = other.teams[0];
    team.roles = roles;
    other.teams = &team;
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &other });
    assert_true(slice_eq(world_text(k.w, world_page(k.w, 1)->person), S("ada")));
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &k.d });
}

/* R32: correcting when it was detected changes reports; clocks run from the first page's commit. */
static void detection_is_corrected(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    int64_t clock = world_incident(k.w, 1)->clock_at, due = timer_due(k.w, SUBJECT_INCIDENT, 1, TIMER_NO_RESPONSE, 16);
    struct act a = {
        .kind = ACT_DETECTED, .via = VIA_CLI, .actor = S("ada"), .incident = 1, .when = KIT_WALL - 10 * MINUTE
    };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(k.fx.replies.v[0].code, ERR_INVALID); /* without a reason */
    a.text = S("customers wrote at ten to three");
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(world_incident(k.w, 1)->detected_wall, KIT_WALL - 10 * MINUTE);
    assert_int_equal(world_incident(k.w, 1)->clock_at, clock);
    assert_int_equal(timer_due(k.w, SUBJECT_INCIDENT, 1, TIMER_NO_RESPONSE, 16), due);
}

static const struct delivery *newest(enum purpose purpose)
{
    const struct delivery *d, *found = NULL;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (d->purpose == purpose) found = d;
    assert_non_null(found);
    return found;
}

/* R80, A39, A40: the declaration posts the document's template, each field filled or "unknown", never a bracket hint. */
static void declaration_fills_the_template(void **state)
{
    static const char *const wanted[] = { "INCIDENT DECLARED",
                                          "Severity: SEV2\n",
                                          "Service: Claude Flow Novice Dashboard\n",
                                          "Impact: ",
                                          "Started: 2026-01-05 03:00 UTC\n",
                                          "Investigation: ada has acknowledged",
                                          "Next Update: 2026-01-05 03:15 UTC\n" };
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    kit_act(&k, ACT_DECLARE, "ada", 1, "it is real");
    struct message_text m;
    message_render(k.w, newest(PURPOSE_POST)->id, k.wall, S(""), &m);
    struct slice text = buf_slice(&m.text);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (slice_find(text, slice_of(wanted[i])) == text.n) fail_msg("no \"%s\" in:\n%s", wanted[i], buf_str(&m.text));
    assert_int_equal(slice_find_char(text, '['), text.n);
    assert_int_equal(slice_find(text, S("]")), text.n);
    message_release(&m);
}

/* R158: at most 60 and 160; id, severity with ?, service, what, since, who is next and when, how to acknowledge. */
static void page_texts_are_short_and_whole(void **state)
{
    static const char url[] = "https://tocsin.example.org/a/AAAAAAACAGsNIN3Sa9fjzmuaO3zccpH0ub6F";
    (void)state;
    kit_alert(&k,
              "A very long name of an alert that nobody would ever choose but somebody will, one day, in a hurry\nsoon",
              "critical");
    struct message_text m;
    message_render(k.w, newest(PURPOSE_PAGE)->id, k.wall, slice_of(url), &m);
    assert_true(m.subject.len <= 60 && m.brief.len <= 160);
    assert_int_equal(slice_find_char(buf_slice(&m.subject), '\n'), m.subject.len);
    assert_true(slice_has_prefix(buf_slice(&m.subject), S("INC-1 SEV2? Dashboard: A very long")));
    assert_true(slice_has_suffix(buf_slice(&m.brief), slice_of(url))); /* the link is never cut */
    assert_true(slice_find(buf_slice(&m.text),
                           S("Next, unless somebody acknowledges: joan (Secondary On-Call Engineer) at 03:05 UTC")) <
                m.text.len);
    assert_true(slice_find(buf_slice(&m.voice), S("severity 2, provisional")) < m.voice.len);
    assert_true(slice_has_suffix(buf_slice(&m.voice), S("Press 1 to acknowledge.")));
    message_release(&m);
}

/* I20: somebody who left the site gets nothing that is decided afterwards; the page goes on to the next level. */
static void a_deleted_person_is_not_paged(void **state)
{
    (void)state;
    k.accepts = false;
    kit_alert(&k, "Down", "critical");
    kit_result(&k, (struct send){ 1, 1 }, OUTCOME_NOT_SENT);
    struct person rest[4];
    struct directory without = k.d;
    memcpy(rest, k.people, sizeof rest);
    rest[ADA].id = rest[ADA].name = S("zed"); /* ada is gone; somebody else has her place in the list */
    rest[ADA].n_contacts = 0;
    without.people = rest;
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &without });
    kit_until(&k, 2 * SECOND);
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        if (slice_eq(world_text(k.w, d->person), S("ada"))) assert_int_equal(d->attempts, d->id == 1 ? 1 : 0);
    kit_until(&k, 5 * MINUTE);
    assert_true(kit_pages(&k, JOAN) > 0);
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &k.d });
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = { T(checks_tick_by_evidence),
                                        T(triage_ticks_from_findings),
                                        T(post_incident_applies_after_resolution),
                                        T(untouched_checks_are_rows_once_it_is_over),
                                        T(severity_keeps_every_interval),
                                        T(roles_are_recorded),
                                        T(detection_is_corrected),
                                        T(declaration_fills_the_template),
                                        T(page_texts_are_short_and_whole),
                                        T(a_deleted_person_is_not_paged),
                                        T(an_unknown_role_is_refused) };
    return cmocka_run_group_tests(tests, read_reference, forget_reference);
}
