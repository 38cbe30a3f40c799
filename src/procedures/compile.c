/* compile.c - the way of one document: bytes → lines → blocks → nodes → sections → policy, and the account of its lines.
 * Not here: what a section's sentences mean (one file a section), printing (print.c).
 * Always: every line has one class, and every section that this version does not execute says so once. */
#include "procedures/compile.h"

#include <string.h>

#include "procedures/book.h"
#include "procedures/merge.h"
#include "procedures/mojibake.h"

/* In the order in which sections are read: levels first, the others refer to them. What is compiled only is shown,
 * explained and compared; no server acts on it in this version. */
static const struct {
    enum section_role role;
    void (*compile)(struct compiler *c, const struct section *s);
    bool executed;
} compilers[] = {
    { SECTION_SEVERITY, compile_severity, true },
    { SECTION_TEAM, compile_team, true },
    { SECTION_CONTACTS, compile_contacts, true },
    { SECTION_CHANNELS, compile_channels, true },
    { SECTION_TIMELINE, compile_timeline, true },
    { SECTION_COMMUNICATION, compile_communication, true },
    { SECTION_TEMPLATES, compile_templates, true },
    { SECTION_ESCALATION, compile_escalation, true },
    { SECTION_SEVERITY_RAISE, compile_severity_raise, false },
    { SECTION_SEVERITY_LOWER, compile_severity_lower, false },
    { SECTION_SCENARIOS, compile_scenarios, false },
    { SECTION_TRIGGERS, compile_triggers, false },
    { SECTION_TREES, compile_trees, false },
    { SECTION_POST_INCIDENT, compile_post_incident, false },
    { SECTION_METRICS, compile_metrics, false },
    { SECTION_THRESHOLDS, compile_thresholds, false },
    { SECTION_TOOLS, compile_tools, true },
    { SECTION_TRAINING, compile_training, false },
    { SECTION_DRILLS, compile_drills, false },
    { SECTION_SUCCESS, compile_success, false },
    { SECTION_REVIEWS, compile_reviews, false },
    { SECTION_CONTROL, compile_control, true },
};

static bool is_executed(enum section_role role)
{
    for (size_t i = 0; i < COUNT_OF(compilers); i++)
        if (compilers[i].role == role) return compilers[i].executed;
    return true; /* prose */
}

/* The class that lines have before any section speaks: blanks and what only orders the text are structure. */
static void classes_begin(struct compiler *c)
{
    c->classes = arena_alloc(c->arena, c->source->n + 1);
    for (unsigned i = 0; i < c->source->n; i++)
        c->classes[i] = slice_trim(c->source->lines[i].text).n == 0 ? CLASS_STRUCTURE : CLASS_PROSE;
    for (size_t i = 0; i < c->doc.n; i++) {
        const struct node *n = &c->doc.v[i];
        struct slice first = slice_trim(source_line(c->source, n->line)->text);
        bool directive = n->kind == NODE_OTHER && n->line == n->last && slice_has_prefix(first, S("<!-- tocsin:"));
        bool structure = n->kind == NODE_HEADING || n->kind == NODE_BREAK || n->kind == NODE_FRONT || directive;
        if (structure) mark(c, n, CLASS_STRUCTURE);
        if (n->kind != NODE_FENCE) continue;
        mark_line(c, n->line, CLASS_STRUCTURE);
        struct slice last = slice_trim(source_line(c->source, n->last)->text);
        bool closes = slice_has_prefix(last, S("```")) || slice_has_prefix(last, S("~~~"));
        if (closes) mark_line(c, n->last, CLASS_STRUCTURE);
    }
    for (size_t i = 0; i < c->doc.n_tables; i++) mark_line(c, c->doc.tables[i], CLASS_STRUCTURE);
}

static struct node whole_line(unsigned line)
{
    return (struct node){ .line = line, .last = line, .col = 1 };
}

/* The first repaired character of a line: up to there text and file have the same bytes. */
static struct slice first_repair(const struct line *l)
{
    char good[4];
    size_t n_good = 0, at = 0;
    while (at < l->raw.n && mojibake_run(slice_from(l->raw, at), good, &n_good) == 0) at++;
    return slice_upto(slice_from(l->text, at), n_good);
}

