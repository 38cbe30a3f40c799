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
        if (section < 0 || !is_ruled(c->sections.v[section].role) || !is_line_of_rules(n)) continue;
        if (c->classes[n->line - 1] != CLASS_PROSE || is_said(said, n) || !find_duration(n->text, &d, &at)) continue;
        warn_clock_lost(c, n, "reference prose", S("- No response in 15 minutes → Secondary on-call"));
    }
}
