/* bind.c - the procedures against the site.
 * Not here: resolving a role at an instant (core/role.c), choosing a contact for a page (core/contact.c).
 * Always: one warning a gap, however many lines of the document lead into it. */
#include "site/bind.h"

#include "base/arena.h"
#include "base/check.h"
#include "site/keys.h"

#define THRESHOLDS_TOLD 64

struct binder {
    const struct policy *root; /* the organisation's */
    const struct policy *policy; /* that is being bound: it, or a team's view of it */
    const struct site *site;
    const struct directory *dir;
    struct slice document;
    struct problems *problems;
    struct arena *a;
    bool *used; /* people who fill a role that the document uses */
    struct slice *seen; /* parties of this policy dealt with */
    size_t n_seen;
};

static struct place document_place(const struct binder *b, unsigned line)
{
    const struct slice file = policy_file(b->root, line);

    return (struct place){ file.n > 0 ? file : b->document, (unsigned)POLICY_LINE(line), 0 };
}

static struct place site_place(const struct binder *b, unsigned line)
{
    return (struct place){ b->site->path, line, 0 };
}

/* Everybody who may ever fill the binding: a schedule's people take turns. */
static void people_mark(const struct binder *b, const struct role_binding *binding)
{
    const struct rotation *r = binding->schedule >= 0 ? &b->dir->schedules[binding->schedule].rotation : NULL;
    const int *people = r != NULL ? r->people : binding->people;
    size_t n = r != NULL ? r->n_people : binding->n_people;

    for (size_t i = 0; i < n; i++) b->used[people[i]] = true;
}

static bool binding_mark(const struct binder *b, const struct role_binding *v, size_t n, struct slice role)
{
    const struct role_binding *found = role_binding_find(v, n, role);

    if (found != NULL) people_mark(b, found);
    return found != NULL;
}

/* Is this the policy that holds there? `service` NULL: for what matches none of the team's. */
static bool policy_holds(const struct binder *b, const struct team *t, const struct service *service)
{
    return policy_for(b->root, t->id, service != NULL ? service->id : S("")) == b->policy;
}

/* Does somebody fill the role for every service of the team, and for the team itself when alerts can reach it without a
 * service, as far as this policy holds there? *gap is the first service without one, NULL when it is the team. */
static bool team_is_bound(const struct binder *b, int team, struct slice role, const struct service **gap)
{
    const struct team *t = &b->dir->teams[team];
    bool above = binding_mark(b, b->dir->roles, b->dir->n_roles, role);
    bool good = true;

    above = binding_mark(b, t->roles, t->n_roles, role) || above;
    *gap = NULL;
    for (size_t i = 0; i < b->dir->n_services; i++) {
        const struct service *s = &b->dir->services[i];

        if (s->team != team || !policy_holds(b, t, s)) continue;
        if (binding_mark(b, s->roles, s->n_roles, role) || above || !good) continue;
        *gap = s;
        good = false;
    }
    return good && (above || team != b->dir->unrouted_team || !policy_holds(b, t, NULL));
}

static void unbound_report(const struct binder *b, struct slice role, struct slice name, unsigned line, const char *use)
{
    for (size_t i = 0; i < b->dir->n_teams; i++) {
        const struct team *t = &b->dir->teams[i];
        const struct service *gap;

        if (team_is_bound(b, (int)i, role, &gap)) continue;
        problem_warn(
            b->problems, document_place(b, line), "W-UNBOUND",
            "%s %.*s, and nobody fills that role for %s%.*s of team %.*s (%.*s:%u): add `%.*s: %s` to the team's "
            "`roles`, or to `roles` for every team",
            use, (int)name.n, name.p, gap != NULL ? "service " : "what matches no service",
            gap != NULL ? (int)gap->id.n : 0, gap != NULL ? gap->id.p : "", (int)t->id.n, t->id.p, (int)b->site->path.n,
            b->site->path.p, t->line, (int)role.n, role.p,
            slice_eq(role, S(ROLE_PRIMARY)) ? "{ schedule: NAME }" : "{ people: [NAME] }");
    }
}

