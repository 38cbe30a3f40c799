/* courier_wire.h - requests to providers on one libcurl multi handle and the courier's event loop.
 *
 * Not here: what a request says (notify/), what an answer means (judge), files. Every started request ends in exactly
 * one call of the `done` function, at the latest when its time is over, unless the wire is destroyed first. Nothing is
 * followed, no proxy of the environment used; answers are cut off at WIRE_ANSWER_MAX. A connection that served an HTTP
 * request is kept for the next of two seconds at most, and no request ever leaves twice (decision 0006). One thread. */
#ifndef SERVE_COURIER_WIRE_H
#define SERVE_COURIER_WIRE_H

#include <curl/curl.h>

#include "notify/notifier.h"
#include "sys/loop.h"

#define WIRE_ANSWER_MAX ((size_t)64 << 10) /* bytes of one answer, headers and body together */
#define WIRE_HELD_MAX ((size_t)8 << 20) /* bytes of all answers at a time */
/* Whole seconds that a connection rested for one to be used again: at most 1, so below 2 s, the shortest time after which
 * common servers close one. */
#define WIRE_KEPT_S 1L
#define WIRE_KEPT_MAX 8L /* connections at rest */
#define WIRE_CONNECT_MS INT64_C(10000)

struct wire; /* opaque */
struct easy; /* opaque */

/* The response's texts are borrowed for the call; starting another request inside it is fine. */
typedef void wire_done_fn(void *ctx, void *job, const struct response *r);

struct wire *wire_create(struct loop *l, wire_done_fn *done, void *ctx, struct error *e); /* borrows the loop */
void wire_destroy(struct wire **w); /* drops what runs without a call; NULL is fine; clears *w */

/* HTTP and SMTP requests. The request and its texts are borrowed until `done`. On failure nothing was started. */
int wire_start(struct wire *w, const struct request *r, int64_t timeout_ms, void *job, struct error *e);

/* The same in two: what is prepared tells nobody, and either goes or is forgotten. wire_go() takes it in any case. */
struct easy *wire_prepare(struct wire *w, const struct request *r, int64_t timeout_ms, void *job, struct error *e);
int wire_go(struct wire *w, struct easy **prepared, struct error *e);
void wire_forget(struct easy **prepared); /* NULL is fine; clears it */

enum fault fault_of_curl(CURLcode code); /* total: unknown codes are OTHER */

#endif
