/* scan.c - durations, arrows, comparisons and words. Allocates nothing; each scan is linear in what it reads. */
#include "procedures/scan.h"

#include "base/check.h"

static const int64_t number_max = INT64_C(1000000000);

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct slice text_cut(struct slice s, size_t max)
{
    if (s.n <= max) return s;
    while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80) max--;
    return slice_upto(s, max);
}

/* Dashes, quotation marks, arrows, symbols: beyond ASCII, and no letters. */
static bool is_symbol(int32_t rune)
{
    return (rune >= 0xa0 && rune < 0xc0) || (rune >= 0x2000 && rune < 0x2c00) || rune >= 0x1f000;
}

static bool ends_word(struct slice rest)
{
    if (rest.n > 0 && (unsigned char)rest.p[0] >= 0x80) return is_symbol(slice_cut_rune(&rest));
    return rest.n == 0 || (!is_letter(rest.p[0]) && !is_digit(rest.p[0]));
}

void scan_blanks(struct slice *s)
{
    /* A blank that does not break, as word processors and exported wikis write it. */
    static const struct slice unbroken[] = { S("\xc2\xa0"), S("&nbsp;"), S("&#160;"), S("&#xa0;") };
    for (;;) {
        size_t i = 0;
        while (s->n > 0 && (s->p[0] == ' ' || s->p[0] == '\t')) *s = slice_from(*s, 1);
        if (s->n == 0 || slice_find_char(S("\xc2&"), s->p[0]) == 2) return;
        while (i < COUNT_OF(unbroken) && !slice_cut_prefix_nocase(s, unbroken[i])) i++;
        if (i == COUNT_OF(unbroken)) return;
    }
}

void scan_decoration(struct slice *s)
{
    scan_blanks(s);
    for (;;) {
        struct slice rest = *s;
        int32_t rune = rest.n > 0 && (unsigned char)rest.p[0] >= 0x80 ? slice_cut_rune(&rest) : 0;
        bool decorates =
            (rune >= 0x2300 && rune < 0x2c00) || rune == 0x200d || (rune >= 0xfe00 && rune < 0xfe10) || rune >= 0x1f000;
        if (!decorates) return;
        *s = rest;
        scan_blanks(s);
    }
}

bool scan_end(struct slice s)
{
    s = slice_trim(s);
    return s.n == 0 || (s.n == 1 && slice_find_char(S(".;!,"), s.p[0]) < 4);
}

bool scan_word(struct slice *s, struct slice word)
{
    struct slice rest = *s;
    scan_blanks(&rest);
    if (!slice_cut_prefix_nocase(&rest, word) || !ends_word(rest)) return false;
    *s = rest;
    return true;
}

bool scan_phrase(struct slice *s, struct slice words)
{
    struct slice rest = *s;
    while (words.n > 0)
        if (!scan_word(&rest, slice_cut(&words, ' '))) return false;
    *s = rest;
    return true;
}

bool scan_any(struct slice *s, const struct slice *phrases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (scan_phrase(s, phrases[i])) return true;
    return false;
}

bool scan_char(struct slice *s, char c)
{
    struct slice rest = *s;
    scan_blanks(&rest);
    if (rest.n == 0 || rest.p[0] != c) return false;
    *s = slice_from(rest, 1);
    return true;
}

bool scan_number(struct slice *s, int64_t *thousandths)
{
    struct slice rest = *s;
    int64_t whole, scale = 100;
    scan_blanks(&rest);
    if (!slice_cut_uint(&rest, &whole) || whole > number_max) return false;
    *thousandths = whole * 1000;
    if (rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1])) {
        rest = slice_from(rest, 1);
        for (; rest.n > 0 && is_digit(rest.p[0]); rest = slice_from(rest, 1), scale /= 10)
            *thousandths += (rest.p[0] - '0') * scale;
    }
    *s = rest;
    return true;
}

#define UNIT(text, ms)                    \
    {                                     \
        { "" text, sizeof(text) - 1 }, ms \
    }

