/* chain.c - looks at all escalation rules together: where chains end, whom they name, which sentence narrows which.
 * And the rewrite offered for a sentence that could not be read. */
#include "core/role_name.h"
#include "procedures/escalation.h"
#include "procedures/merge.h"
#include "procedures/near.h"

#define NARROWED_MAX 20u /* told one by one */

enum { PARTIES_MAX = 4 };

static const struct {
    struct slice word, party;
} party_words[] = {
    { S("secondary"), S("Secondary on-call") },  { S("backup"), S("Secondary on-call") },
    { S("commander"), S("Incident Commander") }, { S("management"), S("Management") },
    { S("manager"), S("Management") },           { S("security team"), S("Security team") },
    { S("primary"), S("Primary on-call") },
};

/* The party whose name begins at the cursor, a known word or a role of the document; empty when none does. */
static struct slice party_at(const struct compiler *c, struct slice *rest)
{
    for (size_t i = 0; i < COUNT_OF(party_words); i++)
        if (scan_phrase(rest, party_words[i].word)) return party_words[i].party;
    for (size_t i = 0; i < c->policy.n_roles && i < 32; i++)
        if (scan_phrase(rest, c->policy.roles[i].name)) return c->policy.roles[i].name;
    return (struct slice){ 0 };
}

/* "→ CTO", "2. Team lead (15 min)": one name where a party stands, as it is written. */
static struct slice party_written(struct slice text)
{
    struct slice party = text, name;
    size_t words = 1, at;
    if (!scan_arrow(&party)) {
        size_t open = slice_find_char(text, '(');
        if (open == text.n || !slice_has_suffix(slice_trim(text), S(")"))) return (struct slice){ 0 };
        party = slice_upto(text, open);
    }
    party = slice_upto(party, find_phrase(party, S("by"))); /* a kind nobody knows is not offered again */
    name = party = slice_trim(party);
    for (size_t i = 0; i < name.n; i++) {
        bool plain = is_letter(name.p[i]) || is_digit(name.p[i]) || name.p[i] == '-' || name.p[i] == ' ';
        if (!plain) return (struct slice){ 0 };
        words += name.p[i] == ' ';
    }
    bool joined = find_phrase(name, S("and")) < name.n || find_phrase(name, S("the")) < name.n;
    bool capital = name.n > 0 && name.p[0] >= 'A' && name.p[0] <= 'Z';
    return capital && words <= 4 && !joined && !has_clock(name, &at) ? name : (struct slice){ 0 };
}

/* Everybody the text names, in order: "A + B", or "A then B" where arrows or `then` stand between them. */
static struct slice parties_in(struct compiler *c, struct slice text)
{
    struct slice own = party_written(text), list = { 0 }, found[PARTIES_MAX];
    bool then = find_phrase(text, S("then")) < text.n || find_arrow(slice_from(text, 3)) + 3 < text.n;
    size_t n = 0;
    for (size_t at = 0; at < text.n && n < PARTIES_MAX; at++) {
        struct slice rest = slice_from(text, at), party;
        if (!is_letter(text.p[at]) || (at > 0 && is_letter(text.p[at - 1]))) continue;
        party = party_at(c, &rest);
        if (party.n == 0) continue;
        bool known = false;
        struct slice id = role_id(c->arena, party);
        for (size_t i = 0; i < n; i++) known |= slice_eq(role_id(c->arena, found[i]), id);
        if (known) continue;
        found[n++] = party;
        const char *join = then ? " then " : " + ";
        list = text_make(c, "%.*s%s%.*s", (int)list.n, list.p, n == 1 ? "" : join, (int)party.n, party.p);
    }
    if (n > 0) return list;
    return own.n > 0 ? own : S("Incident Commander");
}

static const struct {
    struct slice stem;
    const char *sentence;
} stems[] = {
    { S("respon"), "No response" },     { S("ack"), "No response" },       { S("answer"), "No response" },
    { S("resol"), "No resolution" },    { S("restor"), "No resolution" },  { S("fix"), "No resolution" },
    { S("progress"), "No resolution" }, { S("mitigat"), "No resolution" },
};

