/* sim_monitors.c - monitors as Prometheus behaves: what fires is said every minute with an end four minutes ahead, what
 * is over is said for 15 minutes more. They send again what was answered with an error by saying it the next minute. */
#include <inttypes.h>

#include "core/alert.h"
#include "core/state_parts.h"
#include "sim_inner.h"

#define SAID_EVERY MINUTE
#define SAID_AHEAD (4 * MINUTE)
#define SAID_OVER (15 * MINUTE)
#define STORM_ALERTS 150

static const struct slice senders[] = { S("prometheus"), S("vmalert"), S("heartbeats") };

/* alertname, service, severity, instance; empty = no such label. Several differ only in the instance. */
static const struct {
    const char *name, *service, *severity;
    int instances, sender;
} templates[] = {
    { "HighErrorRate", "dashboard", "critical", 3, 0 },
    { "DiskFull", "dashboard", "warning", 2, 0 },
    { "DashboardDown", "", "", 1, 0 },
    { "BreakIn", "", "", 1, 1 },
    { "Typo", "", "", 1, 1 },
    { "CacheMisses", "cache", "ticket", 1, 0 },
    { "CacheDown", "cache", "", 2, 1 },
    { "Odd", "", "page", 1, 0 },
    { "Hint", "desk", "info", 1, 1 },
    { "DeskDown", "desk", "critical", 2, 1 },
    { "Slow", "desk", "", 1, 2 },
    { "Staged", "staging", "critical", 1, 0 },
    { "Watchdog", "", "", 1, 2 },
};

static void add_label(struct alert_def *a, const char *name, const char *value)
{
    if (value[0] == '\0') return;
    a->labels[a->n_labels++] = (struct label){ slice_of(name), slice_of(value) };
}

/* Sorted by name: alertname, environment, instance, service, severity. */
static void add_alert(struct sim *s, size_t which, int instance)
{
    struct alert_def *a = vec_push(&s->alerts);
    struct buf name = { 0 };
    buf_addf(&name, "h%d", instance);
    const bool staging = slice_eq(slice_of(templates[which].service), S("staging"));
    add_label(a, "alertname", templates[which].name);
    if (staging) add_label(a, "environment", "staging");
    if (templates[which].instances > 1 || instance > 0)
        a->labels[a->n_labels++] = (struct label){ S("instance"), arena_copy(s->arena, buf_slice(&name)) };
    if (!staging) add_label(a, "service", templates[which].service);
    add_label(a, "severity", templates[which].severity);
    a->sender = templates[which].sender;
    alert_labels_text(a->labels, a->n_labels, &a->text);
    a->fingerprint = fnv1a64(FNV1A64_START, buf_slice(&a->text));
    buf_release(&name);
}

void monitors_begin(struct sim *s)
{
    for (size_t i = 0; i < COUNT_OF(templates); i++)
        for (int k = 0; k < templates[i].instances; k++) add_alert(s, i, k);
    s->plain = s->alerts.n;
    for (int k = 0; k < STORM_ALERTS; k++) add_alert(s, (size_t)k % COUNT_OF(templates), 100 + k);
}

void monitors_end(struct sim *s)
{
    for (size_t i = 0; i < s->alerts.n; i++) buf_release(&s->alerts.v[i].text);
    vec_release(&s->alerts);
    vec_release(&s->said);
}

/* --- one message --- */

struct message {
    struct sim *sim;
    struct signal *v;
    size_t *which, n;
    int64_t wall, at, behind;
};

/* A known alert that was told again is answered ahead of its commit: until the next one, its last word is the one before. */
static void note_answer(struct sim *s, struct alert_def *a, const struct message *m)
{
    const bool ahead = s->r->batches == m->behind;
    if (!ahead)
        a->stored_wall = m->wall;
    else if (s->r->batches > a->answered_behind)
        a->stored_wall = a->answered_wall;
    a->answered_wall = m->wall;
    a->answered_at = m->at;
    a->answered_behind = s->r->batches;
    if (ahead) sim_count(s, SIM_ANSWERED_AHEAD);
}

static bool is_known(struct sim *s, const struct signal *v)
{
    return s->engine != NULL && alert_named(engine_world(s->engine), v->fingerprint, v->labels_text) != 0;
}

