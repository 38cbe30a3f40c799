/* world_hold.c - what stops the clocks of an incident or holds them: an acknowledgement, its end, recovery, a silence.
 *
 * A held clock is not lost: what is left of it goes on when nothing holds it any more. */
#include "core/world_duty.h"

static const enum timer_kind clocks[] = { TIMER_NO_RESPONSE, TIMER_NO_RESOLUTION, TIMER_ROUND };

void paging_stop_first_clock(struct world *w, incident_id id)
{
    timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE);
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0);
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_RING_LATER, 0);
}

static void paging_stop_clocks(struct world *w, incident_id id)
{
    paging_stop_first_clock(w, id);
    timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_NO_RESOLUTION);
}

bool paging_is_allowed(const struct incident *i)
{
    return i != NULL && incident_is_active(i) && i->held_at == 0 && i->recovered_at == 0 && i->snoozed_until_at == 0;
}

void paging_acknowledged(struct world *w, incident_id id, symbol by)
{
    struct buf why = { 0 };
    paging_stop_first_clock(w, id);
    incident_edit(w, id)->exhausted_at = incident_edit(w, id)->loud_at = 0;
    buf_add(&why, S("taken by "));
    buf_add(&why, text_person(w, by));
    pages_end(w, id, true, by, buf_slice(&why));
    posts_update(w, id);
    buf_release(&why);
}

void paging_over(struct world *w, incident_id id, symbol by, struct slice why)
{
    paging_stop_clocks(w, id);
    incident_edit(w, id)->loud_at = 0;
    duty_over(w, id);
    pages_end(w, id, false, by, why);
    posts_update(w, id);
}

/* Moves every armed clock of the incident by `ms`. */
void paging_shift_clocks(struct world *w, incident_id id, int64_t ms)
{
    const struct policy *p = state_policy(w, id);
    for (size_t k = 0; k < COUNT_OF(clocks); k++) {
        for (int64_t rule = 0; rule <= (int64_t)(p->n_rules + 1) * 16; rule++) {
            int64_t due = timer_due(w, SUBJECT_INCIDENT, id, clocks[k], rule);
            if (due == 0) continue;
            timer_cancel(w, SUBJECT_INCIDENT, id, clocks[k], rule);
            timer_arm(w, SUBJECT_INCIDENT, id, clocks[k], rule, due + ms > w->ev->at ? due + ms : w->ev->at);
        }
    }
}

/* --- the second clock: not resolved --- */

void paging_arm_no_resolution(struct world *w, const struct incident *i)
{
    const struct policy *p = state_policy(w, i->id);
    for (size_t n = 0; n < p->n_rules; n++) {
        const struct policy_rule *r = &p->rules[n];
        if (r->when != RULE_NO_RESOLUTION || i->clock_at == 0) continue;
        if (!escalation_applies(r, p, NULL, i->severity, 0)) continue; /* hours are looked at when it is due */
        for (size_t t = 0; t < r->n_targets; t++) {
            int64_t due = i->clock_at + r->after_ms * (r->targets[t].step + 1);
            if (due > w->ev->at)
                timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESOLUTION,
                          RULE_STEP((int64_t)n + 1, r->targets[t].step), due);
        }
    }
}

/* What is left of the time of a rule that came due while the incident was over; -1: nothing is to come. One that had come
 * and gone without a page is due in a minute: what comes and goes for hours would never be (I11). */
static int64_t time_left(const struct world *w, const struct incident *i, int64_t rule, int64_t due, int64_t over_at)
{
    if (due > w->ev->at) return -1; /* paging_arm_no_resolution() */
    if (due > over_at) return due - over_at;
    return paging_has_fired(w, i, rule, 0) ? -1 : ESCALATION_CATCH_UP;
}

void paging_arm_what_was_left(struct world *w, const struct incident *i, int64_t over_at)
{
    const struct policy *p = state_policy(w, i->id);
    for (size_t n = 0; n < p->n_rules; n++) {
        const struct policy_rule *r = &p->rules[n];
        const int64_t rule = (int64_t)n + 1;
        if (r->when != RULE_NO_RESOLUTION || i->clock_at == 0) continue;
        if (!escalation_applies(r, p, NULL, i->severity, 0)) continue;
        for (size_t t = 0; t < r->n_targets; t++) {
            const int64_t step = r->targets[t].step, due = i->clock_at + r->after_ms * (step + 1);
            const int64_t left = time_left(w, i, rule, due, over_at);
            if (left >= 0)
                timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESOLUTION, RULE_STEP(rule, step), w->ev->at + left);
        }
    }
}

void paging_arm_what_passed(struct world *w, const struct incident *i, int64_t before)
{
    const struct policy *p = state_policy(w, i->id);
    for (size_t n = 0; n < p->n_rules; n++) {
        const struct policy_rule *r = &p->rules[n];
        if (r->when != RULE_NO_RESOLUTION || i->clock_at == 0 || escalation_applies(r, p, NULL, before, 0)) continue;
        if (!escalation_applies(r, p, NULL, i->severity, 0)) continue;
        for (size_t t = 0; t < r->n_targets; t++)
            if (i->clock_at + r->after_ms * (r->targets[t].step + 1) <= w->ev->at)
                timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESOLUTION,
                          RULE_STEP((int64_t)n + 1, r->targets[t].step), w->ev->at);
    }
}

void paging_recovered(struct world *w, incident_id id, bool recovered)
{
    const struct incident *now = incident_get(w, id);
    if ((now->recovered_at != 0) == recovered) {
        if (!recovered && paging_is_allowed(now)) paging_arm_no_resolution(w, now);
        return;
    }
    struct incident *i = incident_edit(w, id);
    if (recovered) {
        i->recovered_at = w->ev->at;
        paging_shift_clocks(w, id, PAGING_HOLD);
    } else {
        paging_shift_clocks(w, id, w->ev->at - i->recovered_at - PAGING_HOLD);
        i->recovered_at = 0;
        const bool rests = i->exhausted_at != 0 && i->acknowledged_at == 0 && !incident_rings(i);
        if (rests && paging_is_allowed(i)) paging_waits_for_morning(w, i); /* a morning may have passed meanwhile */
    }
}

void paging_hold(struct world *w, incident_id id, silence_id by)
{
    const struct incident *now = incident_get(w, id);
    if (now->held_at != 0) return;
    incident_edit(w, id)->held_at = w->ev->at;
    SAY(w, id, ENTRY_HELD, by, S("Held by silence "), text_int(w, by), S(": nobody is paged until it ends"));
    paging_stop_clocks(w, id);
    pages_end(w, id, false, 0, S("silenced"));
}

void paging_release(struct world *w, incident_id id)
{
    const struct incident *now = incident_get(w, id);
    if (now->held_at == 0) return;
    incident_edit(w, id)->held_at = 0;
    SAY(w, id, ENTRY_RELEASED, 0, S("No silence holds it any more: paged with fresh clocks"));
    paging_begin(w, id, PAGE_REASON_RELEASED);
}
