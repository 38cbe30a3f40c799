/* serve.c - which of the mains this process is.
 * Not here: any of them.
 */
#include "serve/serve.h"

#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "serve/supervisor.h"
#include "sys/entropy.h"
#include "sys/memory.h"
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

static const struct child_main {
    const char *word, *name;
    int (*run)(const struct child_options *o);
} mains[] = {
    { "server", CHILD_NAME_SERVER, server_main },
    { "courier", CHILD_NAME_COURIER, courier_main },
};

/* The options may stand in the arguments, which the title overwrites. */
static int child_be(const struct child_main *m, const struct serve_options *o)
{
    struct buf site_path = { 0 }, state_dir = { 0 };
    struct child_options options = {
        .hints = o->hints, .confined = true, .anew = o->child != NULL, .control_fd = CHILD_CONTROL_FD, .peer_fd = CHILD_PEER_FD
    };
    int status;

    buf_add_str(&site_path, o->site_path);
    options.site_path = buf_str(&site_path);
    if (o->state_dir != NULL) {
        buf_add_str(&state_dir, o->state_dir);
        options.state_dir = buf_str(&state_dir);
    }
    process_ignore_sigpipe();
    signals_ignore();
    process_set_name(m->name);
    process_set_title(m->name);
    status = m->run(&options);
    buf_release(&site_path);
    buf_release(&state_dir);
    return status;
}

int child_run(const struct serve_options *o, const char *word)
{
    for (size_t i = 0; i < COUNT_OF(mains); i++)
        if (strcmp(mains[i].word, word) == 0) return child_be(&mains[i], o);
    log_error("serve", "--child is the supervisor's own word: server or courier, not %s", word);
    return CHILD_EXIT_CONFIG;
}

int serve_run(const struct serve_options *o)
{
    log_start(o->log_level == LOG_UNSET ? LOG_LEVEL_INFO : o->log_level);
    entropy_start();
    process_ignore_sigpipe();
    memory_begin();
    if (o->child != NULL) return child_run(o, o->child);
    if (o->one_process) return one_process_run(o);
    return supervisor_run(o);
}
