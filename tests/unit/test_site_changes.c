/* test_site_changes.c - what becomes of messages whose channel, contact or person a reload of the site takes away. */
#include "core_kit.h"

#include "base/check.h"
#include "core/delivery.h"
#include "core/page.h"
#include "core/world_parts.h"

static struct kit k;

static const struct channel renamed[] = {
    { .id = { "calls", 5 }, .kind = { "phone", 5 }, .wakes = true },
    { .id = { "post", 4 }, .kind = { "mail", 4 } },
};
static const struct contact mail_only[] = { { { "mail", 4 }, { "ada@x", 5 }, 0 } };

static int set_up(void **state)
{
    (void)state;
    kit_open(&k);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_close(&k);
    return 0;
}

static void no_credit(const char *channel)
{
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { slice_of(channel), -100 } });
}

static void credit(const char *channel)
{
    kit_step(&k, (struct event){ .kind = EVENT_CREDIT, .credit = { slice_of(channel), 1 } });
}

/* What the step sent, as "kind by channel"; one message. */
static void expect_sent(const char *kind, const char *channel)
{
    assert_int_equal(k.fx.sends.n, 1);
    const struct delivery *d = delivery_get(k.w, k.fx.sends.v[0].delivery);
    assert_true(slice_eq(world_text(k.w, d->kind), slice_of(kind)));
    assert_true(slice_eq(world_text(k.w, d->channel), slice_of(channel)));
}

/* The step of a timer that is due now. */
static void turn(void)
{
    struct timer_key key;
    assert_true(world_due_timer(k.w, k.at, &key));
    kit_step(&k, (struct event){ .kind = EVENT_TIMER, .timer = key });
}

static void reload(void)
{
    kit_step(&k, (struct event){ .kind = EVENT_SITE, .site = &k.d });
}

/* P2: the call waits for its channel, which has another name now: it goes there. */
static void channel_is_renamed(void **state)
{
    (void)state;
    no_credit("voice");
    kit_alert(&k, "Down", "critical");
    assert_int_equal(k.fx.sends.n, 0);
    k.d.channels = renamed;
    reload();
    turn();
    credit("voice");
    assert_int_equal(k.fx.sends.n, 0);
    credit("calls");
    expect_sent("phone", "calls");
}

/* P2: the same while Tocsin did not run. */
static void channel_is_renamed_over_a_restart(void **state)
{
    (void)state;
    no_credit("voice");
    kit_alert(&k, "Down", "critical");
    k.d.channels = renamed;
    k.w->directory = &k.d;
    kit_step(&k, (struct event){ .kind = EVENT_START, .start = { k.at, k.wall } });
    turn();
    credit("calls");
    expect_sent("phone", "calls");
}

/* P5: nothing carries calls any more: the mail leaves at once, not when a minute is over. */
static void channel_is_removed(void **state)
{
    (void)state;
    no_credit("voice");
    kit_alert(&k, "Down", "critical");
    k.d.channels = renamed + 1;
    k.d.n_channels = 1;
    reload();
    turn();
    expect_sent("mail", "post");
}

/* P2: an attempt that is to be repeated finds its channel gone when its turn comes. */
static void channel_is_removed_between_attempts(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_result(&k, k.fx.sends.v[0], OUTCOME_NOT_SENT);
    assert_int_equal(k.fx.sends.n, 0);
    k.d.channels = renamed;
    reload();
    credit("calls");
    kit_until(&k, 2 * SECOND);
    assert_int_equal(delivery_get(k.w, 1)->attempts, 2);
    assert_true(slice_eq(world_text(k.w, delivery_get(k.w, 1)->channel), S("calls")));
}

/* I20, P2: the number is deleted while its call is under way, and the call does not get through: the mail, at once, and
 * the page has not failed. */
static void contact_is_removed_in_flight(void **state)
{
    static const enum outcome outcomes[] = { OUTCOME_NOT_SENT, OUTCOME_UNCERTAIN, OUTCOME_REFUSED };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        if (i > 0) {
            kit_close(&k);
            kit_open(&k);
        }
        kit_alert(&k, "Down", "critical");
        const struct send call = k.fx.sends.v[0];
        k.people[ADA].contacts = mail_only;
        k.people[ADA].n_contacts = 1;
        reload();
        kit_result(&k, call, outcomes[i]);
        expect_sent("mail", "post");
        assert_int_equal(page_get(k.w, 1)->state, PAGE_STATE_OPEN);
        assert_int_equal(kit_pages(&k, JOAN), 0);
    }
}

/* As a rule in the middle of a step says it. */
static void alarm(const char *what)
{
    const struct event now = { .kind = EVENT_TIMER, .at = k.at, .wall = k.wall };
    k.w->ev = &now;
    k.w->fx = &k.fx;
    paging_alarm(k.w, 1, slice_of(what));
    k.w->ev = NULL;
}

static size_t alarms_of(const char *what)
{
    size_t n = 0;
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(k.w, ROW_DELIVERY, &at)) != NULL;)
        n += d->purpose == PURPOSE_ALARM && slice_eq(world_text(k.w, d->note), slice_of(what));
    return n;
}

/* P5: that something else is wrong is said although an alarm of the same incident left a minute before; the same is
 * not. */
static void another_alarm_within_five_minutes(void **state)
{
    (void)state;
    kit_alert(&k, "Down", "critical");
    kit_act(&k, ACT_ACKNOWLEDGE, "joan", 1, "");
    alarm("a notification reached nobody");
    const size_t once = alarms_of("a notification reached nobody");
    assert_true(once > 0);
    alarm("a notification reached nobody");
    assert_int_equal(alarms_of("a notification reached nobody"), once);
    alarm("nobody is left to page");
    assert_int_equal(alarms_of("nobody is left to page"), once);
    alarm("a notification reached nobody");
    assert_int_equal(alarms_of("a notification reached nobody"), once);
}

int main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest rows[] = {
        ROW(channel_is_renamed),
        ROW(channel_is_renamed_over_a_restart),
        ROW(channel_is_removed),
        ROW(channel_is_removed_between_attempts),
        ROW(contact_is_removed_in_flight),
        ROW(another_alarm_within_five_minutes),
    };
    return cmocka_run_group_tests(rows, NULL, NULL);
}
