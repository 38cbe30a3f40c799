/* sim_defects.c - rules that were broken on purpose: the linker puts these in the place of one function of the rules each
 * (-Wl,--wrap, meson.build), and each does what the true one does unless its defect is the life's.
 * Not here: defects of the store and the courier (sim_engine.c, sim_courier.c). Always: without a defect nothing differs. */
#include "core/state_parts.h"
#include "core/world_budget.h"
#include "core/world_duty.h"
#include "sim.h"

enum sim_defect sim_defect;

/* The true rule is __real_NAME; what takes its place follows. */
#define WRAPPED(type, name, ...)     \
    type __real_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)

/* --- alarms and posts --- */

WRAPPED(void, paging_alarm, struct world *w, incident_id about, struct slice what)
{
    if (sim_defect == DEFECT_GIVES_UP_QUIETLY && slice_eq(what, S("nobody answers"))) return;
    if (sim_defect == DEFECT_SILENT_FAILURE && slice_has_prefix(what, S("no provider"))) return;
    __real_paging_alarm(w, about, what);
}

WRAPPED(void, paging_begin, struct world *w, incident_id id, enum page_reason reason)
{
    __real_paging_begin(w, id, reason);
    if (sim_defect == DEFECT_PUBLISHED && reason == PAGE_REASON_FIRST && incident_get(w, id)->declared_wall == 0)
        post_begin(w, id, 0);
}

/* --- deliveries --- */

WRAPPED(delivery_id, delivery_queue, struct world *w, const struct delivery *what)
{
    if (sim_defect == DEFECT_ALARM_ONE_WAY && what->purpose == PURPOSE_ALARM &&
        !slice_eq(symbol_text(w, what->channel), S("phone")))
        return 0;
    const delivery_id id = __real_delivery_queue(w, what);
    struct delivery *d = delivery_edit(w, id);
    if (sim_defect != DEFECT_WAITS_FOR_NOTHING || what->purpose != PURPOSE_PAGE || id % 7 != 0 ||
        d->state != DELIVERY_WAITING)
        return id;
    for (size_t i = w->waiting.n; i-- > 0;)
        if (w->waiting.v[i] == id) vec_remove(&w->waiting, i);
    d->state = DELIVERY_RETRYING;
    timer_arm(w, SUBJECT_DELIVERY, id, TIMER_RETRY, 0, w->ev->at + DAY);
    return id;
}

WRAPPED(bool, delivery_before, const struct delivery *a, const struct delivery *b)
{
    if (sim_defect == DEFECT_TURNS_TAKEN) return a->level != b->level ? a->level > b->level : a->id < b->id;
    return __real_delivery_before(a, b);
}

WRAPPED(struct delivery_step, delivery_judge, const struct delivery *d, enum outcome o, int64_t at, int64_t retry_after)
{
    if (sim_defect == DEFECT_SENT_AGAIN && o == OUTCOME_ACCEPTED && d->attempts == 1)
        return (struct delivery_step){ .state = DELIVERY_RETRYING, .next_at = at + SECOND };
    return __real_delivery_judge(d, o, at, retry_after);
}

WRAPPED(bool, budget_admits, struct world *w, struct delivery *d)
{
    return sim_defect == DEFECT_NO_BUNDLING || __real_budget_admits(w, d);
}

/* --- clocks --- */

WRAPPED(bool, timer_arm, struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule,
        int64_t due)
{
    if (sim_defect == DEFECT_LEVEL_EARLY && kind == TIMER_NO_RESPONSE) due = w->ev->at + (due - w->ev->at) / 2;
    const bool armed = __real_timer_arm(w, on, subject, kind, rule, due);
    if (sim_defect != DEFECT_TIMER_UNSEEN || kind != TIMER_NEXT_KIND || subject % 7 != 0) return armed;
    const struct ikey key = row_key(ROW_TIMER, (int64_t[]){ subject, on, kind, rule });
    struct timer *t = state_get(w, ROW_TIMER, key);
    if (t == NULL) return armed;
    t->due_at += 365 * DAY; /* on the heap, not in its row */
    timer_track(w, t);
    t->due_at -= 365 * DAY;
    return armed;
}

WRAPPED(void, timers_cancel_kind, struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind)
{
    const bool acts = w->ev->kind == EVENT_ACT && w->ev->act->kind == ACT_ACKNOWLEDGE;
    if (sim_defect == DEFECT_LEVELS_GO_ON && acts && kind == TIMER_NO_RESPONSE) return;
    __real_timers_cancel_kind(w, on, subject, kind);
}

