/* world_delivery.c - the only queue of what leaves: begins deliveries with credit, places outcomes, decides again.
 *
 * Always: an attempt row exists before its send effect; a delivery in flight has an attempt without outcome. */
#include "core/world_budget.h"

static struct slice channel_of(const struct world *w, const struct delivery *d)
{
    return symbol_text(w, d->channel);
}

static bool has_contact(const struct world *w, int person, const struct delivery *d)
{
    const struct person *p = &w->directory->people[person];
    for (size_t i = 0; i < p->n_contacts; i++)
        if (slice_eq(p->contacts[i].kind, symbol_text(w, d->kind)) &&
            slice_eq(p->contacts[i].address, symbol_text(w, d->address)))
            return true;
    return false;
}

/* Where a message goes whose channel the site no longer has: the channel that carries its contact now, or the one that
 * posts to the same place; -1: none. The canary's channel is no site's. */
static int channel_instead(const struct world *w, const struct delivery *d)
{
    const struct directory *dir = w->directory;
    if (d->person != 0) return directory_channel_for_kind(dir, symbol_text(w, d->kind));
    for (size_t i = 0; i < dir->n_channels; i++)
        if (slice_eq(dir->channels[i].kind, symbol_text(w, d->kind)) &&
            slice_eq(dir->channels[i].address, symbol_text(w, d->address)))
            return (int)i;
    return -1;
}

static bool has_channel(const struct world *w, const struct delivery *d)
{
    return d->purpose == PURPOSE_CANARY || directory_channel(w->directory, channel_of(w, d)) >= 0;
}

/* A reload may have renamed or removed it while the message waited (P2). */
static void follow_channel(struct world *w, struct delivery *d)
{
    const int instead = has_channel(w, d) ? -1 : channel_instead(w, d);
    if (instead >= 0) d->channel = symbol_of(w, w->directory->channels[instead].id);
}

/* Decided again when its turn comes: why it must not leave any more; empty = it still should (I7, I8, I20). */
static struct slice unwanted(const struct world *w, const struct delivery *d)
{
    const struct page *p = page_get(w, d->page);
    if (p != NULL && !page_is_open(p)) return slice_of(page_state_name(p->state));
    if (!has_channel(w, d) && channel_instead(w, d) < 0) return S("its channel is gone");
    if (d->person == 0) return S("");
    int person = directory_person(w->directory, symbol_text(w, d->person));
    if (person < 0) return S("the person is gone");
    return has_contact(w, person, d) ? S("") : S("the contact is gone");
}

static void wait_for_credit(struct world *w, delivery_id id)
{
    for (size_t i = 0; i < w->waiting.n; i++)
        if (w->waiting.v[i] == id) return;
    *vec_push(&w->waiting) = id;
}

static void stop_waiting(struct world *w, delivery_id id)
{
    for (size_t i = 0; i < w->waiting.n; i++)
        if (w->waiting.v[i] == id) {
            vec_remove(&w->waiting, i);
            return;
        }
}

static void end(struct world *w, struct delivery *d, enum delivery_state state, struct slice note)
{
    budget_leave(w, d);
    d->state = state;
    d->next_at = 0;
    d->ended_at = w->ev->at;
    d->ended_wall = w->ev->wall;
    if (note.n > 0 && (state != DELIVERY_ACCEPTED || d->note == 0))
        d->note = symbol_of(w, note); /* why it was sent stays */
    timer_cancel(w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0);
    stop_waiting(w, d->id);
}

static delivery_id first_waiting(const struct world *w, symbol channel)
{
    const struct delivery *best = NULL;
    for (size_t i = 0; i < w->waiting.n; i++) {
        const struct delivery *d = delivery_get(w, w->waiting.v[i]);
        if (d != NULL && d->channel == channel && (best == NULL || delivery_before(d, best))) best = d;
    }
    return best == NULL ? 0 : best->id;
}

/* Credit that others have waited for longer is not for what was queued a moment ago (I24). */
static bool is_behind_others(const struct world *w, const struct delivery *d)
{
    const struct delivery *first = delivery_get(w, first_waiting(w, d->channel));
    return first != NULL && delivery_before(first, d);
}

static void begin_attempt(struct world *w, struct delivery *d)
{
    int64_t n = ++d->attempts;
    struct attempt *a = state_add(w, ROW_ATTEMPT, (int64_t[]){ d->id, n });
    a->started_at = w->ev->at;
    a->started_wall = w->ev->wall;
    if (n == 1) {
        d->begun_at = w->ev->at;
        budget_begun(w, d);
    }
    d->state = DELIVERY_IN_FLIGHT;
    d->next_at = 0;
    *vec_push(&w->fx->sends) = (struct send){ d->id, n };
}

