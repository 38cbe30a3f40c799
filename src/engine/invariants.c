/* invariants.c - see invariants.h: the timeline, what keeps an incident alive, acting twice.
 * Not here: the sums of rows (invariants_sum.c), pages (invariants_page.c), silences (invariants_silence.c), bounds in
 * time (invariants_time.c). */
#include "engine/invariants.h"

#include <inttypes.h>
#include <stdarg.h>

#include "core/incident.h"
#include "core/timeline.h"
#include "engine/invariants_inner.h"

struct invariants *invariants_create(void)
{
    struct invariants *v = mem_alloc(sizeof *v);
    v->index = imap_create(1);
    v->credits = smap_create(1);
    v->senders = smap_create(1);
    v->beats = imap_create(1);
    v->starting = true;
    v->commits = 1;
    return v;
}

void invariants_destroy(struct invariants **v)
{
    if (*v == NULL) return;
    imap_destroy(&(*v)->index);
    vec_release(&(*v)->books);
    vec_release(&(*v)->undone);
    smap_destroy(&(*v)->credits);
    smap_destroy(&(*v)->senders);
    imap_destroy(&(*v)->beats);
    vec_release(&(*v)->heard);
    sums_release(*v);
    vec_release(&(*v)->touched);
    vec_release(&(*v)->touched_pages);
    vec_release(&(*v)->urgent);
    vec_release(&(*v)->untaken);
    vec_release(&(*v)->told);
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

static size_t place_of(struct invariants *v, incident_id id)
{
    int64_t place;
    if (imap_get(v->index, (struct ikey){ id, 0 }, &place)) return (size_t)place;
    imap_put(v->index, (struct ikey){ id, 0 }, (int64_t)v->books.n);
    *vec_push(&v->books) = (struct incident_book){ 0 };
    return v->books.n - 1;
}

struct incident_book *book_of(struct invariants *v, incident_id id)
{
    return &v->books.v[place_of(v, id)];
}

struct incident_book *book_edit(struct invariants *v, incident_id id)
{
    const size_t place = place_of(v, id);
    struct incident_book *b = &v->books.v[place];
    if (b->kept == v->commits) return b;
    b->kept = v->commits;
    *vec_push(&v->undone) = (struct undo){ place, *b };
    return b;
}

void invariants_committed(struct invariants *v)
{
    vec_clear(&v->undone);
    v->commits++;
    v->kept_system_seq = v->system_seq;
    v->kept_last_page = v->last_page;
    v->kept_last_delivery = v->last_delivery;
}

void invariants_lost(struct invariants *v)
{
    told_forget(v);
    for (size_t i = 0; i < v->undone.n; i++) v->books.v[v->undone.v[i].place] = v->undone.v[i].book;
    vec_clear(&v->undone);
    v->commits++;
    for (size_t i = 0; i < v->heard.n; i++) v->heard.v[i] = (struct heard){ 0 };
    v->system_seq = v->kept_system_seq;
    v->last_page = v->kept_last_page;
    v->last_delivery = v->kept_last_delivery;
    v->starting = true;
    v->begun = false;
}

int64_t armed(const struct world *w, enum subject_kind on, int64_t subject, enum timer_kind kind, int64_t rule)
{
    struct row r;
    const struct mark m = { .kind = ROW_TIMER, .key = { subject, on, kind, rule } };
    return world_row(w, &m, &r) ? r.v[offsetof(struct timer, due_at) / sizeof r.v[0]] : 0;
}

bool incident_works(const struct incident *i)
{
    return i != NULL && (i->state == INCIDENT_OPEN || i->state == INCIDENT_MITIGATED);
}

/* --- the timeline gives the row (I19) --- */

static void fold(struct checking *c)
{
    for (size_t i = c->v->entries; i < c->fx->entries.n; i++) {
        const struct entry *e = &c->fx->entries.v[i];
        struct incident_book *b = e->incident == 0 ? NULL : book_edit(c->v, e->incident);
        int64_t *seq = b == NULL ? &c->v->system_seq : &b->seq;
        if (e->seq != *seq + 1) broken(c, "I19", e->incident, "entry %" PRId64 " follows entry %" PRId64, e->seq, *seq);
        *seq = e->seq;
        if (b == NULL) continue;
        b->entry = i;
        timeline_replay(&b->folded, e);
        if (e->kind == ENTRY_PAGE_FAILED || e->kind == ENTRY_NOBODY) b->excused = true;
        if (e->kind == ENTRY_ALARM) b->alarmed = true;
    }
}

/* An entry of the batch may have been reopened since it was folded. */
static void fold_again(struct checking *c, incident_id id)
{
    const size_t at = book_of(c->v, id)->entry;
    const struct entry *e = at < c->fx->entries.n ? &c->fx->entries.v[at] : NULL;
    if (e != NULL && e->incident == id && e->seq == book_of(c->v, id)->seq)
        timeline_replay(&book_edit(c->v, id)->folded, e);
}

static void check_fold(struct checking *c, const struct incident *i)
{
    fold_again(c, i->id);
    const struct row_def *def = &row_defs[ROW_INCIDENT];
    const struct incident_book *b = book_of(c->v, i->id);
    const int64_t *row = &i->id, *folded = &b->folded.id;
    for (size_t k = 0; k < def->n_fields; k++) {
        if (row[k] == folded[k] || (def->fields[k].flags & ROW_LIVE) != 0) continue;
        broken(c, "I19", i->id, "%s is %" PRId64 ", its timeline says %" PRId64, def->fields[k].name, row[k],
               folded[k]);
    }
    if (i->seq != b->seq)
        broken(c, "I19", i->id, "its last entry is %" PRId64 ", the row says %" PRId64, b->seq, i->seq);
}

/* --- nobody is forgotten (I3) --- */

static void check_alive(struct checking *c, const struct incident *i)
{
    const struct incident_book *b = book_of(c->v, i->id);
    const struct incident_sum *sum = sum_of(c->v, i->id);
    const bool active = incident_works(i);
    const bool runs = sum->timers[TIMER_NO_RESPONSE] > 0 || sum->timers[TIMER_ROUND] > 0;
    const bool snoozed = armed(c->w, SUBJECT_INCIDENT, i->id, TIMER_SNOOZE_END, 0) != 0;
    if (i->snoozed_until_wall != 0 && !snoozed) broken(c, "I3", i->id, "snoozed for ever");
    if (active && i->acknowledged_at == 0 && i->held_at == 0 && i->recovered_at == 0 && !runs && i->exhausted_at == 0 &&
        !snoozed)
        broken(c, "I3", i->id, "open and unacknowledged, but nothing will happen");
    const bool rests = i->held_at != 0 || i->recovered_at != 0; /* a severity raised meanwhile pages when it goes on */
    if (active && i->acknowledged_at == 0 && i->exhausted_at != 0 && i->severity <= 2 && !rests && !b->alarmed)
        broken(c, "I4", i->id, "given up, and nobody was alarmed");
    if (!active && (runs || sum->timers[TIMER_NO_RESOLUTION] > 0))
        broken(c, "I8", i->id, "over, but one of its clocks runs");
    if (active && i->acknowledged_at != 0 && (runs || sum->timers[TIMER_RING_LATER] > 0))
        broken(c, "I13", i->id, "acknowledged, but a level is still to come");
    if (active && i->held_at == 0 && i->acknowledged_at != 0 && sum->timers[TIMER_STILL_ON_IT] == 0)
        broken(c, "I3", i->id, "acknowledged, but nobody will be asked whether they are still on it");
    if (i->state == INCIDENT_RESOLVED && sum->timers[TIMER_CLOSE] == 0)
        broken(c, "I3", i->id, "resolved, but it will never close");
    if (i->firing != sum->firing)
        broken(c, "I2", i->id, "%" PRId64 " alerts fire, the row says %" PRId64, sum->firing, i->firing);
}

/* --- acting twice (I14) --- */

void invariants_before(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx)
{
    if (!v->begun) {
        v->entries = fx->entries.n; /* a start may begin with what was spooled */
        v->sends = fx->sends.n;
    }
    v->begun = v->starting;
    v->timer_due = 0;
    v->timer_owed = ev->kind == EVENT_TIMER ? timer_owed_at(v, &ev->timer) : 0;
    v->acted_on = (struct incident){ 0 };
    if (ev->kind == EVENT_TIMER)
        v->timer_due = armed(w, (enum subject_kind)ev->timer.on, ev->timer.subject, (enum timer_kind)ev->timer.kind,
                             ev->timer.rule);
    const struct incident *i = ev->kind == EVENT_ACT ? world_incident(w, ev->act->incident) : NULL;
    if (i != NULL) v->acted_on = *i;
    const struct page *p = i != NULL && ev->act->page != 0 ? world_page(w, ev->act->page) : NULL;
    v->page_is_over = p != NULL && p->state != PAGE_STATE_OPEN;
}

/* A page that is over cannot be passed on, but by who has the incident. */
static void check_passed_once(struct checking *c, const struct incident *was)
{
    const bool has_it = was->acknowledged_at != 0 && was->acknowledged_by == world_symbol(c->w, c->ev->act->actor);
    if (!c->v->page_is_over || has_it) return;
    for (size_t k = 0; k < c->fx->marks.n; k++) {
        const struct mark *m = &c->fx->marks.v[k];
        if (m->kind == ROW_PAGE && m->key[0] > c->v->last_page)
            broken(c, "I14", was->id, "page %" PRId64 " was passed on twice", c->ev->act->page);
    }
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
    if (c->ev->act->kind == ACT_PASS) check_passed_once(c, was);
}

static void check_incident(struct checking *c, const struct incident *i)
{
    check_fold(c, i);
    check_alive(c, i);
    note_urgency(c, i);
}

void invariants_after(struct invariants *v, const struct world *w, const struct event *ev, const struct effects *fx,
                      struct buf *out)
{
    struct checking c = { v, w, ev, fx, out };
    if (v->starting && ev->kind != EVENT_START) return;
    v->step++;
    fold(&c);
    sums_follow(&c);
    if (sums_are_whole(&c)) {
        vec_clear(&v->urgent);
        EACH_ROW(&c, ROW_INCIDENT, incident, i) check_incident(&c, i);
    }
    for (size_t k = 0; !sums_are_whole(&c) && k < v->touched.n; k++) {
        const struct incident *i = world_incident(w, v->touched.v[k]);
        if (i != NULL) check_incident(&c, i);
    }
    if (ev->kind == EVENT_ACT) check_idempotent(&c);
    check_silences(&c);
    check_loud(&c);
    check_pages(&c);
    check_time(&c);
    v->starting = v->begun = false;
}
