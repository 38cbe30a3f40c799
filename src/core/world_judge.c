/* world_judge.c - what routing makes of an alert: its rule, severity, service and team, and why it opens nothing.
 *
 * Most alerts differ in a label that nobody asks about (`instance`). What was made of one is remembered under the values
 * of all labels that the rules look at, and its sender: the next that says the same there is judged by one look-up.
 * Not here: which incident it joins, what follows (world_alert.c).
 * Always: what is remembered is what would be found again. It is forgotten with the routing, the policy or the directory
 * that it came from. */
#include <string.h>

#include "core/alert.h"
#include "core/grouping.h"
#include "core/state_parts.h"
#include "core/world_intake.h"

enum { JUDGED_MAX = 256, JUDGED_KEY_MAX = 1024, JUDGED_NAMES_MAX = 64 };

struct judged {
    const struct routing *routing; /* what it was judged by */
    const struct policy *policy;
    const struct directory *directory;
    VEC(struct slice) names; /* of the labels that decide; the routing's own */
    struct smap *places; /* their values, and the sender -> place in v */
    VEC(struct judgement) v;
    struct {
        size_t n;
        char v[JUDGED_KEY_MAX];
    } key; /* of the signal at hand */
};

void judged_release(struct world *w)
{
    if (w->judged == NULL) return;
    smap_destroy(&w->judged->places);
    vec_release(&w->judged->names);
    vec_release(&w->judged->v);
    mem_free(w->judged);
    w->judged = NULL;
}

/* --- judging --- */

static bool rule_asks(const struct routing_rule *r)
{
    return r != NULL && (r->severity > 0 || r->declare || r->scenario.n > 0);
}

/* Why it opens nothing; REASON_NONE when it does. A rule that only says whose a service is does not ask for an incident
 * about an `info` alert: unclassified, it would ring. */
static enum alert_reason reason_of(const struct judgement *j, const struct signal *s, struct slice *text)
{
    struct slice name = labels_get(s->labels, s->n_labels, S("alertname"));
    if (j->rule != NULL && j->rule->drop.n > 0) {
        *text = j->rule->drop;
        return REASON_DROPPED;
    }
    if (slice_eq(name, S(ALERT_HEARTBEAT))) return REASON_HEARTBEAT;
    if (j->verdict.nothing && !rule_asks(j->rule)) {
        *text = labels_get(s->labels, s->n_labels, S("severity"));
        return REASON_INFORMATION;
    }
    return REASON_NONE;
}

/* The rule's service, the one that the alert names, and, where it names none, what its sender's key says of it. */
static void find_owner(const struct world *w, struct judgement *j, const struct signal *s, symbol sender)
{
    const struct directory *d = w->directory;
    const struct sender_owner *o = NULL;
    const struct slice named = labels_get(s->labels, s->n_labels, S("service"));
    j->service = j->team = -1;
    if (d == NULL) return;
    if (j->rule != NULL && j->rule->service.n > 0) j->service = directory_service(d, j->rule->service);
    if (j->service < 0) j->service = directory_service(d, named);
    if (j->service < 0 && named.n == 0) o = directory_sender(d, symbol_text(w, sender));
    if (o != NULL) j->service = o->service;
    j->team = j->service >= 0 ? d->services[j->service].team : o != NULL ? o->team : d->unrouted_team;
}

struct slice judged_service(const struct world *w, const struct judgement *j)
{
    return j->service < 0 ? (struct slice){ 0 } : w->directory->services[j->service].id;
}

struct slice judged_team(const struct world *w, const struct judgement *j)
{
    return j->team < 0 ? (struct slice){ 0 } : w->directory->teams[j->team].id;
}

bool judged_unrouted(const struct world *w, const struct judgement *j)
{
    return j->service < 0 && (w->directory == NULL || j->team == w->directory->unrouted_team);
}

static int64_t group_key(const struct world *w, const struct judgement *j, const struct signal *s)
{
    int64_t key = grouping_key(judged_service(w, j), j->rule, s->labels, s->n_labels);
    if (j->service >= 0 || judged_unrouted(w, j)) return key;
    return (int64_t)fnv1a64((uint64_t)key, judged_team(w, j));
}

