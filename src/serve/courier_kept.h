/* courier_kept.h - the sockets of HTTP connections, so that one is used again only if it was silent since its last answer.
 *
 * libcurl (7.88) takes a kept connection for good even if bytes wait in it, and would read them as the answer to the next
 * request: a provider that answered one page twice would have accepted the next. Private to the courier's wire. */
#ifndef SERVE_COURIER_KEPT_H
#define SERVE_COURIER_KEPT_H

#include <stdbool.h>
#include <stddef.h>

struct kept_socket {
    int fd;
    bool rests; /* no request is under way on it */
};

struct kept {
    struct kept_socket *v;
    size_t n, cap;
};

void kept_add(struct kept *k, int fd); /* opened, at work */
void kept_note(struct kept *k, int fd, bool rests); /* a descriptor that is not in it is none of its business */
void kept_close(struct kept *k, int fd); /* closes the descriptor and forgets it */
/* Before a request starts: what rests and is not silent is ended, so that libcurl finds it dead and opens another. */
void kept_sweep(struct kept *k);
void kept_release(struct kept *k);

#endif
