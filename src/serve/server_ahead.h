/* server_ahead.h - the documents that site.yaml names, opened before the walls of a start stand and read behind them.
 *
 * Behind its walls the server opens none of them itself: the clerk does (clerk.h), which has the site to read first. A
 * start need not wait for that. Each is handed out once; from then on, and at every reload, it is the clerk's. */
#ifndef SERVE_SERVER_AHEAD_H
#define SERVE_SERVER_AHEAD_H

#include "site/site.h"

struct ahead; /* opaque */

struct ahead *ahead_open(const struct site *site); /* borrows the site until ahead_close() */
int ahead_take(struct ahead *a, const char *path); /* the caller's to close; -1: not there; any one thread at a time */
void ahead_close(struct ahead **a); /* what was not taken; NULL is fine; clears *a */

#endif
