/* state.h - what the world is made of: tables of rows, symbols, timers, and the bookkeeping of one step.
 *
 * For the rules in core/ alone; everybody else sees world.h. Reading is `noun_get(w, id)` (NULL when there is none),
 * changing is `noun_edit(w, id)`, which marks the row for the batch; a row is never changed through a getter.
 * Pointers stay valid until their row is deleted. During a step `w->ev` is the event and `w->fx` takes the effects.
 * Always: an edited incident has an entry that explains the edit by the end of the step (I19). */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "base/check.h"
#include "core/act.h"
#include "core/alert_table.h"
#include "core/directory.h"
#include "core/timeline.h"

#define SUBJECT_KINDS(X) X(INCIDENT, 1) X(PAGE, 2) X(DELIVERY, 3) X(ALERT, 4) X(SILENCE, 5) X(TEAM, 6) X(SENDER, 7)
#define X(sym, code) SUBJECT_##sym = code,
enum subject_kind { SUBJECT_UNSET = 0, SUBJECT_KINDS(X) };
#undef X

/* Stored; never renumbered. Ties at one instant run in this order. `rule` holds what the last column names. */
#define TIMER_KINDS(X)                                                                                \
    X(ALERT_END, 1, "alert: its endsAt has passed; in memory only, from ALERT_LIVE rows")             \
    X(RECOVERED, 2, "incident: all alerts resolved for 5 minutes (R150)")                             \
    X(SILENCE_START, 3, "silence")                                                                    \
    X(SILENCE_END, 4, "silence")                                                                      \
    X(NO_RESPONSE, 5, "incident, rule * 16 + step: not acknowledged for the rule's time (A15)")       \
    X(NO_RESOLUTION, 6, "incident, rule: not resolved for the rule's time (A17)")                     \
    X(ROUND, 7, "incident: next in the rounds after the chain's end (A16)")                           \
    X(UNANSWERED, 8, "page: a commander's page that nobody answered (A15)")                           \
    X(NEXT_KIND, 9, "page: 60 s without an answer, the person's next kind (P5)")                      \
    X(RETRY, 10, "delivery: try again")                                                               \
    X(GIVE_UP, 11, "page: nothing accepted for too long, alarm (P5)")                                 \
    X(MILESTONE, 12, "incident, milestone index: T+n is here (R40)")                                  \
    X(CLOSE, 13, "incident: resolved long enough to close")                                           \
    X(MORNING, 14, "team: the list at the start of a working day (A16)")                              \
    X(RING_LATER, 15, "incident: quiet, unanswered, the working day begins")                          \
    X(PRUNE, 16, "incident: closed for a day, leaves the world")                                      \
    X(HOLD, 19, "incident: look again whether silences hold it, once it has stopped flapping (R152)") \
    X(STILL_ON_IT, 20, "incident: nobody touched it since it was acknowledged (R147)")                \
    X(SNOOZE_END, 21, "incident: snoozed until now (R43)")

enum timer_kind {
    TIMER_UNSET = 0,
#define X(sym, code, what) TIMER_##sym = code,
    TIMER_KINDS(X)
#undef X
};

/* One row in a table. Behind its integers stands what its kind needs: an owned text, or an incident's lists. */
struct slot {
    uint64_t stamp; /* batch << MARK_BITS | index of its mark in that batch */
    int64_t v[];
};
#define MARK_BITS 24

struct table {
    struct imap *rows; /* key -> struct slot * */
    struct imap *gone; /* keys deleted in this batch -> mark */
    VEC(void *) slabs; /* slots side by side, owned */
    size_t in_slab, slab_size; /* slots taken from the newest slab, and how many it has */
    struct slot *free; /* given back; linked by v[0] */
    struct slot **recent; /* of kinds with an id: RECENT slots that were asked for, each where its id falls */
};

typedef VEC(int64_t) id_list;

struct incident_extra { /* what an incident holds, by id in order of creation; rebuilt at load */
    struct incident before; /* its row before this step, valid when step == world's */
    uint64_t step;
    uint64_t touched; /* step in which alerts touched it; `touch` is then its place in world's `touches` */
    size_t touch;
    size_t last_entry; /* place of its last entry in the effects, while they hold it */
    uint64_t reopened; /* step in which that entry, made by an earlier one, was reopened */
    struct slice said_first; /* what alerts did (SAIDS): the words about the first of them in that entry, ... */
    int64_t said; /* ... and how many they are */
    int64_t flapping_at; /* last FLAPPING entry (R155) */
    alert_id
        loud; /* one of its alerts that fired and that no silence covered when it was last looked at, 0 = none known */
    id_list alerts, pages, deliveries; /* an alert that went to another incident stays listed: ask its row */
};

