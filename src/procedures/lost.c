/* lost.c - the last look for clocks (G5): a line with a duration that stayed prose where rules stand says so.
 * Not here: lines that are compiled and whose clock no pattern read; their sections say that.
 * Always: one warning a line, and none where a warning or an error stands already. */
#include "procedures/compiler.h"

/* Roles whose lines are meant to make something happen. Steps, duties and tools may say any time they like. */
static bool is_ruled(enum section_role role)
{
    static const enum section_role roles[] = {
        SECTION_SEVERITY,   SECTION_SEVERITY_RAISE, SECTION_SEVERITY_LOWER, SECTION_TIMELINE, SECTION_COMMUNICATION,
        SECTION_ESCALATION, SECTION_TRIGGERS,       SECTION_THRESHOLDS,     SECTION_CHANNELS, SECTION_POST_INCIDENT,
    };
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (roles[i] == role) return true;
    return false;
}

static bool is_said(const uint8_t *said, const struct node *n)
{
    for (unsigned line = n->line; line <= n->last; line++)
        if (said[line - 1]) return true;
    return false;
}

/* A list item, a row or a label with text: an introduction in full sentences is for reading. */
static bool is_line_of_rules(const struct node *n)
{
    return n->kind == NODE_ITEM || (n->kind == NODE_ROW && !n->header) ||
           (n->kind == NODE_TEXT && n->labelled && n->rest.n > 0);
}

/* A line that would be a rule if it stood outside its quote or fence (G4). */
static bool is_rule_like(struct slice text)
{
    struct duration d;
    size_t at;
    return find_arrow(text) < text.n || find_duration(text, &d, &at);
}

/* Quotes are read by no section; of fences, only where no commands, templates and trees belong. */
static bool is_block_of_rules(const struct compiler *c, const struct node *n, enum section_role role)
{
    int depth;
    struct slice text = source_line(c->source, n->line)->text;
    size_t prefix = block_prefix(text, &depth);
    if (n->kind == NODE_OTHER) return slice_find_char(slice_upto(text, prefix), '>') < prefix;
    return n->kind == NODE_FENCE && (role == SECTION_ESCALATION || role == SECTION_TRIGGERS ||
                                     role == SECTION_THRESHOLDS || role == SECTION_CHANNELS);
}

/* The first line of a block that looks like a rule: one warning a block. */
static void warn_block(struct compiler *c, const struct node *n)
{
    int depth;
    for (unsigned line = n->line; line <= n->last; line++) {
        struct slice text = source_line(c->source, line)->text;
        text = slice_trim(slice_from(text, block_prefix(text, &depth)));
        if (c->classes[line - 1] != CLASS_PROSE || !is_rule_like(text)) continue;
        struct node at = { .kind = NODE_OTHER, .line = line, .last = line, .text = text, .rest = text };
        at.col = source_column(c->source, line, text.p);
        text = text_cut(text, 200);
        diagnose(c, (struct at){ &at, text }, "W-CLOCK-LOST", text_make(c, "- %.*s", (int)text.n, text.p),
                 "this looks like a rule and stands in a %s, where nothing is executed",
                 n->kind == NODE_FENCE ? "fence" : "quote");
        return;
    }
}

/* The last line of a fence closes it, or all that follows in the document went into it. */
static bool fence_closes(const struct compiler *c, const struct node *n)
{
    int depth;
    size_t open = 0, close = 0;
    struct slice first = source_line(c->source, n->line)->text, last = source_line(c->source, n->last)->text;
    first = slice_from(first, block_prefix(first, &depth));
    last = slice_trim(last);
    while (open < first.n && first.p[open] == first.p[0]) open++;
    while (close < last.n && last.p[close] == first.p[0]) close++;
    return n->last > n->line && close == last.n && close >= open;
}

void warn_clocks_left(struct compiler *c)
{
    uint8_t *said = arena_alloc(c->arena, c->source->n + 1);
    for (unsigned i = 0; i < c->source->n; i++) said[i] = false;
    for (size_t i = 0; i < c->diagnostics.n; i++) /* a note is not printed unless asked for */
        if (c->diagnostics.v[i].level != DIAGNOSTIC_NOTE) said[c->diagnostics.v[i].line - 1] = true;
    for (size_t i = 0; i < c->doc.n; i++) {
        const struct node *n = &c->doc.v[i];
        const int section = c->sections.of_node[i];
        struct duration d;
        size_t at;
        if (n->kind == NODE_FENCE && !fence_closes(c, n))
            diagnose(c, (struct at){ n, { 0 } }, "W-FENCE-OPEN", S("```"),
                     "nothing closes this fence: what follows is read as part of it");
        if (section >= 0 && is_ruled(c->sections.v[section].role) && !is_said(said, n) &&
            is_block_of_rules(c, n, c->sections.v[section].role))
            warn_block(c, n);
        if (section < 0 || !is_ruled(c->sections.v[section].role) || !is_line_of_rules(n)) continue;
        if (c->classes[n->line - 1] != CLASS_PROSE || is_said(said, n) || !find_duration(n->text, &d, &at)) continue;
        warn_clock_lost(c, n, "reference prose", S("- No response in 15 minutes → Secondary on-call"));
    }
}
