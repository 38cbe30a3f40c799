/* window.h - how long a batch of alerts may wait for more before it is committed.
 *
 * A commit costs the same processor time and one sync of the disk whether it holds six requests or sixty. When requests
 * come many at once, the engine gathers for a moment before it commits, so that they share one. The moment is bounded by
 * what commits were measured to take: nobody waits much longer than they would for a commit anyway.
 * Never: an act, a timer, a page or a new incident in the batch does not wait, nor whoever is alone; an act that comes
 * while others wait ends it; nothing waits longer than WINDOW_MOST_US; where commits take no time (a clock that stands
 * still) nothing waits. Pure. */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_MOST_US 500
#define WINDOW_SLICE_US 100 /* between two looks at what came; the least that is worth to sleep */
#define WINDOW_CROWD 8 /* requests of this batch and the one just before it: fewer are not worth a wait */
#define WINDOW_FORGET_US 2000 /* after so long the batch before says nothing any more */

struct window {
    int64_t commit_us; /* what a commit takes, of late; 0: none was measured */
    size_t before; /* requests of the batch before this one */
    int64_t committed_us; /* when that was committed; by the reading that the caller gives */
};

/* A batch that was stepped and is not committed. */
struct window_batch {
    size_t requests; /* with alerts, answered by its commit */
    size_t came; /* of these since the last look; at the first look all */
    int64_t since_us; /* between the commit before it and its beginning */
    bool urgent; /* it holds something that does not wait */
    int64_t waited_us;
};

/* Microseconds to wait now, then look again; 0: commit. */
int64_t window_wait_us(const struct window *w, const struct window_batch *b);

/* After a commit of so many requests, by two readings in microseconds. */
void window_committed(struct window *w, int64_t began_us, int64_t ended_us, size_t requests);

#endif
