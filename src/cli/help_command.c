/* help_command.c - tocsin help. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/help.h"

static const struct parameter parameters[] = {
    { .name = "command", .kind = VALUE_COMMAND, .what = "The command to tell about; left out: all, a line each." },
    { .name = "man", .kind = VALUE_SWITCH, .option = true, .what = "Print the manual page tocsin.1 as roff." },
    { .name = "completion",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "bash",
      .what = "Print a script that completes command lines." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin help ack", "The same as tocsin ack --help." },
    { "tocsin help --completion bash > ~/.local/share/bash-completion/completions/tocsin", NULL },
    { NULL, NULL },
};

static int run(struct invocation *in)
{
    struct buf text = { 0 };
    const char *name = given_value(in, "command");
    const struct command *c = name == NULL ? NULL : command_named(name);
    const char *near = name == NULL ? NULL : command_nearest(name);
    if (name != NULL && c == NULL && near != NULL)
        return command_fail(in, EXIT_USAGE, "there is no command '%s'; %s is near", name, near);
    if (name != NULL && c == NULL)
        return command_fail(in, EXIT_USAGE, "there is no command '%s'; tocsin help lists them", name);
    if (given_switch(in, "man"))
        help_man(&text);
    else if (given_switch(in, "completion"))
        help_completion(&text);
    else if (c != NULL)
        help_command(c, &text);
    else
        help_list(&text);
    fputs(buf_str(&text), stdout);
    buf_release(&text);
    return EXIT_DONE;
}

const struct command command_help = {
    .name = "help",
    .summary = "List the commands, or tell about one.",
    .parameters = parameters,
    .examples = examples,
    .run = run,
};
