/* test_rotation.c - turns in every zone: no gap, no overlap, no drift of the local hand-off (R139, I15, I16).
 * Not here: local time itself (test_zone.c), overrides. */
#include "harness.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "base/zone.h"
#include "core/ids.h"
#include "core/schedule.h"

#define ZONES "/usr/share/zoneinfo"

static struct zone *zone_read(const char *path)
{
    static char room[1 << 18];
    FILE *file = fopen(path, "rb");
    size_t n = file != NULL ? fread(room, 1, sizeof room, file) : 0;

    if (file != NULL) fclose(file);
    return n < 4 || memcmp(room, "TZif", 4) != 0 ? NULL : zone_parse((struct slice){ room, n }, NULL);
}

static int64_t utc_ms(const char *text)
{
    int64_t ms = 0;

    assert_int_equal(civil_parse_rfc3339(slice_of(text), &ms, NULL), 0);
    return ms;
}

static const int three[] = { 7, 8, 9 };

/* Monday 2026-01-05 is day 20458. */
static struct rotation rotation_of(enum rotation_period period, const struct zone *zone, int minute)
{
    return (struct rotation){ .period = period,
                              .every = 1,
                              .minute_of_day = minute,
                              .anchor_day = 20458,
                              .zone = zone,
                              .people = three,
                              .n_people = COUNT_OF(three) };
}

static void a_turn_begins_at_the_local_handoff(void **state)
{
    static const struct {
        const char *what;
        enum rotation_period period;
        int minute;
        const char *at;
        int64_t turn;
        const char *since, *until;
    } rows[] = {
        { "the first turn's first instant", ROTATION_WEEKLY, 540, "2026-01-05T08:00:00Z", 0, "2026-01-05T08:00:00Z",
          "2026-01-12T08:00:00Z" },
        { "a millisecond before it", ROTATION_WEEKLY, 540, "2026-01-05T07:59:59.999Z", -1, "2025-12-29T08:00:00Z",
          "2026-01-05T08:00:00Z" },
        { "the week the clocks go forward is an hour short", ROTATION_WEEKLY, 540, "2026-03-29T12:00:00Z", 11,
          "2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z" },
        { "the week they go back is an hour long", ROTATION_WEEKLY, 540, "2026-10-25T12:00:00Z", 41,
          "2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z" },
        { "02:30 is skipped on 29 March: the first valid instant", ROTATION_DAILY, 150, "2026-03-29T01:00:00Z", 83,
          "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z" },
        { "02:30 comes twice on 25 October: the first one", ROTATION_DAILY, 150, "2026-10-25T00:30:00Z", 293,
          "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z" },
        { "the second 02:30 hands nothing off", ROTATION_DAILY, 150, "2026-10-25T01:30:00Z", 293,
          "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z" },
        { "a month from the 5th to the 5th", ROTATION_MONTHLY, 540, "2026-02-05T08:00:00Z", 1, "2026-02-05T08:00:00Z",
          "2026-03-05T08:00:00Z" },
        { "long before the anchor", ROTATION_WEEKLY, 540, "1999-12-31T23:00:00Z", -1358, "1999-12-27T08:00:00Z",
          "2000-01-03T08:00:00Z" },
        { "hours are local hours", ROTATION_HOURLY, 0, "2026-01-05T00:30:00Z", 1, "2026-01-05T00:00:00Z",
          "2026-01-05T01:00:00Z" },
    };
    struct zone *berlin = zone_read(ZONES "/Europe/Berlin");

    (void)state;
    assert_non_null(berlin);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rotation r = rotation_of(rows[i].period, berlin, rows[i].minute);
        int64_t since, until, turn = rotation_turn_at(&r, utc_ms(rows[i].at), &since, &until);

        if (turn != rows[i].turn || since != utc_ms(rows[i].since) || until != utc_ms(rows[i].until))
            fail_msg("%s: turn %lld, %lld to %lld", rows[i].what, (long long)turn, (long long)since, (long long)until);
    }
    zone_destroy(&berlin);
}

