/* timeline.c - milestones on the incident's clock, their checks, and what may tick a check by itself (R33-R35).
 * Not here: lateness (core/milestone.c). Clocks count from the first page's commit (A55). */
#include "procedures/compiler.h"

/* The checks that events tick: all words must stand in the text, in this order. Other checks need a person (R39). */
static const struct {
    struct slice words;
    enum evidence evidence;
} evidences[] = {
    { S("monitoring detects"), EVIDENCE_ALERT_RECEIVED },
    { S("alert received"), EVIDENCE_ALERT_RECEIVED },
    { S("alert fires"), EVIDENCE_ALERT_RECEIVED },
    { S("detection confirmed"), EVIDENCE_ALERT_RECEIVED },
    { S("alert sent"), EVIDENCE_PAGE_SENT },
    { S("page sent"), EVIDENCE_PAGE_SENT },
    { S("primary paged"), EVIDENCE_PAGE_SENT },
    { S("primary is paged"), EVIDENCE_PAGE_SENT },
    { S("on-call engineer paged"), EVIDENCE_PAGE_SENT },
    { S("on-call engineer is paged"), EVIDENCE_PAGE_SENT },
    { S("incident logged"), EVIDENCE_INCIDENT_LOGGED },
    { S("incident recorded"), EVIDENCE_INCIDENT_LOGGED },
    { S("incident opened"), EVIDENCE_INCIDENT_LOGGED },
    { S("acknowledges"), EVIDENCE_ACKNOWLEDGED },
    { S("acknowledged"), EVIDENCE_ACKNOWLEDGED },
    { S("assessment begins"), EVIDENCE_RESPONDER_ACTED },
    { S("assessment started"), EVIDENCE_RESPONDER_ACTED },
    { S("assessment starts"), EVIDENCE_RESPONDER_ACTED },
    { S("severity determined"), EVIDENCE_SEVERITY_CONFIRMED },
    { S("severity level determined"), EVIDENCE_SEVERITY_CONFIRMED },
    { S("severity confirmed"), EVIDENCE_SEVERITY_CONFIRMED },
    { S("severity level confirmed"), EVIDENCE_SEVERITY_CONFIRMED },
    { S("root cause investigation"), EVIDENCE_CAUSE_NOTED },
    { S("cause investigated"), EVIDENCE_CAUSE_NOTED },
    { S("cause identified"), EVIDENCE_CAUSE_NOTED },
    { S("impact assessment"), EVIDENCE_IMPACT_ASSESSED },
    { S("impact assessed"), EVIDENCE_IMPACT_ASSESSED },
    { S("mitigation strategies"), EVIDENCE_WAYS_OUT_NOTED },
    { S("mitigation strategy"), EVIDENCE_WAYS_OUT_NOTED },
    { S("mitigation options"), EVIDENCE_WAYS_OUT_NOTED },
    { S("incident commander assigned"), EVIDENCE_COMMANDER_ASSIGNED },
    { S("incident commander is assigned"), EVIDENCE_COMMANDER_ASSIGNED },
    { S("incident commander named"), EVIDENCE_COMMANDER_ASSIGNED },
};

static enum evidence evidence_of(struct slice text)
{
    for (size_t i = 0; i < COUNT_OF(evidences); i++)
        if (find_phrase(text, evidences[i].words) < text.n) return evidences[i].evidence;
    return EVIDENCE_HAND;
}

/* Milestones that only make sense once the incident is over (A12, R38). */
static bool is_after_resolution(struct slice name)
{
    static const struct slice words[] = { S("post-incident"), S("post incident"), S("post-mortem"), S("postmortem"),
                                          S("after resolution") };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (find_phrase(name, words[i]) < name.n) return true;
    return false;
}

struct timeline_reader {
    struct compiler *c;
    bool open;
    struct policy_milestone now;
    VEC(struct policy_check) checks;
};

static void milestone_close(struct timeline_reader *r)
{
    if (!r->open) return;
    r->now.checks = vec_keep(r->c, &r->checks, struct policy_check, &r->now.n_checks);
    vec_clear(&r->checks);
    *vec_push(&r->c->milestones) = r->now;
    r->open = false;
}

/* The heading's own clock and name in a form that reads: "Triage after 15 minutes" → "### T+15 minutes - Triage". */
static struct slice milestone_offer(struct compiler *c, struct slice text)
{
    static const struct slice joints[] = { S("within"), S("after"), S("in"), S("by"), S("for"), S("at"), S("every") };
    struct duration d;
    size_t at, end;
    if (!find_duration(text, &d, &at)) return S("### T+15 Minutes - Triage");
    end = at;
    for (size_t i = 0; i < COUNT_OF(joints); i++) {
        const size_t joint = find_phrase(text, joints[i]);
        if (joint < end) end = joint;
    }
    while (end > 0 && slice_find_char(S(" (<>~-:"), text.p[end - 1]) < 7) end--;
    struct slice name = end > 0 ? text_cut(slice_upto(text, end), 80) : S("Triage"), clock = duration_text(c, d.ms);
    if (slice_find_char(name, '+') < name.n) name = S("Triage");
    return text_make(c, "### T+%.*s - %.*s", (int)clock.n, clock.p, (int)name.n, name.p);
}

