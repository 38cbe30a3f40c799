/* flow.h - a small site and policy, and a world that lives through minutes: for tests of whole flows in core/.
 *
 * Ada is primary, Joan secondary, Grace commander, all by mail and phone; the service `web` (infrastructure) is the
 * platform team's, `shop` the shop team's; platform takes what nobody claims. The policy: no response in 5 min →
 * secondary; no resolution in 30 → commander; SEV1 → management. The courier accepts whatever it is given.
 * After every step the timeline is folded and compared with the rows (I19). */
#ifndef TESTS_FLOW_H
#define TESTS_FLOW_H

#include "harness.h"

#include "base/zone.h"
#include "core/world.h"
#include "core/world_parts.h"
#include "shadow.h"

struct said { /* an entry, kept */
    incident_id incident;
    int64_t kind, ref;
    struct slice text;
};

struct flow {
    struct world *w;
    struct effects fx;
    struct arena *kept;
    struct zone *utc;
    struct directory site;
    struct routing routing;
    int64_t at, wall;
    VEC(struct said) said;
    VEC(struct incident) replayed; /* by id */
    size_t marks; /* of the last step */
    uint64_t seed; /* not 0: the courier's luck is drawn from it, else it accepts everything */
    uint64_t hash_key, trace; /* of the world's maps; of all effects and rows so far (I30) */
    struct shadow stored; /* every change is marked; not looked at in random lives, which are long */
    struct reply reply; /* the last one; its text is kept */
};

#define FLOW_AT (100 * HOUR)
#define FLOW_WALL INT64_C(1767582000000) /* 2026-01-05T03:00:00Z, a Monday */

static const struct contact flow_contacts[] = { { S("mail"), S("x@example.org"), 1 }, { S("phone"), S("+4930"), 2 } };
static const struct person flow_people[] = {
    { .id = S("ada"), .name = S("Ada"), .login = S("ada"), .contacts = flow_contacts, .n_contacts = 2 },
    { .id = S("joan"), .name = S("Joan"), .login = S("joan"), .contacts = flow_contacts, .n_contacts = 2 },
    { .id = S("grace"), .name = S("Grace"), .login = S("grace"), .contacts = flow_contacts, .n_contacts = 2 },
};
static const int flow_index[] = { 0, 1, 2 };
static const struct role_binding flow_roles[] = {
    { .role = S("primary"), .schedule = -1, .people = &flow_index[0], .n_people = 1 },
    { .role = S("secondary"), .schedule = -1, .people = &flow_index[1], .n_people = 1 },
    { .role = S("incident-commander"), .schedule = -1, .people = &flow_index[2], .n_people = 1 },
    { .role = S("management"), .schedule = -1, .people = &flow_index[2], .n_people = 1 },
};
static const struct team flow_teams[] = { { .id = S("platform"), .name = S("Platform") },
                                          { .id = S("shop"), .name = S("Shop") } };
static const struct service flow_services[] = {
    { .id = S("web"), .name = S("Web Front"), .category = S("infrastructure"), .team = 0 },
    { .id = S("shop"), .name = S("Shop"), .team = 1 },
};
static const struct channel flow_channels[] = { { .id = S("mail"), .kind = S("mail") },
                                                { .id = S("call"), .kind = S("phone"), .wakes = true } };

static const struct policy_severity flow_levels[] = {
    { .level = 1, .label = S("SEV1"), .name = S("Critical") },
    { .level = 2, .label = S("SEV2"), .name = S("High") },
    { .level = 3, .label = S("SEV3"), .name = S("Medium") },
    { .level = 4, .label = S("SEV4"), .name = S("Low") },
};
static const struct policy_target flow_secondary = { .party = S("secondary") },
                                  flow_commander = { .party = S("incident-commander") },
                                  flow_management = { .party = S("management") };
