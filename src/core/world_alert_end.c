/* world_alert_end.c - what happens when nothing is said: ends that pass, senders that fall silent, recovery.
 *
 * Expired is not resolved: the sender no longer speaks for the alert, so nobody knows (R150). Our own absence is
 * credited: no storm follows our restart (R156). */
#include "core/world_intake.h"

#include "core/state_parts.h"
#include "core/template_parts.h"

/* --- the heap of ends --- */

static void due_put(struct world *w, alert_id id, int64_t wall)
{
    alert_table_end_at(w->alerts, alert_table_find(w->alerts, id), w->ev->at + (wall - w->ev->wall));
}

void world_alert_track(struct world *w, alert_id id)
{
    const struct live_kept *a = live_get(w, id);
    if (a->state == ALERT_FIRING) due_put(w, id, a->ends_wall);
}

/* Wall time. What is over may be told again: it stays as long as a start would load it (store.h), or a world that has
 * given its place away would not find room for it after a crash (I23). */
static int64_t lingers_until(const struct live_kept *a)
{
    return (a->ends_wall > a->updated_wall ? a->ends_wall : a->updated_wall) + ALERT_LINGERS;
}

/* What belongs to no incident leaves then; the others when theirs leaves, but no earlier (world_prune). */
static void linger(struct world *w, alert_id id)
{
    due_put(w, id, lingers_until(live_get(w, id)));
}

/* Stamps of a clock that has been set back by more than a day since hold nothing. */
static bool lingers(const struct world *w, const struct live_kept *a)
{
    const int64_t left = lingers_until(a) - w->ev->wall;
    return left > 0 && left <= 2 * ALERT_LINGERS;
}

void alert_went(struct world *w, alert_id id, int64_t from, int64_t to)
{
    const struct alert_kept *a = alert_edit(w, id); /* its row tells the state */
    bool was = from == ALERT_FIRING, is = to == ALERT_FIRING;
    if (is)
        world_alert_track(w, id);
    else
        linger(w, id);
    if (was == is) return;
    imap_add(w->senders, (struct ikey){ alert_shared(w, a)->sender, 0 }, is ? 1 : -1);
    const struct incident *i = incident_get(w, a->incident);
    if (was && i != NULL) incident_edit(w, i->id)->firing--;
    if (from == ALERT_UNSET) return;
    struct alert_changes changes = alert_changes(w, id);
    const bool flaps = alert_count_change(&changes, w->ev->at);
    alert_put_changes(w, id, changes);
    if (flaps && i != NULL) intake_said(w, i->id, SAID_FLAPPING, id);
}

/* --- senders --- */

void sender_speaks(struct world *w, symbol sender)
{
    const struct sender *s = sender_get(w, sender);
    if (s->silent_since_wall == 0) return;
    ((struct sender *)state_edit(w, ROW_SENDER, (struct ikey){ sender, 0 }))->silent_since_wall = 0;
    const struct incident *i = incident_get(w, s->incident);
    if (i == NULL || !incident_is_active(i)) return;
    SAY(w, i->id, ENTRY_SENDER_SILENT, sender, symbol_text(w, sender), S(" talks again"));
    if (incident_is_quiet(w, i->id)) recovery_wait(w, i->id);
}

struct slice text_hour(struct world *w, int64_t wall)
{
    struct buf b = { 0 };
    text_clock(w, wall, false, &b);
    struct slice s = arena_copy(w->fx->arena, buf_slice(&b));
    buf_release(&b);
    return s;
}

/* The team of what expired in this step; the unrouted one when that is several or none. */
static symbol team_affected(struct world *w)
{
    symbol team = 0;
    bool several = false;
    for (size_t k = 0; k < w->touches.n; k++) {
        const struct incident *i = incident_get(w, w->touches.v[k].incident);
        several = several || (team != 0 && i->team != team);
        team = i->team;
    }
    if (team != 0 && !several) return team;
    return w->directory == NULL ? 0 : symbol_of(w, w->directory->teams[w->directory->unrouted_team].id);
}

