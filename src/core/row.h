/* row.h - every struct that is stored: one struct, one table, one list of fields.
 *
 * A row is integers, and for a few kinds one text at the end. From the lists below come the structs, the schema, bind
 * and read in every store, the trace hash and the comparison in the memory store: there is no second list anywhere.
 * Texts that repeat (people, services, labels, titles) are symbols; the table of symbols is itself stored.
 *
 * A field is X(name, flags, "what it is"). KEY fields come first and identify the row; LIVE fields change without a
 * timeline entry (counters, what alerts say); every other change of an incident must be explained by an entry (I19).
 * Instants called `…_at` are steady ms, `…_wall` UTC ms; 0 = not yet. Released fields are never renamed or reordered:
 * a new one goes to the end, with a migration. */
#ifndef CORE_ROW_H
#define CORE_ROW_H

#include <stdbool.h>

#include "base/map.h"
#include "base/slice.h"
#include "core/ids.h"

enum { ROW_PLAIN = 0, ROW_KEY = 1, ROW_LIVE = 2 };
/* A hundred thousand alerts are the rule: their fields say in how many bits the world keeps them (alert_table.h). Rows
 * themselves are 64-bit integers everywhere. ID 40: 10^12 alerts; SYMBOL 32; INSTANT 50: any year of four digits. */
#define ROW_BITS(n) ((n) << 8)
#define ROW_WIDTH(flags) ((flags) < ROW_BITS(1) ? 64 : (flags) >> 8)
enum { BITS_ID = ROW_BITS(40), BITS_SYMBOL = ROW_BITS(32), BITS_INSTANT = ROW_BITS(50) };

#define SYMBOL_FIELDS(X) X(id, ROW_KEY, "symbol; the text is what it stands for")
#define ANNOTATIONS_FIELDS(X)                                                                    \
    X(id, ROW_KEY, "annotation set; the text is JSON ready to send, {annotations,generatorURL}") \
    X(hash, ROW_PLAIN, "of the text")
#define BUNDLE_FIELDS(X)                                                                    \
    X(id, ROW_KEY, "bundle; the text is its bytes: documents and routing")                  \
    X(active, ROW_PLAIN, "1 = new incidents use it")                                        \
    X(activated_wall, ROW_PLAIN, "when")                                                    \
    X(activated_by, ROW_PLAIN, "symbol of the person, 0 = automatic")                       \
    X(hash, ROW_PLAIN, "of the bytes, first 8 bytes of BLAKE2b")                            \
    X(waiting, ROW_PLAIN, "1 = proposed, and nobody has decided yet: at most one is (R11)") \
    X(proposed_wall, ROW_PLAIN, "when")                                                     \
    X(proposed_by, ROW_PLAIN, "symbol of its author, 0 = found on disk")                    \
    X(proposed_why, ROW_PLAIN, "symbol: the author's sentence")                             \
    X(compiled, ROW_PLAIN, "hash of what it compiled to when that was last told; 0 = not known")
#define SENDER_FIELDS(X)                                                                 \
    X(id, ROW_KEY, "symbol of the ingest key's name, or `loopback`")                     \
    X(last_wall, ROW_LIVE, "last time it said anything")                                 \
    X(resends, ROW_LIVE, "times it re-sent an alert it had sent before")                 \
    X(silent_since_wall, ROW_PLAIN, "0 = talking; else when all its alerts had expired") \
    X(incident, ROW_PLAIN, "the incident that its silence opened")
/* A new alert is one row. Its last six fields are what ALERT_LIVE has, as they were when this row was written; as soon
 * as there is an ALERT_LIVE row, that is newer, and this one is written again only when something else changes. But for
 * `state`, which both have right: a change of it changes this row too. What does not fire has an ALERT_LIVE row. */
#define ALERT_FIELDS(X)                                                                          \
    X(id, ROW_KEY, "alert; the text is its identity: name 0xFF value 0xFF …, sorted by name") \
    ALERT_SHARED(X)                                                                              \
    ALERT_VALUES(X)                                                                              \
    ALERT_CHANGES(X)                                                                             \
    ALERT_LIVE_VALUES(X)
