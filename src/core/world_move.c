/* world_move.c - an open incident follows other procedures: its clocks by the new rules, its checks by the new timeline.
 *
 * Levels that were paged stay paged; what comes next comes when the new document says, measured from the same instants,
 * or at once where that has passed. A clock whose rule the new document does not have still rings, and pages the
 * Incident Commander (design: settled). R12.
 * Not here: who asked for it (world_bundle.c). */
#include "core/world_parts.h"

/* --- the first clock --- */

/* The due instant of the armed NO_RESPONSE timer, by the rules of the bundle that it still follows; 0: none is. */
static int64_t take_no_response(struct world *w, incident_id id, const struct policy *old)
{
    int64_t due = 0;
    for (int64_t rule = 0; rule <= (int64_t)(old->n_rules + 1) * 16; rule++) {
        const int64_t at = timer_due(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE, rule);
        if (at != 0 && (due == 0 || at < due)) due = at;
    }
    timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE);
    return due;
}

static int64_t not_before_now(const struct world *w, const struct incident *i, int64_t due)
{
    const int64_t held = i->recovered_at != 0 ? PAGING_HOLD : 0; /* both clocks stand still */
    return (due > w->ev->at ? due : w->ev->at) + held;
}

/* Goes on behind the level that was reached, by the new chain. */
static void go_on(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    const struct chain c = escalation_chain(state_policy(w, id), w->directory, i->severity, w->ev->wall);
    if ((size_t)i->chain_step >= c.n) i->chain_step = (int64_t)c.n - 1;
    const size_t now = (size_t)i->chain_step, next = now + 1;
    i->chain_rule = c.v[now].rule;
    if (next < c.n)
        timer_arm(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE, RULE_STEP(c.v[next].rule, c.v[next].step),
                  not_before_now(w, i, i->level_at + c.v[next].after_ms - c.v[now].after_ms));
    else
        timer_arm(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0, not_before_now(w, i, i->level_at + c.last_delay_ms));
}

/* --- the second clock --- */

struct second_clock {
    int64_t due;
    struct slice party; /* whom it would have paged */
};

typedef VEC(struct second_clock) second_clocks;

static struct slice party_of(const struct policy *p, int64_t rule_step)
{
    const struct policy_rule *r = policy_rule(p, rule_step / 16);
    for (size_t t = 0; r != NULL && t < r->n_targets; t++)
        if (r->targets[t].step == rule_step % 16) return r->targets[t].party;
    return (struct slice){ 0 };
}

static void take_no_resolution(struct world *w, incident_id id, const struct policy *old, second_clocks *out)
{
    for (int64_t rule = 0; rule <= (int64_t)(old->n_rules + 1) * 16; rule++) {
        const int64_t due = timer_due(w, SUBJECT_INCIDENT, id, TIMER_NO_RESOLUTION, rule);
        if (due != 0) *vec_push(out) = (struct second_clock){ due, party_of(old, rule) };
    }
    timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_NO_RESOLUTION);
}

static bool waits_for(const second_clocks *v, struct slice party)
{
    for (size_t k = 0; k < v->n; k++)
        if (slice_eq(v->v[k].party, party)) return true;
    return false;
}

static bool names_party(const struct policy *p, const struct incident *i, struct slice party)
{
    for (size_t n = 0; n < p->n_rules; n++) {
        if (p->rules[n].when != RULE_NO_RESOLUTION || !escalation_applies(&p->rules[n], p, NULL, i->severity, 0))
            continue;
        for (size_t t = 0; t < p->rules[n].n_targets; t++)
            if (slice_eq(p->rules[n].targets[t].party, party)) return true;
    }
    return false;
}

/* What the new document says of each party; at once where its time has passed, unless the old document has paged them. */
static void arm_rule(struct world *w, const struct incident *i, int64_t number, const struct policy *old,
                     const second_clocks *waiting)
{
    const struct policy_rule *r = policy_rule(state_policy(w, i->id), number);
    for (size_t t = 0; t < r->n_targets; t++) {
        const struct policy_target *to = &r->targets[t];
        const int64_t due = i->clock_at + r->after_ms * (to->step + 1);
        const bool was_paged = names_party(old, i, to->party) && !waits_for(waiting, to->party);
        if (due <= w->ev->at && was_paged) continue;
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESOLUTION, RULE_STEP(number, to->step),
                  not_before_now(w, i, due));
    }
}

