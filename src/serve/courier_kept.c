/* courier_kept.c - a handful of descriptors, looked at one by one.
 * Not here: for how long libcurl keeps a connection, and how many (courier_wire.h). */
#include "serve/courier_kept.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/vec.h"

static struct kept_socket *find(const struct kept *k, int fd)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->v[i].fd == fd) return &k->v[i];
    return NULL;
}

void kept_add(struct kept *k, int fd)
{
    *vec_push(k) = (struct kept_socket){ .fd = fd };
}

void kept_note(struct kept *k, int fd, bool rests)
{
    struct kept_socket *s = find(k, fd);

    if (s != NULL) s->rests = rests;
}

void kept_close(struct kept *k, int fd)
{
    struct kept_socket *s = find(k, fd);

    if (s != NULL) vec_remove(k, (size_t)(s - k->v));
    close(fd);
}

/* What it said is thrown away: behind it stands the end that libcurl looks for. */
static void end(int fd)
{
    char piece[4096];

    shutdown(fd, SHUT_RDWR);
    while (recv(fd, piece, sizeof piece, MSG_DONTWAIT) > 0) continue;
}

void kept_sweep(struct kept *k)
{
    char byte;

    for (size_t i = 0; i < k->n; i++)
        if (k->v[i].rests && recv(k->v[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) end(k->v[i].fd);
}

void kept_release(struct kept *k)
{
    vec_release(k);
}
