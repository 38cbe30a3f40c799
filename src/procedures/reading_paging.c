/* reading_paging.c - sentences about how bad it is, who is paged and who answers.
 * The order of pages is not decided here: what a sentence of the document means is core/escalation.h's. */
#include "core/escalation.h"

#include "procedures/reading_parts.h"

static void tell_recovery(struct teller *t, const struct policy_severity *s)
{
    struct slice low = words_time(t, s->recovery_min_ms), high = words_time(t, s->recovery_max_ms);
    const bool from = s->recovery_min_ms != POLICY_NONE, to = s->recovery_max_ms != POLICY_NONE;
    if (s->recovery_line == 0) return;
    if (from && to)
        tell(t, s->recovery_line, 1, "An expected recovery of %.*s to %.*s proposes at least %.*s.", ARG(low),
             ARG(high), ARG(s->label));
    else if (from)
        tell(t, s->recovery_line, 1, "An expected recovery of %s %.*s proposes %.*s.",
             s->recovery_min_open ? "more than" : "at least", ARG(low), ARG(s->label));
    else
        tell(t, s->recovery_line, 1, "An expected recovery of %s %.*s proposes nothing worse than %.*s.",
             s->recovery_max_open ? "less than" : "at most", ARG(high), ARG(s->label));
}

void tell_severities(struct teller *t)
{
    const struct policy *p = t->p;
    for (size_t i = 0; i < p->n_severities; i++) {
        const struct policy_severity *s = &p->severities[i];
        struct slice rank = s->level == 1 ? S("the worst level") : words(t, "level %d", s->level);
        tell(t, s->line, 0, "%.*s%s%.*s%s is %.*s%s.", ARG(s->label), s->name.n > 0 ? " (" : "", ARG(s->name),
             s->name.n > 0 ? ")" : "", ARG(rank), s->criteria.n > 0 ? "; any one criterion is enough" : "");
        for (size_t k = 0; k < s->criteria.n; k++)
            tell(t, s->criteria.v[k].line, 1, "\"%.*s\": a person who ticks it proposes %.*s.",
                 ARG(s->criteria.v[k].text), ARG(s->label));
        tell_recovery(t, s);
        struct slice within = words_time(t, s->respond_within_ms), every = words_time(t, s->update_every_ms);
        if (s->respond_within_ms != POLICY_NONE)
            tell(t, s->line, 1, "A first response to %.*s is due within %.*s.", ARG(s->label), ARG(within));
        if (s->update_every_ms != POLICY_NONE)
            tell(t, s->line, 1, "Updates on %.*s are due every %.*s.", ARG(s->label), ARG(every));
    }
    if (p->n_severities == 0) tell(t, 0, 0, "The document has no severity levels: SEV1 (worst) to SEV4 are taken.");
    struct slice unknown = policy_level_label(p, 0);
    tell(t, 0, 0, "An alert that nobody has classified counts as %.*s and rings all the same.", ARG(unknown));
}

/* --- who is paged --- */

/* "For SEV1 and SEV2, during business hours: " */
static struct slice condition(struct teller *t, const struct policy_rule *r)
{
    struct slice levels = words_levels(t, r->severities), hours = { 0 };
    if (r->hours != HOURS_ALWAYS)
        hours = words(t, "%s %.*s", r->hours == HOURS_DURING ? "during" : "outside", ARG(r->calendar));
    if (r->severities == 0 && hours.n == 0) return hours;
    if (r->severities == 0) return words(t, "Only %.*s: ", ARG(hours));
    return words(t, "Only %.*s%s%.*s: ", ARG(levels), hours.n > 0 ? ", " : "", ARG(hours));
}

static struct slice target_name(struct teller *t, const struct policy_target *to)
{
    struct slice title = policy_role_title(t->p, to->party);
    if (slice_eq(title, to->party)) title = to->name;
    struct slice by = words_kind(to->by);
    return by.n > 0 ? words(t, "%.*s by %.*s", ARG(title), ARG(by)) : title;
}

/* Everybody of one step of the sentence: "A and B", and whether they are told or paged. */
static struct slice step_names(struct teller *t, const struct policy_rule *r, int step, bool told, size_t *n)
{
    struct slice out = { 0 };
    *n = 0;
    for (size_t i = 0; i < r->n_targets; i++) {
        if (r->targets[i].step != step || r->targets[i].told_only != told) continue;
        struct slice name = target_name(t, &r->targets[i]);
        out = words(t, "%.*s%s%.*s", ARG(out), *n > 0 ? " and " : "", ARG(name));
        ++*n;
    }
    return out;
}

/* "Network engineers are", "Management is". */
static const char *is_or_are(struct slice who, size_t n)
{
    bool plural = n > 1 || (slice_has_suffix(who, S("s")) && !slice_has_suffix(who, S("ss")));
    return plural ? "are" : "is";
}