/* Rows are integers and a text for everybody outside: the one of each kind that was asked for last. */
struct alerts_shown {
    struct alert row;
    struct alert_live live;
    struct buf text; /* of `row` */
};

struct alert_touch; /* world_intake.h */
struct judged; /* world_judge.c */

struct bundle_use {
    bundle_id id;
    const struct policy *policy;
    const struct routing *routing;
    bool otherwise; /* compiled again it means something else than when it was stored: told at the start */
};

struct timer_node {
    int64_t due, tie;
    struct timer *t;
};

enum { SYMBOLS_SAID = 16 };

struct world {
    uint64_t hash_key;
    struct world_limits_kept {
        int64_t alerts, bytes;
    } limits;
    struct table tables[ROW_KIND_MAX];
    struct smap *symbols; /* text -> symbol */
    symbol said[SYMBOLS_SAID]; /* of texts that were said of late, each where its text falls; 0 = none */
    struct imap *annotation_sets; /* hash -> id (first of that hash) */
    struct alert_table *alerts; /* ALERT and ALERT_LIVE rows; `tables` has none of them */
    struct alerts_shown *shown; /* their rows while somebody outside looks at one (world_read.c) */
    VEC(struct timer_node) timers; /* a heap: the next one first */
    struct imap *timers_armed; /* subject and what it is -> a bit for each kind that is armed for it */
    struct imap *timer_counts; /* incident and kind -> how many are armed, of the kinds with one a rule */
    struct imap *groups; /* group key -> newest incident of it (grouping.c) */
    incident_id grouped; /* incidents up to this one are in `groups` */
    struct imap *silences; /* silence in force or to come -> struct silence_kept *, owned (silence.c) */
    struct imap *senders; /* {sender, 0} -> its firing alerts; {sender, 1} -> it re-sends: 1 */
    struct imap *annotation_uses; /* annotation set -> alerts that have it */
    int64_t annotated; /* the set that was looked for last */
    VEC(struct alert_touch) touches; /* incidents that this step's alerts touched */
    struct judged *judged; /* what routing made of alerts of late; NULL before the first */
    const struct directory *directory;
    VEC(struct bundle_use) bundles;
    bundle_id active;
    struct smap *credits; /* channel -> attempts that may begin */
    id_list waiting; /* deliveries that wait for credit, in order of queueing */
    struct imap *reaches; /* one address of a person -> struct reach *, owned (budget.c) */
    int64_t bytes; /* of texts held */
    bool started;
    /* of this step */
    const struct event *ev;
    struct effects *fx;
    uint64_t batch, step;
    size_t first_entry;
    VEC(incident_id) edited;
};

/* --- rows --- */
void *state_get(const struct world *w, enum row_kind kind, struct ikey k);
void *state_edit(struct world *w, enum row_kind kind, struct ikey k); /* marks; CHECKs that it is there */
/* A new row with its key fields set; for kinds with an id of their own key[0] 0 takes the next number. */
void *state_add(struct world *w, enum row_kind kind, const int64_t *key);
void state_set_text(struct world *w, enum row_kind kind, struct ikey k, struct slice text); /* copies */
struct slice state_text(const struct world *w, enum row_kind kind, struct ikey k);
bool state_row(const struct world *w, enum row_kind kind, struct ikey k, struct row *out); /* both at once; false: none */
void state_delete(struct world *w, enum row_kind kind, struct ikey k);
/* for (size_t at = 0; (row = state_next(w, ROW_PAGE, &at)) != NULL;) — deleting the current row is allowed. */
void *state_next(const struct world *w, enum row_kind kind, size_t *at);
bool state_next_row(const struct world *w, enum row_kind kind, size_t *at, struct row *out);
size_t state_count(const struct world *w, enum row_kind kind);

