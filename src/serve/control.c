/* control.c - one-byte messages between supervisor and children, with descriptors riding along.
 * Not here: what the words lead to (supervisor.c, server.c, courier.c).
 * Always: no call blocks, and no descriptor that came along is ever leaked.
 */
#include "serve/control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ancillary data for one descriptor, aligned as the kernel wants it. */
union control_room {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
};

const char *control_word_name(enum control_word w)
{
    switch (w) {
    case CONTROL_UNSET: break;
#define X(sym, byte, text) \
    case CONTROL_##sym: return text;
        CONTROL_WORDS(X)
#undef X
    }
    return "unset";
}

static enum control_word word_of(char byte)
{
#define X(sym, code, text) \
    if (byte == code) return CONTROL_##sym;
    CONTROL_WORDS(X)
#undef X
    return CONTROL_UNSET;
}

int control_pair(int fds[2], struct error *e)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        return fail(e, ERR_IO, "cannot make a control socket: %s", strerror(errno));
    return 0;
}

static void room_put(struct msghdr *message, union control_room *room, int fd)
{
    memset(room, 0, sizeof *room);
    message->msg_control = room->bytes;
    message->msg_controllen = sizeof room->bytes;
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
}

int control_send(int over, enum control_word word, int fd, struct error *e)
{
    char byte = (char)word;
    struct iovec part = { &byte, 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    union control_room room;
    ssize_t n;

    if (fd >= 0) room_put(&message, &room, fd);
    do n = sendmsg(over, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n == 1) return 0;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return fail(e, ERR_BUSY, "the control socket is full");
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
        return fail(e, ERR_UNAVAILABLE, "the process at the other end of the control socket is gone");
    return fail(e, ERR_IO, "cannot write to the control socket: %s", strerror(errno));
}

/* The one descriptor of the message, or -1. There is room for one, so the kernel closes all others. */
static int room_take(struct msghdr *message)
{
    int fd = -1;

    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head))
        if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fd))
            memcpy(&fd, CMSG_DATA(head), sizeof fd);
    return fd;
}

/* One message of any kind: as control_receive(), but *word may be UNSET on 1. */
static int receive_any(int over, enum control_word *word, int *fd, struct error *e)
{
    char byte = 0;
    struct iovec part = { &byte, 1 };
    union control_room room;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes
    };
    ssize_t n;

    do n = recvmsg(over, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return fail(e, ERR_UNAVAILABLE, "the process at the other end of the control socket is gone");
    if (n < 0) return fail(e, ERR_IO, "cannot read from the control socket: %s", strerror(errno));
    *fd = room_take(&message);
    *word = word_of(byte);
    return 1;
}

int control_receive(int over, enum control_word *word, int *fd, struct error *e)
{
    int rc;

    while ((rc = receive_any(over, word, fd, e)) == 1 && *word == CONTROL_UNSET)
        if (*fd >= 0) close(*fd);
    return rc;
}

void control_tick(int over)
{
    struct error ignored;

    control_send(over, CONTROL_TICK, -1, &ignored);
}