static void warn_mojibake(struct compiler *c)
{
    for (unsigned line = 1; line <= c->source->n; line++) {
        const struct line *l = source_line(c->source, line);
        struct node n = whole_line(line);
        if (l->runs == 0) continue;
        diagnose(c, (struct at){ &n, first_repair(l) }, "W-MOJIBAKE",
                 S("save the file as UTF-8 once; until then it is read repaired"), "%u character%s encoded twice",
                 l->runs, l->runs == 1 ? "" : "s");
    }
}

static size_t digits(struct slice text)
{
    size_t n = 0;
    while (n < text.n && is_digit(text.p[n])) n++;
    return n;
}

/* Traps of Markdown that change what a line is (G1, G13). */
static void warn_traps(struct compiler *c)
{
    for (size_t i = 0; i < c->doc.n; i++) {
        const struct node *n = &c->doc.v[i];
        struct slice first = slice_trim(source_line(c->source, n->line)->text);
        if (n->odd_start)
            offer_line(diagnose(c, (struct at){ n, { 0 } }, "W-LIST-START", S("begin the list with 1."),
                                "a list under a label begins with %lld", (long long)n->number),
                       n->last > n->line ? S("") : line_with(c, n->line, slice_upto(first, digits(first)), S("1")));
        struct slice under = slice_trim(source_line(c->source, n->last)->text);
        if (n->kind == NODE_HEADING && slice_eq(under, S("---")) && !slice_has_prefix(first, S("#")))
            diagnose(c, (struct at){ n, { 0 } }, "W-RULE-HEADING", S("leave a blank line above the ---"),
                     "the --- under this text makes it a heading");
        bool rule_below = n->kind == NODE_ITEM && n->ordered && i + 1 < c->doc.n &&
                          c->doc.v[i + 1].kind == NODE_BREAK && c->doc.v[i + 1].line == n->last + 1;
        if (rule_below && section_role_of(c->arena, n->text) != SECTION_UNSET)
            diagnose(c, (struct at){ n, { 0 } }, "W-RULE-HEADING",
                     text_make(c, "## %.*s", (int)text_cut(n->text, 80).n, n->text.p),
                     "a numbered line above --- is a list item, no heading");
        if (n->kind != NODE_OTHER) continue;
        for (unsigned line = n->line; line <= n->last; line++) {
            struct slice text = source_line(c->source, line)->text;
            if (slice_find_nocase(text, S("<table")) == text.n) continue;
            struct node at = whole_line(line);
            diagnose(c, (struct at){ &at, { 0 } }, "W-HTML-TABLE", S("write it as a pipe table: | A | B |"),
                     "a table in HTML is not read");
            break;
        }
    }
}

static void check_twice(struct compiler *c)
{
    unsigned seen[SECTIONS_END] = { 0 };
    for (size_t i = 0; i < c->sections.n; i++) {
        const struct section *s = &c->sections.v[i];
        const struct node *n = &c->doc.v[s->heading];
        if (!section_role_once(s->role) || s->implicit) continue;
        if (seen[s->role] != 0)
            diagnose(c, (struct at){ n, { 0 } }, "E-SECTION-TWICE", S("join them under one heading"),
                     "the %s stand twice: lines %u and %u", section_role_name(s->role), seen[s->role], n->line);
        else
            seen[s->role] = n->line;
    }
}

static bool has_own_text(const struct compiler *c, const struct section *s)
{
    for (size_t at = s->heading; section_next(c, s, &at);)
        if (c->doc.v[at].kind != NODE_HEADING && c->doc.v[at].kind != NODE_BREAK) return true;
    return false;
}

/* One note a section that is compiled and not executed by this version. */
static void note_not_executed(struct compiler *c)
{
    for (size_t i = 0; i < c->sections.n; i++) {
        const struct section *s = &c->sections.v[i];
        if (s->role == SECTION_PROSE || is_executed(s->role) || !has_own_text(c, s)) continue;
        size_t at = s->heading;
        if (s->implicit && s->role == SECTION_CONTROL)
            section_next(c, s, &at); /* control behind a `---`: its first line, not the rule */
        diagnose(c, (struct at){ &c->doc.v[at], { 0 } }, "N-NOT-EXECUTED", S(""), "%s: compiled, not executed yet",
                 section_role_name(s->role));
    }
}

