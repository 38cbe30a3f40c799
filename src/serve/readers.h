/* readers.h - two threads that read the store for the doors, each with a read-only connection of its own. */
#ifndef SERVE_READERS_H
#define SERVE_READERS_H

#include "engine/engine.h"
#include "http/port.h"
#include "store/store.h"

#define READERS 2
#define READERS_QUEUE_MAX 1024

struct readers; /* opaque */

/* Before the engine's thread starts: opening uses the writer's handle. */
int readers_start(struct store *store, struct readers **out, struct error *e);
/* Before the first job, and while no thread reads: from then on a read finds all that this engine answered for. */
void readers_follow(struct readers *r, struct engine *engine);
/* Finishes what is queued, then ends the threads. Nobody submits any more. NULL is fine; clears *r. */
void readers_stop(struct readers **r);

/* Any thread: http_port.read. */
int readers_submit(struct readers *r, port_read_fn *job, void *caller, struct error *e);

#endif
