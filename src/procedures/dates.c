/* dates.c - the dates of document control (R134): in which order they stand, and with a calendar at hand, whether the next
 * review is near or over. Without its date, a review cycle gives it, counted from the last review, else the last update.
 * Not here: whether the text changed since (diff_book.c), reminders by a server.
 * Always: without `today` (a server that starts, R4) the same bytes say the same; a placeholder is no date. */
#include "base/civil.h"
#include "procedures/book.h"

enum { SOON_DAYS = 30, NEAR_DAYS = 7 };

static const struct policy_control *control_find(struct compiler *c, struct slice key)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_control; i++)
        if (slice_eq(control_key_known(c, b->control[i].key), key)) return &b->control[i];
    return NULL;
}

static struct slice date_text(struct compiler *c, int64_t midnight_ms)
{
    const struct civil day = civil_from_days(midnight_ms / DAY);
    return text_make(c, "%04d-%02d-%02d", (int)day.year, (int)day.month, (int)day.day);
}

static struct node at_line(unsigned line)
{
    return (struct node){ .line = line, .last = line, .col = 1 };
}

/* "every day" of a count: "1 day", "9 days". */
static struct slice days_text(struct compiler *c, int64_t days)
{
    return text_make(c, "%lld day%s", (long long)days, days == 1 ? "" : "s");
}

/* Where a date is expected, other words can be neither compared nor watched. */
static void check_is_date(struct compiler *c, const struct policy_control *k)
{
    if (k == NULL || k->placeholder || k->date_ms != POLICY_NONE) return;
    struct node n = at_line(k->line);
    struct slice value = text_cut(k->value, 60);
    diagnose(c, (struct at){ &n, k->value }, "W-CONTROL-DATE",
             text_make(c, "**%.*s**: 2026-04-06", (int)k->key.n, k->key.p),
             "\"%.*s\" is no date: nobody is reminded by it", (int)value.n, value.p);
}

static void check_order(struct compiler *c, const struct policy_control *earlier, const struct policy_control *later)
{
    if (earlier == NULL || later == NULL || earlier->date_ms == POLICY_NONE || later->date_ms == POLICY_NONE) return;
    if (earlier->date_ms <= later->date_ms) return;
    struct node n = at_line(later->line);
    struct slice date = date_text(c, earlier->date_ms);
    diagnose(c, (struct at){ &n, later->value }, "W-CONTROL-DATE", S("correct one of the two dates"),
             "%.*s is before %.*s in line %u (%.*s)", (int)later->key.n, later->key.p, (int)earlier->key.n,
             earlier->key.p, earlier->line, (int)date.n, date.p);
}

/* How often: in months where a calendar counts them, else in days. */
struct cycle {
    int64_t months, days;
};

static const struct {
    struct slice word;
    int months;
} month_words[] = {
    { S("month"), 1 },       { S("months"), 1 },    { S("monthly"), 1 },      { S("quarter"), 3 },
    { S("quarters"), 3 },    { S("quarterly"), 3 }, { S("semi-annual"), 6 },  { S("semi-annually"), 6 },
    { S("half-yearly"), 6 }, { S("year"), 12 },     { S("years"), 12 },       { S("annual"), 12 },
    { S("annually"), 12 },   { S("yearly"), 12 },   { S("twice a year"), 6 }, { S("once a year"), 12 },
};

/* "Quarterly", "every 6 months", "90 days", "Every year". */
static bool cycle_read(struct slice value, struct cycle *out)
{
    struct slice rest = value, word;
    int64_t count = 1, every;
    scan_word(&rest, S("every"));
    scan_blanks(&rest);
    slice_cut_uint(&rest, &count);
    scan_blanks(&rest);
    for (size_t i = 0; i < COUNT_OF(month_words); i++) {
        struct slice tail = rest;
        if (!scan_phrase(&tail, month_words[i].word) || !scan_end(tail) || count < 1 || count > 1200) continue;
        *out = (struct cycle){ .months = count * month_words[i].months };
        return true;
    }
    struct duration d;
    rest = value;
    if (!scan_frequency(&rest, &every, &word)) {
        if (!scan_duration(&rest, &d)) return false;
        every = d.ms;
    }
    *out = (struct cycle){ .days = every / DAY };
    return scan_end(rest) && every >= DAY;
}

