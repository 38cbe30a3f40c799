/* life.c - see life.h. */
#include "life.h"

#include <inttypes.h>

#include "core/alert.h"
#include "core/delivery.h"
#include "core/incident.h"
#include "core/page.h"
#include "core/timeline.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* splitmix64 */
static uint64_t random_next(struct life *l)
{
    uint64_t z = l->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t random_below(struct life *l, int64_t n)
{
    return (int64_t)(random_next(l) % (uint64_t)n);
}

static bool one_in(struct life *l, int64_t n)
{
    return random_below(l, n) == 0;
}

#define PICK(l, list) ((list)[random_below((l), COUNT(list))])

static void tell(struct life *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct life *l, const char *fmt, ...)
{
    struct buf b = { 0 };
    va_list ap;
    const int64_t t = l->stage.at - STAGE_BEGINS;
    buf_addf(&b, "T+%" PRId64 ":%02d:%02d.%03d ", t / HOUR, (int)(t % HOUR / MINUTE), (int)(t % MINUTE / SECOND),
             (int)(t % SECOND));
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    *vec_push(&l->story) = arena_copy(l->arena, buf_slice(&b));
    buf_release(&b);
}

/* --- stepping --- */

static void after_step(struct life *l)
{
    for (size_t i = 0; i < l->stage.fx.entries.n; i++) {
        const struct entry *e = &l->stage.fx.entries.v[i];
        tell(l, "    INC-%" PRId64 " #%" PRId64 " %s: %.*s", e->incident, e->seq, entry_kind_name(e->kind),
             (int)e->text.n, e->text.p);
        l->pages += e->kind == ENTRY_PAGED;
    }
    for (size_t i = 0; i < l->stage.fx.sends.n; i++) {
        const struct send *s = &l->stage.fx.sends.v[i];
        *vec_push(&l->flying) = (struct flight){ s->delivery, s->attempt, OUTCOME_UNSET };
        l->sends++;
    }
}

static void step(struct life *l, struct event *ev)
{
    stage_step(&l->stage, ev);
    after_step(l);
}

static bool is_broken(const struct life *l)
{
    return l->stage.broken.len > 0;
}

static void answer(struct life *l, struct flight f, enum outcome o, int64_t retry_after)
{
    struct event ev = { .kind = EVENT_RESULT };
    ev.result = (struct event_result){
        .delivery = f.delivery, .attempt = f.attempt, .outcome = o, .retry_after_ms = retry_after
    };
    tell(l, "delivery %" PRId64 " attempt %" PRId64 ": %s", f.delivery, f.attempt, outcome_name(o));
    step(l, &ev);
}

static void give_credit(struct life *l, int64_t n)
{
    for (size_t i = 0; i < l->o.site->n_channels; i++) {
        struct event ev = { .kind = EVENT_CREDIT };
        ev.credit.channel = l->o.site->channels[i].id;
        ev.credit.n = n;
        step(l, &ev);
    }
}

/* Providers that answer everything at once. */
static void answer_all(struct life *l)
{
    while (l->flying.n > 0 && !is_broken(l)) {
        struct flight f = l->flying.v[0];
        vec_remove(&l->flying, 0);
        answer(l, f, OUTCOME_ACCEPTED, 0);
    }
}

static void run_timers(struct life *l)
{
    struct timer_key k;
    while (!is_broken(l) && world_due_timer(l->stage.world, l->stage.at, &k)) {
        tell(l, "timer kind %" PRId64 " on %" PRId64 "/%" PRId64 " rule %" PRId64, k.kind, k.on, k.subject, k.rule);
        stage_timer(&l->stage);
        after_step(l);
        if (l->o.faultless) answer_all(l);
    }
}

/* Time passes; what comes due runs when it is due, or up to a second late. */
static void pass(struct life *l, int64_t ms)
{
    const int64_t until = l->stage.at + ms;
    int64_t due;
    while (!is_broken(l) && world_next_due(l->stage.world, &due) && due <= until) {
        if (due < l->stage.at) due = l->stage.at;
        if (one_in(l, 4)) due += random_below(l, SECOND);
        if (due > until) due = until;
        stage_pass(&l->stage, due - l->stage.at);
        run_timers(l);
    }
    if (until > l->stage.at) stage_pass(&l->stage, until - l->stage.at);
}

/* --- what can happen --- */

#define L(name, value)               \
    {                                \
        { name, sizeof(name) - 1 },  \
        {                            \
            value, sizeof(value) - 1 \
        }                            \
    }

/* Sorted by name. */
static const struct {
    size_t n;
    struct label v[4];
} alerts[] = {
    { 3, { L("alertname", "HighErrorRate"), L("service", "dashboard"), L("severity", "critical") } },
    { 4,
      { L("alertname", "HighErrorRate"), L("instance", "b"), L("service", "dashboard"), L("severity", "critical") } },
    { 3, { L("alertname", "DiskFull"), L("service", "dashboard"), L("severity", "warning") } },
    { 1, { L("alertname", "DashboardDown") } },
    { 1, { L("alertname", "BreakIn") } },
    { 1, { L("alertname", "Typo") } },
    { 3, { L("alertname", "CacheMisses"), L("service", "cache"), L("severity", "ticket") } },
    { 2, { L("alertname", "CacheDown"), L("service", "cache") } },
    { 2, { L("alertname", "Odd"), L("severity", "page") } },
    { 2, { L("alertname", "Odder"), L("instance", "c") } },
    { 3, { L("alertname", "Hint"), L("service", "desk"), L("severity", "info") } },
    { 2, { L("alertname", "DiskFull"), L("environment", "staging") } },
    { 1, { L("alertname", "Watchdog") } },
};
static const struct slice senders[] = { { "prometheus", 10 }, { "vmalert", 7 } };

static void happen_alerts(struct life *l)
{
    enum { MOST = 4 };
    struct signal v[MOST];
    struct buf text[MOST] = { { 0 } };
    const size_t n = (size_t)random_below(l, MOST) + 1;
    struct event ev = { .kind = EVENT_ALERTS, .alerts = { .sender = PICK(l, senders), .v = v, .n = n } };
    for (size_t i = 0; i < n; i++) {
        const size_t which = (size_t)random_below(l, COUNT(alerts));
        const bool resolved = one_in(l, 4);
        alert_labels_text(alerts[which].v, alerts[which].n, &text[i]);
        v[i] = (struct signal){ .labels = alerts[which].v,
                                .n_labels = alerts[which].n,
                                .labels_text = buf_slice(&text[i]) };
        v[i].fingerprint = fnv1a64(FNV1A64_START, v[i].labels_text);
        if (one_in(l, 2)) v[i].starts = l->stage.wall - random_below(l, 10 * MINUTE);
        if (one_in(l, 3))
            v[i].annotations = one_in(l, 2) ? S("{\"annotations\":{}}") : S("{\"annotations\":{\"a\":\"b\"}}");
        v[i].ends = resolved ? l->stage.wall - random_below(l, MINUTE) : one_in(l, 4) ? 0 : l->stage.wall + 4 * MINUTE;
        tell(l, "alert %.*s %s", (int)alerts[which].v[0].value.n, alerts[which].v[0].value.p,
             resolved ? "resolved" : "firing");
    }
    step(l, &ev);
    for (size_t i = 0; i < n; i++) buf_release(&text[i]);
}

static incident_id some_incident(struct life *l)
{
    struct row r;
    incident_id list[64];
    size_t n = 0;
    for (size_t at = 0; n < COUNT(list) && world_next_row(l->stage.world, ROW_INCIDENT, &at, &r);)
        if (one_in(l, 3) || incident_is_active(world_incident(l->stage.world, r.v[0]))) list[n++] = r.v[0];
    return n == 0 || one_in(l, 50) ? random_below(l, 10) : list[random_below(l, (int64_t)n)];
}

static page_id some_page(struct life *l, incident_id of)
{
    struct row r;
    page_id found = 0;
    for (size_t at = 0; world_next_row(l->stage.world, ROW_PAGE, &at, &r);)
        if (world_page(l->stage.world, r.v[0])->incident == of && one_in(l, 2)) found = r.v[0];
    return found;
}

static void happen_act(struct life *l)
{
    static const enum act_kind kinds[] = { ACT_ACKNOWLEDGE, ACT_ACKNOWLEDGE, ACT_ACKNOWLEDGE, ACT_RESOLVE,  ACT_RESOLVE,
                                           ACT_MITIGATE,    ACT_SEVERITY,    ACT_SEVERITY,    ACT_CLASSIFY, ACT_ASSIGN,
                                           ACT_NOTE,        ACT_SILENCE,     ACT_UNSILENCE,   ACT_DISMISS,  ACT_MERGE,
                                           ACT_REOPEN,      ACT_REOPEN,      ACT_CHECK,       ACT_DETECTED, ACT_DECLARE,
                                           ACT_DECLARE,     ACT_SNOOZE,      ACT_PASS };
    static const struct slice labels[] = { S("SEV1"), S("SEV2"), S("SEV3"), S("SEV4"), S(""), S("nonsense") };
    static const struct slice categories[] = { S("security"), S("database"), S("infrastructure") };
    static const struct slice roles[] = { S("primary"), S("incident-commander"), S("secondary"), S("Management") };
    static const struct slice matchers[] = { S("alertname=\"HighErrorRate\""), S("service=~\"dash.*\""),
                                             S("alertname!=\"Typo\""), S("severity=\"critical\",service=\"dashboard\""),
                                             S("a=~\"(\"") };
    const struct directory *d = l->stage.o.directory;
    struct act a = { .kind = PICK(l, kinds), .via = VIA_SCRIPT };
    struct event ev = { .kind = EVENT_ACT, .act = &a };
    a.actor = one_in(l, 40) ? S("stranger") : d->people[random_below(l, (int64_t)d->n_people)].id;
    a.incident = a.kind == ACT_SILENCE || a.kind == ACT_UNSILENCE || (a.kind == ACT_DECLARE && one_in(l, 2))
                     ? 0
                     : some_incident(l);
    a.into = some_incident(l);
    if (a.kind == ACT_ACKNOWLEDGE && one_in(l, 3)) a.page = some_page(l, a.incident);
    if (a.kind == ACT_SEVERITY || a.kind == ACT_DECLARE || (a.kind == ACT_ACKNOWLEDGE && one_in(l, 4)))
        a.severity_label = PICK(l, labels);
    a.category = a.kind == ACT_CLASSIFY || one_in(l, 4) ? PICK(l, categories) : S("");
    a.service = one_in(l, 2) ? d->services[random_below(l, (int64_t)d->n_services)].id : S("");
    a.role = PICK(l, roles);
    a.person = one_in(l, 2) ? S("") : d->people[random_below(l, (int64_t)d->n_people)].id;
    a.text = one_in(l, 4) ? S("") : S("because");
    a.matchers = PICK(l, matchers);
    a.ends = one_in(l, 3) ? 0 : l->stage.wall + random_below(l, 2 * HOUR);
    a.starts = one_in(l, 4) ? l->stage.wall + random_below(l, HOUR) : 0;
    a.silence = random_below(l, 6);
    a.milestone = random_below(l, 7);
    a.check = random_below(l, 4);
    a.when = l->stage.wall - random_below(l, HOUR);
    tell(l, "%.*s: %s INC-%" PRId64, (int)a.actor.n, a.actor.p, act_kind_name(a.kind), a.incident);
    step(l, &ev);
    const size_t n = l->stage.fx.replies.n;
    if (n != 1) buf_addf(&l->stage.broken, "%zu answers to one act\n", n);
    if (n > 0)
        tell(l, "    → %d %.*s", l->stage.fx.replies.v[0].code, (int)l->stage.fx.replies.v[0].text.n,
             l->stage.fx.replies.v[0].text.p);
}

static void happen_result(struct life *l)
{
    static const enum outcome outcomes[] = { OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED, OUTCOME_ACCEPTED,
                                             OUTCOME_REFUSED,  OUTCOME_NOT_SENT, OUTCOME_UNCERTAIN };
    const bool late = l->landed.n > 0 && one_in(l, 8);
    if (!late && l->flying.n == 0) return;
    const size_t at = (size_t)random_below(l, (int64_t)(late ? l->landed.n : l->flying.n));
    struct flight f = late ? l->landed.v[at] : l->flying.v[at];
    if (f.answered == OUTCOME_UNSET) f.answered = PICK(l, outcomes); /* what was answered is only ever said again */
    if (late) {
        l->landed.v[at] = f;
    } else {
        vec_remove(&l->flying, at);
        *vec_push(&l->landed) = f;
    }
    answer(l, f, f.answered, one_in(l, 8) ? random_below(l, 3 * MINUTE) : 0);
}

/* The courier is gone, and what flew with it may still be heard of. */
static void crash(struct life *l)
{
    for (size_t i = 0; i < l->flying.n; i++) *vec_push(&l->landed) = l->flying.v[i];
    vec_clear(&l->flying);
}

static void happen_courier_lost(struct life *l)
{
    struct event ev = { .kind = EVENT_COURIER_LOST };
    tell(l, "the courier is lost");
    crash(l);
    step(l, &ev);
    if (!one_in(l, 4)) give_credit(l, 1 + random_below(l, 5));
}

static void happen_restart(struct life *l)
{
    const int64_t at = l->stage.at, wall = l->stage.wall;
    const int64_t away = one_in(l, 3) ? 0 : random_below(l, one_in(l, 3) ? 2 * HOUR : 5 * MINUTE);
    tell(l, "restart, away for %" PRId64 " ms", away);
    crash(l);
    stage_pass(&l->stage, away);
    stage_restart(&l->stage, at, wall);
    l->restarts++;
    after_step(l);
    run_timers(l);
    if (!one_in(l, 4)) give_credit(l, 1 + random_below(l, 5));
}

/* What a restart would find, without one. */
static void happen_comparison(struct life *l)
{
    tell(l, "rows are compared with what is committed");
    stage_compare(&l->stage);
}

static void happen_clock(struct life *l)
{
    struct event ev = { .kind = EVENT_CLOCK_SET };
    const int64_t by = one_in(l, 2) ? HOUR : -HOUR;
    tell(l, "the clock is set by %" PRId64 " ms", by);
    l->stage.wall += by;
    step(l, &ev);
}

static void happen_site(struct life *l)
{
    struct event ev = { .kind = EVENT_SITE };
    l->stage.o.directory = l->stage.o.directory == l->o.site ? l->o.smaller : l->o.site;
    ev.site = l->stage.o.directory;
    tell(l, "the site has %zu people now", ev.site->n_people);
    step(l, &ev);
}

static void happen_bundle(struct life *l)
{
    enum { MOST = 8 }; /* each is kept: they are few in life */
    const struct stage *s = &l->stage;
    if (s->bundles.n == MOST) return;
    const bool first = s->bundles.v[s->bundles.n - 1].policy == l->o.policy;
    tell(l, "another document is activated");
    stage_activate(&l->stage, first ? l->o.other : l->o.policy, l->o.routing);
    after_step(l);
}

/* A timer that is not armed, or not due, does nothing (I12, I14). */
static void happen_stale_timer(struct life *l)
{
    struct event ev = { .kind = EVENT_TIMER };
    struct timer_key due;
    ev.timer = (struct timer_key){ random_below(l, 20) + 1, random_below(l, 7) + 1, random_below(l, 17) + 2,
                                   random_below(l, 3) };
    if (world_due_timer(l->stage.world, l->stage.at, &due)) return;
    tell(l, "a stale timer of kind %" PRId64, ev.timer.kind);
    step(l, &ev);
    if (!effects_empty(&l->stage.fx)) buf_addf(&l->stage.broken, "I12 a timer that is not due had effects\n");
}

static void happen_time(struct life *l)
{
    static const int64_t spans[] = { 100, SECOND, 10 * SECOND, MINUTE, MINUTE, 5 * MINUTE, 5 * MINUTE, 30 * MINUTE };
    int64_t ms = random_below(l, PICK(l, spans)) + 1, due;
    if (one_in(l, 200)) ms = random_below(l, 30 * HOUR);
    if (one_in(l, 4) && world_next_due(l->stage.world, &due) && due > l->stage.at && due - l->stage.at < 2 * DAY)
        ms = due - l->stage.at + random_below(l, 3) - 1;
    tell(l, "%" PRId64 " ms pass", ms);
    pass(l, ms);
}

static const struct happening {
    int weight;
    bool fault;
    void (*happen)(struct life *l);
} happenings[] = {
    { 30, false, happen_time },       { 22, false, happen_alerts }, { 18, false, happen_act },
    { 24, true, happen_result },      { 1, true, happen_clock },    { 1, false, happen_site },
    { 1, true, happen_courier_lost }, { 1, true, happen_restart },  { 1, false, happen_stale_timer },
    { 5, false, happen_comparison },  { 1, false, happen_bundle },
};

static void live_on(struct life *l)
{
    int64_t total = 0;
    for (size_t i = 0; i < COUNT(happenings); i++) total += happenings[i].weight;
    if (!l->o.faultless && one_in(l, 6)) give_credit(l, random_below(l, 3));
    int64_t at = random_below(l, total);
    for (size_t i = 0; i < COUNT(happenings); at -= happenings[i++].weight) {
        if (at >= happenings[i].weight) continue;
        if (!l->o.faultless || !happenings[i].fault) happenings[i].happen(l);
        break;
    }
    if (l->o.faultless) answer_all(l);
}

/* --- the end of a life --- */

static void check_faultless(struct life *l)
{
    struct row r;
    for (size_t at = 0; world_next_row(l->stage.world, ROW_DELIVERY, &at, &r);) {
        const struct delivery *d = world_delivery(l->stage.world, r.v[0]);
        const bool once = d->attempts == 1 && d->state == DELIVERY_ACCEPTED;
        if (!once && d->attempts != 0)
            buf_addf(&l->stage.broken, "I6 delivery %" PRId64 " took %" PRId64 " attempts\n", d->id, d->attempts);
    }
}

/* When faults stop and nobody acts, everything comes to rest: accepted, or given up with an alarm (I3, I4, P2). */
static void come_to_rest(struct life *l)
{
    struct row r;
    tell(l, "everything works from now on, and nobody acts");
    for (int i = 0; i < 400 && !is_broken(l); i++) {
        give_credit(l, 1000);
        answer_all(l);
        pass(l, MINUTE);
    }
    for (size_t at = 0; !is_broken(l) && world_next_row(l->stage.world, ROW_INCIDENT, &at, &r);) {
        const struct incident *i = world_incident(l->stage.world, r.v[0]);
        const bool waits = incident_is_active(i) && i->acknowledged_at == 0 && i->held_at == 0 && i->recovered_at == 0;
        const bool lately = i->level_at > l->stage.at - 2 * HOUR; /* an acknowledgement that lapsed: it begins anew */
        if (waits && i->exhausted_at == 0 && i->snoozed_until_at == 0 && !lately)
            buf_addf(&l->stage.broken, "I4 INC-%" PRId64 " is neither answered nor given up\n", i->id);
    }
    for (size_t at = 0; !is_broken(l) && world_next_row(l->stage.world, ROW_DELIVERY, &at, &r);)
        if (delivery_is_open(world_delivery(l->stage.world, r.v[0])) &&
            world_delivery(l->stage.world, r.v[0])->queued_at < l->stage.at - 10 * MINUTE)
            buf_addf(&l->stage.broken, "P2 delivery %" PRId64 " never ends\n", r.v[0]);
}

static void print_broken(const struct life *l, struct buf *out)
{
    enum { LAST = 60 };
    buf_addf(out, "seed %" PRIu64 "%s\n", l->o.seed, l->o.faultless ? " (faultless)" : "");
    for (size_t i = l->story.n > LAST ? l->story.n - LAST : 0; i < l->story.n; i++)
        buf_addf(out, "%.*s\n", (int)l->story.v[i].n, l->story.v[i].p);
    buf_add(out, buf_slice(&l->stage.broken));
}

uint64_t life_run(const struct life_options *o, struct buf *broken)
{
    struct life l = { .o = *o, .random = o->seed, .arena = arena_create(0) };
    /* 2026-03-27: the clocks of Berlin change two days later */
    const struct stage_options at = { .policy = o->policy,
                                      .routing = o->routing,
                                      .directory = o->site,
                                      .bytes = S("a bundle"),
                                      .wall = INT64_C(1774580400000) + random_below(&l, 3 * DAY),
                                      .hash_key = o->hash_key };
    stage_begin(&l.stage, &at);
    give_credit(&l, o->faultless ? 1000000 : 3);
    for (size_t i = 0; i < o->events && !is_broken(&l); i++) live_on(&l);
    if (!is_broken(&l) && o->faultless) check_faultless(&l);
    if (!is_broken(&l)) come_to_rest(&l);
    if (is_broken(&l)) print_broken(&l, broken);
    const uint64_t trace = l.stage.trace;
    vec_release(&l.flying);
    vec_release(&l.landed);
    vec_release(&l.story);
    stage_end(&l.stage);
    arena_destroy(&l.arena);
    return trace;
}
