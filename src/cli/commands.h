/* commands.h - the descriptors of all commands, one file each: X(file and command). In the order of the help. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

#define COMMANDS(X) \
    X(serve)        \
    X(check)        \
    X(diff)         \
    X(fix)          \
    X(explain)      \
    X(alert)        \
    X(declare)      \
    X(incidents)    \
    X(show)         \
    X(why)          \
    X(ack)          \
    X(severity)     \
    X(classify)     \
    X(assign)       \
    X(note)         \
    X(assess)       \
    X(tick)         \
    X(silence)      \
    X(silences)     \
    X(unsilence)    \
    X(mitigate)     \
    X(snooze)       \
    X(pass)         \
    X(resolve)      \
    X(dismiss)      \
    X(merge)        \
    X(reopen)       \
    X(move)         \
    X(oncall)       \
    X(procedures)   \
    X(activate)     \
    X(status)       \
    X(redact)       \
    X(verify)       \
    X(backup)       \
    X(release)      \
    X(reload)       \
    X(rehearse)     \
    X(help)         \
    X(version)

#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

#endif