/* What very many alerts have in common with others: the world keeps each combination once. */
#define ALERT_SHARED(X)                                                                    \
    X(sender, ROW_PLAIN, "symbol of who said it first")                                    \
    X(service, ROW_PLAIN, "symbol, 0 = none matched")                                      \
    X(reason, ROW_PLAIN, "why it opened nothing: enum alert_reason")                       \
    X(reason_text, ROW_PLAIN, "symbol: the drop's reason; what a silence let it not say")   \
    X(name, ROW_PLAIN, "symbol of alertname")                                              \
    X(severity, ROW_PLAIN, "level it argues for, 0 = unclassified")
#define ALERT_VALUES(X)                                                             \
    X(incident, ROW_PLAIN | BITS_ID, "the one it belongs to, 0 = see reason (I2)")  \
    X(summary, ROW_PLAIN | BITS_SYMBOL, "symbol of the summary annotation")         \
    X(created_wall, ROW_PLAIN | BITS_INSTANT, "first time we heard of it")
#define ALERT_CHANGES(X)                                                                       \
    X(change_gaps, ROW_LIVE, "ms between its last four changes, 20 bits each (alert.c, R155)") \
    X(changed_at, ROW_LIVE, "when it last went from firing to not or back; steady")
#define ALERT_LIVE_FIELDS(X)    \
    X(id, ROW_KEY, "the alert") \
    ALERT_LIVE_VALUES(X)
#define ALERT_LIVE_VALUES(X)                                                    \
    X(state, ROW_LIVE | ROW_BITS(8), "enum alert_state")                        \
    X(starts_wall, ROW_LIVE | BITS_INSTANT, "startsAt")                         \
    X(ends_wall, ROW_LIVE | BITS_INSTANT, "endsAt; past = resolved or expired") \
    X(updated_wall, ROW_LIVE | BITS_INSTANT, "last received")                   \
    X(annotations, ROW_LIVE | BITS_ID, "annotation set")                        \
    X(sends, ROW_LIVE | ROW_BITS(32), "times received")
