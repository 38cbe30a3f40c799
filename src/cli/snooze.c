/* snooze.c - tocsin snooze: an incident waits until a time. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin snooze INC-42 --ends 09:00 \"nobody uses it at night\"", "Until nine by this machine's clock." },
    { NULL, NULL },
};

const struct command command_snooze = {
    .name = "snooze",
    .act = ACT_SNOOZE,
    .words = "incident text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Of an incident that does not ring both clocks stand still: nobody is paged for it until then. One that rings goes "
        "on paging; only whoever has it is not asked whether they still do. It survives hand-offs, and ends when the "
        "severity rises. A second one takes the place of the first.",
};
