/* sockets.h - sockets made the way Tocsin wants them: close-on-exec, non-blocking where they listen, errors with names.
 *
 * Not here: protocols (http/, ipc/). Descriptors are the caller's to close. */
#ifndef SYS_SOCKETS_H
#define SYS_SOCKETS_H

#include <sys/socket.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* "127.0.0.1:8911", "[::1]:8911", port 0 = any free one. Numbers only, no names: nothing is resolved. */
struct address {
    struct sockaddr_storage raw;
    socklen_t n;
};
int address_parse(struct slice text, struct address *out, struct error *e);
void address_format(const struct address *a, struct buf *out); /* as parsed; "unix" for a unix socket */
bool address_is_loopback(const struct address *a); /* 127/8, ::1, ::ffff:127/104, and unix sockets */

int socket_listen_tcp(const struct address *a, int *fd, struct error *e); /* ERR_CONFLICT: the port is taken */
int socket_local_address(int fd, struct address *out, struct error *e); /* tells the port that 0 became */

/* A path in the file system. A stale socket (nobody answers) is replaced; a live one is ERR_CONFLICT, and a file that
 * is no socket is never removed. `mode` is in force from the first instant. */
int socket_listen_unix(const char *path, mode_t mode, int *fd, struct error *e);
int socket_connect_unix(const char *path, int *fd, struct error *e); /* blocking; ERR_UNAVAILABLE: nobody listens */
int socket_peer(int fd, struct peer *out, struct error *e); /* of a connected unix socket: SO_PEERCRED */

int socket_pair(int fds[2], struct error *e); /* stream, close-on-exec, blocking */
int socket_set_nonblocking(int fd, struct error *e);

/* One descriptor over a connected unix socket (SCM_RIGHTS), with one byte of data. Received ones are close-on-exec;
 * ERR_UNAVAILABLE: the peer closed. */
int socket_send_fd(int over, int fd, struct error *e);
int socket_receive_fd(int over, int *fd, struct error *e);

/* The same with bytes of one's own, which stay one message on a SOCK_SEQPACKET; fd -1: none. Receiving blocks, unless the
 * socket has a time-out: ERR_BUSY. What does not fit into the room is cut. */
int socket_send_packet(int over, struct slice bytes, int fd, struct error *e);
int socket_receive_packet(int over, void *room, size_t size, size_t *got, int *fd, struct error *e);

#endif
