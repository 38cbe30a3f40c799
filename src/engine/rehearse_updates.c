/* rehearse_updates.c - the news that people wait for while a rehearsed incident lasts and after it: status updates
 * (R82, R83, A35), the status page (R87, A36), the notice to customers (R88, A37), the postmortem (R91, A38), and how
 * many of them came in time (R118).
 *
 * Not here: writing or sending any of it; the script says when somebody did (`publish`). Always: an update that is
 * published at the instant at which it is due is in time (A14), and what is due is counted once. */
#include "core/incident.h"
#include "engine/rehearse_inner.h"

#define OVERDUE_AFTER (5 * MINUTE) /* then the Incident Commander hears of it (R82) */
#define NOTICE_WITHIN (15 * MINUTE) /* A37, where the status page has no time to borrow */
#define LENGTHEN_AFTER (2 * HOUR) /* since the declaration (R83) */
#define SHORTEST MINUTE /* an update every second would fill the story of a month: once a minute shows the same */
#define STATUS_PAGE_KIND S("status-page")

/* The first sentence of this kind with a time, for incidents of this level; NULL: the procedures say none. */
static const struct policy_communication *sentence_of(const struct policy *p, enum communication_kind kind,
                                                      int64_t level)
{
    for (size_t n = 0; n < p->n_communications; n++) {
        const struct policy_communication *c = &p->communications[n];
        if (c->kind == kind && c->within_ms > 0 && LEVEL_IN(c->severities, (int)level)) return c;
    }
    return NULL;
}

static int64_t level_of(const struct policy *p, const struct incident *i)
{
    return i->severity != 0 ? i->severity : policy_unclassified(p);
}

/* --- status updates --- */

static int64_t next_update(const struct career *k)
{
    return k->last + (k->cadence.every_ms < SHORTEST ? SHORTEST : k->cadence.every_ms);
}

static void arm_update(struct rehearsal *r, const struct career *k)
{
    const int64_t next = next_update(k), now = rehearsal_now(r);
    prompts_cancel(r, k->incident, DUTY_BIT(DUTY_UPDATE));
    if (k->cadence.every_ms > 0)
        prompts_arm(r, (struct duty){ k->incident, DUTY_UPDATE, NULL, next < now ? now : next });
}

static void begin_cadence(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = rehearsal_policy(r, i->id);
    k->level = level_of(p, i);
    k->cadence = policy_cadence(p, (int)k->level);
    k->lengthened = false;
    k->last = rehearsal_now(r);
    k->unmet = POLICY_NONE;
    arm_update(r, k);
}

/* Another severity has another cadence (R20). What a person lengthened it to holds until it gets worse. */
static void follow_cadence(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = rehearsal_policy(r, i->id);
    const int64_t level = level_of(p, i);
    if (level == k->level) return;
    if (level < k->level) k->lengthened = false;
    k->level = level;
    if (k->lengthened) return;
    k->cadence = policy_cadence(p, (int)level);
    arm_update(r, k);
}

/* --- what is owed once --- */

static void owe(struct rehearsal *r, struct career *k, enum duty_kind kind, const struct policy_communication *of,
                int64_t within)
{
    const int64_t now = rehearsal_now(r);
    k->owed[kind] = (struct owed){ .of = of, .from = now, .due = now + within, .done = POLICY_NONE };
    prompts_arm(r, (struct duty){ k->incident, kind, of, now + within });
}

static void owe_status_page(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = rehearsal_policy(r, i->id);
    const struct policy_communication *c = sentence_of(p, COMMUNICATION_STATUS_PAGE, level_of(p, i));
    if (c == NULL || k->owed[DUTY_STATUS_PAGE].of != NULL) return;
    const bool bound = directory_channel_for_kind(r->stage.o.directory, STATUS_PAGE_KIND) >= 0;
    owe(r, k, DUTY_STATUS_PAGE, c, bound ? c->within_ms : 0);
    k->owed[DUTY_STATUS_PAGE].unbound = !bound;
}

