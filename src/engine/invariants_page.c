/* invariants_page.c - the guarantees about pages and deliveries: who may still be paged, what was begun, how often. */
#include <inttypes.h>
#include <stddef.h>

#include "core/incident.h"
#include "engine/invariants_inner.h"

static bool is_level(const struct page *p)
{
    switch ((enum page_reason)p->reason) {
    case PAGE_REASON_UNSET:
    case PAGE_REASON_NO_RESOLUTION:
    case PAGE_REASON_UNANSWERED:
    case PAGE_REASON_ROUND:
    case PAGE_REASON_CATEGORY:
    case PAGE_REASON_ASSIGNED:
    case PAGE_REASON_STILL_ON_IT:
    case PAGE_REASON_RECOVERED: return false;
    case PAGE_REASON_PASSED_ON: return p->rule != 0; /* else to somebody whom a person named */
    case PAGE_REASON_SEVERITY: return p->rule == 0; /* else an entry rule's */
    case PAGE_REASON_FIRST:
    case PAGE_REASON_NO_RESPONSE:
    case PAGE_REASON_NEW_ALERT:
    case PAGE_REASON_WORSE_ALERT:
    case PAGE_REASON_RESUMED:
    case PAGE_REASON_RELEASED:
    case PAGE_REASON_SENDER_SILENT:
    case PAGE_REASON_DECLARED:
    case PAGE_REASON_REOPENED:
    case PAGE_REASON_MORNING:
    case PAGE_REASON_LAPSED:
    case PAGE_REASON_SNOOZE_OVER:
    case PAGE_REASON_NOT_REACHED: break;
    }
    return true;
}

/* --- levels come in their time (I10), and not all at once after an absence (I11) --- */

static void check_level(struct checking *c, const struct page *p, struct incident_book *b)
{
    const struct incident *i = world_incident(c->w, p->incident);
    const struct policy *policy = world_policy(c->w, i->bundle);
    if (policy != NULL) policy = policy_for(policy, world_text(c->w, i->team), world_text(c->w, i->service));
    const struct policy_rule *r = policy == NULL ? NULL : policy_rule(policy, p->rule);
    int64_t after = 0, step = 0;
    if (r != NULL && r->when == RULE_NO_RESPONSE) {
        step = p->rule == b->level_rule ? b->level_step + 1 : 0;
        if (p->created_at == b->level_at && p->rule == b->level_rule) step = b->level_step; /* side by side */
        after = r->after_ms * (step + 1);
    }
    const int64_t waited = p->created_at - b->level_at, wait = after - b->level_after;
    if (p->reason == PAGE_REASON_NO_RESPONSE && !b->excused && p->created_at != b->level_at && waited < wait)
        broken(c, "I10", p->incident, "level %" PRId64 " is paged after %" PRId64 " ms instead of %" PRId64, p->level,
               waited, wait);
    b->excused = b->excused && p->created_at == b->level_at;
    b->level_at = p->created_at;
    b->level_after = after;
    b->level_rule = p->rule;
    b->level_step = step;
}

static void check_climb(struct checking *c, const struct page *p, struct incident_book *b)
{
    const int64_t kind = c->ev->kind == EVENT_TIMER ? c->ev->timer.kind : 0;
    const bool climbs = kind == TIMER_NO_RESPONSE || kind == TIMER_NO_RESOLUTION || kind == TIMER_ROUND;
    const bool late = c->v->timer_due != 0 && c->ev->at - c->v->timer_due > SECOND;
    if (climbs && late && b->climbed_at != 0 && b->climbed_step != c->v->step && c->ev->at - b->climbed_at < MINUTE)
        broken(c, "I11", p->incident, "two levels within %" PRId64 " ms while catching up", c->ev->at - b->climbed_at);
    if (!climbs && !is_level(p)) return;
    b->climbed_at = c->ev->at;
    b->climbed_step = c->v->step;
}

static void check_new_page(struct checking *c, const struct page *p)
{
    const struct incident *inc = world_incident(c->w, p->incident);
    struct incident_book *b = book_edit(c->v, p->incident);
    if (!incident_works(inc) || inc->held_at != 0)
        broken(c, "I8", p->incident, "page %" PRId64 " of what is over or held", p->id);
    if (is_level(p) && inc->acknowledged_at != 0)
        broken(c, "I7", p->incident, "page %" PRId64 " of a level after the acknowledgement", p->id);
    check_climb(c, p, b);
    if (is_level(p)) check_level(c, p, b);
}

