/* check.c - looks at the whole document once its parts are read: what one section promises and another breaks, what
 * nobody is there for, what repeats or contradicts.
 * Not here: where chains end and whom a sentence narrows (chain.c), trees and scenarios, what a single line says.
 * Always: warnings about the document as it stands; none changes what is compiled. */
#include "core/role_name.h"
#include "procedures/escalation.h"

enum { ANSWER_LATE_MS = DAY, RESOLVE_LATE_MS = 30 * DAY };

static struct node at_line(unsigned line, unsigned col)
{
    return (struct node){ .line = line, .last = line, .col = col == 0 ? 1 : col };
}

static struct node at_rule(const struct policy_rule *r)
{
    return at_line(r->line, r->col);
}

static level_set levels_of(const struct compiler *c, level_set set)
{
    level_set all = 0;
    for (int i = 1; i <= policy_levels(&c->policy); i++) all |= LEVEL_BIT(i);
    return set == 0 ? all : set;
}

static bool same_target(const struct policy_target *a, const struct policy_target *b)
{
    return slice_eq(a->party, b->party) && slice_eq(a->by, b->by) && a->step == b->step;
}

static bool same_targets(const struct policy_rule *a, const struct policy_rule *b)
{
    if (a->n_targets != b->n_targets) return false;
    for (size_t i = 0; i < a->n_targets; i++)
        if (!same_target(&a->targets[i], &b->targets[i]) || a->targets[i].told_only != b->targets[i].told_only)
            return false;
    return true;
}

/* What starts both is the same, for some level at some hour. */
static bool same_start(const struct compiler *c, const struct policy_rule *a, const struct policy_rule *b)
{
    bool levels = (levels_of(c, a->severities) & levels_of(c, b->severities)) != 0;
    bool hours = a->hours == HOURS_ALWAYS || b->hours == HOURS_ALWAYS || a->hours == b->hours;
    return a->when == b->when && a->level == b->level && slice_eq(a->category, b->category) && levels && hours;
}

static bool same_scope(const struct compiler *c, const struct policy_rule *a, const struct policy_rule *b)
{
    return levels_of(c, a->severities) == levels_of(c, b->severities) && a->hours == b->hours;
}

/* Two sentences that start alike and name somebody twice: the same again, or two things that cannot both be meant.
 * Sentences of different width are no quarrel: the narrower replaces the wider (W-NARROWED). */
static bool check_pair(struct compiler *c, const struct policy_rule *a, const struct policy_rule *b)
{
    struct node n = at_rule(b);
    if (!same_start(c, a, b) || !same_scope(c, a, b)) return false;
    struct slice other = line_named(c, b->line, a->line);
    if (a->after_ms == b->after_ms && same_targets(a, b)) {
        diagnose(c, (struct at){ &n, { 0 } }, "W-RULE-TWICE", S("delete one of the two"), "%.*s says the same already",
                 (int)other.n, other.p);
        return true;
    }
    if (a->when == RULE_NO_RESPONSE || !slice_eq(a->targets[0].party, b->targets[0].party)) return false;
    const struct policy_target *t = &b->targets[0];
    if (a->after_ms == b->after_ms && a->targets[0].told_only == t->told_only) return false;
    diagnose(c, (struct at){ &n, t->name }, "W-RULE-CONTRADICTS", S("keep the one that is meant, or name its levels"),
             a->after_ms != b->after_ms ? "%.*s names %.*s for the same after another time"
                                        : "%.*s only notifies or pages %.*s where this line does the other",
             (int)other.n, other.p, (int)t->name.n, t->name.p);
    return true;
}

static void check_pairs(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_rules; i++)
        for (size_t k = 0; k < i; k++)
            if (check_pair(c, &c->policy.rules[k], &c->policy.rules[i])) break;
}

/* R117: a later sentence of the chain that pages only who was paged by an earlier one and did not answer. */
static void check_chain_again(struct compiler *c, const struct policy_rule *r)
{
    struct node n = at_rule(r);
    for (size_t k = 0; k < c->policy.n_rules; k++) {
        const struct policy_rule *a = &c->policy.rules[k];
        if (a == r || a->when != RULE_NO_RESPONSE || a->after_ms >= r->after_ms || !same_start(c, a, r)) continue;
        if (!same_scope(c, a, r) && slice_eq(a->targets[0].party, r->targets[0].party))
            continue; /* one replaces the other */
        for (size_t i = 0; i < a->n_targets; i++) {
            if (r->n_targets != 1 || !same_target(&a->targets[i], &r->targets[0])) continue;
            struct slice other = line_named(c, r->line, a->line);
            diagnose(c, (struct at){ &n, r->targets[0].name }, "W-SELF-LOOP",
                     S("name who comes next: - No response in 10 minutes → Incident Commander"),
                     "%.*s was paged by %.*s and did not answer", (int)r->targets[0].name.n, r->targets[0].name.p,
                     (int)other.n, other.p);
            return;
        }
    }
}

