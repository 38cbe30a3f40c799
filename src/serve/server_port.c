/* server_port.c - what the doors ask of the house, answered by engine, readers and facts. */
#include "serve/server_inner.h"
#include "sys/log.h"

static struct post post_of(const struct event *ev, port_reply_fn *done, void *caller)
{
    return (struct post){ .event = *ev, .bytes = event_bytes(ev), .done = done, .caller = caller };
}

static int port_submit(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e)
{
    struct server *s = ctx;
    const struct post p = post_of(ev, done, caller);
    return engine_post(s->engine, &p, e);
}

static int port_leave(void *ctx, const struct event *ev, port_reply_fn *done, void *caller, struct error *e)
{
    struct server *s = ctx;
    const struct post p = post_of(ev, done, caller);
    return engine_leave(s->engine, &p, e);
}

static void port_wake(void *ctx)
{
    struct server *s = ctx;
    engine_wake(s->engine);
}

static int port_read(void *ctx, port_read_fn *job, void *caller, struct error *e)
{
    struct server *s = ctx;
    return readers_submit(s->readers, job, caller, e);
}

static int port_reload(void *ctx, struct slice actor, port_reply_fn *done, void *caller, struct error *e)
{
    return reload_ask(ctx, actor, done, caller, e);
}

static int port_bundle(void *ctx, const struct bundle_wish *wish, port_reply_fn *done, void *caller, struct error *e)
{
    return bundle_ask(ctx, wish, done, caller, e);
}

static bool port_held(void *ctx)
{
    const struct server *s = ctx;
    return engine_held(s->engine);
}

static bool port_release(void *ctx, struct slice actor)
{
    struct server *s = ctx;
    if (!engine_held(s->engine)) return false;
    log_pairs(LOG_LEVEL_WARNING, "server", "released: what waits is sent from now on",
              &(struct log_pair){ "by", actor.n > 0 ? actor : S("administrator") }, 1);
    engine_thread_release(s->thread);
    return true;
}

static void port_audit(void *ctx, struct audit *out)
{
    const struct server *s = ctx;
    auditor_read(s->auditor, out);
}

static const struct facts *port_facts_acquire(void *ctx)
{
    struct server *s = ctx;
    return facts_acquire(s->board);
}

static void port_facts_release(void *ctx, const struct facts *f)
{
    (void)ctx;
    facts_release(f);
}

static struct moment port_now(void *ctx)
{
    const struct server *s = ctx;
    return clock_read(s->clock);
}

static bool port_ready(void *ctx)
{
    const struct server *s = ctx;
    return atomic_load(&s->ready) != 0 && !engine_failing(s->engine);
}

static void add_metric(struct server *s, const char *name, enum metric_type type, const char *help,
                       const _Atomic int64_t *value, int64_t per)
{
    *(struct metric *)vec_push(&s->metrics) =
        (struct metric){ .name = name, .type = type, .help = help, .value = value, .per = per };
}

static void add_metrics(struct server *s)
{
    const struct engine_counters *e = engine_counters(s->engine);
    const struct outbox_counters *o = outbox_counters(s->outbox);
    add_metric(s, "tocsin_documents_broken", METRIC_GAUGE,
               "1 while the procedures on disk do not compile, or an override in them has ended, and the last active bundle runs.", &s->documents_broken,
               1);
#define X(field, name, per, help) add_metric(s, "tocsin_" name, METRIC_COUNTER, help, &e->field, per);
    ENGINE_COUNTERS(X)
#undef X
#define X(field, name, per, help) add_metric(s, "tocsin_" name, METRIC_GAUGE, help, &e->field, per);
    ENGINE_GAUGES(X)
#undef X
#define X(field, name, per, help) add_metric(s, "tocsin_" name, METRIC_COUNTER, help, &o->field, per);
    OUTBOX_COUNTERS(X)
#undef X
#define X(field, name, per, help) add_metric(s, "tocsin_" name, METRIC_GAUGE, help, &o->field, per);
    OUTBOX_GAUGES(X)
#undef X
}

static void add_labelled(struct server *s, const char *name, enum metric_type type, const char *help,
                         const char *labels, const _Atomic int64_t *value)
{
    add_metric(s, name, type, help, value, 1);
    s->metrics.v[s->metrics.n - 1].labels = labels;
}

static void add_audit_metrics(struct server *s)
{
    const struct auditor_gauges *g = auditor_gauges(s->auditor);
    const struct outbox_counters *o = outbox_counters(s->outbox);
#define X(sym, code, text)                                                                              \
    add_labelled(s, "tocsin_audit_check", METRIC_GAUGE, "1 while this check of the self-audit passes.", \
                 "check=\"" text "\"", &g->states[AUDIT_##sym]);
    AUDIT_CHECKS(X)
#undef X
    add_metric(s, "tocsin_audit_failing", METRIC_GAUGE, "Checks that fail: the heartbeat stops.", &g->failing, 1);
    add_metric(s, "tocsin_audit_warnings", METRIC_GAUGE, "Checks that people should look at.", &g->warnings, 1);
    add_metric(s, "tocsin_audit_last_timestamp_seconds", METRIC_GAUGE, "When the self-audit looked last.",
               &g->looked_wall, 1000);
    add_metric(s, "tocsin_canaries_total", METRIC_COUNTER, "Messages to nobody, to see whether they come back.",
               &g->canaries, 1);
    add_metric(s, "tocsin_canary_seconds", METRIC_GAUGE, "How long the last canary took to come back; one second of it is its timer.", &g->canary_ms,
               1000);
    add_metric(s, "tocsin_heartbeat_configured", METRIC_GAUGE, "1 when the site names a heartbeat URL.", &g->heartbeat,
               1);
#define X(sym, code, text)                                                                                         \
    add_labelled(s, "tocsin_attempts_ended_total", METRIC_COUNTER, "Attempts that ended, by what became of them.", \
                 "outcome=\"" text "\"", &o->outcomes[OUTCOME_##sym]);
    OUTCOMES(X)
#undef X
    *(struct metric *)vec_push(&s->metrics) = (struct metric){ .name = "tocsin_batch_events",
                                                               .type = METRIC_HISTOGRAM,
                                                               .help = "Events and timers of a batch.",
                                                               .histogram = &engine_counters(s->engine)->batch_size };
}

void server_port_fill(struct server *s)
{
    add_metrics(s);
    add_audit_metrics(s);
    s->port = (struct http_port){
        .ctx = s,
        .submit = port_submit,
        .leave = port_leave,
        .wake = port_wake,
        .read = port_read,
        .reload = port_reload,
        .held = port_held,
        .release = port_release,
        .audit = port_audit,
        .bundle = port_bundle,
        .facts_acquire = port_facts_acquire,
        .facts_release = port_facts_release,
        .now = port_now,
        .ready = port_ready,
        .metrics = s->metrics.v,
        .n_metrics = s->metrics.n,
    };
}
