/* declare.c - tocsin declare: opens a declared incident, or declares a logged one. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin declare --incident INC-42 --severity SEV1", "Declares a logged incident and sets its severity." },
    { NULL, NULL },
};

const struct command command_declare = {
    .name = "declare",
    .act = ACT_DECLARE,
    .words = "text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
    .more =
        "Declaring tells everybody whom the document names, and begins its duties: the declaration is posted, updates "
        "fall due. A declaration by a person always pages, silences or not.",
};
