/* silence.c - tocsin silence: holds the pages of what matches. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin silence 'service=\"jobs\"' --starts 22:00 --for 6h",
      "From ten in the evening by this machine's clock, for six hours." },
    { NULL, NULL },
};

const struct command command_silence = {
    .name = "silence",
    .act = ACT_SILENCE,
    .words = "matchers text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Alerts and incidents stay visible; only their pages are held, those of open incidents too. At its end what still "
        "fires is paged with fresh clocks.",
};