static struct judgement judge(struct world *w, const struct signal *s, symbol sender)
{
    const struct routing *routing = state_active_routing(w);
    struct slice why = { 0 };
    struct judgement j = { .rule = routing == NULL ? NULL : routing_first(routing, s->labels, s->n_labels) };
    const struct slice severity = labels_get(s->labels, s->n_labels, S("severity"));
    j.verdict = severity_provisional(state_active_policy(w), j.rule, severity);
    find_owner(w, &j, s, sender);
    j.reason = reason_of(&j, s, &why);
    j.reason_text = symbol_of(w, why);
    j.service_id = symbol_of(w, judged_service(w, &j));
    j.group_key = group_key(w, &j, s);
    return j;
}

/* --- remembering --- */

static void add_name(struct judged *m, struct slice name)
{
    for (size_t i = 0; i < m->names.n; i++)
        if (slice_eq(m->names.v[i], name)) return;
    *vec_push(&m->names) = name;
}

static void add_names(struct judged *m, const struct routing_rule *rule)
{
    for (size_t i = 0; i < rule->match.n; i++) add_name(m, rule->match.v[i].name);
    for (size_t i = 0; i < rule->n_group_by; i++) add_name(m, rule->group_by[i]);
}

void judged_forget(struct world *w)
{
    struct judged *m = w->judged;
    if (m == NULL) return;
    smap_destroy(&m->places);
    vec_clear(&m->v);
    vec_clear(&m->names);
    m->routing = NULL;
}

/* Begins anew where something else is in force than what it was judged by. */
static struct judged *judged_now(struct world *w)
{
    const struct routing *routing = state_active_routing(w);
    const struct policy *policy = state_active_policy(w);
    if (w->judged == NULL) w->judged = mem_alloc(sizeof *w->judged);
    struct judged *m = w->judged;
    const bool same = m->routing == routing && m->policy == policy && m->directory == w->directory;
    if (same && m->places != NULL && m->v.n < JUDGED_MAX) return m;
    judged_forget(w);
    m->places = smap_create(w->hash_key);
    m->routing = routing;
    m->policy = policy;
    m->directory = w->directory;
    static const struct slice always[] = { S("alertname"), S("service"), S("severity") };
    for (size_t i = 0; i < COUNT_OF(always); i++) add_name(m, always[i]);
    for (size_t i = 0; routing != NULL && i < routing->n_rules; i++) add_names(m, &routing->rules[i]);
    return m;
}

/* Every value behind its length, so that no two sets of values read alike. False: too long to be remembered. */
static bool key_add(struct judged *m, struct slice value)
{
    const uint32_t n = (uint32_t)value.n;
    if (value.n > JUDGED_KEY_MAX - sizeof n - m->key.n) return false;
    memcpy(m->key.v + m->key.n, &n, sizeof n);
    if (n > 0) memcpy(m->key.v + m->key.n + sizeof n, value.p, n);
    m->key.n += sizeof n + n;
    return true;
}

static bool key_make(struct judged *m, const struct signal *s, symbol sender)
{
    bool fits = m->names.n <= JUDGED_NAMES_MAX;
    memcpy(m->key.v, &sender, sizeof sender);
    m->key.n = sizeof sender;
    for (size_t i = 0; fits && i < m->names.n; i++)
        fits = key_add(m, labels_get(s->labels, s->n_labels, m->names.v[i]));
    return fits;
}

struct judgement judge_signal(struct world *w, const struct signal *s, symbol sender)
{
    struct judged *m = judged_now(w);
    int64_t place;
    if (!key_make(m, s, sender)) return judge(w, s, sender);
    const struct slice key = { m->key.v, m->key.n };
    if (smap_get(m->places, key, &place)) return m->v.v[place];
    const struct judgement j = judge(w, s, sender);
    smap_put(m->places, key, (int64_t)m->v.n);
    *vec_push(&m->v) = j;
    return j;
}
