/* world_silence.c - silences begin and end: by a person's act or by themselves (R152).
 *
 * While one is in force, incidents are held of which it covers (with others in force) every alert that is not reported
 * resolved; at its end what is not over is released with fresh clocks. A person's declaration is never held. */
#include "core/world_intake.h"

static struct slice silence_words(struct world *w, silence_id id)
{
    return state_text(w, ROW_SILENCE, (struct ikey){ id, 0 });
}

/* Looking at every alert of an incident for every alert that joins it would be a square in a storm: one that speaks
 * against holding is remembered, and while an incident is held only what fires anew can release it. */
void silence_settle(struct world *w, incident_id id, bool anew)
{
    const struct incident *i = incident_get(w, id);
    if (i == NULL) return;
    struct incident_extra *x = incident_extra(w, id);
    if (!incident_is_active(i) || (i->held_at == 0 && imap_count(w->silences) == 0)) return;
    bool loud = silence_misses(w, id, x->loud, w->ev->wall);
    if (!anew && (loud ? i->held_at == 0 : i->held_at != 0)) return;
    silence_id by = loud ? 0 : silence_holding(w, id, w->ev->wall, &x->loud);
    bool flaps = x->flapping_at != 0 && w->ev->at - x->flapping_at < ALERT_FLAPS_WITHIN;
    if (by != 0 && i->held_at == 0 && flaps && !anew) /* each release would page anew: once it has calmed down */
        timer_arm(w, SUBJECT_INCIDENT, id, TIMER_HOLD, 0, x->flapping_at + ALERT_FLAPS_WITHIN);
    else if (by != 0 && i->held_at == 0)
        paging_hold(w, id, by);
    else if (by == 0 && i->held_at != 0 && !incident_is_quiet(w, id))
        paging_release(w, id); /* what expired is not known to be over: it counts as firing here */
}

static void settle_everything(struct world *w)
{
    const struct incident *i;
    VEC(incident_id) active = { 0 }; /* settling adds rows */
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;)
        if (incident_is_active(i)) *vec_push(&active) = i->id;
    for (size_t k = 0; k < active.n; k++) silence_settle(w, active.v[k], true);
    vec_release(&active);
}

void world_silence_start(struct world *w, silence_id id)
{
    const struct silence *s = silence_get(w, id);
    if (s == NULL || !silence_is_active(s, w->ev->wall)) return;
    SAY(w, 0, ENTRY_SILENCED, id, S("Silence "), text_int(w, id), S(" holds "), silence_words(w, id), S(" until "),
        text_time(w, s->ends_wall));
    settle_everything(w);
}

void world_silence_end(struct world *w, silence_id id)
{
    const struct silence *s = silence_get(w, id);
    if (s == NULL || s->ended != 0) return;
    ((struct silence *)state_edit(w, ROW_SILENCE, (struct ikey){ id, 0 }))->ended = 1;
    silence_drop(w, id);
    timers_cancel_subject(w, SUBJECT_SILENCE, id);
    SAY(w, 0, ENTRY_SILENCE_ENDED, id, S("Silence "), text_int(w, id), S(" is over: "), silence_words(w, id));
    world_alerts_speak(w);
    settle_everything(w);
}

/* --- acts --- */

/* Why it cannot be, or the empty slice. */
static struct slice refusal(const struct world *w, const struct matchers *m, int64_t starts, int64_t ends)
{
    if (silence_matches_everything(m))
        return S("A silence needs a matcher that not every alert passes: alertname=\"DiskFull\"");
    if (ends <= starts) return S("A silence ends after it starts");
    if (ends <= w->ev->wall) return S("The end of the silence lies in the past");
    return (struct slice){ 0 };
}

static void silence_make(struct world *w, const struct matchers *m, int64_t starts, int64_t ends)
{
    const struct act *a = w->ev->act;
    struct buf text = { 0 };
    struct silence *s = silence_add(w);
    silence_id id = s->id;
    s->starts_wall = starts;
    s->ends_wall = ends;
    s->updated_wall = w->ev->wall;
    s->by = state_actor(w);
    s->comment = symbol_of(w, a->text);
    matchers_print(m, &text);
    state_set_text(w, ROW_SILENCE, (struct ikey){ id, 0 }, buf_slice(&text));
    buf_release(&text);
    int rc = silence_keep(w, id, NULL);
    CHECK(rc == 0); /* its own canonical text */
    timer_arm_wall(w, SUBJECT_SILENCE, id, TIMER_SILENCE_END, 0, ends);
    if (starts > w->ev->wall)
        timer_arm_wall(w, SUBJECT_SILENCE, id, TIMER_SILENCE_START, 0, starts);
    else
        world_silence_start(w, id);
    REPLY(w, 0, 0, id, S("Silence "), text_int(w, id), S(" holds "), silence_words(w, id), S(" from "),
          text_time(w, starts), S(" until "), text_time(w, ends));
}