/* An address written in the document serves as it is (grammar G9). */
static bool document_has_address(const struct binder *b, struct slice role)
{
    for (size_t i = 0; i < b->policy->n_contacts; i++) {
        const struct policy_contact *c = &b->policy->contacts[i];

        if (slice_eq(c->party, role) && !c->placeholder && c->value.n > 0) return true;
    }
    return false;
}

static void party_check(struct binder *b, struct slice role, struct slice name, unsigned line, const char *use)
{
    const struct policy_contact *contact = policy_contact_for(b->policy, role);

    if (role.n == 0) return;
    if (line == 0 && contact != NULL) line = contact->line; /* the primary of a document without a timeline */
    for (size_t i = 0; i < b->n_seen; i++)
        if (slice_eq(b->seen[i], role)) return;
    b->seen[b->n_seen++] = role;
    if (!document_has_address(b, role)) unbound_report(b, role, name.n > 0 ? name : role, line, use);
}

/* The experts themselves are reached by their groups; the heading's own role needs nobody. */
static void parties_check(struct binder *b)
{
    const struct policy *p = b->policy;
    size_t room = 1 + p->n_contacts;

    for (size_t i = 0; i < p->n_rules; i++) room += p->rules[i].n_targets;
    for (size_t i = 0; i < p->n_roles; i++) room += p->roles[i].n_selectors;
    b->seen = arena_array(b->a, struct slice, room);
    party_check(b, p->first.party, p->first.name, p->first_line, "the first page goes to");
    for (size_t i = 0; i < p->n_rules; i++)
        for (size_t k = 0; k < p->rules[i].n_targets; k++)
            party_check(b, p->rules[i].targets[k].party, p->rules[i].targets[k].name, p->rules[i].line,
                        p->rules[i].page ? "this rule pages" : "this rule tells");
    for (size_t i = 0; i < p->n_roles; i++)
        for (size_t k = 0; k < p->roles[i].n_selectors; k++)
            party_check(b, p->roles[i].selectors[k].group, p->roles[i].selectors[k].name, p->roles[i].selectors[k].line,
                        "incidents of this category go to");
    for (size_t i = 0; i < p->n_contacts; i++)
        party_check(b, p->contacts[i].party, p->contacts[i].name, p->contacts[i].line, "the contacts name");
}

static void list_as_primary_report(const struct binder *b, const struct role_binding *v, size_t n)
{
    const struct role_binding *primary = role_binding_find(v, n, S(ROLE_PRIMARY));
    const struct person *first;

    if (primary == NULL || primary->schedule >= 0 || primary->n_people == 0) return;
    first = &b->dir->people[primary->people[0]];
    problem_warn(
        b->problems, site_place(b, primary->line), "W-NO-SCHEDULE",
        "the primary is a list, so %.*s is paged first at every hour of every day: name a schedule, { schedule: "
        "NAME }",
        (int)first->id.n, first->id.p);
}

static void schedules_check(const struct binder *b)
{
    const struct directory *d = b->dir;

    list_as_primary_report(b, d->roles, d->n_roles);
    for (size_t i = 0; i < d->n_teams; i++) list_as_primary_report(b, d->teams[i].roles, d->teams[i].n_roles);
    for (size_t i = 0; i < d->n_services; i++) list_as_primary_report(b, d->services[i].roles, d->services[i].n_roles);
}

static void person_check(const struct binder *b, const struct person *person)
{
    bool bound = false, wakes = false;

    for (size_t i = 0; i < person->n_contacts; i++) {
        int channel = directory_channel_for_kind(b->dir, person->contacts[i].kind);

        bound = bound || channel >= 0;
        wakes = wakes || (channel >= 0 && b->dir->channels[channel].wakes);
    }
    if (!bound)
        problem_warn(b->problems, site_place(b, person->line), "W-UNREACHABLE",
                     "%.*s fills a role and has no contact that a channel carries: add one to `contacts`, or a channel "
                     "for a kind that is there",
                     (int)person->id.n, person->id.p);
    else if (!wakes)
        problem_warn(
            b->problems, site_place(b, person->line), "W-NO-WAKING-KIND",
            "%.*s fills a role and no channel that wakes reaches them: add a phone, sms or push contact and its "
            "channel, or say `wakes: true` of a channel that does",
            (int)person->id.n, person->id.p);
}

