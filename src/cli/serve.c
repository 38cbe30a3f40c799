/* serve.c - tocsin serve. Also how the supervisor starts its children (`--child`, not shown in the help). */
#include "cli/serve.h"

#include <getopt.h>
#include <stdio.h>

#include "serve/serve.h"

static const struct option options[] = {
    { "site", required_argument, NULL, 's' },
    { "state", required_argument, NULL, 'd' },
    { "log", required_argument, NULL, 'l' },
    { "one-process", no_argument, NULL, '1' },
    { "hints", no_argument, NULL, 'h' },
    { "child", required_argument, NULL, 'c' },
    { 0 },
};

static const char usage[] = "usage: tocsin serve --site FILE [--state DIR] [--log error|warning|info|debug] [--hints] "
                            "[--one-process]\n";

static bool take_option(int c, struct serve_options *o)
{
    switch (c) {
    case 's': o->site_path = optarg; return true;
    case 'd': o->state_dir = optarg; return true;
    case 'l': return log_parse_level(slice_of(optarg), &o->log_level);
    case '1': o->one_process = true; return true;
    case 'h': o->hints = true; return true;
    case 'c': o->child = optarg; return true;
    }
    return false;
}

int serve_command(int argc, char **argv)
{
    struct serve_options o = { 0 };
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (take_option(c, &o)) continue;
        fputs(usage, stderr);
        return 2;
    }
    if (o.site_path == NULL || optind < argc) {
        fputs(usage, stderr);
        return 2;
    }
    return serve_run(&o);
}
