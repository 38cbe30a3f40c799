/* world_page.c - making pages, walking a person's kinds, ending pages and standing people down (R157).
 *
 * Always: an open page has a delivery that is open or accepted, or a kind still to begin; else it fails at once. */
#include "core/world_parts.h"

#define ALARM_AFTER (5 * MINUTE) /* a page that no provider took (P5) */

static struct slice role_title(const struct world *w, incident_id id, struct slice role)
{
    return policy_role_title(state_policy(w, id), role);
}

/* Somebody may be told by name, in no role: whoever has it, when it recovers. */
static struct slice as_role(bool any)
{
    return any ? S(" as ") : S("");
}

static size_t choices_of(const struct world *w, const struct page *p, struct contact_choice out[CONTACT_MAX])
{
    int person = directory_person(w->directory, symbol_text(w, p->person));
    if (person < 0) return 0;
    return contact_choices(w->directory, state_policy(w, p->incident), person, symbol_text(w, p->role),
                           symbol_text(w, p->by_kind), p->rings != 0, out);
}

/* --- kinds --- */

static void begin_kind(struct world *w, const struct page *p, const struct contact_choice *c, int64_t place)
{
    const struct incident *i = incident_get(w, p->incident);
    delivery_queue(w, &(struct delivery){ .incident = p->incident,
                                          .page = p->id,
                                          .person = p->person,
                                          .purpose = p->kind == PAGE_PAGE ? PURPOSE_PAGE : PURPOSE_NOTIFICATION,
                                          .kind = symbol_of(w, c->kind),
                                          .channel = symbol_of(w, w->directory->channels[c->channel].id),
                                          .address = symbol_of(w, c->address),
                                          .place = place,
                                          .wakes = c->wakes,
                                          .level = i->severity,
                                          .line = p->line });
}

/* Ringing pages do not wait for an answer longer than a minute before the next kind begins. */
static void arm_next_kind(struct world *w, const struct page *p, size_t n)
{
    timer_cancel(w, SUBJECT_PAGE, p->id, TIMER_NEXT_KIND, 0);
    if (p->kind == PAGE_PAGE && p->rings != 0 && (size_t)p->next_kind < n)
        timer_arm(w, SUBJECT_PAGE, p->id, TIMER_NEXT_KIND, 0, w->ev->at + DELIVERY_PATIENCE);
}

bool page_next_kind(struct world *w, page_id id)
{
    struct contact_choice c[CONTACT_MAX];
    struct page *p = page_edit(w, id);
    size_t n = choices_of(w, p, c), first = (size_t)p->next_kind;
    if (first >= n) return false;
    size_t last = p->all_at_once != 0 ? n : first + 1;
    p->next_kind = (int64_t)last;
    arm_next_kind(w, p, n);
    for (size_t k = first; k < last; k++) begin_kind(w, p, &c[k], (int64_t)k);
    return true;
}

static bool has_hope(const struct world *w, const struct page *p)
{
    const struct incident_extra *x = incident_extra(w, p->incident);
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        if (d != NULL && d->page == p->id && (delivery_is_open(d) || d->state == DELIVERY_ACCEPTED)) return true;
    }
    return false;
}

static void stamp_end(struct world *w, struct page *p, enum page_state state, symbol by)
{
    p->state = state;
    p->ended_at = w->ev->at;
    p->ended_wall = w->ev->wall;
    p->ended_by = by;
    timers_cancel_subject(w, SUBJECT_PAGE, p->id);
}

/* That it failed does not end its five minutes: the next person's page may fail as slowly, and the next (P5). */
static void page_fail(struct world *w, page_id id)
{
    struct page *p = page_edit(w, id);
    const bool alarms = timer_due(w, SUBJECT_PAGE, id, TIMER_GIVE_UP, 0) != 0; /* perhaps in this very moment, or late */
    stamp_end(w, p, PAGE_STATE_FAILED, 0);
    if (alarms || (p->kind == PAGE_PAGE && p->created_at + ALARM_AFTER > w->ev->at))
        timer_arm(w, SUBJECT_PAGE, id, TIMER_GIVE_UP, 0, p->created_at + ALARM_AFTER);
    struct entry *e = SAY(w, p->incident, ENTRY_PAGE_FAILED, id, S("No channel reached "), text_person(w, p->person),
                          as_role(p->role != 0), role_title(w, p->incident, symbol_text(w, p->role)));
    e->line = p->line;
    e->rule = p->rule;
    paging_failed(w, id);
}

