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
#define WAITS_TOO_LONG MINUTE /* I9, P5 */
#define GIVEN_UP (5 * MINUTE) /* P5 */
#define CANARY_BACK (30 * SECOND)
#define HORIZON (14 * DAY)

static void check_timers(struct audit *a, const struct world *w, int64_t at)
{
    int64_t due;
    if (world_next_due(w, &due) && at - due > TIMER_LATE)
        audit_note(a, AUDIT_TIMERS, AUDIT_FAILING, "a timer is overdue by %" PRId64 " ms", at - due);
    audit_note(a, AUDIT_TIMERS, AUDIT_OK, "none is overdue");
}

/* --- deliveries and pages --- */

static void note_waiting(struct audit *a, const struct world *w, const struct delivery *d, int64_t at)
{
    if (d->state != DELIVERY_WAITING || at - d->queued_at <= WAITS_TOO_LONG || d->purpose == PURPOSE_CANARY) return;
    const bool page = d->purpose == PURPOSE_PAGE || d->purpose == PURPOSE_ALARM;
    const struct slice channel = world_text(w, d->channel);
    audit_note(a, AUDIT_DELIVERIES, page ? AUDIT_FAILING : AUDIT_WARNING,
               "%s %" PRId64 " waits for %" PRId64 " s: channel %.*s has no credit", purpose_name(d->purpose), d->id,
               (at - d->queued_at) / SECOND, (int)channel.n, channel.p);
}

/* What the deliveries of each incident's pages have come to: once for all, a storm has thousands. */
enum { HOPE_TAKEN = 1, HOPE_UNDER_WAY = 2 };

static struct imap *hopes_make(const struct world *w)
{
    struct imap *hopes = imap_create(0); /* our own numbers */
    struct row r;
    for (size_t at = 0; world_next_row(w, ROW_DELIVERY, &at, &r);) {
        const struct delivery *d = (const struct delivery *)r.v;
        const int64_t bits = d->state == DELIVERY_ACCEPTED ? HOPE_TAKEN : delivery_is_open(d) ? HOPE_UNDER_WAY : 0;
        int64_t before = 0;
        if (bits == 0 || d->purpose != PURPOSE_PAGE) continue;
        imap_get(hopes, (struct ikey){ d->incident, 0 }, &before);
        imap_put(hopes, (struct ikey){ d->incident, 0 }, before | bits);
    }
    return hopes;
}

/* Counts until somebody takes the incident, or it ends. */
static bool is_nobodys(const struct incident *i)
{
    return i != NULL && i->acknowledged_at == 0 && i->resolved_at == 0 && i->closed_at == 0;
}

/* A page that failed is no trouble while another of its incident got through, or may: that is what levels are for. */
static void check_page(struct audit *a, const struct world *w, const struct imap *hopes, const struct page *p,
                       int64_t at)
{
    const int64_t age = at - p->created_at;
    int64_t hope = 0;
    if (p->kind != PAGE_PAGE || p->rings == 0) return;
    if (p->state != PAGE_STATE_FAILED && (p->state != PAGE_STATE_OPEN || age <= WAITS_TOO_LONG)) return;
    imap_get(hopes, (struct ikey){ p->incident, 0 }, &hope);
    if ((hope & HOPE_TAKEN) != 0 || !is_nobodys(world_incident(w, p->incident))) return;
    audit_note(a, AUDIT_PAGES, hope == 0 || age >= GIVEN_UP ? AUDIT_FAILING : AUDIT_WARNING,
               "no provider took page %" PRId64 " of INC-%" PRId64 " for %" PRId64 " s", p->id, p->incident,
               age / SECOND);
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

static void check_canary(struct audit *a, const struct world *w, int64_t at)
{
    const struct delivery *d = world_delivery(w, CANARY_DELIVERY);
    if (d == NULL) return; /* none was ever sent: the auditor says whether one should have been */
    if (delivery_is_open(d) && at - d->queued_at > CANARY_BACK)
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

static void note_waking(struct audit *a, const struct directory *d, const struct policy *p, int person,
                        struct slice role)
{
    const struct slice name = d->people[person].name;
    if (!reach_of(d, p, person, role).wakes)
        audit_note(a, AUDIT_WAKING, AUDIT_WARNING, "%.*s has no contact by a channel that wakes", (int)name.n, name.p);
}

/* Who the first page would reach at an instant: false, nobody. */
static bool is_filled(struct audit *a, const struct directory *d, const struct duty *t, int64_t wall,
                      struct role_now *now)
{
    *now = role_resolve_in(d, t->service, t->team, t->role, wall);
    if (now->n == 0) return false;
    note_waking(a, d, t->policy, now->people[0], t->role);
    return reach_of(d, t->policy, now->people[0], t->role).bound;
}

static void note_gap(struct audit *a, enum audit_check check, enum audit_state state, const struct duty *t,
                     int64_t wall)
{
    struct buf when = { 0 };
    if (check == AUDIT_GAPS) {
        buf_add_str(&when, " from ");
        civil_format_rfc3339(&when, wall, 0, false);
    }
    audit_note(a, check, state, "%.*s: nobody who can be reached is %.*s%s", (int)t->name.n, t->name.p, (int)t->role.n,
               t->role.p, buf_str(&when));
    buf_release(&when);
}

/* Now, and at every hand-off of the schedule that answers, for 14 days. */
static void check_duty(struct audit *a, const struct directory *d, const struct duty *t, int64_t wall)
{
    struct role_now now;
    if (!is_filled(a, d, t, wall, &now)) note_gap(a, AUDIT_ON_CALL, AUDIT_FAILING, t, wall);
    for (int64_t at = wall; at < wall + HORIZON;) {
        if (!is_filled(a, d, t, at, &now)) {
            note_gap(a, AUDIT_GAPS, AUDIT_WARNING, t, at);
            return;
        }
        const int64_t until = now.schedule < 0 ? INT64_MAX : schedule_on_call_at(&d->schedules[now.schedule], at).until;
        at = until > at ? until : INT64_MAX;
    }
}

static void check_people(struct audit *a, const struct world *w, int64_t wall)
{
    const struct directory *d = world_directory(w);
    const struct policy *active = world_policy(w, world_active_bundle(w));
    if (d == NULL || active == NULL) return;
    for (size_t i = 0; i <= d->n_services; i++) {
        const struct service *s = i < d->n_services ? &d->services[i] : NULL;
        const struct team *team = &d->teams[s != NULL ? s->team : d->unrouted_team];
        struct duty t = { .team = team->id, .name = s != NULL ? s->name : S("what no service matches") };
        if (s != NULL) t.service = s->id;
        t.policy = policy_for(active, t.team, t.service);
        t.role = t.policy->first.party.n > 0 ? t.policy->first.party : S(ROLE_PRIMARY);
        check_duty(a, d, &t, wall);
    }
    for (size_t i = 0; i < d->n_administrators; i++) note_waking(a, d, active, d->administrators[i], S(""));
    audit_note(a, AUDIT_ON_CALL, AUDIT_OK, "every service finds somebody");
    audit_note(a, AUDIT_GAPS, AUDIT_OK, "none in 14 days");
    audit_note(a, AUDIT_WAKING, AUDIT_OK, "whoever is paged first can be woken");
}

void audit_world(struct audit *a, const struct world *w, struct moment now)
{
    check_timers(a, w, now.steady_ms);
    check_deliveries(a, w, now.steady_ms);
    check_canary(a, w, now.steady_ms);
    check_people(a, w, now.wall_ms);
}
