/* world_duty.c - an acknowledgement is believed for a while: then whoever has it is asked, once more, and then it lapses
 * (R147); and a page that somebody cannot take goes on to somebody else (R24, R146). */
#include "core/world_duty.h"

#define ASKED_AT_MOST 2
#define ASK_SEV1 (30 * MINUTE)
#define ASK_RINGING HOUR
#define ASK_QUIET_AGAIN HOUR

/* --- still on it? --- */

static void arm_question(struct world *w, const struct incident *i)
{
    timer_cancel(w, SUBJECT_INCIDENT, i->id, TIMER_STILL_ON_IT, 0);
    if (!incident_rings(i))
        timer_arm_wall(w, SUBJECT_INCIDENT, i->id, TIMER_STILL_ON_IT, 0, working_next_start(w->directory, w->ev->wall));
    else
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_STILL_ON_IT, 0,
                  w->ev->at + (i->severity == 1 ? ASK_SEV1 : ASK_RINGING));
}

void duty_goes_on(struct world *w, incident_id id)
{
    if (timer_due(w, SUBJECT_INCIDENT, id, TIMER_STILL_ON_IT, 0) == 0) arm_question(w, incident_get(w, id));
}

static void end_questions(struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && page_is_open(p) && p->reason == PAGE_REASON_STILL_ON_IT)
            page_end(w, p->id, PAGE_STATE_SUPERSEDED, 0);
    }
}

void duty_touched(struct world *w, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    if (i == NULL || !incident_is_active(i) || i->acknowledged_at == 0) return;
    if (i->asked != 0) {
        incident_edit(w, id)->asked = 0;
        end_questions(w, id);
    }
    arm_question(w, i);
}

static void lapse(struct world *w, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    SAY(w, id, ENTRY_LAPSED, 0, S("Nobody says that somebody is still on it: the acknowledgement by "),
        text_person(w, i->acknowledged_by), S(" lapses"));
    end_questions(w, id);
    incident_edit(w, id)->asked = 0;
    paging_lapsed(w, id);
}

/* Not now: it is held, has recovered, or its reminders are snoozed. */
static bool ask_later(struct world *w, const struct incident *i)
{
    if (i->snoozed_until_wall > w->ev->wall)
        timer_arm_wall(w, SUBJECT_INCIDENT, i->id, TIMER_STILL_ON_IT, 0, i->snoozed_until_wall);
    else if (!paging_is_allowed(i))
        arm_question(w, i);
    else
        return false;
    return true;
}

void duty_ask(struct world *w, incident_id id)
{
    const struct incident *i = incident_get(w, id);
    if (!incident_is_active(i) || i->acknowledged_at == 0 || ask_later(w, i)) return;
    if (i->asked >= ASKED_AT_MOST) return lapse(w, id);
    struct incident *edit = incident_edit(w, id);
    edit->asked++;
    end_questions(w, id);
    SAY(w, id, ENTRY_REMINDED, 0, text_person(w, i->acknowledged_by), S(" is asked: still on it? ("),
        text_int(w, i->asked), S(" of "), text_int(w, ASKED_AT_MOST), S(")"));
    struct page_order o = {
        .incident = id, .reason = PAGE_REASON_STILL_ON_IT, .kind = PAGE_PAGE, .person = i->acknowledged_by
    };
    const bool is_known = directory_person(w->directory, symbol_text(w, i->acknowledged_by)) >= 0;
    if (!is_known || page_send(w, &o, NULL) == 0) return lapse(w, id);
    const struct chain c = escalation_chain(state_policy(w, id), w->directory, i->severity, w->ev->wall);
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_STILL_ON_IT, 0,
              w->ev->at + (incident_rings(i) ? c.last_delay_ms : ASK_QUIET_AGAIN));
}

void duty_over(struct world *w, incident_id id)
{
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_STILL_ON_IT, 0);
    incident_edit(w, id)->asked = 0;
    snooze_forget(w, id);
}

/* --- passing on --- */

/* The actor's open page of the incident: its role goes with it. */
static const struct page *page_of(const struct world *w, incident_id id, symbol person)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && p->kind == PAGE_PAGE) return p;
    }
    return NULL;
}

static void end_pages_of(struct world *w, incident_id id, symbol person)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && p->kind == PAGE_PAGE && page_is_open(p))
            page_end(w, p->id, PAGE_STATE_SUPERSEDED, person);
    }
}