static const struct policy_rule flow_rules[] = {
    { .when = RULE_NO_RESPONSE,
      .after_ms = 5 * MINUTE,
      .targets = &flow_secondary,
      .n_targets = 1,
      .page = true,
      .line = 331 },
    { .when = RULE_NO_RESOLUTION,
      .after_ms = 30 * MINUTE,
      .targets = &flow_commander,
      .n_targets = 1,
      .page = true,
      .line = 332 },
    { .when = RULE_SEVERITY, .level = 1, .targets = &flow_management, .n_targets = 1, .page = true, .line = 333 },
};
static const struct policy flow_policy = { .severities = flow_levels,
                                           .n_severities = 4,
                                           .rules = flow_rules,
                                           .n_rules = 3,
                                           .first = { .party = S("primary") },
                                           .first_line = 76 };

/* --- stepping --- */

static inline void flow_replay(struct flow *f, const struct entry *e)
{
    if (e->incident == 0) return;
    while (f->replayed.n <= (size_t)e->incident) *vec_push(&f->replayed) = (struct incident){ 0 };
    timeline_replay(&f->replayed.v[e->incident], e);
}

/* I19: replaying an incident's timeline gives its row, LIVE fields aside. */
static inline void flow_check(struct flow *f)
{
    struct row r;
    for (size_t at = 0; world_next_row(f->w, ROW_INCIDENT, &at, &r);) {
        assert_true((size_t)r.v[0] < f->replayed.n);
        const int64_t *replayed = &f->replayed.v[r.v[0]].id;
        for (size_t k = 0; k < row_defs[ROW_INCIDENT].n_fields; k++)
            if ((row_defs[ROW_INCIDENT].fields[k].flags & ROW_LIVE) == 0 && replayed[k] != r.v[k])
                fail_msg("INC-%d: %s is %lld, its timeline says %lld", (int)r.v[0],
                         row_defs[ROW_INCIDENT].fields[k].name, (long long)r.v[k], (long long)replayed[k]);
    }
}

static inline void flow_step_one(struct flow *f, struct event ev)
{
    ev.at = f->at;
    ev.wall = f->wall;
    world_step(f->w, &ev, &f->fx);
    if (f->seed == 0) shadow_follow(&f->stored, f->w, &f->fx, false);
    for (size_t i = 0; i < f->fx.entries.n; i++) {
        const struct entry *e = &f->fx.entries.v[i];
        *vec_push(&f->said) = (struct said){ e->incident, e->kind, e->ref, arena_copy(f->kept, e->text) };
        flow_replay(f, e);
    }
    f->trace = effects_hash(f->trace, &f->fx);
    for (size_t i = 0; i < f->fx.marks.n; i++) {
        struct row r;
        if (world_row(f->w, &f->fx.marks.v[i], &r)) f->trace = row_hash(f->trace, &r);
    }
    flow_check(f);
    for (size_t i = 0; i < f->fx.replies.n; i++) {
        f->reply = f->fx.replies.v[i];
        f->reply.text = arena_copy(f->kept, f->reply.text);
    }
}

/* xorshift64*: the only source of chance in a test. */
static inline uint64_t flow_random(struct flow *f, uint64_t below)
{
    f->seed ^= f->seed >> 12;
    f->seed ^= f->seed << 25;
    f->seed ^= f->seed >> 27;
    return (f->seed * UINT64_C(2685821657736338717) >> 16) % below;
}

static inline enum outcome flow_outcome(struct flow *f)
{
    static const enum outcome lucks[] = { OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
                                          OUTCOME_REFUSED,  OUTCOME_NOT_SENT, OUTCOME_UNCERTAIN };
    return f->seed == 0 ? OUTCOME_ACCEPTED : lucks[flow_random(f, COUNT_OF(lucks))];
}