/* A heading that holds a clock which none of the forms reads. */
static bool clock_unread(struct compiler *c, const struct node *n)
{
    size_t at;
    bool t_plus = slice_find_nocase(n->text, S("t+")) == 0;
    if (!t_plus && !has_clock(n->text, &at)) return false;
    diagnose(c, (struct at){ n, { 0 } }, "E-TIMELINE", milestone_offer(c, n->text),
             "expected a milestone: T+N UNIT - NAME, or NAME (0-15 minutes)");
    return true;
}

static void milestone_begin(struct timeline_reader *r, const struct node *n)
{
    int64_t from, to;
    struct slice name;
    milestone_close(r);
    if (!heading_clock(n->text, &from, &to, &name) && clock_unread(r->c, n)) return;
    if (name.n == 0) name = n->text;
    r->open = true;
    r->now = (struct policy_milestone){ .at_ms = from, .due_ms = to, .name = name, .line = n->line };
    r->now.id = id_make(r->c, "milestone", n, (struct slice){ 0 }, name);
    r->now.after_resolution = is_after_resolution(name);
    mark(r->c, n, CLASS_COMPILED);
    if (r->now.after_resolution)
        interpret(r->c, n->line, "A12", "not applicable until the incident is resolved", "late while still unresolved",
                  "move it to the post-incident section");
}

static void check_add(struct timeline_reader *r, const struct node *n, struct slice text)
{
    struct policy_check check = { .text = text, .line = n->line, .evidence = evidence_of(text) };
    if (text.n == 0 || n->level > 1) return; /* bullets below a check are its details */
    check.id = id_make(r->c, "check", n, r->now.id, text);
    *vec_push(&r->checks) = check;
    mark(r->c, n, CLASS_COMPILED);
}

/* "15 minutes" in the first column is T+15 minutes. */
static bool cell_clock(struct slice cell, int64_t *from)
{
    struct duration d;
    if (!scan_duration(&cell, &d) || !scan_end(cell) || d.business) return false;
    *from = d.ms;
    return true;
}

/* Gate table `T+15 | action`. */
static void row_read(struct timeline_reader *r, const struct node *n)
{
    struct slice cells[4], name;
    int64_t from, to;
    size_t count = row_cells(r->c->arena, n->text, cells, COUNT_OF(cells));
    if (n->header || count < 2) return;
    if (!heading_clock(cells[0], &from, &to, &name) && !cell_clock(cells[0], &from)) {
        warn_clock_lost(r->c, n, "reference prose", S("| T+15 | Triage |"));
        return;
    }
    milestone_close(r);
    struct node gate = *n;
    gate.text = cell_clock(cells[0], &from) ? text_make(r->c, "T+%.*s", (int)cells[0].n, cells[0].p) : cells[0];
    milestone_begin(r, &gate);
    check_add(r, n, cells[1]);
    milestone_close(r);
}

void compile_timeline(struct compiler *c, const struct section *s)
{
    struct timeline_reader r = { .c = c };
    if (s->implicit) milestone_begin(&r, &c->doc.v[s->heading]);
    for (size_t at = s->heading; section_next(c, s, &at);) {
        const struct node *n = &c->doc.v[at];
        if (n->kind == NODE_HEADING && !(s->implicit && n->level > s->level))
            milestone_begin(&r, n);
        else if (n->kind == NODE_TEXT && n->labelled && n->rest.n == 0 && !s->implicit && n->label.n > 0) {
            struct node label = *n;
            label.text = n->label;
            int64_t from, to;
            struct slice name;
            if (heading_clock(n->label, &from, &to, &name))
                milestone_begin(&r, &label);
            else {
                struct slice offer = milestone_offer(c, n->label);
                warn_clock_lost(c, &label, "reference prose",
                                text_make(c, "say it in the order of the clocks: %.*s", (int)offer.n, offer.p));
            }
        } else if (n->kind == NODE_ITEM && r.open)
            check_add(&r, n, n->text);
        else if (n->kind == NODE_ROW)
            row_read(&r, n);
    }
    milestone_close(&r);
    vec_release(&r.checks);
}

/* What orders a milestone: its instant, or the end of its phase ("< 4 hours" begins at 0 whatever stands before it). */
static int64_t clock_of(const struct policy_milestone *m)
{
    return m->due_ms != POLICY_NONE ? m->due_ms : m->at_ms;
}

/* Clocks strictly increase: a later heading with an earlier clock is a slip that would be late at the wrong minute. */
void timeline_finish(struct compiler *c)
{
    const struct policy_milestone *last[2] = { NULL, NULL }; /* gates may stand inside a phase: T+15 of 5-30 minutes */
    for (size_t i = 0; i < c->milestones.n; i++) {
        const struct policy_milestone *m = &c->milestones.v[i], **slot = &last[m->due_ms != POLICY_NONE];
        const struct policy_milestone *before = *slot;
        if (clock_of(m) == POLICY_NONE) continue;
        if (before != NULL && clock_of(m) <= clock_of(before)) {
            struct node n = { .line = m->line, .last = m->line, .col = 1 };
            struct slice earlier = duration_text(c, clock_of(before));
            diagnose(c, (struct at){ &n, { 0 } }, "E-TIMELINE-ORDER", S("order the milestones by their clocks"),
                     "this milestone is not later than line %u (T+%.*s)", before->line, (int)earlier.n, earlier.p);
        }
        *slot = m;
    }
    if (c->milestones.n > 0)
        interpret(c, c->milestones.v[0].line, "A11", "T counts from the first page's commit (A55)",
                  "from detection, from the declaration", "T+5 Minutes after the first page");
    c->policy.milestones = vec_keep(c, &c->milestones, struct policy_milestone, &c->policy.n_milestones);
}
