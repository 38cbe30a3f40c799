/* test_limits.c - documented limits of time to their millisecond (a fact stamped exactly at a deadline is in time), and
 * what is left of a clock that something stopped for a while. */
#include "flow.h"

#include "core/role.h"

#define M MINUTE

static const char web[] = "alertname=Down service=web severity=critical",
                  other[] = "alertname=Slow service=web severity=critical",
                  typo[] = "alertname=Typo service=web severity=ticket";

/* Facts are stepped before the timers of the same batch: here is `ms` after the beginning, and no timer has run. */
static void facts_at(struct flow *f, int64_t ms)
{
    f->wall += FLOW_AT + ms - f->at;
    f->at = FLOW_AT + ms;
}

/* R109: a merge is undone within 24 hours, of the steady clock. */
static void R109_a_merge_is_undone_for_24_hours(void **state)
{
    static const struct {
        const char *what;
        int64_t at, wall_moved;
        int code;
    } rows[] = {
        { "exactly 24 hours later", DAY, 0, 0 },
        { "a millisecond later", DAY + 1, 0, ERR_CONFLICT },
        { "somebody set the clock ahead", DAY, 2 * HOUR, 0 },
        { "somebody set it back", DAY + 1, -2 * HOUR, ERR_CONFLICT },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_fire(&f, "alertname=Down service=shop severity=critical");
        flow_act(&f, (struct act){ .kind = ACT_MERGE, .incident = 1, .into = 2 });
        flow_until(&f, DAY - 1);
        facts_at(&f, rows[i].at);
        f.wall += rows[i].wall_moved;
        flow_act(&f, (struct act){ .kind = ACT_REOPEN, .incident = 1 });
        if (f.reply.code != rows[i].code) fail_msg("%s", rows[i].what);
        flow_end(&f);
    }
}

/* R150, R151: what fires again, or joins, up to and with 30 minutes after the resolution is the same incident. */
static void R150_fires_again_within_30_minutes(void **state)
{
    static const struct {
        const char *what, *labels;
        int64_t after;
        size_t incidents;
        bool by_person; /* resolved, in the moment in which it would have resolved itself */
    } rows[] = {
        { "the same alert in time", web, 30 * M, 1, false },
        { "whoever resolved it", web, 30 * M, 1, true },
        { "whoever resolved it, a millisecond late", web, 30 * M + 1, 2, true },
        { "the same alert a millisecond late", web, 30 * M + 1, 2, false },
        { "another alert in time", other, 30 * M, 1, false },
        { "another alert a millisecond late", other, 30 * M + 1, 2, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_resolve(&f, web);
        flow_until(&f, 5 * M - rows[i].by_person);
        facts_at(&f, 5 * M);
        if (rows[i].by_person) flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1 });
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
        flow_until(&f, 5 * M + 30 * M - 1);
        facts_at(&f, 5 * M + rows[i].after);
        flow_fire(&f, rows[i].labels);
        if (world_count(f.w, ROW_INCIDENT) != rows[i].incidents) fail_msg("%s", rows[i].what);
        flow_end(&f);
    }
}

/* Resolved becomes closed after 30 minutes, what was declared after 24 hours: not before, and then at once. */
static void a_resolved_incident_closes_in_time(void **state)
{
    static const struct {
        enum act_kind first;
        int64_t after;
    } rows[] = { { ACT_NOTE, 30 * M }, { ACT_DECLARE, DAY } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_act(&f, (struct act){ .kind = rows[i].first, .incident = 1, .text = S("it is real") });
        flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1 });
        flow_until(&f, rows[i].after - 1);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
        flow_until(&f, rows[i].after);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_CLOSED);
        flow_end(&f);
    }
}

/* What was dismissed and opened again stays a day from when it is over at last, not from when it was dismissed. */
static void what_was_dismissed_and_reopened_leaves_a_day_after_its_end(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_DISMISS, .incident = 1, .text = S("a test") });
    flow_until(&f, HOUR);
    flow_act(&f, (struct act){ .kind = ACT_REOPEN, .incident = 1 });
    flow_until(&f, 23 * HOUR);
    flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1 });
    flow_until(&f, 23 * HOUR + 30 * M + DAY - 1);
    assert_non_null(world_incident(f.w, 1));
    flow_until(&f, 23 * HOUR + 30 * M + DAY);
    assert_null(world_incident(f.w, 1));
    flow_end(&f);
}