/* The sentence that pages at once, on entry to a level. */
static struct slice entry_offer(struct compiler *c, const struct policy_rule *r)
{
    int level = 1;
    while (level < POLICY_MAX_LEVELS && !LEVEL_IN(r->severities, level)) level++;
    const struct slice label = policy_level_label(&c->policy, level), party = r->targets[0].name;
    return text_make(c, "- %.*s incident → %.*s", (int)label.n, label.p, (int)party.n, party.p);
}

/* A wait that is as good as none: nobody would call it escalation. */
static void check_wait(struct compiler *c, const struct policy_rule *r)
{
    int64_t limit = r->when == RULE_NO_RESPONSE ? ANSWER_LATE_MS : RESOLVE_LATE_MS;
    struct node n = at_rule(r);
    struct slice delay = duration_text(c, r->after_ms);
    if (r->after_ms > limit)
        offer_line(diagnose(c, (struct at){ &n, { 0 } }, "W-ENDLESS-WAIT", S("write a shorter delay"),
                            "nobody else hears of it for %.*s", (int)delay.n, delay.p),
                   line_with(c, r->line, delay, r->when == RULE_NO_RESPONSE ? S("5 minutes") : S("1 hour")));
    bool timed = r->when == RULE_NO_RESPONSE || r->when == RULE_NO_RESOLUTION;
    if (timed && r->after_ms == 0)
        diagnose(c, (struct at){ &n, { 0 } }, "W-NO-WAIT", entry_offer(c, r),
                 "without a delay this pages together with the first page");
}

static bool mentions(const struct policy_rule *r, int level)
{
    return r->when == RULE_SEVERITY ? r->level == level : r->when != RULE_CATEGORY && LEVEL_IN(r->severities, level);
}

/* A level that no sentence mentions is paged once, and then nothing happens. */
static void check_levels(struct compiler *c)
{
    for (size_t i = 0; c->policy.n_rules > 0 && i < c->policy.n_severities; i++) {
        const struct policy_severity *s = &c->policy.severities[i];
        struct node n = at_line(s->line, 0);
        bool mentioned = false;
        for (size_t k = 0; k < c->policy.n_rules; k++) mentioned |= mentions(&c->policy.rules[k], s->level);
        if (mentioned) continue;
        diagnose(c, (struct at){ &n, { 0 } }, "W-LEVEL-NO-RULE",
                 text_make(c, "add to the escalation rules: - %.*s: No response in 30 minutes → Secondary on-call",
                           (int)s->label.n, s->label.p),
                 "no escalation sentence holds for %.*s: after the first page nothing follows", (int)s->label.n,
                 s->label.p);
    }
}

/* A level whose people may answer later than the next one is paged: one of the two numbers is not meant. */
static void check_response(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_severities; i++) {
        const struct policy_severity *s = &c->policy.severities[i];
        const struct policy_rule *first = NULL;
        for (size_t k = 0; k < c->policy.n_rules; k++) {
            const struct policy_rule *r = &c->policy.rules[k];
            if (r->when != RULE_NO_RESPONSE || !LEVEL_IN(r->severities, s->level)) continue;
            if (first == NULL || r->after_ms < first->after_ms) first = r;
        }
        if (first == NULL || s->respond_within_ms <= first->after_ms) continue;
        struct node n = at_line(s->line, 0);
        struct slice other = line_named(c, s->line, first->line);
        struct slice own = duration_text(c, s->respond_within_ms), delay = duration_text(c, first->after_ms);
        diagnose(c, (struct at){ &n, { 0 } }, "W-RESPONSE-LATE",
                 text_make(c, "add to the escalation rules: - %.*s: No response in %.*s → %.*s", (int)s->label.n,
                           s->label.p, (int)own.n, own.p, (int)first->targets[0].name.n, first->targets[0].name.p),
                 "%.*s may be answered within %.*s, but %.*s pages %.*s after %.*s", (int)s->label.n, s->label.p,
                 (int)own.n, own.p, (int)other.n, other.p, (int)first->targets[0].name.n, first->targets[0].name.p,
                 (int)delay.n, delay.p);
    }
}

static bool is_cadence(const struct policy_communication *k, int level)
{
    return k->every_ms != POLICY_NONE && LEVEL_IN(k->severities, level);
}

