/* commands.c - the table of all commands. */
#include "cli/commands.h"

const struct command *const commands[] = {
#define X(name) &command_##name,
    COMMANDS(X)
#undef X
        NULL,
};
