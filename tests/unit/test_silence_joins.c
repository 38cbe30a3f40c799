/* test_silence_joins.c - alerts that a silence covers in an incident that something else keeps loud: they say nothing,
 * and what they could not say is said when no silence covers them any more, if they fire (R152, R151, R150, R148). */
#include "flow.h"

#define M MINUTE

static const char slow[] = "alertname=Slow instance=h1 service=web severity=warning";
static const char disk[] = "alertname=DiskFull instance=h1 service=web severity=critical";
static const char cpu[] = "alertname=CpuHigh instance=h1 service=web severity=warning";
static const char cpu2[] = "alertname=CpuHigh instance=h2 service=web severity=warning";

static silence_id silence(struct flow *f, const char *matchers, int64_t for_ms)
{
    flow_act(f, (struct act){ .kind = ACT_SILENCE,
                              .matchers = slice_of(matchers),
                              .ends = f->wall + for_ms,
                              .text = S("planned") });
    assert_int_equal(f->reply.code, 0);
    return f->reply.id;
}

static void unsilence(struct flow *f, silence_id id)
{
    flow_act(f, (struct act){ .kind = ACT_UNSILENCE, .silence = id });
    assert_int_equal(f->reply.code, 0);
}

static void acknowledge(struct flow *f)
{
    flow_act(f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    assert_true(flow_incident(f, 1)->acknowledged_at != 0);
}

/* INC-1 fires and Ada has it. */
static void begin_taken(struct flow *f, const char *loud)
{
    flow_begin(f);
    flow_fire(f, loud);
    flow_until(f, 1 * M);
    acknowledge(f);
}

static bool is_taken(struct flow *f)
{
    return flow_incident(f, 1)->acknowledged_at != 0;
}

static void R148_what_is_graver_raises_and_rings_when_its_silence_is_over(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=DiskFull", 8 * M);
    flow_fire(&f, disk);
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    assert_true(is_taken(&f));
    flow_until(&f, 9 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_until(&f, 9 * M);
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    flow_end(&f);
}

/* The severity stays the person's, and the page rings all the same. */
static void R148_a_persons_severity_stands_and_what_is_graver_rings(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=DiskFull", 8 * M);
    flow_fire(&f, disk);
    flow_act(&f, (struct act){ .kind = ACT_SEVERITY, .incident = 1, .severity = 3, .text = S("so it is") });
    assert_int_equal(f.reply.code, 0);
    flow_until(&f, 9 * M);
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    assert_true(flow_incident(&f, 1)->loud_at != 0);
    flow_end(&f);
}

static void R151_a_new_name_is_told_when_its_silence_is_over(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=CpuHigh", 8 * M);
    flow_fire(&f, cpu);
    flow_fire(&f, cpu2);
    flow_until(&f, 9 * M - 1);
    assert_true(is_taken(&f));
    flow_restart(&f, 0);
    flow_until(&f, 9 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    acknowledge(&f);
    flow_fire(&f, "alertname=CpuHigh instance=h3 service=web severity=warning"); /* known by now */
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, NULL), 1);
    flow_end(&f);
}

static void R151_a_name_that_was_hidden_is_new_for_one_that_is_not_silenced(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "instance=h1, alertname=CpuHigh", 8 * M);
    flow_fire(&f, cpu);
    assert_true(is_taken(&f));
    flow_fire(&f, cpu2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    acknowledge(&f);
    flow_until(&f, 9 * M); /* and known when the silence of the first ends */
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    flow_end(&f);
}

static void R152_what_was_told_before_the_silence_is_not_told_again(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, slow);
    flow_fire(&f, disk);
    flow_until(&f, 1 * M);
    acknowledge(&f);
    silence(&f, "alertname=DiskFull", 8 * M);
    flow_resolve(&f, disk);
    flow_fire(&f, disk);
    flow_until(&f, 20 * M);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    assert_true(is_taken(&f));
    flow_end(&f);
}