static const struct {
    struct slice text;
    int64_t ms;
} units[] = {
    UNIT("milliseconds", 1), UNIT("millisecond", 1),   UNIT("msecs", 1),        UNIT("msec", 1),
    UNIT("ms", 1),           UNIT("seconds", SECOND),  UNIT("second", SECOND),  UNIT("secs", SECOND),
    UNIT("sec", SECOND),     UNIT("s", SECOND),        UNIT("minutes", MINUTE), UNIT("minute", MINUTE),
    UNIT("mins", MINUTE),    UNIT("min", MINUTE),      UNIT("m", MINUTE),       UNIT("hours", HOUR),
    UNIT("hour", HOUR),      UNIT("hrs", HOUR),        UNIT("hr", HOUR),        UNIT("h", HOUR),
    UNIT("days", DAY),       UNIT("day", DAY),         UNIT("d", DAY),          UNIT("weeks", 7 * DAY),
    UNIT("week", 7 * DAY),   UNIT("months", 30 * DAY), UNIT("month", 30 * DAY),
};

static const struct {
    struct slice text;
    int64_t ms;
} periods[] = {
    UNIT("immediately", 0), UNIT("immediate", 0), UNIT("hourly", HOUR), UNIT("daily", DAY), UNIT("weekly", 7 * DAY),
};

/* The first byte of both in any case: what most words of a text fail by. */
static bool begins_alike(struct slice s, struct slice word)
{
    return s.n > 0 && (s.p[0] == word.p[0] || (is_letter(word.p[0]) && (s.p[0] | 0x20) == word.p[0]));
}

bool scan_unit(struct slice *s, struct duration *one)
{
    struct slice rest = *s;
    bool business = scan_word(&rest, S("business")) || scan_word(&rest, S("working"));
    scan_blanks(&rest);
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!begins_alike(rest, units[i].text) || !scan_word(&rest, units[i].text)) continue;
        *one = (struct duration){ units[i].ms, business };
        *s = rest;
        return true;
    }
    return false;
}

static struct duration times(int64_t thousandths, struct duration one)
{
    return (struct duration){ thousandths * one.ms / 1000, one.business };
}

/* The "h" of "1h30m": a unit that a digit follows. */
static bool scan_compact_unit(struct slice *s, struct duration *one)
{
    static const struct {
        char letter;
        int64_t ms;
    } letters[] = { { 'd', DAY }, { 'h', HOUR }, { 'm', MINUTE } };
    for (size_t i = 0; i < COUNT_OF(letters) && s->n > 1 && is_digit(s->p[1]); i++) {
        if ((s->p[0] | 0x20) != letters[i].letter) continue;
        *one = (struct duration){ letters[i].ms, false };
        *s = slice_from(*s, 1);
        return true;
    }
    return false;
}

/* The "30 minutes" of "1 hour 30 minutes": a number of a smaller unit than the one before. */
static bool scan_smaller(struct slice *s, struct duration *d, struct duration *unit)
{
    struct slice rest = *s;
    struct duration one;
    int64_t number;
    if (!scan_number(&rest, &number) || (!scan_unit(&rest, &one) && !scan_compact_unit(&rest, &one))) return false;
    if (one.ms >= unit->ms || one.business || number > INT64_MAX / 2 / one.ms || d->ms > INT64_MAX / 2) return false;
    d->ms += times(number, one).ms;
    *unit = one;
    *s = rest;
    return true;
}

bool scan_duration(struct slice *s, struct duration *d)
{
    struct slice rest = *s;
    struct duration one;
    int64_t number;

    for (size_t i = 0; i < COUNT_OF(periods); i++) {
        if (!scan_word(&rest, periods[i].text)) continue;
        *d = (struct duration){ periods[i].ms, false };
        *s = rest;
        return true;
    }
    if (scan_unit(&rest, &one)) { /* "every hour" */
        *d = one;
        if (s->n - rest.n < 3) return false; /* a lone letter is no duration */
        *s = rest;
        return true;
    }
    if (!scan_number(&rest, &number) || number / 1000 > number_max) return false;
    scan_char(&rest, '-'); /* "15-minute" */
    const bool compact = !scan_unit(&rest, &one);
    if (compact && !scan_compact_unit(&rest, &one)) return false;
    if (one.ms > 0 && number > INT64_MAX / one.ms) return false;
    *d = times(number, one);
    bool more = scan_smaller(&rest, d, &one);
    if (compact && !more) return false;
    while (more) more = scan_smaller(&rest, d, &one);
    *s = rest;
    return true;
}

