/* rehearse_prompts.c - what falls due by the procedures though this version does not do it by itself: reminders of
 * status updates (A35), the status page (A36), the notice to customers (A37), the postmortem (A38), the windows after
 * an incident, and the timed triggers and phases of runbooks that the script attaches (A18, A19, A21).
 *
 * Not here: any rule of the core. Everything follows from the policy and from what the incident went through in this
 * rehearsal, and each line says that it is not executed yet. Always: a prompt is told once, at its instant (I30). */
#include "core/incident.h"
#include "core/role.h"
#include "engine/rehearse_inner.h"

#define NOT_EXECUTED S("; not executed yet")
#define NOTICE_WITHIN (15 * MINUTE) /* A37, where the status page has no time to borrow */

/* --- what is due --- */

static void arm(struct rehearsal *r, struct duty d)
{
    *vec_push(&r->duties) = d;
}

static bool is_armed(const struct rehearsal *r, incident_id id, const void *of)
{
    for (size_t i = 0; i < r->duties.n; i++)
        if (r->duties.v[i].incident == id && r->duties.v[i].of == of) return true;
    return false;
}

/* Takes back all duties of the incident whose kind is in `kinds` (bit n = kind n). */
static void cancel(struct rehearsal *r, incident_id id, unsigned kinds)
{
    for (size_t i = r->duties.n; i > 0; i--)
        if (r->duties.v[i - 1].incident == id && (kinds >> r->duties.v[i - 1].kind & 1u) != 0)
            vec_remove(&r->duties, i - 1);
}

static struct career *career_of(struct rehearsal *r, incident_id id)
{
    for (size_t i = 0; i < r->careers.n; i++)
        if (r->careers.v[i].incident == id) return &r->careers.v[i];
    struct career *c = vec_push(&r->careers);
    *c = (struct career){ .incident = id, .clock = POLICY_NONE };
    return c;
}

/* --- communication --- */

static int64_t notice_within(const struct policy *p, const struct policy_communication *c)
{
    if (c->within_ms > 0) return c->within_ms;
    for (size_t i = 0; i < p->n_communications; i++)
        if (p->communications[i].kind == COMMUNICATION_STATUS_PAGE && p->communications[i].within_ms > 0)
            return p->communications[i].within_ms;
    return NOTICE_WITHIN;
}

static bool is_for(level_set severities, level_set otherwise, const struct incident *i)
{
    const level_set set = severities != 0 ? severities : otherwise;
    return LEVEL_IN(set, (int)i->severity);
}

/* From now on: the reminders of an incident that is declared and not over. */
static void arm_updates(struct rehearsal *r, incident_id id)
{
    const struct policy *p = r->stage.o.policy;
    for (size_t i = 0; i < p->n_communications; i++) {
        const struct policy_communication *c = &p->communications[i];
        if (c->kind == COMMUNICATION_STATUS_UPDATES && c->every_ms > 0 && !is_armed(r, id, c))
            arm(r, (struct duty){ id, DUTY_UPDATE, c, rehearsal_now(r) + c->every_ms });
    }
}

static void declared(struct rehearsal *r, incident_id id)
{
    const struct policy *p = r->stage.o.policy;
    for (size_t i = 0; i < p->n_communications; i++) {
        const struct policy_communication *c = &p->communications[i];
        if (c->kind == COMMUNICATION_STATUS_PAGE && c->within_ms > 0)
            arm(r, (struct duty){ id, DUTY_STATUS_PAGE, c, rehearsal_now(r) + c->within_ms });
    }
    arm_updates(r, id);
}

/* Once, whenever a declared incident enters a severity that the sentence names (A37). */
static void arm_notice(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const struct policy *p = r->stage.o.policy;
    for (size_t n = 0; n < p->n_communications && !k->noticed; n++) {
        const struct policy_communication *c = &p->communications[n];
        if (c->kind != COMMUNICATION_CUSTOMER_NOTICE || i->severity == 0) continue;
        if (!is_for(c->severities, LEVEL_BIT(1) | LEVEL_BIT(2), i)) continue;
        arm(r, (struct duty){ i->id, DUTY_NOTICE, c, rehearsal_now(r) + notice_within(p, c) });
        k->noticed = true;
    }
}

