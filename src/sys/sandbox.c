/* sandbox.c - what needs no wall: no core dump, no look from outside.
 * Not here: system calls (sandbox_calls.c), files (sandbox_files.c).
 */
#include "sys/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "sys/sandbox_inner.h"

/* The limit alone does not stop a kernel that pipes core dumps to a program; not being dumpable does, and also closes
 * /proc/PID/mem, environ and ptrace to others of the same user. */
void sandbox_hide(void)
{
    const struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    if (!SANDBOX_SANITIZED) prctl(PR_SET_DUMPABLE, 0);
}