/* What a full world answers 503 it has taken as far as it knew the alerts, or they would expire (I23). */
static void on_answer(void *caller, const struct reply *r)
{
    struct message *m = caller;
    struct sim *s = m->sim;
    const bool arrives = engine_leaves(s);
    if (arrives && r->code != 0) sim_count(s, r->code == ERR_BUSY ? SIM_WORLD_FULL : SIM_ALERT_REFUSED);
    for (size_t i = 0; arrives && (r->code == 0 || r->code == ERR_BUSY) && i < m->n; i++) {
        if (m->v[i].ends <= m->wall) continue; /* over; said again and again, and nothing new */
        if (r->code == ERR_BUSY && !is_known(s, &m->v[i])) continue;
        note_answer(s, &s->alerts.v[m->which[i]], m);
    }
    mem_free(m->v);
    mem_free(m->which);
    mem_free(m);
}

static struct signal signal_of(const struct sim *s, const struct alert_def *a, int64_t wall)
{
    const bool over = a->until <= s->now;
    return (struct signal){ .labels = a->labels,
                            .n_labels = a->n_labels,
                            .labels_text = buf_slice(&a->text),
                            .fingerprint = a->fingerprint,
                            .starts = a->starts_wall,
                            .ends = over ? a->ended_wall : wall + SAID_AHEAD };
}

static void say(struct sim *s, int sender, const size_t *which, size_t n)
{
    s->attentive_until = s->now + SIM_LEASE;
    if (n == 0 || s->engine == NULL) return; /* connection refused: said again in a minute */
    struct message *m = mem_alloc(sizeof *m);
    *m = (struct message){ .sim = s, .n = n, .wall = clock_read(s->clock).wall_ms, .at = s->now, .behind = s->r->batches };
    m->v = mem_alloc(n * sizeof *m->v);
    m->which = mem_alloc(n * sizeof *m->which);
    for (size_t i = 0; i < n; i++) {
        m->which[i] = which[i];
        m->v[i] = signal_of(s, &s->alerts.v[which[i]], m->wall);
    }
    struct post p = { .event = { .kind = EVENT_ALERTS }, .done = on_answer, .caller = m };
    p.event.alerts = (struct event_alerts){ .sender = senders[sender], .v = m->v, .n = n };
    if (engine_posts(s, &p)) return;
    mem_free(m->v);
    mem_free(m->which);
    mem_free(m);
}

static bool speaks(const struct sim *s, int sender)
{
    return s->senders[sender].until <= s->now;
}

static void say_one(struct sim *s, size_t alert)
{
    if (speaks(s, s->alerts.v[alert].sender)) say(s, s->alerts.v[alert].sender, &alert, 1);
}

/* --- what is said --- */

static void begin_saying(struct sim *s, size_t alert)
{
    struct alert_def *a = &s->alerts.v[alert];
    const bool said = a->told_until > s->now;
    if (!said) {
        bool listed = false;
        for (size_t i = 0; i < s->said.n; i++) listed = listed || s->said.v[i] == alert;
        if (!listed) *vec_push(&s->said) = alert;
    }
    if (s->monitors_run) return;
    s->monitors_run = true;
    sim_plan_later(s, SAID_EVERY, (struct agenda){ .kind = AGENDA_MONITORS });
}

static void fire(struct sim *s, size_t alert, int64_t ms)
{
    struct alert_def *a = &s->alerts.v[alert];
    const int64_t wall = clock_read(s->clock).wall_ms;
    begin_saying(s, alert);
    if (a->until <= s->now) a->starts_wall = wall;
    a->until = s->now + ms;
    a->ended_wall = wall + ms;
    a->told_until = a->until + SAID_OVER;
}

void monitors_fire(struct sim *s, size_t alert, int64_t ms)
{
    const struct alert_def *a = &s->alerts.v[alert];
    fire(s, alert, ms);
    sim_tell(s, "alert %.*s fires for %" PRId64 " s", (int)a->labels[0].value.n, a->labels[0].value.p, ms / SECOND);
    struct buf line = { 0 };
    for (size_t i = 0; i < a->n_labels; i++)
        buf_addf(&line, " %.*s=%.*s", (int)a->labels[i].name.n, a->labels[i].name.p, (int)a->labels[i].value.n,
                 a->labels[i].value.p);
    const struct slice from = senders[a->sender];
    sim_script(s, 0, "alert from %.*s%s", (int)from.n, from.p, buf_str(&line));
    sim_script(s, ms, "resolve from %.*s%s", (int)from.n, from.p, buf_str(&line));
    buf_release(&line);
    say_one(s, alert);
}