static void move_second_clock(struct world *w, incident_id id, const struct policy *before, const second_clocks *old)
{
    const struct policy *p = state_policy(w, id);
    const struct incident *i = incident_get(w, id);
    for (size_t n = 0; n < p->n_rules && i->clock_at != 0; n++) {
        const struct policy_rule *r = &p->rules[n];
        if (r->when == RULE_NO_RESOLUTION && escalation_applies(r, p, NULL, i->severity, 0))
            arm_rule(w, i, (int64_t)n + 1, before, old);
    }
    for (size_t k = 0; k < old->n; k++) /* a number that no rule has: it pages the commander */
        if (!names_party(p, i, old->v[k].party))
            timer_arm(w, SUBJECT_INCIDENT, id, TIMER_NO_RESOLUTION, RULE_STEP((int64_t)p->n_rules + 1, 0),
                      old->v[k].due);
}

/* --- the response timeline --- */

struct kept_check {
    struct slice text; /* the old policy's */
    enum evidence evidence;
    struct milestone_check row;
};

typedef VEC(struct kept_check) kept_checks;

static struct ikey check_key(incident_id id, size_t m, size_t c)
{
    return row_key(ROW_CHECK, (int64_t[]){ id, (int64_t)m, (int64_t)c });
}

static void take_checks(struct world *w, incident_id id, const struct policy *old, kept_checks *out)
{
    for (size_t m = 0; m < old->n_milestones; m++) {
        for (size_t c = 0; c < old->milestones[m].n_checks; c++) {
            const struct milestone_check *row = state_get(w, ROW_CHECK, check_key(id, m, c));
            if (row == NULL) continue;
            *vec_push(out) =
                (struct kept_check){ old->milestones[m].checks[c].text, old->milestones[m].checks[c].evidence, *row };
            state_delete(w, ROW_CHECK, check_key(id, m, c));
        }
    }
}

/* The same check in the old document: by its words, else by the evidence that proves it. */
static const struct kept_check *same_check(const kept_checks *v, const struct policy_check *c)
{
    for (size_t k = 0; k < v->n; k++)
        if (slice_eq_nocase(v->v[k].text, c->text)) return &v->v[k];
    for (size_t k = 0; k < v->n; k++)
        if (c->evidence > EVIDENCE_HAND && v->v[k].evidence == c->evidence) return &v->v[k];
    return NULL;
}

static void give_checks(struct world *w, incident_id id, const kept_checks *old)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            const struct kept_check *was = same_check(old, &p->milestones[m].checks[c]);
            if (was == NULL) continue;
            struct milestone_check *row = milestone_touch(w, id, m, c);
            const struct milestone_check key = *row;
            *row = was->row;
            row->milestone = key.milestone;
            row->idx = key.idx;
        }
    }
    if (incident_get(w, id)->clock_at != 0) milestones_start_clock(w, id);
}

/* --- the move --- */

/* The level of the same name; where there is none, the same rank, clamped to what there is. */
static int64_t level_in(const struct policy *p, const struct policy *old, int64_t level)
{
    const int named = level == 0 ? 0 : policy_level_named(p, policy_level_label(old, (int)level));
    if (level == 0 || named > 0) return named;
    return level <= policy_levels(p) ? level : policy_levels(p);
}

void world_move(struct world *w, incident_id id, struct slice why)
{
    const struct policy *old = state_policy(w, id);
    const bundle_id from = incident_get(w, id)->bundle;
    second_clocks second = { 0 };
    kept_checks checks = { 0 };
    const int64_t first = take_no_response(w, id, old);
    take_no_resolution(w, id, old, &second);
    take_checks(w, id, old, &checks);
    timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_MILESTONE);
    struct incident *i = incident_edit(w, id);
    i->bundle = w->active;
    i->severity = level_in(state_policy(w, id), old, i->severity);
    SAY(w, id, ENTRY_MOVED, i->bundle, S("Moved from bundle "), text_int(w, from), S(" to bundle "),
        text_int(w, i->bundle), S(": its clocks go on by the new document"), why.n > 0 ? S("; ") : S(""), why);
    if (first != 0) go_on(w, id);
    move_second_clock(w, id, old, &second);
    give_checks(w, id, &checks);
    vec_release(&second);
    vec_release(&checks);
}

void world_act_move(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *i = incident_get(w, a->incident);
    if (!incident_is_active(i)) {
        REPLY(w, ERR_CONFLICT, i->id, 0, text_incident(w, i->id), S(" is "), slice_of(incident_state_name(i->state)),
              S(": it keeps the procedures it had"));
        return;
    }
    if (i->bundle == w->active) {
        REPLY(w, 0, i->id, 0, text_incident(w, i->id), S(" follows bundle "), text_int(w, w->active), S(" already"));
        return;
    }
    const bundle_id from = i->bundle;
    world_move(w, i->id, a->text);
    REPLY(w, 0, i->id, w->active, text_incident(w, a->incident), S(" follows bundle "), text_int(w, w->active),
          S(" now, not bundle "), text_int(w, from));
}
