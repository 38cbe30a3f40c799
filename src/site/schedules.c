/* schedules.c - `schedules:` weekly rotations and fixed lists.
 * Not here: who is on call now (core/schedule.c). */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/zone.h"
#include "site/loader.h"

#define ANCHOR_DEFAULT 4 /* Monday 1970-01-05, in days since 1970-01-01: the same after every restart */

struct schedule_section {
    struct schedule schedule;
    struct slice zone_name;
    bool has_handoff, has_start;
};

static void rotation_read(struct loader *l, const struct node *n, void *section)
{
    struct schedule_section *s = section;
    struct slice text;

    if (!text_read(l, n, &text)) return;
    s->schedule.fixed = false;
    s->schedule.rotation.period = ROTATION_WEEKLY;
    if (slice_eq_nocase(text, S("weekly"))) return;
    if (slice_eq_nocase(text, S("hourly")) || slice_eq_nocase(text, S("daily")) || slice_eq_nocase(text, S("monthly")))
        node_error(l, n, "`%.*s` is not in this version of Tocsin: write weekly", (int)text.n, text.p);
    else
        node_error(l, n,
                   "`%.*s` is no rotation: write weekly, or leave `rotation` and `handoff` out so that everybody "
                   "in `people` is on call always, in order",
                   (int)slice_upto(text, 40).n, text.p);
}

/* "Mon 09:00" */
static void handoff_read(struct loader *l, const struct node *n, void *section)
{
    struct schedule_section *s = section;
    struct slice text, rest, day;
    enum weekday weekday;
    int64_t hour, minute;

    s->has_handoff = true;
    if (!text_read(l, n, &text)) return;
    rest = slice_trim(text);
    day = slice_cut(&rest, ' ');
    rest = slice_trim(rest);
    if (!civil_parse_weekday(day, &weekday) || !slice_cut_uint(&rest, &hour) || !slice_cut_prefix(&rest, S(":")) ||
        rest.n != 2 || !slice_cut_uint(&rest, &minute) || rest.n != 0 || hour > 23 || minute > 59) {
        node_error(l, n, "`%.*s` is no hand-off: write a weekday and a local time, \"Mon 09:00\"",
                   (int)slice_upto(text, 40).n, text.p);
        return;
    }
    s->schedule.rotation.weekday = (int)weekday - MONDAY;
    s->schedule.rotation.minute_of_day = (int)(hour * 60 + minute);
}

static void start_read(struct loader *l, const struct node *n, void *section)
{
    struct schedule_section *s = section;
    struct slice text, rest;
    int64_t year, month, day;
    struct civil c;

    s->has_start = true;
    if (!text_read(l, n, &text)) return;
    rest = text;
    if (text.n != 10 || !slice_cut_uint(&rest, &year) || !slice_cut_prefix(&rest, S("-")) ||
        !slice_cut_uint(&rest, &month) || !slice_cut_prefix(&rest, S("-")) || !slice_cut_uint(&rest, &day) ||
        rest.n != 0)
        goto bad;
    c = (struct civil){ .year = (int32_t)year, .month = (int32_t)month, .day = (int32_t)day };
    if (!civil_is_valid(c)) goto bad;
    s->schedule.rotation.anchor_day = civil_days(year, month, day);
    return;
bad:
    node_error(l, n, "`%.*s` is no date: write 2026-01-05", (int)slice_upto(text, 40).n, text.p);
}

static void timezone_read(struct loader *l, const struct node *n, void *section)
{
    struct schedule_section *s = section;

    zone_resolve(l, n, &s->schedule.rotation.zone, &s->zone_name);
}

static void people_read(struct loader *l, const struct node *n, void *section)
{
    struct schedule_section *s = section;

    names_resolve(l, n, &l->people, &s->schedule.rotation.people, &s->schedule.rotation.n_people);
}

static const struct key schedule_keys[] = {
    { "rotation", KEY_READ, 0, rotation_read, false, "weekly; left out: everybody in `people`, in order, always." },
    { "handoff", KEY_READ, 0, handoff_read, false, "Weekday and local time of the hand-off: \"Mon 09:00\"." },
    { "timezone", KEY_READ, 0, timezone_read, false, "Zone of the hand-off; the organisation's when left out." },
    { "people", KEY_READ, 0, people_read, true, "Who takes turns, in order: [ada, joan]." },
    { "start", KEY_READ, 0, start_read, false,
      "The first person's first turn begins at the first hand-off on or after "
      "this day: 2026-01-05." },
    { "every", KEY_LATER, 0, NULL, false, "a turn is one week" },
    { "layers", KEY_LATER, 0, NULL, false, NULL },
    { "restrictions", KEY_LATER, 0, NULL, false, NULL },
    { "overrides", KEY_LATER, 0, NULL, false, NULL },
    { "ics", KEY_LATER, 0, NULL, false, NULL },
};
const struct key_table schedule_table = { "schedules.NAME", schedule_keys, COUNT_OF(schedule_keys) };

static void shape_check(struct loader *l, const struct node *n, const struct schedule_section *s)
{
    const struct node *stray = NULL;

    if (!s->schedule.fixed && !s->has_handoff) {
        problem_error(l->problems, key_place(l, n),
                      "schedules.%.*s: `handoff` is missing: a weekly rotation hands off "
                      "at a weekday and local time, \"Mon 09:00\"",
                      (int)n->key.n, n->key.p);
    }
    if (!s->schedule.fixed) return;
    if (s->has_handoff) stray = node_child(n, S("handoff"));
    if (s->has_start) stray = node_child(n, S("start"));
    if (stray != NULL)
        problem_error(l->problems, key_place(l, stray),
                      "schedules.%.*s: without `rotation: weekly` nothing is handed "
                      "off: add it, or leave `%.*s` out",
                      (int)n->key.n, n->key.p, (int)stray->key.n, stray->key.p);
}

static void schedule_read(struct loader *l, size_t i, struct schedule *out)
{
    const struct node *n = l->schedules.nodes[i];
    struct schedule_section s = { .schedule = { .id = l->schedules.v[i], .fixed = true, .line = n->key_line } };

    s.schedule.rotation = (struct rotation){ .every = 1, .anchor_day = ANCHOR_DEFAULT, .zone = l->site->dir.zone };
    section_read(l, n, &schedule_table, &s);
    shape_check(l, n, &s);
    *out = s.schedule;
}

void schedules_load(struct loader *l)
{
    struct schedule *schedules = arena_array(l->a, struct schedule, l->schedules.n + 1);

    for (size_t i = 0; i < l->schedules.n; i++) schedule_read(l, i, &schedules[i]);
    l->site->dir.schedules = schedules;
    l->site->dir.n_schedules = l->schedules.n;
}
