/* test_activation.c - bundles proposed, approved, brought back; open incidents moved to another one (R11, R12). */
#include "core_kit.h"

#include "core/milestone.h"
#include "core/world_parts.h"

/* --- documents: each differs from the kit's in one thing --- */

static const struct policy_target secondary[] = { { .party = S("secondary") } };
static const struct policy_target commander[] = { { .party = S("incident-commander") } };
static const struct policy_target management[] = { { .party = S("management") } };

#define RESPONSE(min)                                                                                          \
    {                                                                                                          \
        .when = RULE_NO_RESPONSE, .after_ms = (min)*MINUTE, .targets = secondary, .n_targets = 1, .page = true \
    }
#define RESOLUTION(min, whom)                                                                               \
    {                                                                                                       \
        .when = RULE_NO_RESOLUTION, .after_ms = (min)*MINUTE, .targets = whom, .n_targets = 1, .page = true \
    }

static const struct policy_rule shorter_rules[] = { RESPONSE(3), RESOLUTION(20, commander) };
static const struct policy_rule later_rules[] = { RESPONSE(9), RESOLUTION(45, commander) };
static const struct policy_rule gone_rules[] = { RESPONSE(5) };
static const struct policy_rule more_rules[] = { RESPONSE(5), RESOLUTION(30, commander), RESOLUTION(10, management) };
static const struct policy shorter = { .rules = shorter_rules, .n_rules = 2, .first = { .party = S("primary") } };
static const struct policy later = { .rules = later_rules, .n_rules = 2, .first = { .party = S("primary") } };
static const struct policy gone = { .rules = gone_rules, .n_rules = 1, .first = { .party = S("primary") } };
static const struct policy more = { .rules = more_rules, .n_rules = 3, .first = { .party = S("primary") } };

static struct event_bundle bundle_of(const struct policy *p, int64_t hash)
{
    return (struct event_bundle){
        .policy = p, .bytes = S("bytes"), .hash = hash, .compiler = S("1.0"), .interpretations = 7
    };
}

static const struct reply *last_reply(const struct kit *k)
{
    assert_true(k->fx.replies.n > 0);
    return &k->fx.replies.v[k->fx.replies.n - 1];
}

static const struct reply *act_on(struct kit *k, enum act_kind kind, const char *who, const struct event_bundle *b,
                                  const char *why)
{
    const struct act a = { .kind = kind, .via = VIA_API, .actor = slice_of(who), .text = slice_of(why), .compiled = b };
    kit_step(k, (struct event){ .kind = EVENT_ACT, .act = &a });
    return last_reply(k);
}

static bundle_id propose(struct kit *k, const char *who, const struct policy *p, int64_t hash)
{
    const struct event_bundle b = bundle_of(p, hash);
    const struct reply *r = act_on(k, ACT_PROPOSE, who, &b, "a change");
    assert_int_equal(r->code, 0);
    return r->id;
}

static struct reply activate(struct kit *k, const char *who, bundle_id id, const struct policy *p, int64_t hash,
                             const char *why)
{
    struct event_bundle b = bundle_of(p, hash);
    b.id = id;
    return *act_on(k, ACT_ACTIVATE, who, &b, why);
}

static struct activation newest(const struct kit *k)
{
    struct activation last = { 0 };
    struct row r;
    for (size_t at = 0; world_next_row(k->w, ROW_ACTIVATION, &at, &r);)
        if (r.v[0] > last.id) memcpy(&last, r.v, sizeof last);
    return last;
}

/* --- who approves (R11) --- */

static const int ada_and_joan[] = { ADA, JOAN }, only_ada[] = { ADA };

