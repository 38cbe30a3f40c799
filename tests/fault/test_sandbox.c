/* Confinement: what a hijacked process finds when it tries. Each row enters the walls by the same function as the process
 * itself does, in a child of its own, and then does what shellcode would do.
 * Not here: the running server (confinement.py). */
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "serve/confine.h"
#include "site/problems.h"
#include "sys/log.h"
#include "sys/process.h"
#include "sys/sandbox.h"

/* A site with its state elsewhere, as an installation has it: PLACE/etc/site.yaml, PLACE/etc/credentials/slack-token,
 * PLACE/state/tocsin.db. */
static struct {
    char place[64];
    struct buf site, credential, database, fresh, state;
    int listeners[2]; /* as the server has them from its own start */
    int world; /* somebody to connect to */
    struct sockaddr_in listens; /* where */
} at = { .place = "/tmp/tocsin-sandbox-XXXXXX", .listeners = { -1, -1 }, .world = -1 };

static const char site_text[] = "organisation: { name: X, timezone: UTC, procedures: [procedures.md] }\n"
                                "teams: { platform: { services: [web], roles: { primary: { people: [ada] } } } }\n"
                                "services: { web: { name: Web } }\n"
                                "people: { ada: { name: Ada Byron, contacts: { phone: \"+1\" } } }\n"
                                "channels: { log: { log: { path: ../out/pages.log }, for: [phone], wakes: true } }\n"
                                "unrouted: { team: platform }\nadministrators: [ada]\n";

