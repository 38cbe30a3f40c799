/* sandbox_files.c - below which paths a process may read or write from now on (Landlock, by its raw system calls).
 * Not here: system calls (sandbox_calls.c).
 * Always: asks for no more than the kernel's version of the interface knows; nothing may be executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "sys/sandbox_inner.h"

/* landlock(7). Spelled here because the headers we build with may be older than the kernel we run on. */
struct ruleset {
    uint64_t files, net, scoped;
};
struct __attribute__((packed)) path_rule {
    uint64_t allowed;
    int32_t fd;
};

enum { VERSION_ASKED = 1, RULE_PATH_BENEATH = 1 };

enum file_right {
    FILE_EXECUTE = 1 << 0,
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    DIR_READ = 1 << 3,
    DIR_REMOVE = 1 << 4,
    FILE_REMOVE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_FILE = 1 << 8,
    MAKE_SOCKET = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYMLINK = 1 << 12,
    REFER = 1 << 13, /* abi 2: rename across directories */
    FILE_TRUNCATE = 1 << 14, /* abi 3 */
    DEVICE_IOCTL = 1 << 15, /* abi 5 */
};

enum { NET_BIND = 1 << 0, NET_CONNECT = 1 << 1 }; /* abi 4, TCP */
enum { SCOPE_ABSTRACT = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; /* abi 6: not to processes outside */

#define TO_READ ((uint64_t)(FILE_READ | DIR_READ))
#define TO_WRITE \
    (TO_READ |   \
     (uint64_t)(FILE_WRITE | DIR_REMOVE | FILE_REMOVE | MAKE_DIR | MAKE_FILE | MAKE_SOCKET | REFER | FILE_TRUNCATE))
#define TO_APPEND (TO_READ | (uint64_t)(FILE_WRITE | MAKE_FILE))
#define OF_A_FILE ((uint64_t)(FILE_EXECUTE | FILE_WRITE | FILE_READ | FILE_TRUNCATE | DEVICE_IOCTL))

/* Which rights exist, by the version of the interface. */
static uint64_t rights_of(int abi)
{
    uint64_t all = (uint64_t)MAKE_SYMLINK * 2 - 1;
    if (abi >= 2) all |= REFER;
    if (abi >= 3) all |= FILE_TRUNCATE;
    if (abi >= 5) all |= DEVICE_IOCTL;
    return all;
}

static struct ruleset ruleset_of(enum sandbox_role role, int abi)
{
    struct ruleset r = { .files = rights_of(abi) };
    if (abi >= 4) r.net = role == SANDBOX_COURIER ? NET_BIND : NET_BIND | NET_CONNECT;
    if (abi >= 6) r.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
    return r;
}

static size_t ruleset_size(int abi)
{
    return abi >= 6   ? sizeof(struct ruleset)
           : abi >= 4 ? offsetof(struct ruleset, scoped)
                      : offsetof(struct ruleset, net);
}

static uint64_t rights_to(enum sandbox_right right)
{
    switch (right) {
    case SANDBOX_READ: break;
    case SANDBOX_APPEND: return TO_APPEND;
    case SANDBOX_WRITE: return TO_WRITE;
    }
    return TO_READ;
}

/* 0, or a negative errno. What is not there needs no rule. */
static int add_path(int ruleset, const struct sandbox_path *p, uint64_t known)
{
    struct path_rule rule = { rights_to(p->right) & known, open(p->path, O_PATH | O_CLOEXEC) };
    struct stat st;
    int rc = 0;
    if (rule.fd < 0) return errno == ENOENT ? 0 : -errno;
    if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode)) rule.allowed &= OF_A_FILE;
    if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0) rc = -errno;
    close(rule.fd);
    return rc;
}

static int restrict_to(enum sandbox_role role, int abi, const struct sandbox_path *paths, size_t n)
{
    const struct ruleset r = ruleset_of(role, abi);
    int rc = 0;
    const int fd = (int)syscall(SYS_landlock_create_ruleset, &r, ruleset_size(abi), 0);
    if (fd < 0) return -errno;
    for (size_t i = 0; rc == 0 && i < n; i++) rc = add_path(fd, &paths[i], r.files);
    /* Where the filter of calls is missing, nobody has promised this yet. */
    if (rc == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0) rc = -errno;
    close(fd);
    return rc;
}

static bool is_told(const struct sandbox_path *paths, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (paths[k].name != NULL && strcmp(paths[k].name, paths[i].name != NULL ? paths[i].name : "") == 0)
            return true;
    return false;
}

static void tell_paths(const struct sandbox_path *paths, size_t n, int abi, struct buf *told)
{
    static const char *const words[] = { [SANDBOX_READ] = "r", [SANDBOX_APPEND] = "append", [SANDBOX_WRITE] = "rw" };
    const char *between = ":";
    buf_addf(told, "landlock abi %d", abi);
    for (size_t i = 0; i < n; i++) {
        if (is_told(paths, i)) continue;
        buf_addf(told, "%s %s %s", between, paths[i].name != NULL ? paths[i].name : paths[i].path,
                 words[paths[i].right]);
        between = ",";
    }
}

bool sandbox_files(enum sandbox_role role, const struct sandbox_path *paths, size_t n, struct buf *told)
{
    if (SANDBOX_SANITIZED) {
        buf_add_str(told, "landlock: " SANDBOX_NOT_HERE);
        return true;
    }
    const int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_ASKED);
    if (abi < 1) {
        buf_addf(told, "landlock: not in this kernel%s", errno == EOPNOTSUPP ? " (switched off at boot)" : "");
        return true;
    }
    const int rc = restrict_to(role, abi, paths, n);
    if (rc == 0)
        tell_paths(paths, n, abi, told);
    else
        buf_addf(told, "landlock: not enforced (%s)", strerror(-rc));
    return rc == 0;
}
