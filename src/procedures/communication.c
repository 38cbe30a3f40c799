/* communication.c - who is told what by when: updates, status page, customer notice, postmortem.
 * Not here: tables (communication_table.c), the texts (templates.c). Sending begins at declaration (A51), cadences run
 * to resolution (A35). */
#include "procedures/communication.h"

static const struct {
    struct slice words;
    enum communication_kind kind;
} kinds[] = {
    { S("initial alert"), COMMUNICATION_INITIAL_ALERT },
    { S("initial notification"), COMMUNICATION_INITIAL_ALERT },
    { S("initial announcement"), COMMUNICATION_INITIAL_ALERT },
    { S("status page"), COMMUNICATION_STATUS_PAGE },
    { S("status update"), COMMUNICATION_STATUS_UPDATES },
    { S("status updates"), COMMUNICATION_STATUS_UPDATES },
    { S("updates"), COMMUNICATION_STATUS_UPDATES },
    { S("customer notification"), COMMUNICATION_CUSTOMER_NOTICE },
    { S("customer notice"), COMMUNICATION_CUSTOMER_NOTICE },
    { S("customers"), COMMUNICATION_CUSTOMER_NOTICE },
    { S("post-mortem"), COMMUNICATION_POSTMORTEM },
    { S("postmortem"), COMMUNICATION_POSTMORTEM },
    { S("resolution"), COMMUNICATION_RESOLUTION },
};

enum communication_kind communication_kind_of(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (find_phrase(name, kinds[i].words) < name.n) return kinds[i].kind;
    return COMMUNICATION_OBLIGATION;
}

struct sentence {
    struct compiler *c;
    const struct node *node;
    struct policy_communication *out;
};

/* G15: working days are counted by a calendar that this line does not name; whole days are stricter. */
void communication_business(struct compiler *c, const struct node *n, struct duration d)
{
    static const struct slice words[] = { S("business "), S("working ") };
    if (!d.business) return;
    struct slice clock = duration_text(c, d.ms);
    struct diagnostic *said =
        diagnose(c, (struct at){ n, { 0 } }, "W-BUSINESS-TIME", S("write the time on the clock: Within 3 days"),
                 "working time without a calendar: it is read as %.*s on the clock", (int)clock.n, clock.p);
    struct slice text = source_line(c->source, n->line)->text;
    for (size_t i = 0; i < COUNT_OF(words) && n->last == n->line; i++) {
        const size_t at = slice_find_nocase(text, words[i]);
        if (at < text.n) offer_line(said, line_with(c, n->line, slice_upto(slice_from(text, at), words[i].n), S("")));
    }
}

/* `Slack message to #incidents` */
static bool read_post(struct sentence *s, struct slice text)
{
    if (!scan_kind(&text, &s->out->channel_kind)) return false;
    if (!scan_phrase(&text, S("message to")) && !scan_word(&text, S("to"))) return false;
    s->out->channel_target = slice_trim(text);
    s->out->clock = 'D';
    if (s->out->channel_target.n > 0)
        interpret(s->c, s->node->line, "A51", "posted when the incident is declared, not when an alert opens it",
                  "at every alert", "declare: every alert (in the routing)");
    return s->out->channel_target.n > 0;
}

void communication_cadence(struct compiler *c, unsigned line)
{
    interpret(c, line, "A35",
              "from declaration until resolved, mitigated included; restarts at each update; the Incident Commander's, "
              "else the primary's",
              "only while nothing is mitigated", "Every 15 minutes until resolved");
}

static bool read_tail(struct slice text, const struct slice *tails, size_t n)
{
    scan_any(&text, tails, n);
    return scan_end(text);
}

