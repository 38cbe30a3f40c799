/* scenario.c - runbooks: which label a line stands under, in headings, bold labels and labelled items alike.
 * Not here: which words are labels (scenario_parts.c), what a step holds (steps.c), how triggers are read (trigger.c).
 * Always: a scenario ends at the next heading of its depth or less; labels of the same part are joined in order. */
#include "core/policy.h"
#include "procedures/scenario_table.h"

struct scenario_reader {
    struct compiler *c;
    const struct section *section;
    bool open;
    int level; /* of the scenario's heading */
    bool bare; /* no label at all: its lists are what to do first */
    bool by_text; /* labels are headings or bold paragraphs, so bold items are items */
    enum scenario_part part;
    const struct node *label; /* the node that opened the part */
    int part_level; /* of the heading that opened the part; 0: a bold label */
    int64_t after_ms; /* clock of the triggers' heading */
    int trigger_base;
    bool seen[PARTS_END];
    struct step_list lists[PARTS_WITH_STEPS];
    VEC(struct policy_trigger) triggers;
    struct policy_scenario now;
};

static bool has_steps(enum scenario_part part)
{
    return part > PART_UNSET && (int)part < PARTS_WITH_STEPS;
}

static void part_end(struct scenario_reader *r)
{
    if (has_steps(r->part)) steps_end(r->c, &r->lists[r->part], r->now.id);
    r->part = PART_UNSET;
}

static void part_begin(struct scenario_reader *r, enum scenario_part part, int level)
{
    part_end(r);
    r->part = part;
    r->part_level = level;
    r->seen[part] = true;
    r->after_ms = POLICY_NONE;
    r->trigger_base = 0;
    if (has_steps(part)) steps_begin(&r->lists[part]);
}

void scenario_check(struct compiler *c, const struct policy_scenario *s)
{
    const struct {
        size_t n;
        const char *name;
    } wanted[] = { { s->n_symptoms, "symptoms" },
                   { s->immediate.n, "immediate actions" },
                   { s->mitigation.n, "mitigation steps" } };
    struct node n = { .line = s->line, .last = s->line, .col = 1 };
    struct slice list = { 0 }, name = text_cut(s->name, 80);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (wanted[i].n == 0)
            list = text_make(c, "%.*s%s%s", (int)list.n, list.p, list.n > 0 ? ", " : "", wanted[i].name);
    if (list.n > 0)
        diagnose(c, (struct at){ &n, { 0 } }, "N-LABEL-MISSING", S(""), "the scenario \"%.*s\" has no %.*s",
                 (int)name.n, name.p, (int)list.n, list.p);
    if (s->n_triggers == 0)
        diagnose(c, (struct at){ &n, { 0 } }, "W-NO-TRIGGER",
                 S("add **Escalation Triggers:**, and below - Service not restored within 30 minutes"),
                 "the scenario \"%.*s\" does not say when to escalate", (int)name.n, name.p);
}

static void interpret_scenario(struct scenario_reader *r)
{
    const struct policy_scenario *s = &r->now;
    if (s->n_triggers > 0)
        interpret(r->c, s->triggers[0].line, "A23",
                  find_phrase(s->name, S("security")) < s->name.n
                      ? "each trigger pages the Incident Commander and the security team, and opens a decision"
                      : "each trigger pages the Incident Commander and opens a decision: raise, engage, decline",
                  "a trigger raises the level by itself", "… → Incident Commander");
    if (find_phrase(s->name, S("security")) < s->name.n)
        interpret(r->c, s->line, "A6",
                  "a security incident has the level of its criteria; only a confirmed breach is worst",
                  "every security incident has the worst level", "Severity: SEV1");
    for (size_t i = 0; i < s->mitigation.n; i++)
        if (s->mitigation.v[i].optional)
            interpret(r->c, s->mitigation.v[i].line, "A26", "an optional step: done, or skipped with a reason",
                      "a step that holds up the closing", "leave \"if needed\" out");
}

