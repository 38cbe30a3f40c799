/* ack.c - tocsin ack: takes an incident. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin ack INC-42 looking into it", "The rest of the line is a sentence for the timeline; it needs no quotes." },
    { "tocsin ack 42 --severity SEV1", "Acknowledges, and sets the severity in the same breath." },
    { NULL, NULL },
};

const struct command command_ack = {
    .name = "ack",
    .act = ACT_ACKNOWLEDGE,
    .words = "incident text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Stops the pages for want of a response. The clock for want of a resolution runs on: an acknowledged incident "
        "that is not resolved in time still reaches the Incident Commander.",
};
