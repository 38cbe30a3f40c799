/* redact.c - tocsin redact: takes the text of a timeline entry out of the record. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin redact INC-42 12 \"names a patient\"", "Entry 12, as tocsin show numbers them." },
    { NULL, NULL },
};

const struct command command_redact = {
    .name = "redact",
    .act = ACT_REDACT,
    .words = "incident entry text",
    .examples = examples,
    .more =
        "For administrators. That the entry was there, when and by whom stays, and the chain keeps verifying. What left "
        "before does not come back: backups, mails, chats; docs/evidence.md names the places.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