static void check_new_pages(struct checking *c)
{
    page_id last = c->v->last_page;
    for (size_t i = 0; i < c->fx->marks.n; i++) {
        const struct mark *m = &c->fx->marks.v[i];
        const struct page *p = m->kind == ROW_PAGE && m->key[0] > c->v->last_page ? world_page(c->w, m->key[0]) : NULL;
        if (p == NULL) continue;
        if (p->id > last) last = p->id;
        if (p->kind == PAGE_PAGE && p->state == PAGE_STATE_OPEN) check_new_page(c, p);
    }
    c->v->last_page = last;
}

/* --- what leaves (I7, I8, I20) --- */

static bool may_reach(const struct checking *c, const struct delivery *d)
{
    const struct directory *dir = world_directory(c->w);
    const int who = directory_person(dir, world_text(c->w, d->person));
    if (d->person == 0) return true;
    for (size_t i = 0; who >= 0 && i < dir->people[who].n_contacts; i++) {
        const struct contact *k = &dir->people[who].contacts[i];
        if (slice_eq(k->kind, world_text(c->w, d->kind)) && slice_eq(k->address, world_text(c->w, d->address)))
            return true;
    }
    return false;
}

static int64_t credit_of(const struct checking *c, struct slice channel)
{
    int64_t n = 0;
    smap_get(c->v->credits, channel, &n);
    return n;
}

static void credit_add(struct checking *c, struct slice channel, int64_t n)
{
    smap_put(c->v->credits, channel, credit_of(c, channel) + n);
}

/* A quiet message never takes the turn of a SEV1 that waits for the same provider. */
static void check_turn(struct checking *c, const struct delivery *sent)
{
    EACH_ROW(c, ROW_DELIVERY, delivery, d)
    if (d->state == DELIVERY_WAITING && d->level == 1 && d->channel == sent->channel &&
        d->queued_at < c->ev->at - SECOND)
        broken(c, "I24", sent->incident, "delivery %" PRId64 " begins before %" PRId64, sent->id, d->id);
}

static void check_send(struct checking *c, const struct send *s)
{
    const struct delivery *d = world_delivery(c->w, s->delivery);
    const struct mark key = { .kind = ROW_ATTEMPT, .key = { s->delivery, s->attempt } };
    struct row r;
    if (d == NULL || !world_row(c->w, &key, &r)) {
        broken(c, "I5", 0, "attempt %" PRId64 " of delivery %" PRId64 " begins without its row", s->attempt,
               s->delivery);
        return;
    }
    const struct page *p = world_page(c->w, d->page);
    const struct incident *i = world_incident(c->w, d->incident);
    credit_add(c, world_text(c->w, d->channel), -1);
    if (credit_of(c, world_text(c->w, d->channel)) < 0)
        broken(c, "I24", d->incident, "delivery %" PRId64 " begins without credit", d->id);
    if (d->level >= 3) check_turn(c, d);
    if (d->person != 0 && s->attempt == 1) check_budget(c, d);
    if (!may_reach(c, d)) broken(c, "I20", d->incident, "delivery %" PRId64 " to somebody who is gone", d->id);
    if (d->purpose != PURPOSE_PAGE) return;
    if (p->state != PAGE_STATE_OPEN)
        broken(c, "I7", d->incident, "delivery %" PRId64 " of page %" PRId64 ", which is %s", d->id, p->id,
               page_state_name(p->state));
    if (!incident_works(i) || i->held_at != 0)
        broken(c, "I8", d->incident, "delivery %" PRId64 " of what is over or held", d->id);
}

/* --- how often (I5), and that nothing is stuck --- */

