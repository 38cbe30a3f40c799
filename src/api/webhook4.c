/* webhook4.c - the door of an Alertmanager that forwards: POST /i/KEY/alertmanager.
 * Not here: the format (ingest/webhook4.c), what an alert does (core/).
 * Always: 2xx is sent after the commit, never before (P1). 5xx makes Alertmanager send again, 4xx makes it say so in its
 * own log: what is valid of a body is taken in both cases.
 */
#include <inttypes.h>

#include "api/routes.h"
#include "core/effect.h"
#include "ingest/webhook4.h"
#include "sys/log.h"

struct forwarding {
    struct webhook4_post post;
    struct event event;
};

static void forwarding_answer(struct request *rq, const struct webhook4_post *post)
{
    if (post->alerts.answer.n > 0)
        buf_add(&rq->out, post->alerts.answer);
    else
        buf_addf(&rq->out, "{\"status\":\"ok\",\"alerts\":%zu,\"truncated\":%" PRId64 "}\n", post->alerts.n,
                 post->truncated);
    request_answer(rq, post->alerts.status, TYPE_JSON);
}

static void forwarding_replied(struct request *rq, const struct reply *reply)
{
    const struct forwarding *f = rq->state;

    if (reply->code < 0)
        request_fail_code(rq, reply->code, reply->text);
    else
        forwarding_answer(rq, &f->post);
}

void webhook4_post(struct request *rq)
{
    struct forwarding *f = arena_new(rq->arena, struct forwarding);

    rq->state = f;
    webhook4_parse(rq->arena, rq->body, rq->received.wall_ms, &f->post);
    if (f->post.truncated > 0)
        log_warning("alerts", "a webhook left %" PRId64 " alerts of its group out: raise max_alerts of that receiver",
                    f->post.truncated);
    if (f->post.alerts.n == 0) {
        forwarding_answer(rq, &f->post);
        return;
    }
    f->event = (struct event){
        .kind = EVENT_ALERTS,
        .alerts = { .sender = rq->who.sender, .v = f->post.alerts.v, .n = f->post.alerts.n },
    };
    request_submit(rq, &f->event, forwarding_replied);
}
