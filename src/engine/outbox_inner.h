/* outbox_inner.h - the outbox itself, and what its three files ask of each other: outbox.c (its life, the socket),
 * outbox_send.c (attempts that leave), outbox_take.c (what the courier says). Private to outbox*.c. */
#ifndef ENGINE_OUTBOX_INNER_H
#define ENGINE_OUTBOX_INNER_H

#include <pthread.h>

#include "base/map.h"
#include "engine/outbox.h"
#include "ipc/frame.h"
#include "ipc/message.h"

/* How a channel answered lately. */
struct channel_record {
    struct buf name;
    int64_t failures, failing_since;
    struct buf problem; /* what the courier said of it last; empty: nothing */
};

struct outbox {
    struct buf key;
    struct engine *engine;
    struct loop *loop;
    int fd; /* the courier; -1: none */
    uint32_t watched; /* epoll events asked for */
    int64_t reloads; /* asked of couriers */
    struct buf courier_hash; /* of the site.yaml that it has read */
    int64_t compare_timer; /* of the loop; 0: none */
    struct smap *credited; /* channels that this courier has granted credit for */
    struct frame_reader *reader;
    struct frame_writer *writer;
    struct buf json; /* scratch */
    VEC(struct send) prepared; /* by the courier, for the commit under way */
    bool holding; /* nothing may leave: credit is kept back */
    struct smap *kept_back; /* channel -> credit */
    VEC(struct post) held; /* for which the engine's queue had no room yet */
    VEC(struct channel_record) records; /* by channel, in order of their first result */
    VEC(struct audit_channel) judged; /* scratch of outbox_judge() */
    int64_t courier_since; /* raw steady: it came, or went */
    int64_t beats_failed; /* in a row */
    pthread_mutex_t lock; /* of the two below */
    struct buf public_url, site_hash;
    struct outbox_counters counters;
};

#define COUNT(o, name, n) atomic_fetch_add_explicit(&(o)->counters.name, (n), memory_order_relaxed)
#define GAUGE(o, name, n) atomic_store_explicit(&(o)->counters.name, (n), memory_order_relaxed)

/* outbox.c: what stands in o->json goes to the courier, as far as its socket takes it. False: the frame does not fit. */
bool outbox_write(struct outbox *o, struct error *e);
/* outbox_take.c */
void outbox_take_frame(struct outbox *o, struct slice json);
/* The arena (may be NULL) goes with the event. A full queue makes it wait here, in order: there is one result an
 * attempt, and attempts are bounded by credits. */
void outbox_post(struct outbox *o, const struct event *ev, struct arena *a);
void outbox_post_credit(struct outbox *o, struct slice channel, int64_t n);

#endif
