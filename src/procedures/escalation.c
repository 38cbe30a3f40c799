/* escalation.c - the sentences that page people: `No response in 5 minutes → Secondary on-call then Incident Commander`.
 * Not here: ladders and matrices (ladder.c), what the sentences do (core/escalation.c).
 * Always: a line with an arrow, a clock or a comparison is a rule or an error, never prose (G4). */
#include "procedures/escalation.h"

#include "core/role_name.h"

enum { STEPS_MAX = 8, TARGETS_MAX = 32 };

/* Why a sentence could not be read: what was expected, and where. */
struct failure {
    const char *expected;
    struct slice span;
};

struct sentence {
    struct compiler *c;
    const struct node *node;
    struct policy_rule rule;
    level_set entered; /* `SEV1/SEV2 incident`: the levels; one rule for each */
    struct failure why;
    VEC(struct policy_target) targets;
};

static bool expected(struct sentence *s, const char *what, struct slice rest)
{
    size_t arrow = find_arrow(rest);
    if (slice_trim(slice_upto(rest, arrow)).n > 0) rest = slice_upto(rest, arrow); /* underline no more than is wrong */
    if (s->why.expected == NULL) s->why = (struct failure){ what, slice_trim(rest) };
    return false;
}

static bool read_delay(struct sentence *s, struct slice *rest)
{
    static const struct slice words[] = { S("in"), S("within"), S("after"), S("for") };
    struct duration d;
    if (!scan_any(rest, words, COUNT_OF(words))) return expected(s, "\"in\" and a duration", *rest);
    struct slice written = *rest;
    if (!scan_duration(rest, &d)) return expected(s, "a duration such as \"5 minutes\"", written);
    if (d.business)
        return expected(s, "a duration on the clock (working hours need \"during\" and a calendar)", written);
    s->rule.after_ms = d.ms;
    return true;
}

static bool cond_no_response(struct sentence *s, struct slice *rest)
{
    static const struct slice words[] = { S("no response"), S("no acknowledgement"), S("no acknowledgment"),
                                          S("no ack") };
    if (!scan_any(rest, words, COUNT_OF(words))) return false;
    s->rule.when = RULE_NO_RESPONSE;
    return read_delay(s, rest);
}

static bool cond_no_resolution(struct sentence *s, struct slice *rest)
{
    if (!scan_phrase(rest, S("no resolution"))) return false;
    s->rule.when = RULE_NO_RESOLUTION;
    return read_delay(s, rest);
}

static bool cond_level(struct sentence *s, struct slice *rest)
{
    struct slice tail = *rest, label;
    if (!scan_level_set(s->c, &tail, &s->entered)) {
        if (!looks_like_level(tail, &label)) return false;
        struct slice known = level_list(s->c);
        return expected(s, text_make(s->c, "a level of this document (%.*s)", (int)known.n, known.p).p, label);
    }
    if (!scan_word(&tail, S("incident")) && !scan_word(&tail, S("incidents")))
        return expected(s, "\"incident\" behind the level", tail);
    s->rule.when = RULE_SEVERITY;
    *rest = tail;
    return true;
}

static bool cond_category(struct sentence *s, struct slice *rest)
{
    static const struct slice nouns[] = { S("incident"), S("incidents") };
    for (size_t i = 0; i < COUNT_OF(nouns); i++) {
        size_t at = find_phrase(*rest, nouns[i]);
        if (at >= find_arrow(*rest) || at == 0) continue;
        struct slice words = slice_trim(slice_upto(*rest, at));
        s->rule.category = category_canonical(s->c, words);
        if (s->rule.category.n == 0)
            return expected(s,
                            "a type of incident: security, database, network, infrastructure, performance, data, "
                            "third-party, or one that an expert is named for",
                            words);
        *rest = slice_from(*rest, at + nouns[i].n);
        s->rule.when = RULE_CATEGORY;
        return true;
    }
    return false;
}

/* In the order of the grammar; the first that matches wins. */
static const struct {
    bool (*read)(struct sentence *s, struct slice *rest);
} conditions[] = { { cond_no_response }, { cond_no_resolution }, { cond_level }, { cond_category } };

static bool condition_read(struct sentence *s, struct slice *rest)
{
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        struct slice tail = *rest;
        if (conditions[i].read(s, &tail)) {
            *rest = tail;
            return true;
        }
        if (s->why.expected != NULL) return false; /* began like this pattern and left it */
    }
    return expected(s, "a condition: No response in DUR | No resolution in DUR | SEVn incident | TYPE incident", *rest);
}

