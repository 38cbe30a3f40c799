/* main.c - finds the command that argv names and runs it.
 * Not here: what a command does (cli/).
 */
#include <stdio.h>
#include <string.h>

#include "cli/serve.h"

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts("tocsin " TOCSIN_VERSION);
        return 0;
    }
    if (argc >= 2 && strcmp(argv[1], "serve") == 0) return serve_command(argc - 1, argv + 1);
    fputs("usage: tocsin serve --site FILE [--state DIR] | version\n", stderr);
    return 2;
}