static void an_approver_is_not_the_author(void **state)
{
    static const struct {
        const char *what;
        bool by_approver;
        const int *approvers;
        size_t n_approvers;
        const char *author, *actor, *why;
        bool administrator;
        int code;
    } rows[] = {
        { "another approver", true, ada_and_joan, 2, "ada", "joan", "read it", false, 0 },
        { "the author", true, ada_and_joan, 2, "ada", "ada", "mine", false, ERR_DENIED },
        { "the author, who is alone: a team of one", true, only_ada, 1, "ada", "ada", "nobody else is", false, 0 },
        { "who is no approver", true, ada_and_joan, 2, "ada", "mary", "read it", false, ERR_DENIED },
        { "an administrator who is not on the list", true, ada_and_joan, 2, "ada", "mary", "read it", true,
          ERR_DENIED },
        { "no list: the administrators", true, NULL, 0, "ada", "grace", "read it", false, 0 },
        { "no list: who the door knows as one", true, NULL, 0, "ada", "mary", "read it", true, 0 },
        { "no list: anybody else", true, NULL, 0, "ada", "joan", "read it", false, ERR_DENIED },
        { "without a reason", true, ada_and_joan, 2, "ada", "joan", "", false, ERR_INVALID },
        { "automatic: the author may", false, NULL, 0, "grace", "grace", "mine", false, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kit k;
        kit_open(&k);
        k.d.by_approver = rows[i].by_approver;
        k.d.approvers = rows[i].approvers;
        k.d.n_approvers = rows[i].n_approvers;
        const bundle_id id = propose(&k, rows[i].author, &shorter, 2);
        struct event_bundle b = bundle_of(&shorter, 2);
        b.id = id;
        const struct act a = { .kind = ACT_ACTIVATE,
                               .via = VIA_API,
                               .actor = slice_of(rows[i].actor),
                               .text = slice_of(rows[i].why),
                               .administrator = rows[i].administrator,
                               .compiled = &b };
        kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
        if (last_reply(&k)->code != rows[i].code) fail_msg("%s: %d", rows[i].what, last_reply(&k)->code);
        assert_int_equal(world_active_bundle(k.w), rows[i].code == 0 ? id : 1);
        assert_int_equal(world_proposed_bundle(k.w), rows[i].code == 0 ? 0 : id);
        kit_close(&k);
    }
}

static void an_activation_is_written_down_for_ever(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    const struct activation first = newest(&k);
    assert_int_equal(first.how, ACTIVATION_FIRST);
    const bundle_id id = propose(&k, "ada", &shorter, 2);
    struct event_bundle b = bundle_of(&shorter, 2);
    b.id = id;
    const struct act a = { .kind = ACT_ACTIVATE,
                           .via = VIA_API,
                           .actor = S("grace"),
                           .text = S("agreed"),
                           .overrides = S("W-UNBOUND=in May"),
                           .compiled = &b };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    const struct activation last = newest(&k);
    assert_int_equal(last.how, ACTIVATION_APPROVED);
    assert_int_equal(last.previous, 1);
    assert_int_equal(last.interpretations, 7);
    assert_true(slice_eq(world_text(k.w, last.by), S("grace")));
    assert_true(slice_eq(world_text(k.w, last.author), S("ada")));
    assert_true(slice_eq(world_text(k.w, last.reason), S("agreed")));
    assert_true(slice_eq(world_text(k.w, last.compiler), S("1.0")));
    struct row r;
    const struct mark m = { .kind = ROW_ACTIVATION, .key = { last.id } };
    assert_true(world_row(k.w, &m, &r));
    assert_true(slice_eq(r.text, S("W-UNBOUND=in May")));
    kit_close(&k);
}

static void the_way_back_needs_no_second_person(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    k.d.by_approver = true;
    k.d.approvers = ada_and_joan;
    k.d.n_approvers = 2;
    const bundle_id two = propose(&k, "ada", &shorter, 2);
    assert_int_equal(activate(&k, "joan", two, &shorter, 2, "agreed").code, 0);
    const bundle_id three = propose(&k, "ada", &later, 3);
    assert_int_equal(activate(&k, "joan", three, &later, 3, "agreed").code, 0);
    assert_int_equal(activate(&k, "ada", two, &shorter, 2, "pages the wrong team").code, 0);
    assert_int_equal(world_active_bundle(k.w), two);
    assert_int_equal(activate(&k, "ada", two, &shorter, 2, "again").code, ERR_CONFLICT);
    assert_int_equal(newest(&k).id, 4);
    kit_close(&k);
}

/* A bundle that left the world comes back with its row. */
static void a_bundle_is_brought_back_from_the_store(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    const struct bundle stored = { .id = 40, .hash = 9, .activated_wall = 1, .proposed_wall = 1 };
    struct event_bundle b = bundle_of(&shorter, 9);
    b.id = 40;
    b.stored = &stored;
    assert_int_equal(act_on(&k, ACT_ACTIVATE, "grace", &b, "as it was")->code, 0);
    assert_int_equal(world_active_bundle(k.w), 40);
    assert_ptr_equal(world_policy(k.w, 40), &shorter);
    kit_close(&k);
}

/* Proposals nobody took leave memory when another one comes; what was active, or waits, stays. */
static void replaced_proposals_leave_memory(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    for (int64_t hash = 2; hash < 12; hash++) propose(&k, "ada", &shorter, hash);
    assert_int_equal(world_proposed_bundle(k.w), 11);
    assert_true(world_count(k.w, ROW_BUNDLE) <= 3);
    assert_int_equal(world_active_bundle(k.w), 1);
    kit_close(&k);
}

/* --- what is found on disk --- */

static void what_is_found_waits_or_is_active_as_the_site_says(void **state)
{
    static const struct {
        const char *what;
        bool by_approver;
        const char *by;
        int64_t found[3]; /* hashes, one look after the other; 1 is the active one's */
        bundle_id active, proposed;
    } rows[] = {
        { "automatic", false, "", { 2 }, 2, 0 },
        { "automatic, the same", false, "", { 1 }, 1, 0 },
        { "automatic, changed back", false, "", { 2, 1 }, 1, 0 },
        { "by an approver", true, "ada", { 2 }, 1, 2 },
        { "by an approver, the same", true, "ada", { 1 }, 1, 0 },
        { "by an approver, twice", true, "ada", { 2, 2 }, 1, 2 },
        { "by an approver, another one replaces what waits", true, "ada", { 2, 3 }, 1, 3 },
        { "by a signal", true, "", { 2 }, 1, 2 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kit k;
        kit_open(&k);
        k.d.by_approver = rows[i].by_approver;
        struct event_bundle first = bundle_of(&k.p, 1);
        first.activate = true;
        kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = first });
        const bundle_id base = world_active_bundle(k.w);
        for (size_t n = 0; n < 3 && rows[i].found[n] != 0; n++) {
            struct event_bundle b = bundle_of(&shorter, rows[i].found[n]);
            b.found = true;
            b.by = slice_of(rows[i].by);
            kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
            assert_int_equal(last_reply(&k)->code, 0);
            const bool again = n > 0 && rows[i].found[n] == rows[i].found[n - 1];
            if (again && k.fx.entries.n > 0) fail_msg("%s: said again", rows[i].what); /* each look at the files would */
        }
        if (world_active_bundle(k.w) != base + rows[i].active - 1) fail_msg("%s: active", rows[i].what);
        if (world_proposed_bundle(k.w) != (rows[i].proposed == 0 ? 0 : base + rows[i].proposed - 1))
            fail_msg("%s: proposed", rows[i].what);
        kit_close(&k);
    }
}

