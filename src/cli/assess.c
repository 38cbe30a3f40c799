/* assess.c - tocsin assess: writes down impact, cause and what helps. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin assess INC-42 --mitigation \"roll back, or fail over to the second site\"", NULL },
    { NULL, NULL },
};

const struct command command_assess = {
    .name = "assess",
    .act = ACT_ASSESS,
    .words = "incident",
    .examples = examples,
    .more =
        "The checks of the response timeline that ask for it tick themselves, under your name; `tocsin explain` says "
        "which. Saying it again replaces what was said; the timeline keeps both.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
