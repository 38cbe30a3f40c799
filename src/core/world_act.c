/* world_act.c - what people do: checks that the act makes sense now, does it through the flows, answers in a sentence.
 *
 * One function an act, found in one table. Refusals change nothing and say what to do instead. */
#include "core/world_duty.h"

#include "core/role_name.h"

static const struct act *act_of(const struct world *w)
{
    return w->ev->act;
}

static void refuse_state(struct world *w, const struct incident *i, struct slice verb)
{
    REPLY(w, ERR_CONFLICT, i->id, 0, text_incident(w, i->id), S(" is "), slice_of(incident_state_name(i->state)),
          S(": it cannot be "), verb);
}

static void responder_acted(struct world *w, incident_id id, int64_t seq)
{
    milestones_tick(w, id, EVIDENCE_RESPONDER_ACTED, seq);
}

static int64_t last_seq(const struct world *w, incident_id id)
{
    return incident_get(w, id)->seq;
}

/* --- severity --- */

static int64_t level_of(struct world *w, const struct policy *p)
{
    const struct act *a = act_of(w);
    if (a->severity > 0) return a->severity <= policy_levels(p) ? a->severity : -1;
    if (a->severity_label.n == 0) return 0;
    int level = policy_level_named(p, a->severity_label);
    return level == 0 ? -1 : level;
}

static void refuse_level(struct world *w, const struct policy *p, incident_id id)
{
    REPLY(w, ERR_INVALID, id, 0, S("\""), act_of(w)->severity_label,
          S("\" is no severity of these procedures; they have "), policy_level_label(p, 1), S(" (worst) to "),
          policy_level_label(p, policy_levels(p)));
}

static bool is_lowered_unsaid(struct world *w, const struct incident *i, int64_t level)
{
    if (level == 0 || i->severity == 0 || level <= i->severity || act_of(w)->text.n > 0) return false;
    REPLY(w, ERR_INVALID, i->id, 0, S("Lowering a severity needs a reason: say why"));
    return true;
}

static void act_severity(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident);
    const struct policy *p = state_policy(w, i->id);
    int64_t level = level_of(w, p);
    if (!incident_is_active(i)) return refuse_state(w, i, S("given another severity"));
    if (level < 0) return refuse_level(w, p, i->id);
    if (level == 0) level = i->severity != 0 ? i->severity : policy_unclassified(p); /* confirms the provisional one */
    if (is_lowered_unsaid(w, i, level)) return;
    world_set_severity(w, i->id, level, SEVERITY_PERSON, a->text);
    responder_acted(w, i->id, last_seq(w, i->id));
    REPLY(w, 0, i->id, 0, text_incident(w, i->id), S(" is "), incident_severity_text(w, incident_get(w, i->id)));
}

/* --- declare --- */

static int team_of_service(const struct directory *d, int service)
{
    return service < 0 ? d->unrouted_team : d->services[service].team;
}

static bool opening_of(struct world *w, struct incident_opening *o)
{
    const struct act *a = act_of(w);
    const struct directory *d = w->directory;
    int service = a->service.n == 0 ? -1 : directory_service(d, a->service);
    if (a->text.n == 0) {
        REPLY(w, ERR_INVALID, 0, 0, S("Say in one sentence what is wrong"));
        return false;
    }
    if (a->service.n > 0 && service < 0) {
        REPLY(w, ERR_INVALID, 0, 0, S("There is no service \""), a->service,
              S("\" in site.yaml; `tocsin oncall` lists them"));
        return false;
    }
    *o = (struct incident_opening){ .title = symbol_of(w, a->text),
                                    .impact = symbol_of(w, a->text),
                                    .service = service < 0 ? 0 : symbol_of(w, d->services[service].id),
                                    .team = symbol_of(w, d->teams[team_of_service(d, service)].id),
                                    .category = symbol_of(w, a->category.n > 0 ? a->category
                                                             : service < 0     ? S("")
                                                                               : d->services[service].category),
                                    .severity_source = SEVERITY_DEFAULT };
    return true;
}