/* R150: whoever has it is not paged twice within ten minutes. */
static void R150_not_twice_in_10_minutes(void **state)
{
    static const struct {
        int64_t at;
        size_t pages;
    } rows[] = { { 10 * M - 1, 1 }, { 10 * M, 2 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
        flow_resolve(&f, web);
        flow_until(&f, 10 * M - 2);
        facts_at(&f, rows[i].at);
        flow_fire(&f, web);
        assert_int_equal(flow_pages(&f, 1, 0, "ada"), rows[i].pages);
        flow_end(&f);
    }
}

/* R152: a silence holds until its end, and at its end no more. */
static void R152_a_silence_ends_with_its_last_millisecond(void **state)
{
    static const struct {
        int64_t at;
        bool held;
    } rows[] = { { HOUR - 1, true }, { HOUR, false } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_act(&f, (struct act){ .kind = ACT_SILENCE, .matchers = S("service=\"web\""), .ends = f.wall + HOUR });
        flow_until(&f, HOUR - 2);
        facts_at(&f, rows[i].at);
        flow_fire(&f, web);
        assert_int_equal(flow_incident(&f, 1)->held_at != 0, rows[i].held);
        assert_int_equal(flow_pages(&f, 1, 0, "ada"), !rows[i].held);
        flow_end(&f);
    }
}

/* R32: it was detected when it was logged or before. */
static void R32_detected_no_later_than_logged(void **state)
{
    static const struct {
        int64_t later;
        int code;
    } rows[] = { { -1, 0 }, { 0, 0 }, { 1, ERR_INVALID } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        const int64_t when = flow_incident(&f, 1)->opened_wall + rows[i].later;
        flow_until(&f, M);
        flow_act(&f, (struct act){ .kind = ACT_DETECTED, .incident = 1, .when = when, .text = S("seen") });
        assert_int_equal(f.reply.code, rows[i].code);
        flow_end(&f);
    }
}

/* --- the second clock (R116) --- */

/* A resolution that did not last stops the clock of no resolution for nobody, whoever or whatever opens it again. */
static void R116_the_second_clock_goes_on_after_a_resolution(void **state)
{
    static const struct {
        const char *what, *actor; /* NULL: the alert itself */
    } rows[] = { { "by whoever has it", "ada" }, { "by somebody else", "joan" }, { "it fires again", NULL } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
        if (rows[i].actor == NULL) flow_resolve(&f, web);
        flow_until(&f, 5 * M);
        if (rows[i].actor != NULL) flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1 });
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
        flow_until(&f, 7 * M);
        if (rows[i].actor == NULL)
            flow_fire(&f, web);
        else
            flow_act(&f, (struct act){ .kind = ACT_REOPEN, .incident = 1, .actor = slice_of(rows[i].actor) });
        flow_until(&f, 30 * M - 1);
        if (flow_pages(&f, 1, PAGE_REASON_NO_RESOLUTION, "grace") != 0) fail_msg("%s: early", rows[i].what);
        flow_until(&f, 30 * M);
        if (flow_pages(&f, 1, PAGE_REASON_NO_RESOLUTION, "grace") != 1) fail_msg("%s", rows[i].what);
        flow_end(&f);
    }
}

/* --- passed on (R24) --- */

/* Whoever holds a role and passes the incident on by name passes the role on with it. */
static void R24_the_role_goes_with_the_page(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    const struct slice primary = S("primary");
    assert_string_equal(world_text(f.w, role_holder(f.w, 1, primary)).p, "ada");
    flow_act(&f, (struct act){ .kind = ACT_PASS, .incident = 1, .person = S("grace") });
    assert_string_equal(world_text(f.w, role_holder(f.w, 1, primary)).p, "grace");
    flow_end(&f);
}

/* --- somebody sets the clock (R42) --- */

static void set_clock(struct flow *f, int64_t by)
{
    f->wall += by;
    flow_step(f, (struct event){ .kind = EVENT_CLOCK_SET });
}

