/* world_alert.c - EVENT_ALERTS, first half: who spoke, which alert it is, what changed, where it belongs.
 *
 * A known alert that goes on firing is refreshed: one row, no entry, no allocation. Everything else is a change, and
 * touches an incident, which world_alert_settle.c then settles once. */
#include "core/world_intake.h"

/* --- annotation sets: a set that no alert has any more leaves, or a changing value would pile up rows --- */

void annotations_count(struct world *w, int64_t set, int64_t by, bool stored_too)
{
    if (set == 0 || imap_add(w->annotation_uses, (struct ikey){ set, 0 }, by) > 0) return;
    imap_remove(w->annotation_uses, (struct ikey){ set, 0 });
    annotations_remove(w, set, stored_too);
}

static int64_t annotations_exchanged(struct world *w, int64_t old, struct slice json)
{
    if (old != 0 && slice_eq(state_text(w, ROW_ANNOTATIONS, (struct ikey){ old, 0 }), json)) return old;
    int64_t set = json.n == 0 ? 0 : annotations_intern(w, json);
    if (set == old) return set;
    annotations_count(w, set, 1, true);
    annotations_count(w, old, -1, true);
    return set;
}

/* --- where an alert belongs --- */

struct placing { /* one alert on its way to an incident */
    const struct signal *s;
    alert_id alert;
    symbol sender;
    struct judgement j;
    struct slice missed; /* a heartbeat that stopped: what to call it; empty = an alert that fires */
};

static void count_unrouted(struct world *w)
{
    struct ikey k = { COUNTER_UNROUTED, 0 };
    if (state_get(w, ROW_COUNTER, k) == NULL) state_add(w, ROW_COUNTER, (int64_t[]){ COUNTER_UNROUTED });
    ((struct counter *)state_edit(w, ROW_COUNTER, k))->last++;
}

/* When it began, as far as the sender can be believed: a start in the future, or a day and more ago, is a wrong clock
 * or an alert older than our interest; then it was detected when we heard of it. */
static int64_t detected(const struct world *w, const struct signal *s)
{
    int64_t wall = w->ev->wall;
    return s->starts <= 0 || s->starts > wall || wall - s->starts > DAY ? wall : s->starts;
}

/* A rule declares that sets SEV1 or SEV2, attaches a scenario or says so (design: Incidents). */
static struct slice why_declared(struct world *w, const struct placing *p)
{
    const struct routing *r = state_active_routing(w);
    const struct routing_rule *rule = p->j.rule;
    bool grave = p->j.verdict.source == SEVERITY_RULE && p->j.verdict.level <= 2;
    if (rule != NULL && (rule->declare || rule->scenario.n > 0 || grave))
        return TEXT(w, S("by routing rule "), rule->name);
    return r != NULL && r->declare_every_alert ? S("every alert is declared here") : (struct slice){ 0 };
}

/* Is its alertname new to an incident that somebody acknowledged? One that joined and could not say so is not known. */
static bool is_new_name(const struct world *w, const struct incident *i, const struct alert_kept *alert)
{
    if (i->acknowledged_at == 0) return false;
    const struct incident_extra *x = incident_extra(w, i->id);
    const symbol name = alert_shared(w, alert)->name;
    for (size_t k = x->alerts.n; k > 0; k--) { /* the newest first: a storm has few names */
        const struct alert_kept *a = alert_get(w, x->alerts.v[k - 1]);
        if (a == NULL || a == alert || a->incident != i->id || alert_shared(w, a)->name != name) continue;
        if (silence_hush(w, a) != HUSH_JOINED) return false;
    }
    return true;
}

/* What it argues for of its incident. */
static void argue(struct world *w, const struct placing *p, struct alert_touch *t)
{
    const struct alert_kept *a = alert_get(w, p->alert);
    if (t->new_name == 0 && is_new_name(w, incident_get(w, t->incident), a)) t->new_name = a->id;
    if (t->worst == 0 || severity_is_worse(alert_level(w, a->id), alert_level(w, t->worst))) {
        t->worst = a->id;
        t->worst_source = p->j.verdict.source;
    }
    if (t->declares.n == 0) t->declares = why_declared(w, p);
    if (t->category.n == 0 && p->j.rule != NULL) t->category = p->j.rule->category;
}

