/* test_world_random.c - seeded random lives: alerts, silence, people, failing channels, restarts; after every step the
 * invariants that can be seen from the rows (I2, I3, I8, I12, I19, I30, R150, R152).
 *
 * A failure names its seed and step: put the seed first in `seeds` and it happens again. */
#include "flow.h"

#include "core/state.h"

#define M MINUTE

enum { LIVES = 40, STEPS = 400 };

static const char *const labels[] = {
    "alertname=DiskFull instance=h1 service=web severity=warning",
    "alertname=DiskFull instance=h2 service=web severity=warning",
    "alertname=Down instance=h1 service=web severity=critical",
    "alertname=Slow instance=h1 service=shop severity=ticket",
    "alertname=Slow instance=h2 service=shop",
    "alertname=Odd instance=h3 severity=error",
    "alertname=Odd instance=h4",
    "alertname=Hint service=web severity=info",
    "alertname=Watchdog severity=none",
    "alertname=Cpu service=web severity=P1",
};
static const char *const silences[] = { "service=web", "alertname=~\"D.*\"", "instance=h2",
                                        "alertname!=Odd,instance=~\"h.\"" };
static const char *const senders[] = { "prom", "vmalert" };
static const char *const people[] = { "ada", "joan", "grace" };

#define PICK(f, list) ((list)[flow_random((f), COUNT_OF(list))])

/* --- invariants --- */

static struct {
    uint64_t seed;
    int step;
} now;

/* The last of what the timelines say: usually enough to see how it came. */
static void broken(struct flow *f, const char *what, int64_t id)
{
    enum { LAST = 25 };
    for (size_t i = f->said.n > LAST ? f->said.n - LAST : 0; i < f->said.n; i++)
        print_error("INC-%d %s: %s\n", (int)f->said.v[i].incident, entry_kind_name(f->said.v[i].kind),
                    f->said.v[i].text.p);
    fail_msg("seed %#llx, step %d: %s %d", (unsigned long long)now.seed, now.step, what, (int)id);
}

#define NEED(cond, what, id)                  \
    do {                                      \
        if (!(cond)) broken(f, (what), (id)); \
    } while (0)

struct seen { /* of one incident, from its alerts */
    int64_t firing, expired;
};

static void check_alerts(struct flow *f, struct seen *seen, size_t n)
{
    struct row r;
    int64_t firing_of_sender[COUNT_OF(senders)] = { 0 };
    for (size_t at = 0; world_next_row(f->w, ROW_ALERT, &at, &r);) {
        const struct alert_kept *a = world_alert(f->w, r.v[0]);
        const struct live_kept *live = world_alert_live(f->w, r.v[0]);
        NEED(live != NULL, "no live row of alert", a->id);
        NEED((a->incident != 0) != (world_alert_shared(f->w, a)->reason != REASON_NONE), "I2: an incident or a reason: alert", a->id);
        NEED(live->state >= ALERT_FIRING && live->state <= ALERT_EXPIRED, "no state: alert", a->id);
        NEED(live->state != ALERT_FIRING || live->ends_wall >= f->wall, "fires beyond its end: alert", a->id);
        for (size_t k = 0; k < COUNT_OF(senders); k++)
            if (slice_eq(world_text(f->w, world_alert_shared(f->w, a)->sender), slice_of(senders[k])))
                firing_of_sender[k] += live->state == ALERT_FIRING;
        if ((size_t)a->incident >= n) continue;
        seen[a->incident].firing += live->state == ALERT_FIRING;
        seen[a->incident].expired += live->state == ALERT_EXPIRED;
    }
    for (size_t k = 0; k < COUNT_OF(senders); k++) {
        int64_t counted = 0;
        imap_get(f->w->senders, (struct ikey){ world_symbol(f->w, slice_of(senders[k])), 0 }, &counted);
        NEED(counted == firing_of_sender[k], "firing alerts of sender", k);
    }
}

static bool any_timer(struct flow *f, incident_id id, enum timer_kind kind)
{
    for (int64_t rule = 0; rule < 80; rule++)
        if (timer_due(f->w, SUBJECT_INCIDENT, id, kind, rule) != 0) return true;
    return false;
}

static void check_incident(struct flow *f, const struct incident *i, const struct seen *s)
{
    bool active = i->state == INCIDENT_OPEN || i->state == INCIDENT_MITIGATED;
    bool free = active && i->held_at == 0 && i->recovered_at == 0;
    NEED(i->firing == s->firing, "firing alerts of INC", i->id);
    NEED(!active || i->declared_by == 0 || i->held_at == 0, "R152: a person's declaration is held: INC", i->id);
    bool first_clock = any_timer(f, i->id, TIMER_NO_RESPONSE) || any_timer(f, i->id, TIMER_ROUND);
    bool second_clock = any_timer(f, i->id, TIMER_NO_RESOLUTION), recovers = any_timer(f, i->id, TIMER_RECOVERED);
    NEED(!free || i->acknowledged_at != 0 || i->exhausted_at != 0 || first_clock, "I3: nothing armed: INC", i->id);
    NEED(active || (!first_clock && !second_clock && !recovers), "I8: a clock runs though it is over: INC", i->id);
    NEED(!active || s->firing == 0 || (i->recovered_at == 0 && !recovers), "R150: fires and recovers: INC", i->id);
    NEED(s->expired == 0 || !recovers, "R150: expired resolves nothing: INC", i->id);
    bool covered = silence_holding(f->w, i->id, f->wall, NULL) != 0;
    bool later = any_timer(f, i->id, TIMER_HOLD); /* while it flaps */
    NEED(!active || !covered || later || i->held_at != 0, "R152: silenced and not held: INC", i->id);
    NEED(!active || i->held_at == 0 || s->firing == 0 || covered, "R152: held and not silenced: INC", i->id);
}