/* A time of day is the clock's, either way: the end of a silence, the morning's page, the morning's question. */
static void R42_what_names_a_time_follows_the_clock(void **state)
{
    static const int64_t rows[] = { 0, HOUR, -HOUR };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        struct signal v[] = { flow_signal(&f, typo, DAY), flow_signal(&f, "alertname=Odd severity=ticket", DAY) };
        flow_send(&f, "prom", v, 2);
        flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 2 });
        flow_act(&f, (struct act){ .kind = ACT_SILENCE, .matchers = S("service=\"shop\""), .ends = f.wall + 2 * HOUR });
        flow_until(&f, 30 * M);
        set_clock(&f, rows[i]);
        flow_until(&f, 2 * HOUR - rows[i] - 1);
        assert_int_equal(flow_said(&f, 0, ENTRY_SILENCE_ENDED), 0);
        flow_until(&f, 2 * HOUR - rows[i]);
        assert_int_equal(flow_said(&f, 0, ENTRY_SILENCE_ENDED), 1);
        flow_until(&f, 6 * HOUR - rows[i] - 1);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_MORNING, "ada"), 0);
        assert_int_equal(flow_incident(&f, 2)->asked, 0);
        flow_until(&f, 6 * HOUR - rows[i]);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_MORNING, "ada"), 1);
        assert_int_equal(flow_incident(&f, 2)->asked, 1);
        flow_end(&f);
    }
}

/* A span is not: what fires again twenty minutes after a person resolved it is the same incident, and whoever was paged
 * twenty minutes ago is paged again. */
static void R42_what_lasts_a_while_does_not(void **state)
{
    static const int64_t rows[] = { 0, 2 * HOUR, -2 * HOUR };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        flow_fire(&f, web);
        flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
        flow_resolve(&f, web);
        flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1 });
        flow_until(&f, M);
        set_clock(&f, rows[i]);
        flow_until(&f, 20 * M);
        flow_fire(&f, web);
        assert_int_equal(world_count(f.w, ROW_INCIDENT), 1);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
        flow_end(&f);
    }
}

/* --- three messages a minute (R154) --- */

/* A restart forgets none of what was told in its minute. */
static void R154_the_minute_goes_on_over_a_restart(void **state)
{
    static const char *const names[] = { "alertname=A severity=critical", "alertname=B severity=critical",
                                         "alertname=C severity=critical" };
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (size_t i = 0; i < COUNT_OF(names); i++) flow_fire(&f, names[i]); /* an incident each: nobody claims them */
    flow_restart(&f, 20 * SECOND);
    flow_fire(&f, "alertname=D severity=critical");
    assert_int_equal(flow_said(&f, 4, ENTRY_BUNDLED), 1);
    flow_until(&f, M - 1);
    assert_int_equal(flow_said(&f, 4, ENTRY_DELIVERED), 0);
    flow_until(&f, M);
    assert_int_equal(flow_said(&f, 4, ENTRY_DELIVERED), 1);
    flow_end(&f);
}

/* --- silent senders (R150) --- */

/* Two replicas say the same: when the first fell silent, what expires after the other's word does not say it again. */
static void R150_a_silent_sender_is_told_once_though_its_twin_speaks(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int k = 0; k < 3; k++) {
        struct signal s = flow_signal(&f, web, 4 * M);
        flow_send(&f, "first", &s, 1);
    }
    flow_until(&f, 4 * M);
    assert_int_equal(flow_said(&f, 2, ENTRY_SENDER_SILENT), 1);
    struct signal s = flow_signal(&f, web, 4 * M);
    flow_send(&f, "second", &s, 1);
    flow_until(&f, 10 * M);
    assert_int_equal(world_alert_live(f.w, 1)->state, ALERT_EXPIRED);
    assert_int_equal(flow_said(&f, 2, ENTRY_SENDER_SILENT), 1);
    assert_int_equal(world_count(f.w, ROW_INCIDENT), 2);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R109_a_merge_is_undone_for_24_hours),
        cmocka_unit_test(R150_fires_again_within_30_minutes),
        cmocka_unit_test(a_resolved_incident_closes_in_time),
        cmocka_unit_test(what_was_dismissed_and_reopened_leaves_a_day_after_its_end),
        cmocka_unit_test(R150_not_twice_in_10_minutes),
        cmocka_unit_test(R152_a_silence_ends_with_its_last_millisecond),
        cmocka_unit_test(R32_detected_no_later_than_logged),
        cmocka_unit_test(R116_the_second_clock_goes_on_after_a_resolution),
        cmocka_unit_test(R24_the_role_goes_with_the_page),
        cmocka_unit_test(R42_what_names_a_time_follows_the_clock),
        cmocka_unit_test(R42_what_lasts_a_while_does_not),
        cmocka_unit_test(R154_the_minute_goes_on_over_a_restart),
        cmocka_unit_test(R150_a_silent_sender_is_told_once_though_its_twin_speaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
