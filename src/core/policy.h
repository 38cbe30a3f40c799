/* policy.h - the compiled form of a procedures document: what the machine will do, with the line that says so.
 *
 * procedures/ makes it, the world reads it. It is immutable, owned by one arena, and complete: every number that the
 * rules use comes from here. All slices are UTF-8 (mojibake already repaired) and live as long as the policy. Lists
 * keep the document's order. `line` is 1-based in the document; 0 = nothing in the document says this (a default).
 * Durations are milliseconds; POLICY_NONE where nothing is written. Ids are slugs, unique in their list (grammar G6).
 * A policy is never changed: another document is another policy, in another bundle.
 * Where several documents make one policy, every `line` also carries which of them: see POLICY_LINE. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "base/slice.h"
#include "core/ids.h"
#include "core/policy_book.h"

#define POLICY_NONE INT64_C(-1)
#define POLICY_MAX_LEVELS 9

/* Which line of which document, in one number that a row can keep: 0 is the first of `policy.files`. Of a policy of one
 * document a line is simply its line; who shows one says POLICY_LINE(), and policy_file() where there are several. */
#define POLICY_FILE_SHIFT 16
#define POLICY_LINE(line) ((line) & ((1 << POLICY_FILE_SHIFT) - 1))
#define POLICY_FILE(line) ((size_t)((line) >> POLICY_FILE_SHIFT))

/* A set of severity levels: bit n = level n (1 = worst). 0 = every level. */
typedef uint32_t level_set;
#define LEVEL_BIT(level) (UINT32_C(1) << (level))
#define LEVEL_IN(set, level) ((set) == 0 || ((set)&LEVEL_BIT(level)) != 0)

struct policy_item { /* a criterion, a duty, an action … */
    struct slice id, text;
    unsigned line;
};

struct policy_items {
    const struct policy_item *v;
    size_t n;
};

struct policy_severity {
    int level; /* 1 = worst: its rank in the document (A/G16) */
    struct slice label; /* as people say it: "SEV1", "P0" */
    struct slice name; /* "Critical" */
    unsigned line;
    struct policy_items criteria;
    int64_t recovery_min_ms, recovery_max_ms; /* POLICY_NONE = open at that end or nothing written */
    bool recovery_min_open, recovery_max_open; /* the end itself is not in the window ("> 4 hours") */
    unsigned recovery_line; /* 0 = no window */
    int64_t respond_within_ms, update_every_ms;
};

/* A selector of the subject-matter experts: incidents of `category` go to `group` (R26). */
struct policy_selector {
    struct slice group; /* role id: "security-team" for "Security specialists" (A8, role_name.h) */
    struct slice name; /* as written */
    struct slice category; /* "security", "database", "network" (connectivity), "infrastructure" … */
    unsigned line;
};

/* Role ids that the rules know by name; any other role is the slug of its heading. */
#define ROLE_PRIMARY "primary"
#define ROLE_SECONDARY "secondary"
#define ROLE_COMMANDER "incident-commander"
#define ROLE_MANAGEMENT "management"
#define ROLE_SECURITY_TEAM "security-team"
#define ROLE_EXPERTS "subject-matter-experts"

struct policy_role {
    struct slice id, name;
    unsigned line;
    struct policy_items duties;
    const struct policy_selector *selectors;
    size_t n_selectors;
};

/* One way to reach a party that the document writes: a column of its table, or the one address of an item. */
struct policy_address {
    struct slice kind, value; /* kind: canonical; empty when neither the column nor the address shows it */
};

/* Kinds of contact in canonical spelling: phone sms push mail slack teams telegram webhook log … (A50). */
struct policy_contact {
    struct slice party; /* role id */
    struct slice name; /* as written */
    const struct slice *kinds; /* in order of preference */
    size_t n_kinds;
    struct slice value; /* the first address written in the document; empty when it is a placeholder */
    const struct policy_address *addresses; /* all of them, in the document's order */
    size_t n_addresses;
    bool placeholder; /* [Phone/Slack]: must be bound by the site (A9, R29) */
    unsigned line;
};

struct policy_channel { /* an ordered fallback for posts (A10, R30) */
    struct slice rank; /* "primary", "secondary", "emergency" … */
    struct slice kind; /* canonical kind */
    struct slice target; /* "#incidents", an address, a URL; empty = text describes it */
    struct slice text; /* as written */
    unsigned line;
};

