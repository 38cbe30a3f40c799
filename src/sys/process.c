/* process.c - fork, exec, pidfd, wait. */
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

#define FDS_MOST 32
#define EXEC_FAILED 127 /* as a shell answers */
#define ARGUMENTS_MOST (2 << 20) /* as the kernel takes them */

/* Between fork and exec only async-signal-safe calls: another thread may have held any lock. */
static void reset_signals(void)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };
    sigset_t none;
    sigemptyset(&none);
    for (int signo = 1; signo < NSIG; signo++)
        sigaction(signo, &plain, NULL); /* SIGKILL, SIGSTOP refuse: as they should */
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The parent may have ended before the request was made: then nobody will ever send the signal. */
static void follow_parent(int signo, pid_t parent)
{
    if (signo == 0) return;
    prctl(PR_SET_PDEATHSIG, signo);
    if (getppid() != parent) raise(signo);
}

/* First out of the way of all targets, then to their places; everything else closes itself at exec. */
static int place_fds(const struct process_spec *spec, int *report)
{
    int held[FDS_MOST], above = 3;
    for (size_t i = 0; i < spec->n_fds; i++)
        if (spec->fds[i].as >= above) above = spec->fds[i].as + 1;
    int moved = fcntl(*report, F_DUPFD_CLOEXEC, above);
    if (moved < 0) return -1;
    *report = moved;
    for (size_t i = 0; i < spec->n_fds; i++)
        if ((held[i] = fcntl(spec->fds[i].fd, F_DUPFD_CLOEXEC, above)) < 0) return -1;
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* kernels before 5.11 lack it: ours are all close-on-exec anyway */
    for (size_t i = 0; i < spec->n_fds; i++)
        if (dup2(held[i], spec->fds[i].as) < 0) return -1;
    return 0;
}

static _Noreturn void become(const struct process_spec *spec, pid_t parent, int report)
{
    reset_signals();
    follow_parent(spec->die_with_parent, parent);
    if (place_fds(spec, &report) == 0)
        execvpe(spec->argv[0], (char *const *)(uintptr_t)spec->argv,
                spec->env == NULL ? environ : (char *const *)(uintptr_t)spec->env);
    int why = errno;
    ssize_t n = write(report, &why, sizeof why);
    (void)n;
    _exit(EXEC_FAILED);
}

static int adopt(pid_t pid, struct process *out, struct error *e)
{
    *out = (struct process){ .pid = pid, .pidfd = pidfd_open(pid, 0) };
    if (out->pidfd >= 0) return 0;
    int why = errno;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    *out = (struct process){ .pidfd = -1 };
    return fail(e, ERR_IO, "cannot watch the new process: %s", strerror(why));
}

/* Nothing arrives when exec succeeds: the pipe closes with it. */
static int exec_result(int report)
{
    int why = 0;
    ssize_t n;
    while ((n = read(report, &why, sizeof why)) < 0 && errno == EINTR) continue;
    return n == sizeof why ? why : 0;
}

