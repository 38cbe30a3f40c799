/* rehearse_world.c - who is around Tocsin in a rehearsal: the courier with its providers, and the monitors. */
#include "core/alert.h"
#include "engine/rehearse_inner.h"

#define SAID_EVERY MINUTE /* Prometheus: rules.alert.resend-delay */
#define SAID_AHEAD (4 * MINUTE) /* its endsAt: four times that */
#define SAID_RESOLVED (15 * MINUTE) /* how long it goes on saying that one is resolved */
#define PLENTY 1000000

/* --- the courier --- */

void courier_gives_credit(struct rehearsal *r)
{
    const struct directory *d = r->stage.o.directory;
    for (size_t i = 0; i < d->n_channels; i++) {
        struct event ev = { .kind = EVENT_CREDIT };
        ev.credit.channel = d->channels[i].id;
        ev.credit.n = PLENTY;
        rehearsal_step(r, &ev);
    }
}

static enum channel_mood mood_of(const struct mood *v, size_t n, struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(v[i].name, name)) return v[i].mood;
    return MOOD_WORKS;
}

static struct event_result answer_of(enum channel_mood mood)
{
    switch (mood) {
    case MOOD_UNSET:
    case MOOD_WORKS: break;
    case MOOD_FAILS: return (struct event_result){ .outcome = OUTCOME_REFUSED, .detail = S("the script says so") };
    case MOOD_BUSY: return (struct event_result){ .outcome = OUTCOME_NOT_SENT, .detail = S("the script says busy") };
    case MOOD_HANGS: return (struct event_result){ .outcome = OUTCOME_UNCERTAIN, .detail = S("no answer in time") };
    }
    return (struct event_result){ .outcome = OUTCOME_ACCEPTED };
}

void courier_takes(struct rehearsal *r)
{
    const struct world *w = r->stage.world;
    for (size_t i = 0; i < r->stage.fx.sends.n; i++) {
        const struct send *s = &r->stage.fx.sends.v[i];
        const struct delivery *d = world_delivery(w, s->delivery);
        enum channel_mood mood = mood_of(r->channels.v, r->channels.n, world_text(w, d->channel));
        if (mood == MOOD_WORKS) mood = mood_of(r->people.v, r->people.n, world_text(w, d->person));
        struct answer *a = vec_push(&r->answers);
        a->result = answer_of(mood);
        a->result.delivery = s->delivery;
        a->result.attempt = s->attempt;
        a->at = r->stage.at + (mood == MOOD_HANGS ? REHEARSAL_HANGS : REHEARSAL_ANSWERS);
    }
}

bool courier_answers(struct rehearsal *r)
{
    for (size_t i = 0; i < r->answers.n; i++) {
        if (r->answers.v[i].at > r->stage.at) continue;
        struct event ev = { .kind = EVENT_RESULT, .result = r->answers.v[i].result };
        vec_remove(&r->answers, i);
        rehearsal_step(r, &ev);
        return true;
    }
    return false;
}

/* --- the monitors --- */

static bool is_silent(const struct rehearsal *r, struct slice sender)
{
    for (size_t i = 0; i < r->silent.n; i++)
        if (slice_eq(r->silent.v[i], sender)) return true;
    return false;
}

void monitor_stops(struct rehearsal *r, struct slice sender, bool silent)
{
    for (size_t i = 0; i < r->silent.n; i++)
        if (slice_eq(r->silent.v[i], sender)) vec_remove(&r->silent, i);
    if (silent) *vec_push(&r->silent) = sender;
}

static void say(struct rehearsal *r, const struct said *a)
{
    if (r->down_until != 0 || is_silent(r, a->sender)) return;
    struct signal s = { .labels = a->labels, .n_labels = a->n_labels, .labels_text = a->text, .starts = a->starts };
    s.fingerprint = fnv1a64(FNV1A64_START, a->text);
    s.summary = labels_get(a->labels, a->n_labels, S("summary"));
    s.ends = a->resolved != 0 ? a->resolved : a->once ? 0 : r->stage.wall + SAID_AHEAD;
    struct event ev = { .kind = EVENT_ALERTS, .alerts = { .sender = a->sender, .v = &s, .n = 1 } };
    rehearsal_step(r, &ev);
}

static struct said *said_find(struct rehearsal *r, struct slice sender, struct slice text)
{
    for (size_t i = 0; i < r->alerts.n; i++)
        if (slice_eq(r->alerts.v[i].sender, sender) && slice_eq(r->alerts.v[i].text, text)) return &r->alerts.v[i];
    return NULL;
}

/* Every label that the script names is on it. */
static bool is_meant(const struct said *a, const struct script_command *c)
{
    if (!slice_eq(a->sender, c->name)) return false;
    for (size_t i = 0; i < c->n_labels; i++)
        if (!slice_eq(labels_get(a->labels, a->n_labels, c->labels[i].name), c->labels[i].value)) return false;
    return true;
}

static void monitor_resolves(struct rehearsal *r, const struct script_command *c)
{
    size_t n = 0;
    for (size_t i = 0; i < r->alerts.n; i++) {
        struct said *a = &r->alerts.v[i];
        if (!is_meant(a, c) || a->resolved != 0) continue;
        n++;
        a->resolved = r->stage.wall;
        a->next_at = r->stage.at + SAID_EVERY;
        a->until_at = r->stage.at + SAID_RESOLVED;
        say(r, a);
    }
    struct buf why = { 0 };
    buf_add(&why, S("no such alert is firing"));
    if (n == 0) rehearsal_judges(r, c, &why);
    buf_release(&why);
}

void monitor_says(struct rehearsal *r, const struct script_command *c)
{
    if (c->verb == SCRIPT_RECOVER) return monitor_resolves(r, c);
    struct buf text = { 0 };
    alert_labels_text(c->labels, c->n_labels, &text);
    struct said *a = said_find(r, c->name, buf_slice(&text));
    if (a == NULL) {
        a = vec_push(&r->alerts);
        *a = (struct said){ .sender = c->name,
                            .labels = c->labels,
                            .n_labels = c->n_labels,
                            .text = arena_copy(r->arena, buf_slice(&text)) };
    }
    buf_release(&text);
    if (a->starts == 0 || a->resolved != 0) a->starts = r->stage.wall;
    a->resolved = a->until_at = 0;
    a->once = c->once;
    a->next_at = c->once ? INT64_MAX : r->stage.at + SAID_EVERY;
    say(r, a);
}

bool monitor_repeats(struct rehearsal *r)
{
    for (size_t i = 0; i < r->alerts.n; i++) {
        struct said *a = &r->alerts.v[i];
        if (a->next_at > r->stage.at) continue;
        a->next_at = a->until_at != 0 && a->next_at + SAID_EVERY > a->until_at ? INT64_MAX : a->next_at + SAID_EVERY;
        say(r, a);
        return true;
    }
    return false;
}

/* --- what comes next --- */

bool rehearsal_next(const struct rehearsal *r, int64_t *at)
{
    int64_t best = INT64_MAX, due;
    for (size_t i = 0; i < r->answers.n; i++)
        if (r->answers.v[i].at < best) best = r->answers.v[i].at;
    for (size_t i = 0; i < r->alerts.n; i++)
        if (r->alerts.v[i].next_at < best) best = r->alerts.v[i].next_at;
    if (r->down_until != 0 && r->down_until < best) best = r->down_until;
    if (r->down_until == 0 && world_next_due(r->stage.world, &due) && due < best) best = due;
    if (r->down_until == 0 && prompts_next(r, &due) && due < best) best = due;
    *at = best < r->stage.at ? r->stage.at : best;
    return best != INT64_MAX;
}