/* It fires in its incident, and no silence covers it. */
static void speak_up(struct world *w, struct alert_touch *t, alert_id alert)
{
    incident_extra(w, t->incident)->loud = alert;
    t->loud = true;
}

/* What a silence covers argues for nothing of an incident that something else may keep loud: later, when none does.
 * What opens the incident or joins one that is held may: nobody is paged. */
static bool must_hush(const struct alert_touch *t, const struct incident *i)
{
    return i->held_at == 0 && !(t->opened && i->alerts == 0);
}

static void hush(struct world *w, struct alert_touch *t, alert_id alert, enum hush what)
{
    silence_hushes(w, alert, what);
    t->hushed++;
}

/* A heartbeat leaves its incident when it is back, and may come again. */
static bool was_here(const struct incident_extra *x, alert_id alert)
{
    for (size_t k = 0; k < x->alerts.n; k++)
        if (x->alerts.v[k] == alert) return true;
    return false;
}

static void attach(struct world *w, const struct placing *p, incident_id id)
{
    struct alert_touch *t = intake_touch(w, id);
    struct alert_kept *a = alert_edit(w, p->alert);
    struct incident *i = incident_edit(w, id);
    struct incident_extra *x = incident_extra(w, id);
    const bool covered = silence_for(w, a->id, w->ev->wall) != 0;
    a->incident = id;
    if (covered && must_hush(t, i))
        hush(w, t, a->id, HUSH_JOINED);
    else
        argue(w, p, t);
    if (p->missed.n == 0 || !was_here(x, a->id)) {
        *vec_push(&x->alerts) = a->id;
        i->alerts++;
    }
    i->firing += p->missed.n == 0;
    i->joined_at = w->ev->at;
    if (!covered) speak_up(w, t, a->id);
    if (t->opened && detected(w, p->s) < i->detected_wall) i->detected_wall = detected(w, p->s);
}

static incident_id open_for(struct world *w, const struct placing *p, int64_t key, incident_id follows)
{
    struct buf title = { 0 };
    const struct slice none = { 0 };
    if (p->missed.n > 0)
        buf_add(&title, p->missed);
    else
        alert_title(p->s->labels, p->s->n_labels, p->s->summary, &title);
    struct slice category = p->j.rule != NULL && p->j.rule->category.n > 0 ? p->j.rule->category
                            : p->j.service < 0                           ? none
                                                                       : w->directory->services[p->j.service].category;
    struct incident_opening o = { .service = symbol_of(w, judged_service(w, &p->j)),
                                  .team = symbol_of(w, judged_team(w, &p->j)),
                                  .title = symbol_of(w, buf_slice(&title)),
                                  .impact = symbol_of(w, p->s->summary),
                                  .category = symbol_of(w, category),
                                  .rule = p->j.rule == NULL ? 0 : symbol_of(w, p->j.rule->name),
                                  .severity = p->j.verdict.level,
                                  .severity_source = p->j.verdict.source,
                                  .group_key = key,
                                  .detected_wall = detected(w, p->s),
                                  .follows = follows };
    buf_release(&title);
    incident_id id =
        incident_open(w, &o,
                      TEXT(w, p->missed.n > 0 ? S("heartbeat of ") : S("alert from "), symbol_text(w, p->sender),
                           p->j.rule == NULL ? none : S(", routing rule "), p->j.rule == NULL ? none : p->j.rule->name,
                           p->j.service < 0 ? S(", no service matched") : none));
    if (follows != 0) {
        SAY(w, id, ENTRY_LINKED, follows, S("Follows "), text_incident(w, follows));
        SAY(w, follows, ENTRY_LINKED, id, text_incident(w, id), S(" follows"));
    }
    grouping_catch_up(w);
    intake_touch(w, id)->opened = true;
    return id;
}

/* What routing makes of an alert is what its row says of it. */
static void judge(struct world *w, struct placing *p)
{
    p->j = judge_signal(w, p->s, p->sender);
    struct alert_kept *a = alert_edit(w, p->alert);
    struct alert_shared shared = *alert_shared(w, a);
    shared.reason = p->j.reason;
    shared.reason_text = p->j.reason_text;
    shared.severity = p->j.verdict.level;
    shared.service = p->j.service_id;
    alert_share(w, p->alert, &shared);
    a->incident = 0;
}

