/* note.c - tocsin note: writes a note. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin note INC-42 pool restarted, watching the error rate", NULL },
    { NULL, NULL },
};

const struct command command_note = {
    .name = "note",
    .act = ACT_NOTE,
    .words = "incident text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