static inline void flow_step(struct flow *f, struct event ev)
{
    VEC(struct send) sends = { 0 };
    flow_step_one(f, ev);
    f->marks = f->fx.marks.n;
    for (size_t i = 0;; i++) {
        for (size_t k = 0; k < f->fx.sends.n; k++) *vec_push(&sends) = f->fx.sends.v[k];
        effects_reset(&f->fx);
        if (i == sends.n) break;
        flow_step_one(f, (struct event){ .kind = EVENT_RESULT,
                                         .result = { .delivery = sends.v[i].delivery,
                                                     .attempt = sends.v[i].attempt,
                                                     .outcome = flow_outcome(f) } });
    }
    vec_release(&sends);
}

/* Lives until T+minute (T = the beginning), stepping every timer exactly when it is due. */
static inline void flow_until(struct flow *f, int64_t minute_ms)
{
    int64_t due, to = FLOW_AT + minute_ms;
    while (world_next_due(f->w, &due) && due <= to) {
        struct event ev = { .kind = EVENT_TIMER };
        if (due > f->at) {
            f->wall += due - f->at;
            f->at = due;
        }
        assert_true(world_due_timer(f->w, f->at, &ev.timer));
        flow_step(f, ev);
    }
    f->wall += to - f->at;
    f->at = to;
}

static inline void flow_credit(struct flow *f)
{
    flow_step(f, (struct event){ .kind = EVENT_CREDIT, .credit = { S("mail"), 1000000 } });
    flow_step(f, (struct event){ .kind = EVENT_CREDIT, .credit = { S("call"), 1000000 } });
}

static inline void flow_begin_with(struct flow *f, uint64_t hash_key)
{
    *f = (struct flow){
        .at = FLOW_AT, .wall = FLOW_WALL, .kept = arena_create(0), .utc = zone_create_utc(), .hash_key = hash_key
    };
    effects_init(&f->fx);
    f->w = world_create(hash_key, (struct world_limits){ 0 });
    f->site = (struct directory){ .organisation = S("Example"),
                                  .zone = f->utc,
                                  .zone_name = S("UTC"),
                                  .people = flow_people,
                                  .n_people = 3,
                                  .teams = flow_teams,
                                  .n_teams = 2,
                                  .services = flow_services,
                                  .n_services = 2,
                                  .channels = flow_channels,
                                  .n_channels = 2,
                                  .roles = flow_roles,
                                  .n_roles = 4,
                                  .administrators = flow_index,
                                  .n_administrators = 1,
                                  .working = { 0x1f, 9 * 60, 17 * 60 } };
    flow_step(f, (struct event){ .kind = EVENT_SITE, .site = &f->site });
    flow_step(f, (struct event){ .kind = EVENT_BUNDLE,
                                 .bundle = { .policy = &flow_policy, .routing = &f->routing, .activate = true } });
    flow_step(f, (struct event){ .kind = EVENT_START });
    flow_credit(f);
}

static inline void flow_begin(struct flow *f)
{
    flow_begin_with(f, 7);
}

/* Another process, `away` ms later, that knows only the rows; they come in any order, here last kind first. */
static inline void flow_restart(struct flow *f, int64_t away)
{
    struct world *old = f->w;
    struct error e;
    struct row r;
    int64_t at = f->at, wall = f->wall;
    f->w = world_create(f->hash_key, (struct world_limits){ 0 });
    for (int kind = ROW_KIND_MAX - 1; kind > 0; kind--)
        for (size_t k = 0; row_defs[kind].table != NULL && world_next_row(old, (enum row_kind)kind, &k, &r);)
            assert_int_equal(world_load(f->w, &r, &e), 0);
    world_destroy(&old);
    shadow_follow(&f->stored, f->w, &f->fx, true);
    f->at += away;
    f->wall += away;
    flow_step(f, (struct event){ .kind = EVENT_SITE, .site = &f->site });
    flow_step(f, (struct event){ .kind = EVENT_BUNDLE,
                                 .bundle = { .id = 1, .policy = &flow_policy, .routing = &f->routing } });
    flow_step(f, (struct event){ .kind = EVENT_START, .start = { at, wall } });
    flow_credit(f);
}

