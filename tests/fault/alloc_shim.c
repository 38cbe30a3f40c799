/* alloc_shim.c - preloaded into a running `tocsin serve`: one allocation of one process fails, when the test says so.
 *
 * The file named by TOCSIN_ALLOC_FILE is mapped and holds one int64 for the server, one for the courier: n > 0 means that the
 * n-th allocation from now on answers NULL, once. It is counted down here. Everything else goes to the C library. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static _Atomic int64_t *left; /* this process's own; NULL = a process that nothing happens to */

static int slot_of_this_process(void)
{
    char line[4096];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof line - 1);

    if (fd >= 0) close(fd);
    for (ssize_t i = 0; i < n; i += (ssize_t)strlen(line + i) + 1) {
        line[n] = '\0';
        if (strcmp(line + i, "--child") != 0) continue;
        i += (ssize_t)sizeof "--child";
        if (i < n && strcmp(line + i, "server") == 0) return 0;
        return i < n && strcmp(line + i, "courier") == 0 ? 1 : -1;
    }
    return -1;
}

__attribute__((constructor)) static void shim_begin(void)
{
    const char *path = getenv("TOCSIN_ALLOC_FILE");
    int slot = slot_of_this_process(), fd;
    void *map;

    if (path == NULL || slot < 0 || (fd = open(path, O_RDWR | O_CLOEXEC)) < 0) return;
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) left = (_Atomic int64_t *)map + slot;
}

static int fails(void)
{
    if (left == NULL || atomic_load_explicit(left, memory_order_relaxed) <= 0) return 0;
    if (atomic_fetch_sub(left, 1) != 1) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
    if (fails()) return ENOMEM;
    *out = __libc_memalign(alignment, n);
    return *out == NULL ? ENOMEM : 0;
}
