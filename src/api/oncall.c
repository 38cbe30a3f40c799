/* oncall.c - GET /api/v1/oncall?at=…: who holds which role of which team at an instant.
 * Not here: the one function that knows (core/role.c, R138).
 * Always: answered from the site's facts alone, without the store; a role that nobody fills is listed, empty.
 */
#include "api/json.h"
#include "api/routes.h"
#include "base/civil.h"
#include "core/directory.h"
#include "core/policy.h"
#include "core/role.h"
#include "core/schedule.h"

#define ROLES_MAX 64

struct role_set {
    struct slice v[ROLES_MAX];
    size_t n;
};

static void role_add(struct role_set *set, struct slice role)
{
    for (size_t i = 0; i < set->n; i++)
        if (slice_eq(set->v[i], role)) return;
    if (set->n < ROLES_MAX) set->v[set->n++] = role;
}

/* A role that is a choice among groups (R26) stands for them; nobody fills it itself. */
static void role_add_of(struct role_set *set, const struct policy_role *role)
{
    if (role->n_selectors == 0) role_add(set, role->id);
    for (size_t i = 0; i < role->n_selectors; i++) role_add(set, role->selectors[i].group);
}

/* The document's roles in its order, then what the site binds besides. */
static void roles_gather(const struct facts *f, const struct team *team, struct role_set *set)
{
    const struct policy *p = f->n_bundles > 0 ? f->bundles[0].policy : NULL;
    for (size_t i = 0; p != NULL && i < p->n_roles; i++) role_add_of(set, &p->roles[i]);
    for (size_t i = 0; i < team->n_roles; i++) role_add(set, team->roles[i].role);
    for (size_t i = 0; i < f->directory->n_roles; i++) role_add(set, f->directory->roles[i].role);
}

static void person_members(struct json *j, const struct directory *d, int person)
{
    const struct person *p = &d->people[person];
    bool bound = false, wakes = false;
    for (size_t i = 0; i < p->n_contacts; i++) {
        int channel = directory_channel_for_kind(d, p->contacts[i].kind);
        bound = bound || channel >= 0;
        wakes = wakes || (channel >= 0 && d->channels[channel].wakes);
    }
    json_begin(j, NULL, '{');
    json_text(j, "id", p->id);
    json_text(j, "name", p->name);
    json_bool(j, "reachable", bound); /* at least one bound kind (design: ring and quiet) */
    json_bool(j, "wakes", wakes);
    json_end(j, '}');
}

static void schedule_members(struct json *j, const struct directory *d, const struct role_now *now, int64_t at)
{
    struct on_call on;
    if (now->schedule < 0) {
        json_null(j, "schedule");
        return;
    }
    on = schedule_on_call_at(&d->schedules[now->schedule], at);
    json_text(j, "schedule", d->schedules[now->schedule].id);
    json_time(j, "since", on.since == INT64_MIN ? 0 : on.since);
    json_time(j, "until", on.until == INT64_MAX ? 0 : on.until);
}

static const char *bound_by(enum role_scope scope)
{
    switch (scope) {
    case SCOPE_UNSET: break;
#define X(sym, code, text) \
    case SCOPE_##sym: return text;
        ROLE_SCOPES(X)
#undef X
    }
    return NULL;
}

static void role_members(struct json *j, const struct directory *d, const struct team *team, struct slice service,
                         struct slice role, int64_t at)
{
    struct role_now now = role_resolve_in(d, service, team->id, role, at);
    json_begin(j, NULL, '{');
    json_text(j, "role", role);
    json_word(j, "bound_by", bound_by(now.scope));
    schedule_members(j, d, &now, at);
    json_begin(j, "people", '[');
    for (size_t i = 0; i < now.n; i++) person_members(j, d, now.people[i]);
    json_end(j, ']');
    json_end(j, '}');
}

/* Services that bind roles of their own are listed with them. */
static void service_members(struct json *j, const struct directory *d, const struct team *team, int service, int64_t at)
{
    const struct service *s = &d->services[service];
    json_begin(j, NULL, '{');
    json_text(j, "id", s->id);
    json_text(j, "name", s->name);
    json_begin(j, "roles", '[');
    for (size_t i = 0; i < s->n_roles; i++) role_members(j, d, team, s->id, s->roles[i].role, at);
    json_end(j, ']');
    json_end(j, '}');
}

static void team_members(struct json *j, const struct facts *f, int index, int64_t at)
{
    const struct directory *d = f->directory;
    const struct team *team = &d->teams[index];
    struct role_set roles = { .n = 0 };

    roles_gather(f, team, &roles);
    json_begin(j, NULL, '{');
    json_text(j, "id", team->id);
    json_text(j, "name", team->name);
    json_bool(j, "unrouted", index == d->unrouted_team);
    json_begin(j, "roles", '[');
    for (size_t i = 0; i < roles.n; i++) role_members(j, d, team, S(""), roles.v[i], at);
    json_end(j, ']');
    json_begin(j, "services", '[');
    for (size_t i = 0; i < team->n_services; i++) service_members(j, d, team, team->services[i], at);
    json_end(j, ']');
    json_end(j, '}');
}

void oncall_get(struct request *rq)
{
    const struct directory *d = rq->facts->directory;
    struct json j = { .out = &rq->out };
    struct error e = { 0 };
    int64_t at = rq->received.wall_ms;
    bool given;
    struct slice text = request_query(rq, S("at"), &given);

    if (given && civil_parse_rfc3339(text, &at, &e) < 0) {
        request_fail(rq, 400, "bad_request", S("`at` is no time"), S("write it as 2026-01-05T03:00:00Z"));
        return;
    }
    json_begin(&j, NULL, '{');
    json_time(&j, "at", at);
    json_text(&j, "timezone", d->zone_name);
    json_begin(&j, "teams", '[');
    for (size_t i = 0; i < d->n_teams; i++) team_members(&j, rq->facts, (int)i, at);
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(&rq->out, '\n');
    request_answer(rq, 200, TYPE_JSON);
}
