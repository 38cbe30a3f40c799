/* world_parts.h - what the files world*.c do for one another: the flows that join several rules.
 *
 * world.c dispatches an event to one of these; each flow reads top to bottom what the design says. For core/ alone. */
#ifndef CORE_WORLD_PARTS_H
#define CORE_WORLD_PARTS_H

#include "core/delivery.h"
#include "core/grouping.h"
#include "core/milestone.h"
#include "core/severity.h"
#include "core/silence.h"
#include "core/world.h"

/* --- alerts: world_alert.c --- */
/* The limit that leaves no room for one more alert, and what it counts; 0 while there is room. */
int64_t world_full(const struct world *w, struct slice *what);
void world_alerts(struct world *w); /* EVENT_ALERTS: identity, routing, joining, opening, resolving; replies once */
void world_alert_end(struct world *w, alert_id id); /* TIMER_ALERT_END: endsAt passed without a word: expired */
void world_alert_ends_credit(struct world *w, int64_t away_ms); /* start: our own silence is credited (design: Time) */
void world_alert_track(struct world *w, alert_id id); /* puts a firing alert on the heap of ends */
void world_recovered(struct world *w, incident_id id); /* TIMER_RECOVERED: 5 min all resolved */
/* The alert and what is its own leave the world, not the store; false while it fires or waits for its commit. */
bool world_alert_forget(struct world *w, alert_id id);
void world_alerts_reroute(
    struct world *w); /* another bundle is active: what had a reason to open nothing is asked again */
void world_alerts_moved(struct world *w,
                        incident_id into); /* by a merge: what they mean for the incident they came to */
/* Holds, releases or leaves the incident as the silences in force now say (R152); `anew`: looks at every alert of it. */
void silence_settle(struct world *w, incident_id id, bool anew);
/* A silence is over, or an incident is open again: what could not speak and is covered no more does (world_alert.c). */
void world_alerts_speak(struct world *w);
void world_silence_start(struct world *w, silence_id id);
void world_silence_end(struct world *w, silence_id id); /* releases what still fires, with fresh clocks (R152) */
void judged_forget(struct world *w); /* another directory or bundle: what was judged by the last may be gone */
void judged_release(struct world *w);
void world_alert_loaded(struct world *w); /* start: indexes of what was loaded */
/* ACT_SILENCE and ACT_UNSILENCE, with their replies. */
void world_act_silence(struct world *w);

/* --- pages and their kinds: world_page.c --- */
struct page_order {
    incident_id incident;
    enum page_reason reason;
    enum page_kind kind;
    struct slice role; /* resolved now, unless `person` is given */
    symbol person; /* 0 = by role */
    int64_t rule, line, level;
    struct slice by; /* kind named by the sentence */
    page_id repeat_of;
    bool rings; /* rings whatever the severity (a quiet one at the start of a working day) */
};

/* Pages the role (or the person): makes the pages with PAGED/NOTIFIED entries and begins their first deliveries. The
 * first page of an incident starts its clock T. Returns how many people can be reached; 0 leaves a NOBODY entry that
 * says why, and the caller goes on to the next at once (R144). *first (may be NULL) is the first page made. */
size_t page_send(struct world *w, const struct page_order *o, page_id *first);

bool page_was_lately(const struct world *w, const struct incident *i, symbol person); /* paged, not told, in the last 10 min */
/* Ends every open page of the incident: the actor's own as acknowledged when `taken`, the rest superseded, each person
 * but the actor stood down (R157) with `why` ("taken by Ada", "resolved", …). Deliveries not begun are dropped. */
void pages_end(struct world *w, incident_id id, bool taken, symbol by, struct slice why);
/* A commander, or whoever stands in, has answered: the open pages of the others in that line end, and they are told. */
void pages_end_successors(struct world *w, page_id answered, symbol by, struct slice why);
/* One page ended alone (its person answered). */
void page_end(struct world *w, page_id id, enum page_state state, symbol by);
/* The page's next kind begins; false when there is none left. */
bool page_next_kind(struct world *w, page_id id);
/* A page's delivery is over: accepted, or its next kind, or the page has failed (P5, A15). */
void page_delivery_over(struct world *w, delivery_id id, bool next_kind);

