/* classify.c - tocsin classify: sets the category. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin classify INC-42 database", "The experts whom the document names for databases are called." },
    { NULL, NULL },
};

const struct command command_classify = {
    .name = "classify",
    .act = ACT_CLASSIFY,
    .words = "incident category text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
