/* process.h - children: start, signal, reap, describe; and the few settings a process makes on itself.
 *
 * argv only, never a shell. A child starts with default signal dispositions, an empty signal mask and only the
 * descriptors it was given. Nothing here waits longer than an exec takes. */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

struct process {
    pid_t pid; /* 0: none */
    int pidfd; /* readable once the process has ended; -1: none. Owned: process_close() */
};

struct process_fd {
    int fd; /* ours */
    int as; /* the child's number for it; 3 and up, or 0-2 for the standard streams */
};

struct process_spec {
    const char *const *argv; /* NULL-terminated; argv[0] is a path, or looked up in PATH when it has no slash */
    const char *const *env; /* NULL-terminated; NULL: ours */
    const struct process_fd *fds; /* everything else is closed; a standard stream that is not named stays ours */
    size_t n_fds;
    int die_with_parent; /* signal the child gets when the parent thread that started it ends; 0: none */
};

/* fork and exec. An exec that fails is reported here, with its reason, not as a dead child. */
int process_spawn(const struct process_spec *spec, struct process *out, struct error *e);

/* fork without exec: the child calls run(ctx) and exits with what it returns, never returning here. Only from a process
 * that has no other threads. The child keeps its descriptors; process_keep() closes what it does not need. */
int process_fork(int (*run)(void *ctx), void *ctx, int die_with_parent, struct process *out, struct error *e);

/* False while it runs. Else *status is as from waitpid(), the child is reaped and *p cleared. */
bool process_reap(struct process *p, int *status);
/* Waits up to timeout_ms (-1: for ever) for the end, then as process_reap(). */
bool process_wait(struct process *p, int timeout_ms, int *status);
int process_signal(const struct process *p, int signo, struct error *e); /* fine when it has ended and is not reaped */
void process_close(struct process *p); /* closes the pidfd of a process that was not reaped, forgets it */
void process_describe_exit(int status, struct buf *out); /* "exit code 3", "killed by signal 9 (Killed)" */

/* On the calling process. */
/* Overwrites the environment, all but the variables named (NULL ends the list); getenv() then knows no other. */
void process_forget_environment(const char *const *kept);
void process_set_name(const char *name); /* what ps and top show; 15 bytes are kept */
/* What ps and systemctl show in place of the arguments, which are overwritten: nobody may point into them any more.
 * Cut to the room that arguments took. */
void process_set_title(const char *title);
/* These descriptors become 3, 4, … in their order; all others but 0 to 2 are closed. n is small. */
int process_keep(const int *fds, size_t n, struct error *e);
void process_die_with_parent(int signo); /* PR_SET_PDEATHSIG */
void process_ignore_sigpipe(void); /* a closed peer is an error code, not a death */
unsigned process_processors(void); /* on how many it may run; 1 where the kernel does not say */

#endif