#define INCIDENT_FIELDS(X)                                                                          \
    X(id, ROW_KEY, "INC-n")                                                                         \
    X(state, ROW_PLAIN, "enum incident_state")                                                      \
    X(service, ROW_PLAIN, "symbol of the service id, 0 = unrouted")                                 \
    X(team, ROW_PLAIN, "symbol of the team id")                                                     \
    X(bundle, ROW_PLAIN, "the bundle that was active when it opened (R12)")                         \
    X(title, ROW_PLAIN, "symbol: what, in a few words")                                             \
    X(impact, ROW_PLAIN, "symbol: a sentence, 0 = unknown")                                         \
    X(category, ROW_PLAIN, "symbol: security, database …; 0 = none")                                \
    X(severity, ROW_PLAIN, "level, 0 = unclassified")                                               \
    X(severity_source, ROW_PLAIN, "enum severity_source")                                           \
    X(severity_at, ROW_PLAIN, "steady: since when this severity holds (R21)")                       \
    X(rule, ROW_PLAIN, "symbol of the routing rule's name, 0 = none")                               \
    X(group_key, ROW_PLAIN, "hash of the labels that group (R151)")                                 \
    X(opened_at, ROW_PLAIN, "steady")                                                               \
    X(opened_wall, ROW_PLAIN, "logged")                                                             \
    X(detected_wall, ROW_PLAIN, "the earliest startsAt, or a person's correction")                  \
    X(clock_at, ROW_PLAIN, "T+0: commit of the first page, 0 = nobody paged yet (A55)")             \
    X(clock_wall, ROW_PLAIN, "the same in UTC")                                                     \
    X(acknowledged_at, ROW_PLAIN, "first acknowledgement; 0 = none or lapsed")                      \
    X(acknowledged_wall, ROW_PLAIN, "the same in UTC")                                              \
    X(acknowledged_by, ROW_PLAIN, "symbol of the person")                                           \
    X(confirmed_wall, ROW_PLAIN, "a person confirmed the severity")                                 \
    X(confirmed_by, ROW_PLAIN, "who")                                                               \
    X(declared_wall, ROW_PLAIN, "declared (A51), 0 = logged")                                       \
    X(declared_by, ROW_PLAIN, "who; 0 = a rule")                                                    \
    X(triaged_wall, ROW_PLAIN, "triaged")                                                           \
    X(mitigated_wall, ROW_PLAIN, "mitigated")                                                       \
    X(resolved_at, ROW_PLAIN, "steady: clock R")                                                    \
    X(resolved_wall, ROW_PLAIN, "the same in UTC")                                                  \
    X(resolved_by, ROW_PLAIN, "who; 0 = recovered by itself")                                       \
    X(closed_at, ROW_PLAIN, "steady: closed, dismissed or merged; it leaves the world a day later") \
    X(closed_wall, ROW_PLAIN, "the same in UTC")                                                    \
    X(reason, ROW_PLAIN, "symbol: why dismissed, reopened …")                                       \
    X(merged_into, ROW_PLAIN, "incident")                                                           \
    X(follows, ROW_PLAIN, "an earlier incident of the same group that was too old to join")         \
    X(joined_at, ROW_PLAIN, "last time an alert joined: joining ends 30 min later (R151)")          \
    X(recovered_at, ROW_PLAIN, "all its alerts are reported resolved since; 0 = not (R150)")        \
    X(held_at, ROW_PLAIN, "a silence holds its pages since; 0 = not (R152)")                        \
    X(chain_rule, ROW_PLAIN, "no-response rule that fired last, 0 = none")                          \
    X(chain_step, ROW_PLAIN, "level reached in the chain: 0 = first page")                          \
    X(round, ROW_PLAIN, "rounds begun after the chain's end")                                       \
    X(round_step, ROW_PLAIN, "place in the round")                                                  \
    X(exhausted_at, ROW_PLAIN, "nobody is left to page: red, alarmed or on the morning list (A16)") \
    X(level_at, ROW_PLAIN, "when the last level was paged (I11)")                                   \
    X(alerts, ROW_LIVE, "alerts that ever joined")                                                  \
    X(firing, ROW_LIVE, "of them firing now")                                                       \
    X(seq, ROW_LIVE, "number of its last timeline entry")                                           \
    X(asked, ROW_LIVE, "times that whoever has it was asked whether they still do (R147)")          \
    X(snoozed_until_at, ROW_PLAIN, "its clocks are held until then (R43); steady, 0 = not held")    \
    X(snoozed_until_wall, ROW_PLAIN, "it reminds nobody until then, 0 = not snoozed; UTC")          \
    X(snoozed_by, ROW_PLAIN, "symbol of who snoozed it")                                            \
    X(cause, ROW_PLAIN, "symbol: what a person takes for the cause, 0 = nobody said (R35)")         \
    X(mitigation, ROW_PLAIN, "symbol: how it can be mitigated, as a person wrote it (R35)")         \
    X(loud_at, ROW_PLAIN, "rings though it is quiet: an alert graver than what a person said (R148); steady, 0 = not") \
    X(chain_at, ROW_PLAIN, "steady: since when it is paged for level by level, this time")
#define HOLDER_FIELDS(X)                       \
    X(incident, ROW_KEY, "incident")           \
    X(role, ROW_KEY, "symbol of the role id")  \
    X(person, ROW_PLAIN, "symbol; 0 = vacant") \
    X(since_wall, ROW_PLAIN, "when")           \
    X(by, ROW_PLAIN, "symbol of who assigned; 0 = by paging")
