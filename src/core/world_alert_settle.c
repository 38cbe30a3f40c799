/* world_alert_settle.c - the second half of a step with alerts: what each touched incident makes of it.
 *
 * The order is the order of the design: what was said, then the incident's own facts (open again, severity, category,
 * declared), then recovery, then pages. One page at most for one reason an event. */
#include "core/world_duty.h"
#include "core/world_intake.h"

struct slice alert_words(struct world *w, alert_id id)
{
    const struct alert_kept *a = alert_get(w, id);
    struct label labels[LABELS_MAX];
    struct buf b = { 0 };
    alert_title(labels, alert_labels(w, a->id, labels), symbol_text(w, a->summary), &b);
    struct slice s = arena_copy(w->fx->arena, buf_slice(&b));
    buf_release(&b);
    return s;
}

/* --- touching --- */

struct alert_touch *intake_touch(struct world *w, incident_id id)
{
    struct incident_extra *x = incident_extra(w, id);
    if (x->touched != w->step || x->touch >= w->touches.n || w->touches.v[x->touch].incident != id) {
        x->touched = w->step;
        x->touch = w->touches.n;
        vec_push(&w->touches)->incident = id;
    }
    return &w->touches.v[x->touch];
}

void intake_said(struct world *w, incident_id id, enum said what, alert_id alert)
{
    struct alert_touch *t = intake_touch(w, id);
    if (t->n[what]++ == 0) t->first[what] = alert;
}

/* --- what was said --- */

static const struct said_def {
    enum entry_kind entry;
    struct slice words;
} saids[SAID_MAX] = {
#define X(sym, number, kind, text) [number] = { ENTRY_##kind, { text, sizeof(text) - 1 } },
    SAIDS(X)
#undef X
};

/* In a storm many events of one batch say the same of one incident: they are one entry. */
static void say(struct world *w, const struct alert_touch *t, enum said what)
{
    const struct said_def *def = &saids[what];
    struct incident_extra *x = incident_extra(w, t->incident);
    struct entry *e = what == SAID_MISSED || what == SAID_BEATS ? NULL : timeline_reopen(w, t->incident, def->entry);
    if (e == NULL) {
        x->said_first = alert_words(w, t->first[what]);
        x->said = 0;
        e = SAY(w, t->incident, def->entry, t->first[what], S(""));
    }
    x->said += t->n[what];
    e->text = x->said == 1 ? TEXT(w, x->said_first, def->words)
                           : TEXT(w, x->said_first, S(" and "), text_int(w, x->said - 1), S(" more"), def->words);
}

static void say_all(struct world *w, const struct alert_touch *t)
{
    for (size_t k = 0; k < SAID_MAX; k++)
        if (t->n[k] > 0 && k != SAID_FLAPPING) say(w, t, (enum said)k);
    struct incident_extra *x = incident_extra(w, t->incident);
    bool lately = x->flapping_at != 0 && w->ev->at - x->flapping_at < ALERT_FLAPS_WITHIN;
    if (t->n[SAID_FLAPPING] == 0 || lately) return;
    x->flapping_at = w->ev->at;
    SAY(w, t->incident, ENTRY_FLAPPING, t->first[SAID_FLAPPING], alert_words(w, t->first[SAID_FLAPPING]),
        saids[SAID_FLAPPING].words);
}

/* What brought it back, now or while a silence covered it. */
static struct slice again_words(struct world *w, const struct alert_touch *t)
{
    return alert_words(w, t->first[SAID_RESUMED] != 0 ? t->first[SAID_RESUMED]
                          : t->n[SAID_JOINED] > 0 ? t->first[SAID_JOINED]
                                                  : t->first[SAID_MISSED]);
}

/* --- the incident's own facts --- */

/* Nobody was told of an incident opened in this step: its severity is simply the worst of what opened it. */
static void severity_of_opened(struct world *w, const struct alert_touch *t, int64_t level)
{
    struct incident *i = incident_edit(w, t->incident);
    i->severity = level;
    i->severity_source = t->worst_source;
    SAY(w, i->id, ENTRY_SEVERITY, 0, incident_severity_text(w, i), S(": "), alert_words(w, t->worst));
}

/* It argues later than it joined where a silence kept it from that. */
static struct slice joined_words(const struct alert_touch *t)
{
    return t->n[SAID_JOINED] + t->n[SAID_MISSED] > 0 ? S(" joined") : S(" is silenced no more");
}

