/* silence.h - holding pages for a time (R152): every level of open and new incidents; hides nothing; ends by itself. */
#ifndef CORE_SILENCE_H
#define CORE_SILENCE_H

#include "core/alert.h"

#define SILENCE_DEFAULT (24 * HOUR)

/* Is the silence in force at `wall`? */
bool silence_is_active(const struct silence *s, int64_t wall);
/* Its matchers, parsed; kept in memory while it is in force or to come. */
struct silence_kept {
    struct arena *arena; /* owned */
    struct matchers match;
};

/* Parses the row's text and keeps it; ERR_SYNTAX keeps nothing. */
int silence_keep(struct world *w, silence_id id, struct error *e);
void silence_drop(struct world *w, silence_id id); /* it is over */
void silences_release(struct world *w);
/* Would it hold every alert there is (no matcher, or only positive ones that the empty value passes)? Refused, as
 * Alertmanager does; `env!="prod"` is not refused, there or here. */
bool silence_matches_everything(const struct matchers *m);
/* The silence that holds this label set at `wall`, 0 when none does. */
silence_id silence_for(const struct world *w, alert_id alert, int64_t wall);
/* Is every alert of the incident silenced that is not reported resolved (and is there one)? What a person declared is
 * never held. */
/* Which one; 0 = not held, and *loud (may be NULL) is then an alert that speaks against it, 0 = all is over. */
silence_id silence_holding(const struct world *w, incident_id id, int64_t wall, alert_id *loud);
/* What an alert did under a silence and said nothing of: kept with the alert until no silence covers it (R152). */
enum hush { HUSH_NONE = 0, HUSH_JOINED, HUSH_CAME_BACK };
enum hush silence_hush(const struct world *w, const struct alert_kept *a);
void silence_hushes(struct world *w, alert_id alert, enum hush what);
/* Is this alert not over, of the incident, and in no silence's reach? */
bool silence_misses(const struct world *w, incident_id id, alert_id alert, int64_t wall);

#endif