/* What can tick a check of the timeline by itself (R33–R35); HAND needs a person. */
#define EVIDENCE_KINDS(X)                          \
    X(HAND, 1, "by hand")                          \
    X(ALERT_RECEIVED, 2, "alert received")         \
    X(PAGE_SENT, 3, "page sent")                   \
    X(INCIDENT_LOGGED, 4, "incident logged")       \
    X(ACKNOWLEDGED, 5, "acknowledged")             \
    X(RESPONDER_ACTED, 6, "responder acted")       \
    X(SEVERITY_CONFIRMED, 7, "severity confirmed") \
    X(CAUSE_NOTED, 8, "cause noted")               \
    X(IMPACT_ASSESSED, 9, "impact assessed")       \
    X(WAYS_OUT_NOTED, 10, "ways out noted")        \
    X(COMMANDER_ASSIGNED, 11, "commander assigned")

enum evidence {
    EVIDENCE_UNSET = 0,
#define X(sym, code, text) EVIDENCE_##sym = code,
    EVIDENCE_KINDS(X)
#undef X
};

struct policy_check {
    struct slice id, text;
    unsigned line;
    enum evidence evidence;
};

struct policy_milestone {
    int64_t at_ms; /* T+…, from the first page's commit (A55); POLICY_NONE for an ordered phase without a clock */
    int64_t due_ms; /* end of a phase with a range; POLICY_NONE otherwise */
    struct slice id, name;
    unsigned line;
    bool after_resolution; /* applies only once the incident is resolved (A12, R38) */
    const struct policy_check *checks;
    size_t n_checks;
};

#define COMMUNICATION_KINDS(X)                     \
    X(INITIAL_ALERT, 1, "initial alert")           \
    X(STATUS_UPDATES, 2, "status updates")         \
    X(RESOLUTION, 3, "resolution")                 \
    X(STATUS_PAGE, 4, "status page")               \
    X(CUSTOMER_NOTICE, 5, "customer notification") \
    X(POSTMORTEM, 6, "postmortem")                 \
    X(OBLIGATION, 7, "obligation")

enum communication_kind {
    COMMUNICATION_UNSET = 0,
#define X(sym, code, text) COMMUNICATION_##sym = code,
    COMMUNICATION_KINDS(X)
#undef X
};

struct policy_communication {
    enum communication_kind kind;
    struct slice id, audience, name; /* audience: "internal", "external" or the heading's slug */
    struct slice channel_kind, channel_target; /* may be empty */
    int64_t every_ms, within_ms;
    int64_t effective_within_ms; /* within_ms, or what an interpretation supplies where nothing is written (A37): the
                                  * customer notice is due so long after entering its levels, once */
    char clock; /* 'D' from declaration, 'R' from resolution, 'T' from the first page, 0 = none */
    level_set severities;
    unsigned line;
};

#define FIELD_KINDS(X) X(FIXED, 1, "fixed") X(TEXT, 2, "text") X(ENUM, 3, "enum") X(LITERAL, 4, "literal")

enum field_kind {
    FIELD_UNSET = 0,
#define X(sym, code, text) FIELD_##sym = code,
    FIELD_KINDS(X)
#undef X
};

struct policy_template_line { /* one line of the fence */
    enum field_kind kind;
    struct slice
        text; /* FIXED and LITERAL: what stands there (LITERAL: behind the label); TEXT: the placeholder's hint */
    struct slice label; /* "Severity"; empty for FIXED */
    const struct slice *values; /* ENUM */
    size_t n_values;
    unsigned line;
};

struct policy_template {
    enum communication_kind purpose; /* INITIAL_ALERT, STATUS_UPDATES, RESOLUTION; OBLIGATION for others */
    struct slice id, name;
    unsigned line;
    int64_t every_ms;
    const struct policy_template_line *lines;
    size_t n_lines;
};

#define RULE_WHENS(X)                    \
    X(NO_RESPONSE, 1, "no response")     \
    X(NO_RESOLUTION, 2, "no resolution") \
    X(SEVERITY, 3, "severity")           \
    X(CATEGORY, 4, "category")

enum rule_when {
    RULE_UNSET = 0,
#define X(sym, code, text) RULE_##sym = code,
    RULE_WHENS(X)
#undef X
};

struct policy_target {
    struct slice party; /* role id */
    struct slice name; /* as written */
    struct slice by; /* kind named by the sentence ("by Phone"); empty = the person's own order */
    int step; /* 0 for the first; `then` raises it, `,` and `+` keep it */
    bool told_only; /* "notification": this one is told, not paged (A52); a rule all of whose targets are has !page */
};

enum rule_hours { HOURS_ALWAYS = 0, HOURS_DURING = 1, HOURS_OUTSIDE = 2 };