/* --- deliveries: world_delivery.c. The world is the only queue. --- */
/* Queues a copy of `what` (id, state and stamps are set here) and begins it if its channel has credit. */
delivery_id delivery_queue(struct world *w, const struct delivery *what);
void delivery_credit(struct world *w, struct slice channel, int64_t n);
/* The site was loaded, again or after a start: what waits for a channel, a contact or a person that is gone goes another way now. */
void deliveries_follow_site(struct world *w);
/* Drops it if its attempt has not begun; one in flight runs out and its result is only recorded. */
void delivery_supersede(struct world *w, delivery_id id, struct slice why);
void delivery_result(struct world *w, const struct event_result *r);
void delivery_retry_due(struct world *w, delivery_id id);
/* The courier is gone or we were: everything in flight is uncertain (P3), and there is no credit. */
void deliveries_uncertain(struct world *w);
void delivery_unjournaled(struct world *w, delivery_id id);

/* --- world_redact.c --- */
void world_act_redact(struct world *w);

/* --- world_canary.c --- */
void world_canary(struct world *w); /* EVENT_CANARY */

/* --- posts and alarms: world_post.c --- */
void post_begin(struct world *w, incident_id id,
                int64_t place); /* the declaration, from this place of the channels on */

/* What was posted says how it stands now, where the channel can change a message (Slack's chat.update). */
void posts_update(struct world *w, incident_id id);

/* --- paging: world_paging.c, world_round.c --- */
/* Begins the pages of an incident unless it is held: the first page, the chain, T (clock_at), the no-resolution timers,
 * entry rules of its severity and category. Also after a release (fresh clocks) and a reopening. */
void paging_begin(struct world *w, incident_id id, enum page_reason reason);
/* An acknowledged incident needs people again (new alert name, worse alert, firing again): its acknowledger, then the
 * chain (R148, R151). Nobody is paged twice in 10 minutes for the same reason. `rings`: it does from now
 * on until somebody has it, quiet or not. */
void paging_again(struct world *w, incident_id id, enum page_reason reason, struct slice what, bool rings);
/* Nobody has it, and an alert joined that is graver than what a person said of it: it rings until somebody does (R148). */
void paging_grows_loud(struct world *w, incident_id id, struct slice what);
/* Acknowledged: the first clock stops, pages end, the others are told. The second clock goes on. */
void paging_acknowledged(struct world *w, incident_id id, symbol by);
/* Resolved, dismissed, merged: both clocks stop, every page ends, whoever was paged is told `why`. */
void paging_over(struct world *w, incident_id id, symbol by, struct slice why);
void paging_recovered(struct world *w, incident_id id, bool recovered); /* both clocks hold, or go on */
void paging_hold(struct world *w, incident_id id, silence_id by);
void paging_release(struct world *w, incident_id id); /* fresh clocks */
/* The severity was `before`; entry rules run once per entry (A24, R20), a raise makes quiet pages ring. */
void paging_severity_changed(struct world *w, incident_id id, int64_t before);
void paging_category_changed(struct world *w, incident_id id); /* A25: same step, before other sends */
void paging_declared(struct world *w, incident_id id); /* the declaration is posted (R80) */
/* Timers NO_RESPONSE, NO_RESOLUTION, ROUND, UNANSWERED, NEXT_KIND, GIVE_UP, MORNING, RING_LATER. */
void paging_timer(struct world *w, const struct timer_key *key, int64_t due_at);
/* A page has failed on all kinds: the next level at once (A15). */
void paging_failed(struct world *w, page_id id);
void world_paging_loaded(struct world *w); /* start: what waits for credit */
/* A page about Tocsin itself to the administrators, by every channel that leads to one (I28); entry on incident 0. */
/* The head of the history by mail to the administrators, and to the channel that serves `evidence`: once a day (P6). */
void paging_evidence(struct world *w, struct slice head);
void paging_alarm(struct world *w, incident_id about, struct slice what);

