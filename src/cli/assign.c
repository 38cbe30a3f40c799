/* assign.c - tocsin assign: gives a role to a person. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin assign INC-42 incident-commander", "Takes the role oneself." },
    { NULL, NULL },
};

const struct command command_assign = {
    .name = "assign",
    .act = ACT_ASSIGN,
    .words = "incident role person",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
