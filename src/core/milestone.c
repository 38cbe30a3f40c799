/* milestone.c - the checks of the response timeline: pending, ticked by evidence or by hand, late at the deadline. */
#include "core/milestone.h"

const char *check_state_name(int64_t s)
{
    switch ((enum check_state)s) {
    case CHECK_UNSET: break;
#define X(sym, code, text) \
    case CHECK_##sym: return text;
        CHECK_STATES(X)
#undef X
    }
    return "unknown";
}

static struct ikey check_key(incident_id id, int64_t milestone, int64_t check)
{
    return row_key(ROW_CHECK, (int64_t[]){ id, milestone, check });
}

struct milestone_check milestone_untouched(const struct policy *p, incident_id id, size_t m, size_t c)
{
    return (struct milestone_check){
        .incident = id,
        .milestone = (int64_t)m,
        .idx = (int64_t)c,
        .state = p->milestones[m].after_resolution ? CHECK_NOT_APPLICABLE : CHECK_PENDING,
    };
}

/* The check as it stands. */
static struct milestone_check look(const struct world *w, incident_id id, size_t m, size_t c)
{
    const struct milestone_check *row = state_get(w, ROW_CHECK, check_key(id, (int64_t)m, (int64_t)c));
    return row != NULL ? *row : milestone_untouched(state_policy(w, id), id, m, c);
}

struct milestone_check *milestone_touch(struct world *w, incident_id id, size_t m, size_t c)
{
    const struct ikey k = check_key(id, (int64_t)m, (int64_t)c);
    if (state_get(w, ROW_CHECK, k) == NULL) {
        const struct milestone_check fresh = milestone_untouched(state_policy(w, id), id, m, c);
        struct milestone_check *row = state_add(w, ROW_CHECK, &fresh.incident);
        *row = fresh;
    }
    return state_edit(w, ROW_CHECK, k);
}

/* A phase with an end is late at its end, a single T+n at T+n. */
static int64_t deadline_of(const struct policy_milestone *m)
{
    return m->due_ms != POLICY_NONE ? m->due_ms : m->at_ms;
}

/* Of those whose checks can be late at all. */
static bool has_deadline(const struct policy_milestone *m)
{
    return deadline_of(m) != POLICY_NONE && !m->after_resolution;
}

/* One timer an incident, or as many as are due at the same time: each arms those behind it. */
static void arm_after(struct world *w, incident_id id, int64_t passed)
{
    const struct policy *p = state_policy(w, id);
    const struct incident *i = incident_get(w, id);
    int64_t next = INT64_MAX;
    for (size_t m = 0; m < p->n_milestones; m++) {
        const int64_t at = deadline_of(&p->milestones[m]);
        if (has_deadline(&p->milestones[m]) && at > passed && at < next) next = at;
    }
    for (size_t m = 0; m < p->n_milestones; m++)
        if (has_deadline(&p->milestones[m]) && deadline_of(&p->milestones[m]) == next)
            timer_arm(w, SUBJECT_INCIDENT, id, TIMER_MILESTONE, (int64_t)m, i->clock_at + next);
}

void milestones_start_clock(struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_MILESTONE, (int64_t)m);
    arm_after(w, id, INT64_MIN);
}

/* A fact stamped exactly at its deadline is in time (A14). */
static bool is_late(const struct world *w, incident_id id, const struct policy_milestone *m)
{
    const struct incident *i = incident_get(w, id);
    return i->clock_at != 0 && deadline_of(m) != POLICY_NONE && !m->after_resolution &&
           w->ev->at > i->clock_at + deadline_of(m);
}

static void tick(struct world *w, incident_id id, int64_t m, int64_t c, int64_t evidence)
{
    const struct policy_milestone *pm = &state_policy(w, id)->milestones[m];
    struct milestone_check *row = milestone_touch(w, id, (size_t)m, (size_t)c);
    row->state = is_late(w, id, pm) ? CHECK_DONE_LATE : CHECK_DONE;
    row->done_at = w->ev->at;
    row->done_wall = w->ev->wall;
    row->by = state_actor(w);
    row->reason = 0;
    struct entry *e = SAY(w, id, ENTRY_CHECKED, evidence, S("Checked"),
                          row->state == CHECK_DONE_LATE ? S(" late: ") : S(": "), pm->checks[c].text);
    e->line = pm->checks[c].line;
    row->evidence = evidence != 0 ? evidence : e->seq;
}

