/* tzrule.c - reads POSIX TZ strings and places their rules in a year. */
#include "base/tzrule.h"

#include "base/civil.h"

#define HOUR_S 3600
#define DEFAULT_CHANGE_S (2 * HOUR_S)

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "CET" or "<+0330>": at least three characters. */
static bool cut_name(struct slice *s, struct slice *name)
{
    size_t n = 0;
    if (slice_cut_prefix(s, S("<"))) {
        n = slice_find_char(*s, '>');
        if (n == s->n) return false;
        *name = slice_upto(*s, n);
        *s = slice_from(*s, n + 1);
    } else {
        while (n < s->n && is_letter(s->p[n])) n++;
        *name = slice_upto(*s, n);
        *s = slice_from(*s, n);
    }
    return n >= 3;
}

/* [+-]h[hh][:mm[:ss]] in seconds. */
static bool cut_time(struct slice *s, int64_t most_hours, int32_t *seconds)
{
    int64_t part[3] = { 0 };
    bool negative = slice_cut_prefix(s, S("-"));
    if (!negative) slice_cut_prefix(s, S("+"));
    if (!slice_cut_uint(s, &part[0])) return false;
    for (int i = 1; i < 3 && slice_cut_prefix(s, S(":")); i++)
        if (!slice_cut_uint(s, &part[i])) return false;
    if (part[0] > most_hours || part[1] > 59 || part[2] > 59) return false;
    int64_t total = part[0] * HOUR_S + part[1] * 60 + part[2];
    *seconds = (int32_t)(negative ? -total : total);
    return true;
}

static bool cut_number(struct slice *s, int64_t least, int64_t most, int32_t *value)
{
    int64_t v;
    if (!slice_cut_uint(s, &v) || v < least || v > most) return false;
    *value = (int32_t)v;
    return true;
}

static bool cut_date(struct slice *s, struct tz_day *d)
{
    if (slice_cut_prefix(s, S("J"))) {
        d->form = TZ_DAY_JULIAN;
        return cut_number(s, 1, 365, &d->day);
    }
    if (slice_cut_prefix(s, S("M"))) {
        d->form = TZ_DAY_WEEK;
        return cut_number(s, 1, 12, &d->month) && slice_cut_prefix(s, S(".")) && cut_number(s, 1, 5, &d->week) &&
               slice_cut_prefix(s, S(".")) && cut_number(s, 0, 6, &d->day);
    }
    d->form = TZ_DAY_ORDINAL;
    return cut_number(s, 0, 365, &d->day);
}

static bool cut_day(struct slice *s, struct tz_day *d)
{
    d->time_s = DEFAULT_CHANGE_S;
    if (!slice_cut_prefix(s, S(",")) || !cut_date(s, d)) return false;
    return !slice_cut_prefix(s, S("/")) || cut_time(s, 167, &d->time_s);
}

static bool parse(struct slice s, struct tz_rule *r)
{
    int32_t west;
    if (!cut_name(&s, &r->std_name) || !cut_time(&s, 24, &west)) return false;
    r->std_offset_s = -west;
    if (s.n == 0) return true;
    r->has_dst = true;
    r->dst_offset_s = r->std_offset_s + HOUR_S;
    if (!cut_name(&s, &r->dst_name)) return false;
    if (s.n > 0 && s.p[0] != ',') {
        if (!cut_time(&s, 24, &west)) return false;
        r->dst_offset_s = -west;
    }
    return cut_day(&s, &r->start) && cut_day(&s, &r->end) && s.n == 0;
}

int tz_rule_parse(struct slice text, struct tz_rule *out, struct error *e)
{
    *out = (struct tz_rule){ 0 };
    if (parse(text, out)) return 0;
    struct slice shown = slice_upto(text, 64);
    return fail(e, ERR_SYNTAX, "\"%.*s\" is not a POSIX TZ string like CET-1CEST,M3.5.0,M10.5.0/3", (int)shown.n,
                shown.p == NULL ? "" : shown.p);
}

static bool is_leap(int64_t year)
{
    return civil_month_days(year, 2) == 29;
}

/* The weekday's nth (or last) appearance in the month, as days since 1970-01-01. */
static int64_t nth_weekday(const struct tz_day *d, int64_t year)
{
    int64_t first = civil_days(year, d->month, 1);
    int64_t sunday_based = civil_weekday(first) % 7;
    int64_t day = first + (d->day - sunday_based + 7) % 7 + (d->week - 1) * 7;
    int64_t next_month = civil_days(year, d->month + 1, 1);
    while (day >= next_month) day -= 7;
    return day;
}

static int64_t days_of(const struct tz_day *d, int64_t year)
{
    int64_t new_year = civil_days(year, 1, 1);
    switch (d->form) {
    case TZ_DAY_UNSET: break;
    case TZ_DAY_JULIAN: return new_year + d->day - 1 + (d->day >= 60 && is_leap(year));
    case TZ_DAY_ORDINAL: return new_year + d->day;
    case TZ_DAY_WEEK: return nth_weekday(d, year);
    }
    return new_year;
}

int64_t tz_rule_start(const struct tz_rule *r, int64_t year)
{
    return days_of(&r->start, year) * CIVIL_DAY_S + r->start.time_s - r->std_offset_s;
}

int64_t tz_rule_end(const struct tz_rule *r, int64_t year)
{
    return days_of(&r->end, year) * CIVIL_DAY_S + r->end.time_s - r->dst_offset_s;
}
