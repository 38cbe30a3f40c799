/* serve.h - the processes of `tocsin serve`: one main each, and how they are started.
 *
 *   supervisor (serve_run)   parses nothing; starts, watches, restarts and stops the two others
 *   ├─ server (server_main)  doors, engine, database
 *   └─ courier (courier_main) every outbound byte and every provider secret
 *
 * Server and courier speak frames (ipc/message.h) over `peer_fd`, a stream socket. When one of them dies the other gets
 * a new end through its control socket (control.h) and starts over with hello. The first of each is forked from the
 * supervisor, which has linked everything and knows nothing; one that ended is replaced by this same binary started anew
 * (`serve --child server`), so that nothing learnt from a crash is true of the next (docs/decisions/0014). */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/log.h"

struct serve_options {
    const char *site_path; /* site.yaml; never NULL */
    const char *state_dir; /* --state; NULL: as state_dir_choose() (state_dir.h) says */
    bool hints; /* print the first steps once the doors are open (make run) */
    bool one_process; /* server in this thread, courier in another: for debugging */
    enum log_level log_level; /* LOG_UNSET: info */
    const char *child; /* --child, hidden: "server" or "courier"; NULL: be the supervisor. A replacement is started with
                          `serve --child WORD --site PATH --log LEVEL [--hints] [--state DIR]`, its sockets as 3 and 4 */

    /* Limits, 0 = the default behind each. Tests lower them. */
    int64_t tick_limit_ms; /* 30 s: a child that ticked once and then is silent for so long is killed */
    int64_t start_limit_ms; /* 300 s: the same before its first tick (migrations run then) */
    int64_t settle_ms; /* 10 s: a child that ran so long once is not given up for CHILD_EXIT_CONFIG, but tried again */
    int64_t stop_limit_ms; /* 15 s: from the wish to stop to SIGKILL */
};

/* What a main gets. The texts outlive it. Both descriptors are its own to close. */
struct child_options {
    const char *site_path;
    const char *state_dir; /* as in serve_options */
    bool hints; /* likewise */
    bool confined; /* a process of its own: it gives up what it does not need */
    bool anew; /* in the place of one that ended: the first of this `tocsin serve` said already what is odd in the files */
    int control_fd; /* to the supervisor: control.h */
    int peer_fd; /* to the other child; non-blocking it makes it itself */
};

/* Exit statuses of a child. Any other, and any signal, is a crash: the child is started again. */
#define CHILD_EXIT_OK 0 /* after CONTROL_STOP; without one it counts as a crash */
#define CHILD_EXIT_CONFIG 78 /* cannot start as configured, and said why; ends all at a first start (sysexits.h) */

/* Names of the processes, as ps shows them. */
#define CHILD_NAME_SERVER "tocsin: server"
#define CHILD_NAME_COURIER "tocsin: courier"

/* 5 restarts of one child within 10 s end the whole: the service manager's turn. */
#define SERVE_RESTARTS_MAX 5
#define SERVE_RESTARTS_MS INT64_C(10000)

/* `tocsin serve` and `tocsin serve --child …`. Returns the exit status: 0 after an orderly stop. Logs why else. */
int serve_run(const struct serve_options *o);

/* Run until CONTROL_STOP or until the supervisor is gone; neither touches signals: the terminal's are ignored. */
int server_main(const struct child_options *o);
int courier_main(const struct child_options *o);

#endif
