/* world_snooze.c - put off by a person, with a reason, until a time (R43): a quiet incident's clocks, a ringing one's
 * reminders. It survives hand-offs because it is the incident's, and ends when the severity rises. */
#include "core/world_duty.h"

static void clear(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_SNOOZE_END, 0);
    i->snoozed_until_at = i->snoozed_until_wall = i->snoozed_by = 0;
}

void snooze_forget(struct world *w, incident_id id)
{
    if (incident_get(w, id)->snoozed_until_wall != 0) clear(w, id);
}

static bool first_clock_runs(const struct world *w, incident_id id)
{
    const struct policy *p = state_policy(w, id);
    for (int64_t rule = 0; rule <= (int64_t)(p->n_rules + 1) * 16; rule++)
        if (timer_due(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE, rule) != 0) return true;
    return timer_due(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0) != 0;
}

/* What came due while it was snoozed, a silence's end say, was let go: somebody hears of it now. */
static void go_on(struct world *w, const struct incident *i)
{
    if (!paging_is_allowed(i) || i->acknowledged_at != 0) return;
    if (i->exhausted_at != 0)
        paging_waits_for_morning(w, i);
    else if (!first_clock_runs(w, i->id))
        paging_begin(w, i->id, PAGE_REASON_SNOOZE_OVER);
}

void snooze_end(struct world *w, incident_id id, struct slice why)
{
    const struct incident *i = incident_get(w, id);
    const int64_t until = i == NULL ? 0 : i->snoozed_until_at;
    if (i == NULL || i->snoozed_until_wall == 0) return;
    clear(w, id);
    SAY(w, id, ENTRY_SNOOZE_ENDED, 0, why);
    if (until == 0) return; /* its clocks never stood still */
    if (w->ev->at < until) paging_shift_clocks(w, id, w->ev->at - until);
    go_on(w, i);
}

static bool refused(struct world *w, const struct incident *i)
{
    const struct act *a = w->ev->act;
    if (!incident_is_active(i))
        REPLY(w, ERR_CONFLICT, i->id, 0, text_incident(w, i->id), S(" is over: there is nothing to put off"));
    else if (a->text.n == 0)
        REPLY(w, ERR_INVALID, i->id, 0, S("Say why it can wait: a snooze needs a reason"));
    else if (a->ends <= w->ev->wall)
        REPLY(w, ERR_INVALID, i->id, 0, S("Say until when: --for 2h, or a time that is still to come"));
    else
        return false;
    return true;
}

void world_act_snooze(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *now = incident_get(w, a->incident);
    if (refused(w, now)) return;
    const int64_t span = a->ends - w->ev->wall,
                  held = now->snoozed_until_at != 0 ? now->snoozed_until_at - w->ev->at : 0;
    struct incident *i = incident_edit(w, now->id);
    const bool rings = incident_rings(i);
    timer_cancel(w, SUBJECT_INCIDENT, i->id, TIMER_SNOOZE_END, 0);
    i->snoozed_until_at = rings ? 0 : w->ev->at + span;
    i->snoozed_until_wall = a->ends;
    i->snoozed_by = state_actor(w);
    timer_arm_wall(w, SUBJECT_INCIDENT, i->id, TIMER_SNOOZE_END, 0, a->ends);
    paging_shift_clocks(w, i->id, (rings ? 0 : span) - held); /* from an earlier snooze's end to this one's */
    SAY(w, i->id, ENTRY_SNOOZED, 0, text_person(w, i->snoozed_by), S(" snoozes it until "), text_time(w, a->ends),
        rings ? S(", reminders only: its clocks go on: ") : S(": "), a->text);
    REPLY(w, 0, i->id, 0, text_incident(w, i->id), S(" is snoozed until "), text_time(w, a->ends),
          rings ? S("; it rings, so only reminders wait: nobody is asked whether they are still on it") : S(""));
}
