/* communication_table.c - tables of who is told: `Severity | Initial | Updates`, `Audience | Channel | Frequency`.
 * A column has its part by the words of its head, in any order; each cell with a time is a duty of its row.
 * Always: a cell that holds a time and is not read says so (G5), "Hourly" and "Daily" included. */
#include "procedures/communication.h"
#include "procedures/rows.h"

enum { COLUMNS_MAX = 16, DUTIES_MAX = 8 };

enum column {
    COLUMN_OTHER = 0, /* owners, contents: words for people */
    COLUMN_SEVERITY,
    COLUMN_NAME,
    COLUMN_AUDIENCE,
    COLUMN_CHANNEL,
    COLUMN_INITIAL, /* from here on: columns with times */
    COLUMN_UPDATES,
    COLUMN_RESOLUTION,
};

/* In this order: "Responsible Party" is no audience, "Communication Channel" no name, "Initial Update" no cadence. */
static const struct {
    struct slice word;
    enum column column;
} heads[] = {
    { S("responsible"), COLUMN_OTHER },
    { S("owner"), COLUMN_OTHER },
    { S("sender"), COLUMN_OTHER },
    { S("severity"), COLUMN_SEVERITY },
    { S("priority"), COLUMN_SEVERITY },
    { S("level"), COLUMN_SEVERITY },
    { S("levels"), COLUMN_SEVERITY },
    { S("channel"), COLUMN_CHANNEL },
    { S("channels"), COLUMN_CHANNEL },
    { S("method"), COLUMN_CHANNEL },
    { S("medium"), COLUMN_CHANNEL },
    { S("via"), COLUMN_CHANNEL },
    { S("how"), COLUMN_CHANNEL },
    { S("initial"), COLUMN_INITIAL },
    { S("first"), COLUMN_INITIAL },
    { S("resolution"), COLUMN_RESOLUTION },
    { S("final"), COLUMN_RESOLUTION },
    { S("frequency"), COLUMN_UPDATES },
    { S("cadence"), COLUMN_UPDATES },
    { S("interval"), COLUMN_UPDATES },
    { S("updates"), COLUMN_UPDATES },
    { S("update"), COLUMN_UPDATES },
    { S("timing"), COLUMN_UPDATES },
    { S("when"), COLUMN_UPDATES },
    { S("schedule"), COLUMN_UPDATES },
    { S("timeline"), COLUMN_UPDATES },
    { S("timeframe"), COLUMN_UPDATES },
    { S("deadline"), COLUMN_UPDATES },
    { S("audience"), COLUMN_AUDIENCE },
    { S("audiences"), COLUMN_AUDIENCE },
    { S("stakeholder"), COLUMN_AUDIENCE },
    { S("stakeholders"), COLUMN_AUDIENCE },
    { S("recipient"), COLUMN_AUDIENCE },
    { S("recipients"), COLUMN_AUDIENCE },
    { S("who"), COLUMN_AUDIENCE },
    { S("group"), COLUMN_AUDIENCE },
    { S("team"), COLUMN_AUDIENCE },
    { S("party"), COLUMN_AUDIENCE },
    { S("type"), COLUMN_NAME },
    { S("communication"), COLUMN_NAME },
    { S("message"), COLUMN_NAME },
    { S("notification"), COLUMN_NAME },
    { S("event"), COLUMN_NAME },
    { S("activity"), COLUMN_NAME },
};

static enum column column_of(struct slice head)
{
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (find_phrase(head, heads[i].word) < head.n) return heads[i].column;
    return COLUMN_OTHER;
}

static const struct {
    enum communication_kind kind;
    const char *id;
} timed[] = {
    [COLUMN_INITIAL] = { COMMUNICATION_INITIAL_ALERT, "initial" },
    [COLUMN_UPDATES] = { COMMUNICATION_STATUS_UPDATES, "updates" },
    [COLUMN_RESOLUTION] = { COMMUNICATION_RESOLUTION, "resolution" },
};

struct row_reader {
    struct compiler *c;
    const struct node *node;
    struct slice cells[COLUMNS_MAX], heads[COLUMNS_MAX];
    enum column columns[COLUMNS_MAX];
    size_t n; /* cells that have a head */
    struct policy_communication base; /* what the other columns say of every duty of this row */
    bool named; /* a column names the message or who gets it */
};

/* --- cells with a time --- */