/* However a silence goes: at its end, by a person's word, by other matchers; while another covers it, nothing. */
static void R152_the_last_silence_that_covers_it_counts(void **state)
{
    enum { ENDS, TAKEN_BACK, OTHER_MATCHERS, WAYS };
    (void)state;
    for (int way = 0; way < WAYS; way++) {
        struct flow f;
        begin_taken(&f, slow);
        silence(&f, "alertname=CpuHigh", 4 * M);
        silence_id last = silence(&f, "service=web, alertname!=Slow", 8 * M);
        flow_fire(&f, cpu);
        flow_until(&f, 6 * M); /* the first is over */
        assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
        if (way == TAKEN_BACK) unsilence(&f, last);
        if (way == OTHER_MATCHERS)
            flow_act(&f, (struct act){ .kind = ACT_SILENCE,
                                       .silence = last,
                                       .matchers = S("alertname=Other"),
                                       .ends = f.wall + M });
        if (way == ENDS) flow_until(&f, 9 * M - 1);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), way != ENDS);
        flow_until(&f, 9 * M);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
        flow_end(&f);
    }
}

static void R152_a_longer_silence_goes_on_hushing(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence_id id = silence(&f, "alertname=CpuHigh", 4 * M);
    flow_fire(&f, cpu);
    flow_act(&f, (struct act){ .kind = ACT_SILENCE,
                               .silence = id,
                               .matchers = S("alertname=CpuHigh"),
                               .ends = FLOW_WALL + 8 * M });
    flow_until(&f, 8 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_until(&f, 8 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    flow_end(&f);
}

static void R150_resolved_in_the_silence_it_is_told_when_it_fires_again(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=DiskFull", 8 * M);
    flow_fire(&f, disk);
    flow_resolve(&f, disk);
    flow_fire(&f, disk);
    flow_resolve(&f, disk);
    flow_until(&f, 10 * M);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    flow_fire(&f, disk);
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    flow_end(&f);
}

static void R150_what_expired_in_the_silence_is_told_at_its_end(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=CpuHigh", 8 * M);
    struct signal once = flow_signal(&f, cpu, 2 * M);
    flow_send(&f, "script", &once, 1);
    flow_until(&f, 9 * M - 1);
    assert_int_equal(flow_said(&f, 1, ENTRY_ALERT_EXPIRED), 1);
    assert_true(is_taken(&f));
    flow_until(&f, 9 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    flow_end(&f);
}

/* One event, whichever way its alerts are sorted: only what is loud speaks. */
static void R152_the_order_within_one_message_does_not_matter(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct flow f;
        begin_taken(&f, slow);
        silence(&f, "alertname=DiskFull", HOUR);
        flow_resolve(&f, slow); /* nothing is loud for the moment, and nothing is held: all is resolved */
        struct signal v[2] = { flow_signal(&f, first == 0 ? disk : cpu, HOUR),
                               flow_signal(&f, first == 0 ? cpu : disk, HOUR) };
        flow_send(&f, "prom", v, 2);
        assert_int_equal(flow_incident(&f, 1)->severity, 3);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, NULL), 0);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
        flow_end(&f);
    }
}

static void R152_what_fires_and_ends_in_one_message_is_covered_too(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "alertname=DiskFull", HOUR);
    for (int k = 0; k < 2; k++) { /* opens it; opens it again */
        struct signal v[] = { flow_signal(&f, disk, HOUR), flow_signal(&f, disk, -1) };
        flow_send(&f, "prom", v, 2);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
        assert_true(flow_incident(&f, 1)->held_at != 0);
        flow_until(&f, (k + 1) * 20 * M);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    }
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    flow_end(&f);
}

static void R152_a_heartbeat_missed_and_back_in_one_message_is_covered_too(void **state)
{
    static const char beat[] = "alertname=Watchdog severity=none service=shop";
    struct flow f;
    (void)state;
    flow_begin(&f);
    struct signal v[] = { flow_signal(&f, beat, -1), flow_signal(&f, beat, HOUR) };
    flow_send(&f, "prom", v + 1, 1);
    flow_until(&f, M);
    flow_send(&f, "prom", v + 1, 1); /* heard twice: waited for */
    flow_send(&f, "prom", v, 1); /* missed: an incident */
    const size_t pages = flow_pages(&f, 1, 0, NULL);
    assert_true(pages > 0);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_send(&f, "prom", v + 1, 1); /* back: over in five minutes */
    flow_until(&f, 20 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    silence(&f, "alertname=Watchdog", HOUR);
    flow_send(&f, "prom", v, 2);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), pages);
    flow_end(&f);
}

/* --- declared, recovered, resolved --- */

static void declare(struct flow *f)
{
    flow_act(f, (struct act){ .kind = ACT_DECLARE, .incident = 1, .text = S("it is real") });
    assert_int_equal(f->reply.code, 0);
}