static void scenario_close(struct scenario_reader *r)
{
    struct policy_scenario *s = &r->now;
    if (!r->open) return;
    part_end(r);
    s->symptoms = steps_keep(r->c, &r->lists[PART_SYMPTOMS], &s->n_symptoms);
    s->immediate.v = steps_keep(r->c, &r->lists[PART_IMMEDIATE], &s->immediate.n);
    s->mitigation.v = steps_keep(r->c, &r->lists[PART_MITIGATION], &s->mitigation.n);
    s->verification.v = steps_keep(r->c, &r->lists[PART_VERIFICATION], &s->verification.n);
    s->rollback.v = steps_keep(r->c, &r->lists[PART_ROLLBACK], &s->rollback.n);
    s->triggers = vec_keep(r->c, &r->triggers, struct policy_trigger, &s->n_triggers);
    vec_clear(&r->triggers);
    r->open = false;
    if (!r->c->options.part) scenario_check(r->c, s);
    interpret_scenario(r);
    *vec_push(&r->c->book.scenarios) = *s;
}

/* Is this node a label? Its text and what stands behind it. */
static enum scenario_part label_of(const struct scenario_reader *r, const struct node *n, struct slice *rest)
{
    struct arena *a = r->c->arena;
    *rest = (struct slice){ 0 };
    if (n->kind == NODE_HEADING) return scenario_part_of(a, n->text);
    if (n->kind == NODE_ITEM && (r->by_text || n->level > 1)) return PART_UNSET;
    if (n->kind != NODE_TEXT && n->kind != NODE_ITEM) return PART_UNSET;
    if (n->label.n > 0 && n->labelled) {
        *rest = n->rest;
        return scenario_part_of(a, n->label);
    }
    if (n->kind == NODE_TEXT && slice_has_suffix(n->text, S(":")))
        return scenario_part_of(a, slice_upto(n->text, n->text.n - 1));
    return PART_UNSET;
}

/* Do labels follow before the next heading, or is the next heading one? */
static bool labels_follow(const struct scenario_reader *r, size_t at, int level)
{
    struct slice rest;
    for (size_t i = at + 1; i < r->section->end; i++) {
        const struct node *n = &r->c->doc.v[i];
        if (n->kind == NODE_HEADING) return n->level > level && label_of(r, n, &rest) != PART_UNSET;
        if (n->kind == NODE_TEXT && label_of(r, n, &rest) != PART_UNSET) return true;
    }
    return false;
}

static bool is_bare(const struct scenario_reader *r, size_t at, int level)
{
    struct slice rest;
    for (size_t i = at + 1; i < r->section->end; i++) {
        const struct node *n = &r->c->doc.v[i];
        if (n->kind == NODE_HEADING && n->level <= level) break;
        enum scenario_part part = label_of(r, n, &rest);
        if (part != PART_UNSET && part != PART_PROSE) return false;
    }
    return true;
}

static void scenario_begin(struct scenario_reader *r, size_t at)
{
    const struct node *n = &r->c->doc.v[at];
    struct slice name = heading_bare(n->text), level_text;
    scenario_close(r);
    r->open = true;
    r->level = n->level;
    r->part = PART_UNSET;
    r->after_ms = POLICY_NONE;
    r->by_text = false;
    for (int i = 0; i < PARTS_END; i++) r->seen[i] = false;
    r->bare = is_bare(r, at, n->level);
    r->now = (struct policy_scenario){ .line = n->line, .source = r->c->file_name };
    scenario_heading_cut(&name, &level_text);
    if (level_text.n > 0) scan_level(r->c, &level_text, &r->now.severity);
    r->now.name = name;
    r->now.id = id_make(r->c, "scenario", n, (struct slice){ 0 }, name);
    mark(r->c, n, CLASS_COMPILED);
    for (int i = 0; i < PARTS_WITH_STEPS; i++) steps_begin(&r->lists[i]);
}

