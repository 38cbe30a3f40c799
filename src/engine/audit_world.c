/* audit_world.c - the checks of the world: what is late, what waits, who would be paged.
 * Not here: the house around it (audit.c).
 * Always: who is on call is asked of the function that paging asks (core/role.c, I15). */
#include <inttypes.h>

#include "base/check.h"
#include "base/civil.h"
#include "base/map.h"
#include "core/contact.h"
#include "core/delivery.h"
#include "core/page.h"
#include "core/role.h"
#include "core/role_name.h"
#include "engine/audit.h"

#define TIMER_LATE SECOND /* P4 */
#define CAUGHT_UP (5 * SECOND) /* P4: after a kill -9 */
#define WAITS_TOO_LONG MINUTE /* I9, P5 */
#define GIVEN_UP (5 * MINUTE) /* P5 */
#define NEARLY_FULL 90 /* percent */
#define CANARY_BACK (30 * SECOND)
#define HORIZON (14 * DAY)
#define PARTIES_MAX 64
#define SOON DAY /* what is missing within it stops the heartbeat: nobody may see the warning before it is too late */

/* How long we could have done something about what is so since `from`: nobody was there before the start. */
static int64_t lateness(const struct audit *a, int64_t from, int64_t at)
{
    return at - (from > a->since ? from : a->since);
}

static void check_timers(struct audit *a, const struct world *w, int64_t at)
{
    int64_t due;
    if (world_next_due(w, &due) && lateness(a, due, at) > (due < a->since ? CAUGHT_UP : TIMER_LATE))
        audit_note(a, AUDIT_TIMERS, AUDIT_FAILING, "a timer is overdue by %" PRId64 " ms", at - due);
    audit_note(a, AUDIT_TIMERS, AUDIT_OK, "none is overdue");
}

/* --- deliveries and pages --- */

static void note_waiting(struct audit *a, const struct world *w, const struct delivery *d, int64_t at)
{
    if (d->state != DELIVERY_WAITING || d->purpose == PURPOSE_CANARY) return;
    if (lateness(a, d->queued_at, at) <= WAITS_TOO_LONG) return;
    const bool page = d->purpose == PURPOSE_PAGE || d->purpose == PURPOSE_ALARM;
    const struct slice channel = world_text(w, d->channel);
    audit_note(a, AUDIT_DELIVERIES, page ? AUDIT_FAILING : AUDIT_WARNING,
               "%s %" PRId64 " waits for %" PRId64 " s: channel %.*s has no credit", purpose_name(d->purpose), d->id,
               (at - d->queued_at) / SECOND, (int)channel.n, channel.p);
}

/* What the deliveries of each page, and of all pages of an incident, have come to: once for all, a storm has thousands. */
enum { HOPE_TAKEN = 1, HOPE_UNDER_WAY = 2 };
enum { OF_INCIDENT, OF_PAGE };

static int64_t hope_of(const struct imap *hopes, int64_t id, int of)
{
    int64_t bits = 0;
    imap_get(hopes, (struct ikey){ id, of }, &bits);
    return bits;
}

static struct imap *hopes_make(const struct world *w)
{
    struct imap *hopes = imap_create(0); /* our own numbers */
    struct row r;
    for (size_t at = 0; world_next_row(w, ROW_DELIVERY, &at, &r);) {
        const struct delivery *d = (const struct delivery *)r.v;
        const int64_t bits = d->state == DELIVERY_ACCEPTED ? HOPE_TAKEN : delivery_is_open(d) ? HOPE_UNDER_WAY : 0;
        if (bits == 0 || d->page == 0 || (d->purpose != PURPOSE_PAGE && d->purpose != PURPOSE_NOTIFICATION)) continue;
        imap_put(hopes, (struct ikey){ d->page, OF_PAGE }, hope_of(hopes, d->page, OF_PAGE) | bits);
        if (d->purpose == PURPOSE_NOTIFICATION) continue;
        imap_put(hopes, (struct ikey){ d->incident, OF_INCIDENT }, hope_of(hopes, d->incident, OF_INCIDENT) | bits);
    }
    return hopes;
}

/* Every page and notification that is not finished, loud or quiet. It may reach nobody while nobody has the incident and no
 * page of it got through; else somebody knows of it: a warning while this one is under way. One that failed is no trouble
 * beside another that got through, or may: that is what levels are for. */