static void R150_what_comes_back_silenced_to_a_recovered_incident_is_told_at_the_end(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    declare(&f); /* by a person: it is never held */
    flow_resolve(&f, slow);
    flow_until(&f, 12 * M);
    assert_true(flow_incident(&f, 1)->recovered_at != 0);
    silence(&f, "alertname=Slow", 10 * M);
    flow_fire(&f, slow);
    assert_int_equal(flow_incident(&f, 1)->recovered_at, 0);
    flow_until(&f, 22 * M - 1);
    assert_true(is_taken(&f));
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, NULL), 0);
    flow_until(&f, 22 * M);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    flow_end(&f);
}

static void R150_what_comes_back_unsilenced_beside_a_silenced_one_is_told_at_once(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, slow);
    flow_fire(&f, cpu);
    flow_until(&f, 1 * M);
    acknowledge(&f);
    declare(&f);
    flow_resolve(&f, slow);
    flow_resolve(&f, cpu);
    flow_until(&f, 12 * M);
    assert_true(flow_incident(&f, 1)->recovered_at != 0);
    silence(&f, "alertname=Slow", HOUR);
    struct signal v[] = { flow_signal(&f, slow, HOUR), flow_signal(&f, cpu, HOUR) };
    flow_send(&f, "prom", v, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RESUMED, "ada"), 1);
    flow_end(&f);
}

/* A flapping incident is not held at once (each release would page anew): what is silenced is quiet all the same. */
static void R155_while_it_flaps_what_is_silenced_does_not_ring(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    f.routing.declare_every_alert = true;
    flow_fire(&f, slow);
    acknowledge(&f);
    for (int k = 0; k < 2; k++) {
        flow_until(&f, (k + 1) * M);
        flow_resolve(&f, slow);
        flow_fire(&f, slow);
    }
    assert_int_equal(flow_said(&f, 1, ENTRY_FLAPPING), 1);
    silence(&f, "alertname=~\"DiskFull|CpuHigh\"", HOUR);
    flow_resolve(&f, slow);
    flow_fire(&f, disk); /* all that fires is silenced */
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_true(is_taken(&f));
    assert_int_equal(flow_incident(&f, 1)->severity, 3);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_fire(&f, "alertname=Other service=web severity=warning"); /* and what is not silenced is told */
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_NEW_ALERT, "ada"), 1);
    flow_end(&f);
}

static void R152_what_comes_back_silenced_does_not_reopen_what_a_person_declared_and_resolved(void **state)
{
    static const struct {
        int64_t resumes; /* the silence ends so long after the resolution */
        incident_id pages;
    } rows[] = { { 20 * M, 1 }, { 40 * M, 2 } };
    (void)state;
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
        struct flow f;
        begin_taken(&f, slow);
        declare(&f);
        flow_resolve(&f, slow);
        flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1, .text = S("done") });
        silence(&f, "alertname=Slow", rows[k].resumes);
        flow_until(&f, 2 * M);
        flow_fire(&f, slow);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
        flow_until(&f, rows[k].resumes + 1 * M - 1);
        assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
        flow_until(&f, rows[k].resumes + 1 * M);
        assert_int_equal(flow_pages(&f, 1, 0, NULL), rows[k].pages == 1 ? 2 : 1);
        if (rows[k].pages == 2) assert_int_equal(flow_pages(&f, 2, PAGE_REASON_FIRST, "ada"), 1);
        flow_end(&f);
    }
}

static void R152_a_persons_resolution_covers_what_is_silenced(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "alertname=DiskFull", 8 * M);
    flow_fire(&f, disk);
    flow_act(&f, (struct act){ .kind = ACT_RESOLVE, .incident = 1, .text = S("known") });
    flow_until(&f, 12 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_act(&f, (struct act){ .kind = ACT_REOPEN, .incident = 1, .text = S("not yet") }); /* nothing is hidden then */
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    flow_end(&f);
}

/* What was held brings its silence along. */
static void R152_merged_into_a_loud_incident_it_is_told_when_its_silence_is_over(void **state)
{
    struct flow f;
    (void)state;
    begin_taken(&f, slow);
    silence(&f, "service=shop", 8 * M);
    flow_fire(&f, "alertname=CartEmpty service=shop severity=critical");
    assert_true(flow_incident(&f, 2)->held_at != 0);
    flow_act(&f, (struct act){ .kind = ACT_MERGE, .incident = 2, .into = 1 });
    assert_int_equal(f.reply.code, 0);
    assert_true(is_taken(&f));
    flow_until(&f, 9 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 1);
    flow_until(&f, 9 * M);
    assert_int_equal(flow_incident(&f, 1)->severity, 2);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_WORSE_ALERT, "ada"), 1);
    flow_end(&f);
}