/* --- afterwards --- */

static void arm_aftermath(struct rehearsal *r, incident_id id)
{
    const struct policy *p = r->stage.o.policy;
    for (size_t i = 0; i < p->book.n_windows; i++)
        if (p->book.windows[i].from_ms >= 0)
            arm(r,
                (struct duty){ id, DUTY_WINDOW, &p->book.windows[i], rehearsal_now(r) + p->book.windows[i].from_ms });
    for (size_t i = 0; i < p->n_communications; i++) {
        const struct policy_communication *c = &p->communications[i];
        if (c->kind == COMMUNICATION_POSTMORTEM && c->within_ms > 0)
            arm(r, (struct duty){ id, DUTY_POSTMORTEM, c, rehearsal_now(r) + c->within_ms });
    }
}

/* --- runbooks --- */

/* Of a runbook that is attached, as soon as its clock runs: T for all but the component's own (A21). */
static void arm_runbook(struct rehearsal *r, struct career *k, const struct policy_scenario *s, int64_t attached)
{
    for (size_t i = 0; i < s->n_triggers; i++) {
        const struct policy_trigger *t = &s->triggers[i];
        const int64_t from = t->strict ? attached : k->clock;
        const bool timed = t->kind == TRIGGER_TIMED || (t->kind == TRIGGER_THRESHOLD && t->strict);
        if (timed && t->after_ms >= 0 && from >= 0 && !is_armed(r, k->incident, t))
            arm(r, (struct duty){ k->incident, DUTY_TRIGGER, t, from + t->after_ms });
    }
    const struct policy_steps *const parts[] = { &s->immediate, &s->mitigation, &s->verification };
    for (size_t n = 0; n < COUNT_OF(parts); n++)
        for (size_t i = 0; i < parts[n]->n; i++)
            if (parts[n]->v[i].due_ms > 0 && k->clock >= 0 && !is_armed(r, k->incident, &parts[n]->v[i]))
                arm(r, (struct duty){ k->incident, DUTY_STEP, &parts[n]->v[i], k->clock + parts[n]->v[i].due_ms });
}

static void clock_starts(struct rehearsal *r, struct career *k)
{
    k->clock = rehearsal_now(r);
    for (size_t i = 0; i < r->attached.n; i++)
        if (r->attached.v[i].incident == k->incident) arm_runbook(r, k, r->attached.v[i].scenario, r->attached.v[i].t);
}

void rehearsal_attach(struct rehearsal *r, const struct script_command *c)
{
    const struct policy_book *b = &r->stage.o.policy->book;
    const incident_id id = c->expect.incident != 0 ? c->expect.incident : newest_incident(r, true);
    const struct policy_scenario *s = NULL;
    struct buf why = { 0 };
    for (size_t i = 0; i < b->n_scenarios; i++)
        if (slice_eq(b->scenarios[i].id, c->name)) s = &b->scenarios[i];
    if (s == NULL) {
        buf_addf(&why, "the procedures have no scenario \"%.*s\"", (int)c->name.n, c->name.p);
        for (size_t i = 0; i < b->n_scenarios; i++)
            buf_addf(&why, "%s%.*s", i == 0 ? "; they have " : ", ", (int)b->scenarios[i].id.n, b->scenarios[i].id.p);
    } else if (world_incident(r->stage.world, id) == NULL) {
        buf_add(&why, S("there is no incident to attach it to"));
    } else {
        *vec_push(&r->attached) = (struct attached){ id, s, rehearsal_now(r) };
        arm_runbook(r, career_of(r, id), s, rehearsal_now(r));
    }
    if (why.len > 0) rehearsal_judges(r, c, &why);
    buf_release(&why);
}

/* --- what an incident goes through --- */