/* G3: an unknown part is shown, never an error. One note a topmost heading with text of its own. */
static void note_unknown(struct compiler *c)
{
    const struct node *heading = NULL, *noted = NULL;
    for (size_t i = 0; i < c->doc.n; i++) {
        const struct node *n = &c->doc.v[i];
        if (n->kind == NODE_HEADING && c->sections.of_node[i] < 0) heading = n;
        bool text = n->kind != NODE_HEADING && n->kind != NODE_BREAK && n->kind != NODE_FRONT;
        if (!text || c->sections.of_node[i] >= 0 || heading == NULL || heading == noted || heading->level == 1)
            continue;
        noted = heading;
        diagnose(c, (struct at){ heading, { 0 } }, "N-UNKNOWN-SECTION", S(""),
                 "no known section: kept as reference prose");
    }
}

static bool has_known_role(const struct compiler *c)
{
    for (size_t i = 0; i < c->sections.n; i++)
        if (c->sections.v[i].role != SECTION_PROSE && !c->sections.v[i].implicit) return true;
    return c->milestones.n > 0 || c->book.scenarios.n > 0;
}

static void warn_no_sections(struct compiler *c)
{
    struct slice list = { 0 };
    size_t named = 0;
    struct node top = { .line = 1, .last = 1, .col = 1 };
    if (c->source->n == 0)
        diagnose(c, (struct at){ &top, { 0 } }, "W-NO-SECTIONS", S(""), "the document is empty: it says of nobody when they are paged");
    if (has_known_role(c) || c->source->n == 0) return;
    for (size_t i = 0; i < c->doc.n && named < 3; i++) {
        const struct node *n = &c->doc.v[i];
        struct slice near = n->kind == NODE_HEADING ? section_nearest(c->arena, n->text) : (struct slice){ 0 };
        if (near.n == 0) continue;
        named++;
        list = text_make(c, "%.*s%sline %u \"%.*s\" is near \"%.*s\"", (int)list.n, list.p, list.n > 0 ? "; " : "",
                         n->line, (int)text_cut(n->text, 60).n, n->text.p, (int)near.n, near.p);
    }
    struct node first = whole_line(1);
    diagnose(c, (struct at){ &first, { 0 } }, "W-NO-SECTIONS",
             S("head the sections \"Severity Levels\", \"Incident Response Team\", \"Escalation Rules\" …"),
             "no known section in this document, all of it is prose%s%.*s", list.n > 0 ? ": " : "", (int)list.n,
             list.p);
}

/* Without a severity section, an escalation matrix may say what the levels are. */
static void matrices_compile(struct compiler *c)
{
    for (size_t i = 0; i < c->sections.n; i++)
        if (c->sections.v[i].role == SECTION_ESCALATION) compile_severity_matrix(c, &c->sections.v[i]);
}

static void sections_compile(struct compiler *c)
{
    control_begin(c);
    for (size_t k = 0; k < COUNT_OF(compilers); k++) {
        for (size_t i = 0; i < c->sections.n; i++)
            if (c->sections.v[i].role == compilers[k].role) compilers[k].compile(c, &c->sections.v[i]);
        if (compilers[k].role == SECTION_SEVERITY) {
            if (c->severities.n == 0) matrices_compile(c);
            severities_finish(c);
        }
        if (compilers[k].role == SECTION_TIMELINE) timeline_finish(c);
    }
    c->policy.contacts = vec_keep(c, &c->contacts, struct policy_contact, &c->policy.n_contacts);
    c->policy.channels = vec_keep(c, &c->channels, struct policy_channel, &c->policy.n_channels);
    communication_finish(c);
    c->policy.communications =
        vec_keep(c, &c->communications, struct policy_communication, &c->policy.n_communications);
    c->policy.templates = vec_keep(c, &c->templates, struct policy_template, &c->policy.n_templates);
    escalation_finish(c);
    book_finish(c);
}

static void title_find(struct compiler *c)
{
    for (size_t i = 0; i < c->doc.n && c->policy.title.n == 0; i++)
        if (c->doc.v[i].kind == NODE_HEADING && c->doc.v[i].level == 1) c->policy.title = c->doc.v[i].text;
}

/* The title that the front matter says: the first heading may be a chapter's. */
static void title_written(struct compiler *c)
{
    const struct policy_book *b = &c->policy.book;
    for (size_t i = 0; i < b->n_control; i++)
        if (slice_eq_nocase(b->control[i].key, S("title")) && !b->control[i].placeholder)
            c->policy.title = b->control[i].value;
}