static void people_check(const struct binder *b)
{
    for (size_t i = 0; i < b->dir->n_administrators; i++) b->used[b->dir->administrators[i]] = true;
    for (size_t i = 0; i < b->dir->n_people; i++)
        if (b->used[i]) person_check(b, &b->dir->people[i]);
}

static bool is_of_root(const struct binder *b, const struct policy_channel *c)
{
    for (size_t i = 0; i < b->root->n_channels; i++)
        if (b->root->channels[i].line == c->line) return true;
    return false;
}

/* Of a view only the channels that the organisation does not have. */
static void channels_check(const struct binder *b)
{
    for (size_t i = 0; i < b->policy->n_channels; i++) {
        const struct policy_channel *c = &b->policy->channels[i];
        struct slice wanted = c->target.n > 0 ? c->target : c->kind;

        if (b->policy != b->root && is_of_root(b, c)) continue;
        if (directory_channel_for_post(b->dir, c->kind, c->target) >= 0) continue;
        problem_warn(
            b->problems, document_place(b, c->line), "W-CHANNEL-UNBOUND",
            "posts go to %.*s here, and the site has no such channel (%.*s): add one, or `for: [\"%.*s\"]` to the "
            "channel that stands in; until then the next in order is taken",
            (int)c->text.n, c->text.p, (int)b->site->path.n, b->site->path.p, (int)wanted.n, wanted.p);
    }
}

static bool has_metric(const struct policy_book *book, struct slice metric)
{
    for (size_t i = 0; i < book->n_thresholds; i++)
        if (slice_eq_nocase(book->thresholds[i].metric, metric)) return true;
    return false;
}

/* A threshold that nobody watches is a sentence that never comes true (R15). */
static void metrics_check(const struct binder *b)
{
    const struct policy_book *book = &b->policy->book;

    for (size_t i = 0; i < book->n_thresholds; i++) {
        struct slice metric = book->thresholds[i].metric;
        struct buf key = { 0 };
        bool again = false;

        for (size_t k = 0; k < i; k++) again = again || slice_eq_nocase(book->thresholds[k].metric, metric);
        again = again || (b->policy != b->root && has_metric(&b->root->book, metric));
        if (again || site_metric_for(b->site, metric) != NULL) continue;
        site_metric_key(metric, &key);
        problem_warn(
            b->problems, document_place(b, book->thresholds[i].line), "W-METRIC-UNBOUND",
            "nobody says when this threshold is crossed: name the alert that does in `metrics` of %.*s, `%s: { "
            "match: ['alertname=\"…\"'] }`, or write `{ by: person }` there",
            (int)b->site->path.n, b->site->path.p, buf_str(&key));
        buf_release(&key);
    }
}

static bool metric_is_used(const struct binder *b, const struct site_metric *m)
{
    for (size_t v = 0; v <= b->root->n_views; v++) {
        const struct policy_book *book = v == 0 ? &b->root->book : &b->root->views[v - 1].policy->book;
        for (size_t i = 0; i < book->n_thresholds; i++)
            if (site_metric_for(b->site, book->thresholds[i].metric) == m) return true;
    }
    return false;
}

/* The thresholds of all documents, each metric once, as they write it. */
static size_t metrics_written(const struct binder *b, struct slice *out, size_t max)
{
    size_t n = 0;

    for (size_t v = 0; v <= b->root->n_views; v++) {
        const struct policy_book *book = v == 0 ? &b->root->book : &b->root->views[v - 1].policy->book;
        for (size_t i = 0; i < book->n_thresholds && n < max; i++) {
            bool again = false;
            for (size_t k = 0; k < n; k++) again = again || slice_eq_nocase(out[k], book->thresholds[i].metric);
            if (!again) out[n++] = book->thresholds[i].metric;
        }
    }
    return n;
}

/* The one whose key is nearly this one's, else one that nobody watches; -1. */
static int metric_meant(const struct binder *b, const struct site_metric *m, const struct slice *written, size_t n)
{
    struct slice keys[THRESHOLDS_TOLD];

    for (size_t i = 0; i < n; i++) {
        struct buf key = { 0 };
        site_metric_key(written[i], &key);
        keys[i] = arena_copy(b->a, buf_slice(&key));
        buf_release(&key);
    }
    const int near = nearest_find(m->id, keys, n);
    for (size_t i = 0; near < 0 && i < n; i++)
        if (site_metric_for(b->site, written[i]) == NULL) return (int)i;
    return near;
}

