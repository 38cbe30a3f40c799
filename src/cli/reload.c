/* reload.c - tocsin reload. */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/view.h"

static const struct example examples[] = {
    { "tocsin check --site site.yaml && tocsin reload", "Takes the files only when they are in order." },
    { NULL, NULL },
};

static int run(struct invocation *in)
{
    return view_sentence(in, "POST", "/api/v1/reload");
}

const struct command command_reload = {
    .name = "reload",
    .summary = "Make the server read site, routing and procedures again.",
    .examples = examples,
    .more =
        "Whole or not at all: with an error in any of them the server keeps what it has, and says where the error is. "
        "Open incidents keep the procedures under which they were opened.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = run,
};
