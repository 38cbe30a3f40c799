/* auditor.h - looks every 15 s (audit.h), sends the canary every five minutes, and the outbound heartbeat while nothing
 * fails.
 *
 * The heartbeat goes to the site's `heartbeat` URL, by the courier, no oftener than the site says; it stops the moment a
 * check fails, so that whoever watches that URL rings when Tocsin cannot (P5). A check that fails for a minute is an alarm
 * of its own, once, unless another part has raised one. A commit is made to look at, if none was made by itself.
 *
 * Engine's thread, but for auditor_configure(), auditor_read() and the gauges. */
#ifndef ENGINE_AUDITOR_H
#define ENGINE_AUDITOR_H

#include "engine/outbox.h"

struct auditor; /* opaque */

#define AUDIT_EVERY_MS (15 * SECOND)
#define CANARY_EVERY_MS (5 * MINUTE)

struct auditor_options { /* borrowed; outlive the auditor */
    struct engine *engine; /* recovered */
    struct outbox *outbox;
    struct store *store;
    const struct clock *clock; /* the engine's */
};

struct auditor_gauges {
    _Atomic int64_t states[AUDIT_CHECK_MAX]; /* 1 = passes; 0 = a warning, or it fails */
    _Atomic int64_t failing; /* checks that fail */
    _Atomic int64_t warnings;
    _Atomic int64_t looked_wall; /* UTC ms of the last look */
    _Atomic int64_t canaries; /* begun */
    _Atomic int64_t canary_ms; /* how long the last one took */
    _Atomic int64_t heartbeat; /* 1 = a URL is set */
};

struct auditor *auditor_create(const struct auditor_options *o);
void auditor_destroy(struct auditor **a); /* NULL is fine; clears *a; before the store is closed */

void auditor_configure(struct auditor *a, int64_t heartbeat_every_ms); /* any thread; 0: no URL */
void auditor_tick(struct auditor *a, struct moment raw); /* about once a second */
void auditor_read(struct auditor *a, struct audit *out); /* any thread; copies; out->wall 0: not looked yet */
const struct auditor_gauges *auditor_gauges(const struct auditor *a);

#endif