static incident_id join_or_open(struct world *w, const struct placing *p, int64_t key)
{
    incident_id earlier = 0, id = grouping_find(w, key, w->ev->at, &earlier);
    if (judged_unrouted(w, &p->j)) count_unrouted(w);
    if (id != 0) {
        if (p->missed.n == 0) intake_said(w, id, SAID_JOINED, p->alert);
        if (incident_get(w, id)->resolved_at != 0) intake_touch(w, id)->reopens = true;
    } else {
        id = open_for(w, p, key, earlier);
    }
    attach(w, p, id);
    return id;
}

/* Routes a firing alert: to nothing with a reason, to an incident that it joins, or to a new one. */
static incident_id place(struct world *w, struct placing *p)
{
    judge(w, p);
    return p->j.reason != REASON_NONE ? 0 : join_or_open(w, p, p->j.group_key);
}

/* It fires again in its incident. What a silence covers comes back without a word, unless all of the incident is held
 * then (R152): where that is resolved it opens nothing, and where it had recovered nobody hears of it. */
static void come_back(struct world *w, const struct placing *p, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    const bool resolved = i->state == INCIDENT_RESOLVED, covered = silence_for(w, p->alert, w->ev->wall) != 0;
    intake_said(w, id, SAID_RESUMED, p->alert);
    struct alert_touch *t = intake_touch(w, id);
    if (resolved && (!covered || silence_holding(w, id, w->ev->wall, NULL) != 0)) t->reopens = true;
    if (!covered) {
        speak_up(w, t, p->alert);
        intake_speak(w, t, p->alert);
    } else if ((resolved || i->recovered_at != 0) && silence_hush(w, alert_get(w, p->alert)) == HUSH_NONE) {
        hush(w, t, p->alert, HUSH_CAME_BACK);
    }
}

/* Firing again: its own incident resumes, unless that is over for good or long ago (R150). */
static incident_id resume(struct world *w, struct placing *p)
{
    const struct alert_kept *a = alert_get(w, p->alert);
    const struct incident *i = incident_get(w, a->incident);
    if (i != NULL && alert_is_heartbeat(w, a)) {
        intake_said(w, i->id, SAID_BEATS, a->id);
        place(w, p);
        return i->id;
    }
    bool resolved = i != NULL && i->state == INCIDENT_RESOLVED;
    bool resumes =
        i != NULL && (incident_is_active(i) || (resolved && w->ev->at - i->resolved_at <= ALERT_RESUMES_WITHIN));
    if (!resumes) return place(w, p);
    incident_edit(w, i->id)->firing++;
    come_back(w, p, i->id);
    return i->id;
}

/* --- one signal --- */

static void live_put(struct live_kept *live, const struct alert_live *row)
{
    bool whole = live_pack(live, row);
    CHECK(whole); /* doors take instants of four-digit years (ingest/) */
}

static incident_id alert_new(struct world *w, const struct signal *s, symbol sender)
{
    alert_id id = alert_add(w, s->fingerprint, s->labels_text);
    struct alert_kept *a = alert_edit(w, id);
    struct alert_live live = alert_merged(&(struct alert_live){ .id = id }, s, w->ev->wall);
    alert_share(w, id,
                &(struct alert_shared){
                    .sender = sender,
                    .name = symbol_of(w, labels_get(s->labels, s->n_labels, S("alertname"))),
                    /* should it fire one day, it is routed then */
                    .reason = live.state == ALERT_FIRING ? REASON_NONE : REASON_NEVER_FIRED,
                });
    a->summary = symbol_of(w, s->summary);
    a->created_wall = w->ev->wall;
    live.annotations = annotations_exchanged(w, 0, s->annotations);
    live_put(live.state == ALERT_FIRING ? live_edit_first(w, id) : live_edit(w, id), &live);
    alert_went(w, id, ALERT_UNSET, live.state);
    if (live.state == ALERT_FIRING) return place(w, &(struct placing){ .s = s, .alert = id, .sender = sender });
    return 0;
}

