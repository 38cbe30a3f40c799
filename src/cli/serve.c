/* serve.c - tocsin serve. Also how the supervisor starts its children (`--child`, not shown in the help). */
#include "serve/serve.h"

#include <stdlib.h>

#include "cli/commands.h"

static const struct parameter parameters[] = {
    { .name = "site",
      .kind = VALUE_FILE,
      .option = true,
      .required = true,
      .what = "The site's facts: people, teams, schedules, channels; it names the procedures." },
    { .name = "state",
      .kind = VALUE_DIRECTORY,
      .option = true,
      .what = "Where the database and the keys lie; left out: what the site says, else $STATE_DIRECTORY, else "
              "/var/lib/tocsin, for others than root ~/.local/state/tocsin." },
    { .name = "log",
      .kind = VALUE_CHOICE,
      .option = true,
      .choices = "error warning info debug",
      .what = "The least that is logged, on standard error; left out: info." },
    { .name = "hints", .kind = VALUE_SWITCH, .option = true, .what = "Print the first steps once the doors are open." },
    { .name = "one-process",
      .kind = VALUE_SWITCH,
      .option = true,
      .what = "Everything in one process, for debugging." },
    { .name = "child", .kind = VALUE_TEXT, .option = true, .hidden = true, .what = "The supervisor's own word." },
    { 0 },
};

static const struct example examples[] = {
    { "tocsin serve --site /etc/tocsin/site.yaml", NULL },
    { "tocsin serve --site examples/site.yaml --state /tmp/tocsin --hints",
      "A first look, with the state out of the way." },
    { NULL, NULL },
};

static int run(struct invocation *in)
{
    const char *level = given_value(in, "log");
    struct serve_options o = {
        .site_path = given_value(in, "site"),
        .state_dir = given_value(in, "state"),
        .hints = given_switch(in, "hints"),
        .one_process = given_switch(in, "one-process"),
        .child = given_value(in, "child"),
    };
    if (level != NULL) log_parse_level(slice_of(level), &o.log_level);
    return serve_run(&o);
}

const struct command command_serve = {
    .name = "serve",
    .summary = "Run the server: take alerts, page people, keep the record.",
    .parameters = parameters,
    .examples = examples,
    .more =
        "Runs in the foreground as three processes: a supervisor, the server with the database, and the courier with the "
        "providers' secrets. SIGHUP reads the site again, as tocsin reload does; SIGTERM and SIGINT stop in order: what "
        "was accepted is committed, what is in flight is waited for.\n\n"
        "The addresses to listen on stand in the site, under http:. The socket for the commands is in "
        "$RUNTIME_DIRECTORY, else in /run/tocsin when the state is in /var/lib/tocsin, else in the state directory.\n\n"
        "Exit status: 0 after an orderly stop, 78 when it cannot start as configured (its message says why), 1 when a "
        "process kept dying.",
    .run = run,
};
