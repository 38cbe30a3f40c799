/* sandbox_program.c - which system calls a role may make: tables, and the filters made of them (libseccomp), printed as C.
 *
 * Runs when Tocsin is built, not when it starts: making a filter takes half a millisecond in each of four processes.
 * Not here: putting one in force (sandbox_calls.c), files (sandbox_files.c).
 * Always: a name that this architecture or this libseccomp does not know is left out; no table holds a way to a second
 * program, to another process's memory, or to an interface that a filter cannot see into (io_uring).
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/sandbox_inner.h"

/* --- the tables: words separated by blanks, one call each ------------------------------------------------------------ */

static const char allowed_to_all[] =
    /* memory, threads, time, who am I; a further wall may always be built */
    "brk munmap mremap madvise mincore msync mlock mlock2 munlock membarrier futex futex_time64 futex_waitv futex_wait "
    "futex_wake futex_requeue set_robust_list rseq set_tid_address exit exit_group sched_yield sched_getaffinity "
    "sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu gettid getpid getppid "
    "getuid geteuid getgid getegid getgroups getresuid getresgid clock_gettime clock_getres clock_nanosleep nanosleep "
    "gettimeofday time getrusage getrlimit uname sysinfo getrandom restart_syscall seccomp landlock_create_ruleset "
    "landlock_add_rule landlock_restrict_self "
    /* signals, to oneself */
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigsuspend sigaltstack signalfd4 "
    /* files */
    "open openat close close_range read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek "
    "fsync fdatasync sync_file_range fallocate ftruncate flock fadvise64 fcntl stat lstat fstat newfstatat statx statfs "
    "fstatfs access faccessat faccessat2 getdents64 getcwd readlink readlinkat rename renameat renameat2 unlink "
    "unlinkat mkdir mkdirat rmdir chmod fchmod fchmodat fchown umask utimensat dup dup2 dup3 pipe pipe2 sendfile "
    "copy_file_range "
    /* waiting */
    "poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd2 timerfd_create "
    "timerfd_settime timerfd_gettime "
    /* sockets that are there */
    "getsockname getpeername getsockopt setsockopt shutdown recvfrom recvmsg recvmmsg";

/* Never an accident: whoever asks for one of these is not this program any more. */
static const char deadly_to_children[] =
    "execve execveat fork vfork ptrace process_vm_readv process_vm_writev pidfd_getfd bpf mount unshare setns "
    "init_module finit_module kexec_load";

/* The supervisor's table is of refusals: its children inherit it, and bring their own. */
static const char refused_to_supervisor[] =
    "ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp io_uring_setup io_uring_enter "
    "io_uring_register bpf perf_event_open userfaultfd init_module finit_module delete_module kexec_load "
    "kexec_file_load mount umount2 move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr pivot_root chroot "
    "unshare setns open_by_handle_at name_to_handle_at add_key request_key keyctl swapon swapoff reboot sethostname "
    "setdomainname settimeofday clock_settime adjtimex clock_adjtime acct quotactl iopl ioperm modify_ldt personality "
    "syslog vhangup mbind migrate_pages move_pages set_mempolicy fanotify_init setuid setgid setreuid setregid "
    "setresuid setresgid setfsuid setfsgid setgroups capset";

struct role {
    const char *allowed; /* beyond allowed_to_all */
    struct {
        int family, kind;
    } sockets[6]; /* that socket() may make; 0 ends the list */
    bool answers_only; /* no address in what it sends, no connection made by a first byte */
    bool loads_code; /* shared objects, of name services and TLS */
};

static const struct role roles[] = {
    /* Its listeners stand already; it waits for one child, the clerk, and makes no other. */
    [SANDBOX_SERVER] = { "accept accept4 wait4", { { 0 } }, true, false },
    [SANDBOX_COURIER] = { "connect bind socketpair sendto sendmsg sendmmsg",
                          { { AF_INET, SOCK_STREAM },
                            { AF_INET, SOCK_DGRAM }, /* asking name servers */
                            { AF_INET6, SOCK_STREAM },
                            { AF_INET6, SOCK_DGRAM },
                            { AF_UNIX, SOCK_STREAM }, /* name services of this machine */
                            { AF_NETLINK, SOCK_RAW } }, /* getaddrinfo(): which addresses have we? */
                          false,
                          true },
    [SANDBOX_CLERK] = { "connect sendto sendmsg sendmmsg", { { AF_UNIX, SOCK_STREAM } }, false, true },
};