static incident_id alert_again(struct world *w, const struct signal *s, alert_id id, symbol sender)
{
    const struct alert_kept *a = alert_get(w, id);
    struct live_kept *live = live_edit(w, id);
    const struct alert_live was = live_unpacked(live, id);
    struct alert_live next = alert_merged(&was, s, w->ev->wall);
    next.annotations = annotations_exchanged(w, was.annotations, s->annotations);
    live_put(live, &next);
    if (next.sends == ALERT_IS_MONITORED_AT)
        imap_put(w->senders, (struct ikey){ alert_shared(w, a)->sender, 1 }, 1); /* re-sent twice: it is a monitor */
    if (!alert_is_repeated(&was, &next, w->ev->wall)) w->fx->news = true;
    if (next.state == was.state) {
        if (next.state == ALERT_FIRING && next.ends_wall < was.ends_wall) world_alert_track(w, id);
        return a->incident;
    }
    alert_went(w, id, was.state, next.state);
    if (next.state == ALERT_FIRING) return resume(w, &(struct placing){ .s = s, .alert = id, .sender = sender });
    if (incident_get(w, a->incident) != NULL) intake_said(w, a->incident, SAID_RESOLVED, id);
    if (was.state == ALERT_FIRING) heartbeat_missed(w, id, was.updated_wall);
    return a->incident;
}

/* --- heartbeats (R156) --- */

/* One incident a sender and service, however many of its heartbeats stop. */
static int64_t heartbeat_key(struct world *w, const struct placing *p)
{
    uint64_t h = fnv1a64(fnv1a64(FNV1A64_START, S("heartbeat\xff")), symbol_text(w, p->sender));
    return (int64_t)fnv1a64(fnv1a64(h, S("\xff")), judged_service(w, &p->j));
}

void heartbeat_missed(struct world *w, alert_id id, int64_t since)
{
    struct label labels[LABELS_MAX];
    struct alert_kept *a = alert_edit(w, id);
    const symbol whose = alert_shared(w, a)->sender;
    const struct sender *sender = sender_get(w, whose);
    if (alert_shared(w, a)->reason != REASON_HEARTBEAT || live_get(w, id)->sends < ALERT_IS_MONITORED_AT || sender == NULL) return;
    const struct signal s = { .labels = labels,
                              .n_labels = alert_labels(w, id, labels),
                              .summary = symbol_text(w, a->summary),
                              .starts = since };
    struct placing p = { .s = &s, .alert = id, .sender = whose };
    judge(w, &p);
    struct alert_shared shared = *alert_shared(w, a);
    if (shared.reason != REASON_HEARTBEAT) return; /* a rule drops it since */
    shared.reason = shared.reason_text = 0;
    alert_share(w, id, &shared);
    p.missed = TEXT(w, S("heartbeat "), alert_words(w, id), S(" of "), symbol_text(w, whose), S(" missed since "),
                    text_hour(w, since));
    const struct incident *silence = incident_get(w, sender->incident);
    const bool known = silence != NULL && incident_is_active(silence), loud = silence_for(w, id, w->ev->wall) == 0;
    incident_id at = silence == NULL ? 0 : silence->id;
    if (known && loud && sender->silent_since_wall != 0)
        attach(w, &p, at); /* somebody was paged: all of its sender is silent */
    else
        at = join_or_open(w, &p, heartbeat_key(w, &p));
    intake_said(w, at, SAID_MISSED, id);
    if (!known && loud) ((struct sender *)state_edit(w, ROW_SENDER, (struct ikey){ whose, 0 }))->incident = at;
}

/* --- from an alert's own rows --- */

static struct signal signal_kept(const struct world *w, const struct alert_kept *a, struct label labels[LABELS_MAX])
{
    const struct live_kept *live = live_get(w, a->id);
    return (struct signal){ .labels = labels,
                            .n_labels = alert_labels(w, a->id, labels),
                            .summary = symbol_text(w, a->summary),
                            .starts = live->starts_wall,
                            .ends = live->ends_wall };
}

void intake_speak(struct world *w, struct alert_touch *t, alert_id alert)
{
    struct label labels[LABELS_MAX];
    const struct alert_kept *a = alert_get(w, alert);
    const enum hush what = silence_hush(w, a);
    if (what == HUSH_NONE) return;
    const struct signal s = signal_kept(w, a, labels);
    const struct placing p = { .s = &s, .alert = alert, .j = judge_signal(w, &s, alert_shared(w, a)->sender) };
    silence_hushes(w, alert, HUSH_NONE);
    t->fires_again = t->fires_again || what == HUSH_CAME_BACK;
    if (t->first[SAID_RESUMED] == 0) t->first[SAID_RESUMED] = alert;
    if (what == HUSH_JOINED) argue(w, &p, t);
}

