/* clock_shim.c - preloaded into a running `tocsin serve`: the administrator sets the date.
 *
 * The file named by TOCSIN_CLOCK_FILE is mapped and holds one int64: seconds added to CLOCK_REALTIME. Other clocks are the
 * machine's. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t *step_s;

__attribute__((constructor)) static void shim_begin(void)
{
    const char *path = getenv("TOCSIN_CLOCK_FILE");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *map;

    if (fd < 0) return;
    map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) step_s = map;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    long rc = syscall(SYS_clock_gettime, id, t);
    if (rc == 0 && id == CLOCK_REALTIME && step_s != NULL) t->tv_sec += atomic_load(step_s);
    return (int)rc;
}
