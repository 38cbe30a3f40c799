/* server_early.c - three threads for as long as the start opens the store.
 * Not here: what becomes of the bundle (server.c). Where no thread can be made, the work waits for who asks for it.
 */
#include "serve/server_early.h"

#include <pthread.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/identity.h"
#include "serve/server_inner.h"

enum { KEEPING, COMPILING, LOOKING_UP, TASKS }; /* first who waits most */

struct early {
    struct early_of of;
    pthread_t threads[TASKS];
    bool running[TASKS];
    struct early_made made;
    int kept, looked_up;
    struct error unkept, unknown;
};

static void *compile(void *ctx)
{
    struct early *a = ctx;
    a->made.bundle = bundle_load(a->of.site, a->of.anew, NULL, &a->made.why);
    return NULL;
}

static void *keep(void *ctx)
{
    struct early *a = ctx;
    a->kept = state_dir_keep(a->of.dir, &a->unkept);
    return NULL;
}

/* In whose name the first bundle of an instance is activated. */
static void find_starter(const struct directory *d, struct buf *out)
{
    struct arena *a = arena_create(0);
    const struct slice login = identity_login(a, getuid());
    const int person = directory_person_by_login(d, login);
    buf_add(out, person >= 0 ? d->people[person].id : login);
    arena_destroy(&a);
}

static void *look_up(void *ctx)
{
    struct early *a = ctx;
    const struct slice key = { (const char *)a->of.dir->key, sizeof a->of.dir->key };
    a->looked_up = facts_create(a->of.site, a->of.clerk, key, a->of.started_wall, &a->made.facts, &a->unknown);
    find_starter(&a->of.site->dir, &a->made.starter);
    return NULL;
}

static void *(*const tasks[TASKS])(void *ctx) = { [COMPILING] = compile, [KEEPING] = keep, [LOOKING_UP] = look_up };

struct early *early_begin(const struct early_of *of)
{
    struct early *a = mem_alloc(sizeof *a);
    *a = (struct early){ .of = *of };
    for (size_t i = 0; i < TASKS; i++) a->running[i] = pthread_create(&a->threads[i], NULL, tasks[i], a) == 0;
    return a;
}

int early_end(struct early **early, struct early_made *made, struct error *e)
{
    struct early *a = *early;
    for (size_t i = 0; i < TASKS; i++) {
        if (a->running[i])
            pthread_join(a->threads[i], NULL);
        else
            tasks[i](a);
    }
    const int rc = a->looked_up < 0 ? a->looked_up : a->kept;
    *made = a->made;
    if (rc < 0) *e = a->looked_up < 0 ? a->unknown : a->unkept;
    mem_free(a);
    *early = NULL;
    return rc;
}