static int64_t notice_within(const struct policy *p, const struct policy_communication *c, int64_t level)
{
    const struct policy_communication *page = sentence_of(p, COMMUNICATION_STATUS_PAGE, level);
    if (c->within_ms > 0) return c->within_ms;
    if (c->effective_within_ms > 0) return c->effective_within_ms;
    return page != NULL ? page->within_ms : NOTICE_WITHIN;
}

/* Once, when a declared incident first enters a severity that the sentence names (A37). */
static void owe_notice(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = rehearsal_policy(r, i->id);
    for (size_t n = 0; n < p->n_communications && k->owed[DUTY_NOTICE].of == NULL && i->severity != 0; n++) {
        const struct policy_communication *c = &p->communications[n];
        const level_set levels = c->severities != 0 ? c->severities : LEVEL_BIT(1) | LEVEL_BIT(2);
        if (c->kind != COMMUNICATION_CUSTOMER_NOTICE || !LEVEL_IN(levels, (int)i->severity)) continue;
        owe(r, k, DUTY_NOTICE, c, notice_within(p, c, i->severity));
        prompts_arm(r, (struct duty){ k->incident, DUTY_DRAFT, c, rehearsal_now(r) });
    }
}

/* The next reminder: at half of its time, at nine tenths, when it is due, and then every day (R91). */
static void arm_postmortem(struct rehearsal *r, const struct career *k)
{
    const struct owed *o = &k->owed[DUTY_POSTMORTEM];
    const int64_t whole = o->due - o->from, now = rehearsal_now(r);
    const int64_t at[] = { o->from + whole / 2, o->from + whole * 9 / 10, o->due };
    int64_t next = o->due + ((now - o->due) / DAY + 1) * DAY;
    for (size_t n = COUNT_OF(at); n > 0 && now < o->due; n--)
        if (at[n - 1] > now) next = at[n - 1];
    prompts_cancel(r, k->incident, DUTY_BIT(DUTY_POSTMORTEM));
    prompts_arm(r, (struct duty){ k->incident, DUTY_POSTMORTEM, o->of, next });
}

/* --- what an incident goes through --- */

void updates_begin(struct rehearsal *r, struct career *k, const struct incident *i)
{
    begin_cadence(r, k, i);
    updates_follow(r, k, i);
}

void updates_follow(struct rehearsal *r, struct career *k, const struct incident *i)
{
    owe_status_page(r, k, i);
    owe_notice(r, k, i);
    follow_cadence(r, k, i);
}

void updates_resolved(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = rehearsal_policy(r, i->id);
    const struct policy_communication *c = sentence_of(p, COMMUNICATION_POSTMORTEM, level_of(p, i));
    k->unmet = POLICY_NONE;
    if (c == NULL || (k->owed[DUTY_POSTMORTEM].of != NULL && k->owed[DUTY_POSTMORTEM].done != POLICY_NONE)) return;
    owe(r, k, DUTY_POSTMORTEM, c, c->within_ms);
    arm_postmortem(r, k);
}

/* --- telling --- */

static const char *const owed_names[DUTY_KINDS] = {
    [DUTY_STATUS_PAGE] = "the status page",
    [DUTY_NOTICE] = "the notice to customers",
    [DUTY_POSTMORTEM] = "the postmortem",
};

static void print_update(struct rehearsal *r, struct career *k)
{
    struct buf *out = &r->text;
    buf_add(out, S("a status update is due, every "));
    print_span(k->cadence.every_ms, out);
    if (k->due > k->kept) buf_addf(out, "; %lld missed so far", (long long)(k->due - k->kept));
}

static void print_owed(struct rehearsal *r, const struct career *k, enum duty_kind kind)
{
    const struct owed *o = &k->owed[kind];
    const int64_t left = o->due - rehearsal_now(r);
    buf_add_str(&r->text, owed_names[kind]);
    buf_add(&r->text, left < 0 ? S(" is overdue by ") : S(" is due"));
    if (left > 0) buf_add(&r->text, S(" in "));
    if (left != 0) print_span(left < 0 ? -left : left, &r->text);
}