static void severity_take(struct scenario_reader *r, const struct node *n, struct slice text)
{
    if (!scan_level(r->c, &text, &r->now.severity)) {
        struct slice levels = level_list(r->c);
        diagnose(r->c, (struct at){ n, { 0 } }, "N-SCENARIO-LEVEL", S(""),
                 "no level of this document (%.*s): kept as reference prose", (int)levels.n, levels.p);
        return;
    }
    mark(r->c, n, CLASS_COMPILED);
}

static void trigger_take(struct scenario_reader *r, const struct node *n)
{
    bool item = n->kind == NODE_ITEM;
    if (!item && n->kind != NODE_TEXT) {
        block_check(r->c, n, SECTION_TRIGGERS);
        return;
    }
    if (item && r->trigger_base == 0) r->trigger_base = n->level;
    bool detail = item ? n->level > r->trigger_base : r->trigger_base > 0 || slice_has_suffix(n->text, S(":"));
    struct slice offer = trigger_offer(r->c, n->text);
    if (detail)
        warn_clock_lost(r->c, n, "a detail of the trigger",
                        text_make(r->c, "make it an item of its own: %.*s", (int)offer.n, offer.p));
    if (detail || n->text.n == 0) return;
    *vec_push(&r->triggers) = trigger_read(r->c, n, n->text, r->now.id, r->after_ms);
}

static void piece_take(struct scenario_reader *r, const struct node *n, const struct row_piece *x)
{
    struct node cell = *n;
    cell.text = cell.rest = x->text;
    r->seen[x->part] = true;
    if (has_steps(x->part) && x->detail && r->lists[x->part].steps.n > 0)
        step_detail(&r->lists[x->part], x->text);
    else if (has_steps(x->part))
        step_add(r->c, &r->lists[x->part], &cell, r->now.id, x->text);
    else if (x->part == PART_TRIGGERS)
        *vec_push(&r->triggers) =
            trigger_read(r->c, &cell, x->text, r->now.id, x->after_ms != POLICY_NONE ? x->after_ms : r->after_ms);
    else if (x->part == PART_SEVERITY && r->now.severity == 0)
        severity_take(r, &cell, x->text);
    else if (x->part == PART_OWNER && r->now.owner.n == 0)
        r->now.owner = x->text;
    mark(r->c, n, CLASS_COMPILED);
}

/* A row of a table: the role of its cells must be clear; else it stays prose, and says so once a table. */
static void row_take(struct scenario_reader *r, const struct node *n)
{
    struct row_piece pieces[PIECES_MAX];
    const struct node *header = &r->c->doc.v[n->table];
    if (n->header) return;
    const size_t count = scenario_row_read(r->c, n, r->part, pieces);
    for (size_t i = 0; i < count; i++) piece_take(r, n, &pieces[i]);
    if (count > 0 || r->part == PART_PROSE) return;
    warn_clock_lost(r->c, n, "reference prose",
                    S("- Service not restored within 30 minutes, as an escalation trigger"));
    if (n != header + 1) return;
    diagnose(r->c, (struct at){ header, { 0 } }, "N-TABLE-PROSE", S("| Symptom | Immediate Action | Escalate if |"),
             "no head of this table says what its rows are: kept as reference prose");
}

/* A tree of the runbook's own: named as the runbook is. */
static void tree_take(struct scenario_reader *r, const struct node *n)
{
    struct slice name = text_make(r->c, "%.*s Decision Tree", (int)r->now.name.n, r->now.name.p);
    if (n->kind == NODE_FENCE) tree_fence_read(r->c, n, name, r->label);
}

/* One node under the part that is open. */
static void part_take(struct scenario_reader *r, const struct node *n)
{
    if (r->part == PART_UNSET && r->bare && n->kind == NODE_ITEM) part_begin(r, PART_IMMEDIATE, 0);
    if (n->kind == NODE_ROW)
        row_take(r, n);
    else if (has_steps(r->part))
        steps_take(r->c, &r->lists[r->part], n, r->now.id);
    else if (r->part == PART_TRIGGERS)
        trigger_take(r, n);
    else if (r->part == PART_TREE)
        tree_take(r, n);
    else if (r->part == PART_SEVERITY && r->now.severity == 0)
        severity_take(r, n, n->text);
    else if (r->part == PART_OWNER && r->now.owner.n == 0 && n->text.n > 0) {
        r->now.owner = n->text;
        mark(r->c, n, CLASS_COMPILED);
    }
}