enum { SOCKET_KIND = 0xf }; /* of socket()'s second argument; the other bits are flags */

/* --- building a filter ----------------------------------------------------------------------------------------------- */

struct filter {
    scmp_filter_ctx ctx;
    size_t calls; /* named */
    int rc; /* the first failure, a negative errno */
};

#define RULE(f, action, name, ...)                                             \
    filter_rule(f, action, name, (const struct scmp_arg_cmp[]){ __VA_ARGS__ }, \
                sizeof((const struct scmp_arg_cmp[]){ __VA_ARGS__ }) / sizeof(struct scmp_arg_cmp))

/* libseccomp's own macros leave a field out, which clang warns of. */
static struct scmp_arg_cmp equals(unsigned argument, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){ argument, SCMP_CMP_EQ, value, 0 };
}

static struct scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){ argument, SCMP_CMP_MASKED_EQ, mask, value };
}

static void filter_rule(struct filter *f, uint32_t action, const char *name, const struct scmp_arg_cmp *args, size_t n)
{
    const int call = seccomp_syscall_resolve_name(name);
    if (call < 0 || f->rc < 0) return; /* not of this architecture */
    f->rc = seccomp_rule_add_array(f->ctx, action, call, (unsigned)n, args);
}

static void filter_words(struct filter *f, uint32_t action, const char *words)
{
    struct slice rest = slice_of(words);
    char name[32];
    while (rest.n > 0) {
        const struct slice word = slice_cut(&rest, ' ');
        CHECK(word.n < sizeof name);
        memcpy(name, word.p, word.n);
        name[word.n] = '\0';
        f->calls += seccomp_syscall_resolve_name(name) >= 0;
        filter_rule(f, action, name, NULL, 0);
    }
}

static void filter_open(struct filter *f, uint32_t otherwise)
{
    *f = (struct filter){ .ctx = seccomp_init(otherwise) };
    if (f->ctx == NULL) {
        f->rc = -ENOMEM;
        return;
    }
    seccomp_attr_set(f->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS); /* another ABI: other numbers */
    seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_SSB, 1); /* no stranger's code runs here: speculation stays allowed */
}

/* Threads, not processes; no page that is written and then executed; signals to itself; only a descriptor's own ioctls. */
static void allow_with_care(struct filter *f, const struct role *r)
{
    static const unsigned long asked[] = { FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ };
    const scmp_datum_t maps[] = { 0, PROT_WRITE, PROT_EXEC }; /* the last: of who loads code */

    RULE(f, SCMP_ACT_ALLOW, "clone", masked(0, CLONE_THREAD, CLONE_THREAD));
    RULE(f, SCMP_ACT_TRAP, "clone", masked(0, CLONE_THREAD, 0));
    RULE(f, SCMP_ACT_ALLOW, "mprotect", masked(2, PROT_EXEC, 0));
    RULE(f, SCMP_ACT_ALLOW, "tgkill", equals(0, SANDBOX_OWN_PID));
    RULE(f, SCMP_ACT_ALLOW, "prctl", equals(0, PR_SET_NAME));
    RULE(f, SCMP_ACT_ALLOW, "prlimit64", equals(0, 0), equals(2, 0)); /* to look */
    for (size_t i = 0; i < COUNT_OF(maps) - !r->loads_code; i++)
        RULE(f, SCMP_ACT_ALLOW, "mmap", masked(2, PROT_WRITE | PROT_EXEC, maps[i]));
    for (size_t i = 0; i < COUNT_OF(asked); i++) RULE(f, SCMP_ACT_ALLOW, "ioctl", equals(1, asked[i]));
    f->calls += 7;
}