/* `SEV1/SEV2:` in front. A colon behind something that only looks like a level is an error, not a condition. */
static bool prefix_read(struct sentence *s, struct slice *rest)
{
    struct slice tail = *rest, label;
    if (scan_level_set(s->c, &tail, &s->rule.severities) && scan_char(&tail, ':')) {
        *rest = tail;
        return true;
    }
    s->rule.severities = 0;
    tail = *rest;
    if (!looks_like_level(tail, &label)) return true;
    size_t end = (size_t)(label.p - tail.p) + label.n;
    tail = slice_from(tail, end);
    if (!scan_char(&tail, ':')) return true;
    struct slice known = level_list(s->c);
    return expected(s, text_make(s->c, "levels of this document (%.*s)", (int)known.n, known.p).p, label);
}

/* One calendar under three names: the working hours that the site says. Any other name would never be open. */
static const struct slice calendars[] = { S("business hours"), S("working hours"), S("office hours") };

static bool is_calendar(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(calendars); i++)
        if (slice_eq_nocase(calendars[i], name)) return true;
    return false;
}

static bool calendar_read(struct sentence *s, struct slice *rest)
{
    struct slice tail = *rest;
    if (scan_word(&tail, S("during")))
        s->rule.hours = HOURS_DURING;
    else if (scan_word(&tail, S("outside")))
        s->rule.hours = HOURS_OUTSIDE;
    else
        return true;
    scan_word(&tail, S("of"));
    scan_word(&tail, S("the"));
    size_t at = find_arrow(tail);
    s->rule.calendar = slice_trim(slice_upto(tail, at));
    if (!is_calendar(s->rule.calendar))
        return expected(s, "a calendar: business hours, working hours or office hours", tail);
    *rest = slice_from(tail, at);
    return true;
}

/* Cuts `word` off the end of *s. */
static bool cut_last_word(struct slice *s, struct slice word)
{
    if (s->n < word.n || !slice_eq_nocase(slice_from(*s, s->n - word.n), word)) return false;
    struct slice head = slice_upto(*s, s->n - word.n);
    if (head.n > 0 && head.p[head.n - 1] != ' ') return false;
    *s = slice_trim(head);
    return true;
}

/* `Incident Commander by Phone`: the kind must be one we know. */
static bool by_read(struct sentence *s, struct slice *party, struct policy_target *t)
{
    size_t at = find_phrase(*party, S("by"));
    if (at == party->n) return true;
    struct slice kind = slice_from(*party, at + 2), rest = kind;
    if (!scan_kind(&rest, &t->by) || !scan_end(rest))
        return expected(s, "a kind of contact behind \"by\": Phone, SMS, Push, Email, Slack", kind);
    *party = slice_trim(slice_upto(*party, at));
    return true;
}

/* Ticks and emoji name nobody. */
static bool has_letters(struct slice s)
{
    while (s.n > 0) {
        int32_t rune = slice_cut_rune(&s);
        bool ascii = (rune >= '0' && rune <= '9') || ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z');
        if (ascii || (rune >= 0xc0 && rune < 0x2000) || (rune >= 0x2c00 && rune < 0xfe00)) return true;
    }
    return false;
}

/* Words that tell somebody to act instead of naming a party, and joins that hide two parties in one. */
static bool is_party_name(struct slice party)
{
    static const struct slice verbs[] = { S("page"),  S("call"),   S("notify"),   S("contact"),
                                          S("alert"), S("inform"), S("escalate"), S("tell"),
                                          S("email"), S("text"),   S("involve"),  S("engage") };
    static const struct slice joins[] = { S("and"),    S("or"),    S("if"),     S("when"),
                                          S("unless"), S("after"), S("during"), S("outside") };
    struct slice rest = party;
    size_t at;
    if (!has_letters(party) || scan_any(&rest, verbs, COUNT_OF(verbs)) || find_arrow(party) < party.n) return false;
    for (size_t i = 0; i < COUNT_OF(joins); i++)
        if (find_phrase(party, joins[i]) < party.n) return false;
    return !has_clock(party, &at);
}