static void page_accepted(struct world *w, page_id id)
{
    struct page *p = page_edit(w, id);
    timer_cancel(w, SUBJECT_PAGE, id, TIMER_GIVE_UP, 0);
    if (p->kind == PAGE_NOTIFICATION) stamp_end(w, p, PAGE_STATE_TOLD, 0);
}

/* The person's kinds are counted by their places: one that was deleted meanwhile leaves no gap to step over (I20). */
static void forget_gone_kind(struct world *w, const struct page *p, const struct delivery *d)
{
    struct contact_choice c[CONTACT_MAX];
    for (size_t n = choices_of(w, p, c); n > 0; n--)
        if (slice_eq(c[n - 1].kind, symbol_text(w, d->kind)) && slice_eq(c[n - 1].address, symbol_text(w, d->address)))
            return;
    if (p->next_kind > 0) page_edit(w, p->id)->next_kind--;
}

void page_delivery_over(struct world *w, delivery_id id, bool next_kind)
{
    const struct delivery *d = delivery_get(w, id);
    const struct page *p = page_get(w, d->page);
    if (d->purpose == PURPOSE_POST && d->state == DELIVERY_FAILED) post_begin(w, d->incident, d->place + 1);
    if (p == NULL || !page_is_open(p)) return;
    if (d->state == DELIVERY_ACCEPTED) {
        page_accepted(w, p->id);
        return;
    }
    if (next_kind) forget_gone_kind(w, p, d);
    if (next_kind && page_next_kind(w, p->id)) return;
    if (page_is_open(p) && !has_hope(w, p)) page_fail(w, p->id);
}

/* --- making --- */

struct making {
    const struct page_order *o;
    const struct role_now *who;
    int person;
};

static struct page *page_row(struct world *w, const struct making *m)
{
    const struct page_order *o = m->o;
    const struct incident *i = incident_get(w, o->incident);
    struct page *p = page_add(w);
    p->incident = o->incident;
    p->kind = o->kind;
    p->reason = o->reason;
    p->rule = o->rule;
    p->line = o->line;
    p->level = o->level;
    p->role = symbol_of(w, o->role);
    p->person = symbol_of(w, w->directory->people[m->person].id);
    p->schedule = m->who->schedule < 0 ? 0 : symbol_of(w, w->directory->schedules[m->who->schedule].id);
    p->turn = m->who->turn;
    p->scope = m->who->scope;
    p->rings = o->rings || incident_rings(i);
    p->all_at_once = i->severity == 1 && o->kind == PAGE_PAGE;
    p->by_kind = symbol_of(w, o->by);
    p->state = PAGE_STATE_OPEN;
    p->created_at = w->ev->at;
    p->created_wall = w->ev->wall;
    p->repeat_of = o->repeat_of;
    *vec_push(&incident_extra(w, o->incident)->pages) = p->id;
    return p;
}

static struct entry *say_paged(struct world *w, const struct page *p, const struct page_order *o)
{
    bool page = o->kind == PAGE_PAGE, scheduled = p->schedule != 0;
    struct entry *e =
        SAY(w, o->incident, page ? ENTRY_PAGED : ENTRY_NOTIFIED, p->id, page ? S("Paged ") : S("Notified "),
            text_person(w, p->person), as_role(o->role.n > 0), role_title(w, o->incident, o->role),
            scheduled ? S(" (schedule ") : S(""), symbol_text(w, p->schedule), scheduled ? S(", turn ") : S(""),
            scheduled ? text_int(w, p->turn) : S(""), scheduled ? S(")") : S(""), S(": "),
            slice_of(page_reason_name(o->reason)));
    e->rule = o->rule;
    e->line = o->line;
    return e;
}

