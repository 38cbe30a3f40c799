/* rehearse_prompts.c - what falls due by the procedures though this version does not do it by itself: the windows after
 * an incident, the timed triggers and phases of runbooks that the script attaches (A18, A19, A21), and the news that
 * people wait for (rehearse_updates.c).
 *
 * Not here: any rule of the core. Everything follows from the policy and from what the incident went through in this
 * rehearsal, and each line says that it is not executed yet. Always: a prompt is told once, at its instant (I30). */
#include "core/incident.h"
#include "core/role.h"
#include "engine/rehearse_inner.h"

/* --- what is due --- */

void prompts_arm(struct rehearsal *r, struct duty d)
{
    *vec_push(&r->duties) = d;
}

bool prompts_is_armed(const struct rehearsal *r, incident_id id, const void *of)
{
    for (size_t i = 0; i < r->duties.n; i++)
        if (r->duties.v[i].incident == id && r->duties.v[i].of == of) return true;
    return false;
}

/* Takes back all duties of the incident whose kind is in `kinds` (bit n = kind n). */
void prompts_cancel(struct rehearsal *r, incident_id id, unsigned kinds)
{
    for (size_t i = r->duties.n; i > 0; i--)
        if (r->duties.v[i - 1].incident == id && (kinds >> r->duties.v[i - 1].kind & 1u) != 0)
            vec_remove(&r->duties, i - 1);
}

struct career *career_of(struct rehearsal *r, incident_id id)
{
    for (size_t i = 0; i < r->careers.n; i++)
        if (r->careers.v[i].incident == id) return &r->careers.v[i];
    struct career *c = vec_push(&r->careers);
    *c = (struct career){ .incident = id, .clock = POLICY_NONE, .unmet = POLICY_NONE };
    return c;
}

/* --- afterwards --- */

static void arm_windows(struct rehearsal *r, incident_id id)
{
    const struct policy *p = rehearsal_policy(r, id);
    for (size_t i = 0; i < p->book.n_windows; i++)
        if (p->book.windows[i].from_ms >= 0)
            prompts_arm(r, (struct duty){ id, DUTY_WINDOW, &p->book.windows[i],
                                          rehearsal_now(r) + p->book.windows[i].from_ms });
}

/* --- runbooks --- */

/* Of a runbook that is attached, as soon as its clock runs: T for all but the component's own (A21). */
static void arm_runbook(struct rehearsal *r, struct career *k, const struct policy_scenario *s, int64_t attached)
{
    for (size_t i = 0; i < s->n_triggers; i++) {
        const struct policy_trigger *t = &s->triggers[i];
        const int64_t from = t->strict ? attached : k->clock;
        const bool timed = t->kind == TRIGGER_TIMED || (t->kind == TRIGGER_THRESHOLD && t->strict);
        if (timed && t->after_ms >= 0 && from >= 0 && !prompts_is_armed(r, k->incident, t))
            prompts_arm(r, (struct duty){ k->incident, DUTY_TRIGGER, t, from + t->after_ms });
    }
    const struct policy_steps *const parts[] = { &s->immediate, &s->mitigation, &s->verification };
    for (size_t n = 0; n < COUNT_OF(parts); n++)
        for (size_t i = 0; i < parts[n]->n; i++)
            if (parts[n]->v[i].due_ms > 0 && k->clock >= 0 && !prompts_is_armed(r, k->incident, &parts[n]->v[i]))
                prompts_arm(r,
                            (struct duty){ k->incident, DUTY_STEP, &parts[n]->v[i], k->clock + parts[n]->v[i].due_ms });
}

static void clock_starts(struct rehearsal *r, struct career *k)
{
    k->clock = rehearsal_now(r);
    for (size_t i = 0; i < r->attached.n; i++)
        if (r->attached.v[i].incident == k->incident) arm_runbook(r, k, r->attached.v[i].scenario, r->attached.v[i].t);
}

