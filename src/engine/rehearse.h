/* rehearse.h - runs a script through the rules on a simulated clock: nobody is paged, nothing leaves, all is printed.
 *
 * The courier is simulated: every channel has room, an attempt is answered REHEARSAL_ANSWERS later, accepted unless the
 * script says otherwise. Monitors are simulated as Prometheus behaves: an alert is said again every minute with an end
 * four minutes ahead, a resolved one is said for 15 more minutes. What lies at one instant happens in this order: the
 * script's lines, answers, alerts, timers, expectations. The same input gives the same output and the same trace (I30).
 * Source: requirement R162's ground, design (functional core), docs/rehearsing.md. */
#ifndef ENGINE_REHEARSE_H
#define ENGINE_REHEARSE_H

#include "engine/script.h"
#include "engine/stage.h"

#define REHEARSAL_ANSWERS (100) /* ms from an attempt to its answer */
#define REHEARSAL_HANGS (30 * SECOND) /* and from one whose fate nobody learns */

struct rehearsal_outcome {
    unsigned expectations, unmet; /* unmet: of them */
    unsigned stumbles; /* lines that could not be played: acts that were refused, names that do not exist */
    unsigned pages, people; /* pages made, and how many different people got one */
    unsigned broken; /* guarantees that did not hold: faults in Tocsin */
    uint64_t trace;
};

/* `o->wall` is taken from the script. Appends the story to `out`, a line each. */
void rehearse(const struct stage_options *o, const struct script *script, struct buf *out, struct rehearsal_outcome *r);

#endif
