/* sockets.c - addresses, listeners, pairs, and descriptors sent over them. */
#include "sys/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"

#define BACKLOG 1024

static int fail_errno(struct error *e, int code, const char *what, const char *where)
{
    return fail(e, code, "%s %s: %s", what, where, strerror(errno));
}

static int close_after(int fd, int rc)
{
    close(fd);
    return rc;
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static bool parse_v4(const char *host, uint16_t port, struct address *out)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&out->raw;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    out->n = sizeof *in;
    return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static bool parse_v6(const char *host, uint16_t port, struct address *out)
{
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&out->raw;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    out->n = sizeof *in;
    return inet_pton(AF_INET6, host, &in->sin6_addr) == 1;
}

/* Cuts "host:" or "[host]:" off; what is left is the port. */
static bool cut_host(struct slice *text, struct slice *host, bool *v6)
{
    *v6 = slice_cut_prefix(text, S("["));
    size_t at = slice_find_char(*text, *v6 ? ']' : ':');
    *host = slice_upto(*text, at);
    *text = slice_from(*text, *v6 ? at + 1 : at);
    return slice_cut_prefix(text, S(":"));
}

static bool parse_address(struct slice text, struct address *out)
{
    struct slice host;
    bool v6;
    int64_t port;
    char number[INET6_ADDRSTRLEN] = { 0 };
    if (!cut_host(&text, &host, &v6) || host.n >= sizeof number || slice_find_char(host, '\0') != host.n) return false;
    memcpy(number, host.p, host.n);
    if (!slice_cut_uint(&text, &port) || text.n != 0 || port > 65535) return false;
    return v6 ? parse_v6(number, (uint16_t)port, out) : parse_v4(number, (uint16_t)port, out);
}

int address_parse(struct slice text, struct address *out, struct error *e)
{
    *out = (struct address){ 0 };
    if (parse_address(text, out)) return 0;
    *out = (struct address){ 0 };
    struct slice shown = slice_upto(text, 80);
    return fail(e, ERR_INVALID, "\"%.*s\" is not an address and port: write it as 127.0.0.1:8911 or [::1]:8911",
                (int)shown.n, shown.p == NULL ? "" : shown.p);
}

void address_format(const struct address *a, struct buf *out)
{
    char host[INET6_ADDRSTRLEN];
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->raw;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&a->raw;
    if (a->raw.ss_family == AF_INET && inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host) != NULL)
        buf_addf(out, "%s:%u", host, (unsigned)ntohs(v4->sin_port));
    else if (a->raw.ss_family == AF_INET6 && inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host) != NULL)
        buf_addf(out, "[%s]:%u", host, (unsigned)ntohs(v6->sin6_port));
    else
        buf_add_str(out, "unix");
}

bool address_is_loopback(const struct address *a)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&a->raw;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)&a->raw)->sin6_addr;
    switch (a->raw.ss_family) {
    case AF_UNIX: return true;
    case AF_INET: return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    case AF_INET6: return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
    }
    return false;
}

/* --- TCP ---------------------------------------------------------------------------------------------------------- */

static int listen_on(int fd, const struct address *a, const char *where, struct error *e)
{
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* a restart must not wait for old connections */
    if (a->raw.ss_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&a->raw, a->n) < 0 || listen(fd, BACKLOG) < 0) {
        int code = errno == EADDRINUSE ? ERR_CONFLICT : errno == EACCES ? ERR_DENIED : ERR_IO;
        return fail_errno(e, code, "cannot listen on", where);
    }
    return 0;
}

int socket_listen_tcp(const struct address *a, int *fd, struct error *e)
{
    struct buf where = { 0 };
    address_format(a, &where);
    int rc = 0, s = socket(a->raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s < 0)
        rc = fail_errno(e, ERR_IO, "cannot listen on", buf_str(&where));
    else if ((rc = listen_on(s, a, buf_str(&where), e)) < 0)
        close(s);
    *fd = rc < 0 ? -1 : s;
    buf_release(&where);
    return rc;
}

int socket_local_address(int fd, struct address *out, struct error *e)
{
    *out = (struct address){ .n = sizeof out->raw };
    if (getsockname(fd, (struct sockaddr *)&out->raw, &out->n) == 0) return 0;
    return fail_errno(e, ERR_IO, "cannot tell the address of", "a socket");
}

/* --- unix --------------------------------------------------------------------------------------------------------- */

static int unix_address(const char *path, struct sockaddr_un *out, struct error *e)
{
    size_t n = strlen(path);
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (n == 0 || n >= sizeof out->sun_path)
        return fail(e, ERR_INVALID, "socket path of %zu bytes: the system takes 1 to %zu; choose a shorter directory",
                    n, sizeof out->sun_path - 1);
    memcpy(out->sun_path, path, n);
    return 0;
}

static int new_unix(int flags, struct error *e)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    return fd < 0 ? fail_errno(e, ERR_IO, "cannot make", "a unix socket") : fd;
}