static void check_page(struct audit *a, const struct world *w, const struct imap *hopes, const struct page *p,
                       int64_t at)
{
    const struct incident *i = world_incident(w, p->incident);
    const int64_t age = at - p->created_at, tried = lateness(a, p->created_at, at);
    const int64_t hope = hope_of(hopes, p->incident, OF_INCIDENT);
    const bool open = p->state == PAGE_STATE_OPEN;
    if (i == NULL || i->resolved_at != 0 || i->closed_at != 0) return;
    if (open ? age <= WAITS_TOO_LONG : p->state != PAGE_STATE_FAILED) return;
    if (open && (hope_of(hopes, p->id, OF_PAGE) & HOPE_TAKEN) != 0) return;
    const bool nobody = p->kind == PAGE_PAGE && i->acknowledged_at == 0 && (hope & HOPE_TAKEN) == 0;
    if (!open && !nobody) return;
    audit_note(a, AUDIT_PAGES, nobody && (hope == 0 || tried >= GIVEN_UP) ? AUDIT_FAILING : AUDIT_WARNING,
               "no provider took %s %" PRId64 " of INC-%" PRId64 " for %" PRId64 " s",
               p->kind == PAGE_PAGE ? "page" : "notification", p->id, p->incident, age / SECOND);
}

static void check_deliveries(struct audit *a, const struct world *w, int64_t at)
{
    struct imap *hopes = hopes_make(w);
    struct row r;
    for (size_t k = 0; world_next_row(w, ROW_DELIVERY, &k, &r);) note_waiting(a, w, (const struct delivery *)r.v, at);
    for (size_t k = 0; world_next_row(w, ROW_PAGE, &k, &r);) check_page(a, w, hopes, (const struct page *)r.v, at);
    imap_destroy(&hopes);
    audit_note(a, AUDIT_DELIVERIES, AUDIT_OK, "none waits for more than 60 s");
    audit_note(a, AUDIT_PAGES, AUDIT_OK, "every page was taken");
}

static void check_limits(struct audit *a, const struct world *w)
{
    const struct world_fullness f = world_fullness(w);
    const int n = (int)f.of.n;
    if (f.percent >= 100)
        audit_note(a, AUDIT_LIMITS, AUDIT_FAILING,
                   "the limit of %" PRId64 " %.*s is reached: alerts that are not known yet are refused", f.limit, n,
                   f.of.p);
    else if (f.percent >= NEARLY_FULL)
        audit_note(a, AUDIT_LIMITS, AUDIT_WARNING,
                   "%" PRId64 " %% of %" PRId64 " %.*s are held: at 100 %% new ones are refused", f.percent, f.limit, n,
                   f.of.p);
    audit_note(a, AUDIT_LIMITS, AUDIT_OK, "%" PRId64 " %% of %" PRId64 " %.*s", f.percent, f.limit, n, f.of.p);
}

static void check_canary(struct audit *a, const struct world *w, int64_t at)
{
    const struct delivery *d = world_delivery(w, CANARY_DELIVERY);
    if (d == NULL) return; /* none was ever sent: the auditor says whether one should have been */
    if (delivery_is_open(d) && lateness(a, d->queued_at, at) > CANARY_BACK)
        audit_note(a, AUDIT_CANARY, AUDIT_FAILING, "it did not come back for %" PRId64 " s",
                   (at - d->queued_at) / SECOND);
    else if (!delivery_is_open(d) && d->state != DELIVERY_ACCEPTED)
        audit_note(a, AUDIT_CANARY, AUDIT_FAILING, "it %s", delivery_state_name(d->state));
    else if (!delivery_is_open(d))
        audit_note(a, AUDIT_CANARY, AUDIT_OK, "came back after %" PRId64 " ms", d->ended_at - d->queued_at);
    audit_note(a, AUDIT_CANARY, AUDIT_OK, "is on its way");
}

/* --- who would be paged --- */

struct duty { /* the first page of a service, or of what no service matches */
    struct slice service, team, name;
    const struct policy *policy; /* what holds for them */
    struct slice role;
};

struct reach {
    bool bound, wakes;
};

static struct reach reach_of(const struct directory *d, const struct policy *p, int person, struct slice role)
{
    struct contact_choice c[CONTACT_MAX];
    struct reach r = { 0 };
    const size_t n = contact_choices(d, p, person, role, S(""), true, c);
    for (size_t i = 0; i < n; i++) r.wakes = r.wakes || c[i].wakes;
    r.bound = n > 0;
    return r;
}

/* The same thing is a warning while there is time, and stops the heartbeat a day before it hits. */
static enum audit_state urgency(int64_t wall, int64_t at)
{
    return at - wall <= SOON ? AUDIT_FAILING : AUDIT_WARNING;
}

static void add_from(struct buf *out, int64_t wall, int64_t at)
{
    if (at == wall) return;
    buf_add_str(out, " from ");
    civil_format_rfc3339(out, at, 0, false);
}

static void note_waking(struct audit *a, enum audit_state state, const struct person *person, struct slice from)
{
    audit_note(a, AUDIT_WAKING, state, "%.*s has no contact by a channel that wakes%s%.*s", (int)person->name.n,
               person->name.p, from.n > 0 ? ", and is paged first" : "", (int)from.n, from.p);
}

