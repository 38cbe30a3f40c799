/* outbox.h - between the engine and the courier: attempts out as frames, results and credits back as events.
 *
 * Lives on the engine's thread and loop; it renders from committed rows at the moment of sending and keeps no queue of
 * its own beyond what the socket takes (the world is the queue). What cannot be handed to the courier comes back at once
 * as EVENT_RESULT not sent: nothing of it left, so trying again is safe (P3). A frame carries no secret but the ack link.
 * Courier gone: EVENT_COURIER_LOST, once; what was in flight is uncertain. */
#ifndef ENGINE_OUTBOX_H
#define ENGINE_OUTBOX_H

#include "engine/audit.h"
#include "engine/engine.h"
#include "sys/loop.h"

#define OUTBOX_DEADLINE_MS (30 * SECOND) /* the courier gives one attempt so long */
#define OUTBOX_MAX_BYTES ((size_t)8 << 20) /* waiting for the socket */
#define ACK_LINK_MS (7 * DAY) /* a link acknowledges for so long (R146) */

struct outbox; /* opaque */

/* As ENGINE_COUNTERS. */
#define OUTBOX_COUNTERS(X)                                                                                            \
    X(frames, "courier_attempts_total", 1, "Attempts handed to the courier.")                                         \
    X(results, "courier_results_total", 1, "Results that came back.")                                                 \
    X(not_handed, "courier_refusals_total", 1, "Attempts that could not be handed to the courier.")                   \
    X(lost, "courier_losses_total", 1, "Times the courier went away.")                                                \
    X(bad_frames, "courier_bad_frames_total", 1, "Frames of the courier that were not understood.")                   \
    X(site_differs, "courier_site_differs_total", 1, "Times the courier had read another site.yaml than the server.") \
    X(beats, "heartbeats_total", 1, "Requests to the heartbeat URL.")                                                 \
    X(beat_failures, "heartbeat_failures_total", 1, "Requests that the heartbeat URL did not take.")                  \
    X(unknown_credits, "courier_unknown_credits_total", 1, "Credits for channels that the site does not have.")

#define OUTBOX_GAUGES(X)                                                       \
    X(in_flight, "attempts_in_flight", 1, "Attempts whose result is awaited.") \
    X(connected, "courier_connected", 1, "1 while a courier is connected.")

struct outbox_counters {
#define X(field, name, per, help) _Atomic int64_t field;
    OUTBOX_COUNTERS(X)
    OUTBOX_GAUGES(X)
#undef X
    _Atomic int64_t outcomes[OUTCOME_UNCERTAIN + 1]; /* of attempts that ended, by enum outcome */
};

struct outbox *outbox_create(struct slice instance_key); /* copied */
void outbox_destroy(struct outbox **o); /* closes the courier's descriptor; NULL is fine; clears *o */

struct engine_sender outbox_sender(struct outbox *o); /* for engine_options */

/* Engine's thread: before the loop runs. Both outlive the outbox. */
void outbox_start(struct outbox *o, struct engine *e, struct loop *loop);
/* Engine's thread: another courier is at `fd` (owned from now on); the former one is lost. -1: close the
 * present one without a word, at the end. */
void outbox_attach(struct outbox *o, int fd);

/* Before the thread starts: nothing leaves until outbox_release(). Without credit every delivery waits in the world. */
void outbox_hold(struct outbox *o);
void outbox_release(struct outbox *o); /* engine's thread: the credit that was kept back counts */

/* Engine's thread: tells the courier to read site.yaml again. */
void outbox_reload(struct outbox *o);

/* Engine's thread: one request to the site's heartbeat URL; nothing while no courier is there. */
void outbox_beat(struct outbox *o, struct moment raw);
/* Engine's thread: courier, channels and heartbeat of the facts; borrowed until the outbox's next event. `at`: raw. */
void outbox_judge(const struct outbox *o, struct audit_facts *out);

/* Any thread: what a reload may change. `public_url` without a slash at its end, may be empty: then no links. */
void outbox_configure(struct outbox *o, struct slice public_url, struct slice site_hash);
const struct outbox_counters *outbox_counters(const struct outbox *o);

#endif
