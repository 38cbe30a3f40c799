/* check.h - assertions that stay in release builds.
 *
 * A broken invariant in the pager must stop the process: a restart recovers from committed rows, a half-applied step
 * does not. CHECK is for what can only be false through a bug; bad input is an error, never a CHECK. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <assert.h>

#define CHECK(cond) assert(cond)

/* Elements of a real array (never of a pointer). */
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#ifdef NDEBUG
#error "Tocsin is never built with NDEBUG: its assertions are part of the promise"
#endif

#endif