/* It fires since a time at which its incident was over; where it was not, a person's resolution stands. */
static bool came_back_later(const struct world *w, const struct alert_kept *a, const struct incident *i)
{
    return live_get(w, a->id)->state == ALERT_FIRING &&
           (i == NULL || alert_changes(w, a->id).changed_at > i->resolved_at);
}

/* One that was hushed and is covered no more. */
static void speak_now(struct world *w, const struct alert_kept *a)
{
    const struct incident *i = incident_get(w, a->incident);
    if (i != NULL && incident_is_active(i)) {
        struct alert_touch *t = intake_touch(w, i->id);
        speak_up(w, t, a->id);
        intake_speak(w, t, a->id);
    } else if (came_back_later(w, a, i)) {
        struct label labels[LABELS_MAX];
        const struct signal s = signal_kept(w, a, labels);
        struct placing p = { .s = &s, .alert = a->id, .sender = alert_shared(w, a)->sender };
        if (i != NULL) incident_edit(w, i->id)->firing--; /* resume() counts it */
        resume(w, &p);
    }
}

void world_alerts_speak(struct world *w)
{
    const struct alert_kept *a;
    CHECK(w->touches.n == 0);
    grouping_catch_up(w);
    for (size_t at = 0; (a = alert_next(w, &at)) != NULL;)
        if (silence_hush(w, a) != HUSH_NONE && silence_misses(w, a->incident, a->id, w->ev->wall)) speak_now(w, a);
    intake_settle(w);
}

/* Asks again about one firing alert that opened nothing. */
static void reroute(struct world *w, const struct alert_kept *a)
{
    struct label labels[LABELS_MAX];
    const struct signal s = signal_kept(w, a, labels);
    place(w, &(struct placing){ .s = &s, .alert = a->id, .sender = alert_shared(w, a)->sender });
}

void world_alerts_reroute(struct world *w)
{
    const struct alert_kept *a;
    CHECK(w->touches.n == 0);
    grouping_catch_up(w);
    for (size_t at = 0; (a = alert_next(w, &at)) != NULL;) {
        const struct live_kept *live = live_get(w, a->id);
        if (alert_shared(w, a)->reason != REASON_NONE && live != NULL && live->state == ALERT_FIRING) reroute(w, a);
    }
    intake_settle(w);
}

/* The sender says all of it again, or all that still fires: by then there may be room. */
static void reply_left_out(struct world *w, int64_t n, int64_t limit, struct slice what)
{
    REPLY(w, ERR_BUSY, 0, 0, S("the limit of "), text_int(w, limit), S(" "), what, S(" is reached: of "),
          text_int(w, (int64_t)w->ev->alerts.n), S(" alerts "), text_int(w, n),
          S(" that are not known yet were left out, the others were taken; send again later"));
}

void world_alerts(struct world *w)
{
    const struct event_alerts *ev = &w->ev->alerts;
    symbol sender = symbol_of(w, ev->sender);
    struct slice what = { 0 };
    incident_id last = 0;
    int64_t resent = 0, left_out = 0, limit = 0, full;
    CHECK(w->touches.n == 0 && sender != 0);
    alerts_expect(w, ev->v, ev->n);
    grouping_catch_up(w);
    const struct sender *spoke = sender_get(w, sender);
    if (spoke == NULL || spoke->silent_since_wall != 0) w->fx->news = true;
    if (spoke == NULL) state_add(w, ROW_SENDER, (int64_t[]){ sender });
    sender_speaks(w, sender);
    for (size_t i = 0; i < ev->n; i++) {
        const struct signal *s = &ev->v[i];
        alert_id id = alert_named(w, s->fingerprint, s->labels_text);
        if (id == 0 && (full = world_full(w, &what)) > 0) { /* what we know is always taken, or we would expire what fires */
            limit = full;
            left_out++;
            continue;
        }
        if (id == 0) w->fx->news = true;
        incident_id touched = id != 0 ? alert_again(w, s, id, sender) : alert_new(w, s, sender);
        resent += id != 0;
        if (touched != 0) last = touched;
    }
    struct sender *row = state_edit(w, ROW_SENDER, (struct ikey){ sender, 0 });
    row->last_wall = w->ev->wall;
    row->resends += resent;
    intake_settle(w);
    if (left_out > 0)
        reply_left_out(w, left_out, limit, what);
    else
        reply_now(w, 0, incident_get(w, last) == NULL ? 0 : last, 0, NULL, 0);
}