bool scan_range(struct slice *s, struct duration *low, struct duration *high)
{
    struct slice rest = *s;
    struct duration low_unit, unit;
    int64_t a, b;
    bool own_unit;

    if (!scan_number(&rest, &a)) return false;
    own_unit = scan_unit(&rest, &low_unit);
    if (!scan_char(&rest, '-') && !scan_word(&rest, S("to"))) {
        scan_blanks(&rest);
        if (!slice_cut_prefix(&rest, S("–")) && !slice_cut_prefix(&rest, S("—"))) return false;
    }
    if (!scan_number(&rest, &b) || !scan_unit(&rest, &unit)) return false;
    if (unit.ms > 0 && (a > INT64_MAX / (7 * DAY * 30) || b > INT64_MAX / (7 * DAY * 30))) return false;
    *low = times(a, own_unit ? low_unit : unit);
    *high = times(b, unit);
    *s = rest;
    return true;
}

static const struct slice arrows[] = { S("-->"), S("==>"),   S("->"),    S("=>"),     S("→"),      S("⇒"),      S("⟶"),
                                       S("➜"),   S("-&gt;"), S("=&gt;"), S("&rarr;"), S("&rArr;"), S("&#8594;") };

bool scan_arrow(struct slice *s)
{
    struct slice rest = *s;
    scan_blanks(&rest);
    for (size_t i = 0; i < COUNT_OF(arrows); i++) {
        if (!slice_cut_prefix(&rest, arrows[i])) continue;
        scan_blanks(&rest);
        *s = rest;
        return true;
    }
    return false;
}

bool scan_separator(struct slice *s)
{
    static const struct slice marks[] = { S("–"), S("—"), S("-"), S(":") };
    struct slice rest = *s;
    scan_blanks(&rest);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (!slice_cut_prefix(&rest, marks[i])) continue;
        *s = rest;
        return true;
    }
    return false;
}

static const struct {
    struct slice text;
    enum comparison cmp;
    bool word;
} comparisons[] = {
    { S(">="), CMP_GE, false },       { S("<="), CMP_LE, false },         { S("≥"), CMP_GE, false },
    { S("≤"), CMP_LE, false },        { S(">"), CMP_GT, false },          { S("<"), CMP_LT, false },
    { S("more than"), CMP_GT, true }, { S("longer than"), CMP_GT, true }, { S("less than"), CMP_LT, true },
    { S("at least"), CMP_GE, true },  { S("at most"), CMP_LE, true },     { S("up to"), CMP_LE, true },
    { S("above"), CMP_GT, true },     { S("below"), CMP_LT, true },       { S("exceeds"), CMP_GT, true },
    { S("over"), CMP_GT, true },      { S("under"), CMP_LT, true },       { S("within"), CMP_LE, true },
};

bool scan_comparison(struct slice *s, enum comparison *cmp)
{
    struct slice rest = *s;
    scan_blanks(&rest);
    for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
        if (!begins_alike(rest, comparisons[i].text)) continue;
        bool hit = comparisons[i].word ? scan_phrase(&rest, comparisons[i].text)
                                       : slice_cut_prefix(&rest, comparisons[i].text);
        if (!hit) continue;
        *cmp = comparisons[i].cmp;
        *s = rest;
        return true;
    }
    return false;
}

size_t find_arrow(struct slice s)
{
    for (size_t at = 0; at < s.n; at++) {
        struct slice rest = slice_from(s, at);
        if (slice_find_char(S("-=&\xe2"), s.p[at]) < 4 && scan_arrow(&rest)) return at;
    }
    return s.n;
}

static bool begins_word(struct slice s, size_t at)
{
    size_t before = at;
    if (at == 0) return true;
    while (before > 0 && at - before < 4 && ((unsigned char)s.p[before - 1] & 0xc0) == 0x80) before--;
    if (before < at && before > 0) { /* the rune in front */
        struct slice rune = slice_from(s, before - 1);
        return is_symbol(slice_cut_rune(&rune));
    }
    return !is_letter(s.p[at - 1]) && !is_digit(s.p[at - 1]);
}