/* The text's own delay, a bare number read as minutes; "5 minutes" where it has none. */
static struct slice delay_in(struct compiler *c, struct slice text)
{
    struct duration d;
    size_t at;
    int64_t n;
    if (find_duration(text, &d, &at)) {
        struct slice delay = duration_text(c, d.ms);
        return d.business ? text_make(c, "%.*s during business hours", (int)delay.n, delay.p) : delay;
    }
    for (at = 0; at < text.n; at++) {
        struct slice rest = slice_from(text, at);
        if (at > 0 && text.p[at - 1] == ' ' && slice_cut_uint(&rest, &n) && n > 0 && n < 1000)
            return duration_text(c, n * MINUTE);
    }
    return S("5 minutes");
}

/* "SEV1: " of a sentence whose prefix is fine stays. */
static struct slice prefix_in(struct compiler *c, struct slice text)
{
    struct slice rest = text;
    level_set set;
    if (!scan_level_set(c, &rest, &set) || !scan_char(&rest, ':')) return (struct slice){ 0 };
    return text_make(c, "%.*s ", (int)(text.n - rest.n), text.p);
}

/* "during business hours", wherever the text says so: it belongs before the arrow. */
static struct slice hours_in(struct slice text)
{
    static const struct slice words[] = { S("during business hours"), S("outside business hours"),
                                          S("during working hours"),  S("outside working hours"),
                                          S("during office hours"),   S("outside office hours") };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (find_phrase(text, words[i]) < text.n) return words[i];
    return (struct slice){ 0 };
}

struct slice rule_rewrite(struct compiler *c, struct slice text)
{
    size_t arrow = find_arrow(text);
    struct slice head = slice_upto(text, arrow), label, prefix = prefix_in(c, head);
    struct slice party = parties_in(c, slice_from(text, arrow == text.n ? 0 : arrow)), delay = delay_in(c, text);
    struct slice behind = slice_from(head, prefix.n > 0 ? prefix.n - 1 : 0), hours = hours_in(text);
    const char *sentence = "No response";
    bool stemmed = false;
    for (size_t i = 0; i < COUNT_OF(stems) && !stemmed; i++) {
        stemmed = slice_find_nocase(behind, stems[i].stem) < behind.n;
        if (stemmed) sentence = stems[i].sentence;
    }
    if (!stemmed && looks_like_level(slice_trim(behind), &label)) {
        int level = policy_level_named(&c->policy, label);
        struct slice known = policy_level_label(&c->policy, level > 0 ? level : 1);
        return text_make(c, "- %.*s incident → %.*s", (int)known.n, known.p, (int)party.n, party.p);
    }
    if (!stemmed && find_phrase(behind, S("incident")) < behind.n)
        return text_make(c, "- Security incident → %.*s", (int)party.n, party.p);
    return text_make(c, "- %.*s%s in %.*s%s%.*s → %.*s", (int)prefix.n, prefix.p, sentence, (int)delay.n, delay.p,
                     hours.n > 0 ? " " : "", (int)hours.n, hours.p, (int)party.n, party.p);
}

bool party_is_known(const struct compiler *c, struct slice id)
{
    static const struct slice own[] = { S(ROLE_PRIMARY),    S(ROLE_SECONDARY),     S(ROLE_COMMANDER),
                                        S(ROLE_MANAGEMENT), S(ROLE_SECURITY_TEAM), S(ROLE_EXPERTS) };
    /* A document that names its people is held to it; one that names nobody leaves the usual ones to the site. */
    bool names_people = c->contacts.n > 0 || c->roles.n > 0;
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (slice_eq(own[i], id) && (!names_people || i < 2)) return true;
    for (size_t i = 0; i < c->contacts.n; i++)
        if (slice_eq(c->contacts.v[i].party, id)) return true;
    for (size_t i = 0; i < c->roles.n; i++) {
        if (slice_eq(c->roles.v[i].id, id)) return true;
        for (size_t k = 0; k < c->roles.v[i].n_selectors; k++)
            if (slice_eq(c->roles.v[i].selectors[k].group, id)) return true;
    }
    return false;
}

static struct node node_at(const struct policy_rule *r)
{
    return (struct node){ .line = r->line, .last = r->line, .col = r->col };
}

enum { KNOWN_MAX = 64, KNOWN_SAID = 8 };

