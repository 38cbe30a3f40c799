/* rehearse_init.h - starter scripts: one a scenario and one an escalation rule, with the expectations that hold today.
 *
 * They are made by playing them: what happens becomes what is expected, so each passes until somebody changes the
 * procedures, the site or Tocsin. Texts live in the arena. */
#ifndef ENGINE_REHEARSE_INIT_H
#define ENGINE_REHEARSE_INIT_H

#include "engine/rehearse.h"

struct starter {
    struct slice name; /* of the file: "scenario-dashboard-unreachable.tocsin" */
    struct slice text;
    unsigned expectations;
    unsigned stumbles; /* lines that cannot be played on this site; such a script does not pass */
};

struct starters {
    struct starter *v;
    size_t n;
};

/* `a` without a limit. */
struct starters starters_make(const struct stage_options *o, struct arena *a);

#endif