void monitors_draw(struct sim *s)
{
    const size_t alert = (size_t)dice_below(&s->dice, (int64_t)s->plain);
    static const int64_t spans[] = { 2 * MINUTE, 10 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR };
    monitors_fire(s, alert, MINUTE + dice_below(&s->dice, DICE_PICK(&s->dice, spans)));
}

void monitors_storm(struct sim *s)
{
    size_t which[STORM_ALERTS], n = 0;
    const int sender = (int)dice_below(&s->dice, 2);
    const int64_t ms = MINUTE + dice_below(&s->dice, 8 * MINUTE);
    for (size_t i = s->plain; i < s->alerts.n; i++) {
        if (s->alerts.v[i].sender != sender || dice_one_in(&s->dice, 4)) continue;
        fire(s, i, ms);
        which[n++] = i;
    }
    sim_tell(s, "a storm of %zu alerts", n);
    sim_count(s, SIM_ALERT_STORM);
    if (!speaks(s, sender)) return;
    say(s, sender, which, n / 2);
    if (dice_one_in(&s->dice, 2)) {
        s->amid_storm = true;
        dice_one_in(&s->dice, 2) ? site_changes(s) : bundle_changes(s);
        s->amid_storm = false;
    }
    say(s, sender, which + n / 2, n - n / 2);
}

void monitors_flap(struct sim *s, size_t alert, int64_t left)
{
    monitors_fire(s, alert, 20 * SECOND);
    sim_count(s, SIM_ALERT_FLAPS);
    if (left > 0)
        sim_plan_later(s, 70 * SECOND, (struct agenda){ .kind = AGENDA_FLAP, .a = (int64_t)alert, .b = left - 1 });
}

/* The same message twice, as a load balancer or two replicas do. */
void monitors_repeat(struct sim *s)
{
    const size_t alert = (size_t)dice_below(&s->dice, (int64_t)s->plain);
    const size_t both[] = { alert, alert };
    sim_count(s, SIM_ALERT_TWICE);
    monitors_fire(s, alert, 3 * MINUTE + dice_below(&s->dice, 10 * MINUTE));
    if (!speaks(s, s->alerts.v[alert].sender)) return;
    say(s, s->alerts.v[alert].sender, both, 2);
    say_one(s, alert);
}

/* What began and ended hours ago is told now: a queue somewhere was stuck. */
void monitors_late(struct sim *s)
{
    const size_t alert = (size_t)dice_below(&s->dice, (int64_t)s->plain);
    struct alert_def *a = &s->alerts.v[alert];
    if (a->until > s->now) return;
    sim_count(s, SIM_ALERT_LATE);
    sim_tell(s, "alert %.*s is told late", (int)a->labels[0].value.n, a->labels[0].value.p);
    const bool over = dice_one_in(&s->dice, 2);
    fire(s, alert, over ? 0 : 5 * MINUTE);
    a->starts_wall -= 3 * HOUR;
    if (over) a->ended_wall -= 2 * HOUR;
    say_one(s, alert);
}

/* --- every minute --- */

static void say_all_of(struct sim *s, int sender)
{
    size_t *which = mem_alloc((s->said.n + 1) * sizeof *which), n = 0;
    for (size_t i = 0; i < s->said.n; i++)
        if (s->alerts.v[s->said.v[i]].sender == sender) which[n++] = s->said.v[i];
    if (speaks(s, sender)) say(s, sender, which, n);
    mem_free(which);
}

void monitors_tick(struct sim *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->said.n; i++)
        if (s->alerts.v[s->said.v[i]].told_until > s->now) s->said.v[kept++] = s->said.v[i];
    s->said.n = kept;
    s->monitors_run = kept > 0;
    if (kept == 0) return;
    for (int k = 0; k < (int)COUNT_OF(senders); k++) say_all_of(s, k);
    sim_plan_later(s, SAID_EVERY, (struct agenda){ .kind = AGENDA_MONITORS });
}

/* Everything is over. */
void monitors_stop(struct sim *s)
{
    const int64_t wall = clock_read(s->clock).wall_ms;
    for (size_t i = 0; i < s->said.n; i++) {
        struct alert_def *a = &s->alerts.v[s->said.v[i]];
        if (a->until <= s->now) continue;
        a->until = s->now;
        a->ended_wall = wall;
        a->told_until = s->now + SAID_OVER;
    }
}