static struct slice step_act(struct teller *t, const struct policy_rule *r, int step)
{
    size_t paged, told;
    struct slice who = step_names(t, r, step, false, &paged), also = step_names(t, r, step, true, &told);
    struct slice act = { 0 };
    if (paged > 0) act = words(t, "%.*s %s paged", ARG(who), is_or_are(who, paged));
    if (told > 0)
        act = words(t, "%.*s%s%.*s %s told, and nothing is asked of them", ARG(act), paged > 0 ? " and " : "",
                    ARG(also), is_or_are(also, told));
    return act;
}

static int last_step(const struct policy_rule *r)
{
    int last = 0;
    for (size_t i = 0; i < r->n_targets; i++) last = r->targets[i].step > last ? r->targets[i].step : last;
    return last;
}

static struct slice cause(struct teller *t, const struct policy_rule *r)
{
    struct slice after = words_time(t, r->after_ms), label = policy_level_label(t->p, r->level);
    switch (r->when) {
    case RULE_NO_RESPONSE:
        return r->after_ms == 0 ? S("as soon as the first page leaves")
                                : words(t, "if nobody responds within %.*s", ARG(after));
    case RULE_NO_RESOLUTION:
        return words(t, "if the incident is not resolved within %.*s, acknowledged or not", ARG(after));
    case RULE_SEVERITY: return words(t, "when an incident becomes %.*s", ARG(label));
    case RULE_CATEGORY: return words(t, "when an incident is classified as %.*s", ARG(r->category));
    case RULE_UNSET: break;
    }
    return S("at once");
}

static struct slice capital(struct teller *t, struct slice s)
{
    if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z') return s;
    return words(t, "%c%.*s", s.p[0] - 'a' + 'A', (int)s.n - 1, s.p + 1);
}

static void tell_rule(struct teller *t, const struct policy_rule *r)
{
    struct slice only = condition(t, r), why = cause(t, r), act = step_act(t, r, 0);
    struct slice wait = words_time(t, r->after_ms);
    if (only.n == 0) why = capital(t, why);
    tell(t, r->line, 0, "%.*s%.*s, %.*s%s.", ARG(only), ARG(why), ARG(act), r->immediate ? " immediately" : "");
    for (int step = 1; step <= last_step(r); step++) {
        act = step_act(t, r, step);
        if (r->after_ms > 0)
            tell(t, r->line, 1, "If that is not enough, %.*s later %.*s.", ARG(wait), ARG(act));
        else
            tell(t, r->line, 1, "Then %.*s.", ARG(act));
    }
}

/* Loud or quiet by level: a rule of the product (A50). */
static struct slice levels_between(struct teller *t, int from, int to)
{
    level_set set = 0;
    for (int level = from; level <= to; level++) set |= LEVEL_BIT(level);
    return set == 0 ? (struct slice){ 0 } : words_levels(t, set);
}

/* "SEV1, SEV2 and unclassified incidents" */
static struct slice those_that_ring(struct teller *t)
{
    struct slice out = policy_level_label(t->p, 1), second = policy_level_label(t->p, 2);
    if (policy_levels(t->p) > 1) out = words(t, "%.*s, %.*s", ARG(out), ARG(second));
    return words(t, "%.*s and unclassified incidents", ARG(out));
}

static void tell_loudness(struct teller *t)
{
    const int levels = policy_levels(t->p), loud = levels < 2 ? levels : 2;
    struct slice worst = policy_level_label(t->p, 1), rings = those_that_ring(t),
                 quiet = levels_between(t, loud + 1, levels);
    tell(t, 0, 0,
         "%.*s ring: the kinds that wake come first, the next kind on failure or after "
         "60 seconds; %.*s uses every kind at once.",
         ARG(rings), ARG(worst));
    if (quiet.n > 0)
        tell(t, 0, 0,
             "%.*s %s quiet: a kind that wakes is used only where all others failed; what still fires unanswered "
             "rings at the next start of a working day.",
             ARG(quiet), levels - loud == 1 ? "is" : "are");
}

static unsigned chain_line(const struct chain *chain)
{
    return chain->v[chain->n - 1].line;
}

/* How long each of a round has: the last delay of the level's own chain, which a narrower sentence may have changed. */
static struct slice round_waits(struct teller *t)
{
    const int64_t common = escalation_chain(t->p, NULL, 1, 0).last_delay_ms;
    const int loud = policy_levels(t->p) < 2 ? 1 : 2;
    struct slice out = { 0 };
    bool same = true;
    for (int i = 1; i <= loud + 1; i++) {
        const int level = i > loud ? 0 : i;
        const int64_t wait = escalation_chain(t->p, NULL, level, 0).last_delay_ms;
        struct slice label = level == 0 ? S("unclassified") : policy_level_label(t->p, level),
                     time = words_time(t, wait);
        out = words(t, "%.*s%s%.*s (%.*s)", ARG(out), i > 1 ? ", " : "", ARG(time), ARG(label));
        same &= wait == common;
    }
    return same ? words_time(t, common) : out;
}