/* The other way round: what is loud and merged into a held incident rings there. */
static void R152_what_is_loud_and_merged_into_a_held_incident_rings(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=shop", 8 * M);
    flow_fire(&f, "alertname=CartEmpty service=shop severity=critical");
    flow_fire(&f, slow);
    assert_true(flow_incident(&f, 1)->held_at != 0);
    flow_act(&f, (struct act){ .kind = ACT_MERGE, .incident = 2, .into = 1 });
    assert_int_equal(f.reply.code, 0);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_RELEASED, "ada"), 1);
    flow_end(&f);
}

/* However many alerts of it a silence covers, an incident says once that it is held. */
static void R152_a_held_incident_says_so_once(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    silence(&f, "service=shop", 20 * M);
    flow_fire(&f, "alertname=CartEmpty service=shop severity=critical");
    flow_fire(&f, "alertname=CartSlow service=shop severity=critical");
    silence(&f, "service=shop", 30 * M);
    flow_until(&f, 25 * M); /* the other silence goes on holding it */
    assert_int_equal(flow_said(&f, 1, ENTRY_HELD), 1);
    assert_int_equal(flow_said(&f, 1, ENTRY_RELEASED), 0);
    assert_int_equal(flow_pages(&f, 1, 0, NULL), 0);
    flow_end(&f);
}

/* What fell silent in a silence. */
static void R156_a_missed_heartbeat_is_told_when_its_silence_is_over(void **state)
{
    static const char beat[] = "alertname=Watchdog instance=h1 service=web";
    struct flow f;
    (void)state;
    flow_begin(&f);
    for (int k = 0; k < 3; k++) {
        struct signal v[] = { flow_signal(&f, beat, 4 * M), flow_signal(&f, slow, HOUR) };
        flow_send(&f, "prom", v, 2);
        flow_until(&f, (k + 1) * M);
    }
    silence(&f, "alertname=Watchdog", 20 * M);
    flow_until(&f, 20 * M);
    assert_true(flow_incident(&f, 2)->held_at != 0);
    flow_until(&f, 23 * M);
    assert_int_equal(flow_pages(&f, 2, PAGE_REASON_RELEASED, "ada"), 1);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R148_what_is_graver_raises_and_rings_when_its_silence_is_over),
        cmocka_unit_test(R148_a_persons_severity_stands_and_what_is_graver_rings),
        cmocka_unit_test(R151_a_new_name_is_told_when_its_silence_is_over),
        cmocka_unit_test(R151_a_name_that_was_hidden_is_new_for_one_that_is_not_silenced),
        cmocka_unit_test(R152_what_was_told_before_the_silence_is_not_told_again),
        cmocka_unit_test(R152_the_last_silence_that_covers_it_counts),
        cmocka_unit_test(R152_a_longer_silence_goes_on_hushing),
        cmocka_unit_test(R150_resolved_in_the_silence_it_is_told_when_it_fires_again),
        cmocka_unit_test(R150_what_expired_in_the_silence_is_told_at_its_end),
        cmocka_unit_test(R152_the_order_within_one_message_does_not_matter),
        cmocka_unit_test(R152_what_fires_and_ends_in_one_message_is_covered_too),
        cmocka_unit_test(R152_a_heartbeat_missed_and_back_in_one_message_is_covered_too),
        cmocka_unit_test(R150_what_comes_back_silenced_to_a_recovered_incident_is_told_at_the_end),
        cmocka_unit_test(R150_what_comes_back_unsilenced_beside_a_silenced_one_is_told_at_once),
        cmocka_unit_test(R155_while_it_flaps_what_is_silenced_does_not_ring),
        cmocka_unit_test(R152_what_comes_back_silenced_does_not_reopen_what_a_person_declared_and_resolved),
        cmocka_unit_test(R152_a_persons_resolution_covers_what_is_silenced),
        cmocka_unit_test(R152_merged_into_a_loud_incident_it_is_told_when_its_silence_is_over),
        cmocka_unit_test(R152_what_is_loud_and_merged_into_a_held_incident_rings),
        cmocka_unit_test(R152_a_held_incident_says_so_once),
        cmocka_unit_test(R156_a_missed_heartbeat_is_told_when_its_silence_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