static bool is_waiting(const struct milestone_check *row)
{
    return row->state == CHECK_PENDING || row->state == CHECK_LATE;
}

/* The evidence proves it, and nobody has ticked it. */
static bool waits_for(const struct world *w, incident_id id, const struct policy *p, size_t m, size_t c,
                      enum evidence e)
{
    if (p->milestones[m].checks[c].evidence != e) return false;
    const struct milestone_check row = look(w, id, m, c);
    return is_waiting(&row);
}

void milestones_tick(struct world *w, incident_id id, enum evidence e, int64_t entry)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++)
            if (waits_for(w, id, p, m, c, e)) tick(w, id, (int64_t)m, (int64_t)c, entry);
    }
}

void milestones_need_no(struct world *w, incident_id id, enum evidence e, struct slice why)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            if (!waits_for(w, id, p, m, c, e)) continue;
            struct milestone_check *edit = milestone_touch(w, id, m, c);
            edit->state = CHECK_NOT_APPLICABLE;
            edit->reason = symbol_of(w, why);
        }
    }
}

int milestone_tick_by_hand(struct world *w, incident_id id, int64_t milestone, int64_t check)
{
    const struct policy *p = state_policy(w, id);
    if (milestone < 0 || check < 0 || milestone >= (int64_t)p->n_milestones ||
        check >= (int64_t)p->milestones[milestone].n_checks) {
        REPLY(w, ERR_NOT_FOUND, id, 0, S("There is no such check; `tocsin show "), text_incident(w, id),
              S("` lists them"));
        return ERR_NOT_FOUND;
    }
    const struct milestone_check row = look(w, id, (size_t)milestone, (size_t)check);
    if (!is_waiting(&row)) {
        REPLY(w, ERR_CONFLICT, id, 0, S("This check is "), slice_of(check_state_name(row.state)), S(" already"));
        return ERR_CONFLICT;
    }
    tick(w, id, milestone, check, 0);
    return 0;
}

/* Turns the pending checks of a milestone late; their names in `names`. Returns how many. */
static size_t turn_late(struct world *w, incident_id id, int64_t m, struct buf *names)
{
    const struct policy_milestone *pm = &state_policy(w, id)->milestones[m];
    size_t n = 0;
    for (size_t c = 0; c < pm->n_checks; c++) {
        if (look(w, id, (size_t)m, c).state != CHECK_PENDING) continue;
        milestone_touch(w, id, (size_t)m, c)->state = CHECK_LATE;
        if (n++ > 0) buf_add(names, S("; "));
        buf_add(names, pm->checks[c].text);
    }
    return n;
}

void milestone_due(struct world *w, incident_id id, int64_t milestone)
{
    const struct policy *p = state_policy(w, id);
    const struct incident *i = incident_get(w, id);
    if (i == NULL || milestone >= (int64_t)p->n_milestones || p->milestones[milestone].after_resolution) return;
    arm_after(w, id, deadline_of(&p->milestones[milestone]));
    if (!incident_is_active(i)) return; /* resolved in time: nothing turns late afterwards (R40) */
    struct buf names = { 0 };
    if (turn_late(w, id, milestone, &names) > 0) {
        struct entry *e = SAY(w, id, ENTRY_MILESTONE_LATE, milestone, S("Late: T+"),
                              text_duration(w, deadline_of(&p->milestones[milestone])), S(" "),
                              p->milestones[milestone].name, S(": "), buf_slice(&names));
        e->line = p->milestones[milestone].line;
    }
    buf_release(&names);
}

void milestones_keep(struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            struct milestone_check *row = milestone_touch(w, id, m, c);
            if (row->state == CHECK_NOT_APPLICABLE && row->reason == 0) row->reason = symbol_of(w, S(MILESTONE_LATER));
        }
    }
}

void milestones_resolved(struct world *w, incident_id id, bool resolved)
{
    const struct policy *p = state_policy(w, id);
    if (resolved) milestones_keep(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; p->milestones[m].after_resolution && c < p->milestones[m].n_checks; c++) {
            int64_t from = resolved ? CHECK_NOT_APPLICABLE : CHECK_PENDING;
            if (look(w, id, m, c).state != from) continue;
            struct milestone_check *edit = milestone_touch(w, id, m, c);
            edit->state = resolved ? CHECK_PENDING : CHECK_NOT_APPLICABLE;
            edit->reason = resolved ? 0 : symbol_of(w, S(MILESTONE_LATER));
        }
    }
}
