/* release.c - tocsin release. */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/view.h"

static const struct example examples[] = {
    { "tocsin release", NULL },
    { NULL, NULL },
};

static int run(struct invocation *in)
{
    return view_sentence(in, "POST", "/api/v1/release");
}

const struct command command_release = {
    .name = "release",
    .summary = "Let a server page that started held on a restored copy.",
    .examples = examples,
    .more =
        "A server that starts on a backup, or on a database from another state directory, takes and stores everything and "
        "sends nothing: the instance that the copy was made of may still page. First make sure that it does not.\n\n"
        "What waited meanwhile is decided again: pages that are over are dropped, the rest leaves, the most severe first.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = run,
};
