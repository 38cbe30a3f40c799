/* server_early.c - two threads for as long as the start opens the store.
 * Not here: what becomes of the bundle (server.c). Where no thread can be made, the work waits for who asks for it.
 */
#include "serve/server_early.h"

#include <pthread.h>

#include "serve/server_inner.h"

enum { COMPILING, KEEPING, TASKS };

struct early {
    const struct site *site;
    struct state_dir *dir;
    pthread_t threads[TASKS];
    bool running[TASKS];
    struct live_bundle *made;
    struct error why; /* not made */
    int kept;
    struct error why_not; /* kept */
};

static void *compile(void *ctx)
{
    struct early *a = ctx;
    a->made = bundle_load(a->site, &a->why);
    return NULL;
}

static void *keep(void *ctx)
{
    struct early *a = ctx;
    a->kept = state_dir_keep(a->dir, &a->why_not);
    return NULL;
}

static void *(*const tasks[TASKS])(void *ctx) = { [COMPILING] = compile, [KEEPING] = keep };

struct early *early_begin(const struct site *site, struct state_dir *dir)
{
    struct early *a = mem_alloc(sizeof *a);
    *a = (struct early){ .site = site, .dir = dir };
    for (size_t i = 0; i < TASKS; i++) a->running[i] = pthread_create(&a->threads[i], NULL, tasks[i], a) == 0;
    return a;
}

int early_end(struct early **early, struct live_bundle **made, struct error *why, struct error *e)
{
    struct early *a = *early;
    for (size_t i = 0; i < TASKS; i++) {
        if (a->running[i])
            pthread_join(a->threads[i], NULL);
        else
            tasks[i](a);
    }
    const int rc = a->kept;
    *made = a->made;
    *why = a->why;
    if (rc < 0) *e = a->why_not;
    mem_free(a);
    *early = NULL;
    return rc;
}
