/* canary.c - see canary.h. Not here: when one is sent and what follows when it does not come back (auditor.c).
 * Always: nothing of the real house is read but its clock and its procedures. */
#include "engine/canary.h"

#include "base/check.h"
#include "base/vec.h"
#include "base/zone.h"
#include "core/act.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "core/page.h"
#include "engine/engine.h"
#include "engine/recover.h"
#include "ingest/alertmanager.h"
#include "store/store.h"

#define HIMSELF "canary"
#define INCIDENT 1 /* the first of its house */
#define ALERT "\"labels\":{\"alertname\":\"TocsinCanary\",\"instance\":\"canary\",\"severity\":\"critical\"}"

/* --- the house --- */

static const struct contact contacts[] = { { .kind = S(CANARY_CHANNEL), .address = S(CANARY_CHANNEL) } };
static const struct person people[] = {
    { .id = S(HIMSELF), .name = S(HIMSELF), .contacts = contacts, .n_contacts = COUNT_OF(contacts) },
};
static const int first[] = { 0 };
static const struct role_binding roles[] = {
    { .role = S(ROLE_PRIMARY), .schedule = -1, .people = first, .n_people = 1 },
    { .role = S(ROLE_SECONDARY), .schedule = -1, .people = first, .n_people = 1 },
    { .role = S(ROLE_COMMANDER), .schedule = -1, .people = first, .n_people = 1 },
    { .role = S(ROLE_MANAGEMENT), .schedule = -1, .people = first, .n_people = 1 },
};
static const struct team teams[] = { { .id = S(HIMSELF),
                                       .name = S(HIMSELF),
                                       .services = first,
                                       .n_services = 1,
                                       .roles = roles,
                                       .n_roles = COUNT_OF(roles) } };
static const struct service services[] = { { .id = S(HIMSELF), .name = S(HIMSELF) } };
static const struct channel channels[] = { { .id = S(CANARY_CHANNEL), .kind = S(CANARY_CHANNEL), .wakes = true } };

struct canary {
    struct zone *zone;
    struct directory site;
    struct role_binding own; /* of the service: whatever the procedures call the first page's role */
    struct service service;
    struct arena *arena; /* what the events point at */
    struct matchers match;
    struct routing_rule rule;
    struct routing routing;
    struct live_bundle *active, *bundle;
    struct store *store;
    struct engine *engine;
    VEC(struct send) sent;
    int refused; /* of the last thing that was posted: its reply's code */
};

static void make_site(struct canary *c)
{
    const struct slice role = bundle_policy_of(c->active)->first.party;
    c->zone = zone_create_utc();
    c->own = roles[0];
    if (role.n > 0) c->own.role = role;
    c->service = services[0];
    c->service.roles = &c->own;
    c->service.n_roles = 1;
    c->site = (struct directory){ .organisation = S(HIMSELF),
                                  .zone = c->zone,
                                  .zone_name = S("UTC"),
                                  .people = people,
                                  .n_people = COUNT_OF(people),
                                  .teams = teams,
                                  .n_teams = COUNT_OF(teams),
                                  .services = &c->service,
                                  .n_services = 1,
                                  .channels = channels,
                                  .n_channels = COUNT_OF(channels),
                                  .administrators = first,
                                  .n_administrators = 1,
                                  .working = { .days = 127, .to_min = 24 * 60 } };
}

/* A rule of its own: the site's may drop whatever they do not know. */
static int make_routing(struct canary *c, struct error *e)
{
    const int rc = matchers_parse(c->arena, S("alertname=~\"Tocsin.*\",instance=\"canary\""), &c->match, e);
    c->rule = (struct routing_rule){
        .name = S(HIMSELF), .match = c->match, .service = S(HIMSELF), .severity = 2, .severity_label = S("SEV2")
    };
    c->routing = (struct routing){ .rules = &c->rule, .n_rules = 1 };
    c->bundle = bundle_of_parts(bundle_policy_of(c->active), &c->routing, bundle_bytes(c->active));
    return rc;
}

static void note_sent(void *ctx, const struct world *w, const struct send *s, struct moment raw)
{
    struct canary *c = ctx;
    (void)w, (void)raw;
    *vec_push(&c->sent) = *s;
}

static struct live_bundle *compile(void *ctx, struct slice bytes, struct error *e)
{
    (void)bytes;
    return (void)e, bundle_take(((struct canary *)ctx)->bundle);
}

static int make_engine(struct canary *c, const struct clock *clock, struct error *e)
{
    struct recovery begun;
    const struct recover_options how = { .directory = &c->site, .fresh = c->bundle, .compile = compile, .ctx = c };
    const int rc = store_open("memory:", &c->store, e);
    if (rc < 0) return rc;
    c->engine = engine_create(&(struct engine_options){
        .clock = clock, .store = c->store, .sender = { .ctx = c, .send = note_sent }, .hash_key = 1 });
    return engine_recover(c->engine, &how, &begun, e);
}

void canary_destroy(struct canary **cp)
{
    struct canary *c = *cp;
    if (c == NULL) return;
    engine_destroy(&c->engine);
    store_close(&c->store);
    bundle_release(&c->bundle);
    bundle_release(&c->active);
    matchers_release(&c->match);
    arena_destroy(&c->arena);
    zone_destroy(&c->zone);
    vec_release(&c->sent);
    mem_free(c);
    *cp = NULL;
}

