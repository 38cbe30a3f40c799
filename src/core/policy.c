/* policy.c - the questions that the rules put to a compiled policy. Nothing here changes one. */
#include "core/policy.h"

#include "base/check.h"

/* What a policy without a severity section is taken to have (design: a table of four levels is the field's default). */
static const struct slice default_labels[] = { S("SEV1"), S("SEV2"), S("SEV3"), S("SEV4") };

int policy_levels(const struct policy *p)
{
    return p->n_severities > 0 ? (int)p->n_severities : (int)COUNT_OF(default_labels);
}

int policy_unclassified(const struct policy *p)
{
    return policy_levels(p) < 3 ? policy_levels(p) : 3;
}

struct slice policy_level_label(const struct policy *p, int level)
{
    if (level == 0) level = policy_unclassified(p);
    if (level < 1 || level > policy_levels(p)) return S("SEV?");
    return p->n_severities > 0 ? p->severities[level - 1].label : default_labels[level - 1];
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '-' || c == '_';
}

/* "SEVERITY 1", "Severity Level 1" and "sev-1" are one spelling: the scheme word goes, with what separates it. */
static bool cut_severity_word(struct slice *s)
{
    static const struct slice words[] = { S("severity level"), S("severity"), S("sev") };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!slice_cut_prefix_nocase(s, words[i])) continue;
        while (s->n > 0 && is_separator(s->p[0])) *s = slice_from(*s, 1);
        return true;
    }
    return false;
}

/* Equal in any case, blanks and hyphens aside. */
static bool same_spelling(struct slice a, struct slice b)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.n && is_separator(a.p[i])) i++;
        while (j < b.n && is_separator(b.p[j])) j++;
        if (i == a.n || j == b.n) return i == a.n && j == b.n;
        if (!slice_eq_nocase((struct slice){ a.p + i, 1 }, (struct slice){ b.p + j, 1 })) return false;
        i++, j++;
    }
}

/* `bare`: what is written without the word, where it begins with one. */
static bool label_matches(struct slice label, struct slice written, struct slice bare)
{
    struct slice a = label;
    const bool both = bare.n < written.n && cut_severity_word(&a);
    return both ? bare.n > 0 && same_spelling(a, bare) : same_spelling(label, written);
}

int policy_level_named(const struct policy *p, struct slice written)
{
    written = slice_trim(written);
    struct slice bare = written;
    if (written.n == 0) return 0;
    cut_severity_word(&bare);
    for (int level = 1; level <= policy_levels(p); level++)
        if (label_matches(policy_level_label(p, level), written, bare)) return level;
    for (size_t i = 0; i < p->n_severities; i++)
        if (p->severities[i].name.n > 0 && same_spelling(p->severities[i].name, written)) return p->severities[i].level;
    return 0;
}

static void take_shorter(struct policy_cadence *c, int64_t every_ms, unsigned line)
{
    if (every_ms > 0 && (c->every_ms == POLICY_NONE || every_ms < c->every_ms))
        *c = (struct policy_cadence){ every_ms, line };
}

struct policy_cadence policy_cadence(const struct policy *p, int level)
{
    struct policy_cadence narrow = { POLICY_NONE, 0 }, wide = { POLICY_NONE, 0 };
    if (level == 0) level = policy_unclassified(p);
    for (size_t i = 0; i < p->n_severities; i++)
        if (p->severities[i].level == level)
            take_shorter(&narrow, p->severities[i].update_every_ms, p->severities[i].line);
    for (size_t i = 0; i < p->n_communications; i++) {
        const struct policy_communication *c = &p->communications[i];
        if (c->kind == COMMUNICATION_STATUS_UPDATES && LEVEL_IN(c->severities, level))
            take_shorter(c->severities != 0 ? &narrow : &wide, c->every_ms, c->line);
    }
    for (size_t i = 0; i < p->n_templates; i++)
        if (p->templates[i].purpose == COMMUNICATION_STATUS_UPDATES)
            take_shorter(&wide, p->templates[i].every_ms, p->templates[i].line);
    return narrow.every_ms != POLICY_NONE ? narrow : wide;
}