static bool target_read(struct sentence *s, struct slice text, int step)
{
    struct policy_target t = { .step = step };
    struct slice party = slice_trim(text);
    while (party.n > 0 && slice_find_char(S(".;!"), party.p[party.n - 1]) < 3)
        party = slice_trim(slice_upto(party, party.n - 1));
    bool more = true;
    while (more) {
        more = false;
        if (cut_last_word(&party, S("immediately"))) more = s->rule.immediate = true;
        if (cut_last_word(&party, S("notification"))) more = t.told_only = true;
    }
    if (!by_read(s, &party, &t)) return false;
    if (cut_last_word(&party, S("notification"))) t.told_only = true;
    if (!is_party_name(party)) return expected(s, "a party such as \"Incident Commander\"", text);
    scan_word(&party, S("the"));
    party = slice_trim(party);
    t.party = role_id(s->c->arena, party);
    t.name = party;
    if (t.party.n == 0) return expected(s, "a party such as \"Incident Commander\"", text);
    s->rule.page = s->rule.page || !t.told_only;
    *vec_push(&s->targets) = t;
    return true;
}

/* The next of `then`, `,`, `+` in text; its length in *n (a comma before "then" belongs to it). */
static size_t find_join(struct slice text, size_t *n, bool *then)
{
    for (size_t at = 0; at < text.n; at++) {
        struct slice rest = slice_from(text, at);
        bool comma = text.p[at] == ',' || text.p[at] == '+';
        if (comma) rest = slice_from(rest, 1);
        bool starts = comma || (at > 0 && text.p[at - 1] == ' ');
        *then = starts && (comma || text.p[at] != ' ') && scan_word(&rest, S("then"));
        if (!comma && !*then) continue;
        *n = (size_t)(rest.p - text.p) - at;
        return at;
    }
    return text.n;
}

static bool targets_read(struct sentence *s, struct slice rest)
{
    int step = 0;
    for (;;) {
        size_t n = 0;
        bool then = false;
        size_t at = find_join(rest, &n, &then);
        if (s->targets.n == TARGETS_MAX)
            return expected(s, "at most 32 parties (make them a group)", slice_upto(rest, at));
        if (!target_read(s, slice_upto(rest, at), step)) return false;
        if (at == rest.n) return true;
        step += then;
        if (step == STEPS_MAX) return expected(s, "at most eight steps (write two sentences)", rest);
        rest = slice_from(rest, at + n);
    }
}

static bool sentence_read(struct sentence *s, struct slice text)
{
    struct slice rest = text;
    if (!prefix_read(s, &rest) || !condition_read(s, &rest) || !calendar_read(s, &rest)) return false;
    if (!scan_arrow(&rest)) return expected(s, "an arrow (→ or ->) and the party to page", rest);
    return targets_read(s, rest);
}

static void rule_add(struct compiler *c, const struct node *n, struct policy_rule rule, struct slice text)
{
    if (c->rules.n == ESCALATION_RULES_MAX) {
        diagnose(c, (struct at){ n, { 0 } }, "E-RULES", S("one sentence can page several: A, B then C"),
                 "more than %d escalation rules", ESCALATION_RULES_MAX);
        return;
    }
    rule.line = n->line;
    rule.col = n->col;
    rule.text = text;
    rule.id = id_make(c, "rule", n, (struct slice){ 0 }, text);
    *vec_push(&c->rules) = rule;
    mark(c, n, CLASS_COMPILED);
}

/* An arrow, a clock or a comparison: whoever wrote it meant something to happen. "After hours" alone is prose. */
static bool is_rule_bearing(struct slice text)
{
    static const struct slice signs[] = { S("<"), S(">"), S("≤"), S("≥") };
    size_t at;
    if (find_arrow(text) < text.n || has_figure(text, &at)) return true;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (slice_find(text, signs[i]) < text.n) return true;
    return false;
}

static bool sentence_add(struct sentence *s, struct slice text)
{
    struct node own = *s->node;
    if (!sentence_read(s, text)) return false;
    s->rule.targets = vec_keep(s->c, &s->targets, struct policy_target, &s->rule.n_targets);
    if (s->rule.when != RULE_SEVERITY) rule_add(s->c, s->node, s->rule, text);
    for (int level = 1; s->rule.when == RULE_SEVERITY && level <= POLICY_MAX_LEVELS; level++) {
        if ((s->entered & LEVEL_BIT(level)) == 0) continue;
        s->rule.level = level;
        rule_add(s->c, &own, s->rule, text);
        own.id = (struct slice){ 0 }; /* a written id names the first of them */
    }
    return true;
}

