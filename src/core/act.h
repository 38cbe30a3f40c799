/* act.h - what people do: the acts, and one const row a piece that CLI, API route, help, man page and OpenAPI share.
 *
 * An act always has an actor. It is answered from the step's result by one reply (effect.h). Acts are idempotent where
 * the word allows it (I14): acknowledging twice says by whom it was taken. */
#ifndef CORE_ACT_H
#define CORE_ACT_H

#include "core/event.h"

/* X(SYMBOL, number, "name on CLI and route", argument set, "summary"). Numbers are stored in timelines. */
#define ACT_KINDS(X)                                                                                                 \
    X(DECLARE, 1, "declare", "Declare an incident, or declare a logged one.")                                        \
    X(ACKNOWLEDGE, 2, "ack", "Acknowledge an incident; stops its escalation.")                                       \
    X(SEVERITY, 3, "severity", "Set or confirm the severity.")                                                       \
    X(CLASSIFY, 4, "classify", "Set the category: security, database, network …")                                    \
    X(ASSIGN, 5, "assign", "Give a role of the incident to a person.")                                               \
    X(NOTE, 6, "note", "Add a note to the timeline.")                                                                \
    X(SILENCE, 7, "silence", "Hold the pages of what matches until a time.")                                         \
    X(UNSILENCE, 8, "unsilence", "End a silence now.")                                                               \
    X(MITIGATE, 9, "mitigate", "The impact is over, the cause is not: mitigated.")                                   \
    X(RESOLVE, 10, "resolve", "The incident is resolved.")                                                           \
    X(DISMISS, 11, "dismiss", "A logged incident is nothing: dismiss it with a reason.")                             \
    X(MERGE, 12, "merge", "This incident is part of another one.")                                                   \
    X(REOPEN, 13, "reopen", "Make it active again, clocks kept.")                                                    \
    X(CHECK, 14, "check", "Tick a check of the response timeline.")                                                  \
    X(DETECTED, 15, "detected", "Correct when it was detected; reports only, clocks stay.")                          \
    X(ACTIVATE, 16, "activate", "Put procedures and routing in force: those proposed, or an earlier version.")       \
    X(PROPOSE, 17, "propose", "Propose procedures; an approver activates them.")                                     \
    X(MOVE, 18, "move", "Let an open incident follow the procedures that are in force now.")                         \
    X(SNOOZE, 19, "snooze", "Hold the clocks of a quiet incident, or the reminders of a ringing one, until a time.") \
    X(PASS, 20, "pass", "Pass a page on: to the next, or to a person you name.")                                     \
    X(REDACT, 21, "redact", "Take the text of a timeline entry out of the record; that it was there stays.")         \
    X(ASSESS, 22, "assess", "Write down what is known: the impact, the cause, how it can be mitigated.")

enum act_kind {
    ACT_UNSET = 0,
#define X(sym, code, name, summary) ACT_##sym = code,
    ACT_KINDS(X)
#undef X
        ACT_KIND_MAX
};

#define ACT_VIAS(X) X(CLI, 1, "cli") X(LINK, 2, "link") X(API, 3, "api") X(SCRIPT, 4, "script")

enum act_via {
    VIA_ITSELF = 0,
#define X(sym, code, name) VIA_##sym = code,
    ACT_VIAS(X)
#undef X
};

struct act {
    enum act_kind kind;
    enum act_via via;
    struct slice actor; /* the person's id; never empty */
    incident_id incident; /* 0 for DECLARE of a new one, SILENCE, UNSILENCE */
    incident_id into; /* MERGE */
    page_id page; /* ACKNOWLEDGE by link: which page; 0 otherwise */
    int64_t severity; /* DECLARE, SEVERITY: level; 0 = not said */
    struct slice severity_label; /* the same as a label of the document ("SEV2"); used when severity is 0 */
    struct slice service; /* DECLARE */
    struct slice category; /* CLASSIFY, DECLARE */
    struct slice role, person; /* ASSIGN; person empty = the actor; PASS: empty = the next */
    struct slice text; /* the sentence, note or reason */
    struct slice impact, cause, mitigation; /* ASSESS; empty: not said */
    struct slice matchers; /* SILENCE: canonical text */
    const struct matchers *match; /* SILENCE: the same, parsed; the world parses the text again for itself */
    int64_t starts, ends; /* SILENCE: UTC ms; starts 0 = now; SNOOZE: ends */
    silence_id silence; /* UNSILENCE; SILENCE: the one that it takes the place of, 0 = none */
    int64_t milestone, check; /* CHECK: indexes */
    int64_t entry; /* REDACT: its number in the incident's timeline */
    bool entry_out; /* REDACT: the door saw that the entry's text is out already */
    struct slice field; /* REDACT: a fact of the incident that goes with it; empty: none */
    int64_t when; /* DETECTED: UTC ms */
    bundle_id bundle; /* ACTIVATE: which; 0 = the one that is proposed */
    bool move_open; /* ACTIVATE: the open incidents follow it at once (R12) */
    struct slice overrides; /* ACTIVATE: CODE=why, one a line (R15) */
    bool administrator; /* ACTIVATE, REDACT: the door knows the actor as one: the machine's own, an admin token */
    const struct event_bundle *compiled; /* ACTIVATE, PROPOSE: never NULL when it is stepped; the shell's to fill */
};

enum arg_type {
    ARG_NONE = 0,
    ARG_INCIDENT,
    ARG_TEXT,
    ARG_SEVERITY,
    ARG_PERSON,
    ARG_ROLE,
    ARG_CATEGORY,
    ARG_SERVICE,
    ARG_MATCHERS,
    ARG_DURATION,
    ARG_TIME,
    ARG_NUMBER,
    ARG_SWITCH,
    ARG_TEXTS /* a text a time */
};

struct arg_def {
    const char *name; /* JSON key, and the word in help */
    enum arg_type type;
    bool required;
    const char *what; /* one sentence */
};

#define ACT_MAX_ARGS 6

struct act_def {
    enum act_kind kind;
    const char *name;
    const char *summary;
    struct arg_def args[ACT_MAX_ARGS + 1]; /* in the order of the command line; ends with ARG_NONE */
    const char *example; /* one command line; for acts without a command, one request */
};

bool act_is_of_incident(enum act_kind k); /* stands below an incident's route; else it has a route of its own */

extern const struct act_def act_defs[ACT_KIND_MAX]; /* by kind; [0] is empty */
const struct act_def *act_def_named(struct slice name); /* NULL when there is none */
const char *act_kind_name(enum act_kind k);
const char *act_via_name(enum act_via v);

#endif