static void declare_new(struct world *w)
{
    struct incident_opening o;
    const struct policy *p = state_active_policy(w);
    int64_t level = level_of(w, p);
    if (level < 0) return refuse_level(w, p, 0);
    if (!opening_of(w, &o)) return;
    o.severity = level;
    if (level > 0) o.severity_source = SEVERITY_PERSON;
    incident_id id = incident_open(w, &o, S("declared by a person"));
    struct incident *i = incident_edit(w, id);
    if (level > 0) {
        i->confirmed_wall = w->ev->wall;
        i->confirmed_by = state_actor(w);
    }
    world_declare(w, id, state_actor(w), act_of(w)->text);
    if (level > 0) milestones_tick(w, id, EVIDENCE_SEVERITY_CONFIRMED, last_seq(w, id));
    paging_begin(w, id, PAGE_REASON_DECLARED);
    REPLY(w, 0, id, 0, S("Declared "), text_incident(w, id));
}

/* Of one that is known its severity, where the act says it, comes first, so that the declaration has it. */
static void act_declare(struct world *w)
{
    const struct act *a = act_of(w);
    const incident_id id = a->incident;
    if (id == 0) return declare_new(w);
    const struct incident *i = incident_get(w, id);
    const struct policy *p = state_policy(w, id);
    const int64_t level = level_of(w, p);
    const bool is_declared = i->declared_wall != 0;
    if (!incident_is_active(i)) return refuse_state(w, i, S("declared"));
    if (level < 0) return refuse_level(w, p, id);
    if (is_lowered_unsaid(w, i, level)) return;
    if (level > 0)
        world_set_severity(w, id, level, SEVERITY_PERSON, a->text.n > 0 ? a->text : S("said with the declaration"));
    world_declare(w, id, state_actor(w), a->text.n > 0 ? a->text : S("by a person"));
    if (level > 0 || !is_declared) responder_acted(w, id, last_seq(w, id));
    if (!is_declared)
        REPLY(w, 0, id, 0, S("Declared "), text_incident(w, id));
    else
        REPLY(w, 0, id, 0, text_incident(w, id), S(" was declared already"), level > 0 ? S("; it is ") : S(""),
              level > 0 ? policy_level_label(p, (int)level) : S(""));
}

/* --- acknowledge (R146, R34) --- */

static page_id open_page_of(const struct world *w, incident_id id, symbol person)
{
    const struct incident_extra *x = incident_extra(w, id);
    for (size_t k = x->pages.n; k > 0; k--) {
        const struct page *p = page_get(w, x->pages.v[k - 1]);
        if (p != NULL && p->person == person && page_is_open(p) && p->kind == PAGE_PAGE) return p->id;
    }
    return 0;
}

/* What an acknowledgement says besides, where somebody has it already. A severity that it would set stays as it is, since the
 * first acknowledgement must (I14): a declaration ends a silence, and what that held is paged anew. */
static struct slice severity_kept(struct world *w, const struct incident *i, int64_t level)
{
    if (level == 0 || (level == i->severity && i->confirmed_wall != 0)) return (struct slice){ 0 };
    return TEXT(w, S("; its severity stays "), incident_severity_text(w, i), S(": `tocsin severity` sets it"));
}

/* Somebody has it already: answering one's own page is fine, anybody else is told by whom. */
static void acknowledge_again(struct world *w, const struct incident *i, int64_t level)
{
    symbol me = state_actor(w);
    const struct slice kept = severity_kept(w, i, level);
    page_id mine = open_page_of(w, i->id, me);
    if (mine != 0) {
        struct buf why = { 0 };
        page_end(w, mine, PAGE_STATE_ACKNOWLEDGED, me);
        SAY(w, i->id, ENTRY_ACKNOWLEDGED, mine, text_person(w, me), S(" answered too"));
        buf_add(&why, S("answered by "));
        buf_add(&why, text_person(w, me));
        pages_end_successors(w, mine, me, buf_slice(&why));
        buf_release(&why);
        if (act_of(w)->text.n > 0) SAY(w, i->id, ENTRY_NOTE, 0, act_of(w)->text);
        REPLY(w, 0, i->id, 0, S("Your page of "), text_incident(w, i->id), S(" is answered; it was acknowledged by "),
              text_person(w, i->acknowledged_by), kept);
        return;
    }
    bool me_already = i->acknowledged_by == me;
    int64_t ago = (w->ev->at - i->acknowledged_at) / SECOND * SECOND;
    if (me_already && act_of(w)->text.n > 0) SAY(w, i->id, ENTRY_NOTE, 0, act_of(w)->text);
    REPLY(w, me_already && kept.n == 0 ? 0 : ERR_CONFLICT, i->id, 0, text_incident(w, i->id), S(" was acknowledged by "),
          me_already ? S("you") : text_person(w, i->acknowledged_by), S(" "),
          ago > 0 ? text_duration(w, ago) : S("just now"), ago > 0 ? S(" ago") : S(""), kept);
}

