/* world_paging.c - when who is paged: the first page, the chain of no response, the clock of no resolution, entry
 * rules. What stops or holds them: world_hold.c.
 *
 * Always (I3): an active, unacknowledged incident that is neither held nor recovered has an armed NO_RESPONSE or ROUND
 * timer, or is exhausted and says so. Two clocks: an acknowledgement stops only the first. */
#include "core/world_budget.h"
#include "core/world_duty.h"

static struct chain chain_of(const struct world *w, const struct incident *i)
{
    return escalation_chain(state_policy(w, i->id), w->directory, i->severity, w->ev->wall);
}

/* --- one level of the chain --- */

static void arm_next_level(struct world *w, const struct incident *i, const struct chain *c)
{
    size_t next = (size_t)i->chain_step + 1;
    paging_stop_first_clock(w, i->id);
    if (next < c->n) {
        int64_t wait = c->v[next].after_ms - c->v[next - 1].after_ms;
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESPONSE, RULE_STEP(c->v[next].rule, c->v[next].step),
                  w->ev->at + wait);
    } else {
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_ROUND, 0, w->ev->at + c->last_delay_ms);
    }
}

/* "Management notification" is told, whatever else its sentence does (A52). */
static enum page_kind kind_for(const struct policy_rule *r, const struct policy_target *t)
{
    return !r->page || t->told_only ? PAGE_NOTIFICATION : PAGE_PAGE;
}

/* Everybody that the level names, side by side. */
static size_t send_level(struct world *w, const struct incident *i, const struct chain_step *s, int64_t level,
                         enum page_reason reason)
{
    const struct policy *p = state_policy(w, i->id);
    struct page_order o = { .incident = i->id,
                            .reason = reason,
                            .kind = PAGE_PAGE,
                            .rule = s->rule,
                            .line = s->line,
                            .level = level,
                            .role = s->target->party,
                            .by = s->target->by,
                            .rings = reason == PAGE_REASON_MORNING };
    if (s->rule == 0) return page_send(w, &o, NULL);
    const struct policy_rule *r = &p->rules[s->rule - 1];
    size_t reached = 0;
    for (size_t t = 0; t < r->n_targets; t++) {
        if (r->targets[t].step != s->step) continue;
        o.role = r->targets[t].party;
        o.by = r->targets[t].by;
        o.kind = r->targets[t].told_only ? PAGE_NOTIFICATION : PAGE_PAGE;
        size_t got = page_send(w, &o, NULL);
        if (o.kind == PAGE_PAGE) reached += got; /* who is only told answers nothing: the next level need not wait */
    }
    return reached;
}

static const struct page *newest_page(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    return page_get(w, x->pages.v[x->pages.n - 1]);
}

/* Pages level k, or the next that reaches somebody (R144); after the chain's end, the rounds. */
static void page_level(struct world *w, incident_id id, size_t k, enum page_reason reason)
{
    const struct incident *i = incident_get(w, id);
    struct chain c = chain_of(w, i);
    for (; k < c.n; k++) {
        struct incident *edit = incident_edit(w, id);
        edit->chain_step = (int64_t)k;
        edit->chain_rule = c.v[k].rule;
        edit->level_at = w->ev->at;
        if (send_level(w, i, &c.v[k], (int64_t)k, reason) > 0) {
            if (k == 0) world_assign(w, id, c.v[0].target->party, newest_page(w, id)->person, 0);
            if (i->acknowledged_at == 0) arm_next_level(w, i, &c);
            return;
        }
        reason = PAGE_REASON_NO_RESPONSE;
    }
    paging_stop_first_clock(w, id);
    paging_round(w, id);
}

static void level_due(struct world *w, const struct incident *i, int64_t rule_step)
{
    struct chain c = chain_of(w, i);
    size_t next = (size_t)i->chain_step + 1;
    bool stale = next < c.n && RULE_STEP(c.v[next].rule, c.v[next].step) != rule_step; /* other hours, other rules */
    if (i->acknowledged_at != 0) return;
    if (stale) {
        int64_t due = i->level_at + c.v[next].after_ms - c.v[next - 1].after_ms;
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_NO_RESPONSE, RULE_STEP(c.v[next].rule, c.v[next].step),
                  due > w->ev->at ? due : w->ev->at);
        return;
    }
    if (next < c.n)
        page_level(w, i->id, next, PAGE_REASON_NO_RESPONSE);
    else
        paging_round(w, i->id);
}

/* --- no resolution --- */

