/* window.h - how many requests with alerts share a commit, and how long they wait for each other.
 *
 * A commit costs the same processor time and one sync of the disk whether it holds six requests or sixty; and while the
 * disk syncs, the other processors can receive, answer and parse. So of those who come at once (the crowd) one half is
 * written while the other half is on its way: a batch takes no more than half of them where a commit is short, and waits
 * for so many for a moment. The moment is bounded by what commits were measured to take: nobody waits much longer than
 * they would for a commit anyway. Where the disk is slow, everybody who is there shares its sync.
 * Never: an act, a timer, a page or a new incident in the batch does not wait, nor whoever is alone; an act that comes
 * while others wait ends it; nothing waits longer than WINDOW_MOST_US; where commits take no time (a clock that stands
 * still) nothing waits and nothing is split. Pure. */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_MOST_US 500
#define WINDOW_LEAST_US 20 /* what is worth to sleep for */
#define WINDOW_CROWD 8 /* fewer at once are not worth a wait */
#define WINDOW_SPLIT_US 1500 /* a commit that takes longer is shared by all who are there */
#define WINDOW_FORGET_US 2000 /* after so long without a commit nothing is known of the crowd */

struct window {
    int64_t commit_us; /* what a commit takes, of late; 0: none was measured */
    int64_t committed_us; /* when the last one was over; by the reading that the caller gives */
    size_t crowd; /* requests seen at once, of late: in a batch and waiting behind it when it was committed */
};

/* A batch that was stepped and is not committed. */
struct window_batch {
    size_t requests; /* with alerts, answered by its commit */
    int64_t waited_us;
    bool urgent; /* it holds something that does not wait */
};

struct window_wait {
    int64_t us; /* at most so long, then look again; 0: commit */
    size_t requests; /* so many more end it */
};

/* For the first look of a batch: a crowd of long ago says nothing. */
void window_open(struct window *w, int64_t now_us);

/* How many requests a batch takes at most; SIZE_MAX: all who are there. */
size_t window_share(const struct window *w);

struct window_wait window_wait(const struct window *w, const struct window_batch *b);

/* How long known alerts that were told again, and answered, stay unwritten: so long that writing them takes a sixteenth of
 * the time, 5 ms at least, since whatever must be on disk at once takes their rows along; `most_ms` at most. */
int64_t window_repeats_ms(const struct window *w, int64_t most_ms);

/* After a commit of so many requests, while so many waited behind them; by two readings in microseconds. */
void window_committed(struct window *w, int64_t began_us, int64_t ended_us, size_t requests, size_t behind);

#endif
