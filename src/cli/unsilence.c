/* unsilence.c - tocsin unsilence: ends a silence before its time. */
#include "cli/act.h"
#include "cli/commands.h"

const struct command command_unsilence = {
    .name = "unsilence",
    .act = ACT_UNSILENCE,
    .words = "silence",
    .more = "What still fires is paged with fresh clocks. tocsin silences lists the numbers.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
