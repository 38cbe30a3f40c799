/* command.h - what a command of `tocsin` is: one file, one const descriptor, one run function.
 *
 * Help, usage, man page, completion and the reading of argv all come from the descriptor; the table of all is
 * commands.c. The arguments of acts are not written here: they are the rows of core/act.h. What a run function prints
 * for people goes to standard output, what went wrong to standard error; it returns one of the exit statuses below. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/act.h"

/* Documented, never renumbered. `tocsin check` and `tocsin rehearse` have their own meaning for 1 and 2 (R2). */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* refused, not found, conflict */
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3, /* no server answered, or it cannot answer now */
};

/* X(SYMBOL, "word for it in usage lines", "what bash completes") */
#define VALUE_KINDS(X)          \
    X(SWITCH, "", "")           \
    X(TEXT, "TEXT", "")         \
    X(INCIDENT, "INCIDENT", "") \
    X(SEVERITY, "SEVERITY", "") \
    X(PERSON, "PERSON", "")     \
    X(ROLE, "ROLE", "")         \
    X(CATEGORY, "CATEGORY", "") \
    X(SERVICE, "SERVICE", "")   \
    X(MATCHERS, "MATCHERS", "") \
    X(DURATION, "DURATION", "") \
    X(TIME, "TIME", "")         \
    X(NUMBER, "NUMBER", "")     \
    X(FILE, "FILE", "-f")       \
    X(DIRECTORY, "DIR", "-d")   \
    X(CHOICE, "", "")           \
    X(PAIR, "NAME=VALUE", "")   \
    X(COMMAND, "COMMAND", "")

enum value_kind {
    VALUE_UNSET = 0,
#define X(sym, word, complete) VALUE_##sym,
    VALUE_KINDS(X)
#undef X
};

/* One thing that a command takes: a word at its place, or `--name`. */
struct parameter {
    const char *name;
    enum value_kind kind;
    bool option; /* --name; else a word */
    bool required;
    bool many; /* an option that repeats; or the last word, which takes all that follow */
    bool hidden; /* not in any help: between our own processes */
    const char *choices; /* CHOICE: "text json" */
    const char *what; /* one sentence */
};

struct example {
    const char *line; /* a whole command line */
    const char *what; /* what it does; NULL: plain */
};

enum command_flag {
    NEEDS_SERVER = 1, /* speaks to a running server: takes --socket */
    WRITES = 2, /* changes something there */
    HAS_FORMAT = 4, /* takes --format text|json */
};

struct invocation;

struct command {
    const char *name, *summary;
    const struct parameter *parameters; /* ends with name NULL; NULL: none, or an act's */
    enum act_kind act; /* not UNSET: summary, arguments and the first example are act_defs[act]'s */
    const char
        *words; /* acts: the arguments that stand at their place, in order, blanks between; the rest are options */
    const struct example *examples; /* ends with line NULL; may be NULL */
    const char *more; /* further sentences, paragraphs apart by an empty line; may be NULL */
    unsigned flags; /* of enum command_flag */
    int (*run)(struct invocation *in);
};

/* All commands, in the order of the help; NULL ends it. */
extern const struct command *const commands[];
const struct command *command_named(const char *name); /* NULL when there is none */
const char *command_nearest(const char *name); /* the one that was meant, perhaps; NULL when nothing is near */

/* All parameters of a command, in order, in `a`: its own or its act's, then those that its flags bring. */
const struct parameter *command_parameters(const struct command *c, struct arena *a, size_t *n);
const char *command_summary(const struct command *c);

struct given {
    const char **v;
    size_t n; /* 0: not given */
};

struct invocation {
    const struct command *command;
    const struct parameter *parameters;
    size_t n_parameters;
    struct given *given; /* by parameter */
    struct arena *arena; /* of this invocation */
    bool json; /* --format json */
};

/* Reads argv (argv[0] is the command's name). ERR_SYNTAX says what was not understood and what would be. */
int invocation_read(struct invocation *in, const struct command *c, int argc, char **argv, struct error *e);
/* The first value; NULL when not given. The name must be one of the command's parameters (CHECKed). */
const char *given_value(const struct invocation *in, const char *name);
const struct given *given_values(const struct invocation *in, const char *name);
bool given_switch(const struct invocation *in, const char *name);

/* The whole program: argv as main() got it. Returns the exit status. */
int cli_main(int argc, char **argv);

#endif
