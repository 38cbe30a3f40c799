/* severity.c - tocsin severity: sets or confirms a severity. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin severity INC-42", "Confirms the provisional severity (SEV2? becomes SEV2)." },
    { "tocsin severity INC-42 SEV1", "Raises it; whom the document names for SEV1 is told at once." },
    { NULL, NULL },
};

const struct command command_severity = {
    .name = "severity",
    .act = ACT_SEVERITY,
    .words = "incident severity text",
    .examples = examples,
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