unsigned updates_print(struct rehearsal *r, const struct duty *d)
{
    struct career *k = career_of(r, d->incident);
    const struct policy_communication *c = d->of;
    if (d->kind == DUTY_UPDATE) {
        print_update(r, k);
    } else if (d->kind == DUTY_OVERDUE) {
        buf_add(&r->text, S("the status update is "));
        print_span(rehearsal_now(r) - k->unmet, &r->text);
        buf_add(&r->text, S(" overdue: the Incident Commander is told"));
    } else if (d->kind == DUTY_DRAFT) {
        buf_add(&r->text, S("a draft for customers is to be approved within "));
        print_span(k->owed[DUTY_NOTICE].due - k->owed[DUTY_NOTICE].from, &r->text);
    } else if (k->owed[d->kind].unbound) {
        buf_add_str(&r->text, owed_names[d->kind]);
        buf_add(&r->text,
                S(" is not bound: no channel of site.yaml says `for: [status page]`, so nothing can be late"));
    } else {
        print_owed(r, k, d->kind);
    }
    return c != NULL ? c->line : k->cadence.line;
}

bool updates_unbound(struct rehearsal *r, const struct duty *d)
{
    return d->kind == DUTY_STATUS_PAGE && career_of(r, d->incident)->owed[DUTY_STATUS_PAGE].unbound;
}

static bool is_pending(const struct rehearsal *r, incident_id id, enum duty_kind kind)
{
    for (size_t n = 0; n < r->duties.n; n++)
        if (r->duties.v[n].incident == id && r->duties.v[n].kind == kind) return true;
    return false;
}

void updates_told(struct rehearsal *r, const struct duty *d)
{
    struct career *k = career_of(r, d->incident);
    if (d->kind == DUTY_POSTMORTEM) arm_postmortem(r, k);
    if (d->kind != DUTY_UPDATE) return;
    k->due++;
    k->last = rehearsal_now(r);
    if (k->unmet == POLICY_NONE) k->unmet = k->last;
    if (!is_pending(r, k->incident, DUTY_OVERDUE))
        prompts_arm(r, (struct duty){ k->incident, DUTY_OVERDUE, NULL, k->last + OVERDUE_AFTER });
    arm_update(r, k);
}

/* --- somebody publishes --- */

static const struct {
    struct slice word;
    enum duty_kind kind;
} published[] = {
    { S("update"), DUTY_UPDATE },
    { S("status-page"), DUTY_STATUS_PAGE },
    { S("notice"), DUTY_NOTICE },
    { S("postmortem"), DUTY_POSTMORTEM },
};

static void print_in_time(struct buf *out, int64_t late)
{
    if (late <= 0) {
        buf_add(out, S(", in time"));
        return;
    }
    buf_add(out, S(", late by "));
    print_span(late, out);
}

/* May the next update come so much later? "" or why not (R83). */
static void judge_cadence(const struct rehearsal *r, const struct career *k, const struct script_command *c,
                          int64_t usual, struct buf *why)
{
    const int64_t from = k->declared_at + LENGTHEN_AFTER;
    if (c->ms <= usual || (rehearsal_now(r) >= from && c->act.text.n > 0)) return;
    buf_add(why, S("more than "));
    print_span(usual, why);
    buf_add(why, S(" between updates needs a reason in quotes, and two hours since the declaration: from "));
    script_print_time(from, why);
}

static void publish_update(struct rehearsal *r, struct career *k, const struct script_command *c, struct buf *why)
{
    const struct incident *i = world_incident(r->stage.world, k->incident);
    struct policy_cadence usual = { POLICY_NONE, 0 };
    const int64_t late = k->unmet == POLICY_NONE ? 0 : rehearsal_now(r) - k->unmet;
    if (i != NULL && k->declared && !k->over) usual = policy_cadence(rehearsal_policy(r, i->id), (int)k->level);
    if (usual.every_ms == POLICY_NONE) {
        buf_add(why, S("no status update is owed: the incident is not declared, it is over, or the procedures name no "
                       "cadence"));
        return;
    }
    if (c->ms > 0) judge_cadence(r, k, c, usual.every_ms, why);
    if (why->len > 0) return;
    if (c->ms > 0) k->cadence.every_ms = c->ms;
    k->lengthened = c->ms > 0 ? c->ms > usual.every_ms : k->lengthened;
    if (k->unmet == POLICY_NONE) k->due++, k->kept++;
    k->unmet = POLICY_NONE;
    k->last = rehearsal_now(r);
    prompts_cancel(r, k->incident, DUTY_BIT(DUTY_OVERDUE));
    arm_update(r, k);
    buf_add(&r->text, S("a status update is published"));
    print_in_time(&r->text, late);
    buf_add(&r->text, S("; the next is due at "));
    script_print_time(next_update(k), &r->text);
}

