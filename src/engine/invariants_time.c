/* invariants_time.c - the guarantees that are numbers: how long a SEV1 may wait (I4), how late a timer may be (I12), what
 * counts as a sender's silence (I21); and what an alarm and a post may be (I28, I29). */
#include <inttypes.h>
#include <stddef.h>

#include "core/alert.h"
#include "core/incident.h"
#include "core/role_name.h"
#include "engine/invariants_inner.h"

#define NOTICED_MS (20 * SECOND) /* a shorter pause is no absence: every alert lasts minutes */

/* --- I4: D = rounds × sum of delays + 60 s, from the policy --- */

static bool waits_urgently(const struct incident *i)
{
    return incident_works(i) && i->severity == 1 && i->acknowledged_at == 0 && i->held_at == 0 &&
           i->recovered_at == 0 && i->exhausted_at == 0;
}

void note_urgency(struct checking *c, const struct incident *i)
{
    const bool waits = waits_urgently(i), waited = book_of(c->v, i->id)->urgent_at != 0;
    if (waits && (!waited || sums_are_whole(c))) *vec_push(&c->v->urgent) = i->id;
    if (waits == waited) return;
    struct incident_book *b = book_edit(c->v, i->id);
    b->urgent_at = waits ? c->ev->at : 0;
    b->urgent_slack = 0;
}

/* The most people that any binding of the role names; a schedule may name two at a hand-over. */
static int64_t most_people(const struct directory *d, struct slice role)
{
    int64_t most = 2;
    for (size_t t = 0; t <= d->n_teams; t++) {
        const struct role_binding *v = t < d->n_teams ? d->teams[t].roles : d->roles;
        const struct role_binding *b = role_binding_find(v, t < d->n_teams ? d->teams[t].n_roles : d->n_roles, role);
        if (b != NULL && (int64_t)b->n_people > most) most = (int64_t)b->n_people;
    }
    return most;
}

static int64_t longest_wait(const struct checking *c, const struct incident *i)
{
    const struct policy *p = world_policy(c->w, i->bundle);
    int64_t chain = 0, delay = MINUTE;
    if (p != NULL) p = policy_for(p, world_text(c->w, i->team), world_text(c->w, i->service));
    for (size_t n = 0; p != NULL && n < p->n_rules; n++) {
        const struct policy_rule *r = &p->rules[n];
        if (r->when != RULE_NO_RESPONSE) continue;
        for (size_t t = 0; t < r->n_targets; t++)
            if (r->after_ms * (r->targets[t].step + 1) > chain) chain = r->after_ms * (r->targets[t].step + 1);
        if (r->after_ms > delay) delay = r->after_ms;
    }
    if (chain == 0) delay = 5 * MINUTE;
    const int64_t places = most_people(world_directory(c->w), S(ROLE_COMMANDER)) + 2; /* one assigned; management */
    return chain + delay + ESCALATION_ROUNDS * places * delay + MINUTE;
}

static bool was_taken(const struct checking *c, incident_id id)
{
    EACH_ROW(c, ROW_DELIVERY, delivery, d)
    if (d->incident == id && d->purpose == PURPOSE_PAGE && d->state == DELIVERY_ACCEPTED) return true;
    return false;
}

static void check_urgent(struct checking *c)
{
    struct invariants *v = c->v;
    for (size_t k = v->urgent.n; k-- > 0;) {
        const struct incident *i = world_incident(c->w, v->urgent.v[k]);
        if (i == NULL || book_of(v, i->id)->urgent_at == 0) {
            vec_remove(&v->urgent, k);
            continue;
        }
        const struct incident_book *b = book_of(v, i->id);
        const int64_t waited = c->ev->at - b->urgent_at - b->urgent_slack;
        if (waited <= 10 * MINUTE || waited <= longest_wait(c, i)) continue;
        if (!was_taken(c, i->id))
            broken(c, "I4", i->id, "SEV1, and for %" PRId64 " s nobody was reached and nobody alarmed",
                   waited / SECOND);
        book_edit(v, i->id)->urgent_at = c->ev->at; /* measured anew */
    }
}

/* We were away: neither people nor senders answer for that. */
static void excuse(struct invariants *v, int64_t away)
{
    for (size_t k = 0; k < v->urgent.n; k++) book_edit(v, v->urgent.v[k])->urgent_slack += away + MINUTE;
    for (size_t k = 0; k < v->heard.n; k++) v->heard.v[k].away += away;
}