static void settle_severity(struct world *w, const struct alert_touch *t)
{
    const struct incident *i = incident_get(w, t->incident);
    if (t->worst == 0 || i->severity_source == SEVERITY_PERSON) return;
    int64_t level = alert_level(w, t->worst);
    if (!severity_is_worse(level, i->severity)) return;
    if (t->opened)
        severity_of_opened(w, t, level);
    else
        world_set_severity(w, i->id, level, t->worst_source, TEXT(w, alert_words(w, t->worst), joined_words(t)));
}

/* Category = a person's, else the rule's, else the service's: a rule's replaces none, or the service's own. */
static void settle_category(struct world *w, const struct alert_touch *t)
{
    const struct incident *i = incident_get(w, t->incident);
    int service = w->directory == NULL ? -1 : directory_service(w->directory, symbol_text(w, i->service));
    struct slice now = symbol_text(w, i->category);
    bool replaceable = now.n == 0 || (service >= 0 && slice_eq(now, w->directory->services[service].category));
    if (t->opened || t->category.n == 0 || !replaceable || slice_eq(now, t->category)) return;
    incident_edit(w, i->id)->category = symbol_of(w, t->category);
    SAY(w, i->id, ENTRY_CLASSIFIED, t->worst, S("Classified as "), t->category, S(" by the rule of "),
        alert_words(w, t->worst));
    paging_category_changed(w, i->id);
}

/* --- recovery (R150) --- */

bool incident_is_quiet(const struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    if (incident_get(w, id)->firing > 0) return false;
    for (size_t k = 0; k < x->alerts.n; k++) {
        const struct alert_kept *a = alert_get(w, x->alerts.v[k]);
        const struct live_kept *live = live_get(w, x->alerts.v[k]);
        if (a == NULL || live == NULL || a->incident != id) continue;
        if (live->state != ALERT_RESOLVED || alert_is_heartbeat(w, a)) return false;
    }
    const struct sender *s;
    for (size_t at = 0; (s = state_next(w, ROW_SENDER, &at)) != NULL;)
        if (s->incident == id && s->silent_since_wall != 0) return false;
    return true;
}

void recovery_wait(struct world *w, incident_id id)
{
    const struct incident_extra *x = incident_extra(w, id);
    int64_t due = w->ev->at + ALERT_RECOVERED_AFTER, steady = x->flapping_at + ALERT_FLAPS_WITHIN;
    timer_cancel(w, SUBJECT_INCIDENT, id, TIMER_RECOVERED, 0);
    timer_arm(w, SUBJECT_INCIDENT, id, TIMER_RECOVERED, 0, x->flapping_at != 0 && steady > due ? steady : due);
}

void recovery_ends(struct world *w, incident_id id)
{
    paging_recovered(w, id, false);
    if (incident_get(w, id)->recovered_at != 0) incident_edit(w, id)->recovered_at = 0;
}

/* Returns whether it had recovered and fires again: whoever had it is then told. */
static bool settle_recovery(struct world *w, const struct alert_touch *t)
{
    const struct incident *i = incident_get(w, t->incident);
    if (i->firing == 0 && t->n[SAID_MISSED] == 0) {
        if (t->n[SAID_RESOLVED] + t->n[SAID_BEATS] > 0 && incident_is_quiet(w, i->id)) recovery_wait(w, i->id);
        return false;
    }
    timer_cancel(w, SUBJECT_INCIDENT, i->id, TIMER_RECOVERED, 0);
    if (i->recovered_at == 0) return false;
    recovery_ends(w, i->id);
    return true;
}

void world_alerts_moved(struct world *w, incident_id into)
{
    const struct incident *i = incident_get(w, into);
    if (!incident_is_active(i) || i->alerts == 0) return;
    const bool had_recovered = i->recovered_at != 0;
    if (!incident_is_quiet(w, into)) {
        timer_cancel(w, SUBJECT_INCIDENT, into, TIMER_RECOVERED, 0);
        if (had_recovered) recovery_ends(w, into);
    } else if (i->recovered_at == 0 && timer_due(w, SUBJECT_INCIDENT, into, TIMER_RECOVERED, 0) == 0) {
        recovery_wait(w, into);
    }
    silence_settle(w, into, true);
    if (had_recovered && i->recovered_at == 0 && i->acknowledged_at == 0 && incident_rings(i))
        paging_again(w, into, PAGE_REASON_RESUMED, S("what was merged into it fires"), false);
}

/* --- pages --- */

