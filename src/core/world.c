/* world.c - builds the world from rows and dispatches each event to the flow that knows it.
 *
 * Not here: any rule. Always: one step is one event; its effects are complete when world_step() returns. */
#include "core/world.h"

#include "core/world_duty.h"

#include "core/budget.h"

#include "core/state_parts.h"

#define DEFAULT_ALERTS 500000
#define DEFAULT_BYTES (INT64_C(1) << 30)

struct world *world_create(uint64_t hash_key, struct world_limits limits)
{
    struct world *w = mem_alloc(sizeof *w);
    w->hash_key = hash_key;
    w->limits.alerts = limits.alerts > 0 ? limits.alerts : DEFAULT_ALERTS;
    w->limits.bytes = limits.bytes > 0 ? limits.bytes : DEFAULT_BYTES;
    state_init(w);
    return w;
}

void world_destroy(struct world **w)
{
    if (*w == NULL) return;
    silences_release(*w);
    reaches_release(*w);
    judged_release(*w);
    state_release(*w);
    mem_free(*w);
    *w = NULL;
}

/* --- loading --- */

int world_load(struct world *w, const struct row *r, struct error *e)
{
    if (r->kind <= ROW_UNSET || r->kind >= ROW_KIND_MAX || row_defs[r->kind].table == NULL)
        return fail(e, ERR_INVALID, "a row of unknown kind %d: was this store written by a newer Tocsin?",
                    (int)r->kind);
    if (r->kind == ROW_ALERT || r->kind == ROW_ALERT_LIVE) return alert_load(w, r, e);
    if (state_get(w, r->kind, row_key(r->kind, r->v)) != NULL)
        return fail(e, ERR_INVALID, "two rows of %s with the key %lld", row_defs[r->kind].table, (long long)r->v[0]);
    state_load(w, r);
    return 0;
}

size_t world_bundles(const struct world *w, bundle_id *ids, size_t max)
{
    size_t n = 0;
    const struct bundle *b;
    for (size_t at = 0; (b = state_next(w, ROW_BUNDLE, &at)) != NULL;) {
        const struct incident *i;
        bool used = b->active != 0 || b->waiting != 0;
        for (size_t k = 0; !used && (i = state_next(w, ROW_INCIDENT, &k)) != NULL;) used = i->bundle == b->id;
        if (used && n < max) ids[n++] = b->id;
    }
    return n;
}

/* --- what the shell tells --- */

static void step_start(struct world *w)
{
    int64_t away = w->ev->start.last_wall == 0 ? 0 : w->ev->wall - w->ev->start.last_wall;
    state_index(w);
    timers_drop_orphans(w);
    timers_follow_wall(w);
    world_alert_loaded(w);
    if (away > 0) world_alert_ends_credit(w, away);
    world_paging_loaded(w);
    deliveries_uncertain(w);
    w->started = true;
    if (w->ev->start.last_wall == 0)
        SAY(w, 0, ENTRY_STARTED, 0, S("Started for the first time"));
    else
        SAY(w, 0, ENTRY_STARTED, 0, S("Started; away for "), text_duration(w, away > 0 ? away : 0));
    world_bundles_upgraded(w);
    if (w->directory != NULL) deliveries_follow_site(w); /* edited while nobody ran */
}

static void step_site(struct world *w)
{
    bool again = w->directory != NULL;
    w->directory = w->ev->site;
    if (again) SAY(w, 0, ENTRY_CHANGED, 0, S("The site was loaded again"));
    if (again) deliveries_follow_site(w);
    REPLY(w, 0, 0, 0, S("The site is in force"));
}

static void step_clock_set(struct world *w)
{
    timers_follow_wall(w);
    SAY(w, 0, ENTRY_CHANGED, 0, S("The wall clock was set; durations go on, civil times follow"));
}

/* Nobody was heard meanwhile, so nothing that was said ended: as after a restart (I21). */
static void step_stood_still(struct world *w)
{
    world_alert_ends_credit(w, w->ev->stood_still_ms);
    SAY(w, 0, ENTRY_CHANGED, 0, S("Stood still for "), text_duration(w, w->ev->stood_still_ms),
        S(": alerts hold for so much longer"));
}

/* --- timers --- */

static void timer_fire(struct world *w, const struct timer_key *k, int64_t due)
{
    switch ((enum timer_kind)k->kind) {
    case TIMER_UNSET: break;
    case TIMER_ALERT_END: world_alert_end(w, k->subject); break;
    case TIMER_RECOVERED: world_recovered(w, k->subject); break;
    case TIMER_SILENCE_START: world_silence_start(w, k->subject); break;
    case TIMER_SILENCE_END: world_silence_end(w, k->subject); break;
    case TIMER_HOLD: silence_settle(w, k->subject, true); break;
    case TIMER_RETRY: delivery_retry_due(w, k->subject); break;
    case TIMER_MILESTONE: milestone_due(w, k->subject, k->rule); break;
    case TIMER_CLOSE: world_close_due(w, k->subject); break;
    case TIMER_PRUNE: world_prune(w, k->subject); break;
    case TIMER_STILL_ON_IT: duty_ask(w, k->subject); break;
    case TIMER_SNOOZE_END: snooze_end(w, k->subject, S("The snooze is over")); break;
    case TIMER_NO_RESPONSE:
    case TIMER_NO_RESOLUTION:
    case TIMER_ROUND:
    case TIMER_UNANSWERED:
    case TIMER_NEXT_KIND:
    case TIMER_GIVE_UP:
    case TIMER_MORNING:
    case TIMER_RING_LATER: paging_timer(w, k, due); break;
    }
}