static void carried_follow(struct world *w, delivery_id carrier, bool next_kind);

/* The page of one whose person, contact or channel is gone lives on by its next kind, the declaration by its next
 * channel. */
static void end_unwanted(struct world *w, delivery_id id, struct slice why)
{
    struct delivery *d = delivery_edit(w, id);
    end(w, d, d->purpose == PURPOSE_POST ? DELIVERY_FAILED : DELIVERY_SUPERSEDED, why);
    carried_follow(w, id, false);
    page_delivery_over(w, id, true);
}

/* Its turn: begins with credit, waits without, is collected when its person has had enough for a minute, ends when it is
 * not wanted any more. */
static void take_turn(struct world *w, delivery_id id)
{
    int64_t credit = 0;
    struct delivery *d = delivery_edit(w, id);
    struct slice why = unwanted(w, d), channel;
    if (why.n > 0) {
        end_unwanted(w, id, why);
        return;
    }
    follow_channel(w, d);
    channel = channel_of(w, d);
    if (!budget_admits(w, d)) return;
    if (!smap_get(w->credits, channel, &credit) || credit <= 0 || is_behind_others(w, d)) {
        d->state = DELIVERY_WAITING;
        wait_for_credit(w, id);
        return;
    }
    smap_put(w->credits, channel, credit - 1);
    begin_attempt(w, d);
}

delivery_id delivery_queue(struct world *w, const struct delivery *what)
{
    struct delivery *d = delivery_add(w);
    delivery_id id = d->id;
    *d = *what;
    d->id = id;
    d->state = DELIVERY_WAITING;
    d->queued_at = w->ev->at;
    if (d->incident != 0) *vec_push(&incident_extra(w, d->incident)->deliveries) = id;
    take_turn(w, id);
    return id;
}

void delivery_credit(struct world *w, struct slice channel, int64_t n)
{
    int64_t credit = 0, name = 0;
    smap_get(w->credits, channel, &credit);
    smap_put(w->credits, channel, credit + n);
    if (!smap_get(w->symbols, channel, &name)) return; /* nothing was ever sent through it */
    for (;;) {
        delivery_id id = first_waiting(w, name);
        if (id == 0 || !smap_get(w->credits, channel, &credit) || credit <= 0) return;
        stop_waiting(w, id);
        take_turn(w, id);
    }
}

/* By a timer that is due now: configuration itself ends nothing and cancels no timer (I26). */
void deliveries_follow_site(struct world *w)
{
    for (size_t i = 0; i < w->waiting.n; i++) {
        const struct delivery *d = delivery_get(w, w->waiting.v[i]);
        if (d != NULL && (!has_channel(w, d) || unwanted(w, d).n > 0))
            timer_arm(w, SUBJECT_DELIVERY, d->id, TIMER_RETRY, 0, w->ev->at);
    }
}

void delivery_supersede(struct world *w, delivery_id id, struct slice why)
{
    const struct delivery *d = delivery_get(w, id);
    const struct delivery *carrier = d == NULL ? NULL : delivery_get(w, d->carrier);
    if (d == NULL || !delivery_is_open(d) || d->state == DELIVERY_IN_FLIGHT) return;
    if (d->state == DELIVERY_CARRIED && carrier != NULL && carrier->state == DELIVERY_IN_FLIGHT) return;
    end(w, delivery_edit(w, id), DELIVERY_SUPERSEDED, why);
    carried_follow(w, id, false);
}

void delivery_retry_due(struct world *w, delivery_id id)
{
    const struct delivery *d = delivery_get(w, id);
    const int64_t state = d == NULL ? DELIVERY_UNSET : d->state;
    if (state == DELIVERY_WAITING) stop_waiting(w, id); /* the site took its channel, contact or person */
    if (state == DELIVERY_RETRYING || state == DELIVERY_WAITING) take_turn(w, id);
    if (state == DELIVERY_COLLECTED) take_turn(w, budget_due(w, id));
}

/* --- outcomes --- */

static struct slice recipient(const struct world *w, const struct delivery *d)
{
    int p = d->person == 0 ? -1 : directory_person(w->directory, symbol_text(w, d->person));
    return p >= 0           ? w->directory->people[p].name
           : d->person != 0 ? symbol_text(w, d->person)
                            : symbol_text(w, d->address);
}

