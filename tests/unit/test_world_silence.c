/* test_world_silence.c - silences: what they hold, what they refuse, how they end (R152). */
#include "flow.h"

#define M MINUTE

static const char disk[] = "alertname=DiskFull instance=h1 service=web severity=critical";
static const char cpu[] = "alertname=CpuHigh instance=h1 service=web severity=critical";

static int64_t silence(struct flow *f, const char *matchers, int64_t starts, int64_t ends)
{
    flow_act(f, (struct act){ .kind = ACT_SILENCE,
                              .matchers = slice_of(matchers),
                              .starts = starts,
                              .ends = ends,
                              .text = S("planned") });
    return f->reply.id;
}

static void R152_a_new_incident_is_held_and_paged_with_fresh_clocks_at_the_end(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    int64_t id = silence(&f, "alertname=\"DiskFull\"", 0, FLOW_WALL + HOUR);
    assert_int_equal(f.reply.code, 0);
    assert_string_equal(
        f.reply.text.p,
        "Silence 1 holds {alertname=\"DiskFull\"} from 2026-01-05T03:00:00Z until 2026-01-05T04:00:00Z");
    flow_fire(&f, disk);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_until(&f, 60 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0); /* every level is held, nothing is hidden */
    flow_until(&f, 60 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    assert_int_equal(flow_incident(&f, 1)->clock_at, FLOW_AT + 60 * M);
    assert_int_equal(flow_said(&f, 0, ENTRY_SILENCE_ENDED), 1);
    flow_until(&f, 65 * M - 1);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 0);
    flow_until(&f, 65 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, "joan"), 1);
    assert_int_equal(id, 1);
    flow_end(&f);
}

static void R152_an_open_incident_is_held_at_every_level(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, disk);
    flow_until(&f, 2 * M);
    silence(&f, "service=web", 0, 0);
    flow_until(&f, 40 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESPONSE, NULL), 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NO_RESOLUTION, NULL), 0);
    flow_act(&f, (struct act){ .kind = ACT_UNSILENCE, .silence = 1 });
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    flow_end(&f);
}

static void R152_one_alert_that_is_not_covered_is_enough(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, 0);
    flow_fire(&f, disk);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_fire(&f, cpu); /* joins: now it pages */
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    flow_resolve(&f, cpu); /* what is left is covered: held again */
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_end(&f);
}

/* Each release pages anew: what comes and goes beside the silence is held once it has calmed down. */
static void R152_R155_what_flaps_beside_a_silence_is_not_held_and_released_each_time(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, 0);
    flow_fire(&f, disk);
    for (int64_t n = 1; n <= 3; n++) {
        flow_until(&f, 2 * n * M);
        flow_fire(&f, cpu);
        flow_until(&f, 2 * n * M + M);
        flow_resolve(&f, cpu);
    }
    assert_int_equal(flow_said(&f, 1, ENTRY_FLAPPING), 1); /* at 6 min, the fourth change */
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 3);
    flow_until(&f, 8 * M);
    flow_fire(&f, cpu);
    flow_resolve(&f, cpu);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 3);
    flow_until(&f, 16 * M - 1);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_until(&f, 16 * M);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_end(&f);
}

static void R152_what_joins_a_held_incident_is_looked_at_one_by_one(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, 0);
    flow_fire(&f, disk);
    flow_fire(&f, "alertname=DiskFull instance=h2 service=web severity=critical");
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_restart(&f, SECOND);
    flow_fire(&f, "alertname=DiskFull instance=h3 service=web severity=critical");
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_fire(&f, cpu);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_fire(&f, "alertname=DiskFull instance=h4 service=web severity=critical");
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_resolve(&f, cpu);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_fire(&f, cpu); /* fires again: released again */
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_end(&f);
}

static void R152_two_silences_hold_together(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, FLOW_WALL + 20 * M);
    silence(&f, "alertname=CpuHigh", 0, FLOW_WALL + 40 * M);
    struct signal v[] = { flow_signal(&f, disk, HOUR), flow_signal(&f, cpu, HOUR) };
    flow_send(&f, "prom", v, 2);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_end(&f);
}

static void R152_a_persons_declaration_always_pages(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=web", 0, 0);
    flow_fire(&f, disk);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    flow_act(&f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .text = S("it is real") });
    assert_int_equal(flow_pages(&f, 1, 0, "ada"), 1);
    flow_fire(&f, cpu);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_end(&f);
}

static void R152_a_silence_may_begin_later_and_follows_the_clock(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=web", FLOW_WALL + 10 * M, FLOW_WALL + 20 * M);
    flow_fire(&f, disk);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_until(&f, 10 * M);
    assert_int_equal(flow_incident(&f, 1)->held_at, FLOW_AT + 10 * M);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_end(&f);
}

static void what_resolved_in_the_silence_is_not_paged_at_its_end(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=web", 0, FLOW_WALL + 10 * M);
    flow_fire(&f, disk);
    flow_until(&f, 6 * M);
    flow_resolve(&f, disk);
    flow_until(&f, 12 * M);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_fire(&f, disk); /* firing again, no silence any more: paged */
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_int_equal(flow_pages(&f, 1, 0, "ada"), 1);
    flow_end(&f);
}

static void the_default_is_24_hours(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "{service=\"web\"}", 0, 0);
    struct row r;
    size_t at = 0;
    assert_true(world_next_row(f.w, ROW_SILENCE, &at, &r));
    assert_int_equal(((const struct silence *)r.v)->ends_wall, FLOW_WALL + DAY);
    assert_true(slice_eq(r.text, S("{service=\"web\"}")));
    flow_end(&f);
}

