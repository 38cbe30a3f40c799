/* cli.c - the program: which command argv names, and what to say when it names none.
 * Not here: what a command does.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/help.h"
#include "cli/nearest.h"

const struct command *command_named(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

const char *command_nearest(const char *name)
{
    struct nearest near = nearest_start(slice_of(name));
    for (size_t i = 0; commands[i] != NULL; i++) nearest_try(&near, commands[i]->name);
    return near.best;
}

static int print_list(FILE *where, int status)
{
    struct buf text = { 0 };
    help_list(&text);
    fputs(buf_str(&text), where);
    buf_release(&text);
    return status;
}

static int print_command(const struct command *c)
{
    struct buf text = { 0 };
    help_command(c, &text);
    fputs(buf_str(&text), stdout);
    buf_release(&text);
    return EXIT_DONE;
}

static int unknown(const char *name)
{
    const char *near = command_nearest(name);
    fprintf(stderr, "tocsin: there is no command '%s'", name);
    if (near != NULL) fprintf(stderr, "; %s is near", near);
    fputs("\ntocsin help lists them\n", stderr);
    return EXIT_USAGE;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct invocation in = { .command = c, .arena = arena_create(0) };
    struct buf usage = { 0 };
    struct error e = { 0 };
    int status;
    if (invocation_read(&in, c, argc, argv, &e) == 0) {
        status = c->run(&in);
    } else {
        help_usage(c, &usage);
        status = command_fail(&in, EXIT_USAGE, "%s", e.detail);
        fprintf(stderr, "usage: %s\n", buf_str(&usage));
        buf_release(&usage);
    }
    arena_destroy(&in.arena);
    return status;
}

/* Words that people try before they know the program. */
static const char *alias(const char *name)
{
    static const struct {
        const char *tried, *meant;
    } aliases[] = {
        { "--help", "help" }, { "-h", "help" }, { "--version", "version" }, { "-V", "version" }, { NULL, NULL },
    };
    for (size_t i = 0; aliases[i].tried != NULL; i++)
        if (strcmp(aliases[i].tried, name) == 0) return aliases[i].meant;
    return name;
}

int cli_main(int argc, char **argv)
{
    if (argc < 2) return print_list(stderr, EXIT_USAGE);
    const struct command *c = command_named(alias(argv[1]));
    if (c == NULL) return unknown(argv[1]);
    if (wants_help(argc - 1, argv + 1)) return print_command(c);
    return run(c, argc - 1, argv + 1);
}
