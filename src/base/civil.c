/* civil.c - the proleptic Gregorian calendar in integers, and RFC 3339. */
#include "base/civil.h"

#define ERA_YEARS 400
#define ERA_DAYS 146097 /* in 400 years, always */
#define EPOCH_SHIFT 719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    return a - floor_div(a, b) * b;
}

/* Years are counted from March: the leap day is then the last of its year and months need no table. */
int64_t civil_days(int64_t year, int64_t month, int64_t day)
{
    year += floor_div(month - 1, 12);
    month = floor_mod(month - 1, 12) + 1;
    if (month <= 2) year--;
    int64_t era = floor_div(year, ERA_YEARS);
    int64_t year_of_era = year - era * ERA_YEARS;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT + day - 1;
}

struct civil civil_from_days(int64_t days)
{
    days += EPOCH_SHIFT;
    int64_t era = floor_div(days, ERA_DAYS);
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct civil){
        .year = (int32_t)(year_of_era + era * ERA_YEARS + (month <= 2)),
        .month = (int32_t)month,
        .day = (int32_t)(day_of_year - (153 * from_march + 2) / 5 + 1),
    };
}

int civil_month_days(int64_t year, int month)
{
    return (int)(civil_days(year, month + 1, 1) - civil_days(year, month, 1));
}

bool civil_is_valid(struct civil c)
{
    return c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= civil_month_days(c.year, c.month) && c.hour >= 0 &&
           c.hour <= 23 && c.minute >= 0 && c.minute <= 59 && c.second >= 0 && c.second <= 59;
}

enum weekday civil_weekday(int64_t days)
{
    return (enum weekday)(floor_mod(days + 3, 7) + 1); /* 1970-01-01 was a Thursday */
}

static const char *const weekday_names[] = {
    [MONDAY] = "monday", [TUESDAY] = "tuesday",   [WEDNESDAY] = "wednesday", [THURSDAY] = "thursday",
    [FRIDAY] = "friday", [SATURDAY] = "saturday", [SUNDAY] = "sunday",
};

