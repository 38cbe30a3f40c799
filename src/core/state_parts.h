/* state_parts.h - what state*.c and world*.c share and the rules never call: building, loading, stepping. */
#ifndef CORE_STATE_PARTS_H
#define CORE_STATE_PARTS_H

#include "core/state.h"

void state_init(struct world *w);
void state_release(struct world *w);
void state_load(struct world *w, const struct row *r); /* a stored row, unmarked */
struct timer_kept { /* how a TIMER row lies in its slot */
    struct timer row;
    size_t place; /* on the heap + 1, 0 = not on it */
};
void timer_track(struct world *w, struct timer *t); /* a loaded timer goes on the heap; one that is there moves */
bool timer_peek(const struct world *w, struct timer_key *key, int64_t *due); /* key may be NULL */
void timers_follow_wall(struct world *w);
void timers_drop_orphans(struct world *w); /* start: about what became history while we were away */

int64_t state_next_id(struct world *w, enum row_kind kind);
/* Is the mark at this place that of this row? And a new mark; returns its place. */
static inline bool state_number_is_marked(const struct world *w, enum row_kind kind, int64_t id, uint32_t at)
{
    return at < w->fx->marks.n && w->fx->marks.v[at].kind == kind && w->fx->marks.v[at].key[0] == id;
}
uint32_t state_mark_number(struct world *w, enum row_kind kind, int64_t id);
int alert_load(struct world *w, const struct row *r, struct error *e); /* a stored row of one of its two kinds */
void state_index(struct world *w); /* after loading: what belongs to each incident */
void state_forget(struct world *w, enum row_kind kind, struct ikey k); /* out of memory, not out of the store */
bool state_is_marked(const struct world *w, enum row_kind kind, struct ikey k); /* waits for this batch's commit */
void texts_index_row(struct world *w,
                     const struct row *r); /* a loaded text is found again by symbol_of() and the like */

/* Around each step: entries learn how the rows of edited incidents changed; a change without entry is a fault. */
void timeline_begin_step(struct world *w);
void timeline_end_step(struct world *w);

#endif
