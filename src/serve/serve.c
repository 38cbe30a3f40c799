/* serve.c - which of the mains this process is.
 * Not here: any of them.
 */
#include "serve/serve.h"

#include <signal.h>
#include <string.h>

#include "base/check.h"
#include "serve/supervisor.h"
#include "sys/entropy.h"
#include "sys/process.h"

const char *log_level_name(enum log_level level)
{
    switch (level) {
    case LOG_UNSET: break;
#define X(sym, code, text) \
    case LOG_LEVEL_##sym: return text;
        LOG_LEVELS(X)
#undef X
    }
    return "info";
}

/* A terminal sends these to every process of the group; for the children the supervisor's word counts alone. */
static void signals_ignore(void)
{
    static const int signals[] = { SIGHUP, SIGINT, SIGTERM };

    for (size_t i = 0; i < COUNT_OF(signals); i++) signal(signals[i], SIG_IGN);
}

static int child_run(const struct serve_options *o)
{
    const struct child_options options = {
        .site_path = o->site_path,
        .state_dir = o->state_dir,
        .hints = o->hints,
        .confined = true,
        .control_fd = CHILD_CONTROL_FD,
        .peer_fd = CHILD_PEER_FD,
    };

    signals_ignore();
    if (strcmp(o->child, "server") == 0) {
        process_set_name(CHILD_NAME_SERVER);
        return server_main(&options);
    }
    if (strcmp(o->child, "courier") == 0) {
        process_set_name(CHILD_NAME_COURIER);
        return courier_main(&options);
    }
    log_error("serve", "--child is the supervisor's own word: server or courier, not %s", o->child);
    return CHILD_EXIT_CONFIG;
}

int serve_run(const struct serve_options *o)
{
    log_start(o->log_level == LOG_UNSET ? LOG_LEVEL_INFO : o->log_level);
    entropy_start();
    process_ignore_sigpipe();
    if (o->child != NULL) return child_run(o);
    if (o->one_process) return one_process_run(o);
    return supervisor_run(o);
}