#define PAGE_FIELDS(X)                                                                      \
    X(id, ROW_KEY, "page")                                                                  \
    X(incident, ROW_PLAIN, "incident")                                                      \
    X(kind, ROW_PLAIN, "enum page_kind: page or notification (A52)")                        \
    X(reason, ROW_PLAIN, "enum page_reason")                                                \
    X(rule, ROW_PLAIN, "escalation rule's number, 0 = none")                                \
    X(line, ROW_PLAIN, "line of the document that caused it, 0 = none")                     \
    X(level, ROW_PLAIN, "place in the chain: 0 = first")                                    \
    X(role, ROW_PLAIN, "symbol of the role id")                                             \
    X(person, ROW_PLAIN, "symbol, resolved when paged (R23)")                               \
    X(schedule, ROW_PLAIN, "symbol of the schedule that named them, 0 = a list of people")  \
    X(turn, ROW_PLAIN, "turn of that schedule")                                             \
    X(scope, ROW_PLAIN, "enum role_scope: who bound the role: service, team, organisation") \
    X(rings, ROW_PLAIN, "1 = rings, 0 = quiet (R159)")                                      \
    X(all_at_once, ROW_PLAIN, "1 = every kind at once (SEV1)")                              \
    X(by_kind, ROW_PLAIN, "symbol: kind named by the sentence, 0 = the person's order")     \
    X(state, ROW_PLAIN, "enum page_state")                                                  \
    X(next_kind, ROW_PLAIN, "number of kinds of the person begun")                          \
    X(created_at, ROW_PLAIN, "steady")                                                      \
    X(created_wall, ROW_PLAIN, "UTC")                                                       \
    X(ended_at, ROW_PLAIN, "answered, superseded or failed; steady")                        \
    X(ended_wall, ROW_PLAIN, "UTC")                                                         \
    X(ended_by, ROW_PLAIN, "symbol of who answered")                                        \
    X(repeat_of, ROW_PLAIN, "an earlier page that this repeats")
#define DELIVERY_FIELDS(X)                                                                                       \
    X(id, ROW_KEY, "delivery")                                                                                   \
    X(incident, ROW_PLAIN, "incident; 0 = about Tocsin or a team's morning list")                                \
    X(page, ROW_PLAIN, "page; 0 = a post, a stand-down, an alarm")                                               \
    X(purpose, ROW_PLAIN, "enum purpose")                                                                        \
    X(team, ROW_PLAIN, "symbol, for a morning list")                                                             \
    X(person, ROW_PLAIN, "symbol; 0 = a channel")                                                                \
    X(kind, ROW_PLAIN, "symbol of the contact kind")                                                             \
    X(channel, ROW_PLAIN, "symbol of the site channel")                                                          \
    X(address, ROW_PLAIN, "symbol of the recipient")                                                             \
    X(place, ROW_PLAIN, "place in the person's kinds or the document's channels, from 0")                        \
    X(wakes, ROW_PLAIN, "1 = this kind wakes")                                                                   \
    X(level, ROW_PLAIN, "severity it is sent for: order of sending (I24)")                                       \
    X(state, ROW_PLAIN, "enum delivery_state")                                                                   \
    X(attempts, ROW_PLAIN, "begun")                                                                              \
    X(uncertain, ROW_PLAIN, "of them with unknown outcome (I5)")                                                 \
    X(outcome, ROW_PLAIN, "enum outcome of the last attempt")                                                    \
    X(queued_at, ROW_PLAIN, "steady")                                                                            \
    X(next_at, ROW_PLAIN, "when it is tried again, 0 = now or never")                                            \
    X(ended_at, ROW_PLAIN, "accepted, failed or superseded; steady")                                             \
    X(ended_wall, ROW_PLAIN, "UTC")                                                                              \
    X(line, ROW_PLAIN, "line of the document that caused it")                                                    \
    X(ref, ROW_PLAIN, "stand-down: the page taken back; post: timeline entry")                                   \
    X(note, ROW_PLAIN, "symbol: why it ended, what an alarm says")                                               \
    X(carrier, ROW_PLAIN, "the delivery in whose message it is told, one of several; 0 = it has its own (R154)") \
    X(begun_at, ROW_PLAIN, "its first attempt; steady, 0 = none")                                                \
    X(provider, ROW_PLAIN, "symbol: what the provider calls the first message of an incident in this place")