void invariants_slept(struct invariants *v, int64_t ms)
{
    v->slept = true;
    if (ms >= NOTICED_MS) excuse(v, ms);
}

static void excuse_absence(struct checking *c)
{
    struct invariants *v = c->v;
    const bool starts = c->ev->kind == EVENT_START;
    if (starts || v->slept) v->started_at = c->ev->at;
    v->slept = false;
    if (starts && c->ev->start.last_at != 0) excuse(v, c->ev->at - c->ev->start.last_at);
}

/* --- I12 --- */

bool is_civil(int64_t kind)
{
    return kind == TIMER_SILENCE_START || kind == TIMER_SILENCE_END || kind == TIMER_MORNING ||
           kind == TIMER_RING_LATER;
}

static void check_timer(struct checking *c)
{
    const struct invariants *v = c->v;
    const int64_t due = v->timer_due, at = c->ev->at;
    if (c->ev->kind != EVENT_TIMER || due == 0) return;
    if (due > at && (c->fx->entries.n > v->entries || c->fx->sends.n > v->sends))
        broken(c, "I12", 0, "a timer ran %" PRId64 " ms early", due - at);
    int64_t since = v->timer_owed > due ? v->timer_owed : due;
    if (since < v->started_at) since = v->started_at;
    if (is_civil(c->ev->timer.kind) && v->clock_set_at > since) since = v->clock_set_at;
    if (at - since > SECOND)
        broken(c, "I12", 0, "a timer of kind %" PRId64 " ran %" PRId64 " ms late", c->ev->timer.kind, at - since);
}

/* --- I21 --- */

static struct heard *heard_of(struct invariants *v, struct slice sender)
{
    int64_t place;
    if (!smap_get(v->senders, sender, &place)) {
        place = (int64_t)v->heard.n;
        smap_put(v->senders, sender, place);
        *vec_push(&v->heard) = (struct heard){ 0 };
    }
    return &v->heard.v[place];
}

static struct heard *beat_of(struct invariants *v, alert_id id)
{
    int64_t place;
    if (!imap_get(v->beats, (struct ikey){ id, 0 }, &place)) {
        place = (int64_t)v->heard.n;
        imap_put(v->beats, (struct ikey){ id, 0 }, place);
        *vec_push(&v->heard) = (struct heard){ 0 };
    }
    return &v->heard.v[place];
}

/* Only what it says of its own alerts counts: an alert is the sender's who said it first. When anything is over, or
 * somebody else speaks of it, what lasts longest is not ours to tell. */
static void hear(struct checking *c)
{
    const symbol sender = world_symbol(c->w, c->ev->alerts.sender);
    struct heard now = { .at = c->ev->at };
    bool over = false;
    for (size_t i = 0; i < c->fx->marks.n; i++) {
        const struct mark *m = &c->fx->marks.v[i];
        const bool heard = m->kind == ROW_ALERT || m->kind == ROW_ALERT_LIVE;
        const struct live_kept *live = heard ? world_alert_live(c->w, m->key[0]) : NULL;
        if (live == NULL || live->updated_wall != c->ev->wall) continue;
        const int64_t lasts = live->ends_wall - c->ev->wall;
        const symbol whose = world_alert_shared(c->w, world_alert(c->w, m->key[0]))->sender;
        over = over || live->state != ALERT_FIRING;
        if (live->state == ALERT_FIRING && world_alert_shared(c->w, world_alert(c->w, m->key[0]))->reason == REASON_HEARTBEAT)
            *beat_of(c->v, m->key[0]) = (struct heard){ .at = c->ev->at, .lease = lasts };
        if (whose != sender) heard_of(c->v, world_text(c->w, whose))->at = 0;
        if (whose == sender && (now.lease == 0 || lasts < now.lease)) now.lease = lasts;
    }
    for (size_t k = 0; over && k < c->v->heard.n; k++) c->v->heard.v[k].at = 0;
    if (over || now.lease == 0) now.at = 0;
    *heard_of(c->v, c->ev->alerts.sender) = now;
}

static void check_listened(struct checking *c, incident_id id, const char *who, const struct heard *h)
{
    if (h->at == 0 || c->v->clock_set_at >= h->at) return;
    const int64_t listened = c->ev->at - h->at - h->away;
    if (listened + SECOND < h->lease)
        broken(c, "I21", id, "a %s counts as silent after %" PRId64 " ms of listening, it had %" PRId64, who, listened,
               h->lease);
}

