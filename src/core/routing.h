/* routing.h - the rules that turn alerts into incidents, and the matchers that rules and silences share.
 *
 * site/ makes it from routing.yaml; the world reads it. Immutable, owned by one arena (patterns too: released with
 * routing_release). First match wins. Matchers are Alertmanager's: `=`, `!=`, `=~`, `!~`; regular expressions are
 * anchored; a label that is absent has the empty value. */
#ifndef CORE_ROUTING_H
#define CORE_ROUTING_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "core/ids.h"

struct arena;
struct pattern;
struct policy;

struct label {
    struct slice name, value;
};

#define MATCH_OPS(X) X(EQ, 1, "=") X(NE, 2, "!=") X(RE, 3, "=~") X(NRE, 4, "!~")

enum match_op {
    MATCH_UNSET = 0,
#define X(sym, code, text) MATCH_##sym = code,
    MATCH_OPS(X)
#undef X
};

struct matcher {
    enum match_op op;
    struct slice name, value;
    struct pattern *pattern; /* RE and NRE; owned by the matcher */
};

struct matchers { /* all must match; none matches everything */
    struct matcher *v;
    size_t n;
};

struct routing_rule {
    struct slice name;
    struct matchers match;
    struct slice service; /* site's service id; empty = by the `service` label */
    int severity; /* level as read without a document ("P0" is 1); 0 = not set */
    struct slice severity_label; /* as written: the document's own label of that name decides first */
    struct slice category; /* empty = the service's */
    struct slice scenario; /* slug; empty = none. A rule that attaches a scenario declares */
    bool declare;
    const struct slice *group_by; /* label names; the service is always among them (R151) */
    size_t n_group_by;
    struct slice drop; /* reason; not empty = record and open nothing */
    unsigned line;
};

struct routing {
    const struct routing_rule *rules;
    size_t n_rules;
    bool declare_every_alert; /* `declare: every alert` (A51) */
};

/* Parses `name=value`, `name="value"`, `name=~"re"` … as amtool and Alertmanager write them, one matcher, no braces.
 * Slices are copied into `a`. ERR_SYNTAX names the text and shows the form; a name without operator is an error. */
int matcher_parse(struct arena *a, struct slice text, struct matcher *out, struct error *e);
/* Several, separated by commas or blanks, with or without braces. */
int matchers_parse(struct arena *a, struct slice text, struct matchers *out, struct error *e);
void matchers_release(struct matchers *m); /* the patterns; the arrays belong to the arena */
void matchers_print(const struct matchers *m, struct buf *out); /* canonical: {a="x",b=~"y"} */

bool matcher_matches(const struct matcher *m, const struct label *labels, size_t n); /* labels sorted by name */
bool matchers_match(const struct matchers *m, const struct label *labels, size_t n);
struct slice labels_get(const struct label *labels, size_t n, struct slice name); /* empty when absent */

/* The first rule that matches, NULL when none does. */
const struct routing_rule *routing_first(const struct routing *r, const struct label *labels, size_t n);
/* The level a rule means in this document: the document's own label decides ("P1" may be its first or its second),
 * else the number as read, clamped to the least severe level there is; 0 = the rule sets none. */
int routing_rule_level(const struct routing_rule *rule, const struct policy *policy);
void routing_release(struct routing *r);

#endif