#define STATE_ACCESS(sym, name)                                                                 \
    static inline struct name *name##_get(const struct world *w, int64_t id)                    \
    {                                                                                           \
        return id == 0 ? NULL : (struct name *)state_get(w, ROW_##sym, (struct ikey){ id, 0 }); \
    }                                                                                           \
    static inline struct name *name##_edit(struct world *w, int64_t id)                         \
    {                                                                                           \
        return (struct name *)state_edit(w, ROW_##sym, (struct ikey){ id, 0 });                 \
    }                                                                                           \
    static inline struct name *name##_add(struct world *w)                                      \
    {                                                                                           \
        return (struct name *)state_add(w, ROW_##sym, (int64_t[]){ 0 });                        \
    }
STATE_ACCESS(INCIDENT, incident)
STATE_ACCESS(PAGE, page)
STATE_ACCESS(DELIVERY, delivery)
STATE_ACCESS(SILENCE, silence)
STATE_ACCESS(ANNOTATIONS, annotations)
#undef STATE_ACCESS

struct incident_extra *incident_extra(const struct world *w, incident_id id);

/* --- alerts: packed (alert_table.h), otherwise as above --- */
const struct alert_kept *alert_get(const struct world *w, alert_id id);
const struct live_kept *live_get(const struct world *w, alert_id id);
struct alert_kept *alert_edit(struct world *w, alert_id id);
struct live_kept *live_edit(struct world *w, alert_id id);
struct live_kept *live_edit_first(struct world *w, alert_id id); /* of a new alert that fires: its own row tells it */
const struct alert_shared *alert_shared(const struct world *w, const struct alert_kept *a); /* until the next share */
void alert_share(struct world *w, alert_id id, const struct alert_shared *shared); /* an edit */
struct alert_changes alert_changes(const struct world *w, alert_id id);
void alert_put_changes(struct world *w, alert_id id, struct alert_changes changes); /* an edit */
alert_id alert_named(const struct world *w, uint64_t fingerprint, struct slice labels_text); /* 0: never heard of */
void alerts_expect(const struct world *w, const struct signal *v, size_t n); /* alert_named() and _add() come next */
alert_id alert_add(struct world *w, uint64_t fingerprint, struct slice labels_text); /* its row, marked */
bool alert_waits(const struct world *w, alert_id id); /* for this batch's commit */
void alert_forget(struct world *w, alert_id id); /* out of memory, not out of the store */
const struct alert_kept *alert_next(const struct world *w, size_t *at); /* as state_next() */
/* The labels of an alert, borrowed from the world while it is there. Returns how many. */
size_t alert_labels(const struct world *w, alert_id id, struct label out[LABELS_MAX]);

/* --- texts --- */
symbol symbol_of(struct world *w, struct slice text); /* interns; 0 for the empty text */
struct slice symbol_text(const struct world *w, symbol s);
/* A person as people know them: the site's name, or the login of somebody who left the site. */
struct slice text_person(const struct world *w, symbol person);
/* The parts one after the other, living until the batch ends. */
struct slice text_joined(struct world *w, const struct slice *parts, size_t n);
#define TEXT(w, ...)                                        \
    text_joined((w), (const struct slice[]){ __VA_ARGS__ }, \
                sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice))
int64_t annotations_intern(struct world *w, struct slice json);
/* No alert has it any more: out of memory, and of the store too unless the alerts that had it are history there. */
void annotations_remove(struct world *w, int64_t set, bool stored_too);

/* --- timers (style: the earlier wins; to postpone is to cancel, then arm) --- */
bool timer_arm(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule,
               int64_t due_at);
bool timer_arm_wall(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule,
                    int64_t due_wall);
bool timer_cancel(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule);
int64_t timer_due(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind,
                  int64_t rule); /* 0: not armed */
void timers_cancel_subject(struct world *w, enum subject_kind on, int64_t subject); /* every kind and rule */
void timers_cancel_kind(struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind);

/* --- the policy and directory at hand --- */
/* Of the incident's bundle, as it is for the incident's team and service; never NULL. */
const struct policy *state_policy(const struct world *w, incident_id id);
const struct policy *state_active_policy(const struct world *w); /* never NULL: an empty policy before the first */
const struct routing *state_active_routing(const struct world *w); /* may be NULL */

/* --- effects --- */
/* One timeline entry of an incident (0 = the system's). The text is the slices one after the other. The actor is the
 * act's, if this step is an act. The returned entry may be given rule, line; valid until the next entry. */
struct entry *timeline_add(struct world *w, incident_id id, enum entry_kind kind, int64_t ref,
                           const struct slice *parts, size_t n);
/* The entry that the incident's timeline ends with, to be given another text: of this kind, of this instant, and not yet
 * offered to anybody. It then explains this step as well. NULL: there is none, a new entry is due. */
struct entry *timeline_reopen(struct world *w, incident_id id, enum entry_kind kind);
#define SAY(w, id, kind, ref, ...)                                                \
    timeline_add((w), (id), (kind), (ref), (const struct slice[]){ __VA_ARGS__ }, \
                 sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice))
void reply_now(struct world *w, int code, incident_id id, int64_t made, const struct slice *parts, size_t n);
#define REPLY(w, code, id, made, ...)                                           \
    reply_now((w), (code), (id), (made), (const struct slice[]){ __VA_ARGS__ }, \
              sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice))
/* Texts that live until the batch ends, for use as parts. */
struct slice text_int(struct world *w, int64_t v);
struct slice text_incident(struct world *w, incident_id id); /* "INC-7" */
struct slice text_time(struct world *w, int64_t wall); /* RFC 3339, UTC */
struct slice text_duration(struct world *w, int64_t ms); /* "5 min", "1 h 30 min", "45 s" */

symbol state_actor(struct world *w); /* of the act being stepped; 0 = Tocsin itself */

#endif