static const struct {
    const char *what, *matchers;
    int64_t starts, ends;
    int code;
} refused[] = {
    { "no matcher", "", 0, 0, ERR_INVALID },
    { "everything", "alertname=~\".*\"", 0, 0, ERR_INVALID },
    { "a name without operator", "bad{", 0, 0, ERR_SYNTAX },
    { "an end before the start", "a=b", FLOW_WALL + HOUR, FLOW_WALL + M, ERR_INVALID },
    { "an end in the past", "a=b", FLOW_WALL - HOUR, FLOW_WALL - M, ERR_INVALID },
};

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(refused); k++) {
        struct flow f;
        flow_begin(&f);
        silence(&f, refused[k].matchers, refused[k].starts, refused[k].ends);
        if (f.reply.code != refused[k].code || f.reply.text.n == 0) fail_msg("%s: %d", refused[k].what, f.reply.code);
        assert_int_equal(world_count(f.w, ROW_SILENCE), 0);
        flow_end(&f);
    }
}

/* As Alertmanager: a negative matcher narrows enough. */
static void R153_a_negative_matcher_alone_is_taken(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "env!=\"prod\"", 0, 0);
    assert_int_equal(f.reply.code, 0);
    assert_int_equal(world_count(f.w, ROW_SILENCE), 1);
    flow_end(&f);
}

static void ending_twice_is_fine_and_an_unknown_one_is_not_found(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "a=b", 0, 0);
    flow_act(&f, (struct act){ .kind = ACT_UNSILENCE, .silence = 1 });
    assert_int_equal(f.reply.code, 0);
    flow_act(&f, (struct act){ .kind = ACT_UNSILENCE, .silence = 1 });
    assert_int_equal(f.reply.code, 0);
    assert_string_equal(f.reply.text.p, "Silence 1 is over already");
    flow_act(&f, (struct act){ .kind = ACT_UNSILENCE, .silence = 9 });
    assert_int_equal(f.reply.code, ERR_NOT_FOUND);
    assert_string_equal(f.reply.text.p, "There is no silence 9");
    flow_end(&f);
}

static int64_t instead(struct flow *f, int64_t id, const char *matchers, int64_t starts, int64_t ends)
{
    flow_act(f, (struct act){ .kind = ACT_SILENCE,
                              .silence = id,
                              .matchers = slice_of(matchers),
                              .starts = starts,
                              .ends = ends,
                              .text = S("longer") });
    return f->reply.id;
}

static void R152_a_later_end_changes_the_silence(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, FLOW_WALL + 10 * M);
    flow_fire(&f, disk);
    flow_until(&f, 5 * M);
    assert_int_equal(instead(&f, 1, "{alertname=\"DiskFull\"}", 0, FLOW_WALL + 30 * M), 1);
    assert_string_equal(f.reply.text.p, "Silence 1 now holds until 2026-01-05T03:30:00Z");
    flow_until(&f, 30 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    flow_until(&f, 30 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    assert_int_equal(flow_said(&f, 0, ENTRY_SILENCE_ENDED), 1);
    flow_end(&f);
}

/* Other matchers are another silence; what both hold is never released between them. */
static void R152_other_matchers_make_a_new_silence(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", 0, FLOW_WALL + 10 * M);
    flow_fire(&f, disk);
    assert_int_equal(instead(&f, 1, "service=web", 0, FLOW_WALL + 30 * M), 2);
    assert_int_equal(flow_said(&f, 0, ENTRY_SILENCE_ENDED), 1);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    assert_int_equal(instead(&f, 2, "service=shop", 0, FLOW_WALL + 30 * M), 3);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    flow_end(&f);
}

static void R152_a_silence_to_come_may_move(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=web", FLOW_WALL + 10 * M, FLOW_WALL + 20 * M);
    flow_fire(&f, disk);
    assert_int_equal(instead(&f, 1, "service=web", FLOW_WALL + 15 * M, FLOW_WALL + 40 * M), 1);
    flow_until(&f, 15 * M - 1);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    flow_until(&f, 15 * M);
    assert_int_equal(flow_incident(&f, 1)->held_at, FLOW_AT + 15 * M);
    flow_until(&f, 40 * M);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_int_equal(instead(&f, 1, "service=web", 0, FLOW_WALL + 50 * M), 2); /* over: a new one */
    instead(&f, 9, "service=web", 0, FLOW_WALL + 50 * M);
    assert_int_equal(f.reply.code, ERR_NOT_FOUND);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R152_a_new_incident_is_held_and_paged_with_fresh_clocks_at_the_end),
        cmocka_unit_test(R152_an_open_incident_is_held_at_every_level),
        cmocka_unit_test(R152_one_alert_that_is_not_covered_is_enough),
        cmocka_unit_test(R152_R155_what_flaps_beside_a_silence_is_not_held_and_released_each_time),
        cmocka_unit_test(R152_what_joins_a_held_incident_is_looked_at_one_by_one),
        cmocka_unit_test(R152_two_silences_hold_together),
        cmocka_unit_test(R152_a_later_end_changes_the_silence),
        cmocka_unit_test(R152_other_matchers_make_a_new_silence),
        cmocka_unit_test(R152_a_silence_to_come_may_move),
        cmocka_unit_test(R152_a_persons_declaration_always_pages),
        cmocka_unit_test(R152_a_silence_may_begin_later_and_follows_the_clock),
        cmocka_unit_test(what_resolved_in_the_silence_is_not_paged_at_its_end),
        cmocka_unit_test(the_default_is_24_hours),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(R153_a_negative_matcher_alone_is_taken),
        cmocka_unit_test(ending_twice_is_fine_and_an_unknown_one_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