static incident_id silence_opens(struct world *w, symbol sender, int64_t since, incident_id follows)
{
    struct slice name = symbol_text(w, sender);
    int64_t key = (int64_t)fnv1a64(fnv1a64(FNV1A64_START, S("sender\xff")), name);
    struct incident_opening o = { .title = symbol_of(
                                      w, TEXT(w, S("monitoring silent since "), text_hour(w, since), S(": "), name)),
                                  .team = team_affected(w),
                                  .severity_source = SEVERITY_DEFAULT,
                                  .group_key = key,
                                  .detected_wall = since,
                                  .follows = follows };
    o.impact = symbol_of(w, TEXT(w, S("All alerts of "), name, S(" expired: nobody knows whether they are over")));
    incident_id id = incident_open(w, &o, S("a sender that re-sent its alerts fell silent"));
    if (follows == 0) return id;
    SAY(w, id, ENTRY_LINKED, follows, S("Follows "), text_incident(w, follows));
    SAY(w, follows, ENTRY_LINKED, id, text_incident(w, id), S(" follows"));
    return id;
}

/* A sender that spoke of other things for more than half the alert's lease, and not of it, dropped it and lives. */
static bool is_alive(const struct sender *s, const struct live_kept *last)
{
    return s->last_wall - last->updated_wall > (last->ends_wall - last->updated_wall) / 2;
}

void sender_fell_silent(struct world *w, symbol sender, alert_id last)
{
    const struct sender *now = sender_get(w, sender);
    int64_t firing = 0;
    imap_get(w->senders, (struct ikey){ sender, 0 }, &firing);
    bool monitors = imap_get(w->senders, (struct ikey){ sender, 1 }, NULL);
    if (now == NULL || firing > 0 || !monitors || now->silent_since_wall != 0 || is_alive(now, live_get(w, last)))
        return;
    const struct incident *before = incident_get(w, now->incident);
    bool again = before != NULL && incident_is_active(before) && before->held_at == 0;
    struct sender *s = state_edit(w, ROW_SENDER, (struct ikey){ sender, 0 });
    s->silent_since_wall = s->last_wall;
    if (!again) s->incident = silence_opens(w, sender, s->last_wall, before == NULL ? 0 : before->id);
    SAY(w, s->incident, ENTRY_SENDER_SILENT, sender, S("Monitoring silent since "), text_hour(w, s->last_wall),
        S(": "), symbol_text(w, sender));
    timer_cancel(w, SUBJECT_INCIDENT, s->incident, TIMER_RECOVERED, 0);
    if (again && before->recovered_at != 0) {
        recovery_ends(w, before->id);
        paging_again(w, before->id, PAGE_REASON_SENDER_SILENT, S("its sender is silent again"), false);
    }
    if (!again) paging_begin(w, s->incident, PAGE_REASON_SENDER_SILENT);
}

/* --- ends that pass --- */

bool world_alert_forget(struct world *w, alert_id id)
{
    const struct live_kept *live = live_get(w, id);
    if (live != NULL && live->state == ALERT_FIRING) return false;
    if (alert_waits(w, id)) {
        due_put(w, id, w->ev->wall + MINUTE); /* not committed yet: looked at again */
        return false;
    }
    if (live != NULL && lingers(w, live)) { /* told since its end was noted, or since its incident was closed */
        linger(w, id);
        return false;
    }
    if (live != NULL) annotations_count(w, live->annotations, -1, false);
    alert_forget(w, id);
    return true;
}

static void leave(struct world *w, const struct alert_kept *a)
{
    if (incident_get(w, a->incident) != NULL) return; /* world_prune takes it */
    world_alert_forget(w, a->id);
}

/* One alert whose time came. Returns its sender when its last firing alert expired with it. */
static symbol end_one(struct world *w, alert_id id)
{
    const struct alert_kept *a = alert_get(w, id);
    const struct live_kept *live = live_get(w, id);
    int64_t left = 0;
    if (a == NULL || live == NULL) return 0;
    if (live->state != ALERT_FIRING) {
        leave(w, a);
        return 0;
    }
    if (live->ends_wall > w->ev->wall) { /* re-sent meanwhile */
        world_alert_track(w, id);
        return 0;
    }
    live_edit(w, id)->state = ALERT_EXPIRED;
    alert_went(w, id, ALERT_FIRING, ALERT_EXPIRED);
    if (incident_get(w, a->incident) != NULL) intake_said(w, a->incident, SAID_EXPIRED, id);
    heartbeat_missed(w, id, live->updated_wall);
    const symbol sender = alert_shared(w, a)->sender;
    imap_get(w->senders, (struct ikey){ sender, 0 }, &left);
    return left == 0 ? sender : 0;
}

struct silent {
    symbol sender;
    alert_id last;
};