/* "Initial Assessment (Minutes 0-5)": its steps are due at the phase's end. Any other clock is not lost silently (G5). */
static void check_clock(struct scenario_reader *r, const struct node *n, struct slice label)
{
    size_t at;
    int64_t from, to;
    struct slice name;
    if (r->part == PART_TRIGGERS && r->after_ms != POLICY_NONE) return;
    bool phase = heading_clock(label, &from, &to, &name);
    if (phase && has_steps(r->part)) {
        r->lists[r->part].due_ms = to != POLICY_NONE ? to : from;
        return;
    }
    if (!phase && !has_clock(label, &at)) return;
    diagnose(r->c, (struct at){ n, { 0 } }, "W-CLOCK-LOST",
             S("say it as a trigger below **Escalation Triggers:** - Service not restored within 30 minutes"),
             "the clock of this label is read by nothing; what stands below it has no deadline");
}

static void label_enter(struct scenario_reader *r, const struct node *n, enum scenario_part part, struct slice rest)
{
    struct slice label = n->kind == NODE_HEADING ? n->text : n->label.n > 0 ? n->label : n->text;
    part_begin(r, part, n->kind == NODE_HEADING ? n->level : 0);
    r->label = n;
    if (part == PART_TRIGGERS) r->after_ms = heading_after(label);
    if (part == PART_PROSE) return;
    mark(r->c, n, CLASS_COMPILED);
    check_clock(r, n, label);
    if (rest.n == 0) return;
    struct node item = *n;
    item.kind = part == PART_TRIGGERS || has_steps(part) ? NODE_ITEM : NODE_TEXT;
    item.level = 1;
    item.text = rest;
    part_take(r, &item);
    if (has_steps(part)) r->lists[part].base = 0; /* a list may still follow, at any depth */
    if (n->kind == NODE_ITEM) r->trigger_base = 0;
}

static void label_unknown(struct scenario_reader *r, const struct node *n, struct slice label)
{
    struct slice near = scenario_part_nearest(r->c->arena, label), shown = text_cut(label, 80);
    struct slice suggestion = near.n > 0 ? text_make(r->c, "**%.*s:**", (int)near.n, near.p) : (struct slice){ 0 };
    diagnose(r->c, (struct at){ n, { 0 } }, "N-UNKNOWN-LABEL", suggestion,
             "\"%.*s\" is no known label of a scenario: kept as reference prose", (int)shown.n, shown.p);
}

/* "Step 2: Check the pods", "2. Check the pods": a step with a heading of its own. */
static bool step_heading(struct slice text, struct slice *name)
{
    struct slice rest = text;
    int64_t number;
    if (scan_word(&rest, S("step"))) {
        scan_blanks(&rest);
        if (!slice_cut_uint(&rest, &number)) return false;
        scan_separator(&rest);
    } else {
        rest = slice_from(text, ordered_marker(text, &number));
        if (rest.n == text.n) return false;
    }
    *name = slice_trim(rest);
    return name->n > 0;
}

static bool step_heading_enter(struct scenario_reader *r, const struct node *n)
{
    struct slice name = n->text;
    bool below = has_steps(r->part) && r->part_level > 0 && n->level > r->part_level;
    bool numbered = step_heading(n->text, &name);
    if (!below && !numbered) return false;
    if (!has_steps(r->part)) part_begin(r, PART_IMMEDIATE, 0);
    struct step_list *l = &r->lists[r->part];
    step_add(r->c, l, n, r->now.id, name);
    l->base = 0;
    l->headed = true;
    mark(r->c, n, CLASS_COMPILED);
    return true;
}

