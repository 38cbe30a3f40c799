/* merge.c - tocsin merge: makes an incident part of another. */
#include "cli/act.h"
#include "cli/commands.h"

const struct command command_merge = {
    .name = "merge",
    .act = ACT_MERGE,
    .words = "incident into",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "The first incident ends in the second: its alerts and its people go there. It can be reopened within 24 hours.",
};