/* All that are due now end together: one entry an incident, and one look at each sender. */
void world_alert_end(struct world *w, alert_id id)
{
    enum { AT_ONCE = 10000 };
    VEC(struct silent) silent = { 0 };
    for (size_t n = 0; n < AT_ONCE; n++) {
        symbol sender = end_one(w, id);
        if (sender != 0) *vec_push(&silent) = (struct silent){ sender, id };
        const struct alert_cell *next = alert_table_first_end(w->alerts);
        if (next == NULL || next->ends_at > w->ev->at) break;
        id = next->row.id;
        alert_table_end_never(w->alerts, alert_table_find(w->alerts, id));
    }
    for (size_t k = 0; k < silent.n; k++) sender_fell_silent(w, silent.v[k].sender, silent.v[k].last);
    vec_release(&silent);
    intake_settle(w);
}

/* --- recovered --- */

/* One tap is asked of whoever has it, else of the primary. */
static void ask_to_resolve(struct world *w, const struct incident *i)
{
    struct page_order o = {
        .incident = i->id, .reason = PAGE_REASON_RECOVERED, .kind = PAGE_NOTIFICATION, .person = i->acknowledged_by
    };
    if (o.person == 0) o.role = S(ROLE_PRIMARY);
    page_send(w, &o, NULL);
}

/* A heartbeat that is back has left it. */
static bool has_alerts(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = 0; k < x->alerts.n; k++) {
        const struct alert_kept *a = alert_get(w, x->alerts.v[k]);
        if (a != NULL && a->incident == id) return true;
    }
    return false;
}

void world_recovered(struct world *w, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    if (i == NULL || !incident_is_active(i) || !incident_is_quiet(w, id)) return;
    if (i->declared_wall == 0) {
        world_resolve(w, id, 0,
                      has_alerts(w, id) ? S("all its alerts are reported resolved for 5 min")
                      : i->alerts > 0   ? S("its heartbeat has been back for 5 min")
                                        : S("its sender has talked again for 5 min"));
        return;
    }
    SAY(w, id, ENTRY_RECOVERED, 0, S("Recovered: all alerts reported resolved for 5 min; resolve it with one tap"));
    paging_recovered(w, id, true);
    if (i->recovered_at == 0) incident_edit(w, id)->recovered_at = w->ev->at;
    ask_to_resolve(w, incident_get(w, id));
}

/* --- start --- */

/* What was said of it lately is not kept: its alerts know when they flapped (R155). */
static void flapping_loaded(struct world *w, const struct alert_kept *a)
{
    const struct alert_changes changes = alert_changes(w, a->id);
    if (incident_get(w, a->incident) == NULL || !alert_flapped(&changes)) return;
    struct incident_extra *x = incident_extra(w, a->incident);
    if (changes.changed_at > x->flapping_at) x->flapping_at = changes.changed_at;
}

static void alert_loaded(struct world *w, const struct alert_kept *a)
{
    const struct live_kept *live = live_get(w, a->id);
    flapping_loaded(w, a);
    if (live == NULL) return;
    if (live->sends >= ALERT_IS_MONITORED_AT) imap_put(w->senders, (struct ikey){ alert_shared(w, a)->sender, 1 }, 1);
    annotations_count(w, live->annotations, 1, true);
    if (live->state == ALERT_FIRING) {
        imap_add(w->senders, (struct ikey){ alert_shared(w, a)->sender, 0 }, 1);
        world_alert_track(w, a->id);
    } else {
        linger(w, a->id);
    }
}

void world_alert_loaded(struct world *w)
{
    const struct alert_kept *a;
    const struct silence *s;
    for (size_t at = 0; (a = alert_next(w, &at)) != NULL;) alert_loaded(w, a);
    for (size_t at = 0; (s = state_next(w, ROW_SILENCE, &at)) != NULL;)
        if (s->ended == 0) silence_keep(w, s->id, NULL); /* it was parsed when it was made */
    grouping_catch_up(w);
}

void world_alert_ends_credit(struct world *w, int64_t away_ms)
{
    const struct alert_kept *a;
    for (size_t at = 0; (a = alert_next(w, &at)) != NULL;) {
        if (live_get(w, a->id) == NULL || live_get(w, a->id)->state != ALERT_FIRING) continue;
        struct live_kept *live = live_edit(w, a->id);
        live->ends_wall += away_ms;
        world_alert_track(w, a->id);
    }
}