#define KINDS(a) (1u << (a))
#define WHILE_IT_LASTS (KINDS(DUTY_UPDATE) | KINDS(DUTY_TRIGGER) | KINDS(DUTY_STEP))
#define AFTERWARDS (KINDS(DUTY_WINDOW) | KINDS(DUTY_POSTMORTEM))

static void end(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const bool resolved = i->resolved_at != 0 && i->state != INCIDENT_DISMISSED && i->state != INCIDENT_MERGED;
    k->over = true;
    cancel(r, k->incident, resolved ? WHILE_IT_LASTS : ~0u);
    if (resolved && k->declared) arm_aftermath(r, k->incident);
}

static void begin_again(struct rehearsal *r, struct career *k)
{
    k->over = false;
    cancel(r, k->incident, AFTERWARDS);
    if (k->declared) arm_updates(r, k->incident);
}

static void observe(struct rehearsal *r, const struct incident *i)
{
    struct career *k = career_of(r, i->id);
    if (k->clock < 0 && i->clock_at != 0) clock_starts(r, k);
    if (!k->declared && i->declared_wall != 0) {
        k->declared = true;
        declared(r, i->id);
    }
    if (k->declared && incident_is_active(i)) arm_notice(r, k, i);
    if (!k->over && !incident_is_active(i)) end(r, k, i);
    if (k->over && incident_is_active(i)) begin_again(r, k);
}

void prompts_observe(struct rehearsal *r)
{
    const struct effects *fx = &r->stage.fx;
    for (size_t n = 0; n < fx->entries.n; n++) {
        const struct incident *i = world_incident(r->stage.world, fx->entries.v[n].incident);
        if (i != NULL) observe(r, i);
    }
}

/* --- telling --- */

static symbol holder_of(const struct rehearsal *r, incident_id id, struct slice role)
{
    struct row row;
    for (size_t at = 0; world_next_row(r->stage.world, ROW_HOLDER, &at, &row);) {
        const struct holder *h = (const struct holder *)row.v;
        if (h->incident == id && slice_eq(world_text(r->stage.world, h->role), role)) return h->person;
    }
    return 0;
}

/* Who owns it: the incident's commander, else its primary, else whoever is bound as commander (A35). */
static struct slice owner_of(struct rehearsal *r, const struct incident *i, struct slice *role)
{
    static const struct slice roles[] = { S(ROLE_COMMANDER), S(ROLE_PRIMARY) };
    const struct world *w = r->stage.world;
    for (size_t n = 0; n < COUNT_OF(roles); n++) {
        const symbol person = holder_of(r, i->id, roles[n]);
        *role = roles[n];
        if (person != 0) return arena_copy(r->arena, world_text(w, person));
    }
    const struct role_now now = role_resolve_in(r->stage.o.directory, world_text(w, i->service), world_text(w, i->team),
                                                S(ROLE_COMMANDER), r->stage.wall);
    *role = S(ROLE_COMMANDER);
    return now.n == 0 ? S("") : r->stage.o.directory->people[now.people[0]].id;
}

static void print_span(int64_t ms, struct buf *out)
{
    if (ms % HOUR == 0)
        buf_addf(out, "%lld h", (long long)(ms / HOUR));
    else
        buf_addf(out, "%lld min", (long long)(ms / MINUTE));
}

static unsigned print_window(const struct policy_window *w, struct buf *out)
{
    buf_addf(out, "%.*s begin", (int)w->name.n, w->name.p);
    if (w->to_ms > w->from_ms) {
        buf_add(out, S(", due "));
        print_span(w->to_ms, out);
        buf_add(out, S(" after the resolution"));
    }
    for (size_t i = 0; i < w->n_actions; i++) {
        buf_add(out, i == 0 ? S(": ") : S("; "));
        buf_add(out, w->actions[i].text);
    }
    return w->line;
}