static void what_a_person_replaced_stays_replaced(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    struct event_bundle found = bundle_of(&shorter, 2);
    found.found = true;
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = found });
    const bundle_id two = world_active_bundle(k.w);
    const struct bundle row = { .id = 1 };
    struct event_bundle back = bundle_of(&k.p, 77);
    back.id = 1;
    back.stored = &row;
    assert_int_equal(act_on(&k, ACT_ACTIVATE, "grace", &back, "back")->code, 0);
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = found });
    assert_int_equal(world_active_bundle(k.w), 1);
    found = bundle_of(&later, 3);
    found.found = true;
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = found });
    assert_true(world_active_bundle(k.w) > two);
    kit_close(&k);
}

static void a_broken_file_alarms_the_administrators(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_step(&k, (struct event){ .kind = EVENT_TROUBLE, .trouble = { S("the procedures do not compile") } });
    struct row r;
    size_t alarms = 0;
    for (size_t at = 0; world_next_row(k.w, ROW_DELIVERY, &at, &r);) {
        struct delivery d;
        memcpy(&d, r.v, sizeof d);
        assert_int_equal(d.purpose, PURPOSE_ALARM);
        assert_true(slice_eq(world_text(k.w, d.person), S("grace")));
        alarms++;
    }
    assert_int_equal(alarms, 2); /* R13: by every kind of hers */
    kit_close(&k);
}

/* --- moving (R12) --- */