static void act_acknowledge(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *now = incident_get(w, a->incident);
    int64_t level = level_of(w, state_policy(w, now->id));
    if (!incident_is_active(now)) return refuse_state(w, now, S("acknowledged"));
    if (level < 0) return refuse_level(w, state_policy(w, now->id), now->id);
    if (now->acknowledged_at != 0) return acknowledge_again(w, now, level);
    struct incident *i = incident_edit(w, now->id);
    i->acknowledged_at = w->ev->at;
    i->acknowledged_wall = w->ev->wall;
    i->acknowledged_by = state_actor(w);
    struct entry *e = SAY(w, i->id, ENTRY_ACKNOWLEDGED, a->page, S("Acknowledged by "),
                          text_person(w, i->acknowledged_by), a->text.n > 0 ? S(": ") : S(""), a->text);
    int64_t seq = e->seq;
    milestones_tick(w, i->id, EVIDENCE_ACKNOWLEDGED, seq);
    responder_acted(w, i->id, seq);
    paging_acknowledged(w, i->id, i->acknowledged_by);
    if (level > 0) world_set_severity(w, i->id, level, SEVERITY_PERSON, S("confirmed with the acknowledgement"));
    REPLY(w, 0, i->id, 0, S("Acknowledged "), text_incident(w, i->id), S(": "), symbol_text(w, i->title));
}

/* --- classify, assign, note --- */

static void act_classify(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *now = incident_get(w, a->incident);
    if (!incident_is_active(now)) return refuse_state(w, now, S("classified"));
    symbol category = symbol_of(w, a->category);
    if (category == now->category) {
        REPLY(w, 0, now->id, 0, text_incident(w, now->id), S(" is classified as "), a->category, S(" already"));
        return;
    }
    struct incident *i = incident_edit(w, now->id);
    i->category = category;
    SAY(w, i->id, ENTRY_CLASSIFIED, 0, S("Classified as "), a->category, a->text.n > 0 ? S(": ") : S(""), a->text);
    responder_acted(w, i->id, last_seq(w, i->id));
    paging_category_changed(w, i->id);
    REPLY(w, 0, i->id, 0, text_incident(w, i->id), S(" is classified as "), a->category);
}

#define ROLES_MAX 64

/* A role that the incident's procedures know; else the answer lists them, because a misspelt one would hold nobody. */
static bool is_role(struct world *w, const struct incident *i, struct slice role)
{
    struct slice known[ROLES_MAX];
    const size_t n = policy_parties(state_policy(w, i->id), known, ROLES_MAX);
    struct buf list = { 0 };
    for (size_t k = 0; k < n; k++) {
        if (slice_eq(known[k], role)) return buf_release(&list), true;
        if (k > 0) buf_add(&list, S(", "));
        buf_add(&list, known[k]);
    }
    REPLY(w, ERR_NOT_FOUND, i->id, 0, S("There is no role \""), act_of(w)->role, S("\" in the procedures of "),
          text_incident(w, i->id), S("; these are: "), buf_slice(&list));
    buf_release(&list);
    return false;
}

