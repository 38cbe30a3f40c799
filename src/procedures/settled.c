/* settled.c - ambiguities that only the whole document shows: one name and another, one clock and another, what one
 * section says beside what another says (G10). Not here: those of a single sentence, which its section reports.
 * Always: nothing is changed here, only reported; each entry names the line that can be read in two ways. */
#include "core/role_name.h"
#include "procedures/book.h"

/* --- duties that meet --- */

/* A38: the post-mortem stands among the messages and among the tasks. */
static void interpret_postmortem(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; i < p->n_communications; i++)
        for (size_t w = 0; p->communications[i].kind == COMMUNICATION_POSTMORTEM && w < p->book.n_windows; w++)
            for (size_t k = 0; k < p->book.windows[w].n_actions; k++) {
                struct slice text = p->book.windows[w].actions[k].text;
                if (slice_find_nocase(text, S("post-mortem")) == text.n &&
                    slice_find_nocase(text, S("postmortem")) == text.n)
                    continue;
                interpret(c, p->communications[i].line, "A38",
                          "one obligation with the task of that name; publishing it outside is a separate approval",
                          "two reports, one of them sent outside by itself",
                          "Post-Mortem, internal: Within 24 hours …");
                return;
            }
}

/* A4: a level whose recovery takes longer than the milestone "Resolution" allows is late by definition. */
static void interpret_resolution(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; i < p->n_milestones; i++)
        for (size_t k = 0; k < p->n_severities; k++) {
            const struct policy_milestone *m = &p->milestones[i];
            bool resolution = find_phrase(m->name, S("resolution")) < m->name.n && m->at_ms != POLICY_NONE;
            if (!resolution || m->after_resolution || p->severities[k].recovery_min_ms <= m->at_ms) continue;
            interpret(c, p->severities[k].recovery_line, "A4",
                      "milestones are checkpoints that can be late: at this level the resolution is late by definition",
                      "the incident is resolved at that minute", "T+240 Minutes - Resolution");
            return;
        }
}

/* A14: the same minute is the end of the answer's time and the start of the next page. */
static void interpret_same_instant(struct compiler *c, const struct policy_rule *r)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; r->when == RULE_NO_RESPONSE && i < p->n_milestones; i++)
        for (size_t k = 0; k < p->milestones[i].n_checks; k++) {
            bool answer = p->milestones[i].checks[k].evidence == EVIDENCE_ACKNOWLEDGED;
            if (!answer || p->milestones[i].at_ms != r->after_ms) continue;
            interpret(c, p->milestones[i].checks[k].line, "A14",
                      "an answer stamped at the deadline itself is in time, and stops the page of that instant",
                      "it is late", "No response in 6 minutes → …");
            return;
        }
}

/* --- one party, several names (A8) --- */

/* Who is meant where a party is named: the heading of its role, else its contact. */
struct definition {
    struct slice name;
    unsigned line;
};

static struct definition definition_of(const struct policy *p, struct slice party)
{
    for (size_t i = 0; i < p->n_roles; i++)
        if (slice_eq(p->roles[i].id, party)) return (struct definition){ p->roles[i].name, p->roles[i].line };
    const struct policy_contact *contact = policy_contact_for(p, party);
    return contact != NULL ? (struct definition){ contact->name, contact->line } : (struct definition){ { 0 }, 0 };
}

static void interpret_name(struct compiler *c, struct slice party, struct slice written, unsigned line)
{
    const struct definition d = definition_of(&c->policy, party);
    if (d.line == 0 || d.line == line || slice_eq(slug_of(c->arena, d.name), slug_of(c->arena, written))) return;
    struct slice name = text_cut(d.name, 80), shown = text_cut(written, 80);
    interpret(c, line, "A8",
              arena_str(c->arena, text_make(c, "\"%.*s\" is the party of line %u, \"%.*s\"", (int)shown.n, shown.p,
                                            d.line, (int)name.n, name.p)),
              "another party, which nobody fills", arena_str(c->arena, name));
}

