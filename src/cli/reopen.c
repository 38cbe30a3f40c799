/* reopen.c - tocsin reopen: makes an incident active again. */
#include "cli/act.h"
#include "cli/commands.h"

const struct command command_reopen = {
    .name = "reopen",
    .act = ACT_REOPEN,
    .words = "incident text",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
