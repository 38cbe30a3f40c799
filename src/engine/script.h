/* script.h - a rehearsal's script: what happens when, and what is expected (docs/rehearsing.md).
 *
 * Pure: bytes in, commands in order of time out, or one error with line and column that says what is expected there.
 * Texts are slices of the script or of the arena; both must outlive it. What a name means (a person, a channel, a role)
 * is the runner's to know: the reader knows words and forms alone. Bounded: 1 MiB, 20,000 commands, 400 days.
 * Never true: a line that is neither blank nor comment and is not a command. */
#ifndef ENGINE_SCRIPT_H
#define ENGINE_SCRIPT_H

#include "core/act.h"

struct arena;

#define SCRIPT_MAX_BYTES ((size_t)1 << 20)
#define SCRIPT_MAX_COMMANDS 20000u
#define SCRIPT_MAX_MS (400 * DAY)
#define SCRIPT_MAX_LABELS 64

#define SCRIPT_VERBS(X)                                                      \
    X(ALERT, 1) /* a sender says it, and again every minute unless `once` */ \
    X(RECOVER, 2) /* the same sender says that it is resolved */             \
    X(SILENT, 3) /* a sender says nothing any more */                        \
    X(TALKS, 4) /* and speaks again */                                       \
    X(ACT, 5) /* a person does something */                                  \
    X(CHANNEL, 6) /* how a channel answers from now on */                    \
    X(PERSON, 7) /* whether a person's addresses take messages */            \
    X(DOWN, 8) /* Tocsin is away for a while; 0 = it restarts at once */     \
    X(CLOCK, 9) /* somebody sets the wall clock */                           \
    X(COURIER, 10) /* the courier is lost and comes back */                  \
    X(EXPECT, 11)                                                            \
    X(SCENARIO, 12) /* somebody opens a runbook for an incident */           \
    X(PUBLISH, 13) /* somebody publishes an update, the postmortem … */

enum script_verb {
    SCRIPT_UNSET = 0,
#define X(sym, code) SCRIPT_##sym = code,
    SCRIPT_VERBS(X)
#undef X
};

/* How a channel takes what it is given. */
#define CHANNEL_MOODS(X)                                      \
    X(WORKS, 1, "works") /* accepted */                       \
    X(FAILS, 2, "fails") /* refused: the next kind at once */ \
    X(BUSY, 3, "busy") /* not sent: later */                  \
    X(HANGS, 4, "hangs") /* nobody knows: uncertain */

enum channel_mood {
    MOOD_UNSET = 0,
#define X(sym, code, text) MOOD_##sym = code,
    CHANNEL_MOODS(X)
#undef X
};

/* X(SYMBOL, number, word, of an instant: "exactly then", and with `no` "never so far"). */
#define EXPECT_KINDS(X)                      \
    X(PAGE, 1, "page", true)                 \
    X(NOTIFICATION, 2, "notification", true) \
    X(POST, 3, "post", true)                 \
    X(TOLD, 4, "told", true)                 \
    X(RING, 5, "ring", true)                 \
    X(ALARM, 6, "alarm", true)               \
    X(LATE, 7, "late", true)                 \
    X(ENTRY, 8, "entry", true)               \
    X(STATE, 9, "state", false)              \
    X(SEVERITY, 10, "severity", false)       \
    X(ROLE, 11, "role", false)               \
    X(CHECK, 12, "check", false)             \
    X(PAGES, 13, "pages", false)             \
    X(INCIDENTS, 14, "incidents", false)     \
    X(PROMPT, 15, "prompt", true)            \
    X(UPDATES, 16, "updates", false)

enum expect_kind {
    EXPECT_UNSET = 0,
#define X(sym, code, text, instant) EXPECT_##sym = code,
    EXPECT_KINDS(X)
#undef X
};

struct expectation {
    enum expect_kind kind;
    bool none; /* `no` */
    bool so_far; /* at any time up to now */
    incident_id incident; /* 0 = any; for what an incident is: the newest */
    struct slice what; /* role or person, channel, milestone, word … ; may be empty: anybody */
    struct slice value; /* kind of contact (`by`), person, state of a check */
    int64_t number; /* PAGES, INCIDENTS; UPDATES: in time */
    int64_t of; /* UPDATES: of so many that fell due */
    int64_t since; /* `no …`: from then on; 0 = from the start */
};

struct script_command {
    enum script_verb verb;
    int64_t t; /* ms since `start` */
    unsigned line, col;
    struct slice text; /* behind the time, as written */
    struct slice name; /* sender, channel, person; the id of a check or a scenario; what is published */
    const struct label *labels; /* ALERT, RECOVER: sorted by name */
    size_t n_labels;
    bool once; /* ALERT: not said again */
    enum channel_mood mood; /* CHANNEL, PERSON */
    int64_t ms; /* DOWN: how long; CLOCK: by how much; PUBLISH: until the next update */
    struct act
        act; /* ACT: actor and incident may be missing, the runner completes them; PUBLISH: incident, actor, text */
    int64_t lasts; /* ACT silence: for so long; 0 = the default */
    bool refused; /* ACT, PUBLISH: the answer is expected to be no */
    struct expectation expect; /* SCENARIO: its incident alone */
};

struct script {
    struct slice file; /* for messages */
    struct slice text;
    int64_t start; /* UTC ms of T+0 */
    const struct script_command *v;
    size_t n;
};

/* 0, or ERR_SYNTAX / ERR_LIMIT with the place. `a` (without a limit) owns what is made. */
int script_read(struct arena *a, struct slice file, struct slice text, struct script *out, struct error *e);
/* "T+05:00.000", "T+1:00:00.000". */
void script_print_time(int64_t t, struct buf *out);
const char *expect_kind_name(enum expect_kind k);
bool expect_kind_is_instant(enum expect_kind k);
const char *channel_mood_name(enum channel_mood m);

#endif
