/* activate.c - tocsin activate: puts procedures and routing in force. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin activate --reason \"as reviewed\" --move-open", "The open incidents follow it at once." },
    { "tocsin activate --reason \"legal joins in May\" --override W-UNBOUND=\"nobody fills that role yet\"",
      "Although a rule uses what the site does not bind; it stays listed until it is bound." },
    { NULL, NULL },
};

const struct command command_activate = {
    .name = "activate",
    .act = ACT_ACTIVATE,
    .words = "",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Whoever proposed a change does not approve it, unless nobody else may. An earlier version needs no second person: "
        "it was approved when it was activated. Incidents that are open keep the procedures under which they were opened; "
        "the answer names them.",
};