/* --- its days --- */

static void note_answer(void *caller, const struct reply *reply)
{
    ((struct canary *)caller)->refused = reply->code;
}

void canary_run(struct canary *c)
{
    while (engine_run_batch(c->engine)) {
    }
}

/* 0 when it was taken, stepped, committed and answered well. */
static int post(struct canary *c, struct event ev, bool answered)
{
    struct error e = { 0 };
    struct post p = { .event = ev, .bytes = event_bytes(&ev) };
    if (answered) p.done = note_answer;
    p.caller = c;
    c->refused = answered ? ERR_BUG : 0;
    const int rc = engine_post(c->engine, &p, &e);
    canary_run(c);
    return rc < 0 ? rc : c->refused;
}

static int say(struct canary *c, struct slice body)
{
    struct alertmanager_post read;
    struct event ev = { .kind = EVENT_ALERTS };
    alertmanager_parse(c->arena, body, NULL, &read);
    ev.alerts = (struct event_alerts){ .sender = S(CANARY_CHANNEL), .v = read.v, .n = read.n };
    return read.status != 200 || read.n != 1 ? ERR_SYNTAX : post(c, ev, true);
}

static int act(struct canary *c, enum act_kind kind)
{
    const struct act a = { .kind = kind, .via = VIA_SCRIPT, .actor = S(HIMSELF), .incident = INCIDENT };
    return post(c, (struct event){ .kind = EVENT_ACT, .act = &a }, true);
}

static const struct incident *incident(const struct canary *c)
{
    return world_incident(engine_world(c->engine), INCIDENT);
}

static size_t count_pages(const struct canary *c, enum page_state state)
{
    size_t n = 0;
    struct row r;
    for (size_t at = 0; world_next_row(engine_world(c->engine), ROW_PAGE, &at, &r);)
        n += ((const struct page *)r.v)->state == (int64_t)state;
    return n;
}

static int give_credit(struct canary *c)
{
    struct event ev = { .kind = EVENT_CREDIT };
    ev.credit.channel = S(CANARY_CHANNEL);
    ev.credit.n = 100;
    return post(c, ev, false);
}

static int set_out(struct canary *c, const struct clock *clock, struct error *e)
{
    int rc;
    c->arena = arena_create(0);
    make_site(c);
    if ((rc = make_routing(c, e)) < 0 || (rc = make_engine(c, clock, e)) < 0) return rc;
    if (give_credit(c) < 0 || say(c, S("[{" ALERT "}]")) != 0) return fail(e, ERR_CONFLICT, "its alert was not taken");
    if (incident(c) == NULL) return fail(e, ERR_CONFLICT, "its alert opened no incident");
    if (count_pages(c, PAGE_STATE_OPEN) == 0) return fail(e, ERR_CONFLICT, "its incident paged nobody");
    if (c->sent.n == 0) return fail(e, ERR_CONFLICT, "its page began no delivery");
    return 0;
}

struct canary *canary_begin(const struct clock *clock, struct live_bundle *active, struct error *e)
{
    if (active == NULL) {
        fail(e, ERR_CONFLICT, "no procedures are in force");
        return NULL;
    }
    struct canary *c = mem_alloc(sizeof *c);
    c->active = bundle_take(active);
    if (set_out(c, clock, e) < 0) canary_destroy(&c);
    return c;
}

/* Every message that left ends as the one that stands for them did. */
static void tell_results(struct canary *c, enum outcome outcome)
{
    struct event ev = { .kind = EVENT_RESULT };
    for (size_t i = 0; i < c->sent.n; i++) {
        ev.result = (struct event_result){ .delivery = c->sent.v[i].delivery,
                                           .attempt = c->sent.v[i].attempt,
                                           .outcome = outcome };
        post(c, ev, false);
    }
}

static bool is_delivered(const struct canary *c)
{
    const struct delivery *d = world_delivery(engine_world(c->engine), c->sent.v[0].delivery);
    return d != NULL && d->state == DELIVERY_ACCEPTED;
}

int canary_end(struct canary *c, enum outcome outcome, struct error *e)
{
    canary_run(c);
    tell_results(c, outcome);
    if (!is_delivered(c)) return fail(e, ERR_CONFLICT, "its page was not delivered");
    if (act(c, ACT_ACKNOWLEDGE) != 0 || incident(c)->acknowledged_at == 0)
        return fail(e, ERR_CONFLICT, "its incident could not be acknowledged");
    if (say(c, S("[{" ALERT ",\"endsAt\":\"2001-01-01T00:00:00Z\"}]")) != 0 || incident(c)->firing != 0)
        return fail(e, ERR_CONFLICT, "its alert did not end");
    if (act(c, ACT_RESOLVE) != 0 || incident(c)->state != INCIDENT_RESOLVED)
        return fail(e, ERR_CONFLICT, "its incident could not be resolved");
    if (count_pages(c, PAGE_STATE_OPEN) != 0) return fail(e, ERR_CONFLICT, "its page did not end");
    return 0;
}
