/* audit.h - Tocsin looks at itself: is everything there that the next page needs?
 *
 * A list of checks, each with a state and one sentence. OK; WARNING: people should know, pages leave all the same;
 * FAILING: a page may not reach anybody now, so the outbound heartbeat stops until it does (P5). Looked at every 15 s by
 * auditor.h; shown by `tocsin status`, GET /api/v1/status, /metrics, and, while something fails, above every list.
 *
 * The functions here are pure on what they are given: the world, the house's facts, one instant. A check that was not
 * looked at is UNSET. Sources: P4, P5, I9, I28; docs/operating.md says what each means and what to do. */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include "base/buf.h"
#include "base/vec.h"
#include "core/world.h"
#include "sys/clock.h"

/* X(SYMBOL, number, word: /metrics and the API name it so) */
#define AUDIT_CHECKS(X)                                                                            \
    X(TIMERS, 1, "timers") /* no timer is overdue by more than a second (P4) */                    \
    X(DELIVERIES, 2, "deliveries") /* no page waits for its turn for more than 60 s (I9) */        \
    X(PAGES, 3, "pages") /* every page, loud or quiet, was taken by a provider within 60 s (P5) */ \
    X(STORE, 4, "store") /* it can be written and read */                                          \
    X(SPOOL, 5, "spool") /* it is there, and can be written */                                     \
    X(COURIER, 6, "courier") /* it is connected */                                                 \
    X(CHANNELS, 7, "channels") /* what was sent last was taken */                                  \
    X(CANARY, 8, "canary") /* a message to nobody came back in time */                             \
    X(ON_CALL, 9, "on_call") /* every service's first page finds somebody reachable now */         \
    X(GAPS, 10, "gaps") /* and at any time in the next 14 days */                                  \
    X(WAKING, 11, "waking") /* who may be paged, and who is alarmed, has a way that wakes */       \
    X(HISTORY, 12, "history") /* it is the one that was sealed (P6) */                             \
    X(HELD, 13, "held") /* it is no restored copy that is held */                                  \
    X(HEARTBEAT, 14, "heartbeat") /* a URL is set, and takes it */                                  \
    X(PROCEDURES, 15, "procedures") /* no override of what is in force has ended, or ends soon */  \
    X(LIMITS, 16, "limits") /* there is room for alerts that are not known yet (I23) */

enum audit_check {
    AUDIT_UNSET = 0,
#define X(sym, code, text) AUDIT_##sym = code,
    AUDIT_CHECKS(X)
#undef X
        AUDIT_CHECK_MAX
};

#define AUDIT_STATES(X) X(OK, 1, "ok") X(WARNING, 2, "warning") X(FAILING, 3, "failing")

enum audit_state {
    AUDIT_STATE_UNSET = 0,
#define X(sym, code, text) AUDIT_##sym = code,
    AUDIT_STATES(X)
#undef X
};

struct audit {
    int64_t wall; /* UTC ms of the look; 0: none yet */
    int64_t since; /* steady: since when somebody is there; what became late before is late from here on. 0: always was */
    struct audit_line {
        enum audit_state state;
        struct buf text; /* one sentence without a stop; of the worst that was found */
    } lines[AUDIT_CHECK_MAX];
};

#define AUDIT_TEXT_MAX 400

void audit_reset(struct audit *a, int64_t wall);
void audit_release(struct audit *a); /* frees the texts */
void audit_copy(struct audit *to, const struct audit *from);
/* The worse of what the line says and this; of equals the first stays. */
void audit_note(struct audit *a, enum audit_check check, enum audit_state state, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void audit_store_fails(struct audit *a); /* notes that the last commit failed */
enum audit_state audit_worst(const struct audit *a); /* UNSET: not looked yet */
const char *audit_check_name(enum audit_check c);
const char *audit_state_name(enum audit_state s);

/* TIMERS, DELIVERIES, PAGES, CANARY, ON_CALL, GAPS, WAKING, LIMITS. `now` is the world's pair. */
void audit_world(struct audit *a, const struct world *w, struct moment now);

/* How a channel answered lately. */
struct audit_channel {
    struct slice name;
    int64_t failures; /* since the last acceptance */
    int64_t failing_since; /* steady ms of the first of them */
    struct slice problem; /* why nothing can leave by it, as the courier says; empty: nothing is known; borrowed */
};

struct audit_facts {
    bool store_fails; /* the last commit failed */
    struct slice store_unread; /* why what was committed last cannot be read; empty: it was; borrowed */
    int64_t committed_ago_ms;
    bool no_spool, spool_fails;
    bool courier; /* connected */
    int64_t courier_since; /* steady ms: since when it is, or is not */
    const struct audit_channel *channels; /* of the site, that something was sent by */
    size_t n_channels;
    bool history_broken, held;
    bool heartbeat; /* a URL is set */
    int64_t beats_failed; /* since the last that was taken */
    struct slice overrides; /* of the active bundle, that have ended or end soon: a line each; borrowed */
};

/* STORE, SPOOL, COURIER, CHANNELS, HISTORY, HELD, HEARTBEAT, PROCEDURES. `d` says which channels there are. */
void audit_house(struct audit *a, const struct audit_facts *f, const struct directory *d, int64_t at);

#endif