/* Whom the document names as a role or a contact, as it writes them, each once. */
static size_t known_parties(const struct compiler *c, struct slice *out)
{
    size_t n = 0;
    for (size_t i = 0; i < c->contacts.n && n < KNOWN_MAX; i++) out[n++] = c->contacts.v[i].name;
    for (size_t i = 0; i < c->roles.n && n < KNOWN_MAX; i++) {
        bool said = false;
        for (size_t k = 0; k < c->contacts.n && !said; k++) said = slice_eq(c->contacts.v[k].party, c->roles.v[i].id);
        if (!said) out[n++] = c->roles.v[i].name;
    }
    return n;
}

static struct slice known_list(struct compiler *c, const struct slice *known, size_t n)
{
    struct slice list = { 0 };
    for (size_t i = 0; i < n && i < KNOWN_SAID; i++)
        list =
            text_make(c, "%.*s%s%.*s", (int)list.n, list.p, i > 0 ? ", " : "; known are ", (int)known[i].n, known[i].p);
    return n > KNOWN_SAID ? text_make(c, "%.*s and %zu more", (int)list.n, list.p, n - KNOWN_SAID) : list;
}

static void warn_unknown_party(struct compiler *c, const struct policy_rule *r, const struct policy_target *t)
{
    struct slice known[KNOWN_MAX] = { { 0 } };
    struct node n = node_at(r);
    size_t n_known = known_parties(c, known);
    struct slice meant = near_name(known, n_known, t->name), list = known_list(c, known, n_known);

    if (meant.n > 0)
        offer_line(diagnose(c, (struct at){ &n, t->name }, "W-PARTY-UNKNOWN", meant,
                            "\"%.*s\" is neither a role nor a contact of this document: is \"%.*s\" meant?",
                            (int)t->name.n, t->name.p, (int)meant.n, meant.p),
                   line_with(c, r->line, t->name, meant));
    else
        diagnose(c, (struct at){ &n, t->name }, "W-PARTY-UNKNOWN",
                 text_make(c, "add to the contacts: - %.*s: [Phone/Slack]", (int)t->name.n, t->name.p),
                 "\"%.*s\" is neither a role nor a contact of this document; the site must bind \"%.*s\"%.*s",
                 (int)t->name.n, t->name.p, (int)t->party.n, t->party.p, (int)list.n, list.p);
}

static void check_parties(struct compiler *c, const struct policy_rule *r)
{
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        struct slice key = text_make(c, "unknown-party:%.*s", (int)t->party.n, t->party.p);
        if (party_is_known(c, t->party) || smap_get(c->ids, key, NULL))
            continue; /* said once, where it is first named */
        smap_put(c->ids, key, r->line);
        warn_unknown_party(c, r, t);
    }
}

/* R117: a sentence that pages whoever just did not answer, or the same party twice, gains nothing. */
static void check_loops(struct compiler *c, const struct policy_rule *r)
{
    struct node n = node_at(r);
    for (size_t i = 0; i < r->n_targets; i++) {
        const struct policy_target *t = &r->targets[i];
        bool again = r->when == RULE_NO_RESPONSE && t->step == 0 && slice_eq(t->party, S(ROLE_PRIMARY));
        for (size_t k = 0; k < i; k++)
            again |= slice_eq(r->targets[k].party, t->party) && slice_eq(r->targets[k].by, t->by);
        if (!again) continue;
        diagnose(c, (struct at){ &n, t->name }, "W-SELF-LOOP", S("- No response in 5 minutes → Secondary on-call"),
                 "%.*s was paged already and did not answer", (int)t->name.n, t->name.p);
    }
}

static bool only_on_call(const struct policy_rule *r)
{
    for (size_t i = 0; i < r->n_targets; i++)
        if (!slice_eq(r->targets[i].party, S(ROLE_PRIMARY)) && !slice_eq(r->targets[i].party, S(ROLE_SECONDARY)))
            return false;
    return true;
}

/* The no-response rule that comes last for a level; NULL when there is none, or when one goes beyond the on-call pair. */
static const struct policy_rule *chain_last(const struct compiler *c, int level)
{
    const struct policy_rule *last = NULL;
    for (size_t i = 0; i < c->rules.n; i++) {
        const struct policy_rule *r = &c->rules.v[i];
        if (r->when != RULE_NO_RESPONSE || !LEVEL_IN(r->severities, level)) continue;
        if (!only_on_call(r)) return NULL;
        if (last == NULL || r->after_ms >= last->after_ms) last = r;
    }
    return last;
}