/* One of "Immediately, then every 30 minutes". */
struct duty {
    int64_t every_ms, within_ms;
    level_set severities;
    bool resolution; /* counted from it */
};

static bool scan_levels(const struct compiler *c, struct slice *s, level_set *set)
{
    struct slice rest = *s;
    bool bracket = scan_char(&rest, '(');
    if (!bracket && !scan_word(&rest, S("for"))) return false;
    scan_word(&rest, S("for"));
    if (!scan_level_set(c, &rest, set)) return false;
    scan_word(&rest, S("incidents"));
    if (bracket && !scan_char(&rest, ')')) return false;
    *s = rest;
    return true;
}

/* What may stand behind a time without changing it, and what tells from when it counts. */
static void scan_tail(const struct compiler *c, struct slice *s, struct duty *out)
{
    static const struct slice tails[] = { S("during active incident"),
                                          S("during active incidents"),
                                          S("during an active incident"),
                                          S("during the incident"),
                                          S("during an incident"),
                                          S("during incident"),
                                          S("while active"),
                                          S("until resolved"),
                                          S("until resolution"),
                                          S("of incident"),
                                          S("of the incident"),
                                          S("of declaration"),
                                          S("of detection") };
    static const struct slice after[] = { S("of resolution"), S("after resolution") };
    if (scan_any(s, after, COUNT_OF(after)))
        out->resolution = true;
    else
        scan_any(s, tails, COUNT_OF(tails));
    scan_levels(c, s, &out->severities);
}

static bool duty_read(struct row_reader *r, enum column column, struct slice *s, struct duty *out)
{
    static const struct slice periods[] = { S("hourly"), S("daily"), S("weekly") };
    static const struct slice firsts[] = { S("updates"), S("update"), S("notify"), S("initial"), S("first") };
    struct slice rest = *s, ahead;
    struct duration low, high;
    enum comparison cmp = CMP_NONE;
    *out = (struct duty){ .every_ms = POLICY_NONE, .within_ms = POLICY_NONE };
    ahead = rest;
    if (scan_level_set(r->c, &ahead, &out->severities) && scan_char(&ahead, ':'))
        rest = ahead;
    else
        out->severities = 0;
    scan_any(&rest, firsts, COUNT_OF(firsts));
    ahead = rest;
    bool every = scan_word(&rest, S("every")) || scan_any(&ahead, periods, COUNT_OF(periods));
    scan_comparison(&rest, &cmp);
    bool range = scan_range(&rest, &low, &high);
    if ((!range && !scan_duration(&rest, &low)) || cmp == CMP_GT || cmp == CMP_GE) return false;
    scan_tail(r->c, &rest, out);
    if (every && out->resolution) return false;
    every |= column == COLUMN_UPDATES && cmp == CMP_NONE && low.ms > 0 && !out->resolution;
    if (every && (low.ms <= 0 || low.business)) return false;
    *(every ? &out->every_ms : &out->within_ms) = low.ms;
    if (range) diagnose(r->c, (struct at){ r->node, { 0 } }, "N-RANGE", S(""), "of this range the shorter time holds");
    communication_business(r->c, r->node, low);
    *s = rest;
    return true;
}

/* Between two times of one cell. */
static void scan_joint(struct slice *s)
{
    static const struct slice words[] = { S("and then"), S("then"), S("and") };
    while (scan_char(s, ',') || scan_char(s, ';') || scan_char(s, '+') || scan_char(s, '&')) continue;
    scan_any(s, words, COUNT_OF(words));
}

/* All times of a cell; 0 when something in it is none. */
static size_t duties_read(struct row_reader *r, enum column column, struct slice cell, struct duty *out)
{
    size_t n = 0, before = r->c->diagnostics.n, kept = 0;
    while (n < DUTIES_MAX && !scan_end(cell)) {
        if (!duty_read(r, column, &cell, &out[n++])) {
            r->c->diagnostics.n = before; /* what was said of its first part is void */
            return 0;
        }
        scan_joint(&cell);
    }
    if (!scan_end(cell)) return 0;
    for (size_t i = 0; i < n; i++) { /* "Immediately, then hourly" is one duty */
        struct duty *last = kept > 0 ? &out[kept - 1] : NULL;
        if (last != NULL && last->severities == out[i].severities && last->resolution == out[i].resolution &&
            last->every_ms == POLICY_NONE && out[i].within_ms == POLICY_NONE)
            last->every_ms = out[i].every_ms;
        else
            out[kept++] = out[i];
    }
    return kept;
}

