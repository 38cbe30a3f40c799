/* world_post.c - words to channels instead of people: the declaration (R80), alarms about Tocsin itself, and the head of
 * the history (P6).
 *
 * Posts go to the document's channels in order, the next when the one before failed (A10, R30); they never block. */
#include "core/world_parts.h"

static unsigned declaration_line(const struct policy *p)
{
    for (size_t n = 0; n < p->n_communications; n++)
        if (p->communications[n].kind == COMMUNICATION_INITIAL_ALERT) return p->communications[n].line;
    const struct policy_template *t = policy_template_for(p, COMMUNICATION_INITIAL_ALERT);
    return t == NULL ? 0 : t->line;
}

static void queue_post(struct world *w, incident_id id, int64_t place, int channel, struct slice target, unsigned line)
{
    const struct incident *i = incident_get(w, id);
    const struct channel *c = &w->directory->channels[channel];
    struct entry *e = SAY(w, id, ENTRY_POSTED, place, S("The declaration goes to "), c->id, S(" "),
                          c->address.n > 0 ? c->address : target);
    e->line = line;
    delivery_queue(w, &(struct delivery){ .incident = id,
                                          .purpose = PURPOSE_POST,
                                          .place = place,
                                          .level = i->severity,
                                          .kind = symbol_of(w, c->kind),
                                          .channel = symbol_of(w, c->id),
                                          .address = symbol_of(w, c->address.n > 0 ? c->address : target),
                                          .line = line });
}

void post_begin(struct world *w, incident_id id, int64_t place)
{
    const struct policy *p = state_policy(w, id);
    unsigned line = declaration_line(p);
    for (; place < (int64_t)p->n_channels; place++) {
        const struct policy_channel *c = &p->channels[place];
        int channel = directory_channel_for_post(w->directory, c->kind, c->target);
        if (channel < 0) continue;
        queue_post(w, id, place, channel, c->target, line);
        return;
    }
    struct entry *e = SAY(w, id, ENTRY_DELIVERY_FAILED, 0, S("The declaration is posted nowhere"),
                          p->n_channels == 0 ? S(": the procedures name no channel")
                                             : S(" any more: no further channel is bound in site.yaml"));
    e->line = line;
}

void paging_declared(struct world *w, incident_id id)
{
    post_begin(w, id, 0);
}

/* --- updates of what was posted --- */

static bool update_waits(const struct world *w, const struct incident_extra *x, delivery_id post)
{
    for (size_t k = 0; k < x->deliveries.n; k++) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k]);
        if (d != NULL && d->purpose == PURPOSE_UPDATE && d->ref == post && d->state == DELIVERY_WAITING) return true;
    }
    return false;
}

void posts_update(struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    const size_t n = x->deliveries.n;
    for (size_t k = 0; k < n; k++) {
        const struct delivery *p = delivery_get(w, x->deliveries.v[k]);
        if (p == NULL || p->purpose != PURPOSE_POST || p->provider == 0 || update_waits(w, x, p->id)) continue;
        if (!slice_eq(symbol_text(w, p->kind), S("slack"))) continue;
        delivery_queue(w, &(struct delivery){ .incident = id,
                                              .purpose = PURPOSE_UPDATE,
                                              .kind = p->kind,
                                              .channel = p->channel,
                                              .address = p->address,
                                              .level = p->level,
                                              .line = p->line,
                                              .ref = p->id });
    }
}

/* --- alarms --- */

#define ALARM_AGAIN_AFTER (5 * MINUTE)

/* Whether the same was said: that nobody is left to page is news after a notification that nobody got. One that ended
 * badly keeps why it ended instead of what it said; where all did, nothing is said twice. */
static bool alarmed_lately(const struct world *w, incident_id about, symbol text)
{
    const struct incident_extra *x = incident_extra(w, about);
    bool other = false, any = false;
    for (size_t k = x->deliveries.n; k > 0; k--) {
        const struct delivery *d = delivery_get(w, x->deliveries.v[k - 1]);
        if (d == NULL || d->purpose != PURPOSE_ALARM) continue;
        if (w->ev->at - d->queued_at >= ALARM_AGAIN_AFTER) break;
        if (d->note == text) return true;
        any = true;
        other = other || delivery_is_open(d) || d->state == DELIVERY_ACCEPTED;
    }
    return any && !other;
}

