/* values.c - numbers with units, frequencies, dates and placeholders, as the sections about upkeep write them.
 * Integers only: a measurement is a count of millionths of its SI base unit. */
#include "base/civil.h"
#include "core/policy.h"
#include "procedures/book.h"

/* ",000" behind "1": groups of three digits, as people write large figures. */
static bool thousands_cut(struct slice *s, int64_t *whole)
{
    struct slice rest = *s;
    int64_t group = 0;
    if (!slice_cut_prefix(&rest, S(",")) || *whole == 0 || *whole > INT64_C(1000000000000)) return false;
    for (int i = 0; i < 3; i++, rest = slice_from(rest, 1)) {
        if (rest.n == 0 || !is_digit(rest.p[0])) return false;
        group = group * 10 + (rest.p[0] - '0');
    }
    if (rest.n > 0 && is_digit(rest.p[0])) return false;
    *whole = *whole * 1000 + group;
    *s = rest;
    return true;
}

bool scan_micro(struct slice *s, int64_t *micro, struct slice *written)
{
    struct slice rest = *s, start;
    int64_t whole = 0, scale = 100000;
    scan_blanks(&rest);
    start = rest;
    bool digits = slice_cut_uint(&rest, &whole);
    while (digits && thousands_cut(&rest, &whole)) continue;
    if ((!digits && rest.n > 0 && is_digit(rest.p[0])) || whole > INT64_C(1000000000000)) return false;
    *micro = whole * 1000000;
    if (rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1])) {
        digits = true;
        for (rest = slice_from(rest, 1); rest.n > 0 && is_digit(rest.p[0]); rest = slice_from(rest, 1), scale /= 10)
            *micro += (rest.p[0] - '0') * scale;
    }
    if (!digits) return false;
    *written = slice_upto(start, start.n - rest.n);
    *s = rest;
    return true;
}

#define KILO INT64_C(1000)
#define KIBI INT64_C(1024)

static const struct unit_factor measures[] = {
    { S("KB"), KILO, 1 },
    { S("MB"), KILO *KILO, 1 },
    { S("GB"), KILO *KILO *KILO, 1 },
    { S("TB"), KILO *KILO *KILO *KILO, 1 },
    { S("KiB"), KIBI, 1 },
    { S("MiB"), KIBI *KIBI, 1 },
    { S("GiB"), KIBI *KIBI *KIBI, 1 },
    { S("TiB"), KIBI *KIBI *KIBI *KIBI, 1 },
    { S("percent"), 1, 100 },
    { S("us"), 1, 1000000 },
};

struct unit_factor scan_measure(struct slice *s)
{
    struct slice rest = *s, start;
    struct duration d;
    scan_blanks(&rest);
    start = rest;
    struct unit_factor out = { { 0 }, 1, 1 };
    if (slice_cut_prefix(&rest, S("%"))) {
        out = (struct unit_factor){ { 0 }, 1, 100 };
    } else if (scan_unit(&rest, &d)) {
        out = (struct unit_factor){ { 0 }, d.ms, 1000 };
    } else {
        size_t n = 0;
        while (n < rest.n && (is_letter(rest.p[n]) || rest.p[n] == '/')) n++;
        struct slice word = slice_upto(rest, n);
        if (slice_eq_nocase(word, S("for")) || slice_eq_nocase(word, S("over"))) n = 0;
        rest = slice_from(rest, n);
        for (size_t i = 0; i < COUNT_OF(measures); i++)
            if (slice_eq_nocase(word, measures[i].text)) out = measures[i];
    }
    out.text = slice_upto(start, start.n - rest.n);
    *s = rest;
    return out;
}

static const struct {
    struct slice word, name;
    int64_t ms;
} frequencies[] = {
    { S("daily"), S("daily"), DAY },
    { S("bi-weekly"), S("biweekly"), 14 * DAY },
    { S("biweekly"), S("biweekly"), 14 * DAY },
    { S("weekly"), S("weekly"), 7 * DAY },
    { S("bi-monthly"), S("bimonthly"), 60 * DAY },
    { S("monthly"), S("monthly"), 30 * DAY },
    { S("quarterly"), S("quarterly"), 90 * DAY },
    { S("semi-annual"), S("semi-annual"), 182 * DAY },
    { S("semi-annually"), S("semi-annual"), 182 * DAY },
    { S("bi-annual"), S("semi-annual"), 182 * DAY },
    { S("annual"), S("annual"), 365 * DAY },
    { S("annually"), S("annual"), 365 * DAY },
    { S("yearly"), S("annual"), 365 * DAY },
    { S("continuous"), S("continuous"), POLICY_NONE },
    { S("continuously"), S("continuous"), POLICY_NONE },
};