static void check_silence(struct checking *c, const struct entry *e)
{
    struct row r;
    const struct mark m = { .kind = ROW_SENDER, .key = { e->ref } };
    if (!world_row(c->w, &m, &r) || ((const struct sender *)r.v)->silent_since_wall == 0) return; /* talks again */
    check_listened(c, e->incident, "sender", heard_of(c->v, world_text(c->w, e->ref)));
}

/* Missed because its end passed; that it was taken back is its sender's word. */
static void check_heartbeat(struct checking *c, const struct entry *e)
{
    int64_t place;
    const struct live_kept *live = world_alert_live(c->w, e->ref);
    if (live == NULL || live->state != ALERT_EXPIRED || !imap_get(c->v->beats, (struct ikey){ e->ref, 0 }, &place))
        return;
    check_listened(c, e->incident, "heartbeat", &c->v->heard.v[place]);
}

/* --- I28, I29 --- */

static size_t count_bits(uint64_t set)
{
    size_t n = 0;
    for (; set != 0; set &= set - 1) n++;
    return n;
}

/* The channels that lead to an administrator, as a set of places in the directory. */
static uint64_t ways_there(const struct directory *d)
{
    uint64_t ways = 0;
    for (size_t k = 0; k < d->n_administrators; k++) {
        const struct person *p = &d->people[d->administrators[k]];
        for (size_t n = 0; n < p->n_contacts; n++) {
            const int channel = directory_channel_for_kind(d, p->contacts[n].kind);
            if (channel >= 0 && channel < 64) ways |= UINT64_C(1) << channel;
        }
    }
    return ways;
}

static uint64_t ways_taken(const struct checking *c, incident_id about)
{
    const struct directory *dir = world_directory(c->w);
    uint64_t taken = 0;
    for (size_t i = 0; i < c->fx->marks.n; i++) {
        const struct mark *m = &c->fx->marks.v[i];
        const struct delivery *d = m->kind == ROW_DELIVERY ? world_delivery(c->w, m->key[0]) : NULL;
        if (d == NULL || d->id <= c->v->last_delivery || d->purpose != PURPOSE_ALARM || d->incident != about) continue;
        const int channel = directory_channel(dir, world_text(c->w, d->channel));
        if (channel >= 0 && channel < 64) taken |= UINT64_C(1) << channel;
    }
    return taken;
}

/* An alarm leaves by every channel that leads to an administrator, so that it never hangs on one provider. Two
 * administrators on one channel are one way. */
static void check_alarm(struct checking *c, const struct entry *e)
{
    const uint64_t ways = ways_there(world_directory(c->w)), taken = ways_taken(c, e->ref);
    if ((ways & ~taken) != 0)
        broken(c, "I28", e->ref, "an alarm leaves by %zu channels, there are %zu", count_bits(taken), count_bits(ways));
}

static void check_new_deliveries(struct checking *c)
{
    delivery_id last = c->v->last_delivery;
    for (size_t i = 0; i < c->fx->marks.n; i++) {
        const struct mark *m = &c->fx->marks.v[i];
        const bool is_new = m->kind == ROW_DELIVERY && m->key[0] > c->v->last_delivery;
        const struct delivery *d = is_new ? world_delivery(c->w, m->key[0]) : NULL;
        if (d == NULL) continue;
        if (d->id > last) last = d->id;
        const struct incident *about = world_incident(c->w, d->incident);
        if (d->purpose == PURPOSE_POST && (about == NULL || about->declared_wall == 0))
            broken(c, "I29", d->incident, "delivery %" PRId64 " posts what nobody declared", d->id);
    }
    c->v->last_delivery = last;
}

void check_time(struct checking *c)
{
    excuse_absence(c);
    if (c->ev->kind == EVENT_CLOCK_SET) c->v->clock_set_at = c->ev->at;
    check_timer(c);
    for (size_t i = c->v->entries; i < c->fx->entries.n; i++) {
        const struct entry *e = &c->fx->entries.v[i];
        if (e->kind == ENTRY_SENDER_SILENT) check_silence(c, e);
        if (e->kind == ENTRY_HEARTBEAT) check_heartbeat(c, e);
        if (e->kind == ENTRY_ALARM && e->incident == 0) check_alarm(c, e);
    }
    if (c->ev->kind == EVENT_ALERTS) hear(c);
    check_new_deliveries(c);
    check_urgent(c);
}
