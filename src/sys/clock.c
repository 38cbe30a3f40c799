/* clock.c - the machine's clocks, and one for tests that moves when told. */
#include "sys/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"

struct clock {
    bool fake;
    _Atomic int64_t steady_ms, wall_ms; /* of a fake one; another thread may be reading */
    char boot_id[CLOCK_BOOT_ID_BYTES + 1];
};

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    int rc = clock_gettime(id, &t);
    CHECK(rc == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Without the kernel's word no two starts count as one boot: steady time is then carried over by the wall clock. */
static void read_boot_id(char *out)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, CLOCK_BOOT_ID_BYTES);
    if (fd >= 0) close(fd);
    if (n == CLOCK_BOOT_ID_BYTES) return;
    static const char digit[] = "0123456789abcdef";
    uint64_t start = (uint64_t)read_ms(CLOCK_REALTIME) << 22 | ((uint64_t)getpid() & 0x3fffff);
    memset(out, '0', CLOCK_BOOT_ID_BYTES);
    for (int i = 0; i < 16; i++) out[i] = digit[start >> (60 - 4 * i) & 15];
}

struct clock *clock_create(void)
{
    struct clock *c = clock_create_plain();
    read_ms(CLOCK_BOOTTIME);
    read_boot_id(c->boot_id);
    return c;
}

struct clock *clock_create_plain(void)
{
    return mem_alloc(sizeof(struct clock));
}

struct clock *clock_create_fake(struct moment start, struct slice boot_id)
{
    CHECK(boot_id.n > 0 && boot_id.n <= CLOCK_BOOT_ID_BYTES);
    struct clock *c = mem_alloc(sizeof *c);
    c->fake = true;
    c->steady_ms = start.steady_ms;
    c->wall_ms = start.wall_ms;
    memcpy(c->boot_id, boot_id.p, boot_id.n);
    return c;
}

void clock_destroy(struct clock **c)
{
    mem_free(*c);
    *c = NULL;
}

struct moment clock_read(const struct clock *c)
{
    if (c->fake) return (struct moment){ c->steady_ms, c->wall_ms };
    return (struct moment){ read_ms(CLOCK_BOOTTIME), read_ms(CLOCK_REALTIME) };
}

struct slice clock_boot_id(const struct clock *c)
{
    return slice_of(c->boot_id);
}

int64_t clock_monotonic_us(void)
{
    struct timespec t = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_elapsed_us(const struct clock *c)
{
    return c->fake ? c->steady_ms * 1000 : clock_monotonic_us();
}

int64_t clock_stamp_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

void clock_advance(struct clock *c, int64_t ms)
{
    CHECK(c->fake && ms >= 0);
    c->steady_ms += ms;
    c->wall_ms += ms;
}

void clock_step_wall(struct clock *c, int64_t ms)
{
    CHECK(c->fake);
    c->wall_ms += ms;
}