/* Who is paged at T+0: the primary; the line is the check that says so, else the role's heading. */
static void first_find(struct compiler *c)
{
    struct policy *p = &c->policy;
    p->first = (struct policy_target){ .party = S(ROLE_PRIMARY), .name = S("Primary On-Call") };
    for (size_t i = 0; i < p->n_roles; i++) {
        if (!slice_eq(p->roles[i].id, S(ROLE_PRIMARY))) continue;
        p->first.name = p->roles[i].name;
        p->first_line = p->roles[i].line;
    }
    for (size_t i = 0; i < p->n_milestones; i++)
        for (size_t k = 0; k < p->milestones[i].n_checks; k++)
            if (p->milestones[i].checks[k].evidence == EVIDENCE_PAGE_SENT) {
                p->first_line = p->milestones[i].checks[k].line;
                return;
            }
}

static int by_place(const void *a, const void *b, void *ctx)
{
    const struct diagnostic *x = a, *y = b;
    (void)ctx;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    return (x->col > y->col) - (x->col < y->col);
}

static int by_line(const void *a, const void *b, void *ctx)
{
    const struct interpretation *x = a, *y = b;
    (void)ctx;
    return (x->line > y->line) - (x->line < y->line);
}

static void count_all(const struct compiler *c, struct compiled *out)
{
    for (size_t i = 0; i < out->n_diagnostics; i++) {
        out->errors += out->diagnostics[i].level == DIAGNOSTIC_ERROR;
        out->warnings += out->diagnostics[i].level == DIAGNOSTIC_WARNING;
        out->notes += out->diagnostics[i].level == DIAGNOSTIC_NOTE;
    }
    for (unsigned i = 0; i < out->lines; i++) out->class_counts[out->classes[i]]++;
    for (size_t i = 0; i < c->doc.n; i++)
        if (c->doc.v[i].kind == NODE_HEADING) out->headings[c->doc.v[i].level]++;
}

static void finish(struct compiler *c, struct compiled *out)
{
    sort_stable(c->diagnostics.v, c->diagnostics.n, sizeof *c->diagnostics.v, by_place, NULL);
    sort_stable(c->interpretations.v, c->interpretations.n, sizeof *c->interpretations.v, by_line, NULL);
    out->policy = c->policy;
    out->source = c->source;
    out->bytes = c->source->bytes.n;
    out->lines = c->source->n;
    out->runbook = c->runbook;
    out->escalation_line = escalation_heading(c).line;
    out->escalation_col = escalation_heading(c).col;
    out->repaired_runs = c->source->runs;
    out->repaired_lines = c->source->repaired_lines;
    out->classes = c->classes;
    out->diagnostics = vec_keep(c, &c->diagnostics, struct diagnostic, &out->n_diagnostics);
    nodes_finish(c);
    out->nodes = vec_keep(c, &c->nodes, struct compiled_node, &out->n_nodes);
    out->interpretations = vec_keep(c, &c->interpretations, struct interpretation, &out->n_interpretations);
    count_all(c, out);
}

static void compiler_release(struct compiler *c)
{
    document_release(&c->doc);
    sections_release(&c->sections);
    smap_destroy(&c->ids);
    vec_release(&c->diagnostics);
    vec_release(&c->interpretations);
    vec_release(&c->nodes);
    vec_release(&c->severities);
    vec_release(&c->roles);
    vec_release(&c->contacts);
    vec_release(&c->channels);
    vec_release(&c->milestones);
    vec_release(&c->communications);
    vec_release(&c->templates);
    vec_release(&c->rules);
    book_release(&c->book);
}

/* Sections that a runbook may have beside its parts, and that make no organisation's document. */
static bool may_be_runbook(const struct compiler *c)
{
    bool alone = c->options.base == NULL && !c->options.part && !c->options.shared;
    for (size_t i = 0; alone && i < c->sections.n; i++) {
        const enum section_role role = c->sections.v[i].role;
        alone = role == SECTION_PROSE || role == SECTION_CONTROL || role == SECTION_CONTACTS || role == SECTION_TREES ||
                role == SECTION_TOOLS;
    }
    return alone;
}

/* Read alone, a runbook whose labels are chapters of plans too ("Detection", "Steps") is one all the same: by any two of
 * them, as beside the organisation's document. */
static void sections_find_again(struct compiler *c)
{
    sections_release(&c->sections);
    sections_find(&c->sections, c->arena, &c->doc, true);
}

