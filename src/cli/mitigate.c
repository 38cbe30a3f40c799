/* mitigate.c - tocsin mitigate: says that the impact is over. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin mitigate INC-42 rolled back to the release before", NULL },
    { NULL, NULL },
};

const struct command command_mitigate = {
    .name = "mitigate",
    .act = ACT_MITIGATE,
    .words = "incident text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more = "A mitigated incident is not resolved: its clock for want of a resolution runs on.",
};
