/* templates.c - message templates: a name and a fence whose lines are fields or fixed text, kept byte for byte.
 * Not here: filling them (core/template.c). A field is bound by its label, never by its position (A39). */
#include "procedures/compiler.h"

enum { VALUES_MAX = 16, LABEL_WORDS_MAX = 4 };

static const struct {
    struct slice word;
    enum communication_kind purpose;
} purposes[] = {
    { S("initial"), COMMUNICATION_INITIAL_ALERT },     { S("declared"), COMMUNICATION_INITIAL_ALERT },
    { S("declaration"), COMMUNICATION_INITIAL_ALERT }, { S("update"), COMMUNICATION_STATUS_UPDATES },
    { S("resolution"), COMMUNICATION_RESOLUTION },     { S("resolved"), COMMUNICATION_RESOLUTION },
};

static enum communication_kind purpose_of(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(purposes); i++)
        if (find_phrase(name, purposes[i].word) < name.n) return purposes[i].purpose;
    return COMMUNICATION_OBLIGATION;
}

/* What people fill in by hand is no message (aliases: report and log templates are prose). */
static bool is_form(struct slice name)
{
    return find_phrase(name, S("report")) < name.n || find_phrase(name, S("log")) < name.n;
}

/* "Next Update": one to four words, the first with a capital. */
static bool is_label(struct slice label)
{
    int words = 0;
    if (label.n == 0 || label.p[0] < 'A' || label.p[0] > 'Z') return false;
    while (label.n > 0) {
        struct slice word = slice_cut(&label, ' ');
        if (word.n == 0 || slice_find(word, S("//")) < word.n) return false;
        words++;
    }
    return words <= LABEL_WORDS_MAX;
}

/* The inside of a value that is one placeholder: [x], {x}, {{x}}, <x>. */
static bool placeholder(struct slice value, struct slice *inside)
{
    static const struct {
        struct slice open, close;
    } pairs[] = { { S("{{"), S("}}") }, { S("["), S("]") }, { S("{"), S("}") }, { S("<"), S(">") } };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct slice rest = value;
        if (!slice_cut_prefix(&rest, pairs[i].open) || !slice_has_suffix(rest, pairs[i].close)) continue;
        rest.n -= pairs[i].close.n;
        if (slice_find(rest, pairs[i].close) < rest.n) continue; /* "[a] and [b]" */
        *inside = slice_trim(rest);
        return inside->n > 0;
    }
    return false;
}

/* An alternative of an enumeration: capital or digit first, at most three words, no apostrophe (G17). */
static bool is_alternative(struct slice s)
{
    int blanks = 0;
    if (s.n == 0 || !((s.p[0] >= 'A' && s.p[0] <= 'Z') || is_digit(s.p[0]))) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || (unsigned char)s.p[i] >= 0x80) return false;
        blanks += s.p[i] == ' ';
    }
    return blanks < 3;
}

static bool enumeration(struct compiler *c, struct slice inside, struct policy_template_line *out)
{
    struct slice values[VALUES_MAX];
    size_t n = 0;
    while (inside.n > 0) {
        struct slice value = slice_trim(slice_cut(&inside, '/'));
        if (n == VALUES_MAX || !is_alternative(value)) return false;
        values[n++] = value;
    }
    if (n < 2) return false;
    out->values = vec_keep_bytes(c, values, n, sizeof *values);
    out->n_values = n;
    return true;
}

static struct policy_template_line line_read(struct compiler *c, unsigned line)
{
    struct slice text = source_line(c->source, line)->text, rest = text, label, inside;
    struct policy_template_line out = { .kind = FIELD_FIXED, .text = text, .line = line };
    label = text_plain(c->arena, slice_trim(slice_cut(&rest, ':')));
    rest = slice_trim(rest);
    slice_cut_prefix(&rest, S("**"));
    rest = slice_trim(rest);
    if (label.n == text.n || rest.n == 0 || !is_label(label)) return out;
    out.label = label;
    out.kind = FIELD_LITERAL;
    out.text = rest;
    if (!placeholder(rest, &inside)) return out;
    out.text = inside;
    out.kind = enumeration(c, inside, &out) ? FIELD_ENUM : FIELD_TEXT;
    return out;
}

static struct node template_line(const struct node *fence, unsigned line)
{
    struct node n = *fence;
    n.line = n.last = line;
    n.col = 1;
    return n;
}

