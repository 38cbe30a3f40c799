/* help.h - what the descriptors say, as help, as a man page, as bash completion. Pure: text into a buffer. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

void help_list(struct buf *out); /* `tocsin help`: all commands */
void help_command(const struct command *c, struct buf *out); /* `tocsin COMMAND --help` */
void help_usage(const struct command *c, struct buf *out); /* the usage line, without its end */
void help_parameter(const struct parameter *p, struct arena *a, struct buf *out); /* "--site FILE", "INCIDENT" */
void help_man(struct buf *out); /* tocsin.1: roff by the macros of man(7) */
void help_completion(struct buf *out); /* a script for bash-completion */

/* Sentences that hold for all commands, in the man page and after the list. */
struct exit_def {
    int status;
    const char *what;
};
extern const struct exit_def exit_defs[]; /* ends with `what` NULL */

struct environment_def {
    const char *name, *what;
};
extern const struct environment_def environment_defs[]; /* ends with `name` NULL */

#endif
