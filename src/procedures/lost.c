/* lost.c - the last look for clocks (G4, G5): a line with a clock that stayed prose where rules stand says so.
 * Not here: lines that are compiled and whose clock no pattern read; their sections say that.
 * Always: the readers are those of the sentences (scan.h), so that no form of a clock is known to one of them alone; one
 * diagnostic a line, and none where a warning or an error stands already. */
#include "procedures/book.h"
#include "procedures/escalation.h"

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

/* A line that would be a rule if it stood outside its quote or fence. */
static bool is_rule_like(struct slice text)
{
    size_t at;
    return find_arrow(text) < text.n || has_figure(text, &at);
}

static struct slice heading_text(struct slice text)
{
    while (text.n > 0 && (text.p[0] == '#' || text.p[0] == '*' || text.p[0] == ' ')) text = slice_from(text, 1);
    while (text.n > 0 && (text.p[text.n - 1] == '*' || text.p[text.n - 1] == ':')) text.n--;
    return slice_trim(text);
}

/* "### T+5 Minutes - Triage", "**Within 24 hours:**": where people's steps stand, only what orders them is a rule. */
static bool is_clocked_heading(struct slice text)
{
    int64_t from, to;
    struct slice name, heading = heading_text(text);
    bool within = scan_word(&heading, S("within")) && has_figure(heading, &(size_t){ 0 });
    return within || heading_clock(heading, &from, &to, &name);
}

static struct slice heading_offer(struct compiler *c, struct slice text)
{
    text = text_cut(heading_text(text), 200);
    return text_make(c, "### %.*s", (int)text.n, text.p);
}

/* Where a line with an arrow, a clock or a comparison is a rule or an error (G4), in a quote and in a fence too.
 * `offer`: the line to write instead. `all`: every line and paragraph of the section stands in that place. */
static const struct position {
    enum section_role role;
    const char *code, *what;
    bool (*is)(struct slice text);
    struct slice (*offer)(struct compiler *c, struct slice text);
    bool all;
} positions[] = {
    { SECTION_ESCALATION, "E-ESCALATION", "an escalation rule", is_rule_like, rule_offer, true },
    { SECTION_THRESHOLDS, "E-THRESHOLD", "a threshold", is_rule_like, threshold_offer, true },
    { SECTION_CHANNELS, "E-CHANNEL", "a channel", is_rule_like, channel_offer, true },
    { SECTION_TIMELINE, "E-TIMELINE", "a milestone", is_clocked_heading, heading_offer, false },
    { SECTION_POST_INCIDENT, "E-WINDOW", "a window after the resolution", is_clocked_heading, heading_offer, false },
};

static const struct position *position_of(enum section_role role)
{
    for (size_t i = 0; i < COUNT_OF(positions); i++)
        if (positions[i].role == role) return &positions[i];
    return NULL;
}

