/* recover.h - from what is on disk to a world that runs: rows, the bundles in use, the time, and what to run now.
 *
 * Once, before the first batch. Time goes on where the last commit left it: by the same boot's clock when the boot id
 * is the same, else by the wall (design: Time). The documents on disk become the active bundle when they differ from it
 * and compile; when they do not compile the last active one runs, and `kept_last` says so (R13). Where that does not compile
 * any more either, by another version of Tocsin, the newest of the history that does is put in its place: people are paged
 * by procedures that were in force once rather than by none. Files that an approver has to see come last then. */
#ifndef ENGINE_RECOVER_H
#define ENGINE_RECOVER_H

#include "engine/bundle.h"
#include "engine/engine.h"

struct recover_options {
    const struct directory *directory; /* outlives the engine, or its replacement by EVENT_SITE */
    struct live_bundle
        *fresh; /* what the site's files say now; NULL: they do not compile. The engine takes references */
    /* Compiles stored bytes again; NULL with e filled when they do not compile any more. */
    struct live_bundle *(*compile)(void *ctx, struct slice bytes, struct error *e);
    /* May fresh come into force today? Not asked of what is in force already. NULL: it may. `replaced`: what it would take the
     * place of with nobody asked; NULL where that is nothing, or where an approver decides. */
    int (*fits)(void *ctx, const struct live_bundle *fresh, const struct live_bundle *replaced, struct error *e);
    void *ctx; /* of both */
    struct slice starter; /* login of whoever starts it: the first bundle of an instance is activated in their name */
};

struct recovery {
    size_t rows, incidents, pages, timers, bundles; /* loaded; incidents not closed */
    int64_t down_ms; /* since the last commit, by the steady clock; 0 on a new store */
    bool first_start; /* the store was empty */
    bool activated; /* the fresh bundle became the active one */
    bool proposed; /* it differs and did not: it waits for an approver, or a person had put another one in its place */
    bool kept_last; /* there is no fresh one: the last active bundle runs */
    struct error unfit; /* why fresh may not come into force; code 0: it may */
    bundle_id active;
    bundle_id replaced; /* in force before, does not compile any more: `active` was put in its place, by this start or one
                         * before it; 0: none */
    size_t spooled; /* records of the spool that the store did not know of */
    int chain; /* 0, or what the check of the chain's ends found: paging goes on all the same */
    struct error chain_error;
};

/* 0, also when a store that could be read cannot be written (engine_failing()); or the store's error, ERR_INVALID (a row that cannot be, or nothing to run: no bundle on disk compiles and none
 * was ever active). Logs each stored bundle that no longer compiles: its incidents go on by the active one. */
int engine_recover(struct engine *e, const struct recover_options *o, struct recovery *out, struct error *err);

#endif