static void page_again(struct world *w, const struct alert_touch *t, bool worse, bool fires_again)
{
    const struct incident *i = incident_get(w, t->incident);
    if (worse) snooze_end(w, i->id, S("A more severe alert joined: the snooze ends")); /* whosever its severity (R43) */
    if (t->reopens && i->acknowledged_at == 0) {
        paging_begin(w, i->id, PAGE_REASON_RESUMED);
        return;
    }
    if (i->acknowledged_at == 0 && fires_again && i->exhausted_at != 0 && incident_rings(i))
        paging_begin(w, i->id, PAGE_REASON_RESUMED); /* it had come to rest, and may have grown worse since */
    if (i->acknowledged_at == 0 && worse && alert_level(w, t->worst) <= 2)
        paging_grows_loud(w, i->id, alert_words(w, t->worst));
    if (i->acknowledged_at == 0) return; /* its clocks run: nobody is paged out of turn */
    if (worse)
        paging_again(w, i->id, PAGE_REASON_WORSE_ALERT, alert_words(w, t->worst), alert_level(w, t->worst) <= 2);
    else if (t->new_name != 0)
        paging_again(w, i->id, PAGE_REASON_NEW_ALERT, alert_words(w, t->new_name), false);
    else if (t->reopens || fires_again)
        paging_again(w, i->id, PAGE_REASON_RESUMED, again_words(w, t), false);
}

/* What opened it, or opened it again, fired and ended in one message (a heartbeat: was missed and came back), and
 * silences cover all of it: held until it has recovered, for nothing that goes on says so. */
static void hold_what_is_over(struct world *w, const struct alert_touch *t)
{
    const enum said why = t->n[SAID_RESUMED] > 0 ? SAID_RESUMED : t->n[SAID_JOINED] > 0 ? SAID_JOINED : SAID_MISSED;
    const alert_id by = t->worst != 0 ? t->worst : t->first[why];
    if (!(t->opened || t->reopens) || t->loud || by == 0 || !incident_is_quiet(w, t->incident)) return;
    const silence_id covers = silence_for(w, by, w->ev->wall);
    if (covers != 0) paging_hold(w, t->incident, covers);
}

static void settle_pages(struct world *w, const struct alert_touch *t, bool worse, bool fires_again)
{
    const struct incident *i = incident_get(w, t->incident);
    bool was_held = i->held_at != 0;
    silence_settle(w, i->id, false);
    hold_what_is_over(w, t);
    if (was_held || i->held_at != 0) return; /* held, or released with fresh clocks and a page of its own */
    if (t->opened)
        paging_begin(w, i->id, PAGE_REASON_FIRST);
    else
        page_again(w, t, worse, fires_again);
}

/* --- one incident --- */

/* Held: what was hushed may say what it is, for nobody is paged. */
static void speak_held(struct world *w, struct alert_touch *t)
{
    const struct incident_extra *x = incident_extra(w, t->incident);
    for (size_t k = x->alerts.n; k > 0 && t->hushed > 0; k--) { /* the newest first */
        const struct alert_kept *a = alert_get(w, x->alerts.v[k - 1]);
        if (a == NULL || a->incident != t->incident || silence_hush(w, a) == HUSH_NONE) continue;
        intake_speak(w, t, a->id);
        t->hushed--;
    }
}

static void settle(struct world *w, struct alert_touch *t)
{
    const struct incident *i = incident_get(w, t->incident);
    say_all(w, t);
    if (t->reopens)
        world_reopen(w, i->id,
                     TEXT(w, again_words(w, t), t->n[SAID_MISSED] > 0 ? S(" is missed again") : S(" fires again")));
    if (!incident_is_active(i)) return; /* history only: a person's resolution stands */
    if (i->held_at == 0) silence_settle(w, i->id, false); /* what is silenced pages nobody by growing worse either */
    if (i->held_at != 0) speak_held(w, t);
    const bool worse = t->worst != 0 && severity_is_worse(alert_level(w, t->worst), i->severity);
    settle_severity(w, t);
    settle_category(w, t);
    if (t->declares.n > 0) world_declare(w, i->id, 0, t->declares);
    const bool back = settle_recovery(w, t), fires_again = t->fires_again || (back && t->loud);
    settle_pages(w, t, worse, fires_again);
}

void intake_settle(struct world *w)
{
    for (size_t k = 0; k < w->touches.n; k++) {
        struct alert_touch t = w->touches.v[k];
        settle(w, &t);
    }
    vec_clear(&w->touches);
}