static void heading_enter(struct scenario_reader *r, size_t at)
{
    const struct node *n = &r->c->doc.v[at];
    struct slice rest, name = heading_bare(n->text), level_text;
    enum scenario_part part = label_of(r, n, &rest);
    bool empty = r->open && r->part == PART_UNSET && !r->by_text && r->triggers.n == 0;
    bool inside = r->open && n->level > r->level;
    if (part != PART_UNSET && inside) {
        r->by_text = true;
        label_enter(r, n, part, rest);
    } else if (!inside) {
        if (part == PART_UNSET && section_role_of(r->c->arena, n->text) != SECTION_PROSE)
            scenario_begin(r, at);
        else
            scenario_close(r);
    } else if (empty && (labels_follow(r, at, n->level) || scenario_heading_cut(&name, &level_text))) {
        r->open = false; /* the heading above only grouped */
        mark_line(r->c, r->now.line, CLASS_STRUCTURE);
        scenario_begin(r, at);
    } else if (!step_heading_enter(r, n)) {
        part_begin(r, PART_PROSE, n->level);
        label_unknown(r, n, n->text);
    }
}

/* `**On-call response:** within 15 minutes` in a runbook: no part reads it (G5). Said of prose it is for reading. */
static void label_lost(struct scenario_reader *r, const struct node *n)
{
    struct duration d;
    size_t at;
    bool label = n->kind == NODE_TEXT && n->labelled && r->part != PART_PROSE;
    if (!label || r->c->classes[n->line - 1] != CLASS_PROSE || !find_duration(n->rest, &d, &at)) return;
    struct slice clock = duration_text(r->c, d.ms);
    warn_clock_lost(
        r->c, n, "reference prose",
        text_make(r->c, "**Escalation Triggers:** Service not restored within %.*s", (int)clock.n, clock.p));
}

static void node_enter(struct scenario_reader *r, const struct node *n)
{
    struct slice rest;
    enum scenario_part part = label_of(r, n, &rest);
    if (!r->open) return;
    if (part != PART_UNSET) {
        r->by_text |= n->kind == NODE_TEXT;
        label_enter(r, n, part, rest);
    } else if (n->kind == NODE_TEXT && n->labelled && n->label.n > 0 && n->rest.n == 0) {
        part_begin(r, PART_PROSE, 0);
        label_unknown(r, n, n->label);
    } else {
        part_take(r, n);
        label_lost(r, n);
    }
}

void compile_scenarios(struct compiler *c, const struct section *s)
{
    struct scenario_reader r = { .c = c, .section = s };
    const struct node *heading = &c->doc.v[s->heading];
    struct slice name = heading_bare(heading->text), level_text;
    if (scenario_heading_cut(&name, &level_text) || s->implicit) scenario_begin(&r, s->heading);
    for (size_t at = s->heading; section_next(c, s, &at);) {
        if (c->doc.v[at].kind == NODE_HEADING)
            heading_enter(&r, at);
        else
            node_enter(&r, &c->doc.v[at]);
    }
    scenario_close(&r);
    for (int i = 0; i < PARTS_WITH_STEPS; i++) steps_release(&r.lists[i]);
    vec_release(&r.triggers);
}

/* Triggers of every incident, outside of the scenarios. */
void compile_triggers(struct compiler *c, const struct section *s)
{
    int64_t after = heading_after(s->name);
    int base = 0;
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING) {
            after = heading_after(n->text);
            base = 0;
        }
        if (n->kind == NODE_ROW) {
            struct row_piece pieces[PIECES_MAX];
            const size_t count = scenario_row_read(c, n, PART_TRIGGERS, pieces);
            for (size_t i = 0; i < count; i++)
                if (pieces[i].part == PART_TRIGGERS)
                    *vec_push(&c->book.triggers) = trigger_read(
                        c, n, pieces[i].text, S("any"), pieces[i].after_ms != POLICY_NONE ? pieces[i].after_ms : after);
        }
        if (n->kind != NODE_ITEM || n->text.n == 0) continue;
        if (base == 0) base = n->level;
        if (n->level > base) continue;
        *vec_push(&c->book.triggers) = trigger_read(c, n, n->text, S("any"), after);
    }
}