/* T is the commit of the first page (A55). */
static void start_clock(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    if (i->clock_at != 0) return;
    i->clock_at = w->ev->at;
    i->clock_wall = w->ev->wall;
    milestones_start_clock(w, id);
}

static page_id page_make(struct world *w, const struct making *m)
{
    struct page *p = page_row(w, m);
    if (m->o->kind == PAGE_PAGE) start_clock(w, m->o->incident);
    int64_t seq = say_paged(w, p, m->o)->seq;
    if (m->o->kind == PAGE_PAGE) {
        milestones_tick(w, m->o->incident, EVIDENCE_PAGE_SENT, seq);
        timer_arm(w, SUBJECT_PAGE, p->id, TIMER_GIVE_UP, 0, w->ev->at + ALARM_AFTER);
    }
    page_next_kind(w, p->id);
    return p->id;
}

/* --- whom --- */

static struct role_now people_of(struct world *w, const struct page_order *o)
{
    if (o->person == 0) return role_resolve(w, o->incident, o->role);
    struct role_now r = { .scope = SCOPE_INCIDENT, .schedule = -1, .everybody = true };
    int person = directory_person(w->directory, symbol_text(w, o->person));
    if (person >= 0) r.people[r.n++] = person;
    struct role_now bound = role_resolve(w, o->incident, o->role); /* say which schedule named them, if one did */
    for (size_t i = 0; i < bound.n; i++)
        if (bound.people[i] == person) {
            r.scope = bound.scope;
            r.schedule = bound.schedule;
            r.turn = bound.turn;
        }
    return r;
}

static bool is_reachable(const struct world *w, const struct page_order *o, int person)
{
    struct contact_choice c[CONTACT_MAX];
    return contact_choices(w->directory, state_policy(w, o->incident), person, o->role, o->by, true, c) > 0;
}

static void say_nobody(struct world *w, const struct page_order *o, const struct role_now *who)
{
    struct slice title = role_title(w, o->incident, o->role);
    struct slice subject = who->n > 0 ? w->directory->people[who->people[0]].name : S("the role");
    struct entry *e = SAY(w, o->incident, ENTRY_NOBODY, o->rule,
                          o->role.n > 0 ? S("Nobody to page as ") : S("Nobody to tell"), title, S(": "), subject,
                          who->n > 0                  ? S(" has no contact that a channel carries")
                          : who->scope == SCOPE_UNSET ? S(" is bound to nobody in site.yaml")
                                                      : S(" has nobody on call now"));
    e->rule = o->rule;
    e->line = o->line;
}

size_t page_send(struct world *w, const struct page_order *o, page_id *first)
{
    size_t reached = 0;
    struct role_now who = people_of(w, o);
    for (size_t i = 0; i < who.n && (reached == 0 || who.everybody); i++) {
        if (!is_reachable(w, o, who.people[i])) continue;
        page_id id = page_make(w, &(struct making){ o, &who, who.people[i] });
        if (reached++ == 0 && first != NULL) *first = id;
    }
    if (reached == 0) say_nobody(w, o, &who);
    return reached;
}

/* --- ending --- */

/* The newest delivery of the page that really began: its channel is the one that woke its person. */
static const struct delivery *woke_by(const struct world *w, const struct page *p)
{
    const struct incident_extra *x = incident_extra(w, p->incident);
    for (size_t k = x->deliveries.n; k > 0; k--) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k - 1]);
        if (d != NULL && d->page == p->id && delivery_has_begun(w, d)) return d;
    }
    return NULL;
}

/* Never as a call: who was called is told by their first kind that is none. */
static bool quiet_kind(struct world *w, const struct page *p, struct delivery *d)
{
    struct contact_choice c[CONTACT_MAX];
    if (!slice_eq(symbol_text(w, d->kind), S("phone"))) return true;
    size_t n = choices_of(w, p, c);
    for (size_t k = 0; k < n; k++) {
        if (slice_eq(c[k].kind, S("phone"))) continue;
        d->kind = symbol_of(w, c[k].kind);
        d->channel = symbol_of(w, w->directory->channels[c[k].channel].id);
        d->address = symbol_of(w, c[k].address);
        return true;
    }
    return false;
}