/* An incident whose first page left at once; `at` minutes later it follows another document. */
static void open_and_move(struct kit *k, const struct policy *to, int64_t minutes)
{
    kit_open(k);
    kit_accept(k);
    kit_alert(k, "Down", "critical");
    kit_until(k, minutes * MINUTE);
    struct event_bundle b = bundle_of(to, 2);
    b.activate = true;
    kit_step(k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
    assert_int_equal(world_incident(k->w, 1)->bundle, 1); /* it keeps its own until it is moved */
    kit_act(k, ACT_MOVE, "ada", 1, "agreed");
    assert_int_equal(last_reply(k)->code, 0);
    assert_int_equal(world_incident(k->w, 1)->bundle, 2);
}

static void clocks_go_on_by_the_new_document(void **state)
{
    static const struct {
        const char *what;
        const struct policy *to;
        int64_t moved, looked; /* minutes since the first page */
        int person;
        size_t pages;
    } rows[] = {
        { "not before the shorter time", &shorter, 1, 2, JOAN, 0 },
        { "at the shorter time", &shorter, 1, 3, JOAN, 1 },
        { "at once where that has passed", &shorter, 4, 4, JOAN, 1 },
        { "not at the time of the old one", &later, 1, 8, JOAN, 0 },
        { "but at the longer one", &later, 1, 9, JOAN, 1 },
        { "who was paged is not paged again", &shorter, 6, 6, JOAN, 1 },
        { "a rule that the old one did not have, at once", &more, 12, 12, MARY, 1 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kit k;
        open_and_move(&k, rows[i].to, rows[i].moved);
        kit_until(&k, rows[i].looked * MINUTE);
        if (kit_pages(&k, rows[i].person) != rows[i].pages)
            fail_msg("%s: %zu pages", rows[i].what, kit_pages(&k, rows[i].person));
        kit_close(&k);
    }
}

/* Acknowledged: the first clock is over, and moving does not begin it again. The second goes on by the new rule. */
static void the_second_clock_goes_on_alone(void **state)
{
    static const struct {
        const char *what;
        const struct policy *to;
        int64_t moved, due; /* minutes: nobody the minute before */
        int person;
    } rows[] = {
        { "earlier", &shorter, 1, 20, GRACE },
        { "earlier, which has passed: at once", &shorter, 25, 25, GRACE },
        { "later", &later, 1, 45, GRACE },
        { "its rule is gone: the commander, at the old time", &gone, 1, 30, GRACE },
        { "a rule that the old one did not have", &more, 1, 10, MARY },
        { "a rule that the old one did not have, which has passed: at once", &more, 12, 12, MARY },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kit k;
        kit_open(&k);
        kit_accept(&k);
        kit_alert(&k, "Down", "critical");
        kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
        kit_until(&k, rows[i].moved * MINUTE);
        struct event_bundle b = bundle_of(rows[i].to, 2);
        b.activate = true;
        kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
        kit_act(&k, ACT_MOVE, "ada", 1, "agreed");
        assert_int_equal(kit_pages(&k, rows[i].person), 0);
        kit_until(&k, rows[i].due * MINUTE - 1);
        if (kit_pages(&k, rows[i].person) != 0) fail_msg("%s: too early", rows[i].what);
        kit_until(&k, rows[i].due * MINUTE);
        if (kit_pages(&k, rows[i].person) != 1) fail_msg("%s: %zu", rows[i].what, kit_pages(&k, rows[i].person));
        assert_int_equal(kit_pages(&k, JOAN), 0);
        kit_close(&k);
    }
}

static void moving_twice_or_when_it_is_over(void **state)
{
    struct kit k;
    (void)state;
    open_and_move(&k, &shorter, 1);
    kit_act(&k, ACT_MOVE, "ada", 1, "");
    assert_int_equal(last_reply(&k)->code, 0);
    struct event_bundle b = bundle_of(&later, 3);
    b.activate = true;
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
    kit_act(&k, ACT_RESOLVE, "ada", 1, "done");
    kit_act(&k, ACT_MOVE, "ada", 1, "");
    assert_int_equal(last_reply(&k)->code, ERR_CONFLICT);
    kit_close(&k);
}

static void activation_moves_the_open_ones_when_asked_to(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_alert(&k, "Down", "critical");
    struct event_bundle b = bundle_of(&shorter, 2);
    const struct act a = { .kind = ACT_ACTIVATE,
                           .via = VIA_API,
                           .actor = S("grace"),
                           .text = S("agreed"),
                           .move_open = true,
                           .compiled = &b };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &a });
    assert_int_equal(last_reply(&k)->code, 0);
    assert_true(slice_find(last_reply(&k)->text, S("INC-1")) < last_reply(&k)->text.n);
    assert_int_equal(world_incident(k.w, 1)->bundle, 2);
    assert_int_equal(newest(&k).moved, 1);
    kit_close(&k);
}

/* --- checks --- */

#define ITEM(words, ev)                  \
    {                                    \
        .text = S(words), .evidence = ev \
    }

