/* role.c - the one lookup: who fills a role now. */
#include "core/role.h"

static bool is_single(struct slice role)
{
    return slice_eq(role, S(ROLE_PRIMARY)) || slice_eq(role, S(ROLE_SECONDARY)) || slice_eq(role, S(ROLE_COMMANDER));
}

static void add_person(struct role_now *r, int person)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->people[i] == person) return;
    if (r->n < ROLE_MAX_PEOPLE) r->people[r->n++] = person;
}

static struct role_now from_binding(const struct directory *d, const struct role_binding *b, enum role_scope scope,
                                    int64_t wall)
{
    struct role_now r = { .scope = scope, .schedule = b->schedule, .line = b->line };
    if (b->schedule >= 0) {
        struct on_call now = schedule_on_call_at(&d->schedules[b->schedule], wall);
        for (size_t i = 0; i < now.n; i++) add_person(&r, now.people[i]);
        r.turn = now.turn;
    } else {
        for (size_t i = 0; i < b->n_people; i++) add_person(&r, b->people[i]);
        r.everybody = !is_single(b->role);
    }
    return r;
}

struct role_now role_resolve_in(const struct directory *d, struct slice service, struct slice team, struct slice role,
                                int64_t wall)
{
    int s = service.n == 0 ? -1 : directory_service(d, service);
    int t = team.n == 0 ? -1 : directory_team(d, team);
    if (t < 0) t = s >= 0 ? d->services[s].team : d->unrouted_team;
    const struct role_binding *b;
    if (s >= 0 && (b = role_binding_find(d->services[s].roles, d->services[s].n_roles, role)) != NULL)
        return from_binding(d, b, SCOPE_SERVICE, wall);
    if ((b = role_binding_find(d->teams[t].roles, d->teams[t].n_roles, role)) != NULL)
        return from_binding(d, b, SCOPE_TEAM, wall);
    if ((b = role_binding_find(d->roles, d->n_roles, role)) != NULL)
        return from_binding(d, b, SCOPE_ORGANISATION, wall);
    return (struct role_now){ .schedule = -1 };
}

static struct ikey holder_key(const struct world *w, incident_id id, struct slice role)
{
    int64_t s = 0;
    smap_get(w->symbols, role, &s);
    return (struct ikey){ id, s };
}

symbol role_holder(const struct world *w, incident_id id, struct slice role)
{
    const struct holder *h = state_get(w, ROW_HOLDER, holder_key(w, id, role));
    return h == NULL ? 0 : h->person;
}

struct role_now role_resolve(const struct world *w, incident_id id, struct slice role)
{
    const struct incident *i = incident_get(w, id);
    const struct holder *h = state_get(w, ROW_HOLDER, holder_key(w, id, role));
    /* Only a person's assignment overrides the schedule; what paging recorded is history (R23). */
    int person = h == NULL || h->by == 0 ? -1 : directory_person(w->directory, symbol_text(w, h->person));
    if (person >= 0) {
        struct role_now r = { .scope = SCOPE_INCIDENT, .schedule = -1 };
        add_person(&r, person);
        return r;
    }
    return role_resolve_in(w->directory, symbol_text(w, i->service), symbol_text(w, i->team), role, w->ev->wall);
}

void role_assign(struct world *w, incident_id id, struct slice role, symbol person, symbol by)
{
    struct ikey k = { id, symbol_of(w, role) };
    struct holder *h = state_get(w, ROW_HOLDER, k);
    symbol before = h == NULL ? 0 : h->person;
    if (h != NULL && before == person && (by == 0 || h->by != 0)) return;
    h = h == NULL ? state_add(w, ROW_HOLDER, (int64_t[]){ k.a, k.b }) : state_edit(w, ROW_HOLDER, k);
    h->person = person;
    h->since_wall = w->ev->wall;
    h->by = by;
    SAY(w, id, ENTRY_ROLE, person, text_person(w, person), S(" is "), policy_role_title(state_policy(w, id), role),
        before != 0 && before != person ? S(", was ") : S(""),
        before != 0 && before != person ? text_person(w, before) : S(""));
}