/* A 31st that a month does not have becomes its last day, and the 31st again afterwards. */
static void the_31st_does_not_drift(void **state)
{
    static const char *const days[] = { "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31" };
    struct zone *zone = zone_create_utc();
    struct rotation r = rotation_of(ROTATION_MONTHLY, zone, 0);

    (void)state;
    r.anchor_day = civil_days(2026, 1, 31);
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        char text[40];
        int64_t since, until;

        snprintf(text, sizeof text, "%sT12:00:00Z", days[i]);
        assert_int_equal(rotation_turn_at(&r, utc_ms(text), &since, &until), (int64_t)i);
        assert_int_equal(since, utc_ms(text) - 12 * HOUR);
    }
    zone_destroy(&zone);
}

static void every_nth_period_is_one_turn(void **state)
{
    struct zone *zone = zone_create_utc();
    struct rotation r = rotation_of(ROTATION_WEEKLY, zone, 540);
    int64_t since, until;

    (void)state;
    r.every = 2;
    assert_int_equal(rotation_turn_at(&r, utc_ms("2026-01-19T08:59:59Z"), &since, &until), 0);
    assert_int_equal(rotation_turn_at(&r, utc_ms("2026-01-19T09:00:00Z"), &since, &until), 1);
    assert_int_equal(until - since, 14 * DAY);
    zone_destroy(&zone);
}

static void the_end_of_time_has_a_turn_too(void **state)
{
    static const int64_t walls[] = { INT64_MIN, INT64_MAX, -62135596800000, 253402300799999, 0 };
    struct zone *zone = zone_read(ZONES "/Europe/Berlin");
    int64_t since, until;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(walls); i++) {
        struct rotation r = rotation_of(ROTATION_MONTHLY, zone, 540);

        rotation_turn_at(&r, walls[i], &since, &until);
        assert_true(since < until);
    }
    zone_destroy(&zone);
}

static void people_take_turns_in_order(void **state)
{
    static const struct {
        const char *at;
        int person;
    } rows[] = {
        { "2026-01-04T00:00:00Z", 9 }, { "2026-01-05T09:00:00Z", 7 }, { "2026-01-12T09:00:00Z", 8 },
        { "2026-01-19T09:00:00Z", 9 }, { "2026-01-26T09:00:00Z", 7 }, { "2025-12-22T09:00:00Z", 8 },
    };
    struct zone *zone = zone_create_utc();
    struct schedule s = { .rotation = rotation_of(ROTATION_WEEKLY, zone, 540) };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct on_call on = schedule_on_call_at(&s, utc_ms(rows[i].at));

        assert_int_equal(on.n, 1);
        assert_int_equal(on.people[0], rows[i].person);
    }
    zone_destroy(&zone);
}

static void a_fixed_schedule_never_hands_off(void **state)
{
    struct schedule s = { .fixed = true, .rotation = { .people = three, .n_people = COUNT_OF(three) } };
    struct on_call on = schedule_on_call_at(&s, 0);

    (void)state;
    assert_int_equal(on.n, 3);
    assert_ptr_equal(on.people, three);
    assert_true(on.since == INT64_MIN && on.until == INT64_MAX);
}

/* Does `since` show the hand-off's time of day, or end the skipped span that holds it? */
static bool handoff_is_local(const struct rotation *r, int64_t since_s, int unit_min)
{
    struct civil now = zone_to_local(r->zone, since_s), before = zone_to_local(r->zone, since_s - 1);
    int64_t shown = civil_seconds(now), shown_before = civil_seconds(before), nominal;
    int64_t minute_s = INT64_C(60) * (r->minute_of_day % unit_min), unit_s = INT64_C(60) * unit_min;

    /* The last reading of the face at or before `shown` at which a hand-off is due. */
    nominal = shown - ((shown - minute_s) % unit_s + unit_s) % unit_s;
    return shown == nominal || (shown > shown_before + 1 && nominal > shown_before);
}