static void no_resolution_target(struct world *w, incident_id id, const struct policy_rule *r, int64_t number,
                                 const struct policy_target *t)
{
    page_id page = 0;
    struct page_order o = { .incident = id,
                            .reason = PAGE_REASON_NO_RESOLUTION,
                            .kind = kind_for(r, t),
                            .rule = number,
                            .line = r->line,
                            .role = t->party,
                            .by = t->by };
    size_t reached = page_send(w, &o, &page);
    bool commander = slice_eq(t->party, S(ROLE_COMMANDER));
    if (reached > 0 && commander && role_holder(w, id, t->party) == 0)
        world_assign(w, id, t->party, page_get(w, page)->person, 0); /* A17: fills the role, else reminds its holder */
    if (o.kind == PAGE_NOTIFICATION) return;
    int64_t wait = chain_of(w, incident_get(w, id)).last_delay_ms;
    if (reached > 0)
        timer_arm(w, SUBJECT_PAGE, page, TIMER_UNANSWERED, 0, w->ev->at + wait);
    else if (commander) /* nobody to wait for: Management at once (R144) */
        page_send(w,
                  &(struct page_order){ .incident = id,
                                        .reason = PAGE_REASON_UNANSWERED,
                                        .kind = PAGE_PAGE,
                                        .rule = number,
                                        .line = r->line,
                                        .role = S(ROLE_MANAGEMENT) },
                  NULL);
}

static bool names_step(const struct policy_rule *r, int64_t step)
{
    for (size_t t = 0; r != NULL && r->when == RULE_NO_RESOLUTION && t < r->n_targets; t++)
        if (r->targets[t].step == step) return true;
    return false;
}

static void no_resolution_due(struct world *w, const struct incident *i, int64_t rule_step)
{
    const struct policy *p = state_policy(w, i->id);
    int64_t number = rule_step / 16, step = rule_step % 16;
    const struct policy_rule *r = policy_rule(p, number);
    if (!names_step(r, step)) {
        page_send(
            w,
            &(struct page_order){
                .incident = i->id, .reason = PAGE_REASON_NO_RESOLUTION, .kind = PAGE_PAGE, .role = S(ROLE_COMMANDER) },
            NULL); /* a timer whose rule is gone pages the commander (design: settled) */
        return;
    }
    if (!escalation_applies(r, p, w->directory, i->severity, w->ev->wall)) return;
    if (escalation_replaced(p, r, w->directory, i->severity, w->ev->wall)) return;
    struct incident *edit = incident_edit(w, i->id);
    edit->level_at = w->ev->at;
    for (size_t t = 0; t < r->n_targets; t++)
        if (r->targets[t].step == step) no_resolution_target(w, i->id, r, number, &r->targets[t]);
}

/* --- rules of entry: severity (A24) and category (A25) --- */

bool paging_has_fired(const struct world *w, const struct incident *i, int64_t rule, int64_t since_at)
{
    const struct incident_extra *x = incident_extra(w, i->id);
    for (size_t k = 0; k < x->pages.n; k++) {
        const struct page *p = page_get(w, x->pages.v[k]);
        if (p != NULL && p->rule == rule && p->created_at >= since_at) return true;
    }
    return false;
}

static void fire_entry_rule(struct world *w, incident_id id, int64_t number, const struct policy_rule *r)
{
    for (size_t t = 0; t < r->n_targets; t++)
        page_send(
            w,
            &(struct page_order){ .incident = id,
                                  .kind = kind_for(r, &r->targets[t]),
                                  .rule = number,
                                  .reason = r->when == RULE_SEVERITY ? PAGE_REASON_SEVERITY : PAGE_REASON_CATEGORY,
                                  .line = r->line,
                                  .role = r->targets[t].party,
                                  .by = r->targets[t].by },
            NULL);
}

static void entry_rules(struct world *w, incident_id id, enum rule_when when)
{
    const struct incident *i = incident_get(w, id);
    const struct policy *p = state_policy(w, id);
    for (size_t n = 0; n < p->n_rules; n++) {
        const struct policy_rule *r = &p->rules[n];
        bool entered = when == RULE_SEVERITY
                           ? i->severity != 0 && r->level == i->severity
                           : i->category != 0 && slice_eq_nocase(r->category, symbol_text(w, i->category));
        if (r->when != when || !entered || !escalation_applies(r, p, w->directory, i->severity, w->ev->wall)) continue;
        if (!paging_has_fired(w, i, (int64_t)n + 1, when == RULE_SEVERITY ? i->severity_at : 0))
            fire_entry_rule(w, id, (int64_t)n + 1, r);
    }
}

