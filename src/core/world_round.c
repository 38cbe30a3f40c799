/* world_round.c - after the chain's end (A16): commanders in order, then Management, three rounds, then an alarm;
 * quiet incidents come to rest on the morning list. Back to Primary only where no provider took a page of the rounds. */
#include "core/world_duty.h"

static int64_t delay_of(const struct world *w, const struct incident *i)
{
    return escalation_chain(state_policy(w, i->id), w->directory, i->severity, w->ev->wall).last_delay_ms;
}

/* Did any provider take any of its pages? */
/* What a provider took before somebody had it, and lost it again, says nothing of the pages since. */
static bool is_of_this_chain(const struct world *w, const struct delivery *d)
{
    return d != NULL && d->purpose == PURPOSE_PAGE && d->queued_at >= incident_get(w, d->incident)->chain_at;
}

static bool was_taken(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        if (is_of_this_chain(w, d) && d->state == DELIVERY_ACCEPTED) return true;
    }
    return false;
}

void paging_waits_for_morning(struct world *w, const struct incident *i)
{
    const int64_t start = working_next_start(w->directory, w->ev->wall);
    timer_arm_wall(w, SUBJECT_TEAM, i->team, TIMER_MORNING, 0, start);
    timer_arm_wall(w, SUBJECT_INCIDENT, i->id, TIMER_RING_LATER, 0, start);
}

static void rest_until_morning(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    i->exhausted_at = w->ev->at;
    SAY(w, id, ENTRY_EXHAUSTED, 0,
        S("Nobody is left to page for a quiet incident: it stays red and is on the morning list"));
    paging_waits_for_morning(w, i);
    if (!was_taken(w, id))
        paging_alarm(w, id, S("no channel has taken any of its pages")); /* quiet is not lost (P5) */
}

enum rounds_fate { ROUNDS_NOBODY, ROUNDS_TAKEN, ROUNDS_WAIT, ROUNDS_FAILED };

/* What became of the pages of the rounds: none was made, a provider took one, one is still tried, or all failed. */
static enum rounds_fate rounds_fate(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    enum rounds_fate fate = ROUNDS_NOBODY;
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        const struct page *p = is_of_this_chain(w, d) ? page_get(w, d->page) : NULL;
        if (p == NULL || p->reason != PAGE_REASON_ROUND) continue;
        if (d->state == DELIVERY_ACCEPTED) return ROUNDS_TAKEN;
        if (delivery_is_open(d))
            fate = ROUNDS_WAIT;
        else if (fate == ROUNDS_NOBODY)
            fate = ROUNDS_FAILED;
    }
    return fate;
}

/* Half as long as it has lasted, so that a day without providers is no flood of pages and alarms. */
static void arm_anew(struct world *w, const struct incident *i)
{
    int64_t pause = (w->ev->at - (i->clock_at != 0 ? i->clock_at : i->opened_at)) / 2;
    if (pause < ESCALATION_ANEW_MIN) pause = ESCALATION_ANEW_MIN;
    if (pause > ESCALATION_ANEW_MAX) pause = ESCALATION_ANEW_MAX;
    timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_ROUND, 0, w->ev->at + pause);
}

static void give_up(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    const enum rounds_fate fate = rounds_fate(w, id);
    const bool over = fate == ROUNDS_TAKEN || fate == ROUNDS_NOBODY;
    i->exhausted_at = w->ev->at;
    SAY(w, id, ENTRY_EXHAUSTED, 0, S("Everybody was paged in "), text_int(w, ESCALATION_ROUNDS),
        over ? S(" rounds and nobody answered") : S(" rounds and no provider took a page of them"));
    paging_alarm(w, id, over ? S("nobody answers") : S("no provider has taken a page of the rounds"));
    if (!over) arm_anew(w, i);
}

