/* rehearse.h - runs a script through the rules on a simulated clock: nobody is paged, nothing leaves, all is told.
 *
 * The courier is simulated: every channel has room, an attempt is answered REHEARSAL_ANSWERS later, accepted unless the
 * script says otherwise. Monitors are simulated as Prometheus behaves: an alert is said again every minute with an end
 * four minutes ahead, a resolved one is said for 15 more minutes. What lies at one instant happens in this order: the
 * script's lines, answers, alerts, timers, expectations. The same input gives the same output and the same trace (I30).
 * Source: requirement R162's ground, design (functional core), docs/rehearsing.md. */
#ifndef ENGINE_REHEARSE_H
#define ENGINE_REHEARSE_H

#include "engine/script.h"
#include "engine/stage.h"

#define REHEARSAL_ANSWERS (100) /* ms from an attempt to its answer */
#define REHEARSAL_HANGS (30 * SECOND) /* and from one whose fate nobody learns */

/* What a line of the story is about; the words stand in --format jsonl (issue: the contract of its objects). */
#define TOLD_KINDS(X)              \
    X(ALERT, 1, "alert")           \
    X(INCIDENT, 2, "incident")     \
    X(PAGE, 3, "page")             \
    X(ACK, 4, "ack")               \
    X(ESCALATION, 5, "escalation") \
    X(MESSAGE, 6, "message")       \
    X(PROMPT, 7, "prompt")         \
    X(MILESTONE, 8, "milestone")   \
    X(LATE, 9, "late")             \
    X(TRIGGER, 10, "trigger")      \
    X(STATE, 11, "state")          \
    X(ROLE, 12, "role")            \
    X(ALARM, 13, "alarm")

enum told_kind {
    TOLD_UNSET = 0, /* of the story alone: the script's own words, a failed expectation */
#define X(sym, code, text) TOLD_##sym = code,
    TOLD_KINDS(X)
#undef X
};

const char *told_kind_name(enum told_kind k);

struct told { /* texts live in the report's arena */
    int64_t t, wall; /* ms since the start; UTC ms */
    enum told_kind kind;
    bool aside; /* not in the story for people: only noise there */
    bool missed; /* says that an expectation does not hold: shown with the verdict, not around others */
    incident_id incident; /* 0 = none */
    struct slice role, who, channel; /* ids; empty = none */
    int64_t line; /* of the procedures, with its file (POLICY_LINE); 0 = none */
    struct slice file; /* where the procedures are several documents; else empty */
    struct slice word; /* of a timeline entry ("logged"); ">" for the script's own words; may be empty */
    struct slice text; /* a sentence, without word, time and incident */
    bool placed; /* the text says file or line already */
    enum expect_kind expect; /* what an expectation would ask for to find it; UNSET: nothing */
    struct slice asked; /* and by which word; may be empty */
};

struct rehearsal_outcome {
    unsigned expectations, unmet; /* unmet: of them */
    unsigned stumbles; /* lines that could not be played: acts that were refused, names that do not exist */
    unsigned pages, people; /* pages made, and how many different people got one */
    unsigned broken; /* guarantees that did not hold: faults in Tocsin */
    uint64_t trace;
};

struct verdict { /* on an expectation, or on a line that could not be played */
    const struct script_command *command;
    bool holds;
    struct slice why; /* empty when it holds */
    size_t told; /* so many lines had been told then */
};

struct unreached { /* a way in which a page reached nobody */
    struct slice text; /* a sentence that is the same whenever the cause is */
    int64_t line; /* of the procedures, with its file; 0 = none */
    struct slice file;
};

struct rehearsal_report {
    struct arena *arena;
    const struct script *script;
    VEC(struct told) told;
    VEC(struct verdict) verdicts;
    VEC(struct unreached) unreached; /* of incidents and pages that are still in the world at the end */
    struct rehearsal_outcome outcome;
};

/* `o->wall` is taken from the script, which must outlive the report. */
void rehearsal_run(const struct stage_options *o, const struct script *script, struct rehearsal_report *report);
void rehearsal_release(struct rehearsal_report *report);

/* The story for people: a line each, then each failed expectation with the script around it. */
void rehearsal_print_story(const struct rehearsal_report *report, struct buf *out);
/* Test points, numbered on from `*n`: an expectation each; a failed one with the story around it as comments. */
void rehearsal_print_tap(const struct rehearsal_report *report, struct buf *out, unsigned *n);
/* One JSON object a line (docs/rehearsing.md has the table). */
void rehearsal_print_jsonl(const struct rehearsal_report *report, struct buf *out);
bool rehearsal_is_good(const struct rehearsal_outcome *o);

#endif