/* The two worst levels are those that people ask about: a plan that tells nobody anything after the first message. */
static void check_cadence(struct compiler *c)
{
    const struct policy *p = &c->policy;
    struct node n = at_line(p->n_communications > 0 ? p->communications[0].line : 1, 0);
    for (size_t i = 0; p->n_communications > 0 && i < p->n_severities && i < 2; i++) {
        const struct policy_severity *s = &p->severities[i];
        bool told = s->update_every_ms != POLICY_NONE;
        for (size_t k = 0; k < p->n_communications; k++) {
            const struct policy_communication *m = &p->communications[k];
            told |= is_cadence(m, s->level);
            bool other = is_cadence(m, s->level) && m->kind == COMMUNICATION_STATUS_UPDATES &&
                         s->update_every_ms != POLICY_NONE && m->every_ms != s->update_every_ms;
            if (!other) continue;
            struct node at = at_line(m->line, 0);
            struct slice where = line_named(c, m->line, s->line);
            diagnose(c, (struct at){ &at, { 0 } }, "W-CADENCE-TWICE", S("write one cadence for each level"),
                     "%.*s (%.*s) says another time between updates", (int)s->label.n, s->label.p, (int)where.n,
                     where.p);
        }
        if (told) continue;
        diagnose(c, (struct at){ &n, { 0 } }, "W-NO-CADENCE",
                 text_make(c, "add: 1. **Status Updates**: %.*s: every 30 minutes", (int)s->label.n, s->label.p),
                 "nothing says how often people hear about a %.*s incident", (int)s->label.n, s->label.p);
        return;
    }
}

/* A milestone without a clock behind milestones with one is never late. */
static void check_clocks(struct compiler *c)
{
    bool clocked = false;
    for (size_t i = 0; i < c->policy.n_milestones; i++) {
        const struct policy_milestone *m = &c->policy.milestones[i];
        struct node n = at_line(m->line, 0);
        clocked |= m->at_ms != POLICY_NONE;
        if (m->at_ms != POLICY_NONE || m->due_ms != POLICY_NONE || !clocked || m->after_resolution) continue;
        diagnose(c, (struct at){ &n, { 0 } }, "N-NO-CLOCK", S("### T+60 Minutes - NAME"),
                 "this milestone has no clock and is never late");
    }
}

/* "Stakeholders notified", "Notify Legal": the name, or nothing. */
static struct slice told_name(struct slice text)
{
    static const struct slice passive[] = { S("notified"),     S("informed"),    S("are notified"),
                                            S("are informed"), S("is notified"), S("is informed") };
    static const struct slice active[] = { S("notify"), S("inform") };
    static const struct slice ends[] = {
        S("about"), S("of"), S("via"), S("by"), S("if"), S("when"), S("with"), S("in")
    };
    struct slice rest = text;
    if (scan_any(&rest, active, COUNT_OF(active))) {
        scan_word(&rest, S("the"));
        size_t end = rest.n;
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            size_t at = find_phrase(rest, ends[i]);
            if (at < end) end = at;
        }
        return slice_trim(slice_upto(rest, end));
    }
    for (size_t i = 0; i < COUNT_OF(passive); i++) {
        size_t at = find_phrase(text, passive[i]);
        if (at == text.n) continue;
        struct slice name = slice_trim(slice_upto(text, at));
        static const struct slice verbs[] = { S("are"), S("is") };
        for (size_t k = 0; k < COUNT_OF(verbs); k++) {
            size_t verb = find_phrase(name, verbs[k]);
            if (verb + verbs[k].n == name.n) name = slice_trim(slice_upto(name, verb));
        }
        return name;
    }
    return (struct slice){ 0 };
}

/* A8: somebody is to be told whom the document defines nowhere. */
static void check_names(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_milestones; i++)
        for (size_t k = 0; k < c->policy.milestones[i].n_checks; k++) {
            const struct policy_check *check = &c->policy.milestones[i].checks[k];
            struct slice name = told_name(check->text);
            size_t words = 1;
            for (size_t b = 0; b < name.n; b++) words += name.p[b] == ' ';
            if (name.n == 0 || words > 3 || party_is_known(c, role_id(c->arena, name))) continue;
            struct node n = at_line(check->line, 0);
            diagnose(c, (struct at){ &n, name }, "W-NAME-UNDEFINED",
                     text_make(c, "add to the contacts: - %.*s: [Email/Slack]", (int)name.n, name.p),
                     "\"%.*s\" is defined nowhere in this document: binding required", (int)name.n, name.p);
            interpret(c, check->line, "A8", "a party that the document does not define: the site says who it is",
                      "everybody who is interested", "list it under Emergency Contacts");
        }
}

void policy_check(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_rules; i++)
        if (c->policy.rules[i].when == RULE_NO_RESPONSE) check_chain_again(c, &c->policy.rules[i]);
    check_pairs(c);
    check_levels(c);
    check_response(c);
    check_cadence(c);
    check_names(c);
}

void document_check(struct compiler *c)
{
    for (size_t i = 0; i < c->policy.n_rules; i++) check_wait(c, &c->policy.rules[i]);
    check_clocks(c);
    if (!c->options.part) policy_check(c);
}