static bool is_all_rules(enum section_role role)
{
    const struct position *p = position_of(role);
    return p != NULL && p->all;
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

static bool is_quote(const struct compiler *c, const struct node *n)
{
    int depth;
    struct slice text = source_line(c->source, n->line)->text;
    size_t prefix = block_prefix(text, &depth);
    return n->kind == NODE_OTHER && slice_find_char(slice_upto(text, prefix), '>') < prefix;
}

/* Indented code; HTML and `!!!` are prose by G1. */
static bool is_code(const struct compiler *c, const struct node *n)
{
    struct slice text = slice_trim(source_line(c->source, n->line)->text);
    bool prose = slice_has_prefix(text, S("<")) || slice_has_prefix(text, S("!!!")) || slice_has_prefix(text, S("???"));
    return n->kind == NODE_OTHER && !prose && !is_quote(c, n);
}

/* ```sh holds commands, whose signs and numbers are not ours. */
static bool is_commands(const struct node *n)
{
    static const struct slice texts[] = { S("text"), S("txt"), S("md"), S("markdown"), S("plain"), S("plaintext") };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (slice_eq_nocase(n->text, texts[i])) return false;
    return n->kind == NODE_FENCE && n->text.n > 0;
}

/* Quotes and code are read by no section; of fences, only where no commands, templates and trees belong. */
static bool is_block_of_rules(const struct compiler *c, const struct node *n, enum section_role role)
{
    bool strict = is_all_rules(role);
    return is_quote(c, n) || (strict && is_code(c, n)) ||
           (n->kind == NODE_FENCE && (strict || role == SECTION_TRIGGERS));
}

/* A heading inside of a fence that swallowed what follows it: the section that would begin there. */
static enum section_role role_inside(struct compiler *c, struct slice text, enum section_role before)
{
    size_t level = 0;
    while (level < text.n && text.p[level] == '#') level++;
    if (level == 0 || level > 4 || level == text.n || text.p[level] != ' ') return before;
    enum section_role role = section_role_of(c->arena, slice_from(text, level));
    return role != SECTION_UNSET ? role : before;
}

static struct node line_node(const struct compiler *c, unsigned line, struct slice text)
{
    struct node n = { .kind = NODE_OTHER, .line = line, .last = line, .text = text, .rest = text };
    n.col = source_column(c->source, line, text.p);
    return n;
}

/* The lines of a quote or fence that look like rules: an error each where only rules stand, else one warning. */
static void block_say(struct compiler *c, const struct node *n, enum section_role role)
{
    const char *place = n->kind == NODE_FENCE ? "fence" : is_quote(c, n) ? "quote" : "code block";
    const bool open = n->kind == NODE_FENCE && !fence_closes(c, n);
    const enum section_role own = role;
    int depth;
    for (unsigned line = n->line; line <= n->last; line++) {
        struct slice text = source_line(c->source, line)->text;
        text = slice_trim(slice_from(text, block_prefix(text, &depth)));
        if (open) role = role_inside(c, slice_trim(source_line(c->source, line)->text), role);
        if (c->classes[line - 1] != CLASS_PROSE && role == own) continue; /* a step's commands */
        if (!is_ruled(role) || !is_rule_like(text)) continue;
        const bool commands = is_commands(n) && role == own; /* what the fence swallowed is none */
        const struct position *p = commands ? NULL : position_of(role);
        struct node at = line_node(c, line, text);
        if (p != NULL && p->is(text)) {
            struct slice offer = p->offer(c, text);
            if (n->kind == NODE_FENCE) offer = text_make(c, "outside of the fence: %.*s", (int)offer.n, offer.p);
            diagnose(c, (struct at){ &at, text_cut(text, 200) }, p->code, offer,
                     "this looks like %s and stands in a %s, where nothing is executed", p->what, place);
            continue;
        }
        diagnose(c, (struct at){ &at, text_cut(text, 200) }, "W-CLOCK-LOST",
                 text_make(c, "write it as a list item outside of the %s", place),
                 "this looks like a rule and stands in a %s, where nothing is executed", place);
        if (!open) return;
    }
}

void block_check(struct compiler *c, const struct node *n, enum section_role role)
{
    if (is_ruled(role) && is_block_of_rules(c, n, role)) block_say(c, n, role);
}

/* A fence that nothing closes took the rest of the document with it. */
static void open_fence(struct compiler *c, const struct node *n, enum section_role role)
{
    diagnose(c, (struct at){ n, { 0 } }, "W-FENCE-OPEN", S("close it with a line of its own: ```"),
             "nothing closes this fence: what follows is read as part of it");
    block_say(c, n, role);
}

/* "### Updates every 30 minutes": a heading that is no level, no milestone and no window only groups. */
static bool is_group_heading(const struct compiler *c, size_t i, enum section_role role)
{
    static const enum section_role roles[] = { SECTION_SEVERITY,      SECTION_SEVERITY_RAISE, SECTION_SEVERITY_LOWER,
                                               SECTION_COMMUNICATION, SECTION_THRESHOLDS,     SECTION_CHANNELS };
    if (c->doc.v[i].kind != NODE_HEADING || c->classes[c->doc.v[i].line - 1] != CLASS_STRUCTURE) return false;
    for (size_t k = 0; k < COUNT_OF(roles); k++)
        if (roles[k] == role) return true;
    return false;
}

/* What stayed prose: a line with a clock, a paragraph with a figure. */
static void line_check(struct compiler *c, const struct node *n, enum section_role role)
{
    const bool strict = is_all_rules(role), line = is_line_of_rules(n);
    size_t at;
    if (c->classes[n->line - 1] != CLASS_PROSE || (!line && n->kind != NODE_TEXT)) return;
    if (strict && !line && is_rule_like(n->text)) {
        const struct position *p = position_of(role);
        diagnose(c, (struct at){ n, { 0 } }, p->code, p->offer(c, n->text), "this looks like %s and is none", p->what);
    } else if (line && !strict ? has_clock(n->text, &at) : has_figure(n->text, &at)) {
        warn_clock_lost(c, n, "reference prose",
                        S("write it where it is executed: - No response in 15 minutes → Secondary on-call"));
    }
}

/* "**Escalation path:**" in a scenario is no label of one, and its rules would be lost: what a line stands under there. */
static enum section_role role_at(struct compiler *c, size_t i, enum section_role *below)
{
    const struct node *n = &c->doc.v[i];
    const int section = c->sections.of_node[i];
    const enum section_role role = section < 0 ? SECTION_UNSET : c->sections.v[section].role;
    const bool label = n->kind == NODE_TEXT && n->labelled && n->rest.n == 0;
    if (role != SECTION_SCENARIOS) return role;
    if (n->kind == NODE_HEADING || label) {
        const bool read = c->classes[n->line - 1] == CLASS_COMPILED;
        *below = read ? SECTION_UNSET : section_role_of(c->arena, label ? n->label : n->text);
        return role;
    }
    return is_ruled(*below) ? SECTION_COMMUNICATION : role; /* a warning: nothing of a scenario is strict */
}

static void node_check(struct compiler *c, size_t i, enum section_role role, const uint8_t *said)
{
    const struct node *n = &c->doc.v[i];
    size_t at;
    if (n->kind == NODE_FENCE && !fence_closes(c, n)) {
        open_fence(c, n, role);
        return;
    }
    if (!is_ruled(role) || is_said(said, n)) return;
    if (n->kind == NODE_FENCE || n->kind == NODE_OTHER)
        block_check(c, n, role);
    else if (is_group_heading(c, i, role) && has_figure(n->text, &at))
        warn_clock_lost(c, n, "a heading", S("say it of each line below"));
    else
        line_check(c, n, role);
}

void warn_clocks_left(struct compiler *c)
{
    uint8_t *said = arena_alloc(c->arena, c->source->n + 1);
    for (unsigned i = 0; i < c->source->n; i++) said[i] = false;
    for (size_t i = 0; i < c->diagnostics.n; i++) /* a note is not printed unless asked for */
        if (c->diagnostics.v[i].level != DIAGNOSTIC_NOTE) said[c->diagnostics.v[i].line - 1] = true;
    enum section_role below = SECTION_UNSET;
    for (size_t i = 0; i < c->doc.n; i++) node_check(c, i, role_at(c, i, &below), said);
}
