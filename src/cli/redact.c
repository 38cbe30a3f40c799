/* redact.c - tocsin redact: takes the text of a timeline entry out of the record. */
#include "cli/act.h"
#include "cli/commands.h"

static const struct example examples[] = {
    { "tocsin redact INC-42 11 \"names a patient\" --field impact", "And the impact, which every list shows." },
    { NULL, NULL },
};

const struct command command_redact = {
    .name = "redact",
    .act = ACT_REDACT,
    .words = "incident entry text",
    .examples = examples,
    .more =
        "For administrators, over HTTP with a token of scope admin. That the entry was there, when and by whom stays, and the chain keeps verifying. Notes, reasons "
        "and what people wrote with an act stand in entries alone; what the incident shows besides (title, impact, cause, "
        "mitigation, reason) goes with --field, one at a time. Not reached: the words of such a fact, which the sealed table "
        "of words keeps though nothing shows them any more; what senders say (labels and annotations of alerts) and the "
        "comments of silences; backups, mails and chats that left before. docs/evidence.md says how to deal with each.",
    .flags = NEEDS_SERVER | WRITES | HAS_FORMAT,
    .run = act_run,
};