/* Given up because no provider took a page: they may be back (P2). The chain begins anew, at its first level. */
static void try_anew(struct world *w, incident_id id)
{
    const enum rounds_fate fate = rounds_fate(w, id);
    if (fate == ROUNDS_WAIT) arm_anew(w, incident_get(w, id));
    if (fate == ROUNDS_FAILED) paging_begin(w, id, PAGE_REASON_NOT_REACHED);
}

/* Is this person paged for the incident in this very instant, by a rule of the document? One page is enough. */
static bool paged_now(const struct world *w, incident_id id, symbol person)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && page_is_open(p) && p->created_at == w->ev->at) return true;
    }
    return false;
}

static size_t page_commander(struct world *w, incident_id id, int person)
{
    symbol s = symbol_of(w, w->directory->people[person].id);
    if (paged_now(w, id, s)) return 1;
    return page_send(w,
                     &(struct page_order){ .incident = id,
                                           .reason = PAGE_REASON_ROUND,
                                           .kind = PAGE_PAGE,
                                           .role = S(ROLE_COMMANDER),
                                           .person = s,
                                           .rule = incident_get(w, id)->chain_rule },
                     NULL);
}

/* One place of the round; `place` past the commanders is Management. */
static size_t page_place(struct world *w, incident_id id, const struct role_now *commanders, size_t place)
{
    if (place < commanders->n) return page_commander(w, id, commanders->people[place]);
    return page_send(w,
                     &(struct page_order){ .incident = id,
                                           .reason = PAGE_REASON_ROUND,
                                           .kind = PAGE_PAGE,
                                           .role = S(ROLE_MANAGEMENT),
                                           .rule = incident_get(w, id)->chain_rule },
                     NULL);
}

void paging_round(struct world *w, incident_id id)
{
    struct incident *i = incident_edit(w, id);
    if (i->exhausted_at != 0) return try_anew(w, id);
    if (!incident_rings(i)) return rest_until_morning(w, id);
    if (i->round >= ESCALATION_ROUNDS) return give_up(w, id);
    struct role_now commanders = role_resolve(w, id, S(ROLE_COMMANDER));
    size_t reached = 0;
    i->level_at = w->ev->at;
    while (reached == 0 && (size_t)i->round_step <= commanders.n)
        reached = page_place(w, id, &commanders, (size_t)i->round_step++);
    bool over = (size_t)i->round_step > commanders.n;
    SAY(w, id, ENTRY_ESCALATED, 0, S("Round "), text_int(w, i->round + 1), S(" of "), text_int(w, ESCALATION_ROUNDS),
        reached > 0 ? S("") : S(" reached nobody"));
    if (over) {
        i->round++;
        i->round_step = 0;
    }
    int64_t wait = reached > 0 ? delay_of(w, i) : MINUTE; /* an empty round is not run in a tight loop */
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0);
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0, w->ev->at + wait);
}

/* --- handed back --- */

static bool is_of_chain(const struct page *p)
{
    return p->kind == PAGE_PAGE && p->reason != PAGE_REASON_STILL_ON_IT && p->reason != PAGE_REASON_NO_RESOLUTION &&
           p->reason != PAGE_REASON_UNANSWERED && p->reason != PAGE_REASON_CATEGORY;
}

static const struct page *chain_page_of(const struct world *w, incident_id id, symbol person)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && is_of_chain(p)) return p;
    }
    return NULL;
}

/* The place of the round behind them: 0, the first commander, where they are none. */
static int64_t place_behind(const struct world *w, incident_id id, symbol person)
{
    const struct role_now commanders = role_resolve(w, id, S(ROLE_COMMANDER));
    const int index = directory_person(w->directory, symbol_text(w, person));
    for (size_t k = 0; k < commanders.n; k++)
        if (commanders.people[k] == index) return (int64_t)k + 1;
    return 0;
}

