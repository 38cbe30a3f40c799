/* rehearse_act.c - a script's people act: completes what the line left out, steps it, and minds the answer. */
#include "core/incident.h"
#include "core/role.h"
#include "engine/rehearse_inner.h"

incident_id newest_incident(const struct rehearsal *r, bool open)
{
    struct row row;
    incident_id newest = 0;
    for (size_t at = 0; world_next_row(r->stage.world, ROW_INCIDENT, &at, &row);) {
        const struct incident *i = world_incident(r->stage.world, row.v[0]);
        if ((!open || incident_is_active(i)) && i->id > newest) newest = i->id;
    }
    return newest;
}

/* Who acts when the line names nobody: the primary of what it is about. */
static struct slice primary_of(const struct rehearsal *r, incident_id id)
{
    const struct world *w = r->stage.world;
    const struct directory *d = r->stage.o.directory;
    const struct incident *i = world_incident(w, id);
    struct slice service = i == NULL ? S("") : world_text(w, i->service),
                 team = i == NULL ? S("") : world_text(w, i->team);
    struct role_now who = role_resolve_in(d, service, team, S(ROLE_PRIMARY), r->stage.wall);
    if (who.n > 0) return d->people[who.people[0]].id;
    return d->n_people > 0 ? d->people[0].id : S("nobody");
}

static bool needs_incident(const struct act *a)
{
    return a->kind != ACT_SILENCE && a->kind != ACT_UNSILENCE && !(a->kind == ACT_DECLARE && a->text.n > 0);
}

/* "acknowledgment/severity-level-determined" → its places in the policy. */
static bool find_check(const struct policy *p, struct slice id, struct act *a)
{
    for (size_t m = 0; m < p->n_milestones; m++)
        for (size_t c = 0; c < p->milestones[m].n_checks; c++)
            if (slice_eq(p->milestones[m].checks[c].id, id))
                return a->milestone = (int64_t)m, a->check = (int64_t)c, true;
    return false;
}

static struct act completed(const struct rehearsal *r, const struct script_command *c)
{
    struct act a = c->act;
    const bool reopens = a.kind == ACT_REOPEN;
    if (a.incident == 0 && needs_incident(&a)) a.incident = newest_incident(r, !reopens);
    if (a.incident == 0 && needs_incident(&a)) a.incident = newest_incident(r, false);
    if (a.actor.n == 0) a.actor = primary_of(r, a.incident);
    if ((a.kind == ACT_SILENCE || a.kind == ACT_SNOOZE) && c->lasts > 0) a.ends = r->stage.wall + c->lasts;
    return a;
}

static void mind_answer(struct rehearsal *r, const struct script_command *c)
{
    const struct effects *fx = &r->stage.fx;
    struct buf why = { 0 };
    const struct reply *answer = fx->replies.n > 0 ? &fx->replies.v[fx->replies.n - 1] : NULL;
    if (answer == NULL) {
        buf_add(&why, S("nothing answered this act"));
    } else if (answer->code != 0 && !c->refused) {
        buf_add(&why, S("refused: "));
        buf_add(&why, answer->text);
    } else if (answer->code == 0 && c->refused) {
        buf_add(&why, S("this should have been refused, but the answer is: "));
        buf_add(&why, answer->text);
    }
    if (why.len > 0) rehearsal_judges(r, c, &why);
    buf_release(&why);
}

void rehearsal_act(struct rehearsal *r, const struct script_command *c)
{
    struct act a = completed(r, c);
    struct buf why = { 0 };
    if (a.incident == 0 && needs_incident(&a))
        buf_add(&why, S("there is no incident yet"));
    else if (a.kind == ACT_CHECK && !find_check(rehearsal_policy(r, a.incident), c->name, &a))
        buf_addf(&why, "the procedures have no check \"%.*s\"", (int)c->name.n, c->name.p);
    if (why.len > 0) {
        rehearsal_judges(r, c, &why);
        buf_release(&why);
        return;
    }
    struct event ev = { .kind = EVENT_ACT, .act = &a };
    rehearsal_step(r, &ev);
    mind_answer(r, c);
}
