/* sandbox_calls.c - puts the filter of a role in force, and says which deadly call was made.
 * Not here: what a filter allows (sandbox_program.c, which makes them when Tocsin is built), files (sandbox_files.c).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "sys/sandbox_inner.h"

/* --- when a deadly call is made -------------------------------------------------------------------------------------- */

enum { FORBIDDEN = 1 }; /* si_code SYS_SECCOMP, which glibc has behind a macro of its own */

static void put_number(int n, char *at, size_t digits)
{
    for (size_t i = digits; i-- > 0; n /= 10) at[i] = (char)('0' + n % 10);
}

/* Says which call it was, and dies of the signal. Only what a signal handler may do. */
static void on_deadly_call(int signo, siginfo_t *info, void *context)
{
    char text[] = "confinement: system call 0000 is never made by this program: ending\n";
    (void)context;
    put_number(info->si_syscall, text + sizeof "confinement: system call " - 1, 4);
    if (info->si_code == FORBIDDEN) { /* not somebody's kill -SYS */
        const ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
        (void)n;
    }
    signal(signo, SIG_DFL);
    raise(signo);
}

static void watch_deadly_calls(void)
{
    struct sigaction action = { .sa_sigaction = on_deadly_call, .sa_flags = SA_SIGINFO | SA_NODEFER };
    sigset_t mine;
    sigaction(SIGSYS, &action, NULL);
    sigemptyset(&mine);
    sigaddset(&mine, SIGSYS);
    pthread_sigmask(SIG_UNBLOCK, &mine, NULL);
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

/* Signals may go to this process alone: its number stands where the program has a place for it. */
static struct sock_filter *own_code(const struct sandbox_program *p)
{
    struct sock_filter *code = mem_alloc(p->n * sizeof *code);
    memcpy(code, p->code, p->n * sizeof *code);
    for (size_t i = 0; i < p->n; i++)
        if (BPF_CLASS(code[i].code) == BPF_JMP && code[i].k == SANDBOX_OWN_PID) code[i].k = (uint32_t)getpid();
    return code;
}

/* No stranger's code runs here: speculation stays allowed. Kernels before 4.17 know no such flag, and leave it so. */
static int program_load(const struct sandbox_program *p)
{
    struct sock_filter *code = own_code(p);
    const struct sock_fprog program = { (unsigned short)p->n, code };
    long rc = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (rc == 0) rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
    if (rc < 0 && errno == EINVAL) rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    const int why = rc < 0 ? -errno : 0;
    mem_free(code);
    return why;
}

bool sandbox_calls(enum sandbox_role role, struct buf *told)
{
    if (SANDBOX_SANITIZED) {
        buf_add_str(told, "seccomp: " SANDBOX_NOT_HERE);
        return true;
    }
    CHECK(role >= SANDBOX_SUPERVISOR && role < SANDBOX_ROLES);
    if (role != SANDBOX_SUPERVISOR) watch_deadly_calls();
    const int rc = program_load(&sandbox_programs[role]);
    if (rc == 0) {
        buf_addf(told, "seccomp %s%zu calls", role == SANDBOX_SUPERVISOR ? "refuses " : "", sandbox_programs[role].calls);
        return true;
    }
    if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL) {
        buf_add_str(told, "seccomp: not in this kernel");
        return true;
    }
    buf_addf(told, "seccomp: not enforced (%s)", strerror(-rc));
    return false;
}
