/* silence.h - holding pages for a time (R152): every level of open and new incidents; hides nothing; ends by itself. */
#ifndef CORE_SILENCE_H
#define CORE_SILENCE_H

#include "core/alert.h"

#define SILENCE_DEFAULT (24 * HOUR)

/* Is the silence in force at `wall`? */
bool silence_is_active(const struct silence *s, int64_t wall);
/* The silence that holds this label set at `wall`, 0 when none does. */
silence_id silence_for(const struct world *w, int64_t labelset, int64_t wall);
/* Is every firing alert of the incident silenced (and is there one)? A declaration by a person is never held. */
bool silence_holds_incident(const struct world *w, incident_id id, int64_t wall);

#endif