static void allow_sockets(struct filter *f, const struct role *r)
{
    for (size_t i = 0; i < COUNT_OF(r->sockets) && r->sockets[i].family != 0; i++)
        RULE(f, SCMP_ACT_ALLOW, "socket", equals(0, (scmp_datum_t)r->sockets[i].family),
             masked(1, SOCKET_KIND, (scmp_datum_t)r->sockets[i].kind));
    f->calls += r->sockets[0].family != 0;
    if (!r->answers_only) return;
    /* A listener that is shut down could connect by sending its first byte so. */
    RULE(f, SCMP_ACT_ALLOW, "sendto", masked(3, MSG_FASTOPEN, 0), equals(4, 0));
    RULE(f, SCMP_ACT_ALLOW, "sendmsg", masked(2, MSG_FASTOPEN, 0));
    f->calls += 2;
}

/* --- the filters ------------------------------------------------------------------------------------------------------ */

static void make_supervisor(struct filter *f)
{
    filter_open(f, SCMP_ACT_ALLOW);
    filter_words(f, SCMP_ACT_ERRNO(EPERM), refused_to_supervisor);
}

static void make_role(struct filter *f, const struct role *r)
{
    /* What nobody thought of is "no such call": a newer libc knows how to take that. */
    filter_open(f, SCMP_ACT_ERRNO(ENOSYS));
    filter_words(f, SCMP_ACT_ALLOW, allowed_to_all);
    filter_words(f, SCMP_ACT_ALLOW, r->allowed);
    allow_with_care(f, r);
    allow_sockets(f, r);
    const size_t allowed = f->calls;
    filter_words(f, SCMP_ACT_TRAP, deadly_to_children);
    f->calls = allowed;
}

/* --- printing --------------------------------------------------------------------------------------------------------- */

static const char *const names[SANDBOX_ROLES] = { [SANDBOX_SUPERVISOR] = "SANDBOX_SUPERVISOR",
                                     [SANDBOX_SERVER] = "SANDBOX_SERVER",
                                     [SANDBOX_COURIER] = "SANDBOX_COURIER",
                                     [SANDBOX_CLERK] = "SANDBOX_CLERK" };

/* The filter's instructions, as the kernel takes them, through a file: libseccomp writes to nothing else. */
static int print_code(struct filter *f)
{
    struct sock_filter in;
    FILE *file = tmpfile();
    if (file == NULL) return -errno;
    const int rc = f->rc < 0 ? f->rc : seccomp_export_bpf(f->ctx, fileno(file));
    rewind(file);
    while (rc == 0 && fread(&in, sizeof in, 1, file) == 1)
        printf("    { 0x%02x, %u, %u, 0x%08x },\n", in.code, in.jt, in.jf, in.k);
    fclose(file);
    return rc;
}

static int print_role(enum sandbox_role role)
{
    struct filter f;
    if (role == SANDBOX_SUPERVISOR)
        make_supervisor(&f);
    else
        make_role(&f, &roles[role]);
    printf("\nstatic const struct sock_filter code_%d[] = {\n", (int)role);
    const int rc = print_code(&f);
    printf("};\nenum { CALLS_%d = %zu };\n", (int)role, f.calls);
    if (f.ctx != NULL) seccomp_release(f.ctx);
    if (rc < 0) fprintf(stderr, "no filter for %s: %s\n", names[role], strerror(-rc));
    return rc;
}

int main(void)
{
    int rc = seccomp_api_set(SANDBOX_API); /* what Tocsin's kernel knows, whatever that of the build does */
    printf("/* Made by sandbox_program.c. */\n#include \"sys/sandbox_inner.h\"\n");
    for (int role = SANDBOX_SUPERVISOR; rc == 0 && role < (int)COUNT_OF(names); role++)
        rc = print_role((enum sandbox_role)role);
    printf("\nconst struct sandbox_program sandbox_programs[SANDBOX_ROLES] = {\n");
    for (int role = SANDBOX_SUPERVISOR; role < (int)COUNT_OF(names); role++)
        printf("    [%s] = { code_%d, sizeof code_%d / sizeof code_%d[0], CALLS_%d },\n", names[role], role, role, role,
               role);
    printf("};\n");
    return rc == 0 && fflush(stdout) == 0 ? 0 : 1;
}
