/* server_early.c - the documents are compiled in a thread of their own while the start opens the store.
 * Not here: what becomes of the bundle (server.c). Where no thread can be made, compiling waits for who asks for it.
 */
#include <pthread.h>

#include "serve/server_inner.h"

struct early_bundle {
    const struct site *site;
    pthread_t thread;
    bool running;
    struct live_bundle *made;
    struct error why;
};

static void *compile(void *ctx)
{
    struct early_bundle *b = ctx;
    b->made = bundle_load(b->site, &b->why);
    return NULL;
}

struct early_bundle *early_begin(const struct site *site)
{
    struct early_bundle *b = mem_alloc(sizeof *b);
    *b = (struct early_bundle){ .site = site };
    b->running = pthread_create(&b->thread, NULL, compile, b) == 0;
    return b;
}

struct live_bundle *early_end(struct early_bundle **early, struct error *why)
{
    struct early_bundle *b = *early;
    if (b == NULL) return NULL;
    if (b->running)
        pthread_join(b->thread, NULL);
    else
        compile(b);
    struct live_bundle *made = b->made;
    *why = b->why;
    mem_free(b);
    *early = NULL;
    return made;
}