/* Somebody's name is in the way: gone when nobody answers to it. A full backlog (EAGAIN) is an answer. */
static int remove_stale(const struct sockaddr_un *at, struct error *e)
{
    struct stat st;
    if (lstat(at->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return fail(e, ERR_CONFLICT, "cannot listen on %s: a file that is no socket is there", at->sun_path);
    int probe = new_unix(SOCK_NONBLOCK, e);
    if (probe < 0) return probe;
    bool refused = connect(probe, (const struct sockaddr *)at, sizeof *at) < 0 && errno == ECONNREFUSED;
    close(probe);
    if (!refused) return fail(e, ERR_CONFLICT, "cannot listen on %s: another server answers there", at->sun_path);
    if (unlink(at->sun_path) < 0) return fail_errno(e, ERR_DENIED, "cannot remove the stale socket", at->sun_path);
    return 0;
}

int socket_listen_unix(const char *path, mode_t mode, int *fd, struct error *e)
{
    struct sockaddr_un at;
    int rc = unix_address(path, &at, e), s;
    *fd = -1;
    if (rc < 0) return rc;
    if ((s = new_unix(SOCK_NONBLOCK, e)) < 0) return s;
    fchmod(s, mode); /* Linux makes the file with this mode, less the umask: it is never wider than asked */
    rc = bind(s, (const struct sockaddr *)&at, sizeof at);
    if (rc < 0 && errno == EADDRINUSE) {
        if ((rc = remove_stale(&at, e)) < 0) return close_after(s, rc);
        rc = bind(s, (const struct sockaddr *)&at, sizeof at);
    }
    if (rc < 0 || chmod(path, mode) < 0 || listen(s, BACKLOG) < 0)
        return close_after(s, fail_errno(e, errno == EACCES ? ERR_DENIED : ERR_IO, "cannot listen on", path));
    *fd = s;
    return 0;
}

int socket_connect_unix(const char *path, int *fd, struct error *e)
{
    struct sockaddr_un at;
    int rc = unix_address(path, &at, e), s;
    *fd = -1;
    if (rc < 0) return rc;
    if ((s = new_unix(0, e)) < 0) return s;
    if (connect(s, (const struct sockaddr *)&at, sizeof at) < 0) {
        int code = errno == ENOENT || errno == ECONNREFUSED ? ERR_UNAVAILABLE : errno == EACCES ? ERR_DENIED : ERR_IO;
        return close_after(s, fail_errno(e, code, "cannot connect to", path));
    }
    *fd = s;
    return 0;
}

int socket_peer(int fd, struct peer *out, struct error *e)
{
    struct ucred cred;
    socklen_t n = sizeof cred;
    *out = (struct peer){ .uid = (uid_t)-1, .gid = (gid_t)-1 }; /* nobody, should the caller go on */
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
        return fail_errno(e, ERR_IO, "cannot tell who is at the other end of", "a socket");
    *out = (struct peer){ cred.pid, cred.uid, cred.gid };
    return 0;
}

int socket_pair(int fds[2], struct error *e)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0) return 0;
    return fail_errno(e, ERR_IO, "cannot make", "a socket pair");
}

int socket_set_nonblocking(int fd, struct error *e)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0) return 0;
    return fail_errno(e, ERR_IO, "cannot change", "a descriptor");
}

/* --- descriptors -------------------------------------------------------------------------------------------------- */

union one_fd {
    struct cmsghdr head; /* aligns the bytes */
    char bytes[CMSG_SPACE(sizeof(int))];
};

static void fd_put(struct msghdr *m, union one_fd *room, int fd)
{
    memset(room, 0, sizeof *room);
    m->msg_control = room;
    m->msg_controllen = sizeof *room;
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

int socket_send_packet(int over, struct slice bytes, int fd, struct error *e)
{
    union one_fd control;
    struct iovec data = { (void *)(uintptr_t)bytes.p, bytes.n };
    struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };
    ssize_t n;
    if (fd >= 0) fd_put(&m, &control, fd);
    while ((n = sendmsg(over, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR) continue;
    if (n == (ssize_t)bytes.n) return 0;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return fail(e, ERR_BUSY, "no room came in time");
    return fail_errno(e, errno == EPIPE || errno == ECONNRESET ? ERR_UNAVAILABLE : ERR_IO, "cannot send over", "a socket");
}

/* The one descriptor of the message, or -1: there is room for one, so the kernel closes all others. */
static int fd_take(struct msghdr *m)
{
    const struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int fd = -1;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

int socket_receive_packet(int over, void *room, size_t size, size_t *got, int *fd, struct error *e)
{
    union one_fd control = { .bytes = { 0 } };
    struct iovec data = { room, size };
    struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    ssize_t n;
    *fd = -1;
    *got = 0;
    while ((n = recvmsg(over, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
    if (n == 0 || (n < 0 && errno == ECONNRESET)) /* reset: it ended with something of ours unread */
        return fail(e, ERR_UNAVAILABLE, "nothing came: the other end closed the socket");
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return fail(e, ERR_BUSY, "no answer came in time");
    if (n < 0) return fail_errno(e, ERR_IO, "cannot receive from", "a socket");
    *fd = fd_take(&m);
    *got = (size_t)n;
    return 0;
}

int socket_send_fd(int over, int fd, struct error *e)
{
    return socket_send_packet(over, S("f"), fd, e);
}

int socket_receive_fd(int over, int *fd, struct error *e)
{
    char byte;
    size_t got;
    const int rc = socket_receive_packet(over, &byte, 1, &got, fd, e);
    if (rc < 0 || *fd >= 0) return rc;
    return fail(e, ERR_SYNTAX, "a byte without a descriptor came over the socket");
}
