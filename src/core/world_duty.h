/* world_duty.h - who has an incident, and for how long that is believed: passing on, still on it?, snoozing (R43, R146,
 * R147). For core/ alone. */
#ifndef CORE_WORLD_DUTY_H
#define CORE_WORLD_DUTY_H

#include "core/world_parts.h"

/* world_duty.c */
/* A person did something about it: whoever has it is not asked for a while. */
void duty_touched(struct world *w, incident_id id);
/* It is active again under the acknowledgement that it had: whoever has it is asked in time. */
void duty_goes_on(struct world *w, incident_id id);
void duty_ask(struct world *w, incident_id id); /* TIMER_STILL_ON_IT: asks, asks once more, then un-acknowledges */
void duty_over(struct world *w, incident_id id); /* nobody is needed any more: no question, no snooze */
void world_act_pass(struct world *w);

/* world_snooze.c */
void world_act_snooze(struct world *w);
void snooze_end(struct world *w, incident_id id, struct slice why); /* no-op when it is not snoozed */
void snooze_forget(struct world *w, incident_id id); /* the incident is over: its entry says so */

/* world_hold.c: moves every armed clock of the incident by so many ms, none before now. */
void paging_shift_clocks(struct world *w, incident_id id, int64_t ms);
/* world_paging.c: the acknowledgement is void, the chain begins anew. */
void paging_lapsed(struct world *w, incident_id id);
/* From one person to another in that role, and behind them the chain as it stands; to 0: to the next level. What `from` had
 * acknowledged, or was given up, goes on behind the place of their own page. How many were reached. */
size_t paging_pass_on(struct world *w, incident_id id, symbol from, symbol to, struct slice role);
/* world_round.c: the chain, begun anew, stands where this person was paged for it; at its beginning where they were not. */
void paging_stands_at(struct world *w, incident_id id, symbol person);

#endif
