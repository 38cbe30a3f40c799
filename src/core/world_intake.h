/* world_intake.h - what the files world_alert*.c and world_silence.c share and nobody else calls.
 *
 * A step that brings alerts runs in two halves: first every alert changes its own row and *touches* its incident, then
 * each touched incident is settled once: its entries, severity, declaration, recovery, pages. So the timeline gets one
 * entry of a kind an incident and event, however many alerts came; and where the next event of the same batch says the
 * same kind of thing of the incident, that entry grows (timeline_reopen) instead of being followed by another. */
#ifndef CORE_WORLD_INTAKE_H
#define CORE_WORLD_INTAKE_H

#include "core/world_parts.h"

/* What alerts of an incident did in this step: X(SYMBOL, number, entry, words behind the alert's name). */
#define SAIDS(X)                                                               \
    X(JOINED, 0, ALERT_JOINED, " joined")                                      \
    X(RESUMED, 1, ALERT_RESUMED, " fires again")                               \
    X(RESOLVED, 2, ALERT_RESOLVED, " resolved")                                \
    X(EXPIRED, 3, ALERT_EXPIRED, " expired: its sender stopped re-sending it") \
    X(FLAPPING, 4, FLAPPING, " is flapping: 4 or more changes in 10 min")      \
    X(MISSED, 5, HEARTBEAT, ": the heartbeat is missed")                       \
    X(BEATS, 6, HEARTBEAT, ": the heartbeat is back")
enum said {
#define X(sym, number, entry, words) SAID_##sym = number,
    SAIDS(X)
#undef X
        SAID_MAX
};

struct alert_touch {
    incident_id incident;
    bool opened; /* in this step: nobody has been told of it yet */
    bool reopens; /* it was resolved and fires again */
    bool loud; /* one that no silence covers joined or fires again */
    bool fires_again; /* one that came back under a silence may say so now */
    size_t hushed; /* how many came under a silence and said nothing yet */
    int64_t n[SAID_MAX];
    alert_id first[SAID_MAX]; /* of those n */
    alert_id new_name; /* the first whose alertname the incident did not have, 0 = none */
    alert_id worst; /* the most severe of those that joined, 0 = none joined */
    enum severity_source worst_source;
    struct slice declares; /* why this is declared at once; empty = it is not */
    struct slice category; /* a rule's, for an incident that has none of its own */
};

/* What routing makes of an alert (world_judge.c). */
struct judgement {
    const struct routing_rule *rule; /* may be NULL */
    struct severity_verdict verdict;
    int service; /* index, -1 = none matched */
    int team; /* index; of the service, else who gets what matches none; -1 = no directory */
    enum alert_reason reason; /* why it opens nothing; REASON_NONE when it does */
    symbol reason_text, service_id;
    int64_t group_key;
};
struct judgement judge_signal(struct world *w, const struct signal *s, symbol sender);
struct slice judged_service(const struct world *w, const struct judgement *j); /* ids; empty = none */
struct slice judged_team(const struct world *w, const struct judgement *j);
/* Nobody claims it: neither a service nor its sender's key says whose it is (R161). */
bool judged_unrouted(const struct world *w, const struct judgement *j);

/* The touch of this incident in this step, made on first use. Valid until the next call. */
struct alert_touch *intake_touch(struct world *w, incident_id id);
void intake_said(struct world *w, incident_id id, enum said what, alert_id alert);
/* What the alert could not say for a silence it says in this touch; one that said all: no effect (R152). */
void intake_speak(struct world *w, struct alert_touch *t, alert_id alert);
/* The second half: settles every touched incident in order of being touched, and forgets the touches. */
void intake_settle(struct world *w);

/* The severity that an alert argues for. */
static inline int64_t alert_level(const struct world *w, alert_id id)
{
    return alert_shared(w, alert_get(w, id))->severity;
}

static inline struct sender *sender_get(const struct world *w, symbol sender)
{
    return sender == 0 ? NULL : state_get(w, ROW_SENDER, (struct ikey){ sender, 0 });
}

/* One more or one less alert has this annotation set; one that nobody has leaves, from the store too if so said. */
void annotations_count(struct world *w, int64_t set, int64_t by, bool stored_too);
/* An alert went from firing to not or back: its sender's count, its incident's, flapping, the heap of ends. */
void alert_went(struct world *w, alert_id id, int64_t from, int64_t to);
/* Are all alerts of the incident reported resolved: none firing, none expired, no sender of it silent? */
bool incident_is_quiet(const struct world *w, incident_id id);
/* Arms TIMER_RECOVERED anew; a flapping incident waits until it has not flapped for as long as that counts. */
void recovery_wait(struct world *w, incident_id id);
void recovery_ends(struct world *w, incident_id id); /* it had recovered and is not over: both clocks go on */
/* The sender says something again: its silence, if it had fallen silent, is over. */
void sender_speaks(struct world *w, symbol sender);
/* Its last firing alert expired: if it re-sent some alert at least twice, its silence pages once (R150). */
void sender_fell_silent(struct world *w, symbol sender, alert_id last);
/* A heartbeat that had been re-sent twice stopped, be it that its end passed or that its sender took it back (an
 * Alertmanager in between does, for a Prometheus that died): it opens an incident, or joins that of its sender's silence.
 * While it is missed it belongs there; when it is back it leaves (R156). Anything else: no effect. */
void heartbeat_missed(struct world *w, alert_id id, int64_t since);
struct slice text_hour(struct world *w, int64_t wall); /* "03:00 CET" on the organisation's clocks */
/* The title of the alert's label set, living until the batch ends. */
struct slice alert_words(struct world *w, alert_id id);
#endif
