/* section.c - folds headings, reads their clocks, and cuts the document into sections.
 * Not here: which heading means what (roles.c), what a section says (one file each, see compile.c). */
#include "procedures/section.h"

#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "core/policy.h"
#include "procedures/scan.h"

/* "1.", "2.3", "IV." stay out of a comparison; "Phase 2:" and "Step 3 -" too. */
static struct slice numbering_cut(struct slice s)
{
    static const struct slice words[] = { S("phase"), S("step") };
    struct slice rest = s;
    int64_t number;
    if (scan_any(&rest, words, COUNT_OF(words))) {
        scan_blanks(&rest);
        if (slice_cut_uint(&rest, &number) && scan_separator(&rest)) return slice_trim(rest);
        return s;
    }
    bool any = false;
    while (slice_cut_uint(&rest, &number)) {
        any = true;
        if (!slice_cut_prefix(&rest, S(".")) && !slice_cut_prefix(&rest, S(")"))) break;
    }
    return any && (rest.n == 0 || rest.p[0] == ' ') ? slice_trim(rest) : s;
}

/* A trailing "(0-15 minutes)" goes; other brackets stay. */
static struct slice bracket_time_cut(struct slice s)
{
    size_t open = s.n, at;
    if (!slice_has_suffix(s, S(")"))) return s;
    while (open > 0 && s.p[open - 1] != '(') open--;
    if (open == 0) return s;
    struct slice inside = { s.p + open, s.n - open - 1 };
    bool time = has_clock(inside, &at);
    for (size_t i = 0; i < inside.n; i++) time |= is_digit(inside.p[i]);
    return time ? slice_trim(slice_upto(s, open - 1)) : s;
}

struct slice heading_bare(struct slice heading)
{
    scan_decoration(&heading);
    return numbering_cut(slice_trim(heading));
}

static char fold_char(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || is_digit(c)) return c;
    return ' '; /* punctuation, emoji */
}

struct slice heading_fold(struct arena *a, struct slice heading)
{
    static const size_t longest = sizeof " and " - 1; /* what one & becomes */
    size_t n = 0, ands = 0;
    for (size_t i = 0; i < heading.n; i++) ands += heading.p[i] == '&';
    char *out = arena_alloc(a, heading.n + ands * (longest - 1) + 1);
    heading = slice_trim(heading);
    while (heading.n > 0 && fold_char(heading.p[0]) == ' ') heading = slice_from(heading, 1);
    heading = bracket_time_cut(numbering_cut(heading));
    for (size_t i = 0; i < heading.n; i++) {
        char c = fold_char(heading.p[i]);
        if (heading.p[i] == '&') {
            if (n > 0 && out[n - 1] != ' ') out[n++] = ' ';
            memcpy(out + n, "and ", 4);
            n += 4;
        } else if (c != ' ' || (n > 0 && out[n - 1] != ' ')) {
            out[n++] = c;
        }
    }
    while (n > 0 && out[n - 1] == ' ') n--;
    return (struct slice){ out, n };
}

/* "T+15 Minutes - Triage", "T+5: Acknowledge". */
static bool clock_t_plus(struct slice s, int64_t *from_ms, struct slice *name)
{
    struct duration d;
    int64_t number;
    if (!slice_cut_prefix_nocase(&s, S("t+"))) return false;
    struct slice rest = s;
    const bool unit = scan_duration(&rest, &d);
    if (!unit && !scan_number(&rest, &number)) return false;
    *from_ms = unit ? d.ms : number * MINUTE / 1000;
    const bool separated = scan_separator(&rest);
    struct slice word = slice_trim(rest);
    if (!separated && !unit && word.n > 0 && word.p[0] >= 'a' && word.p[0] <= 'z')
        return false; /* "T+5 hurs - Triage" */
    *name = slice_trim(rest);
    return true;
}

/* Inside brackets: "Minutes 0-5", "0-15 minutes", "< 5 minutes", "T+0 to T+15". */
static bool clock_bracket(struct slice in, int64_t *from_ms, int64_t *to_ms)
{
    struct duration unit, low, high;
    struct slice rest = in;
    enum comparison cmp;
    int64_t a, b;

    if (scan_unit(&rest, &unit) && scan_number(&rest, &a) && scan_separator(&rest) && scan_number(&rest, &b)) {
        *from_ms = a * unit.ms / 1000;
        *to_ms = b * unit.ms / 1000;
        return scan_end(rest);
    }
    rest = in;
    if (scan_range(&rest, &low, &high)) {
        *from_ms = low.ms;
        *to_ms = high.ms;
        return scan_end(rest);
    }
    rest = in;
    if (scan_comparison(&rest, &cmp) && (cmp == CMP_LT || cmp == CMP_LE) && scan_duration(&rest, &high)) {
        *from_ms = 0;
        *to_ms = high.ms;
        return scan_end(rest);
    }
    return false;
}