/* A metric that no threshold is of: its alert says nothing about the procedures, or its name is mistaken (R15). */
static void metrics_unused_check(const struct binder *b)
{
    struct slice written[THRESHOLDS_TOLD];
    const size_t n = metrics_written(b, written, THRESHOLDS_TOLD);

    for (size_t i = 0; i < b->site->n_metrics; i++) {
        const struct site_metric *m = &b->site->metrics[i];
        const struct place at = { b->site->path, m->line, 0 };
        if (metric_is_used(b, m)) continue;
        const int meant = metric_meant(b, m, written, n);
        if (meant >= 0)
            problem_warn(b->problems, at, "W-METRIC-UNUSED",
                         "no threshold of the procedures is of the metric `%.*s`: is \"%.*s\" meant?", (int)m->id.n,
                         m->id.p, (int)written[meant].n, written[meant].p);
        else
            problem_warn(b->problems, at, "W-METRIC-UNUSED",
                         "no threshold of the procedures is of the metric `%.*s`: leave it out, or write one under Alert "
                         "Thresholds",
                         (int)m->id.n, m->id.p);
    }
}

static void levels_check(const struct binder *b, const struct routing *routing, struct slice file)
{
    int least = policy_levels(b->policy);

    for (size_t i = 0; i < routing->n_rules; i++) {
        const struct routing_rule *rule = &routing->rules[i];
        struct slice label = policy_level_label(b->policy, least);

        if (rule->severity <= least || policy_level_named(b->policy, rule->severity_label) > 0) continue;
        problem_warn(b->problems, (struct place){ file, rule->line, 0 }, "W-LEVEL-UNKNOWN",
                     "the rule `%.*s` sets %.*s, and the least severe level of %.*s is %.*s, which is taken",
                     (int)rule->name.n, rule->name.p, (int)rule->severity_label.n, rule->severity_label.p,
                     (int)b->document.n, b->document.p, (int)label.n, label.p);
    }
}

/* A document for a team or a service that is not here: nothing of it holds for anybody. */
static void views_check(const struct binder *b)
{
    const struct place at = { b->site->path, 0, 0 };

    for (size_t i = 0; i < b->root->n_views; i++) {
        const struct policy_view *v = &b->root->views[i];
        if (directory_team(b->dir, v->team) < 0)
            problem_warn(b->problems, at, "W-TEAM-UNKNOWN", "a document is for the team %.*s, which is not here",
                         (int)v->team.n, v->team.p);
        for (size_t k = 0; k < v->n_services; k++)
            if (directory_service(b->dir, v->services[k]) < 0)
                problem_warn(b->problems, at, "W-SERVICE-UNKNOWN",
                             "a document is for the service %.*s, which is not here", (int)v->services[k].n,
                             v->services[k].p);
    }
}

void bind_check(const struct policy *policy, struct slice document, const struct site *site,
                const struct routing *routing, struct slice routing_file, struct problems *p)
{
    struct binder b = {
        .root = policy, .policy = policy, .site = site, .dir = &site->dir, .document = document, .problems = p
    };

    b.a = arena_create(0);
    b.used = arena_array(b.a, bool, site->dir.n_people + 1);
    for (size_t i = 0; i <= policy->n_views; i++) {
        b.policy = i == 0 ? policy : policy->views[i - 1].policy;
        b.n_seen = 0;
        parties_check(&b);
        channels_check(&b);
        metrics_check(&b);
    }
    b.policy = policy;
    metrics_unused_check(&b);
    views_check(&b);
    schedules_check(&b);
    people_check(&b);
    if (routing != NULL) levels_check(&b, routing, routing_file);
    arena_destroy(&b.a);
}

bool bind_blocks(struct slice code)
{
    static const char *const codes[] = { "W-UNBOUND", "W-UNREACHABLE", "W-CHANNEL-UNBOUND",
                                        "W-METRIC-UNBOUND", "W-TEAM-UNKNOWN", "W-SERVICE-UNKNOWN" };

    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (slice_eq(code, slice_of(codes[i]))) return true;
    return false;
}
