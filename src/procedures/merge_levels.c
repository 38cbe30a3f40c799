/* merge_levels.c - do the documents of a set number their severity levels in one way? (G16)
 * P schemes begin at P0 in some houses and at P1 in others; a runbook from elsewhere that says P1 and means the worst would
 * be read as the second level. Levels are defined once, by the organisation's document. */
#include <string.h>

#include "procedures/merge_inner.h"
#include "procedures/scan.h"

/* "P" and 3 for "P3", "SEV" and 1 for "SEV-1". */
static bool label_parts(struct slice label, struct slice *scheme, int64_t *number)
{
    size_t letters = 0;
    while (letters < label.n && is_letter(label.p[letters])) letters++;
    *scheme = slice_upto(label, letters);
    struct slice rest = slice_from(label, letters);
    if (!slice_cut_prefix(&rest, S("-"))) rest = slice_trim(rest);
    return letters > 0 && slice_cut_uint(&rest, number) && rest.n == 0;
}

struct numbering {
    struct slice scheme;
    int64_t first, last;
};

static bool numbering_of(const struct policy *p, struct numbering *out)
{
    for (size_t i = 0; i < p->n_severities; i++) {
        struct slice scheme;
        int64_t number;
        if (!label_parts(p->severities[i].label, &scheme, &number)) return false;
        if (i > 0 && !slice_eq_nocase(scheme, out->scheme)) return false;
        if (i == 0) *out = (struct numbering){ scheme, number, number };
        out->first = number < out->first ? number : out->first;
        out->last = number > out->last ? number : out->last;
    }
    return p->n_severities > 0;
}

/* Levels of its own that mean another rank than the organisation's of the same label. */
static bool check_defined(struct merger *m, size_t doc, const struct policy *org)
{
    const struct policy *p = &m->set->docs[doc]->policy;
    for (size_t i = 0; i < p->n_severities; i++) {
        const struct policy_severity *own = &p->severities[i];
        const int level = policy_level_named(org, own->label);
        if (level == own->level) continue;
        if (level == 0) {
            merge_diagnose(m, doc, "E-LEVEL-SCHEME", own->line, S("use the organisation's levels"),
                           "%.*s is level %d here and no level of the organisation's (%.*s to %.*s)", ARG(own->label),
                           own->level, ARG(policy_level_label(org, 1)),
                           ARG(policy_level_label(org, policy_levels(org))));
            return true;
        }
        const struct policy_severity *theirs = &org->severities[level - 1];
        merge_diagnose(m, doc, "E-LEVEL-SCHEME", own->line, S("number the levels as the organisation does"),
                       "%.*s is level %d here and level %d at %.*s: the two begin to count at %.*s and at %.*s",
                       ARG(own->label), own->level, level, ARG(merge_place(m, theirs, theirs->line)),
                       ARG(policy_level_label(p, 1)), ARG(policy_level_label(org, 1)));
        return true;
    }
    return false;
}

/* "P4" as a word of its own; "P45" and "MP4" are none. */
static bool names_level(struct slice line, struct slice scheme, int64_t number)
{
    for (size_t i = 0; i + scheme.n < line.n; i++) {
        struct slice rest = slice_from(line, i);
        int64_t n;
        if ((i > 0 && (is_letter(line.p[i - 1]) || is_digit(line.p[i - 1]))) || !slice_cut_prefix_nocase(&rest, scheme))
            continue;
        slice_cut_prefix(&rest, S("-"));
        const bool ends = slice_cut_uint(&rest, &n) && (rest.n == 0 || (!is_letter(rest.p[0]) && rest.p[0] != '.'));
        if (ends && n == number) return true;
    }
    return false;
}

static bool is_about_incidents(const struct compiled *c, unsigned line)
{
    static const struct slice words[] = { S("severity"), S("priority"), S("incident"), S("escalat"), S("page") };
    const struct slice text = compiled_line_text(c, line);
    if (c->classes[line - 1] == CLASS_COMPILED) return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_find_nocase(text, words[i]) < text.n) return true;
    return false;
}

/* A level just beyond one end of the organisation's: it counts from the other number. */
static void check_named(struct merger *m, size_t doc, const struct policy *org)
{
    const struct compiled *c = m->set->docs[doc];
    struct numbering n = { 0 };
    if (!numbering_of(org, &n)) return;
    const int64_t beyond[] = { n.first - 1, n.last + 1 };
    for (unsigned line = 1; line <= c->lines; line++)
        for (size_t i = 0; i < COUNT_OF(beyond); i++) {
            if (beyond[i] < 0 || !names_level(compiled_line_text(c, line), n.scheme, beyond[i])) continue;
            if (!is_about_incidents(c, line)) continue;
            merge_diagnose(
                m, doc, "E-LEVEL-SCHEME", line, S("number the levels as the organisation does"),
                "%.*s%lld is no level here: the organisation's are %.*s to %.*s, so this document counts from "
                "another number",
                ARG(n.scheme), (long long)beyond[i], ARG(policy_level_label(org, 1)),
                ARG(policy_level_label(org, policy_levels(org))));
            return;
        }
}

void merge_check_levels(struct merger *m, size_t doc)
{
    const struct policy *p = &m->set->docs[doc]->policy, *org = &m->set->docs[m->set->organisation]->policy;
    const bool own = p->n_severities > 0 && p->severities != org->severities;
    if (!own) {
        check_named(m, doc, org);
    } else if (!check_defined(m, doc, org)) {
        const bool shared = m->fronts[doc].team.line == 0;
        merge_diagnose(m, doc, shared ? "N-EXTENDS-LEVELS" : "E-EXTENDS-LEVELS", p->severities[0].line,
                       S("refer to the organisation's levels"),
                       shared
                           ? "the same levels as the organisation's, whose criteria hold: these are for people"
                           : "severity levels are the organisation's: a team that had its own would be misunderstood");
    }
}
