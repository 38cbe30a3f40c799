/* act.c - the descriptors of the acts: one row each, for command line, routes, help and OpenAPI.
 * Not here: what an act does (world_act.c).
 * Always: the rows stand under their numbers; an act on an incident names it first.
 */
#include "core/act.h"

#include "base/check.h"

/* clang-format off */
#define INCIDENT_ARG { "incident", ARG_INCIDENT, true, "The incident: INC-42 or 42." }
#define WHY_ARG { "text", ARG_TEXT, false, "A sentence for the timeline." }

/* ARGS_<act> and HOW_<act>: the pieces that ACT_KINDS does not hold. */
#define HOW_DECLARE "tocsin declare \"Checkout is down\" --severity SEV1 --service dashboard"
#define ARGS_DECLARE \
    { "text", ARG_TEXT, false, "What is wrong, in one sentence; needed for a new incident." }, \
    { "severity", ARG_SEVERITY, false, "Its severity by the document's labels; left out: unclassified." }, \
    { "service", ARG_SERVICE, false, "The service that a new one is about; left out: unrouted." }, \
    { "category", ARG_CATEGORY, false, "Of a new one: security, database, network …; left out: the service's." }, \
    { "incident", ARG_INCIDENT, false, "A logged incident to declare, instead of a new one." }
#define HOW_ACKNOWLEDGE "tocsin ack INC-42"
#define ARGS_ACKNOWLEDGE \
    INCIDENT_ARG, \
    WHY_ARG, \
    { "severity", ARG_SEVERITY, false, "Confirms or sets the severity in the same breath." }
#define HOW_SEVERITY "tocsin severity INC-42 SEV2 \"one customer affected\""
#define ARGS_SEVERITY \
    INCIDENT_ARG, \
    { "severity", ARG_SEVERITY, false, "The severity; left out: confirms the one it has." }, \
    { "text", ARG_TEXT, false, "Why; needed to lower it." }
#define HOW_CLASSIFY "tocsin classify INC-42 security"
#define ARGS_CLASSIFY \
    INCIDENT_ARG, \
    { "category", ARG_CATEGORY, true, "security, database, network, infrastructure …" }, \
    WHY_ARG
#define HOW_ASSIGN "tocsin assign INC-42 incident-commander grace"
#define ARGS_ASSIGN \
    INCIDENT_ARG, \
    { "role", ARG_ROLE, true, "The role, as the document names it." }, \
    { "person", ARG_PERSON, false, "Whose it becomes; left out: yours." }
#define HOW_NOTE "tocsin note INC-42 \"restarted the pool\""
#define ARGS_NOTE \
    INCIDENT_ARG, \
    { "text", ARG_TEXT, true, "What to write down." }
#define HOW_SILENCE "tocsin silence 'alertname=\"DiskFull\"' --for 2h \"disk is being replaced\""
#define ARGS_SILENCE \
    { "matchers", ARG_MATCHERS, true, "Which alerts: name=value, name!=value, name=~regex, name!~regex." }, \
    { "for", ARG_DURATION, false, "How long: 30m, 2h, 1d; left out: 24h." }, \
    { "text", ARG_TEXT, false, "Why." }, \
    { "starts", ARG_TIME, false, "From when; left out: now." }, \
    { "ends", ARG_TIME, false, "Until when, instead of a duration." }
#define HOW_UNSILENCE "tocsin unsilence 3"
#define ARGS_UNSILENCE { "silence", ARG_NUMBER, true, "The silence's number." }
#define HOW_MITIGATE "tocsin mitigate INC-42 \"traffic moved\""
#define ARGS_MITIGATE \
    INCIDENT_ARG, \
    WHY_ARG
#define HOW_RESOLVE "tocsin resolve INC-42"
#define ARGS_RESOLVE \
    INCIDENT_ARG, \
    WHY_ARG
#define HOW_DISMISS "tocsin dismiss INC-42 \"planned restart\""
#define ARGS_DISMISS \
    INCIDENT_ARG, \
    { "text", ARG_TEXT, true, "Why it is nothing." }
#define HOW_MERGE "tocsin merge INC-43 INC-42"
#define ARGS_MERGE \
    INCIDENT_ARG, \
    { "into", ARG_INCIDENT, true, "The incident that it is part of." }
#define HOW_REOPEN "tocsin reopen INC-42 \"it is back\""
#define ARGS_REOPEN \
    INCIDENT_ARG, \
    WHY_ARG
