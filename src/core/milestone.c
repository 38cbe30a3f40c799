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

void milestones_open(struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            struct milestone_check *row = state_add(w, ROW_CHECK, (int64_t[]){ id, (int64_t)m, (int64_t)c });
            row->state = p->milestones[m].after_resolution ? CHECK_NOT_APPLICABLE : CHECK_PENDING;
            if (p->milestones[m].after_resolution) row->reason = symbol_of(w, S("until the incident is resolved"));
        }
    }
}

/* A phase with an end is late at its end, a single T+n at T+n. */
static int64_t deadline_of(const struct policy_milestone *m)
{
    return m->due_ms != POLICY_NONE ? m->due_ms : m->at_ms;
}

void milestones_start_clock(struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    const struct incident *i = incident_get(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_MILESTONE, (int64_t)m);
        if (deadline_of(&p->milestones[m]) != POLICY_NONE)
            timer_arm(w, SUBJECT_INCIDENT, id, TIMER_MILESTONE, (int64_t)m,
                      i->clock_at + deadline_of(&p->milestones[m]));
    }
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
    struct milestone_check *row = state_edit(w, ROW_CHECK, check_key(id, m, c));
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

void milestones_tick(struct world *w, incident_id id, enum evidence e, int64_t entry)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            if (p->milestones[m].checks[c].evidence != e) continue;
            const struct milestone_check *row = state_get(w, ROW_CHECK, check_key(id, (int64_t)m, (int64_t)c));
            if (row != NULL && is_waiting(row)) tick(w, id, (int64_t)m, (int64_t)c, entry);
        }
    }
}

void milestones_need_no(struct world *w, incident_id id, enum evidence e, struct slice why)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; c < p->milestones[m].n_checks; c++) {
            struct ikey k = check_key(id, (int64_t)m, (int64_t)c);
            const struct milestone_check *row = state_get(w, ROW_CHECK, k);
            if (p->milestones[m].checks[c].evidence != e || row == NULL || !is_waiting(row)) continue;
            struct milestone_check *edit = state_edit(w, ROW_CHECK, k);
            edit->state = CHECK_NOT_APPLICABLE;
            edit->reason = symbol_of(w, why);
        }
    }
}

int milestone_tick_by_hand(struct world *w, incident_id id, int64_t milestone, int64_t check)
{
    const struct policy *p = state_policy(w, id);
    const struct milestone_check *row = milestone < 0 || check < 0 || milestone >= (int64_t)p->n_milestones ||
                                                check >= (int64_t)p->milestones[milestone].n_checks
                                            ? NULL
                                            : state_get(w, ROW_CHECK, check_key(id, milestone, check));
    if (row == NULL) {
        REPLY(w, ERR_NOT_FOUND, id, 0, S("There is no such check; `tocsin show "), text_incident(w, id),
              S("` lists them"));
        return ERR_NOT_FOUND;
    }
    if (!is_waiting(row)) {
        REPLY(w, ERR_CONFLICT, id, 0, S("This check is "), slice_of(check_state_name(row->state)), S(" already"));
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
        struct milestone_check *row = state_get(w, ROW_CHECK, check_key(id, m, (int64_t)c));
        if (row == NULL || row->state != CHECK_PENDING) continue;
        row = state_edit(w, ROW_CHECK, check_key(id, m, (int64_t)c));
        row->state = CHECK_LATE;
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

void milestones_resolved(struct world *w, incident_id id, bool resolved)
{
    const struct policy *p = state_policy(w, id);
    for (size_t m = 0; m < p->n_milestones; m++) {
        for (size_t c = 0; p->milestones[m].after_resolution && c < p->milestones[m].n_checks; c++) {
            struct ikey k = check_key(id, (int64_t)m, (int64_t)c);
            const struct milestone_check *row = state_get(w, ROW_CHECK, k);
            int64_t from = resolved ? CHECK_NOT_APPLICABLE : CHECK_PENDING;
            if (row == NULL || row->state != from) continue;
            struct milestone_check *edit = state_edit(w, ROW_CHECK, k);
            edit->state = resolved ? CHECK_PENDING : CHECK_NOT_APPLICABLE;
            edit->reason = resolved ? 0 : symbol_of(w, S("until the incident is resolved"));
        }
    }
}
