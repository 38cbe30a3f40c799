/* thread.h - starting a thread, and saying in words why there is none.
 *
 * Not here: when one must not be started, as the supervisor and the clerk fork without one (process.h). */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

#include <pthread.h>

#include "base/error.h"

/* `does` ends the sentence "cannot start the thread that …". ERR_IO: neither thread nor *out is there. */
int thread_start(pthread_t *out, void *(*run)(void *ctx), void *ctx, const char *does, struct error *e);

#endif
