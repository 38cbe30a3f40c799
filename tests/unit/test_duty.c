/* test_duty.c - whoever has it is asked whether they still do, whatever is snoozed waits, and what is quiet rings in
 * the morning (R43, R147, A50). The world begins on a Monday at 03:00; the working day at 09:00. */
#include "flow.h"

#define M MINUTE

static const char web[] = "alertname=Down service=web severity=critical",
                  typo[] = "alertname=Typo service=web severity=ticket";

/* --- still on it? (R147) --- */

/* A quiet one is asked about on the next working morning, an hour later again, and lapses another hour later. */
static void R147_a_quiet_incident_is_asked_about_in_the_morning(void **state)
{
    static const struct {
        int64_t at;
        size_t asked, lapsed;
    } rows[] = { { 6 * HOUR - 1, 0, 0 }, { 6 * HOUR, 1, 0 }, { 7 * HOUR - 1, 1, 0 }, { 7 * HOUR, 2, 0 },
                 { 8 * HOUR - 1, 2, 0 }, { 8 * HOUR, 2, 1 } };
    struct flow f;
    (void)state;
    flow_begin(&f); /* 03:00 */
    struct signal s = flow_signal(&f, typo, DAY);
    flow_send(&f, "prom", &s, 1);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        flow_until(&f, rows[i].at);
        assert_int_equal(flow_said(&f, 1, ENTRY_REMINDED), rows[i].asked);
        assert_int_equal(flow_said(&f, 1, ENTRY_LAPSED), rows[i].lapsed);
    }
    flow_end(&f);
}

static size_t open_questions(struct flow *f)
{
    size_t n = 0;
    const struct page *p;
    for (size_t at = 0; (p = state_next(f->w, ROW_PAGE, &at)) != NULL;)
        n += p->reason == PAGE_REASON_STILL_ON_IT && page_is_open(p);
    return n;
}

/* Whatever its holder does is an answer: the question is over, and the next one is the first again. */
static void R147_an_act_answers_the_question(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_until(&f, HOUR);
    assert_int_equal(open_questions(&f), 1);
    flow_act(&f, (struct act){ .kind = ACT_NOTE, .incident = 1, .text = S("reading the log") });
    assert_int_equal(open_questions(&f), 0);
    assert_int_equal(flow_incident(&f, 1)->asked, 0);
    flow_until(&f, 2 * HOUR - 1);
    assert_int_equal(flow_incident(&f, 1)->asked, 0);
    flow_until(&f, 2 * HOUR);
    assert_int_equal(flow_incident(&f, 1)->asked, 1);
    flow_end(&f);
}

/* An incident that was over and fires again is another matter: its holder is asked twice from the beginning. */
static void R147_a_resolution_forgets_that_it_was_asked(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    flow_until(&f, HOUR); /* asked: 1 of 2 */
    flow_resolve(&f, web);
    flow_until(&f, HOUR + 5 * M);
    assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_RESOLVED);
    flow_until(&f, HOUR + 6 * M);
    flow_fire(&f, web); /* paged a moment ago: the acknowledgement goes on */
    flow_until(&f, 2 * HOUR + 6 * M);
    assert_int_equal(flow_incident(&f, 1)->asked, 1);
    flow_end(&f);
}

/* --- snoozed (R43) --- */

static void snooze(struct flow *f, int64_t ms)
{
    flow_act(f, (struct act){ .kind = ACT_SNOOZE, .incident = 1, .text = S("it can wait"), .ends = f->wall + ms });
    assert_int_equal(f->reply.code, 0);
}

/* A ringing incident's reminders wait for the end of its snooze. */
static void R43_nobody_is_asked_while_it_is_snoozed(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, web);
    flow_act(&f, (struct act){ .kind = ACT_ACKNOWLEDGE, .incident = 1 });
    snooze(&f, 3 * HOUR);
    flow_until(&f, 3 * HOUR - 1);
    assert_int_equal(flow_incident(&f, 1)->asked, 0);
    flow_until(&f, 3 * HOUR);
    assert_int_equal(flow_incident(&f, 1)->asked, 1);
    flow_end(&f);
}

