/* dismiss.c - tocsin dismiss: dismisses a logged incident. */
#include "cli/act.h"
#include "cli/commands.h"

const struct command command_dismiss = {
    .name = "dismiss",
    .act = ACT_DISMISS,
    .words = "incident text",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more = "Only what was not declared can be dismissed; it leaves no duties. A declared incident is resolved.",
};