static void stand_down(struct world *w, const struct page *p, struct slice why)
{
    const struct delivery *woke = woke_by(w, p);
    if (woke == NULL) return;
    struct delivery d = { .incident = p->incident,
                          .purpose = PURPOSE_STAND_DOWN,
                          .person = p->person,
                          .kind = woke->kind,
                          .channel = woke->channel,
                          .address = woke->address,
                          .level = woke->level,
                          .ref = p->id,
                          .note = symbol_of(w, why) };
    if (!quiet_kind(w, p, &d)) return;
    SAY(w, p->incident, ENTRY_STOOD_DOWN, p->id, text_person(w, p->person), S(" is told: "), why);
    delivery_queue(w, &d);
}

static void drop_deliveries(struct world *w, const struct page *p, struct slice why)
{
    const struct incident_extra *x = incident_extra(w, p->incident);
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        if (d != NULL && d->page == p->id) delivery_supersede(w, d->id, why);
    }
}

void page_end(struct world *w, page_id id, enum page_state state, symbol by)
{
    struct page *p = page_edit(w, id);
    stamp_end(w, p, state, by);
    drop_deliveries(w, p, slice_of(page_state_name(state)));
}

/* One person is told once, however many pages they have. */
static bool told_before(const struct world *w, const struct incident_extra *x, size_t upto, const id_list *ended)
{
    const struct page *p = page_get(w, x->pages.v[upto]);
    for (size_t k = 0; k < ended->n; k++)
        if (page_get(w, ended->v[k])->person == p->person) return true;
    return false;
}

#define NOT_TWICE_IN (10 * MINUTE)

bool page_was_lately(const struct world *w, const struct incident *i, symbol person)
{
    const struct incident_extra *x = incident_extra(w, i->id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && p->kind == PAGE_PAGE) return w->ev->at - p->created_at < NOT_TWICE_IN;
    }
    return false;
}

void pages_end(struct world *w, incident_id id, bool taken, symbol by, struct slice why)
{
    const struct incident_extra *x = incident_extra(w, id);
    id_list told = { 0 };
    for (size_t k = x->pages.n; k > 0; k--) { /* newest first: it is the one to take back */
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p == NULL || p->kind != PAGE_PAGE || !page_is_open(p)) continue;
        bool own = by != 0 && p->person == by;
        page_end(w, p->id, own && taken ? PAGE_STATE_ACKNOWLEDGED : PAGE_STATE_SUPERSEDED, by);
        if (own || told_before(w, x, k - 1, &told)) continue;
        *vec_push(&told) = p->id;
        stand_down(w, p, why);
    }
    vec_release(&told);
}

/* A15: of one sentence's pages, those that stand for one another: the commander's, and who was paged since they did not
 * answer. Others whom the sentence names answer for themselves. */
static bool stands_for(const struct world *w, const struct page *p, const struct page *answered)
{
    bool commanders = slice_eq(symbol_text(w, p->role), S(ROLE_COMMANDER));
    return p->id != answered->id && p->kind == PAGE_PAGE && page_is_open(p) && p->rule == answered->rule &&
           (p->reason == PAGE_REASON_UNANSWERED ||
            (answered->reason == PAGE_REASON_UNANSWERED && p->reason == PAGE_REASON_NO_RESOLUTION && commanders));
}

void pages_end_successors(struct world *w, page_id id, symbol by, struct slice why)
{
    const struct page answered = *page_get(w, id);
    const struct incident_extra *x = incident_extra(w, answered.incident);
    if (answered.reason != PAGE_REASON_NO_RESOLUTION && answered.reason != PAGE_REASON_UNANSWERED) return;
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p == NULL || !stands_for(w, p, &answered)) continue;
        page_end(w, p->id, PAGE_STATE_SUPERSEDED, by);
        if (p->person != by) stand_down(w, p, why);
    }
}