void paging_category_changed(struct world *w, incident_id id)
{
    if (paging_is_allowed(incident_get(w, id))) entry_rules(w, id, RULE_CATEGORY);
}

/* A quiet page that is open rings from now on. */
static void ring_open_pages(struct world *w, const struct incident *i)
{
    const struct incident_extra *x = incident_extra(w, i->id);
    for (size_t k = 0; k < x->pages.n; k++) {
        const struct page *p = page_get(w, x->pages.v[k]);
        if (p == NULL || p->kind != PAGE_PAGE || !page_is_open(p) || (p->rings != 0 && i->severity != 1)) continue;
        struct page *edit = page_edit(w, p->id);
        edit->rings = 1;
        edit->all_at_once = i->severity == 1;
        edit->next_kind = 0; /* another order: from its first kind, which repeats what was said quietly */
        page_next_kind(w, p->id);
    }
}

void paging_severity_changed(struct world *w, incident_id id, int64_t before)
{
    const struct incident *i = incident_get(w, id);
    bool worse = severity_is_worse(i->severity, before);
    if (worse) snooze_end(w, id, S("The severity rose: the snooze ends"));
    if (!paging_is_allowed(i)) return;
    if (worse || before == 0) entry_rules(w, id, RULE_SEVERITY);
    paging_arm_no_resolution(w, i);
    if (worse) paging_arm_what_passed(w, i, before);
    if (!worse || i->acknowledged_at != 0) return;
    if (incident_rings(i)) ring_open_pages(w, i);
    struct chain c = chain_of(w, i);
    if (i->exhausted_at != 0) { /* it had come to rest as a quiet one */
        incident_edit(w, id)->exhausted_at = 0;
        page_level(w, id, 0, PAGE_REASON_SEVERITY);
    } else if ((size_t)i->chain_step + 1 < c.n) {
        size_t next = (size_t)i->chain_step + 1;
        int64_t due = i->level_at + c.v[next].after_ms - c.v[next - 1].after_ms;
        timers_cancel_kind(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE);
        timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_ROUND, 0);
        timer_arm(w, SUBJECT_INCIDENT, id, TIMER_NO_RESPONSE, RULE_STEP(c.v[next].rule, c.v[next].step),
                  due > w->ev->at ? due : w->ev->at);
    }
}

/* --- beginning, beginning again --- */

static void fresh_chain(struct world *w, incident_id id, bool fresh_clock)
{
    struct incident *i = incident_edit(w, id);
    i->acknowledged_at = i->acknowledged_wall = i->acknowledged_by = 0;
    i->chain_step = i->chain_rule = i->round = i->round_step = i->exhausted_at = 0;
    i->chain_at = w->ev->at;
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_STILL_ON_IT, 0);
    if (fresh_clock) i->clock_at = i->clock_wall = 0;
}

void paging_begin(struct world *w, incident_id id, enum page_reason reason)
{
    const struct incident *i = incident_get(w, id);
    if (!paging_is_allowed(i)) return;
    fresh_chain(w, id, reason == PAGE_REASON_RELEASED);
    entry_rules(w, id, RULE_CATEGORY); /* before the other sends (A25) */
    page_level(w, id, 0, reason);
    entry_rules(w, id, RULE_SEVERITY);
    if (i->alerts > 0 || reason == PAGE_REASON_SENDER_SILENT)
        milestones_tick(w, id, EVIDENCE_ALERT_RECEIVED, i->seq);
    else if (reason == PAGE_REASON_DECLARED)
        milestones_need_no(w, id, EVIDENCE_ALERT_RECEIVED, S("a person declared it"));
    if (i->clock_at == 0) { /* nobody can be paged at all: T is now, so that the second clock runs all the same */
        struct incident *edit = incident_edit(w, id);
        edit->clock_at = w->ev->at;
        edit->clock_wall = w->ev->wall;
        milestones_start_clock(w, id);
    }
    paging_arm_no_resolution(w, i);
}

void paging_grows_loud(struct world *w, incident_id id, struct slice what)
{
    const struct incident *i = incident_get(w, id);
    if (i->acknowledged_at != 0 || incident_rings(i) || !paging_is_allowed(i)) return;
    SAY(w, id, ENTRY_REMINDED, 0, S("It rings from now on, a person's severity does not cover this: "), what);
    incident_edit(w, id)->loud_at = w->ev->at;
    if (i->exhausted_at != 0)
        paging_begin(w, id, PAGE_REASON_WORSE_ALERT);
    else
        ring_open_pages(w, i);
}

