/* supervisor.h - the two ways to run the mains of serve.h. Private to serve/. */
#ifndef SERVE_SUPERVISOR_H
#define SERVE_SUPERVISOR_H

#include "serve/serve.h"

/* Where a child finds its two sockets. */
#define CHILD_CONTROL_FD 3
#define CHILD_PEER_FD 4

int supervisor_run(const struct serve_options *o); /* the exit status */
int one_process_run(const struct serve_options *o);

int child_run(const struct serve_options *o, const char *word); /* a child's life; its exit status */

const char *log_level_name(enum log_level level); /* as --log takes it; "info" for unset */

#endif