static const struct policy_check old_checks[] = { ITEM("Alert sent", EVIDENCE_ALERT_RECEIVED),
                                                  ITEM("Customers counted", EVIDENCE_HAND) };
static const struct policy_check new_checks[] = { ITEM("Something new", EVIDENCE_HAND),
                                                  ITEM("customers counted", EVIDENCE_HAND),
                                                  ITEM("The alert arrives", EVIDENCE_ALERT_RECEIVED) };
static const struct policy_milestone old_milestones[] = {
    { .at_ms = 0, .due_ms = 5 * MINUTE, .name = S("Detection"), .checks = old_checks, .n_checks = 2 },
};
static const struct policy_milestone new_milestones[] = {
    { .at_ms = 0, .due_ms = 7 * MINUTE, .name = S("Detection"), .checks = new_checks, .n_checks = 3 },
};

static int64_t check_of(const struct kit *k, int64_t idx)
{
    struct row r;
    const struct mark m = { .kind = ROW_CHECK, .key = { 1, 0, idx } };
    return world_row(k->w, &m, &r) ? ((const struct milestone_check *)r.v)->state : CHECK_PENDING; /* untouched */
}

static void checks_are_found_again_by_their_words(void **state)
{
    struct kit k;
    struct policy old = shorter, new = shorter;
    (void)state;
    kit_open(&k);
    old.milestones = old_milestones;
    new.milestones = new_milestones;
    old.n_milestones = new.n_milestones = 1;
    struct event_bundle b = bundle_of(&old, 2);
    b.activate = true;
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
    kit_alert(&k, "Down", "critical");
    const struct act tick = { .kind = ACT_CHECK, .via = VIA_API, .actor = S("ada"), .incident = 1, .check = 1 };
    kit_step(&k, (struct event){ .kind = EVENT_ACT, .act = &tick });
    b = bundle_of(&new, 3);
    b.activate = true;
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
    kit_act(&k, ACT_MOVE, "ada", 1, "");
    assert_int_equal(check_of(&k, 0), CHECK_PENDING);
    assert_int_equal(check_of(&k, 1), CHECK_DONE);
    assert_int_equal(check_of(&k, 2), CHECK_DONE);
    kit_until(&k, 6 * MINUTE);
    assert_int_equal(check_of(&k, 0), CHECK_PENDING); /* late at T+7 now, not at T+5 */
    kit_until(&k, 8 * MINUTE);
    assert_int_equal(check_of(&k, 0), CHECK_LATE);
    kit_close(&k);
}

/* After an upgrade a number may be that of another sentence: the clock rings all the same, and pages the commander. */
static void a_clock_whose_rule_is_another_now_pages_the_commander(void **state)
{
    static const struct policy_rule two_answers[] = { RESPONSE(5), RESPONSE(9) };
    static const struct policy other = { .rules = two_answers, .n_rules = 2, .first = { .party = S("primary") } };
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "ada", 1, "");
    struct event_bundle b = bundle_of(&other, 0);
    b.id = 1; /* the stored one, compiled again */
    kit_step(&k, (struct event){ .kind = EVENT_BUNDLE, .bundle = b });
    kit_until(&k, 30 * MINUTE - 1);
    assert_int_equal(kit_pages(&k, GRACE), 0);
    kit_until(&k, 30 * MINUTE);
    assert_int_equal(kit_pages(&k, GRACE), 1);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_approver_is_not_the_author),
        cmocka_unit_test(an_activation_is_written_down_for_ever),
        cmocka_unit_test(the_way_back_needs_no_second_person),
        cmocka_unit_test(a_bundle_is_brought_back_from_the_store),
        cmocka_unit_test(replaced_proposals_leave_memory),
        cmocka_unit_test(what_is_found_waits_or_is_active_as_the_site_says),
        cmocka_unit_test(what_a_person_replaced_stays_replaced),
        cmocka_unit_test(a_broken_file_alarms_the_administrators),
        cmocka_unit_test(clocks_go_on_by_the_new_document),
        cmocka_unit_test(the_second_clock_goes_on_alone),
        cmocka_unit_test(moving_twice_or_when_it_is_over),
        cmocka_unit_test(activation_moves_the_open_ones_when_asked_to),
        cmocka_unit_test(checks_are_found_again_by_their_words),
        cmocka_unit_test(a_clock_whose_rule_is_another_now_pages_the_commander),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