WRAPPED(void, paging_timer, struct world *w, const struct timer_key *key, int64_t due_at)
{
    __real_paging_timer(w, key, sim_defect == DEFECT_CATCHES_UP_AT_ONCE ? w->ev->at : due_at);
}

WRAPPED(void, paging_round, struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    if (sim_defect == DEFECT_ROUNDS_FOR_EVER && i->round > 1) i->round = 1;
    __real_paging_round(w, id);
}

WRAPPED(void, world_alert_ends_credit, struct world *w, int64_t away_ms)
{
    if (sim_defect != DEFECT_SILENCE_COUNTED) __real_world_alert_ends_credit(w, away_ms);
}

/* --- silences --- */

WRAPPED(void, paging_release, struct world *w, incident_id id)
{
    if (sim_defect != DEFECT_HELD_FOR_OTHERS || w->ev->kind != EVENT_ALERTS) __real_paging_release(w, id);
}

WRAPPED(silence_id, silence_for, const struct world *w, alert_id alert, int64_t wall)
{
    const bool deaf = sim_defect == DEFECT_HUSHED_RINGS && w->ev->kind == EVENT_ALERTS;
    return deaf ? 0 : __real_silence_for(w, alert, wall);
}

WRAPPED(void, world_alerts_speak, struct world *w)
{
    if (sim_defect != DEFECT_HUSHED_FOR_EVER) __real_world_alerts_speak(w);
}

/* --- who has it --- */

WRAPPED(void, paging_acknowledged, struct world *w, incident_id id, symbol by)
{
    __real_paging_acknowledged(w, id, by);
    if (sim_defect != DEFECT_PAGES_WHO_HAS_IT) return;
    page_send(
        w,
        &(struct page_order){
            .incident = id, .reason = PAGE_REASON_NO_RESPONSE, .kind = PAGE_PAGE, .role = S("incident-commander") },
        NULL);
}

WRAPPED(void, pages_end, struct world *w, incident_id id, bool taken, symbol by, struct slice why)
{
    if (sim_defect != DEFECT_PAGES_STAY_OPEN || !taken) __real_pages_end(w, id, taken, by, why);
}

WRAPPED(void, paging_over, struct world *w, incident_id id, symbol by, struct slice why)
{
    if (sim_defect != DEFECT_CLOCKS_RUN_ON) __real_paging_over(w, id, by, why);
}

WRAPPED(void, world_act, struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *i = incident_get(w, a->incident);
    const bool again = i != NULL && incident_is_active(i) && i->acknowledged_at != 0;
    const struct event *told = w->ev;
    struct event blind = *told;
    struct act by_hand = *a;
    by_hand.page = 0; /* which page it was does not matter any more */
    blind.act = &by_hand;
    if (sim_defect == DEFECT_PASSED_TWICE && a->kind == ACT_PASS) w->ev = &blind;
    __real_world_act(w);
    w->ev = told;
    if (sim_defect != DEFECT_TAKEN_TWICE || !again || a->kind != ACT_ACKNOWLEDGE) return;
    incident_edit(w, a->incident)->acknowledged_at = w->ev->at;
    SAY(w, a->incident, ENTRY_ACKNOWLEDGED, 0, S("Acknowledged, whoever had it"));
}

/* --- the site, the bundle, the end --- */

WRAPPED(void, world_step, struct world *w, const struct event *ev, struct effects *out)
{
    struct event same;
    if (sim_defect != DEFECT_SITE_IGNORED || ev->kind != EVENT_SITE || w->directory == NULL) {
        __real_world_step(w, ev, out);
        return;
    }
    same = *ev;
    same.site = w->directory;
    __real_world_step(w, &same, out);
}

WRAPPED(void, world_bundle, struct world *w)
{
    size_t at = 0;
    __real_world_bundle(w);
    const struct timer *t = state_next(w, ROW_TIMER, &at);
    if (sim_defect == DEFECT_TIMER_DROPPED && w->started && t != NULL)
        timer_cancel(w, (enum subject_kind)t->on, t->subject, (enum timer_kind)t->kind, t->rule);
}

WRAPPED(void, world_prune, struct world *w, incident_id id)
{
    if (sim_defect != DEFECT_NOTHING_LEAVES) __real_world_prune(w, id);
}

WRAPPED(int, world_admit, const struct world *w, const struct event *ev, struct error *e)
{
    return sim_defect == DEFECT_NO_LIMIT ? 0 : __real_world_admit(w, ev, e);
}

WRAPPED(int64_t, world_full, const struct world *w, struct slice *what)
{
    return sim_defect == DEFECT_NO_LIMIT ? 0 : __real_world_full(w, what);
}