static size_t alarm_person(struct world *w, incident_id about, int person, symbol text)
{
    struct contact_choice c[CONTACT_MAX];
    size_t n = contact_choices(w->directory, state_active_policy(w), person, S(""), S(""), true, c), sent = 0;
    for (size_t k = 0; k < n; k++) {
        symbol channel = symbol_of(w, w->directory->channels[c[k].channel].id);
        delivery_queue(w, &(struct delivery){ .incident = about,
                                              .purpose = PURPOSE_ALARM,
                                              .level = 1,
                                              .channel = channel,
                                              .person = symbol_of(w, w->directory->people[person].id),
                                              .kind = symbol_of(w, c[k].kind),
                                              .address = symbol_of(w, c[k].address),
                                              .wakes = c[k].wakes,
                                              .note = text });
        sent++;
    }
    return sent;
}

void paging_alarm(struct world *w, incident_id about, struct slice what)
{
    const struct directory *d = w->directory;
    const symbol text = symbol_of(w, what);
    size_t sent = 0;
    if (about != 0 && alarmed_lately(w, about, text)) return;
    struct slice subject = about == 0 ? S("Tocsin") : text_incident(w, about);
    SAY(w, 0, ENTRY_ALARM, about, S("Alarm: "), subject, S(": "), what);
    if (about != 0) SAY(w, about, ENTRY_ALARM, 0, S("Alarm to the administrators: "), what);
    for (size_t k = 0; d != NULL && k < d->n_administrators; k++)
        sent += alarm_person(w, about, d->administrators[k], text);
    if (sent == 0) SAY(w, about, ENTRY_NOBODY, 0, S("No administrator can be reached by any channel"));
}

/* --- the head of the history --- */

#define HEAD_AGAIN_AFTER (20 * HOUR) /* a restart is no reason for another one */

static bool head_went_lately(const struct world *w)
{
    const struct delivery *d;
    for (size_t at = 0; (d = state_next(w, ROW_DELIVERY, &at)) != NULL;)
        if (d->purpose == PURPOSE_EVIDENCE && w->ev->at - d->queued_at < HEAD_AGAIN_AFTER) return true;
    return false;
}

static bool serves_evidence(const struct channel *c)
{
    bool serves = slice_eq(c->id, S("evidence"));
    for (size_t i = 0; i < c->n_serves; i++) serves = serves || slice_eq(c->serves[i], S("evidence"));
    return serves;
}

static void head_send(struct world *w, const struct channel *c, int person, struct slice address, symbol text)
{
    delivery_queue(w, &(struct delivery){ .purpose = PURPOSE_EVIDENCE,
                                          .level = POLICY_MAX_LEVELS,
                                          .channel = symbol_of(w, c->id),
                                          .person = person < 0 ? 0 : symbol_of(w, w->directory->people[person].id),
                                          .kind = symbol_of(w, c->kind),
                                          .address = symbol_of(w, address),
                                          .note = text });
}

/* Mail is what people keep and do not get woken by; whoever wants it elsewhere names a channel for it. */
void paging_evidence(struct world *w, struct slice head)
{
    const struct directory *d = w->directory;
    if (d == NULL || head_went_lately(w)) return;
    const symbol text = symbol_of(w, head);
    for (size_t i = 0; i < d->n_channels; i++)
        if (serves_evidence(&d->channels[i])) head_send(w, &d->channels[i], -1, d->channels[i].address, text);
    for (size_t k = 0; k < d->n_administrators; k++) {
        const struct person *p = &d->people[d->administrators[k]];
        for (size_t i = 0; i < p->n_contacts; i++) {
            const int c = slice_eq(p->contacts[i].kind, S("mail")) ? directory_channel_for_kind(d, S("mail")) : -1;
            if (c >= 0 && !d->channels[c].wakes)
                head_send(w, &d->channels[c], d->administrators[k], p->contacts[i].address, text);
        }
    }
}
