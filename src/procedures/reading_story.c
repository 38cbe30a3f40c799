/* reading_story.c - sentences about the course of an incident: what is due when, who is told, with which words. */
#include "core/template.h"

#include "procedures/reading_parts.h"

/* --- timeline --- */

static const char *ticked_by(enum evidence e)
{
    switch (e) {
    case EVIDENCE_ALERT_RECEIVED: return "ticks by itself when the alert arrives";
    case EVIDENCE_PAGE_SENT: return "ticks by itself when the first page begins";
    case EVIDENCE_INCIDENT_LOGGED: return "ticks by itself when the incident opens";
    case EVIDENCE_ACKNOWLEDGED: return "ticks by itself when somebody acknowledges";
    case EVIDENCE_RESPONDER_ACTED: return "ticks by itself at a responder's first act";
    case EVIDENCE_SEVERITY_CONFIRMED: return "ticks by itself when a person confirms the severity";
    case EVIDENCE_CAUSE_NOTED: return "ticks by itself when a person writes down the cause (tocsin assess --cause)";
    case EVIDENCE_IMPACT_ASSESSED:
        return "ticks by itself when a person writes down the impact (tocsin assess --impact)";
    case EVIDENCE_WAYS_OUT_NOTED:
        return "ticks by itself when a person writes down how it can be mitigated (tocsin assess --mitigation)";
    case EVIDENCE_COMMANDER_ASSIGNED: return "ticks by itself when somebody holds the role of Incident Commander";
    case EVIDENCE_HAND:
    case EVIDENCE_UNSET: break;
    }
    return "is ticked by a person";
}

static void tell_milestone(struct teller *t, const struct policy_milestone *m)
{
    struct slice at = words_time(t, m->at_ms), due = words_time(t, m->due_ms);
    const char *later = m->after_resolution ? "; it applies only once the incident is resolved" : "";
    if (m->at_ms == POLICY_NONE)
        tell(t, m->line, 0, "%.*s is a phase in order, without a deadline%s.", ARG(m->name), later);
    else if (m->due_ms != POLICY_NONE)
        tell(t, m->line, 0, "%.*s runs from %.*s to %.*s after the first page%s.", ARG(m->name), ARG(at), ARG(due),
             later);
    else if (m->at_ms == 0)
        tell(t, m->line, 0, "%.*s is due at once, with the first page%s.", ARG(m->name), later);
    else
        tell(t, m->line, 0, "%.*s is due %.*s after the first page%s.", ARG(m->name), ARG(at), later);
    for (size_t i = 0; i < m->n_checks; i++)
        tell(t, m->checks[i].line, 1, "\"%.*s\" %s.", ARG(m->checks[i].text), ticked_by(m->checks[i].evidence));
}

void tell_timeline(struct teller *t)
{
    for (size_t i = 0; i < t->p->n_milestones; i++) tell_milestone(t, &t->p->milestones[i]);
    if (t->p->n_milestones > 0) tell(t, 0, 0, "What is late is shown and recorded; nothing is blocked by it.");
}

/* --- communication --- */

static const char *clock_words(char clock)
{
    return clock == 'R' ? " after resolution" : clock == 'D' ? " after the declaration" : " after the first page";
}

static struct slice when_due(struct teller *t, const struct policy_communication *c)
{
    struct slice every = words_time(t, c->every_ms), within = words_time(t, c->within_ms);
    if (c->every_ms != POLICY_NONE)
        return words(t, "every %.*s from the declaration until the incident is resolved", ARG(every));
    if (c->within_ms != POLICY_NONE) return words(t, "within %.*s%s", ARG(within), clock_words(c->clock));
    if (c->kind == COMMUNICATION_INITIAL_ALERT) return S("when the incident is declared");
    if (c->clock == 'D') return S("once the incident is declared");
    return S("an obligation without a clock");
}

static void tell_one_communication(struct teller *t, const struct policy_communication *c)
{
    struct slice place = words_place(t, c->channel_kind, c->channel_target, (struct slice){ 0 }), due = when_due(t, c),
                 levels = words_levels(t, c->severities);
    const bool done = c->kind == COMMUNICATION_INITIAL_ALERT;
    tell(t, c->line, 0, "%.*s (%.*s): %.*s%s%.*s%s%.*s.", ARG(c->name), ARG(c->audience), ARG(due),
         c->severities != 0 ? ", for " : "", c->severities != 0 ? (int)levels.n : 0, levels.p,
         place.n > 0 ? ", to " : "", ARG(place));
    if (!done) tell(t, c->line, 1, "People send it; this version does not remind them by itself.");
}

void tell_communication(struct teller *t)
{
    for (size_t i = 0; i < t->p->n_communications; i++) tell_one_communication(t, &t->p->communications[i]);
}

/* --- templates --- */

static void tell_field(struct teller *t, const struct policy_template_line *l)
{
    struct slice fact = template_fact(l->label);
    struct slice source =
        fact.n > 0 ? words(t, "filled from %.*s", ARG(fact)) : S("filled by a person, \"unknown\" until then");
    if (l->kind == FIELD_LITERAL) {
        tell(t, l->line, 1, "%.*s: \"%.*s\", always, as it is written.", ARG(l->label), ARG(l->text));
        return;
    }
    if (l->kind == FIELD_TEXT) {
        tell(t, l->line, 1, "%.*s: %.*s.", ARG(l->label), ARG(source));
        return;
    }
    struct slice values = { 0 };
    for (size_t i = 0; i < l->n_values; i++)
        values = words(t, "%.*s%s%.*s", ARG(values), i > 0 ? ", " : "", ARG(l->values[i]));
    tell(t, l->line, 1, "%.*s: one of %.*s; %.*s.", ARG(l->label), ARG(values), ARG(source));
}

void tell_templates(struct teller *t)
{
    for (size_t i = 0; i < t->p->n_templates; i++) {
        const struct policy_template *x = &t->p->templates[i];
        struct slice every = words_time(t, x->every_ms);
        if (x->purpose == COMMUNICATION_INITIAL_ALERT)
            tell(t, x->line, 0, "%.*s is posted when an incident is declared.", ARG(x->name));
        else
            tell(t, x->line, 0, "%.*s is a text for people to send%s%.*s.", ARG(x->name),
                 x->every_ms != POLICY_NONE ? " every " : "", x->every_ms != POLICY_NONE ? (int)every.n : 0, every.p);
        for (size_t k = 0; k < x->n_lines; k++) {
            if (x->lines[k].kind != FIELD_FIXED)
                tell_field(t, &x->lines[k]);
            else if (x->lines[k].text.n > 0)
                tell(t, x->lines[k].line, 1, "\"%.*s\" is sent as it is.", ARG(x->lines[k].text));
        }
    }
}
