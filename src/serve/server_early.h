/* server_early.h - what a start does beside opening the store, once the walls stand: it compiles the documents that the
 * site names, has the clerk look up the secrets of keys and tokens, and waits for the keys that it made to be on disk.
 * Private to server*.c. */
#ifndef SERVE_SERVER_EARLY_H
#define SERVE_SERVER_EARLY_H

#include "engine/bundle.h"
#include "serve/facts.h"
#include "serve/state_dir.h"
#include "site/site.h"

struct early; /* opaque */

/* All stay as they are until the end, but that the facts take the site. */
struct early_of {
    struct site *site;
    struct clerk *clerk; /* NULL: this process itself */
    struct state_dir *dir;
    int64_t started_wall;
    bool anew; /* as in struct child_options */
};

struct early_made {
    struct live_bundle *bundle; /* the caller's to release; NULL: the documents do not compile, `why` says why */
    struct error why;
    struct buf starter; /* the person of the login that the server runs under, else the login; the caller's to release */
    struct facts_set *facts; /* the caller's to discard; NULL: failed, and the site is still the caller's */
};

struct early *early_begin(const struct early_of *of);
/* Waits for all. Below 0: no facts, or the keys could not be kept; *e says why, and *made is filled all the same. Clears
 * *early. */
int early_end(struct early **early, struct early_made *made, struct error *e);

#endif