static void check_pages(struct flow *f)
{
    struct row r;
    for (size_t at = 0; world_next_row(f->w, ROW_PAGE, &at, &r);) {
        const struct page *p = world_page(f->w, r.v[0]);
        const struct incident *i = world_incident(f->w, p->incident);
        bool active = i != NULL && (i->state == INCIDENT_OPEN || i->state == INCIDENT_MITIGATED);
        NEED(active || p->kind != PAGE_PAGE || p->state != PAGE_STATE_OPEN,
             "I8: open though its incident is over: page", p->id);
    }
}

static void check_all(struct flow *f)
{
    struct row r;
    size_t n = f->replayed.n + 1;
    struct seen *seen = mem_alloc(n * sizeof *seen);
    check_alerts(f, seen, n);
    for (size_t at = 0; world_next_row(f->w, ROW_INCIDENT, &at, &r);) {
        const struct incident *i = world_incident(f->w, r.v[0]);
        check_incident(f, i, &seen[i->id]);
    }
    mem_free(seen);
    check_pages(f);
}

/* --- what may happen --- */

static incident_id some_incident(struct flow *f)
{
    return f->replayed.n < 2 ? 1 : 1 + (incident_id)flow_random(f, f->replayed.n - 1);
}

static void some_alerts(struct flow *f, bool resolved)
{
    struct signal v[3];
    size_t n = 1 + flow_random(f, COUNT_OF(v));
    for (size_t k = 0; k < n; k++)
        v[k] = flow_signal(f, PICK(f, labels), resolved ? -1 : flow_random(f, 3) == 0 ? 4 * HOUR : 4 * M);
    flow_send(f, PICK(f, senders), v, n);
}

static void some_silence(struct flow *f)
{
    int64_t starts = flow_random(f, 2) == 0 ? 0 : f->wall + (int64_t)flow_random(f, 20) * M;
    flow_act(f, (struct act){ .kind = ACT_SILENCE,
                              .actor = slice_of(PICK(f, people)),
                              .matchers = slice_of(PICK(f, silences)),
                              .starts = starts,
                              .ends = f->wall + (int64_t)(21 + flow_random(f, 60)) * M,
                              .text = S("planned") });
}

static void some_act(struct flow *f)
{
    static const enum act_kind kinds[] = { ACT_ACKNOWLEDGE, ACT_ACKNOWLEDGE, ACT_ACKNOWLEDGE, ACT_DECLARE,
                                           ACT_SEVERITY,    ACT_MITIGATE,    ACT_RESOLVE,     ACT_RESOLVE,
                                           ACT_DISMISS,     ACT_MERGE,       ACT_REOPEN,      ACT_NOTE,
                                           ACT_CLASSIFY,    ACT_UNSILENCE,   ACT_ASSIGN };
    struct act a = {
        .kind = PICK(f, kinds), .actor = slice_of(PICK(f, people)), .incident = some_incident(f), .text = S("because")
    };
    a.into = some_incident(f);
    a.severity = a.kind == ACT_SEVERITY ? 1 + (int64_t)flow_random(f, 4) : 0;
    a.category = a.kind == ACT_CLASSIFY ? S("security") : S("");
    a.role = S("incident-commander");
    a.silence = 1 + (silence_id)flow_random(f, 5);
    if (a.kind == ACT_DECLARE && flow_random(f, 3) == 0) a.incident = 0;
    if (a.kind == ACT_DECLARE && a.incident == 0) a.service = flow_random(f, 2) == 0 ? S("web") : S("");
    flow_act(f, a);
}

static void something(struct flow *f)
{
    uint64_t what = flow_random(f, 100);
    if (what < 30)
        some_alerts(f, false);
    else if (what < 45)
        some_alerts(f, true);
    else if (what < 70)
        flow_until(f, f->at - FLOW_AT + (int64_t)flow_random(f, 6 * 60) * SECOND);
    else if (what < 74)
        flow_until(f, f->at - FLOW_AT + (int64_t)flow_random(f, 180) * M);
    else if (what < 92)
        some_act(f);
    else if (what < 96)
        some_silence(f);
    else
        flow_restart(f, (int64_t)flow_random(f, 30) * M);
    flow_until(f, f->at - FLOW_AT); /* what is due by now runs before anybody looks */
}

static uint64_t live(uint64_t seed, uint64_t hash_key)
{
    struct flow f;
    flow_begin_with(&f, hash_key);
    f.seed = seed;
    now.seed = seed;
    for (int step = 0; step < STEPS; step++) {
        now.step = step;
        something(&f);
        check_all(&f);
    }
    uint64_t trace = f.trace;
    flow_end(&f);
    return trace;
}

static void invariants_hold_in_random_lives(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= LIVES; seed++) live(seed * UINT64_C(0x9e3779b97f4a7c15), 7);
}

static void I30_the_same_seed_gives_the_same_trace(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) assert_true(live(seed, 7) == live(seed, 1234567));
    assert_true(live(1, 7) != live(2, 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invariants_hold_in_random_lives),
        cmocka_unit_test(I30_the_same_seed_gives_the_same_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