void rehearsal_attach(struct rehearsal *r, const struct script_command *c)
{
    const incident_id id = c->expect.incident != 0 ? c->expect.incident : newest_incident(r, true);
    const struct policy_book *b = &rehearsal_policy(r, id)->book;
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

#define WHILE_IT_LASTS (DUTY_BIT(DUTY_UPDATE) | DUTY_BIT(DUTY_OVERDUE) | DUTY_BIT(DUTY_TRIGGER) | DUTY_BIT(DUTY_STEP))
#define AFTERWARDS (DUTY_BIT(DUTY_WINDOW) | DUTY_BIT(DUTY_POSTMORTEM))

static void end(struct rehearsal *r, struct career *k, const struct incident *i)
{
    const bool resolved = i->resolved_at != 0 && i->state != INCIDENT_DISMISSED && i->state != INCIDENT_MERGED;
    k->over = true;
    prompts_cancel(r, k->incident, resolved ? WHILE_IT_LASTS : ~0u);
    if (!resolved || !k->declared) return;
    arm_windows(r, k->incident);
    updates_resolved(r, k, i);
}

static void begin_again(struct rehearsal *r, struct career *k, const struct incident *i)
{
    k->over = false;
    prompts_cancel(r, k->incident, AFTERWARDS);
    k->owed[DUTY_POSTMORTEM] = (struct owed){ 0 };
    if (k->declared) updates_begin(r, k, i);
}

static void observe(struct rehearsal *r, const struct incident *i)
{
    struct career *k = career_of(r, i->id);
    if (k->clock < 0 && i->clock_at != 0) clock_starts(r, k);
    if (!k->declared && i->declared_wall != 0) {
        k->declared = true;
        k->declared_at = rehearsal_now(r);
        updates_begin(r, k, i);
    }
    if (k->declared && incident_is_active(i)) updates_follow(r, k, i);
    if (!k->over && !incident_is_active(i)) end(r, k, i);
    if (k->over && incident_is_active(i)) begin_again(r, k, i);
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

struct slice person_on(struct rehearsal *r, const struct incident *i, struct slice role)
{
    const struct world *w = r->stage.world;
    const symbol person = holder_of(r, i->id, role);
    if (person != 0) return arena_copy(r->arena, world_text(w, person));
    const struct role_now now =
        role_resolve_in(r->stage.o.directory, world_text(w, i->service), world_text(w, i->team), role, r->stage.wall);
    return now.n == 0 ? S("") : r->stage.o.directory->people[now.people[0]].id;
}

/* Who owns it: the incident's commander, else its primary, else whoever is bound as commander (A35). */
static struct slice owner_of(struct rehearsal *r, const struct incident *i, const struct duty *d, struct slice *role)
{
    *role = S(ROLE_COMMANDER);
    if (d->kind != DUTY_OVERDUE && holder_of(r, i->id, *role) == 0 && holder_of(r, i->id, S(ROLE_PRIMARY)) != 0)
        *role = S(ROLE_PRIMARY);
    return person_on(r, i, *role);
}

/* "3 d", "2 h 24 min", "45 min". */
void print_span(int64_t ms, struct buf *out)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = { { DAY, "d" }, { HOUR, "h" }, { MINUTE, "min" }, { SECOND, "s" } };
    size_t n = 0;
    if (ms % HOUR == 0 && ms < 3 * DAY) { /* as people write it: 24 h, 36 h */
        buf_addf(out, "%lld h", (long long)(ms / HOUR));
        return;
    }
    for (size_t u = 0; u < COUNT_OF(units); u++) {
        if (ms / units[u].ms == 0) continue;
        buf_addf(out, "%s%lld %s", n++ == 0 ? "" : " ", (long long)(ms / units[u].ms), units[u].unit);
        ms %= units[u].ms;
    }
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

static unsigned print_duty(struct rehearsal *r, const struct duty *d)
{
    struct buf *out = &r->text;
    const struct policy_trigger *t = d->of;
    const struct policy_step *s = d->of;
    switch (d->kind) {
    case DUTY_UPDATE:
    case DUTY_OVERDUE:
    case DUTY_STATUS_PAGE:
    case DUTY_DRAFT:
    case DUTY_NOTICE:
    case DUTY_POSTMORTEM: return updates_print(r, d);
    case DUTY_WINDOW: return print_window(d->of, out);
    case DUTY_TRIGGER: buf_addf(out, t->strict ? "still so? %.*s" : "%.*s", (int)t->text.n, t->text.p); return t->line;
    case DUTY_STEP: buf_addf(out, "to be done by now: %.*s", (int)s->text.n, s->text.p); return s->line;
    case DUTY_KINDS: break;
    }
    return 0;
}

/* Does the sentence still speak about this incident? */
static bool applies(const struct duty *d, const struct incident *i)
{
    if (d->kind != DUTY_TRIGGER) return true;
    const struct policy_trigger *t = d->of;
    const bool restored = slice_eq(t->fact, S("restored")) && i->mitigated_wall != 0;
    return LEVEL_IN(t->severities, (int)i->severity) && !restored;
}

/* `i` is NULL where the incident has left the world and still owes its postmortem. */
static void tell(struct rehearsal *r, const struct duty *d, const struct incident *i)
{
    struct career *k = career_of(r, d->incident);
    const bool trigger = d->kind == DUTY_TRIGGER;
    struct told x = { .kind = trigger ? TOLD_TRIGGER : TOLD_PROMPT, .incident = d->incident };
    x.word = trigger ? S("trigger") : S("prompt");
    const bool nobodys = updates_unbound(r, d);
    if (i != NULL) k->owner = owner_of(r, i, d, &k->owner_role);
    if (!nobodys) x.who = k->owner, x.role = k->owner_role;
    x.line = print_duty(r, d);
    struct happening *h = rehearsal_happens(r, EXPECT_PROMPT, d->incident);
    h->what = arena_copy(r->arena, buf_slice(&r->text));
    h->person = x.who;
    x.expect = EXPECT_PROMPT;
    x.asked = h->what;
    if (x.who.n > 0) {
        buf_add(&r->text, S("; for "));
        buf_add(&r->text, person_name(r, x.who));
    }
    buf_add(&r->text, S(" ("));
    rehearsal_place(r, x.line);
    buf_add_char(&r->text, ')');
    if (!nobodys) buf_add(&r->text, S("; not executed yet"));
    rehearsal_tells(r, x);
}

bool prompts_next(const struct rehearsal *r, int64_t *at)
{
    *at = INT64_MAX;
    for (size_t i = 0; i < r->duties.n; i++)
        if (STAGE_BEGINS + r->duties.v[i].due < *at) *at = STAGE_BEGINS + r->duties.v[i].due;
    return *at != INT64_MAX;
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
    vec_remove(&r->duties, at);
    if (i == NULL && d.kind != DUTY_POSTMORTEM) return true;
    if (i == NULL || applies(&d, i)) tell(r, &d, i);
    updates_told(r, &d);
    return true;
}