/* A16: after the chain's end nobody is named; the built-in rounds are a default that the document should say itself. */
static void check_chain_end(struct compiler *c)
{
    const struct policy_rule *warned = NULL;
    for (int level = 1; level <= policy_levels(&c->policy); level++) {
        const struct policy_rule *last = chain_last(c, level);
        if (last == NULL || last == warned) continue;
        warned = last;
        struct node n = node_at(last);
        const struct policy_target *t = &last->targets[last->n_targets - 1];
        struct slice text = slice_trim(last->text);
        while (text.n > 0 && slice_find_char(S(".;!,"), text.p[text.n - 1]) < 4) text.n--;
        diagnose(c, (struct at){ &n, { 0 } }, "W-CHAIN-END",
                 text_make(c, "- %.*s then Incident Commander", (int)text.n, text.p),
                 "the chain ends at %.*s: nobody is named after", (int)t->name.n, t->name.p);
        interpret(c, last->line, "A16",
                  "SEV1, SEV2 and unclassified continue with each commander, then Management; the "
                  "others stop, stay red and join the morning list",
                  "nobody is paged after the last one named",
                  "No response in 5 minutes → Secondary on-call then Incident Commander");
    }
}

struct node escalation_heading(const struct compiler *c)
{
    struct node n = { 0 };
    for (size_t i = 0; c->set == NULL && i < c->sections.n; i++)
        if (c->sections.v[i].role == SECTION_ESCALATION) return c->doc.v[c->sections.v[i].heading];
    for (size_t i = 0; c->set != NULL && i < c->set->n && n.line == 0; i++) {
        const struct compiled *doc = c->set->docs[i];
        if (doc == NULL || doc->escalation_line == 0) continue;
        n.line = n.last = doc->escalation_line | (unsigned)i << POLICY_FILE_SHIFT;
        n.col = doc->escalation_col;
    }
    return n;
}

static bool sentence_rejected(const struct compiler *c)
{
    for (size_t i = 0; i < c->diagnostics.n; i++)
        if (slice_eq(c->diagnostics.v[i].code, S("E-ESCALATION"))) return true;
    for (size_t i = 0; c->set != NULL && i < c->set->n; i++)
        for (size_t k = 0; c->set->docs[i] != NULL && k < c->set->docs[i]->n_diagnostics; k++)
            if (slice_eq(c->set->docs[i]->diagnostics[k].code, S("E-ESCALATION"))) return true;
    return false;
}

/* A document that escalates, but not when nobody answers; where a sentence was rejected, its error says enough. */
static void check_chain_begins(struct compiler *c)
{
    if (sentence_rejected(c)) return;
    for (size_t i = 0; i < c->rules.n; i++)
        if (c->rules.v[i].when == RULE_NO_RESPONSE) return;
    struct node n = escalation_heading(c);
    if (n.line == 0) return;
    diagnose(c, (struct at){ &n, { 0 } }, "W-CHAIN-NONE",
             S("add: - No response in 5 minutes → Secondary on-call then Incident Commander"),
             "no sentence says who is paged when nobody answers");
}

static level_set all_levels(const struct compiler *c)
{
    level_set set = 0;
    for (int i = 1; i <= policy_levels(&c->policy); i++) set |= LEVEL_BIT(i);
    return set;
}

static struct slice levels_text(struct compiler *c, level_set set)
{
    struct slice list = { 0 };
    for (int i = 1; i <= policy_levels(&c->policy); i++) {
        struct slice label = policy_level_label(&c->policy, i);
        if (LEVEL_IN(set, i))
            list = text_make(c, "%.*s%s%.*s", (int)list.n, list.p, list.n > 0 ? "/" : "", (int)label.n, label.p);
    }
    return list;
}

static int level_count(level_set set)
{
    int n = 0;
    for (; set != 0; set &= set - 1) n++;
    return n;
}

/* A narrower sentence that begins with the same party replaces the wider one for the levels and hours that it names,
 * and only there; a sentence to somebody else adds to it. core/escalation.c does it when the rule is due; the policy
 * keeps what is written, and this says so. */