struct slice civil_weekday_name(enum weekday d)
{
    static const char *const shorts[] = { "", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    return slice_of(d >= MONDAY && d <= SUNDAY ? shorts[d] : "");
}

bool civil_parse_weekday(struct slice s, enum weekday *d)
{
    for (int i = MONDAY; i <= SUNDAY; i++) {
        struct slice name = slice_of(weekday_names[i]);
        if (!slice_eq_nocase(s, name) && !slice_eq_nocase(s, slice_upto(name, 3))) continue;
        *d = (enum weekday)i;
        return true;
    }
    return false;
}

int64_t civil_seconds(struct civil c)
{
    return civil_days(c.year, c.month, c.day) * CIVIL_DAY_S + c.hour * 3600 + c.minute * 60 + c.second;
}

struct civil civil_from_seconds(int64_t s)
{
    struct civil c = civil_from_days(floor_div(s, CIVIL_DAY_S));
    int32_t rest = (int32_t)floor_mod(s, CIVIL_DAY_S);
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}

struct civil civil_add_months(struct civil c, int64_t n)
{
    int64_t months = c.year * INT64_C(12) + c.month - 1 + n;
    c.year = (int32_t)floor_div(months, 12);
    c.month = (int32_t)floor_mod(months, 12) + 1;
    int last = civil_month_days(c.year, c.month);
    if (c.day > last) c.day = last;
    return c;
}

struct civil civil_add_days(struct civil c, int64_t n)
{
    struct civil moved = civil_from_days(civil_days(c.year, c.month, c.day) + n);
    moved.hour = c.hour;
    moved.minute = c.minute;
    moved.second = c.second;
    return moved;
}

/* Exactly n digits, cut off. */
static bool cut_digits(struct slice *s, size_t n, int32_t *value)
{
    int32_t v = 0;
    if (s->n < n) return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *value = v;
    *s = slice_from(*s, n);
    return true;
}

static bool cut_date_time(struct slice *s, struct civil *c)
{
    return cut_digits(s, 4, &c->year) && slice_cut_prefix(s, S("-")) && cut_digits(s, 2, &c->month) &&
           slice_cut_prefix(s, S("-")) && cut_digits(s, 2, &c->day) &&
           (slice_cut_prefix_nocase(s, S("T")) || slice_cut_prefix(s, S(" "))) && cut_digits(s, 2, &c->hour) &&
           slice_cut_prefix(s, S(":")) && cut_digits(s, 2, &c->minute) && slice_cut_prefix(s, S(":")) &&
           cut_digits(s, 2, &c->second);
}

static bool cut_fraction(struct slice *s, int32_t *ms)
{
    int64_t digits;
    *ms = 0;
    if (!slice_cut_prefix(s, S("."))) return true;
    struct slice before = *s;
    if (!slice_cut_uint(s, &digits) || before.n - s->n > 9) return false;
    for (size_t n = before.n - s->n; n < 3; n++) digits *= 10;
    for (size_t n = before.n - s->n; n > 3; n--) digits /= 10;
    *ms = (int32_t)digits;
    return true;
}

static bool cut_offset(struct slice *s, int32_t *offset_s)
{
    int32_t hours, minutes;
    *offset_s = 0;
    if (slice_cut_prefix_nocase(s, S("Z"))) return true;
    bool west = slice_cut_prefix(s, S("-"));
    if (!west && !slice_cut_prefix(s, S("+"))) return false;
    if (!cut_digits(s, 2, &hours) || !slice_cut_prefix(s, S(":")) || !cut_digits(s, 2, &minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    *offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

int civil_parse_rfc3339(struct slice s, int64_t *utc_ms, struct error *e)
{
    struct civil c;
    int32_t ms, offset_s;
    struct slice rest = s, shown = slice_upto_rune(s, 64);
    if (!cut_date_time(&rest, &c) || !cut_fraction(&rest, &ms) || !cut_offset(&rest, &offset_s) || rest.n != 0)
        return fail(e, ERR_SYNTAX,
                    "\"%.*s\" is not a time: write it as 2026-01-05T03:00:00Z or with an offset like +01:00",
                    (int)shown.n, shown.p == NULL ? "" : shown.p);
    struct civil whole = c;
    if (whole.second == 60) whole.second = 59;
    if (!civil_is_valid(whole))
        return fail(e, ERR_SYNTAX, "\"%.*s\" is no date and time of the calendar", (int)shown.n, shown.p);
    *utc_ms = (civil_seconds(c) - offset_s) * 1000 + ms;
    return 0;
}

static void add_date_time(struct buf *out, struct civil c)
{
    const struct {
        int32_t value;
        int width;
        char after;
    } parts[] = {
        { c.year, 4, '-' }, { c.month, 2, '-' },  { c.day, 2, 'T' },
        { c.hour, 2, ':' }, { c.minute, 2, ':' }, { c.second, 2, '\0' },
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buf_add_uint_pad(out, (uint64_t)parts[i].value, parts[i].width);
        if (parts[i].after != '\0') buf_add_char(out, parts[i].after);
    }
}

void civil_format_rfc3339(struct buf *out, int64_t utc_ms, int32_t offset_s, bool with_ms)
{
    int64_t first = civil_days(0, 1, 1) * CIVIL_DAY_S, last = civil_days(10000, 1, 1) * CIVIL_DAY_S - 1;
    int32_t minutes = (int32_t)floor_div(offset_s, 60);
    int64_t local = floor_div(utc_ms, 1000) + minutes * INT64_C(60);
    if (local < first) local = first;
    if (local > last) local = last;
    add_date_time(out, civil_from_seconds(local));
    if (with_ms) {
        buf_add_char(out, '.');
        buf_add_uint_pad(out, (uint64_t)floor_mod(utc_ms, 1000), 3);
    }
    if (minutes == 0) {
        buf_add_char(out, 'Z');
        return;
    }
    uint64_t distance = (uint64_t)(minutes < 0 ? -minutes : minutes);
    buf_add_char(out, minutes < 0 ? '-' : '+');
    buf_add_uint_pad(out, distance / 60, 2);
    buf_add_char(out, ':');
    buf_add_uint_pad(out, distance % 60, 2);
}