bool scan_frequency(struct slice *s, int64_t *every_ms, struct slice *word)
{
    struct slice rest = *s;
    struct duration d;
    for (size_t i = 0; i < COUNT_OF(frequencies); i++) {
        if (!scan_word(&rest, frequencies[i].word)) continue;
        *every_ms = frequencies[i].ms;
        *word = frequencies[i].name;
        *s = rest;
        return true;
    }
    scan_blanks(&rest);
    struct slice start = rest;
    if (!scan_word(&rest, S("every")) || !scan_duration(&rest, &d)) return false;
    *every_ms = d.ms;
    *word = slice_upto(start, start.n - rest.n);
    *s = rest;
    return true;
}

static bool is_bracketed(struct slice value)
{
    static const struct slice pairs[] = { S("[]"), S("{}"), S("<>") };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (value.n > 2 && value.p[0] == pairs[i].p[0] && value.p[value.n - 1] == pairs[i].p[1]) return true;
    return false;
}

bool is_placeholder_value(struct slice value)
{
    size_t blanks = 0;
    value = slice_trim(value);
    while (blanks < value.n && (value.p[blanks] == '_' || value.p[blanks] == '.' || value.p[blanks] == '-')) blanks++;
    return blanks == value.n || is_bracketed(value) || slice_eq_nocase(value, S("TBD")) ||
           slice_eq_nocase(value, S("TBA")) || slice_has_prefix_nocase(value, S("xx")) ||
           slice_has_prefix_nocase(value, S("YYYY")) || slice_find_nocase(value, S("-xx")) < value.n;
}

int placeholders_in(struct slice text)
{
    static const struct {
        struct slice open, close;
    } pairs[] = { { S("{{"), S("}}") }, { S("["), S("]") }, { S("{"), S("}") }, { S("<"), S(">") } };
    int found = 0;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct slice rest = text;
        while (rest.n > 0) {
            size_t open = slice_find(rest, pairs[i].open);
            struct slice inside = slice_from(rest, open + pairs[i].open.n);
            size_t close = slice_find(inside, pairs[i].close);
            bool twice =
                i == 2 && (slice_has_prefix(inside, S("{")) || slice_has_prefix(slice_from(inside, close), S("}}")));
            if (close == inside.n) break;
            found += close > 0 && !twice;
            rest = slice_from(inside, close + pairs[i].close.n);
        }
    }
    return found;
}

static int month_named(struct slice word)
{
    static const struct slice months[] = { S("january"),   S("february"), S("march"),    S("april"),
                                           S("may"),       S("june"),     S("july"),     S("august"),
                                           S("september"), S("october"),  S("november"), S("december") };
    for (size_t i = 0; i < COUNT_OF(months); i++)
        if (word.n >= 3 && slice_has_prefix_nocase(months[i], word)) return (int)i + 1;
    return 0;
}

/* The words and numbers of a date, in order: at most three parts. */
struct date_part {
    int64_t number; /* 0: a month's name */
    int month;
};

static size_t date_parts(struct slice s, struct date_part *parts)
{
    size_t n = 0;
    while (s.n > 0 && n < 4) {
        struct date_part p = { 0 };
        size_t letters = 0;
        while (letters < s.n && is_letter(s.p[letters])) letters++;
        if (letters > 0) {
            p.month = month_named(slice_upto(s, letters));
            s = slice_from(s, letters);
            if (p.month == 0) return 0;
        } else if (!slice_cut_uint(&s, &p.number)) {
            if (slice_find_char(S(" -/.,"), s.p[0]) == 5) return 0;
            s = slice_from(s, 1);
            continue;
        }
        if (n < 3) parts[n] = p;
        n++;
    }
    return n;
}

int64_t date_value(struct slice value)
{
    struct date_part p[3];
    struct civil date = { 0 };
    if (date_parts(slice_trim(value), p) != 3) return POLICY_NONE;
    if (p[0].month == 0 && p[1].month == 0 && p[0].number > 999) /* 2026-04-06 */
        date = (struct civil){
            (int32_t)(p[0].number % 100000), (int32_t)(p[1].number % 100), (int32_t)(p[2].number % 100), 0, 0, 0
        };
    else if (p[0].month > 0 && p[2].number > 999) /* April 6, 2026 */
        date = (struct civil){ (int32_t)(p[2].number % 100000), p[0].month, (int32_t)(p[1].number % 100), 0, 0, 0 };
    else if (p[1].month > 0 && p[2].number > 999) /* 6 April 2026 */
        date = (struct civil){ (int32_t)(p[2].number % 100000), p[1].month, (int32_t)(p[0].number % 100), 0, 0, 0 };
    return civil_is_valid(date) ? civil_days(date.year, date.month, date.day) * DAY : POLICY_NONE;
}