static bool view_covers(const struct policy_view *v, struct slice team, struct slice service)
{
    if (!slice_eq(v->team, team)) return false;
    for (size_t i = 0; i < v->n_services; i++)
        if (slice_eq(v->services[i], service)) return true;
    return v->n_services == 0;
}

const struct policy *policy_for(const struct policy *p, struct slice team, struct slice service)
{
    for (size_t i = 0; i < p->n_views; i++)
        if (view_covers(&p->views[i], team, service)) return p->views[i].policy;
    return p;
}

struct slice policy_file(const struct policy *p, int64_t line)
{
    return line > 0 && POLICY_FILE(line) < p->n_files ? p->files[POLICY_FILE(line)] : (struct slice){ 0 };
}

size_t policy_unfilled(const struct policy *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->book.n_control; i++) n += p->book.control[i].placeholder;
    return n;
}

const struct policy_rule *policy_rule(const struct policy *p, int64_t number)
{
    return number >= 1 && (uint64_t)number <= p->n_rules ? &p->rules[number - 1] : NULL;
}

const struct policy_template *policy_template_for(const struct policy *p, enum communication_kind purpose)
{
    for (size_t i = 0; i < p->n_templates; i++)
        if (p->templates[i].purpose == purpose) return &p->templates[i];
    return NULL;
}

const struct policy_contact *policy_contact_for(const struct policy *p, struct slice role)
{
    for (size_t i = 0; i < p->n_contacts; i++)
        if (slice_eq(p->contacts[i].party, role)) return &p->contacts[i];
    return NULL;
}

static const struct policy_selector *role_selector(const struct policy_role *r, struct slice category)
{
    for (size_t i = 0; i < r->n_selectors; i++)
        if (slice_eq_nocase(r->selectors[i].category, category)) return &r->selectors[i];
    return NULL;
}

const struct policy_selector *policy_selector_for(const struct policy *p, struct slice category)
{
    if (category.n == 0) return NULL;
    for (size_t i = 0; i < p->n_roles; i++) {
        const struct policy_selector *found = role_selector(&p->roles[i], category);
        if (found != NULL) return found;
    }
    return NULL;
}

struct slice policy_role_title(const struct policy *p, struct slice role)
{
    for (size_t i = 0; i < p->n_roles; i++)
        if (slice_eq(p->roles[i].id, role)) return p->roles[i].name;
    const struct policy_contact *c = policy_contact_for(p, role);
    return c != NULL ? c->name : role;
}

struct parties {
    struct slice *v;
    size_t n, max;
};

static void add_party(struct parties *l, struct slice role)
{
    if (role.n == 0 || l->n == l->max) return;
    for (size_t i = 0; i < l->n; i++)
        if (slice_eq(l->v[i], role)) return;
    l->v[l->n++] = role;
}

size_t policy_parties(const struct policy *p, struct slice *out, size_t max)
{
    static const struct slice always[] = { S(ROLE_PRIMARY), S(ROLE_SECONDARY), S(ROLE_COMMANDER), S(ROLE_MANAGEMENT) };
    struct parties l = { out, 0, max };
    for (size_t i = 0; i < p->n_roles; i++) add_party(&l, p->roles[i].id);
    for (size_t i = 0; i < p->n_contacts; i++) add_party(&l, p->contacts[i].party);
    for (size_t i = 0; i < p->n_rules; i++)
        for (size_t k = 0; k < p->rules[i].n_targets; k++) add_party(&l, p->rules[i].targets[k].party);
    for (size_t i = 0; i < p->n_roles; i++)
        for (size_t k = 0; k < p->roles[i].n_selectors; k++) add_party(&l, p->roles[i].selectors[k].group);
    for (size_t i = 0; i < COUNT_OF(always); i++) add_party(&l, always[i]);
    return l.n;
}
