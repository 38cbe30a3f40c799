/* dates.c - the dates of document control (R134): in which order they stand, and with a calendar at hand, whether the next
 * review is near or over. Not here: whether the text changed since (diff_book.c), reminders by a server.
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

static void check_review(struct compiler *c, const struct policy_control *k)
{
    if (k == NULL || k->date_ms == POLICY_NONE) return;
    struct node n = at_line(k->line);
    const struct at at = { &n, k->value };
    const int64_t left = k->date_ms / DAY - c->options.today;
    struct slice date = date_text(c, k->date_ms), days = days_text(c, left < 0 ? -left : left);
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
    if (c->options.today == 0) return;
    check_review(c, next);
    check_past(c, updated);
    check_past(c, reviewed);
}