static void act_assign(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident);
    struct slice who = a->person.n > 0 ? a->person : a->actor;
    struct slice role = role_id(w->fx->arena, a->role);
    int index = directory_person(w->directory, who);
    if (!incident_is_active(i)) return refuse_state(w, i, S("assigned"));
    if (index < 0) {
        REPLY(w, ERR_NOT_FOUND, i->id, 0, S("There is no person \""), who, S("\" in site.yaml"));
        return;
    }
    if (!is_role(w, i, role)) return;
    symbol person = symbol_of(w, who), me = state_actor(w);
    world_assign(w, i->id, role, person, me);
    responder_acted(w, i->id, last_seq(w, i->id));
    if (person != me)
        page_send(w,
                  &(struct page_order){ .incident = i->id,
                                        .reason = PAGE_REASON_ASSIGNED,
                                        .kind = PAGE_NOTIFICATION,
                                        .role = role,
                                        .person = person },
                  NULL);
    REPLY(w, 0, i->id, 0, w->directory->people[index].name, S(" is "), role, S(" of "), text_incident(w, i->id));
}

static void act_note(struct world *w)
{
    const struct act *a = act_of(w);
    struct entry *e = SAY(w, a->incident, ENTRY_NOTE, 0, a->text);
    responder_acted(w, a->incident, e->seq);
    REPLY(w, 0, a->incident, 0, S("Noted on "), text_incident(w, a->incident));
}

/* --- mitigate, resolve, dismiss, merge, reopen --- */

static void act_mitigate(struct world *w)
{
    const struct act *a = act_of(w);
    if (incident_move(w, a->incident, INCIDENT_MITIGATED) != 0)
        return refuse_state(w, incident_get(w, a->incident), S("mitigated"));
    SAY(w, a->incident, ENTRY_MITIGATED, 0, S("Mitigated"), a->text.n > 0 ? S(": ") : S(""), a->text);
    responder_acted(w, a->incident, last_seq(w, a->incident));
    REPLY(w, 0, a->incident, 0, text_incident(w, a->incident), S(" is mitigated; resolve it when the cause is gone"));
}

static void act_resolve(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident);
    if (i->state == INCIDENT_RESOLVED) {
        REPLY(w, 0, i->id, 0, text_incident(w, i->id), S(" is resolved already"));
        return;
    }
    if (!incident_may_move(i->state, INCIDENT_RESOLVED)) return refuse_state(w, i, S("resolved"));
    world_resolve(w, i->id, state_actor(w), a->text);
    responder_acted(w, i->id, last_seq(w, i->id));
    REPLY(w, 0, i->id, 0, S("Resolved "), text_incident(w, i->id),
          i->firing > 0 ? S("; alerts of it still fire") : S(""));
}

static void over_for_a_day(struct world *w, incident_id id, struct slice why)
{
    timers_cancel_subject(w, SUBJECT_INCIDENT, id);
    paging_over(w, id, state_actor(w), why);
    milestones_keep(w, id);
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_PRUNE, 0, w->ev->at + INCIDENT_LEAVES_AFTER);
}

static void act_dismiss(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident);
    if (i->declared_wall != 0 || a->text.n == 0) {
        REPLY(w, a->text.n == 0 ? ERR_INVALID : ERR_CONFLICT, i->id, 0,
              a->text.n == 0 ? S("Say why it is nothing: a dismissal needs a reason")
                             : S("A declared incident is resolved, not dismissed"));
        return;
    }
    if (incident_move(w, i->id, INCIDENT_DISMISSED) != 0) return refuse_state(w, i, S("dismissed"));
    incident_edit(w, i->id)->reason = symbol_of(w, a->text);
    SAY(w, i->id, ENTRY_DISMISSED, 0, S("Dismissed: "), a->text);
    over_for_a_day(w, i->id, S("dismissed"));
    REPLY(w, 0, i->id, 0, S("Dismissed "), text_incident(w, i->id));
}

