/* version.c - tocsin version. */
#include <stdio.h>

#include "cli/commands.h"

static int run(struct invocation *in)
{
    (void)in;
    puts("tocsin " TOCSIN_VERSION);
    return EXIT_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version of this program.",
    .run = run,
};
