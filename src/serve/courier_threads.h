/* courier_threads.h - what a provider called the first message about an incident in one place, so that later ones can
 * stand below it.
 *
 * In memory alone, the last THREADS_MAX places: after a restart of the courier a new thread begins, which costs a line in
 * a chat and nothing else. */
#ifndef SERVE_COURIER_THREADS_H
#define SERVE_COURIER_THREADS_H

#include "base/buf.h"
#include "ipc/message.h"

#define THREADS_MAX 256

struct threads {
    struct buf keys[THREADS_MAX], ids[THREADS_MAX];
    size_t next; /* the place that is overwritten next */
};

/* The first message's id for this message's channel, address and thread; empty: none known. Borrowed until the next
 * remember. */
struct slice threads_find(const struct threads *t, const struct message_send *m);
/* The first id of a place stays. */
void threads_remember(struct threads *t, const struct message_send *m, struct slice provider_id);
void threads_release(struct threads *t);

#endif