static inline void flow_end(struct flow *f)
{
    world_destroy(&f->w);
    shadow_release(&f->stored);
    effects_release(&f->fx);
    zone_destroy(&f->utc);
    arena_destroy(&f->kept);
    vec_release(&f->said);
    vec_release(&f->replayed);
}

/* --- events in words --- */

/* "alertname=DiskFull service=web": sorted by name by the writer. Ends in ms from now; 0 = the sender says none. */
static inline struct signal flow_signal(struct flow *f, const char *labels, int64_t ends_in)
{
    struct label *v = arena_array(f->kept, struct label, 16);
    struct slice rest = slice_of(labels);
    struct buf text = { 0 };
    size_t n = 0;
    for (; rest.n > 0; n++) {
        struct slice pair = slice_cut(&rest, ' ');
        v[n].name = slice_cut(&pair, '=');
        v[n].value = pair;
    }
    alert_labels_text(v, n, &text);
    struct signal s = { .labels = v,
                        .n_labels = n,
                        .labels_text = arena_copy(f->kept, buf_slice(&text)),
                        .fingerprint = alert_fingerprint(v, n),
                        .annotations = S("{\"annotations\":{}}"),
                        .summary = S("It is broken"),
                        .starts = f->wall - SECOND,
                        .ends = ends_in == 0 ? 0 : f->wall + ends_in };
    buf_release(&text);
    return s;
}

static inline void flow_send(struct flow *f, const char *sender, const struct signal *v, size_t n)
{
    flow_step(f, (struct event){ .kind = EVENT_ALERTS, .reply_to = 1, .alerts = { slice_of(sender), v, n } });
}

static inline void flow_fire(struct flow *f, const char *labels)
{
    struct signal s = flow_signal(f, labels, 4 * HOUR); /* long enough not to expire unless a test wants it */
    flow_send(f, "prom", &s, 1);
}

static inline void flow_resolve(struct flow *f, const char *labels)
{
    struct signal s = flow_signal(f, labels, -1);
    flow_send(f, "prom", &s, 1);
}

static inline void flow_act(struct flow *f, struct act a)
{
    if (a.actor.n == 0) a.actor = S("ada");
    flow_step(f, (struct event){ .kind = EVENT_ACT, .act = &a, .reply_to = 2 });
}

/* --- looking --- */

static inline const struct incident *flow_incident(struct flow *f, incident_id id)
{
    const struct incident *i = world_incident(f->w, id);
    if (i == NULL) fail_msg("there is no INC-%d", (int)id);
    return i;
}

static inline size_t flow_said(const struct flow *f, incident_id id, enum entry_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < f->said.n; i++) n += f->said.v[i].incident == id && f->said.v[i].kind == kind;
    return n;
}

/* The last text of this kind, NUL-terminated. */
static inline const char *flow_text(const struct flow *f, incident_id id, enum entry_kind kind)
{
    const char *text = "";
    for (size_t i = 0; i < f->said.n; i++)
        if (f->said.v[i].incident == id && f->said.v[i].kind == kind) text = f->said.v[i].text.p;
    return text;
}

static inline size_t flow_pages(struct flow *f, incident_id id, enum page_reason reason, const char *person)
{
    struct row r;
    size_t n = 0;
    for (size_t at = 0; world_next_row(f->w, ROW_PAGE, &at, &r);) {
        const struct page *p = world_page(f->w, r.v[0]);
        if (p->incident == id && (reason == 0 || p->reason == (int64_t)reason))
            n += person == NULL || slice_eq(world_text(f->w, p->person), slice_of(person));
    }
    return n;
}

static inline const struct alert_kept *flow_alert(struct flow *f, const char *labels)
{
    struct signal s = flow_signal(f, labels, 0);
    const struct alert_kept *found = NULL;
    struct row r;
    for (size_t at = 0; found == NULL && world_next_row(f->w, ROW_ALERT, &at, &r);)
        if (slice_eq(r.text, s.labels_text)) found = world_alert(f->w, r.v[0]);
    if (found == NULL) fail_msg("there is no alert %s", labels);
    return found;
}

#endif
