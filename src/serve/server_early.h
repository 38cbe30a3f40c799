/* server_early.h - what a start does beside opening the store, once the walls stand: it compiles the documents that the
 * site names, and waits for the keys that it made to be on disk. Private to server*.c. */
#ifndef SERVE_SERVER_EARLY_H
#define SERVE_SERVER_EARLY_H

#include "engine/bundle.h"
#include "serve/state_dir.h"
#include "site/site.h"

struct early; /* opaque */

/* Both arguments stay as they are until the end. */
struct early *early_begin(const struct site *site, struct state_dir *dir);
/* Waits for both. Below 0: the keys could not be kept, *e says why. *made is the bundle, the caller's to release; NULL:
 * the documents do not compile, *why says why. Clears *early. */
int early_end(struct early **early, struct live_bundle **made, struct error *why, struct error *e);

#endif