void paging_again(struct world *w, incident_id id, enum page_reason reason, struct slice what, bool rings)
{
    const struct incident *i = incident_get(w, id);
    symbol who = i->acknowledged_by;
    if (!paging_is_allowed(i)) return;
    if (i->acknowledged_at == 0) {
        if (i->exhausted_at != 0) paging_begin(w, id, reason);
        return; /* the chain is running */
    }
    if (reason == PAGE_REASON_RESUMED && page_was_lately(w, i, who)) {
        paging_arm_no_resolution(w, i);
        duty_goes_on(w, id); /* its resolution had ended the question (R147) */
        return; /* whoever has it was paged a moment ago (R150) */
    }
    SAY(w, id, ENTRY_REMINDED, 0, S("The acknowledgement does not cover this: "), what);
    fresh_chain(w, id, false);
    if (rings) incident_edit(w, id)->loud_at = w->ev->at; /* whoever comes next is called as loudly */
    incident_edit(w, id)->level_at = w->ev->at;
    struct page_order o = { .incident = id,
                            .reason = reason,
                            .kind = PAGE_PAGE,
                            .role = state_policy(w, id)->first.party,
                            .person = who,
                            .line = state_policy(w, id)->first_line };
    const bool is_known = directory_person(w->directory, symbol_text(w, who)) >= 0; /* not: deleted, or root itself */
    if (!is_known || page_send(w, &o, NULL) == 0) {
        page_level(w, id, 0, reason);
        return;
    }
    struct chain c = chain_of(w, i);
    arm_next_level(w, i, &c);
    paging_arm_no_resolution(w, i);
}

void paging_lapsed(struct world *w, incident_id id)
{
    fresh_chain(w, id, false);
    page_level(w, id, 0, PAGE_REASON_LAPSED);
    paging_arm_no_resolution(w, incident_get(w, id));
}

size_t paging_pass_on(struct world *w, incident_id id, symbol from, symbol to, struct slice role)
{
    const struct incident *i = incident_get(w, id);
    if (i->acknowledged_at != 0 || i->exhausted_at != 0) {
        fresh_chain(w, id, false);
        paging_stands_at(w, id, from);
    }
    incident_edit(w, id)->level_at = w->ev->at;
    if (to == 0) {
        page_level(w, id, (size_t)i->chain_step + 1, PAGE_REASON_PASSED_ON);
        return 1;
    }
    struct page_order o = { .incident = id, .reason = PAGE_REASON_PASSED_ON, .kind = PAGE_PAGE, .role = role, .person = to };
    o.level = i->chain_step; /* they stand there now: should no channel reach them, the next is paged at once */
    size_t reached = page_send(w, &o, NULL);
    struct chain c = chain_of(w, i);
    arm_next_level(w, i, &c);
    return reached;
}

/* --- a page that failed --- */

/* Is somebody else still being paged at this level? */
static bool level_is_alive(const struct world *w, const struct page *failed)
{
    const struct incident_extra *x = incident_extra(w, failed->incident);
    for (size_t k = 0; k < x->pages.n; k++) {
        const struct page *p = page_get(w, x->pages.v[k]);
        if (p != NULL && p->kind == PAGE_PAGE && page_is_open(p) && p->level == failed->level &&
            p->created_at == failed->created_at)
            return true;
    }
    return false;
}

/* Permanent failure on all channels: the next level, or the next of the round, at once. A new round waits: channels may
 * come back, and three rounds of failures in a few seconds would be none (P2). */
static void escalate_now(struct world *w, const struct incident *i, const struct page *p)
{
    struct chain c = chain_of(w, i);
    bool in_chain = i->round == 0 && i->round_step == 0 && p->reason != PAGE_REASON_ROUND;
    if (level_is_alive(w, p) || (in_chain && p->level != i->chain_step)) return;
    if (in_chain && (size_t)i->chain_step + 1 < c.n)
        page_level(w, i->id, (size_t)i->chain_step + 1, PAGE_REASON_NO_RESPONSE);
    else
        timer_arm(w, SUBJECT_INCIDENT, i->id, TIMER_ROUND, 0,
                  w->ev->at + (i->round > 0 && i->round_step == 0 ? MINUTE : SECOND));
}

