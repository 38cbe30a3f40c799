/* counters.h - what the engine counts of itself, for /metrics: X(field, name behind tocsin_, units in a printed one, help).
 * The engine's thread and engine_post() advance them; any thread may read them. */
#ifndef ENGINE_COUNTERS_H
#define ENGINE_COUNTERS_H

#include <stdatomic.h>

#include "base/histogram.h"

#define ENGINE_COUNTERS(X)                                                                                     \
    X(events, "events_total", 1, "Events stepped.")                                                            \
    X(repeats, "repeats_total", 1, "Requests that only told known alerts again: answered before their commit.") \
    X(alerts, "alerts_received_total", 1, "Alerts in requests that were stepped.")                             \
    X(unrouted, "alerts_unrouted_total", 1, "New alerts that no service matched, ever.")                       \
    X(batches, "batches_total", 1, "Batches that stepped something.")                                          \
    X(commits, "commits_total", 1, "Transactions committed.")                                                  \
    X(commit_failures, "commit_failures_total", 1, "Transactions that failed and were kept for another try.")  \
    X(commit_ms, "commit_seconds_total", 1000, "Time spent committing.")                                       \
    X(step_ms, "step_seconds_total", 1000, "Time spent stepping.")                                             \
    X(rows, "rows_written_total", 1, "Rows written.")                                                          \
    X(entries, "timeline_entries_total", 1, "Timeline entries written.")                                       \
    X(sends, "attempts_total", 1, "Attempts begun.")                                                           \
    X(unjournaled, "unjournaled_attempts_total", 1, "Attempts that left before their row was on disk.")        \
    X(spooled, "spool_writes_total", 1, "Times that what cannot be committed was spooled before a page left.") \
    X(spool_failures, "spool_failures_total", 1, "Times that the spool could not be written either.")          \
    X(refused, "refused_total", 1, "Requests answered 503: a full queue, a limit, or a store that fails.")     \
    X(unknown, "unknown_outcomes_total", 1, "Acts answered `outcome unknown, look again`.")                    \
    X(timers, "timers_total", 1, "Timers that were due.")                                                      \
    X(clock_steps, "clock_steps_total", 1, "Times the wall clock was set while running.")

#define ENGINE_GAUGES(X)                                                                                          \
    X(queued, "queue_events", 1, "Events waiting.")                                                               \
    X(queued_bytes, "queue_bytes", 1, "Bytes of the events waiting.")                                             \
    X(failing, "store_failing", 1, "1 while commits fail.")                                                       \
    X(spooled_bytes, "spool_bytes", 1, "Bytes in the spool: not committed yet.")                                  \
    X(spool_failing, "spool_failing", 1, "1 when there is no spool, or it cannot be written.")                    \
    X(late_ms, "timer_lateness_max_seconds", 1000, "The longest that a timer was late since the start.")          \
    X(incidents, "incidents_held", 1, "Incidents in the world: open, and closed for less than a day.")            \
    X(held, "held", 1, "1 while a restored copy is held: everything is taken, nothing leaves.")                   \
    X(chain_broken, "chain_broken", 1, "1 when the start found that the history is not the one that was sealed.") \
    X(open_alerts, "alerts_held", 1, "Alerts in the world.")                                                      \
    X(armed_timers, "timers_armed", 1, "Timers armed.")

struct engine_counters {
#define X(field, name, per, help) _Atomic int64_t field;
    ENGINE_COUNTERS(X)
    ENGINE_GAUGES(X)
#undef X
    struct histogram batch_size; /* events and timers of a batch */
};

#endif