static unsigned print_communication(const struct duty *d, struct buf *out)
{
    static const char *const words[] = {
        [DUTY_UPDATE] = "a status update is due",
        [DUTY_STATUS_PAGE] = "the status page is due",
        [DUTY_NOTICE] = "the notice to customers is due",
        [DUTY_POSTMORTEM] = "the postmortem is due",
    };
    const struct policy_communication *c = d->of;
    buf_add_str(out, words[d->kind]);
    if (d->kind == DUTY_UPDATE) {
        buf_add(out, S(", every "));
        print_span(c->every_ms, out);
    }
    return c->line;
}

static unsigned print_duty(const struct duty *d, struct buf *out)
{
    const struct policy_trigger *t = d->of;
    const struct policy_step *s = d->of;
    switch (d->kind) {
    case DUTY_UPDATE:
    case DUTY_STATUS_PAGE:
    case DUTY_NOTICE:
    case DUTY_POSTMORTEM: return print_communication(d, out);
    case DUTY_WINDOW: return print_window(d->of, out);
    case DUTY_TRIGGER: buf_addf(out, t->strict ? "still so? %.*s" : "%.*s", (int)t->text.n, t->text.p); return t->line;
    case DUTY_STEP: buf_addf(out, "to be done by now: %.*s", (int)s->text.n, s->text.p); return s->line;
    }
    return 0;
}

/* Does the sentence still speak about this incident? */
static bool applies(const struct duty *d, const struct incident *i)
{
    if (d->kind == DUTY_UPDATE) return is_for(((const struct policy_communication *)d->of)->severities, 0, i);
    if (d->kind != DUTY_TRIGGER) return true;
    const struct policy_trigger *t = d->of;
    const bool restored = slice_eq(t->fact, S("restored")) && i->mitigated_wall != 0;
    return is_for(t->severities, 0, i) && !restored;
}

static void tell(struct rehearsal *r, const struct duty *d, const struct incident *i)
{
    const bool trigger = d->kind == DUTY_TRIGGER;
    struct told x = { .kind = trigger ? TOLD_TRIGGER : TOLD_PROMPT, .incident = i->id };
    x.word = trigger ? S("trigger") : S("prompt");
    x.who = owner_of(r, i, &x.role);
    x.line = print_duty(d, &r->text);
    struct happening *h = rehearsal_happens(r, EXPECT_PROMPT, i->id);
    h->what = arena_copy(r->arena, buf_slice(&r->text));
    h->person = x.who;
    x.expect = EXPECT_PROMPT;
    x.asked = h->what;
    if (x.who.n > 0) {
        buf_add(&r->text, S("; for "));
        buf_add(&r->text, person_name(r, x.who));
    }
    buf_addf(&r->text, " (line %lld)", (long long)x.line);
    buf_add(&r->text, NOT_EXECUTED);
    rehearsal_tells(r, x);
}

bool prompts_next(const struct rehearsal *r, int64_t *at)
{
    *at = INT64_MAX;
    for (size_t i = 0; i < r->duties.n; i++)
        if (STAGE_BEGINS + r->duties.v[i].due < *at) *at = STAGE_BEGINS + r->duties.v[i].due;
    return *at != INT64_MAX;
}

/* A document that wants an update every second would fill the story of a month: once a minute shows the same. */
static int64_t update_rhythm(const struct policy_communication *c)
{
    return c->every_ms < MINUTE ? MINUTE : c->every_ms;
}

bool prompts_tell(struct rehearsal *r)
{
    size_t at = r->duties.n;
    for (size_t i = 0; i < r->duties.n; i++)
        if (r->duties.v[i].due <= rehearsal_now(r) && (at == r->duties.n || r->duties.v[i].due < r->duties.v[at].due))
            at = i;
    if (at == r->duties.n) return false;
    const struct duty d = r->duties.v[at];
    const struct incident *i = world_incident(r->stage.world, d.incident);
    if (d.kind == DUTY_UPDATE && i != NULL)
        r->duties.v[at].due += update_rhythm(d.of);
    else
        vec_remove(&r->duties, at);
    if (i != NULL && applies(&d, i)) tell(r, &d, i);
    return true;
}