int process_spawn(const struct process_spec *spec, struct process *out, struct error *e)
{
    int report[2];
    pid_t parent = getpid();
    CHECK(spec->n_fds <= FDS_MOST);
    *out = (struct process){ .pidfd = -1 };
    if (pipe2(report, O_CLOEXEC) < 0) return fail(e, ERR_IO, "cannot start %s: %s", spec->argv[0], strerror(errno));
    pid_t pid = fork();
    if (pid == 0) become(spec, parent, report[1]);
    int why = pid < 0 ? errno : 0;
    close(report[1]);
    if (pid > 0) why = exec_result(report[0]);
    close(report[0]);
    if (why != 0) {
        if (pid > 0) waitpid(pid, NULL, 0);
        return fail(e, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot start %s: %s", spec->argv[0], strerror(why));
    }
    return adopt(pid, out, e);
}

int process_fork(int (*run)(void *ctx), void *ctx, int die_with_parent, struct process *out, struct error *e)
{
    pid_t parent = getpid();
    *out = (struct process){ .pidfd = -1 };
    fflush(NULL); /* what is buffered must not be printed by both */
    pid_t pid = fork();
    if (pid < 0) return fail(e, ERR_IO, "cannot start a process: %s", strerror(errno));
    if (pid > 0) return adopt(pid, out, e);
    reset_signals();
    follow_parent(die_with_parent, parent);
    exit(run(ctx));
}

int process_keep(const int *fds, size_t n, struct error *e)
{
    const int first = 3, above = first + (int)n;
    int held[FDS_MOST];
    CHECK(n <= FDS_MOST);
    for (size_t i = 0; i < n; i++)
        if ((held[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, above)) < 0) goto failed;
    for (size_t i = 0; i < n; i++)
        if (dup2(held[i], first + (int)i) < 0) goto failed;
    closefrom(above);
    return 0;
failed:
    return fail(e, ERR_IO, "cannot keep a descriptor: %s", strerror(errno));
}

bool process_reap(struct process *p, int *status)
{
    if (p->pid == 0 || waitpid(p->pid, status, WNOHANG) != p->pid) return false;
    process_close(p);
    return true;
}

bool process_wait(struct process *p, int timeout_ms, int *status)
{
    struct pollfd ended = { .fd = p->pidfd, .events = POLLIN };
    if (p->pid == 0) return false;
    while (poll(&ended, 1, timeout_ms) < 0 && errno == EINTR) continue;
    return process_reap(p, status);
}

int process_signal(const struct process *p, int signo, struct error *e)
{
    if (p->pid == 0 || pidfd_send_signal(p->pidfd, signo, NULL, 0) == 0 || errno == ESRCH) return 0;
    return fail(e, errno == EPERM ? ERR_DENIED : ERR_IO, "cannot signal process %ld: %s", (long)p->pid,
                strerror(errno));
}

void process_close(struct process *p)
{
    if (p->pidfd >= 0) close(p->pidfd);
    *p = (struct process){ .pidfd = -1 };
}

void process_describe_exit(int status, struct buf *out)
{
    if (WIFEXITED(status)) {
        buf_addf(out, "exit code %d", WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        const char *name = sigdescr_np(WTERMSIG(status));
        buf_addf(out, "killed by signal %d (%s)", WTERMSIG(status), name == NULL ? "unknown" : name);
        if (WTERMSIG(status) == SIGSYS) buf_add_str(out, ", the end of who asks for a forbidden system call: its last line names it");
    } else {
        buf_addf(out, "wait status %d", status);
    }
}

static bool is_kept(const char *entry, const char *const *kept)
{
    const size_t n = strcspn(entry, "=");
    for (; *kept != NULL; kept++)
        if (strlen(*kept) == n && memcmp(entry, *kept, n) == 0) return true;
    return false;
}

void process_forget_environment(const char *const *kept)
{
    char **to = environ;
    for (char **from = environ; *from != NULL; from++) {
        if (is_kept(*from, kept))
            *to++ = *from;
        else
            explicit_bzero(*from, strlen(*from));
    }
    *to = NULL;
}

void process_set_name(const char *name)
{
    prctl(PR_SET_NAME, name);
}

/* The kernel shows the memory that arguments came in. They stand in one piece, and the environment behind them; where a
 * libc or a wrapper has moved that away, only the first argument is known to be there. */
void process_set_title(const char *title)
{
    char *const begin = program_invocation_name;
    const size_t first = strlen(begin) + 1;
    const bool known = environ != NULL && environ[0] != NULL && environ[0] > begin && environ[0] < begin + ARGUMENTS_MOST;
    const size_t room = known ? (size_t)(environ[0] - begin) : first;
    const size_t n = strlen(title);
    memset(begin, 0, room);
    memcpy(begin, title, n < room ? n : room - 1);
}

void process_die_with_parent(int signo)
{
    prctl(PR_SET_PDEATHSIG, signo);
}

void process_ignore_sigpipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

unsigned process_processors(void)
{
    cpu_set_t mine;
    return sched_getaffinity(0, sizeof mine, &mine) == 0 ? (unsigned)CPU_COUNT(&mine) : 1;
}
