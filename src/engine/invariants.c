/* invariants.c - see invariants.h: the timeline, alerts, and what keeps an incident alive. Pages: invariants_page.c. */
#include "engine/invariants.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/alert.h"
#include "core/incident.h"
#include "core/timeline.h"
#include "engine/invariants_inner.h"

struct invariants *invariants_create(void)
{
    struct invariants *v = mem_alloc(sizeof *v);
    v->index = imap_create(1);
    v->credits = smap_create(1);
    return v;
}

void invariants_destroy(struct invariants **v)
{
    if (*v == NULL) return;
    imap_destroy(&(*v)->index);
    vec_release(&(*v)->books);
    smap_destroy(&(*v)->credits);
    mem_free(*v);
    *v = NULL;
}

void broken(struct checking *c, const char *which, incident_id id, const char *fmt, ...)
{
    va_list ap;
    buf_addf(c->broken, "%s ", which);
    if (id != 0) buf_addf(c->broken, "INC-%" PRId64 ": ", id);
    va_start(ap, fmt);
    buf_vaddf(c->broken, fmt, ap);
    va_end(ap);
    buf_addf(c->broken, " (%s)\n", event_kind_name(c->ev->kind));
}

struct incident_book *book_of(struct invariants *v, incident_id id)
{
    int64_t place;
    if (!imap_get(v->index, (struct ikey){ id, 0 }, &place)) {
        place = (int64_t)v->books.n;
        imap_put(v->index, (struct ikey){ id, 0 }, place);
        *vec_push(&v->books) = (struct incident_book){ 0 };
    }
    return &v->books.v[place];
}

int64_t armed(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    struct row r;
    const struct mark m = { .kind = ROW_TIMER, .key = { subject, on, kind, rule } };
    return world_row(w, &m, &r) ? r.v[offsetof(struct timer, due_at) / sizeof r.v[0]] : 0;
}

bool is_armed(struct incident_book *b, enum timer_kind kind)
{
    return (b->armed >> kind & 1u) != 0;
}

/* The book, with its counts of this step at zero when first asked for. */
static struct incident_book *book_now(struct checking *c, incident_id id)
{
    struct incident_book *b = book_of(c->v, id);
    if (b->step != c->v->step) {
        b->step = c->v->step;
        b->firing = 0;
        b->armed = 0;
    }
    return b;
}

/* --- the timeline gives the row (I19) --- */

static void fold(struct checking *c)
{
    for (size_t i = 0; i < c->fx->entries.n; i++) {
        const struct entry *e = &c->fx->entries.v[i];
        struct incident_book *b = e->incident == 0 ? NULL : book_of(c->v, e->incident);
        int64_t *seq = b == NULL ? &c->v->system_seq : &b->seq;
        if (e->seq != *seq + 1) broken(c, "I19", e->incident, "entry %" PRId64 " follows entry %" PRId64, e->seq, *seq);
        *seq = e->seq;
        if (b == NULL) continue;
        timeline_replay(&b->folded, e);
        if (e->kind == ENTRY_PAGE_FAILED || e->kind == ENTRY_NOBODY) b->excused = true;
        if (e->kind == ENTRY_ALARM) b->alarmed = true;
    }
}

static void check_fold(struct checking *c, const struct incident *i)
{
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const struct incident_book *b = book_of(c->v, i->id);
    const int64_t *row = &i->id, *folded = &b->folded.id;
    for (size_t k = 0; k < def->n_fields; k++) {
        if ((def->fields[k].flags & ROW_LIVE) != 0 || row[k] == folded[k]) continue;
        broken(c, "I19", i->id, "%s is %" PRId64 ", its timeline says %" PRId64, def->fields[k].name, row[k],
               folded[k]);
    }
    if (i->seq != b->seq)
        broken(c, "I19", i->id, "its last entry is %" PRId64 ", the row says %" PRId64, b->seq, i->seq);
}

/* --- alerts (I2) --- */

static int64_t highest_incident(const struct checking *c)
{
    struct row r;
    const struct mark m = { .kind = ROW_COUNTER, .key = { ROW_INCIDENT } };
    return world_row(c->w, &m, &r) ? r.v[1] : 0;
}

static void check_alerts(struct checking *c)
{
    const int64_t highest = highest_incident(c);
    EACH_ROW(c, ROW_ALERT, alert, a)
    {
        const bool has_incident = a->incident > 0 && a->incident <= highest, has_reason = a->reason != 0;
        if (has_incident == has_reason)
            broken(c, "I2", a->incident, "alert %" PRId64 " has reason %" PRId64, a->id, a->reason);
        const struct alert_live *live = world_alert_live(c->w, a->id);
        if (live == NULL)
            broken(c, "I2", a->incident, "alert %" PRId64 " has no live row", a->id);
        else if (a->incident != 0 && live->state == ALERT_FIRING)
            book_now(c, a->incident)->firing++;
    }
}