/* What happens after the last one named (A16). */
static void tell_rounds(struct teller *t)
{
    const struct chain chain = escalation_chain(t->p, NULL, 1, 0), calm = escalation_chain(t->p, NULL, 3, 0);
    const int levels = policy_levels(t->p);
    struct slice wait = round_waits(t), commander = policy_role_title(t->p, S(ROLE_COMMANDER)),
                 management = policy_role_title(t->p, S(ROLE_MANAGEMENT)), loud = those_that_ring(t),
                 quiet = levels_between(t, 3, levels);
    if (slice_eq(commander, S(ROLE_COMMANDER))) commander = S("Incident Commander");
    if (slice_eq(management, S(ROLE_MANAGEMENT))) management = S("Management");
    tell(t, chain_line(&chain), 0,
         "If still nobody responds, %.*s go on in rounds: each %.*s in order, then %.*s, each "
         "for %.*s; after %d rounds the incident stays red and the administrators are alarmed.",
         ARG(loud), ARG(commander), ARG(management), ARG(wait), ESCALATION_ROUNDS);
    if (quiet.n > 0)
        tell(t, chain_line(&calm), 0,
             "%.*s then stop, stay red, and join the list that the team gets at the start of work.", ARG(quiet));
}

static size_t tell_rules(struct teller *t, enum rule_when when)
{
    size_t n = 0;
    for (size_t i = 0; i < t->p->n_rules; i++) {
        if (t->p->rules[i].when != when) continue;
        tell_rule(t, &t->p->rules[i]);
        n++;
    }
    return n;
}

void tell_paging(struct teller *t)
{
    const struct policy *p = t->p;
    const struct policy_contact *c = policy_contact_for(p, p->first.party);
    struct slice first = policy_role_title(p, p->first.party);
    if (slice_eq(first, p->first.party)) first = p->first.name;
    tell(t, p->first_line, 0, "%.*s is paged first, as soon as an alert opens an incident.", ARG(first));
    if (c != NULL && c->n_kinds > 0) {
        struct slice kinds = words_kinds(t, c->kinds, c->n_kinds);
        tell(t, c->line, 1, "By %.*s, then by whatever else the person has.", ARG(kinds));
    }
    tell_rules(t, RULE_NO_RESPONSE);
    tell_rounds(t);
    if (tell_rules(t, RULE_NO_RESOLUTION) > 0) tell(t, 0, 0, "Mitigated does not count as resolved.");
    tell_rules(t, RULE_SEVERITY);
    tell_rules(t, RULE_CATEGORY);
    tell_loudness(t);
    tell(t, 0, 0, "An acknowledgement stops all pages at once; only \"not resolved\" goes on counting.");
}

/* --- who does what, and how they are reached --- */

void tell_team(struct teller *t)
{
    for (size_t i = 0; i < t->p->n_roles; i++) {
        const struct policy_role *r = &t->p->roles[i];
        tell(t, r->line, 0, "%.*s %s part of the response.", ARG(r->name), is_or_are(r->name, 1));
        for (size_t k = 0; k < r->duties.n; k++)
            tell(t, r->duties.v[k].line, 1, "Duty: %.*s.", ARG(r->duties.v[k].text));
        for (size_t k = 0; k < r->n_selectors; k++)
            tell(t, r->selectors[k].line, 1, "The experts for %.*s incidents are the %.*s.",
                 ARG(r->selectors[k].category), ARG(r->selectors[k].name));
    }
}

static void tell_contact(struct teller *t, const struct policy_contact *c)
{
    struct slice kinds = words_kinds(t, c->kinds, c->n_kinds), where = { 0 };
    for (size_t i = 0; i < c->n_addresses; i++) {
        struct slice kind = words_kind(c->addresses[i].kind), value = c->addresses[i].value;
        where = words(t, "%.*s%s%.*s%s%.*s", ARG(where), i > 0 ? ", then " : "", ARG(kind), kind.n > 0 ? " " : "",
                      ARG(value));
    }
    if (where.n > 0 && !c->placeholder)
        tell(t, c->line, 0, "%.*s is reached by %.*s, unless the site says otherwise.", ARG(c->name), ARG(where));
    else if (kinds.n > 0)
        tell(t, c->line, 0, "%.*s is reached by %.*s; the site says who that is and where.", ARG(c->name), ARG(kinds));
    else
        tell(t, c->line, 0, "%.*s is reached as the site says.", ARG(c->name));
}

void tell_contacts(struct teller *t)
{
    for (size_t i = 0; i < t->p->n_contacts; i++) tell_contact(t, &t->p->contacts[i]);
    for (size_t i = 0; i < t->p->n_channels; i++) {
        const struct policy_channel *c = &t->p->channels[i];
        struct slice place = words_place(t, c->kind, c->target, c->text);
        tell(t, c->line, 0, i == 0 ? "Posts go to %.*s." : "Where that fails, posts go to %.*s.", ARG(place));
    }
}