#define PAGING_HOLD \
    (INT64_C(3650) * DAY) /* a held timer is put off by this much, so that what is left of it survives */
#define RULE_STEP(rule, step) ((rule)*16 + (step)) /* `rule` of NO_RESPONSE and NO_RESOLUTION timers */

/* world_hold.c: the first clock (not acknowledged) stops, or both; and whether anybody may be paged for it now. */
void paging_stop_first_clock(struct world *w, incident_id id);
bool paging_is_allowed(const struct incident *i);
/* The second clock (not resolved): what is not due yet; what came due since the incident was over, by what was left of it
 * then (R109); and what its severity did not have `before`, where its time has passed: at once (R20). */
void paging_arm_no_resolution(struct world *w, const struct incident *i);
bool paging_has_fired(const struct world *w, const struct incident *i, int64_t rule, int64_t since_at);
void paging_arm_what_was_left(struct world *w, const struct incident *i, int64_t over_at);
void paging_arm_what_passed(struct world *w, const struct incident *i, int64_t before);
void paging_round(struct world *w, incident_id id); /* after the chain's end (A16) */
void paging_unanswered(struct world *w, page_id id);
void paging_morning(struct world *w, symbol team);
void paging_ring_later(struct world *w, incident_id id);
/* Quiet, at rest: it rings when the next working day begins, and stands on its team's list. */
void paging_waits_for_morning(struct world *w, const struct incident *i);

/* --- procedures: world_bundle.c, world_move.c --- */
enum activation_how {
    ACTIVATION_UNSET = 0,
    ACTIVATION_FIRST = 1, /* of a new instance: by whoever started it */
    ACTIVATION_FOUND = 2, /* the files changed, and the site says `activation: automatic` */
    ACTIVATION_APPROVED = 3, /* a person's act */
    ACTIVATION_INSTEAD = 4, /* by the start: what was in force does not compile any more */
};
void world_bundle(struct world *w); /* EVENT_BUNDLE */
void world_bundles_upgraded(struct world *w); /* start: what compiled to something else is told */
void world_act_activate(struct world *w); /* R11, R12 */
void world_act_propose(struct world *w);
void world_act_move(struct world *w);
/* The incident follows the active bundle from now on: its clocks by the new rules, its checks by the new timeline. An
 * entry says from where, whereto and why. Only for an active incident that follows another one. */
void world_move(struct world *w, incident_id id, struct slice why);

/* --- incidents: world_incident.c --- */
struct incident_opening {
    symbol service, team, title, impact, category, rule;
    int64_t severity; /* level, 0 = unclassified */
    int64_t severity_source;
    int64_t group_key, detected_wall;
    incident_id follows;
};
/* A logged incident with its LOGGED entry, checks pending, not yet paged. `why` ends the entry's sentence. */
incident_id incident_open(struct world *w, const struct incident_opening *o, struct slice why);

void world_act(struct world *w); /* EVENT_ACT */
/* world_assess.c: what people find out, and who holds a role; each ticks the checks that wait for it (R35). */
void world_act_assess(struct world *w);
void world_assign(struct world *w, incident_id id, struct slice role, symbol person, symbol by);
/* Acts of the system use the same flows: a rule declares, alerts recover, a day passes. */
void world_declare(struct world *w, incident_id id, symbol by, struct slice why);
void world_set_severity(struct world *w, incident_id id, int64_t level, enum severity_source source, struct slice why);
void world_resolve(struct world *w, incident_id id, symbol by, struct slice why);
void world_reopen(struct world *w, incident_id id, struct slice why); /* clocks kept; pages by paging_begin or _again */
void world_close_due(struct world *w, incident_id id);
void world_prune(struct world *w, incident_id id);

#endif