bool rule_try(struct compiler *c, const struct node *n, struct slice sentence)
{
    struct sentence s = { .c = c, .node = n };
    bool read = sentence_add(&s, sentence);
    vec_release(&s.targets);
    return read;
}

void rule_read(struct compiler *c, const struct node *n)
{
    struct sentence s = { .c = c, .node = n };
    if (n->text.n == 0) return;
    if (sentence_add(&s, n->text) || ladder_read(c, n)) {
        vec_release(&s.targets);
        return;
    }
    if (is_rule_bearing(n->text)) {
        diagnose(c, (struct at){ n, s.why.span }, "E-ESCALATION", rule_rewrite(c, n->text), "expected %s",
                 s.why.expected);
    } else {
        diagnose(c, (struct at){ n, { 0 } }, "N-ESCALATION-PROSE", S(""),
                 "no escalation sentence: kept as reference prose");
    }
    vec_release(&s.targets);
}

/* Would this line alone be a sentence? Reads it and forgets it. */
static bool is_sentence(struct compiler *c, const struct node *n)
{
    struct sentence s = { .c = c, .node = n };
    bool read = sentence_read(&s, n->text);
    vec_release(&s.targets);
    return read;
}

struct slice rule_offer(struct compiler *c, struct slice text)
{
    struct node n = { .kind = NODE_ITEM, .text = text };
    text = text_cut(text, 200);
    return is_sentence(c, &n) ? text_make(c, "- %.*s", (int)text.n, text.p) : rule_rewrite(c, text);
}

/* A paragraph: one sentence that may be wrapped, or one a line where each line begins like one. */
static void paragraph_read(struct compiler *c, const struct node *n)
{
    bool split = n->last > n->line && !is_sentence(c, n);
    for (unsigned i = 0; split && i <= n->last - n->line; i++) {
        struct node line = node_line(c, n, i);
        split = find_arrow(line.text) < line.text.n;
    }
    for (unsigned i = 0; split && i <= n->last - n->line; i++) {
        struct node line = node_line(c, n, i);
        rule_read(c, &line);
    }
    if (!split) rule_read(c, n);
}

static bool is_tier_name(struct slice label)
{
    int64_t n;
    return (scan_word(&label, S("level")) || scan_word(&label, S("tier"))) &&
           (scan_blanks(&label), slice_cut_uint(&label, &n)) && label.n == 0;
}

/* `### Level 2: Incident Commander (15-30 minutes)`: a ladder of headings. Another clock in a heading is lost. */
static void heading_read(struct compiler *c, const struct node *n)
{
    size_t at;
    struct node step = *n;
    step.label = n->text;
    step.rest = n->text;
    struct slice level = slice_cut(&step.rest, ':');
    step.label = slice_trim(level);
    if (step.rest.n > 0 && ladder_read(c, &step)) return;
    if (step.rest.n > 0 && is_tier_name(step.label))
        diagnose(c, (struct at){ n, { 0 } }, "W-LADDER-UNREAD",
                 text_make(c, "### %.*s: %.*s (after 30 minutes)", (int)step.label.n, step.label.p,
                           (int)slice_trim(step.rest).n, slice_trim(step.rest).p),
                 "a step of a ladder without a delay pages nobody");
    else if (has_figure(n->text, &at))
        warn_clock_lost(c, n, "a heading", rule_rewrite(c, n->text));
}

/* Quotes and fences hold no sentences: what in them looks like one, lost.c says. */
static bool holds_rule(const struct compiler *c, const struct node *n)
{
    for (unsigned line = n->line; line <= n->last; line++)
        if (is_rule_bearing(source_line(c->source, line)->text)) return true;
    return false;
}

void compile_escalation(struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_ITEM)
            rule_read(c, n);
        else if (n->kind == NODE_TEXT && is_rule_bearing(n->text))
            paragraph_read(c, n);
        else if (n->kind == NODE_HEADING)
            heading_read(c, n);
        else if (n->kind == NODE_FENCE && !holds_rule(c, n))
            diagnose(c, (struct at){ n, { 0 } }, "N-ESCALATION-PROSE", S("write each rule as a list item"),
                     "a fence holds no escalation sentences: kept as reference prose");
        else if (n->kind == NODE_ROW)
            matrix_row_read(c, n, &c->doc.v[n->table]);
    }
}
