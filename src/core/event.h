/* event.h - what happened: the only way anything gets into the rules.
 *
 * An event is a value with the one clock reading of its batch: `at` (steady ms: durations) and `wall` (UTC ms: civil
 * times). Its slices and pointers borrow from the caller and are valid for one world_step(); the world copies what it
 * keeps. The order inside a batch is the engine's: human acts and results first, then alerts, then timers due. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/policy.h"
#include "core/routing.h"
#include "core/row.h"

struct directory;
struct act;

#define EVENT_KINDS(X)                                                                                  \
    X(START, 1, "start") /* rows are loaded; we were away until now */                                  \
    X(SITE, 2, "site") /* another directory */                                                          \
    X(BUNDLE, 3, "bundle") /* a bundle: first seen, or activated */                                     \
    X(ALERTS, 4, "alerts") /* a sender said something */                                                \
    X(ACT, 5, "act") /* a person did something */                                                       \
    X(TIMER, 6, "timer") /* a durable timer is due */                                                   \
    X(RESULT, 7, "result") /* the courier knows how an attempt ended */                                 \
    X(CREDIT, 8, "credit") /* the courier can take n more on a channel */                               \
    X(COURIER_LOST, 9, "courier lost") /* what was in flight is uncertain */                            \
    X(CLOCK_SET, 10, "clock set") /* wall minus steady moved by more than 2 s */                        \
    X(TROUBLE, 11, "trouble") /* something of Tocsin's own is broken: an alarm (R13) */                 \
    X(UNJOURNALED, 12, "unjournaled") /* an attempt leaves although its row cannot be committed (P2) */ \
    X(CANARY, 13, "canary") /* one more message to nobody goes the way of all */                        \
    X(HEAD, 14, "head") /* the head of the history, to be kept elsewhere (P6) */                        \
    X(STOOD_STILL, 15, "stood still") /* time passed in which we could hear nobody (I21) */

enum event_kind {
    EVENT_UNSET = 0,
#define X(sym, code, text) EVENT_##sym = code,
    EVENT_KINDS(X)
#undef X
};

/* One alert as a wire format says it; ingest/ makes it. Labels are sorted by name, without duplicates or empty values,
 * at least one. `starts`/`ends` are UTC ms, 0 = the sender did not say. */
struct signal {
    const struct label *labels;
    size_t n_labels;
    struct slice labels_text; /* canonical: the text of ALERT rows */
    uint64_t fingerprint; /* FNV-1a 64 of labels_text */
    struct slice annotations; /* JSON text of ANNOTATIONS rows */
    struct slice
        summary; /* the annotation people read: summary, else title, else description's first line; may be empty */
    int64_t starts, ends;
};

struct event_alerts {
    struct slice sender; /* ingest key's name, "loopback", or a login for `tocsin alert` */
    const struct signal *v;
    size_t n;
};

struct event_bundle {
    bundle_id id; /* 0: a new one; the reply and the effects name it */
    const struct policy *policy; /* kept by reference: must outlive the world or its release (see world.h) */
    const struct routing *routing;
    struct slice bytes; /* stored with it */
    int64_t hash;
    bool activate; /* new incidents use it from now on, and nobody was asked */
    bool instead; /* with activate: what was in force does not compile any more, and people must be paged */
    bool found; /* the files say this now: it becomes active or is proposed, as the site's `activation` has it */
    struct slice by; /* who is behind it: who started the server, asked for a reload; empty: nobody */
    struct slice reason;
    struct slice compiler; /* version of Tocsin that compiled it */
    int64_t interpretations; /* hash of its report of readings */
    int64_t compiled; /* hash of policy and readings: another after an upgrade means other rules; 0 = not known */
    bool lost; /* `id` does not compile any more, `reason` says why: its incidents go on by the active one */
    const struct bundle *stored; /* its row, of a bundle that the world may not hold any more; NULL: a new one */
};

struct timer_key {
    int64_t subject, on, kind, rule; /* as in TIMER rows */
};

/* How an attempt ended (design: Deliveries). When in doubt, uncertain. */
#define OUTCOMES(X)                                                              \
    X(ACCEPTED, 1, "accepted") /* the provider has it */                         \
    X(REFUSED, 2, "refused") /* permanent: the next channel now */               \
    X(NOT_SENT, 3, "not sent") /* no request byte left, or 408/425/429: retry */ \
    X(UNCERTAIN, 4, "uncertain") /* it may have arrived: repeating beats losing it */

enum outcome {
    OUTCOME_UNSET = 0,
#define X(sym, code, text) OUTCOME_##sym = code,
    OUTCOMES(X)
#undef X
};

struct event_result {
    delivery_id delivery;
    int64_t attempt; /* n */
    enum outcome outcome;
    int64_t code; /* SMTP or HTTP status, 0 = none */
    struct slice detail; /* for people: "550 5.1.1 no such user", the provider's id */
    int64_t retry_after_ms; /* 0 = the provider did not say */
    struct slice provider_id; /* what the provider calls the message; may be empty */
};

struct event {
    enum event_kind kind;
    int64_t at, wall;
    uint64_t reply_to; /* the caller's ticket, 0 = nobody waits */
    union {
        struct {
            int64_t last_at, last_wall;
        } start; /* of the last commit; 0 on a new store */
        const struct directory *site;
        struct event_bundle bundle;
        struct event_alerts alerts;
        const struct act *act;
        struct timer_key timer;
        struct event_result result;
        struct {
            struct slice channel;
            int64_t n;
        } credit;
        delivery_id unjournaled;
        struct slice head; /* hexadecimal, and which link it is: one line */
        int64_t stood_still_ms;
        struct {
            struct slice what;
        } trouble; /* a sentence for the administrators */
    };
};

const char *outcome_name(enum outcome o);
const char *event_kind_name(enum event_kind k);

#endif