#define ATTEMPT_FIELDS(X)                                              \
    X(delivery, ROW_KEY, "delivery")                                   \
    X(n, ROW_KEY, "1, 2, …")                                           \
    X(started_at, ROW_PLAIN, "steady")                                 \
    X(started_wall, ROW_PLAIN, "UTC")                                  \
    X(outcome, ROW_PLAIN, "enum outcome; 0 = in flight")               \
    X(code, ROW_PLAIN, "the provider's number (SMTP, HTTP), 0 = none") \
    X(finished_at, ROW_PLAIN, "steady")                                \
    X(finished_wall, ROW_PLAIN, "UTC")
#define TIMER_FIELDS(X)                           \
    X(subject, ROW_KEY, "id of what it is about") \
    X(on, ROW_KEY, "enum subject_kind")           \
    X(kind, ROW_KEY, "enum timer_kind")           \
    X(rule, ROW_KEY, "rule, milestone or 0")      \
    X(due_at, ROW_PLAIN, "steady")                \
    X(due_wall, ROW_PLAIN, "not 0: a civil time; due_at follows when the clock is set (R42)")
#define SILENCE_FIELDS(X)                                          \
    X(id, ROW_KEY, "silence; the text is its matchers, canonical") \
    X(starts_wall, ROW_PLAIN, "UTC")                               \
    X(ends_wall, ROW_PLAIN, "UTC")                                 \
    X(updated_wall, ROW_PLAIN, "UTC")                              \
    X(by, ROW_PLAIN, "symbol of who")                              \
    X(comment, ROW_PLAIN, "symbol: why")                           \
    X(ended, ROW_PLAIN, "1 = over")
#define CHECK_FIELDS(X)                                                   \
    X(incident, ROW_KEY, "incident")                                      \
    X(milestone, ROW_KEY, "index in the policy")                          \
    X(idx, ROW_KEY, "index in the milestone")                             \
    X(state, ROW_PLAIN, "enum check_state")                               \
    X(done_at, ROW_PLAIN, "steady")                                       \
    X(done_wall, ROW_PLAIN, "UTC")                                        \
    X(by, ROW_PLAIN, "symbol of the person; 0 = by itself")               \
    X(evidence, ROW_PLAIN, "number of the timeline entry that proves it") \
    X(reason, ROW_PLAIN, "symbol: why not applicable")
#define COUNTER_FIELDS(X)           \
    X(id, ROW_KEY, "enum row_kind") \
    X(last, ROW_LIVE, "highest id given out")
#define CLOCK_FIELDS(X)                                                      \
    X(id, ROW_KEY, "1")                                                      \
    X(at, ROW_LIVE, "steady of the last commit")                             \
    X(wall, ROW_LIVE, "UTC of the last commit")                              \
    X(boot_hi, ROW_LIVE, "boot id, first half")                              \
    X(boot_lo, ROW_LIVE, "boot id, second half")                             \
    X(offset, ROW_LIVE, "steady minus CLOCK_BOOTTIME while this boot lasts") \
    X(serial, ROW_LIVE, "of the commits tried: what a spool holds up to it is in the rows (engine/spool.h)")
#define ACTIVATION_FIELDS(X)                                                                         \
    X(id, ROW_KEY, "1, 2, …; the text is what was overridden, one a line: CODE, a blank, why (R15)") \
    X(bundle, ROW_PLAIN, "active from here on")                                                      \
    X(previous, ROW_PLAIN, "the bundle before, 0 = the first one")                                   \
    X(how, ROW_PLAIN, "enum activation_how")                                                         \
    X(wall, ROW_PLAIN, "when")                                                                       \
    X(by, ROW_PLAIN, "symbol of the approver, 0 = by itself")                                        \
    X(author, ROW_PLAIN, "symbol of who proposed it, 0 = found on disk")                             \
    X(reason, ROW_PLAIN, "symbol: why")                                                              \
    X(compiler, ROW_PLAIN, "symbol: the version of Tocsin that compiled it")                         \
    X(interpretations, ROW_PLAIN, "of the report of readings, first 8 bytes of BLAKE2b")             \
    X(hash, ROW_PLAIN, "of the bundle's bytes, as in BUNDLE rows")                                   \
    X(moved, ROW_PLAIN, "open incidents that went with it (R12)")