static void say_outcome(struct world *w, const struct delivery *d, enum outcome o, struct slice detail)
{
    enum entry_kind kind = d->state == DELIVERY_ACCEPTED ? ENTRY_DELIVERED
                           : d->state == DELIVERY_FAILED ? ENTRY_DELIVERY_FAILED
                                                         : ENTRY_RETRIED;
    incident_id id = incident_get(w, d->incident) == NULL ? 0 : d->incident;
    if (d->purpose == PURPOSE_CANARY) return; /* every five minutes, for ever: told by the self-audit alone (I23) */
    struct entry *e =
        SAY(w, id, kind, d->id, slice_of(purpose_name(d->purpose)), S(" for "), recipient(w, d), S(" by "),
            symbol_text(w, d->kind), S(" (channel "), channel_of(w, d), S("): "), slice_of(outcome_name(o)),
            detail.n > 0 ? S(", ") : S(""), detail, d->state == DELIVERY_RETRYING ? S("; tried again") : S(""),
            d->carrier != 0 ? S("; told in one message with others") : S(""));
    e->line = d->line;
}

/* One that is carried, as its carrier goes. */
static void follow(struct world *w, struct delivery *d, const struct delivery *carrier, bool next_kind)
{
    switch ((enum delivery_state)carrier->state) {
    case DELIVERY_ACCEPTED:
    case DELIVERY_FAILED:
        d->outcome = carrier->outcome;
        end(w, d, (enum delivery_state)carrier->state, S("told in one message with others"));
        say_outcome(w, d, (enum outcome)carrier->outcome, S(""));
        page_delivery_over(w, d->id, carrier->state == DELIVERY_FAILED);
        break;
    case DELIVERY_SUPERSEDED: budget_return(w, d); break;
    case DELIVERY_RETRYING:
        if (unwanted(w, d).n > 0) end(w, d, DELIVERY_SUPERSEDED, unwanted(w, d));
        if (d->state == DELIVERY_SUPERSEDED || next_kind) page_delivery_over(w, d->id, true);
        break;
    case DELIVERY_UNSET:
    case DELIVERY_WAITING:
    case DELIVERY_IN_FLIGHT:
    case DELIVERY_COLLECTED:
    case DELIVERY_CARRIED: break;
    }
}

/* What the carrier's new state means for those in its message. */
static void carried_follow(struct world *w, delivery_id carrier, bool next_kind)
{
    id_list ids = { 0 };
    const struct delivery *d;
    for (size_t at = 0; (d = reach_carried(w, delivery_get(w, carrier), &at)) != NULL;) *vec_push(&ids) = d->id;
    for (size_t i = 0; i < ids.n; i++) follow(w, delivery_edit(w, ids.v[i]), delivery_get(w, carrier), next_kind);
    vec_release(&ids);
}

/* An earlier attempt turned out to have arrived while the newest was in flight: whatever becomes of that one, the message
 * is there, and a third would be one too many (I5). */
static bool has_arrived(const struct world *w, const struct delivery *d)
{
    for (int64_t n = 1; n < d->attempts; n++) {
        const struct attempt *a = state_get(w, ROW_ATTEMPT, (struct ikey){ d->id, n });
        if (a != NULL && a->outcome == OUTCOME_ACCEPTED) return true;
    }
    return false;
}

static void settle(struct world *w, delivery_id id, enum outcome newest, int64_t retry_after_ms, struct slice detail)
{
    struct delivery *d = delivery_edit(w, id);
    const enum outcome o = has_arrived(w, d) ? OUTCOME_ACCEPTED : newest;
    struct delivery_step s = delivery_judge(d, o, w->ev->at, retry_after_ms);
    d->outcome = o;
    if (newest == OUTCOME_UNCERTAIN) d->uncertain++;
    if (s.state == DELIVERY_RETRYING && unwanted(w, d).n > 0) {
        s.state = DELIVERY_SUPERSEDED; /* nobody waits for it now */
        s.next_kind = true; /* where its page is still open, but the contact is gone */
    }
    if (s.state == DELIVERY_RETRYING) {
        d->state = DELIVERY_RETRYING;
        d->next_at = s.next_at;
        timer_arm(w, SUBJECT_DELIVERY, id, TIMER_RETRY, 0, s.next_at);
    } else {
        end(w, d, s.state, detail);
    }
    say_outcome(w, d, o, detail);
    carried_follow(w, id, s.next_kind);
    if (d->state != DELIVERY_RETRYING || s.next_kind) page_delivery_over(w, id, s.next_kind);
}

/* What follows about the incident in this place stands below its first message there, also after a restart (row
 * `provider`); one name a place is all that is kept. */