#define HOW_CHECK "POST /api/v1/incidents/INC-42/check {\"milestone\": 2, \"check\": 1}"
#define ARGS_CHECK \
    INCIDENT_ARG, \
    { "milestone", ARG_NUMBER, true, "Place of the milestone, from 0." }, \
    { "check", ARG_NUMBER, true, "Place of the check in it, from 0." }, \
    { "text", ARG_TEXT, false, "Why it does not apply, if so." }
#define HOW_DETECTED "POST /api/v1/incidents/INC-42/detected {\"when\": \"2026-01-05T02:55:00Z\"}"
#define ARGS_DETECTED \
    INCIDENT_ARG, \
    { "when", ARG_TIME, true, "When it really began, RFC 3339." }
#define HOW_ACTIVATE "tocsin activate --reason \"Secondary after 3 minutes, agreed on Monday\""
#define ARGS_ACTIVATE \
    { "reason", ARG_TEXT, true, "Why, in a sentence; it stays in the history." }, \
    { "bundle", ARG_NUMBER, false, "Which one; left out: the one that is proposed." }, \
    { "move-open", ARG_SWITCH, false, "The open incidents follow it at once; left out: they keep theirs." }, \
    { "override", ARG_TEXTS, false, "CODE=REASON: activate although that is not bound; stays listed until it is." }
#define HOW_PROPOSE "PUT /api/v1/procedures/procedures.md?text=shorter"
#define ARGS_PROPOSE { "text", ARG_TEXT, false, "What changes, and why." }
#define HOW_MOVE "tocsin move INC-42 \"the new chain applies to it\""
#define ARGS_MOVE \
    INCIDENT_ARG, \
    WHY_ARG
#define HOW_SNOOZE "tocsin snooze INC-42 --for 2h \"the disk is being replaced\""
#define ARGS_SNOOZE \
    INCIDENT_ARG, \
    { "text", ARG_TEXT, true, "Why." }, \
    { "for", ARG_DURATION, false, "How long: 30m, 2h, 1d." }, \
    { "ends", ARG_TIME, false, "Until when, instead of a duration." }
#define HOW_PASS "tocsin pass INC-42 joan"
#define ARGS_PASS \
    INCIDENT_ARG, \
    { "person", ARG_PERSON, false, "Whom to page instead; left out: the next that the procedures name." }, \
    WHY_ARG
#define HOW_ASSESS "tocsin assess INC-42 --impact \"no logins since 12:10\" --cause \"the deploy of 12:08\""
#define ARGS_ASSESS \
    INCIDENT_ARG, \
    { "impact", ARG_TEXT, false, "Who or what is hit, in a sentence." }, \
    { "cause", ARG_TEXT, false, "What it comes from, or is taken to come from." }, \
    { "mitigation", ARG_TEXT, false, "How it can be mitigated." }
#define HOW_REDACT "tocsin redact INC-42 12 \"names a patient\""
#define ARGS_REDACT \
    INCIDENT_ARG, \
    { "entry", ARG_NUMBER, true, "Number of the entry: the column NO of the timeline in tocsin show INC-42; `seq` in the API." }, \
    { "text", ARG_TEXT, true, "Why; this stays in the record." }, \
    { "field", ARG_TEXT, false, "A fact of the incident that goes with it: title, impact, cause, mitigation or reason." }
/* clang-format on */

const struct act_def act_defs[ACT_KIND_MAX] = {
#define X(sym, code, name, summary) [ACT_##sym] = { ACT_##sym, name, summary, { ARGS_##sym }, HOW_##sym },
    ACT_KINDS(X)
#undef X
};

const struct act_def *act_def_named(struct slice name)
{
    for (size_t i = 1; i < COUNT_OF(act_defs); i++)
        if (act_defs[i].name != NULL && slice_eq(slice_of(act_defs[i].name), name)) return &act_defs[i];
    return NULL;
}

bool act_is_of_incident(enum act_kind k)
{
    return k != ACT_UNSET && k != ACT_SILENCE && k != ACT_UNSILENCE && k != ACT_ACTIVATE && k != ACT_PROPOSE;
}

const char *act_kind_name(enum act_kind k)
{
    switch (k) {
    case ACT_UNSET:
    case ACT_KIND_MAX: break;
#define X(sym, code, name, summary) \
    case ACT_##sym: return name;
        ACT_KINDS(X)
#undef X
    }
    return "unset";
}

const char *act_via_name(enum act_via v)
{
    switch (v) {
    case VIA_ITSELF: return "itself";
#define X(sym, code, name) \
    case VIA_##sym: return name;
        ACT_VIAS(X)
#undef X
    }
    return "unset";
}
