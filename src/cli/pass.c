/* pass.c - tocsin pass: somebody else takes the page. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin pass INC-42", "I cannot: whoever comes next by the procedures is paged now." },
    { NULL, NULL },
};

const struct command command_pass = {
    .name = "pass",
    .act = ACT_PASS,
    .words = "incident person text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Your own page ends, and so does your acknowledgement if you gave one; your role of the incident goes along "
        "to whom you name. Behind them the chain goes on as the procedures have it. A page of somebody else goes on ringing: "
        "the answer names whose.",
};