void paging_failed(struct world *w, page_id id)
{
    const struct page *p = page_get(w, id);
    const struct incident *i = incident_get(w, p->incident);
    if (p->kind == PAGE_NOTIFICATION) {
        paging_alarm(w, i->id, S("a notification reached nobody"));
        return;
    }
    if (!paging_is_allowed(i)) return;
    if (p->reason == PAGE_REASON_NO_RESOLUTION || p->reason == PAGE_REASON_UNANSWERED)
        paging_unanswered(w, id);
    else if (i->acknowledged_at == 0 && i->exhausted_at == 0)
        escalate_now(w, i, p);
}

/* --- due --- */

/* At most one level per incident and minute while we catch up with what was due in our absence (I11). */
static bool must_wait(struct world *w, const struct timer_key *k, const struct incident *i, int64_t due_at)
{
    bool late = w->ev->at - due_at > SECOND;
    if (!late || i->level_at == 0 || w->ev->at - i->level_at >= ESCALATION_CATCH_UP) return false;
    timer_arm(w, (enum subject_kind)k->on, k->subject, (enum timer_kind)k->kind, k->rule,
              i->level_at + ESCALATION_CATCH_UP);
    return true;
}

static void incident_timer(struct world *w, const struct timer_key *k, int64_t due_at)
{
    const struct incident *i = incident_get(w, k->subject);
    if (!paging_is_allowed(i) || must_wait(w, k, i, due_at)) return;
    if (k->kind == TIMER_NO_RESPONSE) level_due(w, i, k->rule);
    if (k->kind == TIMER_NO_RESOLUTION) no_resolution_due(w, i, k->rule);
    if (k->kind == TIMER_ROUND && i->acknowledged_at == 0) paging_round(w, i->id);
    if (k->kind == TIMER_RING_LATER && i->acknowledged_at == 0) paging_ring_later(w, i->id);
}

void paging_ring_later(struct world *w, incident_id id)
{
    if (incident_get(w, id)->firing == 0) return;
    fresh_chain(w, id, false);
    page_level(w, id, 0, PAGE_REASON_MORNING);
}

/* A minute without an answer counts from when the page has left: one that waits to be bundled is not unanswered. */
static void next_kind_due(struct world *w, const struct page *p)
{
    int64_t until = 0;
    if (budget_holds_page(w, p, &until))
        timer_arm(w, SUBJECT_PAGE, p->id, TIMER_NEXT_KIND, 0, until + DELIVERY_PATIENCE);
    else
        page_next_kind(w, p->id);
}

/* Did a provider take a page that was made with this one, or later? */
static bool others_were_taken(const struct world *w, const struct page *p)
{
    const struct incident_extra *x = incident_extra(w, p->incident);
    for (size_t k = x->deliveries.n; k > 0; k--) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k - 1]);
        const struct page *other = d == NULL || d->state != DELIVERY_ACCEPTED ? NULL : page_get(w, d->page);
        if (other != NULL && other->kind == PAGE_PAGE && other->created_at >= p->created_at) return true;
    }
    return false;
}

/* Five minutes after it was made no provider has taken it; it waits still, or failed meanwhile. */
static void give_up_due(struct world *w, const struct page *p)
{
    const struct incident *i = incident_get(w, p->incident);
    const bool failed = p->state == PAGE_STATE_FAILED;
    if (!failed && !page_is_open(p)) return;
    if (failed && (!paging_is_allowed(i) || i->acknowledged_at > p->created_at || others_were_taken(w, p))) return;
    paging_alarm(w, p->incident, S("no provider has taken a page for 5 minutes"));
}

static void page_timer(struct world *w, const struct timer_key *k, int64_t due_at)
{
    const struct page *p = page_get(w, k->subject);
    if (p != NULL && k->kind == TIMER_GIVE_UP) give_up_due(w, p);
    if (p == NULL || !page_is_open(p)) return;
    if (k->kind == TIMER_NEXT_KIND && paging_is_allowed(incident_get(w, p->incident))) next_kind_due(w, p);
    if (k->kind == TIMER_UNANSWERED && !must_wait(w, k, incident_get(w, p->incident), due_at))
        paging_unanswered(w, p->id);
}

void paging_timer(struct world *w, const struct timer_key *k, int64_t due_at)
{
    if (k->on == SUBJECT_PAGE) page_timer(w, k, due_at);
    if (k->on == SUBJECT_INCIDENT) incident_timer(w, k, due_at);
    if (k->on == SUBJECT_TEAM && k->kind == TIMER_MORNING) paging_morning(w, k->subject);
}