void paging_stands_at(struct world *w, incident_id id, symbol person)
{
    const struct page *p = chain_page_of(w, id, person);
    struct incident *i = incident_edit(w, id);
    const struct chain c = escalation_chain(state_policy(w, id), w->directory, i->severity, w->ev->wall);
    if (p == NULL) return;
    const bool of_rounds = p->reason == PAGE_REASON_ROUND || p->level >= (int64_t)c.n;
    i->chain_step = of_rounds ? (int64_t)c.n - 1 : p->level;
    i->chain_rule = c.v[i->chain_step].rule;
    if (of_rounds) i->round_step = place_behind(w, id, person);
}

/* --- a commander's page that nobody answered (A15) --- */

static int next_commander(const struct world *w, const struct page *p)
{
    struct role_now r = role_resolve(w, p->incident, S(ROLE_COMMANDER));
    int last = directory_person(w->directory, symbol_text(w, p->person));
    for (size_t k = 0; k + 1 < r.n; k++)
        if (r.people[k] == last) return r.people[k + 1];
    return -1;
}

static bool rounds_are_running(const struct world *w, const struct incident *i)
{
    return i->acknowledged_at == 0 && timer_due(w, SUBJECT_INCIDENT, i->id, TIMER_ROUND, 0) != 0;
}

void paging_unanswered(struct world *w, page_id id)
{
    const struct page *p = page_get(w, id);
    const struct incident *i = incident_get(w, p->incident);
    if (!incident_is_active(i) || i->held_at != 0 || i->recovered_at != 0 || rounds_are_running(w, i)) return;
    if (!incident_rings(i)) return; /* quiet ones stop here, stay red and are on the list */
    if (slice_eq(symbol_text(w, p->role), S(ROLE_MANAGEMENT))) {
        paging_alarm(w, i->id, S("neither a commander nor management answers"));
        return;
    }
    int next = next_commander(w, p);
    page_id made = 0;
    struct page_order o = { .incident = i->id,
                            .reason = PAGE_REASON_UNANSWERED,
                            .kind = PAGE_PAGE,
                            .rule = p->rule,
                            .line = p->line,
                            .role = S(ROLE_MANAGEMENT) };
    if (next >= 0) {
        o.role = S(ROLE_COMMANDER);
        o.person = symbol_of(w, w->directory->people[next].id);
    }
    int64_t wait = delay_of(w, i);
    incident_edit(w, i->id)->level_at = w->ev->at;
    if (page_send(w, &o, &made) > 0)
        timer_arm(w, SUBJECT_PAGE, made, TIMER_UNANSWERED, 0, w->ev->at + wait);
    else
        paging_alarm(w, i->id, S("nobody is left to page"));
}

/* --- the morning --- */

static bool is_on_list(const struct incident *i, symbol team)
{
    return i->team == team && incident_is_active(i) && i->acknowledged_at == 0 && i->snoozed_until_at == 0;
}

void paging_morning(struct world *w, symbol team)
{
    const struct incident *i;
    size_t n = 0;
    for (size_t at = 0; (i = state_next(w, ROW_INCIDENT, &at)) != NULL;) n += is_on_list(i, team);
    struct role_now who = role_resolve_in(w->directory, S(""), symbol_text(w, team), S(ROLE_PRIMARY), w->ev->wall);
    struct contact_choice c[CONTACT_MAX];
    if (n == 0 || who.n == 0) return;
    size_t kinds =
        contact_choices(w->directory, state_active_policy(w), who.people[0], S(ROLE_PRIMARY), S("mail"), false, c);
    if (kinds == 0) return;
    SAY(w, 0, ENTRY_NOTIFIED, team, S("Morning list of "), symbol_text(w, team), S(": "), text_int(w, (int64_t)n),
        S(" open"));
    delivery_queue(w, &(struct delivery){ .purpose = PURPOSE_MORNING_LIST,
                                          .team = team,
                                          .level = 4,
                                          .person = symbol_of(w, w->directory->people[who.people[0]].id),
                                          .kind = symbol_of(w, c[0].kind),
                                          .channel = symbol_of(w, w->directory->channels[c[0].channel].id),
                                          .address = symbol_of(w, c[0].address) });
}