static void note_gap(struct audit *a, const struct duty *t, int64_t wall, int64_t at)
{
    struct buf when = { 0 };
    add_from(&when, wall, at);
    audit_note(a, at == wall ? AUDIT_ON_CALL : AUDIT_GAPS, urgency(wall, at),
               "%.*s: nobody who can be reached is %.*s%s", (int)t->name.n, t->name.p, (int)t->role.n, t->role.p,
               buf_str(&when));
    buf_release(&when);
}

/* Who the first page would reach at an instant: nobody, or somebody whom it would not wake. */
static void check_instant(struct audit *a, const struct directory *d, const struct duty *t, int64_t wall, int64_t at,
                          const struct role_now *now)
{
    const struct reach r = now->n == 0 ? (struct reach){ 0 } : reach_of(d, t->policy, now->people[0], t->role);
    struct buf from = { 0 };
    if (!r.bound) {
        note_gap(a, t, wall, at);
        return;
    }
    if (r.wakes) return;
    add_from(&from, wall, at);
    if (at == wall) buf_add_str(&from, " now");
    note_waking(a, urgency(wall, at), &d->people[now->people[0]], buf_slice(&from));
    buf_release(&from);
}

/* Now, and at every hand-off of the schedule that answers, for 14 days. */
static void check_duty(struct audit *a, const struct directory *d, const struct duty *t, int64_t wall)
{
    for (int64_t at = wall; at < wall + HORIZON;) {
        const struct role_now now = role_resolve_in(d, t->service, t->team, t->role, at);
        check_instant(a, d, t, wall, at, &now);
        const int64_t until = now.schedule < 0 ? INT64_MAX : schedule_on_call_at(&d->schedules[now.schedule], at).until;
        at = until > at ? until : INT64_MAX;
    }
}

/* Whoever may be paged behind the first, by any role that the procedures name. */
static void check_others(struct audit *a, const struct directory *d, const struct duty *t, int64_t wall)
{
    struct slice roles[PARTIES_MAX];
    const size_t n = policy_parties(t->policy, roles, PARTIES_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct role_now now = role_resolve_in(d, t->service, t->team, roles[i], wall);
        for (size_t k = 0; k < now.n; k++)
            if (!reach_of(d, t->policy, now.people[k], roles[i]).wakes)
                note_waking(a, AUDIT_WARNING, &d->people[now.people[k]], S(""));
    }
}

/* An alarm about Tocsin itself must wake one of them. */
static void check_administrators(struct audit *a, const struct directory *d, const struct policy *active)
{
    size_t woken = 0;
    for (size_t i = 0; i < d->n_administrators; i++) {
        const bool wakes = reach_of(d, active, d->administrators[i], S("")).wakes;
        woken += wakes;
        if (!wakes) note_waking(a, AUDIT_WARNING, &d->people[d->administrators[i]], S(""));
    }
    if (woken == 0 && d->n_administrators > 0)
        audit_note(a, AUDIT_WAKING, AUDIT_FAILING, "no administrator has a contact by a channel that wakes");
}

static void check_owner(struct audit *a, const struct directory *d, const struct policy *active, struct duty t,
                        int64_t wall)
{
    t.policy = policy_for(active, t.team, t.service);
    t.role = t.policy->first.party.n > 0 ? t.policy->first.party : S(ROLE_PRIMARY);
    check_duty(a, d, &t, wall);
    check_others(a, d, &t, wall);
}

static void check_people(struct audit *a, const struct world *w, int64_t wall)
{
    const struct directory *d = world_directory(w);
    const struct policy *active = world_policy(w, world_active_bundle(w));
    if (d == NULL || active == NULL) return;
    for (size_t i = 0; i < d->n_services; i++) {
        const struct service *s = &d->services[i];
        const struct duty t = { .service = s->id, .team = d->teams[s->team].id, .name = s->name };
        check_owner(a, d, active, t, wall);
    }
    for (size_t i = 0; i < d->n_senders; i++) {
        const struct sender_owner *o = &d->senders[i];
        if (o->service >= 0 || o->team < 0) continue;
        check_owner(a, d, active, (struct duty){ .team = d->teams[o->team].id, .name = o->sender }, wall);
    }
    check_owner(a, d, active,
                (struct duty){ .team = d->teams[d->unrouted_team].id, .name = S("what no service matches") }, wall);
    check_administrators(a, d, active);
    audit_note(a, AUDIT_ON_CALL, AUDIT_OK, "every service finds somebody");
    audit_note(a, AUDIT_GAPS, AUDIT_OK, "none in 14 days");
    audit_note(a, AUDIT_WAKING, AUDIT_OK, "everybody who may be paged can be woken");
}

void audit_world(struct audit *a, const struct world *w, struct moment now)
{
    check_timers(a, w, now.steady_ms);
    check_limits(a, w);
    check_deliveries(a, w, now.steady_ms);
    check_canary(a, w, now.steady_ms);
    check_people(a, w, now.wall_ms);
}
