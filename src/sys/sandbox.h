/* sandbox.h - what a process gives up for good before its first thread: system calls, files, core dumps.
 *
 * Two walls of the kernel's, each as far as this kernel has it. Calls (seccomp): what a role's table names is allowed;
 * what only a hijacked process would ask for (exec, ptrace, a second process, …) ends it by SIGSYS, with a line that says
 * which call it was; anything else is answered as by a kernel that does not know it, so that a newer libc falls back
 * instead of dying. Files (Landlock): what is below the paths given, and nothing else, not even by a child.
 *
 * A missing wall is no reason not to page: it is told, and the caller prints what is really enforced. Nothing here can be
 * undone. A build with a sanitizer is not confined (its runtime needs ptrace and more) and says so.
 * Sources: seccomp(2), landlock(7), libseccomp's seccomp_rule_add(3). */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum sandbox_role {
    SANDBOX_UNSET = 0,
    SANDBOX_SUPERVISOR, /* forks, execs, kills; what none of its children may, it may not either */
    SANDBOX_SERVER, /* no second process, no further socket: what listens was made before */
    SANDBOX_COURIER, /* no second process, no listener */
    SANDBOX_CLERK, /* no second process, no internet */
    SANDBOX_ROLES
};

enum sandbox_right {
    SANDBOX_READ = 1, /* files and lists of files */
    SANDBOX_APPEND, /* also to make new files and write to those that are there */
    SANDBOX_WRITE, /* also to make, change, rename and remove them, and sockets */
};

struct sandbox_path {
    const char *path; /* a file or a directory with all below it; one that is not there is left out */
    enum sandbox_right right;
    const char *name; /* how it is told; NULL: its path */
};

/* No core dump, and no look into this process by another of the same user. */
void sandbox_hide(void);

/* Both walls; appends what is enforced to `told`: "seccomp 87 calls", "landlock abi 7: /var/lib/tocsin rw, zoneinfo r"; each name is told once.
 * False when one of them is missing for another reason than that the kernel has none: worth a warning.
 * Calls first, then files: each wall leaves the way open to build the next. */
bool sandbox_calls(enum sandbox_role role, struct buf *told);
bool sandbox_files(enum sandbox_role role, const struct sandbox_path *paths, size_t n, struct buf *told);

#endif