static void interpret_names(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; i < p->n_contacts; i++)
        interpret_name(c, p->contacts[i].party, p->contacts[i].name, p->contacts[i].line);
    for (size_t i = 0; i < p->n_roles; i++)
        for (size_t k = 0; k < p->roles[i].n_selectors; k++) {
            const struct policy_selector *x = &p->roles[i].selectors[k];
            interpret_name(c, x->group, x->name, x->line);
        }
    for (size_t i = 0; i < p->n_rules; i++)
        for (size_t k = 0; k < p->rules[i].n_targets; k++)
            interpret_name(c, p->rules[i].targets[k].party, p->rules[i].targets[k].name, p->rules[i].line);
}

/* --- the timeline --- */

/* A12, A13, A51, A55: what a milestone means that people could take otherwise. */
static void interpret_check(struct compiler *c, const struct policy_check *k)
{
    if (find_phrase(k->text, S("root cause analysis")) < k->text.n)
        interpret(c, k->line, "A13", "one analysis with the task of that name, due at the earlier of both",
                  "two analyses", "name the two differently");
    else if (find_phrase(k->text, S("investigation")) < k->text.n)
        interpret(c, k->line, "A13", "the investigation is a part of the incident; the analysis is a task afterwards",
                  "the same work, begun twice", "Search for the cause begins");
    if (k->evidence == EVIDENCE_INCIDENT_LOGGED)
        interpret(c, k->line, "A51", "an alert opens a logged incident; messages and duties begin when it is declared",
                  "an incident is declared with every alert", "declare: every alert (in the routing)");
}

static void interpret_timeline(struct compiler *c)
{
    const struct policy *p = &c->policy;
    if (p->n_milestones > 0)
        interpret(c, p->milestones[0].line, "A55", "clocks run from the commit of the first page",
                  "from the time of detection that a person edits later", "T+0 is the first page");
    for (size_t i = 0; i < p->n_milestones; i++) {
        const struct policy_milestone *m = &p->milestones[i];
        bool resolution = find_phrase(m->name, S("resolution")) < m->name.n;
        if (resolution && !m->after_resolution && m->at_ms != POLICY_NONE)
            interpret(c, m->line, "A12", "late while the incident is unresolved; nothing is blocked by it",
                      "the incident is resolved at that minute", "### T+60 Minutes - Resolution expected");
        for (size_t k = 0; k < m->n_checks; k++) interpret_check(c, &m->checks[k]);
    }
}

/* The same line with R for T: "(R+1 to R+24 hours)". */
static struct slice from_resolution(struct compiler *c, struct slice line)
{
    char *out = arena_alloc(c->arena, line.n + 1);
    for (size_t i = 0; i < line.n; i++) {
        bool clock = (line.p[i] == 'T' || line.p[i] == 't') && i + 1 < line.n && line.p[i + 1] == '+';
        out[i] = clock ? 'R' : line.p[i];
    }
    return (struct slice){ out, line.n };
}

/* A11: T means two things in this document; the reader of a page on paper has to know which. */
static void warn_two_clocks(struct compiler *c)
{
    const struct policy *p = &c->policy;
    unsigned timeline = 0;
    for (size_t i = 0; i < p->n_milestones && timeline == 0; i++)
        if (slice_find_nocase(source_line(c->source, p->milestones[i].line)->text, S("T+")) <
            source_line(c->source, p->milestones[i].line)->text.n)
            timeline = p->milestones[i].line;
    for (size_t i = 0; timeline > 0 && i < p->book.n_windows; i++) {
        const struct policy_window *w = &p->book.windows[i];
        struct slice text = source_line(c->source, w->line)->text;
        if (slice_find_nocase(text, S("T+")) == text.n || w->to_ms == POLICY_NONE) continue;
        struct node n = { .line = w->line, .last = w->line, .col = 1 };
        diagnose(c, (struct at){ &n, { 0 } }, "W-CLOCK", from_resolution(c, text),
                 "T counts from the resolution here and from the first page in line %u", timeline);
        return;
    }
}

/* --- messages --- */