#define LINK_FIELDS(X)                                                                                               \
    X(id, ROW_KEY, "link of the system's chain (P6); the text is its predecessor's hash and its own, 32 bytes each") \
    X(at, ROW_PLAIN, "steady")                                                                                       \
    X(wall, ROW_PLAIN, "UTC")                                                                                        \
    X(entries, ROW_PLAIN, "place in the history of the last timeline entry it covers")                               \
    X(symbols, ROW_PLAIN, "highest symbol it covers")
#define INSTANCE_FIELDS(X)                                                                      \
    X(id, ROW_KEY, "1")                                                                         \
    X(hi, ROW_PLAIN, "the state directory this store belongs to, first half (its instance.id)") \
    X(lo, ROW_PLAIN, "second half")                                                             \
    X(held, ROW_PLAIN, "1 = a restored copy: nothing is sent until it is released")

/* X(SYMBOL, struct/table name, number, has a text). Numbers are stored and never reused; 2 was that of label sets. */
#define ROW_KINDS(X)                     \
    X(SYMBOL, symbol_row, 1, true)       \
    X(ANNOTATIONS, annotations, 3, true) \
    X(BUNDLE, bundle, 4, true)           \
    X(SENDER, sender, 5, false)          \
    X(ALERT, alert, 6, true)             \
    X(ALERT_LIVE, alert_live, 7, false)  \
    X(INCIDENT, incident, 8, false)      \
    X(HOLDER, holder, 9, false)          \
    X(PAGE, page, 10, false)             \
    X(DELIVERY, delivery, 11, false)     \
    X(ATTEMPT, attempt, 12, true)        \
    X(TIMER, timer, 13, false)           \
    X(SILENCE, silence, 14, true)        \
    X(CHECK, milestone_check, 15, false) \
    X(COUNTER, counter, 16, false)       \
    X(CLOCK, clock_row, 17, false)       \
    X(ACTIVATION, activation, 18, true)  \
    X(LINK, chain_link, 19, true)        \
    X(INSTANCE, instance, 20, false)

enum row_kind {
    ROW_UNSET = 0,
#define X(sym, name, number, text) ROW_##sym = number,
    ROW_KINDS(X)
#undef X
        ROW_KIND_MAX
};

/* struct incident { int64_t id; int64_t state; … }; and likewise for every kind: nothing but int64_t. */
#define F(name, flags, what) int64_t name;
#define X(sym, name, number, text) \
    struct name {                  \
        sym##_FIELDS(F)            \
    };
ROW_KINDS(X)
#undef X
#undef F

struct field_def {
    const char *name;
    int flags;
    const char *what;
};

struct row_def {
    const char *table; /* NULL for numbers that are not in use */
    const struct field_def *fields;
    size_t n_fields;
    size_t n_keys; /* the first n_keys fields */
    bool has_text; /* a last column `text`: bytes */
};

extern const struct row_def row_defs[ROW_KIND_MAX];

/* A row as the stores see it: n_fields integers and the text. Borrowed. */
struct row {
    enum row_kind kind;
    const int64_t *v;
    struct slice text;
};

/* What an alert's own row says of it: right while there is no ALERT_LIVE row. */
struct alert_live alert_first_live(const struct alert *row);

/* The key of a row folded into two integers, unique within its kind. */
struct ikey row_key(enum row_kind kind, const int64_t *v);
/* Continues a hash over the row: kind, integers in order, text (I30: the trace hash). */
uint64_t row_hash(uint64_t h, const struct row *r);

#endif