size_t find_phrase(struct slice s, struct slice phrase)
{
    for (size_t at = 0; at < s.n; at++) {
        struct slice rest = slice_from(s, at);
        if (!begins_word(s, at) || s.p[at] == ' ' || s.p[at] == '\t') continue;
        if (scan_phrase(&rest, phrase)) return at;
    }
    return s.n;
}

/* "30+ minutes": that long or longer. */
static bool scan_plus_duration(struct slice *s, struct duration *d)
{
    struct slice rest = *s;
    int64_t number;
    if (!scan_number(&rest, &number) || !scan_char(&rest, '+') || !scan_unit(&rest, d)) return false;
    *d = times(number, *d);
    *s = rest;
    return true;
}

bool find_duration(struct slice s, struct duration *d, size_t *at)
{
    for (size_t i = 0; i < s.n; i++) {
        struct slice rest = slice_from(s, i);
        if (!is_digit(s.p[i]) || !begins_word(s, i)) continue;
        if (!scan_duration(&rest, d) && !scan_plus_duration(&rest, d)) continue;
        *at = i;
        return true;
    }
    return false;
}

/* "Hourly", "updates daily", "immediately": a period by itself, not one that describes a thing ("the daily backup"). */
static bool is_period(struct slice s)
{
    static const struct slice told[] = { S("update"), S("updates"), S("status"), S("report"), S("reports"), S("until"),
                                         S("during"), S("while"),   S("and"),    S("then"),   S("or"),      S("for") };
    if (scan_word(&s, S("immediately"))) return !scan_word(&s, S("if")) && !scan_word(&s, S("when"));
    for (size_t i = 0; i < COUNT_OF(periods); i++) {
        if (!scan_word(&s, periods[i].text)) continue;
        scan_blanks(&s);
        return s.n == 0 || !is_letter(s.p[0]) || scan_any(&s, told, COUNT_OF(told));
    }
    return false;
}

/* "T+5", "R+24 hours". */
static bool is_t_plus(struct slice s)
{
    bool letter = slice_cut_prefix_nocase(&s, S("t+")) || slice_cut_prefix_nocase(&s, S("r+"));
    return letter && s.n > 0 && is_digit(s.p[0]);
}

/* "Minutes 0-5". */
static bool is_unit_range(struct slice s)
{
    struct duration unit;
    int64_t number;
    return scan_unit(&s, &unit) && scan_number(&s, &number) && scan_separator(&s) && scan_number(&s, &number);
}

/* "> 5%", "more than 3 regions", "<.5". */
static bool is_compared_figure(struct slice s)
{
    enum comparison cmp;
    if (!scan_comparison(&s, &cmp)) return false;
    scan_blanks(&s);
    if (s.n > 1 && (s.p[0] == '.' || s.p[0] == '$')) s = slice_from(s, 1);
    return s.n > 0 && is_digit(s.p[0]);
}

/* The `>` of an arrow is no comparison (G13). */
static bool is_sign(struct slice s, size_t at)
{
    enum comparison cmp;
    struct slice rest = slice_from(s, at);
    bool arrow = at > 0 && s.p[at] == '>' && (s.p[at - 1] == '-' || s.p[at - 1] == '=');
    return !arrow && slice_find_char(S("<>\xe2"), s.p[at]) < 3 && scan_comparison(&rest, &cmp);
}

bool has_figure(struct slice s, size_t *at)
{
    struct duration d;
    if (find_duration(s, &d, at)) return true;
    for (size_t i = 0; i < s.n; i++) {
        struct slice rest = slice_from(s, i);
        bool word = is_letter(s.p[i]) && begins_word(s, i);
        bool figure = word && (is_period(rest) || is_t_plus(rest) || is_unit_range(rest) || is_compared_figure(rest));
        if (!figure && (!is_sign(s, i) || !is_compared_figure(rest))) continue;
        *at = i;
        return true;
    }
    return false;
}

bool has_clock(struct slice s, size_t *at)
{
    static const struct slice words[] = { S("within"), S("every"), S("after") };
    if (has_figure(s, at)) return true;
    for (size_t i = 0; i < s.n; i++) {
        struct slice rest = slice_from(s, i);
        bool word = is_letter(s.p[i]) && begins_word(s, i) && scan_any(&rest, words, COUNT_OF(words));
        if (!word && !is_sign(s, i)) continue;
        *at = i;
        return true;
    }
    return false;
}