/* "0-5 minutes: Triage", "Minutes 0-5 - Triage", "First 15 minutes". A single time in front is no phase. */
static bool clock_leads(struct slice s, int64_t *from_ms, int64_t *to_ms, struct slice *name)
{
    struct duration low, high;
    struct slice rest = heading_bare(s), whole = rest;
    int64_t a, b;
    if (scan_range(&rest, &low, &high)) {
        *from_ms = low.ms;
        *to_ms = high.ms;
    } else if (scan_word(&rest, S("first")) && scan_duration(&rest, &high)) {
        *from_ms = 0;
        *to_ms = high.ms;
    } else {
        rest = whole;
        if (!scan_unit(&rest, &low) || !scan_number(&rest, &a) || !scan_separator(&rest) || !scan_number(&rest, &b))
            return false;
        *from_ms = a * low.ms / 1000;
        *to_ms = b * low.ms / 1000;
    }
    if (!scan_separator(&rest) && slice_trim(rest).n > 0) return false; /* "0-5 minutes of rest" */
    *name = slice_trim(rest).n > 0 ? slice_trim(rest) : whole;
    return true;
}

bool heading_clock(struct slice heading, int64_t *from_ms, int64_t *to_ms, struct slice *name)
{
    size_t open = heading.n;
    *from_ms = *to_ms = POLICY_NONE;
    *name = heading_bare(heading);
    if (clock_t_plus(heading, from_ms, name) || clock_leads(heading, from_ms, to_ms, name)) return true;
    if (!slice_has_suffix(heading, S(")"))) return false;
    while (open > 0 && heading.p[open - 1] != '(') open--;
    if (open == 0) return false;
    struct slice inside = { heading.p + open, heading.n - open - 1 };
    *name = numbering_cut(slice_trim(slice_upto(heading, open - 1)));
    return clock_bracket(inside, from_ms, to_ms);
}

/* Names that rank levels, alone or in front of something in brackets. */
static bool is_level_name(struct slice text)
{
    static const struct slice names[] = { S("critical"), S("urgent"),  S("high"), S("major"), S("medium"),
                                          S("moderate"), S("warning"), S("low"),  S("minor"), S("info") };
    return scan_any(&text, names, COUNT_OF(names)) && (scan_end(text) || scan_char(&text, '('));
}

struct finder {
    struct sections *out;
    struct arena *arena;
    const struct document *doc;
    bool shared;
    int open; /* innermost open section, -1 */
    bool timeline_named; /* a heading of the role holds phases: clocked headings elsewhere are groups */
    size_t headings[7]; /* [level]: node index + 1 of the last heading of that level or above; 0 = none yet */
    size_t phases_below; /* the heading that holds the phases of the timeline; only its children join them */
    int phases_level; /* 0: no phase yet */
};

static bool is_closed(enum section_role role)
{
    switch (role) {
#define X(sym, code, name, once, closed) \
    case SECTION_##sym: return closed;
        SECTION_ROLES(X)
#undef X
    case SECTION_UNSET:
    case SECTIONS_END: break;
    }
    return false;
}

static enum section_role role_of_node(const struct finder *f, const struct node *n)
{
    if (n->role.n > 0 && section_role_named(n->role) != SECTION_UNSET) return section_role_named(n->role);
    return n->level <= 4 ? section_role_of(f->arena, n->text) : SECTION_UNSET;
}

static void section_open(struct finder *f, size_t at, enum section_role role, bool implicit)
{
    const struct node *n = &f->doc->v[at];
    struct section s = { .role = role, .heading = at, .end = f->doc->n, .level = n->level, .parent = f->open };
    s.implicit = implicit;
    s.name = n->text;
    *vec_push(f->out) = s;
    f->open = (int)f->out->n - 1;
}

/* "Incident classification" is severity only when nothing inside it says so better. */
static bool is_only_a_frame(const struct finder *f, size_t at, enum section_role role)
{
    const struct node *n = &f->doc->v[at];
    if (role != SECTION_SEVERITY || !slice_eq(heading_fold(f->arena, n->text), S("incident classification")))
        return false;
    for (size_t i = at + 1; i < f->doc->n; i++) {
        const struct node *inner = &f->doc->v[i];
        if (inner->kind != NODE_HEADING) continue;
        if (inner->level <= n->level) return false;
        if (role_of_node(f, inner) == SECTION_SEVERITY) return true;
    }
    return false;
}

static void sections_close(struct finder *f, size_t at, int level)
{
    while (f->open >= 0 && f->out->v[f->open].level >= level) {
        f->out->v[f->open].end = at;
        f->open = f->out->v[f->open].parent;
    }
}

/* Sibling phases form one timeline: the first group of them; clocks below other headings are other people's. */
static bool joins_phases(struct finder *f, const struct node *n)
{
    size_t above = n->level > 1 ? f->headings[n->level - 1] : 0;
    if (f->phases_level == 0) {
        f->phases_level = n->level;
        f->phases_below = above;
    }
    return f->phases_level == n->level && f->phases_below == above;
}