/* The new end and comment, and of one to come the new start. Same matchers, same id. */
static void silence_change(struct world *w, silence_id id, int64_t starts, int64_t ends)
{
    struct silence *s = state_edit(w, ROW_SILENCE, (struct ikey){ id, 0 });
    bool began = s->starts_wall <= w->ev->wall;
    if (!began) s->starts_wall = starts;
    s->ends_wall = ends;
    s->updated_wall = w->ev->wall;
    s->comment = symbol_of(w, w->ev->act->text);
    timers_cancel_subject(w, SUBJECT_SILENCE, id);
    timer_arm_wall(w, SUBJECT_SILENCE, id, TIMER_SILENCE_END, 0, ends);
    if (!began && starts > w->ev->wall)
        timer_arm_wall(w, SUBJECT_SILENCE, id, TIMER_SILENCE_START, 0, starts);
    else
        world_silence_start(w, id);
    REPLY(w, 0, 0, id, S("Silence "), text_int(w, id), S(" now holds until "), text_time(w, ends));
}

/* As Alertmanager: what only moves the end changes; anything else is a new silence, and the old one is over. The new one
 * first, so that nothing that both hold is released between them. */
static void silence_replace(struct world *w, const struct matchers *m, int64_t starts, int64_t ends)
{
    silence_id id = w->ev->act->silence;
    const struct silence *s = silence_get(w, id);
    struct buf text = { 0 };
    if (s == NULL) {
        REPLY(w, ERR_NOT_FOUND, 0, id, S("There is no silence "), text_int(w, id));
        return;
    }
    matchers_print(m, &text);
    bool over = s->ended != 0 || s->ends_wall <= w->ev->wall, same = slice_eq(silence_words(w, id), buf_slice(&text));
    bool later = s->starts_wall <= w->ev->wall && starts > w->ev->wall;
    buf_release(&text);
    if (!over && same && !later) {
        silence_change(w, id, starts, ends);
        return;
    }
    silence_make(w, m, starts, ends);
    if (!over) world_silence_end(w, id);
}

static void act_silence(struct world *w)
{
    const struct act *a = w->ev->act;
    struct matchers m;
    struct error e = { 0 };
    int64_t starts = a->starts > w->ev->wall ? a->starts : w->ev->wall;
    int64_t ends = a->ends != 0 ? a->ends : starts + SILENCE_DEFAULT;
    int rc = matchers_parse(w->fx->arena, a->matchers, &m, &e);
    if (rc < 0) {
        REPLY(w, rc, 0, 0, slice_of(e.detail));
        return;
    }
    struct slice why_not = refusal(w, &m, a->starts != 0 ? a->starts : starts, ends);
    if (why_not.n > 0)
        REPLY(w, ERR_INVALID, 0, 0, why_not);
    else if (a->silence != 0)
        silence_replace(w, &m, starts, ends);
    else
        silence_make(w, &m, starts, ends);
    matchers_release(&m);
}

static void act_unsilence(struct world *w)
{
    silence_id id = w->ev->act->silence;
    const struct silence *s = silence_get(w, id);
    if (s == NULL) {
        REPLY(w, ERR_NOT_FOUND, 0, id, S("There is no silence "), text_int(w, id));
        return;
    }
    if (s->ended != 0) {
        REPLY(w, 0, 0, id, S("Silence "), text_int(w, id), S(" is over already"));
        return;
    }
    struct silence *row = state_edit(w, ROW_SILENCE, (struct ikey){ id, 0 });
    row->ends_wall = row->updated_wall = w->ev->wall;
    world_silence_end(w, id);
    REPLY(w, 0, 0, id, S("Silence "), text_int(w, id), S(" is over; what still fires is paged"));
}

void world_act_silence(struct world *w)
{
    if (w->ev->act->kind == ACT_SILENCE)
        act_silence(w);
    else
        act_unsilence(w);
}
