/* courier_link.h - the courier's end of the socket to the server: frames in, frames out, and a change of server.
 *
 * Results are kept until the kernel took them for a server; when the server dies what was not surely read is sent again
 * to the next one (a result is the same twice). Everything else dies with the server it was meant for. One thread. */
#ifndef SERVE_COURIER_LINK_H
#define SERVE_COURIER_LINK_H

#include "ipc/message.h"
#include "sys/loop.h"

struct link; /* opaque */

struct link_handlers {
    void *ctx;
    void (*attached)(void *ctx); /* a server is there: say hello */
    void (*received)(void *ctx, struct slice frame); /* borrowed for the call */
    void (*drained)(void *ctx); /* the kernel took all that was queued */
    void (*detached)(void *ctx, const struct error *why);
};

struct link *link_create(struct loop *l, const struct link_handlers *h); /* borrows the loop, copies *h */
void link_destroy(struct link **k); /* closes the socket; NULL is fine; clears *k */

/* From now on this is the server; the one before, if still there, is detached first. Takes the descriptor. */
void link_attach(struct link *k, int fd);
bool link_is_attached(const struct link *k);

/* Queues a frame and sends what the kernel takes. Without a server a result waits, all else is dropped. */
void link_send(struct link *k, const struct message *m);

size_t link_results(const struct link *k); /* not yet taken by the kernel */

#endif
