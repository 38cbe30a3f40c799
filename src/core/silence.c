/* silence.c - which silence holds an alert or an incident (R152). Their beginning and end: world_silence.c.
 * Always: `silences` keeps the parsed matchers of those in force or to come, in order of their ids. */
#include "core/silence.h"

static struct silence_kept *kept_of(int64_t p)
{
    return (struct silence_kept *)(uintptr_t)p;
}

bool silence_is_active(const struct silence *s, int64_t wall)
{
    return s->ended == 0 && s->starts_wall <= wall && wall < s->ends_wall;
}

int silence_keep(struct world *w, silence_id id, struct error *e)
{
    struct silence_kept *k = mem_alloc(sizeof *k);
    k->arena = arena_create(0);
    int rc = matchers_parse(k->arena, state_text(w, ROW_SILENCE, (struct ikey){ id, 0 }), &k->match, e);
    if (rc == 0) {
        imap_put(w->silences, (struct ikey){ id, 0 }, (int64_t)(uintptr_t)k);
        return 0;
    }
    arena_destroy(&k->arena);
    mem_free(k);
    return rc;
}

static void kept_release(struct silence_kept *k)
{
    matchers_release(&k->match);
    arena_destroy(&k->arena);
    mem_free(k);
}

void silence_drop(struct world *w, silence_id id)
{
    int64_t p;
    if (!imap_get(w->silences, (struct ikey){ id, 0 }, &p)) return;
    imap_remove(w->silences, (struct ikey){ id, 0 });
    kept_release(kept_of(p));
}

void silences_release(struct world *w)
{
    struct ikey k;
    int64_t p;
    for (size_t at = 0; imap_next(w->silences, &at, &k, &p);) {
        imap_remove(w->silences, k);
        kept_release(kept_of(p));
    }
}

bool silence_matches_everything(const struct matchers *m)
{
    for (size_t i = 0; i < m->n; i++) {
        bool negative = m->v[i].op == MATCH_NE || m->v[i].op == MATCH_NRE;
        if (negative || !matcher_matches(&m->v[i], NULL, 0)) return false;
    }
    return true;
}

static silence_id find(const struct world *w, const struct label *labels, size_t n, int64_t wall)
{
    struct ikey k;
    int64_t p;
    for (size_t at = 0; imap_next(w->silences, &at, &k, &p);) {
        const struct silence *s = silence_get(w, k.a);
        if (s != NULL && silence_is_active(s, wall) && matchers_match(&kept_of(p)->match, labels, n)) return s->id;
    }
    return 0;
}

silence_id silence_for(const struct world *w, alert_id alert, int64_t wall)
{
    struct label labels[LABELS_MAX];
    if (imap_count(w->silences) == 0) return 0;
    return find(w, labels, alert_labels(w, alert, labels), wall);
}

/* The alert's row if it belongs to the incident and is not known to be over (it fires, its sender fell silent, or it is
 * a heartbeat that is missed), else NULL. What expired weighs as what fires, for holding and against it (R150). */
static const struct alert_kept *going_on(const struct world *w, incident_id id, alert_id alert)
{
    const struct alert_kept *a = alert_get(w, alert);
    const struct live_kept *live = live_get(w, alert);
    if (a == NULL || live == NULL || a->incident != id) return NULL;
    return live->state != ALERT_RESOLVED || alert_is_heartbeat(w, a) ? a : NULL;
}

bool silence_misses(const struct world *w, incident_id id, alert_id alert, int64_t wall)
{
    const struct alert_kept *a = going_on(w, id, alert);
    return a != NULL && silence_for(w, a->id, wall) == 0;
}

/* In the row's `reason_text`, which says nothing else of an alert that belongs to an incident. */
static const struct slice hushes[] = {
    [HUSH_JOINED] = S("joined under a silence"),
    [HUSH_CAME_BACK] = S("fires again under a silence"),
};

enum hush silence_hush(const struct world *w, const struct alert_kept *a)
{
    const struct alert_shared *shared = alert_shared(w, a);
    if (shared->reason != REASON_NONE || shared->reason_text == 0) return HUSH_NONE;
    return slice_eq(symbol_text(w, shared->reason_text), hushes[HUSH_CAME_BACK]) ? HUSH_CAME_BACK : HUSH_JOINED;
}

void silence_hushes(struct world *w, alert_id alert, enum hush what)
{
    struct alert_shared shared = *alert_shared(w, alert_get(w, alert));
    shared.reason_text = what == HUSH_NONE ? 0 : symbol_of(w, hushes[what]);
    alert_share(w, alert, &shared);
}

silence_id silence_holding(const struct world *w, incident_id id, int64_t wall, alert_id *loud)
{
    const struct incident_extra *x = incident_extra(w, id);
    silence_id by = 0;
    if (loud != NULL) *loud = 0;
    if (imap_count(w->silences) == 0 || incident_get(w, id)->declared_by != 0) return 0;
    for (size_t k = 0; k < x->alerts.n; k++) {
        const struct alert_kept *a = going_on(w, id, x->alerts.v[k]);
        if (a == NULL) continue;
        by = silence_for(w, a->id, wall);
        if (by != 0) continue;
        if (loud != NULL) *loud = a->id; /* one that nobody silenced is enough */
        return 0;
    }
    return by;
}