/* Did the clocks show this reading once before, less than a day ago? Then the hand-off was then. */
static bool handoff_is_second(const struct zone *z, int64_t since_s)
{
    int64_t change;

    if (!zone_next_change(z, since_s - CIVIL_DAY_S, &change) || change > since_s) return false;
    struct zone_local old, new;

    zone_offset_at(z, change - 1, &old);
    zone_offset_at(z, since_s, &new);
    return old.offset_s > new.offset_s &&since_s - (old.offset_s - new.offset_s) <
               change &&since_s - (old.offset_s - new.offset_s) >=
               change - CIVIL_DAY_S &&civil_seconds(zone_to_local(z, since_s - (old.offset_s - new.offset_s))) ==
           civil_seconds(zone_to_local(z, since_s));
}

static size_t zones_seen, turns_seen;

static void turns_walk(const char *path, const struct rotation *r, const char *from, const char *to, int unit_min)
{
    int64_t end = utc_ms(to), since, until, turn, at = utc_ms(from);

    for (turn = rotation_turn_at(r, at, &since, &until); until < end; turns_seen++) {
        int64_t next_since, next_until, next = rotation_turn_at(r, until, &next_since, &next_until);

        if (next <= turn || next_since != until || next_until <= next_since)
            fail_msg("%s: turn %lld ends at %lld, turn %lld begins at %lld", path, (long long)turn, (long long)until,
                     (long long)next, (long long)next_since);
        if (rotation_turn_at(r, until - 1, &since, &next_since) != turn)
            fail_msg("%s: turn %lld does not hold until its end", path, (long long)turn);
        if (!handoff_is_local(r, until / 1000, unit_min)) fail_msg("%s: drift at %lld", path, (long long)until);
        if (handoff_is_second(r->zone, until / 1000)) fail_msg("%s: doubled at %lld", path, (long long)until);
        turn = next;
        until = next_until;
    }
}

static int zone_walk(const char *path, const struct stat *st, int type, struct FTW *where)
{
    static const struct {
        enum rotation_period period;
        int minute, unit_min;
        const char *from, *to;
    } rows[] = {
        { ROTATION_WEEKLY, 540, 1440, "2010-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
        { ROTATION_WEEKLY, 150, 1440, "2010-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
        { ROTATION_DAILY, 150, 1440, "2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
        { ROTATION_DAILY, 0, 1440, "2010-12-01T00:00:00Z", "2012-02-01T00:00:00Z" }, /* Samoa skips a day */
        { ROTATION_MONTHLY, 0, 1440, "2010-01-01T00:00:00Z", "2030-01-01T00:00:00Z" },
        { ROTATION_HOURLY, 15, 60, "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z" },
        { ROTATION_HOURLY, 15, 60, "2026-10-01T00:00:00Z", "2026-11-15T00:00:00Z" },
    };
    struct zone *zone;

    (void)st;
    (void)where;
    if (type != FTW_F || strstr(path, "/posix/") != NULL || strstr(path, "/right/") != NULL) return 0;
    if ((zone = zone_read(path)) == NULL) return 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rotation r = rotation_of(rows[i].period, zone, rows[i].minute);

        turns_walk(path, &r, rows[i].from, rows[i].to, rows[i].unit_min);
    }
    zones_seen++;
    zone_destroy(&zone);
    return 0;
}

static void turns_follow_each_other_in_every_zone(void **state)
{
    (void)state;
    assert_int_equal(nftw(ZONES, zone_walk, 16, FTW_PHYS), 0);
    assert_true(zones_seen > 300);
    print_message("# %zu zones, %zu turns\n", zones_seen, turns_seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_begins_at_the_local_handoff),
        cmocka_unit_test(the_31st_does_not_drift),
        cmocka_unit_test(every_nth_period_is_one_turn),
        cmocka_unit_test(the_end_of_time_has_a_turn_too),
        cmocka_unit_test(people_take_turns_in_order),
        cmocka_unit_test(a_fixed_schedule_never_hands_off),
        cmocka_unit_test(turns_follow_each_other_in_every_zone),
    };

    return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