/* R81: a severity field that offers other levels than the document has would announce a level nobody knows. */
static void check_levels(struct compiler *c, const struct node *n, const struct policy_template_line *l)
{
    level_set offered = 0;
    bool same = l->n_values == c->policy.n_severities;
    if (c->policy.n_severities == 0) return;
    for (size_t i = 0; same && i < l->n_values; i++) {
        int level = policy_level_named(&c->policy, l->values[i]);
        same = level > 0 && (offered & LEVEL_BIT(level)) == 0;
        offered |= LEVEL_BIT(level);
    }
    struct slice all = { 0 };
    for (size_t i = 0; i < c->policy.n_severities; i++)
        all = text_make(c, "%.*s%s%.*s", (int)all.n, all.p, i > 0 ? "/" : "", (int)c->policy.severities[i].label.n,
                        c->policy.severities[i].label.p);
    if (same) {
        interpret(c, l->line, "A40", "these are the document's levels, one of which is sent", "words to choose from",
                  arena_str(c->arena, text_make(c, "Severity: [%.*s]", (int)all.n, all.p)));
        return;
    }
    struct node line = template_line(n, l->line);
    struct slice levels = level_list(c);
    offer_line(diagnose(c, (struct at){ &line, { 0 } }, "E-TEMPLATE-LEVELS", S(""),
                        "the severities offered here are not those of the document: %.*s", (int)levels.n, levels.p),
               text_make(c, "%.*s: [%.*s]", (int)l->label.n, l->label.p, (int)all.n, all.p));
}

/* What people outside are told of an incident's state: a projection of the states inside (A40). */
static const struct slice public_states[] = { S("Investigating"), S("Mitigated"), S("Resolved") };

static bool is_public_state(struct slice value)
{
    for (size_t i = 0; i < COUNT_OF(public_states); i++)
        if (slice_eq_nocase(value, public_states[i])) return true;
    return false;
}

/* A status field that offers other states than there are is filled by hand each time: the server knows none of them. */
static void check_states(struct compiler *c, const struct node *n, const struct policy_template_line *l)
{
    bool same = l->n_values == COUNT_OF(public_states);
    for (size_t i = 0; i < l->n_values; i++) {
        same &= is_public_state(l->values[i]);
        for (size_t k = 0; k < i; k++) same &= !slice_eq_nocase(l->values[i], l->values[k]);
    }
    if (same) {
        interpret(c, l->line, "A40",
                  "the three public states: declared, acknowledged and triaged incidents show as Investigating",
                  "the states of an incident by their own names", "Status: [Investigating/Mitigated/Resolved]");
        return;
    }
    struct node line = template_line(n, l->line);
    offer_line(diagnose(c, (struct at){ &line, { 0 } }, "W-TEMPLATE-STATES", S(""),
                        "the states offered here are not the public states: Investigating, Mitigated and Resolved"),
               text_make(c, "%.*s: [Investigating/Mitigated/Resolved]", (int)l->label.n, l->label.p));
}

/* A40: what a template offers must be what the document, and an incident, has. */
static void check_choices(struct compiler *c, const struct node *n, const struct policy_template_line *l)
{
    if (l->kind != FIELD_ENUM) return;
    if (slice_eq_nocase(l->label, S("severity"))) check_levels(c, n, l);
    if (slice_eq_nocase(l->label, S("status")) || slice_eq_nocase(l->label, S("state"))) check_states(c, n, l);
}

static bool is_fence_line(const struct compiler *c, unsigned line)
{
    struct slice text = slice_trim(source_line(c->source, line)->text);
    return slice_has_prefix(text, S("```")) || slice_has_prefix(text, S("~~~"));
}

static void template_add(struct compiler *c, const struct node *fence, struct slice name, unsigned name_line)
{
    struct policy_template out = { .line = name_line, .every_ms = POLICY_NONE, .purpose = purpose_of(name) };
    VEC(struct policy_template_line) lines = { 0 };
    unsigned last = fence->last > fence->line && is_fence_line(c, fence->last) ? fence->last - 1 : fence->last;
    struct slice clock = slice_from(name, slice_find(name, S("(")) + 1);
    struct duration d;

    if (scan_word(&clock, S("every")) && scan_duration(&clock, &d)) {
        out.every_ms = d.ms;
        name = slice_trim(slice_upto(name, slice_find(name, S("("))));
    }
    out.name = name;
    out.id = id_make(c, "template", fence, (struct slice){ 0 }, name);
    for (unsigned line = fence->line + 1; line <= last; line++) {
        struct policy_template_line *l = vec_push(&lines);
        *l = line_read(c, line);
        mark_line(c, line, CLASS_COMPILED);
        check_choices(c, fence, l);
    }
    out.lines = vec_keep(c, &lines, struct policy_template_line, &out.n_lines);
    vec_release(&lines);
    for (size_t i = 0; i < out.n_lines; i++)
        if (out.lines[i].kind == FIELD_LITERAL && slice_eq_nocase(out.lines[i].label, S("service")))
            interpret(c, out.lines[i].line, "A39",
                      "this service's name is sent as written, whatever the incident's service",
                      "the incident's service", "Service: [Service]");
    *vec_push(&c->templates) = out;
}

void compile_templates(struct compiler *c, const struct section *s)
{
    struct slice name = s->name;
    size_t named = s->heading;
    bool used = false;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING || (n->kind == NODE_TEXT && n->labelled && n->rest.n == 0)) {
            name = n->kind == NODE_HEADING ? n->text : n->label;
            named = at;
            used = false;
        } else if (n->kind == NODE_FENCE && !used && !is_form(name)) {
            template_add(c, n, name, c->doc.v[named].line);
            if (named != s->heading) mark(c, &c->doc.v[named], CLASS_COMPILED);
            used = true;
        }
    }
}
