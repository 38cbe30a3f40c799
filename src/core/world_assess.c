/* world_assess.c - what people find out, as facts of the incident: who is hit, what it comes from, what helps (R35).
 *
 * The checks of the document's triage tick from them, by whoever wrote them down; what a person ticked stays theirs.
 * Not here: which check waits for which fact (procedures/timeline.c).
 * Always: each finding is an entry of its own; what was said before stays in the timeline. */
#include "core/world_parts.h"

#include "core/role_name.h"

void world_assign(struct world *w, incident_id id, struct slice role, symbol person, symbol by)
{
    role_assign(w, id, role, person, by);
    if (person != 0 && slice_eq(role, S(ROLE_COMMANDER)))
        milestones_tick(w, id, EVIDENCE_COMMANDER_ASSIGNED, incident_get(w, id)->seq);
}

struct finding {
    struct slice said, word;
    int64_t *fact;
    enum evidence evidence;
};

static void note_finding(struct world *w, incident_id id, const struct finding *f)
{
    *f->fact = symbol_of(w, f->said);
    const int64_t seq = SAY(w, id, ENTRY_ASSESSED, 0, f->word, f->said)->seq;
    milestones_tick(w, id, f->evidence, seq);
    milestones_tick(w, id, EVIDENCE_RESPONDER_ACTED, seq);
}

void world_act_assess(struct world *w)
{
    const struct act *a = w->ev->act;
    const struct incident *now = incident_get(w, a->incident);
    if (now->state == INCIDENT_DISMISSED || now->state == INCIDENT_MERGED) {
        REPLY(w, ERR_CONFLICT, now->id, 0, text_incident(w, now->id), S(" is "),
              slice_of(incident_state_name(now->state)), S(": there is nothing to assess"));
        return;
    }
    if (a->impact.n + a->cause.n + a->mitigation.n == 0) {
        REPLY(w, ERR_INVALID, now->id, 0, S("Say what is known: the impact, the cause, or how it can be mitigated"));
        return;
    }
    struct incident *i = incident_edit(w, now->id);
    const struct finding said[] = {
        { a->impact, S("Impact: "), &i->impact, EVIDENCE_IMPACT_ASSESSED },
        { a->cause, S("Cause: "), &i->cause, EVIDENCE_CAUSE_NOTED },
        { a->mitigation, S("Mitigation: "), &i->mitigation, EVIDENCE_WAYS_OUT_NOTED },
    };
    for (size_t k = 0; k < COUNT_OF(said); k++)
        if (said[k].said.n > 0) note_finding(w, i->id, &said[k]);
    REPLY(w, 0, i->id, 0, S("Written down for "), text_incident(w, i->id));
}
