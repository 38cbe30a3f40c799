/* alloc_shim.c - preloaded into a running `tocsin serve`, or into a command: one allocation of one process fails, when the test
 * says so.
 *
 * The file named by TOCSIN_ALLOC_FILE is mapped and holds one int64 for the server, one for the courier, one for a command,
 * which TOCSIN_ALLOC_COMMAND says that it is: n > 0 means that the n-th allocation from now on answers NULL, once. It is
 * counted down here. Everything else goes to the C library. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static _Atomic int64_t *left; /* this process's own; NULL = a process that nothing happens to */

static _Atomic int64_t *page;

__attribute__((constructor)) static void shim_begin(void)
{
    const char *path = getenv("TOCSIN_ALLOC_FILE");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *map;

    if (fd < 0) return;
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) page = map;
    if (page != NULL && getenv("TOCSIN_ALLOC_COMMAND") != NULL) left = page + 2;
}

/* A process says by its name who it has become, forked or started anew. */
int prctl(int option, ...)
{
    unsigned long given[4];
    va_list ap;

    va_start(ap, option);
    for (size_t i = 0; i < 4; i++) given[i] = va_arg(ap, unsigned long);
    va_end(ap);
    if (option == PR_SET_NAME && page != NULL) {
        const char *name = (const char *)given[0];

        if (strcmp(name, "tocsin: server") == 0) left = page;
        if (strcmp(name, "tocsin: courier") == 0) left = page + 1;
    }
    return (int)syscall(SYS_prctl, option, given[0], given[1], given[2], given[3]);
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
