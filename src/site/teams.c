/* teams.c - `teams:`, `services:` and `roles:` who owns what, and who fills which role at which level (R161). */
#include <stddef.h>

#include "base/arena.h"
#include "base/check.h"
#include "core/role_name.h"
#include "site/loader.h"

static void binding_schedule_read(struct loader *l, const struct node *n, void *section)
{
    ((struct role_binding *)section)->schedule = name_resolve(l, n, &l->schedules);
}

static void binding_people_read(struct loader *l, const struct node *n, void *section)
{
    struct role_binding *b = section;

    names_resolve(l, n, &l->people, &b->people, &b->n_people);
}

static const struct key binding_keys[] = {
    { "schedule", KEY_READ, 0, binding_schedule_read, false, "Name of a schedule: whoever is on call fills the role." },
    { "people", KEY_READ, 0, binding_people_read, false, "Names of people, in the order in which they are asked." },
};
const struct key_table binding_table = { "roles.ROLE", binding_keys, COUNT_OF(binding_keys) };

static void binding_read(struct loader *l, const struct node *n, struct role_binding *out)
{
    bool has_schedule, has_people;

    *out = (struct role_binding){ .role = role_id(l->a, n->key), .schedule = -1, .line = n->key_line };
    if (out->role.n == 0) node_error(l, n, "a role is named by a word: primary, incident-commander, security-team …");
    if (n->kind != NODE_MAP) {
        node_error(l, n, "say who fills the role: { schedule: NAME } or { people: [NAME, …] }");
        return;
    }
    section_read(l, n, &binding_table, out);
    has_schedule = node_child(n, S("schedule")) != NULL;
    has_people = node_child(n, S("people")) != NULL;
    if (has_schedule == has_people)
        node_error(l, n, "say who fills the role, in one way: { schedule: NAME } or { people: [NAME, …] }");
}

/* A role's many spellings are one role: "ic" beside "incident-commander" would hide one of the two. */
static void role_twins_check(struct loader *l, const struct node *map, const struct role_binding *v, size_t n)
{
    const struct node *at = map->first;

    for (size_t i = 0; i < n; i++, at = at->next) {
        for (size_t k = 0; k < i; k++) {
            if (!slice_eq(v[i].role, v[k].role)) continue;
            node_error(l, at, "the role %.*s is filled in line %u already", (int)v[i].role.n, v[i].role.p, v[k].line);
            break;
        }
    }
}

static void roles_read(struct loader *l, const struct node *map, const struct role_binding **out, size_t *count)
{
    struct role_binding *v = arena_array(l->a, struct role_binding, map->n + 1);
    size_t n = 0;

    if (!map_check(l, map)) return;
    for (const struct node *one = map->first; one != NULL; one = one->next) binding_read(l, one, &v[n++]);
    role_twins_check(l, map, v, n);
    *out = v;
    *count = n;
}

static void service_roles_read(struct loader *l, const struct node *n, void *section)
{
    struct service *s = section;

    roles_read(l, n, &s->roles, &s->n_roles);
}

static const struct key service_keys[] = {
    { "name", KEY_TEXT, offsetof(struct service, name), NULL, false, "The full name; the key when left out." },
    { "category", KEY_TEXT, offsetof(struct service, category), NULL, false,
      "Category of its incidents when no rule and no person says another: infrastructure, database …" },
    { "roles", KEY_READ, 0, service_roles_read, false, "Who fills which role for this service; before the team's." },
};
const struct key_table service_table = { "services.NAME", service_keys, COUNT_OF(service_keys) };

static void service_read(struct loader *l, size_t i, struct service *out)
{
    const struct node *n = l->services.nodes[i];

    *out = (struct service){ .id = l->services.v[i], .name = l->services.v[i], .team = -1, .line = n->key_line };
    section_read(l, n, &service_table, out);
}

static void team_services_read(struct loader *l, const struct node *n, void *section)
{
    struct team *t = section;

    names_resolve(l, n, &l->services, &t->services, &t->n_services);
}

static void team_roles_read(struct loader *l, const struct node *n, void *section)
{
    struct team *t = section;

    roles_read(l, n, &t->roles, &t->n_roles);
}

static const struct key team_keys[] = {
    { "name", KEY_TEXT, offsetof(struct team, name), NULL, false, "The full name; the key when left out." },
    { "services", KEY_READ, 0, team_services_read, false, "Names of the services that the team answers for." },
    { "roles", KEY_READ, 0, team_roles_read, false, "Who fills which role: { primary: { schedule: NAME } }." },
};
const struct key_table team_table = { "teams.NAME", team_keys, COUNT_OF(team_keys) };

static void team_read(struct loader *l, size_t i, struct team *out)
{
    const struct node *n = l->teams.nodes[i];

    *out = (struct team){ .id = l->teams.v[i], .name = l->teams.v[i], .line = n->key_line };
    section_read(l, n, &team_table, out);
}

/* Alerts name a service in any case and by either name: two services must not answer to one name. */
static void service_twins_check(struct loader *l, const struct service *v)
{
    for (size_t i = 0; i < l->services.n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!slice_eq_nocase(v[i].id, v[k].id) && !slice_eq_nocase(v[i].id, v[k].name) &&
                !slice_eq_nocase(v[i].name, v[k].id) && !slice_eq_nocase(v[i].name, v[k].name))
                continue;
            problem_error(
                l->problems, key_place(l, l->services.nodes[i]),
                "an alert could mean service `%.*s` or `%.*s` (%.*s:%u): give each a name and a key of its own",
                (int)v[i].id.n, v[i].id.p, (int)v[k].id.n, v[k].id.p, (int)l->file.n, l->file.p, v[k].line);
            break;
        }
    }
}

/* A service belongs to one team; to the unrouted one when no team lists it (duties.c has checked that there is one). */
static void owners_set(struct loader *l, struct service *services, const struct team *teams)
{
    for (size_t t = 0; t < l->teams.n; t++) {
        for (size_t i = 0; i < teams[t].n_services; i++) {
            struct service *s = &services[teams[t].services[i]];

            if (s->team >= 0)
                problem_error(l->problems, key_place(l, l->teams.nodes[t]),
                              "service `%.*s` belongs to team `%.*s` (%.*s:%u) and to `%.*s`: keep it in one",
                              (int)s->id.n, s->id.p, (int)teams[s->team].id.n, teams[s->team].id.p, (int)l->file.n,
                              l->file.p, teams[s->team].line, (int)teams[t].id.n, teams[t].id.p);
            s->team = (int)t;
        }
    }
}

void teams_load(struct loader *l)
{
    struct service *services = arena_array(l->a, struct service, l->services.n + 1);
    struct team *teams = arena_array(l->a, struct team, l->teams.n + 1);
    const struct node *own = node_child(l->root, S("roles"));
    struct directory *dir = &l->site->dir;

    for (size_t i = 0; i < l->services.n; i++) service_read(l, i, &services[i]);
    service_twins_check(l, services);
    for (size_t i = 0; i < l->teams.n; i++) team_read(l, i, &teams[i]);
    owners_set(l, services, teams);
    for (size_t i = 0; i < l->services.n; i++)
        if (services[i].team < 0) services[i].team = dir->unrouted_team;
    if (own != NULL) roles_read(l, own, &dir->roles, &dir->n_roles);
    dir->services = services;
    dir->n_services = l->services.n;
    dir->teams = teams;
    dir->n_teams = l->teams.n;
}