/* "Hourly" is a time too, though no number stands in it. */
static bool has_time(struct slice s, size_t *at)
{
    static const struct slice periods[] = { S("hourly"), S("daily"), S("weekly"), S("immediately") };
    if (has_clock(s, at)) return true;
    for (size_t i = 0; i < COUNT_OF(periods); i++)
        if ((*at = find_phrase(s, periods[i])) < s.n) return true;
    return false;
}

static void warn_cell(struct row_reader *r, struct slice cell, const char *read_as, struct slice suggestion)
{
    size_t at;
    if (!has_time(cell, &at)) return;
    diagnose(r->c, (struct at){ r->node, slice_from(cell, at) }, "W-CLOCK-LOST", suggestion,
             "this holds a clock or a comparison that no pattern reads; it is taken as %s", read_as);
}

/* --- rows --- */

static void duty_add(struct row_reader *r, enum column column, struct slice head, const struct duty *duty)
{
    struct policy_communication out = r->base;
    struct slice id = slice_of(timed[column].id);
    if (!r->named) {
        out.kind = timed[column].kind;
        out.name = head;
        if (find_phrase(head, S("external")) < head.n) out.audience = S("external");
    } else {
        const bool told = column != COLUMN_UPDATES || (duty != NULL && duty->every_ms != POLICY_NONE);
        if (out.kind == COMMUNICATION_OBLIGATION && told) out.kind = timed[column].kind;
        id = out.name;
    }
    out.clock = 0;
    if (duty != NULL) {
        out.every_ms = duty->every_ms;
        out.within_ms = duty->within_ms;
        if (duty->severities != 0) out.severities = duty->severities;
        out.clock = duty->resolution || (column == COLUMN_RESOLUTION && duty->every_ms == POLICY_NONE) ? 'R' : 'D';
        if (duty->every_ms != POLICY_NONE) communication_cadence(r->c, r->node->line);
    }
    out.id = id_make(r->c, "communication", r->node, (struct slice){ 0 }, id);
    *vec_push(&r->c->communications) = out;
    mark(r->c, r->node, CLASS_COMPILED);
}

static void timed_cell(struct row_reader *r, size_t i)
{
    struct duty duties[DUTIES_MAX];
    const size_t n = duties_read(r, r->columns[i], r->cells[i], duties);
    for (size_t k = 0; k < n; k++) duty_add(r, r->columns[i], r->heads[i], &duties[k]);
    if (n > 0) return;
    warn_cell(r, r->cells[i], "an obligation without a clock", S("a cell such as: Every 30 minutes"));
    duty_add(r, r->columns[i], r->heads[i], NULL);
}

static bool is_place(struct slice word)
{
    return word.n > 1 && (word.p[0] == '#' || word.p[0] == '@' || slice_find_char(word, '@') < word.n ||
                          slice_find(word, S("://")) < word.n);
}

/* "Slack / Email": another kind behind one of the marks between two. */
static bool names_another(struct slice rest)
{
    struct slice kind;
    for (size_t i = 0; i < rest.n; i++) {
        struct slice part = slice_from(rest, i + 1);
        bool joint = slice_find_char(S(",;/+&"), rest.p[i]) < 5;
        if (joint && (rest.p[i] != '/' || i == 0 || rest.p[i - 1] != ':') && scan_kind(&part, &kind)) return true;
    }
    struct slice part = slice_from(rest, find_phrase(rest, S("and")));
    return scan_word(&part, S("and")) && scan_kind(&part, &kind);
}

/* `Slack #incidents`, `Email + Slack`: the first place that is named; where posts go next the channels say. */
static void channel_cell(struct row_reader *r, struct slice cell)
{
    struct slice rest = cell, kind = { 0 };
    if (is_place(cell) && cell.p[0] == '#') { /* a chat's channel, whatever the chat */
        r->base.channel_kind = S("slack");
        r->base.channel_target = slice_cut(&rest, ' ');
        return;
    }
    if (!scan_kind(&rest, &kind)) {
        if (communication_kind_of(cell) == COMMUNICATION_STATUS_PAGE) r->base.kind = COMMUNICATION_STATUS_PAGE;
        return;
    }
    r->base.channel_kind = kind;
    struct slice word = slice_trim(rest);
    slice_cut_prefix(&word, S(":"));
    if (!scan_phrase(&word, S("message to"))) scan_word(&word, S("to"));
    word = slice_trim(word);
    word = slice_cut(&word, ' ');
    while (word.n > 0 && slice_find_char(S(".,;)"), word.p[word.n - 1]) < 4) word.n--;
    if (is_place(word)) r->base.channel_target = word;
    if (names_another(rest))
        diagnose(r->c, (struct at){ r->node, cell }, "N-CHANNEL-FIRST", S("a row for each channel"),
                 "of several channels the first is taken: %.*s", (int)kind.n, kind.p);
}