static void keep_provider(struct world *w, const struct event_result *r)
{
    const struct delivery *d = delivery_get(w, r->delivery);
    if (r->outcome != OUTCOME_ACCEPTED || r->provider_id.n == 0 || incident_get(w, d->incident) == NULL) return;
    if (delivery_first_there(w, d) != NULL) return;
    delivery_edit(w, r->delivery)->provider = symbol_of(w, r->provider_id);
}

/* A result that comes after we gave the attempt up as uncertain: acceptance is still good news, anything else is not
 * worth a second decision. */
static void late_result(struct world *w, const struct event_result *r)
{
    const struct delivery *d = delivery_get(w, r->delivery);
    if (r->outcome != OUTCOME_ACCEPTED || d->state == DELIVERY_ACCEPTED || d->state == DELIVERY_IN_FLIGHT) return;
    struct delivery *edit = delivery_edit(w, r->delivery);
    edit->outcome = OUTCOME_ACCEPTED;
    end(w, edit, DELIVERY_ACCEPTED, S("accepted after all"));
    say_outcome(w, edit, OUTCOME_ACCEPTED, S("the answer came late"));
    carried_follow(w, r->delivery, false);
    page_delivery_over(w, r->delivery, false);
}

static void finish_attempt(struct world *w, delivery_id id, int64_t n, enum outcome o, int64_t code,
                           struct slice detail)
{
    struct ikey k = { id, n };
    struct attempt *a = state_edit(w, ROW_ATTEMPT, k);
    a->outcome = o;
    a->code = code;
    a->finished_at = w->ev->at;
    a->finished_wall = w->ev->wall;
    if (detail.n > 0) state_set_text(w, ROW_ATTEMPT, k, detail);
}

void delivery_result(struct world *w, const struct event_result *r)
{
    const struct attempt *a = state_get(w, ROW_ATTEMPT, (struct ikey){ r->delivery, r->attempt });
    const struct delivery *d = delivery_get(w, r->delivery);
    if (a == NULL || d == NULL) return; /* it left the world long ago */
    bool was_in_flight = a->outcome == OUTCOME_UNSET;
    if (was_in_flight || r->outcome == OUTCOME_ACCEPTED)
        finish_attempt(w, r->delivery, r->attempt, r->outcome, r->code, r->detail);
    keep_provider(w, r);
    if (was_in_flight && r->attempt == d->attempts && d->state == DELIVERY_IN_FLIGHT)
        settle(w, r->delivery, r->outcome, r->retry_after_ms, r->detail);
    else
        late_result(w, r);
}

void delivery_unjournaled(struct world *w, delivery_id id)
{
    const struct delivery *d = delivery_get(w, id);
    if (d == NULL) return;
    const incident_id about = incident_get(w, d->incident) == NULL ? 0 : d->incident;
    SAY(w, about, ENTRY_UNJOURNALED, id, slice_of(purpose_name(d->purpose)), S(" for "), recipient(w, d), S(" by "),
        symbol_text(w, d->kind), S(" (channel "), channel_of(w, d),
        S(") leaves before its row is in the store, which cannot be written"));
}

void deliveries_uncertain(struct world *w)
{
    struct slice channel;
    id_list lost = { 0 };
    const struct attempt *a;
    for (size_t at = 0; smap_next(w->credits, &at, &channel, NULL);) smap_put(w->credits, channel, 0);
    for (size_t at = 0; (a = state_next(w, ROW_ATTEMPT, &at)) != NULL;)
        if (a->outcome == OUTCOME_UNSET) *vec_push(&lost) = a->delivery;
    for (size_t i = 0; i < lost.n; i++) {
        const struct delivery *d = delivery_get(w, lost.v[i]);
        if (d == NULL || d->state != DELIVERY_IN_FLIGHT) continue;
        finish_attempt(w, d->id, d->attempts, OUTCOME_UNCERTAIN, 0, S("the courier was lost before it could tell"));
        settle(w, d->id, OUTCOME_UNCERTAIN, 0, S("the courier was lost"));
    }
    vec_release(&lost);
}

void world_paging_loaded(struct world *w)
{
    struct delivery *d;
    for (size_t at = 0; (d = state_next(w, ROW_DELIVERY, &at)) != NULL;) {
        if (d->state == DELIVERY_WAITING) wait_for_credit(w, d->id);
        budget_loaded(w, d);
        if (d->state == DELIVERY_CARRIED && delivery_get(w, d->carrier) == NULL)
            budget_return(w, delivery_edit(w, d->id)); /* its carrier became history meanwhile */
    }
}