/* --- nobody is forgotten (I3) --- */

/* One that will end. */
static bool has_silence(const struct checking *c)
{
    EACH_ROW(c, ROW_SILENCE, silence, s)
    if (s->ended == 0 && armed(c->w, SUBJECT_SILENCE, s->id, TIMER_SILENCE_END, 0) != 0) return true;
    return false;
}

static void check_alive(struct checking *c, const struct incident *i)
{
    struct incident_book *b = book_now(c, i->id);
    const bool active = i->state == INCIDENT_OPEN || i->state == INCIDENT_MITIGATED;
    const bool runs = is_armed(b, TIMER_NO_RESPONSE) || is_armed(b, TIMER_ROUND);
    if (i->held_at != 0 && active && i->firing > 0 && !has_silence(c))
        broken(c, "I3", i->id, "held, but no silence is in force");
    if (active && i->acknowledged_at == 0 && i->held_at == 0 && i->recovered_at == 0 && !runs && i->exhausted_at == 0)
        broken(c, "I3", i->id, "open and unacknowledged, but nothing will happen");
    if (active && i->acknowledged_at == 0 && i->exhausted_at != 0 && i->severity <= 2 && !b->alarmed)
        broken(c, "I4", i->id, "given up, and nobody was alarmed");
    if (!active && (runs || is_armed(b, TIMER_NO_RESOLUTION)))
        broken(c, "I8", i->id, "over, but one of its clocks runs");
    if (active && i->acknowledged_at != 0 && (runs || is_armed(b, TIMER_RING_LATER)))
        broken(c, "I13", i->id, "acknowledged, but a level is still to come");
    if (i->state == INCIDENT_RESOLVED && !is_armed(b, TIMER_CLOSE))
        broken(c, "I3", i->id, "resolved, but it will never close");
    if (i->firing != b->firing)
        broken(c, "I2", i->id, "%" PRId64 " alerts fire, the row says %" PRId64, b->firing, i->firing);
}

/* --- acting twice (I14), timers (I12) --- */

void invariants_before(struct invariants *v, const struct world *w, const struct event *ev)
{
    v->timer_due = 0;
    v->acted_on = (struct incident){ 0 };
    if (ev->kind == EVENT_TIMER)
        v->timer_due = armed(w, (enum subject_kind)ev->timer.on, ev->timer.subject, (enum timer_kind)ev->timer.kind,
                             ev->timer.rule);
    const struct incident *i = ev->kind == EVENT_ACT ? world_incident(w, ev->act->incident) : NULL;
    if (i != NULL) v->acted_on = *i;
}

static void check_idempotent(struct checking *c)
{
    const struct incident *was = &c->v->acted_on, *is = world_incident(c->w, was->id);
    if (was->id == 0 || is == NULL) return;
    if (c->ev->act->kind == ACT_ACKNOWLEDGE && was->acknowledged_at != 0 &&
        (is->acknowledged_at != was->acknowledged_at || is->acknowledged_by != was->acknowledged_by))
        broken(c, "I14", is->id, "a second acknowledgement changed the first");
    if (c->ev->act->kind == ACT_RESOLVE && was->state == INCIDENT_RESOLVED && is->resolved_at != was->resolved_at)
        broken(c, "I14", is->id, "a second resolution changed the first");
}

/* Every timer is about something that is there. */
static void check_timers(struct checking *c)
{
    if (c->v->timer_due > c->ev->at && !effects_empty(c->fx))
        broken(c, "I12", 0, "a timer ran %" PRId64 " ms early", c->v->timer_due - c->ev->at);
    EACH_ROW(c, ROW_TIMER, timer, t)
    {
        const bool gone = (t->on == SUBJECT_INCIDENT && world_incident(c->w, t->subject) == NULL) ||
                          (t->on == SUBJECT_PAGE && world_page(c->w, t->subject) == NULL) ||
                          (t->on == SUBJECT_DELIVERY && world_delivery(c->w, t->subject) == NULL);
        if (t->on == SUBJECT_INCIDENT) book_now(c, t->subject)->armed |= 1u << t->kind;
        if (gone)
            broken(c, "I12", 0, "a timer of kind %" PRId64 " is about nothing (%" PRId64 ")", t->kind, t->subject);
    }
}

void invariants_after(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx,
                      struct buf *out)
{
    struct checking c = { v, w, ev, fx, out };
    v->step++;
    fold(&c);
    check_alerts(&c);
    check_timers(&c);
    EACH_ROW(&c, ROW_INCIDENT, incident, i)
    {
        check_fold(&c, i);
        check_alive(&c, i);
    }
    if (ev->kind == EVENT_ACT) check_idempotent(&c);
    check_pages(&c);
}