/* Levels of a row: false when its cell about them names none. */
static bool levels_cell(struct row_reader *r, struct slice cell)
{
    static const struct slice all[] = { S("all"), S("any"), S("every severity") };
    struct slice rest = cell;
    if (scan_level_set(r->c, &rest, &r->base.severities)) return true;
    r->base.severities = 0;
    return scan_any(&rest, all, COUNT_OF(all));
}

static size_t find_column(const struct row_reader *r, enum column column)
{
    size_t i = 0;
    while (i < r->n && r->columns[i] != column) i++;
    return i;
}

static void name_cells(struct row_reader *r)
{
    const size_t who = find_column(r, COLUMN_AUDIENCE), what = find_column(r, COLUMN_NAME);
    const size_t named = what < r->n && r->cells[what].n > 0 ? what : who;
    if (who < r->n && r->cells[who].n > 0) r->base.audience = communication_audience(r->c, r->cells[who]);
    if (named >= r->n || r->cells[named].n == 0) return;
    r->named = true;
    r->base.name = r->cells[named];
    r->base.kind = communication_kind_of(r->base.name);
}

/* A first column of levels has no need of a head that says so. */
static void columns_find(struct row_reader *r)
{
    struct slice rest = r->cells[0];
    level_set set;
    for (size_t i = 0; i < r->n; i++) r->columns[i] = column_of(r->heads[i]);
    if (find_column(r, COLUMN_SEVERITY) == r->n && scan_level_set(r->c, &rest, &set)) r->columns[0] = COLUMN_SEVERITY;
}

static void duties_add(struct row_reader *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n; i++) {
        if (cell_is_empty(r->cells[i])) continue;
        if (r->columns[i] >= COLUMN_INITIAL) {
            timed_cell(r, i);
            any = true;
        } else if (r->columns[i] == COLUMN_OTHER) {
            warn_cell(r, r->cells[i], "prose", S("head the column Initial, Updates, Resolution or Frequency"));
        }
    }
    if (any || !r->named) return;
    r->base.clock = 0; /* told, and nobody says when */
    r->base.id = id_make(r->c, "communication", r->node, (struct slice){ 0 }, r->base.name);
    *vec_push(&r->c->communications) = r->base;
    mark(r->c, r->node, CLASS_COMPILED);
}

void communication_row(struct compiler *c, const struct node *n, const struct node *header, struct slice audience)
{
    const bool outside = slice_eq(audience, S("external"));
    struct row_reader r = { .c = c, .node = n, .base = { .line = n->line } };
    if (n->header) return;
    r.base.audience = outside ? audience : S("internal"); /* unless a column says whom it is for */
    r.n = row_cells(c->arena, n->text, r.cells, COLUMNS_MAX);
    const size_t n_heads = row_cells(c->arena, header->text, r.heads, COLUMNS_MAX);
    r.n = r.n < n_heads ? r.n : n_heads;
    if (r.n < 2) return;
    r.base.every_ms = r.base.within_ms = POLICY_NONE;
    r.base.kind = COMMUNICATION_OBLIGATION;
    columns_find(&r);
    const size_t severity = find_column(&r, COLUMN_SEVERITY), channel = find_column(&r, COLUMN_CHANNEL);
    name_cells(&r);
    if (channel < r.n) channel_cell(&r, r.cells[channel]);
    const bool levels = severity < r.n && levels_cell(&r, r.cells[severity]);
    bool told = channel < r.n; /* a table about something else has neither channel nor time */
    for (size_t i = 0; i < r.n; i++) told |= r.columns[i] >= COLUMN_INITIAL;
    if (levels || (r.named && severity == r.n && told)) {
        duties_add(&r);
        return;
    }
    for (size_t i = 0; i < r.n; i++) {
        const size_t before = c->diagnostics.n;
        warn_cell(&r, r.cells[i], "prose",
                  S("begin the row with a severity: | SEV1 | 15 minutes | Every 30 minutes |"));
        if (c->diagnostics.n > before) return;
    }
}