/* The same day so many months later, or the last day of a shorter month. */
static int64_t cycle_end(const struct cycle *cycle, int64_t from_ms)
{
    const struct civil day = civil_add_months(civil_from_days(from_ms / DAY), cycle->months);
    return (civil_days(day.year, day.month, day.day) + cycle->days) * DAY;
}

/* A day on which a review is due, and the line that says so. */
static void check_due(struct compiler *c, const struct policy_control *k, int64_t due_ms)
{
    struct node n = at_line(k->line);
    const struct at at = { &n, k->value };
    const int64_t left = due_ms / DAY - c->options.today;
    struct slice date = date_text(c, due_ms), days = days_text(c, left < 0 ? -left : left);
    if (left < 0)
        diagnose(c, at, "W-REVIEW-OVERDUE", S("review the document, then write the date of the next review"),
                 "the review of this document is overdue: it was due on %.*s, %.*s ago", (int)date.n, date.p,
                 (int)days.n, days.p);
    else if (left == 0)
        diagnose(c, at, "W-REVIEW-DUE", S("review the document, then write the date of the next review"),
                 "the review of this document is due today");
    else if (left <= SOON_DAYS)
        diagnose(c, at, left <= NEAR_DAYS ? "W-REVIEW-DUE" : "N-REVIEW-DUE",
                 S("review the document, then write the date of the next review"),
                 "the review of this document is due in %.*s, on %.*s", (int)days.n, days.p, (int)date.n, date.p);
}

static bool has_date(const struct policy_control *k)
{
    return k != NULL && k->date_ms != POLICY_NONE;
}

/* "As needed", "N/A": nothing is due by a cycle that has no clock (G15). */
static bool is_no_cycle(struct slice value)
{
    static const struct slice none[] = { S("as needed"), S("n/a"), S("none"), S("-"), S("on change"), S("continuous") };
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (slice_eq_nocase(value, none[i])) return true;
    return false;
}

/* A cycle that no period reads, or that counts from nothing, reminds nobody. */
static void check_cycle(struct compiler *c, const struct policy_control *k, const struct policy_control *from,
                        bool judged)
{
    struct cycle cycle;
    if (k == NULL || k->placeholder || is_no_cycle(slice_trim(k->value))) return;
    struct node n = at_line(k->line);
    struct slice value = text_cut(k->value, 60);
    if (!cycle_read(slice_trim(k->value), &cycle))
        diagnose(c, (struct at){ &n, k->value }, "W-CONTROL-DATE",
                 text_make(c, "**%.*s**: Quarterly", (int)k->key.n, k->key.p),
                 "\"%.*s\" is no period: nobody is reminded by it", (int)value.n, value.p);
    else if (judged)
        return; /* the next review has a date of its own */
    else if (from == NULL)
        diagnose(c, (struct at){ &n, k->value }, "W-CONTROL-DATE", S("add **Last Reviewed**: 2026-04-06"),
                 "the cycle counts from the last review, and no line says when that was");
    else if (has_date(from) && c->options.today != 0)
        check_due(c, k, cycle_end(&cycle, from->date_ms));
}

/* A document that was updated tomorrow was not. */
static void check_past(struct compiler *c, const struct policy_control *k)
{
    if (k == NULL || k->date_ms == POLICY_NONE || k->date_ms / DAY <= c->options.today + 1) return; /* a zone ahead */
    struct node n = at_line(k->line);
    diagnose(c, (struct at){ &n, k->value }, "W-CONTROL-DATE", S("correct the date"), "%.*s is in the future",
             (int)k->key.n, k->key.p);
}

void control_dates(struct compiler *c)
{
    const struct policy_control *updated = control_find(c, S("last updated")),
                                *reviewed = control_find(c, S("last reviewed")),
                                *next = control_find(c, S("next review"));
    check_is_date(c, updated);
    check_is_date(c, reviewed);
    check_is_date(c, next);
    check_order(c, updated, next);
    check_order(c, reviewed, next);
    check_cycle(c, control_find(c, S("review cycle")), reviewed != NULL ? reviewed : updated, has_date(next));
    if (c->options.today == 0) return;
    if (has_date(next)) check_due(c, next, next->date_ms);
    check_past(c, updated);
    check_past(c, reviewed);
}