/* Whoever meant a plan has to see what it was taken for. */
static void note_runbook(struct compiler *c)
{
    const struct section *runbook = NULL;
    for (size_t i = 0; i < c->sections.n; i++) {
        const struct section *s = &c->sections.v[i];
        if (s->role == SECTION_SCENARIOS && s->implicit && runbook == NULL) runbook = s;
        if (s->role == SECTION_SCENARIOS && !s->implicit) return;
        if (s->role == SECTION_SEVERITY || s->role == SECTION_TEAM || s->role == SECTION_ESCALATION) return;
    }
    if (runbook == NULL || c->options.part) return;
    c->runbook = true;
    diagnose(c, (struct at){ &c->doc.v[runbook->heading], { 0 } }, "N-RUNBOOK-ALONE",
             S("name it under `runbooks` of the site, beside the organisation's document"),
             "read as a runbook, by its labels: a document of its own pages nobody");
}

static void document_compile(struct compiler *c)
{
    c->ids = smap_create(0);
    sections_find(&c->sections, c->arena, &c->doc, c->options.shared);
    if (may_be_runbook(c)) sections_find_again(c);
    classes_begin(c);
    title_find(c);
    warn_mojibake(c);
    warn_traps(c);
    check_twice(c);
    sections_compile(c);
    title_written(c);
    first_find(c);
    document_check(c);
    control_dates(c);
    settled_report(c);
    warn_clocks_left(c);
    note_not_executed(c);
    note_runbook(c);
    note_unknown(c);
    warn_no_sections(c);
}

struct compiled *procedures_compile(struct slice text, struct slice file_name, const struct compile_options *options,
                                    struct error *e)
{
    struct arena *arena = arena_create(0); /* the input is limited, and what we make of it is linear in it */
    struct compiler c = { .arena = arena,
                          .file_name = arena_copy(arena, file_name),
                          .source = arena_new(arena, struct source) };
    struct compiled *out = NULL;

    if (options != NULL) c.options = *options;
    if (source_read(c.source, arena, text, e) < 0) goto out;
    if (document_read(&c.doc, arena, c.source, e) < 0) goto out;
    document_compile(&c);
    out = arena_new(arena, struct compiled);
    *out = (struct compiled){ .arena = arena, .file_name = arena_copy(arena, file_name) };
    finish(&c, out);
out:
    compiler_release(&c);
    if (out == NULL) arena_destroy(&arena);
    return out;
}

void compiled_destroy(struct compiled **c)
{
    if (*c == NULL) return;
    struct arena *arena = (*c)->arena;
    *c = NULL;
    arena_destroy(&arena);
}

/* The document that a line stands in; the line is without its file then. */
static const struct compiled *document_of(const struct compiled *c, unsigned *line)
{
    const size_t file = POLICY_FILE(*line);
    *line = (unsigned)POLICY_LINE(*line);
    if (c->set == NULL || c->set_policy == NULL) return c;
    return c->set->docs[file < c->set->n ? file : c->set->organisation];
}

struct slice compiled_line_raw(const struct compiled *c, unsigned line)
{
    c = document_of(c, &line);
    return line >= 1 && line <= c->lines ? source_line(c->source, line)->raw : (struct slice){ 0 };
}

struct slice compiled_line_text(const struct compiled *c, unsigned line)
{
    c = document_of(c, &line);
    return line >= 1 && line <= c->lines ? source_line(c->source, line)->text : (struct slice){ 0 };
}

bool interpretation_same(const struct interpretation *a, const struct interpretation *b)
{
    return slice_eq(a->code, b->code) && slice_eq(a->reading, b->reading) && slice_eq(a->rejected, b->rejected) &&
           slice_eq(a->explicit_form, b->explicit_form);
}

bool interpretation_said(const struct compiled *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (interpretation_same(&c->interpretations[k], &c->interpretations[i])) return true;
    return false;
}

const char *diagnostic_level_name(enum diagnostic_level level)
{
    switch (level) {
#define X(sym, code, text) \
    case DIAGNOSTIC_##sym: return text;
        DIAGNOSTIC_LEVELS(X)
#undef X
    case DIAGNOSTIC_UNSET:
    case DIAGNOSTIC_LEVELS_END: break;
    }
    return "unset";
}

const char *line_class_name(enum line_class class)
{
    switch (class) {
#define X(sym, code, text) \
    case CLASS_##sym: return text;
        LINE_CLASSES(X)
#undef X
    case CLASS_UNSET:
    case LINE_CLASSES_END: break;
    }
    return "unset";
}