/* A34: what becomes of a post whose channel is down. */
static void interpret_posts(struct compiler *c)
{
    const struct policy *p = &c->policy;
    for (size_t i = 0; p->n_channels > 1 && i < p->n_communications; i++)
        if (p->communications[i].channel_kind.n > 0)
            interpret(c, p->communications[i].line, "A34",
                      "where this channel fails the next one takes the post; a failed post never holds up the incident",
                      "the post waits until the channel is back", "Post to Slack #incidents, else by email");
}

/* A50: people's kinds are for pages, the document's channels are for posts. */
static void interpret_kinds(struct compiler *c)
{
    static const char *const reading = "a person's kinds, in order, are for pages; the channels, in order, are for "
                                       "posts; the two worst levels and unclassified incidents ring, others are quiet";
    const struct policy *p = &c->policy;
    size_t before = c->interpretations.n;
    for (size_t i = 0; p->n_channels > 0 && i < p->n_contacts; i++)
        if (p->contacts[i].n_kinds > 0)
            interpret(c, p->contacts[i].line, "A50", reading, "pages follow the order of the channels",
                      "No response in 5 minutes → Secondary on-call by Phone");
    if (c->interpretations.n == before) return;
    for (size_t i = 0; i < p->n_channels; i++)
        interpret(c, p->channels[i].line, "A50", reading, "pages follow the order of the channels",
                  "No response in 5 minutes → Secondary on-call by Phone");
}

/* A39: the same hint twice in one template; what people read is shorter than this. */
enum { HINT_LINES_MAX = 256 };

static void interpret_hints(struct compiler *c, const struct policy_template *t)
{
    for (size_t i = 0; t->n_lines <= HINT_LINES_MAX && i < t->n_lines; i++)
        for (size_t k = 0; t->lines[i].kind == FIELD_TEXT && k < t->n_lines; k++) {
            if (k == i || t->lines[k].kind != FIELD_TEXT || !slice_eq_nocase(t->lines[i].text, t->lines[k].text))
                continue;
            interpret(c, t->lines[i].line, "A39", "a field is filled by its label, whatever the hint in its brackets",
                      "the same text wherever the hint is the same", "Started: [Start time]");
            break;
        }
}

static void interpret_templates(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_templates; i++) {
        const struct policy_template *t = &c->policy.templates[i];
        if (t->purpose == COMMUNICATION_INITIAL_ALERT)
            interpret(c, t->line, "A51", "sent when the incident is declared, not when an alert opens it",
                      "at every alert", "declare: every alert (in the routing)");
        interpret_hints(c, t);
    }
}

/* --- the document --- */

/* A49: "should be followed": does anything stop when it is not? */
static void interpret_advice(struct compiler *c)
{
    static const struct slice words[] = { S("should be followed"), S("must be followed"), S("shall be followed"),
                                          S("are to be followed") };
    for (size_t i = 0; i < c->doc.n; i++) {
        const struct node *n = &c->doc.v[i];
        bool said = false;
        for (size_t k = 0; n->kind == NODE_TEXT && k < COUNT_OF(words); k++)
            said |= find_phrase(n->text, words[k]) < n->text.n;
        if (!said) continue;
        interpret(c, n->line, "A49", "advice: what is late is recorded; nothing is blocked but the gates of a tree",
                  "a step may not begin before the one above is done", "These procedures are advisory");
        return;
    }
}

void settled_report(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    interpret_names(c);
    interpret_timeline(c);
    warn_two_clocks(c);
    interpret_posts(c);
    interpret_kinds(c);
    interpret_templates(c);
    interpret_advice(c);
    interpret_postmortem(c);
    interpret_resolution(c);
    for (size_t i = 0; i < c->policy.n_rules; i++) interpret_same_instant(c, &c->policy.rules[i]);
    for (size_t i = 0; i < b->n_windows; i++)
        if (b->n_scenarios > 0 && scenario_part_of(c->arena, b->windows[i].name) != PART_UNSET)
            interpret(c, b->windows[i].line, "A48",
                      "tasks after the incident: what a label means depends on where it stands", "a part of a scenario",
                      "### First tasks (T+0 to T+1 hour)");
}
