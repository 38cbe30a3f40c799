/* thread.c - pthread_create() with a sentence instead of a number. */
#include "sys/thread.h"

#include <errno.h>
#include <string.h>

int thread_start(pthread_t *out, void *(*run)(void *ctx), void *ctx, const char *does, struct error *e)
{
    const int code = pthread_create(out, NULL, run, ctx);
    if (code == 0) return 0;
    if (code != EAGAIN) return fail(e, ERR_IO, "cannot start the thread that %s: %s", does, strerror(code));
    return fail(e, ERR_IO,
                "cannot start the thread that %s: the limit of processes is reached (`TasksMax=` of the service, "
                "`ulimit -u` of the user, or the container's), or memory is used up: raise it, or end what else runs",
                does);
}
