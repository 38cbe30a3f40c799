/* main.c - finds the command that argv names and runs it.
 * Not here: what a command does (cli/).
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        puts("tocsin " TOCSIN_VERSION);
        return 0;
    }
    fputs("usage: tocsin version\n", stderr);
    return 2;
}