/* Alerts belong to exactly one incident (I2): they move along. */
static void move_alerts(struct world *w, incident_id from, incident_id into, bool was_held)
{
    struct incident_extra *x = incident_extra(w, from), *y = incident_extra(w, into);
    struct incident *a = incident_edit(w, from), *b = incident_edit(w, into);
    for (size_t k = 0; k < x->alerts.n; k++) {
        const struct alert_kept *held = alert_get(w, x->alerts.v[k]);
        if (held == NULL || held->incident != from) continue; /* it went to another incident since */
        alert_edit(w, x->alerts.v[k])->incident = into;
        if (was_held && silence_for(w, x->alerts.v[k], w->ev->wall) != 0) /* nobody was paged for it */
            silence_hushes(w, x->alerts.v[k], HUSH_JOINED);
        *vec_push(&y->alerts) = x->alerts.v[k];
    }
    vec_clear(&x->alerts);
    b->alerts += a->alerts;
    b->firing += a->firing;
    a->firing = 0;
}

/* What joins by a person's hand is as grave as what joins by itself (R148): the incident grows, and whoever has it is paged,
 * unless they did it themselves or somebody has what joins. */
static void merge_severity(struct world *w, const struct incident *from, incident_id id)
{
    const struct incident *into = incident_get(w, id);
    const int64_t level = from->severity;
    if (!severity_is_worse(level, into->severity)) return;
    const bool is_known = from->acknowledged_at != 0 || into->acknowledged_by == state_actor(w);
    const struct slice what = TEXT(w, text_incident(w, from->id), S(" was merged into it"));
    snooze_end(w, id, S("A more severe incident was merged into it: the snooze ends"));
    if (into->severity_source != SEVERITY_PERSON) world_set_severity(w, id, level, from->severity_source, what);
    if (into->acknowledged_at == 0 && level <= 2)
        paging_grows_loud(w, id, what);
    else if (into->acknowledged_at != 0 && !is_known)
        paging_again(w, id, PAGE_REASON_WORSE_ALERT, what, level <= 2);
}

static void act_merge(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident), *into = incident_get(w, a->into);
    if (into == NULL || into == i || !incident_is_active(into)) {
        REPLY(w, into == NULL ? ERR_NOT_FOUND : ERR_CONFLICT, i->id, 0, S("Merge into an active incident: "),
              text_incident(w, a->into),
              into == NULL ? S(" is not here")
              : into == i  ? S(" is the same one")
                           : S(" is "),
              into == NULL || into == i ? S("") : slice_of(incident_state_name(into->state)));
        return;
    }
    const bool was_held = i->held_at != 0;
    const bool is_held = i->held_at != 0; /* what a silence covers is told at its end, there as here (R152) */
    if (incident_move(w, i->id, INCIDENT_MERGED) != 0) return refuse_state(w, i, S("merged"));
    incident_edit(w, i->id)->merged_into = into->id;
    SAY(w, i->id, ENTRY_MERGED, into->id, S("Merged into "), text_incident(w, into->id));
    SAY(w, into->id, ENTRY_LINKED, i->id, text_incident(w, i->id), S(" was merged into this one"));
    move_alerts(w, i->id, into->id, was_held);
    over_for_a_day(w, i->id, S("merged"));
    world_alerts_moved(w, into->id);
    if (!is_held) merge_severity(w, i, into->id);
    REPLY(w, 0, into->id, 0, text_incident(w, i->id), S(" is part of "), text_incident(w, into->id), S(" now"));
}

static void act_reopen(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *i = incident_get(w, a->incident);
    if (!incident_may_move(i->state, INCIDENT_OPEN) || i->state == INCIDENT_MITIGATED)
        return refuse_state(w, i, S("reopened"));
    if (i->state == INCIDENT_MERGED && w->ev->at - i->closed_at > DAY) {
        REPLY(w, ERR_CONFLICT, i->id, 0, S("A merge can be undone for 24 hours; declare a new incident instead"));
        return;
    }
    world_reopen(w, i->id, a->text.n > 0 ? a->text : S("by a person"));
    responder_acted(w, i->id, last_seq(w, i->id));
    if (i->acknowledged_at == 0 || i->acknowledged_by != state_actor(w)) {
        if (i->acknowledged_at != 0)
            paging_again(w, i->id, PAGE_REASON_REOPENED, a->text, false);
        else
            paging_begin(w, i->id, PAGE_REASON_REOPENED);
    } else {
        paging_recovered(w, i->id, false); /* whoever has it reopens it: no page, the second clock goes on */
    }
    world_alerts_speak(w);
    REPLY(w, 0, i->id, 0, S("Reopened "), text_incident(w, i->id));
}