static void put(struct buf *path, const char *name, const char *text)
{
    buf_addf(path, "%s/%s", at.place, name);
    FILE *f = fopen(buf_str(path), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int listener(void)
{
    const struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static int place_make(void **state)
{
    (void)state;
    static const char *const folders[] = { "etc", "etc/credentials", "state", "out" };
    struct buf documents = { 0 };
    socklen_t n = sizeof at.listens;
    assert_non_null(mkdtemp(at.place));
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        struct buf path = { 0 };
        buf_addf(&path, "%s/%s", at.place, folders[i]);
        assert_int_equal(mkdir(buf_str(&path), 0700), 0);
        buf_release(&path);
    }
    put(&at.site, "etc/site.yaml", site_text);
    put(&at.credential, "etc/credentials/slack-token", "xoxb-secret");
    put(&at.database, "state/tocsin.db", "rows");
    put(&documents, "etc/procedures.md", "# Procedures\n");
    buf_addf(&at.fresh, "%s/state/fresh", at.place);
    buf_addf(&at.state, "%s/state", at.place);
    buf_release(&documents);
    at.listeners[0] = listener();
    at.listeners[1] = listener();
    at.world = listener();
    assert_int_equal(getsockname(at.world, (struct sockaddr *)&at.listens, &n), 0);
    return 0;
}

static int place_remove(void **state)
{
    (void)state;
    const char *argv[] = { "rm", "-rf", at.place, NULL };
    struct process p;
    struct error e;
    int status;
    if (process_spawn(&(struct process_spec){ .argv = argv }, &p, &e) == 0) process_wait(&p, 10000, &status);
    close(at.listeners[0]);
    close(at.listeners[1]);
    close(at.world);
    return 0;
}

/* ---- what is tried: 0 when it worked, else errno ---- */

static int result(long rc)
{
    return rc < 0 ? errno : 0;
}

static int try_exec(void)
{
    char *argv[] = { (char *)(uintptr_t) "true", NULL };
    return result(execve("/bin/true", argv, argv + 1));
}

static int try_fork(void)
{
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    return result(pid);
}

static int try_ptrace(void)
{
    return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int try_memory_of_another(void)
{
    char byte;
    struct iovec here = { &byte, 1 }, there = { &at, 1 };
    return result(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static int try_connect(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return errno;
    return result(connect(fd, (struct sockaddr *)&at.listens, sizeof at.listens));
}

static int try_datagram(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) return errno;
    return result(sendto(fd, "x", 1, 0, (struct sockaddr *)&at.listens, sizeof at.listens));
}

/* The listener that is there, turned into a client. */
static int try_turned_listener(void)
{
    shutdown(at.listeners[0], SHUT_RDWR);
    return result(connect(at.listeners[0], (struct sockaddr *)&at.listens, sizeof at.listens));
}

static int try_first_byte(void)
{
    struct msghdr m = { .msg_name = &at.listens, .msg_namelen = sizeof at.listens };
    struct iovec part = { (void *)(uintptr_t) "x", 1 };
    m.msg_iov = &part;
    m.msg_iovlen = 1;
    shutdown(at.listeners[1], SHUT_RDWR);
    if (sendto(at.listeners[1], "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&at.listens,
               sizeof at.listens) >= 0)
        return 0;
    return result(sendmsg(at.listeners[1], &m, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int try_raw(void)
{
    return result(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int try_packet(void)
{
    return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int try_unix(void)
{
    return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int try_listen(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return errno;
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0) return errno;
    return result(listen(fd, 1));
}

static int open_it(const char *path, int flags)
{
    const int fd = open(path, flags, 0600);
    if (fd >= 0) close(fd);
    return result(fd);
}

static int try_credential(void)
{
    return open_it(buf_str(&at.credential), O_RDONLY);
}

static int try_credential_moved(void)
{
    return result(rename(buf_str(&at.credential), buf_str(&at.fresh)));
}

static int try_credential_linked(void)
{
    return result(link(buf_str(&at.credential), buf_str(&at.fresh)));
}

static int try_site(void)
{
    return open_it(buf_str(&at.site), O_RDONLY);
}

static int try_site_written(void)
{
    return open_it(buf_str(&at.site), O_WRONLY);
}

static int try_passwd(void)
{
    return open_it("/etc/passwd", O_RDONLY);
}

static int try_memory_file(void)
{
    return open_it("/proc/self/mem", O_RDWR);
}

static int try_database(void)
{
    return open_it(buf_str(&at.database), O_RDWR);
}

static int try_new_state(void)
{
    return open_it(buf_str(&at.fresh), O_RDWR | O_CREAT);
}

static int try_zone(void)
{
    return open_it("/usr/share/zoneinfo/Europe/Berlin", O_RDONLY);
}

static int try_written_code(void)
{
    return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int try_file_of_code(void)
{
    const int fd = open(buf_str(&at.fresh), O_RDWR | O_CREAT, 0700);
    if (fd < 0 || ftruncate(fd, 4096) < 0) return 0; /* it was to be allowed */
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
}

static int try_turned_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? errno : result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

/* Names of this machine, and one that no server knows: an answer either way, and no forbidden call on the way to it. */
static int try_names(void)
{
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", "25", NULL, &found) != 0) return ENOENT;
    freeaddrinfo(found);
    const int rc = getaddrinfo("nowhere.invalid", "443", NULL, &found);
    return rc == EAI_NONAME || rc == EAI_AGAIN || rc == EAI_NODATA ? 0 : rc == EAI_SYSTEM ? errno : EINVAL;
}

static int try_signal(void)
{
    return result(kill(getppid(), 0));
}

static int try_other_thread(void)
{
    return result(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int try_ring(void)
{
    return result(syscall(425 /* io_uring_setup */, 1, NULL));
}

static int try_namespace(void)
{
    return result(unshare(CLONE_NEWUSER));
}

static int try_dumpable(void)
{
    return result(prctl(PR_SET_DUMPABLE, 1));
}

static void *thread_run(void *ctx)
{
    return ctx;
}

static int try_thread(void)
{
    pthread_t t;
    const int rc = pthread_create(&t, NULL, thread_run, NULL);
    return rc != 0 ? rc : pthread_join(t, NULL);
}

/* ---- rows ---- */

enum expected { WORKS, FAILS, DIES, FAILS_BY_LANDLOCK, ANY };

struct row {
    const char *what;
    int (*attempt)(void);
    enum expected server, courier, clerk;
};

static const struct row rows[] = {
    { "run a program", try_exec, DIES, DIES, DIES },
    { "make a second process", try_fork, DIES, DIES, DIES },
    { "trace another process", try_ptrace, DIES, DIES, DIES },
    { "read another process's memory", try_memory_of_another, DIES, DIES, DIES },
    { "leave by a new namespace", try_namespace, DIES, DIES, DIES },
    { "connect outwards", try_connect, FAILS, WORKS, FAILS },
    { "send a datagram", try_datagram, FAILS, WORKS, FAILS },
    { "connect the listener that is there", try_turned_listener, FAILS, WORKS, FAILS },
    { "connect it by its first byte", try_first_byte, FAILS, FAILS, FAILS },
    { "a raw socket", try_raw, FAILS, FAILS, FAILS },
    { "a packet socket", try_packet, FAILS, FAILS, FAILS },
    { "a unix socket", try_unix, FAILS, WORKS, WORKS },
    { "a listener", try_listen, FAILS, FAILS, FAILS },
    { "read a provider's credential", try_credential, FAILS_BY_LANDLOCK, WORKS, WORKS },
    { "move it into the state directory", try_credential_moved, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK,
      FAILS_BY_LANDLOCK },
    { "link it there", try_credential_linked, FAILS, FAILS, FAILS },
    { "read site.yaml without the clerk", try_site, FAILS_BY_LANDLOCK, WORKS, WORKS },
    { "change site.yaml", try_site_written, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK },
    { "read the users of the machine", try_passwd, FAILS_BY_LANDLOCK, WORKS, WORKS },
    { "write to its own code by /proc", try_memory_file, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK },
    { "open the database", try_database, WORKS, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK },
    { "make a file in the state directory", try_new_state, WORKS, FAILS_BY_LANDLOCK, FAILS_BY_LANDLOCK },
    { "read a time zone", try_zone, WORKS, WORKS, WORKS },
    { "resolve names", try_names, FAILS_BY_LANDLOCK, WORKS, ANY },
    { "memory that is written and executed", try_written_code, FAILS, FAILS, FAILS },
    { "a file that it wrote, executed", try_file_of_code, FAILS, ANY, ANY },
    { "memory that is written, then executed", try_turned_code, FAILS, FAILS, FAILS },
    { "signal another process", try_signal, FAILS, FAILS, FAILS },
    { "signal its thread", try_other_thread, FAILS, FAILS, FAILS },
    { "an io_uring", try_ring, FAILS, FAILS, FAILS },
    { "be dumped again", try_dumpable, FAILS, FAILS, FAILS },
    { "start a thread", try_thread, WORKS, WORKS, WORKS },
};

struct stub {
    const struct row *row;
    void (*confine)(void);
};

/* Exit status: 0 it worked, 1 it failed. */
static int stub_run(void *ctx)
{
    const struct stub *s = ctx;
    s->confine();
    _exit(s->row->attempt() == 0 ? 0 : 1);
}

static void as_server(void)
{
    struct state_dir dir = { .lock = -1 };
    buf_add(&dir.path, buf_slice(&at.state));
    buf_addf(&dir.socket, "%s/tocsin.sock", buf_str(&at.state));
    server_confine(&dir);
}

static void as_courier(void)
{
    struct problems *p = problems_create();
    struct site *site = NULL;
    if (site_load(buf_str(&at.site), &site, p) < 0) _exit(99);
    courier_confine(site, buf_str(&at.state));
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static const char *word_of(int status)
{
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSYS ? "dies" : "dies of something else";
    return WEXITSTATUS(status) == 0 ? "works" : WEXITSTATUS(status) == 1 ? "fails" : "was never tried";
}

static void check(const char *who, void (*confine)(void), size_t i, enum expected expected)
{
    static const char *const words[] = { "works", "fails", "dies", "fails" };
    struct stub s = { &rows[i], confine };
    struct process p;
    struct error e = { 0 };
    int status = 0;
    if (rows[i].attempt == try_names && access("/etc/hosts", R_OK) < 0) return; /* nothing to read, nothing to find */
    if (expected == ANY || (expected == FAILS_BY_LANDLOCK && !has_landlock())) return;
    assert_int_equal(process_fork(stub_run, &s, SIGKILL, &p, &e), 0);
    assert_true(process_wait(&p, 20000, &status));
    if (strcmp(word_of(status), words[expected]) != 0)
        fail_msg("%s: \"%s\" %s, expected: %s", who, rows[i].what, word_of(status), words[expected]);
    if (WIFSIGNALED(status)) assert_false(WCOREDUMP(status));
}

static void need_walls(void)
{
    const char *hardened = getenv("TOCSIN_HARDENED");
    if (hardened != NULL && strcmp(hardened, "yes") != 0) skip(); /* a sanitizer's runtime is not confined */
}

static void a_hijacked_server_can_do_nothing_but_its_work(void **state)
{
    (void)state;
    need_walls();
    for (size_t i = 0; i < COUNT_OF(rows); i++) check("server", as_server, i, rows[i].server);
}

static void a_hijacked_courier_cannot_reach_the_database(void **state)
{
    (void)state;
    need_walls();
    for (size_t i = 0; i < COUNT_OF(rows); i++) check("courier", as_courier, i, rows[i].courier);
}

static void a_hijacked_clerk_cannot_speak_to_the_world(void **state)
{
    (void)state;
    need_walls();
    for (size_t i = 0; i < COUNT_OF(rows); i++) check("clerk", clerk_confine, i, rows[i].clerk);
}

/* The parts of the above that need Landlock: counted apart, so that a kernel without it is seen. */
static void files_are_walled_where_the_kernel_can(void **state)
{
    (void)state;
    need_walls();
    if (has_landlock()) return;
    print_message("# skipped: this kernel has no Landlock (landlock_create_ruleset: %s)\n", strerror(errno));
    skip();
}

/* ---- core dumps ---- */

static int crash(void *ctx)
{
    const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
    (void)ctx;
    setrlimit(RLIMIT_CORE, &all);
    sandbox_hide();
    if (prctl(PR_GET_DUMPABLE) != 0) _exit(2);
    abort();
}

static void a_crash_leaves_no_core_dump(void **state)
{
    (void)state;
    struct process p;
    struct error e = { 0 };
    int status = 0;
    need_walls();
    assert_int_equal(process_fork(crash, NULL, SIGKILL, &p, &e), 0);
    assert_true(process_wait(&p, 20000, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_false(WCOREDUMP(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hijacked_server_can_do_nothing_but_its_work),
        cmocka_unit_test(a_hijacked_courier_cannot_reach_the_database),
        cmocka_unit_test(a_hijacked_clerk_cannot_speak_to_the_world),
        cmocka_unit_test(files_are_walled_where_the_kernel_can),
        cmocka_unit_test(a_crash_leaves_no_core_dump),
    };
    log_start(LOG_LEVEL_WARNING); /* a line of walls for each row is too much */
    return cmocka_run_group_tests(tests, place_make, place_remove);
}
