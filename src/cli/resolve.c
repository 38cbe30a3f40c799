/* resolve.c - tocsin resolve: says that it is over. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin resolve INC-42 index rebuilt, error rate normal", NULL },
    { NULL, NULL },
};

const struct command command_resolve = {
    .name = "resolve",
    .act = ACT_RESOLVE,
    .words = "incident text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
