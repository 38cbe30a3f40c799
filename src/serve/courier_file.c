/* courier_file.c - appends one line.
 * Not here: what the line says (notify/log.c).
 * Always: a line is one write(2) with O_APPEND, so that lines of several writers never mix.
 */
#include "serve/courier_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static struct slice reason(int code, struct arena *a)
{
    return arena_copy(a, slice_of(strerror(code)));
}

/* Standard output may be a pipe that nobody empties: that is an answer, not a reason to wait. */
static enum reach bytes_write(int fd, struct slice bytes)
{
    struct pollfd room = { fd, POLLOUT, 0 };
    ssize_t n;

    if (poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return REACH_NOTHING;
    }
    do n = write(fd, bytes.p, bytes.n);
    while (n < 0 && errno == EINTR);
    if (n < 0) return REACH_NOTHING;
    if ((size_t)n < bytes.n) errno = ENOSPC;
    return (size_t)n < bytes.n ? REACH_PART : REACH_ALL;
}

void file_deliver(const struct request *r, int64_t wall_ms, struct arena *a, struct response *out)
{
    int fd = STDOUT_FILENO;

    *out = (struct response){ .fault = FAULT_LOCAL, .reach = REACH_NOTHING, .wall_ms = wall_ms };
    if (r->target != NULL) fd = open(r->target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0) {
        out->problem = reason(errno, a);
        return;
    }
    out->reach = bytes_write(fd, r->body);
    if (out->reach == REACH_ALL && (r->target == NULL || fdatasync(fd) == 0 || errno == EINVAL))
        out->fault = FAULT_NONE; /* EINVAL: a device or pipe, which has no disk behind it */
    else
        out->problem = reason(errno, a);
    if (r->target != NULL) close(fd);
}