static void warn_narrowed(struct compiler *c, const struct policy_rule *w, const struct policy_rule *by, unsigned *said)
{
    level_set wide = w->severities == 0 ? all_levels(c) : w->severities;
    level_set own = by->severities == 0 ? all_levels(c) : by->severities;
    bool fewer = level_count(own) < level_count(wide);
    bool hours = level_count(own) == level_count(wide) && w->hours == HOURS_ALWAYS && by->hours != HOURS_ALWAYS;
    if (w->when != by->when || !slice_eq(w->targets[0].party, by->targets[0].party)) return;
    if (w->when != RULE_NO_RESPONSE && w->when != RULE_NO_RESOLUTION) return;
    if ((wide & own) == 0 || (!fewer && !hours)) return;
    if (++*said > NARROWED_MAX) return;
    struct node n = node_at(w);
    struct slice levels = levels_text(c, wide & own);
    const char *when = by->hours == HOURS_ALWAYS ? "" : by->hours == HOURS_DURING ? " during " : " outside ";
    struct slice other = line_named(c, w->line, by->line);
    diagnose(c, (struct at){ &n, { 0 } }, "W-NARROWED", S(""), "%.*s replaces this sentence for %.*s%s%.*s",
             (int)other.n, other.p, (int)levels.n, levels.p, when, (int)by->calendar.n,
             by->calendar.n > 0 ? by->calendar.p : "");
}

static void interpret_rule(struct compiler *c, const struct policy_rule *r)
{
    switch (r->when) {
    case RULE_UNSET: break;
    case RULE_NO_RESPONSE:
        interpret(c, r->line, "A15",
                  "no acknowledgement by whoever was paged, from that page's commit; total failure to "
                  "reach them escalates at once",
                  "from the alert", "No acknowledgement in 5 minutes → Secondary on-call");
        break;
    case RULE_NO_RESOLUTION:
        interpret(c, r->line, "A17", "not Resolved (Mitigated does not count), at every severity unless restricted",
                  "not mitigated; severe incidents only",
                  "SEV1/SEV2: No resolution in 30 minutes → Incident Commander");
        break;
    case RULE_SEVERITY:
        interpret(c, r->line, "A24", "on entry to the level, declared or raised, once per entry", "while at the level",
                  "SEV1 incident → Management notification");
        if (!r->page)
            interpret(c, r->line, "A52", "a notification asks no acknowledgement and arms no clock", "a page",
                      "SEV1 incident → Management");
        break;
    case RULE_CATEGORY:
        interpret(c, r->line, "A25", "at classification or re-classification, before other sends",
                  "at declaration only", "Security incident → Security team immediately");
        break;
    }
}

/* Sentences by the hundred narrow each other by the ten thousand: the rest is one line, at the last sentence. */
static void warn_narrowed_more(struct compiler *c, unsigned said)
{
    if (said <= NARROWED_MAX) return;
    struct node n = node_at(&c->rules.v[c->rules.n - 1]);
    diagnose(c, (struct at){ &n, { 0 } }, "W-NARROWED",
             S("merge sentences that differ in nothing but their severities"),
             "and %u more: among these %zu sentences a narrower one replaces a wider one %u times", said - NARROWED_MAX,
             c->rules.n, said);
}

/* A sentence beyond what a policy holds: two documents may be too long together. */
static void check_count(struct compiler *c)
{
    if (c->rules.n <= ESCALATION_RULES_MAX) return;
    struct node n = node_at(&c->rules.v[ESCALATION_RULES_MAX]);
    diagnose(c, (struct at){ &n, { 0 } }, "E-RULES", S("one sentence can page several: A, B then C"),
             "more than %d escalation rules", ESCALATION_RULES_MAX);
}

void escalation_check(struct compiler *c)
{
    unsigned narrowed = 0;
    check_count(c);
    for (size_t i = 0; i < c->rules.n; i++) {
        check_parties(c, &c->rules.v[i]);
        check_loops(c, &c->rules.v[i]);
        for (size_t k = 0; k < c->rules.n; k++)
            if (k != i) warn_narrowed(c, &c->rules.v[i], &c->rules.v[k], &narrowed);
    }
    warn_narrowed_more(c, narrowed);
    check_chain_end(c);
    check_chain_begins(c);
}

void escalation_finish(struct compiler *c)
{
    for (size_t i = 0; i < c->rules.n; i++) interpret_rule(c, &c->rules.v[i]);
    if (!c->options.part) escalation_check(c);
    c->policy.rules = vec_keep(c, &c->rules, struct policy_rule, &c->policy.n_rules);
}