/* One escalation sentence. Stored by its number (index + 1) in timers and pages: `rule` there. */
struct policy_rule {
    struct slice id, text; /* text: the sentence as written, repaired */
    enum rule_when when;
    int64_t after_ms; /* NO_RESPONSE, NO_RESOLUTION: since the first page (a `then` waits as long again); else 0 */
    int level; /* SEVERITY: entry to this level (A24); 0 otherwise */
    level_set severities; /* prefix "SEV1/SEV2:"; 0 = every */
    struct slice category; /* CATEGORY (A25) */
    const struct policy_target *targets;
    size_t n_targets;
    enum rule_hours hours;
    struct slice calendar; /* HOURS_*: as written ("business hours") */
    bool page; /* false = notification: asks nothing, arms nothing (A52, R160) */
    bool immediate;
    unsigned line, col;
};

/* The policy as it is for one team, or for some of its services: the organisation's, with what that team's documents
 * add or replace. */
struct policy_view {
    struct slice team; /* id in the site */
    const struct slice *services; /* ids; none = all of the team's */
    size_t n_services;
    const struct policy *policy; /* has no views of its own */
};

struct policy {
    struct slice title;
    const struct policy_severity *severities; /* worst first: severities[i].level == i + 1 */
    size_t n_severities;
    const struct policy_role *roles;
    size_t n_roles;
    const struct policy_contact *contacts;
    size_t n_contacts;
    const struct policy_channel *channels;
    size_t n_channels;
    const struct policy_milestone *milestones;
    size_t n_milestones;
    const struct policy_communication *communications;
    size_t n_communications;
    const struct policy_template *templates;
    size_t n_templates;
    const struct policy_rule *rules; /* number = index + 1 */
    size_t n_rules;
    struct policy_target first; /* who is paged at T+0: the primary */
    struct policy_book book; /* runbooks, trees, duties, thresholds, drills, reviews (policy_book.h) */
    const struct policy_view *views; /* of teams that extend this one; those for services first */
    size_t n_views;
    unsigned first_line; /* the line that says so ("Alert sent to on-call engineer", else the role's heading) */
    const struct slice *files; /* names of the documents that make this policy and its views */
    size_t n_files; /* 0: one document, whose name is the bundle's to know */
};

/* The number of levels; the least severe level there is. At least 1: a policy without severities has SEV1..SEV4. */
int policy_levels(const struct policy *p);
/* What an unclassified incident (level 0) counts as until somebody says: SEV3, or the least severe there is. It rings
 * all the same (design: Incidents). */
int policy_unclassified(const struct policy *p);
/* "SEV2" for 2, from the document's own labels; 0 reads as unclassified does; "SEV?" for a level there is not. */
struct slice policy_level_label(const struct policy *p, int level);
/* The level with this label or name in any case and spelling ("sev-2", "P1", "critical"), 0 when there is none. */
int policy_level_named(const struct policy *p, struct slice label);
/* How often people hear about an incident of this level (R82, A35): the shortest that a sentence or a heading says of
 * the level, else the shortest that is said of all. every_ms is POLICY_NONE where nothing is said. */
struct policy_cadence {
    int64_t every_ms;
    unsigned line;
};
struct policy_cadence policy_cadence(const struct policy *p, int level);
/* What holds for this team and service: the first view that names them, else the policy itself. Never NULL. */
const struct policy *policy_for(const struct policy *p, struct slice team, struct slice service);
/* The name of the document that this line stands in; empty where there is only one, and for no line (0). */
struct slice policy_file(const struct policy *p, int64_t line);
size_t policy_unfilled(const struct policy *p); /* fields of document control with a placeholder: it is a draft (R135) */
const struct policy_rule *policy_rule(const struct policy *p, int64_t number); /* NULL when gone */
const struct policy_template *policy_template_for(const struct policy *p, enum communication_kind purpose);
const struct policy_contact *policy_contact_for(const struct policy *p, struct slice role);
/* "Primary On-Call Engineer": a role's name as the document writes it; its id where the document has no such role. */
struct slice policy_role_title(const struct policy *p, struct slice role);
/* The roles that somebody can have: the document's own, its contacts, whom its rules name, its groups of experts, and
 * those that the rules know by name. Each once, in that order; the first `max` of them. Returns how many. */
size_t policy_parties(const struct policy *p, struct slice *out, size_t max);
/* The group of experts for a category (R26), NULL when no selector names it. */
const struct policy_selector *policy_selector_for(const struct policy *p, struct slice category);

#endif