/* Of a delivery that is tried all day the last attempts: two after a step, more in a sweep. */
static void check_delivery(struct checking *c, const struct delivery *d)
{
    int64_t accepted = 0, flying = 0, uncertain = 0;
    struct row r;
    const int64_t looks = sums_are_whole(c) ? 32 : 2;
    for (int64_t n = d->attempts > looks ? d->attempts - looks + 1 : 1; n <= d->attempts; n++) {
        const struct mark key = { .kind = ROW_ATTEMPT, .key = { d->id, n } };
        if (!world_row(c->w, &key, &r)) continue; /* before a restart */
        const struct attempt *a = (const struct attempt *)r.v;
        accepted += a->outcome == OUTCOME_ACCEPTED;
        uncertain += a->outcome == OUTCOME_UNCERTAIN;
        flying += a->outcome == OUTCOME_UNSET;
    }
    if (accepted > 1 + d->uncertain)
        broken(c, "I5", d->incident, "delivery %" PRId64 " was accepted %" PRId64 " times", d->id, accepted);
    if (flying != (d->state == DELIVERY_IN_FLIGHT))
        broken(c, "I5", d->incident, "delivery %" PRId64 " is %s with %" PRId64 " attempts in flight", d->id,
               delivery_state_name(d->state), flying);
    if (d->state == DELIVERY_RETRYING && armed(c->w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0) == 0)
        broken(c, "I3", d->incident, "delivery %" PRId64 " will never be tried again", d->id);
    if (d->state == DELIVERY_WAITING && credit_of(c, world_text(c->w, d->channel)) > 0)
        broken(c, "I24", d->incident, "delivery %" PRId64 " waits although its channel has room", d->id);
    check_bundled(c, d);
    if (uncertain > d->uncertain)
        broken(c, "I5", d->incident, "delivery %" PRId64 " counts its uncertain attempts wrongly", d->id);
}

/* I9: what has not left a minute after it was due says why where people look (`why`, `show`): it waits for its channel,
 * or to be bundled (R154). */
void check_unsent(struct checking *c, const struct page *p)
{
    const struct page_sum *sum = page_sum_of(c->v, p->id);
    if (c->ev->at - p->created_at < MINUTE || sum->begun > 0 || sum->waiting > 0) return;
    broken(c, "I9", p->incident, "page %" PRId64 " has not left for a minute and nothing says why", p->id);
}

static void check_page(struct checking *c, const struct page *p)
{
    const struct incident *i = world_incident(c->w, p->incident);
    if (p->state != PAGE_STATE_OPEN) return;
    if (p->kind == PAGE_PAGE && !incident_works(i))
        broken(c, "I8", p->incident, "page %" PRId64 " is open, the incident is not", p->id);
    const struct page_sum *sum = page_sum_of(c->v, p->id);
    if (sum->hopes == 0) broken(c, "I3", p->incident, "page %" PRId64 " is open, but nothing carries it", p->id);
    check_unsent(c, p);
    const bool earlier = i != NULL && i->acknowledged_at != 0 && p->created_at < i->acknowledged_at;
    if (p->kind == PAGE_PAGE && earlier)
        broken(c, "I13", p->incident, "page %" PRId64 " outlived the acknowledgement", p->id);
}

static void count_credit(struct checking *c)
{
    struct slice channel;
    const bool gone = c->ev->kind == EVENT_COURIER_LOST || c->ev->kind == EVENT_START;
    for (size_t at = 0; gone && smap_next(c->v->credits, &at, &channel, NULL);) smap_put(c->v->credits, channel, 0);
    if (c->ev->kind == EVENT_CREDIT) credit_add(c, c->ev->credit.channel, c->ev->credit.n);
}

void check_pages(struct checking *c)
{
    const bool sweep = sums_are_whole(c);
    count_credit(c);
    check_new_pages(c);
    for (size_t i = c->v->sends; i < c->fx->sends.n; i++) check_send(c, &c->fx->sends.v[i]);
    for (size_t i = 0; i < c->fx->marks.n; i++) {
        const struct mark *m = &c->fx->marks.v[i];
        const struct delivery *d = m->kind == ROW_DELIVERY && !sweep ? world_delivery(c->w, m->key[0]) : NULL;
        if (d != NULL) check_delivery(c, d);
    }
    for (size_t i = 0; i < c->v->touched_pages.n; i++) {
        const struct page *p = world_page(c->w, c->v->touched_pages.v[i]);
        if (p != NULL) check_page(c, p);
    }
    if (!sweep) return;
    EACH_ROW(c, ROW_DELIVERY, delivery, d) check_delivery(c, d);
}