/* `Every 15 minutes during active incident`, `Every 15-30 minutes`: of a range the shorter holds. */
static bool read_every(struct sentence *s, struct slice text)
{
    static const struct slice tails[] = { S("during active incident"), S("during active incidents"),
                                          S("during an active incident"), S("during an incident"), S("while active") };
    static const struct slice periods[] = { S("hourly"), S("daily"), S("weekly") };
    struct duration low, high;
    struct slice ahead = text;
    scan_word(&text, S("update"));
    if (!scan_word(&text, S("every")) && !scan_any(&ahead, periods, COUNT_OF(periods))) return false;
    bool range = scan_range(&text, &low, &high);
    if (!range && !scan_duration(&text, &low)) return false;
    if (!read_tail(text, tails, COUNT_OF(tails)) || low.ms <= 0) return false;
    s->out->every_ms = low.ms;
    s->out->clock = 'D';
    if (range) diagnose(s->c, (struct at){ s->node, { 0 } }, "N-RANGE", S(""), "of this range the shorter time holds");
    communication_cadence(s->c, s->node->line);
    return true;
}

/* `SEV1/SEV2: Update every 30 minutes` */
static bool read_level_every(struct sentence *s, struct slice text)
{
    level_set set;
    if (!scan_level_set(s->c, &text, &set) || !scan_char(&text, ':') || !read_every(s, text)) return false;
    s->out->severities = set;
    return true;
}

/* `Update within 15 minutes of incident` */
static bool read_update_within(struct sentence *s, struct slice text)
{
    static const struct slice tails[] = { S("of incident"), S("of the incident"), S("of declaration") };
    struct duration d;
    if (!scan_phrase(&text, S("update within")) || !scan_duration(&text, &d)) return false;
    if (!read_tail(text, tails, COUNT_OF(tails))) return false;
    s->out->within_ms = d.ms;
    s->out->clock = 'D';
    communication_business(s->c, s->node, d);
    interpret(s->c, s->node->line, "A36",
              "counted from the declaration; a private incident is never published by itself, a drill never",
              "from the first alert; every incident", "Update within 15 minutes of declaration");
    return true;
}

/* `For SEV1/SEV2 incidents`, `For SEV1/SEV2 incidents, within 15 minutes` */
static bool read_for_levels(struct sentence *s, struct slice text)
{
    level_set set;
    struct duration d;
    if (!scan_word(&text, S("for")) || !scan_level_set(s->c, &text, &set)) return false;
    if (!scan_word(&text, S("incidents")) && !scan_word(&text, S("incident"))) return false;
    scan_char(&text, ',');
    if (scan_word(&text, S("within"))) {
        if (!scan_duration(&text, &d) || !scan_end(text)) return false;
        s->out->within_ms = d.ms;
        communication_business(s->c, s->node, d);
    }
    if (!scan_end(text)) return false;
    s->out->severities = set;
    s->out->clock = 'D';
    return true;
}

/* `Within 24 hours of resolution`, `Report within 2 days` */
static bool read_within(struct sentence *s, struct slice text)
{
    struct duration d;
    size_t at = find_phrase(text, S("within"));
    text = slice_from(text, at);
    if (!scan_word(&text, S("within")) || !scan_duration(&text, &d)) return false;
    bool resolution = scan_phrase(&text, S("of resolution")) || scan_phrase(&text, S("after resolution"));
    if (!scan_end(text)) return false;
    bool after = resolution || s->out->kind == COMMUNICATION_POSTMORTEM || s->out->kind == COMMUNICATION_RESOLUTION;
    s->out->within_ms = d.ms;
    s->out->clock = after ? 'R' : 'D';
    communication_business(s->c, s->node, d);
    return true;
}

static const struct {
    bool (*read)(struct sentence *s, struct slice text);
} patterns[] = {
    { read_post }, { read_every }, { read_level_every }, { read_update_within }, { read_for_levels }, { read_within },
};

static const struct {
    struct slice word;
    const char *every;
} periods[] = { { S("hourly"), "Hourly" }, { S("daily"), "Daily" }, { S("weekly"), "Weekly" } };