/* --- checks and stamps --- */

static void act_check(struct world *w)
{
    const struct act *a = act_of(w);
    if (milestone_tick_by_hand(w, a->incident, a->milestone, a->check) != 0) return;
    REPLY(w, 0, a->incident, 0, S("Checked"));
}

static void act_detected(struct world *w)
{
    const struct act *a = act_of(w);
    const struct incident *now = incident_get(w, a->incident);
    if (a->text.n == 0 || a->when <= 0 || a->when > now->opened_wall) {
        REPLY(w, ERR_INVALID, now->id, 0,
              S("Say when it was detected (not after it was logged) and why you correct it"));
        return;
    }
    struct incident *i = incident_edit(w, now->id);
    i->detected_wall = a->when;
    SAY(w, i->id, ENTRY_DETECTED, 0, S("Detection time corrected: "), a->text, S("; clocks stay as they are"));
    REPLY(w, 0, i->id, 0, S("Corrected; reports use it, clocks stay"));
}

static void (*const acts[ACT_KIND_MAX])(struct world *) = {
    [ACT_DECLARE] = act_declare,       [ACT_ACKNOWLEDGE] = act_acknowledge,
    [ACT_SEVERITY] = act_severity,     [ACT_CLASSIFY] = act_classify,
    [ACT_ASSIGN] = act_assign,         [ACT_NOTE] = act_note,
    [ACT_SILENCE] = world_act_silence, [ACT_UNSILENCE] = world_act_silence,
    [ACT_MITIGATE] = act_mitigate,     [ACT_RESOLVE] = act_resolve,
    [ACT_DISMISS] = act_dismiss,       [ACT_MERGE] = act_merge,
    [ACT_REOPEN] = act_reopen,         [ACT_CHECK] = act_check,
    [ACT_DETECTED] = act_detected,     [ACT_ACTIVATE] = world_act_activate,
    [ACT_PROPOSE] = world_act_propose, [ACT_MOVE] = world_act_move,
    [ACT_SNOOZE] = world_act_snooze,   [ACT_PASS] = world_act_pass,
    [ACT_REDACT] = world_act_redact,   [ACT_ASSESS] = world_act_assess,
};

/* An incident that left the world was there once: that is another answer than a number never given out. */
static bool incident_is_here(struct world *w)
{
    const struct act *a = act_of(w);
    bool needs_none = !act_is_of_incident(a->kind) || (a->kind == ACT_DECLARE && a->incident == 0);
    if (needs_none || incident_get(w, a->incident) != NULL) return true;
    const struct counter *c = state_get(w, ROW_COUNTER, (struct ikey){ ROW_INCIDENT, 0 });
    bool was = c != NULL && a->incident > 0 && a->incident <= c->last;
    if (was && a->kind == ACT_REDACT) return true; /* whatever its age */
    REPLY(w, was ? ERR_CONFLICT : ERR_NOT_FOUND, 0, 0, text_incident(w, a->incident),
          was ? S(" was closed more than a day ago: it can only be read")
              : S(" does not exist; `tocsin incidents` lists them"));
    return false;
}

/* Whom the machine itself let in, root and the owner of the server, need be nobody of the site: they act under their
 * login. A link or a token whose person was deleted is void. */
static bool actor_may(const struct world *w, const struct act *a)
{
    return w->directory != NULL && (a->via == VIA_CLI || directory_person(w->directory, a->actor) >= 0);
}

void world_act(struct world *w)
{
    const struct act *a = act_of(w);
    CHECK(a->kind > ACT_UNSET && a->kind < ACT_KIND_MAX && a->actor.n > 0);
    if (!actor_may(w, a)) {
        REPLY(w, ERR_DENIED, a->incident, 0, S("\""), a->actor, S("\" is no person of site.yaml"));
        return;
    }
    if (!incident_is_here(w)) return;
    acts[a->kind](w);
    duty_touched(w, a->incident);
}
