/* move.c - tocsin move: an open incident follows the procedures that are in force now. */
#include "cli/act.h"
#include "cli/commands.h"

const struct command command_move = {
    .name = "move",
    .act = ACT_MOVE,
    .words = "incident text",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Who was paged stays paged. What comes next comes when the new document says, counted from the same instants; a "
        "clock whose rule the new document does not have pages the Incident Commander.",
};