/* The nearest pattern with the text's own clock. */
static struct slice rewrite(struct sentence *s, struct slice text)
{
    struct duration d = { 15 * MINUTE, false };
    size_t at;
    find_duration(text, &d, &at);
    struct slice clock = duration_text(s->c, d.ms), name = s->out->name;
    name = slice_trim(slice_upto(name, slice_find(name, S(" - ")))); /* "Executives - hourly" */
    for (size_t i = 0; i < COUNT_OF(periods); i++)
        if (find_phrase(text, periods[i].word) < text.n)
            return text_make(s->c, "1. **%.*s**: %s", (int)name.n, name.p, periods[i].every);
    if (find_phrase(text, S("every")) < text.n)
        return text_make(s->c, "1. **%.*s**: Every %.*s during active incident", (int)name.n, name.p, (int)clock.n,
                         clock.p);
    return text_make(s->c, "1. **%.*s**: Update within %.*s of incident", (int)name.n, name.p, (int)clock.n, clock.p);
}

/* Whatever no pattern reads is an obligation without a clock, and says so when a number is lost (G5). */
static void sentence_read(struct sentence *s, struct slice text)
{
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct policy_communication before = *s->out;
        if (patterns[i].read(s, text)) return;
        *s->out = before;
    }
    warn_clock_lost(s->c, s->node, "an obligation without a clock", rewrite(s, text));
}

struct slice communication_audience(struct compiler *c, struct slice heading)
{
    if (find_phrase(heading, S("internal")) < heading.n) return S("internal");
    if (find_phrase(heading, S("external")) < heading.n) return S("external");
    return slug_of(c->arena, heading);
}

static void item_read(struct compiler *c, const struct node *n, struct slice audience)
{
    struct policy_communication out = { .line = n->line, .audience = audience };
    out.every_ms = out.within_ms = POLICY_NONE;
    out.name = n->labelled ? n->label : slice_upto(n->text, slice_find_char(n->text, ':'));
    if (n->text.n == 0) return;
    struct slice text = n->labelled ? n->rest : slice_from(n->text, out.name.n + 1);
    if (!n->labelled && text.n == 0) text = out.name; /* "Updates every 30 minutes" */
    out.name = slice_trim(out.name);
    out.kind = communication_kind_of(out.name);
    out.id = id_make(c, "communication", n, (struct slice){ 0 }, out.name);
    struct sentence s = { c, n, &out };
    sentence_read(&s, slice_trim(text));
    *vec_push(&c->communications) = out;
    mark(c, n, CLASS_COMPILED);
}

void compile_communication(struct compiler *c, const struct section *s)
{
    struct slice audience = communication_audience(c, s->name);
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING)
            audience = communication_audience(c, n->text);
        else if ((n->kind == NODE_ITEM && n->level <= 1) || (n->kind == NODE_TEXT && n->labelled && n->rest.n > 0))
            item_read(c, n, audience);
        else if (n->kind == NODE_ROW)
            communication_row(c, n, &c->doc.v[n->table], audience);
        else if (n->kind == NODE_ITEM || n->kind == NODE_TEXT)
            warn_clock_lost(c, n, "prose", S("make it an item of its own: 1. **Status Updates**: Every 30 minutes"));
    }
}

/* A37: a notice to customers without a deadline borrows the status page's; it counts from entering the level, because
 * a level may be raised later. */
void communication_finish(struct compiler *c)
{
    int64_t borrowed = 15 * MINUTE;
    for (size_t i = c->communications.n; i > 0; i--) {
        const struct policy_communication *k = &c->communications.v[i - 1];
        if (k->kind == COMMUNICATION_STATUS_PAGE && k->within_ms != POLICY_NONE) borrowed = k->within_ms;
    }
    for (size_t i = 0; i < c->communications.n; i++) {
        struct policy_communication *k = &c->communications.v[i];
        k->effective_within_ms = k->within_ms;
        if (k->kind != COMMUNICATION_CUSTOMER_NOTICE || k->within_ms != POLICY_NONE || k->severities == 0) continue;
        k->effective_within_ms = borrowed;
        struct slice due = duration_text(c, borrowed);
        interpret(c, k->line, "A37",
                  arena_str(c->arena, text_make(c,
                                                "due %.*s after entering one of these levels, once: as soon as the "
                                                "status page's update",
                                                (int)due.n, due.p)),
                  "no deadline",
                  arena_str(c->arena, text_make(c, "For SEV1/SEV2 incidents, within %.*s", (int)due.n, due.p)));
    }
}