static void step_timer(struct world *w)
{
    const struct timer_key *k = &w->ev->timer;
    if (k->kind == TIMER_ALERT_END) {
        struct alert_cell *c = alert_table_find(w->alerts, k->subject);
        if (c != NULL && alert_table_end_never(w->alerts, c)) timer_fire(w, k, w->ev->at);
        return;
    }
    int64_t due = timer_due(w, (enum subject_kind)k->on, k->subject, (enum timer_kind)k->kind, k->rule);
    if (due == 0 || due > w->ev->at) return; /* early, late or repeated: no effect (I12) */
    timer_cancel(w, (enum subject_kind)k->on, k->subject, (enum timer_kind)k->kind, k->rule);
    timer_fire(w, k, due);
}

bool world_due_timer(const struct world *w, int64_t at, struct timer_key *key)
{
    int64_t due;
    bool durable = timer_peek(w, key, &due);
    const struct alert_cell *c = alert_table_first_end(w->alerts);
    if (c != NULL && (!durable || c->ends_at <= due)) {
        *key = (struct timer_key){ c->row.id, SUBJECT_ALERT, TIMER_ALERT_END, 0 };
        return c->ends_at <= at;
    }
    return durable && due <= at;
}

bool world_next_due(const struct world *w, int64_t *at)
{
    bool durable = timer_peek(w, NULL, at);
    const struct alert_cell *c = alert_table_first_end(w->alerts);
    if (c == NULL) return durable;
    if (!durable || c->ends_at < *at) *at = c->ends_at;
    return true;
}

/* --- the door --- */

void world_step(struct world *w, const struct event *ev, struct effects *out)
{
    CHECK(ev->at > 0 && (w->started || ev->kind == EVENT_SITE || ev->kind == EVENT_BUNDLE || ev->kind == EVENT_START));
    w->ev = ev;
    w->fx = out;
    timeline_begin_step(w);
    if (ev->kind == EVENT_SITE || ev->kind == EVENT_BUNDLE) judged_forget(w);
    switch (ev->kind) {
    case EVENT_UNSET: break;
    case EVENT_START: step_start(w); break;
    case EVENT_SITE: step_site(w); break;
    case EVENT_BUNDLE: world_bundle(w); break;
    case EVENT_ALERTS: world_alerts(w); break;
    case EVENT_ACT: world_act(w); break;
    case EVENT_TIMER: step_timer(w); break;
    case EVENT_RESULT: delivery_result(w, &ev->result); break;
    case EVENT_CREDIT: delivery_credit(w, ev->credit.channel, ev->credit.n); break;
    case EVENT_COURIER_LOST: deliveries_uncertain(w); break;
    case EVENT_CLOCK_SET: step_clock_set(w); break;
    case EVENT_HEAD: paging_evidence(w, ev->head); break;
    case EVENT_CANARY: world_canary(w); break;
    case EVENT_UNJOURNALED: delivery_unjournaled(w, ev->unjournaled); break;
    case EVENT_STOOD_STILL: step_stood_still(w); break;
    case EVENT_TROUBLE: paging_alarm(w, 0, w->ev->trouble.what); break;
    }
    timeline_end_step(w);
    w->ev = NULL;
    w->fx = NULL;
}

struct world_fullness world_fullness(const struct world *w)
{
    const int64_t alerts = (int64_t)alert_table_count(w->alerts) * 100 / w->limits.alerts;
    const int64_t texts = w->bytes > w->limits.bytes ? 100 : w->bytes / (w->limits.bytes / 100 + 1);
    if (texts > alerts) return (struct world_fullness){ texts, w->limits.bytes, S("bytes of texts") };
    return (struct world_fullness){ alerts, w->limits.alerts, S("alerts") };
}

int64_t world_full(const struct world *w, struct slice *what)
{
    const bool many = (int64_t)alert_table_count(w->alerts) >= w->limits.alerts, large = w->bytes > w->limits.bytes;
    if (!many && !large) return 0;
    *what = many ? S("alerts") : S("bytes of texts");
    return many ? w->limits.alerts : w->limits.bytes;
}

int world_admit(const struct world *w, const struct event *ev, struct error *e)
{
    struct slice what;
    const int64_t limit = ev->kind != EVENT_ALERTS ? 0 : world_full(w, &what);
    if (limit == 0) return 0;
    for (size_t i = 0; i < ev->alerts.n; i++)
        if (alert_named(w, ev->alerts.v[i].fingerprint, ev->alerts.v[i].labels_text) != 0) return 0;
    return fail(e, ERR_BUSY, "the limit of %lld %.*s is reached; send again later", (long long)limit, (int)what.n, what.p);
}
