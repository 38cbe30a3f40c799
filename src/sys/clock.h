/* clock.h - the only place that reads a clock.
 *
 * A moment is a pair: steady milliseconds (never step back, count through suspend; deadlines use them) and UTC
 * milliseconds (civil times and displays use them). steady_ms is only comparable within one boot: its zero is the boot.
 * The shell reads a clock once a batch and hands the moment on as a value. A fake clock stands still until it is told
 * to move. Any thread may read; R42. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include "base/slice.h"

struct moment {
    int64_t steady_ms; /* CLOCK_BOOTTIME */
    int64_t wall_ms; /* CLOCK_REALTIME, since 1970-01-01T00:00:00Z */
};

#define CLOCK_BOOT_ID_BYTES 36

struct clock; /* opaque */

struct clock *clock_create(void); /* the real one; aborts where the kernel has no boot clock */
struct clock *clock_create_plain(void); /* one that is only read: it asks the kernel for no boot id and knows none */
struct clock *clock_create_fake(struct moment start, struct slice boot_id);
void clock_destroy(struct clock **c); /* NULL is fine; clears *c */

struct moment clock_read(const struct clock *c);
struct slice clock_boot_id(const struct clock *c); /* borrowed; changes with every boot of the machine; never empty */

/* The machine's UTC milliseconds, for the stamps of log lines alone: decisions use a moment. */
int64_t clock_stamp_ms(void);

/* CLOCK_MONOTONIC in microseconds: what systemd wants to hear beside RELOADING=1, what bounds a sleep, and for nothing
 * else. */
int64_t clock_monotonic_us(void);

/* Microseconds that only differ: what a thing took. A fake clock's move with its milliseconds. */
int64_t clock_elapsed_us(const struct clock *c);

/* Fake clocks only (CHECKed). */
void clock_advance(struct clock *c, int64_t ms); /* both readings; ms >= 0 */
void clock_step_wall(struct clock *c, int64_t ms); /* the administrator sets the date: wall alone, either way */

#endif