/* Snoozed once more, its clocks wait for the later end, not for both spans. */
static void R43_a_longer_snooze_takes_the_place_of_the_first(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_fire(&f, typo); /* Joan after five minutes */
    snooze(&f, HOUR);
    flow_until(&f, 10 * M);
    snooze(&f, 2 * HOUR);
    flow_until(&f, 2 * HOUR + 15 * M - 1);
    assert_int_equal(flow_pages(&f, 1, 0, "joan"), 0);
    flow_until(&f, 2 * HOUR + 15 * M);
    assert_int_equal(flow_pages(&f, 1, 0, "joan"), 1);
    flow_end(&f);
}

/* What a silence released while it was snoozed was let go: at the end of the snooze somebody hears of it. */
static void R43_a_silence_that_ends_in_the_snooze_is_told_at_its_end(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    flow_act(&f, (struct act){ .kind = ACT_SILENCE, .matchers = S("service=\"web\""), .ends = f.wall + HOUR });
    flow_fire(&f, typo);
    snooze(&f, 2 * HOUR);
    flow_until(&f, 2 * HOUR - 1);
    assert_int_equal(flow_incident(&f, 1)->held_at, 0);
    assert_int_equal(flow_pages(&f, 1, 0, "ada"), 0);
    flow_until(&f, 2 * HOUR);
    assert_int_equal(flow_pages(&f, 1, PAGE_REASON_SNOOZE_OVER, "ada"), 1);
    flow_end(&f);
}

/* --- the morning --- */

/* A quiet incident rings in the morning if it still fires; one that nobody speaks for any more stays red, no more. */
static void A50_what_expired_in_the_night_does_not_ring_in_the_morning(void **state)
{
    static const struct {
        int64_t lasts;
        size_t pages;
    } rows[] = { { 7 * HOUR, 1 }, { HOUR, 0 } };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flow f;
        flow_begin(&f);
        struct signal s = flow_signal(&f, typo, rows[i].lasts);
        flow_send(&f, "prom", &s, 1);
        flow_until(&f, 6 * HOUR);
        assert_int_equal(flow_incident(&f, 1)->state, INCIDENT_OPEN);
        assert_int_equal(flow_pages(&f, 1, PAGE_REASON_MORNING, "ada"), rows[i].pages);
        flow_end(&f);
    }
}

/* A16, R43: what somebody has put off is not on the morning list. */
static void R43_what_is_snoozed_is_not_on_the_morning_list(void **state)
{
    struct flow f;
    (void)state;
    flow_begin(&f);
    struct signal s = flow_signal(&f, typo, DAY);
    flow_send(&f, "prom", &s, 1);
    flow_until(&f, HOUR);
    assert_int_not_equal(flow_incident(&f, 1)->exhausted_at, 0);
    snooze(&f, 9 * HOUR);
    flow_until(&f, 6 * HOUR);
    assert_int_equal(flow_said(&f, 0, ENTRY_NOTIFIED), 0);
    flow_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R147_a_quiet_incident_is_asked_about_in_the_morning),
        cmocka_unit_test(R147_an_act_answers_the_question),
        cmocka_unit_test(R147_a_resolution_forgets_that_it_was_asked),
        cmocka_unit_test(R43_nobody_is_asked_while_it_is_snoozed),
        cmocka_unit_test(R43_a_longer_snooze_takes_the_place_of_the_first),
        cmocka_unit_test(R43_a_silence_that_ends_in_the_snooze_is_told_at_its_end),
        cmocka_unit_test(A50_what_expired_in_the_night_does_not_ring_in_the_morning),
        cmocka_unit_test(R43_what_is_snoozed_is_not_on_the_morning_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