/* `## P1: Database is down`: a scenario that names its priority; `## P1: Critical` is a level. */
static bool is_priority_scenario(const struct node *n)
{
    struct slice rest = heading_bare(n->text);
    int64_t number;
    if (n->level != 2 || !slice_cut_prefix_nocase(&rest, S("p"))) return false;
    if (!slice_cut_uint(&rest, &number) || !slice_cut_prefix(&rest, S(":"))) return false;
    return slice_trim(rest).n > 0 && !is_level_name(slice_trim(rest));
}

/* "Phase 4: Learn" behind a phase with a clock is one of them, without a deadline. */
static bool is_next_phase(const struct finder *f, const struct node *n)
{
    struct slice text = slice_trim(n->text);
    if (f->phases_level != n->level || f->phases_below != (n->level > 1 ? f->headings[n->level - 1] : 0)) return false;
    return scan_word(&text, S("phase"));
}

/* A document that is one runbook may say whom to call and what comes afterwards under headings of their own. */
static bool is_beside_runbook(enum section_role role)
{
    return role == SECTION_CONTACTS || role == SECTION_CHANNELS || role == SECTION_COMMUNICATION ||
           role == SECTION_POST_INCIDENT || role == SECTION_CONTROL || role == SECTION_TREES || role == SECTION_TOOLS;
}

static void heading_enter(struct finder *f, size_t at)
{
    const struct node *n = &f->doc->v[at];
    int64_t from, to;
    struct slice name;
    sections_close(f, at, n->level);
    for (int level = n->level; level <= 6; level++) f->headings[level] = at + 1;
    enum section_role around = f->open < 0 ? SECTION_UNSET : f->out->v[f->open].role;
    bool runbook = around == SECTION_SCENARIOS && f->out->v[f->open].implicit;
    enum section_role role = role_of_node(f, n);
    if (runbook ? !is_beside_runbook(role) : is_closed(around)) return;
    if (role == SECTION_UNSET && around == SECTION_UNSET && is_priority_scenario(n)) role = SECTION_SCENARIOS;
    if (role != SECTION_UNSET && (role != around || role == SECTION_PROSE) && !is_only_a_frame(f, at, role)) {
        section_open(f, at, role, false);
    } else if (role == SECTION_UNSET && around == SECTION_UNSET &&
               heading_is_runbook(f->arena, f->doc, at, f->shared)) {
        section_open(f, at, SECTION_SCENARIOS, true);
    } else if (role == SECTION_UNSET && (around == SECTION_UNSET || around == SECTION_PROSE) && !f->timeline_named &&
               ((heading_clock(n->text, &from, &to, &name) && joins_phases(f, n)) || is_next_phase(f, n))) {
        section_open(f, at, SECTION_TIMELINE, true);
    }
}

/* More than an introduction stands below a heading: its phases do not stand beside it. */
static bool holds_phases(const struct document *d, size_t heading)
{
    for (size_t i = heading + 1; i < d->n; i++) {
        if (d->v[i].kind == NODE_HEADING) return d->v[i].level > d->v[heading].level;
        if (d->v[i].kind != NODE_TEXT || d->v[i].labelled) return true;
    }
    return false;
}

static bool has_named_timeline(const struct finder *f)
{
    for (size_t i = 0; i < f->doc->n; i++)
        if (f->doc->v[i].kind == NODE_HEADING && role_of_node(f, &f->doc->v[i]) == SECTION_TIMELINE &&
            holds_phases(f->doc, i))
            return true;
    return false;
}

/* Document control without a heading: what stands behind the last `---` with no heading after it (A47). */
static size_t control_start(const struct document *d)
{
    for (size_t i = d->n; i > 0; i--) {
        if (d->v[i - 1].kind == NODE_HEADING) return d->n;
        if (d->v[i - 1].kind == NODE_BREAK) return i - 1;
    }
    return d->n;
}

static bool has_label_behind(const struct document *d, size_t at)
{
    for (size_t i = at + 1; i < d->n; i++)
        if (d->v[i].labelled) return true;
    return false;
}

void sections_find(struct sections *out, struct arena *a, const struct document *d, bool shared)
{
    struct finder f = { .out = out, .arena = a, .doc = d, .shared = shared, .open = -1 };
    size_t control = control_start(d);
    f.timeline_named = has_named_timeline(&f);
    out->of_node = arena_array(a, int, d->n + 1);
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].kind == NODE_HEADING) heading_enter(&f, i);
        if (i == control && has_label_behind(d, i)) {
            sections_close(&f, i, 0);
            section_open(&f, i, SECTION_CONTROL, true);
        }
        out->of_node[i] = f.open;
    }
}

void sections_release(struct sections *s)
{
    vec_release(s);
}