/* Why it cannot be passed on; empty: it can. */
static struct slice refusal(const struct world *w, const struct incident *i, symbol me)
{
    const struct act *a = w->ev->act;
    if (!incident_is_active(i)) return S("is over: there is nothing to pass on");
    if (!paging_is_allowed(i)) return S("pages nobody now: it is held, snoozed or has recovered");
    if (i->acknowledged_at != 0 && i->acknowledged_by != me) return S("is somebody else's already: nothing to pass on");
    if (a->person.n > 0 && directory_person(w->directory, a->person) < 0)
        return S("cannot be passed to somebody whom site.yaml does not name");
    return S("");
}

/* "Joan Clarke as Secondary On-Call by phone, mail": the open pages behind `from`, up to and with `to`. */
static void add_paged(struct world *w, incident_id id, page_id from, page_id to, struct buf *out)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = 0; k < x->pages.n; k++) {
        const struct page *p = page_get(w, x->pages.v[k]);
        if (p == NULL || p->id <= from || p->id > to || p->kind != PAGE_PAGE || !page_is_open(p)) continue;
        const char *before = " by ";
        if (out->len > 0) buf_add(out, S("; "));
        buf_add(out, text_person(w, p->person));
        if (p->role != 0) buf_add(out, S(" as "));
        buf_add(out, policy_role_title(state_policy(w, id), symbol_text(w, p->role)));
        for (size_t n = 0; n < x->deliveries.n; n++) {
            const struct delivery *d = delivery_get(w, x->deliveries.v[n]);
            if (d == NULL || d->page != p->id) continue;
            buf_add_str(out, before);
            buf_add(out, symbol_text(w, d->kind));
            before = ", ";
        }
    }
}

static page_id newest_page(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    return x->pages.n == 0 ? 0 : x->pages.v[x->pages.n - 1];
}

/* A second tap on the same page: whoever comes next was paged by the first (I14). */
static bool was_passed_on(const struct world *w, const struct incident *i, symbol me)
{
    const struct page *p = w->ev->act->page == 0 ? NULL : page_get(w, w->ev->act->page);
    return p != NULL && p->incident == i->id && !page_is_open(p) &&
           (i->acknowledged_at == 0 || i->acknowledged_by != me);
}

/* Whoever passes on what was never theirs hears so, and whose pages go on: those end by their own people alone. */
static void answer_passed(struct world *w, incident_id id, page_id before, bool had)
{
    struct buf now = { 0 }, still = { 0 };
    add_paged(w, id, before, INT64_MAX, &now);
    add_paged(w, id, 0, before, &still);
    const struct slice begun = had ? S("") : S("You have no page of "), number = text_incident(w, id);
    const struct slice behind = still.len > 0 ? S(". Still paged: ") : S("");
    const struct slice later = incident_get(w, id)->exhausted_at != 0 ? S("nobody stands behind; pass it to somebody by name")
                                                                      : S("the next round pages again");
    if (now.len > 0)
        REPLY(w, 0, id, 0, begun, number, had ? S(" is passed on: paged now is ") : S(". Paged now is "),
              buf_slice(&now), behind, buf_slice(&still));
    else
        REPLY(w, 0, id, 0, begun, number,
              had ? S(" is passed on, but nobody could be paged now: ") : S(". Nobody could be paged now: "), later, behind,
              buf_slice(&still));
    buf_release(&now);
    buf_release(&still);
}

void world_act_pass(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *i = incident_get(w, a->incident);
    const symbol me = state_actor(w), to = a->person.n > 0 ? symbol_of(w, a->person) : 0;
    const struct slice no = refusal(w, i, me);
    if (no.n > 0) {
        REPLY(w, ERR_CONFLICT, i->id, 0, text_incident(w, i->id), S(" "), no);
        return;
    }
    if (was_passed_on(w, i, me)) {
        REPLY(w, 0, i->id, 0, S("Your page of "), text_incident(w, i->id),
              S(" is over: it was passed on or answered already"));
        return;
    }
    const struct page *mine = page_of(w, i->id, me);
    const struct slice role = symbol_text(
        w, mine != NULL && mine->role != 0 ? mine->role : symbol_of(w, state_policy(w, i->id)->first.party));
    const bool had = (mine != NULL && page_is_open(mine)) || i->acknowledged_at != 0;
    SAY(w, i->id, ENTRY_PASSED_ON, to, text_person(w, me), had ? S("") : S(", who has no page of it,"),
        S(" passes it on to "), to == 0 ? S("the next") : text_person(w, to), a->text.n > 0 ? S(": ") : S(""), a->text);
    end_pages_of(w, i->id, me);
    if (to != 0 && role_holder(w, i->id, role) == me) world_assign(w, i->id, role, to, me);
    const page_id before = newest_page(w, i->id);
    if (paging_pass_on(w, i->id, me, to, role) == 0)
        paging_pass_on(w, i->id, me, 0, role); /* nobody is not an answer (R144) */
    answer_passed(w, i->id, before, had);
}