static void publish_owed(struct rehearsal *r, struct career *k, enum duty_kind kind, struct buf *why)
{
    struct owed *o = &k->owed[kind];
    if (o->of == NULL || o->unbound || o->done != POLICY_NONE) {
        buf_addf(why, "%s is not owed here%s", owed_names[kind],
                 o->of == NULL ? ""
                 : o->unbound  ? ": the site has none"
                               : " any more: it is published");
        return;
    }
    o->done = rehearsal_now(r);
    prompts_cancel(r, k->incident, DUTY_BIT(kind) | (kind == DUTY_NOTICE ? DUTY_BIT(DUTY_DRAFT) : 0));
    buf_addf(&r->text, "%s is published", owed_names[kind]);
    print_in_time(&r->text, o->done - o->due);
}

static void publish(struct rehearsal *r, const struct script_command *c, incident_id id, struct buf *why)
{
    struct career *k = career_of(r, id);
    for (size_t n = 0; n < COUNT_OF(published); n++) {
        if (!slice_eq(published[n].word, c->name)) continue;
        if (published[n].kind == DUTY_UPDATE)
            publish_update(r, k, c, why);
        else
            publish_owed(r, k, published[n].kind, why);
    }
    const bool fair = (why->len > 0) == c->refused;
    if (c->refused && why->len == 0) buf_add(why, S("this should have been refused"));
    if (fair) buf_reset(why);
    if (r->text.len > 0) rehearsal_tells(r, (struct told){ .kind = TOLD_MESSAGE, .incident = id, .who = c->act.actor });
}

void rehearsal_publish(struct rehearsal *r, const struct script_command *c)
{
    incident_id id = c->act.incident != 0 ? c->act.incident : newest_incident(r, false);
    struct buf why = { 0 };
    bool known = false;
    if (id == 0 && r->careers.n > 0) id = r->careers.v[r->careers.n - 1].incident; /* it has left the world */
    for (size_t n = 0; n < r->careers.n; n++) known = known || r->careers.v[n].incident == id;
    if (known)
        publish(r, c, id, &why);
    else if (!c->refused)
        buf_add(&why, S("there is no such incident yet"));
    if (why.len > 0) rehearsal_judges(r, c, &why);
    buf_release(&why);
}

/* --- at the end --- */

static void print_fate(struct rehearsal *r, const struct owed *o, const char *name)
{
    const int64_t now = rehearsal_now(r);
    if (o->of == NULL || (!o->unbound && o->done == POLICY_NONE && o->due > now)) return;
    if (o->unbound && r->text.len == 0) return; /* was said at the declaration */
    buf_addf(&r->text, "%s%s", r->text.len > 0 ? "; " : "", name);
    if (o->unbound)
        buf_add(&r->text, S(" not bound"));
    else if (o->done == POLICY_NONE)
        buf_add(&r->text, S(" never published"));
    else
        print_in_time(&r->text, o->done - o->due);
}

void rehearsal_sums_up(struct rehearsal *r)
{
    for (size_t n = 0; n < r->careers.n; n++) {
        const struct career *k = &r->careers.v[n];
        if (k->due > 0)
            buf_addf(&r->text, "%lld of %lld status updates in time", (long long)k->kept, (long long)k->due);
        for (size_t kind = 0; kind < DUTY_KINDS; kind++)
            if (owed_names[kind] != NULL) print_fate(r, &k->owed[kind], owed_names[kind]);
        if (r->text.len == 0) continue;
        rehearsal_tells(r, (struct told){ .kind = TOLD_MESSAGE, .incident = k->incident, .word = S("communication") });
    }
}
